"""The command, in a process of its own.

It is forked (:mod:`tests.mother`); ``fresh`` starts a new interpreter, as a shell does.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests import mother

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"


def ansim(*words, cwd, env=None, ok=True, fresh=False):
    """Run the command: what it prints, or (``ok`` false) the one line of its refusal with status 2."""
    start = _start if fresh else mother.run
    command = [str(ROOT / "cli.py"), *map(str, words)]
    done = start(*command, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})})
    if ok:
        assert done.returncode == 0, done.stderr
        return done.stdout
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("오류: ")
    return lines[0]


def _start(*command, cwd, env):
    return subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
