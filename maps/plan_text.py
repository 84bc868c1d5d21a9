"""How plans read: the proof in words, money, and what a result rests on."""

from math import isnan

from geo.plans import EDITED, NOTHING_TO_GAIN, OPTIMAL, GapChange, LayerPlan, Measured, Plan, Site
from maps.text import number, percent

STATUS_NAMES = {
    OPTIMAL: "최적",
    "bounded": "상한으로 증명",
    NOTHING_TO_GAIN: "얻을 것이 없음",
    EDITED: "손으로 고침",
}
_NOTHING = {
    "cover": "어느 후보지도 도달도를 더 늘리지 못합니다 (후보가 닿는 곳은 이미 닿아 있음)",
    "moves": "어떤 시설을 옮겨도 도달도가 더 늘지 않습니다 (지금 자리가 이 모형에서 가장 좋음, 증명됨)",
    "twice": "어느 후보지도 한 번이나 두 번 닿는 가구를 더 늘리지 못합니다 (증명됨)",
    "capacity": "어느 후보지도 수용량 안에서 닿는 가구를 더 늘리지 못합니다 (증명됨)",
}
UNSTABLE = 0.6  # a site that holds in fewer draws is marked 불안정 (domain.md 4)
LEVEL_NAMES = {"low": "낮은 단가", "default": "기본 단가", "high": "높은 단가"}
_BARS = "▁▂▃▄▅▆▇█"
NO_GAP = "틈새 아님"  # of a gap area once the plan is built
NOT_ADDED = "늘어나는 가구는 필요마다 따로 세며 서로 더하지 않습니다"


def proof(layer: LayerPlan) -> str:
    """Return how good the plan of a layer is known to be, in one sentence."""
    if layer.measured is not None and layer.model == "target":
        return _target_proof(layer, layer.measured)
    if layer.status == NOTHING_TO_GAIN:
        return _NOTHING.get(layer.model, _NOTHING["cover"])
    if layer.status == OPTIMAL:
        return "이 자료·도달거리·가중치로 계산한 모형에서 가장 좋은 계획입니다 (최적, 증명됨)"
    if isnan(layer.gap):
        return "손으로 고친 계획이라, 더 나은 계획이 있을 여지는 증명되지 않았습니다"
    share = share_proved(layer)
    whole = " (모든 층을 함께 본 값)" if layer.model == "together" else ""
    return f"이 자료·도달거리·가중치로 계산한 모형 최대치의 {share:.1f} % 이상입니다{whole}"


def share_proved(layer: LayerPlan) -> float:
    """Return the share of the possible gain, per cent, rounded down: a proof may not claim more than was proved."""
    return share_of(layer.gap)


def share_of(gap: float) -> float:
    """Return the share that a gap leaves proved, per cent, rounded down."""
    return int((1 - gap) * 1000) / 10


def bound_words(layer: LayerPlan) -> list[str]:
    """Return the bound of the combined score and the gap, or that nothing is proved."""
    return ["상한 없음"] if isnan(layer.bound) else [f"상한 {layer.bound:,.1f}", f"차이 {layer.gap:.2%}"]


def share_words(plan: Plan) -> str:
    """Return the share of the possible gain that every layer has at least, '-' where nothing is proved of one."""
    gaps = [layer.gap for layer in plan.layers]
    return "-" if any(isnan(gap) for gap in gaps) else f"{share_of(max(gaps, default=0.0)):.1f}%"


def _target_proof(layer: LayerPlan, measured: Measured) -> str:
    if not layer.sites:
        return "이미 목표에 닿아 있어 새 자리가 필요하지 않습니다 (증명됨)"
    if layer.status == OPTIMAL:
        least = "적은 개소" if measured.unit == "곳" else "적은 비용"
        return f"이 자료·도달거리로 계산한 모형에서 목표에 닿는 가장 {least}입니다 (최적, 증명됨)"
    bound = amount(measured.bound, measured.unit)
    return f"이 자료·도달거리로 계산한 모형에서 목표에 닿으려면 적어도 {bound}이 듭니다 (차이 {layer.gap:.1%})"


def amount(value: float, unit: str) -> str:
    """Return a value in a unit of :class:`geo.plans.Measured`."""
    return money(value) if unit == "원" else f"{value:,.0f}{unit}" if unit == "곳" else f"{value:,.1f}{unit}"


def measured_words(layer: LayerPlan) -> str:
    """Return value, bound and gap in the model's own measure, '' where that is the combined cover."""
    m = layer.measured
    if m is None:
        return ""
    side = "아래 한계" if m.better == "down" else "상한"
    before = "" if m.better == "down" else f"{amount(m.before, m.unit)} → "
    return f"{m.name} {before}{amount(m.value, m.unit)} | {side} {amount(m.bound, m.unit)} | 차이 {layer.gap:.2%}"


