"""Gap areas and cells as GeoJSON (RFC 7946) and as a GeoPackage that opens styled in QGIS."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from markupsafe import Markup
from pandas.api.types import is_float_dtype

from geo.crs import METRES, to_lonlat
from geo.grid import CELL_M
from geo.model import Bools, DistrictResult, Floats, GapArea, Geometries
from layers.catalog import Catalog
from layers.qgis import add_aliases, add_styles, density_style, gap_style, hatch_style, outline_style, zone_style
from maps.assumptions import NOT_CRIME, assumption_table
from maps.columns import columns_of, data_range, marks, undated_data
from maps.english import Say
from maps.said_tables import frame_in, header_in, json_in
from maps.tables import cell_table, dong_table, gap_table, need_table, threshold_table

_LABEL = re.compile(r'label="([^"&]*)"')
_POLYGON, _MULTIPOLYGON = 3, 6
_YELLOW_TO_BLUE = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")  # ColorBrewer YlGnBu, colour-blind-safe
_ALIASES = {
    "gap_area": "틈새구역",
    "gap_cell": "틈새격자",
    "cells": "격자",
    "dong": "행정동",
    "edge_unknown": "경계 미확인 격자",
    "about": "가정과 근거",
}


def geojson(result: DistrictResult, catalog: Catalog, say: Say = str) -> dict[str, Any]:
    """Return the ranked gap areas as one RFC 7946 feature collection.

    WGS84 lon, lat, 7 decimals, outer rings counter-clockwise, no ``crs`` member. Properties are those of
    ``gap_table``, but ``unmet_needs`` is a list of ids and ``nearest`` a list of objects (null where there
    is none), and no data is null. A member ``ansim`` carries edition, headings and what the result rests on.
    ``say`` says its words in a language; keys and names of places stay.
    """
    table = gap_table(result)
    flat = [name for name in table.columns if not name.startswith(("nearest_", "unmet_"))]
    features = [
        {
            "type": "Feature",
            "id": gap.rank,
            "geometry": shape,
            "properties": json_in(say, {**row, **_lists(gap, result)}),
        }
        for gap, row, shape in zip(result.gaps, records(table[flat]), _lonlat_shapes(result), strict=True)
    ]
    return {"type": "FeatureCollection", "ansim": about(result, catalog, say), "features": features}


def _lists(gap: GapArea, result: DistrictResult) -> dict[str, Any]:
    names = {need.id: need.name for need in result.needs}
    return {
        "unmet_needs": list(gap.unmet_needs),
        "unmet_need_names": [names.get(need, need) for need in gap.unmet_needs],
        "nearest": [
            asdict(near) | {"distance_m": None if near.distance_m is None else round(near.distance_m, 1)}
            for near in gap.nearest
        ],
    }


def _lonlat_shapes(result: DistrictResult) -> list[Any]:
    def to_degrees(xy: Floats) -> Floats:
        degrees: Floats = np.column_stack(to_lonlat(xy[:, 0], xy[:, 1]))
        return degrees.round(7)

    shapes = shapely.orient_polygons(shapely.transform(_gap_shapes(result), to_degrees))
    return [shapely.geometry.mapping(shape) for shape in shapes]


def about(result: DistrictResult, catalog: Catalog, say: Say = str) -> dict[str, Any]:
    """Return what an output is and rests on, ready for JSON: no data is null."""
    source = result.source
    told = {
        "edition": marks(result)[0],
        "made_up": source.made_up,
        "headings": list(marks(result)[1:]),
        "score": NOT_CRIME,
        "district": {"code": source.code, "name": source.name, "area_km2": round(result.area_km2, 6)},
        "households": round(result.households, 6),
        "at": source.at,
        "timezone": "Asia/Seoul",
        "who": source.who,
        "demand_source": result.demand_source.value,
        "data_dates": {name: list(dates) for name, dates in source.data_dates.items()},
        "data_range": list(data_range(result)),
        "undated": sorted(undated_data(result)),
        "settings": vars(result.settings) | {"weights": dict(result.settings.weights)},
        "dense_share_reached": round(result.dense_share_reached, 6),
        "edge_unknown_gap_cells": len(result.edge_gap_cells),
        "needs": records(need_table(result)),
        "thresholds": records(threshold_table(result)),
        "reach_m": {s.need.id: [s.need.full_m, s.need.none_m] for s in source.supplies},
        "layers": {layer.id: layer.name for layer in catalog.layers.values()},
        "notes": list(source.notes),
    }
    columns = columns_of(gap_table(result).columns, result)
    said: dict[str, Any] = json_in(say, told)
    return said | {"columns": {name: header_in(say, column) for name, column in columns.items()}}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as plain Python values: NaN is None, floats to 6 decimals (degrees to 7)."""
    parsed: list[dict[str, Any]] = json.loads(rounded(frame).to_json(orient="records", double_precision=10))
    return parsed


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with floats to 6 decimals, lon and lat to 7 (a centimetre)."""
    return frame.round({name: 7 if name in {"lon", "lat"} else 6 for name in frame if is_float_dtype(frame[name])})


def write_gap_package(result: DistrictResult, catalog: Catalog, path: Path, say: Say = str) -> None:
    """Write a new GeoPackage: gap_area, gap_cell, cells, dong, edge_unknown (EPSG:5179) and about."""
    cells = _cells(result)
    ranks = pd.array([pd.NA] * len(cells), dtype="Int64")
    for gap in result.gaps:
        ranks[gap.cells] = gap.rank
    ranked = cells.assign(rank=ranks)
    shown = result.cells.gap.copy()
    shown[result.edge_gap_cells] = True
    layers = {
        "gap_area": _frame(frame_in(say, gap_table(result)), _gap_shapes(result)),
        "gap_cell": ranked[["rank", *cells.columns]][shown],
        "cells": cells,
        "dong": _frame(dong_table(result), _dong_shapes(result)),
        "edge_unknown": cells[result.cells.edge_unknown],
    }
    styles = {
        "gap_area": gap_style(),
        "gap_cell": zone_style("#D6604D", 0.3),
        "cells": _household_style(result, say),
        "dong": outline_style(label="dong_name"),
        "edge_unknown": hatch_style(),
    }
    _write(path, layers, styles, result, assumption_table(result, catalog), say)


def write_cell_package(result: DistrictResult, path: Path, say: Say = str) -> None:
    """Write a new GeoPackage of one layer ``cells``: the columns of ``cell_table``, squares in EPSG:5179."""
    squares = _frame(cell_table(result), _squares(result))
    marked = pd.DataFrame({"topic": "유의사항", "item": "", "value": marks(result), "source": ""}, dtype="str")
    _write(path, {"cells": squares}, {"cells": _household_style(result, say)}, result, marked, say)


def _write(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame],
    styles: Mapping[str, str],
    result: DistrictResult,
    about_rows: pd.DataFrame,
    say: Say,
) -> None:
    description = " | ".join(say(mark) for mark in marks(result))
    about_rows = frame_in(say, about_rows)
    # GeoPackage 1.2: QGIS of the offices is often years old, and warns of what is newer than itself.
    common: dict[str, Any] = {"driver": "GPKG", "dataset_options": {"VERSION": "1.2"}}
    for name, frame in layers.items():
        options = {"DESCRIPTION": description, "IDENTIFIER": say(_ALIASES[name])}
        pyogrio.write_dataframe(
            frame,
            path,
            layer=name,
            geometry_type="MultiPolygon",
            promote_to_multi=True,
            layer_options=options,
            **common,
        )
    options = {"DESCRIPTION": description, "IDENTIFIER": say(_ALIASES["about"])}
    pyogrio.write_dataframe(about_rows, path, layer="about", layer_options=options, **common)
    tables: dict[str, pd.DataFrame] = {**layers, "about": about_rows}
    add_aliases(
        path,
        {
            name: {
                column: header_in(say, text)
                for column, text in columns_of((c for c in frame.columns if c != "geometry"), result).items()
            }
            for name, frame in tables.items()
        },
    )
    add_styles(path, {name: _style_in(say, style) for name, style in styles.items()})


def _style_in(say: Say, style: str) -> str:
    """Return a QGIS style with the words of its legend said."""
    return style if say is str else _LABEL.sub(lambda found: f'label="{Markup.escape(say(found[1]))}"', style)


def _frame(table: pd.DataFrame, shapes: Geometries) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table, geometry=shapes, crs=METRES)


def _cells(result: DistrictResult) -> gpd.GeoDataFrame:
    table = cell_table(result).assign(gap=result.cells.gap, edge_unknown=result.cells.edge_unknown)
    return _frame(table, _squares(result))


def _squares(result: DistrictResult) -> Geometries:
    half = CELL_M / 2
    x, y = result.cells.x, result.cells.y
    return np.asarray(shapely.box(x - half, y - half, x + half, y + half), dtype=object)


def _gap_shapes(result: DistrictResult) -> Geometries:
    return _polygons(np.array([gap.geometry for gap in result.gaps], dtype=object))


def _dong_shapes(result: DistrictResult) -> Geometries:
    return _polygons(np.array([result.source.dong_geometry[row.dong] for row in result.dongs], dtype=object))


def _polygons(shapes: Geometries) -> Geometries:
    """Return the shapes with anything but polygons left out (a cut can leave stray lines and points)."""
    for i in np.flatnonzero(~_is_polygonal(shapes)):
        parts = shapely.get_parts(shapely.get_parts(shapes[i]))
        shapes[i] = shapely.multipolygons(parts[_is_polygonal(parts)])
    return shapes


def _is_polygonal(shapes: Geometries) -> Bools:
    return np.isin(shapely.get_type_id(shapes), (_POLYGON, _MULTIPOLYGON))


def _household_style(result: DistrictResult, say: Say) -> str:
    """Return five classes of equal numbers of lived-in cells; cells without households stay clear."""
    lived = result.cells.households[result.cells.households > 0]
    bounds = np.unique(np.round(np.quantile(lived, np.linspace(0, 1, 6)), 6)) if len(lived) else np.empty(0)
    if len(bounds) < 2:
        bounds = np.repeat(bounds if len(bounds) else 1.0, 2)
    # Rounding must leave out neither the emptiest nor the fullest lived-in cell, nor let in one with nobody.
    bounds[0] = max(bounds[0] - 1e-6, 1e-9)
    bounds[-1] += 1e-6
    colours = _YELLOW_TO_BLUE[-(len(bounds) - 1) :]
    return density_style("households", bounds.tolist(), colours, say("가구"))
