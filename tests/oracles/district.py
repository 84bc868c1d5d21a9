"""The analysis of a district the slow obvious way: loops, one distance at a time. For small cases."""

import math

import shapely

from geo.model import DataState, DistrictInput, Settings


def cells(source: DistrictInput) -> dict[tuple[int, int], int]:
    """Return the dong of every cell whose centre a dong holds, by the cell's south-west corner."""
    west, south, east, north = source.boundary.bounds
    found = {}
    for cy in range(math.floor(south / 100), math.floor(north / 100) + 1):
        for cx in range(math.floor(west / 100), math.floor(east / 100) + 1):
            centre = shapely.Point(cx * 100 + 50, cy * 100 + 50)
            for dong, geometry in enumerate(source.dong_geometry):
                if geometry.contains(centre):
                    found[cx * 100, cy * 100] = dong
    return found


def cover(source: DistrictInput, corner: tuple[int, int], need: str, factor: float = 1.0) -> float:
    """Return the mean cover of a cell's pixels inside the district, each from its exact nearest facility."""
    supply = next(s for s in source.supplies if s.need.id == need)
    if supply.state is DataState.NONE:
        return math.nan
    values = []
    for i in range(20):
        for j in range(20):
            x, y = corner[0] + j * 5 + 2.5, corner[1] + i * 5 + 2.5
            if not source.boundary.contains(shapely.Point(x, y)):
                continue
            values.append(_at(supply, x, y, factor))
    return sum(values) / len(values)


def _at(supply, x: float, y: float, factor: float) -> float:
    full, none = supply.need.full_m * factor, supply.need.none_m * factor
    best = 0.0
    for fx, fy in zip(supply.x, supply.y, strict=True):
        best = max(best, _fall(math.hypot(fx - x, fy - y), full, none))
    for zone, cap in zip(supply.zones, supply.zone_cap, strict=True):
        best = max(best, cap * _fall(zone.distance(shapely.Point(x, y)), 0.0, none))
    return best


def _fall(distance: float, full: float, none: float) -> float:
    if distance <= full:
        return 1.0
    return max(0.0, (none - distance) / (none - full)) if none > full else 0.0


def combined(source: DistrictInput, by_need: dict[str, float], settings: Settings) -> float:
    """Return the combined cover of the needs that take part, by the formula as written."""
    missed = everything = 1.0
    for supply in source.supplies:
        weight = supply.need.weight
        if supply.state is DataState.NONE or (supply.state is DataState.PARTIAL and not settings.include_partial):
            continue
        missed *= 1 - weight * by_need[supply.need.id]
        everything *= 1 - weight
    return (1 - missed) / (1 - everything)


def dense(households: list[float], share: float) -> list[bool]:
    """Return which places are among the densest that hold the share, ties whole."""
    total = sum(households)
    for limit in sorted(set(households), reverse=True):
        if sum(h for h in households if h >= limit) >= share * total * (1 - 1e-12):
            return [h >= limit and h > 0 for h in households]
    return [False] * len(households)


def flood(places: list[tuple[int, int]], dong: list[int]) -> list[list[int]]:
    """Return the 8-neighbour components of places within one dong, by exhaustive search."""
    left, found = set(range(len(places))), []
    while left:
        start = min(left)
        part, edge = {start}, [start]
        while edge:
            here = edge.pop()
            for other in list(left - part):
                near = max(abs(places[here][k] - places[other][k]) for k in (0, 1)) <= 1
                if near and dong[here] == dong[other]:
                    part.add(other)
                    edge.append(other)
        left -= part
        found.append(sorted(part))
    return sorted(found)


def split(part: list[int], places: list[tuple[int, int]], dong: list[int], most: int) -> list[list[int]]:
    """Cut a component of full cells until no piece has over ``most`` cells, trying every cut."""
    if len(part) <= most:
        return [part]
    spans = [max(places[p][k] for p in part) - min(places[p][k] for p in part) for k in (0, 1)]
    axis = 0 if spans[0] >= spans[1] else 1
    lines = sorted({places[p][axis] for p in part})
    scores = [(abs(2 * sum(places[p][axis] <= line for p in part) - len(part)), line) for line in lines[:-1]]
    cut = min(scores)[1]
    pieces = []
    for half in ([p for p in part if places[p][axis] <= cut], [p for p in part if places[p][axis] > cut]):
        for piece in flood([places[p] for p in half], [dong[p] for p in half]):
            pieces += split([half[i] for i in piece], places, dong, most)
    return pieces
