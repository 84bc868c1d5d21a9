"""The sample district: what it is, that it is made again byte for byte, and that it imports as its README says."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

from data import make_sample
from geo.crs import to_metres
from geo.district import analyse
from geo.grid import cell_names
from layers.catalog import load_catalog
from layers.district_input import district_input
from layers.hours import SEOUL
from layers.importing import ImportOptions, import_files
from layers.snapshot import take_snapshot
from layers.store import open_store

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
REAL = ROOT / "../shared/data/seoul"
LIMIT = 3_000_000


@pytest.fixture(scope="module")
def made():
    return make_sample.files()


@pytest.fixture(scope="module")
def ground(made):
    return {
        name: [(_metres(shape(f["geometry"])), f["properties"]) for f in json.loads(content)["features"]]
        for name, content in made.items()
        if name.endswith(".geojson")
    }


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    catalog = load_catalog()
    store = open_store(str(tmp_path_factory.mktemp("sample") / "demo.gpkg"), catalog)
    now = datetime(2026, 1, 5, 9, 0, tzinfo=SEOUL)
    reports = import_files([SAMPLE], store, catalog, ImportOptions(made_up=True), now=now)
    return store, {report.file: report for report in reports}


@pytest.fixture(scope="module")
def result(imported):
    store, _ = imported
    return analyse(district_input(take_snapshot(store), load_catalog(), "안심구"))


def _metres(geometry):
    return shapely.transform(geometry, lambda xy: np.column_stack(to_metres(xy[:, 0], xy[:, 1])))


def _rows(content, encoding):
    return list(csv.reader(io.StringIO(content.decode(encoding))))


def _readme():
    """Rows of the README's table of files: the cells of each."""
    lines = (SAMPLE / "README.md").read_text(encoding="utf-8").splitlines()
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| "))
    return [row for row in cells if re.search(r"\.(csv|geojson)$", row[0])]


def _counts(text):
    return {name: int(count) for name, count in (part.rsplit(" ", 1) for part in text.split(", ") if part)}


# ---------------------------------------------------------------- the files


def test_the_committed_files_are_what_the_script_writes(made):
    committed = {p.name: p.read_bytes() for p in SAMPLE.iterdir() if p.suffix in {".csv", ".geojson"}}
    assert sorted(committed) == sorted(made)
    assert [name for name in made if made[name] != committed[name]] == []


def test_another_run_of_the_script_writes_the_same(made, tmp_path):
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/New_York"}
    command = [sys.executable, "-m", "data.make_sample", str(tmp_path / "new" / "folder")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert {p.name: p.read_bytes() for p in (tmp_path / "new" / "folder").iterdir()} == made


def test_the_sample_is_small():
    assert sum(p.stat().st_size for p in SAMPLE.iterdir()) < LIMIT


def test_the_encodings_are_as_published(made):
    for name, encoding in ((row[0], row[2]) for row in _readme()):
        made[name].decode(encoding)
        assert made[name].startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
        if encoding == "cp949":
            with pytest.raises(UnicodeDecodeError):
                made[name].decode("utf-8")


def test_nothing_is_dated_outside_2025(made):
    for name in ("가상시_안심구_보안등정보_20251223.csv", "안전비상벨위치정보.csv"):
        assert set(re.findall(r"\b(\d{4})-\d{2}-\d{2}\b", made[name].decode("utf-8-sig"))) == {"2025"}
    for name in ("전국스마트가로등표준데이터.csv", "가상시_안심구_CCTV_20251130.csv"):
        assert set(re.findall(r"\b(\d{4})-\d{2}-\d{2}\b", made[name].decode("cp949"))) == {"2025"}


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "encoding", "real", "real_encoding"),
    [
        ("1인가구_안심구.csv", "cp949", "1인가구_관심집단.csv", "cp949"),
        (
            "가상시_안심구_보안등정보_20251223.csv",
            "utf-8-sig",
            "서울특별시_광진구_보안등정보_20251223.csv",
            "utf-8-sig",
        ),
        ("전국스마트가로등표준데이터.csv", "cp949", "전국스마트가로등표준데이터.csv", "cp949"),
        ("가상시_가로등_위치_정보_20251110.csv", "cp949", "02_서울특별시_가로등 위치 정보_20221108.csv", "cp949"),
        ("가상시_안심택배함_설치_장소.csv", "cp949", "서울시 안심택배함 설치 장소.csv", "cp949"),
        (
            "가상시_안심구_여성안심지킴이집_20251201.csv",
            "cp949",
            "서울특별시_관악구_여성안심지킴이집_20220928.csv",
            "cp949",
        ),
        ("안전비상벨위치정보.csv", "utf-8-sig", "12_04_09_E_안전비상벨위치정보.csv", "utf-8-sig"),
        ("안심마을보안관_활동구역_2025.csv", "utf-8", "안심마을보안관_활동구역_2023_전사.csv", "utf-8"),
        ("안심구_안전상비의약품_판매점.csv", "utf-8-sig", "관악구_안전상비의약품_판매점.csv", "utf-8-sig"),
    ],
)
def test_headers_are_verbatim_those_of_the_real_files(made, name, encoding, real, real_encoding):
    if not REAL.is_dir():
        pytest.skip("the real open-data files are not beside the project (../shared/data/seoul)")
    header = _rows((REAL / real).read_bytes(), real_encoding)[0]
    assert _rows(made[name], encoding)[0] == header


