"""Facilities as a map draws them: how a layer looks, and all its rows packed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.model import Ints, LayerPoints
from layers.catalog import Catalog
from maps import text
from maps.editions import Shown
from maps.pack import Packed, near_order, pack_integers, pack_places, pack_polygons, pack_texts, steps

MANY = 1_000  # a layer with more facilities is drawn small
SHOWN_AT_FIRST = 400  # a layer with more is off until asked for: the first view stays legible
_ZONE_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON, shapely.GeometryType.GEOMETRYCOLLECTION)


@dataclass(frozen=True)
class Look:
    """How a layer looks on the map and in the legend. ``inside`` and ``near`` count facilities."""

    id: str
    name: str
    unit: str
    colour: str
    shape: str
    zone: bool
    inside: int
    near: int
    devices: int
    known: bool = True

    @property
    def small(self) -> bool:
        """Whether its facilities are so many that they are drawn as dots."""
        return self.inside > MANY


def look(layer: LayerPoints, catalog: Catalog) -> Look:
    """Return how a layer looks; one the catalog does not know is a grey circle."""
    spec = catalog.layers.get(layer.layer)
    inside = ~layer.near
    return Look(
        id=layer.layer,
        name=layer.name,
        unit=spec.unit if spec else "곳",
        colour=spec.colour if spec else "#555555",
        shape=spec.shape if spec else "circle",
        zone=bool(_is_zone(layer).any()),
        inside=int(np.count_nonzero(inside)),
        near=int(np.count_nonzero(layer.near)),
        devices=int(layer.devices[inside].sum()),
        known=layer.known,
    )


def on_at_first(layer: LayerPoints, catalog: Catalog) -> bool:
    """Return whether the first view shows the layer: it supplies a need, and is not a cloud of dots."""
    spec = catalog.layers.get(layer.layer)
    return spec is not None and bool(spec.supplies) and layer.known and len(layer.ids) <= SHOWN_AT_FIRST


def pack_layer(layer: LayerPoints, catalog: Catalog, shown: Shown) -> Packed:
    """Pack a layer's rows: points first, along a curve that keeps neighbours together, then zones."""
    zone = _is_zone(layer)
    points = np.flatnonzero(~zone & np.isfinite(layer.x) & np.isfinite(layer.y))
    places = steps(layer.x[points], layer.y[points])
    curve = near_order(places)
    order = np.concatenate([points[curve], np.flatnonzero(zone)])
    looks = look(layer, catalog)
    return {
        "id": looks.id,
        "name": looks.name,
        "unit": looks.unit,
        "colour": looks.colour,
        "shape": looks.shape,
        "small": looks.small,
        "on": on_at_first(layer, catalog),
        "known": looks.known,
        "count": len(order),
        "places": pack_places(places[curve]),
        "zones": pack_polygons(layer.geometry[zone]),
        "devices": _column(layer.devices[order]),
        "near": _column(layer.near[order].astype(np.int64)),
        "texts": {
            name: pack_texts([column[i] for i in order.tolist()]) for name, column in _texts(layer, shown).items()
        },
    }


def _is_zone(layer: LayerPoints) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.isin(shapely.get_type_id(layer.geometry), _ZONE_TYPES)


def _texts(layer: LayerPoints, shown: Shown) -> dict[str, tuple[str, ...] | list[str]]:
    texts: dict[str, tuple[str, ...] | list[str]] = {
        "ids": [identity.removeprefix(f"{layer.layer}:") for identity in layer.ids],
        "names": layer.names,
        "addresses": layer.addresses,
        "hours": layer.hours,
        "dates": layer.data_dates,
    }
    if shown.internal:
        texts["flags"] = [text.flag_names(flags) for flags in layer.flags]
    return texts


def _column(values: Ints) -> int | str:
    """Return the one value all have, or the packed column."""
    if len(values) == 0 or (values == values[0]).all():
        return int(values[0]) if len(values) else 0
    return pack_integers(values)
