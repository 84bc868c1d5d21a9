"""A made-up city of six square districts, each with another state of data; figures one can check by hand."""

import shapely

from geo.model import DataState
from layers.programmes import InstalledYears, ProgrammeYear
from maps.city.payload import City
from maps.city.rows import CityRow, RowLayer, RowNeed, row_without

L, P, N = DataState.LOADED, DataState.PARTIAL, DataState.NONE
NAN = float("nan")
NAMES = ("가람구", "나래구", "다온구", "라온구", "마루구", "바른구")


def square(i, side_m=3000.0):
    x, y = 950_000 + (i % 3) * side_m, 1_950_000 - (i // 3) * side_m
    return shapely.box(x, y, x + side_m, y + side_m)


def row(i, *, households, parcel, watched=NAN, watched_state=N, lockers=10, cameras=None, name=None, **more):
    judged = ("watched", "parcel") if watched_state is L else ("parcel",)
    share = parcel if watched_state is not L else (parcel + watched) / 2
    values = {
        "code": f"9910{i}", "name": name or NAMES[i], "boundary": square(i), "area_km2": 9.0, "households": households,
        "public_households": households - 3.0, "withheld_dongs": 1, "judged": judged, "share": share,
        "uncovered": households * (1 - share), "common_share": parcel, "common_uncovered": households * (1 - parcel),
        "gap_areas": i + 1, "gap_ha": 2.5 * (i + 1), "estimated": i == 0, "demand": "건축물",
        "needs": (
            RowNeed("watched", "CCTV", watched_state, watched_state is L, watched, households * (1 - watched)),
            RowNeed("parcel", "안심택배", L, True, parcel, households * (1 - parcel)),
        ),
        "layers": (
            RowLayer("locker", "안심택배함", L, lockers, lockers),
            RowLayer("cctv", "CCTV", N if cameras is None else watched_state, cameras or 0, cameras or 0),
            RowLayer("patrol_zone", "안심마을보안관 구역", L, 3, 3),
        ),
        "dates": ("2024-01-01", "2025-06-30"), "public_dates": ("2025-01-01", "2025-06-30"),
        "headings": ("동 단위 추정: 설명",) if i == 0 else (), "public_headings": ("동 단위 추정",) if i == 0 else (),
        "at": "2025-07-02 23:00",
    }  # fmt: skip
    return CityRow(**(values | more))


def city(**more):
    """Return the city: parcel known everywhere; CCTV in two districts whole, in one in part; one not analysed."""
    rows = (
        row(0, households=1000.0, parcel=0.2, watched=0.6, watched_state=L, cameras=50),
        row(1, households=2000.0, parcel=0.5),
        row(2, households=4000.0, parcel=0.1, watched=0.0, watched_state=L, cameras=0),
        row(3, households=500.0, parcel=0.2),
        row(4, households=800.0, parcel=0.9, watched=0.3, watched_state=P, cameras=8),
        row(5, households=50.0, parcel=0.0, lockers=0),
    )
    return City(
        **({"name": "가상시", "rows": rows, "common": ("parcel",), "programmes": PROGRAMMES, "installed": HELD} | more)
    )


def city_with_one_unknown():
    whole = city()
    return City(
        whole.name, (*whole.rows[:5], row_without("99105", NAMES[5], square(5), "1인가구 자료가 없습니다")), ("parcel",)
    )


def _year(year, programme, measure, unit, *figures):
    return ProgrammeYear(year, programme, measure, unit, *figures, "보고서")


PROGRAMMES = (
    _year(2022, "cctv", "sites", "site", 106.0, None, None, None),
    _year(2023, "cctv", "installed", "camera", 2138.0, 2406.0, 9593.0, 9570.0),
    _year(2024, "cctv", "installed", "camera", 2437.0, None, 16062.0, None),
    _year(2024, "patrol_zone", "zones", "zone", 25.0, None, 2571.0, None),
)
HELD = (InstalledYears("cctv", {2020: 3, 2023: 40}, 15), InstalledYears("patrol_zone", {}, 3))
