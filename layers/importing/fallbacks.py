"""Columns that no list of names has: told by how their names end, and what to say where even that tells nothing."""

import re
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow.compute as pc

from layers.importing.axes import LAT, LON
from layers.importing.raw import Raw
from layers.importing.text import filled, numbers, plain

_BRACKETS = re.compile(r"[(\[（].*?[)\]）]")
_MARKS = re.compile(r"[_\-.\s]")

# By role, the surest first, as plain names without brackets and marks.
_ENDINGS = {
    "count": (
        re.compile(r"(?<!주차)(?<!차량)(대수|등수|수량)$"),  # CCTV설치대수, 설치등수(등), 카메라 수량
        re.compile(r"^(cctv|카메라|보안등|가로등|비상벨|택배함)(개수|수)$"),
        re.compile(r"^(개소|개소수|계)$"),
    ),
    "name": (
        re.compile(r"(비상벨|안심벨|택배함|보관함|보안등|가로등|cctv|카메라|지킴이집?|지구대|파출소|초소|귀갓길|거점)명칭?$"),
    ),
}  # fmt: skip
_NO_COUNT = re.compile(r"번호|순번|연번|^no$|^id$|코드|층|일수|화소|전화|연도|년도|좌표|우편|연령|[년월일]$|열\d+")
_METRES = (50_000.0, 15_000_000.0)  # of every Korean system, and of web maps
_MOSTLY = 0.5  # of the cells are numbers
_MOST = 1000  # devices of one row that are believable in a column that does not say what it counts


def by_ending(header: Sequence[str], role: str, taken: Collection[int]) -> int | None:
    """Return the first column whose name ends as those of a role do, None where there is none that is not taken."""
    names = [_MARKS.sub("", plain(_BRACKETS.sub("", name))) for name in header]
    found = (
        i for ending in _ENDINGS.get(role, ()) for i, name in enumerate(names) if i not in taken and ending.search(name)
    )
    return next(found, None)


def unused_numbers_note(raw: Raw, taken: Collection[int]) -> str:
    """Return what to say of columns of small whole numbers that play no role, where no column counts; '' for none."""
    names = [
        name
        for i, name in enumerate(raw.header)
        if i not in taken and not _NO_COUNT.search(plain(name)) and _may_count(raw, i)
    ]
    if not names:
        return ""
    listed = ", ".join(f"'{name}'" for name in names[:3])
    return f'unused_numbers: 숫자 열 {listed}을 쓰지 않고 행마다 1로 셌습니다. 대수이면 --column count="{names[0]}"'


def unused_coordinates_note(raw: Raw, taken: Collection[int]) -> str:
    """Return what to say of columns of numbers that look like coordinates and play no role; '' where no two do."""
    columns = [i for i in range(len(raw.header)) if i not in taken]
    found = {i: numbers(raw.columns[i]) for i in columns if filled(raw.columns[i]).any()}
    middle = {i: np.nanmedian(values) for i, values in found.items() if np.isfinite(values).mean() > _MOSTLY}
    lat = next((i for i, value in middle.items() if LAT[0] <= value <= LAT[1]), None)
    lon = next((i for i, value in middle.items() if LON[0] <= value <= LON[1]), None)
    metres = [i for i, v in middle.items() if _METRES[0] < v < _METRES[1] and (found[i] != np.round(found[i])).any()]
    if lat is not None and lon is not None:
        asked = f'lat="{raw.header[lat]}" --column lon="{raw.header[lon]}"'
    elif len(metres) == 2:
        asked = f'x="{raw.header[metres[0]]}" --column y="{raw.header[metres[1]]}"'
    else:
        return ""
    return f"unused_coordinates: 좌표로 보이는 열을 쓰지 않았습니다. 맞으면 --column {asked}"


def _may_count(raw: Raw, column: int) -> bool:
    cells = raw.columns[column]
    found = numbers(cells.filter(filled(cells)))
    if not len(found) or np.isnan(found).any() or pc.any(pc.starts_with(cells, "0")).as_py():
        return False
    counter = len(found) > 2 and bool((np.diff(found) == 1).all())
    whole = bool((found == found.round()).all())
    return whole and not counter and found.min() >= 1 and 1 < found.max() < _MOST
