"""A plan on the district's map: numbered sites, what each adds, the cover before and after."""

from typing import Any

import numpy as np
from markupsafe import Markup

from geo.crs import to_lonlat
from geo.district import Cover, cover_of_district
from geo.errors import BadSettingError
from geo.frame import make_frame
from geo.model import DistrictInput, DistrictResult, Floats
from geo.plans import LayerPlan, Plan, Site
from geo.siting.planning import with_sites
from layers.catalog import Catalog
from maps import text
from maps.legend import Html, join
from maps.panel import figure, table
from maps.payload import packed_covers
from maps.plan_text import NOT_ADDED, gained_words, limit_words, money, proof


def check_plan(plan: Plan, result: DistrictResult) -> None:
    """Raise :class:`BadSettingError` where the plan is of another district."""
    if plan.district != result.source.code:
        raise BadSettingError(
            f"계획 '{plan.name}'은(는) {plan.district_name}의 것입니다",
            f"ansim map {plan.district_name} --plan {plan.name}",
        )


def plan_payload(plan: Plan, result: DistrictResult, catalog: Catalog) -> dict[str, Any]:
    """Return what ``assets/plan.js`` draws: sites with popups, reaches in metres, and cells' cover once built."""
    reach = {s.need.id: s.need for s in result.source.supplies}
    factor = result.settings.reach_factor
    sites: list[dict[str, Any]] = []
    for layer in plan.layers:
        spec = catalog.layers.get(layer.layer)
        needs = [reach[need] for need in layer.gained if need in reach]
        full = max((need.full_m for need in needs), default=0.0)
        none = max((need.none_m for need in needs), default=0.0)
        for site in layer.sites:
            lon, lat = to_lonlat(np.array([site.x]), np.array([site.y]))
            sites.append(
                {
                    "place": [round(float(lon[0]), 6), round(float(lat[0]), 6)],
                    "colour": spec.colour if spec else "#555555",
                    "reach": [round(full * factor, 1), round(none * factor, 1)],
                    "title": f"{len(sites) + 1}번 {layer.name} ({site.kind})",
                    "where": f"{site.dong_name} · 국가지점번호 {site.grid_id}",
                    "facts": _facts(plan, site),
                }
            )
    return {"sites": sites, "cover": _covers_after(plan, result)}


def _facts(plan: Plan, site: Site) -> list[list[str]]:
    rows = [[f"{plan.need_names[need]} 늘어나는 가구", f"{gain:,.1f}가구"] for need, gain in site.gained.items()]
    rows.append(
        ["비용", f"설치 {money(site.once_krw)}, 연간 {money(site.year_krw)} ({plan.years}년 {money(site.total_krw)})"]
    )
    rows.append(["층 안 순위", f"{site.rank}위"])
    if site.stability is not None:
        rows.append(["자리 안정성", text.percent(site.stability)])
    if site.flags:
        rows.append(["확인할 것", site.flags])
    near = site.nearest
    if near is not None:
        rows.append(["가까운 시설", f"{text.metres(near.distance_m)}: {near.address or near.name}"])
        rows.append(["시설 번호", near.id])
    return rows


def _covers_after(plan: Plan, result: DistrictResult) -> dict[str, str]:
    """Return the covers of the cells once the plan is built, packed as those of the map."""
    source = built(result.source, plan)
    after = cover_of_district(source, make_frame(source, result.settings), result.settings)
    return plan_covers(plan, after, result.settings.gap_threshold)


def built(source: DistrictInput, plan: Plan) -> DistrictInput:
    """Return the district with a plan's sites built."""
    for layer in plan.layers:
        x, y = (np.array([getattr(s, axis) for s in layer.sites], float) for axis in ("x", "y"))
        source = with_sites(source, tuple(layer.gained), x, y)
    return source


def plan_covers(plan: Plan, after: Cover, threshold: float) -> dict[str, str]:
    """Return the covers that a plan changes, and the combined one, packed as those of the map."""
    changed: dict[str, Floats] = {text.COMBINED: after.combined}
    changed |= {need: after.by_need[need] for layer in plan.layers for need in layer.gained}
    return packed_covers(changed, threshold)


def plan_switch(plan: Plan) -> Markup:
    """Return the switch between before and after that stands over the map."""
    return Html(
        '<div id="plan-switch" role="group" aria-label="계획 전과 후">'
        '<b>{}</b><button type="button" data-after="0" aria-pressed="false">계획 전</button>'
        '<button type="button" data-after="1" aria-pressed="true">계획 후</button></div>'
    ).format(plan.name or "계획")


def plan_tab(plan: Plan) -> tuple[str, str, Markup]:
    """Return the panel's tab of the plan: id, title, body."""
    parts, start = [], 0
    for layer in plan.layers:
        parts += [_summary(plan, layer), _sites(layer, start)]
        start += len(layer.sites)
    notes = [NOT_ADDED, f"자료 판 {plan.data_version}에서 계산, 따로 다시 세어 같음"]
    parts.append(Html('<p class="note">{}</p>').format(". ".join(notes)))
    return "plan", f"계획 {len(plan.sites)}", join(parts)


def _summary(plan: Plan, layer: LayerPlan) -> Markup:
    return Html(
        '<div class="plan-summary"><h2>{}: {}곳</h2><p>{}. 비용 {} ({}년)</p><p><b>{}</b></p><p>{}</p></div>'
    ).format(
        layer.name, len(layer.sites), limit_words(layer), money(layer.total_krw), plan.years,
        gained_words(plan, layer), proof(layer),
    )  # fmt: skip


def _sites(layer: LayerPlan, start: int) -> Markup:
    heads = ("번호", "자리 (국가지점번호)", "#늘어나는 가구", "#백만 원당")
    rows = (_row(site, start + i) for i, site in enumerate(layer.sites))
    caption = "비용당 종합 도달이 많이 느는 순; 가구는 앞 번호를 지은 뒤에 더하는 수"
    return table(f"sites-{layer.layer}", heads, rows, caption=caption)


def _row(site: Site, index: int) -> Markup:
    gained = next(iter(site.gained.values()), float("nan"))
    per = gained / (site.total_krw / 1e6) if site.total_krw else float("nan")
    flags = Html("<small>{}</small>").format(site.flags) if site.flags else ""
    return Html(
        '<tr data-site="{}"><td class="rank"><b>{}</b></td><td><button type="button">{}</button>'
        "<small>{} · {}</small>{}</td>{}{}</tr>"
    ).format(
        index, index + 1, site.dong_name or "-", site.grid_id, site.kind, flags,
        figure(text.number(gained, 1), gained), figure(text.number(per, 2) if site.total_krw else "-", per),
    )  # fmt: skip
