"""Where proposals are: by coordinates, by the loaded address points, or as the dong they name."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from geo.model import Geometries, Ints
from geo.proposals import Proposal
from layers.importing.address_book import AddressBook, Found
from layers.importing.boundaries import Boundaries
from layers.importing.evidence import Evidence
from layers.importing.names import FOREIGN, dong_plain
from layers.importing.place import Places
from layers.importing.shapes import missing, to_points
from layers.importing.synonyms import Columns
from layers.importing.text import as_text

_TEXTS = ("number", "proposer", "name", "district", "dong_name", "road_address", "lot_address")
_PLACES = ("lat", "lon", "x", "y", "wkt")
_SIDES = (
    ("police", r"경찰|지구대|파출소"),
    ("public", r"시민|주민|국민|개인|민원|공모|온라인|일반|학생|단체"),
    ("district", r"자치구|구청|[가-힣]{1,4}구$|[가-힣]{1,4}구\s"),
)


def side_of(proposer: str) -> str:
    """Return who proposed: ``district`` (an office of a district), ``public``, ``police``, or ``other``."""
    return next((side for side, words in _SIDES if re.search(words, proposer.strip())), "other")


@dataclass(frozen=True)
class Located:
    """Makes proposals of the rows of one file. Everything is worked out once for all n rows.

    Attributes
    ----------
    declared
        string array (n,): the district each row names itself, '' for none.
    """

    columns: Columns
    boundaries: Boundaries
    places: Places
    declared: pa.Array
    book: AddressBook

    @cached_property
    def text(self) -> dict[str, list[str]]:
        """The cells of the roles that are text."""
        return {role: self.columns.get(role).to_pylist() for role in _TEXTS}

    @cached_property
    def rest(self) -> list[tuple[str, list[str]]]:
        """Name and cells of every column that plays no role."""
        raw = self.columns.raw
        taken = {self.columns.index[role] for role in (*_TEXTS, *_PLACES) if self.columns.has(role)}
        return [(name, raw.columns[i].to_pylist()) for i, name in enumerate(raw.header) if i not in taken]

    @cached_property
    def dongs(self) -> list[tuple[str, ...]]:
        """The dong that each row's own text names; where it says no district, only one that a single district has."""
        names = self.boundaries.dongs
        of_name: dict[str, set[str]] = {}
        for (_, name), code in names.by_name.items():
            of_name.setdefault(name, set()).add(code)

        def found(district: str, said: str, text: str) -> tuple[str, ...]:
            if not text or district == FOREIGN or (said and not district):
                return ()
            if district:
                return names.text(district, text)
            codes = of_name.get(dong_plain(text), set())
            return tuple(codes) if len(codes) == 1 else ()

        cells = (self.declared.to_pylist(), self.text["district"], self.text["dong_name"])
        return [found(*row) for row in zip(*cells, strict=True)]

    @cached_property
    def codes(self) -> list[str]:
        """The district of each row: as it says, else that of the dong it names."""
        of_dong = self.boundaries.dongs.district
        declared = self.declared.to_pylist()
        return [code or (of_dong[dong[0]] if dong else "") for code, dong in zip(declared, self.dongs, strict=True)]

    @cached_property
    def found(self) -> Found:
        """Where the addresses are among the loaded address points."""
        road, lot = (self.columns.get(role) for role in ("road_address", "lot_address"))
        return self.book.find(as_text(self.codes), road, lot)

    @cached_property
    def point(self) -> Geometries:
        """Object array (n,): the point of each row, by coordinates else by address; None where neither gives one."""
        points = to_points(self.places.geometry)
        gained = missing(points) & np.isfinite(self.found.x)
        points[gained] = shapely.points(self.found.x[gained], self.found.y[gained])
        return points

    @cached_property
    def dong_at(self) -> Ints:
        """int64 (n,): index of the dong each point lies in, -1 outside all."""
        return self.boundaries.locate(self.point)

    @cached_property
    def dong_of_address(self) -> Ints:
        """int64 (n,): index of the dong a row or its address names, -1 where none."""
        return Evidence(self.columns, self.boundaries, self.book, 0.0).dong

    def proposal(self, row: int, number: int) -> Proposal:
        """Return the proposal of a row, struck out where it has no place within the boundaries."""
        text = {role: values[row] for role, values in self.text.items()}
        code, at = self.codes[row], int(self.dong_at[row])
        one = Proposal(
            number, text["number"], text["name"], text["proposer"], side_of(text["proposer"]),
            *self._district(code, text["district"]),
            dong_name=text["dong_name"], address=text["road_address"] or text["lot_address"],
            said={name: values[row] for name, values in self.rest if values[row]},
        )  # fmt: skip
        if self.places.impossible[row]:
            return replace(one, struck="impossible_coordinates")
        if code == FOREIGN or (self.point[row] is not None and at < 0):
            return replace(one, struck="outside")
        if self.point[row] is not None:
            return self._at_point(one, row, code, at)
        dongs, how = self.dongs[row], "dong"
        if not dongs and one.address and self.dong_of_address[row] >= 0:
            dongs, how = (self.boundaries.codes[self.dong_of_address[row]],), "dong_of_address"
        if not dongs:
            return replace(one, struck="unresolved")
        shape = shapely.union_all([self.boundaries.geometry[self.boundaries.codes.index(dong)] for dong in dongs])
        placed = self._placed(one, shapely.point_on_surface(shape), dongs, code)
        return replace(placed, located_by=how, flags=("address_not_found",) if one.address else ())

    def _at_point(self, one: Proposal, row: int, code: str, at: int) -> Proposal:
        dong = self.boundaries.codes[at]
        by_address = missing(self.places.geometry[row : row + 1])[0]
        flags = ["doubtful_location"] if by_address and self.found.doubtful[row] else []
        if code and self.boundaries.district_of[at] != code:
            flags.append("other_district")
        if self.dongs[row] and dong not in self.dongs[row]:
            flags.append("other_dong")
        how = str(self.found.method[row]) if by_address else "coordinates"
        return replace(self._placed(one, self.point[row], (dong,), code), located_by=how, flags=tuple(flags))

    def _placed(self, one: Proposal, point: Any, dongs: tuple[str, ...], code: str) -> Proposal:  # noqa: ANN401
        district, name = self._district(code or self.boundaries.dongs.district[dongs[0]])
        frame = self.boundaries.frame
        named = "·".join(str(frame["name"].iloc[self.boundaries.codes.index(dong)]) for dong in dongs)
        return replace(
            one, district=district, district_name=name, dongs=dongs, dong_name=named, x=float(point.x), y=float(point.y)
        )

    def _district(self, code: str, said: str = "") -> tuple[str, str]:
        """Return the code and name of a district that is loaded; of any other '' and what the row says."""
        return (code, self._names[code]) if code in self._names else ("", said)

    @cached_property
    def _names(self) -> dict[str, str]:
        frame = self.boundaries.frame
        return dict(zip(frame["district"], frame["district_name"], strict=True))
