"""Where the service keeps the version it serves: for a database a folder that outlives it, for a file one of this run.

With a folder that stays, a service that is started while the database is away serves what it served last.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import filelock


@contextmanager
def serving_folder(store: str, catalog: Sequence[Path]) -> Iterator[Path]:
    """Lend the folder of a service (all its workers), which only its user may read.

    ``ANSIM_FOLDER`` where it is set. For a database else one in the user's cache, by its name and the catalogs, unless
    another service has it or it cannot be written. For a file, and then, a temporary one.
    """
    with ExitStack() as stack:
        named = os.environ.get("ANSIM_FOLDER")
        if named:
            folder = Path(named)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        else:
            kept = _kept(store, catalog, stack) if "://" in store else None
            folder = kept or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="ansim-serve-", ignore_cleanup_errors=True))
            )
        yield folder


def _kept(store: str, catalog: Sequence[Path], stack: ExitStack) -> Path | None:
    import platformdirs  # noqa: PLC0415 - nothing at import

    try:
        from layers.postgis.open import open_database  # noqa: PLC0415 - an extra of the installation
    except ImportError:
        return None  # said where the store is opened
    told = [open_database(store).name, *(str(path.resolve()) for path in catalog)]
    name = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    folder = platformdirs.user_cache_path("ansim-map", appauthor=False) / "serve" / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stack.enter_context(filelock.FileLock(folder / "service.lock", timeout=0))
    except (OSError, filelock.Timeout):
        return None
    return folder
