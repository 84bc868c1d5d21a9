"""Stores that are closed again: a database's connections are not left to chance."""

from collections.abc import Iterator
from contextlib import contextmanager

from layers.catalog import Catalog
from layers.store import PlanStore, Store, open_store


@contextmanager
def opened(location: str, catalog: Catalog) -> Iterator[PlanStore]:
    """Lend the store at a location. Raises StoreError as :func:`layers.store.open_store` does."""
    store = open_store(location, catalog)
    try:
        yield store
    finally:
        close_store(store)


def close_store(store: Store) -> None:
    """Give back what a store holds: the connections of a database, nothing of a file."""
    database = getattr(store, "database", None)
    if database is not None:
        database.close()
