"""The numbers of the planner's own tables for each proposal: of dong, or of polygons."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyogrio.errors import DataSourceError

from geo.crs import METRES
from geo.model import Floats, Geometries
from geo.proposals import Part, Proposal
from layers.catalog import Catalog
from layers.importing.boundaries import Boundaries
from layers.importing.errors import ImportingError
from layers.importing.files import open_sources
from layers.importing.job import declared_districts
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw
from layers.importing.reading import read_all
from layers.importing.sieve import sift
from layers.importing.synonyms import assign
from layers.importing.text import numbers
from layers.proposal_rules import RulesError, Table
from layers.store import Store

_CODES = (
    "행정동코드",
    "행정동 코드",
    "adm_cd2",
    "adm_cd",
    "행정기관코드",
    "동코드",
    "dong",
    "읍면동코드",
    "읍면동 코드",
)
_NAMES = ("행정동", "행정동명", "동", "동명", "읍면동명", "읍면동", "동별")


def table_values(
    part: Part, table: Table, proposals: Sequence[Proposal], store: Store, catalog: Catalog
) -> tuple[Floats, str]:
    """Return what a part read from a table comes to for each proposal, and what must be said of it ('' for nothing).

    A table of polygons gives a point the number of the polygon it lies in, the largest where several; a proposal of
    dong the mean over its ground. ``inside`` gives the share of its ground that lies in any polygon: 0 or 1 of a point.
    A table of dong gives the sum of the rows of the dong a proposal lies in, of all where it is of several.

    Returns
    -------
    float64 (n,); ``table.outside`` where no row speaks for the place, NaN where that is not stated (``inside``: 0), or
    the proposal has no place.

    Raises
    ------
    RulesError
        The file cannot be read, its column is not there or holds no numbers, or no dong of it is known.
    """
    boundaries = Boundaries.of(store.read("dong"))
    if table.file is not None and part.what == "table":
        raw = _read(table, catalog)
        if raw.geometry is None:
            return _of_dong(part, table, raw, proposals, boundaries)
        shapes, values = _polygons(part, table, raw)
    else:
        shapes = _shapes(part, table, store, catalog)
        values = np.ones(len(shapes))
    outside = 0.0 if part.what == "inside" else np.nan if table.outside is None else table.outside
    grounds = _grounds(proposals, boundaries)
    return _of_ground(grounds, shapes, values, outside), ""


def _read(table: Table, catalog: Catalog) -> Raw:
    if table.file is None:
        raise AssertionError("a table has a file")
    options = ImportOptions(encoding=table.encoding)
    try:
        with open_sources([table.file], options.max_bytes) as sources:
            readings, _, _ = read_all(sources, (), catalog, options, lambda _name: None)
    except ImportingError as error:
        raise RulesError(error.message, error.hint) from error
    return readings[0].raw


def _numbers(part: Part, table: Table, raw: Raw) -> Floats:
    at = raw.find(table.column)
    if at is None:
        raise RulesError(
            f"{raw.file}: {table.column} 열이 없습니다 (열: {', '.join(raw.header[:12])})",
            f"[[part]] {part.name}의 column",
        )
    found = numbers(raw.columns[at])
    if not np.isfinite(found).any():
        raise RulesError(
            f"{raw.file}: {table.column} 열에 수가 없습니다", f"[[part]] {part.name}의 column을 고치십시오"
        )
    return found


# ---------------------------------------------------------------- tables of dong


def _of_dong(
    part: Part, table: Table, raw: Raw, proposals: Sequence[Proposal], boundaries: Boundaries
) -> tuple[Floats, str]:
    values = _numbers(part, table, raw)
    columns = assign(raw, None, ImportOptions())
    kept = sift(raw, columns, None).kept & np.isfinite(values)
    districts = declared_districts(columns, boundaries).to_pylist()
    asked = [table.key] if table.key else []
    by_code = next((i for i in map(raw.find, asked or _CODES) if i is not None), None)
    by_name = next((i for i in map(raw.find, asked or _NAMES) if i is not None), None)
    codes = raw.columns[by_code].to_pylist() if by_code is not None else [""] * len(raw)
    names = raw.columns[by_name].to_pylist() if by_name is not None else [""] * len(raw)
    of_dong: dict[str, float] = {}
    unknown = 0
    for row in np.flatnonzero(kept).tolist():
        found = boundaries.dongs.code(codes[row]) or _named(boundaries, districts[row], names[row])
        if len(found) != 1:  # a dong that was split: how much is of which part, the table does not say
            unknown += 1
            continue
        of_dong[found[0]] = of_dong.get(found[0], 0.0) + float(values[row])
    if not of_dong:
        raise RulesError(
            f"{raw.file}: 아는 행정동이 하나도 없습니다 (열: {', '.join(raw.header[:12])})",
            f'[[part]] {part.name}에 key = "동 이름이나 코드의 열"을 적으십시오',
        )
    outside = np.nan if table.outside is None else table.outside
    found_by = [sum(of_dong.get(d, outside) for d in p.dongs) if p.dongs else np.nan for p in proposals]
    note = f"{part.name}: {raw.file}의 {unknown}행은 지금의 행정동 하나로 알 수 없어 쓰지 않았습니다" if unknown else ""
    return np.array(found_by, float), note


def _named(boundaries: Boundaries, district: str, name: str) -> tuple[str, ...]:
    """Return the dong of a name; without its district only where one district has such a dong."""
    if district or not name:
        return boundaries.dongs.text(district, name) if name else ()
    codes = {code for code, own in zip(boundaries.codes, boundaries.frame["name"], strict=True) if own == name.strip()}
    return tuple(codes) if len(codes) == 1 else ()


# ---------------------------------------------------------------- polygons


def _polygons(part: Part, table: Table, raw: Raw) -> tuple[Geometries, Floats]:
    values = _numbers(part, table, raw)
    shapes = np.asarray(raw.geometry, object)
    good = np.isfinite(values) & (shapely.get_dimensions(shapes) == 2)
    if not good.any():
        raise RulesError(f"{raw.file}: 수가 든 면이 없습니다", f"[[part]] {part.name}의 file을 고치십시오")
    return _to_metres(shapes[good], raw.crs, raw.file), values[good]


def _shapes(part: Part, table: Table, store: Store, catalog: Catalog) -> Geometries:
    if table.file is not None:
        try:
            frame = gpd.read_file(table.file)
        except (DataSourceError, ValueError, UnicodeDecodeError, OSError) as error:
            raise RulesError(
                f"{table.file.name}: 면 파일로 읽을 수 없습니다", ".geojson, .gpkg, .shp를 주십시오"
            ) from error
        shapes = np.asarray(frame.geometry if isinstance(frame, gpd.GeoDataFrame) else [], object)
        shapes = shapes[shapely.get_dimensions(shapes) == 2] if len(shapes) else shapes
        if not len(shapes):
            raise RulesError(f"{table.file.name}: 면이 없습니다", f"[[part]] {part.name}의 file을 고치십시오")
        return _to_metres(shapes, "" if frame.crs is None else frame.crs, table.file.name)
    kinds = {text: area.id for area in catalog.areas.values() for text in (area.id, area.name)}
    if table.area not in kinds:
        known = ", ".join(f"{area.id}({area.name})" for area in catalog.areas.values())
        raise RulesError(f"{part.name}: 모르는 구역입니다: {table.area}", f"{known} 중 하나")
    rows = store.read("area")
    shapes = np.asarray(rows.loc[rows["kind"] == kinds[table.area], "geometry"], object)
    if not len(shapes):
        raise RulesError(
            f"{part.name}: 저장된 구역이 없습니다 ({table.area})", f"ansim import 파일 --layer {table.area}"
        )
    return shapes


def _to_metres(shapes: Geometries, crs: Any, file: str) -> Geometries:  # noqa: ANN401 - whatever pyproj takes
    if not crs:
        raise RulesError(f"{file}: 좌표계가 없는 파일입니다", ".prj가 함께 있는지 확인하십시오")
    series = gpd.GeoSeries(shapes, crs=crs).to_crs(METRES)
    return np.asarray(shapely.make_valid(np.asarray(series, object)), object)


def _grounds(proposals: Sequence[Proposal], boundaries: Boundaries) -> Geometries:
    """Object array (n,): the point of each proposal, or all of its dong; None where it has no place."""
    shape_of = dict(zip(boundaries.codes, boundaries.geometry, strict=True))
    found = np.full(len(proposals), None, object)
    for i, p in enumerate(proposals):
        if p.struck or p.x is None or p.y is None:
            continue
        found[i] = shapely.union_all([shape_of[d] for d in p.dongs]) if p.of_dong else shapely.Point(p.x, p.y)
    return found


def _of_ground(grounds: Geometries, shapes: Geometries, values: Floats, outside: float) -> Floats:
    """Return the value of each ground: of a point the largest of the polygons it meets, of land its mean by area.

    Where polygons overlap on land, the larger value counts. Land that none covers counts as ``outside``; where that is
    NaN, it is left out of the mean.
    """
    found = np.full(len(grounds), np.nan)
    tree = shapely.STRtree(shapes)
    for i, ground in enumerate(grounds):
        if ground is None:
            continue
        hit = np.sort(tree.query(ground, predicate="intersects"))
        if ground.geom_type == "Point":
            found[i] = values[hit].max() if len(hit) else outside
            continue
        total = area = 0.0
        rest = ground
        for at in hit[np.argsort(-values[hit], kind="stable")]:
            part = shapely.intersection(rest, shapes[at]).area
            total, area = total + part * values[at], area + part
            rest = shapely.difference(rest, shapes[at])
        if not np.isnan(outside):
            total, area = total + rest.area * outside, area + rest.area
        found[i] = total / area if area > 0 else outside
    return found
