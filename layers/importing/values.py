"""Dates, counts and camera purposes in every form public files write them."""

import re
import unicodedata
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from geo.model import Bools, Ints
from layers.importing.text import each_text, numbers, plain

_DATE = re.compile(
    r"([0-9]{4})(?:\.0)?|"
    r"([0-9]{4})[-./년\s]*([0-9]{1,2})?(?:[-./월\s]+([0-9]{1,2}))?[-./월일\s]*(?:[T\s](?:오전|오후)?\s*[0-9]{1,2}:.*)?"
)
_PART_OF_YEAR = re.compile(r"([0-9]{4})\s*년?\s*(?:[상하]반기|[1-4]\s*/?\s*4?\s*분기|도)")
_PACKED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?(?:\.0)?(?:[0-9]{6})?")
# Two digits for a year: said to be one by an apostrophe or 년, or standing first of three numbers, or no month.
_SHORT_YEAR = re.compile(
    r"(?P<mark>')?\s*(?P<year>[0-9]{2})(?:(?P<said>\s*년(?:도)?)|(?P<by>\s*[-./]))?\s*"
    r"(?:(?P<month>[0-9]{1,2})(?:[-./월\s]+(?P<day>[0-9]{1,2}))?[-./월일\s]*(?:\s[0-9]{1,2}:.*)?)?"
)
_CENTURY = 50  # 00 to 49 are of this century, 50 to 99 of the last
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’`′´", "'"))
_LONGEST_DATE = 40  # characters; the pattern takes the cube of the length of what is no date
EARLIEST_YEAR = 1950  # 1900 and 1905-07 are Excel's serial numbers gone wrong, not years

_UNIT = r"\s*(대|개|개소|기|등|본|주|EA|ea|Ea)\.?\s*$"
_NO = frozenset({
    "n", "no", "x", "×", "✕", "false", "0", "아니오", "아니요", "아님", "없음", "무", "부", "미운영", "운영안함",
    "운영중지", "운영중단", "운영종료", "중지", "중단", "종료", "미사용", "사용안함", "사용중지", "폐쇄", "폐지",
    "폐업", "말소", "철거", "해제", "지정해제",
})  # fmt: skip

# Normalised purpose by the words that settle it, tried in this order. The names are domain.md 1's; the
# variants are those of 설치목적구분 (전국CCTV표준데이터) and of the districts' own files. One with several
# purposes counts if guarding against crime is among them, whatever else it watches.
_PURPOSES = (
    ("철거", ("철거",)),
    ("시설방범", ("시설방범", "시설물방범")),
    ("생활방범", ("방범", "범죄예방")),
    ("주차", ("주차", "주정차")),
    ("무단투기", ("투기", "쓰레기")),
    ("산불", ("산불",)),
    ("재난", ("재난", "재해", "하천", "침수", "치수", "홍수")),
    ("체험", ("체험",)),
    ("어린이보호", ("어린이", "스쿨존", "초등")),
    ("시설방범", ("시설",)),
    ("공원", ("공원", "놀이터", "녹지")),
    ("교통단속", ("교통", "단속", "과속", "신호위반")),
    ("생활방범", ("안심귀갓길", "골목", "주택가")),
)
KNOWN_PURPOSES = frozenset(name for name, _ in _PURPOSES)


def iso_date(text: str) -> str:
    """Return the date of a cell as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; '' where it is none.

    Takes 2020-05-01, 2020.5.1, 20200501, 202005, 2020-05, 2021, 2021.0, 2020년 5월 and a time after it, a half or
    quarter of a year (as the year), full-width digits, and years of two digits (:func:`_with_century`). Years before
    1950 or a century ahead and days that do not exist are no dates; neither is a bare serial number of Excel (43952).
    """
    text = " ".join(unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).split()).rstrip("'")
    if len(text) > _LONGEST_DATE:
        return ""
    text = _with_century(text).lstrip("'")
    if part := _PART_OF_YEAR.fullmatch(text):
        text = part[1]
    packed = _PACKED.fullmatch(text)
    if packed:
        year, month, day = packed[1], packed[2], packed[3]
    else:
        match = _DATE.fullmatch(text)
        if match is None:
            return ""
        year, month, day = match[1] or match[2], match[3], match[4]
    if not EARLIEST_YEAR <= int(year) < 2100 or (month and not 1 <= int(month) <= 12):
        return ""
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join([year, *(f"{int(part):02d}" for part in (month, day) if part)])


def _with_century(text: str) -> str:
    """Return a date with its year in four digits, where it has two and they are surely a year.

    The year comes first, as it is written in Korea: 98-05-01 and 05.01.03 are of 1998 and 2005. With slashes, or of
    two numbers alone (10.12), the first may be a month: it is a year where it is over 12, after an apostrophe, or
    before 년. Of a year alone one of the two marks must stand; of 22.1 only the year is sure. All else is left as it
    is, and is no date.
    """
    short = _SHORT_YEAR.fullmatch(text) or _SHORT_YEAR.match(text)
    if short is None:
        return text
    year, month, day, by = short["year"], short["month"], short["day"], (short["by"] or "").strip()
    marked = bool(short["mark"] or short["said"])
    whole = short.end() == len(text) or bool(short["said"])  # behind 년, a half of the year may stand
    first = bool(by and month) and (int(year) > 12 or (bool(day) and by != "/"))
    if not whole or not (marked or first) or (month and not (by or short["said"])):
        return text
    century = "19" if int(year) >= _CENTURY else "20"
    if month == "1" and not day and not marked:
        return century + year  # 22.1 may have been 22.10 before Excel took it for a number
    return century + text[short.start("year") :]


def dates(values: pa.Array) -> pa.Array:
    """Return a column of dates as ISO text, '' where a cell is none."""
    return each_text(values, iso_date)


def year_month(years: pa.Array, months: pa.Array) -> pa.Array:
    """Return ``YYYY-MM`` of a column of years and one of months, ``YYYY`` or '' where a part is none."""
    year, month = numbers(years), numbers(months)
    known = np.isfinite(year) & (year >= EARLIEST_YEAR) & (year < 2100)
    both = known & (month >= 1) & (month <= 12)
    whole_year, whole_month = np.where(known, year, 0).astype(int), np.where(both, month, 0).astype(int)
    texts = [
        f"{y}-{m:02d}" if m else (str(y) if y else "")
        for y, m in zip(whole_year.tolist(), whole_month.tolist(), strict=True)
    ]
    return pa.array(texts, pa.string())


def counts(values: pa.Array) -> tuple[Ints, Bools]:
    """Return how many devices each row stands for, and where that was not readable.

    Returns
    -------
    int64 (n,): the whole number in the cell, a unit after it ("3대", "1,200 개소") left out; 1 where it is empty or
    '-', or no number of devices. bool (n,): the cell holds something else than a number from 0 to 100,000.
    """
    found = numbers(values)
    if np.isnan(found).any():
        found = np.where(np.isnan(found), numbers(pc.replace_substring_regex(values, _UNIT, "")), found)
    good = (found >= 0) & (found <= 100_000)
    empty = np.asarray(pc.is_in(values, pa.array(["", "-"])), dtype=bool)
    return np.where(good, np.where(good, found, 1).round(), 1).astype(np.int64), ~good & ~empty


def is_no(text: str) -> bool:
    """Say whether a yes/no cell (운영여부, 사용여부, 상태) says no, in any of the ways files write it."""
    return plain(unicodedata.normalize("NFKC", text)).strip(".()") in _NO


def purpose(text: str) -> str:
    """Return the normalised purpose of a camera; '' for an empty cell; the cell's own words where unknown."""
    bare = plain(text)
    for name, words in _PURPOSES:
        if any(word in bare for word in words):
            return name
    return text if bare and bare not in {"기타", "-", "미상", "없음"} else ""
