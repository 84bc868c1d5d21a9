"""Python processes, started as fast as can be: forked from one that has read the libraries already.

A start reads libraries and compiled kernels for 1 to 4 s of a core, and a run of the tests starts hundreds of
processes: commands, services, and the processes in which services work. So one process a run, the mother, reads them
once and forks for each: what a process does to itself is gone with it; it has its own streams, folder, environment,
signals and exit status. :func:`python` is a program to start in the interpreter's place: it hands its streams and
arguments to the mother, passes signals on, is killed with the process, and ends as the process ends.

Tests of how processes start, die and are limited start ``sys.executable`` itself; so does a system without Linux's
handles of processes.
"""

import ast
import atexit
import gc
import importlib
import os
import pkgutil
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[1]
ROOMS = ("geo", "layers", "maps", "api")
# What the rooms read only when they need it.
LIBRARIES = ("folium", "granian.server.mp", "holidays.countries", "holidays.groups", "uvloop", "xstatic.pkg.leaflet")
OF_THE_RUN = "PYTEST_ANSIM_MOTHER"  # the environment variable that names the run's folder
LONGEST_FIRST_LINE = 120  # of a program; some systems cut it

# It starts at once: nothing is read but what the interpreter is made of.
PROGRAM = """#!{interpreter} -ISE
import _socket, os, signal, sys
mother = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
mother.connect({address!r})
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: mother.send(b"%d\\n" % number))
asked = ascii((sys.argv[1:], os.getcwd(), dict(os.environ))).encode() + b"\\n"
streams = b"".join(stream.to_bytes(4, sys.byteorder) for stream in (0, 1, 2))
sent = mother.sendmsg([asked], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
mother.sendall(asked[sent:])
nothing = os.open(os.devnull, os.O_RDWR)
for stream in (0, 1, 2):
    os.dup2(nothing, stream)
status = b""
while not status.endswith(b"\\n"):
    more = mother.recv(64)
    if not more:
        os._exit(70)
    status += more
status = int(status)
if status < 0:
    if status != -signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


def run_folder():
    """Return the folder of this run: made by its first process, whose end is the run's."""
    if OF_THE_RUN not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="ansim-mother-"))
        (folder / "run").write_text(str(os.getpid()))
        os.environ[OF_THE_RUN] = str(folder)
        atexit.register(_remove_unless_begun, folder, os.getpid())
    return Path(os.environ[OF_THE_RUN])


def _remove_unless_begun(folder, pid):
    if os.getpid() == pid and not (folder / "mother").exists():
        shutil.rmtree(folder, ignore_errors=True)


