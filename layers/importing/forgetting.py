"""Taking imports back: which are meant, what goes and what stands again, all of it or nothing."""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from layers.catalog import Catalog
from layers.importing.boundaries import Boundaries
from layers.importing.errors import BoundariesNeededError, ImportingError
from layers.importing.locating import point_layers, relocate
from layers.importing.new_boundaries import check_households, follow
from layers.store import Store, StoreMovedError
from layers.tables import TABLES, ImportRecord
from layers.taking_back import WITHOUT_BOUNDARIES, ForgettingWriter, Taken, moved

_ID_DIGITS = 10
_FEWEST_DIGITS = 4
_LOCATED = [table for table in TABLES if table not in WITHOUT_BOUNDARIES]


class AmbiguousImportError(ImportingError):
    """The first digits of an id are those of several imports."""

    code = "ambiguous_import"


class UnknownStoredImportError(ImportingError):
    """No import that stands has that id, file or dataset."""

    code = "unknown_stored_import"


@dataclass(frozen=True)
class Chosen:
    """What is to be taken back. ``whole``: a dataset, so that no edition before is to stand again."""

    records: tuple[ImportRecord, ...]
    whole: bool


class _RehearsedError(Exception):
    """Ends a rehearsal's transaction before anything of it stands."""


def import_id(record: ImportRecord) -> str:
    """Return what an import is called: the first digits of its digest, the same in every store."""
    return record.digest[:_ID_DIGITS]


def choose(imports: Sequence[ImportRecord], name: str) -> Chosen:
    """Return the imports meant by an id, a file (an archive or workbook: all in it) or a dataset.

    Raises
    ------
    AmbiguousImportError
        The digits are those of more than one.
    UnknownStoredImportError
        None of those that stand.
    """
    asked = _plain(name)
    if len(asked) >= _FEWEST_DIGITS:
        found = [record for record in imports if record.digest.startswith(asked.lower())]
        if found:
            _check_one(name, found)
            return Chosen(tuple(found), whole=False)
    found = [record for record in imports if asked in _names(record)]
    if found:
        return Chosen(tuple(found), whole=False)
    found = [record for record in imports if record.dataset == asked]
    if not found:
        raise UnknownStoredImportError(
            f"{name}: 그런 가져오기가 없습니다", "파일 이름, 자료 묶음, 번호를 'ansim forget'에서 확인하십시오"
        )
    return Chosen(tuple(found), whole=True)


def _check_one(name: str, found: Sequence[ImportRecord]) -> None:
    ids = {record.digest: f"{import_id(record)} ({record.file})" for record in found}
    if len(ids) > 1:
        raise AmbiguousImportError(
            f"{name}: 번호가 이렇게 시작하는 가져오기가 {len(ids)}건입니다: {', '.join(ids.values())}",
            "번호를 더 길게 적으십시오",
        )


def choose_ids(imports: Sequence[ImportRecord], ids: Sequence[str]) -> Chosen:
    """Return the imports of some ids. Raises UnknownStoredImportError where one is of none that stands."""
    for one in ids:
        if not any(import_id(record) == one for record in imports):
            raise UnknownStoredImportError(
                "그런 번호의 가져오기가 없습니다", "이미 되돌렸거나 다른 파일로 바뀌었습니다"
            )
    return Chosen(tuple(record for record in imports if import_id(record) in set(ids)), whole=False)


def last(imports: Sequence[ImportRecord]) -> Chosen:
    """Return the imports of the newest command. Raises UnknownStoredImportError where there are none."""
    if not imports:
        raise UnknownStoredImportError("되돌릴 가져오기가 없습니다", "ansim layers로 저장된 자료를 확인하십시오")
    newest = max(record.imported_at for record in imports)
    return Chosen(tuple(record for record in imports if record.imported_at == newest), whole=False)


def forget(store: Store, catalog: Catalog, chosen: Chosen, *, now: datetime, confirm: bool) -> list[Taken]:
    """Take imports back in one transaction; without ``confirm`` it is given up, and only told what would happen.

    The newest goes first; one that it had cut down stands whole again when its own turn comes.
    Rows without coordinates are placed anew by the address points that are left; where boundaries go, all rows are
    located anew by those that are left.

    Returns
    -------
    One account an import, newest first.

    Raises
    ------
    CannotForgetError
        A later file rests on one of them (:meth:`layers.taking_back.TakingBack.take_back`).
    BoundariesNeededError
        Other data would be left without any boundaries.
    OrphanedRowsError
        Households would be left whose dong are no more.
    StoreMovedError
        Another import was committed meanwhile, or one of those chosen is no more what it was.
    """
    version, imports, layers = store.version(), store.imports(), store.layer_ids()
    for record in chosen.records:
        if record not in imports:
            raise moved(store.name, record)
    done: list[Taken] = []
    with suppress(_RehearsedError), store.write() as writer:
        if store.version() != version:
            raise StoreMovedError(f"{store.name}: 그 사이 다른 가져오기가 저장했습니다", "다시 하십시오")
        forgetting = cast("ForgettingWriter", writer)  # every store of ours takes back
        old = Boundaries.of(writer.read("dong"))
        at = now.isoformat(timespec="seconds")
        done += [forgetting.take_back(record, at, restore=not chosen.whole) for record in _in_order(imports, chosen)]
        new = Boundaries.of(writer.read("dong"))
        if old.digest != new.digest:
            left = [record for record in imports if record not in chosen.records]
            standing = any(len(writer.read(table, ["dataset"])) for table in (*layers, *_LOCATED))
            again = [file for one in done for file in one.back] if standing else []
            _check_ground(new, left, again, chosen)
            follow(writer, old, new, layers, catalog.method.near_m)
            check_households(writer, new, chosen.records[0].file, imports)
        relocate(writer, point_layers(catalog), catalog.method.near_m)
        if not confirm:
            raise _RehearsedError
    return done


def _in_order(imports: Sequence[ImportRecord], chosen: Chosen) -> Iterator[ImportRecord]:
    """Yield newest first, boundaries last: what is located by them goes before."""
    newest_first = [record for record in reversed(imports) if record in chosen.records]
    yield from (record for record in newest_first if record.layer != "dong")
    yield from (record for record in newest_first if record.layer == "dong")


def _check_ground(new: Boundaries, left: Sequence[ImportRecord], again: Sequence[str], chosen: Chosen) -> None:
    located = [*(record.file for record in left if record.layer not in WITHOUT_BOUNDARIES), *again]
    if not len(new) and located:
        raise BoundariesNeededError(
            f"{chosen.records[0].file}: 이 경계를 되돌리면 다른 자료({located[0]} 등)가 경계 없이 남습니다",
            "그 자료를 먼저 되돌리거나, 바른 경계 파일을 가져오십시오",
        )


def _names(record: ImportRecord) -> set[str]:
    """Return what a file is called by: its name, and those of the archive or workbook it was in."""
    whole = _plain(record.file)
    parts = whole.split("/")
    names = {"/".join(parts[:n]) for n in range(1, len(parts) + 1)}
    return names | {name.split("[")[0] for name in names}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())
