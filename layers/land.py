"""Land that a planner names: a dong, a kind of area, a file of polygons, the whole district."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from pyogrio.errors import DataSourceError

from geo.crs import METRES
from geo.errors import AnsimError
from layers.catalog import Catalog
from layers.snapshot import Snapshot

NAMES = ("name", "이름", "구역명", "명칭")


class LandError(AnsimError):
    """Land that is named does not exist, or its file cannot be read."""

    code = "land"


def named_land(text: str, snapshot: Snapshot, catalog: Catalog, district: str | Sequence[str]) -> Any:  # noqa: ANN401 - a geometry
    """Return the land a word names within a district or several together (codes), EPSG:5179.

    ``district`` (all of it); one of several districts by name or code; a dong by name, code, or district and name where
    two districts have one of the name; an area of the catalog by id or name; or a file of polygons.

    Raises
    ------
    LandError
        Nothing is of that name, or dong of two districts are; or the file holds no polygons.
    """
    codes = [district] if isinstance(district, str) else list(district)
    dong = snapshot.dong[snapshot.dong["district"].isin(codes)]
    whole = shapely.union_all(dong["geometry"].to_numpy())
    if text in {"district", "전체"}:
        return whole
    one = dong[(dong["district_name"] == text) | (dong["district"] == text)] if len(codes) > 1 else dong[:0]
    if not len(one):
        whole_name = dong["district_name"] + " " + dong["name"]
        one = dong[(dong["name"] == text) | (dong["dong"] == text) | (whole_name == " ".join(text.split()))]
        if one["district"].nunique() > 1:
            listed = ", ".join(whole_name[one.index])
            raise LandError(f"'{text}'은(는) 여러 곳입니다", f"하나를 고르십시오: {listed}")
    if len(one):
        return shapely.union_all(one["geometry"].to_numpy())
    for area in catalog.areas.values():
        if text in {area.id, area.name}:
            rows = snapshot.tables["area"]
            shape = shapely.union_all(rows.loc[rows["kind"] == area.id, "geometry"].to_numpy())
            land = shapely.intersection(shape, whole)
            if land.is_empty:
                raise LandError(
                    f"{area.name}: 이 자치구에 저장된 구역이 없습니다", f"ansim import 파일 --layer {area.id}"
                )
            return land
    if Path(text).is_file():
        return read_land(Path(text))
    raise LandError(f"모르는 지역입니다: {text}", f"district, 행정동 이름, 면 파일, 또는 {', '.join(catalog.areas)}")


def read_land(path: Path) -> Any:  # noqa: ANN401
    """Return the union of a file's polygons, EPSG:5179. Raises :class:`LandError`."""
    return shapely.union_all([shape for _, shape in read_polygons(path)])


def read_polygons(path: Path) -> list[tuple[str, Any]]:
    """Return name and polygon (EPSG:5179, valid) of each feature of a file that is land. Raises :class:`LandError`."""
    try:
        frame = gpd.read_file(path)
    except (DataSourceError, ValueError, UnicodeDecodeError) as error:
        raise LandError(f"{path}: 면 파일로 읽을 수 없습니다", ".geojson, .gpkg, .shp 파일을 주십시오") from error
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise LandError(f"{path}: 좌표계가 없는 파일입니다", ".prj가 함께 있는지 확인하십시오")
    shapes = frame.to_crs(METRES).geometry.to_numpy()
    land = shapely.get_dimensions(shapes) == 2
    if not land.any():
        raise LandError(f"{path}: 면이 없습니다", "점이 아니라 면(폴리곤)으로 그린 파일을 주십시오")
    named = next((column for column in NAMES if column in frame.columns), None)
    names = frame[named].astype("str").tolist() if named else [""] * len(frame)
    mended = shapely.make_valid(shapes)
    return [(names[i], mended[i]) for i in range(len(frame)) if land[i]]
