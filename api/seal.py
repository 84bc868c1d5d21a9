"""A plan handed to a planner as one sealed text: what comes back is the service's own, and nothing of it stays here."""

import base64
import hashlib
import hmac
import os
import zlib
from contextlib import suppress
from pathlib import Path

import orjson

from api.errors import PlanDraftError
from geo.plans import Plan

_MAC = 16  # bytes


def secret_of(folder: Path) -> bytes:
    """Return the secret of the service, the same in all its workers: made once in the folder they share."""
    path, own = folder / "seal", folder / f"seal-{os.getpid()}"
    if not path.exists():
        own.touch(0o600)
        own.write_bytes(os.urandom(32))
        with suppress(FileExistsError):  # the worker that was first
            path.hardlink_to(own)
        own.unlink()
    return path.read_bytes()


def seal(plan: Plan, secret: bytes) -> str:
    """Return a plan as a text that :func:`unseal` reads."""
    data = zlib.compress(orjson.dumps(plan.as_dict()), 6)
    return base64.urlsafe_b64encode(_mac(data, secret) + data).decode("ascii")


def unseal(text: str, secret: bytes) -> Plan:
    """Return the plan that was sealed. Raises PlanDraftError where it was not sealed by this service."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
    except (ValueError, UnicodeEncodeError):
        raw = b""
    mac, data = raw[:_MAC], raw[_MAC:]
    if not hmac.compare_digest(mac, _mac(data, secret)):
        raise PlanDraftError("이 서비스가 내준 계획(draft)이 아닙니다", "계획을 다시 세우거나 자리를 보내십시오")
    return Plan.from_dict(orjson.loads(zlib.decompress(data)))


def _mac(data: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, data, hashlib.sha256).digest()[:_MAC]
