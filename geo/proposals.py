"""Proposals for new sites, scored by the planner's own parts and weights, and what became of each. Plain data, pure.

The score is a weighted mean of parts, 0 to 100, and nothing else: no part, weight or scale is ours (domain.md 6).
Metres are EPSG:5179.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from geo.errors import BadSettingError
from geo.model import Floats

CHOSEN, NOT_CHOSEN, HELD = "chosen", "not_chosen", "held"
DECISIONS = (CHOSEN, NOT_CHOSEN, HELD)
TAKEN_BACK = "taken_back"
BELOW_LINE, DISTRICT_LIMIT = "below_line", "district_limit"


@dataclass(frozen=True)
class Part:
    """One part of the score, as the planner's file states it.

    Attributes
    ----------
    name, weight
        Korean name; over zero, relative to the other parts' weights.
    what
        ``households``, ``uncovered``, ``cover``, ``table`` or ``inside``.
    source
        What it is read from, in words: a need's id, a file and its column, an area.
    within_m
        Of a proposal with a point: the circle round it that counts. A proposal of dong counts whole.
    better
        ``more`` or ``less``: which values count for a proposal.
    low, high
        Values that give none and all of the part; NaN: the lowest and highest of the proposals scored.
    """

    name: str
    weight: float
    what: str
    source: str = ""
    within_m: float = 300.0
    better: str = "more"
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class Limits:
    """How long the shortlist is, and how many of one district it may hold and must hold where it has them."""

    size: int
    most_per_district: int | None = None
    least_per_district: int = 0


@dataclass(frozen=True)
class Decision:
    """What the committee decided of a proposal (one of :data:`DECISIONS`), why, when (ISO, Asia/Seoul), by whom.

    :data:`TAKEN_BACK` is an entry that takes back the decision that held then: the one before it holds again.
    """

    outcome: str
    reason: str
    when: str
    who: str = ""  # the name of a key, or what was given; '' where nobody said


@dataclass(frozen=True)
class Proposal:
    """One proposal.

    Attributes
    ----------
    number, own_number
        Its place among all of the round, from 1; the number the file itself gives, '' where none.
    side
        ``district``, ``public``, ``police`` or ``other``, by ``proposer``, which is as the file has it.
    dongs
        10-digit codes: one, or several of a proposal known as dong text; none where unresolved.
    x, y
        Metres; of a proposal of dong a point in them; None where there is no place.
    located_by
        ``coordinates``, how an address was found (:data:`layers.importing.address_book.METHODS`), ``dong``, or
        ``dong_of_address`` where only the dong of an address is known.
    struck
        Why it was struck out, '' where it was not; ``same_as`` the number of the one it repeats.
    found, points
        Of each part: what was found, None without data; what it adds to the score.
    why_not
        Why it is not on the shortlist: :data:`BELOW_LINE` or :data:`DISTRICT_LIMIT`.
    decisions
        All that was entered, oldest first; :attr:`decision` is the one that holds.
    """

    number: int
    own_number: str = ""
    name: str = ""
    proposer: str = ""
    side: str = "other"
    district: str = ""
    district_name: str = ""
    dongs: tuple[str, ...] = ()
    dong_name: str = ""
    address: str = ""
    x: float | None = None
    y: float | None = None
    located_by: str = ""
    flags: tuple[str, ...] = ()
    struck: str = ""
    same_as: int | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, float | None] = field(default_factory=dict)
    points: Mapping[str, float | None] = field(default_factory=dict)
    score: float | None = None
    rank: int | None = None
    shortlisted: bool = False
    why_not: str = ""
    decisions: tuple[Decision, ...] = ()

    @property
    def of_dong(self) -> bool:
        """It is known as dong only: the whole of them is its ground."""
        return self.located_by in {"dong", "dong_of_address"}

    @property
    def decision(self) -> Decision | None:
        """The decision that holds, None while there is none."""
        standing: list[Decision] = []
        for entry in self.decisions:
            if entry.outcome != TAKEN_BACK:
                standing.append(entry)
            elif standing:
                standing.pop()
        return standing[-1] if standing else None

    @property
    def stage(self) -> str:
        """How far it came: struck_out, scored, shortlisted, or what was decided."""
        if self.decision is not None:
            return self.decision.outcome
        return "struck_out" if self.struck else "shortlisted" if self.shortlisted else "scored"


@dataclass(frozen=True)
class Round:
    """A call for proposals: the parts of its score, its proposals, and the districts that could have sent some."""

    name: str
    made_at: str  # ISO, Asia/Seoul
    files: tuple[str, ...]
    data_version: int
    parts: tuple[Part, ...]
    proposals: tuple[Proposal, ...]
    districts: Mapping[str, str]  # code to name, all that are loaded
    limits: Limits | None = None
    notes: tuple[str, ...] = ()
    made_up: bool = False

    @property
    def silent(self) -> tuple[str, ...]:
        """Codes of the districts whose office sent nothing."""
        sent = {p.district for p in self.proposals if p.side == "district"}
        return tuple(code for code in sorted(self.districts) if code not in sent)

    @property
    def unheard(self) -> tuple[str, ...]:
        """Codes of the districts for which nobody proposed anything."""
        named = {p.district for p in self.proposals}
        return tuple(code for code in sorted(self.districts) if code not in named)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; a scale of the proposals' own is null."""
        found = asdict(self)
        for part in found["parts"]:
            part |= {end: None if np.isnan(part[end]) else part[end] for end in ("low", "high")}
        return found

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Round":
        """Return the round that :meth:`as_dict` gave."""
        given = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        nan = float("nan")
        parts = tuple(
            Part(**{**part, **{end: nan if part[end] is None else part[end] for end in ("low", "high")}})
            for part in values["parts"]
        )
        limits = None if values["limits"] is None else Limits(**values["limits"])
        own = {"parts": parts, "limits": limits, "proposals": tuple(map(_proposal, values["proposals"]))}
        return cls(**{**given, **own, "files": tuple(values["files"]), "notes": tuple(values["notes"])})


