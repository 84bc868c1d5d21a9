"""From what the user states (URL, day, environment) to an open store."""

import os
from datetime import date, datetime, time, timedelta

from layers.hours import SEOUL
from layers.postgis.engine import Database
from layers.postgis.settings import Limits
from layers.postgis.store import PostgisStore


def open_database(location: str) -> Database:
    """Return the database of a URL, with the limits of the environment. Nothing is connected yet."""
    return Database(location, Limits.of(os.environ))


def open_postgis(database: Database, as_of: date | None = None) -> PostgisStore:
    """Return the store, as it was at the end of a day (Asia/Seoul) where one is given."""
    if as_of is None:
        return PostgisStore(database)
    return PostgisStore(database, datetime.combine(as_of + timedelta(days=1), time(), SEOUL))
