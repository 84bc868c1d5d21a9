"""A district's bundle: everything public of it, so that a phone ranks by itself and never sends its position."""

import base64
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from api.district_memory import Job, input_of
from api.near_data import NearData, Place
from geo.combine import combine
from geo.coverage import cover_of_cells
from geo.crs import to_lonlat
from geo.discs import Reach
from geo.district import takes_part
from geo.errors import NoDataError
from geo.grid import Grid
from geo.model import DataState, DistrictInput, Floats, Ints, Settings
from geo.raster import rasterise
from layers.catalog import Catalog, LayerSpec, load_catalog
from layers.hours import open_changes

COVER_CELL_M = 20
_STEPS = 20  # cover in steps of 5 %
_OUTSIDE = 255
_DEGREES = 100_000  # places are whole 1/100,000 degrees: a metre


def bundle(job: Job, near_folder: Path, today: date, days: int, *, tell: Callable[[int, int], None]) -> bytes:
    """Return the bundle of a district as JSON (``docs/api.md`` says how to read it)."""
    del tell
    catalog = load_catalog(job.catalogs)
    data = NearData(near_folder)
    place = next(place for place in data.places if place.district.code == job.district)
    inside = np.flatnonzero(shapely.contains_xy(place.area, *data.index.place.T))
    layer_of = data.layer_of(inside)
    return orjson.dumps({
        "edition": "public",
        "district": {"code": place.district.code, "name": place.district.name, "province": place.district.province},
        "data_version": data.version,
        "made_on": today.isoformat(),
        "valid_until": (today + timedelta(days=days)).isoformat(),
        "degrees": _DEGREES,
        "layers": [
            _layer(catalog.layers[layer], data, inside[layer_of == number], place, today, days)
            for number, layer in enumerate(data.layers)
        ],
        "cover": _cover(job, catalog),
    })  # fmt: skip


def _layer(spec: LayerSpec, data: NearData, rows: Ints, place: Place, today: date, days: int) -> dict[str, Any]:
    # Lamps and cameras are many, and nobody goes to one by name; near counts them whatever their age, too.
    gone_to = not {"lit", "watched"} & set(spec.supplies)
    fresh = (data.index.last_day[rows] >= today.toordinal()) | (not gone_to)
    old, rows = int((~fresh).sum()), rows[fresh]
    lon, lat = (np.rint(v * _DEGREES).astype(np.int64) for v in to_lonlat(*data.index.place[rows].T))
    points = [orjson.loads(text + b"}") for text in data.encoded(rows)]
    hours = data.hours_of(rows)
    texts = sorted(set(hours))
    dates = sorted({point["data_date"] or "" for point in points})
    found: dict[str, Any] = {
        "id": spec.id,
        "name": spec.name,
        "name_en": spec.name_en,
        "unit": spec.unit,
        "supplies": list(spec.supplies),
        "marker": {"colour": spec.marker.colour, "shape": spec.marker.shape},
        "gone_to": gone_to,
        "no_data": spec.id in place.no_data,
        "partial": any(place.needs[need] == DataState.PARTIAL for need in spec.supplies),
        "hidden_as_old": old,
        "count": len(rows),
        # Each but the first as the step from the one before: small numbers pack well.
        "lon": np.diff(lon, prepend=0).tolist(),
        "lat": np.diff(lat, prepend=0).tolist(),
        "devices": data.index.devices[rows].tolist(),
        "hours_texts": texts,
        "hours": [texts.index(text) for text in hours],
        "opens": [_opens(text, today, days) for text in texts],
        "date_texts": dates,
        "dates": [dates.index(point["data_date"] or "") for point in points],
    }
    if gone_to:
        found["ids"] = [point["id"].partition(":")[2] for point in points]
        found["names"] = [point["name"] for point in points]
        found["addresses"] = [point["address"] for point in points]
        last = [date.fromordinal(day).isoformat() for day in data.index.last_day[rows].tolist()]
        lasts = sorted(set(last))
        found["until_texts"], found["until"] = lasts, [lasts.index(day) for day in last]
    return found


def _opens(hours: str, today: date, days: int) -> list[int]:
    """Return minute, state, minute, state …: from today's midnight in Seoul to the end of the last valid day."""
    changes = open_changes(hours, today, days + 1)
    return [number for minute, state in changes for number in (minute, 2 if state is None else 0 if state else 1)]


def _cover(job: Job, catalog: Catalog) -> dict[str, Any] | None:
    """Return the combined cover of the needs that only public layers supply; None without household data or needs."""
    try:
        source = input_of(job)
    except NoDataError:
        return None
    settings = Settings()
    public = [
        supply
        for supply in source.supplies
        if takes_part(supply, settings)
        and all(layer.visibility == "public" for layer in catalog.layers_of(supply.need.id))
    ]
    if not public:
        return None
    grid = Grid.around(source.boundary.bounds, cell_m=COVER_CELL_M, pixel_m=settings.pixel_m)
    levels = _levels(source, grid, [supply.need.id for supply in public])
    return {
        "needs": {supply.need.id: supply.need.name for supply in public},
        "at": source.at,
        "crs": "EPSG:5179",
        "x0": grid.x0,
        "y0": grid.y0,
        "cell_m": COVER_CELL_M,
        "columns": grid.columns,
        "rows": grid.rows,
        "steps": _STEPS,
        "outside": _OUTSIDE,
        "values": base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode(),
    }


def _levels(source: DistrictInput, grid: Grid, needs: list[str]) -> Any:  # noqa: ANN401 - uint8 (rows * columns,)
    """Return the cover of each cell in steps, row by row from the south-west."""
    mask = rasterise(np.array([source.boundary], dtype=object), grid)
    covers: list[Floats] = []
    weights = []
    for supply in source.supplies:
        if supply.need.id in needs:
            reach = Reach(supply.need.full_m, supply.need.none_m)
            covers.append(
                cover_of_cells(grid, reach, supply.x, supply.y, mask, zones=supply.zones, zone_cap=supply.zone_cap)
            )
            weights.append(supply.need.weight)
    cover = combine(np.vstack(covers), weights)
    return np.where(np.isnan(cover), _OUTSIDE, np.rint(np.nan_to_num(cover) * _STEPS)).astype(np.uint8)
