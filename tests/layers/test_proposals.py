"""Files of proposals as they come, located or struck out; rules, tables and decisions as offices write them."""

from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely

from geo.errors import AnsimError
from geo.proposals import Limits, Part
from layers.importing import ImportOptions
from layers.importing.errors import BoundariesNeededError, ColumnNeededError
from layers.proposal_decisions import outcome_of, read_decisions
from layers.proposal_places import side_of
from layers.proposal_rules import RulesError, Table, read_rules
from layers.proposal_values import table_values
from layers.proposals import districts_near, read_proposals
from tests.layers.importing.conftest import Town, feature, lonlat, square


@pytest.fixture
def town(tmp_path):
    made = Town(tmp_path)
    made.load(made.boundaries)
    return made


def read(town, *paths, near_m=0.0, **options):
    return read_proposals(
        paths, town.store, town.catalog, ImportOptions(**options), near_m=near_m, today=date(2025, 11, 21)
    )


HEADER = ["접수번호", "구분", "자치구", "동", "주소", "위도", "경도", "제안 내용"]


def rows(town, *given, name="제안.csv", **how):
    return read(town, town.csv(name, HEADER, [[*row, *[""] * (len(HEADER) - len(row))] for row in given], **how))


def shown(found):
    return [(p.number, p.struck, p.same_as, p.district, p.dong_name, p.located_by) for p in found.proposals]


def test_dong_by_name_coordinates_and_what_has_no_place(town):
    lon, lat = lonlat(1500, 500)
    found = rows(
        town,
        ("가-1", "관악구청", "관악구", "가람동"),
        ("가-2", "시민", "관악구", "봉천1.2동"),  # a dot for ·
        ("가-3", "시민", "", "", "", lat, lon),
        ("가-4", "시민", "관악구", "", "우리 동네 골목"),
        ("가-5", "시민", "관악구", "없는동"),
        ("가-6", "시민", "", "항동"),  # one district alone has it
        ("가-7", "시민", "강남구", "가람동"),
        ("가-8", "시민", "관악구", "", "", "0", "0"),
        ("합계", "", "", "", "", "", "", "8"),
    )
    assert shown(found) == [
        (1, "", None, "11620", "가람동", "dong"), (2, "", None, "11620", "봉천1·2동", "dong"),
        (3, "", None, "11620", "봉천1·2동", "coordinates"), (4, "unresolved", None, "11620", "", ""),
        (5, "unresolved", None, "11620", "없는동", ""), (6, "", None, "11530", "항동", "dong"),
        (7, "unresolved", None, "", "가람동", ""), (8, "impossible_coordinates", None, "11620", "", ""),
    ]  # fmt: skip
    assert found.notes == ["제안.csv: 합계 행 1건은 제안이 아니어서 뺐습니다"]
    assert [p.own_number for p in found.proposals[:2]] == ["가-1", "가-2"]
    assert found.proposals[0].side == "district"


def test_a_dong_that_two_districts_have_needs_its_district(tmp_path):
    made = Town(tmp_path)
    twins = [
        feature(
            {"OBJECTID": i, "adm_nm": f"서울특별시 {gu} 신사동", "adm_cd": stat, "adm_cd2": f"{code}00100", "sgg": code,
             "sido": "11", "sidonm": "서울특별시", "sggnm": gu},
            square(i, 0),
        )
        for i, (gu, code, stat) in enumerate((("강남구", "11680", "1123051"), ("관악구", "11620", "1121051")))
    ]  # fmt: skip
    made.load(made.geojson("쌍.geojson", twins))
    found = rows(made, ("1", "시민", "", "신사동"), ("2", "시민", "관악구", "신사동"))
    assert [(p.struck, p.district) for p in found.proposals] == [("unresolved", ""), ("", "11620")]


