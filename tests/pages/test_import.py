"""The import page: files in, what was found in them, stored or thrown away and undone; nothing before."""

import zipfile
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.conftest import DESK, HOSTILE, PHONE
from tests.pages.import_page import (
    BELLS,
    CAMERAS,
    defective,
    discard,
    lines_of,
    look,
    put,
    table,
)
from tests.pages.planner_page import SLOW_MS, drawing

pytestmark = pytest.mark.browser


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
    # The service swept the upload meanwhile: the button says so, and the rows stay.
    swept = f"""path => fetch(path, {{ method: 'DELETE', headers: {{ authorization: 'Bearer {office.served.key}' }} }})
        .then(answer => answer.status)"""
    held = next(urlsplit(url).path for url in seen.requests if url.endswith("/points"))
    assert page.evaluate(swept, held.removesuffix("/points")) == 204
    for _ in range(2):
        page.click("#csv")
        page.wait_for_selector("#rows .problem")
        assert page.locator("#rows .problem").count() == 1
    assert "기다리는 가져오기가 없습니다" in page.inner_text("#rows .problem")
    assert page.locator("#rejected-rows tbody tr").count() > 0
    discard(page)
    assert page.locator("#chosen").count() == 0
    assert (office.rows(), office.version()) == (before, version)
    seen.quiet("404")


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
