"""One version of what phones read: an index, each point's encoded object, hours, districts. Never changed."""

import mmap
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from api.near_build import ARRAYS, BLOCK_M, FEATURES, META
from geo.model import Ints
from geo.nearest_index import NearIndex
from layers.hours import is_open
from layers.snapshot import District

_MINUTES_KEPT = 8
OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"


@dataclass(frozen=True)
class Place:
    """A district as phones meet it: its ground (EPSG:5179, prepared) and the layers without data there.

    ``outline`` is what phones hold of its ground (:func:`api.outlines.outlines`).
    """

    district: District
    area: Any
    no_data: frozenset[str]
    needs: dict[str, str]
    outline: list[list[int]]


class NearData:
    """The near data in a folder that :func:`api.near_build.build` wrote, mapped into memory.

    Attributes
    ----------
    version
        The store's data version.
    index, layers
        The points, and the layers' ids by number.
    holdings
        What is stored, one object a layer (:class:`layers.holdings.LayerHolding` and its visibility).
    """

    def __init__(self, folder: Path) -> None:
        meta = orjson.loads((folder / META).read_bytes())
        self.folder = folder
        self.version = int(meta["version"])
        self.made_at = str(meta["made_at"])
        self.layers: tuple[str, ...] = tuple(meta["layers"])
        self.layer_number = {layer: number for number, layer in enumerate(self.layers)}
        self.holdings: list[dict[str, Any]] = meta["holdings"]
        # Copy on write: compiled code takes writable arrays, and nothing is ever written.
        self.index = NearIndex(**{name: _array(folder / f"{name}.npy") for name in ARRAYS})
        self._offsets: Ints = _array(folder / "offsets.npy")
        self._hour_of: Ints = _array(folder / "hour_of.npy")
        with (folder / FEATURES).open("rb") as stream:
            self._features = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        self._hours: list[str] = meta["hours"]
        self._states: dict[datetime, dict[int, int]] = {}
        drawn = zip(meta["districts"], meta["outlines"], strict=True)
        self.places = tuple(_place(entry, outline) for entry, outline in drawn)
        self.outlines_within_m = int(meta["outlines_within_m"])
        self._blocks: dict[tuple[float, float], list[tuple[Place, bool]]] = {}
        for column, row, number, whole in meta["blocks"]:
            self._blocks.setdefault((column, row), []).append((self.places[number], whole))

    def place_of(self, x: float, y: float) -> Place | None:
        """Return the district that holds a point (EPSG:5179), None outside all."""
        for place, whole in self._blocks.get((x // BLOCK_M, y // BLOCK_M), ()):
            if whole or shapely.intersects_xy(place.area, x, y):
                return place
        return None

    def encoded(self, rows: Ints) -> list[bytes]:
        """Return each point's JSON object without its closing brace, in order."""
        begin, end = self._offsets[rows].tolist(), self._offsets[rows + 1].tolist()
        return [self._features[b:e] for b, e in zip(begin, end, strict=True)]

    def hours_of(self, rows: Ints) -> list[str]:
        """Return each point's hours, '' where unknown."""
        return [self._hours[number] for number in self._hour_of[rows].tolist()]

    def layer_of(self, rows: Ints) -> Ints:
        """Return the number of each point's layer, int64 (k,)."""
        begins = self.index.start[:, 0, 0]
        return np.asarray(np.searchsorted(begins, rows, side="right") - 1, np.int64)

    def open_states(self, rows: Ints, at: datetime) -> list[int]:
        """Return 0 open, 1 closed, 2 unknown for each point at a whole minute of Seoul's clock."""
        known = self._states.get(at)
        if known is None:
            if len(self._states) >= _MINUTES_KEPT:
                self._states.clear()
            known = self._states[at] = {}
        numbers = self._hour_of[rows].tolist()
        try:
            return [known[number] for number in numbers]
        except KeyError:
            for number in {*numbers} - {*known}:
                answer = is_open(self._hours[number], at)
                known[number] = 2 if answer is None else 0 if answer else 1
        return [known[number] for number in numbers]


def _array(path: Path) -> Any:  # noqa: ANN401 - of any kind
    array = np.load(path, mmap_mode="c")
    return array.view(np.ndarray) if array.size else np.array(array)


def _place(entry: dict[str, Any], outline: list[list[int]]) -> Place:
    area = shapely.from_wkb(entry["area"])
    shapely.prepare(area)
    district = District(entry["code"], entry["name"], entry["province"])
    return Place(district, area, frozenset(entry["no_data"]), entry["needs"], outline)
