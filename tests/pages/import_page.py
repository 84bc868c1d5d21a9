"""What tests of the import page have in common: an office of its own, files with faults, looked at, thrown away."""

from layers.catalog import load_catalog
from layers.store import open_store
from tests.api.conftest import SAMPLE
from tests.pages.conftest import HOSTILE
from tests.pages.planner_page import SLOW_MS

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
