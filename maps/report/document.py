"""The report as one HTML file that prints as it is: a page a district, and where asked a sheet a site."""

from pathlib import Path

from markupsafe import Markup

from geo.errors import BadSettingError
from geo.model import DistrictResult
from geo.plans import Plan
from layers.catalog import Catalog
from maps.english import Lang, markup_in, speaker
from maps.files import replacing
from maps.legend import Html
from maps.offline import asset
from maps.plan_layer import check_plan
from maps.report.district_sheet import district_sheet
from maps.report.site_sheet import site_sheets

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def report(
    result: DistrictResult,
    catalog: Catalog,
    *,
    printed: str,
    plan: Plan | None = None,
    sheets: bool = False,
    lang: Lang = "ko",
) -> str:
    """Return the report: one complete HTML text, without scripts, every section one A4 page.

    Parameters
    ----------
    printed
        The day it is made, as it is to be read (``2026-11-26``).
    plan
        Drawn and summed up on the district's page.
    sheets
        One 현장조사표 a site of the plan after it.
    lang
        ``ko``, or ``en``: every word in English; names of places stay.

    Raises
    ------
    BadSettingError
        The plan is of another district or of several, or sheets are asked for without a plan or of one without sites.
    """
    if plan is not None:
        check_plan(plan, result)
        if plan.districts:
            raise BadSettingError(
                f"계획 '{plan.name}'은(는) {plan.district_name}을(를) 함께 본 것이라 한 구의 보고서에 넣지 않습니다",
                f"지도로 보십시오: ansim map {result.source.name} --plan {plan.name}",
            )
    if sheets and (plan is None or not plan.sites):
        raise BadSettingError(
            "현장조사표는 계획의 자리마다 만듭니다: 자리가 있는 계획이 없습니다",
            "ansim sites … --name 이름 으로 계획을 저장한 뒤 --plan 이름 을 주십시오",
        )
    say = speaker(catalog, lang)
    pages = district_sheet(result, catalog, plan, printed, say)
    if sheets and plan is not None:
        pages += markup_in(say, site_sheets(result, catalog, plan, printed))
    made_up = f"[{say('가상 자료')}] " if result.source.made_up else ""
    title = f"{made_up}{result.source.name} {say('안심 보고서')} ({say('내부용')})"
    html = Html(
        '<!DOCTYPE html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{}">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{}</title>\n<style>{}</style>\n</head>\n"
        "<body>\n<main>{}</main>\n</body>\n</html>\n"
    ).format(lang, POLICY, title, Markup(asset("report.css")), pages)  # noqa: S704 - our own style sheet
    return html.encode("utf-8", "replace").decode("utf-8")


def write_report(
    result: DistrictResult,
    catalog: Catalog,
    path: Path,
    *,
    printed: str,
    plan: Plan | None = None,
    sheets: bool = False,
    lang: Lang = "ko",
) -> None:
    """Write :func:`report` to a file, UTF-8, replacing it whole. Raises OutputError, BadSettingError."""
    html = report(result, catalog, printed=printed, plan=plan, sheets=sheets, lang=lang)
    with replacing(path) as beside:
        beside.write_bytes(html.encode("utf-8"))
