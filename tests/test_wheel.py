"""The wheel holds what it needs, and runs beside a folder that is itself called data."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), "."],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_it_holds_only_the_program(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"geo", "layers", "maps", "api", "data", *(path.name for path in ROOT.glob("cli*.py"))}
    assert "data/catalog.toml" in names
    assert any(name.startswith("data/sample/") for name in names)
    assert any(name.startswith("maps/assets/") for name in names)
    assert "layers/postgis/migrations/versions/0001_layers.py" in names


def test_it_runs_from_a_folder_with_a_data_of_its_own(wheel, tmp_path):
    home = tmp_path / "env"
    venv.create(home, with_pip=False, symlinks=True)
    scripts = home / "bin"
    site = next((home / "lib").glob("python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # What it depends on comes from here; the project itself does not (a path alone runs no editable install).
    packages = [path for path in sys.path if Path(path).name == "site-packages"]
    (site / "dependencies.pth").write_text("\n".join(packages), encoding="utf-8")
    work = tmp_path / "work"
    (work / "data").mkdir(parents=True)
    (work / "data" / "__init__.py").write_text("raise RuntimeError('the wrong data')", encoding="utf-8")
    (work / "geo.py").write_text("raise RuntimeError('the wrong geo')", encoding="utf-8")
    (scripts / "ansim").write_text(f"#!{scripts / 'python'}\nfrom cli import main\nmain()\n", encoding="utf-8")
    (scripts / "ansim").chmod(0o755)
    done = subprocess.run([scripts / "ansim", "demo"], cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (work / "ansim-demo" / "안심구.html").is_file()
