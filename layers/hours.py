"""When a facility is open, and for which moment an analysis is made. Every clock here is Asia/Seoul.

Weekly expressions (all that public files hold) are evaluated here; the opening_hours package checks the syntax
and evaluates the rest. Two things of the package (2.1.4) are put right by that, both measured: its calendar of
Korea leaves out holidays that fall on a Sunday, elections, temporary and some substitute holidays (5 of 19 days in
2025 are missing; the `holidays` package has them), and a rule that names a day cancels the tail of the night
before it (``Mo-Th 22:00-02:00; Fr 22:00-03:00`` is shut on Friday at 00:30).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays
from opening_hours import OpeningHours, State

from geo.errors import AnsimError
from layers.korean_hours import hours_from_columns, is_syntax, to_opening_hours

__all__ = [
    "SEOUL",
    "BadTimeError",
    "default_at",
    "hours_from_columns",
    "is_open",
    "is_public_holiday",
    "is_syntax",
    "open_changes",
    "parse_at",
    "to_opening_hours",
]

SEOUL = ZoneInfo("Asia/Seoul")

_DAYS = {name: day for day, name in enumerate(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))}
_PH = 7
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
_HOURS = r"\d{1,2}:\d{2}-\d{1,2}:\d{2}"
_WEEKLY_RULE = re.compile(
    rf"(?P<days>{_DAY}(?:,{_DAY})*)?\s*(?P<hours>24/7|off|closed|unknown|{_HOURS}(?:,{_HOURS})*)?"
)
_DAY_MIN = 24 * 60
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


class BadTimeError(AnsimError):
    """A moment given by the user is no date and time."""

    code = "bad_time"


@dataclass(frozen=True)
class _WeeklyRule:
    """One rule: days of the week (0 Monday … 6 Sunday, 7 public holiday), minutes open, or not known."""

    days: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    known: bool

    def opens(self, minute: int) -> bool:
        return any(first <= minute < last for first, last in self.spans)


def is_open(expression: str, at: datetime) -> bool | None:
    """Say whether something with these hours is open.

    Parameters
    ----------
    expression
        opening_hours syntax (:func:`to_opening_hours` makes it).
    at
        A moment; without a time zone it is Asia/Seoul's clock, whatever the machine's.

    Returns
    -------
    True or False; None where the hours are unknown: '', not opening_hours syntax, ``unknown`` on that day, open
    only under a comment ("by appointment"), or by school holidays (``SH``), of which there is no calendar. Open
    from the opening minute on, closed at the closing minute. Hours past midnight belong to the day they began
    on, also when the next day is a day off.
    """
    return _is_open(expression.strip(), _seoul(at))


def open_changes(expression: str, first: date, days: int) -> list[tuple[int, bool | None]]:
    """Return when something with these hours opens and closes, over whole days of Seoul's clock.

    Parameters
    ----------
    expression
        opening_hours syntax, as for :func:`is_open`.
    first, days
        The first day, and how many.

    Returns
    -------
    (minute, state) pairs, by minute from the first day's midnight: the state that holds from that minute on, as
    :func:`is_open` gives it. The first is at 0; neighbours differ.
    """
    changes: list[tuple[int, bool | None]] = []
    for minute in _minutes_to_look_at(expression.strip(), first, days):
        at = datetime.combine(first + timedelta(minute // _DAY_MIN), time(*divmod(minute % _DAY_MIN, 60)), SEOUL)
        state = is_open(expression, at)
        if not changes or state is not changes[-1][1]:
            changes.append((minute, state))
    return changes


def _minutes_to_look_at(expression: str, first: date, days: int) -> list[int]:
    """Return all minutes, from the first midnight on, at which the state may change; in order."""
    rules, parsed = _weekly(expression), _parsed(expression)
    if rules is not None:
        of_day = {0} | {edge % _DAY_MIN for rule in rules for span in rule.spans for edge in span}
        return [day * _DAY_MIN + minute for day in range(days) for minute in sorted(of_day)]
    found = {day * _DAY_MIN for day in range(days)}
    start = datetime.combine(first, time(), SEOUL)
    at = parsed.next_change(start) if parsed else None
    while at is not None and at < start + timedelta(days):
        found.add(int((at - start).total_seconds()) // 60)
        at = parsed.next_change(at) if parsed else None
    return sorted(found)


def is_public_holiday(day: date) -> bool:
    """Say whether the day is a public holiday of Korea (관공서의 공휴일에 관한 규정; Sundays as such are not).

    With substitute holidays, election days and the temporary holidays known to the installed `holidays` package.
    """
    return day in _calendar()


def default_at(newest: date) -> datetime:
    """Return Wednesday 23:00 Asia/Seoul in the ISO week (Monday to Sunday) of the newest data date (domain.md 1)."""
    wednesday = newest - timedelta(days=newest.weekday() - 2)
    return datetime.combine(wednesday, time(23), SEOUL)


def parse_at(text: str) -> datetime:
    """Read ``2025-12-24T23:00`` or ``2025-12-24 23:00`` as Asia/Seoul (another zone's offset is converted).

    Raises
    ------
    BadTimeError
        It is no date with a time.
    """
    hint = "예: --at 2025-12-24T23:00"
    if not re.search(r"\d[T ]\d", text.strip()):
        raise BadTimeError(f"날짜와 시각이 아닙니다: {text!r}", hint)
    try:
        at = _seoul(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise BadTimeError(f"날짜와 시각이 아닙니다: {text!r}", hint) from None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise BadTimeError(f"{_FIRST_YEAR}년에서 {_LAST_YEAR}년 사이가 아닙니다: {text!r}", hint)
    return at


def _seoul(at: datetime) -> datetime:
    return at.replace(tzinfo=SEOUL) if at.tzinfo is None else at.astimezone(SEOUL)


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays("KR")


@lru_cache(maxsize=65_536)
def _is_open(expression: str, at: datetime) -> bool | None:
    rules = _weekly(expression)
    if rules is not None:
        return _weekly_state(rules, at)
    parsed = _parsed(expression)
    if parsed is None or "SH" in expression:
        return None
    if "PH" in expression and any(is_public_holiday(at.date() - timedelta(days=back)) for back in (0, 1)):
        # The package's calendar may not have the day.
        return None
    state, comment = parsed.state(at)
    # "by appointment" and the like: the package calls it open.
    return None if comment or state == State.UNKNOWN else bool(state == State.OPEN)


@lru_cache(maxsize=4_096)
def _parsed(expression: str) -> OpeningHours | None:
    # is_syntax refuses a blank, which the package reads as always open.
    return OpeningHours(expression, timezone=SEOUL, country="KR") if is_syntax(expression) else None


def _weekly_state(rules: tuple[_WeeklyRule, ...], at: datetime) -> bool | None:
    minute = at.hour * 60 + at.minute
    today = _rule_of(rules, at.date())
    yesterday = _rule_of(rules, at.date() - timedelta(days=1))
    if (today and today.opens(minute)) or (yesterday and yesterday.opens(minute + _DAY_MIN)):
        return True
    return None if today and not today.known else False


def _rule_of(rules: tuple[_WeeklyRule, ...], day: date) -> _WeeklyRule | None:
    """Return the last rule that names the day, as opening_hours has it."""
    kinds = {day.weekday()} | ({_PH} if is_public_holiday(day) else set())
    return next((rule for rule in reversed(rules) if rule.days & kinds), None)


@lru_cache(maxsize=4_096)
def _weekly(expression: str) -> tuple[_WeeklyRule, ...] | None:
    """Return the rules of a weekly expression; None where it is none (dates, sunset, comments … or no syntax)."""
    if _parsed(expression) is None:
        return None
    rules = []
    for part in expression.split(";"):
        match = _WEEKLY_RULE.fullmatch(part.strip())
        if match is None or not match[0]:
            return None
        rules.append(_WeeklyRule(_day_set(match["days"]), _spans(match["hours"]), match["hours"] != "unknown"))
    return tuple(rules)


def _day_set(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first == "PH":
            days.add(_PH)
            continue
        start, end = _DAYS[first], _DAYS[last or first]
        days |= {(start + i) % 7 for i in range((end - start) % 7 + 1)}
    return frozenset(days)


def _spans(hours: str | None) -> tuple[tuple[int, int], ...]:
    if hours in {None, "24/7"}:
        return ((0, _DAY_MIN),)
    if hours in {"off", "closed", "unknown"}:
        return ()
    spans = []
    for span in str(hours).split(","):
        first, last = (int(clock[:-3]) * 60 + int(clock[-2:]) for clock in span.split("-"))
        spans.append((first, last if last > first else last + _DAY_MIN))
    return tuple(spans)
