"""Which version a folder served last: what a service started while the store is away begins with."""

import os
from contextlib import suppress
from pathlib import Path

import orjson

from api.near_build import META, STORE
from layers.frozen import is_frozen

_LAST = "served.json"


def note_served(folder: Path, name: str, told: str) -> None:
    """Note that a version (its folder's name) is served, by a service that tells ``told`` of it."""
    work = folder / f".{_LAST}.{os.getpid()}"
    work.write_bytes(orjson.dumps({"name": name, "told": told}))
    work.replace(folder / _LAST)


def last_served(folder: Path, told: str | None = None) -> str | None:
    """Return the name of the version served last that is whole there, None where there is none.

    With ``told``, of a service that told the same (:func:`api.near_build.told_of`): what was public under another
    catalog need not be now.
    """
    noted: object = None
    with suppress(OSError, orjson.JSONDecodeError):
        noted = orjson.loads((folder / _LAST).read_bytes())
    if not isinstance(noted, dict) or told not in {None, noted.get("told")}:
        return None
    name = str(noted.get("name"))
    whole = (folder / name / META).is_file() and is_frozen(str(folder / name / STORE))
    return name if whole and name.startswith("near-") else None
