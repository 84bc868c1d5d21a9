"""The command in a process of its own, started as fast as can be: from one that has read the libraries already.

A start reads libraries and compiled kernels for 2 to 4 s of a core, and the tests start the command over 200 times. So
one process a run reads them once and forks for each command: what a command does to itself is gone with it, it has its
own streams, folder, environment and exit status. ``fresh`` starts a new interpreter, as a shell does; a system that
cannot fork always does.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import threading
import traceback
from functools import cache
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
ROOMS = ("geo", "layers", "maps")


def ansim(*words, cwd, env=None, ok=True, fresh=False):
    """Run the command: what it prints, or (``ok`` false) the one line of its refusal with status 2."""
    start = _start if fresh or not hasattr(os, "fork") else _mother().run
    done = start(list(map(str, words)), cwd, {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})})
    if ok:
        assert done.returncode == 0, done.stderr
        return done.stdout
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("오류: ")
    return lines[0]


def _start(words, cwd, env):
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@cache
def _mother():
    mother = Mother()
    atexit.register(mother.end)
    return mother


class Mother:
    """The process that forks. It is asked and answers in lines of JSON."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="ansim-commands-")
        self._process = subprocess.Popen(
            [sys.executable, __file__], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, words, cwd, env):
        """Run a command as ``subprocess.run`` would."""
        out, err = (Path(self._folder.name) / name for name in ("out", "err"))
        asked = {"words": words, "cwd": str(cwd), "env": env, "out": str(out), "err": str(err)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status = json.loads(self._process.stdout.readline())
        return SimpleNamespace(returncode=status, stdout=out.read_text("utf-8"), stderr=err.read_text("utf-8"))

    def end(self):
        """End the process; what was forked from it has ended before."""
        self._process.stdin.close()
        self._process.wait(timeout=300)
        self._process.stdout.close()
        self._folder.cleanup()


def _serve():
    """Read the libraries, then fork for every line on standard input."""
    asked, said = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    importlib.import_module("cli")
    for room in ROOMS:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            importlib.import_module(module.name)
    importlib.import_module("geo.coverage").warm()
    importlib.import_module("geo.siting.ready").warm()
    gc.freeze()
    for line in asked:
        child = os.fork()
        if child == 0:
            _be_the_command(json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.write(f"{status}\n")
        said.flush()


def _be_the_command(asked):
    status = 1
    try:
        for name, stream in (("out", 1), ("err", 2)):
            os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        sys.argv = [str(ROOT / "cli.py"), *asked["words"]]
        importlib.import_module("cli").main()
    except SystemExit as end:
        status = end.code or 0
    except BaseException:  # as the interpreter would  # noqa: BLE001
        traceback.print_exc()
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
