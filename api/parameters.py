"""One small dependency a parameter of an address: a value that can be meant, or one named error."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from fastapi import Depends, Query

from api.errors import BadParameterError
from geo.model import Settings
from layers.catalog import Catalog
from layers.hours import parse_at
from layers.who import parse_who
from maps.english import LANGS, Lang

Edition = Literal["internal", "public"]
_MOST_TEXT = 100
# As people write numbers, and as programs write small ones (1e-05); float() takes 1e3, 1_000, ' 1' and ١ as well.
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e-[0-9]+)?")
_EXAMPLE = 10
_WHOLE = re.compile(r"-?[0-9]+")


def at(at: Annotated[str | None, Query(examples=["2025-12-24T23:00"], description="분석 시각 (서울)")] = None) -> str:
    """Return the moment as ISO text, '' for the usual one. Raises BadTimeError."""
    return "" if at is None else parse_at(at[:_MOST_TEXT]).isoformat()


def who(who: Annotated[str, Query(examples=["여성,20-39"], description="누구의 가구")] = "") -> str:
    """Return whose households. Raises BadWhoError."""
    parse_who(who[:_MOST_TEXT])
    return who[:_MOST_TEXT]


def edition(
    edition: Annotated[str, Query(examples=["public"], description="internal(내부용) 또는 public(공개용)")] = "public",
) -> Edition:
    """Return the edition. Raises BadParameterError."""
    return "internal" if one_of("edition", edition, get_args(Edition)) == "internal" else "public"


def lang(
    lang: Annotated[str, Query(examples=["en"], description="파일의 언어: ko(한국어) 또는 en(영어)")] = "ko",
) -> Lang:
    """Return the language of a file. Raises BadParameterError."""
    return "en" if one_of("lang", lang, LANGS) == "en" else "ko"


def threshold(
    threshold: Annotated[str, Query(examples=["0.5"], description="틈새로 보는 도달도 아래")] = "0.5",
) -> float:
    """Return the gap threshold, 0 to 1. Raises BadParameterError."""
    return number("threshold", threshold, 0.01, 1.0)


def reach(reach: Annotated[str, Query(examples=["1.2"], description="모든 도달거리에 곱할 배수")] = "1.0") -> float:
    """Return the factor on every reach, 0.1 to 10. Raises BadParameterError."""
    return number("reach", reach, 0.1, 10.0)


def dense_share(
    dense_share: Annotated[str, Query(examples=["0.25"], description="밀집 지역이 담을 가구 비율")] = "0.25",
) -> float:
    """Return the share of households in dense cells, 0.01 to 1. Raises BadParameterError."""
    return number("dense_share", dense_share, 0.01, 1.0)


def number(name: str, text: str, least: float, most: float, *, example: float | None = None) -> float:
    """Return a finite number in a range, written in digits. Raises BadParameterError."""
    value = float(text) if len(text) <= _MOST_TEXT and _NUMBER.fullmatch(text) else math.nan
    if not least <= value <= most:
        shown = most / 2 if example is None else example
        raise BadParameterError(
            f"{name}은(는) {written(least)}에서 {written(most)} 사이의 숫자여야 합니다", f"예: {name}={shown:g}"
        )
    return value


def whole(name: str, text: str, least: int, most: int) -> int:
    """Return a whole number in a range. Raises BadParameterError."""
    example = min(most, max(least, _EXAMPLE))
    number(name, text, least, most, example=example)
    if not _WHOLE.fullmatch(text):
        raise BadParameterError(f"{name}은(는) 정수여야 합니다", f"예: {name}={example}")
    return int(text)


def written(value: float) -> str:
    """Return a number as it is read: 1,000,000 and 0.25."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"


def one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    """Return the text if it is allowed. Raises BadParameterError."""
    if text not in allowed:
        raise BadParameterError(f"{name}에 쓸 수 없는 값입니다", f"{', '.join(allowed)} 중 하나")
    return text


def weights_of(texts: list[str], catalog: Catalog) -> Mapping[str, float]:
    """Return need to weight of ``lit=0.4`` … Raises BadParameterError."""
    found = {}
    for text in texts[: len(catalog.needs)]:
        need, _, value = text.partition("=")
        found[one_of("weight", need, tuple(catalog.needs))] = number("weight", value, 0.0, 1.0)
    return found


def settings_of(catalog: Catalog) -> object:
    """Return the dependency that reads the settings of an analysis from the address."""

    def read(
        threshold: Annotated[float, Depends(threshold)],
        reach: Annotated[float, Depends(reach)],
        dense_share: Annotated[float, Depends(dense_share)],
        need: Annotated[list[str], Query(default_factory=list, description="이 필요만 (여러 번)")],
        weight: Annotated[list[str], Query(default_factory=list, description="가중치, 예: lit=0.4 (여러 번)")],
        dense: Annotated[str, Query(description="quantile, gi, dbscan")] = "quantile",
        combine: Annotated[str, Query(description="product 또는 sum")] = "product",
        include_partial: Annotated[str, Query(description="일부 자료인 필요도: true 또는 false")] = "false",
    ) -> Settings:
        return Settings(
            gap_threshold=threshold,
            reach_factor=reach,
            dense_share=dense_share,
            dense_method=one_of("dense", dense, ("quantile", "gi", "dbscan")),
            combine=one_of("combine", combine, ("product", "sum")),
            include_partial=one_of("include_partial", include_partial, ("true", "false")) == "true",
            needs=tuple(dict.fromkeys(one_of("need", text, tuple(catalog.needs)) for text in need)),
            weights=weights_of(weight, catalog),
        )

    return Depends(read)
