"""The committee's decisions as a file: the sheet that went out, filled in and come back, or any table like it."""

from pathlib import Path

import pyarrow as pa

from geo.errors import BadSettingError
from geo.proposals import CHOSEN, HELD, NOT_CHOSEN, Decision
from layers.catalog import Catalog
from layers.importing.files import open_sources
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw
from layers.importing.reading import read_all
from layers.importing.text import numbers, plain

_NUMBER = ("번호", "제안번호", "number")
_DECISION = ("결정", "심의결과", "심의 결과", "선정여부", "선정 여부", "결과", "decision")
_REASON = ("사유", "심의의견", "심의 의견", "의견", "이유", "reason")
_SAID = {
    CHOSEN: ("선정", "채택", "적합", "찬성", "가", "가결", "승인", "예", "y", "yes", "o", "○", "〇", "1"),
    NOT_CHOSEN: (
        "미선정", "제외", "탈락", "불채택", "미채택", "부적합", "부결", "부", "아니오", "아니요",
        "n", "no", "x", "×", "0",
    ),
    HELD: ("보류", "재심의", "유보"),
}  # fmt: skip
_OUTCOMES = {word: outcome for outcome, words in _SAID.items() for word in words}
_EMPTY = {"", "-"}


def outcome_of(text: str) -> str:
    """Return the decision a word stands for (:data:`geo.proposals.DECISIONS`), '' where it is none."""
    return _OUTCOMES.get(plain(text), "")


def read_decisions(path: Path, catalog: Catalog, *, at: str, reason: str = "") -> dict[int, Decision]:
    """Return the decisions of a file by proposal number; rows without a decision are passed over.

    Parameters
    ----------
    at
        When they were entered, ISO.
    reason
        What stands where a row has no reason of its own.

    Raises
    ------
    BadSettingError
        No sheet has the columns 번호 and 결정; a number or a decision is not understood, or is given twice.
    ImportingError
        The file cannot be read.
    """
    options = ImportOptions()
    with open_sources([path], options.max_bytes) as sources:
        sheets = [
            reading.raw
            for source in sources
            if not source.skipped
            for reading in read_all([source], (), catalog, options, lambda _name: None)[0]
        ]
    fitting = [raw for raw in sheets if _find(raw, _NUMBER) is not None and _find(raw, _DECISION) is not None]
    if not fitting:
        raise BadSettingError(f"{path.name}: 번호와 결정 열이 없습니다", "심의표의 머리글을 그대로 두십시오")
    return _decisions(fitting[0], at, reason)


def _decisions(raw: Raw, at: str, reason: str) -> dict[int, Decision]:
    number_at, decision_at, reason_at = (_find(raw, names) for names in (_NUMBER, _DECISION, _REASON))
    if number_at is None or decision_at is None:
        raise AssertionError("looked for before")
    found_numbers = numbers(raw.columns[number_at]).tolist()
    reasons = raw.columns[reason_at] if reason_at is not None else pa.array([""] * len(raw), pa.string())
    found: dict[int, Decision] = {}
    cells = (raw.columns[decision_at].to_pylist(), reasons.to_pylist(), raw.columns[number_at].to_pylist())
    for line, number, said, why, text in zip(raw.lines.tolist(), found_numbers, *cells, strict=True):
        if said.strip() in _EMPTY:
            continue
        where = f"{raw.file} {line}행"
        outcome = outcome_of(said)
        if number != number or number != int(number):  # noqa: PLR0124 - NaN
            raise BadSettingError(f"{where}: 제안 번호가 아닙니다 ({text})", "번호 열을 고치지 마십시오")
        if not outcome:
            raise BadSettingError(f"{where}: 모르는 결정입니다 ({said})", "선정, 미선정, 보류 중 하나")
        decision = Decision(outcome, (why if why.strip() not in _EMPTY else reason).strip(), at)
        if found.setdefault(int(number), decision) != decision:
            raise BadSettingError(f"{where}: {int(number)}번의 결정이 둘입니다", "하나만 남기십시오")
    return found


def _find(raw: Raw, names: tuple[str, ...]) -> int | None:
    return next((i for i in map(raw.find, names) if i is not None), None)
