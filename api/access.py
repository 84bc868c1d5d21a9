"""Who asks: the key in ``Authorization: Bearer …``, its role, and how much it may ask at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.requests import Request

from api.errors import KeyBusyError, KeyNeededError, RoleError
from api.keys import Key, KeyBook, Role, find_key

_HINT = "Authorization: Bearer 열쇠 (관리자에게 받으십시오)"


class Access:
    """Checks keys and counts what each is doing."""

    def __init__(self, book: KeyBook, *, public: bool, per_key: int) -> None:
        self._book = book
        self._public = public
        self._per_key = per_key
        self._doing: Counter[str] = Counter()

    def require(self, authorization: bytes | None, role: Role) -> Key | None:
        """Return the key that may do what ``role`` may, None for the public without one.

        Raises
        ------
        KeyNeededError
            A key that is none or was revoked (also where none is needed), or no key where one is.
        RoleError
            The key's role may not.
        """
        if authorization is None:
            if role is Role.PUBLIC and self._public:
                return None
            raise KeyNeededError("열쇠가 필요합니다", _HINT)
        scheme, _, text = authorization.decode("latin-1").partition(" ")
        key = find_key(self._book, text.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise KeyNeededError("모르는 열쇠이거나 취소된 열쇠입니다", _HINT)
        if Role[key.role.upper()] < role:
            raise RoleError("이 열쇠로는 할 수 없습니다", f"{role.name.lower()} 열쇠가 필요합니다")
        return key

    @contextmanager
    def doing(self, key: Key | None) -> Iterator[None]:
        """Count one more analysis of a key while it goes on. Raises :class:`KeyBusyError` over the limit."""
        if key is None:
            yield
            return
        if self._doing[key.id] >= self._per_key:
            raise KeyBusyError(
                f"한 열쇠로 동시에 {self._per_key}건까지 할 수 있습니다", "앞의 작업이 끝난 뒤 다시 하십시오"
            )
        self._doing[key.id] += 1
        try:
            yield
        finally:
            self._doing[key.id] -= 1


def needs(access: Access, role: Role) -> Callable[[Request], Key | None]:
    """Return the dependency that lets a role in."""

    def check(request: Request) -> Key | None:
        header = request.headers.get("authorization")
        return access.require(None if header is None else header.encode("latin-1"), role)

    return check
