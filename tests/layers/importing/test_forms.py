"""Which file is what: forms known by their header, guesses that are said, layers and forms of the user's own."""

import json

import pytest

from layers.catalog import load_catalog
from layers.importing.errors import (
    ColumnNeededError,
    LayerContradictedError,
    LayerNeededError,
    UnknownFormError,
)
from layers.importing.forms import load_forms


def test_every_form_is_recognised_by_its_own_header(town, helpers):
    """And is taken for no other form of the catalog."""
    forms = load_forms(town.catalog)
    tables = town.catalog.forms
    for table, form in zip(tables, forms, strict=True):
        names = frozenset("".join(h.split("|")[0].split()).lower() for h in table.header)
        fitting = sorted((f for f in forms if f.fits(names)), key=lambda f: (f.any_more, -len(f.header)))
        assert fitting[0] is form, table.title


def test_optional_columns_and_order_and_blanks_do_not_matter(town, helpers):
    row = dict(zip(helpers.LAMPS, helpers.lamp(), strict=True)) | {"제공기관코드": "1", "제공기관명": "가"}
    header = [f" {name} " for name in reversed(row)]
    r = town.one(town.csv("보안등.csv", header, [list(reversed(row.values()))]))
    assert (r.dataset, r.accepted) == ("security_light_standard", 1)


def test_a_header_that_lacks_a_column_is_not_guessed_but_likened(town, helpers):
    header = [name for name in helpers.LAMPS if name != "설치형태"]
    with pytest.raises(
        UnknownFormError, match=r"보안등\.csv.*전국보안등정보표준데이터과 비슷하나 설치형태 열이 없습니다.*--layer"
    ):
        town.one(town.csv("보안등.csv", header, [helpers.lamp()[:-1]]))


def test_three_columns_are_a_guess_by_the_ids(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["관리번호", "위도", "경도"]
    good = [[f"강_47_2-{i:03d}", lat, lon] for i in range(19)]
    r = town.one(town.csv("가로등.csv", header, [*good, ["12345", lat, lon]]))  # 95 %
    assert (r.layer, r.accepted) == ("streetlight", 20)
    assert r.as_dict()["note"].startswith("guessed_layer")
    with pytest.raises(UnknownFormError):
        town.one(town.csv("다른.csv", header, [*good[:18], ["1", lat, lon], ["2", lat, lon]]))
    r = town.one(town.csv("또.csv", header, good), layer="police_box")  # the user's word over a guess
    assert (r.layer, r.note) == ("police_box", "")


def test_the_english_camera_file_needs_its_layer(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    header = ["district", "info", "latitude", "longitude", "count", "update_date", "update_year", "update_month"]
    path = town.csv("안심이.csv", header, [["관악구", "가", lat, lon, "2", "1", "2022.0", "12.0"]])
    with pytest.raises(LayerNeededError, match=r"안심이\.csv.*--layer"):
        town.one(path)
    r = town.one(path, layer="cctv")
    assert (r.layer, r.devices) == ("cctv", 2)
    assert town.store.read("cctv")["data_date"].tolist() == ["2022-12"]


def test_layer_is_for_the_files_that_do_not_settle_it(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    own = town.csv("내것.csv", ["이름", "위도", "경도"], [["가", lat, lon]])
    lamps = town.lamps([helpers.lamp()])
    guessed = town.csv("가로등.csv", ["관리번호", "위도", "경도"], [["강-001", lat, lon]])
    found = town.load(own, lamps, guessed, layer="police_box")
    assert [r.layer for r in found] == ["police_box", "security_light", "streetlight"]
    with pytest.raises(LayerContradictedError, match=r"--layer cctv: 보안등\.csv"):
        town.one(lamps, layer="cctv")
    assert town.one(lamps, layer="security_light").unchanged


def test_a_planners_own_file_with_synonyms_and_named_columns(town, helpers):
    lon, lat = helpers.lonlat(100, 100)
    path = town.csv(
        "내것.csv",
        ["시설명", "주소", "Latitude", "lng", "수량", "비고", "북"],
        [["가", "관악구 1", lat, lon, "3", "메모", lat]],
    )
    r = town.one(path, layer="police_box")
    assert (r.dataset, r.accepted, r.devices) == ("own_police_box/내것", 1, 3)
    row = town.store.read("police_box").iloc[0]
    assert (row["name"], row["road_address"], row["district"]) == ("가", "관악구 1", "11620")
    assert json.loads(row["attributes"]) == {"비고": "메모", "북": str(lat)}
    town.one(path, layer="police_box", columns={"lat": "북", "name": "비고"})
    assert town.store.read("police_box")["name"].tolist() == ["메모"]
    with pytest.raises(ColumnNeededError, match="남: 그런 열이 없습니다"):
        town.one(path, layer="police_box", columns={"lat": "남"})


OWN = """
[layer.support_center]
name = "1인가구지원센터"

[[form]]
id = "my_centers"
title = "우리 구 센터"
layer = "support_center"
columns = { name = "센터", lat = "북위", lon = "동경", hours = "여는 시간" }
dead = { "여는 시간" = ["폐관"] }
"""


def test_a_layer_and_a_form_of_the_users_own_need_no_code(town, helpers):
    own = town.file("내 층.toml", OWN)
    town.catalog = load_catalog([own])
    lon, lat = helpers.lonlat(100, 100)
    rows = [["관악센터", lat, lon, "월-금 09:00~18:00", "둘"], ["옛 센터", lat, lon, "폐관", ""]]
    r = town.one(town.csv("센터.csv", ["센터", "북위", "동경", "여는 시간", "층수"], rows))
    assert (r.layer, r.dataset, r.accepted, dict(r.reasons)) == ("support_center", "my_centers", 1, {"dead": 1})
    row = town.store.read("support_center").iloc[0]
    assert (row["name"], row["hours"], row["district"]) == ("관악센터", "Mo-Fr 09:00-18:00", "11620")
    assert (
        town.one(town.csv("또.csv", ["이름", "위도", "경도"], [["나", lat, lon]]), layer="support_center").accepted == 1
    )
