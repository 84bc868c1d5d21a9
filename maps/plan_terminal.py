"""What ``ansim sites`` prints: the sites in order, what they add, and the proof."""

from rich.console import Console

from geo.siting.plan import LayerPlan, Plan, Site
from maps.assumptions import NOT_CRIME
from maps.plan_text import NOT_ADDED, STATUS_NAMES, gained_words, limit_words, money, need_names, proof
from maps.terminal import Rows, line, show
from maps.text import metres, when

_TOP = 40


def print_plan(plan: Plan, console: Console) -> None:
    """Print a plan: layer by layer its sites, money, gains, bound and gap, then what the whole rests on."""
    line(console, f"[내부용] {plan.source.name} 새 자리 계획", "bold")
    if plan.source.made_up:
        line(console, "※ 가상 자료", "bold red")
    for layer in plan.layers:
        _print_layer(plan, layer, console)
    weights = ", ".join(
        f"{s.need.name} {plan.settings.weights.get(s.need.id, s.need.weight):g}" for s in plan.source.supplies
    )
    made = f"자료 판 {plan.data_version} | 분석 시각 {when(plan.source.at)} | 계산 {plan.seconds:.1f}초"
    line(console, f"{made} | 따로 다시 세어 같음")
    if len(plan.layers) > 1:
        line(
            console, f"전체: 종합 도달 {plan.before:,.0f} → {plan.after:,.0f}가구분 (앞 층을 지은 위에 다음 층을 고름)"
        )
    for note in (NOT_ADDED, f"종합 도달은 가중치에 따른 점수입니다: {weights}", *plan.source.notes, NOT_CRIME):
        line(console, f"- {note}", "dim")


def _print_layer(plan: Plan, layer: LayerPlan, console: Console) -> None:
    solution = layer.solution
    once, year = (sum(getattr(s, k) for s in layer.sites) for k in ("once_krw", "year_krw"))
    line(console, "")
    line(console, f"{layer.name}: {len(layer.sites):,}곳 ({limit_words(layer)}, 후보 {layer.candidates:,}곳)", "bold")
    if layer.left_out:
        line(console, "후보에서 뺀 것: " + ", ".join(f"{why} {n:,}" for why, n in layer.left_out.items()))
    line(console, f"비용: 설치 {money(once)} + 연간 {money(year)} x {plan.years}년 = {money(layer.total_krw)}")
    line(console, f"늘어나는 가구: {gained_words(plan, layer)}")
    line(console, f"증명: {proof(layer)}", "bold")
    words = [
        f"목적값 {layer.before:,.1f} → {layer.after:,.1f}", f"상한 {layer.bound:,.1f}",
        f"차이 {solution.gap:.2%}", STATUS_NAMES[solution.status], solution.bound_from, f"{solution.seconds:.1f}초",
    ]  # fmt: skip
    words += ["시간 제한에 걸림: 다른 컴퓨터에서는 다른 계획이 나올 수 있음"] if solution.cut_short else []
    line(console, " | ".join(words))
    if layer.sites:
        show(console, site_rows(plan, layer))


def site_rows(plan: Plan, layer: LayerPlan) -> Rows:
    """Return the table of a layer's sites."""
    names = need_names(plan)
    gains = [need for need in layer.gained if any(need in site.gained for site in layer.sites)]
    title = "자리" + (f" (앞 {_TOP}곳; 모두 보려면 --out)" if len(layer.sites) > _TOP else "")
    near = "가장 가까운 시설(번호, 주소)"
    headers = [f"{names[need]}\n+가구" for need in gains]
    per = [f"{names[need]}\n가구/백만 원" for need in gains]
    table = Rows(
        title,
        left=("층", "국가지점번호", "행정동", "자리", "확인할 것", near),
        columns=("순위", "층", "국가지점번호", "행정동", "자리", "설치비", "연간비", *headers, *per, "확인할 것", near),
        wrapping=(near, "확인할 것"),
    )
    for site in layer.sites[:_TOP]:
        table.add(_cells(plan, layer, site, gains))
    return table


def _cells(plan: Plan, layer: LayerPlan, site: Site, gains: list[str]) -> list[str]:
    gained = [site.gained.get(need, 0.0) for need in gains]
    millions = site.total_krw / 1e6
    unstable = " 불안정" if site.stability is not None and site.stability < 0.6 else ""
    return [
        f"{site.rank}{unstable}", layer.name, site.grid_id,
        plan.source.dong_names[site.dong] if site.dong >= 0 else "-", site.kind,
        money(site.once_krw), money(site.year_krw), *(f"{g:,.1f}" for g in gained),
        *(f"{g / millions:,.2f}" if millions else "-" for g in gained), site.flags or "-", near_words(site),
    ]  # fmt: skip


def near_words(site: Site) -> str:
    """Return the facility by which a site is found."""
    near = site.nearest
    if near is None:
        return "-"
    return f"{near.id} {near.address or near.name} ({metres(near.distance_m)})"
