"""Addresses taken apart: by hand, as real files write them, and under any decoration."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.importing.addresses import Address, dong_named, parse_lot, parse_road, plain_name

NOTHING = ("", "", "", "")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("서울특별시 관악구 봉천로33길 8, 101호, 102호 (봉천동)", ("봉천로33길", "", "8", "")),
        ("동일로 114길 10", ("동일로114길", "", "10", "")),
        ("서울 중구 을지로 12가길 3", ("을지로12가길", "", "3", "")),
        ("신림로3가길 41 1층", ("신림로3가길", "", "41", "")),
        ("남부순환로 지하 1822", ("남부순환로", "지하", "1822", "")),
        ("남부순환로 1456, 지하1층 (신림동)", ("남부순환로", "", "1456", "")),
        ("중앙로123번길 5-12", ("중앙로123번길", "", "5", "12")),
        ("관악구 양지5길 2", ("양지5길", "", "2", "")),
        ("４·１９로 １２", ("4.19로", "", "12", "")),
        ("종로구 종로 1", ("종로", "", "1", "")),
        ("구로구 구로동로 12 길음빌딩", ("구로동로", "", "12", "")),
        ("봉천로 33길 8 101호", ("봉천로33길", "", "8", "")),
        ("당곡2가길 12 - 3", ("당곡2가길", "", "12", "3")),
        ("솔밭로7길 21, 원촌로즈빌 지하1층 B01호 (봉천동)", ("솔밭로7길", "", "21", "")),
        ("충청북도 진천군 화랑8길", NOTHING),  # no number: no building
        ("종로구 종로5가 12-3", NOTHING),  # a lot
        ("관악구 봉천동 924-1", NOTHING),
        ("", NOTHING),
    ],
)
def test_roads(text, parts):
    assert tuple(parse_road(text))[1:] == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("서울특별시 관악구 신림동 1474-10", ("신림동", "", "1474", "10")),
        ("봉천동 151-2 원촌로즈빌", ("봉천동", "", "151", "2")),
        ("관악구 봉천동 산 117 - 3번지", ("봉천동", "산", "117", "3")),
        ("신림1동 1474번지 10호", ("신림1동", "", "1474", "10")),
        ("봉천동 123번지의 4호", ("봉천동", "", "123", "4")),
        ("봉천동 123의4", ("봉천동", "", "123", "4")),
        ("봉천동 123번지 101호", ("봉천동", "", "123", "")),  # a unit
        ("봉천동 0041-0000", ("봉천동", "", "41", "")),
        ("종로5가 12-3", ("종로5가", "", "12", "3")),
        ("화도읍 마석우리 12-3", ("화도읍마석우리", "", "12", "3")),
        ("A2021 배수지공원#01(삼성동 336-8)", ("삼성동", "", "336", "8")),
        ("봉천로33길 8 (봉천동)", NOTHING),
        ("광진구 구의2동 광진초 정문", NOTHING),
    ],
)
def test_lots(text, parts):
    assert tuple(parse_lot(text))[1:] == parts


def test_dong():
    assert dong_named("관악구 봉천로33길 8, 101호 (봉천동, 두산아파트)") == "봉천동"
    assert dong_named("관악구 신림1동 12") == "신림1동"
    assert dong_named("관악구 봉천로33길 8") == ""


def test_what_is_equal_and_what_is_not():
    assert parse_lot("봉천동 산 12").building != parse_lot("봉천동 12").building
    assert parse_road("봉천로 지하 12").exact != parse_road("봉천로 12").exact
    assert parse_road("봉천로 지하 12").building == parse_road("봉천로 12").building
    assert parse_lot("신림1동 12-3").building == parse_lot("신림동 12-3").building
    assert parse_lot("신림1동 12-3").exact != parse_lot("신림동 12-3").exact
    assert parse_road("봉천로 12-3").building != parse_road("봉천로 12").building
    assert parse_road("봉천로 12-3").lacking_sub == parse_road("봉천로 12").lacking_sub
    assert Address().exact == Address().building == Address().lacking_sub == ""


def test_names():
    assert plain_name("CU 관악 낙성점") == plain_name("씨유관악낙성점") == "씨유관악낙성점"
    assert plain_name("(주)지에스25 (봉천점)") == plain_name("GS25")


numbers = st.integers(1, 3000).map(str)
roads = st.sampled_from(
    ["봉천로", "봉천로33길", "신림로3가길", "남부순환로", "양지5길", "동일로114길", "중앙로12번길", "관악대로"]
)
dongs = st.sampled_from(["봉천동", "신림1동", "종로5가", "을지로3가", "마석우리"])
before = st.sampled_from(["", "서울특별시 관악구 ", "서울 관악구  ", "서울시관악구 ", " 경기도 수원시 영통구 "])
after = st.sampled_from(
    [
        "",
        ", 1층",
        " 101호",
        ", 지하1층 B01호 (봉천동)",
        " (신림동, 현대상가)",
        "(봉천동)",
        ", 2동 1층 7호",
        "  롯데 빌딩 3층",
    ]
)
subs = st.one_of(st.just(""), numbers)


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() or c == "-" else c for c in text)


@given(
    road=roads,
    main=numbers,
    sub=subs,
    lead=before,
    tail=after,
    blank=st.sampled_from(["", " ", "  "]),
    wide=st.booleans(),
)
def test_any_decoration_of_a_road_address_comes_off(road, main, sub, lead, tail, blank, wide):
    number = f"{main}-{sub}" if sub else main
    text = f"{lead}{road}{blank}{full_width(number) if wide else number}{tail}"
    assert tuple(parse_road(text)) == ("road", road, "", main, sub)


@given(
    dong=dongs, mark=st.sampled_from(["", "산"]), main=numbers, sub=subs, lead=before,
    tail=st.sampled_from(["", "번지", "번지 ", " (봉천동)", ", 현대상가 2층"]), wide=st.booleans(),
    dash=st.sampled_from(["-", " - ", "–"]),
)  # fmt: skip
def test_any_decoration_of_a_lot_address_comes_off(dong, mark, main, sub, lead, tail, wide, dash):
    number = f"{main}{dash}{sub}" if sub else main
    text = f"{lead}{dong} {mark} {full_width(number) if wide else number}{tail}"
    assert tuple(parse_lot(text)) == ("lot", dong, mark, main, sub)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    assert (parse_road(text).place == "") == (parse_road(text).main == "" and parse_road(text).exact == "")
    parse_lot(text), dong_named(text), plain_name(text)


def parse_either(text):
    road = parse_road(text)
    return road if road.place else parse_lot(text)


@pytest.mark.real
def test_real_addresses_are_understood(seoul):
    """Every one that has a building's number: 907 road and 81 lot addresses of bells, 271 of lockers, 360 of shops."""
    files = (
        ("12_04_09_E_안전비상벨위치정보.csv", "utf-8-sig", "소재지도로명주소", parse_road, 907),
        ("12_04_09_E_안전비상벨위치정보.csv", "utf-8-sig", "소재지지번주소", parse_lot, 81),
        ("서울시 안심택배함 설치 장소.csv", "cp949", "안심 주소", parse_either, 271),
        ("관악구_안전상비의약품_판매점.csv", "utf-8-sig", "도로명주소", parse_road, 360),
    )
    for file, encoding, column, parse, known in files:
        rows = csv.DictReader((seoul / file).read_text(encoding).splitlines())
        texts = [row[column] for row in rows if row[column].strip()]
        assert len(texts) == known
        unread = [text for text in texts if not parse(text).place]
        assert not unread, (file, unread[:5])