@cache
def python():
    """Return the program to start in place of the interpreter; the mother is begun where she is not there yet."""
    interpreter = os.path.realpath(sys.executable)
    folder = run_folder()
    if not hasattr(os, "pidfd_open") or " " in interpreter or len(interpreter) > LONGEST_FIRST_LINE:
        return sys.executable
    program = folder / "python"
    with suppress(FileExistsError), (folder / "mother").open("x"):  # of several processes of a run one begins her
        words = [sys.executable, str(ROOT / "tests" / "mother.py"), str(folder)]
        subprocess.run(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
        made = folder / "made"
        made.write_text(PROGRAM.format(interpreter=interpreter, address=str(folder / "socket")))
        made.chmod(0o700)
        made.rename(program)
    while not program.exists():
        time.sleep(0.01)
    return str(program) if os.access(program, os.X_OK) else sys.executable


def run(*words, cwd, env):
    """Run the interpreter with these words as ``subprocess.run`` would, with no program between."""
    program = python()
    if program == sys.executable:
        return subprocess.run([program, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:  # noqa: PTH123
        with socket.socket(socket.AF_UNIX) as mother:
            mother.connect(str(run_folder() / "socket"))
            asked = ascii((list(words), str(cwd), env)).encode() + b"\n"
            sent = socket.send_fds(mother, [asked], [nothing.fileno(), out.fileno(), err.fileno()])
            mother.sendall(asked[sent:])
            with mother.makefile("rb") as answer:
                status = answer.readline()
                assert status, (run_folder() / "said").read_text()[-2_000:]
        return SimpleNamespace(returncode=int(status), stdout=_said(out), stderr=_said(err))


def _said(stream):
    stream.seek(0)
    return stream.read().decode()


@contextmanager
def quick(module):
    """Let the processes that a module starts with ``sys.executable`` be forked."""
    real = module.sys
    module.sys = SimpleNamespace(executable=python(), path=real.path)
    try:
        yield
    finally:
        module.sys = real


class Mother:
    """The process that forks, at the other end of a socket."""

    def __init__(self, folder):
        self._folder = folder
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / "socket"))
        self._listening.listen(64)
        self._run = os.pidfd_open(int((folder / "run").read_text()))

    def serve(self):
        """Fork for whoever asks, until the run ends."""
        _read_everything()
        self._selector = selectors.DefaultSelector()
        self._children = {}  # process number: its handle, the connection of whoever asked
        self._selector.register(self._listening, selectors.EVENT_READ, self._fork)
        self._selector.register(self._run, selectors.EVENT_READ, self._end)
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _fork(self):
        connection, _ = self._listening.accept()
        asked, streams = b"", []
        with suppress(ConnectionError):  # who asked may be gone
            asked, streams, _, _ = socket.recv_fds(connection, 65_536, 3)
            while asked and not asked.endswith(b"\n"):
                more = connection.recv(65_536)
                asked = asked + more if more else b""
        if not asked:
            connection.close()
            for stream in streams:
                os.close(stream)
            return
        child = os.fork()
        if child == 0:
            self._selector.close()
            for handle, other in self._children.values():
                os.close(handle)
                other.close()
            os.close(self._run)
            self._listening.close()
            connection.close()
            _be(streams, *ast.literal_eval(asked.decode()))
        for stream in streams:
            os.close(stream)
        handle = os.pidfd_open(child)
        self._children[child] = handle, connection
        self._selector.register(handle, selectors.EVENT_READ, lambda: self._ended(child))
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._told(child))

    def _told(self, child):
        """Pass signals on; whoever asked is gone where there is nothing to read, and the process goes with it."""
        if child not in self._children:  # it ended in the same moment
            return
        _, connection = self._children[child]
        try:
            signals = connection.recv(64).split()
        except ConnectionError:
            signals = []
        if not signals:
            self._selector.unregister(connection)
        for number in signals or [signal.SIGKILL]:
            os.kill(child, int(number))

    def _ended(self, child):
        handle, connection = self._children.pop(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        self._selector.unregister(handle)
        os.close(handle)
        with suppress(KeyError):
            self._selector.unregister(connection)
        with connection, suppress(OSError):
            connection.sendall(b"%d\n" % status)

    def _end(self):
        for child in self._children:
            os.kill(child, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)


def _read_everything():
    importlib.import_module("cli")
    for name in LIBRARIES:
        importlib.import_module(name)
    for room in ROOMS:
        for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
            importlib.import_module(module.name)
    importlib.import_module("geo.coverage").warm()
    importlib.import_module("geo.siting.ready").warm()
    gc.collect()
    gc.freeze()


def _be(streams, words, cwd, env):
    """Be the process that was asked for; never returns."""
    status = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        time.tzset()
        tempfile.tempdir = None  # it may have been asked for before
        _open_streams(unbuffered=bool(env.get("PYTHONUNBUFFERED")))
        sys.executable = str(Path(sys.argv[1]) / "python")
        _run(words, env.get("PYTHONPATH", ""))
        status = 0
    except SystemExit as end:
        status = _status(end.code)
    except BaseException as error:  # as the interpreter would  # noqa: BLE001
        traceback.print_exc()
        if isinstance(error, KeyboardInterrupt):
            status = -signal.SIGINT
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        if status < 0:
            signal.signal(-status, signal.SIG_DFL)
            os.kill(os.getpid(), -status)
        os._exit(status)


def _open_streams(*, unbuffered):
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    for number, name, errors in ((1, "stdout", "strict"), (2, "stderr", "backslashreplace")):
        stream = open(number, "w", encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        stream.reconfigure(line_buffering=number == 2 or stream.isatty(), write_through=unbuffered)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run(words, own_path):
    """Run ``[-P] -c code …`` or ``cli.py …``."""
    safe = words[0] == "-P"
    if safe:
        words = words[1:]
    if words[0] == "-c":
        place, code, sys.argv = "", words[1], ["-c", *words[2:]]
    else:
        if Path(words[0]) != ROOT / "cli.py":
            raise AssertionError(words)
        place, code, sys.argv = str(ROOT), "from cli import main; main()", words
    # As the interpreter makes it: the program's own folder, what the environment adds, what is installed.
    added = [part for part in own_path.split(os.pathsep) if part]
    sys.path[:] = dict.fromkeys([*([] if safe else [place]), *added, *INSTALLED])
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    exec(compile(code, "<string>", "exec"), main.__dict__)  # noqa: S102 - it is what was asked for


def _status(code):
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1


if __name__ == "__main__":
    mother = Mother(Path(sys.argv[1]))
    if os.fork():
        os._exit(0)
    os.setsid()
    (Path(sys.argv[1]) / "mother").write_text(str(os.getpid()))
    INSTALLED = [part for part in sys.path if part not in {str(ROOT), str(ROOT / "tests")}]
    sys.path[0] = str(ROOT)
    nothing = os.open(os.devnull, os.O_RDWR)
    said = os.open(Path(sys.argv[1]) / "said", os.O_WRONLY | os.O_CREAT, 0o600)
    for number, stream in ((0, nothing), (1, said), (2, said)):
        os.dup2(stream, number)
    mother.serve()
