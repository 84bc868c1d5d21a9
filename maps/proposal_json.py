"""A call for proposals as JSON for a page: every proposal, its score in parts, and what became of it. Internal only.

What is not known is null, never a number. A proposal that knows only its dong has no point: ``dongs`` says where it is.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from math import isnan
from typing import Any

import numpy as np

from geo.crs import to_lonlat
from geo.grid import cell_names
from geo.proposal_committee import stamp_of
from geo.proposals import DECISIONS, Part, Proposal, Round
from maps.proposal_table import SIDES, flag_words, reason_of, stage_of

_Place = tuple[float | None, float | None, str]
_SAID = (
    "number", "own_number", "name", "proposer", "side", "district", "district_name", "dong_name", "address",
    "located_by", "struck", "same_as", "score", "rank", "shortlisted", "why_not", "stage",
)  # fmt: skip


def round_summary(made: Round, district: str = "") -> dict[str, Any]:
    """Return what a list of rounds says of one; counts are of the district, of all where it is ''."""
    return {
        "name": made.name,
        "made_at": made.made_at,
        "files": list(made.files),
        "data_version": made.data_version,
        "made_up": made.made_up,
        "counts": _counts([p for p in made.proposals if not district or p.district == district]),
        "limits": None if made.limits is None else asdict(made.limits),
    }


def round_json(made: Round, district: str = "") -> dict[str, Any]:
    """Return a round with the proposals of a district (of all where it is ''), by rank, the struck out last.

    ``elsewhere`` counts those for which no district is known: they are on no district's list.
    """
    repeats = Counter(p.same_as for p in made.proposals if p.same_as)
    own = of_district(made, district).proposals if district else made.proposals
    ordered = sorted(own, key=lambda p: (bool(p.struck), p.rank is None, p.rank or 0, p.number))
    return {
        **round_summary(made, district),
        "district": district,
        "elsewhere": sum(not p.district for p in made.proposals),
        "parts": [_part(part) for part in made.parts],
        "notes": list(made.notes),
        "silent": [{"code": code, "name": made.districts[code]} for code in made.silent],
        "proposals": [
            _proposal(p, made, repeats[p.number], place) for p, place in zip(ordered, _places(ordered), strict=True)
        ],
    }


def of_district(made: Round, district: str) -> Round:
    """Return the round as far as it is of one district."""
    own = tuple(p for p in made.proposals if p.district == district)
    return replace(
        made, proposals=own, districts={code: name for code, name in made.districts.items() if code == district}
    )


def _counts(proposals: Sequence[Proposal]) -> dict[str, int]:
    outcomes = Counter(p.decision.outcome for p in proposals if p.decision)
    return {
        "received": len(proposals),
        "struck_out": sum(bool(p.struck) for p in proposals),
        "scored": sum(p.score is not None for p in proposals),
        "shortlisted": sum(p.shortlisted for p in proposals),
        **{outcome: outcomes[outcome] for outcome in DECISIONS},
    }


def _part(part: Part) -> dict[str, Any]:
    return asdict(part) | {
        end: None if isnan(value) else value for end, value in (("low", part.low), ("high", part.high))
    }


def _proposal(p: Proposal, made: Round, repeats: int, place: _Place) -> dict[str, Any]:
    lon, lat, grid_id = place
    return {
        **{name: getattr(p, name) for name in _SAID},
        "side_name": SIDES[p.side],
        "stage_name": stage_of(p, made),
        "reason": reason_of(p, made),
        "dongs": list(p.dongs),
        "of_dong": p.of_dong,
        "lon": lon,
        "lat": lat,
        "grid_id": grid_id,
        "flags": [{"code": flag, "text": flag_words(flag)} for flag in p.flags],
        "repeats": repeats,
        "said": dict(p.said),
        "parts": [{"found": p.found.get(part.name), "points": p.points.get(part.name)} for part in made.parts],
        "decision": None if p.decision is None else asdict(p.decision),
        "decisions": [asdict(entry) for entry in p.decisions],
        "stamp": stamp_of(made, p),
    }


def _places(proposals: Sequence[Proposal]) -> list[_Place]:
    """Return lon, lat and 국가지점번호 of each, in order; none of a proposal that has no point of its own."""
    found: list[_Place] = [(None, None, "")] * len(proposals)
    points = [(i, p.x, p.y) for i, p in enumerate(proposals) if not p.of_dong and p.x is not None and p.y is not None]
    if points:
        at, x, y = (list(values) for values in zip(*points, strict=True))
        lon, lat = (np.round(values, 7).tolist() for values in to_lonlat(np.array(x), np.array(y)))
        for i, *place in zip(at, lon, lat, cell_names(np.array(x), np.array(y), 10), strict=True):
            found[i] = (place[0], place[1], place[2])
    return found
