"""The JSON body of a planner's question, read field by field: a value that can be meant, or one named error.

Nothing of a body is quoted in an error: a site placed by hand is a position.
"""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import orjson
from starlette.requests import Request

from api.errors import BadJsonError, BadParameterError, ContentTypeError, SlowBodyError, UnknownFieldError
from api.parameters import written

_T = TypeVar("_T")
_WORD = 200  # characters of a name or a word


async def read_json(request: Request, seconds: float) -> object:
    """Return the body as JSON values.

    Raises
    ------
    ContentTypeError, BadJsonError, SlowBodyError, TooLargeError
    """
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if kind != "application/json":
        raise ContentTypeError("본문은 application/json이어야 합니다", "Content-Type: application/json")
    try:
        async with asyncio.timeout(seconds):
            body = await request.body()
    except TimeoutError:
        raise SlowBodyError("본문이 제때 오지 않았습니다", "다시 하십시오") from None
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadJsonError("본문이 JSON이 아닙니다", "docs/api.md의 예를 보십시오") from None
    return value


class Fields:
    """A JSON object being read. ``where`` names it in errors, '' for the body itself."""

    def __init__(self, value: object, known: Sequence[str], where: str = "") -> None:
        self._at = f"{where}." if where else ""
        if not isinstance(value, dict):
            raise BadJsonError(f"{where or '본문'}이(가) JSON 객체가 아닙니다", "docs/api.md의 예를 보십시오")
        if not set(known).issuperset(value):
            raise UnknownFieldError(
                f"{where or '본문'}에 모르는 항목이 있습니다", f"{', '.join(known)}만 쓸 수 있습니다"
            )
        self._values: Mapping[str, Any] = value

    def has(self, name: str) -> bool:
        """Return whether a field is given, null aside."""
        return self._values.get(name) is not None

    def number(self, name: str, least: float, most: float) -> float | None:
        """Return a finite number in a range, None where it is not given. Raises BadParameterError."""
        value = self._values.get(name)
        return None if value is None else self._in_range(name, value, least, most)

    def whole(self, name: str, least: int, most: int) -> int | None:
        """Return a whole number in a range, None where it is not given. Raises BadParameterError."""
        value = self.number(name, least, most)
        if value is not None and value != int(value):
            raise BadParameterError(f"{self._at}{name}은(는) 정수여야 합니다", f"예: {least}")
        return None if value is None else int(value)

    def _in_range(self, name: str, value: object, least: float, most: float) -> float:
        number = math.nan
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = float(value) if abs(value) < 1e300 else math.nan
        if not least <= number <= most:
            raise BadParameterError(
                f"{self._at}{name}은(는) {written(least)}에서 {written(most)} 사이의 숫자여야 합니다", f"예: {least:g}"
            )
        return number

    def flag(self, name: str) -> bool:
        """Return true or false, false where it is not given. Raises BadParameterError."""
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise BadParameterError(f"{self._at}{name}은(는) true나 false여야 합니다", "따옴표 없이 쓰십시오")
        return value

    def word(self, name: str, default: str = "") -> str:
        """Return a short text on one line. Raises BadParameterError."""
        return self.line(name, _WORD, default)

    def line(self, name: str, most: int, default: str = "") -> str:
        """Return a text of so many characters on one line. Raises BadParameterError."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, str) or len(value) > most or not value.isprintable():
            raise BadParameterError(
                f"{self._at}{name}은(는) {most:,}자 안의 한 줄 글이어야 합니다", "docs/api.md를 보십시오"
            )
        return value.strip()

    def text(self, name: str) -> str:
        """Return a text of any length in ASCII, '' where it is not given. Raises BadParameterError."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.isascii():
            raise BadParameterError(f"{self._at}{name}은(는) 받은 그대로의 글이어야 합니다", "답의 draft를 주십시오")
        return value

    def words(self, name: str, most: int) -> tuple[str, ...]:
        """Return a list of short texts, each once. Raises BadParameterError."""
        return self._words(name, self.values(name, most))

    def words_and_objects(self, name: str, most: int) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
        """Return the short texts of a list, each once, and its objects; an object alone is a list of one.

        Raises BadParameterError.
        """
        alone = self._values.get(name)
        values = [alone] if isinstance(alone, dict) else self.values(name, most)
        texts = self._words(name, [value for value in values if not isinstance(value, dict)])
        return texts, [value for value in values if isinstance(value, dict)]

    def _words(self, name: str, values: list[Any]) -> tuple[str, ...]:
        if not all(isinstance(v, str) and v and len(v) <= _WORD and v.isprintable() for v in values):
            raise BadParameterError(f"{self._at}{name}은(는) 짧은 글의 목록이어야 합니다", '예: ["grid:50"]')
        return tuple(dict.fromkeys(values))

    def values(self, name: str, most: int) -> list[Any]:
        """Return a list, [] where it is not given. Raises BadParameterError."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise BadParameterError(
                f"{self._at}{name}은(는) {most:,}개까지의 목록이어야 합니다", "docs/api.md를 보십시오"
            )
        return value

    def objects(self, name: str, most: int, read: Callable[[object, str], _T]) -> tuple[_T, ...]:
        """Return a list of objects, each read by ``read(value, where)``."""
        return tuple(read(value, f"{self._at}{name}[{i}]") for i, value in enumerate(self.values(name, most)))

    def numbers(self, name: str, least: float, most: float, entries: int = 1_000) -> dict[str, float]:
        """Return an object of numbers in a range, {} where it is not given. Raises BadParameterError."""
        value = self._values.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or len(value) > entries or not all(len(key) <= _WORD for key in value):
            raise BadParameterError(f"{self._at}{name}은(는) 이름과 숫자의 객체여야 합니다", '예: {"lit": 0.4}')
        return {key: self._in_range(name, number, least, most) for key, number in value.items()}

    def inner(self, name: str, known: Sequence[str]) -> "Fields | None":
        """Return an object of the object, None where it is not given. Raises as the class."""
        value = self._values.get(name)
        return None if value is None else Fields(value, known, f"{self._at}{name}")

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        """Return a word of some. Raises BadParameterError, whose hint names the nearest."""
        return known_word(f"{self._at}{name}", self.word(name, default), allowed)


def known_word(where: str, text: str, allowed: Sequence[str]) -> str:
    """Return the text if it is allowed. Raises BadParameterError, whose hint names the nearest."""
    if text not in allowed:
        raise BadParameterError(f"{where}에 쓸 수 없는 값입니다", nearest(text, allowed))
    return text


def nearest(text: str, allowed: Sequence[str]) -> str:
    """Return what to write for a word that is not known."""
    near = get_close_matches(text[:40], allowed, n=3, cutoff=0.4)
    return f"혹시 {', '.join(near)}?" if near else f"{', '.join(list(allowed)[:12])} 중 하나"
