"""Several districts as one ground: their households, facilities and dong together, each as it was read on its own.

All inputs are of one snapshot and one hour. A cell on the border of two districts is judged whole, as one on the border
of two dong of a district is; away from such borders every figure is that of the district alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any, TypeVar

import numpy as np
import shapely

from geo.dates import joined
from geo.district import takes_part
from geo.errors import BadSettingError, NoDataError
from geo.grid import CELL_M
from geo.model import (
    Bools,
    DataState,
    DistrictInput,
    Floats,
    Geometries,
    LayerPoints,
    Part,
    Settings,
    Supply,
    Units,
    Weights,
)

T = TypeVar("T")
MOST_KM2 = 2_500.0  # of the box round all: rasters of 100 million pixels of 5 m
_NAMED = 5
FELL_OUT = "함께 보지 않았습니다"  # how what is said of a need that fell out ends
_ORDER = (DataState.LOADED, DataState.PARTIAL, DataState.NONE)
BORDER = "구 경계에 걸친 100 m 칸은 두 구의 땅을 함께 보므로, 구마다 따로 낸 값과 그 칸에서 조금 다를 수 있습니다"


def join_districts(sources: Sequence[DistrictInput]) -> DistrictInput:
    """Return districts as one ground, in the order given; one district as it is.

    A need is known as well as where it is known least: without data in one district it has none in the whole.
    Facilities that several districts read round their borders are there once.

    Raises
    ------
    BadSettingError
        The box round all of them is too large to lay out in pixels.
    ValueError
        The inputs are not of one hour and one snapshot.
    """
    if len(sources) == 1:
        return sources[0]
    first = sources[0]
    if len({(s.at, s.who, tuple(one.need.id for one in s.supplies)) for s in sources}) > 1:
        raise ValueError("districts of different hours, people or needs")
    boundary = shapely.union_all([s.boundary for s in sources])
    _check_box(boundary.bounds)
    starts = np.concatenate([[0], np.cumsum([len(s.dong_codes) for s in sources])]).tolist()
    parts = tuple(Part(s.code, s.name, tuple(range(a, b))) for s, (a, b) in zip(sources, pairwise(starts), strict=True))
    return replace(
        first,
        code="+".join(s.code for s in sources), name=joined_name([s.name for s in sources]), boundary=boundary,
        dong_codes=tuple(code for s in sources for code in s.dong_codes),
        dong_names=tuple(name for s in sources for name in s.dong_names),
        dong_geometry=np.concatenate([s.dong_geometry for s in sources]),
        units=_units(sources, starts), weights=_weights(sources, starts), counted=_counted(sources, starts),
        not_lived_in=_distinct([s.not_lived_in for s in sources]), lived_in=_distinct([s.lived_in for s in sources]),
        supplies=tuple(_supply(same, boundary) for same in zip(*(s.supplies for s in sources), strict=True)),
        layers=tuple(_layer(same) for same in zip(*(s.layers for s in sources), strict=True)),
        data_dates=_dates(sources), near_m=min(s.near_m for s in sources), made_up=any(s.made_up for s in sources),
        notes=_notes(sources), warnings=_once(w for s in sources for w in s.warnings),
        files=_once(f for s in sources for f in s.files), grid_m=max(s.grid_m for s in sources), parts=parts,
    )  # fmt: skip


def joined_name(names: Sequence[str]) -> str:
    """Return how several districts are called together: by all names, or the first and how many."""
    return "·".join(names) if len(names) <= _NAMED else f"{names[0]} 등 {len(names)}개 구"


def common_settings(sources: Sequence[DistrictInput], settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings by which all districts are judged alike, and what fell out and why, in Korean.

    Only needs that take part in every district are judged; where all agree the settings are as they were.

    Raises
    ------
    NoDataError
        Some take part in a district, and none in every one.
    """
    judged, said = [], []
    for same in zip(*(s.supplies for s in sources), strict=True):
        need = same[0].need
        here = [takes_part(one, settings) for one in same]
        if all(here):
            judged.append(need.id)
        elif any(here):
            lacking = [(s.name, one.state) for s, one, part in zip(sources, same, here, strict=True) if not part]
            said.append(f"{need.name}: {_why(lacking)} {FELL_OUT}")
    if said and not judged:
        raise NoDataError(
            f"{joined_name([s.name for s in sources])}: 모든 구에 자료가 있는 필요가 없습니다 ({'; '.join(said)})",
            "모자란 자료를 가져오거나 구마다 따로 계획하십시오",
        )
    return (replace(settings, needs=tuple(judged)) if said else settings), tuple(said)


