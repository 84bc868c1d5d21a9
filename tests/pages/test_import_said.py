"""The import page: what is said of single files: what they are, of when, and that they stay out."""

import pytest

from tests.pages.import_page import BELLS, discard, lines_of, look, look_again, put, table
from tests.pages.planner_page import SLOW_MS

pytestmark = pytest.mark.browser


@pytest.fixture
def unclear(tmp_path):
    """Three files that cannot be told: of no name, with a name that hints (and a date in it), and a broken archive."""
    header, *rows = lines_of(BELLS)
    titles = header.split(",")
    lat, lon = (next(i for i, title in enumerate(titles) if word in title) for word in ("위도", "경도"))
    bare = [f"{row.split(',')[lat]},{row.split(',')[lon]}" for row in rows[:40]]
    broken = tmp_path / "깨짐.zip"
    broken.write_bytes(b"PK\x03\x04" + bytes(60))
    named = table(tmp_path, "관악구_파출소_2025년 12월.csv", ["위도,경도,대수", *(f"{line},2" for line in bare)])
    return table(tmp_path, "지점.csv", ["위도,경도", *bare]), named, broken


def ask_of(path):
    return f".ask[data-key='{path.name}']"


def test_all_that_is_open_is_asked_at_once_and_remembered(opened, unclear):
    nameless, named, broken = unclear
    seen = opened()
    put(seen, *unclear, BELLS)
    page = look(seen)  # what can be read is there, beside all that is asked
    assert "안전비상벨" in page.inner_text("#files")
    asked = page.eval_on_selector_all(".ask", "all => all.map(e => e.dataset.key)")
    assert asked == [broken.name, named.name, nameless.name]
    assert page.evaluate("document.activeElement.closest('.ask') !== null")
    assert "--layer" not in page.inner_text("#main")
    assert "대수" in page.inner_text(f"{ask_of(named)} .sample")
    assert page.locator("#store").is_disabled()
    # The name of one suggests its layer: said so, and nothing until it is looked at again.
    assert page.input_value(f"{ask_of(named)} select") == "police_box"
    assert "파일 이름으로 짐작" in page.inner_text(ask_of(named))
    assert page.locator(f"{ask_of(nameless)} .guess").is_hidden()
    page.select_option(f"{ask_of(nameless)} select >> nth=0", "escort_post")
    page.click("#again")  # the answer is remembered, the guess is a guess again
    assert page.locator(".said").count() == 1
    look(seen)
    assert page.eval_on_selector_all(".ask", "all => all.map(e => e.dataset.key)") == [broken.name, named.name]
    assert page.input_value(f"{ask_of(named)} select") == "police_box"
    assert page.locator("#store").is_disabled()
    discard(page)
    seen.quiet()


def test_answers_guesses_dates_and_files_set_aside_are_stored_as_seen(opened, office, unclear):
    nameless, named, broken = unclear
    seen, before, version = opened(), office.rows("escort_post"), office.version()
    put(seen, *unclear)
    page = look(seen)
    page.select_option(f"{ask_of(nameless)} select >> nth=0", "escort_post")
    page.check(f"[data-aside='{broken.name}']")
    assert "다시 본 다음" in page.inner_text("#why-not")
    look_again(seen)
    assert page.locator(".ask").count() == 0
    told = page.inner_text("#files")
    assert "안심귀가스카우트" in told  # only that one file was said to be something
    assert "빼 둔 파일입니다" in told
    # The rows of the other have no date; its name has one, which counts where it is ticked.
    page.check(f"[data-date='{named.name}']")
    assert page.locator("#store").is_disabled()
    look_again(seen)
    assert "기준일 2025. 12." in page.inner_text("#files")
    assert office.version() == version
    page.click("#store")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    assert office.rows("escort_post") == before + 40
    assert set(office.table("police_box").query("dataset.str.startswith('own_')")["data_date"]) == {"2025-12"}
    # Again, and the date is known to have been stated: the same as stored, and why it cannot be stored.
    page.click("text=더 가져오기")
    put(seen, named)
    look(seen)
    look_again(seen)
    assert "이미 저장된 것과 같습니다" in page.inner_text("#summary")
    assert "저장할 것이 없습니다" in page.inner_text("#why-not")
    assert page.locator("#store").is_disabled()
    # It stands ticked; taken away, and looked at again, there is no date, and that can be stored.
    tick = f"[data-date='{named.name}']"
    assert page.is_checked(tick)
    page.uncheck(tick)
    page.check(tick)
    assert page.locator("#relook").is_hidden()  # as it was looked at
    page.uncheck(tick)
    look_again(seen)
    assert "기준일 2025. 12." not in page.inner_text("#files")
    assert not page.is_checked(tick)
    page.click("#store")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    assert set(office.table("police_box").query("dataset.str.startswith('own_')")["data_date"]) == {""}
    seen.quiet()


def test_columns_are_asked_for_by_their_names(opened, tmp_path):
    seen = opened()
    put(seen, table(tmp_path, "곳.csv", ["가로값,세로값,비고", "125.6000,36.8900,ㄱ", "125.6010,36.8910,ㄴ"]))
    page = seen.page
    page.click("#look")
    page.wait_for_selector(".ask", timeout=SLOW_MS)
    page.select_option(".ask select >> nth=0", "emergency_bell")
    page.locator(".ask").get_by_label("위도 열").select_option("세로값")
    page.locator(".ask").get_by_label("경도 열").select_option("가로값")
    look_again(seen)
    assert "안전비상벨" in page.inner_text("#files")
    discard(page)
    seen.quiet()
