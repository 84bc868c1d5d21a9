"""The analysis of one district: demand, cover, gaps, and what they add up to (domain.md 3 and 4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely

from geo.combine import combine
from geo.coverage import cover_of_cells
from geo.dense import clusters, densest, densest_dong, hot_spots
from geo.discs import Reach
from geo.errors import BadSettingError, NoDataError
from geo.frame import Frame, make_frame
from geo.gap_areas import below, gap_areas
from geo.grid import cell_names
from geo.memory import Memory
from geo.model import (
    Bools,
    Cells,
    DataState,
    DemandKind,
    DistrictInput,
    DistrictResult,
    Floats,
    GapArea,
    Geometries,
    Ints,
    Settings,
    Supply,
    ThresholdRow,
)
from geo.nearest import nearest_of_layers
from geo.summary import dong_rows, headings, need_rows, share_covered, threshold_row

_MOST_REACH = 10.0


@dataclass(frozen=True)
class Cover:
    """Cover of a district's n cells: by need (NaN without data), combined, and where the edge hides it."""

    by_need: Mapping[str, Floats]
    part: tuple[str, ...]  # needs taking part in the combined cover
    combined: Floats
    edge_unknown: Bools


def analyse(source: DistrictInput, settings: Settings | None = None, memory: Memory | None = None) -> DistrictResult:
    """Find where many people live alone in a district and what does not reach them.

    ``memory``: of other analyses; what rests on the same supplies and the same ground is taken from it.

    Raises
    ------
    BadSettingError
        A setting is outside its meaning, or the dense method needs a finer source than dong totals.
    NoDataError
        The district has no households.
    """
    settings = settings or Settings()
    check_settings(settings)
    frame = make_frame(source, settings)
    if frame.households.sum() <= 0:
        raise NoDataError(
            f"{source.name}: 1인가구 자료가 없습니다{f' ({source.who})' if source.who else ''}",
            "행정동별 1인가구 파일을 먼저 가져오십시오 (ansim import 1인가구.csv)",
        )
    kind = main_source(frame)
    dense, reached = dense_cells(frame, kind, settings)
    cover = cover_of_district(source, frame, settings, memory=memory)
    low = dense & below(cover.combined, settings.gap_threshold)
    gap = low & ~cover.edge_unknown
    cells = Cells(
        frame.grid_id, frame.x, frame.y, frame.area_m2, frame.cells.dong, frame.households, frame.demand_source,
        dense, cover.by_need, cover.combined, gap, cover.edge_unknown,
    )  # fmt: skip
    gaps = _ranked(source, frame, cover, areas_of(frame, dense, cover, settings), settings)
    return DistrictResult(
        source=source,
        settings=settings,
        demand_source=kind,
        households=float(frame.households.sum()),
        area_km2=float(source.boundary.area / 1e6),
        dense_share_reached=reached,
        cells=cells,
        gaps=gaps,
        edge_gap_cells=np.flatnonzero(low & cover.edge_unknown),
        dongs=dong_rows(cells, gaps, len(source.dong_codes)),
        needs=need_rows(source, settings, cells, cover.part, len(source.dong_codes)),
        thresholds=tuple(
            _at_threshold(frame, dense, cover, t, settings)
            for t in sorted({settings.gap_threshold, *settings.other_thresholds})
        ),
        headings=headings(source, settings, frame.households, frame.demand_source, cover.part),
    )


def check_settings(settings: Settings) -> None:
    """Raise :class:`BadSettingError` where a setting is outside its meaning."""
    for threshold in (settings.gap_threshold, *settings.other_thresholds):
        if not 0 < threshold <= 1:
            raise BadSettingError(f"틈새 기준은 0에서 1 사이여야 합니다: {threshold}", "예: --threshold 0.5")
    if not 0 < settings.reach_factor <= _MOST_REACH:
        raise BadSettingError(
            f"도달거리 배수는 0보다 크고 {_MOST_REACH:g} 이하여야 합니다: {settings.reach_factor}", "예: --reach 1.0"
        )


