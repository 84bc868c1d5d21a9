"""What the rows of a file say themselves of where they are: what coordinates are checked against."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geo.crs import in_korea
from geo.model import Bools, Floats, Geometries, Ints
from layers.importing.address_book import AddressBook
from layers.importing.addresses import dong_named
from layers.importing.boundaries import Boundaries
from layers.importing.job import Job, declared_districts
from layers.importing.synonyms import Columns
from layers.importing.text import SEPARATOR, each, join

NEAR_ADDRESS_M = 100.0  # a shop and the entrance of its building; EPSG:5174 and EPSG:2097 differ by 255 m
_SAMPLE = 2_000  # rows tell a system as surely as a million


@dataclass(frozen=True, eq=False)
class Evidence:
    """The districts, dong and addresses the rows name.

    ``near_m`` is how far outside the boundaries a row may lie and still be accepted.
    """

    columns: Columns
    boundaries: Boundaries
    book: AddressBook
    near_m: float

    @classmethod
    def of(cls, job: Job) -> "Evidence":
        """Collect it for a file; nothing is looked at before it is asked."""
        return cls(job.columns, job.boundaries, job.book, job.catalog.method.near_m)

    @cached_property
    def district(self) -> Ints:
        """int64 (n,): index into :attr:`codes` of the district a row names, -1 where it names none that is loaded."""
        declared = declared_districts(self.columns, self.boundaries)
        return np.asarray(pc.index_in(declared, pa.array(self.codes, pa.string())).fill_null(-1), dtype=np.int64)

    @cached_property
    def codes(self) -> list[str]:
        """Codes of the loaded districts, ascending."""
        return sorted(self.boundaries.districts.codes)

    @cached_property
    def dong(self) -> Ints:
        """int64 (n,): index of the dong a row names (its own column, else its address), -1 where none resolves."""
        index = {code: i for i, code in enumerate(self.boundaries.codes)}
        cells = [self.columns.get(role) for role in ("dong_name", "lot_address", "road_address")]
        codes = np.array([*self.codes, ""], dtype=object)[self.district]

        def resolve(joined: str) -> int:
            district, name, lot, road = joined.split(SEPARATOR)
            for text in (name, dong_named(lot), dong_named(road)):
                found = self.boundaries.dongs.text(district, text) if text else ()
                if len(found) == 1:
                    return index[found[0]]
            return -1

        found, at = each(join([pa.array(codes, pa.string()), *cells]), resolve)
        return np.asarray(found, dtype=np.int64)[at] if found else np.empty(0, np.int64)

    def sample(self, known: Bools) -> Ints:
        """Return up to 2,000 rows, evenly spread, that have coordinates and name a district."""
        rows = np.flatnonzero(known & (self.district >= 0)) if len(self.boundaries) else np.empty(0, np.int64)
        return rows if len(rows) <= _SAMPLE else rows[np.linspace(0, len(rows) - 1, _SAMPLE).astype(np.int64)]

    def in_own_district(self, rows: Ints, x: Floats, y: Floats) -> Bools:
        """Return bool (k,): the point (EPSG:5179) lies in the district its row names."""
        at = self.boundaries.locate(_points(x, y))
        index = {code: i for i, code in enumerate(self.codes)}
        of_dong = np.array([*(index[code] for code in self.boundaries.district_of), -1], np.int64)
        return np.asarray(of_dong[at] == self.district[rows])

    def in_own_dong(self, rows: Ints, x: Floats, y: Floats) -> Bools:
        """Return bool (k,): the point lies in the dong its row names; False where it names none."""
        at = self.boundaries.locate(_points(x, y))
        return np.asarray((at == self.dong[rows]) & (at >= 0))

    def at_own_address(self, rows: Ints, x: Floats, y: Floats) -> Bools:
        """Return bool (k,): the point is within 100 m of the loaded address point of its row's address."""
        taken = pa.array(rows)
        codes = pa.array(np.array([*self.codes, ""], dtype=object)[self.district[rows]], pa.string())
        road, lot = (self.columns.get(role).take(taken) for role in ("road_address", "lot_address"))
        found = self.book.find(codes, road, lot)
        with np.errstate(invalid="ignore"):
            return np.asarray(found.sure & (np.hypot(found.x - x, found.y - y) <= NEAR_ADDRESS_M))

    def in_reach(self, x: Floats, y: Floats) -> Bools:
        """Return bool (n,): the point lies in the box round all boundaries, ``near_m`` wider."""
        if not len(self.boundaries):
            return in_korea(x, y)
        west, south, east, north = shapely.total_bounds(self.boundaries.geometry)
        margin = self.near_m
        return np.asarray((x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin))


def _points(x: Floats, y: Floats) -> Geometries:
    points = np.full(len(x), None, object)
    good = np.asarray(in_korea(x, y))
    points[good] = shapely.points(x[good], y[good])
    return points
