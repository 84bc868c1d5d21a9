"""What a phone asks: the body of ``POST /v1/nearby``, read and refused without a word of the position."""

import math
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from typing import NamedTuple

import orjson

from api.errors import (
    BadJsonError,
    BadLimitError,
    BadPositionError,
    BadRadiusError,
    StaffLayerError,
    UnknownFieldError,
    UnknownLayerError,
)
from layers.hours import BadTimeError, parse_at

DEFAULT_LAYERS = ("safe_house", "police_box", "emergency_bell", "locker")
DEFAULT_RADIUS_M = 500.0
DEFAULT_LIMIT = 5
_FIELDS = frozenset({"lat", "lon", "radius_m", "layers", "limit", "open_at"})
_LAT, _LON = (32.5, 39.5), (123.5, 132.5)


@dataclass(frozen=True)
class Allowed:
    """What may be asked: limits, layers of points open to the public, and those of staff."""

    radius_m: float
    limit: int
    layers: frozenset[str]
    staff: frozenset[str]

    @cached_property
    def default(self) -> tuple[str, ...]:
        """The layers asked for where none are named."""
        return tuple(layer for layer in DEFAULT_LAYERS if layer in self.layers)

    @cached_property
    def as_usual(self) -> bool:
        """Whether what is asked where only a position is given may be."""
        return self.radius_m >= DEFAULT_RADIUS_M and self.limit >= DEFAULT_LIMIT


class Question(NamedTuple):
    """A position (WGS84 degrees) and what is asked about it. ``open_at`` None: now."""

    lon: float
    lat: float
    radius_m: float
    layers: tuple[str, ...]
    limit: int
    open_at: datetime | None


def read_question(body: bytes, allowed: Allowed) -> Question:
    """Read and check the body of a question.

    Raises
    ------
    BadJsonError, UnknownFieldError, BadPositionError, BadRadiusError, BadLimitError, BadTimeError
    UnknownLayerError
        The hint names the layers nearest to what was asked.
    StaffLayerError
    """
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadJsonError("본문이 JSON이 아닙니다", '예: {"lat": 위도, "lon": 경도}') from None
    if not isinstance(fields, dict):
        raise BadJsonError("본문이 JSON 객체가 아닙니다", '예: {"lat": 위도, "lon": 경도}')
    if not _FIELDS.issuperset(fields):
        raise UnknownFieldError("모르는 항목이 있습니다", f"{', '.join(sorted(_FIELDS))}만 쓸 수 있습니다")
    lon, lat = fields.get("lon"), fields.get("lat")
    # What nearly all phones send; numbers that are none compare as false.
    if (
        len(fields) == 2 and type(lon) is float and type(lat) is float
        and _LAT[0] <= lat <= _LAT[1] and _LON[0] <= lon <= _LON[1] and allowed.as_usual
    ):  # fmt: skip
        return Question(lon, lat, DEFAULT_RADIUS_M, allowed.default, DEFAULT_LIMIT, None)
    lon, lat = _position(lon, lat)
    return Question(
        lon,
        lat,
        _radius(fields.get("radius_m", DEFAULT_RADIUS_M), allowed.radius_m),
        _layers(fields.get("layers"), allowed),
        _limit(fields.get("limit", DEFAULT_LIMIT), allowed.limit),
        _moment(fields.get("open_at")),
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _position(lon: object, lat: object) -> tuple[float, float]:
    x, y = _number(lon), _number(lat)
    if x is None or y is None:
        raise BadPositionError("lat과 lon은 유한한 숫자여야 합니다", '예: {"lat": 위도, "lon": 경도} (WGS84)')
    if _LAT[0] <= y <= _LAT[1] and _LON[0] <= x <= _LON[1]:
        return x, y
    if _LAT[0] <= x <= _LAT[1] and _LON[0] <= y <= _LON[1]:
        raise BadPositionError("위도와 경도가 바뀌었습니다", "lat은 33~39, lon은 124~132 사이입니다")
    raise BadPositionError("대한민국 밖의 위치입니다", "lat은 33~39, lon은 124~132 사이입니다")


def _radius(value: object, most: float) -> float:
    radius = _number(value)
    if radius is None or not 0 < radius <= most:
        raise BadRadiusError(f"radius_m은 0보다 크고 {most:g} 이하인 숫자여야 합니다", '예: "radius_m": 500')
    return radius


def _limit(value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadLimitError(f"limit은 1에서 {most} 사이의 정수여야 합니다", '예: "limit": 5')
    return value


def _layers(value: object, allowed: Allowed) -> tuple[str, ...]:
    if value is None:
        return allowed.default
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise UnknownLayerError("layers는 층 이름의 목록이어야 합니다", '예: "layers": ["safe_house"]')
    for name in value:
        if name in allowed.staff:
            raise StaffLayerError(
                "직원만 볼 수 있는 층입니다", f"{', '.join(sorted(allowed.layers))} 중에서 고르십시오"
            )
        if name not in allowed.layers:
            near = get_close_matches(name[:40], allowed.layers, n=3, cutoff=0.3) or sorted(allowed.layers)
            raise UnknownLayerError("모르는 층이 있습니다", f"혹시 {', '.join(near)}?")
    return tuple(dict.fromkeys(value))


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_at(value if isinstance(value, str) else "")
    except BadTimeError:
        raise BadTimeError("open_at은 날짜와 시각이어야 합니다", '예: "open_at": "2025-12-24T23:00"') from None
