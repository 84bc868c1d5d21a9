"""Two districts side by side in the sea, made for the phone page: hours, old data, hostile names; dated as of today."""

import json
from datetime import datetime, timedelta

import numpy as np

from geo.crs import to_lonlat
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.store import open_store
from tests.pages.conftest import HOSTILE

X0, Y0, SIDE_M = 752_000, 1_902_000, 3_000
WEST, EAST = "98001", "98002"
NAMES = {WEST: "서쪽구", EAST: "동쪽구"}


def lonlat(x, y):
    """Degrees of metres from the south-west corner of 서쪽구."""
    lon, lat = to_lonlat(np.array([X0 + x], float), np.array([Y0 + y], float))
    return float(lon[0]), float(lat[0])


def metres(lon, lat):
    from geo.crs import to_metres  # noqa: PLC0415

    x, y = to_metres(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


# name, x, y from the corner; hours as a file has them; age of the data in days
REFUGES = [
    ("달빛24 서쪽점", 1_500, 1_700, "00:00~24:00", 30),
    ("별빛24 낮점", 1_520, 1_560, "06:00~07:00", 30),
    ("밤점", 1_500, 1_300, "22:00~익일 02:30", 30),
    (f"이름{HOSTILE}", 1_700, 1_500, "00:00~24:00", 30),
    ("옛점", 1_510, 1_510, "00:00~24:00", 24 * 31 + 40),
    ("곧옛점", 1_530, 1_500, "00:00~24:00", 720),
    ("동쪽점", 3_155, 1_505, "00:00~24:00", 30),
]


def make_near_store(folder):
    """Import two districts, refuges, lamps and cameras (서쪽구 alone has them) into a new store; return its path."""
    today = datetime.now(SEOUL)
    files = [
        folder / "경계.geojson",
        folder / "대피처.csv",
        folder / "등.csv",
        folder / "카메라.csv",
        folder / "벨.csv",
    ]
    files[0].write_text(json.dumps({"type": "FeatureCollection", "features": list(_dongs())}), encoding="utf-8")
    rows = []
    for name, x, y, hours, age in REFUGES:
        lon, lat = lonlat(x, y)
        day = (today - timedelta(days=age)).date().isoformat()
        rows.append(f'"{name}",가상시 {"서쪽구" if x < SIDE_M else "동쪽구"} 길 {x},{lat:.6f},{lon:.6f},{hours},{day}')
    _table(files[1], "이름,주소,위도,경도,여는시간,데이터기준일자", rows)
    grid = [(x, y) for x in range(1_000, 2_000, 50) for y in range(1_000, 2_000, 100)]
    for path, step in ((files[2], 1), (files[3], 7)):
        _table(
            path,
            "관리번호표,위도,경도",
            [f"{i},{lonlat(*at)[1]:.6f},{lonlat(*at)[0]:.6f}" for i, at in enumerate(grid[::step])],
        )
    lon, lat = lonlat(1_450, 1_450)
    _table(files[4], "이름,위도,경도", [f"벨 하나,{lat:.6f},{lon:.6f}"])
    path = folder / "near.gpkg"
    catalog = load_catalog()
    store = open_store(str(path), catalog)
    for file, options in zip(
        files,
        (
            ImportOptions(made_up=True),
            ImportOptions(layer="safe_house", columns={"hours": "여는시간"}, made_up=True),
            ImportOptions(layer="security_light", made_up=True),
            ImportOptions(layer="cctv", made_up=True),
            ImportOptions(layer="emergency_bell", made_up=True),
        ),
        strict=True,
    ):
        import_files([file], store, catalog, options, now=today)
    return path


def _table(path, header, rows):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def _dongs():
    for number, (code, name) in enumerate(NAMES.items()):
        west = number * SIDE_M
        ring = [(west, 0), (west + SIDE_M, 0), (west + SIDE_M, SIDE_M), (west, SIDE_M), (west, 0)]
        corners = [[round(v, 7) for v in lonlat(x, y)] for x, y in ring]
        yield {
            "type": "Feature",
            "properties": {
                "adm_nm": f"가상시 {name} 한동", "adm_cd": f"{code}51", "adm_cd2": f"{code}51000", "sgg": code,
                "sido": "98", "sidonm": "가상시", "sggnm": name,
            },
            "geometry": {"type": "Polygon", "coordinates": [corners]},
        }  # fmt: skip
