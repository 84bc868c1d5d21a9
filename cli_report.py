"""``ansim report``: a district on one A4 page, and a survey sheet for each site of a plan."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli_options import (
    AtOption,
    CatalogOption,
    LangOption,
    NeedOption,
    PartialOption,
    StabilityOption,
    StoreOption,
    WhoOption,
    lang_of,
    needs_of,
)
from cli_plans import plan_to_draw
from cli_words import say
from geo.errors import BadSettingError
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.store import open_stored

if TYPE_CHECKING:
    from geo.model import DistrictResult

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
_PDF_S = 120
# Chromium will not start for root with its sandbox; the page is ours, loads nothing and runs no script.
_ROOT = ("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()
Analyse = Callable[..., "DistrictResult"]


def add_report(app: typer.Typer, analyse: Analyse) -> None:
    """Give the program this command; ``analyse`` makes a district's result, as for the other commands."""

    @app.command()
    def report(  # noqa: PLR0917 - the options of the command
        district: Annotated[str, typer.Argument(metavar="자치구", help="이름(관악구) 또는 코드(11620)")],
        out: Annotated[Path, typer.Option(help="보고서 파일: .html (.pdf는 크롬·엣지가 있는 컴퓨터에서만)")],
        plan: Annotated[str | None, typer.Option(help="넣을 계획의 이름 (ansim plans list)")] = None,
        sheets: Annotated[bool, typer.Option("--sheets", help="계획의 자리마다 현장조사표를 덧붙이기")] = False,
        at: AtOption = None,
        need: NeedOption = None,
        who: WhoOption = "",
        include_partial: PartialOption = False,
        stability: StabilityOption = 0,
        lang: LangOption = "ko",
        store: StoreOption = "ansim.gpkg",
        catalog: CatalogOption = None,
    ) -> None:
        """자치구 보고서(A4 한 장)와 현장조사표를 만듭니다. 브라우저에서 열어 인쇄합니다."""
        from geo.model import Settings  # noqa: PLC0415 - each command loads what it needs
        from maps.report.document import write_report  # noqa: PLC0415

        browser, language = _target(out), lang_of(lang)
        known = load_catalog(catalog or ())
        opened = open_stored(store, known)
        settings = Settings(needs=needs_of(need, known), include_partial=include_partial)
        drawn = None if plan is None else plan_to_draw(opened, plan, settings, at, who)
        if drawn is not None:
            settings, at, who = drawn.own_settings, drawn.at, drawn.who
        result = analyse(opened, known, district, settings, at=at, who=who, draws=stability)
        today = f"{datetime.now(SEOUL):%Y-%m-%d}"
        if browser is None:
            write_report(result, known, out, printed=today, plan=drawn, sheets=sheets, lang=language)
        else:
            with tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as folder:
                page = Path(folder) / "report.html"
                write_report(result, known, page, printed=today, plan=drawn, sheets=sheets, lang=language)
                _print(browser, page, out)
        pages = 1 + (len(drawn.sites) if sheets and drawn else 0)
        say(Console(), f"보고서: {out} (A4 {pages:,}쪽)")


def _target(out: Path) -> str | None:
    """Return the browser that makes the pdf asked for, None for an HTML file. Raises for what cannot be made."""
    kind = out.suffix.lower()
    if kind in {".html", ".htm"}:
        return None
    if kind != ".pdf":
        raise BadSettingError(f"{out}: 보고서는 .html 파일입니다", "예: --out 관악구-보고서.html (브라우저에서 인쇄)")
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise BadSettingError(
            "이 컴퓨터에 PDF를 만들 크롬이나 엣지가 없습니다",
            "--out을 .html로 하고 브라우저에서 'PDF로 저장'으로 인쇄하십시오",
        )
    return found


def _print(browser: str, page: Path, out: Path) -> None:
    from maps.files import OutputError, replacing  # noqa: PLC0415

    with replacing(out) as beside:
        command = [
            browser, "--headless", *_ROOT, "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            f"--user-data-dir={page.parent / 'profile'}", f"--print-to-pdf={beside}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_PDF_S)  # noqa: S603 - no text of a user's
        except (OSError, subprocess.SubprocessError) as error:
            raise OutputError(
                f"{out}: 브라우저가 PDF를 만들지 못했습니다", "--out을 .html로 하고 브라우저에서 인쇄하십시오"
            ) from error
        if not beside.is_file():
            raise OutputError(f"{out}: 브라우저가 PDF를 만들지 못했습니다", "--out을 .html로 하십시오")
