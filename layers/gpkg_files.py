"""The file of the embedded store: taken out of WAL before it is copied, put in its place whole."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from layers.gpkg_meta import not_ours, read_version
from layers.store import StoreError


def settle_journal(path: Path) -> None:
    """Take the file out of WAL (QGIS puts it there), or say that another program holds it open."""
    busy = StoreError(f"{path}: 다른 프로그램(QGIS 등)이 열고 있습니다", "그 프로그램에서 닫은 뒤 다시 하십시오")
    try:
        with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
            read_version(connection, path)
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            if mode != "delete":
                raise busy
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise busy from error
    except sqlite3.DatabaseError as error:
        raise not_ours(path) from error


def replace_file(work: Path, target: Path) -> None:
    """Put a working copy in the place of the store, safe on the disk first."""
    with work.open("rb+") as stream:
        os.fsync(stream.fileno())
    try:
        os.replace(work, target)  # noqa: PTH105 - the atomic one
    except PermissionError as error:  # Windows: someone has it open
        raise StoreError(
            f"{target}: 다른 프로그램(QGIS 등)이 열고 있습니다", "그 프로그램에서 닫은 뒤 다시 하십시오"
        ) from error
    with suppress(OSError, AttributeError):  # a folder cannot be synced on Windows
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
