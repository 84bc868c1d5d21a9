"""The bodies and answers of the routes of proposals, for the OpenAPI description."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_NUMBER = 1_000_000


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DecisionBody(_Exact):
    """위원회의 결정: 선정, 미선정, 보류."""

    outcome: Literal["chosen", "not_chosen", "held"]
    reason: str = Field(min_length=1, max_length=1_000, examples=["골목이 길고 외짐"])
    stamp: str | None = Field(None, description="본 그대로일 때만 넣습니다 (아니면 409)")


class ShortlistBody(_Exact):
    """추천 목록의 한도. 주지 않은 것은 앞의 것 그대로입니다."""

    size: int | None = Field(None, ge=1, le=MOST_NUMBER, examples=[44])
    most_per_district: int | None = Field(None, ge=1, le=MOST_NUMBER, examples=[3])
    least_per_district: int | None = Field(None, ge=0, le=MOST_NUMBER)


class ProposalCounts(_Exact):
    """몇 건이 어디까지 왔는지."""

    received: int
    struck_out: int
    scored: int
    shortlisted: int
    chosen: int
    not_chosen: int
    held: int


class ShortlistLimits(_Exact):
    """추천 목록의 한도."""

    size: int
    most_per_district: int | None
    least_per_district: int


class RoundSummary(_Exact):
    """채점한 공모 하나. 수는 물은 자치구의 것입니다."""

    name: str
    made_at: str
    files: list[str]
    data_version: int
    made_up: bool
    counts: ProposalCounts
    limits: ShortlistLimits | None


class RoundList(_Exact):
    """공모들, 오래된 것부터."""

    district: str
    rounds: list[RoundSummary]


class ScorePart(_Exact):
    """점수의 한 항목: 담당자의 규칙 파일에 적힌 것."""

    name: str
    weight: float
    what: Literal["households", "uncovered", "cover", "table", "inside"]
    source: str
    within_m: float
    better: Literal["more", "less"]
    low: float | None = Field(description="0점이 되는 값; null은 제안 가운데 최저")
    high: float | None


class ProposalPart(_Exact):
    """한 항목에서 찾은 값과 점수에 더한 점; 자료가 없으면 null."""

    found: float | None
    points: float | None


class DecisionEntry(_Exact):
    """적힌 결정 하나."""

    outcome: Literal["chosen", "not_chosen", "held", "taken_back"]
    reason: str
    when: str
    who: str = Field(description="열쇠의 이름; 적힌 것이 없으면 ''")


class ProposalFlag(_Exact):
    """확인할 것."""

    code: str
    text: str


class ProposalAnswer(_Exact):
    """제안 하나. 행정동만 아는 것은 lon, lat이 null입니다."""

    number: int
    own_number: str
    name: str
    proposer: str
    side: Literal["district", "public", "police", "other"]
    side_name: str
    district: str
    district_name: str
    dongs: list[str]
    dong_name: str
    of_dong: bool
    address: str
    lon: float | None
    lat: float | None
    grid_id: str
    located_by: str
    flags: list[ProposalFlag]
    struck: str
    same_as: int | None
    repeats: int
    said: dict[str, str]
    parts: list[ProposalPart] = Field(description="공모의 parts 순서")
    score: float | None
    rank: int | None
    shortlisted: bool
    why_not: Literal["", "below_line", "district_limit"]
    stage: str
    stage_name: str
    reason: str
    decision: DecisionEntry | None = Field(description="지금 서 있는 결정")
    decisions: list[DecisionEntry] = Field(description="적힌 결정 모두, 오래된 것부터")
    stamp: str


class NamedDistrict(_Exact):
    """자치구."""

    code: str
    name: str


class RoundAnswer(RoundSummary):
    """공모 하나와 그 제안: 순위순, 심의 전에 빠진 것은 뒤에."""

    district: str
    elsewhere: int = Field(description="자치구도 알 수 없는 제안")
    parts: list[ScorePart]
    notes: list[str]
    silent: list[NamedDistrict] = Field(description="구청이 내지 않은 자치구")
    proposals: list[ProposalAnswer]


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _body(model: type[BaseModel]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": _content(model)}}


def _answer(model: type[BaseModel], what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": _content(model)}}


MODELS = (DecisionBody, ShortlistBody, RoundList, RoundAnswer)
BODY = {"decision": _body(DecisionBody), "shortlist": _body(ShortlistBody)}
LIST_ANSWER = _answer(RoundList, "채점한 공모")
ANSWER = _answer(RoundAnswer, "공모와 그 제안")
