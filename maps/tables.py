"""A district's result as plain tables: one pandas frame a subject, columns named as in ``maps.columns``.

All pure; nothing is rounded but estimates. Metres in EPSG:5179, x east, y north; shares and covers 0..1 and NaN where a
need has no data (never 0). Text is '' where unknown.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from geo.crs import to_lonlat
from geo.model import DistrictResult, Floats, GapArea
from maps.columns import layer_names
from maps.estimates import any_estimated, estimated, tens
from maps.text import COMBINED


def need_ids(result: DistrictResult) -> tuple[str, ...]:
    """Return the needs of a result in catalog order, those without data among them, ``combined`` not."""
    return tuple(need.id for need in result.needs if need.id != COMBINED)


def gap_table(result: DistrictResult) -> pd.DataFrame:
    """Return the ranked gap areas, one row each, first rank first.

    Columns: rank, dong, dong_name, grid_id, x, y, lon, lat, area_ha, households, uncovered_households,
    households_per_ha, cover, cover_<need>…, unmet_needs, unmet_need_names, nearest_<layer>_m, _name, _id…,
    stability (NaN: not asked), estimated, demand_source. Households
    that are estimates are to tens (``maps.estimates``). The centre is household-weighted, distances are from it.
    """
    gaps = result.gaps
    lon, lat = to_lonlat(_floats(gap.x for gap in gaps), _floats(gap.y for gap in gaps))
    dong = [gap.dong for gap in gaps]
    guessed = [estimated(result, gap) for gap in gaps]
    names = {need.id: need.name for need in result.needs}
    columns: dict[str, object] = {
        "rank": np.array([gap.rank for gap in gaps], dtype=np.int64),
        "dong": _texts(result.source.dong_codes[d] for d in dong),
        "dong_name": _texts(result.source.dong_names[d] for d in dong),
        "grid_id": _texts(gap.grid_id for gap in gaps),
        "x": _floats(gap.x for gap in gaps),
        "y": _floats(gap.y for gap in gaps),
        "lon": lon,
        "lat": lat,
        "area_ha": _floats(gap.area_ha for gap in gaps),
        "households": _estimates((gap.households for gap in gaps), guessed),
        "uncovered_households": _estimates((gap.uncovered_households for gap in gaps), guessed),
        "households_per_ha": _estimates((gap.households_per_ha for gap in gaps), guessed),
        "cover": _floats(gap.cover for gap in gaps),
    }
    for need in need_ids(result):
        columns[f"cover_{need}"] = _floats(gap.cover_by_need.get(need, np.nan) for gap in gaps)
    columns["unmet_needs"] = _texts(";".join(gap.unmet_needs) for gap in gaps)
    columns["unmet_need_names"] = _texts(", ".join(names.get(n, n) for n in gap.unmet_needs) for gap in gaps)
    columns |= _nearest(gaps, tuple(layer_names(result)))
    columns["stability"] = _floats(np.nan if gap.stability is None else gap.stability for gap in gaps)
    columns["estimated"] = np.array(guessed, dtype=bool)
    columns["demand_source"] = _texts(result.demand_source.value for _ in gaps)
    return pd.DataFrame(columns)


def _nearest(gaps: tuple[GapArea, ...], layers: tuple[str, ...]) -> dict[str, object]:
    columns: dict[str, object] = {}
    by_layer = [{near.layer: near for near in gap.nearest} for gap in gaps]
    for layer in layers:
        found = [nearest.get(layer) for nearest in by_layer]
        columns[f"nearest_{layer}_m"] = _floats(
            np.nan if near is None or near.distance_m is None else near.distance_m for near in found
        )
        columns[f"nearest_{layer}_name"] = _texts("" if near is None else near.name or "" for near in found)
        columns[f"nearest_{layer}_id"] = _texts("" if near is None else near.id or "" for near in found)
    return columns


def dong_table(result: DistrictResult) -> pd.DataFrame:
    """Return one row a dong, in the result's order.

    Columns: dong, dong_name, households, dense_households, share_combined, share_<need>…,
    uncovered_households (of combined), gap_areas. Shares are NaN without data or without households.
    """
    rows = result.dongs
    columns: dict[str, object] = {
        "dong": _texts(result.source.dong_codes[row.dong] for row in rows),
        "dong_name": _texts(result.source.dong_names[row.dong] for row in rows),
        "households": _floats(row.households for row in rows),
        "dense_households": _floats(row.dense_households for row in rows),
        "share_combined": _floats(row.share_covered.get(COMBINED, np.nan) for row in rows),
    }
    for need in need_ids(result):
        columns[f"share_{need}"] = _floats(row.share_covered.get(need, np.nan) for row in rows)
    columns["uncovered_households"] = _floats(row.uncovered_households for row in rows)
    columns["gap_areas"] = np.array([row.gap_areas for row in rows], dtype=np.int64)
    return pd.DataFrame(columns)


def need_table(result: DistrictResult) -> pd.DataFrame:
    """Return one row a need in catalog order and last ``combined``.

    Columns: need, need_name, state, takes_part, on_duty, weight (NaN for combined), share_covered,
    uncovered_households, worst_dong, worst_dong_name ('' where none), worst_share, bottom_quarter_share.
    """
    rows = result.needs
    codes, names = result.source.dong_codes, result.source.dong_names
    return pd.DataFrame(
        {
            "need": _texts(row.id for row in rows),
            "need_name": _texts(row.name for row in rows),
            "state": _texts(row.state.value for row in rows),
            "takes_part": np.array([row.takes_part for row in rows], dtype=bool),
            "on_duty": np.array([row.on_duty for row in rows], dtype=bool),
            "weight": _floats(row.weight for row in rows),
            "share_covered": _floats(row.share_covered for row in rows),
            "uncovered_households": _floats(row.uncovered_households for row in rows),
            "worst_dong": _texts("" if row.worst_dong is None else codes[row.worst_dong] for row in rows),
            "worst_dong_name": _texts("" if row.worst_dong is None else names[row.worst_dong] for row in rows),
            "worst_share": _floats(row.worst_share for row in rows),
            "bottom_quarter_share": _floats(row.bottom_quarter_share for row in rows),
        }
    )


def threshold_table(result: DistrictResult) -> pd.DataFrame:
    """Return what the gaps come to at each threshold, lowest first.

    Columns: threshold, used (the one the gap areas rest on), gap_cells, gap_areas, area_ha, households,
    uncovered_households (to tens where ``estimated``).
    """
    rows = sorted(result.thresholds, key=lambda row: row.threshold)
    guessed = [any_estimated(result)] * len(rows)
    return pd.DataFrame(
        {
            "threshold": _floats(row.threshold for row in rows),
            "used": np.array([row.threshold == result.settings.gap_threshold for row in rows], dtype=bool),
            "gap_cells": np.array([row.gap_cells for row in rows], dtype=np.int64),
            "gap_areas": np.array([row.gap_areas for row in rows], dtype=np.int64),
            "area_ha": _floats(row.area_ha for row in rows),
            "households": _estimates((row.households for row in rows), guessed),
            "uncovered_households": _estimates((row.uncovered_households for row in rows), guessed),
            "estimated": np.array(guessed, dtype=bool),
        }
    )


def cell_table(result: DistrictResult) -> pd.DataFrame:
    """Return every cell of the district, in the result's order (south to north, west to east).

    Columns, exactly: grid_id, x, y (centre), dong (10-digit code), households, dense (bool), cover_<need> for
    each need in catalog order (NaN where it has no data), cover (combined), demand_source. Households of a cell
    whose source is ``dong`` are its even share of the dong by area, left exact so that they add up to the total.
    """
    cells = result.cells
    nothing = np.full(len(cells.x), np.nan)
    columns: dict[str, object] = {
        "grid_id": _texts(cells.grid_id),
        "x": cells.x,
        "y": cells.y,
        "dong": _texts(np.array(result.source.dong_codes, dtype=object)[cells.dong]),
        "households": cells.households,
        "dense": cells.dense,
    }
    for need in need_ids(result):
        columns[f"cover_{need}"] = cells.cover_by_need.get(need, nothing)
    columns["cover"] = cells.cover
    columns["demand_source"] = _texts(cells.demand_source)
    return pd.DataFrame(columns)


def _texts(values: Iterable[str]) -> "pd.Series[str]":
    return pd.Series([str(value) for value in values], dtype="str")


def _estimates(values: Iterable[float], guessed: Iterable[bool]) -> Floats:
    return _floats(tens(value, guessed=guess) for value, guess in zip(values, guessed, strict=True))


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
