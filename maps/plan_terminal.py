"""What ``ansim sites`` prints: the sites in order, what they add, and the proof."""

import json
from collections.abc import Mapping, Sequence

from rich.console import Console

from geo.plans import LayerPlan, Plan, Site
from maps.assumptions import NOT_CRIME
from maps.plan_text import (
    LEVEL_NAMES,
    NO_YEARLY,
    NOT_ADDED,
    STATUS_NAMES,
    bound_words,
    curve_words,
    district_words,
    dong_words,
    floor_words,
    gained_words,
    gap_words,
    is_unstable,
    limit_words,
    measured_words,
    money,
    proof,
    share_of,
    share_words,
    steady_words,
)
from maps.terminal import Rows, line, show
from maps.text import metres, when

_TOP = 40
_GAPS = 5
_TAIL = 6


def print_plan(plan: Plan, console: Console, layer_names: Mapping[str, str]) -> None:
    """Print a plan: layer by layer its sites, money, gains, bound and gap, then what the whole rests on.

    ``layer_names``: Korean names by layer id, for the facilities by which sites are found.
    """
    line(console, f"[내부용] {plan.district_name} 새 자리 계획", "bold")
    for heading in plan.headings or (("가상 자료",) if plan.made_up else ()):
        line(console, f"※ {heading}", "bold red")
    for layer in plan.layers:
        _print_layer(plan, layer, console, layer_names)
    for words in district_words(plan):
        line(console, words)
    _print_gaps(plan, console)
    _print_reruns(plan, console)
    weights = ", ".join(f"{plan.need_names[need]} {weight:g}" for need, weight in plan.weights.items())
    made = f"자료 판 {plan.data_version} | 분석 시각 {when(plan.at)} | 계산 {plan.seconds:.1f}초"
    line(console, f"{made} | 따로 다시 세어 같음")
    if len(plan.layers) > 1:
        line(
            console, f"전체: 종합 도달 {plan.before:,.0f} → {plan.after:,.0f}가구분 (앞 층을 지은 위에 다음 층을 고름)"
        )
    steady = [steady_words(plan)] if plan.draws else []
    for note in (*steady, NOT_ADDED, f"종합 도달은 가중치에 따른 점수입니다: {weights}", *plan.notes, NOT_CRIME):
        line(console, f"- {note}", "dim")


def _print_gaps(plan: Plan, console: Console) -> None:
    """Print what the plan does for the gap areas, those it changes most first."""
    words = gap_words(plan)
    for one in words[:_GAPS]:
        line(console, f"틈새 {one}")
    if len(words) > _GAPS:
        line(console, f"달라지는 틈새가 {len(words) - _GAPS:,}곳 더 있습니다 (--out의 '틈새 전과 후')")


def _print_layer(plan: Plan, layer: LayerPlan, console: Console, layer_names: Mapping[str, str]) -> None:
    once, year = (sum(getattr(s, k) for s in layer.sites) for k in ("once_krw", "year_krw"))
    line(console, "")
    line(console, f"{layer.name}: {len(layer.sites):,}곳 ({limit_words(layer)}, 후보 {layer.candidates:,}곳)", "bold")
    if layer.left_out:
        line(console, "후보에서 뺀 것: " + ", ".join(f"{why} {n:,}" for why, n in layer.left_out.items()))
    yearly = f" + 연간 {money(year)} x {plan.years}년 = {money(layer.total_krw)}" if year else f" ({NO_YEARLY})"
    line(console, f"비용: 설치 {money(once)}{yearly}")
    line(console, f"늘어나는 가구: {gained_words(plan, layer)}")
    line(console, f"증명: {proof(layer)}", "bold")
    own = measured_words(layer)
    words = [own] if own else []
    bounded = bound_words(layer) if not own else []
    words += [f"종합 도달 {layer.before:,.1f} → {layer.after:,.1f}", *bounded, STATUS_NAMES[layer.status]]
    words += [layer.bound_from, f"{layer.seconds:.1f}초"]
    words += ["시간 제한에 걸림: 다른 컴퓨터에서는 다른 계획이 나올 수 있음"] if layer.cut_short else []
    line(console, " | ".join(words))
    for said in (*floor_words(plan, layer), *layer.notes):
        line(console, f"- {said}")
    if curve := curve_words(layer):
        line(console, f"비용에 따른 효과: {curve}")
    if layer.closed:
        show(console, closed_rows(plan, layer))
        losing = losing_rows(plan, layer)
        if losing.rows:
            show(console, losing)
    if layer.sites:
        show(console, site_rows(plan, layer, layer_names))