def floor_words(plan: Plan, layer: LayerPlan) -> list[str]:
    """Return what the floor costs, in households and won; empty without a floor."""
    floor = layer.floor
    if floor is None:
        return []
    given = ", ".join(
        f"{plan.need_names[need]} {number(lost, 1)}가구" for need, lost in floor.households_given_up.items()
    )
    worst = min(layer.dongs, key=lambda dong: dong.after, default=None)
    words = [f"같은 조건에서 하한 때문에 덜 닿는 가구: {given} (종합 도달 {floor.score_given_up:,.1f}가구분)"]
    found = "" if floor.least_krw is None else f"찾은 가장 싼 계획 {money(floor.least_krw)}, "
    words.append(f"모든 동을 {floor.floor:.0%}로 올리는 비용: {found}적어도 {money(floor.least_bound_krw)}")
    if worst is not None:
        words.append(f"가장 낮은 동: {worst.name} {worst.after:.1%}")
    return words


def curve_words(layer: LayerPlan) -> str:
    """Return how gain grows with money as a line of eight heights, with where half and nine tenths are reached."""
    curve = layer.curve
    spent, gained = curve[-1]
    if len(curve) < 3 or gained <= 0:
        return ""
    if spent <= 0:
        curve, spent = tuple((float(i), g) for i, (_, g) in enumerate(curve)), float(len(curve) - 1)
    steps = [max(g for s, g in curve if s <= spent * (k / 24) + 1e-6) / gained for k in range(25)]
    line = "".join(_BARS[min(int(step * 8), 7)] for step in steps)
    marks = [next((s, n) for n, (s, g) in enumerate(curve) if g >= part * gained - 1e-9) for part in (0.5, 0.9)]
    has_money = layer.curve[-1][0] > 0
    words = [
        f"{part} {money(s) if has_money else ''}({n}곳)" for part, (s, n) in zip(("절반", "90 %"), marks, strict=True)
    ]
    return f"{line}  {', '.join(words)}"


NO_YEARLY = "연간 비용 미포함"  # none is published, or it moves along: 0 won a year would read as free


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


def gap_words(plan: Plan) -> list[str]:
    """Return what the plan does for the gap areas that it changes, those it changes most first."""
    most = sorted(plan.gaps, key=lambda one: one.uncovered_after - one.uncovered_before)
    return [
        f"{one.rank}위 {one.dong_name}: 미도달 {number(one.uncovered_before)} → {number(one.uncovered_after)}가구, "
        f"도달도 {percent(one.cover_before)} → {percent(one.cover_after)}, {rank_words(one)}"
        for one in most
    ]


def rank_words(one: GapChange) -> str:
    """Return the rank that a gap area has once the plan is built."""
    return NO_GAP if one.rank_after is None else f"계획 뒤 {one.rank_after}위"


def dong_words(plan: Plan, dong: str, name: str) -> str:
    """Return a dong by its name, with its district before it in a plan of several."""
    return " ".join(part for part in (plan.district_of(dong) if plan.districts else "", name) if part)


def district_words(plan: Plan) -> list[str]:
    """Return what each of several districts gets: sites, money, and the households there that gain; [] for one."""
    words = []
    for one in plan.districts:
        sites = [site for site in plan.sites if site.dong in one.dongs]
        gains = [
            f"{plan.need_names[next(iter(layer.gained))]} +{number(gain)}가구"
            for layer in plan.layers
            if (gain := sum(d.households * (d.after - d.before) for d in layer.dongs if d.dong in one.dongs)) > 0
        ]
        cost = money(sum(site.total_krw for site in sites))
        words.append(f"{one.name}: {len(sites):,}곳, {cost}, 그 구에 사는 가구 {', '.join(gains) or '늘지 않음'}")
    return words


def is_unstable(site: Site) -> bool:
    """Say whether a site holds in too few draws."""
    return site.stability is not None and site.stability < UNSTABLE


def steady_words(plan: Plan) -> str:
    """Return how firmly the sites hold, '' where that was not asked for."""
    if not plan.draws:
        return ""
    loose = sum(is_unstable(site) for site in plan.sites)
    return (
        f"안정성: {plan.draws}번 바꾸어 다시 골라(도달거리 ±30 %, 가중치 ±50 %, 가구 배치, 격자 원점, 좌표) "
        f"{len(plan.sites)}곳 가운데 {loose}곳이 {UNSTABLE:.0%} 미만으로 남음(불안정)"
    )
