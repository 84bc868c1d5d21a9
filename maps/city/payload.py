"""The data of a city's overview as JSON values, for ``assets/city*.js``; what an edition withholds is not in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.dates import joined
from layers.catalog import Catalog
from layers.programmes import InstalledYears, ProgrammeYear
from maps import text
from maps.city.measures import Measure, english_name, measures
from maps.city.rows import CityRow
from maps.city.shapes import outlines
from maps.editions import SMALLEST_COUNT, Edition
from maps.english import speaker
from maps.text import NO_DATA

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
    "sites in January": "1월 운영 곳",
    "stores in January": "1월 지정 점포",
    "zones": "운영 구역",
    "people": "지원 인원",
    "walks home": "귀가 동행",
    "downloads (cumulative)": "누적 내려받기",
}


@dataclass(frozen=True)
class City:
    """What an overview is made of: rows in district order, needs common to all, programmes, installation years."""

    name: str
    rows: tuple[CityRow, ...]
    common: tuple[str, ...]
    programmes: tuple[ProgrammeYear, ...] = ()
    installed: tuple[InstalledYears, ...] = ()


def city_payload(city: City, catalog: Catalog, edition: Edition) -> dict[str, Any]:
    """Return the overview's data as JSON values; NaN is None, and means no data."""
    inside = edition == "internal"
    drawn = outlines([row.boundary for row in city.rows])
    compared = measures(city.rows, city.common, catalog, edition)
    data: dict[str, Any] = {
        "name": city.name,
        "edition": edition,
        "made_up": any(heading.startswith("가상 자료") for row in city.rows for heading in row.public_headings),
        "width": 1000,
        "height": drawn.height,
        "scale_m": drawn.scale_m,
        "measures": [_measure(one) for one in compared],
        "needs": {need.id: need.name for need in catalog.needs.values()} if inside else {},
        "needs_en": {need.id: english_name(need) for need in catalog.needs.values()} if inside else {},
        "common": list(city.common) if inside else [],
        "dates": list(joined(row.dates if inside else row.public_dates for row in city.rows)),
        "at": next((text.when(row.at) for row in city.rows if row.at), "") if inside else "",
        "estimated": sum(row.estimated for row in city.rows) if inside else 0,
        "withheld": 0 if inside else sum(row.withheld_dongs for row in city.rows),
        "smallest": SMALLEST_COUNT,
        "districts": [
            _district(row, path, label, inside=inside)
            for row, path, label in zip(city.rows, drawn.paths, drawn.labels, strict=True)
        ],
        "programmes": _programmes(city, catalog, inside=inside),
    }
    return data | {"english": _english(data, catalog)}


def _english(data: dict[str, Any], catalog: Catalog) -> dict[str, str]:
    """Return the English of what the analysis says in the data, where it has one: moments, headings, reasons, units."""
    say = speaker(catalog, "en")
    said = [data["at"], *(one["reason"] for one in data["districts"])]
    said += [heading for one in data["districts"] for heading in one.get("headings", ())]
    said += [one["held"]["unit"] for one in data["programmes"] if one["held"]]
    return {korean: say(korean) for korean in dict.fromkeys(said) if say(korean) != korean}


def _measure(one: Measure) -> dict[str, Any]:
    said = one.said
    return {
        "id": said.id,
        "kind": said.kind,
        "name": said.name,
        "name_en": said.name_en,
        "worst_first": said.worst_first,
        "basis": said.basis,
        "basis_en": said.basis_en,
        "values": [_number(value) for value in one.figures],
        "partial": [i for i, part in enumerate(one.partial) if part],
        "ranks": list(one.ranks),
        "unranked": one.unranked,
        "breaks": list(one.ramp.breaks),
        "colours": list(one.ramp.colours),
    }


def _district(row: CityRow, path: str, label: tuple[float, float], *, inside: bool) -> dict[str, Any]:
    held = row.households if inside else row.public_households
    facts: dict[str, Any] = {
        "code": row.code,
        "name": row.name,
        "path": path,
        "label": list(label),
        "reason": row.reason if inside else (NO_DATA if row.reason else ""),
        "area_km2": round(row.area_km2, 2),
        "households": _number(held),
        "dates": list(row.dates if inside else row.public_dates),
    }
    if inside:
        facts |= {
            "judged": list(row.judged),
            "estimated": row.estimated,
            "demand": row.demand,
            "states": {need.id: need.state.value for need in row.needs},
            "headings": list(row.headings),
        }
    return facts


# ---------------------------------------------------------------- programmes
def _programmes(city: City, catalog: Catalog, *, inside: bool) -> list[dict[str, Any]]:
    """Return one entry a programme: a series a unit, money by year, and what stands, by year of installation."""
    held = {one.layer: one for one in city.installed}
    ids = list(dict.fromkeys(row.programme for row in city.programmes))
    ids.sort(key=lambda name: list(_PROGRAMME_NAMES).index(name) if name in _PROGRAMME_NAMES else len(_PROGRAMME_NAMES))
    return [
        _programme(name, city.programmes, held.get(name), catalog) for name in ids if inside or _open(name, catalog)
    ]


def _open(programme: str, catalog: Catalog) -> bool:
    spec = catalog.layers.get(programme)
    return spec is None or spec.visibility == "public"


def _programme(
    name: str, every: Sequence[ProgrammeYear], held: InstalledYears | None, catalog: Catalog
) -> dict[str, Any]:
    rows = [row for row in every if row.programme == name]
    korean, english = _PROGRAMME_NAMES.get(name, (name, name))
    units = list(dict.fromkeys(row.unit for row in sorted(rows, key=lambda row: -row.year)))
    spec = catalog.layers.get(name)
    return {
        "id": name,
        "name": korean,
        "name_en": english,
        "series": [_series(unit, [row for row in rows if row.unit == unit]) for unit in units],
        "money": [
            [row.year, _number(row.budget_mkrw), _number(row.spent_mkrw)]
            for row in sorted(rows, key=lambda row: row.year)
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
        "sources": sorted({row.source for row in rows}),
    }


def _series(unit: str, rows: Sequence[ProgrammeYear]) -> dict[str, Any]:
    korean, english = _UNITS.get(unit, (unit, unit))
    return {
        "unit": korean,
        "unit_en": english,
        "rows": [
            [row.year, _number(row.target), _number(row.result), _MEASURES.get(row.measure, row.measure), row.measure]
            for row in sorted(rows, key=lambda row: row.year)
        ],
    }


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 6)