def site_rows(plan: Plan, layer: LayerPlan, layer_names: Mapping[str, str]) -> Rows:
    """Return the table of a layer's sites."""
    names = plan.need_names
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
        table.add(_cells(plan, layer, site, gains, layer_names))
    return table


def closed_rows(plan: Plan, layer: LayerPlan) -> Rows:
    """Return the table of the facilities that a plan moves away."""
    needs = list(layer.gained)
    table = Rows(
        "옮길 기존 시설 (다른 것을 모두 계획대로 한 뒤 이것을 없애서 잃는 가구)",
        left=("시설 번호", "이름", "주소", "국가지점번호", "행정동"),
        columns=(
            "시설 번호", "이름", "주소", "국가지점번호", "행정동", "이용률",
            *(f"{plan.need_names[n]}\n-가구" for n in needs),
        ),
        wrapping=("이름", "주소"),
    )  # fmt: skip
    for gone in layer.closed:
        rate = "모름" if gone.occupancy is None else f"{gone.occupancy:.1%}"
        lost = [f"{gone.lost[need]:,.1f}" for need in needs]
        table.add(
            [
                gone.id,
                gone.name or "-",
                gone.address or "-",
                gone.grid_id,
                dong_words(plan, gone.dong, gone.dong_name) or "-",
                rate,
                *lost,
            ]
        )
    return table


def losing_rows(plan: Plan, layer: LayerPlan) -> Rows:
    """Return the dong in which cover falls somewhere, those that lose most first."""
    table = Rows(
        "닿던 가구 일부가 닿지 않게 되는 동 (도달률 전과 후)",
        left=("행정동",),
        columns=("행정동", "1인가구", "잃는 가구", "도달률 전", "도달률 후"),
    )
    for dong in sorted(layer.dongs, key=lambda one: -one.lost):
        if dong.lost >= 0.05:
            name = dong_words(plan, dong.dong, dong.name)
            table.add([name, f"{dong.households:,.0f}", f"{dong.lost:,.1f}", f"{dong.before:.1%}", f"{dong.after:.1%}"])
    return table


def _print_reruns(plan: Plan, console: Console) -> None:
    """Print what the same orders come to at other costs, side by side."""
    if not plan.reruns:
        return
    line(console, "")
    table = Rows("단가에 따른 차이", left=("",), columns=("", *(LEVEL_NAMES[one.level] for one in plan.reruns)))
    names = {layer.layer: layer.name for layer in plan.layers}
    for layer, name in names.items():
        table.add([f"{name} 자리", *(f"{one.sites.get(layer, 0):,}" for one in plan.reruns)])
    table.add([f"비용({plan.years}년)", *(money(one.total_krw) for one in plan.reruns)])
    needs = dict.fromkeys(need for one in plan.reruns for need, gain in one.gained.items() if gain > 0)
    for need in needs:
        table.add([f"{plan.need_names[need]} +가구", *(f"{one.gained.get(need, 0.0):,.1f}" for one in plan.reruns)])
    table.add(["종합 도달 증가", *(f"{one.score_gained:,.1f}" for one in plan.reruns)])
    table.add(["최대치의 (적어도)", *(f"{share_of(one.gap):.1f}%" for one in plan.reruns)])
    table.add(["이 계획과 같은 자리", *(f"{one.kept:,}" for one in plan.reruns)])
    show(console, table)


