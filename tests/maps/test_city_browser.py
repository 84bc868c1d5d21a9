"""The overview's file in a real Chromium with the network closed."""

import re
from dataclasses import replace

import pytest
import shapely

from layers.catalog import load_catalog
from layers.programmes import programmes
from maps.city.page import city_page
from tests.maps.city_factory import NAMES, city, city_with_one_unknown

pytestmark = pytest.mark.browser
CATALOG = load_catalog()
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}</script><b>"


@pytest.fixture
def opened(chromium, tmp_path):
    contexts = []

    def open_(one, edition="internal", width=1440, height=900, **more):
        file = tmp_path / f"index{len(contexts)}.html"
        file.write_text(city_page(one, CATALOG, edition, **more), encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("dialog", lambda dialog: (page.said.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: page.asked.append(request.url))
        page.set_default_timeout(120_000)  # a busy machine is no fault
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready]")
        contexts.append((context, page))
        return page

    yield open_
    for context, page in contexts:
        context.close()
        assert page.said == []
        assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def listed(page):
    return page.locator(".city-list tbody th button").all_inner_texts()


def test_it_ranks_what_may_be_ranked_and_says_what_was_left_out(opened):
    page = opened(city())
    assert listed(page) == ["바른구", "다온구", "가람구", "라온구", "나래구", "마루구"]
    assert page.locator(".city-list .rank").all_inner_texts() == ["1", "2", "3", "3", "5", "6"]
    said = page.inner_text(".city-said")
    assert "안심택배" in said
    assert "CCTV: 자료가 없거나 일부뿐인" in said
    assert page.inner_text("#city-list-h") == "안심택배 도달률 순위"  # one need is not called a combination
    assert "종합 순위가 아닙니다" in page.inner_text(".city-list .why")
    assert "내부용" in page.inner_text(".city-head")


def test_one_district_has_figures_and_no_rank(opened):
    for edition in ("internal", "public"):
        page = opened(replace(city(), rows=city().rows[:1]), edition)
        assert page.locator(".city-list, .rank, .city-map, .city-legend, table.all").count() == 0
        assert page.inner_text(".city-facts h3").startswith("가람구")
        assert "위입니다" not in page.inner_text("main")
        needs = page.locator(".one-needs").first.inner_text()
        assert ("대피처\t자료 없음" in needs) == (edition == "internal")
        chart = page.locator("svg.bars").first.bounding_box()
        assert chart["y"] < 900  # programmes are seen without scrolling
        page.click(".city-tools button[lang=en]")
        assert page.inner_text("h1 small") == "1 district"


@pytest.mark.parametrize("count", [2, 3])
def test_of_few_districts_the_worst_is_shown_beside_its_order(opened, count):
    page = opened(replace(city(), rows=city().rows[:count]))
    assert listed(page) == ["다온구", "가람구", "나래구"][3 - count :]
    worst = listed(page)[0]
    assert page.inner_text(".city-facts h3").startswith(worst)
    assert page.inner_text(".city-list tr.chosen th button") == worst
    column = page.locator(".city-grid > section").nth(1)
    assert column.locator(".city-facts").count() == 1


def test_what_no_district_has_is_said(opened):
    page = opened(city())
    said = page.inner_text(".city-said")
    assert "밝은 길, 안심이 연동 조명, 대피처, 순찰: 어느 구에도 자료가 없어" in said
    page.click(".city-tools button[lang=en]")
    assert "no data in any district" in page.inner_text(".city-said")


def test_a_measure_with_data_in_some_ranks_those_and_hatches_the_others(opened):
    page = opened(city())
    page.select_option("#city-measure", "need:watched")
    assert listed(page) == ["다온구", "가람구", "마루구"]
    assert page.locator(".city-list .rank").all_inner_texts() == ["1", "2", "–"]  # of the last only part is known
    assert "2개 구끼리만 매긴 순위" in page.inner_text(".city-list .why")
    assert "자료 없음 3, 일부 자료 1" in page.inner_text(".city-list .why")
    assert page.locator("#city-measure option:checked").inner_text() == "CCTV 도달률 (2개 구만)"
    assert "자료 없음, 순위 없음 (3곳) 나래구, 라온구, 바른구" in page.inner_text(".city-list .absent")
    page.locator(".absent button").first.click()
    assert page.inner_text(".city-now") == "나래구 자료 없음"
    fills = page.eval_on_selector_all(".city-shape", "all => all.map(one => one.getAttribute('fill'))")
    assert [fill == "url(#city-none)" for fill in fills] == [False, True, False, True, False, True]
    dotted = page.eval_on_selector_all(".city-part", "all => all.map(one => one.style.display !== 'none')")
    assert dotted == [False, False, False, False, True, False]
    assert page.locator(".city-name").nth(1).text_content().endswith("자료 없음")


def test_scores_on_different_needs_say_so_in_every_row(opened):
    page = opened(city())
    page.select_option("#city-measure", "combined")
    assert "구마다 자료가 있는 항목이 달라" in page.inner_text(".city-list .why")
    assert page.locator(".city-list tbody th small.on").all_inner_texts().count("CCTV, 안심택배") == 2


def test_a_district_is_chosen_in_the_list_or_on_the_map_and_leads_on(opened):
    page = opened(city(), maps={f"9910{i}": f"{name}-9910{i}.html" for i, name in enumerate(NAMES)})
    page.locator(".city-list tbody th button").nth(1).focus()
    page.keyboard.press("Enter")
    facts = page.inner_text(".city-facts")
    assert "다온구" in facts
    assert page.inner_text(".city-now") == "다온구 10.0 % · 6곳 가운데 2위"
    assert "3,600 가구" in facts
    assert page.locator(".city-facts a").first.get_attribute("href").endswith("-99102.html")
    page.locator(".city-shape").nth(0).click(position={"x": 40, "y": 40})
    assert "가람구" in page.inner_text(".city-facts h3")
    assert "약 800 가구" in page.inner_text(".city-facts")


def test_the_table_sorts_with_no_data_last_either_way(opened):
    page = opened(city())
    head = page.locator(".group:not(.off) thead button", has_text="CCTV")
    first = ".group:not(.off) tbody th"
    head.click()
    assert page.locator(first).all_inner_texts()[:3] == ["가람구", "마루구", "다온구"]
    head.click()
    assert page.locator(first).all_inner_texts()[:3] == ["다온구", "마루구", "가람구"]
    assert page.locator("table.all th[aria-sort=ascending]").count() == 1


def test_the_table_fits_a_group_of_columns_at_a_time(opened):
    page = opened(city())
    for group, heads in (("households", "미도달, 안심택배"), ("rate", "안심택배함"), ("data", "기준일, 처음")):
        page.check(f".segments input[value={group}]")
        shown = page.locator(".group:not(.off)")
        assert shown.count() == 1
        assert heads in shown.locator("thead").inner_text()
        assert shown.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert "자료 없음" in shown.inner_text()
    assert page.locator(".group:not(.off) tbody th").first.evaluate("one => getComputedStyle(one).position") == "sticky"


@pytest.mark.parametrize("width", [1440, 360])
def test_every_district_is_named_or_numbered(opened, width):
    """Slivers that no name fits in are numbered, and the list below says whose number it is; a tap says its figures."""
    thin = tuple(
        replace(one, boundary=shapely.box(950_000 + 60 * i, 1_950_000, 950_060 + 60 * i, 1_952_500))
        if i < 5 else replace(one, boundary=shapely.box(950_300, 1_950_000, 954_000, 1_952_500))
        for i, one in enumerate(city().rows)
    )  # fmt: skip
    page = opened(replace(city(), rows=thin), width=width)
    said = page.locator(".city-name").all_text_contents()
    numbered = [i for i, words in enumerate(said) if words.isdigit()]
    assert numbered
    assert [words for i, words in enumerate(said) if i not in numbered and NAMES[i][:2] not in words] == []
    key = page.locator(".city-key li")
    assert [f"{said[i]} {NAMES[i]}" for i in numbered] == [
        " ".join(words.split()[:2]) for words in key.all_inner_texts()
    ]
    key.first.locator("button").click()
    assert NAMES[numbered[0]] in page.inner_text(".city-now")


def test_no_names_lie_over_one_another(opened):
    for width in (1440, 360):
        page = opened(city(), width=width)
        assert all(page.locator(".city-name").all_text_contents())
        boxes = page.eval_on_selector_all(
            ".city-name",
            "all => all.filter(one => one.style.display !== 'none').map(one => { const b = one.getBoundingClientRect();"
            " return [b.left, b.top, b.right, b.bottom]; })",
        )
        assert len(boxes) == 6
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert not (a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1])
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_charts_are_one_a_unit_and_can_be_read_without_eyes(opened):
    page = opened(replace(city(), programmes=programmes("서울특별시")))
    cctv = page.locator("article.programme", has=page.locator("h3", has_text=re.compile("^안심 CCTV$")))
    assert cctv.locator("figcaption").all_inner_texts() == [
        "설치 (대)", "대상지 (곳)", "예산과 집행 (백만원)", "지금 있는 것의 설치연도 (대)",
    ]  # fmt: skip
    years = cctv.locator("svg.bars").first.locator(".year").all_text_contents()
    assert years == ["2023", "2024", "2025"]
    said = cctv.locator("svg.bars desc").first.text_content()
    assert "2025: 목표 1,796, 실적 2,629" in said
    assert "2024: 목표 2,437, 실적 발표 없음" in said
    assert "설치연도를 아는 것 43 / 58대, 모르는 것 15대" in cctv.inner_text()
    assert cctv.locator(".lone").inner_text().split("\n")[-4:] == [
        "목표",
        "106 곳",
        "실적",
        "발표 없음",
    ]  # no one-bar chart
    assert "주요업무보고 2024-04 (2023~2024년 값)" in cctv.inner_text()
    cctv.locator("summary").first.click()
    assert "2,629" in cctv.locator("details table").first.inner_text()
    for chart in page.locator("svg.bars").all():
        assert chart.locator("title").first.text_content()