def _proposal(values: Mapping[str, Any]) -> Proposal:
    texts = {name: tuple(values[name]) for name in ("dongs", "flags")}
    return Proposal(**{**values, **texts, "decisions": tuple(Decision(**one) for one in values["decisions"])})


# ---------------------------------------------------------------- the score


def standing(values: Floats, part: Part) -> Floats:
    """Return how far each value counts, 0 to 1.

    Parameters
    ----------
    values
        float64 (n,); NaN where there is no data.

    Returns
    -------
    float64 (n,), same order: linear from ``part.low`` (else the lowest value) to ``part.high`` (else the highest),
    cut off beyond them, the other way round where less is better; NaN stays. All are 1 where the values do not differ.
    """
    if not np.isfinite(values).any():
        return np.full(len(values), np.nan)
    low = np.nanmin(values) if np.isnan(part.low) else part.low
    high = np.nanmax(values) if np.isnan(part.high) else part.high
    share = np.ones(len(values)) if high <= low else np.clip((values - low) / (high - low), 0.0, 1.0)
    if part.better == "less" and high > low:
        share = 1.0 - share
    return np.where(np.isnan(values), np.nan, share)


def scored(proposals: Sequence[Proposal], parts: Sequence[Part], values: Mapping[str, Floats]) -> list[Proposal]:
    """Return the proposals with the points of each part, their score and rank; those struck out as they are.

    Parameters
    ----------
    values
        Part name to float64 (n,), in the order of the proposals; NaN where there is no data.

    Returns
    -------
    In the same order. The score is 100 x sum(weight x standing) / sum(weight), over the parts with data for that
    proposal; a part without is left out for it and named in ``flags`` (``missing:<name>``), never taken as zero. Rank 1
    is the highest score; equal scores have one rank.

    Raises
    ------
    BadSettingError
        A part has no data for any proposal, or its weight is not over zero.
    """
    alive = np.array([not p.struck for p in proposals], bool)
    points, weights = {}, np.zeros(len(proposals))
    for part in parts:
        if not part.weight > 0:
            raise BadSettingError(f"{part.name}: 가중치가 0보다 커야 합니다", "쓰지 않을 항목은 지우십시오")
        found = np.where(alive, values[part.name], np.nan)
        if alive.any() and not np.isfinite(found).any():
            raise BadSettingError(
                f"{part.name}: 어느 제안에도 자료가 없습니다 ({part.source or part.what})",
                "자료를 가져오거나 이 항목을 지우십시오",
            )
        points[part.name] = part.weight * standing(found, part)
        weights += np.where(np.isfinite(found), part.weight, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = {name: 100.0 * found / weights for name, found in points.items()}
    total = np.where(weights > 0, sum((np.nan_to_num(s) for s in shares.values()), np.zeros(len(proposals))), np.nan)
    rank = _ranks(total)
    return [
        p
        if p.struck
        else replace(
            p,
            found={part.name: _known(values[part.name][i]) for part in parts},
            points={part.name: _known(shares[part.name][i]) for part in parts},
            score=_known(total[i]),
            rank=rank[i],
            flags=(*p.flags, *(f"missing:{part.name}" for part in parts if np.isnan(values[part.name][i]))),
        )
        for i, p in enumerate(proposals)
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _ranks(total: Floats) -> list[int | None]:
    """Return 1 for the highest; equal scores (to 1e-9) share one; None without a score."""
    rounded = np.round(total, 9)
    known = np.sort(rounded[~np.isnan(rounded)])
    rank = 1 + len(known) - np.searchsorted(known, rounded, side="right")
    return [None if np.isnan(value) else int(n) for value, n in zip(rounded, rank, strict=True)]


# ---------------------------------------------------------------- the shortlist


def shortlisted(proposals: Sequence[Proposal], limits: Limits) -> tuple[list[Proposal], tuple[str, ...]]:
    """Return the proposals with the shortlist marked, and what must be said of it.

    The best of each district first, as many as it must have; then by score, as long as its district may have more.
    Equal scores go by number, which is said where it decides. Those without a score, and struck out, never take part.

    Raises
    ------
    BadSettingError
        The limits contradict each other: the message names which.
    """
    most, least = limits.most_per_district, limits.least_per_district
    order = sorted(
        (i for i, p in enumerate(proposals) if p.score is not None and not p.struck), key=_by_score(proposals)
    )
    districts = Counter(proposals[i].district for i in order)
    if limits.size < 1 or least < 0 or (most is not None and most < 1):
        raise BadSettingError(
            "추천 목록의 길이와 자치구별 한도는 1 이상이어야 합니다", "예: --size 44 --most-per-district 3"
        )
    if most is not None and least > most:
        raise BadSettingError(f"자치구별 최소 {least}이 최대 {most}보다 큽니다", "둘 중 하나를 고치십시오")
    needed = sum(min(least, n) for n in districts.values())
    if needed > limits.size:
        raise BadSettingError(
            f"자치구별 최소 {least}을 채우려면 {needed}건이 들어 목록 {limits.size}건을 넘습니다",
            "size를 늘리거나 least_per_district를 줄이십시오",
        )
    taken: Counter[str] = Counter()
    picked: set[int] = set()
    for first in (True, False):
        for i in order:
            most_now = least if first else most
            full = most_now is not None and taken[proposals[i].district] >= most_now
            if i not in picked and not full and len(picked) < limits.size:
                picked.add(i)
                taken[proposals[i].district] += 1

    def why(i: int) -> str:
        return DISTRICT_LIMIT if most is not None and taken[proposals[i].district] >= most else BELOW_LINE

    left_out = set(order) - picked
    marked = [
        replace(p, shortlisted=i in picked, why_not=why(i) if i in left_out else "") for i, p in enumerate(proposals)
    ]
    return marked, _ties(marked, len(order), limits)


def _by_score(proposals: Sequence[Proposal]) -> Any:  # noqa: ANN401 - a sort key
    return lambda i: (-round(proposals[i].score or 0.0, 9), proposals[i].number)


def _ties(proposals: Sequence[Proposal], scored_n: int, limits: Limits) -> tuple[str, ...]:
    inside = [p for p in proposals if p.shortlisted]
    notes = []
    if len(inside) < limits.size:
        notes.append(f"점수가 있는 제안 {scored_n}건과 한도로는 {limits.size}건을 채우지 못해 {len(inside)}건입니다")
    if inside:
        line = min(round(p.score or 0.0, 9) for p in inside)
        tied = [p for p in proposals if p.score is not None and round(p.score, 9) == line and not p.struck]
        out = [p.number for p in tied if p.why_not == BELOW_LINE]
        if out:
            numbers = ", ".join(map(str, out))
            notes.append(f"마지막 자리와 점수가 같아 번호순으로 빠진 제안이 있습니다: {numbers}번 ({line:.2f}점)")
    return tuple(notes)
