"""Names of provinces, districts and dong as people write them, resolved to codes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from layers.importing.text import plain

FOREIGN = "?"  # a district that is named, but lies in no province that is loaded

# First syllables that settle a province (행정안전부, 시도 names; old and new ones share them).
_PROVINCES = {
    "서울": "서울", "부산": "부산", "대구": "대구", "인천": "인천", "광주": "광주", "대전": "대전", "울산": "울산",
    "세종": "세종", "경기": "경기", "강원": "강원", "충청북": "충북", "충북": "충북", "충청남": "충남", "충남": "충남",
    "전라북": "전북", "전북": "전북", "전라남": "전남", "전남": "전남", "경상북": "경북", "경북": "경북",
    "경상남": "경남", "경남": "경남", "제주": "제주",
}  # fmt: skip
_RANK = "(특별자치도|특별자치시|통합특별시|특별시|광역시|도|시)?"
_PROVINCE = re.compile(f"({'|'.join(_PROVINCES)}){_RANK}")
_OTHER = re.compile(f"(.+?){_RANK}")
_SPLIT_GU = re.compile(r"(?<!\S)([중동서남북])\s+구(?!\S)")  # "중 구"
_DOTS = re.compile(r"[.·ㆍ‧・･,]")
_DONG_LIST = re.compile(r"(?P<stem>.*?\D)(?P<numbers>\d+(?:[.·ㆍ‧・･,]\d+)+)(?P<end>가?동)")


def province_of(text: str) -> str:
    """Return the short name of a province (서울, 전북 …), '' where the text names none."""
    match = _PROVINCE.fullmatch(plain(text))
    return _PROVINCES[match[1]] if match else ""


def _province_key(text: str) -> str:
    """Return what a province is known by: the short name of one of the country, else its name without its rank."""
    match = _OTHER.fullmatch(plain(text))
    return province_of(text) or (match[1] if match else "")


def dong_plain(name: str) -> str:
    """Return a dong's name for comparison: 종로1.2.3.4가동 and 종로1·2·3·4가동 and '종로 1·2·3·4가 동' are one."""
    return _DOTS.sub("·", plain(name))


def split_dongs(text: str) -> list[str]:
    """Return the single dong that a text such as ``화곡1·8동`` or ``신림동, 서원동`` may stand for, in its order."""
    parts = [part for part in re.split(r"\s*[,/]\s*(?!\d)|\s*및\s*", text.strip()) if part]
    names: list[str] = []
    for part in parts:
        match = _DONG_LIST.fullmatch(part.strip())
        if match is None:
            names.append(part.strip())
        else:
            names += [f"{match['stem']}{number}{match['end']}" for number in _DOTS.split(match["numbers"])]
    return names


@dataclass(frozen=True)
class DistrictNames:
    """The districts that are loaded, by name and code.

    Attributes
    ----------
    codes
        The 5-digit codes (행정안전부).
    by_name
        (short province, plain district name) to code.
    by_stat
        First five digits of the statistical office's codes to district code.
    """

    codes: frozenset[str]
    by_name: Mapping[tuple[str, str], str]
    by_stat: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, str]]) -> "DistrictNames":
        """Make it of (district, district_name, province, stat_dong) of every dong."""
        by_name: dict[tuple[str, str], str] = {}
        by_stat: dict[str, str] = {}
        for district, name, province, stat_dong in rows:
            by_name[_province_key(province), plain(name)] = district
            if len(stat_dong) >= 7:
                by_stat[stat_dong[:5]] = district
        return cls(frozenset(by_name.values()), by_name, by_stat)

    @cached_property
    def provinces(self) -> frozenset[str]:
        """Short names of the loaded provinces."""
        return frozenset(province for province, _ in self.by_name)

    def code(self, code: str) -> str:
        """Return the district of a code of 5 or more digits, '' where it is none that is loaded.

        The interior ministry's code wins where the statistical office uses the same digits for another district.
        """
        digits = code.split(".", maxsplit=1)[0].strip()
        if not digits.isdigit() or len(digits) < 5:
            return ""
        return digits[:5] if digits[:5] in self.codes else self.by_stat.get(digits[:5], "")

    def text(self, text: str) -> str:
        """Return the district a text begins with: a name (관악구, '중 구'), an office (광진구청) or an address.

        Returns
        -------
        Its code; '' where none is named or the name is of several; :data:`FOREIGN` where it is in a province that
        is not loaded.
        """
        tokens = _SPLIT_GU.sub(r"\1구", text.strip()).split()
        province = ""
        if tokens and (province_of(tokens[0]) or _province_key(tokens[0]) in self.provinces):
            province = _province_key(tokens[0])
            tokens = tokens[1:]
            if province not in self.provinces:
                return FOREIGN
        for take in (2, 1):
            name = plain("".join(tokens[:take]))
            found = {
                self.by_name[of, own]
                for of in ((province,) if province else self.provinces)
                for own in (name, name.removesuffix("청"))
                if (of, own) in self.by_name
            }
            if len(found) == 1:
                return found.pop()
        return ""


@dataclass(frozen=True)
class DongNames:
    """Dong by their codes and names."""

    by_code: Mapping[str, str]  # 10-digit, and the statistical office's, to 10-digit
    by_name: Mapping[tuple[str, str], str]  # (district, comparable name) to 10-digit
    district: Mapping[str, str]  # 10-digit to district
    successors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def code(self, code: str) -> tuple[str, ...]:
        """Return the 10-digit codes a code stands for: one, all successors of a split one, or none."""
        digits = code.split(".", maxsplit=1)[0].strip()
        if digits in self.by_code:
            return (self.by_code[digits],)
        after = [self.by_code[c] for c in self.successors.get(digits, ()) if c in self.by_code]
        return tuple(after) if len(after) == len(self.successors.get(digits, ())) else ()

    def text(self, district: str, text: str) -> tuple[str, ...]:
        """Return the 10-digit codes of the dong a text names in a district; none unless all of it resolves."""
        whole = self.by_name.get((district, dong_plain(text)))
        if whole:
            return (whole,)
        found = [self.by_name.get((district, dong_plain(name)), "") for name in split_dongs(text)]
        return tuple(dict.fromkeys(found)) if found and all(found) else ()
