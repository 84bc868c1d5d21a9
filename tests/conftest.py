"""The order of the tests, and their database: one server a run, one template with tables, one fresh copy a test."""

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import settings

from layers.catalog import load_catalog
from layers.postgis.open import open_database
from layers.postgis.upgrade import upgrade
from tests import mother
from tests.layers.postgis.cluster import NoDatabaseError, cluster

TEMPLATE = f"ansim_template_{os.getpid()}"
_numbers = itertools.count(1)
# Of two processes neither is to be left with a long file at the end: the long ones go first, longest first.
LONG = (
    "layers/postgis/test_faults.py", "maps/test_map_browser.py", "layers/importing/test_forgetting.py",
    "pages/test_planner.py", "api/test_imports.py", "test_cli_sites.py", "pages/test_near",
    "pages/test_planner_goals.py", "pages/test_import", "test_cli.py", "api/test_swap.py", "api/test_process.py",
    "pages/test_planner_care.py",
    "layers/postgis/test_compose.py", "layers/postgis/test_upgrade.py", "api/test_no_trace.py", "test_real.py",
    "layers/importing/test_fuzz.py", "layers/test_store.py", "api/test_openapi.py", "api/test_keys.py",
    "geo/siting/test_bound.py", "pages/", "test_wheel.py", "maps/test_city_browser.py", "api/test_plans.py",
    "layers/postgis/", "geo/test_kernels.py", "api/", "layers/importing/test_coordinates.py",
    "layers/importing/test_real_files.py", "layers/test_geopackage_faults.py", "test_mother.py", "maps/", "geo/siting/",
    "layers/", "data/",
)  # fmt: skip

# How long an example takes is the machine's affair; what must be fast is measured in bench/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def _turn(item):
    where = item.path.relative_to(Path(__file__).parent).as_posix()
    return min((i for i, start in enumerate(LONG) if where.startswith(start)), default=len(LONG))


def pytest_configure(config):
    """Name the folder of the run before its processes are started: they share a mother, who begins to read now."""
    mother.run_folder()
    if config.getoption("numprocesses", None):
        mother.python()


def pytest_collection_modifyitems(items):
    """Put the files that take long first; within a file, and of the others, the order stays."""
    items.sort(key=_turn)


@pytest.fixture(scope="session")
def server():
    """A PostGIS server (tests.layers.postgis.cluster). None to be had is a failure where CI is set."""
    try:
        with cluster() as found:
            yield found
    except NoDatabaseError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostGIS: {error}")


@pytest.fixture(scope="session")
def template(server):
    """A database with the tables, to be copied."""
    server.run(f"CREATE DATABASE {TEMPLATE}")
    database = open_database(server.url(TEMPLATE))
    upgrade(database, load_catalog())
    database.close()
    yield TEMPLATE
    server.drop_at_the_end(TEMPLATE)


@pytest.fixture
def empty_database(server):
    """Name of a database without any tables of ours."""
    name = f"ansim_empty_{os.getpid()}_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name}")
    yield name
    server.drop(name)


@pytest.fixture
def database_name(server, template):
    """Name of a fresh database with the tables."""
    name = f"ansim_test_{os.getpid()}_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    server.drop(name)


@pytest.fixture
def database_url(server, database_name):
    """URL of a fresh database with the tables, as its owner."""
    return server.url(database_name)
