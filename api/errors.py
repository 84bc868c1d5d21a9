"""What went wrong, as problem+json: one table from an error's code to its status, and no word of what was asked.

Messages written for the command line may name a path, a column or what the user typed. Those of
:data:`_OWN_WORDS` are therefore said in other words here; of the others, options are said as fields
(:mod:`api.wording`).
"""

from collections.abc import Mapping
from types import MappingProxyType

import orjson

from api.wording import in_request_words
from geo.errors import AnsimError

PROBLEM = "application/problem+json"


class RequestError(AnsimError):
    """A request that cannot be answered; its subclasses say which part of it."""

    code = "bad_request"


class BadJsonError(RequestError):
    """The body is no JSON object."""

    code = "bad_json"


class BadPositionError(RequestError):
    """The position is missing, no two finite numbers, or not in Korea."""

    code = "bad_position"


class BadRadiusError(RequestError):
    """The radius is no number, or outside what is allowed."""

    code = "bad_radius"


class BadLimitError(RequestError):
    """The number of points a layer is no whole number, or outside what is allowed."""

    code = "bad_limit"


class UnknownLayerError(RequestError):
    """A layer is asked for that the catalog does not have, or that holds no points."""

    code = "unknown_layer"


class StaffLayerError(RequestError):
    """A layer is asked for that only staff may see."""

    code = "staff_layer"


class UnknownFieldError(RequestError):
    """The body has a field that is not known here."""

    code = "unknown_field"


class BadParameterError(RequestError):
    """A parameter of the address or a form is missing or cannot be meant."""

    code = "bad_parameter"


class ContentTypeError(RequestError):
    """The body is of another kind than the resource takes."""

    code = "content_type"


class TooLargeError(RequestError):
    """The body, or what it asks for, is larger than allowed."""

    code = "too_large"


class HeadersError(RequestError):
    """Too many headers, or too long ones."""

    code = "headers"


class SlowBodyError(RequestError):
    """The body did not arrive in time."""

    code = "slow_body"


class NoSuchPathError(RequestError):
    """There is nothing at this address."""

    code = "no_such_path"


class MethodError(RequestError):
    """The address does not take this method."""

    code = "method"


class KeyNeededError(RequestError):
    """No key, or one that is not known or was revoked."""

    code = "key"


class RoleError(RequestError):
    """The key's role may not do this."""

    code = "role"


class UnknownImportError(RequestError):
    """No upload of that number waits: confirmed, discarded, or too long ago."""

    code = "unknown_import"


class PlanLimitsError(RequestError):
    """A plan is asked for that is larger than the service works out."""

    code = "plan_limits"


class PlanDraftError(RequestError):
    """A plan handed back is not one that the service gave, or it was started anew since."""

    code = "plan_draft"


class UnknownCollectionError(RequestError):
    """No public layer of that name is shown by OGC API."""

    code = "unknown_collection"


class UnknownItemError(RequestError):
    """The layer has nothing of that id, or there is nothing at that tile."""

    code = "unknown_item"


class BusyError(RequestError):
    """Too much is asked at once: of the service, or with one key."""

    code = "busy"


class KeyBusyError(BusyError):
    """Too much is asked at once with one key."""

    code = "key_busy"


class NotReadyError(RequestError):
    """The service has just started and reads its data."""

    code = "not_ready"


class TimeLimitError(RequestError):
    """The work took longer than allowed."""

    code = "time_limit"


class MemoryLimitError(RequestError):
    """The work took more memory than allowed."""

    code = "memory_limit"


class FaultError(RequestError):
    """A fault of the program itself."""

    code = "fault"


STATUS: Mapping[str, int] = MappingProxyType({
    "bad_json": 400, "bad_request": 400,
    "key": 401, "role": 403, "staff_layer": 403,
    "no_such_path": 404, "unknown_district": 404, "unknown_import": 404, "unknown_plan": 404,
    "unknown_round": 404, "unknown_proposal": 404, "decided_meanwhile": 409,
    "unknown_stored_import": 404, "unknown_collection": 404, "unknown_item": 404, "method": 405,
    "slow_body": 408, "no_data": 409, "rows_vanish": 409, "older_data": 409, "same_data_twice": 409,
    "cannot_forget": 409, "store_moved": 409,
    "too_large": 413, "content_type": 415, "key_busy": 429, "headers": 431, "key_file": 503,
    "store": 503, "busy": 503, "not_ready": 503, "time_limit": 503, "memory_limit": 503,
    "catalog": 500, "not_metres": 500, "style": 500, "map_file": 500, "output": 500, "serve": 500, "fault": 500,
    "error": 500,
})  # fmt: skip
OTHER = 422  # every other error on purpose: the request is understood, and cannot be meant
RETRY_AFTER_S = MappingProxyType({
    "store": 30, "key_file": 30, "busy": 2, "key_busy": 2, "not_ready": 2, "time_limit": 30,
})  # fmt: skip

_FAULT = ("프로그램 오류입니다", "x-request-id 값을 관리자에게 알려 주십시오")
_OWN_WORDS: Mapping[str, tuple[str, str | None]] = MappingProxyType({
    "unknown_district": ("모르는 자치구이거나 같은 이름이 여러 곳입니다", None),  # None: the error's own hint
    "unknown_plan": ("그런 이름의 계획이 없습니다", "GET /v1/plans에서 이름을 보십시오"),
    "unknown_round": ("그런 이름의 공모가 없습니다", "GET /v1/proposals에서 이름을 보십시오"),
    "bad_time": ("날짜와 시각이 아닙니다", "예: 2025-12-24T23:00"),
    "bad_who": ("대상을 알 수 없거나, 있는 자료로는 답할 수 없습니다", None),
    "store": ("저장소를 지금 쓸 수 없습니다", "잠시 뒤 다시 하십시오"),
    "key_file": ("열쇠를 지금 확인할 수 없습니다", "잠시 뒤 다시 하십시오"),
    **dict.fromkeys(("catalog", "not_metres", "style", "map_file", "output", "error"), _FAULT),
})  # fmt: skip


def status_of(code: str) -> int:
    """Return the status an error of this code is answered with."""
    return STATUS.get(code, OTHER)


def problem(error: AnsimError, request_id: str) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """Return status, body and headers (Retry-After, WWW-Authenticate) of an error."""
    code = error.code
    status = status_of(code)
    message, hint = _OWN_WORDS.get(code, (error.message, None))
    body = orjson.dumps({
        "type": f"urn:ansim:error:{code}",
        "title": in_request_words(message),
        "status": status,
        "code": code,
        "hint": in_request_words(error.hint if hint is None else hint),
        "request_id": request_id,
    })  # fmt: skip
    headers = [(b"content-type", PROBLEM.encode()), (b"cache-control", b"no-store")]
    if code in RETRY_AFTER_S:
        headers.append((b"retry-after", str(RETRY_AFTER_S[code]).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="ansim"'))
    return status, body, headers


def fault() -> FaultError:
    """Return the error of a fault of the program: what it was stands in the log, under the request's id."""
    return FaultError(*_FAULT)
