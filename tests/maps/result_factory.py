"""A small district worked out by hand: 8 cells in 2 dong, 3 needs (loaded, partial, none), 2 gap areas.

Cells, 4 columns by 2 rows of 100 m from (953900, 1952000); dong 0 the two western columns, dong 1 the rest.

    households   80 50  5  5      cover by cctv   0   0  .75  1      dense   4 and 5
                 10 20 20 60                      1   1  .5  .25             3

Cell 4 and cell 3 are gap areas of one cell; cell 5 would be one, but lies where the edge is unknown.
Only ``watched`` takes part, so the combined cover is its cover. Uncovered: 0+0+10+45+80+50+1.25+0 = 186.25
of 250, share covered 0.255.
"""

from dataclasses import replace

import numpy as np
import shapely

from geo.grid import cell_names
from geo.model import (
    Cells,
    DataState,
    DemandKind,
    DistrictInput,
    DistrictResult,
    DongRow,
    GapArea,
    LayerPoints,
    Nearest,
    Need,
    NeedRow,
    Settings,
    Supply,
    ThresholdRow,
    Units,
)

EVIL = '=HYPERLINK("http://x","<script>${1}`\\9")'
HOUSEHOLDS = np.array([10.0, 20, 20, 60, 80, 50, 5, 5])
WATCHED = np.array([1.0, 1, 0.5, 0.25, 0, 0, 0.75, 1])
DONG = np.array([0, 0, 1, 1, 0, 0, 1, 1])
NAN = float("nan")
NONE = np.empty(0)
NO_SHAPES = np.empty(0, dtype=object)


def make_result(**changes) -> DistrictResult:
    """Return the district's result; ``changes`` replace fields of it, ``source`` given as a dict those of its input."""
    source = replace(make_input(), **changes.pop("source", {}))
    cells = make_cells()
    result = DistrictResult(
        source=source,
        settings=Settings(dense_share=0.75),
        demand_source=DemandKind.GRID,
        households=250.0,
        area_km2=0.08,
        dense_share_reached=0.76,
        cells=cells,
        gaps=(make_gap(cells, 1, 4, 0), make_gap(cells, 2, 3, 1)),
        edge_gap_cells=np.array([5]),
        dongs=(
            DongRow(0, 160.0, {"lit": 0.2, "watched": 0.1875, "parcel": NAN, "combined": 0.1875}, 130.0, 1, 130.0),
            DongRow(1, 90.0, {"lit": 0.2, "watched": 0.375, "parcel": NAN, "combined": 0.375}, 56.25, 1, 60.0),
        ),
        needs=make_needs(),
        thresholds=(
            ThresholdRow(0.3, 2, 2, 2.0, 140.0, 125.0),
            ThresholdRow(0.5, 2, 2, 2.0, 140.0, 125.0),
            ThresholdRow(0.7, 2, 2, 2.0, 140.0, 125.0),
        ),
        headings=("기준일 상이: 자료 기준일이 2021-04-01부터 2025-12-23까지입니다",),
    )
    return replace(result, **changes)


def make_needs() -> tuple[NeedRow, ...]:
    return (
        NeedRow("lit", "밝은 길", DataState.PARTIAL, False, True, 0.3, 0.2, 200.0, 0, 0.2, 0.2),
        NeedRow("watched", "CCTV", DataState.LOADED, True, True, 0.3, 0.255, 186.25, 0, 0.1875, 0.1875),
        NeedRow("parcel", "안심택배", DataState.NONE, False, True, 0.1, NAN, NAN, None, NAN, NAN),
        NeedRow("combined", "종합", DataState.LOADED, True, True, NAN, 0.255, 186.25, 0, 0.1875, 0.1875),
    )


