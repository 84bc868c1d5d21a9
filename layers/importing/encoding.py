"""The encoding of a text file: detected, and then verified, because a wrong one rarely fails by itself."""

import codecs
import re
from typing import Final

from layers.importing.errors import BadEncodingError

REPLACEMENT: Final = "\ufffd"
_SAMPLE = 200_000  # characters looked at
_FEW = 4  # characters beyond ASCII under which nothing can be said
_ENOUGH = 20  # characters beyond ASCII from which the share of Hangul means something
_LEAST_HANGUL = 0.5
_LEAST_ZEROS = 0.1  # share of zeros among every other byte that makes it utf-16
_LEAST_UNDONE = 0.4  # share of the bytes that must turn into Hangul for a known mistake to be named
_DEGREES = re.compile(r"(?<=\d)\s?[°º˚′″’”](?=[\s\d'\"′″’”NSEW,;|]|$)")  # of 37° 33′ 59″: Hangul where misread
_WIDE = re.compile("[\u00a0\u3000\uff01-\uff5e]")  # blanks and full-width ASCII, which say nothing of an encoding
_ONLY_MARKS = re.compile(r"\?{2,}[?_() ]*")
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
        The encoding the user gave, used strictly; else utf-16 (with its mark or without) and utf-8-sig, utf-8,
        cp949, in that order. A file that is none of them whole (a few bytes cut or flipped) is read as the one that
        breaks fewest characters; these become U+FFFD.

    Returns
    -------
    text, encoding: ``utf-8``, ``utf-8-sig``, ``cp949``, ``utf-16`` (``-le``, ``-be`` without a mark), or the one
    asked for.

    Raises
    ------
    BadEncodingError
        The asked encoding does not fit, or the text is not Korean as it stands: mojibake.
    """
    text, encoding = _decode_as(data, file, asked) if asked else _detect(data)
    check_text(text, file)
    return text, encoding


def check_broken(rows_broken: int, rows: int, file: str) -> None:
    """Raise :class:`BadEncodingError` where over 1 % of the rows hold replacement characters."""
    if rows_broken > _MOST_BROKEN * rows and rows_broken > 1:
        raise BadEncodingError(f"{file}: 글자가 깨져 있습니다 (행 {rows_broken}개에 �)", _SAVE_AGAIN)


def check_header(header: tuple[str, ...], file: str) -> None:
    """Raise :class:`BadEncodingError` where the header itself is mojibake, or was saved as question marks."""
    if any(REPLACEMENT in name or _ONLY_MARKS.fullmatch(name.strip()) for name in header):
        raise BadEncodingError(f"{file}: 첫 줄(열 이름)의 글자가 깨져 있습니다", _SAVE_AGAIN)


def check_text(text: str, file: str) -> None:
    """Raise :class:`BadEncodingError` where text that was decoded without fault is no Korean: mojibake.

    Three kinds are told apart, as each is put right differently: utf-8 once read as cp949 (蹂댁븞벑), cp949 or utf-8
    once read as a Western encoding (º¸¾Èµî, ë³´ì•ˆ), and text of which under half is Hangul.
    """
    sample = _WIDE.sub("", text[:_SAMPLE])
    if any(mark in sample for mark in "°º˚′″"):
        sample = _DEGREES.sub("", sample)
    beyond = [c for c in sample if c > "\x7f" and c != REPLACEMENT]
    if len(beyond) < _FEW:
        return
    hangul = sum("가" <= c <= "힣" for c in beyond)
    for was, taken_for in (("utf-8", "cp949"), ("cp949", "cp1252"), ("cp949", "latin-1"), ("utf-8", "latin-1")):
        if _reads_back("".join(beyond), was, taken_for):
            raise BadEncodingError(
                f"{file}: 글자가 깨져 있습니다 ({was} 파일을 {taken_for}로 잘못 읽어 저장한 것으로 보입니다)",
                _SAVE_AGAIN,
            )
    if len(beyond) >= _ENOUGH and hangul < _LEAST_HANGUL * len(beyond):
        raise BadEncodingError(
            f"{file}: 글자가 깨져 있습니다 (한글이 {hangul / len(beyond):.0%}뿐입니다)",
            f"{_SAVE_AGAIN}. 인코딩을 안다면 --encoding을 주십시오",
        )


def _reads_back(text: str, was: str, taken_for: str) -> bool:
    """Say whether text turns into Hangul when the mistake is undone.

    Bytes that the wrong encoding had no character for are lost, and their neighbours with them, so over half may
    fail. True Korean text undone this way leaves a hundredth: its cp949 bytes are rarely utf-8, and it has no Western
    bytes at all.
    """
    undone = text.encode(taken_for, errors="ignore").decode(was, errors="ignore")
    hangul = sum("가" <= c <= "힣" for c in undone)
    bytes_each = 3 if was == "utf-8" else 2
    bytes_in_all = len(text.encode(taken_for, errors="replace"))
    return hangul >= _FEW - 1 and hangul * bytes_each >= _LEAST_UNDONE * bytes_in_all


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
    if unmarked := _utf16_without_mark(data):
        return data.decode(unmarked, errors="replace"), unmarked
    utf8 = "utf-8"
    if data.startswith(codecs.BOM_UTF8):
        data, utf8 = data[len(codecs.BOM_UTF8) :], "utf-8-sig"
    try:
        return data.decode(utf8), utf8
    except UnicodeDecodeError:
        pass
    candidates = [(data.decode(encoding, errors="replace"), encoding) for encoding in (utf8, "cp949")]
    # utf-8 with a few broken bytes can pass for cp949 without one: then undoing that gives Hangul
    broken = [text.count(REPLACEMENT) for text, _ in candidates]
    sample = "".join(c for c in candidates[1][0][:_SAMPLE] if c > "\x7f" and c != REPLACEMENT)
    return candidates[0] if broken[0] <= broken[1] or _reads_back(sample, "utf-8", "cp949") else candidates[1]


def _utf16_without_mark(data: bytes) -> str:
    """Return the byte order of utf-16 that lacks its mark: delimiters and digits leave every other byte zero."""
    start = data[:4096]
    if len(start) < 8:
        return ""
    even, odd = start[::2].count(0), start[1::2].count(0)  # 가 is AC00: Hangul has a few zeros too
    least = max(_LEAST_ZEROS * len(start) / 2, 2)
    if odd > least and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > least and even > 4 * odd else ""
