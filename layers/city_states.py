"""What is known of a city before its districts are analysed: which they are, and the needs all can be judged on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geo.model import DataState, Settings
from layers.catalog import Catalog, NeedSpec
from layers.snapshot import District, Snapshot
from layers.states import data_state, layer_state

MADE_UP = "99999"


@dataclass(frozen=True)
class CityScope:
    """The districts of an overview and what is known in each.

    ``common``: ids of the needs that can be judged in every district, catalog order: the only ones to rank all on.
    ``layer_states``: (district, layer) to its data state.
    """

    districts: tuple[District, ...]
    common: tuple[str, ...]
    layer_states: Mapping[tuple[str, str], DataState]

    @property
    def name(self) -> str:
        """The province where all districts are of one, else how many there are."""
        names = {district.province for district in self.districts}
        return names.pop() if len(names) == 1 else f"시도 {len(names)}곳"


def city_scope(overview: Snapshot, catalog: Catalog, settings: Settings) -> CityScope:
    """Return what is known of the districts that boundaries are loaded of; a made-up one only where it is alone."""
    every = overview.districts
    real = tuple(district for code, district in every.items() if code != MADE_UP)
    districts = real or tuple(every.values())
    judged = [need for need in catalog.needs.values() if _asked(need, settings)]
    return CityScope(
        districts,
        tuple(need.id for need in judged if _everywhere(need, districts, overview, catalog, settings)),
        {
            (d.code, layer.id): layer_state(layer, d.code, d.province, overview.holdings, catalog)
            for d in districts
            for layer in catalog.layers.values()
        },
    )


def _asked(need: NeedSpec, settings: Settings) -> bool:
    if settings.needs:
        return need.id in settings.needs
    return settings.weights.get(need.id, need.weight) > 0


def _everywhere(
    need: NeedSpec, districts: Iterable[District], overview: Snapshot, catalog: Catalog, settings: Settings
) -> bool:
    enough = {DataState.LOADED, DataState.PARTIAL} if settings.include_partial else {DataState.LOADED}
    return all(data_state(need, d.code, d.province, overview.holdings, catalog) in enough for d in districts)
