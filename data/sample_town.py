"""The made-up district of the sample: its ground, dong and arterials. No file is written here.

The town is drawn on a plan of 2,400 x 1,800 m (u east, v north) that :func:`warp` bends into EPSG:5179, in open
water of the Yellow Sea, so that nobody takes it for a place.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from geo.crs import to_lonlat

Point = tuple[float, float]
Ring = list[Point]

WIDTH, HEIGHT = 2_400.0, 1_800.0
CENTRE = (830_600.0, 1_878_900.0)  # EPSG:5179, about lon 125.6, lat 36.9
_STEP = 50
_KERB_M = 16.0  # from the middle of an arterial to the first lot
_BANK_M = 26.0  # from the middle of the stream to the first lot

# Arterials: name, fixed axis, its value.
ARTERIALS: tuple[tuple[str, str, float], ...] = (
    ("가온로", "u", 600.0),
    ("안심대로", "u", 1_200.0),
    ("햇살로", "u", 1_800.0),
    ("여울로", "v", 270.0),
    ("안심역로", "v", 820.0),
    ("마루로", "north", 1_090.0),
)


@dataclass(frozen=True)
class Dong:
    """A 행정동: its name, the end of its codes, and its place in the plan (columns of one of three rows)."""

    name: str
    serial: int
    row: int
    west: float
    east: float
    young: float  # share of the people living alone who are under 40


DONGS = (
    Dong("새날동", 51, 0, 0, 650, 0.45),
    Dong("여울동", 52, 0, 650, 1_250, 0.45),
    Dong("한결동", 53, 0, 1_250, 1_850, 0.45),
    Dong("햇살동", 54, 0, 1_850, 2_400, 0.30),
    Dong("마루동", 55, 1, 0, 550, 0.40),
    Dong("안심1동", 56, 1, 550, 1_200, 0.72),
    Dong("안심2동", 57, 1, 1_200, 1_800, 0.88),
    Dong("바름동", 58, 1, 1_800, 2_400, 0.28),
    Dong("가온동", 59, 2, 0, 700, 0.30),
    Dong("나래동", 60, 2, 700, 1_300, 0.22),
    Dong("다솜동", 61, 2, 1_300, 1_850, 0.42),
    Dong("라온동", 62, 2, 1_850, 2_400, 0.38),
)
# A piece of 나래동 lies within 다솜동: a dong of two parts, and one with a hole.
EXCLAVE_OF, EXCLAVE_IN = "나래동", "다솜동"
EXCLAVE = (1_470.0, 1_630.0, 1_420.0, 1_570.0)  # west, east, south, north

# Where lamps and cameras are missing: what the demo should find.
POCKETS = (
    (1_280.0, 1_590.0, 590.0, 795.0),  # one-room streets south-east of the station
    (720.0, 1_030.0, 1_125.0, 1_375.0),  # old lots under the hill
    (1_470.0, 1_780.0, 1_120.0, 1_350.0),  # one-room streets in the north-east
    (90.0, 400.0, 300.0, 515.0),  # one-room streets by the stream, within reach of the border
)

# Open ground: name, centre, half axes.
HILL = ("가온산", (292.0, 1_530.0), (272.0, 235.0))
PARKS = (
    ("한결공원", (1_500.0, 150.0), (70.0, 50.0)),
    ("바름어린이공원", (2_080.0, 690.0), (42.0, 34.0)),
    ("다솜어린이공원", (1_700.0, 1_490.0), (36.0, 30.0)),
    ("안심어린이공원", (900.0, 960.0), (30.0, 26.0)),
)
SCHOOLS = (("여울초등학교", (930.0, 410.0)), ("라온중학교", (2_090.0, 1_290.0)), ("안심초등학교", (760.0, 690.0)))
_SCHOOL_HALF = (62.0, 48.0)


def stream(u: float) -> float:
    """Return v of the middle of the stream, which is the border of the southern and the middle dong."""
    return 560.0 + 38.0 * math.sin(u / 250.0)


def north_road(u: float) -> float:
    """Return v of the northern arterial, the border of the middle and the northern dong."""
    return 1_090.0 + 22.0 * math.sin(u / 400.0 + 2.0)


def warp(u: float, v: float) -> Point:
    """Bend a point of the plan into EPSG:5179 (x east, y north): rounded corners, curved streets."""
    a, b = 2.0 * u / WIDTH - 1.0, 2.0 * v / HEIGHT - 1.0
    x = WIDTH / 2.0 * a * math.sqrt(1.0 - 0.22 * b * b)
    y = HEIGHT / 2.0 * b * math.sqrt(1.0 - 0.24 * a * a)
    x += 52.0 * math.sin(v / 390.0 + 0.6) + 13.0 * math.sin(v / 140.0) + 24.0 * math.sin((u + v) / 300.0)
    y += 46.0 * math.sin(u / 430.0) + 11.0 * math.cos(u / 155.0) + 26.0 * math.sin((u - v) / 340.0 + 1.0)
    return CENTRE[0] + x, CENTRE[1] + y


def lonlat(points: Sequence[Point]) -> list[list[float]]:
    """Return points of the plan as [lon, lat] of 6 decimals."""
    warped = np.array([warp(u, v) for u, v in points]).reshape(-1, 2)
    lon, lat = to_lonlat(warped[:, 0], warped[:, 1])
    return [[round(float(a), 6), round(float(b), 6)] for a, b in zip(lon, lat, strict=True)]


def latlon_texts(points: Sequence[Point]) -> list[tuple[str, str]]:
    """Return points of the plan as texts (latitude, longitude), as the files have them."""
    return [(f"{lat:.6f}", f"{lon:.6f}") for lon, lat in lonlat(points)]


def border(row: int, u: float) -> float:
    """Return v of the border south of a row of dong (0 to 2); of 3, the northern edge of the district."""
    return (0.0, stream(u), north_road(u), HEIGHT)[row]


def dong_of(u: float, v: float) -> Dong:
    """Return the dong that holds a point of the plan."""
    west, east, south, north = EXCLAVE
    if west <= u <= east and south <= v <= north:
        return next(dong for dong in DONGS if dong.name == EXCLAVE_OF)
    row = sum(v >= border(line, u) for line in (1, 2))
    return next(dong for dong in DONGS if dong.row == row and dong.west <= min(max(u, 0.0), WIDTH - 1.0) < dong.east)


def outline(dong: Dong) -> Ring:
    """Return the closed outer ring of a dong in the plan; neighbours share every vertex."""
    across = [float(u) for u in range(int(dong.west), int(dong.east) + 1, _STEP)]
    south = [(u, border(dong.row, u)) for u in across]
    north = [(u, border(dong.row + 1, u)) for u in across]
    east = _column(dong.east, south[-1][1], north[-1][1])
    west = _column(dong.west, south[0][1], north[0][1])
    return [*south, *east[1:-1], *reversed(north), *reversed(west[1:-1]), south[0]]


def _column(u: float, low: float, high: float) -> Ring:
    return [(u, low + (high - low) * i / 12) for i in range(13)]


def exclave() -> Ring:
    """Return the closed ring of the exclave in the plan."""
    west, east, south, north = EXCLAVE
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def ellipse(centre: Point, half: Point, rough: float = 0.0) -> Ring:
    """Return a closed ring round a centre; ``rough`` makes it a hill's foot rather than a lawn's edge."""
    ring = []
    for i in range(36):
        turn = math.tau * i / 36
        size = 1.0 + rough * (math.sin(3 * turn + 1.0) + 0.6 * math.sin(5 * turn)) / 1.6
        ring.append((centre[0] + half[0] * size * math.cos(turn), centre[1] + half[1] * size * math.sin(turn)))
    return [*ring, ring[0]]


def stream_bed() -> Ring:
    """Return the closed ring of the stream's water in the plan."""
    across = [i * 25.0 for i in range(int(WIDTH / 25) + 1)]
    south = [(u, stream(u) - 11.0) for u in across]
    north = [(u, stream(u) + 11.0) for u in reversed(across)]
    return [*south, *north, south[0]]


