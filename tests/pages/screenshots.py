"""Pictures of every page for the README: `make screenshots`. Each is to be looked at before it is kept."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.pages.conftest import DESK, PHONE, ROOT, SAMPLE, Visit, browsing, import_sample, served_from
from tests.pages.import_page import defective

OUT = ROOT / "docs" / "img"
MOST_BYTES = 300_000
PLACE = {"longitude": 125.5985, "latitude": 36.8935}  # in the middle of the sample
SIZES = {"desk": DESK, "phone": PHONE}
_WAIT_MS = 60_000


def planner(page):
    """Show the district with its gaps."""
    page.wait_for_selector("html[data-view]", timeout=_WAIT_MS)


def plan(page):
    """Plan 100 million won of cameras against the worst gap."""
    planner(page)
    page.click("tr[data-gap='0'] .button")
    page.fill("#money-cctv", "1억")
    page.click("#run")
    page.wait_for_selector("#plan-summary", timeout=_WAIT_MS)


def importing(page):
    """Hand over files of the sample, one with defects, and look at the report; nothing is stored."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = [defective(Path(folder), agency_name="가상시 안심구청")]
        chosen += [file for kind in ("보안등", "비상벨") for file in sorted(SAMPLE.glob(f"*{kind}*.csv"))]
        page.wait_for_selector("#drop")
        page.set_input_files("#pick-files", [str(file) for file in chosen])
        page.click("#look")
        page.wait_for_selector("#summary", timeout=_WAIT_MS)
        page.click(".file-button:has-text('카메라')")
        page.wait_for_selector("#rejected-rows")


def near(page):
    """Look at what is near the middle of the sample."""
    page.wait_for_selector("#near:not([hidden]) .layer", timeout=_WAIT_MS)


def city(page):
    """Wait until the districts are drawn."""
    page.wait_for_timeout(2_000)
    page.wait_for_selector("progress, [role=progressbar]", state="detached", timeout=_WAIT_MS)
    page.wait_for_timeout(1_000)


SHOTS = {
    "planner": ("/", planner),
    "plan": ("/", plan),
    "import": ("/import", importing),
    "near": ("/near", near),
    "city": ("/city", city),
}


# A page of paper at 150 dots an inch: A4 is 210 x 297 mm, and 96 CSS pixels are an inch.
PAPER = {"width": 794, "height": 1123}
PRINT_SCALE = 150 / 96
PRINTED = {"report": (".page.district", "ko"), "sheet": (".page.site-sheet", "ko"),
           "report-en": (".page.district", "en"), "sheet-en": (".page.site-sheet", "en")}  # fmt: skip
BUDGET = ("sites", "안심구", "--budget", "cctv=200000000", "--name", "카메라", "--seconds", "20")


def printed(chromium, store, folder, wanted):
    """Take the report and a survey sheet of a plan, each language, as they print."""
    run(*BUDGET, "--store", store)
    for lang in sorted({PRINTED[name][1] for name in wanted}):
        file = folder / f"report-{lang}.html"
        run("report", "안심구", "--plan", "카메라", "--sheets", "--lang", lang, "--out", file, "--store", store)
        page = chromium.new_page(viewport=PAPER, device_scale_factor=PRINT_SCALE, offline=True)
        page.emulate_media(media="print")
        page.goto(file.as_uri())
        for name in wanted:
            what, its = PRINTED[name]
            if its == lang:
                _keep(name, page.locator(what).first.screenshot())
        page.close()


def run(*arguments):
    """Run the command; what it says is shown where it fails. Raises CalledProcessError."""
    command = [sys.executable, "-m", "cli", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def main(only=()):
    """Take the pictures (all, or those named)."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store = import_sample(Path(folder) / "s.gpkg")
        with served_from(store, Path(folder)) as served, browsing() as chromium:
            for name, (path, show) in SHOTS.items():
                for size, pixels in SIZES.items():
                    if not only or name in only:
                        _take(chromium, served, f"{name}-{size}", path, show, pixels)
            wanted = [name for name in PRINTED if not only or name in only]
            if wanted:
                printed(chromium, store, Path(folder), wanted)


def _take(chromium, served, name, path, show, size):
    window = Visit(chromium, served, size, permissions=["geolocation"], geolocation=PLACE)
    try:
        page = window.go(path)
        show(page)
        page.wait_for_timeout(800)
        content = _small(page.screenshot())
        window.quiet()
    finally:
        window.context.close()
    _keep(name, content, packed=True)


def _keep(name, content, *, packed=False):
    content = content if packed else _small(content)
    (OUT / f"{name}.png").write_bytes(content)
    print(f"docs/img/{name}.png  {len(content) / 1000:.0f} kB")


def _small(content):
    """Return the picture packed, with 256 colours where it is too large else. Raises SystemExit where it still is."""
    with Image.open(io.BytesIO(content)) as image:
        colours = image.convert("RGB")
    for one in (colours, colours.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)):
        packed = io.BytesIO()
        one.save(packed, "PNG", optimize=True)
        if packed.tell() <= MOST_BYTES:
            return packed.getvalue()
    raise SystemExit(f"{packed.tell():,} bytes: more than {MOST_BYTES:,}")


if __name__ == "__main__":
    main(sys.argv[1:])