def test_duplicates_by_dong_spot_and_address_and_who_stays(town):
    lon, lat = lonlat(1500, 500)
    near_lon, near_lat = lonlat(1530, 500)
    given = (
        ("1", "시민", "관악구", "가람동"), ("2", "관악구청", "관악구", "가람동"), ("3", "시민", "관악구", "가람동"),
        ("4", "시민", "", "", "", lat, lon), ("5", "시민", "", "", "", lat, lon),
        ("6", "시민", "", "", "", near_lat, near_lon), ("7", "시민", "관악구", "", "가람동 산 12"),
        ("8", "주민", "관악구", "", "가람동 12"), ("9", "시민", "관악구", "", "가람동  12"),
    )  # fmt: skip
    same = {p.number: p.same_as for p in rows(town, *given).proposals if p.struck == "duplicate"}
    assert same == {1: 2, 3: 2, 5: 4, 9: 8}
    path = town.folder / "제안.csv"
    same = {p.number: p.same_as for p in read(town, path, near_m=50).proposals if p.struck == "duplicate"}
    assert same == {1: 2, 3: 2, 5: 4, 6: 4, 9: 8}


def test_addresses_are_found_among_the_address_points(town):
    points = [
        feature(
            {"주용도코드명": "단독주택", "지상층수": "2", "도로명주소": "서울특별시 관악구 난곡로 12"},
            square(0, 0, 20.0, 300, 300),
        )
    ]
    del points
    lon, lat = lonlat(321, 456)
    shops = ["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"]
    town.load(
        town.csv("가게.csv", shops, [["가게", "영업/정상", "", "서울특별시 관악구 난곡로 12", lat, lon, "가람동"]])
    )
    found = rows(
        town, ("1", "시민", "관악구", "", "난곡로 12"), ("2", "시민", "관악구", "", "관악구 난곡로12 (가람동)")
    )
    one, two = found.proposals
    assert (one.located_by, round(one.x - 950_000), round(one.y - 1_945_000)) == ("road_exact", 321, 456)
    assert (two.struck, two.same_as) == ("duplicate", 1)


def test_every_container_and_encoding_gives_the_same(town):
    given = [("1", "관악구청", "관악구", "가람동"), ("2", "시민", "구로구", "항동", "", "", "", "골목")]
    want = shown(rows(town, *given))
    for encoding in ("cp949", "utf-16", "utf-8-sig"):
        assert shown(rows(town, *given, name=f"{encoding}.csv", encoding=encoding)) == want
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2025년 제안 접수 대장"])
    sheet.merge_cells("A1:H1")
    sheet.append(HEADER)
    for row in given:
        sheet.append([*row])
    book.save(town.folder / "제안.xlsx")
    found = read(town, town.folder / "제안.xlsx")
    assert shown(found) == want
    assert found.proposals[1].said == {"제안 내용": "골목"}


def test_a_column_is_named_by_hand_and_one_is_needed(town):
    path = town.csv("내.csv", ["누가", "바라는 곳"], [["시민", "가람동"]])
    with pytest.raises(ColumnNeededError, match="어디에 대한"):
        read(town, path)
    assert read(town, path, columns={"dong_name": "바라는 곳"}).proposals[0].dong_name == "가람동"


def test_boundaries_are_needed(tmp_path):
    made = Town(tmp_path)
    with pytest.raises(BoundariesNeededError):
        rows(made, ("1", "시민", "관악구", "가람동"))


@pytest.mark.parametrize(
    ("proposer", "side"),
    [
        ("관악구청", "district"), ("관악구", "district"), ("자치구", "district"), ("서초구 여성가족과", "district"),
        ("시민", "public"), ("온라인 공모", "public"), ("주민 김○○", "public"), ("관악경찰서", "police"), ("", "other"),
        ("서울시", "other"),
    ],
)  # fmt: skip
def test_who_proposed(proposer, side):
    assert side_of(proposer) == side


def test_which_districts_count_for_a_proposal(town):
    lon, lat = lonlat(500, 950)  # 50 m south of 구로구
    found = rows(town, ("1", "시민", "", "", "", lat, lon)).proposals
    dong = town.store.read("dong")
    assert districts_near(found, dong, 30) == ["11620"]
    assert districts_near(found, dong, 60) == ["11530", "11620"]


# ---------------------------------------------------------------- tables


def values(town, part, table, *given):
    found = rows(town, *given).proposals
    return table_values(part, table, found, town.store, town.catalog)


PLACES = (
    ("1", "", "관악구", "가람동"),
    ("2", "", "구로구", "항동"),
    ("3", "", "구로구", "오류2동"),
    ("4", "", "관악구", "어딘가"),
)


