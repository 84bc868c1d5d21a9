"""GeoJSON in a planner's body: places and land in WGS84 (lon, lat), checked in arrays and kept as plain GeoJSON.

Nothing of a coordinate or a property is quoted in an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from api.errors import BadParameterError, BadPositionError, PlanLimitsError
from api.settings import Limits
from geo.model import Floats
from layers.land import NAMES

_LON, _LAT = (123.5, 132.5), (32.5, 39.5)
_IDS = ("site_id", "id")
_WORD = 100
_POLYGONS = ("Polygon", "MultiPolygon")
_POINT = '예: {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point", …}}]}'
_LAND = '예: {"type": "Polygon", "coordinates": [[[lon, lat], …]]}'
_MOST = 1_000  # objects in a list, and polygons in all


def read_land(objects: Sequence[Any], where: str, limits: Limits) -> str:
    """Return polygons of ``exclude`` as one GeoJSON GeometryCollection, '' where there are none.

    ``objects`` are Polygon, MultiPolygon, or Features and FeatureCollections of them.

    Raises
    ------
    BadParameterError
        It is no GeoJSON of polygons, a ring is no ring.
    BadPositionError
        A corner is no pair of finite numbers in Korea, or lat stands before lon.
    PlanLimitsError
        More corners than ``limits.plan_corners``.
    """
    shapes = [_geometry(one, where, _POLYGONS, _LAND) for one in _features(objects, where, _LAND)]
    _check_corners(shapes, where, limits)
    return orjson.dumps({"type": "GeometryCollection", "geometries": shapes}).decode() if shapes else ""


def read_places(objects: Sequence[Any], where: str, limits: Limits, *, zones: bool) -> str:
    """Return the FeatureCollections of ``candidates`` as one, '' where there are none: points, or zones to be polygons.

    Each feature of it has an ``id``, its own or its number from 1 on, and ``properties.name``.

    Raises
    ------
    BadParameterError
        It is no FeatureCollection of such features, or two have one id.
    BadPositionError
        As :func:`read_land`.
    PlanLimitsError
        More features than ``limits.plan_given``, more corners than ``limits.plan_corners``.
    """
    if not all(_is(one, "FeatureCollection") for one in objects):
        raise BadParameterError(f"{where}: 보내는 후보는 GeoJSON FeatureCollection이어야 합니다", _POINT)
    found = list(_features(objects, where, _POINT))
    if len(found) > limits.plan_given:
        raise PlanLimitsError(
            f"{where}: 보낸 후보가 {len(found):,}곳으로 {limits.plan_given:,}곳을 넘습니다", "나누어 보내십시오"
        )
    shapes = [_geometry(one, where, _POLYGONS if zones else ("Point",), _POINT) for one in found]
    if zones:
        _check_corners(shapes, where, limits)
    elif shapes:
        at = [shape["coordinates"] for shape in shapes]
        _check_positions([one[:2] if len(one) == 3 else one for one in at], where)  # some with a height
    ids = [_id(one, number, where) for number, one in enumerate(found, 1)]
    if len(set(ids)) < len(ids):
        raise BadParameterError(f"{where}: 같은 id의 후보가 두 곳 이상입니다", "id를 하나씩만 쓰거나 모두 빼십시오")
    features = [
        {"type": "Feature", "id": key, "properties": {"name": _name(one)}, "geometry": shape}
        for key, one, shape in zip(ids, found, shapes, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features}).decode() if objects else ""


def _is(value: object, kind: str) -> bool:
    return isinstance(value, dict) and value.get("type") == kind


def _features(objects: Sequence[Any], where: str, example: str) -> Iterator[Mapping[str, Any]]:
    """Yield every feature; a geometry on its own as a feature without properties."""
    for value in objects:
        if _is(value, "FeatureCollection"):
            inner = value.get("features")
            if not isinstance(inner, list) or not inner or not all(_is(one, "Feature") for one in inner):
                raise BadParameterError(f"{where}: FeatureCollection에 Feature가 없습니다", example)
            yield from inner
        elif _is(value, "Feature"):
            yield value
        else:
            yield {"geometry": value}


def _geometry(feature: Mapping[str, Any], where: str, kinds: Sequence[str], example: str) -> dict[str, Any]:
    shape: Any = feature.get("geometry")
    if not any(_is(shape, kind) for kind in kinds) or not isinstance(shape.get("coordinates"), list):
        raise BadParameterError(f"{where}: {'·'.join(kinds)}으로 된 GeoJSON이어야 합니다", example)
    return {name: shape[name] for name in ("type", "coordinates")}


def _check_corners(shapes: Sequence[Mapping[str, Any]], where: str, limits: Limits) -> None:
    corners = 0
    if len(shapes) > _MOST:
        raise PlanLimitsError(f"{where}: 면이 {_MOST:,}개를 넘습니다", "합치거나 나누어 보내십시오")
    for shape in shapes:
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        if not polygons or not all(isinstance(rings, list) and rings for rings in polygons):
            raise BadParameterError(f"{where}: 면에 고리가 없습니다", _LAND)
        for ring in (ring for rings in polygons for ring in rings):
            at = _check_positions(ring, where)
            corners += len(at)
            if len(at) < 4 or not np.array_equal(at[0], at[-1]):
                raise BadParameterError(
                    f"{where}: 면의 고리는 점 4개 이상이고, 처음과 끝이 같아야 합니다", "GeoJSON(RFC 7946)의 고리"
                )
    if corners > limits.plan_corners:
        raise PlanLimitsError(
            f"{where}: 꼭짓점이 {corners:,}개로 {limits.plan_corners:,}개를 넘습니다", "면을 단순하게 하거나 나누십시오"
        )


def _check_positions(positions: object, where: str) -> Floats:
    """Return positions as float64 (n, 2): lon, lat. Raises BadPositionError."""
    try:
        found = np.asarray(positions)
    except ValueError:  # of unequal lengths
        found = np.empty(0)
    if found.ndim != 2 or found.shape[1] not in {2, 3} or found.dtype.kind not in "iuf":
        raise BadPositionError(f"{where}: 좌표는 [lon, lat] 두 숫자여야 합니다", "WGS84 경위도(EPSG:4326)로 주십시오")
    lon, lat = found[:, 0], found[:, 1]
    if _within(lon, _LON) and _within(lat, _LAT):
        return np.asarray(found[:, :2], float)
    if _within(lon, _LAT) and _within(lat, _LON):
        raise BadPositionError(f"{where}: 위도와 경도가 바뀌었습니다", "[lon, lat] 순서로 주십시오")
    raise BadPositionError(
        f"{where}: 대한민국 밖의 좌표가 있습니다", "WGS84 경위도(EPSG:4326)로, lon은 124~132, lat은 33~39입니다"
    )


def _within(values: Floats, limits: tuple[float, float]) -> bool:
    return bool(((values >= limits[0]) & (values <= limits[1])).all())


def _id(feature: Mapping[str, Any], number: int, where: str) -> str:
    properties = feature.get("properties")
    own = [feature.get("id")]
    own += [properties.get(name) for name in _IDS] if isinstance(properties, dict) else []
    value = next((one for one in own if one is not None), number)
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not text or len(text) > _WORD or not text.isprintable():
        raise BadParameterError(f"{where}: 후보의 id는 {_WORD}자 안의 글이나 정수여야 합니다", "빼면 차례대로 매깁니다")
    return text


def _name(feature: Mapping[str, Any]) -> str:
    properties = feature.get("properties")
    found = [properties.get(name) for name in NAMES] if isinstance(properties, dict) else []
    return next((one[:_WORD] for one in found if isinstance(one, str) and one.isprintable()), "")
