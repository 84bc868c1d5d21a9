"""A plan changed by hand: the body of an evaluation."""

from dataclasses import dataclass

import numpy as np

from api.body import Fields
from api.errors import BadParameterError, BadPositionError
from api.plan_question import SETTINGS, Asking, layer_id, read_cost, read_settings
from api.settings import Limits
from geo.crs import to_metres
from layers.catalog import Catalog
from layers.hand_sites import HandSite

_EDIT = ("draft", "layers", "years", "settings")
_LAYER = ("layer", "sites", "cost", "level")
_SITE = ("id", "lon", "lat", "x", "y", "key", "once_krw", "year_krw")
_LON, _LAT = (123.5, 132.5), (32.5, 39.5)
_X, _Y = (700_000.0, 1_400_000.0), (1_300_000.0, 2_200_000.0)  # Korea in EPSG:5179
_MOST_KRW = 1e13


@dataclass(frozen=True)
class SiteAsked:
    """One site, and what the page calls it."""

    hand: HandSite
    key: str = ""

    @property
    def id(self) -> str:
        """Return the id it was given by, '' where by a point."""
        return self.hand.id


@dataclass(frozen=True)
class LayerEdit:
    """All sites of one layer."""

    layer: str
    sites: tuple[SiteAsked, ...]
    cost: tuple[float, float] | None = None
    level: str = "default"


@dataclass(frozen=True)
class EditAsked:
    """A plan changed by hand. ``draft``: the sealed plan it was made from, '' for none."""

    layers: tuple[LayerEdit, ...]
    draft: str = ""
    years: int | None = None
    asking: Asking | None = None


def read_edit(value: object, catalog: Catalog, limits: Limits) -> EditAsked:
    """Return what the body of an evaluation asks for.

    Raises
    ------
    BadJsonError, UnknownFieldError, BadParameterError, BadPositionError, UnknownLayerError
    """
    fields = Fields(value, _EDIT)
    layers = fields.objects("layers", len(catalog.layers), lambda one, where: _layer(one, where, catalog, limits))
    if not layers:
        raise BadParameterError("layers가 없습니다", '예: "layers": [{"layer": "cctv", "sites": []}]')
    if len({one.layer for one in layers}) < len(layers):
        raise BadParameterError("layers에 같은 층이 두 번 있습니다", "층마다 하나씩 주십시오")
    settings = fields.inner("settings", SETTINGS)
    return EditAsked(
        layers, fields.text("draft"), fields.whole("years", 0, 50),
        read_settings(settings, catalog) if settings else None,
    )  # fmt: skip


def _layer(value: object, where: str, catalog: Catalog, limits: Limits) -> LayerEdit:
    fields = Fields(value, _LAYER, where)
    layer = layer_id(fields.word("layer"), catalog, f"{where}.layer")
    sites = fields.objects("sites", limits.plan_sites, _site)
    level = fields.one_of("level", ("low", "default", "high"), "default")
    return LayerEdit(layer, sites, read_cost(fields), level)


def _site(value: object, where: str) -> SiteAsked:
    fields = Fields(value, _SITE, where)
    ways = [fields.has("id"), fields.has("lon") or fields.has("lat"), fields.has("x") or fields.has("y")]
    if sum(ways) != 1:
        raise BadPositionError(f"{where}: 자리는 id, lon과 lat, x와 y 가운데 하나로 주십시오", '예: {"id": "cctv:abc"}')
    name, x, y = fields.word("id"), np.nan, np.nan
    if ways[1]:
        x, y = _metres(fields, where)
    elif ways[2]:
        x, y = _pair(fields, where, ("x", "y"), (_X, _Y))
    once, year = (fields.number(name, 0, _MOST_KRW) for name in ("once_krw", "year_krw"))
    return SiteAsked(HandSite(name, x, y, once, year), fields.word("key"))


def _metres(fields: Fields, where: str) -> tuple[float, float]:
    lon, lat = _pair(fields, where, ("lon", "lat"), (_LON, _LAT))
    x, y = to_metres(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


def _pair(
    fields: Fields, where: str, names: tuple[str, str], ranges: tuple[tuple[float, float], tuple[float, float]]
) -> tuple[float, float]:
    try:
        first, second = (fields.number(name, *limits) for name, limits in zip(names, ranges, strict=True))
    except BadParameterError:
        first = second = None
    if first is None or second is None:
        raise BadPositionError(
            f"{where}: {names[0]}과 {names[1]}은(는) 대한민국 안의 유한한 숫자여야 합니다",
            "lon은 124~132, lat은 33~39; x와 y는 EPSG:5179 미터입니다",
        )
    return first, second
