"""A plan changed by hand, counted again where the district is remembered."""

from dataclasses import replace
from typing import Any

import orjson

from api.district_memory import Job, Last, catalog_of, input_of, snapshot_of
from api.edit_question import EditAsked, LayerEdit
from api.errors import BadParameterError, BadPositionError
from api.plan_jobs import Tell, answer_of, finite
from api.plan_orders import job_like, key_of, orders_for
from api.plan_question import Keeping, LayerAsked
from api.seal import unseal
from geo.errors import AnsimError
from geo.model import Places
from geo.plans import Plan
from geo.siting.describing import dong_of
from geo.siting.editing import Against, Base, Edited, edited
from geo.siting.plan import Order
from geo.siting.tally import Tally
from layers.hand_sites import hand_places, offers_of_places, offers_of_sites
from maps.plan_layer import plan_covers

_tallies: Last[Any, Tally] = Last(4)


def evaluate(job: Job, asked: EditAsked, keeping: Keeping, *, tell: Tell) -> bytes:
    """Count a plan again whose sites were changed by hand."""
    del tell
    draft = unseal(asked.draft, keeping.secret) if asked.draft else None
    if draft is not None and draft.district != job.district:
        raise BadParameterError("다른 자치구의 계획입니다", f"{draft.district_name}의 주소로 보내십시오")
    job, years = _job(job, draft, asked), asked.years
    if years is None:
        years = draft.years if draft else 5
    source = input_of(job)
    base = None if draft is None else Base(draft, _orders_of(job, draft))
    wanted = [_places(job, one, draft, base) for one in asked.layers]
    for places in wanted:
        if places.x.size and (dong_of(source, places.x, places.y) < 0).any():
            raise BadPositionError("자치구 밖의 자리가 있습니다", f"{source.name} 안에 두십시오")
    tally = _tallies.get(key_of(job), lambda: Tally(source, job.settings))
    found = edited(tally, wanted, years=years, data_version=snapshot_of(job).version, base=base)
    made = replace(found.plan, made_at=keeping.now)
    told = orjson.loads(
        answer_of(job, made, keeping.secret, plan_covers(made, found.after, job.settings.gap_threshold))
    )
    return orjson.dumps(_with_edits(told, found, asked))


def _job(job: Job, draft: Plan | None, asked: EditAsked) -> Job:
    """Return the question with the settings that are given, or those of the plan that was changed."""
    if asked.asking is not None:
        return replace(job, settings=asked.asking.settings, at=asked.asking.at, who=asked.asking.who)
    return job if draft is None else job_like(job, draft)


def _orders_of(job: Job, draft: Plan) -> dict[str, Order]:
    """Return the orders a plan was made of, by layer; none where they are not known or can no longer be made."""
    asked = draft.extra.get("asked")
    if asked is None:
        return {}
    layers = [LayerAsked.from_dict(one) for one in asked["layers"]]
    try:
        # The candidates are those of the plan's own settings, whatever is asked now.
        orders = orders_for(job_like(job, draft), layers)
    except AnsimError:
        return {}
    return {one.wish.layer: order for one, order in zip(layers, orders, strict=True)}


def _places(job: Job, one: LayerEdit, draft: Plan | None, base: Base | None) -> Places:
    spec = catalog_of(job).layers[one.layer]
    order = base.orders.get(one.layer) if base else None
    known = offers_of_places(order.places) if order else {}
    if draft is not None:
        known |= offers_of_sites([site for site in draft.sites if site.layer == one.layer])
    needs = order.places.needs if order else ()
    if spec.id == "smart_light" and not needs and all(s.id.startswith("security_light:") for s in one.sites):
        needs = tuple(need for need in spec.supplies if need != "lit")  # replacing lights nothing that was dark
    sites = [site.hand for site in one.sites]
    return hand_places(spec, sites, known, snapshot_of(job), needs=needs, cost=one.cost, level=one.level)


def _with_edits(told: dict[str, Any], found: Edited, asked: EditAsked) -> dict[str, Any]:
    """Return the answer with what only an edited plan has: keys, what each site alone is worth, the bound beside."""
    number = 0
    for k, layer in enumerate(told["layers"]):
        layer["against"] = _against(found.against[k])
        for given, lost in zip(found.given[k].tolist(), found.loses[k].tolist(), strict=True):
            told["sites"][number] |= {"key": asked.layers[k].sites[given].key, "given": given, "loses": lost}
            number += 1
    return told


def _against(one: Against | None) -> dict[str, Any] | None:
    if one is None:
        return None
    values = {"bound": one.bound, "below": finite(one.below), "share": finite(one.share), "valid": one.valid}
    return values | {"why": None if one.valid else {"ko": one.why[0], "en": one.why[1]}}