def main_source(frame: Frame) -> DemandKind:
    """Return the demand kind most households rest on."""
    kinds = list(DemandKind)
    held = [frame.households[frame.demand_source == kind.value].sum() for kind in kinds]
    return kinds[int(np.argmax(held))]


def dense_cells(frame: Frame, kind: DemandKind, settings: Settings) -> tuple[Bools, float]:
    """Return the dense cells by the method of the settings, and the share of households they hold."""
    if kind is DemandKind.DONG:
        if settings.dense_method != "quantile":
            raise BadSettingError(
                "동 합계만 있어 Gi*와 DBSCAN을 쓸 수 없습니다",
                "격자·건물 자료를 가져오거나 --dense quantile을 쓰십시오",
            )
        return densest_dong(frame.households, frame.cells.dong, frame.land_m2, settings.dense_share)
    if settings.dense_method == "quantile":
        return densest(frame.households, settings.dense_share)
    if settings.dense_method == "gi":
        return hot_spots(frame.x, frame.y, frame.households)
    if settings.dense_method == "dbscan":
        return clusters(frame.x, frame.y, frame.households)
    raise BadSettingError(f"모르는 밀집 방법: {settings.dense_method}", "quantile, gi, dbscan 중 하나")


def cover_of_district(
    source: DistrictInput,
    frame: Frame,
    settings: Settings,
    *,
    found: Cover | None = None,
    changed: Collection[str] = (),
    memory: Memory | None = None,
) -> Cover:
    """Return the cover of a district's cells by need and combined.

    ``found``: that of the same district and settings with other facilities of the needs ``changed``, and of no other.
    ``memory``: of other analyses.
    """
    n = len(frame.cells.cell)
    kept = memory or Memory(0)
    ground = (source.boundary, source.dong_geometry, source.lived_in)  # what the judged pixels rest on
    laid = (settings.pixel_m, settings.grid_shift_m, settings.reach_factor)

    def covered(supply: Supply) -> Floats:
        if supply.state is DataState.NONE:
            return np.full(n, np.nan)
        return kept.get("cover", ground, (supply,), laid, partial(_cover, supply, frame, settings))

    by_need = {
        s.need.id: covered(s) if found is None or s.need.id in changed else found.by_need[s.need.id]
        for s in source.supplies
    }
    part = [supply for supply in source.supplies if takes_part(supply, settings)]
    weights = [settings.weights.get(s.need.id, s.need.weight) for s in part]
    stacked = np.vstack([by_need[s.need.id] for s in part]) if part else np.empty((0, n))
    edge = np.zeros(n, dtype=bool) if found is None else found.edge_unknown
    for supply in part if found is None else ():
        edge |= _near_unknown(supply, frame, settings, kept, ground)
    return Cover(by_need, tuple(s.need.id for s in part), combine(stacked, weights, settings.combine), edge)


def takes_part(supply: Supply, settings: Settings) -> bool:
    """Return whether a need takes part in the combined cover (domain.md 2): no data is never a gap."""
    asked = supply.need.id in settings.needs
    if settings.needs and not asked:
        return False
    if not asked and settings.weights.get(supply.need.id, supply.need.weight) == 0:
        return False  # shown on its own
    return supply.state is DataState.LOADED or (supply.state is DataState.PARTIAL and settings.include_partial)


def _cover(supply: Supply, frame: Frame, settings: Settings) -> Floats:
    need, factor = supply.need, settings.reach_factor
    reach = Reach(need.full_m * factor, need.none_m * factor)
    covered = cover_of_cells(
        frame.grid, reach, supply.x, supply.y, mask=frame.mask, zones=supply.zones, zone_cap=supply.zone_cap
    )
    return np.asarray(covered[frame.cells.cell])


def _near_unknown(
    supply: Supply, frame: Frame, settings: Settings, memory: Memory, ground: tuple[object, ...]
) -> Bools:
    """Return the cells any part of which is within reach of land where the need has no data."""
    beyond = supply.unknown_beyond
    if beyond is None or beyond.is_empty:
        return np.zeros(len(frame.x), dtype=bool)
    reach_m = supply.need.none_m * settings.reach_factor

    def away() -> Floats:
        shapely.prepare(beyond)
        return np.asarray(shapely.distance(beyond, cell_squares(frame)))

    if memory.most:  # distances cost four times the answer, and serve every reach
        laid = (settings.pixel_m, settings.grid_shift_m)
        return np.asarray(memory.get("away", ground, (beyond,), laid, away) <= reach_m)
    shapely.prepare(beyond)
    return np.asarray(shapely.dwithin(beyond, cell_squares(frame), reach_m))


