"""What GDAL may do with a file from outside: read that file, as one of a few formats, and nothing else.

GDAL picks the driver by what a file says, and some drivers (GDALG, VRT, HTTP) read other files, the network or run
pipelines. The GeoJSON driver itself fetches a reference system that is linked to by address.
"""

import json
from functools import cache
from typing import Any

import pyogrio
from pyogrio import _ogr

# What is read, and what is written to. None of them looks beyond its own files.
DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "TopoJSON", "MEM", "FlatGeobuf"})


@cache
def limit_gdal() -> None:
    """Take every other driver out of this process; GDAL reads no address by name either. Once is enough."""
    others = sorted(set(pyogrio.list_drivers()) - DRIVERS)
    pyogrio.set_gdal_config_options({"GDAL_SKIP": ",".join(others), "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none"})
    _ogr._register_drivers()  # noqa: SLF001 - the only call of pyogrio that makes GDAL heed GDAL_SKIP


def links_outside(text: str) -> bool:
    """Say whether a GeoJSON has a ``crs`` that GDAL would fetch, or may have one that cannot be told."""
    low = text.lower()
    if "\\u00" not in low and not ("crs" in low and ("link" in low or "url" in low)):
        return False
    found: list[str] = []

    def is_link(members: list[tuple[str, Any]]) -> bool:
        found.extend(name for name, value in members if name == "crs" and value is True)
        return any(
            name == "type" and isinstance(value, str) and value.lower().startswith(("link", "url"))
            for name, value in members
        )

    try:
        json.loads(text, object_pairs_hook=is_link)
    except (ValueError, RecursionError):
        return True
    return bool(found)
