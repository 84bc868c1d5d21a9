"""How figures, dates and states read on maps: Korean, thousands separated, never a zero for no data."""

import math
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from geo.dates import spoken
from geo.model import DataState, DemandKind, NeedRow, Settings

NO_DATA = "자료 없음"
NO_DATE = "기준일 모름"
WITHHELD = "5 미만"
LOADED = "있음"
PARTIAL = "일부 자료"
COMBINED = "combined"

DEMAND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        DemandKind.BUILDING: "건축물",
        DemandKind.GRID: "국토통계 격자",
        DemandKind.OA: "집계구",
        DemandKind.ADDRESS: "주소점",
        DemandKind.DONG: "동 합계 (동 단위 추정)",
    }
)
FLAG_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "approximate": "동 이름만으로 그린 개략 위치",
        "other_district": "자료에 적힌 자치구와 위치가 다름",
        "outside_near": "불러온 경계 밖 1 km 이내",
        "wrong_geometry": "층과 다른 도형 (위치 없이 둠)",
        "unknown_purpose": "설치 목적 미상",
        "located_by=road_exact": "도로명주소로 찾은 위치",
        "located_by=lot_exact": "지번주소로 찾은 위치",
        "located_by=building": "같은 건물로 찾은 위치",
        "located_by=main_number": "본번만 같은 주소로 찾은 위치",
        "located_by=name": "같은 길·동의 상호로 찾은 위치",
        "doubtful_location": "확인할 위치",
        "no_devices": "대수 0 (판단에서 뺌)",
        "odd_date": "기준일이 앞날",
        "already_stored": "이미 저장된 행 (더하지 않음)",
        "kept_over_empty": "파일에서는 비었으나 저장된 값을 둔 격자",
        "repeated_cell": "한 파일에서 값이 다른 같은 격자",
        "bad_count": "대수를 읽을 수 없음 (1로 셈)",
        "unread_hours": "읽지 못한 운영 시간",
        "suppressed": "가려진 가구 수 (0으로 셈)",
        "broken_text": "깨진 글자",
    }
)
_WEEKDAYS = "월화수목금토일"


def number(value: float | None, digits: int = 0) -> str:
    """Return ``1,234`` or ``1,234.5``; '자료 없음' for None and NaN."""
    if value is None or math.isnan(value):
        return NO_DATA
    rounded = round(value, digits) + 0.0  # + 0.0: never '-0'
    return f"{rounded:,.{digits}f}"


def percent(share: float | None) -> str:
    """Return a share of 0..1 as ``63 %``; '자료 없음' for None and NaN; what would round to 0 as ``<1 %``."""
    if share is None or math.isnan(share):
        return NO_DATA
    return "<1 %" if 0 < share < 0.005 else f"{number(100 * share)} %"


def below(share: float | None, threshold: float, digits: int = 0) -> str:
    """Return :func:`percent` with decimals enough that a share below the threshold never reads as the threshold."""
    if share is None or math.isnan(share) or 0 < share < 0.005:
        return percent(share)
    return f"{number(100 * share, decimals_below(share, threshold, digits))} %"


def decimals_below(share: float, threshold: float, digits: int) -> int:
    """Return how many decimals (``digits`` or more, at most 6) keep a percentage on its side of the threshold."""
    most = 6
    if not share < threshold:
        return digits
    return next((d for d in range(digits, most) if round(100 * share, d) < round(100 * threshold, 9)), most)


def metres(distance_m: float | None) -> str:
    """Return ``87 m`` or ``1.2 km``; '없음' where there is no such facility."""
    if distance_m is None or math.isnan(distance_m):
        return "없음"
    return f"{number(distance_m)} m" if distance_m < 999.5 else f"{number(distance_m / 1000, 1)} km"


def when(iso: str) -> str:
    """Return an ISO local time as ``2022. 9. 28. (수) 23:00``; text that is no time as it is."""
    try:
        time = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{spoken(f'{time:%Y-%m-%d}')} ({_WEEKDAYS[time.weekday()]}) {time:%H:%M}"


def day(iso: str) -> str:
    """Return an ISO date, to the day, the month or the year, as ``2022. 9. 28.``; '기준일 모름' for ''."""
    return spoken(iso) if iso else NO_DATE


def span(dates: tuple[str, str] | None) -> str:
    """Return the range of data dates, oldest and newest; '기준일 모름' where none is known.

    Both as exactly as the vaguer of the two is known: day, month or year.
    """
    known = [date for date in dates or () if date]
    if not known:
        return NO_DATE
    known = [date[: min(map(len, known))] for date in known]
    return spoken(known[0]) if known[0] == known[-1] else f"{spoken(known[0])} ~ {spoken(known[-1])}"


def span_of(dates: tuple[str, str], undated: int) -> str:
    """Return :func:`span` and that so many of what it is of have no known date: ``2022. 9. (기준일 모름 2개 포함)``."""
    return f"{span(dates)} ({NO_DATE} {undated:,}개 포함)" if undated and any(dates) else span(dates)


def need_state(row: NeedRow, settings: Settings) -> str:
    """Return the data state of a need in words, and why it is not judged: '있음', '일부 자료·판단 제외' ….

    A need the planner did not choose says so; one without a weight is shown on its own.
    """
    if row.state is DataState.NONE:
        return NO_DATA
    states = [LOADED if row.state is DataState.LOADED else PARTIAL]
    if row.takes_part:
        states += ["판단 포함"] if row.state is DataState.PARTIAL else []
    elif settings.needs and row.id not in settings.needs:
        states.append("고르지 않음")
    elif row.weight == 0:
        states.append("따로 표시")
    else:
        states.append("판단 제외")
    if not row.on_duty:
        states.append("운영 시간 아님")
    return "·".join(states)


def flag_names(flags: str) -> str:
    """Return ';'-joined flags in Korean; a flag without a name as it is."""
    return ", ".join(FLAG_NAMES.get(flag, flag) for flag in flags.split(";") if flag)
