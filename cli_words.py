"""The words on a command line: layers, money and numbers, and how a line is said."""

from collections.abc import Sequence

from rich.console import Console

from cli_options import pairs_of
from geo.errors import BadSettingError
from layers.catalog import Catalog

_UNITS = {"억": 100_000_000, "만": 10_000}


def say(console: Console, text: str) -> None:
    """Print a line as it is: nothing in it is markup."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def by_layer(items: Sequence[str] | None, catalog: Catalog, option: str, example: str) -> dict[str, str]:
    """Return ``layer=value`` texts, comma-joined or given several times, by layer id; layers by id or Korean name."""
    split = [part for item in items or () for part in item.split(",") if part.strip()]
    named = {layer.name: layer.id for layer in catalog.layers.values()}
    found = {}
    for name, value in pairs_of(split, option, example).items():
        if name not in catalog.layers and name not in named:
            listed = ", ".join(f"{layer.id}({layer.name})" for layer in catalog.layers.values())
            raise BadSettingError(f"{option} {name}: 모르는 층입니다", f"{listed} 중 하나")
        found[named.get(name, name)] = value
    return found


def won(text: str, option: str) -> float:
    """Return an amount of money: ``500000000``, ``5억``, ``765만``."""
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1)
    try:
        value = float(number.replace("_", "")) * unit
    except ValueError:
        raise BadSettingError(f"{option} {text}: 금액이 아닙니다", "예: 500000000, 5억, 765만") from None
    if not 0 <= value < 1e15:
        raise BadSettingError(f"{option} {text}: 0원 이상의 금액이어야 합니다", "예: 5억")
    return value


def whole(text: str, option: str) -> int:
    """Return a number of sites."""
    if not (text.isascii() and text.isdigit()):
        raise BadSettingError(f"{option} {text}: 개소 수가 아닙니다", "0 이상의 정수, 예: cctv=20")
    return int(text)
