"""Hours as Korean public data writes them, turned into opening_hours syntax. What is not understood is ''.

opening_hours: the syntax of OpenStreetMap's key of that name (``Mo-Fr 22:00-01:00; PH off``). A text is either
understood whole or not at all: unknown hours are unknown, never a guess.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from opening_hours import validate

_DAY_MIN = 24 * 60
_PH = 7  # public holiday, after Monday 0 … Sunday 6
_WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
_WEEKDAYS = frozenset(range(5))
_ALL_DAYS = frozenset(range(7))
_REST_DAYS = frozenset({5, 6, _PH})
_DAY_WORDS = {
    "매일": _ALL_DAYS,
    "평일": _WEEKDAYS,
    "주중": _WEEKDAYS,
    "주말": frozenset({5, 6}),
    "공휴일": frozenset({_PH}),
} | {word: frozenset({i}) for i, word in enumerate("월화수목금토일")}

_LONGEST_TEXT = 200
_FULL_DAY = (0, _DAY_MIN)
_NOT_NFKC = str.maketrans({**dict.fromkeys("∼〜–—−‐‑‒-", "~"), **dict.fromkeys("ㆍ・•", "·")})
_SYNTAX = re.compile(r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|off|closed|unknown)\b|24/7|(?:sunrise|sunset)")
# In order: an earlier word may hold a later one (익일 and 매일 hold 일). Four digits are a time only on the whole or
# half hour: 2013~2015 are years.
_TOKEN = re.compile(
    r"(?P<blank>[\s()\[\]|]+|(?<!\d):|연중\s*무휴|무휴|운영\s*시간|영업\s*시간|활동\s*시간|이용\s*시간|근무\s*시간"
    r"|매주|까지|운영(?!\s*안)|영업|활동|근무|순찰|개방)"
    r"|(?P<all_day>24\s*시간|24\s*[hH]\b)"
    r"|(?P<off>정기\s*휴[무점관]|휴[무점관업]|미운영|운영\s*안\s*함)"
    r"|(?P<except>제외)"
    r"|(?P<next>익일|다음\s*날|이튿날|명일)"
    r"|(?P<half>오전|오후|새벽|아침|낮|저녁|밤|AM|PM|am|pm)"
    r"|(?P<noon>정오)|(?P<midnight>자정)"
    r"|(?P<day>매일|평일|주중|주말|법정\s*공휴일|공휴일|[월화수목금토일](?:요일)?)"
    r"|(?P<time>\d{1,2}:\d{2}(?::00)?(?![\d:])|\d{1,2}\s*시(?:\s*\d{1,2}\s*분|\s*반)?|\d{2}[03]0(?!\d)|\d{1,2}(?![\d:]))"
    r"|(?P<to>~|부터)"
    r"|(?P<and>[,;/·&+]|및)"
)
_TIME = re.compile(r"(\d{1,2})(?::(\d{2})(?::00)?|\s*시(?:\s*(?:(\d{1,2})\s*분|(반)))?)?")


class _NotUnderstoodError(Exception):
    """A text, or a part of it, has no single reading."""


@dataclass(frozen=True)
class _Clock:
    """One clock time as written."""

    minutes: int  # from midnight; up to 48 hours
    half: bool = False  # its half of the day is said: 오전, 밤, 정오 …
    colon: bool = False  # 09:00
    digits: int = 2  # of the hour

    @property
    def of_24(self) -> bool:
        """It can only be read on a 24-hour clock."""
        return not self.half and self.minutes >= 13 * 60

    @property
    def bare(self) -> bool:
        """It may be morning or evening: 9, 9시, 10시."""
        return not (self.half or self.colon or self.of_24)


@dataclass(frozen=True)
class _Rule:
    days: frozenset[int] | None  # None: no day was named
    spans: tuple[tuple[int, int], ...]  # empty: off
    workday: bool = False  # named 평일/주중, which by the word's meaning leaves out public holidays


@lru_cache(maxsize=65_536)
def to_opening_hours(text: str) -> str:
    """Convert hours as a Korean public file writes them to opening_hours syntax.

    Parameters
    ----------
    text
        Such as ``21:00~익일 02:30``, ``월-금 22:00~01:00``, ``월 22-24, 화-금 22-01``, ``연중무휴 24시간``,
        ``평일 09:00~18:00, 토·일·공휴일 휴무``; or opening_hours syntax, which is returned as it is.

    Returns
    -------
    opening_hours syntax; '' where the text has no single reading (``9~6``, ``22:00~22:00``, ``상시``).
    Days not named are closed. 평일 and 주중 leave out public holidays (``PH off``), 월~금 does not. A time that
    ends before it begins ends on the next day.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST_TEXT:
        return ""
    if _SYNTAX.search(text) and is_syntax(text):
        return text
    if re.fullmatch(r"24\s*시(?:\s*(?:영업|운영))?", text):
        return "24/7"
    try:
        return _write(_Parser(text).rules())
    except _NotUnderstoodError:
        return ""


