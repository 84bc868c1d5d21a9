"""The made-up district with nothing in it, and with layers of which nothing is known."""

from dataclasses import replace

import numpy as np

from geo.model import DataState, DistrictResult
from tests.maps.factory import district_result


def empty_result() -> DistrictResult:
    """Return the district with no facility, no household, no gap and no need that has data."""
    full = district_result()
    cells = full.cells
    nothing = np.zeros(len(cells.x))
    bare = replace(
        cells,
        households=nothing,
        dense=nothing.astype(bool),
        gap=nothing.astype(bool),
        edge_unknown=nothing.astype(bool),
        cover=nothing * np.nan,
        cover_by_need=dict.fromkeys(cells.cover_by_need, nothing * np.nan),
    )
    return replace(
        full,
        source=replace(full.source, layers=(), data_dates={}),
        households=0.0,
        cells=bare,
        gaps=(),
        edge_gap_cells=np.zeros(0, np.int64),
        dongs=tuple(
            replace(row, households=0.0, share_covered={}, uncovered_households=0.0, gap_areas=0, dense_households=0.0)
            for row in full.dongs
        ),
        needs=tuple(
            replace(row, state=DataState.NONE, takes_part=False, share_covered=np.nan, uncovered_households=np.nan,
                    worst_dong=None, worst_share=np.nan, bottom_quarter_share=np.nan)
            for row in full.needs
        ),
    )  # fmt: skip


def with_unknown(result: DistrictResult, near_only: str, nowhere: str) -> DistrictResult:
    """Return the result with two layers of which nothing is known in the district: one has facilities outside it."""
    layers = []
    for layer in result.source.layers:
        if layer.layer == near_only:
            layers.append(replace(_take(layer, np.flatnonzero(layer.near)), known=False))
        elif layer.layer == nowhere:
            layers.append(replace(_take(layer, np.zeros(0, np.int64)), known=False))
        else:
            layers.append(layer)
    gaps = tuple(
        replace(
            gap,
            nearest=tuple(
                replace(near, id=None, name=None, distance_m=None) if near.layer == nowhere else near
                for near in gap.nearest
            ),
        )
        for gap in result.gaps
    )
    return replace(result, source=replace(result.source, layers=tuple(layers)), gaps=gaps)


def _take(layer, rows):
    columns = {
        name: tuple(getattr(layer, name)[i] for i in rows.tolist())
        for name in ("ids", "names", "addresses", "hours", "data_dates", "flags")
    }
    arrays = {name: getattr(layer, name)[rows] for name in ("geometry", "x", "y", "devices", "near")}
    return replace(layer, **columns, **arrays)
