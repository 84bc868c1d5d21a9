"""Where new facilities could stand: places from stored layers, a grid, or the planner's own file (domain.md 1, 5).

What is no candidate is counted with the reason, and what is to be settled before building is flagged.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.grid import cell_names, lattice
from geo.model import Floats, Places
from layers.candidate_file import read_candidates
from layers.catalog import Catalog, Cost, LayerSpec
from layers.given import PREFIX
from layers.replacing import replaceable
from layers.snapshot import Snapshot
from layers.store import Store
from layers.zone_candidates import CandidateError, own_zones, zones_of

POLES = ("security_light", "smart_light", "streetlight", "cctv")  # what a camera can be hung on
_DEFAULT = {
    "cctv": ("grid:50",),
    "security_light": ("grid:50",),
    "smart_light": ("security_light",),
    "safe_house": ("shop24",),
    "patrol_zone": ("dong",),
}
_SHOPS = ("shop", "shop24", "building", "public")
# Offices that anyone may enter, told by their names alone: no open file of addresses says who owns a building.
_PUBLIC = (
    "주민센터|행정복지센터|자치회관|구청|시청|도서관|복지관|복지센터|보건소|보건지소|우체국|문화센터|문화회관|체육센터|"
    "체육관|청소년센터|청소년수련관|어린이집.*(?:구립|공립)|경로당|지구대|파출소|치안센터|소방서|119안전센터|공영주차장"
)
__all__ = ["EXCLUDED", "POLES", "Asked", "CandidateError", "Land", "places_for"]
Land = Any  # a shapely geometry, EPSG:5179
_LEAST_SPACING_M = 10
EXCLUDED = "뺄 곳으로 정함"  # why a place is no candidate


@dataclass(frozen=True)
class Asked:
    """What the planner said of one layer.

    ``sources`` empty: the layer's own default; ``cost``: once and yearly won; ``within``: the land, by a word of
    :func:`layers.land.named_land` or ``gaps`` (:mod:`layers.placing`); ``given``: places of the planner's own beside
    or instead of sources, in the columns of :func:`layers.given.given_rows`.
    """

    layer: LayerSpec
    sources: tuple[str, ...] = ()
    cost: tuple[float, float] | None = None
    level: str = "default"  # low | default | high
    exclude: frozenset[str] = frozenset()
    not_in: Any | None = None  # land on which nothing is built
    within: str = "gaps"
    given: pd.DataFrame | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """Return where to look: what the planner said, else the layer's own default; () where there is none."""
        return self.sources or (usual_places(self.layer.id) if self.given is None else ())


def usual_places(layer: str) -> tuple[str, ...]:
    """Return where a layer's sites are looked for unless the planner says; () where that must be said."""
    return _DEFAULT.get(layer, ())


@dataclass
class _Found:
    """Candidates being collected: one list a column of :class:`geo.model.Places`."""

    ids: list[str] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    once: list[float] = field(default_factory=list)
    year: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, ids: Sequence[str], x: Floats, y: Floats, cost: tuple[float, float], kinds: Sequence[str],
            names: Sequence[str], flags: Sequence[str]) -> None:  # fmt: skip
        self.ids += ids
        self.x += x.tolist()
        self.y += y.tolist()
        self.once += [cost[0]] * len(ids)
        self.year += [cost[1]] * len(ids)
        self.kinds += kinds
        self.names += names
        self.flags += flags


