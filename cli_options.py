"""The options of an analysis, the same in every command that makes one, and the settings they ask for."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo.errors import BadSettingError
from layers.catalog import Catalog

if TYPE_CHECKING:
    from geo.model import Settings
    from maps.english import Lang

StoreOption = Annotated[
    str, typer.Option("--store", envvar="ANSIM_STORE", help="자료를 두는 파일 (.gpkg) 또는 postgresql:// 주소")
]
CatalogOption = Annotated[
    list[Path] | None, typer.Option("--catalog", envvar="ANSIM_CATALOG", help="더할 카탈로그 TOML (여러 번 가능)")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="이 날이 끝났을 때의 자료로 (예: 2025-12-31; postgresql:// 저장소만)")
]
LangOption = Annotated[str, typer.Option("--lang", help="파일의 언어: ko(한국어) 또는 en(영어)")]
AtOption = Annotated[
    str | None, typer.Option("--at", help="시각, 예: 2025-12-24T23:00 (기본: 자료 기준 주 수요일 23시)")
]
NeedOption = Annotated[
    list[str] | None, typer.Option("--need", help="이 필요만 (여러 번 가능): lit, watched, refuge …")
]
WhoOption = Annotated[str, typer.Option("--who", help="대상, 예: 여성,20-39")]
PartialOption = Annotated[bool, typer.Option("--include-partial", help="일부 자료인 필요도 판단에 넣기")]
ThresholdOption = Annotated[float, typer.Option("--threshold", help="틈새로 보는 도달도 아래")]
DenseOption = Annotated[str, typer.Option("--dense", help="밀집 방법: quantile, gi, dbscan")]
DenseShareOption = Annotated[float, typer.Option("--dense-share", help="밀집 지역이 담을 가구 비율")]
ReachOption = Annotated[float, typer.Option("--reach", help="모든 도달거리에 곱할 배수")]
WeightOption = Annotated[list[str] | None, typer.Option("--weight", help="가중치 바꾸기, 예: lit=0.4 (여러 번 가능)")]
CombineOption = Annotated[str, typer.Option("--combine", help="결합 방법: product 또는 sum")]
StabilityOption = Annotated[int, typer.Option("--stability", help="안정성을 볼 추출 횟수 (예: 200; 0은 하지 않음)")]


def lang_of(lang: str) -> "Lang":
    """Return the language of a file. Raises :class:`BadSettingError`."""
    if lang == "ko":
        return "ko"
    if lang == "en":
        return "en"
    raise BadSettingError(f"--lang {lang}", "ko 또는 en")


def settings_of(
    catalog: Catalog,
    *,
    need: Sequence[str] | None,
    include_partial: bool,
    threshold: float,
    dense: str,
    dense_share: float,
    reach: float,
    weight: Sequence[str] | None,
    combine: str,
) -> "Settings":
    """Return the settings that the options of an analysis ask for."""
    from geo.model import Settings  # noqa: PLC0415

    return Settings(
        dense_method=dense, dense_share=dense_share, gap_threshold=threshold, combine=combine,
        needs=needs_of(need, catalog), include_partial=include_partial, reach_factor=reach,
        weights=_weights(weight, catalog),
    )  # fmt: skip


def pairs_of(items: Sequence[str] | None, option: str, example: str) -> dict[str, str]:
    """Return ``name=value`` texts as a mapping. Raises :class:`BadSettingError` where one is none."""
    pairs = {}
    for item in items or ():
        key, mark, value = item.partition("=")
        if not mark or not key.strip() or not value.strip():
            raise BadSettingError(f"{option} {item}: '이름=값'이 아닙니다", f"예: {option} {example}")
        pairs[key.strip()] = value.strip()
    return pairs


def needs_of(asked: Sequence[str] | None, catalog: Catalog) -> tuple[str, ...]:
    """Return the ids of the needs named, by id or Korean name. Raises :class:`BadSettingError`."""
    named = {need.name: need.id for need in catalog.needs.values()}
    found = []
    for need in asked or ():
        if need not in catalog.needs and need not in named:
            known = ", ".join(f"{n.id}({n.name})" for n in catalog.needs.values())
            raise BadSettingError(f"--need {need}: 모르는 필요입니다", f"{known} 중 하나")
        found.append(named.get(need, need))
    return tuple(found)


def _weights(items: Sequence[str] | None, catalog: Catalog) -> dict[str, float]:
    weights = {}
    for need, text in pairs_of(items, "--weight", "lit=0.4").items():
        (key,) = needs_of([need], catalog)
        try:
            weights[key] = float(text)
        except ValueError:
            raise BadSettingError(f"--weight {need}={text}: 숫자가 아닙니다", "예: --weight lit=0.4") from None
        if not 0 <= weights[key] <= 1:
            raise BadSettingError(f"--weight {need}={text}: 0에서 1 사이여야 합니다", "예: --weight lit=0.4")
    return weights


def day_of(text: str | None) -> date | None:
    """Return the day that ``--as-of`` names, None where it is not given. Raises :class:`BadSettingError`."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSettingError(f"--as-of {text}: 날짜가 아닙니다", "예: --as-of 2025-12-31") from None
