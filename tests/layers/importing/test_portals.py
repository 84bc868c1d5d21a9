"""Saved pages of the portals' APIs: the rows in them, what is missing, and what the portal said instead."""

import json
import zipfile

import pytest

from layers.importing.errors import PortalError, UnreadableFileError, UnsafeFileError
from layers.importing.read_portal import read_json, read_xml

NAMES = ("SVCAREAID", "ADDR", "CCTVUSE", "QTY", "WGSXPT", "WGSYPT", "UPDTDATE")
ROWS = [
    dict(zip(NAMES, ("관악구", "가람동 1", "방범", 2, "37.4800", 126.95, "2025-06-30"), strict=True)),
    dict(zip(NAMES, ("관악구", None, "", "1", "37.4801", "126.9510", "2025-06-30"), strict=True)),
]
FINE = {"CODE": "INFO-000", "MESSAGE": "정상 처리되었습니다"}


def cells(raw):
    return [list(row) for row in zip(*(column.to_pylist() for column in raw.columns), strict=True)]


def page(value):
    return json.dumps(value, ensure_ascii=False).encode()


def seoul(rows, total):
    return {"safeCctv": {"list_total_count": total, "RESULT": FINE, "row": rows}}


def gov(items, total, code="00", message="NORMAL_SERVICE"):
    body = {"items": items, "numOfRows": 100, "pageNo": 1, "totalCount": total}
    return {"response": {"header": {"resultCode": code, "resultMsg": message}, "body": body}}


def as_xml(name, value):
    if isinstance(value, dict):
        return f"<{name}>{''.join(as_xml(k, v) for k, v in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(as_xml(name, v) for v in value)
    return f"<{name}>{'' if value is None else value}</{name}>"


@pytest.mark.parametrize(
    "value",
    [
        seoul(ROWS, 2),
        gov(ROWS, 2),
        gov({"item": ROWS}, "2"),
        {"currentCount": 2, "data": ROWS, "matchCount": 2, "page": 1, "perPage": 10, "totalCount": 2},
        {"fields": [{"id": name} for name in ROWS[0]], "records": ROWS},
        ROWS,
    ],
    ids=["서울", "data.go.kr", "data.go.kr item", "odcloud", "표준데이터", "목록"],
)
def test_rows_of_every_portal(value):
    (raw,) = read_json(page(value), "쪽.json")
    assert raw.header == tuple(ROWS[0])
    assert cells(raw)[0] == ["관악구", "가람동 1", "방범", "2", "37.4800", "126.95", "2025-06-30"]  # as written
    assert cells(raw)[1][1] == ""
    assert raw.note == ""


@pytest.mark.parametrize("declared", ["utf-8", "euc-kr"])
@pytest.mark.parametrize(
    ("root", "value"),
    [("safeCctv", seoul(ROWS, 2)["safeCctv"]), ("response", gov({"item": ROWS}, 2)["response"])],
)
def test_rows_of_xml_pages(root, value, declared):
    text = f'<?xml version="1.0" encoding="{declared}"?>\n{as_xml(root, value)}'
    (raw,) = read_xml(text.encode("cp949" if declared == "euc-kr" else declared), "쪽.xml")
    assert raw.header == tuple(ROWS[0])
    assert cells(raw)[0][:5] == ["관악구", "가람동 1", "방범", "2", "37.4800"]
    assert len(raw) == 2


def test_a_page_of_one_row():
    assert len(read_json(page(gov({"item": ROWS[0]}, 1)), "쪽.json")[0]) == 1
    assert len(read_json(page(seoul(ROWS[:1], 1)), "쪽.json")[0]) == 1
    assert len(read_xml(as_xml("response", gov({"item": ROWS[:1]}, 1)["response"]).encode(), "쪽.xml")[0]) == 1


def test_an_incomplete_page_is_noted(town, helpers):
    lon, lat = helpers.lonlat(500, 500)
    rows = [ROWS[0] | {"WGSXPT": str(lat), "WGSYPT": str(lon)}]
    r = town.one(town.file("쪽.json", page(seoul(rows, 19_316))))
    assert (r.layer, r.accepted, r.devices) == ("cctv", 1, 2)
    assert "19,316건 가운데 1건" in r.note
    r = town.one(town.file("쪽.xml", as_xml("safeCctv", seoul(rows, 7)["safeCctv"])), force=True)
    assert (r.layer, r.accepted) == ("cctv", 1)
    assert "7건 가운데 1건" in r.note


GATEWAY = {
    "cmmMsgHeader": {
        "errMsg": "SERVICE ERROR", "returnAuthMsg": "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "returnReasonCode": "30",
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            {"RESULT": {"CODE": "ERROR-336", "MESSAGE": "데이터요청은 한번에 최대 1000건을 넘을 수 없습니다."}},
            "ERROR-336",
        ),
        (gov("", 0, "22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"), "LIMITED_NUMBER"),
        ({"OpenAPI_ServiceResponse": GATEWAY}, "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"),
        (gov("", 0), "0건"),
        (seoul([], 0), "0건"),
    ],
)
def test_error_pages_say_what_the_portal_said(value, said):
    with pytest.raises(PortalError, match=said):
        read_json(page(value), "쪽.json")
    (root, inside), *_ = value.items()
    with pytest.raises(PortalError, match=said):
        read_xml(f'<?xml version="1.0"?>{as_xml(root, inside)}'.encode(), "쪽.xml")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><r><row><a>&b;</a></row></r>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><row><a>&x;</a></row></r>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd"><r><row><a>1</a></row></r>',
    ],
)
def test_entities_and_document_types_are_refused(text):
    with pytest.raises(UnsafeFileError, match="엔티티"):
        read_xml(f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode(), "쪽.xml")


