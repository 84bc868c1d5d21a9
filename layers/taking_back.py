"""What both stores share in taking an import back: whose rows go, which earlier imports stand again, and why not."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, runtime_checkable

import pandas as pd

from layers.store import StoreError, StoreMovedError, Writer
from layers.tables import Batch, ImportRecord

# Why no edition before stands again: there was none; it is not kept any more, or never was; the boundaries are others
# since; it was itself taken back; it was not asked for.
Why = Literal["", "none", "dropped", "unknown", "boundaries", "forgotten", "asked"]
_IDENTITY = {
    "household": ["unit", "sex", "age_from", "age_to"],
    "stat_grid": ["gid", "size_m"],
    "dong": ["dong"],
}
IDENTITY = ("file", "digest", "dataset", "layer", "imported_at")  # of a record: what never changes of an import
WITHOUT_BOUNDARIES = frozenset({"dong", "stat_grid"})  # tables whose rows do not depend on the boundaries


class CannotForgetError(StoreError):
    """An import cannot be taken back by itself: others rest on it, or its rows are not told from others'."""

    code = "cannot_forget"


@dataclass(frozen=True)
class Taken:
    """What came of taking one import back.

    ``removed``: rows that went; ``restored``: rows of the edition before that stand again, of the files ``back``.
    """

    record: ImportRecord
    removed: int
    restored: int
    back: tuple[str, ...] = ()
    why: Why = ""


@dataclass(frozen=True)
class Forgotten:
    """One line of the log: the import, when (ISO, Asia/Seoul) it was taken back, rows that went and came again."""

    file: str
    dataset: str
    layer: str
    imported_at: str
    forgotten_at: str
    removed: int
    restored: int


@runtime_checkable
class TakingBack(Protocol):
    """A transaction that can take back an import that stands."""

    def take_back(self, record: ImportRecord, at: str, *, restore: bool) -> Taken:
        """Remove an import's rows that still stand; put the edition it replaced back where the store holds it.

        Parameters
        ----------
        at
            Now, for the log.
        record
            The import, as it once stood: what is its own is what it stands in now (:func:`same_import`).
        restore
            Whether the edition before is to stand again.

        Raises
        ------
        CannotForgetError
            A later file was appended to its districts, or its rows are not told from another's.
        StoreMovedError
            It stands no more.
        """
        ...


@runtime_checkable
class Remembering(Protocol):
    """A store that keeps a log of what was taken back."""

    def forgotten(self) -> list[Forgotten]:
        """Return what was taken back, oldest first."""
        ...


class ForgettingWriter(Writer, TakingBack, Protocol):
    """A writer that also takes back."""


def same_import(one: ImportRecord, other: ImportRecord) -> bool:
    """Say whether two records are of one import: of the same file, read at once into the same layer.

    What still stands of it (``districts``, ``complete_for``) may differ: taking one back gives others theirs again.
    """
    return all(getattr(one, name) == getattr(other, name) for name in IDENTITY)


def moved(name: str, record: ImportRecord) -> StoreMovedError:
    """Return the error for an import that another command changed meanwhile in the store of this name."""
    return StoreMovedError(f"{name}: {record.file}의 가져오기가 그 사이 바뀌었습니다", "다시 하십시오")


def identity_of(table: str) -> list[str]:
    """Return the columns that tell the rows of a table apart."""
    return _IDENTITY.get(table, ["key"])


def places_of(table: str, record: ImportRecord) -> Batch:
    """Return what an import still stands in, as a batch without rows that would replace it."""
    return Batch(table, record.dataset, record.districts, pd.DataFrame(), "replace", record.scope)


def regained(old: ImportRecord, standing: ImportRecord | None, places: Batch) -> ImportRecord | None:
    """Return an earlier record as it stands once ``places`` are its own again, None where nothing of it is.

    ``standing``: what of it stands already.
    """
    if old.districts is None:
        return old if places.districts is None else None
    back = {code for code in old.districts if places.takes(code, old.scope)}
    if not back:
        return None
    whole = back | set((standing.districts or ()) if standing else ())
    return replace(
        old,
        districts=tuple(code for code in old.districts if code in whole),
        complete_for=tuple(code for code in old.complete_for if code in whole),
    )


def adds(table: str, record: ImportRecord) -> bool:
    """Say whether an import only added to what its districts held; a sheet of a grid always does."""
    return record.mode == "append" or table == "stat_grid"


def meet(one: ImportRecord, other: ImportRecord) -> bool:
    """Say whether two imports of one table and dataset stand in the same districts."""
    return one.districts is None or other.districts is None or bool(set(one.districts) & set(other.districts))


def check_last(table: str, record: ImportRecord, later: Iterable[ImportRecord]) -> None:
    """Raise where a later file was appended to the districts of this one: it left out what this one held."""
    over = [one.file for one in later if adds(table, one) and meet(one, record)]
    if over:
        raise CannotForgetError(
            f"{record.file}: 뒤에 덧붙인 파일({over[-1]})이 이 파일 위에 있습니다",
            f"{over[-1]}을(를) 먼저 되돌리거나, 자료 묶음 전체를 되돌리십시오 ({record.dataset})",
        )


def not_told_apart(record: ImportRecord) -> CannotForgetError:
    """Return the error for rows that stand among others' and are not known any more."""
    return CannotForgetError(
        f"{record.file}: 덧붙인 뒤 경계나 저장소가 바뀌어 이 파일의 행만 가려낼 수 없습니다",
        f"자료 묶음 전체를 되돌리고({record.dataset}) 남길 파일을 다시 가져오십시오",
    )
