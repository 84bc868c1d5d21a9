"""The encoding of a text file: detected, and then verified, because a wrong one rarely fails by itself."""

import codecs
from typing import Final

from layers.importing.errors import BadEncodingError

REPLACEMENT: Final = "\ufffd"
_SAMPLE = 200_000  # characters looked at
_ENOUGH = 20  # characters beyond ASCII from which the share of Hangul means something
_LEAST_HANGUL = 0.5
_MOST_BROKEN = 0.01  # share of rows with a replacement character from which the whole file is refused
_SAVE_AGAIN = "원본을 CSV UTF-8로 다시 저장하거나 다시 내려받으십시오"


def decode(data: bytes, file: str, asked: str | None = None) -> tuple[str, str]:
    """Decode the bytes of a text file.

    Parameters
    ----------
    data
        The whole file.
    file
        Its name, for errors.
    asked
        The encoding the user gave, used strictly; else utf-16 and utf-8-sig by their mark, utf-8, cp949, in
        that order. A file that is none of them whole (a few bytes cut or flipped) is read as the one that breaks
        fewest characters; these become U+FFFD.

    Returns
    -------
    text, encoding: ``utf-8``, ``utf-8-sig``, ``cp949`` or ``utf-16``, or the one asked for.

    Raises
    ------
    BadEncodingError
        The asked encoding does not fit, or the text is not Korean as it stands: mojibake.
    """
    text, encoding = _decode_as(data, file, asked) if asked else _detect(data)
    _verify(text, file)
    return text, encoding


def check_broken(rows_broken: int, rows: int, file: str) -> None:
    """Raise :class:`BadEncodingError` where over 1 % of the rows hold replacement characters."""
    if rows_broken > _MOST_BROKEN * rows and rows_broken > 1:
        raise BadEncodingError(f"{file}: 글자가 깨져 있습니다 (행 {rows_broken}개에 �)", _SAVE_AGAIN)


def check_header(header: tuple[str, ...], file: str) -> None:
    """Raise :class:`BadEncodingError` where the header itself is mojibake."""
    if any(REPLACEMENT in name for name in header):
        raise BadEncodingError(f"{file}: 첫 줄(열 이름)의 글자가 깨져 있습니다", _SAVE_AGAIN)


def _decode_as(data: bytes, file: str, asked: str) -> tuple[str, str]:
    name = codecs.lookup(asked).name
    try:
        return data.decode(name).removeprefix("\ufeff"), asked
    except (UnicodeDecodeError, UnicodeError) as error:
        raise BadEncodingError(
            f"{file}: {asked} 인코딩으로 읽을 수 없습니다", "--encoding을 빼면 스스로 알아냅니다"
        ) from error


def _detect(data: bytes) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace"), "utf-16"
    utf8 = "utf-8"
    if data.startswith(codecs.BOM_UTF8):
        data, utf8 = data[len(codecs.BOM_UTF8) :], "utf-8-sig"
    for encoding in (utf8, "cp949"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    candidates = [(data.decode(encoding, errors="replace"), encoding) for encoding in (utf8, "cp949")]
    return min(candidates, key=lambda candidate: candidate[0].count(REPLACEMENT))


def _verify(text: str, file: str) -> None:
    beyond = [c for c in text[:_SAMPLE] if c > "\x7f" and c != REPLACEMENT]
    if len(beyond) < _ENOUGH:
        return
    hangul = sum("가" <= c <= "힣" for c in beyond)
    if hangul < _LEAST_HANGUL * len(beyond):
        raise BadEncodingError(
            f"{file}: 글자가 깨져 있습니다 (한글이 {hangul / len(beyond):.0%}뿐입니다)",
            f"{_SAVE_AGAIN}. 인코딩을 안다면 --encoding을 주십시오",
        )
