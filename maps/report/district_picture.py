"""The district on paper: where households are dense, its gap areas by rank, a plan's sites."""

import numpy as np
import shapely
from markupsafe import Markup

from geo.grid import CELL_M
from geo.model import DistrictResult
from geo.plans import Plan
from maps.editions import Shown
from maps.legend import join
from maps.payload import by_dong, density_ramp, dong_area_ha
from maps.ramps import Ramp
from maps.report.drawing import Frame, badge, filled, letters_mm, picture, scale_bar, shape, short, words

TOP = 10
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
    sites = [] if plan is None else _sites(plan, frame)
    numbers = [_number(frame, gap.x, gap.y, str(gap.rank), "gap") for gap in result.gaps[:TOP]]
    lines, badges = ([pair[i] for pair in (*numbers, *sites)] for i in (0, 1))
    return picture(
        frame,
        join([*parts, *_dong_names(result, frame, sites=bool(sites)), *lines, *badges, scale_bar(frame)]),
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


def _number(frame: Frame, x: float, y: float, text: str, look: str) -> tuple[Markup, Markup]:
    """Return the line from where a number belongs to where it found room, and the number: lines lie below numbers."""
    at = frame.mm(x, y)
    wide = max(letters_mm(text, 2.4) + 1.4, 3.8)
    place = frame.room(*at, wide, 3.6, must=True) or at
    line = shape(f"M{at[0]:.2f} {at[1]:.2f}L{place[0]:.2f} {place[1]:.2f}", "leader") if place != at else Markup()
    return line, badge(*place, text, look)


def _sites(plan: Plan, frame: Frame) -> list[tuple[Markup, Markup]]:
    return [_number(frame, site.x, site.y, str(i), "site") for i, site in enumerate(plan.sites, start=1)]


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