def check_known(sources: Sequence[DistrictInput], name: str, needs: Sequence[str]) -> None:
    """Raise where a layer supplies nothing that there are data on in every district.

    Raises
    ------
    NoDataError
        The message names the districts that lack them.
    """
    lacking: dict[str, list[str]] = {}
    for same in zip(*(s.supplies for s in sources), strict=True):
        need = same[0].need
        if need.id in needs:
            lacking[need.name] = [s.name for s, one in zip(sources, same, strict=True) if one.state is DataState.NONE]
    if lacking and all(lacking.values()):
        words = ", ".join(f"{need}: {', '.join(names)}" for need, names in lacking.items())
        raise NoDataError(
            f"{name}: 자료가 없는 구가 있어 함께 계획할 수 없습니다 ({words})",
            "그 구의 파일을 먼저 가져오거나 그 구를 빼십시오",
        )


def _why(lacking: Sequence[tuple[str, DataState]]) -> str:
    none = [name for name, state in lacking if state is DataState.NONE]
    some = [name for name, state in lacking if state is not DataState.NONE]
    words = [f"{', '.join(none)}에 자료가 없어"] if none else []
    words += [f"{', '.join(some)}에 일부 자료뿐이라"] if some else []
    return ", ".join(words)


def _check_box(bounds: tuple[float, float, float, float]) -> None:
    west, south, east, north = bounds
    box_km2 = (east - west) * (north - south) / 1e6
    if box_km2 > MOST_KM2:
        raise BadSettingError(
            f"함께 계획할 구들이 너무 멀거나 넓습니다 (둘러싼 네모 {box_km2:,.0f} km², {MOST_KM2:,.0f} km²까지)",
            "이웃한 구끼리 나누어 계획하십시오",
        )


def _units(sources: Sequence[DistrictInput], starts: Sequence[int]) -> Units:
    return Units(
        np.concatenate([s.units.households for s in sources]),
        tuple(
            tuple(d + start for d in dongs)
            for s, start in zip(sources, starts, strict=False)
            for dongs in s.units.dong_of
        ),
    )


def _weights(sources: Sequence[DistrictInput], starts: Sequence[int]) -> tuple[Weights, ...]:
    """Return the places of all; the same places speak for the dong of every district they speak for."""
    found: list[Weights] = []
    for source, start in zip(sources, starts, strict=False):
        for one in source.weights:
            dongs = _shifted(one.dongs, start, starts[-1])
            same = next(
                (i for i, w in enumerate(found) if _alike(w, one) and np.array_equal(w.weight, one.weight)), None
            )
            if same is None:
                found.append(replace(one, dongs=dongs))
            else:
                found[same] = replace(found[same], dongs=found[same].dongs | dongs)
    return tuple(found)


def _counted(sources: Sequence[DistrictInput], starts: Sequence[int]) -> Weights | None:
    """Return counts by place, each as the district counts it in whose dong its cell's centre lies."""
    held = [(s, one, start) for s, start in zip(sources, starts, strict=False) if (one := s.counted) is not None]
    if not held:
        return None
    first = held[0][1]
    dongs, weight = np.zeros(starts[-1], bool), first.weight.copy()
    x, y = (np.floor(v / CELL_M) * CELL_M + CELL_M / 2 for v in (first.x, first.y))
    for source, one, start in held:
        if not _alike(first, one):
            raise ValueError("household counts of different snapshots")
        dongs |= _shifted(one.dongs, start, starts[-1])
        here = shapely.intersects_xy(shapely.union_all(source.dong_geometry), x, y)
        weight[here] = one.weight[here]
    return Weights(first.kind, first.x, first.y, weight, dongs)


