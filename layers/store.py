"""The store both kinds of storage share, and how to open one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd

from geo.errors import AnsimError
from geo.plans import Plan
from geo.proposals import Round
from layers.catalog import Catalog
from layers.tables import Batch, ImportRecord

Bounds = tuple[float, float, float, float]
RoundCheck = Callable[[Round | None], None]  # given the call that stands under a name; raises where it must stay


class StoreError(AnsimError):
    """The store cannot be opened, read or written."""

    code = "store"


class Readable(Protocol):
    """What a store and a transaction on it have in common."""

    def read(self, table: str, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table, or a facility layer by its id."""
        ...


class StoreMovedError(StoreError):
    """Another import was committed meanwhile: what was made from the old state must be made again."""

    code = "store_moved"


class Writer(Protocol):
    """One transaction: everything written through it becomes visible at once, or nothing does."""

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table as this transaction sees it (empty frame if it does not exist yet)."""
        ...

    def put(self, batch: Batch, record: ImportRecord) -> None:
        """Replace what the batch takes (:meth:`layers.tables.Batch.takes`) by its rows and remember the import.

        Of imports whose rows are replaced in part the rest is remembered, those wholly replaced are forgotten.
        """
        ...

    def rewrite(self, table: str, rows: pd.DataFrame) -> None:
        """Write all rows of a table anew, in its shape; what is remembered of their imports stays."""
        ...

    def recode(self, moved: Mapping[str, tuple[str, ...]]) -> None:
        """Put the districts that came of one in its place in what is remembered of the imports."""
        ...

    def amend(self, layer: str, rows: pd.DataFrame) -> None:
        """Put rows of a facility layer in the place of those with the same keys; no import is remembered."""
        ...


class Store(Protocol):
    """Layers, boundaries, households and what was imported. Readers see one version, whole."""

    name: str

    def version(self) -> int:
        """Return the data version: 0 when empty, one more after every write that changed something."""
        ...

    def imports(self) -> list[ImportRecord]:
        """Return the current imports, oldest first."""
        ...

    def layer_ids(self) -> list[str]:
        """Return the ids of the layers that hold rows."""
        ...

    def summary(self) -> pd.DataFrame:
        """Return what each layer holds a district, in layer order: columns :data:`layers.tables.SUMMARY`."""
        ...

    def read(self, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table (or a facility layer by its id) in the shape of ``layers.tables``.

        ``bounds`` (min x, min y, max x, max y; EPSG:5179) limits to rows whose geometry meets the box;
        unlocated rows are then left out. A table that does not exist is an empty frame.
        """
        ...

    def write(self) -> AbstractContextManager[Writer]:
        """Open the one transaction a writer may have. Raises :class:`StoreError` if another has it."""
        ...


class PlanStore(Store, Protocol):
    """A store that keeps plans and calls for proposals beside the data.

    Imports leave them alone, and they leave the data version alone.
    """

    def plans(self) -> list[Plan]:
        """Return the plans kept, oldest first, then by name. Imports leave them alone."""
        ...

    def save_plan(self, plan: Plan) -> None:
        """Keep a plan under its name, in place of one of that name. The data version stays."""
        ...

    def delete_plan(self, name: str) -> bool:
        """Forget a plan; return whether there was one. The data version stays."""
        ...

    def rounds(self) -> list[Round]:
        """Return the calls for proposals kept, with their decisions, oldest first, then by name."""
        ...

    def save_round(self, made: Round, check: RoundCheck | None = None) -> None:
        """Keep a call for proposals under its name, in place of one of that name. The data version stays.

        ``check`` is given what stands under the name, None where nothing does, and nobody changes it between: what it
        raises comes through, and nothing is kept then.
        """
        ...

    def change_round(self, name: str, change: Callable[[Round], Round]) -> Round:
        """Keep what ``change`` makes of a call, and return it; nobody else changes it between.

        Raises
        ------
        UnknownRoundError
            There is none of that name; what ``change`` raises comes through, and nothing is kept then.
        """
        ...

    def delete_round(self, name: str) -> bool:
        """Forget a call for proposals; return whether there was one. The data version stays."""
        ...


@runtime_checkable
class Recalling(Protocol):
    """A store that also keeps what whole import commands came to."""

    def recall(self, command: str) -> str | None:
        """Return what was noted of a command, None unless all it stored or found stored stands as it was.

        That is: each import record it relied on is there unaltered, and the boundaries are those of then.
        """
        ...


@runtime_checkable
class RecallingWriter(Protocol):
    """A transaction on such a store."""

    def note(self, command: str, said: str, digests: Collection[str]) -> None:
        """Note a command with this transaction: what to answer, and the digests of the records it relies on.

        Where one of them is not in the store, nothing is noted.
        """
        ...


def open_store(location: str, catalog: Catalog, *, as_of: date | None = None) -> PlanStore:
    """Open the store at a path (a GeoPackage, made by its first import) or a ``postgresql://`` URL.

    Parameters
    ----------
    as_of
        Read what the store held at the end of this day, Asia/Seoul; only a database keeps history.

    Raises
    ------
    StoreError
        The location is neither, or a path with ``as_of``.
    """
    from layers.geopackage import GeoPackageStore  # noqa: PLC0415 - the stores import this module

    if "://" in location:
        return _open_database(location, as_of)
    path = Path(location)
    if path.suffix.lower() != ".gpkg":
        raise StoreError(f"{location}: 저장소 이름은 .gpkg로 끝나야 합니다", "예: --store ansim.gpkg")
    if as_of is not None:
        raise StoreError(
            f"{location}: 파일 저장소는 지난 날의 자료를 두지 않습니다",
            "--as-of는 postgresql:// 저장소에서만 쓸 수 있습니다",
        )
    return GeoPackageStore(path, catalog)


def open_stored(location: str, catalog: Catalog, *, as_of: date | None = None) -> PlanStore:
    """Open a store that is there already, to read what it holds or to keep something beside it.

    Raises
    ------
    StoreError
        As :func:`open_store`, and where the file does not exist: a mistyped name is no empty store.
    """
    store = open_store(location, catalog, as_of=as_of)
    if is_missing(location):
        raise StoreError(
            f"{location}: 저장소 파일이 없습니다",
            "--store 이름을 확인하고, 처음이면 경계 파일부터 가져오십시오:"
            f" ansim import 행정동경계.geojson --store {location}",
        )
    return store


def is_missing(location: str) -> bool:
    """Say whether a location is a path with nothing at it; a database answers for itself."""
    return "://" not in location and not Path(location).exists()


def _open_database(location: str, as_of: date | None) -> PlanStore:
    try:
        from layers.postgis.open import open_database, open_postgis  # noqa: PLC0415 - an extra of the installation
    except ImportError:
        scheme = location.split("://", 1)[0]
        raise StoreError(
            f"{scheme}:// 저장소를 쓰는 데 필요한 것이 설치되지 않았습니다", "pip install 'ansim-map[postgis]'"
        ) from None
    return open_postgis(open_database(location), as_of)
