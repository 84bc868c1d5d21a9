"""The real open-data files, through the command, to the figures they must give."""

import json

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.command import ROOT, ansim

REAL = ROOT / ".." / "shared" / "data" / "seoul"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not beside the project"),
]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    options = ("--layer", "cctv", "--measure", "population", "--store", "s.gpkg", "--report", "R.json")
    ansim("import", REAL.resolve(), *options, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def report(city):
    return {one["file"].rsplit("/", 1)[-1]: one for one in json.loads((city / "R.json").read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def gwanak(city):
    said = ansim("gaps", "관악구", "--store", "s.gpkg", "--cells", "gwanak.csv", "--out", "gwanak.geojson", cwd=city)
    return said, pd.read_csv(city / "gwanak.csv", dtype={"dong": str})


@pytest.fixture(scope="module")
def gwangjin(city):
    said = ansim("gaps", "11215", "--store", "s.gpkg", "--cells", "gwangjin.csv", cwd=city)
    return said, pd.read_csv(city / "gwangjin.csv", dtype={"dong": str})


@pytest.mark.parametrize(
    ("file", "read", "accepted", "reasons", "flagged"),
    [
        ("서울시 안심택배함 설치 장소.csv", 271, 271, {}, {}),
        ("서울특별시_관악구_여성안심지킴이집_20220928.csv", 51, 51, {}, {}),
        ("12_04_09_E_안전비상벨위치정보.csv", 988, 988, {}, {"other_district": 9}),
        ("서울특별시_광진구_보안등정보_20251223.csv", 9229, 9205, {"duplicate": 24}, {"other_district": 9}),
        ("안심이_CCTV_관악구.csv", 5366, 5366, {}, {"other_district": 25, "outside_near": 1, "unknown_purpose": 5366}),
        ("안심이_CCTV_광진구.csv", 4091, 4091, {}, {"other_district": 17, "outside_near": 1, "unknown_purpose": 4091}),
        ("전국스마트가로등표준데이터.csv", 12714, 317, {"duplicate": 47, "outside": 12350}, {}),
        (
            "02_서울특별시_가로등 위치 정보_20221108.csv",
            19316,
            19291,
            {"impossible_coordinates": 25},
            {"outside_near": 427},
        ),
        ("안심마을보안관_활동구역_2023_전사.csv", 16, 16, {}, {}),
        ("hangjeongdong_서울특별시.geojson", 425, 425, {}, {}),
        ("1인가구_관심집단.csv", 10176, 10176, {}, {}),
        ("nlsp_021001001.shp", 3130, 3130, {}, {}),
    ],
)
def test_imports_give_the_known_figures(report, file, read, accepted, reasons, flagged):
    one = report[file]
    assert (one["read"], one["accepted"], one["rejected"]) == (read, accepted, read - accepted)
    assert {k: v for k, v in one["reasons"].items() if v} == reasons
    assert {k: v for k, v in one["flagged"].items() if v} == flagged


def test_boundaries_and_households(city):
    dong = pyogrio.read_dataframe(city / "s.gpkg", layer="dong")
    assert (len(dong), dong["district"].nunique()) == (425, 25)
    area = dong.dissolve("district").area / 1e6
    assert area["11620"] == pytest.approx(29.88, abs=0.005)
    assert area["11215"] == pytest.approx(17.63, abs=0.005)
    households = pyogrio.read_dataframe(city / "s.gpkg", layer="household", read_geometry=False)
    assert households["households"].sum() == 1_528_595
    split = households[households["unit"] == "1117068"]["dongs"].unique()
    assert [len(codes.split(";")) for codes in split] == [2]


def test_a_patrol_of_two_dong_is_both(city):
    zones = pyogrio.read_dataframe(city / "s.gpkg", layer="patrol_zone").set_index("district")
    dong = pyogrio.read_dataframe(city / "s.gpkg", layer="dong")
    both = dong[(dong["district"] == "11500") & dong["name"].isin(["화곡1동", "화곡8동"])]
    assert len(both) == 2
    assert zones.geometry["11500"].area == pytest.approx(both.area.sum())
    assert zones["approximate"].all()


def test_gwanak_people_live_where_the_grid_says(gwanak):
    _, cells = gwanak
    grid = pyogrio.read_dataframe(next(REAL.glob("국토통계지도*/*.shp")))
    populated = {f"{g[:2]} {g[2:5]} {g[5:]}" for g in grid.loc[grid["val"] > 0, "gid"]}
    assert len(populated) == 1288
    lived = cells[cells["households"] > 0]
    assert set(lived["grid_id"]) <= populated
    # 18 of the 1,288 are centred in a neighbouring district and belong there.
    assert len(lived) == 1270
    assert cells["households"].sum() == pytest.approx(138_904, abs=1e-3)
    assert set(cells["demand_source"]) == {"grid"}
    hill = (cells["y"] < 1_939_500).to_numpy()  # 관악산
    assert hill.sum() > 300
    assert cells.loc[hill, "households"].sum() == 0


def test_gwanak_states(gwanak):
    said, cells = gwanak
    rows = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert "일부 자료" in rows["밝은"]
    assert "자료 없음" in rows["안심이"]
    assert cells["cover_smart_lit"].isna().all()
    assert cells["cover_lit"].notna().all()
    assert cells["cover_refuge"].notna().all()
    # Not judged: lamps have no part in the combined cover.
    part = ("watched", 0.3), ("refuge", 0.2), ("parcel", 0.1), ("patrolled", 0.1)
    missed = np.prod([1 - w * cells[f"cover_{n}"] for n, w in part], axis=0)
    everything = np.prod([1 - w for _, w in part])
    assert cells["cover"].to_numpy() == pytest.approx((1 - missed) / (1 - everything), abs=1e-6)


def test_gwanak_cover_agrees_with_brute_force(city, gwanak):
    _, cells = gwanak
    cameras = pyogrio.read_dataframe(city / "s.gpkg", layer="cctv").geometry
    cx, cy = cameras.x.to_numpy(), cameras.y.to_numpy()
    inside = cells[(cells["households"] > 0)].sample(40, random_state=1)
    offsets = np.arange(2.5, 100, 5) - 50
    boundary = pyogrio.read_dataframe(city / "s.gpkg", layer="dong").query("district == '11620'").union_all()
    for row in inside.itertuples():
        px, py = (a.ravel() for a in np.meshgrid(row.x + offsets, row.y + offsets))
        keep = shapely.contains_xy(boundary, px, py)
        away = np.hypot(px[keep, None] - cx, py[keep, None] - cy).min(axis=1)
        expected = np.clip((57 - away) / (57 - 22), 0, 1).mean()
        assert row.cover_watched == pytest.approx(expected, abs=0.01)


def test_gwangjin_is_by_dong_and_says_so(gwangjin):
    said, cells = gwangjin
    assert "동 단위 추정" in said
    assert "기준일 상이" in said
    assert set(cells["demand_source"]) == {"dong"}
    assert cells["households"].sum() == pytest.approx(71_999, abs=1e-3)
    assert cells["cover_refuge"].isna().all()
    by_dong = cells.groupby("dong")["dense"].agg(["min", "max"])
    assert (by_dong["min"] == by_dong["max"]).all()


def test_gaps_geojson_is_wgs84_and_marked(city, gwanak):
    gaps = json.loads((city / "gwanak.geojson").read_text(encoding="utf-8"))
    assert gaps["ansim"]["edition"] == "내부용"
    ranks = [f["properties"]["rank"] for f in gaps["features"] if f["properties"].get("rank")]
    assert ranks == sorted(ranks)
    lon, lat = gaps["features"][0]["geometry"]["coordinates"][0][0][:2]
    assert 126.8 < lon < 127.1
    assert 37.4 < lat < 37.6


def test_a_second_import_changes_nothing(city):
    before = (city / "s.gpkg").read_bytes()
    options = ("--layer", "cctv", "--measure", "population", "--store", "s.gpkg")
    ansim("import", REAL.resolve(), *options, cwd=city)
    assert (city / "s.gpkg").read_bytes() == before


def test_the_english_camera_file_needs_its_layer_named(tmp_path):
    boundary = REAL.resolve() / "hangjeongdong_서울특별시.geojson"
    said = ansim("import", boundary, REAL.resolve() / "안심이_CCTV_관악구.csv", cwd=tmp_path, ok=False)
    assert "--layer" in said
    assert not (tmp_path / "ansim.gpkg").exists()


def test_the_grid_needs_its_measure_named(tmp_path):
    boundary = REAL.resolve() / "hangjeongdong_서울특별시.geojson"
    said = ansim("import", boundary, next(REAL.resolve().glob("국토통계지도*/*.shp")), cwd=tmp_path, ok=False)
    assert "--measure" in said


@pytest.mark.parametrize("edition", ["internal", "public"])
def test_maps_are_one_file_of_moderate_size(city, edition):
    for district in ("관악구", "광진구"):
        out = f"{district}-{edition}.html"
        ansim("map", district, "--store", "s.gpkg", "--out", out, "--edition", edition, cwd=city)
        assert (city / out).stat().st_size < 1_500_000


def test_two_districts_are_planned_together(city):
    """관악구 and 광진구: cameras in both, one with a population grid and one by dong; lockers and patrols in common."""
    words = ("--budget", "cctv=2억", "--at-least", "광진구=3", "--seconds", "5", "--store", "s.gpkg")
    said = ansim("sites", "관악구", "광진구", *words, "--name", "함께", "--out", "함께.csv", cwd=city)
    assert "[내부용] 광진구·관악구" in said
    assert "일부 동 단위 추정: 1인가구의 34%" in said
    assert "대피처: 광진구에 자료가 없어 함께 보지 않았습니다" in said
    assert "따로 다시 세어 같음" in said
    sites = pd.read_csv(city / "함께.csv")
    held = sites["district_name"].value_counts()
    assert set(held.index) == {"관악구", "광진구"}
    assert held["광진구"] >= 3
    assert sites["total_krw"].sum() <= 2e8
    ansim("map", "광진구", "--plan", "함께", "--store", "s.gpkg", "--out", "함께.html", cwd=city)
    assert "광진구 화양동" in (city / "함께.html").read_text(encoding="utf-8")
