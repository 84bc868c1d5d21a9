"""The defects seen in real files, each a fixture named after it, and what an import makes of it (docs/importing.md)."""

import json
import re

import pyarrow as pa
import pytest

from layers.catalog import CatalogError, load_catalog
from layers.importing.encoding import decode
from layers.importing.errors import BadEncodingError, UnreadableFileError
from layers.importing.header import find_header
from layers.importing.read_text import read_text
from layers.importing.sieve import _TOTAL
from layers.importing.values import counts, is_no, iso_date

KOREAN = (
    "보안등위치명,설치개수,소재지도로명주소,위도,경도\n가람동 주민센터 앞,1,서울특별시 관악구 가람로 1,37.5,127.0\n" * 3
)


def never(_cells):
    return False


def read(text, known=never, **how):
    return read_text(text if isinstance(text, bytes) else text.encode(), "시험.csv", known, **how)


def cells(raw):
    return [list(row) for row in zip(*(column.to_pylist() for column in raw.columns), strict=True)]


def header(*rows, known=never):
    found = find_header([list(row) for row in rows], known)
    return found and (list(found.names), found.end)


# ---------------------------------------------------------------- encoding


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_mixed_among_files(encoding):
    text, found = decode(KOREAN.encode(encoding), "시험.csv")
    assert (text, found) == (KOREAN, encoding)


@pytest.mark.parametrize(
    ("was", "taken_for"),
    [("utf-8", "cp949"), ("cp949", "latin-1"), ("cp949", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "cp1252")],
)
@pytest.mark.parametrize("lost", ["", "?", "\ufffd"])
def test_mojibake_is_refused_naming_the_mistake(was, taken_for, lost):
    text = KOREAN.encode(was).decode(taken_for, errors="replace").replace("\ufffd", lost)
    with pytest.raises(BadEncodingError, match="깨져"):
        read(text)


def test_mojibake_says_what_was_mistaken_for_what():
    text = KOREAN.encode().decode("cp949", errors="ignore")
    with pytest.raises(BadEncodingError, match="utf-8 파일을 cp949로"):
        decode(text.encode(), "시험.csv")
    with pytest.raises(BadEncodingError, match="cp949 파일을"):
        decode(KOREAN.encode("cp949").decode("latin-1").encode(), "시험.csv")


def test_the_wrong_encoding_asked_for_is_refused():
    with pytest.raises(BadEncodingError, match=r"깨져|cp949"):
        decode(KOREAN.encode(), "시험.csv", "cp949")


@pytest.mark.parametrize("name", ["\ufffd\ufffd", "????", "?? ??(??)"])
def test_a_header_that_is_already_mojibake(name):
    with pytest.raises(BadEncodingError, match="첫 줄"):
        read(f"{name},lat,lon\na,37.5,127\n")