def test_both_languages(opened):
    page = opened(city())
    page.select_option("#city-measure", "households")
    page.click(".city-tools button[lang=en]")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Ranking: Single-person households" in page.inner_text("body")
    assert page.input_value("#city-measure") == "households"
    words = page.inner_text("main")
    assert not re.search(r"\{\w+\}", words)
    page.click(".city-tools button[lang=ko]")
    assert "1인가구 순위" in page.inner_text("body")


def test_the_public_edition_compares_households_and_facilities_only(opened):
    page = opened(city(), "public")
    options = page.locator("#city-measure option").all_inner_texts()
    assert options == [
        "1인가구", "1인가구 밀도", "1인가구 1,000가구당 CCTV (2개 구만)", "1인가구 1,000가구당 안심택배함",
    ]  # fmt: skip
    assert "공개용에는 도달률과 틈새가 없습니다" in page.inner_text("main")
    assert "6개 동" in page.inner_text("main")


@pytest.mark.parametrize("edition", ["internal", "public"])
def test_hostile_names_are_shown_and_never_run(opened, edition):
    rows = tuple(replace(one, name=f"{HOSTILE}{i}", headings=(HOSTILE,)) for i, one in enumerate(city().rows))
    page = opened(replace(city(), name=HOSTILE, rows=rows), edition, maps={"99100": f"{HOSTILE}.html"})
    page.locator(".city-list tbody th button").first.click()
    assert HOSTILE in page.inner_text("body")
    assert page.locator("img").count() == 0


def test_a_district_without_an_analysis_is_hatched_and_says_why(opened):
    page = opened(city_with_one_unknown())
    page.locator(".city-shape").nth(5).click(position={"x": 40, "y": 40})
    assert "분석하지 못함: 1인가구 자료가 없습니다" in page.inner_text(".city-facts")
    assert page.locator(".city-shape").nth(5).get_attribute("fill") == "url(#city-none)"


def test_it_prints(opened):
    page = opened(replace(city(), programmes=programmes("서울특별시")))
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True))
    assert 2 <= len(pages) <= 6
