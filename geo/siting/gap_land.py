"""The land of the gap areas: where new sites on a grid are looked for, unless the planner names other land."""

from collections.abc import Sequence
from typing import Any

import shapely

from geo.district import analyse
from geo.errors import NoDataError
from geo.model import DistrictInput, DistrictResult, Settings


def gap_land(source: DistrictInput, settings: Settings) -> Any:  # noqa: ANN401 - a geometry
    """Return the union of a district's gap areas, EPSG:5179. Raises as :func:`land_of_gaps` and ``analyse``."""
    return land_of_gaps(analyse(source, settings))


def land_of_gaps(result: DistrictResult) -> Any:  # noqa: ANN401
    """Return the union of the gap areas found, EPSG:5179.

    Raises
    ------
    NoDataError
        There are none.
    """
    if not result.gaps:
        raise NoDataError(
            f"{result.source.name}: 틈새구역이 없어 격자 후보를 둘 곳이 없습니다",
            "--within district 로 자치구 전체를 보십시오",
        )
    return shapely.union_all([gap.geometry for gap in result.gaps])


def gaps_of_all(sources: Sequence[DistrictInput], settings: Settings) -> Any:  # noqa: ANN401
    """Return the union of the gap areas of several districts, each as it is analysed on its own, EPSG:5179.

    Raises
    ------
    NoDataError
        None of them has any.
    """
    results = [analyse(source, settings) for source in sources]
    shapes = [gap.geometry for result in results for gap in result.gaps]
    return shapely.union_all(shapes) if shapes else land_of_gaps(results[0])


def one_gap(source: DistrictInput, settings: Settings, rank: int) -> Any:  # noqa: ANN401
    """Return the land of the gap area of a rank, EPSG:5179.

    Raises
    ------
    NoDataError
        No gap area has that rank with these settings.
    """
    for gap in analyse(source, settings).gaps:
        if gap.rank == rank:
            return gap.geometry
    raise NoDataError(f"{source.name}: {rank}위 틈새구역이 없습니다", "지금 조건의 순위에서 고르십시오")