def places_for(asked: Asked, store: Store, snapshot: Snapshot, catalog: Catalog, district: Land, gaps: Land) -> Places:
    """Return the candidates of one layer.

    Parameters
    ----------
    district, gaps
        Land (EPSG:5179): stored places are taken in ``district``, grid points in ``gaps``.

    Raises
    ------
    CandidateError
        An unknown source, nowhere by default, or no place at all.
    """
    layer = asked.layer
    if not asked.places and asked.given is None:
        raise CandidateError(
            f"{layer.name}: 후보지를 정해야 합니다",
            f"예: --candidates {layer.id}=후보.csv, {layer.id}=building, {layer.id}=grid:50",
        )
    if layer.geometry == "zone":
        return _zones(asked, snapshot, catalog, district)
    found, needs = _Found(), layer.supplies
    for source in asked.places:
        if source.startswith("grid:"):
            _add_grid(found, asked, source, gaps)
        elif layer.id == "smart_light" and source == "security_light":
            _add_replacements(found, asked, store, snapshot.tables.get("smart_light"), district)
            # Replacing an old lamp in place lights nothing that was dark (domain.md 1).
            needs = tuple(need for need in needs if need != "lit")
        elif source in catalog.layers or source in _SHOPS:
            _add_stored(found, asked, source, snapshot, catalog, district)
        elif Path(source).exists():
            rows = read_candidates(Path(source), layer, snapshot.dong, catalog)
            _add_rows(found, rows, _cost(asked, "cost_once_krw"), "파일", district, prefix=Path(source).name)
        else:
            known = ", ".join([*catalog.layers, *_SHOPS])
            raise CandidateError(f"--candidates {source}: 모르는 후보입니다", f"grid:50, 파일, 또는 {known}")
    if asked.given is not None:
        before = len(found.ids)
        _add_rows(found, asked.given, _cost(asked, "cost_once_krw"), "보낸 후보", district, prefix=PREFIX)
        found.left_out["찾는 지역 밖"] += len(asked.given) - (len(found.ids) - before)
    return _some(_kept(found, asked, needs), asked)


def _some(places: Places, asked: Asked) -> Places:
    """Return the places. Raises :class:`CandidateError` where there are none."""
    if not places.ids:
        why = ", ".join(f"{reason} {n:,}" for reason, n in places.left_out.items())
        looked = ", ".join(asked.places) or "보낸 후보"
        raise CandidateError(
            f"{asked.layer.name}: 이 지역에 후보지가 없습니다 ({looked}{'; ' + why if why else ''})",
            "그 층의 자료를 가져왔는지 보고, --candidates나 --within을 바꾸십시오",
        )
    return places


def _zones(asked: Asked, snapshot: Snapshot, catalog: Catalog, district: Land) -> Places:
    """Return land to patrol, or whatever else a layer of zones does."""
    shapes = [shape for source in asked.places for shape in zones_of(source, snapshot, catalog, district)]
    shapes += [] if asked.given is None else own_zones(asked.given, PREFIX, district)
    inside = [shape.geometry.point_on_surface() for shape in shapes]
    out = [
        shape.id in asked.exclude or (asked.not_in is not None and shapely.intersects(asked.not_in, point))
        for shape, point in zip(shapes, inside, strict=True)
    ]
    kept = [i for i, gone in enumerate(out) if not gone]
    land = np.empty(len(kept), dtype=object)
    land[:] = [shapes[i].geometry for i in kept]
    once, year = _cost(asked, "cost_once_krw")
    n = len(kept)
    return _some(
        Places(
            asked.layer.id, asked.layer.name, asked.layer.supplies, tuple(shapes[i].id for i in kept),
            np.array([inside[i].x for i in kept], float), np.array([inside[i].y for i in kept], float),
            np.full(n, once), np.full(n, year), tuple(shapes[i].kind for i in kept),
            tuple(shapes[i].name for i in kept), tuple(shapes[i].flag for i in kept),
            {EXCLUDED: sum(out)} if any(out) else {}, land, np.array([shapes[i].cap for i in kept], float),
        ),
        asked,
    )  # fmt: skip


def _kept(found: _Found, asked: Asked, needs: tuple[str, ...]) -> Places:
    """Return what the planner did not exclude, each place once."""
    x, y = np.array(found.x, float), np.array(found.y, float)
    keep = np.ones(x.size, bool)
    excluded = np.array([i in asked.exclude for i in found.ids], bool)
    if asked.not_in is not None and x.size:
        excluded |= np.asarray(shapely.intersects_xy(asked.not_in, x, y))
    keep &= ~excluded
    _, first = np.unique(np.column_stack([x, y]), axis=0, return_index=True)
    again = ~np.isin(np.arange(x.size), first) & keep
    keep &= ~again
    left_out = found.left_out + Counter({EXCLUDED: int(excluded.sum()), "같은 자리": int(again.sum())})
    at = np.flatnonzero(keep)
    return Places(
        asked.layer.id, asked.layer.name, needs, *(tuple(found.ids[i] for i in at),), x=x[at], y=y[at],
        once_krw=np.array(found.once, float)[at], year_krw=np.array(found.year, float)[at],
        kinds=tuple(found.kinds[i] for i in at), names=tuple(found.names[i] for i in at),
        flags=tuple(found.flags[i] for i in at), left_out={why: n for why, n in left_out.items() if n},
    )  # fmt: skip


