"""What is proved of a plan, in English."""

from math import isnan

from geo.plans import NOTHING_TO_GAIN, OPTIMAL, LayerPlan
from maps.plan_text import share_proved


def proof_in_english(layer: LayerPlan) -> str:
    """Return :func:`maps.plan_text.proof` in English."""
    if layer.measured is not None and layer.model == "target":
        return _target(layer)
    if layer.status == NOTHING_TO_GAIN:
        return "No candidate would add any cover: what they reach is reached already"
    if layer.status == OPTIMAL:
        return "The best plan of the model made of these data, reaches and weights (optimal, proved)"
    if isnan(layer.gap):
        return "Changed by hand: nothing is proved of how much better a plan could be"
    whole = " (all layers together)" if layer.model == "together" else ""
    share = share_proved(layer)
    return f"At least {share:.1f} % of the most the model made of these data, reaches and weights allows{whole}"


def _target(layer: LayerPlan) -> str:
    measured = layer.measured
    if measured is None:
        return ""
    sites = measured.unit == "곳"
    if layer.status == OPTIMAL:
        return f"The {'fewest sites' if sites else 'least money'} that reach the target in the model (optimal, proved)"
    least = f"{measured.bound:,.0f} {'sites' if sites else 'won'}"
    return f"Any plan of the model that reaches the target takes at least {least} (gap {layer.gap:.1%})"
