import copy
import csv
import io
import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geo.crs import to_lonlat
from layers.catalog import load_catalog
from layers.geopackage import GeoPackageStore
from layers.importing import ImportOptions, import_files
from layers.postgis.open import open_database, open_postgis
from tests.layers.memory_store import MemoryStore

NOW = datetime(2025, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Seoul"))
X0, Y0 = 950_000.0, 1_945_000.0  # south-west corner of the made-up town: four dong of 1 km, two a district

# (dong, stat_dong, name, district, district name, column, row)
DONGS = (
    ("1162060100", "1121060", "가람동", "11620", "관악구", 0, 0),
    ("1162060200", "1121061", "봉천1·2동", "11620", "관악구", 1, 0),
    ("1153060300", "1117073", "오류2동", "11530", "구로구", 0, 1),
    ("1153060400", "1117074", "항동", "11530", "구로구", 1, 1),
)
LAMPS = [
    "보안등위치명", "설치개수", "소재지도로명주소", "소재지지번주소", "위도", "경도", "설치연도", "설치형태",
    "관리기관전화번호", "관리기관명", "데이터기준일자",
]  # fmt: skip


def lonlat(east, north):
    """Degrees of a point so many metres from the town's south-west corner."""
    lon, lat = to_lonlat(np.array([X0 + east]), np.array([Y0 + north]))
    return float(lon[0]), float(lat[0])


def square(column, row, edge=1000.0, east=0.0, north=0.0):
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    ring = [lonlat(east + (column + a) * edge, north + (row + b) * edge) for a, b in corners]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(properties, geometry):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def boundary_features():
    return [
        feature(
            {
                "OBJECTID": i, "adm_nm": f"서울특별시 {gu} {name}", "adm_cd": stat, "adm_cd2": dong, "sgg": district,
                "sido": "11", "sidonm": "서울특별시", "sggnm": gu,
            },
            square(column, row),
        )
        for i, (dong, stat, name, district, gu, column, row) in enumerate(DONGS)
    ]  # fmt: skip


def lamp(name="등1", east=500.0, north=500.0, *, lat=None, lon=None, address="서울특별시 관악구 가람동 1", **other):
    own_lon, own_lat = lonlat(east, north)
    row = dict.fromkeys(LAMPS, "")
    row |= {
        "보안등위치명": name, "설치개수": "1", "소재지지번주소": address,
        "위도": f"{own_lat:.8f}" if lat is None else lat, "경도": f"{own_lon:.8f}" if lon is None else lon,
        "관리기관명": "서울특별시 관악구청",
        "데이터기준일자": "2025-06-30",
    }  # fmt: skip
    return [(row | other)[column] for column in LAMPS]


def csv_text(header, rows, delimiter=","):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


class Town:
    """A folder of files, a store that holds the town's boundaries, and one call to import into it."""

    def __init__(self, folder, store=None, catalog=None):
        self.folder = folder
        self.store = store if store is not None else MemoryStore()
        self.catalog = catalog or load_catalog()
        self.boundaries = self.geojson("경계.geojson", boundary_features())

    def geojson(self, name, features, **members):
        return self.file(name, json.dumps({"type": "FeatureCollection", **members, "features": features}))

    def csv(self, name, header, rows, encoding="utf-8", delimiter=","):
        return self.file(name, csv_text(header, rows, delimiter), encoding)

    def lamps(self, rows, name="보안등.csv", **how):
        return self.csv(name, LAMPS, rows, **how)

    def file(self, name, content, encoding="utf-8"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def load(self, *paths, now=NOW, **options):
        return import_files(list(paths), self.store, self.catalog, ImportOptions(**options), now=now)

    def one(self, path, **options):
        return self.load(path, **options)[0]

    def content(self):
        """Everything that is stored, comparable, whatever the order of the rows."""
        tables = (
            "dong",
            "household",
            "stat_grid",
            "building",
            "address_point",
            "area",
            *sorted(self.store.layer_ids()),
        )
        found = {}
        for name in tables:
            frame = self.store.read(name)
            if "geometry" in frame.columns:
                frame["geometry"] = [None if g is None else g.wkt for g in frame["geometry"]]
            found[name] = sorted(map(repr, frame.itertuples(index=False)))
        return found


@pytest.fixture
def bare(tmp_path):
    """A town whose boundaries are not loaded yet."""
    return Town(tmp_path)


@pytest.fixture(scope="session")
def with_boundaries(tmp_path_factory):
    """A store in memory that holds the town's boundaries, to be copied."""
    made = Town(tmp_path_factory.mktemp("boundaries"))
    made.load(made.boundaries)
    return made.store


@pytest.fixture
def town(bare, with_boundaries):
    bare.store = copy.deepcopy(with_boundaries)
    return bare


@pytest.fixture(params=["geopackage", "postgis"])
def stored_town(request, tmp_path):
    """The town in a store of either kind, its boundaries loaded."""
    if request.param == "postgis":
        database = open_database(request.getfixturevalue("database_url"))
        made = Town(tmp_path, open_postgis(database))
    else:
        database, made = None, Town(tmp_path, GeoPackageStore(tmp_path / "시험.gpkg"))
    made.load(made.boundaries)
    yield made
    if database is not None:
        database.close()


@pytest.fixture(scope="session")
def helpers():
    return SimpleNamespace(
        Town=Town, lamp=lamp, lonlat=lonlat, square=square, feature=feature, csv_text=csv_text, LAMPS=LAMPS, NOW=NOW,
        boundary_features=boundary_features, X0=X0, Y0=Y0,
    )  # fmt: skip


@pytest.fixture(scope="session")
def seoul():
    folder = Path(__file__).parents[3] / ".." / "shared" / "data" / "seoul"
    if not folder.is_dir():
        pytest.skip("the real open-data files are not beside the project")
    return folder.resolve()
