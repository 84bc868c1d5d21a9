"""What a process does for plans: works them out, tells those that are kept, writes and draws them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import orjson

from api.analysis_jobs import file_of
from api.district_memory import Job, catalog_of, input_of, snapshot_of
from api.plan_orders import check_bounds, job_like, orders_for, places_at
from api.plan_question import Bounds, Keeping, PlanAsked
from api.seal import seal
from api.wording import in_request_words
from geo.district import analyse, cover_of_district
from geo.frame import make_frame
from geo.plans import Plan
from geo.siting.built import with_plan
from geo.siting.model import Effort
from geo.siting.plan import Order
from geo.siting.planning import make_plan
from geo.siting.reruns import LEVELS, rerun_of
from geo.siting.steadiness import with_steadiness
from maps.district import district_map
from maps.english import Lang
from maps.plan_files import write_plan
from maps.plan_json import plan_json
from maps.plan_layer import plan_covers

Tell = Callable[..., None]


def plan(job: Job, asked: PlanAsked, bounds: Bounds, keeping: Keeping, *, tell: Tell) -> bytes:
    """Work a plan out, under the name it is to be kept by, and return it (``docs/api.md``)."""
    source, settings = input_of(job), job.settings
    orders = orders_for(job, asked.layers)
    check_bounds(orders, asked.years, asked.together_krw, bounds)

    def made(orders: Sequence[Order]) -> Plan:
        effort = Effort(
            seconds=asked.seconds, seed=asked.seed,
            progress=lambda what, value, bound: tell(what, finite(value), finite(bound)),
        )  # fmt: skip
        return make_plan(
            source, settings, orders, years=asked.years, data_version=snapshot_of(job).version, effort=effort,
            together_krw=asked.together_krw,
        )  # fmt: skip

    found = made(orders)
    if asked.draws:
        found = with_steadiness(
            source, settings, orders, found, draws=asked.draws, seed=asked.seed, places_at=places_at(job, asked.layers),
            progress=lambda done: tell("안정성", done, asked.draws),
        )  # fmt: skip
    if asked.cost_range:
        reruns = []
        for level in LEVELS:
            same = all(one.level == level for one in asked.layers)
            other = found if same else made(orders_for(job, [replace(one, level=level) for one in asked.layers]))
            reruns.append(rerun_of(level, other, found))
        found = replace(found, reruns=tuple(reruns))
    extra = {
        "within": ", ".join(dict.fromkeys(one.within for one in asked.layers)),
        "asked": {"layers": [one.as_dict() for one in asked.layers], "at": job.at, "who": job.who},
    }
    found = replace(found, name=keeping.name, made_at=keeping.now, extra=extra)
    return answer_of(job, found, keeping.secret)


def finite(value: float) -> float | None:
    """Return a number as JSON has it: None for what is none."""
    return float(value) if np.isfinite(value) else None


def answer_of(job: Job, found: Plan, secret: bytes, after: dict[str, str] | None = None) -> bytes:
    """Return a plan as it is handed out (``docs/api.md``); ``after``: packed covers once it is built."""
    source = input_of(job)
    if after is None:
        after = _covers(job, found)
    values = plan_json(found, catalog_of(job), version=snapshot_of(job).version, source=source)
    notes = [in_request_words(note) for note in values["notes"]]
    for layer in values["layers"]:
        layer["left_out"] = {in_request_words(why): count for why, count in layer["left_out"].items()}
    return orjson.dumps({"draft": seal(found, secret), **values, "notes": notes, "cover": after})


def _covers(job: Job, found: Plan) -> dict[str, str]:
    """Return the covers of the cells once a plan is built, packed."""
    built = with_plan(input_of(job), found)
    after = cover_of_district(built, make_frame(built, job.settings), job.settings)
    return plan_covers(found, after, job.settings.gap_threshold)


def told(job: Job, kept: Plan, secret: bytes, *, tell: Tell) -> bytes:
    """Return a plan that is kept, with the cover once it is built."""
    del tell
    return answer_of(job_like(job, kept), kept, secret)


def written(job: Job, kept: Plan, kind: str, lang: Lang = "ko", *, tell: Tell) -> bytes:
    """Return a plan as a file, its words in a language."""
    del tell
    return file_of(f".{kind}", lambda path: write_plan(kept, catalog_of(job), path, lang))


def drawn(
    job: Job,
    kept: Plan | None,
    own: bool,  # noqa: FBT001 - sent by position
    lang: Lang = "ko",
    *,
    tell: Tell,
) -> bytes:
    """Return the district's map for the office, of the settings asked for (``own``) or else of the plan's."""
    del tell
    if kept is not None and not own:
        job = job_like(job, kept)
    return district_map(analyse(input_of(job), job.settings), catalog_of(job), plan=kept, lang=lang).encode()
