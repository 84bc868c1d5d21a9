"""The title, the banner and the legend of a district map, as safe markup.

Every text comes in through ``Markup.format``, which escapes it; markup is only ever written in this file.
"""

from collections.abc import Iterable

import numpy as np
from markupsafe import Markup

from geo.model import DistrictResult
from layers.catalog import Catalog
from maps import text
from maps.basis import at_words, changed_settings, demand_basis
from maps.editions import EDITION_NAMES, Shown
from maps.estimates import estimated
from maps.facilities import Look, look, on_at_first
from maps.payload import by_dong, density_ramp
from maps.ramps import COVER_RAMP, Ramp

Html = Markup
_SHAPES = {
    "circle": '<circle cx="8" cy="8" r="5"/>',
    "square": '<rect x="3.5" y="3.5" width="9" height="9"/>',
    "triangle": '<path d="M8 2.5 14 13H2z"/>',
    "diamond": '<path d="M8 1.8 14.2 8 8 14.2 1.8 8z"/>',
}


def join(parts: Iterable[Markup]) -> Markup:
    """Join safe markup."""
    return Markup("").join(parts)


def head(result: DistrictResult, shown: Shown) -> Markup:
    """Return the title line with the edition mark, and the banner of headings."""
    source = result.source
    facts = [f"1인가구 {text.number(shown.households)}", f"{text.number(result.area_km2, 2)} km²"]
    if source.who:
        facts.insert(0, f"대상 {source.who}")
    if shown.internal:
        facts.append(f"분석 시각 {at_words(result)}")
    facts.append(f"자료 기준일 {text.span_of(shown.dates, len(shown.undated))}")
    headings = [heading for heading in shown.headings if not heading.startswith("가상 자료")]
    banners = [Html('<b class="made-up">가상 자료 — 실제 지역·시설이 아닙니다</b>')] if source.made_up else []
    changed = changed_settings(result) if shown.internal else ""
    banners += [Html("<b>{}</b>").format(changed)] if changed else []
    banners += [Html("<b>{}</b>").format(heading) for heading in dict.fromkeys(headings)]
    return Html(
        '<header id="top"><h1>{} <small>안심지도</small></h1><p>{}</p><b class="edition {}">{}</b></header>{}\n'
    ).format(
        source.name,
        join(Html("<span>{}</span>").format(fact) for fact in facts),
        shown.edition,
        EDITION_NAMES[shown.edition],
        Html('<div id="banner" role="note">{}</div>').format(join(banners)) if banners else "",
    )


# ---------------------------------------------------------------- legend, over the map
def legend(result: DistrictResult, catalog: Catalog, shown: Shown) -> Markup:
    """Return the legend, which is also where layers are switched."""
    layers = [(look(layer, catalog), on_at_first(layer, catalog)) for layer in shown.layers]
    absent = [looks.name for looks, _ in layers if not looks.known and not looks.near]
    counted = "구 안 수 · 옅은 표시는 구 밖" if any(looks.near for looks, _ in layers) else "구 안 수"
    rows = join(_layer_row(looks, on) for looks, on in layers if looks.known or looks.near)
    # One line, which a press unfolds: many layers without data must not push the others out of sight.
    nothing = Html('<details class="none"><summary>{}: {}</summary></details>').format(text.NO_DATA, ", ".join(absent))
    return Html(
        '<section id="legend" aria-label="범례와 지도 층"><button type="button" id="legend-toggle" '
        'aria-expanded="true" aria-controls="legend-body">범례</button><div id="legend-body">{}{}'
        "<h2>시설 <small>{}</small></h2>{}{}</div></section>"
    ).format(
        _gap_legend(result) if shown.internal else "",
        _shade_legend(result, shown),
        counted,
        rows or Html('<p class="none">불러온 시설이 없습니다</p>'),
        nothing if absent else "",
    )


