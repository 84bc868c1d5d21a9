"""What ``ansim explain`` prints: how a dong is served, and why a plan has nothing there."""

from rich.console import Console

from geo.grid import cell_names
from geo.joining import FELL_OUT
from geo.model import DistrictResult, Places
from geo.plans import Plan
from geo.siting.explaining import Explanation, Reason
from maps.columns import marks
from maps.plan_text import money
from maps.terminal import line
from maps.text import percent

_WHY = {
    Reason.NO_PLACE: "이 동에는 후보지가 없습니다 (--candidates나 --within을 넓혀 보십시오)",
    Reason.NOTHING_TO_GAIN: "후보지가 닿는 곳은 이미 모두 닿아 있어 더 얻을 것이 없습니다",
    Reason.NO_COST: "가장 좋은 자리의 비용이 알려져 있지 않아 고르지 않습니다 (--cost 층=원)",
    Reason.LESS_FOR_MONEY: "같은 돈으로 다른 곳이 더 많이 얻습니다",
    Reason.AS_GOOD: "계획의 자리만큼 얻습니다. 계획의 후보가 아니었거나, 예산·개소 수 같은 조건에 함께 들지 못했습니다",
    Reason.NO_PLAN: "견줄 계획이 없습니다 (ansim sites … --name 이름 으로 저장하고 --plan 이름)",
}


def print_dong(result: DistrictResult, dong: int, console: Console, plan: Plan | None = None) -> None:
    """Print how a dong is served now, under what must be known first.

    Of a plan for several districts also the needs that it left out, where one of the districts lacks data.
    """
    source, row = result.source, next(r for r in result.dongs if r.dong == dong)
    names = {need.id: need.name for need in result.needs}
    line(console, f"[내부용] {source.name} {source.dong_names[dong]}", "bold")
    left_out = [words for words in plan.headings if words.endswith(FELL_OUT)] if plan else []
    for heading in dict.fromkeys((*marks(result)[1:], *left_out)):
        line(console, f"※ {heading}", "bold red")
    gaps = [gap.rank for gap in result.gaps if gap.dong == dong]
    where = f"틈새구역 {len(gaps)}곳 ({', '.join(f'{rank}위' for rank in gaps)})" if gaps else "틈새구역 없음"
    line(console, f"1인가구 {row.households:,.0f}, 미도달 {row.uncovered_households:,.0f}가구, {where}")
    covers = ", ".join(f"{names.get(need, need)} {percent(share)}" for need, share in row.share_covered.items())
    line(console, f"도달률: {covers}")


def print_explanation(places: Places, found: Explanation, plan: Plan | None, dong: str, console: Console) -> None:
    """Print what one more site would do, and why the plan has none, or no more."""
    line(console, "")
    if plan is not None:
        numbers = [str(i) for i, s in enumerate(plan.sites, 1) if s.layer == places.layer and s.dong_name == dong]
        chosen = f"{', '.join(numbers)}번" if numbers else "없음"
        line(console, f"{places.name}: 계획 '{plan.name}'에서 이 동에 둔 자리 {chosen}", "bold")
    else:
        line(console, places.name, "bold")
    if found.place >= 0 and found.score > 0:
        at = cell_names(places.x[[found.place]], places.y[[found.place]], 10)[0]
        cost = money(found.cost_krw) if found.cost_krw == found.cost_krw else "비용 모름"
        more = "계획을 지은 뒤 하나 더 둔다면" if plan else "하나 둔다면"
        line(
            console,
            f"{more}: {at} ({places.kinds[found.place]}, {places.ids[found.place]}), +{found.gained:,.1f}가구, {cost}",
        )
    line(console, f"까닭: {found.said or _WHY[found.reason]}")
    if found.reason in {Reason.LESS_FOR_MONEY, Reason.AS_GOOD}:
        words = f"백만 원당 종합 도달 {found.per_million:.2f}, 계획에서 가장 적은 자리 {found.least:.2f}"
        line(console, f"견줌: {words} (후보지 {found.candidates:,}곳 가운데)")
    within = plan.extra.get("within") if plan else None
    if found.reason is Reason.AS_GOOD and within:
        line(console, f"계획의 격자 후보를 둔 곳: {'틈새구역' if within == 'gaps' else within} (--within으로 바꿈)")
