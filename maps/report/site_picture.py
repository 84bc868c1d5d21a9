"""A planned site at the scale of a street: what stands round it, how far it reaches, the national grid."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup

from geo.grid import cell_names
from geo.model import DistrictResult, GapArea
from geo.plans import Site
from layers.catalog import Catalog
from maps.facilities import look
from maps.legend import join
from maps.report.drawing import DRESSES, Frame, badge, letters_mm, marker, picture, scale_bar, shape, words

HALF_M, MOST_HALF_M = 110.0, 260.0  # of the ground a sheet shows: more where a site reaches further
_LISTED = 8
_LEADER_MM = 4.2  # a label further from its mark has a line to it
_TOGETHER_MM = 2.6  # marks nearer than this have one label


@dataclass(frozen=True)
class Neighbour:
    """A facility near a site. ``side``: which way it lies, in Korean; ``dress``: of its mark."""

    layer: str
    name: str
    address: str
    x: float
    y: float
    distance_m: float
    side: str
    colour: str
    shape: str
    dress: int = 0


_SIDES = ("북", "북동", "동", "남동", "남", "남서", "서", "북서")


def neighbours(result: DistrictResult, catalog: Catalog, site: Site, within_m: float = 500.0) -> list[Neighbour]:
    """Return the facilities round a site, nearest first; ties in the order of the layers."""
    found, dress = [], dresses(catalog)
    for layer in result.source.layers:
        point = shapely.get_type_id(layer.geometry) == shapely.GeometryType.POINT
        away = np.hypot(layer.x - site.x, layer.y - site.y)
        looks = look(layer, catalog)
        for i in np.flatnonzero(point & (away <= within_m)).tolist():
            angle = np.degrees(np.arctan2(layer.x[i] - site.x, layer.y[i] - site.y))
            found.append(
                Neighbour(
                    layer.name, layer.names[i], layer.addresses[i], float(layer.x[i]), float(layer.y[i]),
                    float(away[i]), _SIDES[round(angle / 45) % 8], looks.colour, looks.shape,
                    dress.get(layer.layer, 0),
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: one.distance_m)


def dresses(catalog: Catalog) -> dict[str, int]:
    """Return how many layers before each in the catalog have its shape: what tells them apart in black and white."""
    count: Counter[str] = Counter()
    found = {}
    for layer in catalog.layers.values():
        found[layer.id] = count[layer.shape] % DRESSES
        count[layer.shape] += 1
    return found


def half_m(result: DistrictResult, site: Site) -> float:
    """Return half of the ground a sheet shows: all that the site reaches in whole, where that can be."""
    reach = reaches(result, site)
    return min(max(HALF_M, 1.08 * reach[0]), MOST_HALF_M) if reach else HALF_M


def listed(near: list[Neighbour]) -> list[Neighbour]:
    """Return the neighbours that a sheet lists and numbers."""
    return near[:_LISTED]


def site_picture(result: DistrictResult, site: Site, number: int, near: list[Neighbour], width_mm: float) -> Markup:
    """Return the map round a site, as wide as high."""
    half = half_m(result, site)
    frame = Frame((site.x - half, site.y - half, site.x + half, site.y + half), width_mm)
    window = shapely.box(*frame.bounds)
    here = result.source.lived_in
    ground = here[shapely.intersects(here, window)] if len(here) else here
    parts = [
        shape(frame.path([result.source.boundary]), "ground"),
        *([shape(frame.path(shapely.intersection(ground, window)), "building")] if len(ground) else []),
        _grid(frame),
        shape(frame.path(result.source.dong_geometry), "dong"),
        shape(frame.path([result.source.boundary]), "edge"),
    ]
    gaps = [gap for gap in result.gaps if gap.geometry.intersects(window)]
    parts += [shape(frame.path([gap.geometry for gap in gaps]), look) for look in ("gap-line-under", "gap-line")]
    here_near = [one for one in near if _within(frame, one)]
    marks = [frame.mm(one.x, one.y) for one in here_near]
    parts += [
        marker(*at, one.shape, one.colour, 1.5, one.dress)
        for at, one in reversed([*zip(marks, here_near, strict=True)])
    ]
    x, y = frame.mm(site.x, site.y)
    frame.taken += [(x - 3, y - 3, x + 3, y + 3), (frame.width_mm - 8, 0, frame.width_mm, 12)]  # the site, the north
    frame.taken += [(a - 1.3, b - 1.3, a + 1.3, b + 1.3) for a, b in marks]
    parts += [*_labels(frame, near), *_gap_names(gaps, frame, window)]
    parts += [shape(_circle(x, y, metres / frame.metres_a_mm), "ring") for metres in reaches(result, site)]
    parts += [badge(x, y, str(number), "site"), scale_bar(frame)]
    parts.append(_north(frame))
    return picture(frame, join(parts), f"{number}번 자리 둘레 {2 * half:.0f} m")


def _labels(frame: Frame, near: list[Neighbour]) -> list[Markup]:
    """Return the numbers of the listed neighbours: one label where they stand together, a line where it steps aside."""
    groups: list[tuple[tuple[float, float], list[int]]] = []
    for i, one in enumerate(listed(near)):
        if _within(frame, one):
            at = frame.mm(one.x, one.y)
            own = next(
                (found for spot, found in groups if np.hypot(spot[0] - at[0], spot[1] - at[1]) < _TOGETHER_MM), None
            )
            if own is None:
                groups.append((at, [i]))
            else:
                own.append(i)
    parts = []
    for at, numbers in groups:
        said = "".join(chr(0x2460 + i) for i in numbers)
        place = frame.room(at[0], at[1] - 3.2, 2.9 * len(said) + 0.6, 3.2, must=True)
        if place:
            away = np.hypot(place[0] - at[0], place[1] - at[1])
            parts += (
                [shape(f"M{at[0]:.2f} {at[1]:.2f}L{place[0]:.2f} {place[1]:.2f}", "leader")]
                if away > _LEADER_MM
                else []
            )
            parts.append(words(place[0], place[1] + 1.05, said, "neighbour"))
    return parts


def reaches(result: DistrictResult, site: Site) -> tuple[float, ...]:
    """Return how far a site reaches in whole and at all, metres; nothing where it supplies no need of the result."""
    factor = result.settings.reach_factor
    needs = [supply.need for supply in result.source.supplies if supply.need.id in site.gained]
    if not needs:
        return ()
    return max(need.full_m for need in needs) * factor, max(need.none_m for need in needs) * factor


def _gap_names(gaps: list[GapArea], frame: Frame, window: Any) -> list[Markup]:  # noqa: ANN401 - a shapely box
    parts = []
    for gap in gaps:
        inner = gap.geometry.intersection(window).representative_point()
        said = f"틈새 {gap.rank}위"
        place = frame.room(*frame.mm(inner.x, inner.y), letters_mm(said, 2.2) + 1, 3.0, must=False)
        parts += [words(place[0], place[1] + 0.8, said, "small")] if place else []
    return parts


def _within(frame: Frame, one: Neighbour) -> bool:
    west, south, east, north = frame.bounds
    return west < one.x < east and south < one.y < north


def _circle(x: float, y: float, radius: float) -> str:
    half = f"a{radius:.2f} {radius:.2f} 0 1 0 "
    return f"M{x - radius:.2f} {y:.2f}{half}{2 * radius:.2f} 0{half}{-2 * radius:.2f} 0Z"


def _grid(frame: Frame) -> Markup:
    """Draw the national grid of 100 m with its names along the upper edge of each cell."""
    west, south, east, north = frame.bounds
    xs, ys = (np.arange(np.ceil(low / 100) * 100, high, 100) for low, high in ((west, east), (south, north)))
    lines = "".join(f"M{frame.mm(x, 0)[0]:.2f} 0V{frame.height_mm:.2f}" for x in xs.tolist())
    lines += "".join(f"M0 {frame.mm(0, y)[1]:.2f}H{frame.width_mm:.2f}" for y in ys.tolist())
    named = []
    for x in np.append(xs[:1] - 100, xs).tolist():
        for y in np.append(ys, ys[-1:] + 100).tolist():
            left, top = frame.mm(max(x, west), 0)[0], frame.mm(0, min(y, north))[1]
            right, bottom = frame.mm(min(x + 100, east), 0)[0], frame.mm(0, max(y - 100, south))[1]
            name = cell_names(np.array([x + 50.0]), np.array([y - 50.0]))[0]
            wide = letters_mm(name, 2.0)
            if right - left > wide + 1 and bottom - top > 3:
                frame.taken.append((left, top, left + wide + 1, top + 3))
                mark = Markup('<text class="cell-name" x="{:.2f}" y="{:.2f}">{}</text>')
                named.append(mark.format(left + 0.8, top + 2.6, name))
    return shape(lines, "grid-line") + join(named)


def _north(frame: Frame) -> Markup:
    x = frame.width_mm - 5
    return shape(f"M{x:.2f} 2.5l1.6 5l-1.6 -1.1l-1.6 1.1Z", "north") + words(x, 10.4, "북", "small")
