"""What is known of each need in each district (domain.md 2): no data is never a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from geo.model import DataState
from layers.catalog import Catalog, LayerSpec, NeedSpec
from layers.tables import ImportRecord


@dataclass(frozen=True)
class Holdings:
    """How many counting devices each layer holds in each district, and which are stated to be complete."""

    counting: Mapping[tuple[str, str], int]  # (layer, district) -> devices
    complete: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, summary: pd.DataFrame, imports: Sequence[ImportRecord]) -> "Holdings":
        """Collect what a store's summary and imports say."""
        counting = {
            (layer, district): int(count)
            for layer, district, count in zip(summary["layer"], summary["district"], summary["counting"], strict=True)
            if count > 0
        }
        complete = frozenset((record.layer, district) for record in imports for district in record.complete_for)
        return cls(counting, complete)

    def has(self, layer: str, district: str) -> bool:
        """Return whether the layer says anything about the district: a true zero does."""
        return (layer, district) in self.counting or (layer, district) in self.complete


def unknown_layers(summary: pd.DataFrame, catalog: Catalog) -> tuple[str, ...]:
    """Return the layers a store holds rows of and the catalog does not know, by name: they are used for nothing."""
    return tuple(sorted(set(summary["layer"]) - set(catalog.layers)))


def unknown_words(layers: Sequence[str]) -> tuple[str, ...]:
    """Return the one warning that names them, or nothing."""
    if not layers:
        return ()
    return (
        f"저장소의 층 {', '.join(layers)}은(는) 지금 카탈로그에 없어 쓰지 않았습니다. 그 층을 더한 카탈로그로 여십시오",
    )


def data_state(need: NeedSpec, district: str, province: str, holdings: Holdings, catalog: Catalog) -> DataState:
    """Return the data state of a need in a district.

    ``partial`` where no principal layer has rows there, or where every principal layer that has rows is
    far under the mean a district of the city's own programme and not stated to be complete.
    """
    if not any(holdings.has(layer.id, district) for layer in catalog.layers_of(need.id)):
        return DataState.NONE
    principal = [layer for layer in need.principal if holdings.has(layer, district)]
    if not principal or all(_far_under(layer, district, province, holdings, catalog) for layer in principal):
        return DataState.PARTIAL
    return DataState.LOADED


def layer_state(layer: LayerSpec, district: str, province: str, holdings: Holdings, catalog: Catalog) -> DataState:
    """Return the data state of one layer in a district: ``partial`` where far under the city's programme."""
    if not holdings.has(layer.id, district):
        return DataState.NONE
    return DataState.PARTIAL if _far_under(layer.id, district, province, holdings, catalog) else DataState.LOADED


def _far_under(layer: str, district: str, province: str, holdings: Holdings, catalog: Catalog) -> bool:
    programme = catalog.layers[layer].programme
    if programme is None or programme.province != province or (layer, district) in holdings.complete:
        return False
    mean = programme.count / programme.districts
    return holdings.counting.get((layer, district), 0) < catalog.method.far_under_share * mean
