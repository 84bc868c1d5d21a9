"""What a file's name hints at: its layer, and the date of its data. A planner is asked; nothing is settled by it."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from layers.catalog import Catalog
from layers.catalog_specs import AreaSpec, LayerSpec
from layers.importing.values import EARLIEST_YEAR

_TABLE_WORDS = {
    "building": ("건축물", "건물", "표제부"),
    "address_point": ("편의점", "주소점", "출입구", "상가"),
}
_SPARE = re.compile(r"[\s_\-.,()\[\]·]+")
_UNIT = "(?:대|개소|개|곳|건|명|등)"  # 2000대 is a number of devices, no year
_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})(?:"
    r"\s*년(?:\s*(?P<m1>\d{1,2})\s*월(?:\s*(?P<d1>\d{1,2})\s*일)?)?"
    r"|(?P<m2>0[1-9]|1[0-2])(?P<d2>0[1-9]|[12]\d|3[01])?(?!\d)"
    r"|[-.]\s?(?P<m3>0?[1-9]|1[0-2])[-.]\s?(?P<d3>0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|[-_. ]{1,2}(?P<m4>0[1-9]|1[0-2])(?!\d)(?:[-_. ]{1,2}(?P<d4>0[1-9]|[12]\d|3[01])(?!\d))?"
    rf"|(?!\d|{_UNIT}|\s{_UNIT}(?![가-힣])))"
)


def suggested_layer(file: str, catalog: Catalog) -> str:
    """Return the layer, area or table that a file's name speaks of, '' where it names none or several.

    Of words within each other the longest counts: 스마트보안등 is no 보안등. The words are the names and ``file_words``
    of the catalog.
    """
    name = _plain(file)
    hits = [
        (start, start + len(word), target)
        for word, target in _words(catalog)
        for start in range(len(name))
        if name.startswith(word, start)
    ]
    outer = {
        target
        for start, end, target in hits
        if not any(a <= start and end <= b and b - a > end - start for a, b, _ in hits)
    }
    return outer.pop() if len(outer) == 1 else ""


def suggested_date(file: str, today: date) -> str:
    """Return the last date in a file's name (``20251223``, ``2025-12``, ``2025년 12월``, ``2023``) as ISO text.

    As fine as it is said; '' where there is none, or only one that is no day or lies ahead. One digit after a year
    (``cctv_2024_1``) may be a copy's number as well as a month: the year alone.
    """
    found = ""
    for match in _DATE.finditer(unicodedata.normalize("NFC", file)):
        month = match["m1"] or match["m2"] or match["m3"] or match["m4"]
        day = match["d1"] or match["d2"] or match["d3"] or match["d4"]
        text = "-".join([match["y"], *(part.zfill(2) for part in (month, day) if part)])
        if is_date(text) and text <= today.isoformat()[: len(text)]:
            found = text
    return found


def is_date(text: str) -> bool:
    """Say whether a text is a day, a month or a year as dates of data are kept: 2025-12-23, 2025-12, 2025.

    None before 1950 is, as in cells (:func:`layers.importing.values.iso_date`).
    """
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text) or int(text[:4]) < EARLIEST_YEAR:
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _words(catalog: Catalog) -> Iterator[tuple[str, str]]:
    specs: list[LayerSpec | AreaSpec] = [*catalog.layers.values(), *catalog.areas.values()]
    for spec in specs:
        yield from ((_plain(word), spec.id) for word in (spec.name, *spec.file_words))
    for table, words in _TABLE_WORDS.items():
        yield from ((word, table) for word in words)


def _plain(text: str) -> str:
    return _SPARE.sub("", unicodedata.normalize("NFC", text).lower())