def _add_grid(found: _Found, asked: Asked, source: str, gaps: Land) -> None:
    text = source.removeprefix("grid:")
    if not text.isdigit() or int(text) < _LEAST_SPACING_M:
        raise CandidateError(
            f"--candidates {source}: 격자 간격이 아닙니다", f"{_LEAST_SPACING_M} 이상의 미터, 예: grid:50"
        )
    x, y = lattice(shapely.bounds(gaps).tolist(), float(text))
    shapely.prepare(gaps)
    inside = shapely.intersects_xy(gaps, x, y)
    x, y = x[inside], y[inside]
    ids = [name.replace(" ", "") for name in cell_names(x, y, 10)]
    # Lamps in the catalog cost what replacing one costs; a smart lamp on a new pole has no published cost.
    cost = (np.nan, np.nan) if asked.layer.id == "smart_light" and asked.cost is None else _cost(asked, "cost_once_krw")
    n = len(ids)
    found.add(ids, x, y, cost, ["새 자리"] * n, [""] * n, [""] * n)


def _add_stored(found: _Found, asked: Asked, source: str, snapshot: Snapshot, catalog: Catalog, district: Land) -> None:
    if source in _SHOPS:
        rows = snapshot.tables["building" if source == "building" else "address_point"]
        if source == "shop24":
            rows = rows[rows["open_24h"].to_numpy(bool)]
        if source == "public":
            rows = rows[rows["name"].str.contains(_PUBLIC, regex=True).to_numpy(bool)]
        kind = {"shop": "상점", "shop24": "24시간 상점", "building": "건물", "public": "공공시설(이름으로 봄)"}[source]
        cost = _cost(asked, "cost_once_krw")
    else:
        rows = snapshot.tables.get(source, pd.DataFrame({"geometry": [], "status": []}))
        rows = rows[rows["status"] == "installed"]
        on_pole = source in POLES and asked.layer.cost_existing_pole_krw is not None
        kind = f"기존 지주({catalog.layers[source].name})" if on_pole else catalog.layers[source].name
        cost = _cost(asked, "cost_existing_pole_krw" if on_pole else "cost_once_krw")
    _add_rows(found, rows, cost, kind, district, prefix=source)


def _add_rows(
    found: _Found, rows: pd.DataFrame, cost: tuple[float, float], kind: str, district: Land, *, prefix: str
) -> None:
    rows, x, y = _inside(rows, district)
    n = len(rows)
    names = rows["name"].tolist() if "name" in rows else [""] * n
    found.add([f"{prefix}:{key}" for key in rows["key"]] if n else [], x, y, cost, [kind] * n, names, [""] * n)


def _add_replacements(found: _Found, asked: Asked, store: Store, smart: pd.DataFrame | None, district: Land) -> None:
    bounds = tuple(shapely.bounds(district).tolist())
    lamps = store.read("security_light", bounds=bounds)  # a snapshot leaves the file's other columns out
    lamps, x, y = _inside(lamps[lamps["status"] == "installed"], district)
    old = replaceable(lamps, smart)
    found.left_out.update(old.left_out)
    keys, names = lamps["key"].tolist(), lamps["name"].tolist()
    ids = [f"security_light:{keys[i]}" for i in old.rows]
    cost = _cost(asked, "cost_once_krw")
    found.add(ids, x[old.rows], y[old.rows], cost, old.kinds, [names[i] for i in old.rows], old.flags)


def _inside(rows: pd.DataFrame, land: Land) -> tuple[pd.DataFrame, Any, Any]:
    """Return the rows that lie on the land, and x, y of a point of each."""
    if not len(rows):
        return rows, np.empty(0), np.empty(0)
    point = shapely.point_on_surface(rows["geometry"].to_numpy())
    shapely.prepare(land)
    here = shapely.intersects(land, point)
    return rows[here], shapely.get_x(point[here]), shapely.get_y(point[here])


def _cost(asked: Asked, once: str) -> tuple[float, float]:
    """Return once and yearly won at the level asked for; NaN both where neither is known."""
    if asked.cost is not None:
        return asked.cost
    costs: Mapping[str, Cost | None] = {"once": getattr(asked.layer, once), "year": asked.layer.cost_year_krw}
    values = {name: float(getattr(cost, asked.level)) if cost else np.nan for name, cost in costs.items()}
    return values["once"], values["year"]
