"""The workbook a planner opens in Excel: 요약, 틈새구역, 동별, 임계값, 가정과 출처.

Every text is written as text, so nothing from data can become a formula or a link. A need without data says
자료 없음; its numbers are never 0 or empty.
"""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from geo.model import DataState, DistrictResult
from layers.catalog import Catalog
from maps.assumptions import NOT_CRIME, assumption_table, source_table
from maps.basis import at_words, basis_files, changed_settings, demand_basis, stability_words
from maps.columns import (
    Column,
    columns_of,
    data_name,
    data_range,
    layer_names,
    marks,
    need_row,
    no_facility,
    undated_data,
)
from maps.english import Lang, Say, named, speaker, unmarked
from maps.estimates import ABOUT
from maps.said_tables import frame_in, header_in
from maps.tables import dong_table, gap_table, need_ids, need_table, threshold_table
from maps.text import COMBINED, NO_DATA, NO_DATE, decimals_below, need_state, span_of

_FONT = "맑은 고딕"
_A4 = 9
_LONGEST_CELL = 32_767
_LONGEST_SHEET = 31  # letters of the name of a sheet
_SHARE = "0~1"
_ESTIMATES = {"households", "uncovered_households", "households_per_ha"}
_NOT_PERCENT = {"weight", "threshold"}
_DASHES = dict.fromkeys(("weight", "stability", "places", "devices", "places_near"), "-")
_SOURCE_COLUMNS = ["item", "places", "devices", "places_near", "oldest", "newest", "imported", "file"]
_COORDINATES = {"x": "0.0", "y": "0.0", "lon": "0.000000", "lat": "0.000000"}
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "mark": {"bold": True, "font_color": "#B2182B"},
    "section": {"bold": True, "font_size": 12, "bottom": 2, "bottom_color": "#2C5F8A"},
    "header": {
        "bold": True, "bg_color": "#2C5F8A", "font_color": "#FFFFFF",
        "border": 1, "border_color": "#BFBFBF", "align": "center", "text_wrap": True,
    },
    "text": {"border": 1, "border_color": "#BFBFBF", "indent": 1},
    "wrapped": {"border": 1, "border_color": "#BFBFBF", "text_wrap": True, "align": "left", "valign": "top"},
    "missing": {"border": 1, "border_color": "#BFBFBF", "italic": True, "font_color": "#767676", "align": "center"},
    "label": {"bold": True, "bg_color": "#E8EEF4", "border": 1, "border_color": "#BFBFBF", "text_wrap": True},
    "figure": {"bold": True, "font_size": 14, "align": "center", "border": 1, "border_color": "#BFBFBF"},
    "note": {"text_wrap": True, "font_color": "#404040"},
}  # fmt: skip


def write_workbook(result: DistrictResult, catalog: Catalog, path: Path, lang: Lang = "ko") -> None:
    """Write the result as a new xlsx at ``path`` (overwritten if it exists; see ``maps.files`` for whole or none).

    Raises
    ------
    OSError, xlsxwriter.exceptions.XlsxWriterException
        The file cannot be written there.
    """
    say = speaker(catalog, lang)
    words, name = [say(mark) for mark in marks(result)], f"{result.source.name} {say('안심지도')}"
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"title": name, "comments": " | ".join(words)})
        book = Book(workbook, name, words, result.settings.gap_threshold, say)
        _summary(book, result)
        printed = _printed(result, catalog)
        absent = {f"nearest_{layer}_m": no_facility(result, (layer,)) for layer in layer_names(result)}
        book.sheet("틈새구역", *_gaps(result, printed), printed=len(printed), missing=absent)
        book.sheet("동별", *_named(dong_table(result), result))
        thresholds = threshold_table(result)
        book.sheet("임계값", *_named(_threshold_words(thresholds), result))
        basis = pd.concat([assumption_table(result, catalog), source_table(result, catalog)], ignore_index=True)
        order = ["topic", "item", "value", "oldest", "newest", "source"]
        book.sheet("가정과 출처", *_named(basis[order].fillna(""), result), wrapped={"value": 60, "source": 60})


# ---------------------------------------------------------------- the tables
Named = tuple[pd.DataFrame, dict[str, Column]]


def _named(frame: pd.DataFrame, result: DistrictResult) -> Named:
    return frame, columns_of(frame.columns, result)


