"""What the made-up town is built of: neighbourhoods, their lanes and lots, and the buildings on them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from data.sample_town import SCHOOLS, Point, Ring, between, is_buildable, north_road, road_distance, stream

_EMPTY_LOTS = 0.04  # share


@dataclass(frozen=True)
class Fabric:
    """How a neighbourhood is built: blocks and lots in metres, and what stands on them."""

    name: str
    block: tuple[float, float]
    lot: float
    street: float
    slack: float  # how much a building may fall short of its lot
    lamps: float  # share of lamp posts that there are
    cameras: float  # share of crossings with a camera
    alone: float  # share of households of one person


VILLA = Fabric("villa", (88.0, 44.0), 21.0, 6.0, 2.5, 0.93, 0.50, 0.42)
ONE_ROOM = Fabric("one_room", (70.0, 36.0), 17.0, 6.0, 1.5, 0.95, 0.62, 0.68)
OLD = Fabric("old", (56.0, 30.0), 13.5, 4.0, 2.5, 0.84, 0.34, 0.50)
APARTMENT = Fabric("apartment", (130.0, 100.0), 65.0, 10.0, 4.0, 0.85, 0.70, 0.16)
WORKS = Fabric("works", (110.0, 66.0), 36.0, 9.0, 5.0, 0.70, 0.35, 0.35)


@dataclass(frozen=True)
class Quarter:
    """A neighbourhood between arterials: a rectangle of the plan and the turn of its streets (degrees)."""

    bounds: tuple[float, float, float, float]  # west, east, south, north
    fabric: Fabric
    turn: float


def quarters() -> list[Quarter]:
    """Return the neighbourhoods, row by row from the south-west."""
    columns = ((0.0, 600.0), (600.0, 1_200.0), (1_200.0, 1_800.0), (1_800.0, 2_400.0))
    rows: tuple[tuple[float, float, tuple[Fabric, ...], tuple[float, ...]], ...] = (
        (0.0, 300.0, (VILLA, VILLA, VILLA, WORKS), (3, -4, 0, 0)),
        (300.0, 650.0, (VILLA, VILLA, VILLA, APARTMENT), (8, 0, -5, 12)),
        (550.0, 900.0, (VILLA, ONE_ROOM, ONE_ROOM, APARTMENT), (-6, 0, 4, 12)),
        (900.0, 1_230.0, (VILLA, ONE_ROOM, ONE_ROOM, APARTMENT), (0, -3, 0, 8)),
        (1_170.0, 1_500.0, (VILLA, OLD, VILLA, VILLA), (-10, 21, 5, 0)),
        (1_500.0, 1_800.0, (VILLA, OLD, VILLA, WORKS), (0, 33, -7, 4)),
    )
    return [
        Quarter((west, east, south, north), fabric, turn)
        for south, north, fabrics, turns in rows
        for (west, east), fabric, turn in zip(columns, fabrics, turns, strict=True)
    ]


def _belongs(quarter: Quarter, u: float, v: float) -> bool:
    """Say whether a point is a quarter's own: quarters next to the stream and the curved road overlap in the plan."""
    west, east, south, north = quarter.bounds
    if not (west <= u <= east and south <= v <= north) or not is_buildable(u, v):
        return False
    middle = (south + north) / 2.0
    return all(
        (middle < line(u0)) == (v < line(u))
        for line, u0 in ((stream, 300.0), (north_road, 300.0))
        if abs(middle - line(u0)) < 200
    )


@dataclass(frozen=True)
class Lattice:
    """The turned street grid of a quarter: a point (s, t) of it lies in the plan at ``place(s, t)``."""

    quarter: Quarter

    def place(self, s: float, t: float) -> Point:
        """Return the point of the plan."""
        west, east, south, north = self.quarter.bounds
        turn = math.radians(self.quarter.turn)
        bow = 5.0 * math.sin(s / 70.0) if self.quarter.fabric is OLD else 0.0
        return (
            (west + east) / 2.0 + s * math.cos(turn) - (t + bow) * math.sin(turn),
            (south + north) / 2.0 + s * math.sin(turn) + (t + bow) * math.cos(turn),
        )

    def pitch(self) -> Point:
        """Return the distance from street to street, along and across."""
        fabric = self.quarter.fabric
        return fabric.block[0] + fabric.street, fabric.block[1] + fabric.street

    def blocks(self) -> Iterator[tuple[float, float]]:
        """Yield the south-west street crossing of every block that may touch the quarter."""
        west, east, south, north = self.quarter.bounds
        along, across = self.pitch()
        reach = math.hypot(east - west, north - south) / 2.0
        for j in range(-math.ceil(reach / across), math.ceil(reach / across) + 1):
            for i in range(-math.ceil(reach / along), math.ceil(reach / along) + 1):
                yield i * along, j * across


@dataclass(frozen=True)
class Building:
    """A building: its corners in the plan (open ring), its use, floors and households."""

    corners: Ring
    use: str
    floors: int
    households: int
    fabric: Fabric

    @property
    def centre(self) -> Point:
        """Return the middle of the corners."""
        n = len(self.corners)
        return sum(u for u, _ in self.corners) / n, sum(v for _, v in self.corners) / n


@dataclass(frozen=True)
class Spot:
    """A place on a street: in the plan, with its quarter's fabric. A crossing, or a lamp post's place."""

    u: float
    v: float
    fabric: Fabric


