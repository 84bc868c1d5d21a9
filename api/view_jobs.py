"""What a page draws of a district, as JSON: worked out where the district is remembered."""

from typing import Any

import numpy as np
import orjson

from api.analysis_jobs import Tell, result_of
from api.district_memory import Job, snapshot_of
from geo.model import DistrictResult
from layers.candidates import usual_places
from layers.catalog import Catalog, Cost, LayerSpec
from maps import views
from maps.editions import Edition


def ground(job: Job, edition: Edition, *, tell: Tell) -> bytes:
    """Return what no setting changes (``maps.views.ground``) and, for planners, what a plan may hold and where."""
    result, catalog = result_of(job, tell)
    data = {"data_version": snapshot_of(job).version} | views.ground(result, catalog, edition)
    if edition == "internal":
        data |= _choices(result, catalog)
    return _json(data)


def view(job: Job, edition: Edition, *, tell: Tell) -> bytes:
    """Return what was found with one set of settings (``maps.views.view``)."""
    result, catalog = result_of(job, tell)
    return _json({"data_version": snapshot_of(job).version} | views.view(result, catalog, edition))


def _json(value: Any) -> bytes:  # noqa: ANN401 - JSON values
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value).__name__)


def _choices(result: DistrictResult, catalog: Catalog) -> dict[str, Any]:
    source = result.source
    dong = zip(source.dong_codes, source.dong_names, strict=True)
    return {
        "need_weights": {need.id: need.weight for need in catalog.needs.values()},
        "plannable": [_plannable(layer) for layer in catalog.layers.values() if layer.supplies],
        "within": [
            {"id": "gaps", "name": "틈새구역"},
            {"id": "district", "name": f"{source.name} 전체"},
            *({"id": area.id, "name": area.name} for area in catalog.areas.values()),
            *({"id": code, "name": name} for code, name in dong),
        ],
    }


def _plannable(layer: LayerSpec) -> dict[str, Any]:
    return {
        "layer": layer.id,
        "name": layer.name,
        "unit": layer.unit,
        "geometry": layer.geometry,
        "colour": layer.colour,
        "needs": layer.supplies,
        "candidates": usual_places(layer.id),
        "cost": {
            "once_krw": _cost(layer.cost_once_krw),
            "existing_pole_krw": _cost(layer.cost_existing_pole_krw),
            "year_krw": _cost(layer.cost_year_krw),
        },
        "cost_source": layer.cost_source,
    }


def _cost(cost: Cost | None) -> dict[str, int] | None:
    return None if cost is None else {"low": cost.low, "default": cost.default, "high": cost.high}
