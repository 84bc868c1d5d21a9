"""Sites that a planner places by hand, as places: by the id of something known, or by a point on the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.errors import AnsimError
from geo.grid import BadGridNameError, cell_names, parse_cell_name
from geo.model import Places
from geo.plans import Site
from layers.candidates import POLES
from layers.catalog import Cost, LayerSpec
from layers.snapshot import Snapshot


class HandSiteError(AnsimError):
    """A site is named that is nowhere to be found."""

    code = "unknown_site"


@dataclass(frozen=True)
class HandSite:
    """One site: an id, or x and y (EPSG:5179 metres); its cost where the planner says it (won)."""

    id: str = ""
    x: float = np.nan
    y: float = np.nan
    once_krw: float | None = None
    year_krw: float | None = None


@dataclass(frozen=True)
class Offer:
    """What is known of a place: where it is, what stands there, what it costs (NaN unknown)."""

    id: str
    x: float
    y: float
    once_krw: float
    year_krw: float
    kind: str
    name: str = ""
    flag: str = ""
    zone: Any | None = None
    zone_cap: float = 1.0


def offers_of_sites(sites: Sequence[Site]) -> dict[str, Offer]:
    """Return the sites of a plan by id."""
    return {
        s.id: Offer(
            s.id, s.x, s.y, s.once_krw, s.year_krw, s.kind, s.name, s.flags,
            shapely.from_wkt(s.zone) if s.zone else None, s.zone_cap,
        )
        for s in sites
    }  # fmt: skip


def offers_of_places(places: Places) -> dict[str, Offer]:
    """Return candidates by id."""
    zones = places.zones.tolist() if places.zones.size else [None] * len(places.ids)
    caps = places.zone_cap.tolist() if places.zones.size else [1.0] * len(places.ids)
    columns = zip(
        places.ids, places.x.tolist(), places.y.tolist(), places.once_krw.tolist(), places.year_krw.tolist(),
        places.kinds, places.names, places.flags, zones, caps, strict=True,
    )  # fmt: skip
    return {column[0]: Offer(*column) for column in columns}


def hand_places(
    layer: LayerSpec,
    sites: Sequence[HandSite],
    known: Mapping[str, Offer],
    snapshot: Snapshot,
    *,
    needs: Sequence[str] = (),
    cost: tuple[float, float] | None = None,
    level: str = "default",
) -> Places:
    """Return the sites as the places of a layer, in the order given.

    An id is looked for among ``known`` (the plan's sites, its candidates), then among the stored facilities
    (``layer:key``), then as a 국가지점번호, whose centre is meant. A cost that the planner says comes first, then that
    of the known place, then ``cost``, then the catalog's at ``level``. ``needs``: what a site supplies; the layer's
    where nothing is said.

    Raises
    ------
    HandSiteError
        An id is none of these, or a layer of zones has a site that is no zone.
    """
    offers = [_offer(layer, one, i, known, snapshot, cost, level) for i, one in enumerate(sites)]
    zoned = layer.geometry == "zone"
    for i, one in enumerate(offers):
        if zoned != (one.zone is not None):
            raise HandSiteError(f"{i + 1}번째 자리: 이 층은 면으로 놓습니다", "계획의 후보 번호(id)로 주십시오")
    zones = np.empty(len(offers) if zoned else 0, dtype=object)
    zones[:] = [one.zone for one in offers] if zoned else []
    return Places(
        layer.id, layer.name, tuple(needs) or layer.supplies, tuple(one.id for one in offers),
        np.array([one.x for one in offers], float), np.array([one.y for one in offers], float),
        np.array([one.once_krw for one in offers], float), np.array([one.year_krw for one in offers], float),
        tuple(one.kind for one in offers), tuple(one.name for one in offers), tuple(one.flag for one in offers),
        zones=zones, zone_cap=np.array([one.zone_cap for one in offers], float) if zoned else np.empty(0),
    )  # fmt: skip


def _offer(
    layer: LayerSpec, site: HandSite, number: int, known: Mapping[str, Offer], snapshot: Snapshot,
    cost: tuple[float, float] | None, level: str,
) -> Offer:  # fmt: skip
    found = known.get(site.id) if site.id else None
    if found is None:
        x, y, name, pole = _where(site, number, snapshot)
        kind = "기존 지주" if pole and layer.cost_existing_pole_krw is not None else "손으로 놓은 자리"
        once = layer.cost_existing_pole_krw if kind == "기존 지주" else layer.cost_once_krw
        price = cost or (_level(once, level), _level(layer.cost_year_krw, level))
        where = site.id or cell_names(np.array([x]), np.array([y]), 10)[0].replace(" ", "")
        found = Offer(where, x, y, *price, kind, name)
    return Offer(
        found.id, found.x, found.y,
        found.once_krw if site.once_krw is None else site.once_krw,
        found.year_krw if site.year_krw is None else site.year_krw,
        found.kind, found.name, found.flag, found.zone, found.zone_cap,
    )  # fmt: skip


def _where(site: HandSite, number: int, snapshot: Snapshot) -> tuple[float, float, str, bool]:
    """Return x, y, the name of what stands there, and whether it is a pole."""
    if not site.id:
        return site.x, site.y, "", False
    table, _, key = site.id.partition(":")
    rows = snapshot.tables.get(table) if key else None
    if rows is not None and {"key", "geometry"} <= set(rows.columns):
        here = rows[rows["key"] == key]
        here = here[here["geometry"].notna()]
        if len(here):
            point = shapely.point_on_surface(here["geometry"].iloc[0])
            name = str(here["name"].iloc[0]) if "name" in here else ""
            return float(point.x), float(point.y), name, table in POLES
    try:
        x, y, size = parse_cell_name(site.id)
    except BadGridNameError:
        raise HandSiteError(
            f"{number + 1}번째 자리: 모르는 번호입니다", "계획의 후보 번호, '층:번호', 국가지점번호 중 하나"
        ) from None
    return x + size / 2, y + size / 2, "", False


def _level(cost: Cost | None, level: str) -> float:
    return float(getattr(cost, level)) if cost else float("nan")