def hours_from_columns(
    *,
    weekday: tuple[str, str] = ("", ""),
    saturday: tuple[str, str] = ("", ""),
    holiday: tuple[str, str] = ("", ""),
) -> str:
    """Convert the start and end columns of a standard file (전국안심택배함표준데이터) to opening_hours syntax.

    Parameters
    ----------
    weekday, saturday, holiday
        (start, end) as ``09:00``, ``2200``, ``900`` or ``09:00:00``. 00:00 to 23:59 or 24:00 is the whole day;
        휴무 in either closes the day. Sundays are the holiday columns' (관공서의 공휴일에 관한 규정 제2조).

    Returns
    -------
    opening_hours syntax, ``24/7`` where all three are whole days, '' where nothing is known. Days whose columns
    are empty or make no sense (start = end included) are ``unknown`` in it.
    """
    parts = [_column_hours(*pair) for pair in (weekday, saturday, holiday)]
    if not any(parts):
        return ""
    if len(set(parts)) == 1:
        return "24/7" if parts[0] == "00:00-24:00" else parts[0]
    days = ("Mo-Fr", "Sa", "Su,PH")
    return "; ".join(f"{day} {part or 'unknown'}" for day, part in zip(days, parts, strict=True))


def is_syntax(expression: str) -> bool:
    """Say whether the text is opening_hours syntax (a blank text is not)."""
    return bool(expression.strip()) and validate(expression)


def _column_hours(start: str, end: str) -> str:
    start, end = start.strip(), end.strip()
    if "휴무" in {start, end}:
        return "off"
    first, last = _column_minutes(start), _column_minutes(end)
    if first is None or last is None or first == last or first >= _DAY_MIN:
        return ""
    if first == 0 and last == _DAY_MIN - 1:
        last = _DAY_MIN
    return _span(first, last or _DAY_MIN)


def _column_minutes(text: str) -> int | None:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?|(\d{1,2})(\d{2})(?:\.0)?|0", text)
    if match is None:
        return None
    hour, minute = (match[1] or match[3] or "0"), (match[2] or match[4] or "0")
    minutes = int(hour) * 60 + int(minute)
    return minutes if int(minute) < 60 and minutes <= _DAY_MIN else None


