"""Files in English: every word is said, and nothing but proper names stays Korean."""

import html
import json
import re

import pytest

from geo.model import DemandKind
from layers.catalog import load_catalog
from maps.city.page import city_page
from maps.district import district_map
from maps.english import data_in, krw, markup_in, phrasebook, speaker
from maps.legend import Html
from maps.offline import asset
from maps.report.document import report
from tests.maps.city_factory import NAMES, city
from tests.maps.factory import district_result
from tests.maps.test_report import DAY, plan_of

CATALOG = load_catalog()
HANGUL = re.compile("[가-힣]")
GRID_ID = re.compile(r"[가-힣]{2} \d{3,4} \d{3,4}")


@pytest.fixture(scope="module")
def say():
    return speaker(CATALOG, "en")


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("5억 2,000만원", "KRW 520 million"),
        ("9,800원", "KRW 9,800"),
        ("0원", "KRW 0"),
        ("2021년 ~ 2022년", "2021 to 2022"),
        ("자료 기준일 2022. 9. ~ 2022. 12. (기준일 모름 2개 포함)", "Data of 2022-09 to 2022-12 (and 2 undated)"),
        ("기준일 상이: 자료 기준일이 2021. 4.부터 2025. 12.까지입니다", "Dates differ: data are of 2021-04 to 2025-12"),
        ("2022. 9. 28. (수) 23:00 (수요일 23시 기본값)", "2022-09-28 (Wed) 23:00 (default: Wednesday 23:00)"),
        ("약 1,230가구 (동 단위 추정)", "about 1,230 households (estimated by dong)"),
        ("보안등 87 m, CCTV 1.2 km", "Security lights 87 m, CCTV 1.2 km"),
        ("CCTV 도달도", "CCTV: cover"),
        ("일부 자료·판단 제외", "partial data, not scored"),
        ("예산 1억원, 서로 50 m 이상", "budget KRW 100 million, 50 m or more apart"),
        ("신림동 · 국가지점번호 다사 468 423", "신림동 · national grid 다사 468 423"),
        (
            "7개 항목 가운데 2개만 자료가 있습니다: 종합은 CCTV만 본 것입니다",
            "Only 2 of 7 needs have data: combined cover rests on CCTV alone",
        ),
        ("동쪽 가게", "동쪽 가게"),
        ("<img src=x onerror=alert(1)>{}${0}", "<img src=x onerror=alert(1)>{}${0}"),
    ],
)  # fmt: skip
def test_a_text_is_said(say, korean, english):
    assert say(korean) == english


def test_phrases_have_the_same_places_in_both_languages():
    for korean, english in phrasebook().items():
        assert not HANGUL.search(english), korean
        assert len(re.findall(r"\{n?\}", korean)) == len(re.findall(r"\{[n0-9]?\}", english)), korean


def test_markup_stays_markup_and_names_stay_text(say):
    hostile = "<b onclick=x>5곳</b>"
    made = markup_in(say, Html('<p title="{}" class="5곳">{} <i>{}</i></p>').format("면적", hostile, "없음"))
    assert made == f'<p title="Area" class="5곳">{html.escape(hostile)} <i>none</i></p>'
    assert data_in(say, {"texts": ["없음"], "a": ["없음", 3, None]}) == {"texts": ["없음"], "a": ["none", 3, None]}
    assert krw(1_500_000) == "KRW 1.5 million"


def left_in(text, names):
    """Return the texts of a file (markup and data) that have Hangul beside proper names."""
    data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
    found = list(strings(json.loads(data[1]))) if data else []
    text = re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.DOTALL)
    found += [html.unescape(one) for one in re.split(r"<[^>]*>", text)]
    found += [html.unescape(one) for one in re.findall(r'(?:aria-label|title|alt)="([^"]*)"', text)]
    left = set()
    for one in found:
        bare = GRID_ID.sub("", one)
        for name in names:
            bare = bare.replace(name, "")
        if HANGUL.search(bare):
            left.add(one)
    return left


def strings(value):
    """Yield the texts of JSON values, packed texts of files and names of places left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in {"texts", "grid_id", "names", "words"}:
                yield from strings(one)


def proper_names(result):
    """Return the made-up world's names, longest first; one layer and a note are the user's own, without English."""
    own = [text for layer in result.source.layers for text in (*layer.names, *layer.addresses)]
    own += [
        *result.source.dong_names,
        result.source.name,
        "1인가구지원센터",
        "가을 계획",
        "가람로 3",
        *result.source.notes,
    ]
    return sorted({one for one in own if one}, key=len, reverse=True)


@pytest.mark.parametrize("demand", [DemandKind.GRID, DemandKind.DONG])
def test_no_hangul_but_proper_names_is_left(demand):
    result = district_result(facilities=400, demand=demand)
    names, plan = proper_names(result), plan_of(result, 2, ("cctv", "locker", "security_light", "safe_house"))
    files = (
        district_map(result, CATALOG, lang="en"),
        district_map(result, CATALOG, edition="public", lang="en"),
        report(result, CATALOG, printed=DAY, plan=plan, sheets=True, lang="en"),
    )
    for made in files:
        assert '<html lang="en">' in made
        assert left_in(made, names) == set()


def test_korean_is_as_it_was_and_carries_no_english():
    result = district_result(facilities=100)
    assert district_map(result, CATALOG, lang="ko") == district_map(result, CATALOG)
    assert '"words"' not in district_map(result, CATALOG).split('id="data">')[1][:200_000]


def test_what_the_scripts_say_is_in_the_book():
    for name in ("popups.js", "app.js", "plan.js"):
        source = "\n".join(line for line in asset(name).splitlines() if not line.lstrip().startswith("//"))
        bare = re.sub(r"\bsay\('[^']*'|spoken\['[^']*'\]", "", source)
        assert not HANGUL.search(bare), name
        for said in re.findall(r"\bsay\('([^']*)'", source):
            assert said in phrasebook()


def test_the_city_says_in_english_what_the_analysis_said():
    made = city_page(city(), CATALOG, lang="en")
    data = json.loads(re.search(r'id="data">(.*?)</script>', made, re.DOTALL)[1])
    assert '<html lang="en">' in made
    assert re.search("<title>가상시 Ansim Map \\(Internal\\)</title>", made)
    assert data["lang"] == "en"
    assert data["english"]["대"] == "devices"
    for one in data["districts"]:
        assert one["name"] in NAMES
    said = [data["at"], *(one["reason"] for one in data["districts"])]
    said += [one["held"]["unit"] for one in data["programmes"] if one["held"]]
    assert all(not HANGUL.search(data["english"].get(one, one)) for one in said)
