"""The report of a district, made in a process beside."""

from collections.abc import Callable

from api.district_memory import Job, catalog_of, input_of
from geo.district import analyse
from layers.kept_plans import find_plan
from layers.store import open_store
from maps.report.document import report

Tell = Callable[[int, int], None]


def report_html(job: Job, plan: str, sheets: bool, printed: str, *, tell: Tell) -> bytes:  # noqa: FBT001 - sent by pipe
    """Return the report as HTML. ``plan``: the name of a kept one, '' for none. Raises UnknownPlanError."""
    catalog = catalog_of(job)
    drawn = find_plan(open_store(job.store, catalog), plan) if plan else None
    tell(0, 2)
    result = analyse(input_of(job), job.settings)
    tell(1, 2)
    return report(result, catalog, printed=printed, plan=drawn, sheets=sheets).encode()
