"""What the made-up town is built of: neighbourhoods, their lanes and lots, and the buildings on them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from data.sample_town import (
    HEIGHT,
    SCHOOLS,
    Point,
    Ring,
    between,
    is_buildable,
    is_pocket,
    north_road,
    road_distance,
    stream,
)

_EMPTY_LOTS = 0.04  # share
# Houses in the pockets are let by the room: more households than their like elsewhere.
_CROWDED, _CROWDED_OLD = 1.3, 1.9


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


Line = Callable[[float], float]  # v of a line across the plan at u


@dataclass(frozen=True)
class Quarter:
    """A neighbourhood between arterials or the stream, and the turn of its streets (degrees)."""

    west: float
    east: float
    south: Line
    north: Line
    fabric: Fabric
    turn: float

    @property
    def middle(self) -> Point:
        """Return the middle, about which its streets are turned."""
        u = (self.west + self.east) / 2.0
        return u, (self.south(u) + self.north(u)) / 2.0

    @property
    def reach(self) -> float:
        """Return metres from the middle that surely hold all of it."""
        u, v = self.middle
        return math.hypot(self.east - u, self.north(u) - v) + 40.0

    def holds(self, u: float, v: float) -> bool:
        """Say whether a lot or a lane of this quarter may lie at a point of the plan."""
        return self.west <= u <= self.east and self.south(u) <= v <= self.north(u) and is_buildable(u, v)


def quarters() -> list[Quarter]:
    """Return the neighbourhoods, row by row from the south-west."""
    columns = ((0.0, 600.0), (600.0, 1_200.0), (1_200.0, 1_800.0), (1_800.0, 2_400.0))
    lines = (_level(0.0), _level(270.0), stream, _level(820.0), north_road, _level(1_440.0), _level(HEIGHT))
    rows: tuple[tuple[tuple[Fabric, ...], tuple[float, ...]], ...] = (
        ((VILLA, VILLA, VILLA, WORKS), (3, -4, 0, 0)),
        ((ONE_ROOM, VILLA, VILLA, APARTMENT), (8, 0, -5, 12)),
        ((VILLA, ONE_ROOM, ONE_ROOM, APARTMENT), (-6, 0, 4, 12)),
        ((VILLA, ONE_ROOM, ONE_ROOM, APARTMENT), (0, -3, 0, 8)),
        ((VILLA, OLD, ONE_ROOM, VILLA), (-10, 21, 5, 0)),
        ((VILLA, OLD, VILLA, WORKS), (0, 33, -7, 4)),
    )
    return [
        Quarter(west, east, lines[row], lines[row + 1], fabric, turn)
        for row, (fabrics, turns) in enumerate(rows)
        for (west, east), fabric, turn in zip(columns, fabrics, turns, strict=True)
    ]


def _level(v: float) -> Line:
    return lambda _u: v


@dataclass(frozen=True)
class Lattice:
    """The turned street grid of a quarter: a point (s, t) of it lies in the plan at ``place(s, t)``."""

    quarter: Quarter

    def place(self, s: float, t: float) -> Point:
        """Return the point of the plan."""
        u, v = self.quarter.middle
        turn = math.radians(self.quarter.turn)
        bow = 5.0 * math.sin(s / 70.0) if self.quarter.fabric is OLD else 0.0
        return (
            u + s * math.cos(turn) - (t + bow) * math.sin(turn),
            v + s * math.sin(turn) + (t + bow) * math.cos(turn),
        )

    def pitch(self) -> Point:
        """Return the distance from street to street, along and across."""
        fabric = self.quarter.fabric
        return fabric.block[0] + fabric.street, fabric.block[1] + fabric.street

    def blocks(self) -> Iterator[tuple[float, float]]:
        """Yield the south-west street crossing of every block that may touch the quarter."""
        along, across = self.pitch()
        reach = self.quarter.reach
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
                if all(quarter.holds(u, v) for u, v in corners) and random.random() > _EMPTY_LOTS
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
        ("다가구주택", 0.55, (3, 5), (8, 15)),
        ("다세대주택", 0.27, (4, 6), (8, 14)),
        ("오피스텔", 0.03, (7, 12), (22, 40)),
        ("단독주택", 0.04, (1, 2), (1, 3)),
        ("제2종근린생활시설", 0.11, (2, 5), (0, 0)),
    ),
    "old": (
        ("단독주택", 0.48, (1, 2), (1, 4)),
        ("다가구주택", 0.37, (2, 3), (5, 11)),
        ("다세대주택", 0.10, (3, 4), (6, 10)),
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
    count = between(random, *households)
    if is_pocket(u, v):
        count = round(count * (_CROWDED_OLD if fabric is OLD else _CROWDED))
    return Building(corners, use, between(random, *floors), count, fabric)


def crossings() -> list[Spot]:
    """Return the street crossings of every quarter."""
    spots = []
    for quarter in quarters():
        lattice = Lattice(quarter)
        spots += [
            Spot(u, v, quarter.fabric)
            for u, v in (lattice.place(s, t) for s, t in lattice.blocks())
            if quarter.holds(u, v)
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
            spots += [Spot(u, v, quarter.fabric) for u, v in (lattice.place(*at) for at in lane) if quarter.holds(u, v)]
    return spots