def is_pocket(u: float, v: float) -> bool:
    """Say whether a point of the plan lies where lamps and cameras are missing."""
    return any(west <= u <= east and south <= v <= north for west, east, south, north in POCKETS)


def road_distance(u: float, v: float) -> float:
    """Return metres of the plan to the middle of the nearest arterial."""
    return min(
        abs(u - value) if axis == "u" else abs(v - (north_road(u) if axis == "north" else value))
        for _, axis, value in ARTERIALS
    )


def is_buildable(u: float, v: float) -> bool:
    """Say whether a lot or a lane may lie here: off the roads, the stream, the hill, parks and schools."""
    if not (12.0 <= u <= WIDTH - 12.0 and 12.0 <= v <= HEIGHT - 12.0):
        return False
    if road_distance(u, v) < _KERB_M or abs(v - stream(u)) < _BANK_M:
        return False
    if _in_ellipse(u, v, HILL[1], HILL[2], 1.06) or any(_in_ellipse(u, v, at, half, 1.1) for _, at, half in PARKS):
        return False
    return not any(abs(u - at[0]) < _SCHOOL_HALF[0] and abs(v - at[1]) < _SCHOOL_HALF[1] for _, at in SCHOOLS)


def _in_ellipse(u: float, v: float, at: Point, half: Point, size: float) -> bool:
    return ((u - at[0]) / (half[0] * size)) ** 2 + ((v - at[1]) / (half[1] * size)) ** 2 < 1.0


def road_spots(every_m: float, side_m: float) -> list[tuple[str, float, float]]:
    """Return (road, u, v) along both sides of the arterials, staggered."""
    spots = []
    for name, axis, value in ARTERIALS:
        length = HEIGHT if axis == "u" else WIDTH
        for i in range(1, int(length / every_m)):
            at, side = i * every_m, side_m if i % 2 else -side_m
            if axis == "u":
                spots.append((name, value + side, at))
            else:
                spots.append((name, at, (north_road(at) if axis == "north" else value) + side))
    return spots


def between(random: Random, low: int, high: int) -> int:
    """Draw a whole number, both ends included."""
    return low + int(random.random() * (high - low + 1))
