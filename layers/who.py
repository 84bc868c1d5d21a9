"""Whose households: ``--who 여성,20-39`` (domain.md 3)."""

import re
from dataclasses import dataclass

import pandas as pd

from geo.errors import AnsimError
from geo.model import Bools

_SEX = {"여성": "female", "여": "female", "여자": "female", "남성": "male", "남": "male", "남자": "male"}
_SEX_NAME = {"female": "여성", "male": "남성"}
_AGES = re.compile(r"(\d{1,3})(?:\s*[-~]\s*(\d{1,3})?)?(?:세)?(\+|이상)?")
_OLDEST = 200


class BadWhoError(AnsimError):
    """``--who`` is not understood, or the households loaded cannot answer it."""

    code = "bad_who"


@dataclass(frozen=True)
class Who:
    """A part of the people: ``sex`` '' for both, ages inclusive."""

    sex: str = ""
    age_from: int = 0
    age_to: int = _OLDEST

    @property
    def everybody(self) -> bool:
        """Whether nothing is left out."""
        return self == Who()

    def __str__(self) -> str:
        ages = "" if (self.age_from, self.age_to) == (0, _OLDEST) else f"{self.age_from}-{self._last}세"
        return " ".join(part for part in (_SEX_NAME.get(self.sex, ""), ages) if part)

    @property
    def _last(self) -> str:
        return "" if self.age_to == _OLDEST else str(self.age_to)


def parse_who(text: str) -> Who:
    """Read ``여성``, ``20-39``, ``여성,20-39``, ``65+``. Raises :class:`BadWhoError`."""
    sex, ages = "", (0, _OLDEST)
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part in _SEX:
            sex = _SEX[part]
        elif match := _AGES.fullmatch(part):
            first = int(match[1])
            open_ended = bool(match[3]) or (match[2] is None and re.search(r"[-~]", part))
            ages = (first, _OLDEST if open_ended else int(match[2] or first))
        else:
            raise BadWhoError(f"--who를 읽을 수 없습니다: '{part}'", "예: --who 여성,20-39 또는 --who 65+")
    if ages[0] > ages[1]:
        raise BadWhoError(f"--who의 나이 순서가 거꾸로입니다: {ages[0]}-{ages[1]}", "예: --who 20-39")
    return Who(sex, *ages)


def of_who(households: pd.DataFrame, who: Who) -> Bools:
    """Return which rows of a household table are of these people, bool (n,).

    Raises
    ------
    BadWhoError
        The table has no sex or no ages, or an age band lies across the limit asked for.
    """
    chosen = pd.Series(data=True, index=households.index)
    if who.sex:
        if (households["sex"] == "").all():
            raise BadWhoError("가져온 1인가구 자료에 성별이 없습니다", "--who에서 성별을 빼십시오")
        chosen &= households["sex"] == who.sex
    if (who.age_from, who.age_to) != (0, _OLDEST):
        first, last = households["age_from"], households["age_to"]
        if (first < 0).all():
            raise BadWhoError("가져온 1인가구 자료에 나이가 없습니다", "--who에서 나이를 빼십시오")
        inside = (first >= who.age_from) & (last <= who.age_to)
        across = ~inside & (first <= who.age_to) & (last >= who.age_from)
        if across.any():
            bands = sorted(set(zip(first[across].tolist(), last[across].tolist(), strict=True)))
            band = f"{bands[0][0]}세 이상" if bands[0][1] >= _OLDEST else f"{bands[0][0]}-{bands[0][1]}세"
            raise BadWhoError(
                f"--who의 나이가 자료의 나이 구간({band})을 가로지릅니다", "구간의 경계에 맞추십시오 (예: 20-39)"
            )
        chosen &= inside
    return chosen.to_numpy()
