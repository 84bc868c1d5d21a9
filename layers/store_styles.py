"""How the embedded store looks when QGIS opens it: a style a layer, and Korean column names."""

from collections.abc import Iterable, Mapping

from layers.catalog import Catalog
from layers.qgis import hatch_style, outline_style, point_style, zone_style
from layers.tables import TABLES

_FACILITY_ALIASES = {
    "key": "식별값",
    "dataset": "자료",
    "source_id": "원자료 번호",
    "name": "이름",
    "road_address": "도로명주소",
    "lot_address": "지번주소",
    "district": "자치구 코드",
    "dong": "행정동 코드",
    "devices": "대수",
    "status": "상태",
    "installed": "설치일",
    "data_date": "데이터기준일자",
    "hours": "운영시간",
    "purpose": "설치목적",
    "counts": "판단에 포함",
    "near": "경계 밖 1 km 이내",
    "approximate": "동 이름으로만 앎",
    "flags": "표시",
    "attributes": "그 밖의 항목",
    "scope": "자치구 미상의 묶음",
}
_DONG_ALIASES = {
    "dong": "행정동 코드",
    "stat_dong": "통계청 코드",
    "name": "행정동",
    "district": "자치구 코드",
    "district_name": "자치구",
    "province": "시도",
    "dataset": "자료",
}


def store_styles(catalog: Catalog, tables: Iterable[str]) -> dict[str, str]:
    """Return QML for those of the tables that have geometry and a look."""
    fixed = {
        "dong": outline_style(label="name"),
        "area": hatch_style(),
        "building": zone_style("#8c8c8c", opacity=0.4),
        "address_point": point_style("#bbbbbb", size_mm=1.0),
    }
    styles = {}
    for table in tables:
        layer = catalog.layers.get(table)
        if layer is not None:
            small = 1.4 if layer.id.endswith("light") else 2.4
            is_zone = layer.geometry == "zone"
            styles[table] = zone_style(layer.colour) if is_zone else point_style(layer.colour, layer.shape, small)
        elif table in fixed:
            styles[table] = fixed[table]
    return styles


def store_aliases(tables: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Return Korean column names for the facility layers and the boundaries among the tables."""
    return {
        table: _DONG_ALIASES if table == "dong" else _FACILITY_ALIASES
        for table in tables
        if table == "dong" or table not in TABLES
    }
