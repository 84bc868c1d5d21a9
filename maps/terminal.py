"""What the commands print: a district's gaps, what is stored, what an import did.

Texts from data are printed as they are, never as markup and never with control characters. On a terminal
tables fit its width by wrapping; written to a file or a pipe they are as wide as they need to be, and plain.
Only characters that cp949 has are used, for Korean Windows consoles.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from geo.model import DataState, DistrictResult, GapArea, NeedRow
from layers.catalog import Catalog
from layers.holdings import LayerHolding, TableHolding
from maps.assumptions import NOT_CRIME
from maps.basis import (
    BOTTOM_QUARTER,
    BOTTOM_QUARTER_MEANING,
    at_words,
    basis_files,
    changed_settings,
    demand_basis,
    file_words,
    stability_words,
)
from maps.columns import STATES, data_range, marks, no_facility, undated_data
from maps.estimates import any_estimated, estimated, households
from maps.text import COMBINED, FLAG_NAMES, NO_DATA, decimals_below, metres, need_state, span, span_of

_TOP = 15
_NAMED_DISTRICTS = 6
_WIDEST = 1000
_REASONS = {
    "unreadable": "읽을 수 없음",
    "total_row": "합계 행",
    "dead": "폐지·삭제",
    "duplicate": "중복",
    "impossible_coordinates": "불가능한 좌표",
    "outside": "범위 밖",
    "swapped_axes": "위도·경도 뒤바뀜",
    "degrees_minutes": "도·분·초",
    "decimal_comma": "소수점 쉼표",
    "degree_signs": "도 기호",
    "other_columns": "다른 좌표 열",
    "blanks_in_number": "숫자 안 빈칸",
    "same_devices": "다른 자료에도 있는 시설",
    "wrong_crs_label": "파일이 말한 좌표계가 틀림",
    "nul": "NUL 문자",
    "merged": "합친 칸을 풂",
    "shx_restored": ".shx를 다시 만듦",
    "excel_serial": "엑셀 날짜 숫자",
    **FLAG_NAMES,
}
REPORT_WORDS: Mapping[str, str] = MappingProxyType(_REASONS)  # counts of an import's report in words


_TAG = re.compile(r"(?:^|(?<=; ))[a-z_]+: ")  # what kind of note it is, for programs


# ---------------------------------------------------------------- gaps
def print_gaps(result: DistrictResult, catalog: Catalog, console: Console) -> None:
    """Print marks, the district, its needs, the highest ranked gap areas, thresholds and notes."""
    edition, *headings = marks(result)
    line(console, f"[{edition}] {result.source.name} 1인가구 안심 틈새", "bold")
    for heading in headings:
        line(console, f"※ {heading}", "bold red")
    line(console, _district_words(result))
    for words in (changed_settings(result), *(file_words(file) for file in basis_files(result))):
        if words:
            line(console, words)
    show(console, _needs(result))
    line(console, f"{BOTTOM_QUARTER}: {BOTTOM_QUARTER_MEANING}", "dim")
    if result.gaps:
        show(console, _gaps(result, catalog))
        line(console, stability_words(result), "dim")
    else:
        judged = any(need.takes_part for need in result.needs)
        line(console, "틈새구역이 없습니다." if judged else "판단에 쓸 수 있는 자료가 없어 틈새를 판단하지 않았습니다.")
    show(console, _thresholds(result))
    if len(result.edge_gap_cells):
        line(
            console,
            f"경계 미확인: 틈새격자 {len(result.edge_gap_cells):,}개는 경계 밖 자료가 없어 순위를 매기지 않았습니다.",
        )
    for note in (*result.source.notes, NOT_CRIME):
        line(console, f"- {note}", "dim")


def _district_words(result: DistrictResult) -> str:
    source = result.source
    return " | ".join(
        (
            f"{source.name}({source.code}) {result.area_km2:,.2f} km²",
            f"{source.who or '1인가구'} {result.households:,.0f}가구 ({demand_basis(result)})",
            f"분석 시각 {at_words(result)}",
            f"자료 기준일 {span_of(data_range(result), len(undated_data(result)))}",
        )
    )


def _needs(result: DistrictResult) -> "Rows":
    table = Rows(
        "항목별 도달률",
        left=("항목", "자료 상태", "도달률 최저 동"),
        columns=("항목", "자료 상태", "도달률", "미도달 가구", "도달률 최저 동", BOTTOM_QUARTER, "가중치"),
        wrapping=("자료 상태", "도달률 최저 동"),
    )
    for need in result.needs:
        judged = "" if need.takes_part else "dim"
        table.add(_need_cells(need, result), "bold" if need.id == COMBINED else judged)
    return table


def _need_cells(need: NeedRow, result: DistrictResult) -> list[str]:
    state = need_state(need, result.settings)
    if need.state is DataState.NONE:
        return [need.name, state, NO_DATA, NO_DATA, "-", "-", _number(need.weight, 2)]
    worst = "-"
    if need.worst_dong is not None:
        worst = f"{result.source.dong_names[need.worst_dong]} {_percent(need.worst_share)}"
    return [
        need.name,
        state,
        _percent(need.share_covered),
        _number(need.uncovered_households),
        worst,
        _percent(need.bottom_quarter_share),
        _number(need.weight, 2),
    ]


def _gaps(result: DistrictResult, catalog: Catalog) -> "Rows":
    shown, count = result.gaps[:_TOP], len(result.gaps)
    title = f"틈새구역 {count:,}곳" + (f" 가운데 미도달 가구가 많은 {_TOP}곳" if count > _TOP else "")
    if any(estimated(result, gap) for gap in result.gaps):
        title += " (약: 동 단위 추정)"
    numbers = ("미도달\n가구", "ha", "가구\n/ha", "도달도")
    unmet = "부족 항목(가장 가까운 시설까지 직선거리)"
    table = Rows(
        title,
        left=("행정동", "국가지점번호", unmet),
        columns=("순위", "행정동", "국가지점번호", *numbers, unmet),
        wrapping=(unmet,),
    )
    names = {need.id: need.name for need in result.needs}
    for gap in shown:
        guessed = estimated(result, gap)
        unstable = gap.stability is not None and gap.stability < 0.6
        cells = [
            f"{gap.rank}{' 불안정' if unstable else ''}",
            result.source.dong_names[gap.dong],
            gap.grid_id,
            households(gap.uncovered_households, guessed=guessed),
            _number(gap.area_ha, 1),
            households(gap.households_per_ha, guessed=guessed),
            _percent_below(gap.cover, result),
            ", ".join(f"{names.get(need, need)} {_nearest(gap, need, result, catalog)}" for need in gap.unmet_needs)
            or "-",
        ]
        table.add(cells)
    return table


def _nearest(gap: GapArea, need: str, result: DistrictResult, catalog: Catalog) -> str:
    """Return how far the nearest facility is of all the layers that supply a need, in words."""
    layers = {layer.id for layer in catalog.layers_of(need)}
    found = [near.distance_m for near in gap.nearest if near.layer in layers and near.distance_m is not None]
    return metres(min(found)) if found else no_facility(result, layers)


def _thresholds(result: DistrictResult) -> "Rows":
    guessed = any_estimated(result)
    table = Rows(
        "임계값에 따른 틈새" + (" (가구 수는 동 단위 추정)" if guessed else ""),
        left=("",),
        columns=("임계값", "틈새격자", "틈새구역", "ha", "1인가구", "미도달 가구", ""),
    )
    for row in sorted(result.thresholds, key=lambda row: row.threshold):
        used = row.threshold == result.settings.gap_threshold
        cells = [f"{row.threshold:g}", f"{row.gap_cells:,}", f"{row.gap_areas:,}", _number(row.area_ha, 1)]
        cells += [households(n, guessed=guessed) for n in (row.households, row.uncovered_households)]
        cells.append("적용" if used else "")
        table.add(cells, "bold" if used else "")
    return table


# ---------------------------------------------------------------- layers
def print_layers(
    layers: Sequence[LayerHolding], tables: Sequence[TableHolding], console: Console, *, notes: Sequence[str] = ()
) -> None:
    """Print what is stored: one line a table, one a layer with the state of its data in each district, notes below."""
    if not layers and not tables:
        line(console, "저장된 자료가 없습니다. 행정동 경계 파일부터 가져오십시오 (ansim import 행정동.geojson).")
        return
    if tables:
        base = Rows("경계와 1인가구", left=("이름", "기준일"), columns=("이름", "행", "기준일"))
        for held in tables:
            base.add([held.name, f"{held.rows:,}", span((held.oldest, held.newest))])
        show(console, base)
    table = Rows(
        "층",
        left=("층", "이름", "기준일", "자치구별 자료 상태"),
        columns=("층", "이름", "행", "대수", "위치 있음", "불러온 경계 밖", "기준일", "자치구별 자료 상태"),
        wrapping=("이름", "기준일", "자치구별 자료 상태"),
    )
    for row in layers:
        cells = [row.layer, row.name, f"{row.rows:,}", f"{row.devices:,}", _percent(row.located_share)]
        cells += [f"{row.near:,}" if row.near else "-", span((row.oldest, row.newest)), _states_words(row.states)]
        table.add(cells)
    if layers:
        show(console, table)
    else:
        line(console, "시설 층이 없습니다. CCTV, 보안등 같은 시설 파일을 가져오십시오.")
    for note in notes:
        line(console, note)


def _states_words(states: Mapping[str, DataState]) -> str:
    short = {**STATES, DataState.PARTIAL: "일부"}
    parts = []
    for state in DataState:
        names = [name for name, held in states.items() if held is state]
        if names:
            listed = f"{len(names)}곳" if len(names) > _NAMED_DISTRICTS else ", ".join(names)
            parts.append(f"{short[state]}: {listed}")
    return " / ".join(parts) or "-"


# ---------------------------------------------------------------- what an import did
def print_reports(reports: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print what an import did: one line a file, then what was rejected, repaired and flagged, and why.

    Parameters
    ----------
    reports
        One mapping a file: file, layer, dataset, encoding, crs, read, accepted, unlocated, devices,
        rejected (numbers), reasons, repaired, flagged (word to number). What a report lacks is shown as '-'.
        A file of several layers has ``layers``: id to such a mapping, shown below its sums.
    """
    table = Rows(
        "가져온 파일",
        left=("파일", "층", "인코딩", "좌표계"),
        columns=("파일", "층", "인코딩", "좌표계", "읽음", "받음", "위치 없음", "대수", "버림"),
        wrapping=("파일",),
    )
    for report in reports:
        table.add(_report_cells(report, str(report.get("file", "-"))))
        for layer, part in (report.get("layers") or {}).items():
            table.add(_report_cells({"layer": layer, **part}, "  └"), "dim")
    show(console, table)
    for report in reports:
        _details(report, console)