def _cells(plan: Plan, layer: LayerPlan, site: Site, gains: list[str], layer_names: Mapping[str, str]) -> list[str]:
    gained = [site.gained.get(need, 0.0) for need in gains]
    millions = site.total_krw / 1e6
    marks = ("불안정 " if is_unstable(site) else "") + ("꼭 " if site.forced else "")
    return [
        f"{marks}{site.rank}", layer.name, site.grid_id,
        dong_words(plan, site.dong, site.dong_name) or "-", site.kind,
        money(site.once_krw), money(site.year_krw), *(f"{g:,.1f}" for g in gained),
        *(f"{g / millions:,.2f}" if millions else "-" for g in gained), site.flags or "-",
        near_words(site, layer_names),
    ]  # fmt: skip


def near_words(site: Site, names: Mapping[str, str]) -> str:
    """Return the facility by which a site is found: its layer's name, the end of its id, where it is."""
    near = site.nearest
    if near is None:
        return "-"
    layer, _, tail = near.id.rpartition(":")
    number = f"{names.get(layer, layer)} …{tail[-_TAIL:]}" if layer else near.id
    return f"{number} {near.address or near.name} ({metres(near.distance_m)})"


def print_plans(plans: Sequence[Plan], version: int, console: Console) -> None:
    """Print the plans kept; one made on other data than is stored now says so."""
    if not plans:
        line(console, "저장된 계획이 없습니다. ansim sites … --name 이름 으로 저장하십시오.")
        return
    table = Rows(
        "저장된 계획",
        left=("이름", "자치구", "만든 때", "층", "자료"),
        columns=("이름", "자치구", "만든 때", "층", "자리", "비용", "종합 도달 증가", "자료"),
    )
    for plan in plans:
        data = f"판 {plan.data_version}" + ("" if plan.data_version == version else f" (지금은 판 {version})")
        layers = ", ".join(layer.name for layer in plan.layers)
        made = when(plan.made_at)
        numbers = (f"{len(plan.sites):,}", money(plan.total_krw), f"{plan.after - plan.before:,.1f}")
        table.add([plan.name, plan.district_name, made, layers, *numbers, data])
    show(console, table)


def print_comparison(plans: Sequence[Plan], console: Console) -> None:
    """Print plans side by side: money, sites, households by need, the proof, and the sites they share."""
    if len({(p.district, p.data_version, p.at, p.who, json.dumps(p.settings, sort_keys=True)) for p in plans}) > 1:
        words = "자치구, 자료 판, 시각, 대상, 판단한 필요 가운데 다른 것이 있어 값을 그대로 견줄 수 없습니다"
        line(console, f"※ {words}", "bold red")
    table = Rows("계획 비교", left=("",), columns=("", *(plan.name for plan in plans)))
    needs = dict.fromkeys(need for plan in plans for need in plan.gained if plan.gained[need] > 0)
    names = {need: name for plan in plans for need, name in plan.need_names.items()}
    table.add(["자치구", *(plan.district_name for plan in plans)])
    table.add(["자리", *(f"{len(plan.sites):,}" for plan in plans)])
    table.add([f"비용({plans[0].years}년)", *(money(plan.total_krw) for plan in plans)])
    for need in needs:
        table.add([f"{names[need]} +가구", *(f"{plan.gained.get(need, 0.0):,.1f}" for plan in plans)])
    table.add(["종합 도달 증가", *(f"{plan.after - plan.before:,.1f}" for plan in plans)])
    table.add(["최대치의 (적어도)", *(share_words(plan) for plan in plans)])
    first = {site.id for site in plans[0].sites}
    table.add([f"{plans[0].name}의 자리와 같은 곳", *(f"{len(first & {s.id for s in p.sites}):,}" for p in plans)])
    show(console, table)
