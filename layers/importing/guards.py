"""What must not happen to stored data without being asked: older rows over newer ones, many rows vanishing."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from layers.importing.errors import OlderDataError, RowsVanishError
from layers.importing.options import ImportOptions
from layers.store import Writer
from layers.tables import FACILITY, TABLES, Batch, ImportRecord, taken_rows

MOST_VANISHING = 0.10
_FEWEST_TO_JUDGE = 10  # a tenth of fewer rows is less than one
_IDENTITY = {"household": ["unit", "sex", "age_from", "age_to"], "dong": ["dong"]}


def check(
    writer: Writer, batch: Batch, file: str, imports: Sequence[ImportRecord], options: ImportOptions, now: datetime
) -> None:
    """Compare a batch that replaces with what it would replace.

    Raises
    ------
    OlderDataError
        Its newest date in some district is older than the stored one's, and ``force`` is not given. The date of
        rows is 데이터기준일자, of rows without one the time of import; a month counts as its first to its last day.
    RowsVanishError
        Over 10 % of the stored rows of its (dataset, district) pairs would vanish, without ``confirm``.
    """
    if batch.mode != "replace" or batch.districts is None:
        return
    stored = _stored(writer, batch)
    if stored.empty:
        return
    if not options.force and "data_date" in stored.columns:
        _check_dates(stored, batch, file, imports, now)
    if not options.confirm:
        if "district" in stored.columns:
            _check_districts(stored, batch, file)
        _check_vanishing(stored, batch.rows, batch.table, file)


def _check_districts(stored: pd.DataFrame, batch: Batch, file: str) -> None:
    """Raise where one district would lose over a tenth of its rows, whatever the others gain."""
    coming = {str(district): rows for district, rows in batch.rows.groupby("district")}
    for district, rows in ((str(district), rows) for district, rows in stored.groupby("district")):
        after = coming.get(district)
        if after is None and batch.table == "dong":  # ended: its ground is another's now
            continue
        if len(rows) >= _FEWEST_TO_JUDGE:
            after = batch.rows.iloc[:0] if after is None else after
            _check_vanishing(rows, after, batch.table, file, f" ({district or '자치구 미상'})")


def _check_vanishing(stored: pd.DataFrame, coming: pd.DataFrame, table: str, file: str, where: str = "") -> None:
    identity = _IDENTITY.get(table, ["key"])
    gone = len(stored) - len(coming)
    if len(stored) >= _FEWEST_TO_JUDGE and table != "dong":  # codes of dong change: they are counted
        held = pd.MultiIndex.from_frame(stored[identity])
        gone = int((~held.isin(pd.MultiIndex.from_frame(coming[identity]))).sum())
    if gone > MOST_VANISHING * len(stored):
        raise RowsVanishError(
            f"{file}: 저장된 {len(stored):,}행이 {len(coming):,}행으로 바뀌며 {gone:,}행이 사라집니다"
            f"{where} (10 % 넘게 사라짐)",
            "파일이 잘리지 않았는지 보고, 맞으면 --confirm을 주십시오",
        )


def only_new(writer: Writer, batch: Batch) -> pd.DataFrame:
    """Return the rows of a batch that the store does not hold yet, for ``--mode append``."""
    identity = _IDENTITY.get(batch.table, ["key"])
    stored = writer.read(batch.table, columns=["dataset", *identity])
    stored = stored[stored["dataset"] == batch.dataset]
    if stored.empty:
        return batch.rows
    held = pd.MultiIndex.from_frame(stored[identity])
    return batch.rows[~pd.MultiIndex.from_frame(batch.rows[identity]).isin(held)].reset_index(drop=True)


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


def _check_dates(stored: pd.DataFrame, batch: Batch, file: str, imports: Sequence[ImportRecord], now: datetime) -> None:
    held = stored.groupby("district")["data_date"].max()
    coming = batch.rows.groupby("district")["data_date"].max()
    for district in batch.districts or ():
        if district not in held.index:
            continue
        date = coming.get(district, "") or now.date().isoformat()
        than = held[district] or _import_date(imports, batch.dataset, district)
        if is_older(date, than):
            raise OlderDataError(
                f"{file}: {district or '자치구 없는 행'}의 자료({date})가 저장된 것({than})보다 오래되었습니다",
                "그래도 바꾸려면 --force를 주십시오",
            )


def _import_date(imports: Sequence[ImportRecord], dataset: str, district: str) -> str:
    times = [
        r.imported_at for r in imports if r.dataset == dataset and (r.districts is None or district in r.districts)
    ]
    return max(times, default="")[:10]