def test_utf8_with_a_broken_byte_is_not_taken_for_cp949():
    data = bytearray(KOREAN.encode() * 20)
    data[len(data) // 2] = 0xFF
    assert decode(bytes(data), "시험.csv")[1] == "utf-8"


def test_korean_of_every_kind_is_not_mojibake():
    for text in ("위도,경도", "동·면", "㎡ 당 1대", "서울特別市 中區 1", "갂힣뷁 똠방각하", KOREAN, "가나다라" * 5000):
        for encoding in ("utf-8", "utf-16"):
            assert decode(text.encode(encoding), "시험.csv")[0] == text


# ---------------------------------------------------------------- header rows, delimiters


def test_three_header_rows_with_merged_cells():
    assert header(
        ["2025년 현황", "", "", "", ""],
        ["구분", "시설", "", "좌표", ""],
        ["", "위치", "수량", "WGS84", ""],
        ["", "", "", "위도", "경도"],
        ["가", "나", "1", "37.5", "127.0"],
        ["다", "라", "2", "37.6", "127.1"],
    ) == (["구분", "위치", "수량", "위도", "경도"], 4)


def test_header_rows_that_repeat_the_merged_name():
    assert header(
        ["행정구역별", "2024", "2024", "2025", "2025"],
        ["행정구역별", "총인구", "가구", "총인구", "가구"],
        ["관악구", "500,000", "1,234", "499,000", "1,300"],
        ["광진구", "300,000", "1,234", "299,000", "1,300"],
    ) == (["행정구역별", "2024 총인구", "2024 가구", "2025 총인구", "2025 가구"], 2)


def test_a_known_header_in_two_rows():
    def known(names):
        return {"위도", "경도", "이름"} <= set(names)

    rows = (["이름", "좌표", ""], ["", "위도", "경도"], ["가", "37", "127"])
    assert header(*rows, known=known) == (["이름", "위도", "경도"], 2)


@pytest.mark.parametrize(
    "rows",
    [
        (["이름", "위도", "경도"], ["가", "37", "127"]),
        (["이름", "위도", "경도"], ["가", "", ""], ["나", "", ""]),
        (["", "이름", "위도", "경도"], ["", "가", "-", "-"], ["1", "나", "37", "127"]),
        (["이름", "위도", "경도", ""], ["가", "x", "-", ""], ["나", "37", "127", ""]),
    ],
)
def test_data_is_never_taken_for_a_header(rows):
    assert header(*rows)[1] == 1


def test_titles_and_notes_above_the_header():
    assert (
        header(
            ["현황"], ["기준", "2025"], [], ["연번", "장소명", "주소", "위도", "경도"], ["1", "가", "나", "37", "127"]
        )[1]
        == 4
    )
    merged = ["2025년 현황"] * 5
    assert header(merged, ["연번", "가", "나", "다", "라"], ["1", "2", "3", "4", "5"])[1] == 2


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_under_a_title(delimiter):
    row = delimiter.join
    text = "\n".join(
        [
            "보안등 현황",
            "",
            row(["이름", "위도", "경도"]),
            row(["가; 나, 다" if delimiter == "\t" else "가", "37", "127"]),
        ]
    )
    assert read(text).header == ("이름", "위도", "경도")


def test_a_decimal_comma_is_no_delimiter():
    assert read("이름;위도;경도\n가;37,5;127,1\n나;37,6;127,2\n").header == ("이름", "위도", "경도")


def test_unnamed_index_and_duplicate_and_trailing_empty_columns():
    raw = read("Unnamed: 0,이름,값,값,\n0,가,1,,\n1,나,2,,\n")
    assert raw.header == ("이름", "값")  # the first only counts, the second 값 and the nameless last are empty
    assert read(",이름,값\n3,가,1\n1,나,2\n").header == ("열1", "이름", "값")
    assert read("이름,값,값\n가,1,3\n").header == ("이름", "값", "값 (3)")


def test_nul_bytes_in_cells():
    assert read("이름,값\n가\x00나,1\n").repaired == {"nul": 1}


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize(
    "cell",
    [
        "합계",
        "소계",
        "총계",
        "계",
        "합 계",
        "총 합계",
        "전체",
        "Total",
        "TOTAL",
        "Grand Total",
        "[합계]",
        "합계(12개소)",
        "관악구 소계",
        "관악구소계",
        "※ 합계",
    ],
)
def test_total_rows(cell):
    assert re.search(_TOTAL, cell)


@pytest.mark.parametrize(
    "cell",
    ["시계탑", "명동시계", "동시계", "계동", "합계동", "전체육관", "totally", "회계", "통계청 앞", "세계", "계단 아래"],
)
def test_names_that_only_sound_like_totals(cell):
    assert not re.search(_TOTAL, cell)


def test_footnotes_and_repeated_headers_are_no_rows(town, helpers):
    text = helpers.csv_text(
        ["이름", "위도", "경도", "수량"],
        [
            ["가", *map(str, reversed(helpers.lonlat(500, 500))), "1"],
            ["이름", "위도", "경도", "수량"],
            ["※ 자료: 구청", "", "", ""],
        ],
    )
    r = town.one(town.file("내.csv", text), layer="cctv")
    assert (r.read, r.accepted, r.reasons) == (3, 1, {"unreadable": 2})


@pytest.mark.parametrize("state", ["N", "n", "Ｎ", "아니오", "미운영", "운영 안함", "폐쇄", "중지", "X", "false", "No"])
def test_dead_rows_by_any_no(town, helpers, state):
    lon, lat = helpers.lonlat(500, 500)
    rows = [["가", lat, lon, state], ["나", lat, lon, "Y"], ["다", lat, lon, ""]]
    r = town.one(town.csv("내.csv", ["이름", "위도", "경도", "운영여부"], rows), layer="safe_house")
    assert r.reasons == {"dead": 1}
    assert is_no(state)


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("202005", "2020-05"), ("2020-05", "2020-05"), ("20200501", "2020-05-01"), ("2021.0", "2021"), ("1900", ""),
        ("1905-07", ""), ("2020. 5. 1.", "2020-05-01"), ("２０２０-０５", "2020-05"), ("2020년 상반기", "2020"),
        ("2020년 3분기", "2020"), ("2020년도", "2020"),
        ("2020-05-01 오전 10:00:00", "2020-05-01"), ("'2020-05", "2020-05"),
    ],
)  # fmt: skip
def test_dates_in_every_form(text, iso):
    assert iso_date(text) == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("'22.03", "2022-03"), ("‘22.3", "2022-03"), ("98-05-01", "1998-05-01"), ("22년 3월", "2022-03"),
        ("22년3월1일", "2022-03-01"), ("22년", "2022"), ("'98", "1998"), ("’05.1", "2005-01"), ("22.03", "2022-03"),
        ("22.3.1.", "2022-03-01"), ("05.01.03", "2005-01-03"), ("22/03/15", "2022-03-15"), ("22년 상반기", "2022"),
        ("98년도", "1998"), ("22-03-15 09:30", "2022-03-15"), ("'22", "2022"), ("50.12", "1950-12"),
        ("49-12-31", "2049-12-31"),
        ("22.1", "2022"), ("22.10", "2022-10"),  # a number of Excel may have lost its last zero
        ("10.12", ""), ("03/05/22", ""), ("03/15/22", ""), ("22", ""), ("2203", ""), ("22.13", ""), ("5년", ""),
        ("22.3 대", ""), ("12-5", ""), ("22 3", ""), ("'2022-03", "2022-03"), ("22.02.30", ""),
    ],
)  # fmt: skip
def test_years_of_two_digits_by_one_rule(text, iso):
    """Year first; 00 to 49 are of this century; two numbers alone, or slashes, only where no month comes first."""
    assert iso_date(text) == iso


