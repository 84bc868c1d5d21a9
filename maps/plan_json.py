"""A plan as JSON for a page: numbered sites, money, the curve of gain against money, and the proof in two languages."""

from math import isnan
from typing import Any

import numpy as np

from geo.crs import to_lonlat
from geo.model import DistrictInput, Floats
from geo.pairing import shortest_pairs
from geo.plans import EDITED, LayerPlan, Plan, Site
from layers.catalog import Catalog
from maps.plan_english import proof_in_english
from maps.plan_text import limit_words, proof

_ABOUT = (
    "name", "made_at", "data_version", "district", "district_name", "at", "who", "years", "settings", "weights",
    "need_names", "data_dates", "notes", "made_up", "households", "before", "after", "gained", "seconds", "draws",
)  # fmt: skip


def plan_json(plan: Plan, catalog: Catalog, *, version: int, source: DistrictInput | None = None) -> dict[str, Any]:
    """Return a plan as plain values; nothing that is not known is a number.

    ``version`` is of the data now, ``source`` gives the reaches of the layers.
    """
    values = plan.as_dict()
    return {
        **{name: values[name] for name in _ABOUT},
        "current": plan.data_version == version,
        "status": plan.status,
        "edited": any(layer.status == EDITED for layer in plan.layers),
        "within": str(plan.extra.get("within") or ""),
        **_money(plan.sites),
        "layers": [
            _layer(layer, plan, catalog, source, given, first)
            for layer, given, first in zip(plan.layers, values["layers"], _first_numbers(plan), strict=True)
        ],
        "sites": _sites(plan),
        "gaps": values["gaps"],
        "reruns": values["reruns"],
    }


def summary(plan: Plan, version: int) -> dict[str, Any]:
    """Return what a list of plans says of one."""
    return {
        "name": plan.name,
        "district": plan.district,
        "district_name": plan.district_name,
        "districts": [one.name for one in plan.districts],
        "made_at": plan.made_at,
        "data_version": plan.data_version,
        "current": plan.data_version == version,
        "years": plan.years,
        "layers": [
            {"layer": layer.layer, "name": layer.name, "sites": len(layer.sites), "total_krw": layer.total_krw}
            for layer in plan.layers
        ],
        "sites": len(plan.sites),
        **_money(plan.sites),
        "before": plan.before,
        "after": plan.after,
        "gained": dict(plan.gained),
        "status": plan.status,
        "edited": any(layer.status == EDITED for layer in plan.layers),
        "share": _share(plan),
    }