@pytest.mark.parametrize("header", [["자치구", "행정동", "건수"], ["자치구", "동별", "건수"]])
def test_a_table_of_dong_by_name(town, header):
    table = [
        ["합계", "소계", "1,300"],
        ["관악구", "가람동", "1,200"],
        ["구로구", "항동", "-"],
        ["구로구", "모르는동", "9"],
    ]
    file = town.csv("표.csv", header, table, encoding="cp949")
    found, note = values(town, Part("범죄", 1, "table"), Table(file, "건수"), *PLACES)
    np.testing.assert_array_equal(found, [1200, np.nan, np.nan, np.nan])
    assert "1행은" in note
    found, _ = values(town, Part("범죄", 1, "table"), Table(file, "건수", outside=0.0), *PLACES)
    np.testing.assert_array_equal(found, [1200, 0, 0, np.nan])


def test_a_table_of_dong_by_code_and_a_split_code_is_not_guessed(town):
    file = town.csv("표.csv", ["행정동코드", "건수"], [["1162060100", 5], ["1117074", 7], ["1117068", 100]])
    found, note = values(town, Part("범죄", 1, "table"), Table(file, "건수"), *PLACES)
    np.testing.assert_array_equal(found, [5, 7, np.nan, np.nan])
    assert "1행은" in note


def test_polygons_with_a_number_and_zones(town):
    west = feature({"등급": "3"}, square(0, 0, 500.0))  # the south-west quarter of 가람동
    both = feature({"등급": "7"}, square(0, 0, 250.0))
    file = town.geojson("격자.geojson", [west, both])
    lon, lat = lonlat(100, 100)
    places = (*PLACES[:2], ("3", "", "", "", "", lat, lon))
    grade = Part("등급", 1, "table")
    found, _ = values(town, grade, Table(file, "등급"), *places)
    # by area: a sixteenth of the dong is 7, three sixteenths 3, the rest is nowhere
    np.testing.assert_allclose(found, [(7 + 3 * 3) / 4, np.nan, 7], rtol=1e-4)
    found, _ = values(town, grade, Table(file, "등급", outside=1.0), *places)
    np.testing.assert_allclose(found, [(7 + 3 * 3 + 12) / 16, 1, 7], rtol=1e-4)
    found, _ = values(town, Part("구역", 1, "inside"), Table(file), *places)
    np.testing.assert_allclose(found, [0.25, 0, 1], rtol=1e-4)


def test_a_stored_area_is_a_zone(town):
    area = next(iter(town.catalog.areas.values()))
    town.load(town.geojson("구역.geojson", [feature({"이름": "가"}, square(0, 0, 500.0))]), layer=area.id)
    found, _ = values(town, Part("구역", 1, "inside"), Table(area=area.name), *PLACES[:2])
    np.testing.assert_allclose(found, [0.25, 0], rtol=1e-4)
    for name in ("모르는 구역", list(town.catalog.areas)[-1]):
        with pytest.raises(RulesError):
            values(town, Part("구역", 1, "inside"), Table(area=name), *PLACES[:1])


@pytest.mark.parametrize("name", ["없음.csv", "빈.csv", "글자.csv", "동없음.csv"])
def test_tables_that_cannot_be_used(town, name):
    town.file("빈.csv", "")
    town.csv("글자.csv", ["행정동", "건수"], [["가람동", "많음"]])
    town.csv("동없음.csv", ["이름", "건수"], [["가", "1"]])
    with pytest.raises(RulesError, match="csv"):
        values(town, Part("범죄", 1, "table"), Table(town.folder / name, "건수"), *PLACES[:1])


# ---------------------------------------------------------------- rules


def rules(tmp_path, text):
    path = tmp_path / "규칙.toml"
    path.write_text(text, encoding="utf-8")
    return read_rules(path)


PART = '[[part]]\nname = "범죄"\nwhat = "table"\nfile = "표.csv"\ncolumn = "건수"\nweight = 50\n'


def test_rules_are_read_and_nothing_is_added(tmp_path):
    found = rules(
        tmp_path,
        PART
        + '[[part]]\nname = "CCTV"\nwhat = "cover"\nneed = "watched"\nbetter = "less"\nweight = 2.5\n'
        + "low = 0\nhigh = 1\n"
        "[shortlist]\nsize = 44\nmost_per_district = 3\n[duplicates]\nwithin_m = 50\n",
    )
    assert [(p.name, p.weight, p.what, p.source, p.better) for p in found.parts] == [
        ("범죄", 50.0, "table", "표.csv 건수", "more"), ("CCTV", 2.5, "cover", "watched", "less"),
    ]  # fmt: skip
    assert found.tables["범죄"].file == tmp_path / "표.csv"
    assert (found.limits, found.near_m) == (Limits(44, 3, 0), 50.0)
    assert rules(tmp_path, PART).limits is None