def test_numbers_and_counts_in_every_form():
    texts = ["1,234", "935 ", "79%", "-", "", "3대", "２", "1,200 개소", "4EA", "약간", "2.0", "-1"]
    found, bad = counts(pa.array(texts))
    assert found.tolist() == [1234, 935, 1, 1, 1, 3, 2, 1200, 4, 1, 2, 1]
    assert [text for text, flag in zip(texts, bad, strict=True) if flag] == ["79%", "약간", "-1"]


@pytest.mark.parametrize(
    "names",
    [
        ("위도", "경도"), ("lat", "lng"), ("latitude", "longtitude"), ("LAT", "LON"), ("WGS84위도", "WGS84경도"),
        ("위도(Y)", "경도(X)"),
        ("위도 좌표", "경도_좌표"), ("위도(°)", "경도(°)"), ("y좌표(위도)", "x좌표(경도)"), ("Y", "X"),
        ("Y좌표", "X좌표"), ("WGSXPT", "WGSYPT"),
    ],
)  # fmt: skip
def test_coordinates_by_any_name(town, helpers, names):
    lon, lat = helpers.lonlat(500, 500)
    r = town.one(town.csv("내.csv", ["시설명", *names], [["가", lat, lon]]), layer="cctv")
    assert (r.accepted, r.unlocated) == (1, 0)


# ---------------------------------------------------------------- several layers in one file


def test_a_file_of_several_layers(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    form = next(f for f in town.catalog.forms if f.id == "seoul_safe_route_point")
    codes = ["301", "302", "302.0", "305", "304", "", "999", "302"]
    rows = [
        dict.fromkeys(form.header, "")
        | {
            "포인트 wkt": f"POINT ({lon} {lat})",
            "시설물 id": str(i),
            "설치대수": "2",
            "시설코드": code,
            "시군구명": "관악구",
        }
        for i, code in enumerate(codes)
    ]
    rows.append(rows[-1])  # an exact duplicate
    path = town.csv("귀갓길.csv", ["포인트 wkt ", *form.header[1:]], [list(row.values()) for row in rows])
    r = town.one(path)
    assert (r.read, r.accepted, r.rejected, r.devices, r.reasons) == (9, 8, 1, 16, {"duplicate": 1})
    found = {layer: (f["read"], f["accepted"], f["devices"]) for layer, f in r.as_dict()["layers"].items()}
    assert found == {
        "safe_route_point": (3, 3, 6), "cctv": (4, 3, 6), "emergency_bell": (1, 1, 2), "security_light": (1, 1, 2),
    }  # fmt: skip
    assert set(r.layer.split(",")) == set(found)
    assert r.rejected_rows["line"].tolist() == [10]
    assert json.loads(json.dumps(r.as_dict()))
    assert {layer: len(town.store.read(layer)) for layer in found} == {layer: f[1] for layer, f in found.items()}
    before = town.content()
    assert town.one(path).unchanged
    assert town.content() == before


def test_a_file_of_one_of_its_layers_is_reported_as_that_layer(town, helpers):
    form = next(f for f in town.catalog.forms if f.id == "seoul_safe_route_point")
    row = dict.fromkeys(form.header, "") | {"시설코드": "302", "시군구명": "관악구"}
    r = town.one(town.csv("귀갓길.csv", form.header, [list(row.values())]))
    assert (r.layer, r.accepted, r.unlocated) == ("cctv", 1, 1)
    assert "layers" not in r.as_dict()


def test_an_empty_file_of_several_layers(town):
    form = next(f for f in town.catalog.forms if f.id == "seoul_safe_route_point")
    with pytest.raises(UnreadableFileError, match="행이 없습니다"):
        town.one(town.csv("귀갓길.csv", form.header, []))


@pytest.mark.parametrize(
    "layers",
    [
        'layers = { "코드" = { 1 = "없는_층" } }',
        'layers = { "코드" = { 1 = "cctv" }, "다른" = { 1 = "cctv" } }',
        'layers = ["cctv"]',
    ],
)
def test_a_catalog_that_divides_rows_by_nonsense(tmp_path, layers):
    own = tmp_path / "내.toml"
    own.write_text(f'[[form]]\nid = "내_양식"\nlayer = "cctv"\nheader = ["코드"]\n{layers}\n', encoding="utf-8")
    with pytest.raises(CatalogError, match="내_양식"):
        load_catalog([own])
