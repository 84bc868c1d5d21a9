"""How plans read: the proof in words, money, and what a result rests on."""

from math import isnan

from geo.plans import EDITED, NOTHING_TO_GAIN, OPTIMAL, LayerPlan, Plan
from maps.text import number

STATUS_NAMES = {
    OPTIMAL: "최적",
    "bounded": "상한으로 증명",
    NOTHING_TO_GAIN: "얻을 것이 없음",
    EDITED: "손으로 고침",
}
NOT_ADDED = "늘어나는 가구는 필요마다 따로 세며 서로 더하지 않습니다"


def proof(layer: LayerPlan) -> str:
    """Return how good the plan of a layer is known to be, in one sentence."""
    if layer.status == NOTHING_TO_GAIN:
        return "어느 후보지도 도달도를 더 늘리지 못합니다 (후보가 닿는 곳은 이미 닿아 있음)"
    if layer.status == OPTIMAL:
        return "이 자료·도달거리·가중치로 계산한 모형에서 가장 좋은 계획입니다 (최적, 증명됨)"
    if isnan(layer.gap):
        return "손으로 고친 계획이라, 더 나은 계획이 있을 여지는 증명되지 않았습니다"
    return f"이 자료·도달거리·가중치로 계산한 모형 최대치의 {_share(layer):.1f} % 이상입니다"


def proof_in_english(layer: LayerPlan) -> str:
    """Return :func:`proof` in English."""
    if layer.status == NOTHING_TO_GAIN:
        return "No candidate would add any cover: what they reach is reached already"
    if layer.status == OPTIMAL:
        return "The best plan of the model made of these data, reaches and weights (optimal, proved)"
    if isnan(layer.gap):
        return "Changed by hand: nothing is proved of how much better a plan could be"
    return f"At least {_share(layer):.1f} % of the most the model made of these data, reaches and weights allows"


def _share(layer: LayerPlan) -> float:
    """Return the share of the possible gain, per cent, rounded down: a proof may not claim more than was proved."""
    return int((1 - layer.gap) * 1000) / 10


def money(krw: float) -> str:
    """Return won as ``5억 2,000만 원``, to the nearest 만; less than that in won."""
    if 0 < abs(krw) < 10_000:
        return f"{krw:,.0f}원"
    eok, man = divmod(round(krw / 10_000), 10_000)
    parts = [f"{eok:,}억"] if eok else []
    parts += [f"{man:,}만"] if man else []
    return " ".join(parts) + "원" if parts else "0원"


def limit_words(layer: LayerPlan) -> str:
    """Return what the layer's plan had to keep within."""
    parts = [] if layer.budget_krw is None else [f"예산 {money(layer.budget_krw)}"]
    parts += [] if layer.count is None else [f"{layer.count:,}곳까지"]
    parts += layer.limits
    return ", ".join(parts)


def gained_words(plan: Plan, layer: LayerPlan) -> str:
    """Return the households gained, need by need."""
    return ", ".join(f"{plan.need_names[need]} +{number(gain)}가구" for need, gain in layer.gained.items())
