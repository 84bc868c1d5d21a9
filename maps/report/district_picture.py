"""The district on paper: where households are dense, its gap areas by rank, a plan's sites."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup

from geo.grid import CELL_M
from geo.model import DistrictResult
from geo.pairing import shortest_pairs
from geo.plans import Plan
from maps.editions import Shown
from maps.legend import join
from maps.payload import by_dong, density_ramp, dong_area_ha
from maps.ramps import Ramp
from maps.report.drawing import Frame, badge, dot, filled, letters_mm, picture, scale_bar, shape, short, words

TOP = 10
NUMBERED = 60  # sites of a plan with a number on the map: more would hide it
_EDGE_M = 120.0


def district_picture(
    result: DistrictResult, shown: Shown, plan: Plan | None, width_mm: float, height_mm: float
) -> Markup:
    """Return the map of a district as SVG, so high and wide; the district is as large as it can be."""
    frame = _frame(result, width_mm, height_mm)
    source = result.source
    parts = [shape(frame.path([source.boundary]), "ground"), *_shading(result, shown, frame)]
    parts.append(shape(frame.path(source.dong_geometry), "dong"))
    parts.append(shape(frame.path([source.boundary]), "edge"))
    parts.append(shape(frame.path([gap.geometry for gap in result.gaps[TOP:]]), "lesser-gap"))
    parts.append(shape(frame.path([gap.geometry for gap in result.gaps[:TOP]]), "gap-line-under"))
    parts.append(shape(frame.path([gap.geometry for gap in result.gaps[:TOP]]), "gap-line"))
    sites = [] if plan is None else [(site.x, site.y) for site in plan.sites]
    gaps = [(gap.x, gap.y) for gap in result.gaps[:TOP]]
    numbers = [*_numbers(frame, gaps, "gap", len(gaps)), *_numbers(frame, sites, "site", NUMBERED)]
    return picture(
        frame,
        join(
            [
                *parts,
                *_dong_names(result, frame, sites=bool(sites)),
                *(one.line for one in numbers),
                *(one.dot for one in numbers),
                *(one.badge for one in numbers),
                scale_bar(frame),
            ]
        ),
        f"{source.name} 지도: 1인가구 밀도와 틈새구역 1~{min(TOP, len(result.gaps))}위",
    )


def _frame(result: DistrictResult, width_mm: float, height_mm: float) -> Frame:
    west, south, east, north = result.source.boundary.buffer(_EDGE_M).bounds
    metres = max((east - west) / width_mm, (north - south) / height_mm)
    x, y = (west + east) / 2, (south + north) / 2
    half, high = metres * width_mm / 2, metres * height_mm / 2
    return Frame((x - half, y - high, x + half, y + high), width_mm)


def _shading(result: DistrictResult, shown: Shown, frame: Frame) -> list[Markup]:
    ramp: Ramp = density_ramp(result, shown)
    whole, cells = by_dong(result, shown), result.cells
    counts = np.array([np.nan if count is None else count for count in shown.dong_households], np.float64)
    dong_class = np.where(whole, ramp.classes_of(counts / np.maximum(dong_area_ha(result), 1e-9)), -1)
    per_ha = cells.households / np.maximum(cells.area_m2 / 1e4, 1e-9)
    classes = ramp.classes_of(np.where((cells.households > 0) & ~whole[cells.dong], per_ha, np.nan))
    full = cells.area_m2 >= CELL_M**2 - 1
    parts = []
    for k, colour in enumerate(ramp.colours):
        parts.append(filled(frame.path(result.source.dong_geometry[dong_class == k]), colour))
        here = classes == k
        parts.append(filled(frame.squares(cells.x[here & full], cells.y[here & full], CELL_M), colour))
        half = CELL_M / 2
        x, y = cells.x[here & ~full], cells.y[here & ~full]
        cut = shapely.intersection(shapely.box(x - half, y - half, x + half, y + half), result.source.boundary)
        parts.append(filled(frame.path(cut), colour))
    return parts


@dataclass(frozen=True)
class _Number:
    """A number on the map: the line to where it belongs and a dot there, both empty where it stands there itself."""

    line: Markup
    dot: Markup
    badge: Markup


def _numbers(frame: Frame, places: Sequence[tuple[float, float]], look: str, most: int) -> list[_Number]:
    """Return the numbers of places in their order, none over another; those after ``most`` are dots alone.

    Numbers that stepped aside share their places out so that the lines are shortest in sum: then no two of them cross.
    """
    spots = [frame.mm(x, y) for x, y in places]
    wide = max(letters_mm(str(min(len(spots), most)), 2.4) + 1.4, 3.8)
    frame.taken += [(x - 0.7, y - 0.7, x + 0.7, y + 0.7) for x, y in spots[most:]]
    wide, high = (max(wide, 4.0) + 0.3,) * 2 if look == "site" else (wide, 3.6)  # a circle is as high as wide
    found = [frame.room(*spot, wide, high, must=True) for spot in spots[:most]]
    moved = [i for i, at in enumerate(found) if at is not None and at != spots[i]]
    if moved:
        own, free = np.array([spots[i] for i in moved]), np.array([found[i] for i in moved], float)
        for i, k in zip(moved, shortest_pairs(own, free)[1].tolist(), strict=True):
            found[i] = (float(free[k, 0]), float(free[k, 1]))
    drawn = []
    for i, (x, y) in enumerate(spots):
        at = found[i] if i < most else None
        here = at == (x, y)
        drawn.append(
            _Number(
                Markup()
                if at is None or here
                else shape(f"M{x:.2f} {y:.2f}L{at[0]:.2f} {at[1]:.2f}", f"leader {look}"),
                Markup() if here else dot(x, y, look),
                Markup() if at is None else badge(*at, str(i + 1), look),
            )
        )
    return drawn


def _dong_names(result: DistrictResult, frame: Frame, *, sites: bool) -> list[Markup]:
    """Place names of dong where they lie on nothing; numbers of gaps are placed after them, and step aside."""
    size = 2.1 if sites else 2.4
    spots = [frame.mm(gap.x, gap.y) for gap in result.gaps[:TOP]]
    frame.taken += [(x - 2, y - 1.9, x + 2, y + 1.9) for x, y in spots]
    kept = len(spots)
    names = []
    order = np.argsort(-shapely.area(result.source.dong_geometry))
    for i in order.tolist():
        inner = shapely.get_coordinates(shapely.maximum_inscribed_circle(result.source.dong_geometry[i], 20.0))[0]
        name = short(result.source.dong_names[i])
        at = frame.mm(float(inner[0]), float(inner[1]))
        place = frame.room(*at, letters_mm(name, size) + 0.6, size + 0.8, must=False)
        if place is not None:
            names.append(words(place[0], place[1] + size * 0.35, name, "dong-name lesser" if sites else "dong-name"))
    del frame.taken[len(frame.taken) - len(names) - kept : len(frame.taken) - len(names)]
    return names
