"""Small districts made by hand for the analysis tests. Metres, EPSG:5179."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from geo.model import DataState, DistrictInput, LayerPoints, Need, Supply, Units

X0, Y0 = 950_000.0, 1_950_000.0
LIT = Need("lit", "밝은 길", 15.0, 30.0, 0.3)
WATCHED = Need("watched", "CCTV", 22.0, 57.0, 0.3)
REFUGE = Need("refuge", "대피처", 150 / 1.3, 400 / 1.3, 0.2)


def supply(
    need: Need,
    points: list[tuple[float, float]] = (),  # type: ignore[assignment]
    *,
    state: DataState = DataState.LOADED,
    on_duty: bool = True,
    zones: list[Any] = (),  # type: ignore[assignment]
    caps: list[float] = (),  # type: ignore[assignment]
    unknown_beyond: Any = None,
) -> Supply:
    """Return a supply of points given as metres east and north of the corner."""
    x = np.array([X0 + p[0] for p in points], dtype=float)
    y = np.array([Y0 + p[1] for p in points], dtype=float)
    shapes = np.empty(len(zones), dtype=object)
    shapes[:] = zones
    return Supply(need, state, on_duty, x, y, shapes, np.array(caps, dtype=float), unknown_beyond)


def box(west: float, south: float, east: float, north: float) -> Any:
    """Return a box given as metres from the corner."""
    return shapely.box(X0 + west, Y0 + south, X0 + east, Y0 + north)


def district(dongs: list[Any], households: list[float], supplies: list[Supply] = (), **changes: Any) -> DistrictInput:  # type: ignore[assignment]
    """Return a district of these dong, each a source unit of its own."""
    shapes = np.empty(len(dongs), dtype=object)
    shapes[:] = dongs
    made = DistrictInput(
        code="99999",
        name="시험구",
        boundary=shapely.union_all(shapes),
        dong_codes=tuple(f"99999{i:05d}" for i in range(len(dongs))),
        dong_names=tuple(f"{i}동" for i in range(len(dongs))),
        dong_geometry=shapes,
        units=Units(np.array(households, dtype=float), tuple((i,) for i in range(len(dongs)))),
        weights=(),
        counted=None,
        not_lived_in=np.empty(0, dtype=object),
        lived_in=np.empty(0, dtype=object),
        supplies=tuple(supplies),
        layers=(),
        at="2025-12-24 23:00",
        who="",
        data_dates={},
    )
    return replace(made, **changes)


def layer(points: list[tuple[float, float]], layer_id: str = "cctv", name: str = "CCTV") -> LayerPoints:
    """Return a layer of points given as metres from the corner, named a, b, c …"""
    x = np.array([X0 + p[0] for p in points], dtype=float)
    y = np.array([Y0 + p[1] for p in points], dtype=float)
    n = len(points)
    names = tuple(chr(ord("a") + i) for i in range(n))
    blank = ("",) * n
    return LayerPoints(
        layer_id, name, tuple(f"{layer_id}:{c}" for c in names), names, shapely.points(x, y), x, y,
        np.ones(n, dtype=np.int64), blank, blank, blank, blank, np.zeros(n, dtype=bool),
    )  # fmt: skip