def cell_squares(frame: Frame) -> Geometries:
    """Return the squares of the cells, object (n,)."""
    half = frame.grid.cell_m / 2
    return np.asarray(shapely.box(frame.x - half, frame.y - half, frame.x + half, frame.y + half))


def areas_of(frame: Frame, dense: Bools, cover: Cover, settings: Settings) -> list[Ints]:
    """Return the cells of each gap area, most uncovered households first; ties go to the southernmost."""
    gap = dense & below(cover.combined, settings.gap_threshold) & ~cover.edge_unknown
    areas = _join(frame, gap, settings)
    return sorted(areas, key=lambda area: (-_uncovered(frame, cover, area), int(area[0])))


def _uncovered(frame: Frame, cover: Cover, area: Ints) -> float:
    return float((frame.households[area] * (1 - cover.combined[area])).sum())


def _join(frame: Frame, gap: Bools, settings: Settings) -> list[Ints]:
    cells = np.flatnonzero(gap)
    row, column = np.divmod(frame.cells.cell[cells], frame.grid.columns)
    areas = gap_areas(column, row, frame.cells.dong[cells], frame.area_m2[cells], settings.max_gap_ha)
    return [cells[area] for area in areas]


def _at_threshold(frame: Frame, dense: Bools, cover: Cover, threshold: float, settings: Settings) -> ThresholdRow:
    gap = dense & below(cover.combined, threshold) & ~cover.edge_unknown
    return threshold_row(threshold, frame, gap, cover.combined, len(_join(frame, gap, settings)))


def _ranked(
    source: DistrictInput, frame: Frame, cover: Cover, areas: list[Ints], settings: Settings
) -> tuple[GapArea, ...]:
    """Describe the gap areas, in the order of their ranks."""
    if not areas:
        return ()
    h = frame.households
    x = np.array([np.average(frame.x[a], weights=h[a]) for a in areas])
    y = np.array([np.average(frame.y[a], weights=h[a]) for a in areas])
    names = cell_names(x, y)
    # Facilities are known up to near_m outside the boundary: so far every place sees all there are.
    nearest = nearest_of_layers(x, y, source.layers, source.near_m)
    shapes = _shapes(source, frame, areas)
    described = []
    for rank, area in enumerate(areas, start=1):
        i = rank - 1
        held, area_ha = float(h[area].sum()), float(frame.area_m2[area].sum() / 10_000)
        by_need = {need: share_covered(h[area], values[area]) for need, values in cover.by_need.items()}
        described.append(
            GapArea(
                rank=rank, cells=area, dong=int(frame.cells.dong[area[0]]), grid_id=names[i],
                x=float(x[i]), y=float(y[i]),
                area_ha=area_ha, households=held, uncovered_households=_uncovered(frame, cover, area),
                households_per_ha=held / area_ha if area_ha else float("nan"),
                cover=share_covered(h[area], cover.combined[area]), cover_by_need=by_need,
                unmet_needs=tuple(n for n in cover.part if below(by_need[n], settings.gap_threshold)),
                nearest=nearest[i], geometry=shapes[i],
            )
        )  # fmt: skip
    return tuple(described)


def _shapes(source: DistrictInput, frame: Frame, areas: list[Ints]) -> Geometries:
    """Return the ground of each area: its cells, cut at the district's boundary."""
    half = frame.grid.cell_m / 2
    full = float(frame.grid.cell_m**2)
    shapes = np.empty(len(areas), dtype=object)
    for i, area in enumerate(areas):
        x, y = frame.x[area], frame.y[area]
        shape = shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))
        cut = (frame.area_m2[area] < full).any()
        shapes[i] = shapely.intersection(shape, source.boundary) if cut else shape
    return shapes