def make_cells() -> Cells:
    column, row = np.arange(8) % 4, np.arange(8) // 4
    x, y = 953_950.0 + 100 * column, 1_952_050.0 + 100 * row
    return Cells(
        grid_id=tuple(cell_names(x, y)),
        x=x,
        y=y,
        area_m2=np.full(8, 10_000.0),
        dong=DONG,
        households=HOUSEHOLDS,
        demand_source=np.full(8, "grid"),
        dense=np.isin(np.arange(8), [3, 4, 5]),
        cover_by_need={"lit": np.full(8, 0.2), "watched": WATCHED, "parcel": np.full(8, NAN)},
        cover=WATCHED,
        gap=np.isin(np.arange(8), [3, 4]),
        edge_unknown=np.isin(np.arange(8), [5]),
    )


def make_gap(cells: Cells, rank: int, cell: int, dong: int) -> GapArea:
    x, y, held = float(cells.x[cell]), float(cells.y[cell]), float(HOUSEHOLDS[cell])
    cover = float(WATCHED[cell])
    return GapArea(
        rank=rank,
        cells=np.array([cell]),
        dong=dong,
        grid_id=cells.grid_id[cell],
        x=x,
        y=y,
        area_ha=1.0,
        households=held,
        uncovered_households=held * (1 - cover),
        households_per_ha=held,
        cover=cover,
        cover_by_need={"lit": 0.2, "watched": cover, "parcel": NAN},
        unmet_needs=("watched",),
        nearest=(
            Nearest("streetlight", "가로등", "streetlight:a1", "가로등 1호", 37.4),
            Nearest("cctv", "CCTV", "cctv:b2", EVIL, 85.0 + rank),
            Nearest("locker", "안심택배함", None, None, None),
        ),
        geometry=shapely.box(x - 50, y - 50, x + 50, y + 50),
    )


def make_input() -> DistrictInput:
    west, east = (
        shapely.box(953_900, 1_952_000, 954_100, 1_952_200),
        shapely.box(954_100, 1_952_000, 954_300, 1_952_200),
    )
    needs = (
        Need("lit", "밝은 길", 15, 30, 0.3),
        Need("watched", "CCTV", 22, 57, 0.3),
        Need("parcel", "안심택배", 154, 385, 0.1),
    )
    states = (DataState.PARTIAL, DataState.LOADED, DataState.NONE)
    return DistrictInput(
        code="99998",
        name="시험구",
        boundary=shapely.union(west, east),
        dong_codes=("9999801000", "9999802000"),
        dong_names=("가온동", "나래1동"),
        dong_geometry=np.array([west, east], dtype=object),
        units=Units(np.array([160.0, 90.0]), ((0,), (1,))),
        weights=(),
        counted=None,
        not_lived_in=NO_SHAPES,
        lived_in=NO_SHAPES,
        supplies=tuple(
            Supply(need, state, True, NONE, NONE, NO_SHAPES, NONE) for need, state in zip(needs, states, strict=True)
        ),
        layers=(
            make_layer("streetlight", "가로등", ["가로등 1호"], [(953_990.0, 1_952_140.0)]),
            make_layer("cctv", "CCTV", [EVIL, "CCTV 2"], [(953_900.0, 1_952_080.0), (954_290.0, 1_952_190.0)]),
        ),
        at="2025-12-24T23:00",
        who="",
        data_dates={
            "dong": ("2021-04-01", "2021-04-01"),
            "cctv": ("2024-05-01", "2025-12-23"),
            "streetlight": ("", ""),
        },
        notes=("가로등: 보안등 자료가 없어 밝은 길은 판단하지 않음",),
    )


def make_layer(layer: str, name: str, names: list[str], points: list[tuple[float, float]]) -> LayerPoints:
    n = len(names)
    x, y = np.array(points).T
    blank = ("",) * n
    return LayerPoints(
        layer, name, tuple(f"{layer}:{i}" for i in range(n)), tuple(names), shapely.points(x, y), x, y,
        np.full(n, 2), blank, blank, blank, blank, np.zeros(n, dtype=bool),
        supplies={"streetlight": ("lit",), "cctv": ("watched",)}.get(layer, ()),
    )  # fmt: skip
