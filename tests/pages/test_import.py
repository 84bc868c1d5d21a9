"""The import page: files in, what was found in them, said otherwise, stored or thrown away; nothing before."""

import shutil
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe

from layers.catalog import load_catalog
from layers.store import open_store
from tests.api.conftest import SAMPLE
from tests.pages.conftest import DESK, HOSTILE, PHONE, served_from
from tests.pages.planner_page import SLOW_MS, drawing

pytestmark = pytest.mark.browser
CAMERAS = SAMPLE / "가상시_안심구_CCTV_20251130.csv"
BELLS = SAMPLE / "안전비상벨위치정보.csv"


class Office:
    """A service over a store of its own, that may be changed."""

    def __init__(self, served, path):
        self.served, self.path = served, path

    def rows(self, layer="cctv"):
        return len(open_store(str(self.path), load_catalog()).read(layer, columns=["key"]))

    def table(self, layer):
        return open_store(str(self.path), load_catalog()).read(layer)

    def version(self):
        return open_store(str(self.path), load_catalog()).version()


@pytest.fixture(scope="module")
def office(page_store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    path = folder / "own.gpkg"
    shutil.copyfile(page_store, path)
    with served_from(path, folder) as running:
        yield Office(running, path)


@pytest.fixture
def opened(visit, office):
    def open_(size=DESK, path="/import", **more):
        seen = visit(size, at=office.served, **more)
        seen.go(path)
        seen.page.wait_for_selector("#drop")
        return seen

    return open_


def lines_of(path):
    text = path.read_bytes()
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return text.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
    raise AssertionError(path)


def table(folder, name, lines):
    path = folder / name
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    return path


def defective(folder, name="카메라.csv", *, keep=None, wrong=2, agency_name=HOSTILE):
    """The sample's cameras: some with impossible coordinates, one twice, one far outside, with a hostile name."""
    header, *rows = lines_of(CAMERAS)
    rows = rows[:keep]
    lat = next(i for i, title in enumerate(header.split(",")) if "위도" in title)
    agency = next(i for i, title in enumerate(header.split(",")) if "관리기관명" in title)
    cells = [row.split(",") for row in rows]
    for i in range(wrong):
        cells[i][lat] = "99.9"
    cells[5][lat] = "35.1"  # Busan's latitude
    cells[5][agency] = f'"{agency_name}"'
    return table(folder, name, [header, *(",".join(row) for row in cells), rows[9]])


def put(seen, *paths):
    seen.page.set_input_files("#pick-files", [str(path) for path in paths])
    seen.page.wait_for_selector("#chosen")


def look(seen):
    seen.page.click("#look")
    seen.page.wait_for_selector("#summary", timeout=SLOW_MS)
    return seen.page


def look_again(seen):
    """Look again with what was said, and wait for the new report."""
    page = seen.page
    page.evaluate("document.getElementById('report').dataset.old = 1")
    page.click("#relook")
    page.wait_for_selector("#report:not([data-old])", timeout=SLOW_MS)
    return page


def discard(page):
    page.click("#discard")
    page.wait_for_selector("#drop")  # it is gone from the service, too


def test_defects_are_seen_on_map_and_in_table_then_stored(opened, office, tmp_path):
    before, version = office.rows(), office.version()
    seen = opened()
    put(seen, defective(tmp_path))
    page = look(seen)
    assert (office.rows(), office.version()) == (before, version)
    assert "아직 저장하지 않았습니다" in page.inner_text("#summary")
    row = page.inner_text("#files tbody tr")
    for words in ("CCTV", "utf-8", "EPSG:4326", "불가능한 좌표 2", "중복 3", "범위 밖 1"):
        assert words in row
    assert page.inner_text("#n-rejected") == "거절 4"  # three duplicates (two are the sample's own), one outside
    assert "2행은 좌표가 없어" in page.inner_text("#map-note")
    page.wait_for_selector("#rejected-rows")
    reasons = page.eval_on_selector_all("#rejected-rows tbody tr td:nth-child(2)", "all => all.map(e => e.innerText)")
    assert sorted(reasons) == sorted(["불가능한 좌표"] * 2 + ["중복"] * 3 + ["범위 밖"])
    assert HOSTILE in page.inner_text("#rejected-rows")
    assert page.locator("#main img:not(.leaflet-tile)").count() == 0
    with page.expect_download() as waiting:
        page.click("#csv")
    assert len(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()) == 7
    page.wait_for_selector("#map canvas", state="attached")
    both = drawing(page)
    page.click("[data-kind=accepted]")
    assert drawing(page) != both
    assert "관리기관명" in page.inner_text("#rejected-rows")  # column: value, not a line of commas
    inside = page.inner_text(".legend")
    assert "경계 안" in inside
    assert "경계 밖" in inside
    floor = page.evaluate("scrollTo(0, 9e9), document.querySelector('#map').getBoundingClientRect().bottom")
    assert floor <= page.evaluate("document.querySelector('#actions').getBoundingClientRect().top")
    page.click("#rejected-rows .to-map >> nth=0")  # the row is shown on the map, and marked
    page.wait_for_selector(".leaflet-popup .row-cells")
    assert page.locator("#rejected-rows tr.chosen").count() == 1
    page.click("#store")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    assert office.version() == version + 1
    assert office.rows() == before - 3
    changed = page.inner_text("#changed tbody tr")
    assert f"{before:,}" in changed
    assert "−3" in changed
    assert "안심구" in changed
    assert page.get_attribute("#changed td a", "href") == "/#d=99999"
    assert page.locator("#undo-ask").is_visible()  # the way back
    assert page.get_attribute("#to-planner", "href") == "/#d=99999"
    seen.quiet()


def test_cancelled_leaves_everything(opened, office, tmp_path):
    before, version = office.rows(), office.version()
    seen = opened()
    put(seen, defective(tmp_path, keep=600, wrong=1))
    page = look(seen)
    discard(page)
    assert page.locator("#chosen").count() == 0
    assert (office.rows(), office.version()) == (before, version)
    seen.quiet()


def test_what_must_be_overruled_is_said_and_ticked(opened, office, tmp_path):
    header, *rows = lines_of(CAMERAS)
    seen = opened()
    put(seen, table(tmp_path, "잘린.csv", [header, *rows[:50]]))
    page = look(seen)
    assert page.locator("#store").is_disabled()
    assert "많이 사라집니다" in page.inner_text("#actions")
    page.check("[data-overrule=confirm]")
    page.click("#store")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    assert office.rows() == 50
    # And back, by the file before: newer or as new, so nothing else to overrule.
    page.click("text=더 가져오기")
    put(seen, CAMERAS)
    look(seen)
    page.click("#store")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    assert office.rows() == 530
    seen.quiet()


def test_older_data_must_be_overruled(opened, office, tmp_path):
    header, *rows = lines_of(CAMERAS)
    old = [row.replace("2025-11-30", "2023-01-31") for row in rows]
    seen = opened()
    put(seen, table(tmp_path, "옛.csv", [header, *old]))
    page = look(seen)
    assert "오래된 자료" in page.inner_text("#actions")
    assert page.locator("#store").is_disabled()
    discard(page)
    seen.quiet()


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
    discard(page)
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


def test_a_wrong_file_says_what_to_do(opened, office, tmp_path):
    version = office.version()
    path = tmp_path / "그림.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    seen = opened()
    put(seen, path)
    seen.page.click("#look")
    seen.page.wait_for_selector("#summary", timeout=SLOW_MS)
    assert "자료 파일이 아닙니다" in seen.page.inner_text("#files")
    assert "저장할 것이 없습니다" in seen.page.inner_text("#why-not")
    assert seen.page.locator("#store").is_disabled()
    assert office.version() == version
    discard(seen.page)
    seen.quiet()


def test_archives_folders_and_dropping(opened, tmp_path):
    packed, folder = tmp_path / "묶음.zip", tmp_path / "폴더"
    folder.mkdir()
    one = table(folder, BELLS.name, lines_of(BELLS)[:-1])
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(one, one.name)
    seen = opened()
    seen.page.set_input_files("#pick-folder", str(folder))
    seen.page.wait_for_selector("#chosen")
    assert BELLS.name in seen.page.inner_text("#chosen")
    seen.page.evaluate(
        """([name, bytes]) => { const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name));
        const dropped = new DragEvent('drop', { bubbles: true, dataTransfer: transfer });
        document.getElementById('drop').dispatchEvent(dropped); }""",
        [packed.name, list(packed.read_bytes())],
    )
    seen.page.wait_for_selector(f"[data-name='{packed.name}']")
    page = look(seen)
    assert page.locator("#files tbody tr").count() == 2
    assert "같은 내용의 파일이 앞에 있습니다" in page.inner_text("#files")
    assert not page.locator("#store").is_disabled()
    discard(page)
    seen.quiet()


def test_limits_are_said_before_anything_is_sent(opened, tmp_path):
    seen = opened()
    assert "50개" in seen.page.inner_text("#drop")
    seen.page.evaluate(
        """() => { const transfer = new DataTransfer();
        for (let i = 0; i < 51; i++) transfer.items.add(new File(['a'], `${i}.csv`));
        const dropped = new DragEvent('drop', { bubbles: true, dataTransfer: transfer });
        document.getElementById('drop').dispatchEvent(dropped); }"""
    )
    seen.page.wait_for_selector("#chosen .problem")
    assert seen.page.locator("#look").is_disabled()
    assert not any(url.endswith("/v1/imports") and "POST" in url for url in seen.requests)
    seen.quiet()


def test_without_an_admins_key_it_asks_for_one(visit, office):
    seen = visit(DESK, at=office.served, staff=False)
    seen.go("/import")
    seen.page.wait_for_selector("#need-key")
    seen.page.click("#need-key button")
    seen.page.fill("#key-field", office.served.key)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector("#drop")
    seen.quiet()


@pytest.mark.parametrize(
    ("size", "dark", "lang"), [(DESK, False, "ko"), (DESK, True, "en"), (PHONE, False, "en"), (PHONE, True, "ko")]
)
def test_looks_and_access(opened, office, tmp_path, size, dark, lang):
    seen = opened(size, path="/import?lang=en" if lang == "en" else "/import", dark=dark)
    grave = _grave(seen.page)
    put(seen, defective(tmp_path, keep=500))
    page = look(seen)
    assert ("rejected" if lang == "en" else "거절") in page.inner_text("#summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert grave + _grave(page) == []
    discard(page)
    seen.quiet()


def _grave(page):
    found = Axe().run(page).response["violations"]
    return [
        (one["id"], [node["html"][:150] for node in one["nodes"]])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def test_by_keyboard_alone(opened, tmp_path):
    seen = opened()
    put(seen, defective(tmp_path, keep=500))
    page = seen.page
    assert page.evaluate("document.activeElement.id") == "look"
    page.keyboard.press("Enter")
    page.wait_for_selector("#summary", timeout=SLOW_MS)
    page.locator(".file-button").focus()
    page.keyboard.press("Enter")
    assert page.locator(".file-button[aria-pressed=true]").count() == 1
    page.locator(".to-map >> nth=0").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup")
    page.locator("#discard").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#drop")
    seen.quiet()


def test_what_was_stored_is_undone(opened, office, tmp_path):
    before = office.rows()
    seen = opened()
    put(seen, defective(tmp_path, keep=500))
    page = look(seen)
    page.click("#store")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    stored = office.rows()
    assert stored != before
    page.click("#undo-ask")
    page.wait_for_selector("#undo-list", timeout=SLOW_MS)
    assert page.locator("#done .button.primary").count() == 1  # the way on, and nothing beside it in its colour
    assert "행이 빠집니다" in page.inner_text("#undo-list")
    assert f"{before:,}행이 되살아납니다" in page.inner_text("#undo-list")  # all that stood before
    assert office.rows() == stored
    page.click("#undo-do")
    page.wait_for_selector("text=되돌렸습니다", timeout=SLOW_MS)
    assert office.rows() == before
    seen.quiet()


def test_another_tab_a_lost_network_and_another_key(opened, office, tmp_path):
    header, *rows = lines_of(BELLS)
    seen, version = opened(), office.version()
    page = seen.page
    put(seen, table(tmp_path, "안전비상벨_새.csv", [header, *rows, rows[0].replace("36.", "36.0", 1)]))
    seen.context.set_offline(True)
    page.click("#look")
    page.wait_for_selector(".problem")
    assert "저장된 것은 없습니다" in page.inner_text(".problem")
    seen.context.set_offline(False)
    look(seen)  # the files are still there
    # Meanwhile somebody else stores: what was seen no longer holds.
    other = opened()
    put(other, defective(tmp_path, "다른.csv", keep=510))
    look(other)
    other.page.click("#store")
    other.page.wait_for_selector("#done", timeout=SLOW_MS)
    assert office.version() == version + 1
    page.click("#store")
    page.wait_for_selector("#look-again", timeout=SLOW_MS)
    assert "저장소가 바뀌어" in page.inner_text("#progress")
    assert office.version() == version + 1
    page.evaluate("document.getElementById('report').dataset.old = 1")
    page.click("#look-again")
    page.wait_for_selector("#report:not([data-old])", timeout=SLOW_MS)
    # The service forgets the upload, and knows the key no more: the files and answers are still here.
    page.evaluate("sessionStorage.clear()")
    page.route(
        "**/v1/imports/*/confirm*",
        lambda route: route.continue_(headers={**route.request.headers, "authorization": "Bearer x"}),
    )
    page.click("#store")
    page.wait_for_selector("#other-key")
    page.unroute("**/v1/imports/*/confirm*")
    page.fill("#other-key", "wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#key-again [role=alert]:not([hidden])")
    page.fill("#other-key", office.served.key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#done", timeout=SLOW_MS)
    assert office.version() == version + 2
    said = [
        text for text in (*seen.said, *other.said) if not any(code in text for code in ("409", "401", "ERR_INTERNET"))
    ]
    assert said == []


def test_files_of_ground_without_boundaries_are_none_to_store(opened, tmp_path):
    header, *rows = lines_of(CAMERAS)
    lat = header.split(",").index("WGS84위도")
    elsewhere = [",".join([*row.split(",")[:lat], "35.1", *row.split(",")[lat + 1 :]]) for row in rows[:4]]
    seen = opened()
    put(seen, table(tmp_path, "다른구.csv", [header, *elsewhere]))
    page = look(seen)
    said = page.inner_text("#summary")
    assert "새로 저장할 파일이 없습니다 · 받을 행이 없는 파일 1개." in said
    assert "행정동 경계를 먼저" in said
    assert "저장하지 않음" in page.inner_text("#files tbody tr")
    assert page.is_disabled("#store")
    discard(page)
    seen.quiet()
