"""A city's programmes as JSON values: a series a way of counting, money by year, what stands by year installed."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from layers.catalog import Catalog
from layers.programmes import InstalledYears, ProgrammeYear
from maps.city.measures import english_name

_JUMP = 20.0  # times the year before: another way of counting may be behind it
_PROGRAMME_NAMES = {
    "smart_light": ("스마트보안등", "Smart streetlights"),
    "cctv": ("안심 CCTV", "CCTV"),
    "locker": ("안심택배함", "Parcel lockers"),
    "safe_house": ("안심지킴이집", "Safe stores"),
    "patrol_zone": ("안심마을보안관", "Night patrols"),
    "scout": ("안심귀가스카우트", "Escort home"),
    "safety_kit": ("안심장비", "Safety kits"),
    "crime_prevention": ("범죄예방 환경 조성", "Crime prevention design"),
    "ansimi_app": ("안심이 앱", "Ansimi app"),
}
_UNITS = {
    "lamp": ("등", "lamps"), "camera": ("대", "cameras"), "site": ("곳", "sites"), "zone": ("구역", "zones"),
    "store": ("곳", "stores"), "person": ("명", "people"), "trip": ("회", "walks"), "download": ("건", "downloads"),
    "%": ("%", "%"),
}  # fmt: skip
_MEASURES = {
    "installed": "설치",
    "to install": "설치 계획",
    "sites": "대상지",
    "occupancy": "이용률",
    "sites in January": "1월 운영 개소",
    "stores in January": "1월 지정 점포",
    "zones": "운영 구역",
    "people": "지원 인원",
    "walks home": "귀가 동행",
    "downloads (cumulative)": "누적 내려받기",
}


def programme_entries(
    years: Sequence[ProgrammeYear], installed: Sequence[InstalledYears], catalog: Catalog, *, inside: bool
) -> list[dict[str, Any]]:
    """Return one entry a programme, and one a layer without any whose years of installation are known.

    A series has one unit, and no year of it is more than twenty times the one before. ``inside``: layers of staff too.
    """
    held = {one.layer: one for one in installed}
    ids = list(dict.fromkeys(row.programme for row in years))
    ids.sort(key=lambda name: list(_PROGRAMME_NAMES).index(name) if name in _PROGRAMME_NAMES else len(_PROGRAMME_NAMES))
    supplying = {layer.id for layer in catalog.layers.values() if layer.supplies}
    ids += [one.layer for one in installed if one.by_year and one.layer in supplying and one.layer not in ids]
    return [_programme(name, years, held.get(name), catalog) for name in ids if inside or _open(name, catalog)]


def _open(programme: str, catalog: Catalog) -> bool:
    spec = catalog.layers.get(programme)
    return spec is None or spec.visibility == "public"


def _programme(
    name: str, every: Sequence[ProgrammeYear], held: InstalledYears | None, catalog: Catalog
) -> dict[str, Any]:
    rows = sorted((row for row in every if row.programme == name), key=lambda row: row.year)
    spec = catalog.layers.get(name)
    own = (spec.name, english_name(spec)) if spec else (name, name)
    korean, english = _PROGRAMME_NAMES.get(name, own) if rows else own
    units = list(dict.fromkeys(row.unit for row in reversed(rows)))
    parts = [part for unit in units for part in _alike([row for row in rows if row.unit == unit])]
    return {
        "id": name,
        "name": korean,
        "name_en": english,
        "series": [_series(part) for part in parts],
        "apart": any(a[-1].unit == b[0].unit for a, b in pairwise(parts)),
        "money": [
            [row.year, _number(row.budget_mkrw), _number(row.spent_mkrw)]
            for row in rows
            if row.budget_mkrw is not None or row.spent_mkrw is not None
        ],
        "layer": spec is not None,
        "held": None
        if held is None
        else {
            "unit": spec.unit if spec else "곳",
            "years": [[year, count] for year, count in held.by_year.items()],
            "unknown": held.unknown,
            "total": held.total,
        },
        "sources": [
            [source, sorted({row.year for row in rows if row.source == source})]
            for source in dict.fromkeys(row.source for row in rows)
        ],
    }


def _alike(rows: Sequence[ProgrammeYear]) -> Iterator[list[ProgrammeYear]]:
    """Go through the rows of one unit, oldest first, in stretches that can stand on one axis."""
    part: list[ProgrammeYear] = []
    for row in rows:
        if part and _jumps(_largest(part[-1]), _largest(row)):
            yield part
            part = []
        part.append(row)
    yield part


def _largest(row: ProgrammeYear) -> float:
    return max(row.target or 0.0, row.result or 0.0)


def _jumps(before: float, after: float) -> bool:
    return min(before, after) > 0 and max(before, after) > _JUMP * min(before, after)


def _series(rows: Sequence[ProgrammeYear]) -> dict[str, Any]:
    korean, english = _UNITS.get(rows[0].unit, (rows[0].unit, rows[0].unit))
    measures = list(dict.fromkeys(row.measure for row in reversed(rows)))
    return {
        "unit": korean,
        "unit_en": english,
        "what": "·".join(_MEASURES.get(one, one) for one in measures),
        "what_en": ", ".join(measures),
        "rows": [
            [row.year, _number(row.target), _number(row.result), _MEASURES.get(row.measure, row.measure), row.measure]
            for row in rows
        ],
    }


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 6)
