"""Containers and encodings: what the bytes are, before anything is understood."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.importing.encoding import decode
from layers.importing.errors import BadEncodingError, UnreadableFileError
from layers.importing.read_text import _careful, _unquoted, read_text
from layers.importing.read_vector import read_geojson

TEXT = "이름,위도,경도\n가나다라마바사아자차카타파하 지하차도 앞,37.5,127.0\n광나루 한강공원 입구 옆,37.6,127.1\n"


def never(_cells):
    return False


def read(text, saved="utf-8", known=never, **how):
    return read_text(text.encode(saved) if isinstance(text, str) else text, "시험.csv", known, **how)


def cells(raw):
    return [list(row) for row in zip(*(column.to_pylist() for column in raw.columns), strict=True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_encodings_are_detected(encoding):
    raw = read(TEXT, encoding)
    assert raw.encoding == encoding
    assert raw.header == ("이름", "위도", "경도")
    assert cells(raw)[1] == ["광나루 한강공원 입구 옆", "37.6", "127.1"]


def test_a_few_broken_bytes_do_not_hide_the_encoding():
    data = bytearray(TEXT.encode() * 40)
    data[200] = 0xFF
    text, encoding = decode(bytes(data), "시험.csv")
    assert encoding == "utf-8"
    assert text.count("\ufffd") == 1


@pytest.mark.parametrize(
    "content",
    [
        TEXT.replace("이름", "\ufffd\ufffd").encode(),  # the header was lost when it was saved
        ("이름,위도,경도\n" + "\ufffd\ufffd,37.5,127.0\n" * 20).encode(),
        TEXT.encode("utf-8").decode("latin-1").encode("utf-8"),
    ],
    ids=["header", "rows", "utf-8 taken for latin-1"],
)
def test_mojibake_is_refused(content):
    with pytest.raises(BadEncodingError, match=r"시험\.csv.*깨져"):
        read(content)


def test_the_asked_encoding_is_taken_strictly():
    assert read(TEXT, "cp949", encoding="cp949").encoding == "cp949"
    with pytest.raises(BadEncodingError, match="utf-8"):
        read(TEXT, "cp949", encoding="utf-8")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(delimiter):
    raw = read(TEXT.replace(",", delimiter))
    assert raw.header == ("이름", "위도", "경도")
    assert len(raw) == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    raw = read(TEXT.replace("\n", end))
    assert cells(raw)[0][1:] == ["37.5", "127.0"]
    assert raw.lines.tolist() == [2, 3]


def test_blank_lines_are_no_rows_and_lines_are_counted_as_in_the_file():
    raw = read("이름,값\n가,1\n\n  \n나,2\n\n\n")
    assert cells(raw) == [["가", "1"], ["나", "2"]]
    assert raw.lines.tolist() == [2, 5]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_ends():
    raw = read('이름,값\n"가, ""나""",1\n"두\n줄",2\n다,3\n')
    assert cells(raw) == [['가, "나"', "1"], ["두\n줄", "2"], ["다", "3"]]
    assert raw.lines.tolist() == [2, 3, 5]


def test_rows_with_too_many_cells_are_set_apart_and_short_ones_filled():
    raw = read("이름,값,비고\n가,1\n나,2,,,\n다,3,x,y\n라,4,z\n")
    assert cells(raw) == [["가", "1", ""], ["나", "2", ""], ["라", "4", "z"]]
    assert raw.broken["line"].tolist() == [4]
    assert raw.broken["row"].tolist() == ["다,3,x,y"]


def test_a_quote_that_is_never_closed_swallows_no_rows():
    raw = read('이름,값\n"가,1\n' + "".join(f"등{i},{i}\n" for i in range(50)))
    assert len(raw) + len(raw.broken) == 51
    assert len(raw) >= 50


def test_nul_bytes_are_taken_out():
    raw = read("이름,값\n가\x00,1\n")
    assert cells(raw) == [["가", "1"]]
    assert raw.repaired == {"nul": 1}


def test_blanks_and_nameless_and_double_columns():
    raw = read(" 이름 ,값,값,,Unnamed: 4,\n  가  ,1,,,9,\n나,2,,,8,\n")
    assert raw.header == ("이름", "값", "열5")
    assert cells(raw) == [["가", "1", "9"], ["나", "2", "8"]]
    assert read("값,값\n1,2\n").header == ("값", "값 (2)")


def test_the_header_may_stand_under_a_title():
    raw = read("서울시 보안등 현황\n\n기준: 2025년,,\n이름,위도,경도\n가,37.5,127\n", known=lambda c: "위도" in c)
    assert raw.header == ("이름", "위도", "경도")
    assert raw.lines.tolist() == [5]


def test_fast_and_careful_agree():
    text = "이름,값,비고\n" + "".join(f'등 {i},"{i},{i}",\n' for i in range(300))
    fast, careful = read(text), read(text.replace("등 7,", "\n등 7,"))  # a blank line sends it the careful way
    assert cells(fast) == cells(careful)
    assert np.diff(careful.lines).max() == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", "합계\n".encode(), b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing_to_read(content):
    with pytest.raises(UnreadableFileError):
        read(content)


def test_geojson_properties_become_text():
    raw = read_geojson(
        b'{"type":"FeatureCollection","features":['
        b'{"type":"Feature","properties":{"n":3,"f":2.0,"g":1.5,"t":" a ","b":true,"l":[1]},'
        b'"geometry":{"type":"Point","coordinates":[127,37.5]}},'
        b'{"type":"Feature","properties":{"n":null,"f":null,"g":null,"t":null,"b":null,"l":null},"geometry":null}]}',
        "점.geojson",
    )
    assert dict(zip(raw.header, cells(raw)[0], strict=True)) | {"b": "", "l": ""} == {
        "n": "3", "f": "2", "g": "1.5", "t": "a", "b": "", "l": "",
    }  # fmt: skip
    assert cells(raw)[1] == [""] * len(raw.header)
    assert raw.geometry[1] is None
    assert raw.crs == "EPSG:4326"


@pytest.mark.parametrize("content", [b"{", b'{"type":"FeatureCollection","features":[]}', b'{"a":1}', b'{"type":"Topo'])
def test_broken_geojson_is_one_clear_error(content):
    with pytest.raises(UnreadableFileError, match=r"점\.geojson"):
        read_geojson(content, "점.geojson")


LINES = st.lists(st.text(st.sampled_from("가a ,0\t"), max_size=8), max_size=12)


@given(LINES)
def test_parsing_at_once_and_row_by_row_agree(lines):
    ours, theirs = _unquoted(lines, ",", 3), _careful(lines, ",", 3)
    assert [c.to_pylist() for c in ours[0]] == [c.to_pylist() for c in theirs[0]]
    assert ours[1].tolist() == theirs[1].tolist()
    assert ours[2].to_dict("list") == theirs[2].to_dict("list")


@given(st.lists(st.lists(st.text(st.sampled_from('가a ,0"\n'), max_size=5), min_size=3, max_size=3), max_size=8))
def test_what_a_csv_writer_writes_is_read_back(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["이름", "값", "비고"], *rows])
    raw = read(text.getvalue())
    expected = [[" ".join(cell.split(" ")).strip() for cell in row] for row in rows]
    kept = [row for row in expected if any(row)]
    assert [row for row in cells(raw) if any(row)] == kept