@pytest.mark.real
def test_boundary_properties_are_those_of_the_real_file(ground):
    if not REAL.is_dir():
        pytest.skip("the real open-data files are not beside the project (../shared/data/seoul)")
    with (REAL / "hangjeongdong_서울특별시.geojson").open(encoding="utf-8") as file:
        real = json.load(file)["features"][0]["properties"]
    for _, properties in ground["행정동_경계_안심구.geojson"]:
        assert {key: type(value) for key, value in properties.items()} == {key: type(real[key]) for key in real}


def test_every_row_has_as_many_cells_as_the_header(made):
    for name, encoding in ((row[0], row[2]) for row in _readme() if row[0].endswith(".csv")):
        assert {len(cells) for cells in _rows(made[name], encoding)} == {len(_rows(made[name], encoding)[0])}


# ---------------------------------------------------------------- the ground


def test_the_dong_tile_the_district(ground):
    dong = ground["행정동_경계_안심구.geojson"]
    shapes = [geometry for geometry, _ in dong]
    whole = shapely.union_all(shapes)
    assert len(dong) == 12
    assert all(geometry.is_valid and geometry.area >= 200_000 for geometry in shapes)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert sum(geometry.area for geometry in shapes) == pytest.approx(whole.area, abs=1.0)
    assert len({properties["adm_cd2"] for _, properties in dong}) == 12
    assert {properties["adm_cd2"][:5] for _, properties in dong} == {"99999"}


def test_one_dong_has_two_parts_and_one_has_a_hole(ground):
    shapes = {p["adm_nm"].split()[-1]: geometry for geometry, p in ground["행정동_경계_안심구.geojson"]}
    assert [name for name, g in shapes.items() if g.geom_type == "MultiPolygon"] == ["나래동"]
    assert [name for name, g in shapes.items() if g.geom_type == "Polygon" and g.interiors] == ["다솜동"]
    small = min(shapes["나래동"].geoms, key=lambda part: part.area)
    assert shapely.Polygon(shapes["다솜동"].interiors[0]).equals(shapely.Polygon(small.exterior))


def test_it_lies_in_the_yellow_sea_inside_the_named_squares(ground):
    x, y = np.concatenate([shapely.get_coordinates(g) for layer in ground.values() for g, _ in layer]).T
    assert {name[:2] for name in cell_names(x, y)} == {"나바"}
    lon, lat = np.array(
        [
            point
            for f in _features("행정동_경계_안심구.geojson")
            for point in shapely.get_coordinates(shape(f["geometry"]))
        ]
    ).T
    assert lon.min() > 125.5
    assert lon.max() < 125.7
    assert lat.min() > 36.8
    assert lat.max() < 37.0


def _features(name):
    return json.loads((SAMPLE / name).read_text(encoding="utf-8"))["features"]


def test_buildings_stand_in_the_district_apart_from_each_other_and_off_the_open_ground(ground):
    district = shapely.union_all([geometry for geometry, _ in ground["행정동_경계_안심구.geojson"]])
    shapes = np.array([geometry for geometry, _ in ground["건물_안심구.geojson"]])
    empty = [g for g, p in ground["구역_안심구.geojson"] if p["구역종류"] == "비거주 지역 (숲·물·공원)"]
    assert shapely.is_valid(shapes).all()
    assert shapely.covered_by(shapes, district).all()
    assert not shapely.intersects(shapes, shapely.union_all(empty)).any()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))[left != right]
    assert shared.max(initial=0.0) < 0.5  # corners are rounded to 0.1 m


