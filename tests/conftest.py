"""The database of the tests: one server a run, one template with the tables, one fresh copy a test."""

import itertools
import os

import pytest

from layers.catalog import load_catalog
from layers.postgis.open import open_database
from layers.postgis.upgrade import upgrade
from tests.layers.postgis.cluster import NoDatabaseError, cluster

TEMPLATE = f"ansim_template_{os.getpid()}"
_numbers = itertools.count(1)


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
    server.drop(TEMPLATE)


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
