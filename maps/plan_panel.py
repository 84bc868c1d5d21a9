"""A plan in the panel beside the map: what it is, what it costs, who gains and who loses."""

from markupsafe import Markup

from geo.joining import FELL_OUT
from geo.plans import LayerPlan, Plan, Site
from maps import text
from maps.legend import Html, join
from maps.panel import figure, table
from maps.plan_text import (
    LEVEL_NAMES,
    NOT_ADDED,
    district_words,
    dong_words,
    floor_words,
    gained_words,
    is_unstable,
    limit_words,
    money,
    proof,
    rank_words,
    steady_words,
)


def plan_switch(plan: Plan) -> Markup:
    """Return the switch between before and after that stands over the map."""
    return Html(
        '<div id="plan-switch" role="group" aria-label="계획 전과 후">'
        '<b translate="no">{}</b><button type="button" data-after="0" aria-pressed="false">계획 전</button>'
        '<button type="button" data-after="1" aria-pressed="true">계획 후</button></div>'
    ).format(plan.name or "계획")


def plan_tab(plan: Plan) -> tuple[str, str, Markup]:
    """Return the panel's tab of the plan: id, title, body."""
    parts, start = [_districts(plan), _gaps(plan)], 0
    for layer in plan.layers:
        parts += [_summary(plan, layer), _gone(plan, layer), _sites(plan, layer, start), _dongs(plan, layer)]
        start += len(layer.sites)
    parts.append(_other_costs(plan))
    notes = [
        *([steady_words(plan)] if plan.draws else []),
        *plan.notes[:1],
        NOT_ADDED,
        f"자료 판 {plan.data_version}에서 계산, 따로 다시 세어 같음",
    ]
    parts.append(Html('<p class="note">{}</p>').format(". ".join(notes)))
    return "plan", f"계획 {len(plan.sites)}", join(parts)


def _districts(plan: Plan) -> Markup:
    """Return what each of several districts gets; the plan is of all, whichever the map shows."""
    if not plan.districts:
        return Markup()
    said = [*district_words(plan), *(words for words in plan.headings if words.endswith(FELL_OUT))]
    rows = join(Html("<li>{}</li>").format(words) for words in said)
    whole = f"{len(plan.districts)}개 구를 함께 본 계획: 번호와 값은 전체의 것입니다"
    return Html('<div class="plan-summary"><p>{}</p><ul>{}</ul></div>').format(whole, rows)


def _gaps(plan: Plan) -> Markup:
    """Return the gap areas that the plan changes, before and after."""
    if not plan.gaps:
        return Markup()
    rows = (
        Html("<tr><td>{}<small>{}</small></td>{}{}{}</tr>").format(
            f"{one.rank}위 {one.dong_name}", rank_words(one),
            figure(text.number(one.uncovered_before), one.uncovered_before),
            figure(text.number(one.uncovered_after), one.uncovered_after),
            figure(f"{text.percent(one.cover_before)} → {text.percent(one.cover_after)}", one.cover_after),
        )
        for one in plan.gaps
    )  # fmt: skip
    heads = ("틈새구역", "#미도달 가구 전", "#미도달 가구 후", "#도달도")
    return table("gaps-after", heads, rows, caption="계획이 틈새에 하는 일 (달라지는 틈새만)")


def _summary(plan: Plan, layer: LayerPlan) -> Markup:
    return Html(
        '<div class="plan-summary"><h2>{}: {}곳</h2><p>{}. 비용 {} ({}년)</p><p><b>{}</b></p><p>{}</p>{}{}</div>'
    ).format(
        layer.name, len(layer.sites), limit_words(layer), money(layer.total_krw), plan.years,
        gained_words(plan, layer), proof(layer), curve_picture(layer),
        join(Html("<p>{}</p>").format(words) for words in (*floor_words(plan, layer), *layer.notes)),
    )  # fmt: skip


