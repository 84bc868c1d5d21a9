"""What needs, layers, areas and file forms exist: read from TOML, the program's own and the planner's."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from geo.errors import AnsimError
from layers.catalog_faults import first_fault
from layers.catalog_specs import STRICT, AreaSpec, Cost, FormSpec, LayerSpec, Method, NeedSpec

__all__ = ["Catalog", "CatalogError", "Cost", "FormSpec", "LayerSpec", "NeedSpec", "load_catalog"]

_KINDS = ("need", "layer", "area")
_BLANKS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " ")
_EXAMPLE = "data/catalog.toml의 같은 표를 본보기로 고치십시오"


class CatalogError(AnsimError):
    """A catalog file cannot be read, or a table in it does not make sense."""

    code = "catalog"

    def __init__(self, message: str, hint: str = "") -> None:
        # Names of tables are the planner's, and TOML lets them hold anything.
        super().__init__(message.translate(_BLANKS), hint.translate(_BLANKS))


@dataclass(frozen=True, config=STRICT)
class Catalog:
    """The needs, layers and areas there are, in catalog order, and the forms files are recognised by."""

    method: Method
    needs: Mapping[str, NeedSpec]
    layers: Mapping[str, LayerSpec]
    areas: Mapping[str, AreaSpec]
    forms: tuple[FormSpec, ...] = ()

    def layers_of(self, need: str) -> tuple[LayerSpec, ...]:
        """Return the layers that supply a need, in catalog order."""
        return tuple(layer for layer in self.layers.values() if need in layer.supplies)


_CATALOG = TypeAdapter(Catalog)


def load_catalog(own: Sequence[Path] = ()) -> Catalog:
    """Read the program's catalog and then the planner's files, later tables changing earlier ones.

    Raises
    ------
    CatalogError
        A file is missing, is no TOML, or a table in it does not make sense; names file, table and entry.
    """
    merged: dict[str, Any] = tomllib.loads(files("data").joinpath("catalog.toml").read_text(encoding="utf-8"))
    catalog = _checked(merged, "data/catalog.toml")
    for path in own:
        merged = _merge(merged, _read(path), str(path))
        catalog = _checked(merged, str(path))
    return catalog


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CatalogError(f"카탈로그 파일을 열 수 없습니다: {path}", "경로를 확인하십시오") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogError(
            f"{path}: TOML이 아닙니다 ({error})", "UTF-8 TOML로, 같은 표를 두 번 쓰지 말고 저장하십시오"
        ) from error


def _merge(base: dict[str, Any], own: dict[str, Any], path: str) -> dict[str, Any]:
    unknown = set(own) - {"method", "form", *_KINDS}
    if unknown:
        raise CatalogError(
            f"{path}: 모르는 표 [{min(unknown)}]",
            "[method], [need.…], [layer.…], [area.…], [[form]]만 쓸 수 있습니다",
        )
    merged = {**base, "method": {**base["method"], **_table(own, "method", path)}}
    for kind in _KINDS:
        tables = dict(base[kind])
        for key in _table(own, kind, path):
            tables[key] = {**tables.get(key, {}), **_table(own[kind], key, path, f"{kind}.")}
        merged[kind] = tables
    forms = own.get("form", [])
    if not isinstance(forms, list):
        raise CatalogError(f"{path}: [form]은 표의 목록이어야 합니다", "[[form]]처럼 대괄호를 두 번 쓰십시오")
    # A planner's own form is tried before the program's.
    return {**merged, "form": [*forms, *base["form"]]}


def _table(tables: Mapping[str, Any], key: str, path: str, prefix: str = "") -> dict[str, Any]:
    table = tables.get(key, {})
    if not isinstance(table, dict):
        raise CatalogError(f"{path}: {prefix}{key}은(는) 표여야 합니다", f"[{prefix}{key}] 아래에 항목을 쓰십시오")
    return table


def _checked(tables: Mapping[str, Any], path: str) -> Catalog:
    try:
        catalog: Catalog = _CATALOG.validate_python(
            {
                "method": tables["method"],
                **{f"{kind}s": {key: _named(key, table) for key, table in tables[kind].items()} for kind in _KINDS},
                "forms": tables["form"],
            }
        )
    except ValidationError as error:
        where, said, hint = first_fault(error, tables)
        raise CatalogError(f"{path}: {where}: {said}", hint or _EXAMPLE) from None
    for where, said, hint in _clashes(catalog):
        raise CatalogError(f"{path}: {where}: {said}", hint)
    return catalog


def _named(key: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table with its id; one written inside it is kept under a name no table has, and so refused."""
    return {("id=" if name == "id" else name): value for name, value in table.items()} | {"id": key}


def _clashes(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    """Yield what each table means to another that is not so: table, what is wrong, what to do."""
    for need in catalog.needs.values():
        yield from _unknown(f"[need.{need.id}] principal", "층", need.principal, catalog.layers)
        if set(need.principal) - {layer.id for layer in catalog.layers_of(need.id)}:
            yield f"[need.{need.id}] principal", "이 항목을 채우지 않는 층이 있습니다", "supplies와 맞추십시오"
    for layer in catalog.layers.values():
        yield from _unknown(f"[layer.{layer.id}] supplies", "필요", layer.supplies, catalog.needs)
        if layer.id in catalog.areas:
            yield f"[layer.{layer.id}]", "같은 이름의 [area]가 있습니다", "다른 이름을 쓰십시오"
    for kind, specs in (("need", catalog.needs), ("layer", catalog.layers), ("area", catalog.areas)):
        first: dict[str, str] = {}
        for spec in specs.values():
            if first.setdefault(spec.name, spec.id) != spec.id:
                yield f"[{kind}.{spec.id}] name", f"[{kind}.{first[spec.name]}]과 같습니다", "다른 이름을 쓰십시오"
    for form in catalog.forms:
        yield from _unknown(f"[[form]] {form.id} layer", "층", filter(None, [form.layer]), catalog.layers)
        several = [layer for texts in form.layers.values() for layer in texts.values()]
        yield from _unknown(f"[[form]] {form.id} layers", "층", several, catalog.layers)
        kinds = {"area": catalog.areas, "address_point": ("shop", "entrance")}.get(form.table, ())
        yield from _unknown(f"[[form]] {form.id} kind", "종류", filter(None, [form.kind]), kinds)


def _unknown(where: str, what: str, names: Iterable[str], known: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for name in names:
        if name not in known:
            yield where, f"모르는 {what} {name!r}", f"{', '.join(known)} 중 하나" if known else "지우십시오"
