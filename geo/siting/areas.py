"""The areas that limits are set by: a district's dong, and the districts of which a ground is joined."""

from collections.abc import Mapping
from dataclasses import dataclass

from geo.errors import BadSettingError
from geo.model import DistrictInput, Part


@dataclass(frozen=True)
class Area:
    """A dong, or a district with all its dong (by index). ``district`` is the name of the district it is of."""

    name: str
    code: str
    district: str
    dongs: tuple[int, ...]


def areas_of(source: DistrictInput) -> list[Area]:
    """Return the dong, in order, and after them the districts: a limit's index is the place here."""
    parts = source.parts or (Part(source.code, source.name, tuple(range(len(source.dong_names)))),)
    of_dong = {d: part.name for part in parts for d in part.dongs}
    named = zip(source.dong_names, source.dong_codes, strict=True)
    return [
        *(Area(name, code, of_dong[d], (d,)) for d, (name, code) in enumerate(named)),
        *(Area(part.name, part.code, part.name, part.dongs) for part in parts),
    ]


def area_names(source: DistrictInput) -> list[str]:
    """Return what the areas are called: with their district before it where a ground has two of a name."""
    areas = areas_of(source)
    names = [area.name for area in areas]
    return [f"{a.district} {a.name}" if names.count(a.name) > 1 else a.name for a in areas]


def area_indices(by_name: Mapping[str, int], source: DistrictInput) -> dict[int, int]:
    """Return numbers by area index; named by name, by district and name (관악구 신사동), or by code.

    Raises
    ------
    BadSettingError
        An area that is none of the ground's, or a name that several dong of it have.
    """
    areas, found = areas_of(source), {}
    for name, number in by_name.items():
        said = " ".join(name.split())
        here = [i for i, a in enumerate(areas) if said in {a.name, a.code, f"{a.district} {a.name}"}]
        if not here:
            known = ", ".join(dict.fromkeys((*source.dong_names, *(part.name for part in source.parts))))
            raise BadSettingError(f"{source.name}에 없는 행정동입니다: {name}", f"{known} 중 하나")
        if len(here) > 1:
            listed = ", ".join(f"{areas[i].district} {areas[i].name}" for i in here)
            raise BadSettingError(f"'{name}'은(는) 여러 곳입니다", f"하나를 고르십시오: {listed}")
        found[here[0]] = number
    return found