def _alike(a: Weights, b: Weights) -> bool:
    return a.kind is b.kind and np.array_equal(a.x, b.x) and np.array_equal(a.y, b.y)


def _shifted(dongs: Bools, start: int, size: int) -> Bools:
    found = np.zeros(size, bool)
    found[start : start + dongs.size] = dongs
    return found


def _supply(same: Sequence[Supply], boundary: Any) -> Supply:  # noqa: ANN401 - a geometry
    beyond = [s.unknown_beyond for s in same if s.unknown_beyond is not None]
    unknown = shapely.difference(shapely.union_all(beyond), boundary) if beyond else None
    x, y = _points([(s.x, s.y) for s in same])
    zones = {(zone.wkb, cap): (zone, cap) for s in same for zone, cap in zip(s.zones, s.zone_cap.tolist(), strict=True)}
    land = np.empty(len(zones), dtype=object)
    land[:] = [zone for zone, _ in zones.values()]
    return Supply(
        same[0].need, max((s.state for s in same), key=_ORDER.index), any(s.on_duty for s in same), x, y,
        land, np.array([cap for _, cap in zones.values()], float),
        None if unknown is None or unknown.is_empty else unknown,
    )  # fmt: skip


def _points(of_each: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Return the points of all: a place has as many as the district that has most of them there."""
    places, counts = [np.empty((0, 2))], [np.empty(0, np.int64)]
    for x, y in of_each:
        place, count = np.unique(np.column_stack([x, y]), axis=0, return_counts=True)
        places.append(place)
        counts.append(count)
    every, index = np.unique(np.concatenate(places), axis=0, return_inverse=True)
    most = np.zeros(len(every), np.int64)
    np.maximum.at(most, index.reshape(-1), np.concatenate(counts))
    xy = np.repeat(every, most, axis=0)
    return xy[:, 0], xy[:, 1]


def _layer(same: Sequence[LayerPoints]) -> LayerPoints:
    """Return the facilities of all, each once: in the whole where it is in one of the districts."""
    seen: dict[str, tuple[int, int]] = {}
    for k, points in enumerate(same):
        for i, facility in enumerate(points.ids):
            if facility not in seen or (not points.near[i] and same[seen[facility][0]].near[seen[facility][1]]):
                seen[facility] = (k, i)
    at = list(seen.values())

    def texts(of: Callable[[LayerPoints], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(of(same[k])[i] for k, i in at)

    geometry = np.empty(len(at), dtype=object)
    geometry[:] = [same[k].geometry[i] for k, i in at]
    return replace(
        same[0], ids=tuple(seen), geometry=geometry,
        names=texts(lambda p: p.names), addresses=texts(lambda p: p.addresses), hours=texts(lambda p: p.hours),
        data_dates=texts(lambda p: p.data_dates), flags=texts(lambda p: p.flags),
        x=np.array([same[k].x[i] for k, i in at], float), y=np.array([same[k].y[i] for k, i in at], float),
        devices=np.array([same[k].devices[i] for k, i in at], np.int64),
        near=np.array([same[k].near[i] for k, i in at], bool), known=all(p.known for p in same),
    )  # fmt: skip


def _distinct(of_each: Sequence[Geometries]) -> Geometries:
    every = np.concatenate(of_each)
    _, first = np.unique(shapely.to_wkb(every), return_index=True) if every.size else (None, np.empty(0, np.int64))
    return np.asarray(every[np.sort(first)])


def _dates(sources: Sequence[DistrictInput]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for source in sources:
        for name, (oldest, newest) in source.data_dates.items():
            found[name] = joined([(oldest, newest), found.get(name, ("", ""))])
    return found


def _notes(sources: Sequence[DistrictInput]) -> tuple[str, ...]:
    """Return the notes of all; one that is not every district's says whose it is."""
    every = _once(note for s in sources for note in s.notes)
    near = any(shapely.dwithin(a.boundary, b.boundary, CELL_M) for a, b in combinations(sources, 2))
    said = (BORDER,) if near else ()
    return said + tuple(
        note
        if len(whose := [s.name for s in sources if note in s.notes]) == len(sources)
        else f"{', '.join(whose)}: {note}"
        for note in every
    )


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
