"""What a committee does with a call for proposals: a shortlist made anew, decisions entered and taken back. Pure.

Nothing that was entered is lost: a decision stays beside the one that takes its place, and beside the entry that
takes it back.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from geo.errors import AnsimError, BadSettingError
from geo.proposals import DECISIONS, TAKEN_BACK, Decision, Limits, Proposal, Round, shortlisted

_OF_SHORTLIST = "추천: "
_LONGEST_NAME = 100


class UnknownProposalError(AnsimError):
    """A round has no proposal of that number."""

    code = "unknown_proposal"


class DecidedMeanwhileError(AnsimError):
    """Since a proposal was looked at, somebody entered a decision on it, or the round was scored anew."""

    code = "decided_meanwhile"


def relisted(made: Round, limits: Limits | None) -> Round:
    """Return the round with its shortlist made anew, or taken away (None); decisions stay.

    Raises
    ------
    BadSettingError
        As :func:`geo.proposals.shortlisted`.
    """
    other = tuple(note for note in made.notes if not note.startswith(_OF_SHORTLIST))
    if limits is None:
        bare = tuple(replace(p, shortlisted=False, why_not="") for p in made.proposals)
        return replace(made, proposals=bare, limits=None, notes=other)
    proposals, notes = shortlisted(made.proposals, limits)
    said = tuple(f"{_OF_SHORTLIST}{note}" for note in notes)
    return replace(made, proposals=tuple(proposals), limits=limits, notes=(*other, *said))


def merged(old: Limits | None, size: int | None, most: int | None, least: int | None) -> Limits:
    """Return the limits asked for; what is not given stays as it was. Raises BadSettingError where no size is known."""
    if size is None and old is None:
        raise BadSettingError("추천할 건수가 없습니다", "예: --size 44, 또는 규칙 파일의 [shortlist] size")
    was = old or Limits(0)
    return Limits(
        was.size if size is None else size,
        was.most_per_district if most is None else most,
        was.least_per_district if least is None else least,
    )


def check_name(name: str) -> None:
    """Do nothing where a round may be kept under the name: it is part of an address. Raises BadSettingError."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable() or "/" in name or name in {".", ".."}:
        raise BadSettingError("공모 이름으로 쓸 수 없습니다", f"1자에서 {_LONGEST_NAME}자까지, / 없이 한 줄로 주십시오")


def find_proposal(made: Round, number: int) -> Proposal:
    """Return the proposal of a number. Raises :class:`UnknownProposalError`."""
    for p in made.proposals:
        if p.number == number:
            return p
    last = max((p.number for p in made.proposals), default=0)
    raise UnknownProposalError(f"{number}번 제안이 없습니다", f"1에서 {last}까지의 번호를 쓰십시오")


def stamp_of(made: Round, p: Proposal) -> str:
    """Return a short text that is another once a decision was entered on the proposal, or the round scored anew."""
    seen = f"{made.name}\0{made.made_at}\0{made.files}\0{p.number}\0{p.score}\0{len(p.decisions)}"
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def check_stamp(made: Round, p: Proposal, stamp: str) -> None:
    """Do nothing where the proposal stands as it was looked at, or nobody says how. Raises DecidedMeanwhileError."""
    if stamp and stamp != stamp_of(made, p):
        raise DecidedMeanwhileError(
            f"그 사이 {p.number}번의 결정이 바뀌었거나 공모를 다시 채점했습니다",
            "새로 읽어 지금의 결정을 보고 다시 하십시오",
        )


def decided(made: Round, decisions: Mapping[int, Decision]) -> Round:
    """Return the round with decisions entered by proposal number; one that says the same again is not kept twice.

    Raises
    ------
    UnknownProposalError
        A number is of no proposal.
    BadSettingError
        A proposal was struck out; a decision is none of :data:`DECISIONS`, or is without a reason.
    """
    kept = {p.number: p for p in made.proposals}
    for number, decision in decisions.items():
        p = kept.get(number) or find_proposal(made, number)
        if p.struck:
            raise BadSettingError(
                f"{number}번은 심의 전에 빠진 제안입니다 ({p.struck})", "제안 파일을 고쳐 다시 채점하십시오"
            )
        if decision.outcome not in DECISIONS:
            raise BadSettingError(f"{number}번: 모르는 결정입니다 ({decision.outcome})", "선정, 미선정, 보류 중 하나")
        if not decision.reason.strip():
            raise BadSettingError(f"{number}번: 결정에 사유가 없습니다", "사유 칸을 채우거나 --reason을 주십시오")

    def entered(p: Proposal) -> Proposal:
        new, old = decisions.get(p.number), p.decision
        if new is None or (old is not None and (old.outcome, old.reason) == (new.outcome, new.reason)):
            return p
        return replace(p, decisions=(*p.decisions, new))

    return replace(made, proposals=tuple(map(entered, made.proposals)))


def taken_back(made: Round, number: int, *, when: str, who: str = "", reason: str = "") -> Round:
    """Return the round with the decision that holds on a proposal taken back: the one before holds again, or none.

    Raises
    ------
    UnknownProposalError
        The number is of no proposal.
    BadSettingError
        No decision holds on it.
    """
    p = find_proposal(made, number)
    if p.decision is None:
        raise BadSettingError(f"{number}번에는 되돌릴 결정이 없습니다", "결정이 있는 번호를 주십시오")
    back = replace(p, decisions=(*p.decisions, Decision(TAKEN_BACK, reason, when, who)))
    return replace(made, proposals=tuple(back if one.number == number else one for one in made.proposals))
