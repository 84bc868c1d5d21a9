"""One version of what phones read: an index, each point's encoded object, hours, districts. Never changed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from api.near_build import ARRAYS, FEATURES, GRID, META
from geo.kernels import Bytes
from geo.model import Ints
from geo.nearest_cells import NearIndex
from geo.nearest_index import UNSETTLED, Ask, Texts, near_joined
from geo.transverse import place_in_metres
from layers.hours import is_open
from layers.snapshot import District

_MINUTES_KEPT = 8
_CHOICES_KEPT = 256  # of layers
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
    first
        Code of the district to open with: the one most is known of, then the one most live in.
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
        self.first = str(meta["first"])
        self.layers: tuple[str, ...] = tuple(meta["layers"])
        self.layer_number = {layer: number for number, layer in enumerate(self.layers)}
        self.holdings: list[dict[str, Any]] = meta["holdings"]
        # Copy on write: compiled code takes writable arrays, and nothing is ever written.
        self.index = NearIndex(**{name: _array(folder / f"{name}.npy") for name in ARRAYS})
        self._offsets: Ints = _array(folder / "offsets.npy")
        self._hour_of: Ints = _array(folder / "hour_of.npy")
        features = np.memmap(folder / FEATURES, mode="c").view(np.ndarray)
        self.points = (features, self._offsets, self._hour_of)
        self.longest = int(np.diff(self._offsets).max(initial=0))
        self._hours: list[str] = meta["hours"]
        self._numbers: dict[tuple[str, ...], tuple[int, ...]] = {}
        self._states: dict[datetime, Bytes] = {}
        drawn = zip(meta["districts"], meta["outlines"], strict=True)
        self.places = tuple(_place(entry, outline) for entry, outline in drawn)
        self.outlines_within_m = int(meta["outlines_within_m"])
        grid = np.ascontiguousarray(np.load(folder / GRID))
        self._grid = (*meta["grid"]["frame"], *grid.shape, memoryview(grid.ravel().data))
        self._shared = [tuple(self.places[number] for number in shared) for shared in meta["grid"]["shared"]]

    def warm(self) -> None:
        """Compile what answers questions, or load it: no phone waits for that."""
        place_in_metres(127.5, 38.0)
        ends = (np.zeros(3, np.uint8), np.arange(4, dtype=np.int64))
        texts = Texts(*self.points, np.zeros(1, np.uint8), *ends)
        near_joined(self.index, texts, (0.0, 0.0), Ask((0,), 1.0, 1, (0,), 1.0), 0, 1)

    def place_of(self, x: float, y: float) -> Place | None:
        """Return the district that holds a point (EPSG:5179), None outside all."""
        x0, y0, cell_m, rows, columns, cells = self._grid
        row, column = int((y - y0) // cell_m), int((x - x0) // cell_m)
        if not (0 <= row < rows and 0 <= column < columns):
            return None
        number = cells[row * columns + column]
        if number >= 0:
            return self.places[number - 1] if number else None
        return next((place for place in self._shared[-number - 1] if shapely.intersects_xy(place.area, x, y)), None)

    def encoded(self, rows: Ints) -> list[bytes]:
        """Return each point's JSON object without its closing brace, in order."""
        begin, end = self._offsets[rows].tolist(), self._offsets[rows + 1].tolist()
        features = self.points[0]
        return [features[b:e].tobytes() for b, e in zip(begin, end, strict=True)]

    def hours_of(self, rows: Ints) -> list[str]:
        """Return each point's hours, '' where unknown."""
        return [self._hours[number] for number in self._hour_of[rows].tolist()]

    def numbers_of(self, layers: tuple[str, ...]) -> tuple[int, ...]:
        """Return the numbers of layers by their ids."""
        known = self._numbers.get(layers)
        if known is None:
            if len(self._numbers) >= _CHOICES_KEPT:
                self._numbers.clear()
            known = self._numbers[layers] = tuple([self.layer_number[layer] for layer in layers])
        return known

    def layer_of(self, rows: Ints) -> Ints:
        """Return the number of each point's layer, int64 (k,)."""
        begins = self.index.start[:, 0, 0]
        return np.asarray(np.searchsorted(begins, rows, side="right") - 1, np.int64)

    def states(self, at: datetime) -> Bytes:
        """Return the open state of each hours' number at a whole minute of Seoul's clock: 0 open, 1 closed, 2 unknown.

        UNSETTLED (:mod:`geo.nearest_index`) where :meth:`settle` has not been asked.
        """
        known = self._states.get(at)
        if known is None:
            if len(self._states) >= _MINUTES_KEPT:
                self._states.clear()
            known = self._states[at] = np.full(max(len(self._hours), 1), UNSETTLED, np.uint8)
        return known

    def settle(self, rows: Ints, at: datetime, known: Bytes) -> None:
        """Find out the state of these points' hours at the minute, whose :meth:`states` are ``known``."""
        for number in {*self._hour_of[rows].tolist()}:
            if known[number] == UNSETTLED:
                answer = is_open(self._hours[number], at)
                known[number] = 2 if answer is None else 0 if answer else 1


def _array(path: Path) -> Any:  # noqa: ANN401 - of any kind
    array = np.load(path, mmap_mode="c")
    return array.view(np.ndarray) if array.size else np.array(array)


def _place(entry: dict[str, Any], outline: list[list[int]]) -> Place:
    area = shapely.from_wkb(entry["area"])
    shapely.prepare(area)
    district = District(entry["code"], entry["name"], entry["province"])
    return Place(district, area, frozenset(entry["no_data"]), entry["needs"], outline)
