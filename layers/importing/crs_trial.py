"""Which system unlabelled metres are in: each is tried, and the rows that land where they say they are are counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.crs import METRES, transformer
from geo.model import Bools, Floats, Ints
from layers.importing.errors import CrsNeededError
from layers.importing.evidence import Evidence
from layers.importing.korean_crs import CANDIDATES

_FEWEST_IN_PLACE = 0.5  # of the rows: under it none of the systems fits, whichever fits best
_FAR_M = 5_000.0  # systems that lie so far apart are told apart by one row
_FEWEST_APART = 3  # rows that only one of two near systems places rightly, before it is believed
_FOR_ONE_AGAINST = 4  # and so many of them to each that only the other does


@dataclass(frozen=True)
class Trial:
    """The system chosen. ``score`` is the share of the rows tried that it puts into the district they name."""

    crs: str
    swapped: bool
    score: float


@dataclass(frozen=True, eq=False)
class _Guess:
    crs: str
    swapped: bool
    x: Floats
    y: Floats
    in_district: Bools

    @property
    def score(self) -> float:
        return float(self.in_district.mean())


def try_systems(x: Floats, y: Floats, evidence: Evidence | None, file: str, among: Sequence[str] = CANDIDATES) -> Trial:
    """Choose the system, and the order of the axes, that puts the rows where they say they are.

    Systems are first judged by the districts the rows name. What those leave undecided (EPSG:5174, 2097 and 5181 lie
    within 350 m) is decided by the loaded address points of the rows' addresses, then by the dong they name.

    Parameters
    ----------
    x, y
        float64 (n,), as the file has them; NaN where it has none.

    Raises
    ------
    CrsNeededError
        No row can be checked, no system fits, or several fit equally; the error names them with their scores.
    """
    rows = evidence.sample(np.isfinite(x) & np.isfinite(y)) if evidence else np.empty(0, np.int64)
    if evidence is None or not len(rows):
        raise CrsNeededError(
            f"{file}: 좌표가 미터인데 좌표계를 알 수 없습니다",
            f"--crs EPSG:5186 처럼 좌표계를 주십시오 ({', '.join(c.removeprefix('EPSG:') for c in CANDIDATES)})",
        )
    guesses = [_guess(x[rows], y[rows], rows, crs, evidence, swapped=s) for s in (False, True) for crs in among]
    left = _unbeaten(guesses, lambda guess: guess.in_district)
    if max(guess.score for guess in left) < _FEWEST_IN_PLACE:
        raise CrsNeededError(
            f"{file}: 어느 좌표계로 보아도 행이 제 자치구에 들지 않습니다 ({_listed(left)})",
            "좌표 열과 주소 열이 맞는지 보고 --crs를 주십시오",
        )
    for test in (evidence.at_own_address, evidence.in_own_dong):
        if len(left) > 1:
            left = _unbeaten(left, _tested(test, rows))
    if len(left) > 1:
        raise CrsNeededError(
            f"{file}: 좌표계를 가릴 수 없습니다 ({_listed(left)})",
            "--crs로 하나를 주거나, 주소점(가게, 출입구) 파일을 먼저 가져오십시오",
        )
    return Trial(left[0].crs, left[0].swapped, left[0].score)


def _tested(test: Callable[[Ints, Floats, Floats], Bools], rows: Ints) -> Callable[[_Guess], Bools]:
    return lambda guess: test(rows, guess.x, guess.y)


def _guess(x: Floats, y: Floats, rows: Ints, crs: str, evidence: Evidence, *, swapped: bool) -> _Guess:
    east, north = transformer(crs, METRES).transform(*((y, x) if swapped else (x, y)))
    east, north = np.asarray(east), np.asarray(north)
    return _Guess(crs, swapped, east, north, evidence.in_own_district(rows, east, north))


def _unbeaten(guesses: Sequence[_Guess], hits: Callable[[_Guess], Bools]) -> list[_Guess]:
    """Return the best guess and those that it does not surely beat, the likeliest first."""
    found = [(guess, hits(guess)) for guess in guesses]
    best, most = max(found, key=lambda pair: int(pair[1].sum()))  # the first of equal ones
    rest = [guess for guess, own in found if guess is not best and not _beats(best, most, guess, own)]
    return [best, *rest]


def _beats(best: _Guess, most: Bools, other: _Guess, own: Bools) -> bool:
    only_best, only_other = int((most & ~own).sum()), int((own & ~most).sum())
    apart = np.hypot(best.x - other.x, best.y - other.y)
    apart = apart[np.isfinite(apart)]
    near = bool(apart.size) and float(np.median(apart)) <= _FAR_M
    return only_best >= max(_FEWEST_APART if near else 1, _FOR_ONE_AGAINST * only_other)


def _listed(guesses: Sequence[_Guess]) -> str:
    ordered = sorted(guesses, key=lambda guess: -guess.score)[:4]
    return ", ".join(f"{guess.crs} {guess.score:.1%}" for guess in ordered)