def curve_picture(layer: LayerPlan) -> Markup:
    """Return gain against money as a small drawing that needs no script; nothing for fewer than two sites."""
    curve = layer.curve
    spent, gained = curve[-1]
    if len(curve) < 3 or spent <= 0 or gained <= 0:
        return Markup()
    at = [(10 + 280 * s / spent, 68 - 60 * g / gained) for s, g in curve]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    half = next(i for i, (_, g) in enumerate(curve) if g >= gained / 2 - 1e-9)
    return Html(
        '<figure class="plan-curve"><svg viewBox="0 0 300 84" role="img" aria-label="{0}">'
        '<path d="M10 8V68H290" fill="none" stroke="#888"/><polyline points="{1}" fill="none" stroke="#B2182B" '
        'stroke-width="2"/><circle cx="{2}" cy="{3}" r="3.5" fill="#B2182B"/>'
        '<text x="10" y="81">0</text><text x="290" y="81" text-anchor="end">{4}</text></svg>'
        "<figcaption>{0}</figcaption></figure>"
    ).format(
        f"비용에 따른 효과: 절반은 {half}곳 {money(curve[half][0])}으로 얻습니다", path,
        f"{at[half][0]:.1f}", f"{at[half][1]:.1f}", money(spent),
    )  # fmt: skip


def _gone(plan: Plan, layer: LayerPlan) -> Markup:
    if not layer.closed:
        return Markup()
    rows = (
        Html("<tr><td>{}<small>{}</small></td>{}{}</tr>").format(
            gone.name or gone.address or gone.id, f"{dong_words(plan, gone.dong, gone.dong_name)} · {gone.grid_id}",
            figure("모름" if gone.occupancy is None else text.percent(gone.occupancy), gone.occupancy or 0.0),
            figure(text.number(sum(gone.lost.values()), 1), sum(gone.lost.values())),
        )
        for gone in layer.closed
    )  # fmt: skip
    return table(
        f"closed-{layer.layer}", ("옮길 기존 시설", "#이용률", "#잃는 가구"), rows,
        caption="옮길 기존 시설 (지도의 x); 잃는 가구는 다른 것을 모두 계획대로 한 뒤",
    )  # fmt: skip


def _dongs(plan: Plan, layer: LayerPlan) -> Markup:
    """Return the dong that change, before and after."""
    changed = [dong for dong in layer.dongs if abs(dong.after - dong.before) > 5e-4 or dong.lost >= 0.05]
    if not changed:
        return Markup()
    rows = (
        Html("<tr><td>{}</td>{}{}{}</tr>").format(
            dong_words(plan, dong.dong, dong.name),
            figure(text.percent(dong.before), dong.before),
            figure(text.percent(dong.after), dong.after),
            figure(text.number(dong.lost, 1) if dong.lost >= 0.05 else "-", dong.lost),
        )
        for dong in sorted(changed, key=lambda one: one.before - one.after)
    )
    return table(
        f"dong-{layer.layer}", ("행정동", "#도달률 전", "#도달률 후", "#잃는 가구"), rows, caption="동별 도달률의 변화"
    )


def _other_costs(plan: Plan) -> Markup:
    if not plan.reruns:
        return Markup()
    rows = (
        Html("<tr><td>{}</td>{}{}{}{}</tr>").format(
            LEVEL_NAMES[one.level], figure(f"{sum(one.sites.values()):,}", sum(one.sites.values())),
            figure(money(one.total_krw), one.total_krw), figure(text.number(one.score_gained, 1), one.score_gained),
            figure(f"{one.kept:,}", one.kept),
        )
        for one in plan.reruns
    )  # fmt: skip
    heads = ("단가", "#자리", "#비용", "#종합 도달 증가", "#같은 자리")
    return table("other-costs", heads, rows, caption="단가에 따른 차이")


def _sites(plan: Plan, layer: LayerPlan, start: int) -> Markup:
    heads = ("번호", "자리 (국가지점번호)", "#늘어나는 가구", "#백만 원당")
    rows = (_row(plan, site, start + i) for i, site in enumerate(layer.sites))
    caption = "비용당 종합 도달이 많이 느는 순; 가구는 앞 번호를 지은 뒤에 더하는 수"
    return table(f"sites-{layer.layer}", heads, rows, caption=caption)


def _row(plan: Plan, site: Site, index: int) -> Markup:
    gained = next(iter(site.gained.values()), float("nan"))
    per = gained / (site.total_krw / 1e6) if site.total_krw else float("nan")
    said = " · ".join(part for part in ("불안정" if is_unstable(site) else "", site.flags) if part)
    flags = Html("<small>{}</small>").format(said) if said else ""
    return Html(
        '<tr data-site="{}"><td class="rank"><b>{}</b></td><td><button type="button">{}</button>'
        "<small>{} · {}</small>{}</td>{}{}</tr>"
    ).format(
        index, index + 1, dong_words(plan, site.dong, site.dong_name) or "-", site.grid_id, site.kind, flags,
        figure(text.number(gained, 1), gained), figure(text.number(per, 2) if site.total_krw else "-", per),
    )  # fmt: skip
