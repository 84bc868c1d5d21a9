"""Which file of a command a district's rows come from, where several hold the same dataset of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from layers.importing.errors import SameDataTwiceError
from layers.importing.guards import is_older
from layers.importing.making import Made, joined_notes


def decide(made: Sequence[Made], today: str) -> None:
    """Leave each district of a dataset to the file whose data there is the newest, and drop what is stored already.

    Files stored by an earlier command take part as well: nothing is lost to another file of the command because it
    was there before. The order of the files does not matter.

    Raises
    ------
    SameDataTwiceError
        Two files hold the same district of a dataset and neither is newer: one would be lost.
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
        winner = _newest(ones, district, today)
        for one in ones:
            if one is not winner:
                lost[id(one)][district] = winner
    for one in taking_part:
        _lose_the_unresolved(one, lost[id(one)])
        _settle(one, lost[id(one)])


def _newest(ones: Sequence[Made], district: str, today: str) -> Made:
    dates = [one.dates[district] or today for one in ones]
    newest = [one for one, date in zip(ones, dates, strict=True) if not any(is_older(date, other) for other in dates)]
    if len(newest) > 1:
        raise SameDataTwiceError(
            f"{newest[0].source.name}, {newest[1].source.name}: 같은 자료의 같은 자치구({district or '-'})입니다",
            "하나만 주거나, 둘 다 쓰려면 --mode append로 따로 가져오십시오",
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
        rows = one.batch.rows
        kept = rows[rows["district"].isin(left)].reset_index(drop=True)
        one.batch = replace(one.batch, districts=left, rows=kept)
