"""Which file of a command a district's rows come from, where several hold the same dataset of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from layers.importing.errors import SameDataTwiceError
from layers.importing.guards import check_vanishing, is_home, is_older, vanishing, without_districts
from layers.importing.making import Made, joined_notes


def decide(made: Sequence[Made], today: str, *, confirm: bool = False) -> None:
    """Leave each district of a dataset to the file whose data there is the newest, and drop what is stored already.

    Files stored by an earlier command take part as well: nothing is lost to another file of the command because it
    was there before. The order of the files does not matter. A file that only strays into a district does not drive
    out the rows of one that is about it.

    Raises
    ------
    SameDataTwiceError
        Two files hold the same district of a dataset and neither is newer: one would be lost.
    RowsVanishError
        The newer one lacks over 10 % of the rows of the other, without ``confirm``.
    """
    claims: dict[tuple[str, str, str], list[Made]] = defaultdict(list)
    copies = {id(one) for i, one in enumerate(made) if any(one.digest == other.digest for other in made[:i])}
    taking_part = [one for one in made if one.mode == "replace" and id(one) not in copies]
    for one in taking_part:
        for district in one.dates:
            claims[one.table, one.dataset, district or f"?{one.scope}"].append(one)
    lost: dict[int, dict[str, Made]] = defaultdict(dict)
    for (_, _, claimed), ones in claims.items():
        district = "" if claimed.startswith("?") else claimed
        winner = _newest(_at_home(ones, district), district, today)
        for one in ones:
            if one is not winner:
                if not confirm and (_is_home(one, district) or not _is_home(winner, district)):
                    _check_vanishing(one, winner, district)
                lost[id(one)][district] = winner
    for one in taking_part:
        _lose_the_unresolved(one, lost[id(one)])
        _settle(one, lost[id(one)])


def _is_home(one: Made, district: str) -> bool:
    return one.batch is None or is_home(one.batch, district)


def _rows(one: Made, district: str) -> pd.DataFrame | None:
    """Return its rows of a district, None where they are stored already and not kept."""
    return None if one.batch is None else one.batch.rows[one.batch.rows["district"] == district]


def _at_home(ones: Sequence[Made], district: str) -> Sequence[Made]:
    """Return the files without those whose few strays would drive out the rows of one that is about the district."""
    homes = [rows for one in ones if _is_home(one, district) and (rows := _rows(one, district)) is not None]

    def stays(one: Made) -> bool:
        rows = _rows(one, district)
        return _is_home(one, district) or rows is None or not any(vanishing(home, rows, one.table) for home in homes)

    return [one for one in ones if stays(one)]


def _check_vanishing(loser: Made, winner: Made, district: str) -> None:
    """Raise where too much goes with the loser; what is stored already is compared when the winner is stored."""
    old, new = _rows(loser, district), _rows(winner, district)
    if old is not None and new is not None:
        check_vanishing(old, new, loser.table, winner.source.name, f" ({loser.source.name}, {district or '-'})")


def _newest(ones: Sequence[Made], district: str, today: str) -> Made:
    dates = [one.dates[district] or today for one in ones]
    newest = [one for one, date in zip(ones, dates, strict=True) if not any(is_older(date, other) for other in dates)]
    if len(newest) > 1:
        raise SameDataTwiceError(
            f"{newest[0].source.name}, {newest[1].source.name}: 같은 자료의 같은 자치구({district or '-'})입니다",
            "하나만 주거나 (한 파일의 시트·층이면 하나만 남기거나), 둘 다 쓰려면 --mode append로 가져오십시오",
            file=newest[1].source.name,
        )
    return newest[0]


def _lose_the_unresolved(one: Made, lost: dict[str, Made]) -> None:
    """Rows of no district go with their file: lost where one other file has all the districts it is about."""
    home = [] if one.scope.startswith("*") else one.scope.split(";")
    winners = {id(lost[district]) if district in lost else 0 for district in home}
    if "" in one.dates and home and len(winners) == 1 and 0 not in winners:
        lost[""] = lost[home[0]]


def _settle(one: Made, lost: dict[str, Made]) -> None:
    left = tuple(district for district in one.dates if district not in lost)
    if lost:
        names = ", ".join(sorted({winner.source.name for winner in lost.values()}))
        what = "모두" if not left else ", ".join(district or "자치구 미상" for district in sorted(lost))
        note = f"superseded: {what} 더 새로운 {names}의 자료를 씁니다"
        one.report = replace(one.report, note=joined_notes(one.report.note, note))
    if one.dates and (not left or one.holds(left)):
        one.drop()
    elif lost and one.batch is not None:
        one.batch = without_districts(one.batch, set(lost))