@pytest.mark.parametrize(
    "data", [b'{"a":', b"{}", b"[]", b"[1,2]", b'{"a":1}', b"[" * 100_000, b'{"a":[{"b":' + b"[" * 90]
)
def test_json_without_rows_is_one_clear_error(data):
    with pytest.raises(UnreadableFileError, match=r"쪽\.json"):
        read_json(data, "쪽.json")


@pytest.mark.parametrize("data", [b"<a>", b"<a/>", b"<a><b>1</b></a>", b"<a>" * 100 + b"</a>" * 100, b"<a>&x;</a>"])
def test_xml_without_rows_is_one_clear_error(data):
    with pytest.raises((UnreadableFileError, UnsafeFileError), match=r"쪽\.xml"):
        read_xml(data, "쪽.xml")


# ---------------------------------------------------------------- several tables in a file, several files of a table


def cameras(helpers, begin, end):
    places = [helpers.lonlat(40 * i + 10, 300) for i in range(begin, end)]
    return [
        dict(zip(NAMES, ("관악구", f"가람동 {i}", "방범", 1, lat, lon, "2025-06-30"), strict=True))
        for i, (lon, lat) in enumerate(places, start=begin)
    ]


def lockers(helpers, n):
    places = [helpers.lonlat(200, 40 * i + 10) for i in range(n)]
    return [
        {"ANSIMINM": f"함{i}", "ANSIMIADDR": f"관악구 가람동 {i}", "WGSXPT": lat, "WGSYPT": lon}
        for i, (lon, lat) in enumerate(places)
    ]


@pytest.fixture
def both(helpers):
    locker = {"ansimIlocker": {"list_total_count": 4, "RESULT": FINE, "row": lockers(helpers, 4)}}
    return seoul(cameras(helpers, 0, 6), 6) | locker


def test_a_page_of_several_services_gives_each_by_itself(town, both):
    for name, data in (("둘.json", page(both)), ("둘.xml", as_xml("pages", both).encode())):
        reports = town.load(town.file(name, data), force=True)
        assert [(r.file, r.layer, r.read, r.accepted) for r in reports if not r.unchanged] in (
            [(f"{name}[safeCctv]", "cctv", 6, 6), (f"{name}[ansimIlocker]", "locker", 4, 4)],
            [],
        )
    assert (len(town.store.read("cctv")), len(town.store.read("locker"))) == (6, 4)


def test_a_table_beside_that_is_none_of_ours_is_left_aside(town, helpers, both):
    both["ansimIlocker"]["row"] = [{"코드": str(i), "뜻": "말"} for i in range(400)]
    (report,) = town.load(town.file("둘.json", page(both)))
    assert (report.file, report.layer, report.accepted) == ("둘.json", "cctv", 6)


def test_pages_saved_into_one_file_are_one_table(town, helpers):
    pages = [seoul(cameras(helpers, i, i + 3), 9) for i in (0, 3, 6)]
    (report,) = town.load(town.file("쪽들.json", page(pages)))
    assert (report.file, report.read, report.accepted, report.note) == ("쪽들.json", 9, 9, "")


@pytest.fixture
def pages(town, helpers):
    """Three pages of one service: two as JSON, the last as XML."""
    made = [seoul(cameras(helpers, i, min(i + 4, 10)), 10) for i in (0, 4, 8)]
    last = town.file("다.xml", as_xml("safeCctv", made[2]["safeCctv"]))
    return [town.file("가.json", page(made[0])), town.file("나.json", page(made[1])), last]


def test_pages_of_one_service_are_one_edition(town, pages):
    first, *others = town.load(*pages)
    assert (first.file, first.read, first.accepted, first.devices) == ("가.json", 10, 10, 10)
    assert "3쪽을 한 자료로" in first.note
    assert "incomplete" not in first.note
    assert [(r.read, r.accepted, r.note) for r in others] == [
        (0, 0, "page: 같은 서비스의 쪽이라 가.json에 이어 읽었습니다")
    ] * 2
    stored, version = town.content(), town.store.version()
    again = town.load(*reversed(pages))  # the order says nothing
    assert next(r for r in again if r.read).unchanged
    assert (town.content(), town.store.version()) == (stored, version)


def test_pages_in_a_folder_and_in_a_zip_are_one_edition(bare, pages, helpers):
    folder = bare.folder / "쪽"
    folder.mkdir()
    for one in pages:
        one.rename(folder / one.name)
    with zipfile.ZipFile(bare.folder / "쪽.zip", "w") as archive:
        for one in sorted(folder.iterdir()):
            archive.write(one, one.name)
    bare.load(bare.boundaries)
    assert sum(r.accepted for r in bare.load(folder)) == 10
    assert next(r for r in bare.load(bare.folder / "쪽.zip") if "unchanged" in r.as_dict()).accepted == 10


def test_a_page_saved_twice_and_one_that_is_missing(town, pages, helpers):
    again = town.file("가 (1).json", pages[0].read_bytes())
    first = next(r for r in town.load(pages[0], again, pages[1]) if r.read)
    assert (first.read, first.accepted, first.reasons) == (12, 8, {"duplicate": 4})
    assert "전체 10건 가운데 8건" in first.note


def test_pages_of_two_editions_are_not_mixed(town, helpers):
    old = town.file("가.json", page(seoul(cameras(helpers, 0, 6), 7)))
    new = [row | {"UPDTDATE": "2025-09-30", "ADDR": row["ADDR"] + "-1"} for row in cameras(helpers, 0, 6)]
    reports = town.load(old, town.file("나.json", page(seoul(new, 7))), confirm=True)
    assert [(r.read, "superseded" in r.note) for r in reports] == [(6, True), (6, False)]
    assert len(town.store.read("cctv")) == 6
