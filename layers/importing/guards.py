"""What must not happen to stored data without being asked: older rows over newer ones, many rows vanishing."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import pandas as pd

from layers.importing.errors import OlderDataError, RowsVanishError
from layers.importing.options import ImportOptions
from layers.store import Writer
from layers.tables import FACILITY, TABLES, Batch, ImportRecord, taken_rows

MOST_VANISHING = 0.10
_MAY_VANISH = 1  # of a handful of rows a tenth is less than one
_IDENTITY = {"household": ["unit", "sex", "age_from", "age_to"], "dong": ["dong"]}


def check(
    writer: Writer, batch: Batch, file: str, imports: Sequence[ImportRecord], options: ImportOptions, now: datetime
) -> tuple[Batch, str]:
    """Compare a batch that replaces with what it would replace.

    Returns
    -------
    The batch without the districts of which the store has something better (newer data, or a file that is about them
    where this one only strays into them), and a note of these, '' where there are none.

    Raises
    ------
    OlderDataError
        Its newest date is older than the stored one's in every district it is about, and ``force`` is not given. The
        date of rows is 데이터기준일자, of rows without one the time of import; a month counts as its first to its
        last day.
    RowsVanishError
        Over 10 % (and more than one) of the stored rows of some district, or of all, would vanish, without
        ``confirm``.
    """
    if batch.mode != "replace" or batch.districts is None:
        return batch, ""
    stored = _stored(writer, batch)
    if stored.empty:
        return batch, ""
    strays = _strays(stored, batch, imports)
    lost = {d for d in _by_district(stored) if not is_home(batch, d) and _takes_too_much(stored, batch, d, imports)}
    if not options.force and "data_date" in stored.columns:
        lost |= _older_districts(stored, batch, file, imports, now, strays)
    names = ", ".join(district or "자치구 미상" for district in sorted(lost))
    note = f"superseded: {names} 저장된 자료를 그대로 둡니다" if lost else ""
    batch = without_districts(batch, lost)
    stored = stored[taken_rows(stored, batch)]
    if not options.confirm:
        _check_districts(stored, batch, file, strays)
    return batch, note


def is_home(one: Batch | ImportRecord, district: str) -> bool:
    """Say whether a file is about a district, rather than straying over its border with a few rows."""
    about = one.scope.split(";") if one.scope and not one.scope.startswith("*") else [district]
    said = one.complete_for if isinstance(one, ImportRecord) else ()
    return not district or district in about or district in said


def without_districts(batch: Batch, lost: Collection[str]) -> Batch:
    """Return a batch that leaves some of its districts alone."""
    if not lost or batch.districts is None:
        return batch
    left = tuple(district for district in batch.districts if district not in lost)
    return replace(batch, districts=left, rows=batch.rows[batch.rows["district"].isin(left)].reset_index(drop=True))


def vanishing(stored: pd.DataFrame, coming: pd.DataFrame, table: str) -> int:
    """Return how many of the stored rows are not among the coming ones, 0 where that is few enough to pass."""
    gone = len(stored) - len(coming)
    if table != "dong":  # codes of dong change: they are counted
        identity = _IDENTITY.get(table, ["key"])
        held = pd.MultiIndex.from_frame(stored[identity])
        gone = int((~held.isin(pd.MultiIndex.from_frame(coming[identity]))).sum())
    return gone if gone > max(_MAY_VANISH, MOST_VANISHING * len(stored)) else 0


def check_vanishing(stored: pd.DataFrame, coming: pd.DataFrame, table: str, file: str, where: str = "") -> None:
    """Raise :class:`RowsVanishError` where too many of the stored rows would go."""
    gone = vanishing(stored, coming, table)
    if gone:
        raise _vanish_error(stored, coming, gone, file, where)


def _vanish_error(stored: pd.DataFrame, coming: pd.DataFrame, gone: int, file: str, where: str = "") -> RowsVanishError:
    return RowsVanishError(
        f"{file}: 저장된 {len(stored):,}행이 {len(coming):,}행으로 바뀌며 {gone:,}행이 사라집니다"
        f"{where} (10 % 넘게 사라짐)",
        "파일이 잘리지 않았는지 보고, 맞으면 --confirm을 주십시오",
    )


def _by_district(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(district): part for district, part in rows.groupby("district")}


def _strays(stored: pd.DataFrame, batch: Batch, imports: Sequence[ImportRecord]) -> frozenset[str]:
    """Return the districts this file is about, of which only other districts' files have left a few rows.

    Their rows are neither a measure of the age of this file's nor of how many there should be.
    """
    return frozenset(
        district
        for district, rows in _by_district(stored).items()
        if district
        and is_home(batch, district)
        and not _stored_home(batch, district, imports)
        and vanishing(batch.rows[batch.rows["district"] == district], rows, batch.table)
    )


def _stored_home(batch: Batch, district: str, imports: Sequence[ImportRecord]) -> bool:
    """Say whether a stored file of the dataset is about a district."""
    same = [r for r in imports if (r.layer, r.dataset) == (batch.table, batch.dataset)]
    standing = [r for r in same if r.districts is None or district in r.districts]
    return not standing or any(is_home(record, district) for record in standing)


def _takes_too_much(stored: pd.DataFrame, batch: Batch, district: str, imports: Sequence[ImportRecord]) -> bool:
    """Say whether a few rows that stray into a district would drive out those of a file that is about it."""
    held = stored[stored["district"] == district]
    coming = batch.rows[batch.rows["district"] == district]
    return _stored_home(batch, district, imports) and bool(vanishing(held, coming, batch.table))


def _check_districts(stored: pd.DataFrame, batch: Batch, file: str, strays: frozenset[str]) -> None:
    """Raise where one district, or all together, would lose over a tenth of its rows, whatever the others gain."""
    coming = _by_district(batch.rows)
    for district, rows in _by_district(stored).items():
        after = coming.get(district)
        if after is None and batch.table == "dong":  # ended: its ground is another's now
            continue
        if district not in strays:
            after = batch.rows.iloc[:0] if after is None else after
            check_vanishing(rows, after, batch.table, file, f" ({district or '자치구 미상'})")
    rows = stored[~stored["district"].isin(strays)]
    shrunk = len(rows) - len(batch.rows)
    if shrunk > MOST_VANISHING * len(rows):  # the only row of a file as well
        raise _vanish_error(rows, batch.rows, shrunk, file)
    check_vanishing(rows, batch.rows, batch.table, file)


def is_older(date: str, than: str) -> bool:
    """Compare ISO dates of any length by the part both have: 2022-12 is not older than 2022-12-01."""
    shared = min(len(date), len(than))
    return date[:shared] < than[:shared]


def _stored(writer: Writer, batch: Batch) -> pd.DataFrame:
    """Return the rows the batch would replace: what identifies them, and when and where they are of."""
    known = TABLES.get(batch.table, (FACILITY, True))[0]
    names = ("dataset", "district", "scope", "data_date", *_IDENTITY.get(batch.table, ["key"]))
    rows = writer.read(batch.table, columns=[name for name in dict.fromkeys(names) if name in known])
    return rows[taken_rows(rows, batch)]


def _older_districts(
    stored: pd.DataFrame,
    batch: Batch,
    file: str,
    imports: Sequence[ImportRecord],
    now: datetime,
    strays: frozenset[str],
) -> set[str]:
    """Return the districts of which the store has newer data; raise where that is all the file is about."""
    held = stored.groupby("district")["data_date"].max()
    coming = batch.rows.groupby("district")["data_date"].max()
    older: dict[str, OlderDataError] = {}
    for district in batch.districts or ():
        if district not in held.index or district in strays:
            continue
        date = coming.get(district, "") or now.date().isoformat()
        than = held[district] or _import_date(imports, batch.dataset, district)
        if is_older(date, than):
            older[district] = OlderDataError(
                f"{file}: {district or '자치구 없는 행'}의 자료({date})가 저장된 것({than})보다 오래되었습니다",
                "그래도 바꾸려면 --force를 주십시오",
            )
    home = [district for district in batch.districts or () if district and is_home(batch, district)]
    if older and not set(home or batch.districts or ()) - set(older):
        raise next(iter(older.values()))
    return set(older)


def _import_date(imports: Sequence[ImportRecord], dataset: str, district: str) -> str:
    times = [
        r.imported_at for r in imports if r.dataset == dataset and (r.districts is None or district in r.districts)
    ]
    return max(times, default="")[:10]
