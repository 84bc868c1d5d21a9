"""What a page draws of a district, in two parts: what stays, and what a setting changes.

Both are in the coding of the map files (``maps.pack``), so that one set of scripts reads either. The public parts are
built from what ``maps.editions`` lets through, and from nothing else.
"""

from typing import Any

from geo.model import DistrictResult
from layers.catalog import Catalog
from maps import payload, text
from maps.editions import Edition, Shown, shown
from maps.geofiles import about, records
from maps.tables import dong_table, gap_table


def ground(result: DistrictResult, catalog: Catalog, edition: Edition) -> dict[str, Any]:
    """Return what no setting changes: land, cells and facilities."""
    source, show = result.source, shown(result, catalog, edition)
    data = payload.ground(result, catalog, show)
    data["dongs"]["codes"] = list(source.dong_codes)
    data |= {
        "code": source.code,
        "made_up": source.made_up,
        "english": _english(catalog, edition),
        "need_names": {need.id: need.name for need in catalog.needs.values()} | {text.COMBINED: "종합"},
    }
    return data


def _english(catalog: Catalog, edition: Edition) -> dict[str, str]:
    """Return the English of the catalog's Korean names, where it has one and the edition may show the layer."""
    internal = edition == "internal"
    layers = [layer for layer in catalog.layers.values() if internal or layer.visibility == "public"]
    named = [*catalog.needs.values(), *layers, *(catalog.areas.values() if internal else ())]
    return {spec.name: spec.name_en for spec in named if spec.name_en}


def view(result: DistrictResult, catalog: Catalog, edition: Edition) -> dict[str, Any]:
    """Return what was found with one set of settings."""
    show = shown(result, catalog, edition)
    data = payload.view(result, show) | {"edition": edition}
    if not show.internal:
        return data | {"about": _public(result, show)}
    data["about"] = about(result, catalog) | {"at_default": result.source.at_default}
    data["dongs"]["rows"] = records(dong_table(result))
    table = gap_table(result)
    data["gap_rows"] = records(table[[c for c in table.columns if not c.startswith(("nearest_", "unmet_"))]])
    return data


def _public(result: DistrictResult, show: Shown) -> dict[str, Any]:
    return {
        "made_up": result.source.made_up,
        "headings": list(show.headings),
        "data_dates": {name: list(dates) for name, dates in show.data_dates.items()},
        "data_range": list(show.dates),
        "undated": list(show.undated),
        "households": round(show.households, 6),
    }
