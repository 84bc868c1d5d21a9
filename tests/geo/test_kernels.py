import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from geo import kernels
from geo.kernels import FULL, Kernel, bits_to_cover, kernel

ROOT = Path(__file__).parents[2]
ONE_LAMP = """
import numpy as np
from geo import kernels
from geo.coverage import Reach, covered_area_m2
print(covered_area_m2(np.array([950_000.0]), np.array([1_950_000.0]), Reach(30, 30)))
print(kernels.cache_folder())
"""


def run(code: str, **env: str) -> list[str]:
    kept = {
        k: v for k, v in os.environ.items() if k not in {"NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"}
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**kept, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_import_compiles_nothing_and_does_not_even_load_numba():
    assert run("import sys, geo.coverage; print('numba' in sys.modules)") == ["False"]


def test_runs_uncached_where_no_folder_can_be_written(tmp_path):
    # A file in place of the folder: not even root can write below it.
    blocked = tmp_path / "file"
    blocked.write_text("")
    home = str(blocked / "home")
    area, folder = run(ONE_LAMP, HOME=home, XDG_CACHE_HOME=home, LOCALAPPDATA=home)
    assert float(area) == pytest.approx(np.pi * 900, rel=1e-3)
    assert folder == "None"


def test_caches_in_the_users_cache_folder_and_leaves_numbas_setting_alone(tmp_path):
    code = ONE_LAMP + "import numba; print(repr(numba.config.CACHE_DIR))"
    _, folder, setting = run(code, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path), LOCALAPPDATA=str(tmp_path))
    assert Path(folder).is_relative_to(tmp_path)
    assert list(Path(folder).rglob("*.nbi"))
    assert setting == "''"


def test_respects_the_users_own_cache_folder(tmp_path):
    own = tmp_path / "own"
    _, folder = run(ONE_LAMP, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path), NUMBA_CACHE_DIR=str(own))
    assert folder == str(own)
    assert list(own.rglob("*.nbi"))


@kernel
def triple(value: int) -> int:
    """Return three times the value."""
    return 3 * value


def test_a_cache_that_fails_at_the_call_is_done_without(monkeypatch):
    def fails(*, cached: bool):
        def broken(*args):
            raise OSError(28, "No space left on device")

        return broken if cached else lambda value: 3 * value

    monkeypatch.setattr(triple, "_compile", fails)
    monkeypatch.setattr(triple, "_compiled", None)
    assert triple(2) == 6
    assert triple(3) == 9


def test_numba_finding_no_folder_at_all_is_done_without(monkeypatch):
    real = numba.njit
    tried = []

    def njit(*args, **options):
        if options.get("cache"):
            tried.append(numba.config.CACHE_DIR)
            raise RuntimeError("cannot cache function: no locator available")
        return real(*args, **options)

    monkeypatch.setattr(numba, "njit", njit)
    monkeypatch.setattr(kernels, "cache_folder", lambda: "a folder")
    monkeypatch.setattr(triple, "_compiled", None)
    before = numba.config.CACHE_DIR
    assert triple(2) == 6
    assert tried == ["a folder"]
    assert before == numba.config.CACHE_DIR


def test_a_kernel_keeps_its_name_and_docstring():
    assert isinstance(triple, Kernel)
    assert triple.__name__ == "triple"
    assert kernels.stamp_discs.__doc__.startswith("Combine")


def test_bits_to_cover_counts_bits_for_every_byte():
    values = np.arange(256, dtype=np.uint8)
    got = values.copy()
    bits_to_cover(got.view(np.uint64))
    for value, cover in zip(values.tolist(), got.tolist(), strict=True):
        assert cover == value.bit_count() * FULL / 8