def test_the_rules_of_the_documentation_are_rules(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "proposals.md").read_text(encoding="utf-8")
    found = rules(tmp_path, page.partition("```toml\n")[2].partition("```")[0])
    assert [part.what for part in found.parts] == ["table", "households", "cover", "inside"]
    assert found.limits == Limits(44, 3, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "점수 항목이 없습니다"), ("[[part]]\n", "name가 없습니다"), (PART.replace("50", "0"), "0보다"),
        (PART.replace("weight = 50", ""), "weight가 없습니다"), (PART.replace("50", '"많이"'), "수여야"),
        (PART.replace("50", "nan"), "0보다"), (PART + PART, "두 번"),
        (PART + "color = 1\n", "모르는 항목입니다: color"),
        (PART.replace('"table"', '"crime"'), "모르는 것입니다"),
        (PART.replace('column = "건수"', ""), "열이 없습니다"),
        (PART + 'area = "가"\n', "가운데 하나"), (PART + 'better = "most"\n', "better"),
        ("[[part]", "읽을 수 없습니다"),
        (PART + "[shortlist]\nsize = -1\n", "정수"), (PART + "[shortlist]\n", "정수"),
        (PART + "low = 3\nhigh = 1\n", "high"),
        (PART + "[duplicates]\nwithin_km = 1\n", "within_km"), ("part = 3\n", "점수 항목이 없습니다"),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_say_where(tmp_path, text, said):
    with pytest.raises(RulesError, match=said):
        rules(tmp_path, text)


def test_rules_in_cp949_or_nowhere(tmp_path):
    path = tmp_path / "규칙.toml"
    with pytest.raises(RulesError, match="열 수 없습니다"):
        read_rules(path)
    path.write_bytes(PART.encode("cp949"))
    with pytest.raises(RulesError, match="utf-8로"):
        read_rules(path)


# ---------------------------------------------------------------- decisions


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("선정", "chosen"), ("채 택", "chosen"), ("O", "chosen"), ("○", "chosen"), ("미선정", "not_chosen"),
     ("X", "not_chosen"), ("보류", "held"), ("", ""), ("글쎄", "")],
)  # fmt: skip
def test_words_of_decisions(word, outcome):
    assert outcome_of(word) == outcome


def test_decisions_come_back_as_any_table(town):
    table = [["3", "선정", "어둡고 외짐"], ["5.0", "제외", ""], ["7", "", "의견만"], ["9", "-", ""]]
    path = town.csv("결과.csv", ["번호", "심의결과", "의견"], table, encoding="cp949")
    found = read_decisions(path, town.catalog, at="2025-01-01", reason="순위 밖")
    assert {n: (d.outcome, d.reason) for n, d in found.items()} == {
        3: ("chosen", "어둡고 외짐"), 5: ("not_chosen", "순위 밖"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([["셋", "선정", "가"]], "번호가 아닙니다"), ([["3", "글쎄", "가"]], "모르는 결정"),
        ([["3", "선정", "가"], ["3", "제외", "나"]], "결정이 둘"),
    ],
)  # fmt: skip
def test_decisions_that_are_not_understood(town, table, said):
    with pytest.raises(AnsimError, match=said):
        read_decisions(town.csv("결과.csv", ["번호", "결정", "사유"], table), town.catalog, at="")


def test_a_table_without_decisions_is_refused(town):
    with pytest.raises(AnsimError, match="번호와 결정"):
        read_decisions(town.csv("결과.csv", ["가", "나"], [["1", "2"]]), town.catalog, at="")


def test_a_stray_shape_is_no_place(town):
    """A proposal drawn as an area stands at a point in it."""
    found = read(town, town.geojson("제안.geojson", [feature({"구분": "시민"}, square(0, 0, 400.0))]))
    (one,) = found.proposals
    assert (one.located_by, one.dong_name) == ("coordinates", "가람동")
    assert shapely.Point(one.x, one.y).within(shapely.box(950_000, 1_945_000, 950_400, 1_945_400))