def test_households_fit_their_dong(made, ground):
    rows = pd.DataFrame(_rows(made["1인가구_안심구.csv"], "cp949")[1:])
    alone = rows[6].str.replace(",", "").astype(int)
    assert alone.sum() == 24_011
    assert (alone <= rows[5].str.replace(",", "").astype(int)).all()
    assert rows[6].str.contains(",").any()
    assert sorted(set(rows[4].astype(int))) == list(range(20, 80, 5))
    codes = {properties["adm_cd"] for _, properties in ground["행정동_경계_안심구.geojson"]}
    assert set(rows[0]) == codes
    assert all(len(code) == 7 for code in codes)


def test_the_readme_tells_the_place_as_it_is(ground):
    text = re.sub(r"\s+", " ", (SAMPLE / "README.md").read_text(encoding="utf-8"))
    dong = [geometry.area / 1e6 for geometry, _ in ground["행정동_경계_안심구.geojson"]]
    buildings = ground["건물_안심구.geojson"]
    homes = sum(properties["세대수"] for _, properties in buildings)
    assert f"{sum(dong):.2f} km², 12 dong of {min(dong):.2f} to {max(dong):.2f} km²" in text
    assert f"{homes:,} households in {len(buildings):,} buildings" in text


# ---------------------------------------------------------------- its import


@pytest.mark.parametrize("row", _readme(), ids=lambda row: row[0])
def test_every_file_imports_as_the_readme_says(imported, row):
    name, _, encoding, read, accepted, unlocated, devices, rejected, flagged = row
    report = imported[1][name]
    assert report.encoding == encoding
    assert (report.read, report.accepted, report.unlocated, report.devices) == tuple(
        map(int, (read, accepted, unlocated, devices))
    )
    assert dict(report.reasons) == _counts(rejected)
    assert dict(report.flagged) == _counts(flagged)


def test_the_readme_lists_every_file():
    assert sorted(row[0] for row in _readme()) == sorted(make_sample.files())


def test_what_does_not_count_is_stored(imported):
    cameras = imported[0].read("cctv")
    assert cameras.loc[~cameras["counts"], "purpose"].value_counts().to_dict() == {
        "주차": 30,
        "무단투기": 4,
        "교통단속": 3,
    }
    assert (cameras["flags"] == "unknown_purpose").sum() == 3


def test_the_patrol_of_two_dong_is_one_zone_and_the_unknown_dong_is_unlocated(imported):
    store = imported[0]
    zones = store.read("patrol_zone").set_index("name")
    dong = store.read("dong").set_index("name")["geometry"]
    both = dong["안심1동"].area + dong["안심2동"].area
    assert zones.loc["안심1·2동", "geometry"].area == pytest.approx(both, rel=1e-6)
    assert zones.loc["옛마을동", "geometry"] is None
    assert set(zones["hours"]) == {"21:00-02:30"}


def test_stacked_lamps_and_double_lamps_all_count(imported):
    lamps = imported[0].read("security_light")
    places = lamps["geometry"].dropna().map(lambda point: point.wkb)
    assert places.value_counts().max() == 30
    assert (lamps["devices"] == 2).sum() == 25
    assert lamps["near"].sum() == 4


# ---------------------------------------------------------------- what it shows


def test_the_gaps_are_where_the_script_put_them(result):
    names = result.source.dong_names
    assert sorted(names[gap.dong] for gap in result.gaps) == ["나래동", "다솜동", "안심2동"]
    assert all({"lit", "watched"} <= set(gap.unmet_needs) for gap in result.gaps)
    assert {names[dong] for dong in result.cells.dong[result.edge_gap_cells]} == {"새날동"}


def test_the_analysis_is_for_the_week_of_the_newest_data_and_says_that_it_is_made_up(result):
    assert result.source.at == "2025-12-24 23:00"
    assert result.source.made_up
    assert result.households == pytest.approx(24_011, abs=1e-6)
    assert str(result.demand_source) == "building"


def test_nobody_lives_on_the_hill(result, ground):
    hill = next(g for g, p in ground["구역_안심구.geojson"] if p["구역명"] == "가온산")
    cells = shapely.box(result.cells.x - 50, result.cells.y - 50, result.cells.x + 50, result.cells.y + 50)
    assert result.cells.households[shapely.contains(hill, cells)].max() == 0


def test_made_up_names_are_nobodys(made):
    for name, content in made.items():
        if name.endswith(".csv"):
            encoding = next(row[2] for row in _readme() if row[0] == name)
            assert "서울" not in content.decode(encoding), name
