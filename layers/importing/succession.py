"""From one set of boundaries to the next: which districts a new file ends, and what became of each dong."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.model import Floats, Geometries
from layers.importing.boundaries import Boundaries
from layers.importing.errors import BoundariesOverlapError

_MOSTLY = 0.5


def ended_districts(stored: Boundaries, rows: pd.DataFrame, file: str) -> tuple[str, ...]:
    """Return the stored districts that a new file does not name but covers: their codes have changed.

    Parameters
    ----------
    rows
        ``dong`` table of the new file.

    Raises
    ------
    BoundariesOverlapError
        It covers some dong of a district it does not name, and not the others.
    """
    others = stored.frame[~stored.frame["district"].isin(set(rows["district"]))].reset_index(drop=True)
    if others.empty:
        return ()
    shapes = np.asarray(others["geometry"], dtype=object)
    shared = _shared_m2(shapes, np.asarray(rows["geometry"], dtype=object))
    covered = pd.Series(shared.sum(axis=1) > _MOSTLY * shapely.area(shapes))
    by_district = covered.groupby(others["district"]).agg(["any", "all"])
    torn = by_district.index[by_district["any"] & ~by_district["all"]]
    if len(torn):
        named = others.loc[others["district"] == torn[0], "district_name"].iloc[0]
        raise BoundariesOverlapError(
            f"{file}: 저장된 {named}({torn[0]})의 행정동 일부와 겹칩니다",
            f"{named}까지 모두 든 경계 파일을 주십시오",
        )
    return tuple(by_district.index[by_district["all"]])


@dataclass(frozen=True)
class Succession:
    """What became of the codes of the stored boundaries: dong to dong, district to districts, only those gone."""

    dong: Mapping[str, tuple[str, ...]]
    district: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, old: Boundaries, new: Boundaries) -> "Succession":
        """Follow each code that is gone by the ground it stood for.

        Its successors are the dong that lie mostly in it (a split) and the one that holds most of it (a merger).
        """
        gone = [i for i, code in enumerate(old.codes) if code not in set(new.codes)]
        shapes = old.geometry[gone]
        shared = _shared_m2(shapes, new.geometry)
        holds = (shared > _MOSTLY * shapely.area(new.geometry)) | (shared > _MOSTLY * shapely.area(shapes)[:, None])
        dong = {
            old.codes[i]: tuple(new.codes[j] for j in np.flatnonzero(row)) for i, row in zip(gone, holds, strict=True)
        }
        district_of = dict(zip(new.codes, new.district_of, strict=True))
        ended: dict[str, set[str]] = {d: set() for d in old.district_of if d not in new.districts.codes}
        for i in gone:
            if old.district_of[i] in ended:
                ended[old.district_of[i]] |= {district_of[code] for code in dong[old.codes[i]]}
        return cls(dong, {old_code: tuple(sorted(after)) for old_code, after in ended.items()})


def _shared_m2(first: Geometries, second: Geometries) -> Floats:
    """Return the area each pair shares, float64 (n, m): some hundred dong at most, most of them apart."""
    shared = np.zeros((len(first), len(second)))
    if len(first) and len(second):
        i, j = shapely.STRtree(second).query(first, predicate="intersects")
        shared[i, j] = shapely.area(shapely.intersection(first[i], second[j]))
    return shared
