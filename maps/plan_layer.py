"""A plan on the district's map: numbered sites, what each adds, the cover before and after."""

from typing import Any

import numpy as np
import shapely

from geo.crs import to_lonlat
from geo.district import Cover, cover_of_district
from geo.errors import BadSettingError
from geo.frame import make_frame
from geo.model import DistrictResult, Floats
from geo.plans import Plan, Site
from geo.siting.built import with_plan
from layers.catalog import Catalog
from maps import text
from maps.payload import packed_covers
from maps.plan_text import NO_YEARLY, dong_words, is_unstable, money


def check_plan(plan: Plan, result: DistrictResult) -> None:
    """Raise :class:`BadSettingError` where the plan is of another district."""
    if result.source.code not in plan.codes:
        raise BadSettingError(
            f"계획 '{plan.name}'은(는) {plan.district_name}의 것입니다",
            f"ansim map {plan.districts[0].name if plan.districts else plan.district_name} --plan {plan.name}",
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
                    "where": f"{dong_words(plan, site.dong, site.dong_name)} · 국가지점번호 {site.grid_id}",
                    "facts": _facts(plan, site),
                    "loose": is_unstable(site),
                    "zone": _rings(site),
                }
            )
    return {"sites": sites, "closed": _closed(plan), "cover": _covers_after(plan, result)}


def _rings(site: Site) -> list[list[list[float]]]:
    """Return the outer rings of a site that is land, lat before lon as Leaflet takes them; [] for a point."""
    if not site.zone:
        return []
    parts = shapely.get_parts(shapely.simplify(shapely.from_wkt(site.zone), 1.0))
    rings = [shapely.get_coordinates(shapely.get_exterior_ring(part)) for part in parts]
    placed = [to_lonlat(ring[:, 0], ring[:, 1]) for ring in rings]
    return [np.round(np.column_stack([lat, lon]), 6).tolist() for lon, lat in placed]


def _closed(plan: Plan) -> list[dict[str, Any]]:
    """Return the facilities that the plan moves away, with popups."""
    gone = [(layer, one) for layer in plan.layers for one in layer.closed]
    lon, lat = to_lonlat(np.array([one.x for _, one in gone], float), np.array([one.y for _, one in gone], float))
    return [
        {
            "place": [round(float(lon[i]), 6), round(float(lat[i]), 6)],
            "title": f"옮길 기존 {layer.name}",
            "where": f"{dong_words(plan, one.dong, one.dong_name)} · 국가지점번호 {one.grid_id}",
            "facts": [
                ["시설", " ".join(part for part in (one.name, one.address, one.id) if part)],
                ["이용률", "모름" if one.occupancy is None else text.percent(one.occupancy)],
                *([f"{plan.need_names[need]} 잃는 가구", f"{lost:,.1f}가구"] for need, lost in one.lost.items()),
            ],
        }
        for i, (layer, one) in enumerate(gone)
    ]


def _facts(plan: Plan, site: Site) -> list[list[str]]:
    rows = [[f"{plan.need_names[need]} 늘어나는 가구", f"{gain:,.1f}가구"] for need, gain in site.gained.items()]
    rows.append(["비용", f"설치 {money(site.once_krw)}, {_yearly(site, plan.years)}"])
    rows.append(["층 안 순위", f"{site.rank}위"])
    if site.stability is not None:
        loose = " (불안정)" if is_unstable(site) else ""
        rows.append(["자리 안정성", f"{plan.draws}번 가운데 {text.percent(site.stability)}{loose}"])
    if site.forced:
        rows.append(["조건", "꼭 넣을 곳으로 정한 자리"])
    if site.flags:
        rows.append(["확인할 것", site.flags])
    near = site.nearest
    if near is not None:
        rows.append(["가까운 시설", f"{text.metres(near.distance_m)}: {near.address or near.name}"])
        rows.append(["시설 번호", near.id])
    return rows


def _yearly(site: Site, years: int) -> str:
    return f"연간 {money(site.year_krw)} ({years}년 {money(site.total_krw)})" if site.year_krw else NO_YEARLY


def _covers_after(plan: Plan, result: DistrictResult) -> dict[str, str]:
    """Return the covers of the cells once the plan is built, packed as those of the map."""
    source = with_plan(result.source, plan)
    after = cover_of_district(source, make_frame(source, result.settings), result.settings)
    return plan_covers(plan, after, result.settings.gap_threshold)


def plan_covers(plan: Plan, after: Cover, threshold: float) -> dict[str, str]:
    """Return the covers that a plan changes, and the combined one, packed as those of the map."""
    changed: dict[str, Floats] = {text.COMBINED: after.combined}
    changed |= {need: after.by_need[need] for layer in plan.layers for need in layer.gained}
    return packed_covers(changed, threshold)