def compared(plans: list[Plan], version: int) -> dict[str, Any]:
    """Return plans side by side: what differs in what they rest on, and the sites they have in common."""
    rests: dict[str, list[Any]] = {
        "district": [plan.district for plan in plans],
        "data_version": [plan.data_version for plan in plans],
        "at": [plan.at for plan in plans],
        "who": [plan.who for plan in plans],
        "years": [plan.years for plan in plans],
        "settings": [_plain(plan.as_dict()["settings"]) for plan in plans],
    }
    differ = [name for name, values in rests.items() if any(value != values[0] for value in values)]
    ids = [{f"{site.layer}/{site.id}" for site in plan.sites} for plan in plans]
    return {
        "plans": [summary(plan, version) for plan in plans],
        "comparable": not set(differ) - {"years"},
        "differ": differ,
        "needs": {need: name for plan in plans for need, name in plan.need_names.items()},
        "shared": [[len(one & other) for other in ids] for one in ids],
        "only": [sorted(one.difference(*(ids[:i] + ids[i + 1 :]))) for i, one in enumerate(ids)],
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON values; a stored plan has lists for tuples
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _share(plan: Plan) -> float | None:
    """Return the share of the possible gain that a plan has at least, None where nothing is proved of a layer."""
    gaps = [layer.gap for layer in plan.layers]
    return None if not gaps or any(isnan(gap) for gap in gaps) else 1 - max(gaps)


def _money(sites: tuple[Site, ...]) -> dict[str, float]:
    return {name: sum(getattr(site, name) for site in sites) for name in ("once_krw", "year_krw", "total_krw")}


def _layer(
    layer: LayerPlan, plan: Plan, catalog: Catalog, source: DistrictInput | None, values: dict[str, Any], first: int
) -> dict[str, Any]:
    spec = catalog.layers.get(layer.layer)
    told = {name: value for name, value in values.items() if name != "sites"}
    return told | {
        "colour": spec.colour if spec else "#555555",
        "unit": spec.unit if spec else "곳",
        "cost_source": spec.cost_source if spec else "",
        "limits": limit_words(layer),
        "reach_m": _reach(layer, plan, source),
        **_money(layer.sites),
        "closed": _closed(layer, values["closed"], first),
        "proof": {"ko": proof(layer), "en": proof_in_english(layer)},
        "curve": _curve(layer),
    }


def _first_numbers(plan: Plan) -> list[int]:
    """Return the number of each layer's first site, from 1 on."""
    counts = [len(layer.sites) for layer in plan.layers]
    return [1 + sum(counts[:i]) for i in range(len(counts))]


def _closed(layer: LayerPlan, values: list[dict[str, Any]], first: int) -> list[dict[str, Any]]:
    """Return what is moved away, with where it is and ``to``, the number of the site it moves to (None: nowhere).

    The plan says which are taken and which are built; who goes where changes nothing of its figures. Pairs are those
    of the least total distance.
    """
    gone, sites = layer.closed, layer.sites
    lon, lat = to_lonlat(np.array([c.x for c in gone], float), np.array([c.y for c in gone], float))
    taken, built, away_m = shortest_pairs(
        np.array([(c.x, c.y) for c in gone], float).reshape(-1, 2),
        np.array([(s.x, s.y) for s in sites], float).reshape(-1, 2),
    )
    to = dict(zip(taken.tolist(), zip(built.tolist(), away_m.tolist(), strict=True), strict=True))
    return [
        {
            **value,
            "lon": round(float(lon[i]), 7),
            "lat": round(float(lat[i]), 7),
            "to": first + to[i][0] if i in to else None,
            "distance_m": round(to[i][1], 1) if i in to else None,
        }
        for i, value in enumerate(values)
    ]


def _reach(layer: LayerPlan, plan: Plan, source: DistrictInput | None) -> list[float]:
    needs = [s.need for s in source.supplies if s.need.id in layer.gained] if source else []
    factor = float(plan.settings.get("reach_factor", 1.0))
    return [
        round(max((getattr(need, name) for need in needs), default=0.0) * factor, 1) for name in ("full_m", "none_m")
    ]


def _curve(layer: LayerPlan) -> dict[str, Any]:
    """Return what the money buys, site by site, from nothing on."""
    needs = list(dict.fromkeys(need for site in layer.sites for need in site.gained))

    def running(values: list[float]) -> list[float]:
        total: Floats = np.cumsum([0.0, *values])
        return [round(value, 6) for value in total.tolist()]

    return {
        "krw": running([site.total_krw for site in layer.sites]),
        "score": running([site.score for site in layer.sites]),
        "gained": {need: running([site.gained.get(need, 0.0) for site in layer.sites]) for need in needs},
    }


def _sites(plan: Plan) -> list[dict[str, Any]]:
    sites = plan.sites
    lon, lat = to_lonlat(np.array([s.x for s in sites], float), np.array([s.y for s in sites], float))
    values = [site for layer in plan.as_dict()["layers"] for site in layer["sites"]]
    return [
        {
            "number": number,
            **value,
            "lon": round(float(one_lon), 7),
            "lat": round(float(one_lat), 7),
            "per_million": {
                need: gain / (value["total_krw"] / 1e6) if value["total_krw"] else None
                for need, gain in value["gained"].items()
            },
        }
        for number, (value, one_lon, one_lat) in enumerate(zip(values, lon, lat, strict=True), 1)
    ]
