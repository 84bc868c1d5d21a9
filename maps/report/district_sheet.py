"""A district on one A4 page: map, five figures, cover by need, top ten gap areas, the plan, what it rests on."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from geo.model import DataState, DistrictResult, GapArea, NeedRow
from geo.plans import LayerPlan, Plan
from layers.catalog import Catalog
from maps import text
from maps.assumptions import NOT_CRIME
from maps.basis import at_words, basis_files, changed_settings, demand_basis, file_words, stability_words
from maps.columns import data_name, data_range, need_row, undated_data
from maps.editions import EDITION_NAMES, shown
from maps.english import Say, markup_in
from maps.estimates import any_estimated, estimated, households
from maps.legend import Html, join
from maps.payload import density_ramp, unstable
from maps.plan_text import NOT_ADDED, gained_words, limit_words, money, proof
from maps.report.district_picture import NUMBERED, TOP, district_picture
from maps.report.drawing import short
from maps.report.room import Words, room_for

MAP_WIDTH_MM = 116.0
_LOWEST = 6
_LONGEST = 160  # letters of a heading


def district_sheet(result: DistrictResult, catalog: Catalog, plan: Plan | None, printed: str, say: Say = str) -> Markup:
    """Return the page. ``printed``: the day it was made, as it is to be read. Internal: it shows gaps.

    ``say`` says a text in the language of the page (``maps.english``): what goes on it is measured in that language.
    """
    view = shown(result, catalog, "internal")
    headings, layers, assumptions, sources = _headings(result), _layers(plan), _assumptions(result), _sources(result)
    west, south, east, north = result.source.boundary.bounds
    room = room_for(
        Words(
            headings=[say(one) for one in headings],
            layers=None if plan is None else [" ".join(map(say, pair)) for pair in layers],
            sources=[say(one) for one in sources],
            assumptions=say(assumptions),
            gaps=min(len(result.gaps), TOP),
            needs=len(result.needs) - 1,
            natural_mm=MAP_WIDTH_MM * (north - south) / (east - west),
        )
    )
    drawn = district_picture(result, view, plan, MAP_WIDTH_MM, room.map_mm)
    aside = [_needs(result), _thresholds(result), _lowest(result) if room.lowest else Html("")]
    middle = Html('<div class="middle"><div class="map">{}{}</div><div class="aside">{}</div></div>').format(
        drawn, _legend(result, catalog, plan), join(aside)
    )
    parts = [_head(result), _banner(headings, room.headings), _figures(result), middle, _gaps(result, catalog)]
    parts += [_plan(plan, layers, room.layers)] if plan else []
    parts += [_basis(assumptions, sources, room.sources), foot(f"{result.source.name} 안심 보고서", printed)]
    return markup_in(say, Html('<section class="page district">{}</section>').format(join(parts)))


def _head(result: DistrictResult) -> Markup:
    source = result.source
    who = short(source.who, 40) or "1인가구 전체"
    facts = (
        f"{result.area_km2:,.2f} km²", f"대상 {who}", f"분석 시각 {at_words(result)}",
        f"자료 기준일 {text.span_of(data_range(result), len(undated_data(result)))}",
    )  # fmt: skip
    made_up = Html('<b class="made-up">가상 자료 — 실제 지역·시설이 아닙니다</b>') if source.made_up else Html("")
    return Html(
        '<header><h1>{} <small>1인가구 안심 보고서</small></h1>{}<b class="edition">{}</b><p>{}</p></header>'
    ).format(
        source.name, made_up, EDITION_NAMES["internal"], join(Html("<span>{}</span>").format(fact) for fact in facts)
    )


def _headings(result: DistrictResult) -> list[str]:
    said = [short(heading, _LONGEST) for heading in result.headings if not heading.startswith("가상 자료")]
    changed = changed_settings(result)
    return [*said, *([short(changed, _LONGEST)] if changed else [])]


def _banner(headings: Sequence[str], most: int) -> Markup:
    if not headings:
        return Html("")
    said = [*headings[:most], *left_out(len(headings) - most, "그 밖의 알림 {}건은 지도에 있습니다")]
    return Html('<div class="banner">{}</div>').format(join(Html("<span>{}</span>").format(one) for one in said))


def left_out(count: int, words: str) -> list[str]:
    """Return the words that say how many were left out, nothing where none was."""
    return [words.format(f"{count:,}")] if count > 0 else []


def _figures(result: DistrictResult) -> Markup:
    combined, guessed = need_row(result, text.COMBINED), any_estimated(result)
    area = sum(gap.area_ha for gap in result.gaps)
    figures = (
        ("1인가구", text.number(result.households), "가구"),
        ("종합 도달률", text.percent(combined.share_covered), ""),
        ("미도달 1인가구", households(combined.uncovered_households, guessed=guessed), "가구"),
        ("틈새구역", text.number(len(result.gaps)), f"곳 ({text.number(area)} ha)"),
        ("하위 25 % 동 도달률", text.percent(combined.bottom_quarter_share), ""),
    )
    return Html('<dl class="figures">{}</dl>').format(
        join(Html("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>").format(*one) for one in figures)
    )


def _legend(result: DistrictResult, catalog: Catalog, plan: Plan | None) -> Markup:
    ramp = density_ramp(result, shown(result, catalog, "internal"))
    boxes = join(
        Html('<span class="pair"><i style="background:{}"></i>{}</span>').format(colour, name)
        for colour, name in zip(ramp.colours, _classes(ramp.breaks), strict=True)
    )
    more = [Html('<span class="pair"><i class="gap">1</i>틈새 {}위까지</span>').format(TOP)]
    more += [Html('<span class="pair"><i class="thin"></i>그 밖의 틈새</span>')] if len(result.gaps) > TOP else []
    if plan is not None:
        named = f"계획한 자리 (번호는 앞의 {NUMBERED}곳)" if len(plan.sites) > NUMBERED else "계획한 자리"
        more.append(Html('<span class="pair"><i class="site">1</i>{}</span>').format(named))
    return Html('<p class="legend"><b>1인가구/ha</b>{}{}</p>').format(boxes, join(more))


def _classes(breaks: Sequence[float]) -> list[str]:
    if not breaks:
        return ["단계 없음"]
    limits = [f"{limit:g}" for limit in breaks]
    between = [f"{low}–{high}" for low, high in pairwise(limits)]
    return [f"{limits[0]} 미만", *between, f"{limits[-1]} 이상"]


def _needs(result: DistrictResult) -> Markup:
    ordered = sorted(result.needs, key=lambda row: row.id != text.COMBINED)
    rows = join(_need(row, result) for row in ordered)
    return Html('<table class="needs"><caption>항목별 도달률 (1인가구 기준)</caption><tbody>{}</tbody></table>').format(
        rows
    )


def _need(row: NeedRow, result: DistrictResult) -> Markup:
    state = text.need_state(row, result.settings)
    note = (
        Html("<small>{}</small>").format(state)
        if row.id != text.COMBINED and state not in {text.LOADED, text.NO_DATA}
        else ""
    )
    if row.state is DataState.NONE or np.isnan(row.share_covered):
        return Html('<tr class="nil"><th scope="row">{}</th><td colspan="2">{}</td></tr>').format(
            row.name, text.NO_DATA
        )
    worst = (
        ""
        if row.worst_dong is None
        else f"최저 {short(result.source.dong_names[row.worst_dong])} {text.percent(row.worst_share)}"
    )
    return Html(
        '<tr class="{}"><th scope="row">{}{}</th><td class="meter"><i style="width:{:.1f}%"></i><small>{}</small></td>'
        '<td class="n">{}</td></tr>'
    ).format(
        "all" if row.id == text.COMBINED else "", row.name, note, 100 * row.share_covered, worst,
        text.percent(row.share_covered),
    )  # fmt: skip


def _thresholds(result: DistrictResult) -> Markup:
    guessed = any_estimated(result)
    rows = join(
        Html(
            '<tr{}><th scope="row">{:g} 미만{}</th><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td></tr>'
        ).format(
            Html(' class="all"') if used else "",
            row.threshold,
            Html(" <small>쓴 기준</small>") if used else "",
            text.number(row.gap_areas),
            text.number(row.area_ha, 1),
            households(row.uncovered_households, guessed=guessed),
        )
        for row in sorted(result.thresholds, key=lambda row: row.threshold)
        for used in [bool(np.isclose(row.threshold, result.settings.gap_threshold))]
    )
    heads = _heads(("도달도", "#틈새구역", "#ha", "#미도달"))
    return Html(
        '<table class="thresholds"><caption>판단 기준을 바꾸면</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(heads, rows)


def _lowest(result: DistrictResult) -> Markup:
    """Return the dong where least is covered, lowest first; ties in dong order."""
    lived = [row for row in result.dongs if not np.isnan(row.share_covered.get(text.COMBINED, np.nan))]
    lived.sort(key=lambda row: row.share_covered[text.COMBINED])
    rows = join(
        Html('<tr><th scope="row">{}</th><td class="n">{}</td><td class="n">{}</td></tr>').format(
            short(result.source.dong_names[row.dong]),
            text.percent(row.share_covered[text.COMBINED]),
            text.number(row.households),
        )
        for row in lived[:_LOWEST]
    )
    return Html(
        '<table class="thresholds"><caption>종합 도달률이 낮은 동</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(_heads(("행정동", "#도달률", "#1인가구")), rows)


def _gaps(result: DistrictResult, catalog: Catalog) -> Markup:
    if not result.gaps:
        judged = any(row.takes_part for row in result.needs if row.id != text.COMBINED)
        why = "기준에 못 미치는 밀집 격자가 없습니다." if judged else "판단에 쓸 자료가 있는 항목이 없습니다."
        return Html('<p class="none">틈새구역이 없습니다. {}</p>').format(why)
    names = {row.id: row.name for row in result.needs}
    top = result.gaps[:TOP]
    guessed = any(estimated(result, gap) for gap in top)
    stable = stability_words(result).split(" (")[0]
    caption = f"틈새구역 {len(top)}곳 (전체 {len(result.gaps):,}곳 가운데 미도달 1인가구가 많은 순). {stable}"
    heads = (
        "순위",
        "행정동",
        "국가지점번호",
        "부족 항목",
        "가까운 시설 (직선)",
        "#1인가구",
        "#미도달",
        "#ha",
        "#도달도",
    )
    return Html(
        '<table class="gaps"><caption>{}{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(
        caption,
        ". 가구 수는 동 단위 추정" if guessed else "",
        _heads(heads),
        join(_gap(gap, result, catalog, names) for gap in top),
    )


def _heads(heads: Iterable[str]) -> Markup:
    return join(
        Html('<th scope="col"{}>{}</th>').format(Html(' class="n"') if head.startswith("#") else "", head.lstrip("#"))
        for head in heads
    )


def _gap(gap: GapArea, result: DistrictResult, catalog: Catalog, names: dict[str, str]) -> Markup:
    guessed = estimated(result, gap)
    loose = Html(" <small>불안정</small>") if unstable(gap) else ""
    cells = [
        Html("<td><b>{}</b></td>").format(gap.rank),
        Html("<td>{}{}</td>").format(short(result.source.dong_names[gap.dong]), loose),
        Html('<td class="id">{}</td>').format(gap.grid_id),
        Html("<td>{}</td>").format(", ".join(names.get(need, need) for need in gap.unmet_needs)),
        Html("<td>{}</td>").format(_nearest(gap, result, catalog)),
    ]
    figures = (
        households(gap.households, guessed=guessed),
        households(gap.uncovered_households, guessed=guessed),
        text.number(gap.area_ha, 1),
        text.below(gap.cover, result.settings.gap_threshold),
    )
    cells += [Html('<td class="n">{}</td>').format(one) for one in figures]
    return Html("<tr>{}</tr>").format(join(cells))


def _nearest(gap: GapArea, result: DistrictResult, catalog: Catalog) -> str:
    """Return the nearest two kinds of facility that would supply what is missing."""
    missing = set(gap.unmet_needs)
    layers = {
        name for name, spec in catalog.layers.items() if spec.geometry == "point" and missing & set(spec.supplies)
    }
    near = [one for one in gap.nearest if one.layer in layers and one.distance_m is not None]
    near.sort(key=lambda one: one.distance_m or 0.0)
    said = ", ".join(f"{one.layer_name} {text.metres(one.distance_m)}" for one in near[:2])
    return said or f"{result.source.near_m / 1000:g} km 안 없음"


def _layers(plan: Plan | None) -> list[tuple[str, str]]:
    """Return what a plan buys, a line a layer: what it is, and what is said of it."""
    return [] if plan is None else [_layer(plan, layer) for layer in plan.layers]


def _layer(plan: Plan, layer: LayerPlan) -> tuple[str, str]:
    spent = f"({limit_words(layer)}), {money(layer.total_krw)} {plan.years}년"
    return f"{layer.name} {len(layer.sites):,}곳", f"{spent}: {gained_words(plan, layer)}. {proof(layer)}"


def _plan(plan: Plan, layers: Sequence[tuple[str, str]], most: int) -> Markup:
    rows = join(Html("<li><b>{}</b> {}</li>").format(*pair) for pair in layers[:most])
    said = [*left_out(len(layers) - most, "그 밖 {}가지 시설은 계획 파일에 있습니다"), NOT_ADDED]
    return Html(
        '<div class="plan"><h2>계획 <span translate="no">{}</span></h2><ul>{}</ul><p class="fine">{}</p></div>'
    ).format(plan.name, rows, " · ".join(said))


def _assumptions(result: DistrictResult) -> str:
    settings, edge = result.settings, len(result.edge_gap_cells)
    said = [
        f"{NOT_CRIME}. 도달도는 시설에서 기준거리까지 1, 최대거리에서 0으로 곧게 줄어든다고 봄.",
        f"틈새: 밀집격자(1인가구의 {result.dense_share_reached:.0%}) 중 종합 도달도 {settings.gap_threshold:g} 미만.",
        f"1인가구 위치: {demand_basis(result)}. 자료 없음은 0이 아니며 판단에서 뺌. 거리는 직선.",
    ]
    said += [f"경계 밖 자료가 없어 순위에서 뺀 틈새격자 {edge:,}개."] if edge else []
    return " ".join(said)


def _sources(result: DistrictResult) -> list[str]:
    """Return the layers with their dates, then the files of boundaries and households."""
    files = [file_words(file) for file in basis_files(result)]
    dates = [f"{data_name(name, result)} {text.span(pair)}" for name, pair in result.source.data_dates.items()]
    return [*dates, *files]


def _basis(assumptions: str, sources: Sequence[str], most: int) -> Markup:
    said = [*sources[:most], *left_out(len(sources) - most, "그 밖 {}건은 지도의 자료 상태에 있습니다")]
    return Html('<div class="basis"><p><b>가정</b> {}</p><p><b>자료와 기준일</b> {}</p></div>').format(
        assumptions, " · ".join(said)
    )


def foot(title: str, printed: str) -> Markup:
    """Return the foot of a page: what it is, the edition, the day."""
    return Html(
        "<footer><span>{}</span><span>내부용 · 공개하지 마십시오</span><span>{} 만듦 · 안심지도</span></footer>"
    ).format(short(title, 50), text.day(printed))
