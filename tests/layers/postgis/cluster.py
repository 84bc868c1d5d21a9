"""A PostGIS to test against: the one given, else one in Docker, else a private throw-away cluster.

The cluster runs as the ``postgres`` user where the tests run as root (PostgreSQL refuses root), in a folder of its
own, on a free port, without fsync; it is stopped by its process at the end.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.ports import free_port

PASSWORD = "s3cret-Pa55word"
IMAGE = "postgis/postgis:16-3.5"


class NoDatabaseError(Exception):
    """No PostGIS can be had here; the text says why."""


@dataclass
class Cluster:
    """A running server by the URL of its superuser, ``{}`` standing for the database."""

    address: str  # host:port
    user: str
    password: str
    process: "Server | None" = None

    def url(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        return f"postgresql://{user or self.user}:{password or self.password}@{self.address}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def one(self, statement, database="postgres"):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            return connection.execute(statement).fetchone()

    def drop_at_the_end(self, database: str) -> None:
        """Drop what a whole run used: a server of our own goes with all it holds."""
        if self.process is None:
            self.drop(database)

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


class Server:
    """A private PostgreSQL: ``start``, ``stop`` and start again on the same port."""

    def __init__(self, folder: Path):
        self.folder = folder
        _install()
        self.binaries = _binaries()
        self.as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self.port = free_port()
        self._running = None

    @property
    def pid(self):
        return None if self._running is None else self._running.pid

    def create(self):
        if self.as_user:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._call(
            "initdb", "-D", self.folder / "data", "-U", "ansim_test", "--pwfile", secret, "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    def start(self):
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder,
            "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": 40,
            "max_wal_size": "2GB",
        }  # fmt: skip
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.folder / "data", *words],
                stdout=log, stderr=log, cwd=self.folder, **self.as_user,
            )  # fmt: skip
        for _ in range(3_000):
            done = subprocess.run(
                [self.binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
            )
            if done.returncode == 0:
                return
            if self._running.poll() is not None:
                break
            time.sleep(0.1)
        raise NoDatabaseError((self.folder / "log").read_text()[-2000:])

    def stop(self):
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(2)  # fast: open transactions are rolled back
            self._running.wait(300)

    def kill(self):
        """Let it fall as in a power cut: no transaction is ended in order."""
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(3)
            self._running.wait(300)

    def _call(self, program, *words):
        done = subprocess.run(
            [self.binaries / program, *words], capture_output=True, text=True, check=False, cwd=self.folder,
            **self.as_user,
        )  # fmt: skip
        if done.returncode:
            raise NoDatabaseError(f"{program}: {done.stderr}")


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Lend a PostGIS. Raises NoDatabaseError where none can be had."""
    given = os.environ.get("ANSIM_TEST_DATABASE_URL")
    if given:
        yield _given(given)
    elif _docker_answers():
        with _in_docker() as found:
            yield found
    else:
        with _private() as found:
            yield found


def _given(url):
    found = psycopg.conninfo.conninfo_to_dict(url)
    return Cluster(f"{found.get('host', 'localhost')}:{found.get('port', 5432)}", found["user"], found["password"])


@contextlib.contextmanager
def _private():
    folder = Path(tempfile.mkdtemp(prefix="ansim-pg-"))
    server = Server(folder)
    try:
        server.create()
        server.start()
        yield Cluster(f"127.0.0.1:{server.port}", "ansim_test", PASSWORD, server)
    finally:
        server.kill()  # all of it is thrown away: nothing is to be written down
        shutil.rmtree(folder, ignore_errors=True)


def _docker_answers():
    if shutil.which("docker") is None:
        return False
    done = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60)
    return done.returncode == 0


@contextlib.contextmanager
def _in_docker():
    port = free_port()
    words = ["-e", f"POSTGRES_PASSWORD={PASSWORD}", "-e", "POSTGRES_USER=ansim_test", "-p", f"127.0.0.1:{port}:5432"]
    done = subprocess.run(
        ["docker", "run", "--rm", "-d", *words, IMAGE], capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode:
        raise NoDatabaseError(done.stderr)
    name = done.stdout.strip()
    try:
        found = Cluster(f"127.0.0.1:{port}", "ansim_test", PASSWORD)
        _wait(found)
        yield found
    finally:
        subprocess.run(["docker", "stop", name], capture_output=True, check=False)


def _wait(found):
    """The image starts its server twice: wait until it has answered for two seconds."""
    good = 0
    for _ in range(240):
        try:
            found.one("SELECT 1")
            good += 1
        except psycopg.OperationalError:
            good = 0
        if good == 5:
            return
        time.sleep(0.5)
    raise NoDatabaseError("the container does not answer")


def _binaries():
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        control = Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control")
        if (folder / "postgres").exists() and control.exists():
            return folder
    raise NoDatabaseError("no PostgreSQL with PostGIS is installed: apt-get install postgresql postgresql-postgis")


def _install():
    with contextlib.suppress(NoDatabaseError):
        _binaries()
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    packages = ["postgresql", "postgresql-postgis"]
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", *words],
            check=False, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip
