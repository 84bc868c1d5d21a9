"""The data of a city's overview as JSON values, for ``assets/city*.js``; what an edition withholds is not in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.dates import joined
from layers.catalog import Catalog
from layers.programmes import InstalledYears, ProgrammeYear
from maps import text
from maps.city.measures import Measure, english_name, measures
from maps.city.programmes import programme_entries
from maps.city.rows import CityRow
from maps.city.shapes import outlines
from maps.editions import SMALLEST_COUNT, Edition
from maps.english import speaker
from maps.text import NO_DATA


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
        "programmes": programme_entries(city.programmes, city.installed, catalog, inside=inside),
        "published": bool(city.programmes),
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
        "group": said.group,
        "head": said.head or said.name,
        "head_en": said.head_en or said.name_en,
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


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 6)
