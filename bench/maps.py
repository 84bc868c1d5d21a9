"""A district map of 16,000 facilities beside folium's own ways of drawing as many points.

``python -m bench.maps [--json OUT]``. Time to build and bytes beyond the library, in one run.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import folium
import numpy as np

from geo.crs import to_lonlat
from layers.catalog import load_catalog
from maps.district import district_map
from maps.offline import leaflet
from tests.maps.factory import district_result

FACILITIES = 16_000


def main() -> None:
    """Print the figures, and write them to ``--json`` where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result, catalog = district_result(facilities=FACILITIES), load_catalog()
    x = np.concatenate([layer.x for layer in result.source.layers])
    y = np.concatenate([layer.y for layer in result.source.layers])
    names = [name for layer in result.source.layers for name in layer.names]
    lon, lat = to_lonlat(x, y)
    library = len(leaflet().script) + len(leaflet().style)
    district_map(result, catalog)  # folium is imported here, once
    figures: dict[str, dict[str, float]] = {}
    for name, build, own in (
        ("district map", lambda: district_map(result, catalog), library),
        ("folium CircleMarker", lambda: _markers(lon, lat, names), 0),
        ("folium GeoJson", lambda: _geojson(lon, lat, names), 0),
    ):
        seconds, size = _measure(build)
        figures[name] = {"seconds": seconds, "megabytes": (size - own) / 1e6}
    ours = figures["district map"]
    print(f"{len(x):,} facilities; bytes beyond the library")
    for name, figure in figures.items():
        slower, larger = figure["seconds"] / ours["seconds"], figure["megabytes"] / ours["megabytes"]
        print(
            f"{name:22}{figure['seconds']:8.3f} s{figure['megabytes']:8.2f} MB  x{slower:.1f} time, x{larger:.1f} size"
        )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _measure(build: Callable[[], str]) -> tuple[float, int]:
    times = []
    for _ in range(3):
        before = time.perf_counter()
        html = build()
        times.append(time.perf_counter() - before)
    return sorted(times)[1], len(html.encode("utf-8"))


def _markers(lon: np.ndarray, lat: np.ndarray, names: list[str]) -> str:
    drawn = folium.Map(location=(float(lat.mean()), float(lon.mean())))
    for place_lon, place_lat, name in zip(lon.tolist(), lat.tolist(), names, strict=True):
        folium.CircleMarker((place_lat, place_lon), radius=3, popup=name).add_to(drawn)
    return str(drawn.get_root().render())


def _geojson(lon: np.ndarray, lat: np.ndarray, names: list[str]) -> str:
    features = [
        {"type": "Feature", "properties": {"name": n}, "geometry": {"type": "Point", "coordinates": [a, b]}}
        for a, b, n in zip(lon.tolist(), lat.tolist(), names, strict=True)
    ]
    drawn = folium.Map(location=(float(lat.mean()), float(lon.mean())))
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        marker=folium.CircleMarker(radius=3),
        popup=folium.GeoJsonPopup(["name"]),
    ).add_to(drawn)
    return str(drawn.get_root().render())


if __name__ == "__main__":
    main()
