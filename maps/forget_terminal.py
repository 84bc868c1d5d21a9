"""What ``ansim forget`` says: the imports that stand, what was taken back, what goes and what stands again."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from maps.terminal import Rows, line, show
from maps.text import day, when

WHY = {
    "none": "앞선 판 없음",
    "dropped": "앞선 판은 더 두지 않음: 그 파일을 다시 가져오십시오",
    "unknown": "앞선 판이 남아 있지 않음 (이 기능이 생기기 전의 가져오기)",
    "boundaries": "그 뒤 경계가 바뀌어 앞선 판을 되살리지 않음: 그 파일을 다시 가져오십시오",
    "forgotten": "앞선 판은 이미 되돌린 것이라 되살리지 않음",
    "asked": "자료 묶음 전체를 되돌림",
}


def print_imports(
    imports: Sequence[tuple[str, Any]], forgotten: Sequence[Any], names: Mapping[str, str], console: Console
) -> None:
    """Print the imports that stand, oldest first, and those taken back.

    Parameters
    ----------
    imports
        Ids and records (file, layer, dataset, districts, data_date, imported_at, accepted).
    forgotten
        Lines of the log (file, layer, forgotten_at, removed, restored).
    names
        Layer, area or table id to Korean name.
    """
    if not imports:
        line(console, "가져온 것이 없습니다.")
    else:
        table = Rows(
            "가져온 것 (오래된 것부터)",
            left=("번호", "파일", "층", "자료 묶음", "가져온 때", "기준일"),
            columns=("번호", "파일", "층", "자료 묶음", "자치구", "받음", "기준일", "가져온 때"),
            wrapping=("파일",),
        )
        for number, one in imports:
            districts = "전체" if one.districts is None else f"{len([d for d in one.districts if d]):,}곳"
            cells = [number, one.file, names.get(one.layer, one.layer), one.dataset, districts, f"{one.accepted:,}"]
            table.add([*cells, day(one.data_date) if one.data_date else "-", when(one.imported_at)])
        show(console, table)
    for one in forgotten:
        line(
            console,
            f"되돌림 {when(one.forgotten_at)}: {one.file} ({names.get(one.layer, one.layer)}, {_counts(one)})",
            "dim",
        )


def print_taken(taken: Sequence[Any], names: Mapping[str, str], console: Console, *, done: bool) -> None:
    """Print what goes and what stands again, a line an import."""
    table = Rows(
        "되돌린 가져오기" if done else "되돌릴 가져오기",
        left=("파일", "층", "되살아나는 것"),
        columns=("파일", "층", "빠지는 행", "되살아나는 행", "되살아나는 것"),
        wrapping=("파일", "되살아나는 것"),
    )
    for one in taken:
        layer = names.get(one.record.layer, one.record.layer)
        table.add([one.record.file, layer, f"{one.removed:,}", f"{one.restored:,}", taken_words(one)])
    show(console, table)


def taken_words(one: Any) -> str:  # noqa: ANN401 - the account of a store, which maps does not import
    """Return which earlier files stand again, or why none does."""
    return ", ".join(one.back) or WHY.get(one.why, "-")


def _counts(one: Any) -> str:  # noqa: ANN401
    again = f", {one.restored:,}행 되살림" if one.restored else ""
    return f"{one.removed:,}행 뺌{again}"
