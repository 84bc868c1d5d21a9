"""Land that could be patrolled: dong, areas of the catalog, or the planner's own polygons (domain.md 1, 5)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from geo.errors import AnsimError
from layers.catalog import Catalog
from layers.land import read_polygons
from layers.snapshot import Snapshot


class CandidateError(AnsimError):
    """The places asked for do not exist, or cannot carry the layer."""

    code = "candidates"


@dataclass(frozen=True)
class Zone:
    """A candidate that is land, EPSG:5179. ``cap``: the most cover inside."""

    id: str
    name: str
    kind: str
    flag: str
    geometry: Any
    cap: float = 1.0


def zones_of(source: str, snapshot: Snapshot, catalog: Catalog, land: Any) -> list[Zone]:  # noqa: ANN401 - a geometry
    """Return the zones that a word names, those whose middle lies on ``land``.

    ``dong``: each dong whole, which is more than is patrolled at once, so its cover is at most the catalog's cap for
    approximate zones; an area of the catalog by id or name; a file of polygons, each feature a zone.

    Raises
    ------
    CandidateError
        The word names nothing that zones could be made of.
    """
    shapely.prepare(land)
    if source == "dong":
        cap = catalog.method.approximate_cap
        rows = snapshot.dong
        found = [
            Zone(
                f"dong:{code}",
                str(name),
                "행정동 전체",
                f"동 전체는 한 번에 돌 수 없어 도달 {cap:g}까지만 셈",
                shape,
                cap,
            )
            for code, name, shape in zip(rows["dong"], rows["name"], rows["geometry"], strict=True)
        ]
    elif any(source in {area.id, area.name} for area in catalog.areas.values()):
        area = next(a for a in catalog.areas.values() if source in {a.id, a.name})
        rows = snapshot.tables["area"]
        rows = rows[rows["kind"] == area.id]
        found = [
            Zone(f"{area.id}:{key}", str(name), area.name, "", shape)
            for key, name, shape in zip(rows["key"], rows["name"], rows["geometry"], strict=True)
        ]
    elif Path(source).is_file():
        found = [
            Zone(f"{Path(source).name}:{i}", name, "사용자 구역", "", shape)
            for i, (name, shape) in enumerate(read_polygons(Path(source)), start=1)
        ]
    else:
        raise CandidateError(
            f"--candidates {source}: 구역의 후보가 아닙니다", f"dong, 면 파일, 또는 {', '.join(catalog.areas)}"
        )
    return _on(found, land)


def own_zones(rows: pd.DataFrame, prefix: str, land: Any) -> list[Zone]:  # noqa: ANN401 - a geometry
    """Return the planner's own polygons (:func:`layers.given.given_rows`) as zones, those whose middle is on land."""
    columns = zip(rows["key"], rows["name"], rows["geometry"], strict=True)
    return _on([Zone(f"{prefix}:{key}", name, "사용자 구역", "", shape) for key, name, shape in columns], land)


def _on(zones: list[Zone], land: Any) -> list[Zone]:  # noqa: ANN401
    return [zone for zone in zones if shapely.intersects(land, zone.geometry.point_on_surface())]
