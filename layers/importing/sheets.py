"""Sheets of the statistics grid beside each other: whose count a cell has, and what must not happen to it unasked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from layers.importing.errors import OlderDataError, RowsVanishError, SameDataTwiceError
from layers.importing.guards import MOST_VANISHING, is_older
from layers.importing.making import Made
from layers.importing.options import ImportOptions
from layers.tables import ImportRecord

CELL = ["dataset", "gid", "size_m"]


def settle_sheets(made: Sequence[Made], today: str) -> None:
    """Leave each cell that several sheets of a command count to the newest of them.

    Raises
    ------
    SameDataTwiceError
        Two sheets count a cell differently and neither is newer.
    """
    sheets = [(one, one.batch) for one in made if one.batch is not None and one.table == "stat_grid"]
    if len(sheets) < 2:
        return
    dates = [one.date(today) for one, _ in sheets]
    newer_than = [sum(is_older(other, date) for other in dates) for date in dates]
    parts = [b.rows[[*CELL, "value"]].assign(sheet=i, rank=newer_than[i]) for i, (_, b) in enumerate(sheets)]
    counted = pd.concat(parts, ignore_index=True).query("value > 0")
    newest = counted[counted["rank"] == counted.groupby(CELL)["rank"].transform("max")]
    torn = newest[newest.groupby(CELL)["value"].transform("nunique") > 1]
    if len(torn):
        same = torn[(torn[CELL] == torn[CELL].iloc[0]).all(axis=1)]
        names = ", ".join(sheets[i][0].source.name for i in sorted(set(same["sheet"]))[:2])
        raise SameDataTwiceError(
            f"{names}: 같은 격자({same['gid'].iloc[0]})의 값이 서로 다릅니다", "어느 것이 새로운지 보고 하나만 주십시오"
        )
    chosen = newest.drop_duplicates(CELL).set_index(CELL)["value"]
    for one, batch in sheets:
        held = chosen.reindex(pd.MultiIndex.from_frame(batch.rows[CELL])).to_numpy()
        wins = np.isnan(held) | (held == batch.rows["value"].to_numpy())
        one.batch = replace(batch, rows=batch.rows[wins].reset_index(drop=True))


def check_cells(
    stored: pd.DataFrame,
    made: Made,
    imports: Sequence[ImportRecord],
    options: ImportOptions,
    now: datetime,
) -> None:
    """Compare a sheet with the cells of its dataset that are stored.

    Raises
    ------
    OlderDataError
        It is older than a count that it would change, and ``force`` is not given.
    RowsVanishError
        Forced, it would empty over a tenth of the counts it touches, without ``confirm``.
    """
    if made.batch is None or stored.empty:
        return
    both = made.batch.rows.merge(stored, on=CELL, suffixes=("", "_stored"))
    both = both[both["value_stored"] > 0]
    file = made.source.name
    if options.force:
        gone = int((both["value"] == 0).sum())
        if gone > MOST_VANISHING * len(both) and not options.confirm:
            raise RowsVanishError(
                f"{file}: 저장된 격자 {len(both):,}칸 가운데 {gone:,}칸이 비게 됩니다 (10 % 넘게 사라짐)",
                "맞으면 --confirm을 주십시오",
            )
        return
    changed = both[(both["value"] > 0) & (both["value"] != both["value_stored"])]
    if changed.empty:
        return
    date = made.date(now.date().isoformat())
    imported = max((r.imported_at for r in imports if r.dataset == made.dataset), default="")[:10]
    than = changed["data_date_stored"].max() or imported
    if is_older(date, than):
        raise OlderDataError(
            f"{file}: 격자 {len(changed):,}칸의 자료({date})가 저장된 것({than})보다 오래되었습니다",
            "그래도 바꾸려면 --force를 주십시오",
        )
