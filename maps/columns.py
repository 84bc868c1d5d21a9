"""The columns of every output: machine name, Korean name, unit, decimals and meaning, in one place.

Machine names are what a file's columns are called; Korean names (``alias``) are the headers of the
workbook and the aliases of the GeoPackage. ``docs/outputs.md`` lists them all; a test holds the two together.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from geo.dates import joined, judged_dates, undated
from geo.model import DataState, DistrictResult, NeedRow
from maps.text import LOADED, NO_DATA, PARTIAL

STATES = {
    DataState.LOADED: LOADED,
    DataState.PARTIAL: PARTIAL,
    DataState.NONE: NO_DATA,
}
TABLE_NAMES = {
    "dong": "행정동 경계",
    "household": "1인가구 통계",
    "stat_grid": "국토통계 격자",
    "building": "건축물",
    "address_point": "주소점",
    "area": "구역",
}


@dataclass(frozen=True)
class Column:
    """One column. ``decimals`` None: text, whole number or yes/no; ``unit`` '' where there is none."""

    name: str
    alias: str
    unit: str = ""
    decimals: int | None = None
    meaning: str = ""

    @property
    def header(self) -> str:
        """Return the Korean name with its unit: ``면적(ha)``."""
        return f"{self.alias}({self.unit})" if self.unit else self.alias


_SHARE = "0~1"
_PLAIN = (
    Column("rank", "순위", meaning="rank of the gap area by uncovered households, 1 first; empty where not ranked"),
    Column("grid_id", "국가지점번호", meaning="national grid cell of 100 m; of a gap area: that of its centre"),
    Column("dong", "행정동코드", meaning="10-digit code (text)"),
    Column("dong_name", "행정동"),
    Column("x", "X좌표", "m", 1, "EPSG:5179 easting of the centre (gap area: household-weighted)"),
    Column("y", "Y좌표", "m", 1, "EPSG:5179 northing of the centre"),
    Column("lon", "경도", "도", 7, "WGS84 longitude of the centre"),
    Column("lat", "위도", "도", 7, "WGS84 latitude of the centre"),
    Column("area_ha", "면적", "ha", 2, "ground inside the district"),
    Column("households", "1인가구", "가구", 0, "single-person households (estimated below the source's unit)"),
    Column("uncovered_households", "미도달 1인가구", "가구", 0, "sum of households x (1 - cover)"),
    Column("dense_households", "밀집격자 1인가구", "가구", 0, "households in dense cells"),
    Column("households_per_ha", "가구 밀도", "가구/ha", 1),
    Column("cover", "종합 도달도", _SHARE, 3, "combined cover, household-weighted mean: a score from priors"),
    Column("share_covered", "도달률", _SHARE, 3, "sum of households x cover / sum of households"),
    Column("dense", "밀집격자", meaning="one of the densest cells"),
    Column("gap", "틈새격자", meaning="dense, below the threshold, and judged"),
    Column("edge_unknown", "경계 미확인", meaning="within reach of a border with no data beyond: not ranked"),
    Column("estimated", "동 단위 추정", meaning="households are a part of the dong's total by area, rounded to tens"),
    Column("demand_source", "1인가구 자료", meaning="building | grid | oa | address | dong, finest first"),
    Column("unmet_needs", "부족 항목 코드", meaning="needs below the threshold, taking part; ';'-joined ids"),
    Column("unmet_need_names", "부족 항목", meaning="the same by name"),
    Column("stability", "안정성", _SHARE, 2, "share of draws in which it stays; empty: not asked"),
    Column("gap_areas", "틈새구역", "곳"),
    Column("gap_cells", "틈새격자 수", "개"),
    Column("need", "항목 코드", meaning="id of a need, or combined"),
    Column("need_name", "항목"),
    Column("state", "자료 상태", meaning="loaded | partial | none"),
    Column("takes_part", "판단 포함", meaning="takes part in combined cover and gaps"),
    Column("on_duty", "운영 중", meaning="on duty at the time of the analysis"),
    Column("weight", "가중치", _SHARE, 2, "a prior; empty for combined"),
    Column("worst_dong", "도달률 최저 동 코드"),
    Column("worst_dong_name", "도달률 최저 동"),
    Column("worst_share", "최저 동 도달률", _SHARE, 3),
    Column(
        "bottom_quarter_share",
        "하위 25 % 동 도달률",
        _SHARE,
        3,
        "of the quarter of the dong (by number, rounded up) with the lowest share covered, taken together",
    ),
    Column("threshold", "임계값", _SHARE, 2, "combined cover below which a dense cell is a gap cell"),
    Column("used", "적용", meaning="the threshold the gap areas rest on"),
    Column("topic", "구분"),
    Column("item", "내용"),
    Column("value", "값"),
    Column("source", "근거"),
    Column("oldest", "가장 오래된 기준일", meaning="ISO date; empty where unknown"),
    Column("newest", "가장 새로운 기준일", meaning="ISO date; empty where unknown"),
    Column("places", "구 안", "곳", meaning="facilities in the district"),
    Column("devices", "구 안 대수", meaning="devices at them: lamps, cameras"),
    Column("places_near", "구 밖 1 km", "곳", meaning="facilities outside, within 1 km: they count for cover"),
    Column("file", "파일", meaning="file it came from"),
    Column("imported", "가져온 날", meaning="ISO date"),
    Column("edition", "배포 구분", meaning="내부용: not for publication"),
    Column("district", "자치구코드", meaning="5-digit code (text)"),
    Column("district_name", "자치구"),
    Column("area_km2", "면적", "km²", 2, "of the district"),
    Column("households_per_km2", "1인가구 밀도", "가구/km²", 0),
    Column(
        "rank_common", "순위(공통 항목)", meaning="by share_common, lowest first; empty where nothing may be ranked"
    ),
    Column("common_needs", "공통 항목", meaning="needs that every district has data of: the only ones ranked on"),
    Column("share_common", "공통 항목 도달률", _SHARE, 3, "of the common needs combined; empty where there are none"),
    Column("uncovered_common", "공통 항목 미도달 1인가구", "가구", 0),
    Column(
        "judged_needs", "본 항목", meaning="needs its combined cover and gaps rest on: not the same in every district"
    ),
    Column("gap_area_ha", "틈새구역 면적", "ha", 1),
    Column("uncovered_estimated", "미도달 동 단위 추정", meaning="households are known by dong only: rounded to tens"),
    Column("headings", "유의사항", meaning="what must stand over this output; ' | '-joined"),
)
_BY_NAME = {column.name: column for column in _PLAIN}

# Columns a need or a layer has one each of: pattern -> how it reads.
_FAMILIES = (
    (re.compile(r"cover_(?P<need>.+)"), Column("cover_<need>", "{} 도달도", _SHARE, 3, "empty where it has no data")),
    (re.compile(r"share_(?P<need>.+)"), Column("share_<need>", "{} 도달률", _SHARE, 3, "empty where it has no data")),
    (
        re.compile(r"nearest_(?P<layer>.+)_m"),
        Column("nearest_<layer>_m", "가까운 {} 거리", "m", 0, "straight line; empty: no data, or none near"),
    ),
    (re.compile(r"state_(?P<need>.+)"), Column("state_<need>", "{} 자료 상태", meaning="loaded | partial | none")),
    (
        re.compile(r"devices_(?P<layer>.+)"),
        Column("devices_<layer>", "{} 대수", meaning="in the district; empty where nothing is known"),
    ),
    (
        re.compile(r"per_1000_(?P<layer>.+)"),
        Column("per_1000_<layer>", "1,000가구당 {}", "", 3, "devices in the district a 1,000 single-person households"),
    ),
    (re.compile(r"nearest_(?P<layer>.+)_name"), Column("nearest_<layer>_name", "가까운 {} 이름")),
    (re.compile(r"nearest_(?P<layer>.+)_id"), Column("nearest_<layer>_id", "가까운 {} 번호")),
)


def every_column() -> tuple[Column, ...]:
    """Return every column there is, families once each by their pattern."""
    return (*_PLAIN, *(column for _, column in _FAMILIES))


def columns_of(names: Iterable[str], result: DistrictResult) -> dict[str, Column]:
    """Return the :class:`Column` of each machine name, in order; needs and layers by the result's names.

    Raises KeyError for a name no output has.
    """
    return columns_named(names, {need.id: need.name for need in result.needs} | layer_names(result))


def columns_named(names: Iterable[str], words: Mapping[str, str]) -> dict[str, Column]:
    """Return the :class:`Column` of each machine name, in order; ``words``: names of needs and layers by id.

    Raises KeyError for a name no output has.
    """
    return {name: _column(name, words) for name in names}


def _column(name: str, words: Mapping[str, str]) -> Column:
    if name in _BY_NAME:
        return _BY_NAME[name]
    for pattern, family in _FAMILIES:
        match = pattern.fullmatch(name)
        if match:
            member = match.group(1)
            return replace(family, name=name, alias=family.alias.format(words.get(member, member)))
    raise KeyError(name)


def layer_names(result: DistrictResult) -> dict[str, str]:
    """Return layer id to Korean name of the layers the result knows, in its order."""
    named = {layer.layer: layer.name for layer in result.source.layers}
    for gap in result.gaps:
        named |= {near.layer: near.layer_name for near in gap.nearest if near.layer not in named}
    return named


def data_name(name: str, result: DistrictResult) -> str:
    """Return the Korean name of a layer or table that ``data_dates`` speaks of."""
    return layer_names(result).get(name) or TABLE_NAMES.get(name, name)


def need_row(result: DistrictResult, need: str) -> NeedRow:
    """Return the row of a need or of ``combined``. Raises KeyError."""
    return {row.id: row for row in result.needs}[need]


def no_facility(result: DistrictResult, layers: Collection[str]) -> str:
    """Return what stands for a distance that none of the layers gives: no data, or nothing so near."""
    known = any(layer.known for layer in result.source.layers if layer.layer in layers)
    return f"{result.source.near_m / 1000:g} km 안 없음" if known else NO_DATA


def marks(result: DistrictResult, edition: str = "내부용") -> tuple[str, ...]:
    """Return what every output of the result is marked with: edition, 가상 자료, and the result's headings."""
    made_up = result.source.made_up and not any("가상 자료" in heading for heading in result.headings)
    return (edition, *(("가상 자료",) if made_up else ()), *result.headings)


def data_range(result: DistrictResult) -> tuple[str, str]:
    """Return the date of what the result is judged by (:func:`geo.dates.judged_dates`); '' where no data is dated."""
    judged = [row.id for row in result.needs if row.takes_part]
    return joined(judged_dates(result.source, judged).values())


def undated_data(result: DistrictResult) -> tuple[str, ...]:
    """Return the layers and tables that the result is judged by whose date nobody knows."""
    judged = [row.id for row in result.needs if row.takes_part]
    return undated(judged_dates(result.source, judged))
