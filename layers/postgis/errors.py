"""What the database's complaints mean to the user. Its own text, SQL and passwords never leave this module."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy.exc

from layers.store import StoreError

_UPGRADE = "ansim db upgrade"
# SQLSTATE, or its class of two characters -> what was wrong, what to do.
_MEANINGS = {
    "28": ("사용자나 비밀번호가 틀렸습니다", "주소의 사용자와 비밀번호를 확인하십시오"),
    "3D000": ("그런 데이터베이스가 없습니다", "주소의 데이터베이스 이름을 확인하거나 createdb로 만드십시오"),
    "53300": ("서버의 연결 수가 다 찼습니다", "잠시 뒤 다시 하거나, 서버의 max_connections를 늘리십시오"),
    "53100": ("서버의 디스크가 가득 찼습니다", "공간을 비운 뒤 다시 하십시오. 저장된 것은 그대로입니다"),
    "55P03": ("다른 작업이 이 저장소에 쓰고 있습니다", "끝난 뒤 다시 하십시오"),
    "40": ("다른 작업이 이 저장소에 쓰고 있습니다", "다시 하십시오"),
    "57014": ("서버가 정한 시간 안에 끝나지 않았습니다", "ANSIM_DB_STATEMENT_S(초)를 늘려 다시 하십시오"),
    "57": ("데이터베이스 서버가 멈추었습니다", "서버가 켜진 뒤 다시 하십시오. 저장된 것은 그대로입니다"),
    "08": ("데이터베이스와의 연결이 끊겼습니다", "서버가 켜진 뒤 다시 하십시오. 저장된 것은 그대로입니다"),
    "42501": ("이 사용자에게 권한이 없습니다", "관리자에게 GRANT ansim_writer (읽기만: ansim_reader)를 요청하십시오"),
    "3F000": ("안심지도의 표가 아직 없습니다", _UPGRADE),
    "42P01": ("안심지도의 표가 아직 없습니다", _UPGRADE),
    "42703": ("표가 이 프로그램의 것보다 오래되었습니다", _UPGRADE),
    "22": ("자료에 저장할 수 없는 값이 있습니다", "파일을 확인하십시오. 저장된 것은 그대로입니다"),
    "23": ("자료가 표의 약속에 맞지 않습니다", "파일을 확인하십시오. 저장된 것은 그대로입니다"),
}
# A refused connection carries no SQLSTATE; these are the server's own words, in its default language.
_REFUSED = {
    "password authentication failed": "28",
    "no password supplied": "28",
    "does not exist": "3D000",
    "too many connections": "53300",
    "too many clients": "53300",
    "remaining connection slots": "53300",
    "starting up": "57",
    "shutting down": "57",
}
_UNREACHABLE = ("데이터베이스에 연결할 수 없습니다", "서버가 켜져 있는지, 주소·포트·사용자가 맞는지 확인하십시오")


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Turn whatever the driver raises into a :class:`StoreError` about the store of this name (no password)."""
    try:
        yield
    except sqlalchemy.exc.TimeoutError:
        raise StoreError(
            f"{name}: 쓸 수 있는 연결이 없습니다", "잠시 뒤 다시 하거나 ANSIM_DB_POOL을 늘리십시오"
        ) from None
    except sqlalchemy.exc.DBAPIError as error:
        # Not chained: the driver's text holds SQL and values.
        raise meaning(name, error.orig) from None
    except psycopg.Error as error:
        raise meaning(name, error) from None


def meaning(name: str, error: BaseException | None) -> StoreError:
    """Return the error to show for one of the driver's."""
    state = getattr(error, "sqlstate", None) or ""
    if not state and isinstance(error, psycopg.OperationalError):
        said = str(error)
        state = next((code for words, code in _REFUSED.items() if words in said), "")
        if not state:
            what, then = _MEANINGS["08"] if "terminat" in said or "closed" in said or "lost" in said else _UNREACHABLE
            return StoreError(f"{name}: {what}", then)
    found = _MEANINGS.get(state) or _MEANINGS.get(state[:2])
    if found is None:
        return StoreError(f"{name}: 데이터베이스 오류 (SQLSTATE {state or '없음'})", "서버의 기록을 확인하십시오")
    return StoreError(f"{name}: {found[0]}", found[1])