def buildings(random: Random) -> list[Building]:
    """Return every building of the town."""
    found = [
        Building(
            [(at[0] - 40, at[1] - 9), (at[0] + 40, at[1] - 9), (at[0] + 40, at[1] + 9), (at[0] - 40, at[1] + 9)],
            "교육연구시설", 4, 0, VILLA,
        )
        for _, at in SCHOOLS
    ]  # fmt: skip
    for quarter in quarters():
        lattice = Lattice(quarter)
        for s, t in lattice.blocks():
            found += [
                _built(corners, quarter.fabric, random)
                for corners in _lots(lattice, s, t, random)
                if all(_belongs(quarter, u, v) for u, v in corners) and random.random() > _EMPTY_LOTS
            ]
    return found


def _lots(lattice: Lattice, s: float, t: float, random: Random) -> Iterator[Ring]:
    """Yield the footprints in one block: two rows of lots, back to back; slabs in a row of apartments."""
    fabric = lattice.quarter.fabric
    length, depth = fabric.block
    across = int(length // fabric.lot)
    for row in range(2):
        for i in range(across):
            west = s + fabric.street / 2 + i * length / across
            south = t + fabric.street / 2 + row * depth / 2
            if fabric is APARTMENT:
                south += depth / 4 - 7.0
                sides = (west + 4, west + length / across - 6, south, south + 14.0)
            else:
                gap = [0.8 + fabric.slack * random.random() for _ in range(4)]
                sides = (west + gap[0], west + length / across - gap[1], south + gap[2], south + depth / 2 - gap[3])
            w, e, b, n = sides
            yield [lattice.place(w, b), lattice.place(e, b), lattice.place(e, n), lattice.place(w, n)]


# Use, share, floors from-to, households from-to. 오피스텔 is 업무시설 by law; the register counts its households.
_STOCK: dict[str, tuple[tuple[str, float, tuple[int, int], tuple[int, int]], ...]] = {
    "villa": (
        ("다세대주택", 0.58, (3, 5), (7, 12)),
        ("다가구주택", 0.26, (2, 4), (5, 11)),
        ("단독주택", 0.11, (1, 2), (1, 2)),
        ("제1종근린생활시설", 0.05, (1, 3), (0, 0)),
    ),
    "one_room": (
        ("다가구주택", 0.52, (3, 5), (10, 19)),
        ("다세대주택", 0.26, (4, 6), (10, 18)),
        ("오피스텔", 0.07, (7, 12), (28, 56)),
        ("단독주택", 0.04, (1, 2), (1, 3)),
        ("제2종근린생활시설", 0.11, (2, 5), (0, 0)),
    ),
    "old": (
        ("단독주택", 0.52, (1, 2), (1, 4)),
        ("다가구주택", 0.34, (2, 3), (5, 11)),
        ("다세대주택", 0.09, (3, 4), (6, 10)),
        ("제1종근린생활시설", 0.05, (1, 2), (0, 0)),
    ),
    "apartment": (("아파트", 1.0, (14, 22), (56, 88)),),
    "works": (
        ("공장", 0.46, (1, 3), (0, 0)),
        ("창고시설", 0.18, (1, 2), (0, 0)),
        ("제2종근린생활시설", 0.18, (2, 4), (0, 0)),
        ("다세대주택", 0.18, (3, 5), (6, 12)),
    ),
}
_SHOPS = (
    ("제2종근린생활시설", 0.62, (2, 5), (0, 0)),
    ("업무시설", 0.2, (5, 11), (0, 0)),
    ("숙박시설", 0.18, (4, 8), (0, 0)),
)


def _built(corners: Ring, fabric: Fabric, random: Random) -> Building:
    u, v = corners[0]
    on_road = fabric not in {APARTMENT, WORKS} and road_distance(u, v) < 34.0
    stock = _SHOPS if on_road and random.random() < 0.6 else _STOCK[fabric.name]
    drawn, use, floors, households = random.random(), *stock[-1][:1], *stock[-1][2:]
    for name, share, some_floors, some_households in stock:
        if drawn < share:
            use, floors, households = name, some_floors, some_households
            break
        drawn -= share
    return Building(corners, use, between(random, *floors), between(random, *households), fabric)


def crossings() -> list[Spot]:
    """Return the street crossings of every quarter."""
    spots = []
    for quarter in quarters():
        lattice = Lattice(quarter)
        spots += [
            Spot(u, v, quarter.fabric)
            for u, v in (lattice.place(s, t) for s, t in lattice.blocks())
            if _belongs(quarter, u, v)
        ]
    return spots


def street_spots(every_m: float) -> list[Spot]:
    """Return places along both sides of the lanes of every quarter, about ``every_m`` apart."""
    spots = []
    for quarter in quarters():
        lattice = Lattice(quarter)
        along, across = lattice.pitch()
        for s, t in lattice.blocks():
            n, m = max(1, round(along / every_m)), max(1, round(across / every_m))
            side = quarter.fabric.street * 0.4
            lane = [(s + (i + 0.5) * along / n, t + (side if i % 2 else -side)) for i in range(n)]
            lane += [(s + (side if i % 2 else -side), t + (i + 0.5) * across / m) for i in range(m)]
            spots += [
                Spot(u, v, quarter.fabric) for u, v in (lattice.place(*at) for at in lane) if _belongs(quarter, u, v)
            ]
    return spots
