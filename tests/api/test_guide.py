"""The guide runs: its curl lines against the sample, and its client."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.keys import KeyFile, Role, create_key
from tests import mother
from tests.api.conftest import NOW, PATIENCE_S, SAMPLE, wait_for
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def served(sample_store, tmp_path_factory):
    """``ansim serve`` over a copy of the sample: its address and a folder to work in."""
    folder = tmp_path_factory.mktemp("guide")
    shutil.copyfile(sample_store, folder / "ansim.gpkg")
    shutil.copytree(SAMPLE, folder / "sample")
    port = free_port()
    command = [mother.python(), str(ROOT / "cli.py"), "serve", "--port", str(port)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(base), said=(folder / "output").read_text)
            yield base, folder
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) in {0, -15}


def answers(base):
    try:
        return httpx.get(f"{base}/ready", timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


CURL = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("curl")]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl")
@pytest.mark.parametrize("line", CURL, ids=lambda line: line.split("127.0.0.1:8000")[1][:40])
def test_curl(served, line):
    base, folder = served
    key = create_key(KeyFile(folder / "ansim.gpkg.keys.json"), Role.ADMIN, "안내서", NOW)
    words = shlex.split(line.replace("http://127.0.0.1:8000", base).replace("$ANSIM_KEY", key))
    done = subprocess.run([*words, "--fail-with-body"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    made = [folder / words[words.index("-o") + 1]] if "-o" in words else []
    assert all(path.stat().st_size > 100 for path in made)
    assert made or done.stdout.startswith((b"{", b"event: ")), done.stdout[:100]


def test_client(served):
    base, folder = served
    (client,) = blocks("python")
    code = client[: client.index("\n\nfound =")]
    assert len(code.strip().splitlines()) <= 30
    done = subprocess.run(
        [sys.executable, "-c", client], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIM_URL": base, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "자료 없음: safe_house" in done.stdout
    said = subprocess.run(
        [sys.executable, "-c", code + "\nnearby(126.9, 37.5)"], capture_output=True, text=True, check=False,
        env={**os.environ, "ANSIM_URL": base, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert "위도와 경도가 바뀌었습니다" in said.stderr