class _Parser:
    """Reads one text into rules. Raises :class:`_NotUnderstoodError` at the first thing that has no single reading."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def rules(self) -> list[_Rule]:
        rules: list[_Rule] = []
        days: frozenset[int] | None = None
        workday = False
        while self._kind():
            kind = self._kind()
            if kind == "and":
                self._take()
            elif kind == "day" and days is None:
                groups, workday = self._days()
                days = frozenset().union(*groups)
                if self._kind() == "except":
                    self._take()
                    excluded, days = _exclusion(groups)
                    rules.append(_Rule(excluded, ()))
                    workday = workday and days is not None
            else:
                rules.append(_Rule(days, self._spans(), workday))
                days, workday = None, False
        if days is not None:  # the days stand after the hours: 22:00~02:00 (월~금)
            if len(rules) != 1 or rules[0].days is not None:
                raise _NotUnderstoodError
            rules = [_Rule(days, rules[0].spans, workday)]
        return rules

    def _kind(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._tokens[index][0] if index < len(self._tokens) else ""

    def _take(self, kind: str = "") -> str:
        if kind and self._kind() != kind:
            raise _NotUnderstoodError
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _days(self) -> tuple[list[frozenset[int]], bool]:
        groups: list[frozenset[int]] = []
        workday = False
        while True:
            word = self._take("day")
            group = _DAY_WORDS[word]
            workday |= word in {"평일", "주중"}
            if self._kind() == "to":
                self._take()
                last = _DAY_WORDS[self._take("day")]
                if len(group) != 1 or len(last) != 1 or _PH in group | last:
                    raise _NotUnderstoodError
                first, final = min(group), min(last)
                group = frozenset((first + i) % 7 for i in range((final - first) % 7 + 1))
            groups.append(group)
            if self._kind() == "and" and self._kind(1) == "day":
                self._take()
            elif self._kind() != "day":
                return groups, workday

    def _spans(self) -> tuple[tuple[int, int], ...]:
        if self._kind() == "off":
            self._take()
            return ()
        if self._kind() == "all_day":
            self._take()
            return (_FULL_DAY,)
        spans = [self._span()]
        while self._kind() == "and" and self._kind(1) in {"time", "half", "noon", "midnight"}:
            self._take()
            spans.append(self._span())
        return tuple(spans)

    def _span(self) -> tuple[int, int]:
        start = self._clock()
        self._take("to")
        next_day = self._kind() == "next"
        if next_day:
            self._take()
        end = self._clock()
        return _resolve(start, end, next_day=next_day)

    def _clock(self) -> _Clock:
        half = self._take() if self._kind() == "half" else ""
        if self._kind() in {"noon", "midnight"} and not half:
            return _Clock(12 * 60 if self._kind() == "noon" else _DAY_MIN, half=bool(self._take()))
        word = self._take("time")
        if re.fullmatch(r"\d{4}", word):
            word = f"{word[:2]}:{word[2:]}"
        match = _TIME.fullmatch(word)
        if match is None:
            raise _NotUnderstoodError
        hour, minute = int(match[1]), int(match[2] or match[3] or (30 if match[4] else 0))
        if minute >= 60 or hour * 60 + minute > 2 * _DAY_MIN:
            raise _NotUnderstoodError
        if half:
            return _Clock(_of_half(half, hour) * 60 + minute, half=True)
        # A leading zero (06시) is of a 24-hour clock, as the colon is.
        return _Clock(hour * 60 + minute, colon=":" in word or match[1].startswith("0"), digits=len(match[1]))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    text = unicodedata.normalize("NFKC", text.translate(_NOT_NFKC)).translate(_NOT_NFKC)
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _NotUnderstoodError
        position = match.end()
        kind = match.lastgroup or ""
        if kind == "blank":
            continue
        word = match[0]
        if kind == "day":
            word = word.replace("법정", "").replace("요일", "").strip()
        yield kind, word


def _of_half(half: str, hour: int) -> int:
    """Return the hour of 24 that '오후 10', '새벽 2', '밤 12' … mean."""
    half = half.upper()
    if half in {"오후", "PM", "저녁", "낮"} and 13 <= hour <= 24:
        return hour
    if not 0 <= hour <= 12:
        raise _NotUnderstoodError
    first, last, add = {
        "오전": (0, 11, 0), "AM": (0, 11, 0), "아침": (5, 11, 0), "새벽": (0, 6, 0),
        "오후": (1, 11, 12), "PM": (1, 11, 12), "낮": (1, 5, 12), "저녁": (5, 11, 12), "밤": (6, 11, 12),
    }[half]  # fmt: skip
    if first <= hour <= last:
        return hour + add
    twelve = {"오전": 0, "AM": 0, "새벽": 0, "오후": 12, "PM": 12, "낮": 12, "밤": 24}
    if hour == 12 and half in twelve:
        return twelve[half]
    if half == "밤" and hour < 6:
        return hour
    raise _NotUnderstoodError


def _resolve(start: _Clock, end: _Clock, *, next_day: bool) -> tuple[int, int]:
    """Return minutes (start, end), end after start and past 1440 where it is on the next day."""
    on_24 = start.of_24 or end.of_24
    if not on_24 and (start.bare or (end.bare and not next_day)):
        raise _NotUnderstoodError
    first = 0 if start.minutes == _DAY_MIN else start.minutes
    last = end.minutes + (_DAY_MIN if next_day else 0)
    if (first, last) == (0, _DAY_MIN - 1):
        last = _DAY_MIN
    if last < first:
        if first < 12 * 60 and not (start.half and end.half) and 1 in {start.digits, end.digits}:
            raise _NotUnderstoodError  # 9:00~6:00 is as likely to end at 18:00
        last += _DAY_MIN
    if first > _DAY_MIN or not 0 < last - first <= _DAY_MIN:
        raise _NotUnderstoodError
    return first, last


def _exclusion(groups: list[frozenset[int]]) -> tuple[frozenset[int], frozenset[int] | None]:
    """Split '토·일·공휴일 제외' (all of it) or '월~금, 공휴일 제외' (the last) into (excluded, still named)."""
    named = frozenset[int]().union(*groups)
    if named <= _REST_DAYS:
        return named, None
    if groups[-1] == {_PH}:
        return groups[-1], named - {_PH}
    raise _NotUnderstoodError


def _write(rules: list[_Rule]) -> str:
    """Write the rules in the order in which later ones take precedence. '' where they contradict each other."""
    opens = [rule for rule in rules if rule.spans]
    offs = [rule for rule in rules if not rule.spans]
    if not rules or (any(rule.days is None for rule in rules) and len(opens) > 1):
        return ""  # hours without a day beside hours with one: which day is meant is a guess
    if any(rule.days is None for rule in offs):
        return "off" if len(rules) == 1 else ""
    if opens and opens[0].days is None and len(frozenset[int]().union(*(rule.days or () for rule in offs))) > 3:
        return ""  # '22:00~02:00 월~금, 토 휴무' without brackets
    merged = _merge(opens)
    named = frozenset[int]().union(*(rule.days or () for rule in rules))
    lines = [(_rank(days), _text(days, spans)) for days, spans in merged.items()]
    if any(rule.workday for rule in opens) and _PH not in named:
        offs.append(_Rule(frozenset({_PH}), ()))
    if not opens:
        lines.append((0, "unknown"))  # only the days off are known
    lines += [(3, _text(rule.days or _ALL_DAYS, ())) for rule in offs]
    written = "; ".join(line for _, line in sorted(lines, key=lambda line: line[0]))
    return "24/7" if written == "00:00-24:00" else written


def _merge(opens: list[_Rule]) -> dict[frozenset[int], tuple[tuple[int, int], ...]]:
    """Join the hours of equal days. Raises where days overlap in part, unless one of them is every day."""
    merged: dict[frozenset[int], tuple[tuple[int, int], ...]] = {}
    for rule in opens:
        days = _ALL_DAYS if rule.days is None else rule.days
        for other in merged:
            if other != days and other & days and _ALL_DAYS not in {other, days}:
                raise _NotUnderstoodError
        merged[days] = (*merged.get(days, ()), *rule.spans)
    return merged


def _rank(days: frozenset[int]) -> int:
    if days == _ALL_DAYS:
        return 0
    return 2 if _PH in days else 1


def _text(days: frozenset[int], spans: tuple[tuple[int, int], ...]) -> str:
    hours = ",".join(_span(*span) for span in sorted(spans)) or "off"
    names = _day_names(days)
    return f"{names} {hours}" if names else hours


def _day_names(days: frozenset[int]) -> str:
    """Return ``Mo-Fr``, ``Sa,Su,PH`` …; '' for every day of the week (public holidays are then among them)."""
    if days >= _ALL_DAYS:
        return ""
    names: list[str] = []
    week = sorted(days - {_PH})
    while week:
        run = next((i for i in range(1, len(week)) if week[i] != week[0] + i), len(week))
        block, week = week[:run], week[run:]
        names += [f"{_WEEK[block[0]]}-{_WEEK[block[-1]]}"] if run > 2 else [_WEEK[day] for day in block]
    return ",".join([*names, "PH"] if _PH in days else names)


def _span(first: int, last: int) -> str:
    if last > _DAY_MIN and last - _DAY_MIN < first:
        last -= _DAY_MIN  # 22:00-26:00 is written 22:00-02:00
    return f"{first // 60:02d}:{first % 60:02d}-{last // 60:02d}:{last % 60:02d}"
