"""The options of ``ansim sites`` that say what is wanted of each layer, as wishes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cli_options import pairs_of
from cli_words import by_layer, whole, won
from geo.errors import BadSettingError
from layers.catalog import Catalog

if TYPE_CHECKING:
    from geo.siting.wishes import Wish

_TWICE = 0.5
T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """The options as given on the command line."""

    budget: Sequence[str] = ()
    layers: str | None = None
    count: Sequence[str] = ()
    target: Sequence[str] = ()
    fewest: bool = False
    twice: Sequence[str] = ()
    move: Sequence[str] = ()
    capacity: Sequence[str] = ()
    floor: Sequence[str] = ()
    spacing: Sequence[str] = ()
    at_least: Sequence[str] = ()
    at_most: Sequence[str] = ()
    most_each: int | None = None


def wishes_of(said: Said, catalog: Catalog) -> "tuple[list[Wish], float | None]":
    """Return a wish a layer, in the order first named, and the one budget of all where one is given.

    Raises
    ------
    BadSettingError
        Nothing is asked for, a value cannot be read, or one budget stands beside layers' own.
    """
    from geo.siting.wishes import Wish  # noqa: PLC0415 - each command loads what it needs

    whole_krw, money = _budgets(said, catalog)
    listed = _listed(said.layers, catalog)
    counts = _values(said.count, catalog, "--count", "cctv=20", whole)
    targets = _values(said.target, catalog, "--target", "cctv=0.8", share)
    twice = _values([_with_default(t) for t in said.twice], catalog, "--twice", "cctv=0.5", share)
    moves = _values(said.move, catalog, "--move", "locker=5", whole)
    if whole_krw is not None and len(listed) < 2:
        raise BadSettingError("한 예산으로 고를 층이 없습니다", "예: --budget 5억 --layers cctv,security_light")
    if whole_krw is None and listed:
        raise BadSettingError("--layers는 한 예산과 함께 씁니다", "예: --budget 5억 --layers cctv,security_light")
    layers = [*dict.fromkeys([*listed, *money, *counts, *targets, *moves])]
    if not layers:
        raise BadSettingError("예산이나 개소 수가 없습니다", "예: --budget cctv=5억 또는 --count cctv=20")
    if said.fewest and not targets:
        raise BadSettingError("--fewest는 목표와 함께 씁니다", "예: --target cctv=0.8 --fewest")
    _only_known(twice, layers, "--twice")
    capacity = _values(said.capacity, catalog, "--capacity", "locker=500", _number)
    _only_known(capacity, layers, "--capacity")
    floors = _for_all(said.floor, catalog, "--floor", "0.3", share, layers)
    spacing = _for_all(said.spacing, catalog, "--spacing", "cctv=100", _number, layers)
    least, most = (
        _of_dong(items, option) for items, option in ((said.at_least, "--at-least"), (said.at_most, "--at-most"))
    )
    wishes = [
        Wish(
            layer, money.get(layer), counts.get(layer), spacing_m=spacing.get(layer, 0.0), at_least=least, at_most=most,
            most_each=said.most_each, floor=floors.get(layer), target=targets.get(layer),
            fewest=said.fewest and layer in targets,
            twice=twice.get(layer), moves=moves.get(layer),
            capacity=capacity.get(layer),
        )
        for layer in layers
    ]  # fmt: skip
    return wishes, whole_krw


def share(text: str, option: str) -> float:
    """Return a share: ``0.8`` or ``80%``."""
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        raise BadSettingError(f"{option} {text}: 비율이 아닙니다", "0에서 1 사이의 수 또는 80%") from None
    if not 0 < value <= 1:
        raise BadSettingError(f"{option} {text}: 0보다 크고 1 이하여야 합니다", "예: 0.8 또는 80%")
    return value


def _number(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadSettingError(f"{option} {text}: 숫자가 아닙니다", "0보다 큰 수를 주십시오") from None
    if not 0 < value < 1e12:
        raise BadSettingError(f"{option} {text}: 0보다 커야 합니다", "0보다 큰 수를 주십시오")
    return value


def _budgets(said: Said, catalog: Catalog) -> tuple[float | None, dict[str, float]]:
    parts = [part.strip() for item in said.budget for part in item.split(",") if part.strip()]
    alone = [part for part in parts if "=" not in part]
    money = _values([part for part in parts if "=" in part], catalog, "--budget", "cctv=5억", won)
    if len(alone) > 1 or (alone and money):
        raise BadSettingError(
            f"--budget {', '.join(parts)}: 한 예산과 층별 예산을 함께 줄 수 없습니다",
            "한 예산(--budget 5억 --layers cctv,security_light)이나 층별 예산(--budget cctv=5억) 하나만 주십시오",
        )
    return (won(alone[0], "--budget") if alone else None), money


def _listed(text: str | None, catalog: Catalog) -> list[str]:
    items = [part.strip() for part in (text or "").split(",") if part.strip()]
    return list(by_layer([f"{item}=0" for item in items], catalog, "--layers", "cctv,security_light"))


def _with_default(item: str) -> str:
    return item if "=" in item else f"{item}={_TWICE}"


def _values(
    items: Sequence[str], catalog: Catalog, option: str, example: str, read: Callable[[str, str], T]
) -> dict[str, T]:
    return {key: read(text, option) for key, text in by_layer(items, catalog, option, example).items()}


def _for_all(
    items: Sequence[str], catalog: Catalog, option: str, example: str, read: Callable[[str, str], T],
    layers: Sequence[str],
) -> dict[str, T]:  # fmt: skip
    """Return values by layer; one without a layer is for all."""
    plain = [item for item in items if "=" not in item]
    named = _values([item for item in items if "=" in item], catalog, option, example, read)
    _only_known(named, layers, option)
    return {layer: read(plain[-1], option) for layer in layers if plain} | named


def _of_dong(items: Sequence[str], option: str) -> dict[str, int]:
    split = [part for item in items for part in item.split(",") if part.strip()]
    return {name: whole(text, option) for name, text in pairs_of(split, option, "신림동=2").items()}


def _only_known(values: Mapping[str, object], layers: Sequence[str], option: str) -> None:
    for layer in values:
        if layer not in layers:
            raise BadSettingError(
                f"{option} {layer}: 그 층에 예산이나 개소 수가 없습니다", f"예: --count {layer}=5 {option} {layer}=…"
            )
