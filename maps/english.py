"""Maps and reports in English: what is said in Korean, said in English by a book of phrases.

The files are composed once, in Korean, and their words exchanged at the end: figures, markup and data are the same in
both languages. ``assets/english.tsv`` holds a phrase a line. ``{}`` stands for anything, which is itself said in
English; ``{n}`` for a figure. What no phrase says stays as it is: names of districts, dong, facilities and addresses,
and the national grid's letters. Names of needs and layers are the catalog's (``name_en``).
"""

import html
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Literal

from markupsafe import Markup

from layers.catalog import Catalog
from maps.offline import asset
from maps.text import FLAG_NAMES

Lang = Literal["ko", "en"]
LANGS: tuple[Lang, ...] = ("ko", "en")
Say = Callable[[str], str]

_HANGUL = re.compile("[가-힣]")
_TAG = re.compile(r"(<[^>]*>)")
_READ_OUT = re.compile(r'(\b(?:aria-label|title)=")([^"]*)(")')
_FIGURE = r"(?:약 )?[-+−<]?[\d,.]*\d(?: ?%)?"
_APART = (" | ", " · ")
_SPAN = re.compile(r"[\d-]+ ~ [\d-]+")
_JOINTS = (". ", "; ", ": ", ", ", " → ", "·", " (", ") ", ")", "\u3000")
_IN_SCRIPT = re.compile(r"\bsay\('([^']+)'")
_JOINED = {"·": ", ", "\u3000": "  "}
_NAME_FROM, _NAME_TO = "\u2068", "\u2069"  # Unicode's isolates: what stands between them is a name
_NAMED = re.compile("\u2068([^\u2068\u2069]*)\u2069")
_PLACES = range(0xE000, 0xF8FF)  # letters of nobody's: one stands for a name while the words round it are said
_LONGEST = 400  # letters of what is searched for phrases; longer texts are nobody's words but a file's
_SKIPPED = frozenset({"texts", "grid_id", "names"})  # of the data: packed texts of files, and proper names
_NEAREST = "nearest"  # of the data: rows of layer, name and distance
_NAME = 'translate="no"'  # of the markup: what stands in it is a name
_WEEKDAYS = dict(zip("월화수목금토일", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))
_DAY = re.compile(r"\b(\d{4})\. (\d{1,2})\.(?: (\d{1,2})\.)?")
_YEAR = re.compile(r"\b((?:19|20)\d\d)년(?=$| ~)")
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d) \(([월화수목금토일])\) (\d\d:\d\d)")
_MONEY = re.compile(r"(?:([\d,]+)억)? ?(?:([\d,]+)만)?원|([\d,]+)원")


@cache
def phrasebook() -> Mapping[str, str]:
    """Return Korean to English, as ``assets/english.tsv`` has it; empty lines and those that begin with # are notes."""
    lines = [line for line in asset("english.tsv").splitlines() if line and not line.startswith("#")]
    return dict(line.split("\t") for line in lines)


def speaker(catalog: Catalog, lang: Lang) -> Say:
    """Return what says a text in the language: as it is in Korean."""
    if lang == "ko":
        return str
    kinds = (catalog.needs, catalog.layers, catalog.areas)
    names = {spec.name: spec.name_en for kind in kinds for spec in kind.values() if spec.name_en}

    @lru_cache(20_000)
    def say(text: str) -> str:
        return _around_names(text, say) if _NAME_FROM in text else _said(text, names, say)

    return say


def named(name: str) -> str:
    """Return a name as it is to stand in a sentence: apart, so that it is never said in English.

    :func:`markup_in` takes the marks away, in Korean too; in English only the words round a name are said.
    """
    bare = unmarked(name)
    return f"{_NAME_FROM}{bare}{_NAME_TO}" if bare else ""


def unmarked(text: str) -> str:
    """Return a text without the marks of :func:`named`."""
    return text.replace(_NAME_FROM, "").replace(_NAME_TO, "")


def _around_names(text: str, say: Say) -> str:
    names = _NAMED.findall(text)
    places = [chr(code) for code, _ in zip(_PLACES, names, strict=False)]
    for place in places:
        text = _NAMED.sub(place, text, count=1)
    said = say(unmarked(text))
    for place, name in zip(places, names, strict=True):
        said = said.replace(place, name, 1)
    return said


def _said(text: str, names: Mapping[str, str], say: Say) -> str:
    if len(text) > _LONGEST:
        return text
    text = _YEAR.sub(r"\1", _DAY.sub(_iso, text))
    if not _HANGUL.search(text):
        return text.replace(" ~ ", " to ") if _SPAN.fullmatch(text) else text
    plain = text.strip()
    if plain != text:
        return text.replace(plain, say(plain), 1)
    whole = names.get(text) or phrasebook().get(text) or _figures(text)
    apart = next((one for one in _APART if one in text), "")
    if not whole and apart:  # what is said side by side is no one phrase
        whole = apart.join(say(part) for part in text.split(apart))
    return whole or _phrase(text, say) or _in_parts(text, say) or _begun(text, names, say)


