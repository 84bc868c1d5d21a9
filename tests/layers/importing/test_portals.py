"""Saved pages of the portals' APIs: the rows in them, what is missing, and what the portal said instead."""

import json

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
    raw = read_json(page(value), "쪽.json")
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
    raw = read_xml(text.encode("cp949" if declared == "euc-kr" else declared), "쪽.xml")
    assert raw.header == tuple(ROWS[0])
    assert cells(raw)[0][:5] == ["관악구", "가람동 1", "방범", "2", "37.4800"]
    assert len(raw) == 2


def test_a_page_of_one_row():
    assert len(read_json(page(gov({"item": ROWS[0]}, 1)), "쪽.json")) == 1
    assert len(read_json(page(seoul(ROWS[:1], 1)), "쪽.json")) == 1
    assert len(read_xml(as_xml("response", gov({"item": ROWS[:1]}, 1)["response"]).encode(), "쪽.xml")) == 1


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
