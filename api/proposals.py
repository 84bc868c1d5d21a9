"""Calls for proposals over HTTP: listed, told, shortlisted, decided, taken away. For planners only.

What proposers wrote is theirs and the office's: nothing of it has a public edition, and no browser keeps it.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import parameters
from api.access import needs
from api.answers import answer_json, download
from api.body import Fields, read_json
from api.errors import BadParameterError
from api.keys import Key, Role
from api.openapi_proposals import ANSWER, BODY, LIST_ANSWER, MOST_NUMBER
from api.services import Services
from api.stream import while_there
from api.work import job_of, work
from geo.model import Settings
from geo.proposal_committee import check_stamp, decided, find_proposal, merged, relisted, taken_back
from geo.proposals import DECISIONS, Decision, Round
from layers.kept_rounds import find_round
from maps.proposal_json import of_district, round_json, round_summary

_KINDS = ("xlsx", "csv", "geojson", "gpkg")
_NEVER_KEPT = "private, no-store"
_LONGEST = 1_000  # characters of a reason
Change = Callable[[Round], Round]


class Desk:
    """The calls of a store, changed by one request at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._one_at_a_time = asyncio.Lock()

    def district(self, text: str) -> str:
        """Return the code of a district named in an address, '' where none is. Raises UnknownDistrictError."""
        return job_of(self._services, text, Settings(), "", "").district if text else ""

    async def summaries(self, district: str) -> list[dict[str, Any]]:
        """Return what the list says of the calls kept."""
        return await asyncio.to_thread(
            lambda: [round_summary(made, district) for made in self._services.store.rounds()]
        )

    async def round(self, name: str) -> Round:
        """Return the call of a name. Raises UnknownRoundError."""
        return await asyncio.to_thread(find_round, self._services.store, name)

    async def change(self, request: Request, name: str, district: str, change: Change) -> Response:
        """Keep what ``change`` makes of a call and answer with it. Raises as ``change``, UnknownRoundError."""
        code = self.district(district)
        async with self._one_at_a_time:
            made = await asyncio.to_thread(self._services.store.change_round, name, change)
        return await self.told(request, made, code)

    async def told(self, request: Request, made: Round, district: str) -> Response:
        """Answer with a call; one of thousands of proposals takes a while to write, and others are served meanwhile."""
        return await asyncio.to_thread(lambda: answer_json(request, round_json(made, district), cache=_NEVER_KEPT))

    async def fields(self, request: Request, *known: str) -> Fields:
        """Return the body of a request."""
        return Fields(await read_json(request, self._services.settings.limits.body_s), known)

    def now(self) -> str:
        """Return the time, as decisions keep it."""
        return self._services.clock().isoformat(timespec="seconds")

    async def written(self, key: Key, made: Round, kind: str) -> bytes:
        """Return a call as a file."""
        return await work(self._services, key, "api.proposal_jobs:written", made, kind)


District = Annotated[str, Query(description="이 자치구만 (이름 또는 코드)")]
Stamp = Annotated[str, Query(description="본 그대로일 때만: 제안의 stamp", max_length=64)]


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/proposals", tags=["proposals"])
    planner = Depends(needs(services.access, Role.PLANNER))
    desk = Desk(services)
    _reading(routes, desk, planner)
    _shortlist(routes, desk, planner)
    _decisions(routes, desk, planner)
    return routes


def _reading(routes: APIRouter, desk: Desk, planner: Any) -> None:  # noqa: ANN401 - a dependency of FastAPI
    """Add what is told of calls, and their files."""

    @routes.get("", summary="채점한 공모 목록", dependencies=[planner], responses=LIST_ANSWER)
    async def listed(request: Request, district: District = "") -> Response:
        code = desk.district(district)
        told = await desk.summaries(code)
        return answer_json(request, {"district": code, "rounds": told}, cache=_NEVER_KEPT)

    @routes.get("/{name}", summary="공모 하나와 그 제안 (format을 주면 표)", responses=ANSWER)
    async def get(
        request: Request,
        name: str,
        district: District = "",
        key: Key = planner,
        format: Annotated[str, Query(description=f"json, {', '.join(_KINDS)}")] = "json",  # noqa: A002
    ) -> Response:
        kind = parameters.one_of("format", format, ("json", *_KINDS))
        code, made = desk.district(district), await desk.round(name)
        if kind == "json":
            return await desk.told(request, made, code)
        own = of_district(made, code) if code else made
        body = await while_there(request, desk.written(key, own, kind))
        called = f"{made.name}-{made.districts.get(code, code)}" if code else made.name
        return download(request, body, kind, called, cache=_NEVER_KEPT)


def _shortlist(routes: APIRouter, desk: Desk, planner: Any) -> None:  # noqa: ANN401
    """Add what makes the shortlist of a call, of all its districts."""

    @routes.post(
        "/{name}/shortlist", summary="추천 목록을 다시 만듭니다 (결정은 그대로)", dependencies=[planner],
        openapi_extra=BODY["shortlist"], responses=ANSWER,
    )  # fmt: skip
    async def shortlist(request: Request, name: str, district: District = "") -> Response:
        fields = await desk.fields(request, "size", "most_per_district", "least_per_district")
        size, most = (fields.whole(one, 1, MOST_NUMBER) for one in ("size", "most_per_district"))
        least = fields.whole("least_per_district", 0, MOST_NUMBER)
        return await desk.change(
            request, name, district, lambda made: relisted(made, merged(made.limits, size, most, least))
        )

    @routes.delete("/{name}/shortlist", summary="추천 목록을 없앱니다", dependencies=[planner], responses=ANSWER)
    async def no_shortlist(request: Request, name: str, district: District = "") -> Response:
        return await desk.change(request, name, district, lambda made: relisted(made, None))


def _decisions(routes: APIRouter, desk: Desk, planner: Any) -> None:  # noqa: ANN401
    """Add what enters a decision and takes it back."""

    @routes.put(
        "/{name}/{number}/decision", summary="제안 하나의 결정을 넣습니다", openapi_extra=BODY["decision"],
        responses=ANSWER,
    )  # fmt: skip
    async def decide(request: Request, name: str, number: str, district: District = "", key: Key = planner) -> Response:
        fields = await desk.fields(request, "outcome", "reason", "stamp")
        n, stamp = _number(number), fields.word("stamp")
        if not fields.has("outcome"):
            raise BadParameterError("outcome이 없습니다", f"{', '.join(DECISIONS)} 중 하나")
        outcome = fields.one_of("outcome", DECISIONS, "")
        decision = Decision(outcome, fields.line("reason", _LONGEST), desk.now(), key.name)
        return await desk.change(request, name, district, partial(_decided, number=n, decision=decision, stamp=stamp))

    @routes.delete("/{name}/{number}/decision", summary="결정을 되돌립니다 (앞의 결정이 다시 섭니다)", responses=ANSWER)
    async def take_back(
        request: Request, name: str, number: str, district: District = "", stamp: Stamp = "", key: Key = planner
    ) -> Response:
        change = partial(_taken_back, number=_number(number), stamp=stamp, when=desk.now(), who=key.name)
        return await desk.change(request, name, district, change)


def _number(text: str) -> int:
    return parameters.whole("number", text, 1, MOST_NUMBER)


def _decided(made: Round, *, number: int, decision: Decision, stamp: str) -> Round:
    check_stamp(made, find_proposal(made, number), stamp)
    return decided(made, {number: decision})


def _taken_back(made: Round, *, number: int, stamp: str, when: str, who: str) -> Round:
    check_stamp(made, find_proposal(made, number), stamp)
    return taken_back(made, number, when=when, who=who)