def _gaps(result: DistrictResult, printed: Sequence[str]) -> Named:
    """Return the gap areas, what a planner reads first to the left; the rest to the right, not printed."""
    table = gap_table(result)
    asked = ["stability"] if table["stability"].notna().any() else []
    layers = layer_names(result)
    distances = [name for name in (f"nearest_{layer}_m" for layer in layers) if name not in printed]
    names = [f"nearest_{layer}_{what}" for layer in layers for what in ("name", "id")]
    rest = ["dong", "x", "y", "lon", "lat", "estimated", "demand_source"]
    table = table.assign(estimated=_yes_no(table["estimated"]))
    return _named(table[[*printed, *asked, *distances, *names, *rest]], result)


def _printed(result: DistrictResult, catalog: Catalog) -> list[str]:
    """Return the columns that go on paper; distances only of layers that supply a need and are near a gap area."""
    supplying = {layer.id for layer in catalog.layers.values() if layer.supplies}
    found = {near.layer for gap in result.gaps for near in gap.nearest if near.distance_m is not None}
    return [
        *("rank", "dong_name", "grid_id", "uncovered_households", "households", "area_ha", "households_per_ha"),
        "cover",
        *(f"cover_{need}" for need in need_ids(result)),
        "unmet_need_names",
        *(f"nearest_{layer}_m" for layer in layer_names(result) if layer in found & supplying),
    ]


def _needs(result: DistrictResult) -> Named:
    table = need_table(result)
    rows = result.needs
    state = [need_state(row, result.settings) for row in rows]
    duty = ["-" if row.state is DataState.NONE else "운영" if row.on_duty else "운영 시간 아님" for row in rows]
    worst = table["worst_dong_name"].replace("", NO_DATA)
    table = table.assign(state=state, takes_part=_yes_no(table["takes_part"]), on_duty=duty, worst_dong_name=worst)
    return _named(table.drop(columns=["need", "worst_dong"]), result)


def _threshold_words(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(used=_yes_no(table["used"]), estimated=_yes_no(table["estimated"]))


def _yes_no(values: "pd.Series[bool]") -> "pd.Series[str]":
    return values.map({True: "예", False: "아니요"})


# ---------------------------------------------------------------- the sheets
def _summary(book: "Book", result: DistrictResult) -> None:
    sheet, say = book.page("요약"), book.say
    needs, columns = _needs(result)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, len(needs.columns), 14)
    sheet.write_string(0, 0, f"{result.source.name} {say('1인가구 안심 틈새 분석')}", book.format["title"])
    row = 1
    for words in book.marks:
        sheet.write_string(row, 0, words, book.format["mark"])
        row += 1
    row = _pairs(book, sheet, row + 1, result)
    row = _figures(book, sheet, row + 1, result)
    row = _section(book, sheet, row + 1, "항목별 도달률")
    row = book.table(sheet, row, needs, columns)
    row = _section(book, sheet, row + 1, "자료")
    dates = _source_rows(result)
    row = book.table(sheet, row, dates, columns_of(dates.columns, result))
    row = _section(book, sheet, row + 1, "유의사항")
    edge = f"경계 밖 자료가 없어 순위를 매기지 않은 틈새격자: {len(result.edge_gap_cells):,}개"
    for words in (NOT_CRIME, f"{NO_DATA}: 0이 아니며 판단에서 빠짐", edge, *result.source.notes):
        sheet.merge_range(row, 0, row, 8, "", book.format["note"])
        sheet.write_string(row, 0, say(words), book.format["note"])
        row += 1


def _source_rows(result: DistrictResult) -> pd.DataFrame:
    """Return the dates of each layer and table the result rests on: ``_SOURCE_COLUMNS``."""
    held = {layer.layer: layer for layer in result.source.layers}
    files = basis_files(result)
    rows = [
        {
            "item": data_name(name, result),
            "places": int((~held[name].near).sum()) if name in held else float("nan"),
            "devices": int(held[name].devices[~held[name].near].sum()) if name in held else float("nan"),
            "places_near": int(held[name].near.sum()) if name in held else float("nan"),
            "oldest": oldest or NO_DATE,
            "newest": newest or NO_DATE,
            "imported": ", ".join(dict.fromkeys(file.imported for file in files if file.table == name)) or "-",
            "file": ", ".join(file.file for file in files if file.table == name) or "-",
        }
        for name, (oldest, newest) in result.source.data_dates.items()
    ]
    return pd.DataFrame(rows, columns=_SOURCE_COLUMNS)


