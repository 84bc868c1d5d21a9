"""What needs, layers, areas and file forms exist: read from TOML, the program's own and the planner's."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

from geo.errors import AnsimError

CountsWhen = Literal["always", "open", "not_closed"]
Visibility = Literal["public", "staff"]
Shape = Literal["circle", "square", "triangle", "diamond"]


class CatalogError(AnsimError):
    """A catalog file cannot be read, or a table in it does not make sense."""

    code = "catalog"


@dataclass(frozen=True)
class Cost:
    """Won, low / default / high (domain.md 5)."""

    low: int
    default: int
    high: int


@dataclass(frozen=True)
class Programme:
    """What the city's own programme counts, to notice a file far short of it (domain.md 2)."""

    province: str
    count: int
    districts: int
    source: str


@dataclass(frozen=True)
class NeedSpec:
    """A need as the catalog states it. Reaches in metres, walked where ``walked``."""

    id: str
    name: str
    full_m: float
    none_m: float
    weight: float
    demand: Literal["street", "home"]
    principal: tuple[str, ...]
    source: str
    walked: bool = False


@dataclass(frozen=True)
class LayerSpec:
    """A layer as the catalog states it."""

    id: str
    name: str
    geometry: Literal["point", "zone"]
    supplies: tuple[str, ...]
    visibility: Visibility
    colour: str
    shape: Shape
    unit: str
    hours: str = ""
    counts_when: CountsWhen = "always"
    counting_purposes: tuple[str, ...] = ()
    cost_once_krw: Cost | None = None
    cost_existing_pole_krw: Cost | None = None
    cost_year_krw: Cost | None = None
    cost_source: str = ""
    programme: Programme | None = None


@dataclass(frozen=True)
class AreaSpec:
    """A kind of area: it covers nothing (domain.md 1)."""

    id: str
    name: str
    source: str
    not_lived_in: bool = False
    walkable: bool = False


@dataclass(frozen=True)
class Method:
    """Numbers of the method that belong to no single need or layer."""

    detour: float
    near_m: float
    zone_none_m: float
    approximate_cap: float
    far_under_share: float
    stale_months: int


@dataclass(frozen=True)
class Catalog:
    """The needs, layers and areas there are, in catalog order, and the forms files are recognised by."""

    method: Method
    needs: Mapping[str, NeedSpec]
    layers: Mapping[str, LayerSpec]
    areas: Mapping[str, AreaSpec]
    forms: tuple[Mapping[str, Any], ...] = field(default=())

    def layers_of(self, need: str) -> tuple[LayerSpec, ...]:
        """Return the layers that supply a need, in catalog order."""
        return tuple(layer for layer in self.layers.values() if need in layer.supplies)


def load_catalog(own: Sequence[Path] = ()) -> Catalog:
    """Read the program's catalog and then the planner's files, later tables changing earlier ones.

    Raises
    ------
    CatalogError
        A file is missing, is no TOML, or a table lacks a key or names an unknown need; names the table.
    """
    merged: dict[str, Any] = tomllib.loads(files("data").joinpath("catalog.toml").read_text(encoding="utf-8"))
    for path in own:
        merged = _merge(merged, _read(path), str(path))
    try:
        return _build(merged)
    except (KeyError, TypeError, ValueError) as error:
        raise CatalogError(
            f"카탈로그를 읽을 수 없습니다: {error}", "data/catalog.toml의 같은 표를 본보기로 고치십시오"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogError(f"카탈로그 파일을 열 수 없습니다: {path}", "경로를 확인하십시오") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}: TOML이 아닙니다 ({error})", "UTF-8 TOML로 저장하십시오") from error


def _merge(base: dict[str, Any], own: dict[str, Any], path: str) -> dict[str, Any]:
    unknown = set(own) - {"method", "need", "layer", "area", "form"}
    if unknown:
        raise CatalogError(
            f"{path}: 모르는 표 [{min(unknown)}]",
            "[method], [need.…], [layer.…], [area.…], [[form]]만 쓸 수 있습니다",
        )
    merged = {**base, "method": {**base["method"], **own.get("method", {})}}
    for kind in ("need", "layer", "area"):
        tables = {key: dict(value) for key, value in base.get(kind, {}).items()}
        for key, value in own.get(kind, {}).items():
            tables[key] = {**tables.get(key, {}), **value}
        merged[kind] = tables
    # A planner's own form is tried before the program's.
    merged["form"] = [*own.get("form", []), *base.get("form", [])]
    return merged


def _build(tables: Mapping[str, Any]) -> Catalog:
    method = {key: value for key, value in tables["method"].items() if key != "source"}
    needs = {key: _need(key, value) for key, value in tables["need"].items()}
    layers = {key: _layer(key, value, needs) for key, value in tables["layer"].items()}
    for need in needs.values():
        for principal in need.principal:
            if principal not in layers:
                raise CatalogError(f"[need.{need.id}]: 모르는 층 {principal!r}", "[layer.…]에 있는 이름을 쓰십시오")
    areas = {key: AreaSpec(id=key, **value) for key, value in tables["area"].items()}
    return Catalog(Method(**method), needs, layers, areas, tuple(tables.get("form", ())))


def _need(key: str, table: Mapping[str, Any]) -> NeedSpec:
    spec = NeedSpec(id=key, **{**table, "principal": tuple(table["principal"])})
    if not 0 <= spec.full_m <= spec.none_m or not 0 <= spec.weight <= 1:
        raise CatalogError(f"[need.{key}]: 0 ≤ full_m ≤ none_m, 0 ≤ weight ≤ 1이어야 합니다", "값을 고치십시오")
    return spec


def _layer(key: str, table: Mapping[str, Any], needs: Mapping[str, NeedSpec]) -> LayerSpec:
    if not key.isidentifier() or not key.isascii():
        raise CatalogError(
            f"[layer.{key}]: 층 이름은 영문 소문자, 숫자, 밑줄이어야 합니다", "예: [layer.support_center]"
        )
    values = {k: v for k, v in table.items() if k not in {"marker", "programme", "count_column"}}
    marker = table.get("marker", {})
    for cost in ("cost_once_krw", "cost_existing_pole_krw", "cost_year_krw"):
        if cost in values:
            values[cost] = Cost(**values[cost])
    values.setdefault("geometry", "point")
    values.setdefault("visibility", "public")
    values.setdefault("unit", "곳")
    values["supplies"] = tuple(values.get("supplies", ()))
    values["counting_purposes"] = tuple(values.get("counting_purposes", ()))
    for need in values["supplies"]:
        if need not in needs:
            raise CatalogError(f"[layer.{key}]: 모르는 필요 {need!r}", f"{', '.join(needs)} 중에서 쓰십시오")
    for name, allowed in (("counts_when", CountsWhen), ("visibility", Visibility)):
        if values.get(name, get_args(allowed)[0]) not in get_args(allowed):
            raise CatalogError(f"[layer.{key}]: {name} = {values[name]!r}", f"{', '.join(get_args(allowed))} 중 하나")
    if "name" not in values:
        raise CatalogError(f"[layer.{key}]: name이 없습니다", '예: name = "1인가구지원센터"')
    return LayerSpec(
        id=key,
        colour=marker.get("colour", "#555555"),
        shape=marker.get("shape", "circle"),
        programme=Programme(**table["programme"]) if "programme" in table else None,
        **values,
    )
