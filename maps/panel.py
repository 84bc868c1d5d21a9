"""The panel beside a district map: ranked gaps, the district's tables, data and method, as safe markup.

Every text comes in through ``Markup.format``, which escapes it. All of it is in the file and readable
without a script; ``assets/panel.js`` makes the tabs, the sorting and the zooming.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from markupsafe import Markup

from geo.model import DataState, DistrictResult, GapArea, NeedRow, Settings, ThresholdRow
from layers.catalog import Catalog
from maps import text
from maps.basis import BOTTOM_QUARTER, BOTTOM_QUARTER_MEANING, stability_words
from maps.editions import Shown
from maps.estimates import any_estimated, estimated, households, tens
from maps.legend import Html, join
from maps.method import data_table, method_list
from maps.payload import dong_area_ha, unstable


def panel(
    result: DistrictResult, catalog: Catalog, shown: Shown, first: Sequence[tuple[str, str, Markup]] = ()
) -> Markup:
    """Return the panel: internal four tabs, public two; ``first`` (id, title, body) stand before them."""
    data = join([data_table(result, catalog, shown), method_list(result, catalog, shown)])
    tabs = [("dongs", "동별", dong_table(result, shown)), ("data", "자료·방법" if shown.internal else "자료", data)]
    if shown.internal:
        tabs = [
            ("gaps", f"틈새구역 {len(result.gaps)}", gap_list(result)),
            ("district", "구 현황", join([need_table(result), threshold_table(result)])),
            *tabs,
        ]
    tabs = [*first, *tabs]
    buttons = join(
        Html(
            '<button type="button" role="tab" id="tab-{0}" aria-controls="panel-{0}" aria-selected="{1}">{2}</button>'
        ).format(name, "true" if i == 0 else "false", title)
        for i, (name, title, _) in enumerate(tabs)
    )
    sections = join(
        Html('<section role="tabpanel" id="panel-{0}" aria-labelledby="tab-{0}" tabindex="0"{1}>{2}</section>').format(
            name, "" if i == 0 else Html(' class="closed"'), body
        )
        for i, (name, _, body) in enumerate(tabs)
    )
    return Html(
        '<aside id="panel" aria-label="표와 목록"><button type="button" id="panel-toggle" aria-expanded="true" '
        'aria-controls="panel-body"><span>목록·표</span></button>'
        '<div id="panel-body"><div id="tabs" role="tablist">{}</div>{}</div></aside>\n'
    ).format(buttons, sections)


def table(name: str, heads: Sequence[str], rows: Iterable[Markup], *, caption: str, sortable: bool = False) -> Markup:
    """Return a table. A head that begins with ``#`` is a column of numbers."""
    cells = join(
        Html('<th scope="col"{}>{}</th>').format(
            Html(' class="n"') if title.startswith("#") else "",
            Html('<button type="button">{}</button>').format(title.lstrip("#")) if sortable else title.lstrip("#"),
        )
        for title in heads
    )
    return Html(
        '<div class="scroll"><table id="{}"{}><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(name, Html(' class="sortable"') if sortable else "", caption, cells, join(rows))


def figure(shown_as: str, value: float | None = None, *, bar: bool = False) -> Markup:
    """Return a cell of a figure; ``value`` sorts it, ``bar`` draws a share of 0..1 behind it."""
    if value is None or np.isnan(value):
        return Html('<td class="n{}">{}</td>').format(" nil" if shown_as == text.NO_DATA else "", shown_as)
    style = Html(' style="--v:{:.0f}%"').format(100 * value) if bar else ""
    return Html('<td class="n{}" data-v="{:.6g}"{}>{}</td>').format(" bar" if bar else "", value, style, shown_as)


def share(value: float) -> Markup:
    """Return a cell of a share of 0..1 with its bar."""
    return figure(text.percent(value), value, bar=True)


# ---------------------------------------------------------------- gaps
def gap_list(result: DistrictResult) -> Markup:
    """Return the ranked list. Each row has a button that zooms to its gap area and opens its popup."""
    if not result.gaps:
        judged = any(row.takes_part for row in result.needs if row.id != text.COMBINED)
        reason = "기준에 못 미치는 밀집 격자가 없습니다." if judged else "판단에 쓸 자료가 있는 항목이 없습니다."
        return Html('<p class="none">틈새구역이 없습니다. {}</p>').format(reason)
    uncovered = sum(gap.uncovered_households for gap in result.gaps)
    part = uncovered / result.households if result.households else float("nan")
    guessed = any(estimated(result, gap) for gap in result.gaps)
    caption = Html('{} · <span class="whole">{}</span>').format(
        f"{text.number(len(result.gaps))}곳, {text.number(sum(gap.area_ha for gap in result.gaps))} ha · "
        f"미도달 가구 {households(uncovered, guessed=guessed)} (구의 {text.percent(part)})",
        stability_words(result),
    )
    names = {row.id: row.name for row in result.needs}
    rows = (_gap_row(i, gap, result, names) for i, gap in enumerate(result.gaps))
    listed = table("gaps", ("순위", "위치 (국가지점번호)", "부족 항목", "#미도달 가구"), rows, caption=caption)
    return join([_estimate_note(result), listed]) if guessed else listed


def _estimate_note(result: DistrictResult) -> Markup:
    """Return what to make of households known by dong only, and what would sharpen them."""
    lived_in = (
        ""
        if len(result.source.not_lived_in)
        else " 대학, 공원, 물처럼 사람이 살지 않는 곳을 ‘비거주 지역’ 구역 파일로 불러오면 추정에서 빠집니다."
    )
    return Html(
        '<p class="note"><b>동 단위 추정</b> 가구 수는 동 합계를 면적에 따라 나눈 어림값(십 단위)입니다. '
        "100 m 단위로 아는 것은 시설이 닿는 정도뿐입니다.{}</p>"
    ).format(lived_in)


def _gap_row(index: int, gap: GapArea, result: DistrictResult, names: dict[str, str]) -> Markup:
    uncovered, guessed = gap.uncovered_households, estimated(result, gap)
    return Html(
        '<tr data-gap="{}"><td class="rank"><b>{}</b></td><td><button type="button">{}</button>{}<small>{}</small></td>'
        '<td class="chips">{}</td>{}</tr>'
    ).format(
        index,
        gap.rank,
        result.source.dong_names[gap.dong],
        Html(' <i class="unsure" title="가정을 흔든 추출 가운데 순위가 유지된 비율">불안정 {}</i>').format(
            text.percent(gap.stability)
        )
        if unstable(gap)
        else "",
        gap.grid_id,
        join(Html("<i>{}</i>").format(names.get(need, need)) for need in gap.unmet_needs),
        figure(households(uncovered, guessed=guessed), tens(uncovered, guessed=guessed)),
    )


# ---------------------------------------------------------------- district
def need_table(result: DistrictResult) -> Markup:
    """Return the district table: a row a need, and combined."""
    ordered = sorted(result.needs, key=lambda row: row.id != text.COMBINED)
    heads = ("항목", "#도달률", "#미도달 가구", "최저 동", f"#{BOTTOM_QUARTER}")
    caption = f"항목별 도달률 (1인가구 기준). {BOTTOM_QUARTER}: {BOTTOM_QUARTER_MEANING}"
    return table(
        "needs", heads, [_need_row(row, result.source.dong_names, result.settings) for row in ordered], caption=caption
    )


def _need_row(row: NeedRow, dongs: tuple[str, ...], settings: Settings) -> Markup:
    name = Html('<th scope="row">{}{}</th>').format(row.name, _state_note(row, settings))
    if row.state == DataState.NONE:
        return Html('<tr class="off">{}<td class="nil" colspan="4">{}</td></tr>').format(name, text.NO_DATA)
    worst = ""
    if row.worst_dong is not None:
        worst = Html("{} <small>{}</small>").format(dongs[row.worst_dong], text.percent(row.worst_share))
    return Html('<tr class="{}">{}{}{}<td>{}</td>{}</tr>').format(
        "all" if row.id == text.COMBINED else "" if row.takes_part else "off",
        name,
        share(row.share_covered),
        figure(text.number(row.uncovered_households), row.uncovered_households),
        worst,
        figure(text.percent(row.bottom_quarter_share), row.bottom_quarter_share),
    )


def _state_note(row: NeedRow, settings: Settings) -> Markup:
    state = text.need_state(row, settings)
    if row.id == text.COMBINED or state in {text.LOADED, text.NO_DATA}:
        return Html("")
    return Html("<small>{}</small>").format(state)


def threshold_table(result: DistrictResult) -> Markup:
    """Return what the gaps come to at each threshold; the one used is marked."""
    guessed = any_estimated(result)
    heads = ("기준", "#틈새 격자", "#틈새구역", "#면적 ha", "#1인가구", "#미도달 가구")
    rows = (
        _threshold_row(row, used=bool(np.isclose(row.threshold, result.settings.gap_threshold)), guessed=guessed)
        for row in sorted(result.thresholds, key=lambda row: row.threshold)
    )
    caption = f"판단 기준을 바꾸면 (쓴 기준: 도달도 {result.settings.gap_threshold:g} 미만)"
    if guessed:
        caption += ". 가구 수는 동 단위 추정"
    return table("thresholds", heads, rows, caption=caption)


def _threshold_row(row: ThresholdRow, *, used: bool, guessed: bool) -> Markup:
    return Html('<tr{}><th scope="row">{:g} 미만{}</th>{}</tr>').format(
        Html(' class="all"') if used else "",
        row.threshold,
        Html("<small>쓴 기준</small>") if used else "",
        join(
            [
                *(
                    figure(text.number(value, d))
                    for value, d in ((row.gap_cells, 0), (row.gap_areas, 0), (row.area_ha, 1))
                ),
                *(figure(households(n, guessed=guessed)) for n in (row.households, row.uncovered_households)),
            ]
        ),
    )


# ---------------------------------------------------------------- dong
def dong_table(result: DistrictResult, shown: Shown) -> Markup:
    """Return the dong table; in the public edition households and area only."""
    area = dong_area_ha(result)
    by_dong = {row.dong: row for row in result.dongs}
    needs = [row for row in result.needs if row.id != text.COMBINED and row.state != DataState.NONE]
    rows = []
    for i, name in enumerate(result.source.dong_names):
        count = shown.dong_households[i]
        cells = [
            Html('<th scope="row"><button type="button">{}</button></th>').format(name),
            figure(text.number(count), count) if count is not None else figure(_missing(shown)),
        ]
        row = by_dong.get(i)
        if shown.internal and row is not None:
            cells.append(share(row.share_covered.get(text.COMBINED, float("nan"))))
            cells.append(figure(text.number(row.uncovered_households), row.uncovered_households))
            cells.append(figure(text.number(row.gap_areas), row.gap_areas))
            cells.append(figure(text.number(row.dense_households), row.dense_households))
            cells += [share(row.share_covered.get(need.id, float("nan"))) for need in needs]
        elif not shown.internal:
            cells.append(figure(text.number(area[i]), area[i]))
            density = float("nan") if count is None else count / max(float(area[i]), 1e-9)
            cells.append(figure(text.number(density, 1) if count is not None else _missing(shown), density))
        rows.append(Html('<tr data-dong="{}">{}</tr>').format(i, join(cells)))
    heads = ["동", "#1인가구"]
    if shown.internal:
        heads += ["#종합", "#미도달 가구", "#틈새", "#밀집 가구", *(f"#{need.name}" for need in needs)]
    else:
        heads += ["#면적 ha", "#가구/ha"]
    return table("dong-table", heads, rows, caption=_dong_caption(shown), sortable=True)


def _missing(shown: Shown) -> str:
    return text.NO_DATA if shown.internal else text.WITHHELD


def _dong_caption(shown: Shown) -> str:
    if shown.internal:
        return Html(
            '<span class="stay">동별 도달률 (1인가구 기준)<span class="screen">. '
            "제목을 누르면 정렬하고, 옆으로 밀면 항목이 더 있습니다</span></span>"
        )
    withheld = shown.dong_households.count(None)
    without = f". {text.WITHHELD}인 {withheld}개 동은 비공개이며 합계에서 뺐습니다" if withheld else ""
    return f"동별 1인가구 (합계 {text.number(shown.households)}{without})"
