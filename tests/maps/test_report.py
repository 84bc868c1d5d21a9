"""The report: figures are the result's, every section is one A4 page, names cannot break out."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from geo.crs import to_lonlat
from geo.errors import BadSettingError
from geo.grid import cell_names
from geo.model import DemandKind, SourceFile
from geo.plans import Known, LayerPlan, Plan, Site
from layers.catalog import load_catalog
from maps.report.document import report, write_report
from maps.report.drawing import Frame
from maps.report.room import MAP_LEAST_MM, MAP_MOST_MM, room_for
from maps.report.room import Words as PageWords
from maps.report.site_picture import HALF_M, dresses, half_m, neighbours, reaches
from tests.maps.factory import Words, district_result
from tests.maps.factory_changes import empty_result

CATALOG = load_catalog()
DAY = "2026-11-26"
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}</script></style><b>\u2028'\""


def site(result, i, layer="cctv", **more):
    gap = result.gaps[i % len(result.gaps)]
    x, y = gap.x + 7 * i, gap.y
    grid = cell_names(np.array([x]), np.array([y]), 10)[0]
    near = Known("cctv:a1", "가람로 3 앞", "가람로 3", 42.0)
    values = {
        "rank": i + 1, "layer": layer, "id": f"grid:{i}", "kind": "새 자리", "name": "", "flags": "", "x": x, "y": y,
        "grid_id": grid, "dong": "9999900001", "dong_name": result.source.dong_names[gap.dong], "once_krw": 22e6,
        "year_krw": 0.0, "total_krw": 22e6, "gained": {"watched": 31.25}, "score": 9.5, "nearest": near,
    }  # fmt: skip
    return Site(**(values | more))


def plan_of(result, count=3, layers=("cctv",), **more):
    bought = tuple(
        LayerPlan(
            layer=layer, name=CATALOG.layers[layer].name, objective=("watched",), candidates=900, left_out={},
            budget_krw=1e8, count=None, before=10.0, after=20.0, bound=20.5, gap=0.05, status="bounded",
            bound_from="dual", seconds=1.0, cut_short=False, gained={"watched": 93.75},
            sites=tuple(site(result, i, layer) for i in range(count)),
        )
        for layer in layers
    )  # fmt: skip
    values = {
        "district": result.source.code, "district_name": result.source.name, "at": "", "who": "", "years": 5,
        "data_version": 1, "data_dates": {}, "need_names": {"watched": "CCTV"}, "weights": {}, "settings": {},
        "households": 100.0, "before": 10.0, "after": 20.0, "gained": {"watched": 93.75}, "seconds": 1.0,
        "layers": bought, "name": "가을 계획",
    }  # fmt: skip
    return Plan(**(values | more))


@pytest.fixture(scope="module")
def result():
    return district_result(facilities=3000)


def test_the_figures_are_the_results(result):
    html = report(result, CATALOG, printed=DAY)
    combined = next(row for row in result.needs if row.id == "combined")
    assert f"{result.households:,.0f} <small>가구" in html
    assert f"{combined.uncovered_households:,.0f} <small>가구" in html
    assert f"<dd>{len(result.gaps)} <small>" in html
    assert html.count('<section class="page') == 1
    for gap in result.gaps[:10]:
        assert gap.grid_id in html
        assert f'<td class="n">{gap.uncovered_households:,.0f}</td>' in html
    assert result.gaps[10].grid_id not in html.split('<table class="gaps">')[1]
    for words in ("내부용", "2026. 11. 26.", "범죄 감소 효과가 아님", "자료 없음", "2022. 8. 31."):
        assert words in html


def test_it_loads_nothing_and_runs_nothing(result):
    html = report(result, CATALOG, printed=DAY, plan=plan_of(result), sheets=True)
    assert "<script" not in html
    assert not re.search(r"(src|href)=|@import|url\(h", html)
    assert "default-src &#39;none&#39;" in html
    assert report(result, CATALOG, printed=DAY, plan=plan_of(result), sheets=True) == html


def test_households_known_by_dong_only_pretend_to_nothing_finer():
    guess = district_result(facilities=500, demand=DemandKind.DONG)
    html = report(guess, CATALOG, printed=DAY)
    assert f"약 {round(guess.gaps[0].uncovered_households, -1):,.0f}" in html
    assert "가구 수는 동 단위 추정" in html


def test_a_district_without_a_gap_says_why():
    html = report(empty_result(), CATALOG, printed=DAY)
    assert "틈새구역이 없습니다" in html
    assert ">0 %<" not in html


def test_a_sheet_says_where_its_site_is(result):
    plan = plan_of(result, 2)
    html = report(result, CATALOG, printed=DAY, plan=plan, sheets=True)
    sheets = html.split('<section class="page site-sheet">')[1:]
    assert len(sheets) == 2
    for number, (sheet, one) in enumerate(zip(sheets, plan.sites, strict=True), start=1):
        lon, lat = to_lonlat(np.array([one.x]), np.array([one.y]))
        assert f"{number}번 CCTV" in sheet
        assert one.grid_id in sheet
        assert f"{lat[0]:.6f} N, {lon[0]:.6f} E" in sheet
        assert "가람로 3 (42 m)" in sheet
        for check in ("전주·지주", "전원·통신", "시야", "통행", "주민 의견", "(서명)", "31.2가구"):
            assert check in sheet
    assert "가을 계획" in html.split('<section class="page site-sheet">')[0]
    assert "모형 최대치의 95.0 % 이상" in html


@pytest.mark.parametrize(
    ("layer", "check"), [("locker", "24시간 열림"), ("safe_house", "점주 동의"), ("security_light", "창에 빛이 듦")]
)
def test_what_is_checked_depends_on_what_is_built(result, layer, check):
    html = report(result, CATALOG, printed=DAY, plan=plan_of(result, 1, (layer,)), sheets=True)
    assert check in html


def test_neighbours_are_the_nearest_and_on_their_side(result):
    one = site(result, 0)
    near = neighbours(result, CATALOG, one, 300.0)
    points = [(layer.x, layer.y) for layer in result.source.layers if layer.layer != "patrol_zone"]
    away = np.concatenate([np.hypot(x - one.x, y - one.y) for x, y in points])
    assert len(near) == int((away <= 300).sum())
    assert [n.distance_m for n in near] == sorted(n.distance_m for n in near)
    for n in near:
        east, north = n.x - one.x, n.y - one.y
        if n.side == "북":
            assert north > abs(east)
        if n.side == "남서":
            assert east < 0 > north


def test_layers_of_one_shape_are_told_apart_without_colour():
    """No two layers that a sheet may list look the same on black-and-white paper."""
    dress = dresses(CATALOG)
    looks = [(CATALOG.layers[name].shape, dress[name]) for name in dress]
    supplying = [pair for name, pair in zip(dress, looks, strict=True) if CATALOG.layers[name].supplies]
    assert len(set(supplying)) == len(supplying)
    assert dress["cctv"] != dress["emergency_bell"]


def test_a_sheet_shows_all_of_a_full_reach_and_says_what_lies_outside(result):
    far = SimpleNamespace(need=SimpleNamespace(id="parcel", full_m=154.0, none_m=385.0))
    result = replace(result, source=replace(result.source, supplies=(*result.source.supplies, far)))
    locker = site(result, 0, "locker", gained={"parcel": 30.0})
    assert half_m(result, site(result, 0)) == HALF_M
    full, none = reaches(result, locker)
    assert full < half_m(result, locker) < none
    text = report(result, CATALOG, printed=DAY, plan=plan_of(result, layers=("locker",)), sheets=True)
    assert "는 그림 밖)" not in text  # of cameras all is seen
    bought = plan_of(result, layers=("locker",))
    bought = replace(
        bought,
        layers=(replace(bought.layers[0], sites=(locker,)),),
        need_names={"parcel": "안심택배", "watched": "CCTV"},
    )
    assert f"(끝나는 {none:.0f} m는 그림 밖)" in report(result, CATALOG, printed=DAY, plan=bought, sheets=True)


def test_names_that_are_phrases_stay_and_no_mark_is_left(result):
    """A plan and a facility called as words of the book, in both languages."""
    called = plan_of(result, name="계획")
    spot = site(result, 0, name="순찰", kind="상점", nearest=Known("cctv:a1", "없음", "자리", 42.0))
    called = replace(called, layers=(replace(called.layers[0], sites=(spot,)),))
    english = report(result, CATALOG, printed=DAY, plan=called, sheets=True, lang="en")
    korean = report(result, CATALOG, printed=DAY, plan=called, sheets=True)
    assert "site survey no. 1 · Plan 계획<" in english
    assert "shop 순찰" in english
    assert "<dd>자리 (42 m)</dd>" in english
    assert "현장조사표 1번 · 계획 계획<" in korean
    assert not set("\u2068\u2069") & set(english + korean)


def test_refusals(result):
    with pytest.raises(BadSettingError, match="현장조사표"):
        report(result, CATALOG, printed=DAY, sheets=True)
    with pytest.raises(BadSettingError, match="현장조사표"):
        report(result, CATALOG, printed=DAY, plan=plan_of(result, 0), sheets=True)
    with pytest.raises(BadSettingError, match="다른구"):
        report(result, CATALOG, printed=DAY, plan=plan_of(result, district="11111", district_name="다른구"))


def test_a_frame_puts_places_where_they_are():
    frame = Frame((1000.0, 2000.0, 1500.0, 2250.0), 100.0)
    assert frame.height_mm == 50.0
    assert frame.mm(1000.0, 2250.0) == (0.0, 0.0)
    assert frame.mm(1250.0, 2125.0) == (50.0, 25.0)
    first = frame.room(50, 25, 10, 4, must=False)
    assert first == (50, 25)
    second = frame.room(50, 25, 10, 4, must=False)
    assert second is not None
    assert abs(second[0] - 50) >= 10 or abs(second[1] - 25) >= 4
    assert frame.room(2000, 25, 10, 4, must=False) is None


# ---------------------------------------------------------------- on paper
@pytest.fixture
def printed(chromium, tmp_path):
    pages = []

    def print_(html):
        file = tmp_path / "보고서.html"
        file.write_text(html, encoding="utf-8")
        page = chromium.new_page(viewport={"width": 900, "height": 1200}, offline=True)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("dialog", lambda dialog: (page.said.append("dialog"), dialog.dismiss()))
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield print_
    for page in pages:
        assert page.said == []
        page.close()


_CUT = """() => { const cut = [];
  for (const page of document.querySelectorAll('.page')) {
    if (page.scrollHeight > page.clientHeight + 1 || page.scrollWidth > page.clientWidth + 1) cut.push('page');
    const foot = page.querySelector('footer').getBoundingClientRect().top;
    for (const part of page.children) {
      const low = part.getBoundingClientRect().bottom;
      if (part.tagName !== 'FOOTER' && low > foot + 1) cut.push(part.className || part.tagName);
      if (!['plan', 'banner', 'basis'].includes(part.className)) continue;
      for (const one of [part, ...part.querySelectorAll('p, ul')]) {
        if (one.scrollHeight > one.clientHeight + 1) cut.push(`${part.className} words`);
      }
    }
  }
  return cut; }"""


def sheets_of_paper(page):
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert set(re.findall(rb"/MediaBox\s*\[\s*0 0 (\d+)", pdf)) <= {b"594", b"595"}
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.browser
@pytest.mark.parametrize("sites", [0, 4])
def test_every_section_is_exactly_one_page(printed, result, sites):
    notes = tuple(f"기준일 상이: 자료 기준일이 {i}년 벌어집니다" for i in range(6))
    full = replace(result, headings=notes)
    plan = plan_of(full, sites, ("cctv", "locker", "security_light")) if sites else None
    html = report(full, CATALOG, printed=DAY, plan=plan, sheets=bool(sites))
    page = printed(html)
    assert page.evaluate(_CUT) == []
    assert sheets_of_paper(page) == 1 + 3 * sites == html.count('<section class="page')


def crowded(result, headings=6, files=3, count=2):
    """Return a district with much to say and a plan of all that can be built."""
    notes = tuple(f"기준일 상이: {i}번째 자료와 첫 자료의 기준일이 {i + 2}년 벌어져 있습니다" for i in range(headings))
    names = [f"아주 긴 이름의 서울특별시 행정동 경계 자료 {i}.geojson" for i in range(files)]
    read = tuple(SourceFile("dong", name, "", "2026-11-21") for name in names)
    full = replace(result, headings=notes, source=replace(result.source, files=read))
    return full, plan_of(full, count, ("cctv", "locker", "security_light", "smart_light", "streetlight", "safe_house"))


@pytest.mark.browser
@pytest.mark.parametrize(("headings", "files"), [(2, 1), (12, 1), (2, 40), (14, 40)])
def test_much_is_one_page_and_what_is_left_out_is_counted(printed, result, headings, files):
    full, plan = crowded(result, headings, files)
    html = report(full, CATALOG, printed=DAY, plan=plan)
    page = printed(html)
    assert page.evaluate(_CUT) == []
    assert sheets_of_paper(page) == 1
    shown = page.locator(".banner span").all_inner_texts()
    rest = re.search(r"그 밖의 알림 ([\d,]+)건", page.inner_text(".banner"))
    assert len(shown) - bool(rest) + (int(rest[1]) if rest else 0) == headings
    layers = page.locator(".plan li").count()
    rest = re.search(r"그 밖 (\d+)가지 시설", page.inner_text(".plan"))
    assert layers + (int(rest[1]) if rest else 0) == 6
    sources = page.inner_text(".basis p:last-child").split(" · ")
    rest = re.search(r"그 밖 (\d+)건", sources[-1])
    assert len(sources) - bool(rest) + (int(rest[1]) if rest else 0) == len(full.source.data_dates) + files
    assert page.locator(".gaps tbody tr").count() == 10


def test_the_map_gives_way_before_words_do():
    few = PageWords(["가"], ["나"], ["다"], "라", gaps=10, needs=6, natural_mm=130.0)
    more = replace(few, headings=["기준일 상이: 두 해"] * 8, layers=["CCTV 4곳, 1억원 5년"] * 4)
    first, second = room_for(few), room_for(more)
    assert (second.headings, second.layers, second.sources) == (8, 4, 1)
    assert MAP_LEAST_MM <= second.map_mm < first.map_mm <= MAP_MOST_MM
    packed = replace(more, sources=["아주 긴 이름의 자료 (기준일 없음)"] * 60)
    assert room_for(packed).sources < 60
    assert room_for(packed).map_mm >= MAP_LEAST_MM


@pytest.mark.browser
def test_an_empty_district_and_endless_names_are_one_page_too(printed, result):
    endless = "가" * 300
    source = replace(result.source, name=endless, dong_names=(endless,) * len(result.source.dong_names))
    for one in (empty_result(), replace(result, source=source)):
        page = printed(report(one, CATALOG, printed=DAY))
        assert page.evaluate(_CUT) == []
        assert sheets_of_paper(page) == 1


@pytest.mark.browser
def test_hostile_text_is_shown_and_never_run(printed):
    words = Words(district=HOSTILE, who=HOSTILE, headings=(HOSTILE,), notes=(HOSTILE,), spoil=HOSTILE)
    spoilt = district_result(words=words, facilities=300)
    plan = plan_of(spoilt, 1, name=HOSTILE)
    bad = replace(
        plan.layers[0].sites[0],
        kind=HOSTILE,
        name=HOSTILE,
        flags=HOSTILE,
        nearest=Known(HOSTILE, HOSTILE, HOSTILE, 3.0),
    )
    plan = replace(plan, layers=(replace(plan.layers[0], name=HOSTILE, sites=(bad,)),), need_names={"watched": HOSTILE})
    page = printed(report(spoilt, CATALOG, printed=DAY, plan=plan, sheets=True))
    assert "<img src=x" in page.inner_text("body")
    assert page.locator("img, script").count() == 0
    assert sheets_of_paper(page) == 2


@pytest.mark.browser
def test_numbers_of_gaps_lie_beside_one_another(printed, result):
    page = printed(report(result, CATALOG, printed=DAY, plan=plan_of(result, 6)))
    boxes = page.eval_on_selector_all(
        ".district .badge rect, .district .badge circle",
        "all => all.map(one => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })",
    )
    assert len(boxes) == 16
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert min(a[2], b[2]) - max(a[0], b[0]) < 2 or min(a[3], b[3]) - max(a[1], b[1]) < 2


def test_it_is_written_whole(result, tmp_path):
    write_report(result, CATALOG, tmp_path / "a.html", printed=DAY)
    assert Path(tmp_path / "a.html").read_text(encoding="utf-8").endswith("</html>\n")
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]