def _section(book: "Book", sheet: Any, row: int, words: str) -> int:  # noqa: ANN401 (xlsxwriter has no types)
    sheet.write_string(row, 0, book.say(words), book.format["section"])
    return row + 1


def _pairs(book: "Book", sheet: Any, row: int, result: DistrictResult) -> int:  # noqa: ANN401
    pairs = (
        ("지역", f"{named(result.source.name)} ({result.source.code}), {result.area_km2:,.2f} km²"),
        ("분석 시각", at_words(result)),
        ("대상", result.source.who or "1인가구 전체"),
        ("1인가구 위치", demand_basis(result)),
        ("자료 기준일", span_of(data_range(result), len(undated_data(result)))),
        *((("순위", words),) if (words := stability_words(result)) else ()),
        *((("설정", words),) if (words := changed_settings(result)) else ()),
    )
    for label, words in pairs:
        sheet.write_string(row, 0, book.say(label), book.format["label"])
        sheet.merge_range(row, 1, row, 4, "", book.format["text"])
        sheet.write_string(row, 1, unmarked(book.say(words)), book.format["text"])
        row += 1
    return row


def _figures(book: "Book", sheet: Any, row: int, result: DistrictResult) -> int:  # noqa: ANN401
    combined = need_row(result, COMBINED)
    figures = (
        ("1인가구(가구)", result.households, "#,##0"),
        ("종합 도달률(%)", combined.share_covered, "0.0%"),
        ("미도달 1인가구(가구)", combined.uncovered_households, "#,##0"),
        ("틈새구역(곳)", len(result.gaps), "#,##0"),
        ("틈새구역 면적(ha)", sum(gap.area_ha for gap in result.gaps), "#,##0.0"),
    )
    for place, (label, value, number) in enumerate(figures):
        sheet.write_string(row, place, book.say(label), book.format["header"])
        book.cell(sheet, row + 1, place, value, number, book.say(NO_DATA), figure=True)
    sheet.set_row(row + 1, 26)
    return row + 2


