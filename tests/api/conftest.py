"""The service over the sample district, in this process; a client that speaks ASGI, and what was written."""

import io
import itertools
import os
import shutil
import time
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

import api.workers
from api.app import create_app
from api.journal import Journal
from api.key_books import open_book
from api.keys import Role, create_key
from api.opened import opened
from api.settings import ServeSettings
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.store import open_store
from tests import mother
from tests.layers.postgis.cluster import PASSWORD

NOW = datetime(2026, 3, 4, 23, 0, tzinfo=SEOUL)  # a Wednesday; the sample's data are of 2025
PATIENCE_S = 300
SAMPLE = Path(str(files("data"))) / "sample"


@pytest.fixture(scope="module", autouse=True)
def quick_processes(request):
    """Processes of the services in this one are forked, but where the module is of processes themselves."""
    if getattr(request.module, "REAL_PROCESSES", False):
        yield
        return
    with mother.quick(api.workers):
        yield


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "s.gpkg"
    catalog = load_catalog()
    import_files([SAMPLE], open_store(str(path), catalog), catalog, ImportOptions(made_up=True), now=NOW)
    return path


OWNERS = {}  # URL of a service's login: URL of the owner, who alone makes keys
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sample_template(server, template, sample_store):
    """A database that holds the sample, to be copied; nobody may be connected to it."""
    name = f"ansim_sample_{os.getpid()}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    catalog = load_catalog()
    store = open_store(server.url(name), catalog)
    import_files([SAMPLE], store, catalog, ImportOptions(made_up=True), now=NOW)
    store.database.close()
    yield name
    server.drop_at_the_end(name)


@pytest.fixture(scope="session")
def sample_copies(server, sample_template):
    """A function: the URL of a fresh database with the sample, as a login that may read and import, no owner."""
    user, made = f"ansim_service_{os.getpid()}", []
    server.run(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}' IN ROLE ansim_writer, ansim_service, ansim_ogc")

    def copy():
        """Its name is ``ansim_own_…``; OWNERS has its owner's URL."""
        made.append(f"ansim_own_{os.getpid()}_{next(_numbers)}")
        server.run(f"CREATE DATABASE {made[-1]} TEMPLATE {sample_template}")
        url = server.url(made[-1], user, PASSWORD)
        OWNERS[url] = server.url(made[-1])
        return url

    yield copy
    for name in made:
        server.drop_at_the_end(name)
    if server.process is None:
        server.run(f"DROP ROLE {user}")


@pytest.fixture(scope="session")
def sample_database(sample_copies):
    """A database with the sample, that nobody changes."""
    return sample_copies()


@pytest.fixture(params=["file", "database"])
def own_store(request, tmp_path):
    """A store with the sample, that may be changed: a file, a database."""
    if request.param == "database":
        return request.getfixturevalue("sample_copies")()
    path = tmp_path / "own.gpkg"
    shutil.copyfile(request.getfixturevalue("sample_store"), path)
    return path


class Service:
    """A running application: ``get`` and ``post`` as httpx has them, ``log`` what it wrote, keys by role."""

    def __init__(self, portal, client, app, log, keys):
        self._portal, self._client, self.app, self._log, self.keys = portal, client, app, log, keys
        self.services = app.services

    def request(self, method, path, *, role=None, **more):
        headers = dict(more.pop("headers", {}))
        if role:
            headers["authorization"] = f"Bearer {self.keys[role]}"

        async def send():
            return await self._client.request(method, path, headers=headers, **more)

        return self._portal.call(send)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, **more):
        return self.request("POST", path, **more)

    def call(self, function, *arguments):
        return self._portal.call(function, *arguments)

    @property
    def log(self):
        self.services.journal.flush()
        return self._log.getvalue().decode()


@contextmanager
def book_of(store, keys_path=None):
    """The keys of a store, as its owner has them."""
    location = OWNERS.get(store, str(store))
    with opened(location, load_catalog()) as there:
        yield open_book(there, location, keys_path)


@contextmanager
def serving(store, folder, *, clock=lambda: NOW, **settings):
    """Serve a store until the block ends; ready when it begins."""
    log = io.BytesIO()
    keys_path = None if store in OWNERS else folder / "keys.json"
    with book_of(store, keys_path) as book:
        keys = {role.name.lower(): create_key(book, role, "시험", NOW) for role in (Role.PLANNER, Role.ADMIN)}
    settings = {"poll_s": 0.1, **settings}
    told = ServeSettings(store=str(store), keys=keys_path, folder=folder / "work", **settings)
    app = create_app(told, clock=clock, journal=Journal(log))
    with start_blocking_portal() as portal:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        with portal.wrap_async_context_manager(app.fastapi.router.lifespan_context(app.fastapi)):
            client = httpx.AsyncClient(transport=transport, base_url="http://ansim")
            service = Service(portal, client, app, log, keys)
            wait_for(lambda: service.get("/ready").status_code == 200, lambda: _but_ready(service.log)[:3000])
            yield service
            portal.call(client.aclose)


def _but_ready(log):
    return "\n".join(line for line in log.splitlines() if '"/ready"' not in line)


def wait_for(done, said=lambda: "too long"):
    """Wait until something is so. A machine may be busy: what is awaited is whether it comes."""
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until, said()
        time.sleep(0.05)


@pytest.fixture(scope="module", params=["file", "database"])
def service(request, tmp_path_factory):
    store = request.getfixturevalue("sample_store" if request.param == "file" else "sample_database")
    with serving(store, tmp_path_factory.mktemp("service")) as running:
        yield running