def _iso(day: re.Match[str]) -> str:
    """Return a Korean date as ISO: 2025-06-30, 2022-12."""
    return "-".join([day[1], *(part.zfill(2) for part in day.groups()[1:] if part)])


def _phrase(text: str, say: Say) -> str:
    """Return a phrase with its places filled, '' where none fits."""
    for pattern, english in _templates():
        match = pattern.fullmatch(text)
        if match:
            return english.format(*(say(part) for part in match.groups()))
    return ""


def _in_parts(text: str, say: Say) -> str:
    """Return a text whose parts are said one by one, '' where none of them can be."""
    for joint in (one for one in _JOINTS if one in text):
        parts = text.split(joint)
        said = [say(part) if len(part) > 1 else part for part in parts]  # a syllable alone may be of a name
        if said != parts:
            return _JOINED.get(joint, joint).join(said).replace(" , ", ", ")
    return ""


def _begun(text: str, names: Mapping[str, str], say: Say) -> str:
    """Return a name or phrase followed by figures or dates: ``보안등 87 m``; any other text as it is."""
    for at in (found.start() for found in re.finditer(" ", text)):
        first = names.get(text[:at]) or phrasebook().get(text[:at])
        if first and not _HANGUL.search(rest := say(text[at + 1 :])):
            return f"{first} {rest}"
    return text


def _figures(text: str) -> str:
    """Return money or a moment in English; '' where the text is neither."""
    when = _WHEN.fullmatch(text)
    if when:
        return f"{when[1]} ({_WEEKDAYS[when[2]]}) {when[3]}"
    money = _MONEY.fullmatch(text)
    if not money or not any(money.groups()):
        return ""
    eok, man, won = (int((part or "0").replace(",", "")) for part in money.groups())
    return krw(eok * 100_000_000 + man * 10_000 + won)


def krw(won: int) -> str:
    """Return won as ``KRW 520 million``; less than a million in won."""
    return f"KRW {won / 1e6:,.10g} million" if won >= 1_000_000 else f"KRW {won:,}"


@cache
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the phrases with places in them, the most particular first."""
    found = []
    for korean, english in phrasebook().items():
        if "{" in korean:
            parts = re.split(r"(\{n?\})", korean)
            pattern = "".join(
                "(.+?)" if part == "{}" else f"({_FIGURE})" if part == "{n}" else re.escape(part) for part in parts
            )
            found.append((len(re.sub(r"\{n?\}", "", korean)), korean.count("{n}"), pattern, english))
    found.sort(key=lambda one: (-one[0], -one[1]))
    return tuple((re.compile(pattern), english.replace("{n}", "{}")) for *_, pattern, english in found)


def page_words(lang: Lang) -> dict[str, dict[str, str]]:
    """Return the words a map's own scripts say, Korean to English; nothing in Korean."""
    if lang == "ko":
        return {}
    own = set(_IN_SCRIPT.findall("\n".join(asset(name) for name in ("popups.js", "app.js", "plan.js"))))
    return {"words": {korean: phrasebook()[korean] for korean in (*sorted(own), *FLAG_NAMES.values())}}


def markup_in(say: Say, markup: Markup) -> Markup:
    """Return markup with its texts, labels and titles said; tags and all else as they are."""
    if say is str:
        return markup.replace(_NAME_FROM, "").replace(_NAME_TO, "")
    pieces = _TAG.split(markup)
    for i, piece in enumerate(pieces):
        if not (_HANGUL.search(piece) or _DAY.search(piece) or _NAME_FROM in piece) or (
            i and not i % 2 and _NAME in pieces[i - 1]
        ):
            continue
        pieces[i] = (
            _READ_OUT.sub(lambda found: f"{found[1]}{_spoken(say, found[2])}{found[3]}", piece)
            if i % 2
            else _spoken(say, piece)
        )
    return Markup("".join(pieces))  # noqa: S704 - the same markup; every text in it is escaped again


def _spoken(say: Say, escaped: str) -> str:
    return str(Markup.escape(say(html.unescape(escaped))))


def data_in(say: Say, value: Any) -> Any:  # noqa: ANN401 - JSON values
    """Return the data of a page with its words said: keys, packed texts and names of places as they are."""
    if say is str:
        return value
    if isinstance(value, str):
        return say(value)
    if isinstance(value, list):
        return [data_in(say, one) for one in value]
    if isinstance(value, dict):
        kept = {key: one if key in _SKIPPED else data_in(say, one) for key, one in value.items()}
        if _NEAREST in kept:
            kept[_NEAREST] = [[say(layer), name, say(away)] for layer, name, away in value[_NEAREST]]
        return kept
    return value