@dataclass
class Book:
    """An open workbook with its formats, and how its pages and tables look.

    ``name`` and ``marks`` are in the language of the book; sheets, headers, texts and what stands for no number are
    said in it here, columns of names left as they are (``maps.said_tables``).
    """

    workbook: Any
    name: str
    marks: Sequence[str]
    threshold: float
    say: Say = str

    def __post_init__(self) -> None:
        self.format = {name: self._make(values) for name, values in _FORMATS.items()}
        self._numbers: dict[tuple[str, bool], Any] = {}

    def _make(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        return self.workbook.add_format({"font_name": _FONT, "font_size": 10, "valign": "vcenter", **values})

    def _number(self, number: str, *, figure: bool) -> Any:  # noqa: ANN401
        key = (number, figure)
        if key not in self._numbers:
            align = {} if figure else {"align": "right", "indent": 0}
            self._numbers[key] = self._make({**_FORMATS["figure" if figure else "text"], **align, "num_format": number})
        return self._numbers[key]

    def page(self, name: str) -> Any:  # noqa: ANN401
        """Add a sheet set up for A4 landscape, one page wide, marked in the printed header."""
        name = self.say(name)[:_LONGEST_SHEET]
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        left, right = self.name.replace("&", "&&"), " · ".join(mark.split(":")[0] for mark in self.marks)
        sheet.set_header(f'&L&"{_FONT}"{left} {name}&R&"{_FONT},굵게"{right.replace("&", "&&")}'[:255])
        sheet.set_footer(f'&C&"{_FONT}"&P / &N')
        return sheet

    def sheet(
        self,
        name: str,
        frame: pd.DataFrame,
        columns: Mapping[str, Column],
        *,
        printed: int = 0,
        wrapped: Mapping[str, int] | None = None,
        missing: Mapping[str, str] | None = None,
    ) -> None:
        """Add a sheet of one table: frozen header, filter, widths; the first ``printed`` columns are printed (0: all).

        ``wrapped`` columns have the width given and wrap; ``missing`` says what stands for no number in a column.
        """
        sheet = self.page(name)
        sheet.write_string(0, 0, f"{self.name} {self.say(name)} | " + " | ".join(self.marks), self.format["mark"])
        last = self.table(sheet, 1, frame, columns, wrapped=wrapped, missing=missing) - 1
        sheet.freeze_panes(2, 3 if printed else 1)
        sheet.autofilter(1, 0, max(last, 1), len(columns) - 1)
        sheet.repeat_rows(1)
        sheet.print_area(0, 0, max(last, 1), (printed or len(columns)) - 1)
        for place, (key, column) in enumerate(columns.items()):
            said = frame_in(self.say, frame[[key]])[key]
            sheet.set_column(place, place, (wrapped or {}).get(key) or _width(_header(column, self.say), said))

    def table(
        self,
        sheet: Any,  # noqa: ANN401
        row: int,
        frame: pd.DataFrame,
        columns: Mapping[str, Column],
        *,
        wrapped: Mapping[str, int] | None = None,
        missing: Mapping[str, str] | None = None,
    ) -> int:
        """Write header and rows from ``row`` down and return the row after the last."""
        sheet.set_row(row, 42)
        guessed = frame["estimated"].eq("예").tolist() if "estimated" in frame else [False] * len(frame)
        frame = frame_in(self.say, frame)
        for place, (name, column) in enumerate(columns.items()):
            sheet.write_string(row, place, _header(column, self.say), self.format["header"])
            text = "wrapped" if wrapped else "text"
            absent = self.say((missing or _DASHES).get(name, _DASHES.get(name, NO_DATA)))
            for below, value in enumerate(frame[name].tolist(), start=row + 1):
                number = _number_format(column)
                if _is_cover(name) and value < self.threshold:
                    number = _percent_format(decimals_below(value, self.threshold, 1))
                if name in _ESTIMATES and guessed[below - row - 1]:
                    number = f'"{self.say(ABOUT)}"#,##0'
                self.cell(sheet, below, place, value, number, absent, text=text)
        for name, width in (wrapped or {}).items():
            for below, value in enumerate(frame[name].tolist(), start=row + 1):
                lines = math.ceil(0.9 * _wide(value) / width)  # of letters mostly narrower than a digit
                if lines > 1:  # a reader that opens the file does not always make room by itself
                    sheet.set_row(below, 15 * lines)
        return row + 1 + len(frame)

    def cell(
        self,
        sheet: Any,  # noqa: ANN401
        row: int,
        place: int,
        value: Any,  # noqa: ANN401
        number: str,
        missing: str,
        *,
        text: str = "text",
        figure: bool = False,
    ) -> None:
        """Write one value: numbers as numbers, what is missing in words, everything else as text."""
        if isinstance(value, str) and not value:
            sheet.write_blank(row, place, None, self.format[text])
        elif isinstance(value, str):
            style = self.format["missing" if value == self.say(NO_DATA) and text == "text" else text]
            sheet.write_string(row, place, value[:_LONGEST_CELL], style)
        elif pd.isna(value):
            sheet.write_string(row, place, missing, self.format["missing"])
        else:
            sheet.write_number(row, place, value, self._number(number, figure=figure))


def _header(column: Column, say: Say = str) -> str:
    percent = column.unit == _SHARE and column.name not in _NOT_PERCENT
    return header_in(say, replace(column, unit="%") if percent else column)


def _number_format(column: Column) -> str:
    if column.name in _COORDINATES:
        return _COORDINATES[column.name]
    if column.unit == _SHARE and column.name not in _NOT_PERCENT:
        return _percent_format(1)
    return "#,##0" + ("." + "0" * column.decimals if column.decimals else "")


def _is_cover(name: str) -> bool:
    return name == "cover" or name.startswith("cover_")


def _percent_format(decimals: int) -> str:
    return f"0.{'0' * decimals}%"


def _width(header: str, values: "pd.Series[Any]") -> float:
    """Return a column's width in characters of the default font: a wide letter is two; headers take 3 lines."""
    longest = max((_wide(value) for value in values.tolist() if isinstance(value, str)), default=0)
    word = max(_wide(word) for word in header.replace("(", " (").split())
    return float(min(max(longest + 3, _wide(header) / 3 + 3, word + 2, 9), 44))


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
