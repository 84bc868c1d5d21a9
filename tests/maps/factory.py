"""A made-up district and its result, as an analysis would hand it over. Seeded: the same every time.

Not the method (that is ``geo``'s, tested there): figures are plausible, and whole with one another where
the maps rely on it.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from scipy.spatial import KDTree

from geo.grid import cell_names
from geo.model import (
    Cells,
    DataState,
    DemandKind,
    DistrictInput,
    DistrictResult,
    DongRow,
    GapArea,
    LayerPoints,
    Nearest,
    NeedRow,
    Settings,
    ThresholdRow,
    Units,
)
from layers.catalog import load_catalog

CENTRE = (948_000.0, 1_941_500.0)
DONGS = (
    "가람동", "나래1동", "나래2동", "다온동", "라온1동", "라온2동", "마루동", "바른동", "새솔동", "아름1동",
    "아름2동", "자람·늘봄동", "차오름동", "한빛동",
)  # fmt: skip
NEEDS = {
    "lit": ("밝은 길", 0.3),
    "smart_lit": ("안심이 연동 조명", 0.0),
    "watched": ("CCTV", 0.3),
    "refuge": ("대피처", 0.2),
    "parcel": ("안심택배", 0.1),
    "patrolled": ("순찰", 0.1),
}
STATES = {"refuge": DataState.PARTIAL, "smart_lit": DataState.NONE}  # of all others: loaded
REACH = {"lit": 45, "watched": 90, "refuge": 330, "parcel": 420}
COUNTS = {
    "security_light": 4200, "streetlight": 900, "cctv": 1500, "locker": 14, "safe_house": 51, "police_box": 9,
    "emergency_bell": 420, "support_centre": 1,
}  # fmt: skip
LAYER_NAMES = {
    "security_light": "보안등",
    "streetlight": "가로등",
    "cctv": "CCTV",
    "locker": "안심택배함",
    "safe_house": "안심지킴이집",
    "police_box": "지구대·파출소",
    "emergency_bell": "안전비상벨",
    "support_centre": "1인가구지원센터",
    "patrol_zone": "안심마을보안관 구역",
}


@dataclass(frozen=True)
class Words:
    """Every text of the district, so that a test can put its own in the place of all of them."""

    district: str = "가상구"
    at: str = "2022-09-28T23:00:00+09:00"
    who: str = ""
    headings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ("보안등 자료는 2022년 9월 현황입니다.",)
    spoil: str = ""  # put before every name, address, hour, flag and date

    def __call__(self, text: str) -> str:
        return f"{self.spoil}{text}"


def district_result(
    *,
    seed: int = 7,
    facilities: int | None = None,
    demand: DemandKind = DemandKind.GRID,
    words: Words | None = None,
    made_up: bool = False,
    radius_m: float = 2900.0,
) -> DistrictResult:
    """Return a district of 14 dong with all kinds of layers, states and gaps. ``facilities`` scales all counts."""
    words = words or Words()
    random = np.random.default_rng(seed)
    boundary, dongs = _dongs(random, radius_m)
    scale = 1.0 if facilities is None else facilities / sum(COUNTS.values())
    towns = np.column_stack([random.normal(CENTRE[0], 1300, 16), random.normal(CENTRE[1], 1100, 16)])
    layers = tuple(
        _points(random, layer, max(int(count * scale), 1), boundary, towns, words) for layer, count in COUNTS.items()
    )
    layers += (_zones(boundary, dongs, words),)
    cells = _cells(random, boundary, dongs, towns, layers, demand)
    source = _source(boundary, dongs, layers, words, made_up=made_up)
    gaps, edge = _gaps(cells, source)
    return _result(source, cells, gaps, edge, demand, words)


def _dongs(random, radius_m):
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    waves = 1 + 0.13 * np.sin(3 * angle + 1) + 0.09 * np.sin(5 * angle) + 0.03 * np.sin(17 * angle)
    ring = np.column_stack(
        [CENTRE[0] + 1.3 * radius_m * waves * np.cos(angle), CENTRE[1] + radius_m * waves * np.sin(angle)]
    )
    boundary = shapely.Polygon(ring)
    seeds = []
    while len(seeds) < len(DONGS):
        point = np.array(CENTRE) + random.uniform(-1.4, 1.4, 2) * radius_m
        apart = all(np.hypot(*(point - other)) > 0.4 * radius_m for other in seeds)
        if apart and boundary.contains(shapely.Point(point)):
            seeds.append(point)
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=boundary.buffer(4000))
    parts = [part.intersection(boundary) for part in diagram.geoms]
    return boundary, np.array(sorted(parts, key=lambda p: (-p.centroid.y, p.centroid.x)), object)


def _points(random, layer, count, boundary, towns, words):
    x = np.empty(0)
    y = np.empty(0)
    zone = boundary.buffer(500)
    while len(x) < count:
        town = towns[random.integers(0, len(towns), count * 3)]
        px = town[:, 0] + random.normal(0, 620, len(town))
        py = town[:, 1] + random.normal(0, 520, len(town))
        if layer in {"security_light", "streetlight", "cctv"}:  # along streets 60 m apart
            px = np.where(random.random(len(px)) < 0.5, np.round(px / 60) * 60, px)
            py = np.where(px % 60 == 0, np.round(py / 25) * 25, np.round(py / 60) * 60)
        inside = shapely.contains_xy(zone, px, py)
        x, y = np.concatenate([x, px[inside]]), np.concatenate([y, py[inside]])
    x, y = x[:count], y[:count]
    if layer == "cctv":
        x[5:9], y[5:9] = x[4], y[4]  # stacked, as four decimals of a degree do
    name = LAYER_NAMES[layer]
    number = range(count)
    named = layer not in {"security_light", "streetlight", "cctv"}
    return LayerPoints(
        layer=layer,
        name=words(name),
        ids=tuple(words(f"{layer}:{random.integers(0, 2**63):016x}") for _ in number),
        names=tuple(
            words(f"{name} {i + 1}호") if named else (words("") if layer != "cctv" else words(f"{i:05d}"))
            for i in number
        ),
        geometry=shapely.points(x, y),
        x=x,
        y=y,
        devices=random.integers(1, 5, count) if layer == "cctv" else np.ones(count, np.int64),
        addresses=tuple(
            words(f"서울특별시 가상구 {DONGS[i % 14]} {random.integers(1, 1700)}-{random.integers(1, 60)}")
            for i in number
        ),
        hours=(words("24/7" if layer in {"safe_house", "police_box"} else ""),) * count,
        data_dates=tuple(words("2022-09-28" if i % 3 else "2022-08-31") for i in number),
        flags=tuple(words("other_district" if i % 40 == 0 else "") for i in number),
        near=~shapely.contains_xy(boundary, x, y),
        supplies=next((one.supplies for one in load_catalog().layers.values() if one.id == layer), ()),
    )


def _zones(boundary, dongs, words):
    zones = np.array([dongs[3].buffer(-120), dongs[8].buffer(-60)], object)
    return LayerPoints(
        layer="patrol_zone",
        name=words(LAYER_NAMES["patrol_zone"]),
        ids=("patrol_zone:a1", "patrol_zone:b2"),
        names=(words("다온동 일대"), words("새솔동 일대")),
        geometry=zones,
        x=shapely.get_x(shapely.centroid(zones)),
        y=shapely.get_y(shapely.centroid(zones)),
        devices=np.ones(2, np.int64),
        addresses=(words(""), words("")),
        hours=(words("Mo-Fr 21:00-26:30"), words("Mo-Fr 21:00-26:30")),
        data_dates=(words("2023-05-01"), words("2023-05-01")),
        flags=(words("approximate"), words("")),
        near=np.zeros(2, bool),
    )


def _cells(random, boundary, dongs, towns, layers, demand):
    west, south, east, north = (100 * np.floor(b / 100) for b in boundary.bounds)
    x, y = np.meshgrid(np.arange(west, east + 100, 100) + 50, np.arange(south, north + 100, 100) + 50)
    x, y = x.ravel(), y.ravel()
    area = shapely.area(shapely.intersection(shapely.box(x - 50, y - 50, x + 50, y + 50), boundary))
    x, y, area = x[area > 0], y[area > 0], area[area > 0]
    near = shapely.distance(np.array(dongs)[None, :], shapely.points(x, y)[:, None])
    dong = near.argmin(axis=1)
    density = sum(np.exp(-(((x - tx) / 420) ** 2 + ((y - ty) / 380) ** 2)) for tx, ty in towns)
    households = density * random.gamma(2.0, 18.0, len(x)) * area / 1e4
    households[households < 4] = 0
    if demand == DemandKind.DONG:
        for i in range(len(dongs)):
            here = dong == i
            households[here] = households[here].sum() * area[here] / area[here].sum()
    trees = {layer.layer: KDTree(np.column_stack([layer.x, layer.y])) for layer in layers}
    need_layers = {"lit": "security_light", "watched": "cctv", "refuge": "safe_house", "parcel": "locker"}
    cover = {
        need: np.clip(1.4 - trees[layer].query(np.column_stack([x, y]))[0] / REACH[need], 0, 1)
        for need, layer in need_layers.items()
    }
    cover["smart_lit"] = np.full(len(x), np.nan)
    zone = shapely.union_all(layers[-1].geometry)
    cover["patrolled"] = np.where(shapely.contains_xy(zone, x, y), 1.0, 0.0)
    combined = 0.35 * cover["lit"] + 0.35 * cover["watched"] + 0.2 * cover["refuge"] + 0.1 * cover["parcel"]
    dense = households >= np.quantile(households[households > 0], 0.72)
    edge = (x > east - 700) & dense
    return Cells(
        grid_id=tuple(cell_names(x, y)),
        x=x,
        y=y,
        area_m2=area,
        dong=dong.astype(np.int64),
        households=households,
        demand_source=np.full(len(x), demand.value),
        dense=dense,
        cover_by_need=cover,
        cover=combined,
        gap=dense & (combined < 0.5),
        edge_unknown=edge,
    )


def _source(boundary, dongs, layers, words, *, made_up):
    dates = {layer.layer: (words("2022-08-31"), words("2022-09-28")) for layer in layers}
    dates |= {"household": ("2022-07-31", "2022-07-31"), "stat_grid": ("2021-10-01", "2021-10-01"), "dong": ("", "")}
    return DistrictInput(
        code="99999",
        name=words(words.district),
        boundary=boundary,
        dong_codes=tuple(f"99999{i:05d}" for i in range(len(DONGS))),
        dong_names=tuple(words(name) for name in DONGS),
        dong_geometry=dongs,
        units=Units(np.zeros(0), ()),
        weights=(),
        counted=None,
        not_lived_in=np.zeros(0, object),
        lived_in=np.zeros(0, object),
        supplies=(),
        layers=layers,
        at=words.at,
        who=words.who,
        data_dates=dates,
        made_up=made_up,
        notes=tuple(words(note) for note in words.notes),
    )


def _gaps(cells, source):
    """Join gap cells by 8 neighbours in a dong, as many as 9 in the order they come; rank them."""
    column = np.floor((cells.x - cells.x.min()) / 100 + 0.5).astype(int)
    row = np.floor((cells.y - cells.y.min()) / 100 + 0.5).astype(int)
    groups = []
    for dong in range(len(source.dong_names)):
        raster = np.full((row.max() + 1, column.max() + 1), -1)
        here = np.flatnonzero((cells.dong == dong) & cells.gap & ~cells.edge_unknown)
        raster[row[here], column[here]] = here
        labels, count = ndimage.label(raster >= 0, structure=np.ones((3, 3)))
        for k in range(1, count + 1):
            members = np.sort(raster[labels == k])
            groups += np.array_split(members, -(-len(members) // 9))
    groups.sort(key=lambda members: -(cells.households[members] * (1 - cells.cover[members])).sum())
    areas = tuple(_gap(rank, members, cells, source) for rank, members in enumerate(groups, 1))
    return areas, np.flatnonzero(cells.gap & cells.edge_unknown)


def _gap(rank, members, cells, source):
    households = cells.households[members]
    x, y = (float(np.average(axis[members], weights=households)) for axis in (cells.x, cells.y))
    cover = {need: float(np.average(c[members], weights=households)) for need, c in cells.cover_by_need.items()}
    area_ha = float(cells.area_m2[members].sum() / 1e4)
    nearest = []
    for layer in source.layers:
        distance, i = KDTree(np.column_stack([layer.x, layer.y])).query([x, y])
        nearest.append(Nearest(layer.layer, layer.name, layer.ids[i], layer.names[i], float(distance)))
    nearest.append(Nearest("escort_post", "안심귀가스카우트", None, None, None))
    squares = shapely.box(cells.x[members] - 50, cells.y[members] - 50, cells.x[members] + 50, cells.y[members] + 50)
    return GapArea(
        rank=rank,
        cells=members,
        dong=int(cells.dong[members[0]]),
        grid_id=cell_names(np.array([x]), np.array([y]))[0],
        x=x,
        y=y,
        area_ha=area_ha,
        households=float(households.sum()),
        uncovered_households=float((households * (1 - cells.cover[members])).sum()),
        households_per_ha=float(households.sum() / area_ha),
        cover=float(np.average(cells.cover[members], weights=households)),
        cover_by_need=cover,
        unmet_needs=tuple(need for need, c in cover.items() if c < 0.5 and need != "patrolled"),
        nearest=tuple(nearest),
        geometry=shapely.union_all(squares).intersection(source.boundary),
        stability=0.4 if rank % 7 == 0 else None,
    )


def _result(source, cells, gaps, edge, demand, words):
    covers = {**cells.cover_by_need, "combined": cells.cover}
    dongs = tuple(_dong(i, cells, covers, gaps) for i in range(len(source.dong_names)))
    thresholds = tuple(
        ThresholdRow(t, int(cells.gap.sum() * t * 2), int(len(gaps) * t * 2), 310.5 * t, 14_000.0 * t, 9_000.0 * t)
        for t in (0.3, 0.5, 0.7)
    )
    named = {**NEEDS, "combined": ("종합", 1.0)}
    return DistrictResult(
        source=source,
        settings=Settings(),
        demand_source=demand,
        households=float(cells.households.sum()),
        area_km2=float(source.boundary.area / 1e6),
        dense_share_reached=0.2523,
        cells=cells,
        gaps=gaps,
        edge_gap_cells=edge.astype(np.int64),
        dongs=dongs,
        needs=tuple(_need(need, words(name), weight, cells, covers, dongs) for need, (name, weight) in named.items()),
        thresholds=thresholds,
        headings=words.headings,
    )


def _dong(i, cells, covers, gaps):
    here = cells.dong == i
    h = cells.households[here]
    return DongRow(
        dong=i,
        households=float(h.sum()),
        share_covered={need: float((h * c[here]).sum() / h.sum()) if h.sum() else np.nan for need, c in covers.items()},
        uncovered_households=float((h * (1 - cells.cover[here])).sum()),
        gap_areas=sum(gap.dong == i for gap in gaps),
        dense_households=float(h[cells.dense[here]].sum()),
    )


def _need(need, name, weight, cells, covers, dongs):
    state = STATES.get(need, DataState.LOADED)
    cover = covers[need]
    shares = np.array([row.share_covered[need] for row in dongs])
    none = bool(np.isnan(shares).all())
    worst = None if none else int(np.nanargmin(shares))
    return NeedRow(
        id=need,
        name=name,
        state=state,
        takes_part=state == DataState.LOADED,
        on_duty=need != "patrolled",
        weight=weight,
        share_covered=float((cells.households * cover).sum() / float(cells.households.sum())),
        uncovered_households=float((cells.households * (1 - cover)).sum()),
        worst_dong=worst,
        worst_share=np.nan if worst is None else float(shares[worst]),
        bottom_quarter_share=np.nan if none else float(np.nanquantile(shares, 0.25) * 0.8),
    )
