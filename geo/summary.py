"""What a district's cells add up to: shares covered, worst dong, other thresholds, headings."""

import numpy as np
from numpy.typing import NDArray

from geo.dates import apart, joined, judged_dates, spoken
from geo.frame import Frame
from geo.model import (
    Bools,
    Cells,
    DataState,
    DemandKind,
    DistrictInput,
    DongRow,
    Floats,
    GapArea,
    NeedRow,
    Settings,
    ThresholdRow,
)

COMBINED = "combined"


def share_covered(households: Floats, cover: Floats) -> float:
    """Return sum(households x cover) / sum(households); NaN without households or without data."""
    total = float(households.sum())
    return float((households * cover).sum() / total) if total > 0 else float("nan")


def dong_rows(cells: Cells, gaps: tuple[GapArea, ...], dong_count: int) -> tuple[DongRow, ...]:
    """Return one row a dong, in dong order."""
    every = {**cells.cover_by_need, COMBINED: cells.cover}
    shares = {need: _by_dong(cells, cover, dong_count) for need, cover in every.items()}
    held = np.bincount(cells.dong, cells.households, dong_count)
    dense = np.bincount(cells.dong, cells.households * cells.dense, dong_count)
    areas = np.bincount([gap.dong for gap in gaps], minlength=dong_count) if gaps else np.zeros(dong_count, int)
    return tuple(
        DongRow(
            dong=d,
            households=float(held[d]),
            share_covered={need: float(share[d]) for need, share in shares.items()},
            uncovered_households=float(held[d] * (1 - shares[COMBINED][d])),
            gap_areas=int(areas[d]),
            dense_households=float(dense[d]),
        )
        for d in range(dong_count)
    )


def need_rows(
    source: DistrictInput, settings: Settings, cells: Cells, part: tuple[str, ...], dong_count: int
) -> tuple[NeedRow, ...]:
    """Return one row a need in catalog order, and last the combined cover."""
    rows = [
        _need_row(
            cells, dong_count, cells.cover_by_need[s.need.id], s.need.id, s.need.name,
            state=s.state, takes_part=s.need.id in part, on_duty=s.on_duty,
            weight=settings.weights.get(s.need.id, s.need.weight),
        )
        for s in source.supplies
    ]  # fmt: skip
    states = [s.state for s in source.supplies if s.need.id in part]
    worst = max(states, key=list(type(states[0])).index) if states else source.supplies[0].state.__class__("none")
    combined = _need_row(
        cells, dong_count, cells.cover, COMBINED, "종합",
        state=worst, takes_part=bool(part), on_duty=True, weight=float("nan"),
    )  # fmt: skip
    return (*rows, combined)


def _need_row(cells: Cells, dong_count: int, cover: Floats, need: str, name: str, **rest: object) -> NeedRow:
    share = share_covered(cells.households, cover)
    by_dong = _by_dong(cells, cover, dong_count)
    lived = np.flatnonzero(~np.isnan(by_dong))
    worst = int(lived[np.argmin(by_dong[lived])]) if len(lived) else None
    return NeedRow(
        id=need,
        name=name,
        share_covered=share,
        uncovered_households=float(cells.households.sum() * (1 - share)),
        worst_dong=worst,
        worst_share=float(by_dong[worst]) if worst is not None else float("nan"),
        bottom_quarter_share=_bottom_quarter(cells, by_dong, dong_count),
        **rest,  # type: ignore[arg-type]
    )


def _by_dong(cells: Cells, cover: Floats, dong_count: int) -> Floats:
    held = np.bincount(cells.dong, cells.households, dong_count)
    covered = np.bincount(cells.dong, cells.households * cover, dong_count)
    return np.asarray(np.divide(covered, held, out=np.full(dong_count, np.nan), where=held > 0))


def _bottom_quarter(cells: Cells, by_dong: Floats, dong_count: int) -> float:
    """Return the share covered in the quarter of the dong with the lowest (rounded up), taken together.

    Dong without households are none of them. Each weighs by its households; of dong with one share at the cut, the
    lower index is taken.
    """
    lived = np.flatnonzero(~np.isnan(by_dong))
    if len(lived) == 0:
        return float("nan")
    held = np.bincount(cells.dong, cells.households, dong_count)
    worst = lived[np.argsort(by_dong[lived], kind="stable")][: -(-len(lived) // 4)]
    return float((held[worst] * by_dong[worst]).sum() / held[worst].sum())


def threshold_row(threshold: float, frame: Frame, gap: Bools, cover: Floats, areas: int) -> ThresholdRow:
    """Return what the gaps come to at one threshold."""
    return ThresholdRow(
        threshold=threshold,
        gap_cells=int(gap.sum()),
        gap_areas=areas,
        area_ha=float(frame.area_m2[gap].sum() / 10_000),
        households=float(frame.households[gap].sum()),
        uncovered_households=float((frame.households[gap] * (1 - cover[gap])).sum()),
    )


def headings(
    source: DistrictInput,
    settings: Settings,
    households: Floats,
    demand_source: NDArray[np.str_],
    part: tuple[str, ...],
) -> tuple[str, ...]:
    """Return what must stand over every output of this result, most serious first."""
    said = []
    if source.made_up:
        said.append("가상 자료: 실제 지역이 아닙니다")
    if not part:
        said.append("판단에 쓸 수 있는 자료가 없어 틈새를 판단하지 않았습니다")
    by_dong = float(households[demand_source == DemandKind.DONG.value].sum() / households.sum())
    if by_dong > 0.5:
        said.append("동 단위 추정: 1인가구가 동 합계뿐이라 동 안의 위치는 알 수 없습니다")
    elif by_dong > 0:
        said.append(f"일부 동 단위 추정: 1인가구의 {by_dong:.0%}는 동 합계로만 알려져 있습니다")
    said += _judged_on(source, settings, part)
    dates = joined(judged_dates(source, part).values())
    if apart(dates, source.stale_months):
        said.append(f"기준일 상이: 자료 기준일이 {spoken(dates[0])}부터 {spoken(dates[1])}까지입니다")
    return (*said, *source.warnings)


def _judged_on(source: DistrictInput, settings: Settings, part: tuple[str, ...]) -> list[str]:
    """Return what to say of needs that were asked for and left out, and of a score that rests on few needs."""
    said = []
    for supply in source.supplies:
        if supply.need.id in settings.needs and supply.need.id not in part:
            why = (
                "자료가 없어 판단에서 뺐습니다" if supply.state is DataState.NONE else "일부 자료여서 판단에서 뺐습니다"
            )
            said.append(f"고른 항목 {supply.need.name}: {why}")
    weighed = [s for s in source.supplies if settings.weights.get(s.need.id, s.need.weight) > 0]
    judged = [s.need.name for s in weighed if s.need.id in part]
    if not settings.needs and judged and 2 * len(judged) <= len(weighed):
        said.append(
            f"{len(weighed)}개 항목 가운데 {len(judged)}개만 자료가 있습니다: 종합은 {', '.join(judged)}만 본 것입니다"
        )
    return said
