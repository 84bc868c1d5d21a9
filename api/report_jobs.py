"""The report of a district, made in a process beside."""

from collections.abc import Callable

from api.district_memory import Job, catalog_of, input_of
from api.plan_orders import job_like
from geo.district import analyse
from geo.plans import Plan
from maps.english import Lang
from maps.report.document import report

Tell = Callable[[int, int], None]


def report_html(
    job: Job,
    kept: Plan | None,
    own: bool,  # noqa: FBT001 - sent by position
    sheets: bool,  # noqa: FBT001
    printed: str,
    lang: Lang = "ko",
    *,
    tell: Tell,
) -> bytes:
    """Return the report as HTML: of the settings asked for (``own``), or else of the plan's. Raises BadSettingError."""
    del tell
    if kept is not None and not own:
        job = job_like(job, kept)
    result = analyse(input_of(job), job.settings)
    return report(result, catalog_of(job), printed=printed, plan=kept, sheets=sheets, lang=lang).encode()
