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
from maps.proposal_table import SIDES, STAGES, flag_words, reason_of

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
        "proposals": [_proposal(p, made, repeats[p.number]) for p in ordered],
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


def _proposal(p: Proposal, made: Round, repeats: int) -> dict[str, Any]:
    lon, lat, grid_id = _place(p)
    return {
        **{name: getattr(p, name) for name in _SAID},
        "side_name": SIDES[p.side],
        "stage_name": STAGES[p.stage],
        "reason": reason_of(p),
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


def _place(p: Proposal) -> tuple[float | None, float | None, str]:
    """Return lon, lat and 국가지점번호; none of a proposal that has no point of its own."""
    if p.of_dong or p.x is None or p.y is None:
        return None, None, ""
    at = np.array([p.x]), np.array([p.y])
    lon, lat = to_lonlat(*at)
    return round(float(lon[0]), 7), round(float(lat[0]), 7), cell_names(*at, 10)[0]