def _gap_legend(result: DistrictResult) -> Markup:
    edge = len(result.edge_gap_cells)
    guessed = any(estimated(result, gap) for gap in result.gaps)
    return Html(
        '<label class="row"><input type="checkbox" id="show-gaps" checked><i class="swatch gap">1</i>'
        "<span>틈새구역 (순위){}</span><em>{}</em></label>{}"
    ).format(
        Html("<small>동 단위 추정</small>") if guessed else "",
        text.number(len(result.gaps)),
        Html(
            '<div class="row still"><i class="swatch edge"></i><span>경계 미확인, 순위 제외</span><em>{}</em></div>'
        ).format(text.number(edge))
        if edge
        else "",
    )


def _shade_legend(result: DistrictResult, shown: Shown) -> Markup:
    whole = by_dong(result, shown)
    unit = "동" if whole.all() else "100 m 격자" if not whole.any() else "100 m 격자, 일부 동 단위 추정"
    if shown.internal and whole.all():
        unit = "동 단위 추정"
    basis = f". {demand_basis(result)}" if shown.internal and not whole.all() else ""
    ramps = [_ramp("density", density_ramp(result, shown), f"가구/ha · {unit} · 같은 수씩 나눔{basis}")]
    options = [("density", "1인가구 밀도")]
    if shown.internal:
        ramps.append(_ramp("cover", COVER_RAMP, "도달도 % · 100 m 격자"))
        options += [("cover:combined", "종합 도달도")] + [
            (f"cover:{row.id}", f"{row.name} 도달도")
            for row in result.needs
            if row.id in result.cells.cover_by_need and not np.isnan(result.cells.cover_by_need[row.id]).all()
        ]
    options.append(("none", "바탕색 없음"))
    blank = Html('<div class="row still"><i class="swatch blank"></i><span>{}</span></div>').format(
        "흰 칸: 1인가구 없음" if shown.internal and not whole.all() else "흰 동: 1인가구 없음"
    )
    withheld = shown.dong_households.count(None)
    note = Html('<div class="row still"><i class="swatch withheld"></i><span>{} (비공개)</span></div>').format(
        text.WITHHELD
    )
    return Html(
        '<div class="group"><h2><label for="shade">바탕색</label></h2><select id="shade">{}</select>{}{}{}</div>'
    ).format(
        join(Html('<option value="{}">{}</option>').format(*option) for option in options),
        join(ramps),
        blank,
        note if withheld and not shown.internal else "",
    )


def _ramp(name: str, ramp: Ramp, unit: str) -> Markup:
    """Return a strip of colours with the limits under the joints."""
    boxes = join(Html('<i style="background:{}"></i>').format(colour) for colour in ramp.colours)
    limits = join(
        Html('<span style="left:{:.1f}%">{:g}</span>').format(100 * (i + 1) / len(ramp.colours), limit)
        for i, limit in enumerate(ramp.breaks)
    )
    return Html(
        '<div class="ramp" data-shade="{}"{}><div class="boxes">{}</div><div class="limits">{}</div><p>{}</p></div>'
    ).format(name, "" if name == "density" else Html(" hidden"), boxes, limits, unit)


def swatch(looks: Look) -> Markup:
    """Return the marker of a layer as a small picture."""
    if looks.zone:
        return Html('<i class="swatch zone" style="--c:{}"></i>').format(looks.colour)
    return Html('<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true" fill="{}">{}</svg>').format(
        looks.colour, Html(_SHAPES[looks.shape])
    )


def _layer_row(looks: Look, on: bool) -> Markup:  # noqa: FBT001 - one of a pair
    return Html(
        '<label class="row{}"><input type="checkbox" data-layer="{}"{}>{}<span>{}</span><em>{}</em></label>'
    ).format(
        ("" if on else " off") + ("" if looks.known else " unknown"),
        looks.id,
        Html(" checked") if on else Html("") if looks.known else Html(" disabled"),
        swatch(looks),
        looks.name,
        text.number(looks.inside) if looks.known else text.NO_DATA,
    )
