"""Korean addresses as offices write them, taken apart: one address, however decorated, gives the same parts."""

import re
import unicodedata
from typing import NamedTuple

from layers.importing.text import plain

_PARENTHESES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[(\[][^()\[\]]*$")
_DASH = re.compile(r"\s*[-‐‑–—−ー~]\s*")
# 봉천로 33길 8 / 신림로3가길 41 / 동일로114길 10-2 / 남부순환로 지하 1822 / 중앙로 123번안길 5
_ROAD = re.compile(
    r"(?<![가-힣A-Za-z0-9.])(?P<base>[가-힣A-Za-z0-9.]*[가-힣0-9](?:로|길))"
    r"(?P<branch>(?:\s*\d+(?:번)?[가-하]?(?:안)?길)*)"
    r"\s*(?P<mark>지하)?\s*(?P<main>\d+)(?:-(?P<sub>\d+))?(?:호(?!\d)|번지?)?"
    r"(?!\d|\s*(?:번)?[가-하]?(?:안)?길\s*(?:지하)?\s*\d|가(?:\s|$|\d))"
)
# 봉천동 산 117-3 / 신림1동 1474-10번지 / 을지로3가 12 / 화도읍 마석우리 12번지의 3호
_LOT = re.compile(
    r"(?<![가-힣0-9])(?:(?P<town>[가-힣]+[읍면])\s+)?(?P<base>[가-힣]+\d*(?:[.]\d+)*(?:동|가|리))"
    r"\s*(?P<mark>산)?\s*(?P<main>\d+)(?:-(?P<sub>\d+)|번지\s*(?:의\s*)?(?P<ho>\d{1,2})\s*호|의\s*(?P<of>\d+))?(?!\d|[가-힣]*[동가리길로]\s*\d)"
)
_DONG = re.compile(r"(?<![가-힣0-9])(?P<dong>[가-힣]+\d*(?:[.,]\d+)*(?:동|가|리))(?![가-힣0-9])")
_NUMBERED = re.compile(r"(?<=[가-힣])제?\d+(?:[.]\d+)*(?=동$)")
_ODD = str.maketrans(dict.fromkeys("·ㆍ‧・･", ".") | dict.fromkeys("\ufeff\u200b"))
_BRANDS = (("cu", "씨유"), ("gs25", "지에스25"), ("gs더프레시", "지에스더프레시"), ("7-eleven", "세븐일레븐"))


class Address(NamedTuple):
    """The parts of an address that say which building. All '' where the text is none.

    ``place`` is the road (봉천로33길) or the town and dong (봉천동); ``mark`` 산, 지하 or ''; ``main`` and ``sub``
    the number's digits without leading zeros.
    """

    kind: str = ""  # road | lot
    place: str = ""
    mark: str = ""
    main: str = ""
    sub: str = ""

    @property
    def exact(self) -> str:
        """The whole of it, comparable; '' where there is none."""
        return f"{self.place}|{self.mark}{self.main}-{self.sub}" if self.place else ""

    @property
    def building(self) -> str:
        """The same without what tells floors apart (지하), or the number of an administrative dong (신림1동)."""
        return f"{self._ground}-{self.sub}" if self.place else ""

    @property
    def lacking_sub(self) -> str:
        """What it has in common with those that differ in the sub number alone."""
        return self._ground if self.place else ""

    @property
    def _ground(self) -> str:
        mark = self.mark if self.kind == "lot" else ""  # 산 12 and 12 are two lots
        return f"{_NUMBERED.sub('', self.place)}|{mark}{self.main}"


NO_ADDRESS = Address()


def parse_road(text: str) -> Address:
    """Return the road address in a text, :data:`NO_ADDRESS` where there is none."""
    found = _ROAD.search(_bare(text))
    if found is None:
        return NO_ADDRESS
    road = plain(found["base"] + found["branch"])
    return Address("road", road, found["mark"] or "", _digits(found["main"]), _digits(found["sub"]))


def parse_lot(text: str) -> Address:
    """Return the lot address (지번) in a text, within its parentheses if nowhere else; none of a road address."""
    found = _LOT.search(_bare(text))
    if found is None:
        inside = " ".join(_PARENTHESES.findall(_composed(text)))
        found = _LOT.search(_DASH.sub("-", re.sub(r"[()\[\],]", " ", inside)))
    if found is None:
        return NO_ADDRESS
    sub = found["sub"] or found["ho"] or found["of"]
    place = plain((found["town"] or "") + found["base"])
    return Address("lot", place, found["mark"] or "", _digits(found["main"]), _digits(sub))


def dong_named(text: str) -> str:
    """Return the dong an address names: of its lot, else in its parentheses; '' where it names none."""
    lot = parse_lot(text)
    if lot.place:
        return lot.place
    for inside in _PARENTHESES.findall(_composed(text)):
        found = _DONG.search(re.sub(r"[()\[\]]", " ", inside))
        if found:
            return plain(found["dong"])
    return ""


def plain_name(name: str) -> str:
    """Return a shop's name for comparison: no blanks, brackets or marks, brands in one spelling."""
    bare = re.sub(r"[\s\-_.,()\[\]㈜]|주식회사|\(주\)", "", plain(_PARENTHESES.sub(" ", _composed(name))))
    for written, said in _BRANDS:
        if bare.startswith(written):
            return said + bare.removeprefix(written)
    return bare


def _bare(text: str) -> str:
    """Return the text with full-width letters narrowed, and without parentheses, commas and odd dashes."""
    text = _PARENTHESES.sub(" ", _composed(text))
    return _DASH.sub("-", re.sub(r"\s*,\s*", " , ", text))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text.translate(_ODD))


def _digits(text: str | None) -> str:
    return "" if text is None else text.lstrip("0")
