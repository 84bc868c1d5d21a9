"""What is forked behaves as what is started: words, streams, folder, environment, signals, status, and its end."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests import mother
from tests.api.conftest import wait_for
from tests.command import ROOT

TELL = "import os, sys; print([sys.argv, os.getcwd(), os.environ.get('X'), sys.stdin.read()]); sys.exit(3)"
# Each in a process that has read others' libraries, and nothing of ours.
READ_ALONE = """
import importlib, os, sys
import fastapi, geopandas, numba, prometheus_client, pydantic_settings, scipy.optimize, scipy.spatial, typer
assert not {"api", "geo", "layers", "maps"} & sys.modules.keys()
for words in sys.argv[1:]:
    module, _, function = words.partition(":")
    if os.fork() == 0:
        assert callable(getattr(importlib.import_module(module), function))
        os._exit(0)
    assert os.wait()[1] == 0, words
"""


@pytest.fixture(params=["forked", "started"])
def interpreter(request):
    return sys.executable if request.param == "started" else mother.python()


def test_words_streams_folder_environment_and_status(interpreter, tmp_path):
    env = {**os.environ, "X": "가\n'\"\udc80"}
    words = [interpreter, "-c", TELL, "나\n", "", '"']
    done = subprocess.run(words, cwd=tmp_path, env=env, input="들어감", capture_output=True, text=True, check=False)
    assert done.stdout == f"{[['-c', *words[3:]], str(tmp_path), env['X'], '들어감']}\n"
    assert (done.returncode, done.stderr) == (3, "")


def test_a_fault_is_a_traceback_and_a_text_is_said(interpreter):
    done = subprocess.run([interpreter, "-c", "1 / 0"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    done = subprocess.run([interpreter, "-c", "raise SystemExit('까닭')"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "까닭\n")


def test_what_it_may_read_lies_where_it_should(interpreter, tmp_path):
    (tmp_path / "api.py").write_text("print('taken for ours')")
    for words in (["-P", "-c", "import api.child"], ["-P", "-c", "import sys; assert '' not in sys.path"]):
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([interpreter, *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_signals_reach_it(interpreter, number):
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(3_600)"
    with subprocess.Popen([interpreter, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as begun:
        own = int(begun.stdout.readline())
        begun.send_signal(number)
        assert begun.stdout.read() == b""  # it holds this open while it lives
        assert begun.wait() == -number
    wait_for(lambda: not is_there(own))  # killed, it is its parent's to bury


def test_every_job_of_the_service_can_be_read_by_a_process_that_has_read_nothing_of_ours():
    """Processes that services of the tests work in have read everything before."""
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "api").glob("*.py")))
    jobs = {one.partition(":")[0]: one for one in re.findall(r'"(api\.\w+:\w+)"', source)}
    assert {"api.near_build", "api.plan_jobs", "api.import_jobs", "api.worker"} <= jobs.keys()
    words = [sys.executable, "-P", "-c", READ_ALONE, *jobs.values()]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_end_and_a_signal_in_the_same_moment_do_no_harm(tmp_path):
    program, ended = mother.python(), tmp_path / "ended"
    if program == sys.executable:
        pytest.skip("no processes are forked on this system")
    subprocess.run([program, "-c", "pass"], check=True)  # she is there
    her = int((mother.run_folder() / "mother").read_text())
    words = [program, "-c", "import pathlib, sys, time; time.sleep(0.3); pathlib.Path(sys.argv[1]).touch()", str(ended)]
    with subprocess.Popen(words) as process:
        time.sleep(0.15)
        os.kill(her, signal.SIGSTOP)  # she learns of both at once
        try:
            wait_for(ended.exists)
            time.sleep(0.1)
            process.kill()
            process.wait()
        finally:
            os.kill(her, signal.SIGCONT)
    done = subprocess.run([program, "-c", "print(1)"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n")