def _report_cells(report: Mapping[str, Any], file: str) -> list[str]:
    numbers = [_count(report.get(key)) for key in ("read", "accepted", "unlocated", "devices", "rejected")]
    texts = [str(report.get(key) or "-") for key in ("layer", "encoding", "crs")]
    return [file, *texts, *numbers]


def _details(report: Mapping[str, Any], console: Console) -> None:
    note = str(report.get("note") or "")
    parts = []
    for key, words in (("reasons", "버림"), ("repaired", "고침"), ("flagged", "표시")):
        counts = {name: number for name, number in (report.get(key) or {}).items() if number}
        if counts:
            parts.append(f"{words} " + ", ".join(f"{_REASONS.get(n, n)} {_count(c)}" for n, c in counts.items()))
    if report.get("layer"):  # it was read
        parts += ["그대로 (새로 저장하지 않음)"] if report.get("unchanged") else []
        parts += [_TAG.sub("", note)] if note else []
    elif note:
        parts.append(f"건너뜀: {_TAG.sub('', note)}")
    if parts:
        line(console, f"{report.get('file', '-')} ({report.get('dataset') or '-'}): {' | '.join(parts)}")


def print_located(layers: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print what became of rows without coordinates: one line a layer, then how they were found.

    Parameters
    ----------
    layers
        One mapping a layer: layer, without_coordinates, located, share (None without rows), methods (word to
        number), doubtful (a list).
    """
    if not layers:
        line(console, "좌표 없는 행이 없습니다")
        return
    table = Rows(
        "주소로 찾은 위치",
        left=("층", "방법"),
        columns=("층", "좌표 없음", "찾음", "비율", "확인할 것", "방법"),
        wrapping=("방법",),
    )
    for one in layers:
        ways = ", ".join(f"{FLAG_NAMES[f'located_by={way}']} {_count(n)}" for way, n in one["methods"].items())
        numbers = [_count(one["without_coordinates"]), _count(one["located"]), _percent(one["share"] or 0.0)]
        table.add([one["layer"], *numbers, _count(len(one["doubtful"])), ways or "-"])
    show(console, table)


# ---------------------------------------------------------------- on the console
@dataclass
class Rows:
    """A table before it is laid out. Columns not in ``left`` are numbers; only ``wrapping`` ones may wrap."""

    title: str
    columns: tuple[str, ...]
    left: tuple[str, ...]
    wrapping: tuple[str, ...] = ()
    rows: list[tuple[list[str], str]] = field(default_factory=list)

    def add(self, cells: Iterable[str], style: str = "") -> None:
        """Add a row of texts."""
        self.rows.append((list(cells), style))


def show(console: Console, rows: Rows) -> None:
    """Print a table: on a terminal it fits the width, elsewhere one line a row."""
    table = Table(
        title=_printable(rows.title, console),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for name in rows.columns:
        justify: Any = "left" if name in rows.left else "right"
        table.add_column(name, justify=justify, no_wrap=name not in rows.wrapping, overflow="fold")
    for cells, style in rows.rows:
        # Text, not str: brackets in data are no markup.
        table.add_row(*(Text(_printable(cell, console)) for cell in cells), style=style)
    if not console.is_terminal:
        # A file has no width: as wide as the table is, one line a row.
        table.width = Measurement.get(console, console.options.update(width=_WIDEST), table).maximum
    console.print(table, crop=console.is_terminal, highlight=False)


def line(console: Console, words: str, style: str = "") -> None:
    """Print a line as it is: nothing in it is markup."""
    text = Text(_printable(words, console), style=style)
    console.print(text, soft_wrap=not console.is_terminal, highlight=False)


def _printable(words: str, console: Console) -> str:
    """Return the words without control characters, and with '?' for what the console cannot write."""
    plain = "".join(letter if letter.isprintable() else " " for letter in words)
    return plain.encode(console.encoding, "replace").decode(console.encoding)


def _number(value: float, decimals: int = 0) -> str:
    return "-" if math.isnan(value) else f"{value:,.{decimals}f}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.1%}"


def _percent_below(share: float, result: DistrictResult) -> str:
    if math.isnan(share):
        return "-"
    return f"{100 * share:.{decimals_below(share, result.settings.gap_threshold, 1)}f}%"


def _count(number: object) -> str:
    return f"{number:,}" if isinstance(number, int | float) else "-"
