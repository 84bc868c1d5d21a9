"""The dong that are loaded: where a point lies, how far outside it is, which district a text names."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

import numpy as np
import pandas as pd
import shapely

from geo.model import Bools, Geometries, Ints
from layers.importing.names import DistrictNames, DongNames, dong_plain
from layers.importing.shapes import missing


@dataclass(frozen=True)
class Boundaries:
    """Dong boundaries, EPSG:5179.

    Attributes
    ----------
    frame
        The ``dong`` table with its ``geometry``, in code order, index 0 …
    """

    frame: pd.DataFrame

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Boundaries":
        """Make it of the ``dong`` table in any row order."""
        return cls(frame.sort_values("dong", kind="stable").reset_index(drop=True))

    def replaced_by(self, rows: pd.DataFrame, districts: Sequence[str]) -> "Boundaries":
        """Return the boundaries once ``districts`` are replaced by ``rows``."""
        kept = self.frame[~self.frame["district"].isin(districts)]
        return Boundaries.of(pd.concat([kept, rows], ignore_index=True) if len(kept) else rows)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def geometry(self) -> Geometries:
        """Object array of the dong's polygons."""
        return np.asarray(self.frame["geometry"], dtype=object)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """10-digit codes in order."""
        return tuple(self.frame["dong"])

    @cached_property
    def district_of(self) -> tuple[str, ...]:
        """5-digit district code of each dong."""
        return tuple(self.frame["district"])

    @cached_property
    def districts(self) -> DistrictNames:
        """The districts by name and code."""
        columns = ("district", "district_name", "province", "stat_dong")
        return DistrictNames.of(zip(*(self.frame[c] for c in columns), strict=True))

    @cached_property
    def dongs(self) -> DongNames:
        """The dong by name and code, split codes resolved by ``data/dong_succession.csv``."""
        by_code = {code: code for code in self.codes}
        by_code |= {stat: code for stat, code in zip(self.frame["stat_dong"], self.codes, strict=True) if stat}
        by_name = {
            (district, dong_plain(name)): code
            for district, name, code in zip(self.district_of, self.frame["name"], self.codes, strict=True)
        }
        return DongNames(by_code, by_name, dict(zip(self.codes, self.district_of, strict=True)), _successors())

    @cached_property
    def digest(self) -> str:
        """Sha256 of codes and shapes: what was located by other boundaries is not the same import."""
        total = hashlib.sha256()
        for code, wkb in zip(self.codes, shapely.to_wkb(self.geometry, byte_order=1), strict=True):
            total.update(code.encode())
            total.update(wkb)
        return total.hexdigest()

    def locate(self, points: Geometries) -> Ints:
        """Return the dong each point lies in.

        Parameters
        ----------
        points
            Object array (n,) of points, EPSG:5179; None where there is none.

        Returns
        -------
        int64 (n,), index into the dong, -1 outside all and for None. A point on a shared border belongs to the
        dong of the lowest index (code).
        """
        found = np.full(len(points), -1, np.int64)
        # The tree is of the points, so that each dong is prepared once and asked about all of them.
        dong, point = shapely.STRtree(points).query(self.geometry, predicate="intersects")
        order = np.argsort(dong, kind="stable")[::-1]
        found[point[order]] = dong[order]
        return found

    def within(self, points: Geometries, distance_m: float) -> Bools:
        """Return bool (n,): the point lies within ``distance_m`` of some dong. False for None."""
        near = np.zeros(len(points), bool)
        present = np.flatnonzero(~missing(points))
        if len(present) and len(self):
            tree = shapely.STRtree(self.geometry)
            hit, _ = tree.query(points[present], predicate="dwithin", distance=distance_m)
            near[present[hit]] = True
        return near

    def codes_at(self, index: Ints) -> tuple[list[str], list[str]]:
        """Return the dong and district codes of dong indices, '' for -1."""
        dongs = np.array([*self.codes, ""], dtype=object)
        districts = np.array([*self.district_of, ""], dtype=object)
        return list(dongs[index]), list(districts[index])


def _successors() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    text = files("data").joinpath("dong_succession.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        found[row["old_code"]] = (*found.get(row["old_code"], ()), row["new_code"])
    return found
