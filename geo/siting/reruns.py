"""The same orders at other costs, beside a plan."""

from geo.plans import Plan, Rerun

LEVELS = ("low", "default", "high")


def rerun_of(level: str, other: Plan, plan: Plan) -> Rerun:
    """Return what a plan made at another level of cost comes to, beside the plan itself."""
    mine = {(site.layer, site.id) for site in plan.sites}
    return Rerun(
        level, other.total_krw, {layer.layer: len(layer.sites) for layer in other.layers}, dict(other.gained),
        other.after - other.before, max(layer.gap for layer in other.layers),
        len(mine & {(site.layer, site.id) for site in other.sites}),
    )  # fmt: skip
