"""현장조사표: a sheet a planned site to take along, with what to check there."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from geo.crs import to_lonlat
from geo.model import DistrictResult
from geo.plans import LayerPlan, Plan, Site
from layers.catalog import Catalog
from maps import text
from maps.english import named
from maps.legend import Html, join
from maps.plan_text import NO_YEARLY, money
from maps.report.district_sheet import foot, left_out
from maps.report.drawing import marker, short
from maps.report.site_picture import Neighbour, half_m, listed, neighbours, reaches, site_picture

MAP_MM = 100.0
_BLANK = "________"
_KINDS = 7  # of facilities named below the map
# What to check: a heading, and boxes to tick. What a layer does not name is of a pole in the street.
_POLE = (
    ("전주·지주", ("한전주", "통신주", "가로등·보안등주", "자치구 지주", "새 지주 필요", f"관리번호 {_BLANK}")),
    ("설치 여유", ("높이·여유 있음", "공가 협의 필요", "장애물 있음", "불가")),
    ("전원·통신", ("가까운 인입 있음", "분전함 있음", f"새 인입 {_BLANK} m", "통신 회선 있음", "회선 필요")),
    ("통행", ("보행자 많음", "보통", "적음", "막다른 길", "계단·비탈")),
    ("밤 상태", ("밝음", "어두움", "기존 등 고장", f"조도 {_BLANK} lx", f"본 시각 {_BLANK}")),
)
_SIGHT = (
    ("시야", ("가림 없음", "나무", "간판", "건물·담", f"사각 방향 {_BLANK}")),
    ("사생활", ("창·마당을 비추지 않음", "가림막 필요", "안내판 자리 있음")),
)
_LIGHT = (("빛", ("창에 빛이 듦", "나무에 가림", "가림갓 필요", "농작물 영향")),)
_LOCKER = (
    ("자리", ("공공건물", "사유지", "도로 점용", f"소유·관리 {_BLANK}", "동의 받음")),
    ("접근", ("24시간 열림", "계단 없음", "비 가림 있음", "밝음", "CCTV 보임")),
    ("전원·통신", ("전원 있음", f"새 인입 {_BLANK} m", "통신 됨")),
)
_STORE = (
    ("점포", ("24시간 영업", f"영업시간 {_BLANK}", "점주 동의", "본사 협의 필요")),
    ("대피 여건", ("밖에서 안이 보임", "비상벨 자리 있음", "안내판 자리 있음", "혼자 근무")),
)
_CHECKS = {
    "cctv": (*_POLE, *_SIGHT), "security_light": (*_POLE, *_LIGHT), "smart_light": (*_POLE, *_LIGHT),
    "streetlight": (*_POLE, *_LIGHT), "locker": _LOCKER, "safe_house": _STORE,
}  # fmt: skip
_LAST = (
    ("주민 의견", ("찬성", "반대", "조건부", "못 만남", f"들은 사람 {_BLANK}")),
    ("종합 의견", ("적합", "조건부 적합", "부적합", f"옮길 곳 {_BLANK}{_BLANK}")),
)


def site_sheets(result: DistrictResult, catalog: Catalog, plan: Plan, printed: str) -> Markup:
    """Return one page a site, numbered as on the map."""
    sheets, number = [], 0
    for layer in plan.layers:
        for site in layer.sites:
            number += 1
            sheets.append(_sheet(result, catalog, plan, layer, site, number, printed))
    return join(sheets)


def _sheet(
    result: DistrictResult, catalog: Catalog, plan: Plan, layer: LayerPlan, site: Site, number: int, printed: str
) -> Markup:
    near = neighbours(result, catalog, site)
    name = result.source.name
    made_up = Html('<b class="made-up">가상 자료</b>') if result.source.made_up else Html("")
    head = Html('<header><h1>현장조사표 <small>{} · {}</small></h1>{}<b class="edition">내부용</b></header>').format(
        name, f"{number}번 {layer.name} ({site.kind})", made_up
    )
    middle = Html('<div class="middle"><div class="map">{}{}</div>{}</div>').format(
        site_picture(result, site, number, near, MAP_MM), _legend(result, site, near), _where(plan, site, near)
    )
    last = foot(f"{name} 현장조사표 {number}번 · 계획 {named(plan.name)}", printed)
    parts = [head, middle, _checks(layer.layer), _signing(), last]
    return Html('<section class="page site-sheet">{}</section>').format(join(parts))


def _legend(result: DistrictResult, site: Site, near: Sequence[Neighbour]) -> Markup:
    half = half_m(result, site)
    kinds = sorted({(one.layer, one.shape, one.colour, one.dress) for one in near if one.distance_m <= half * 1.42})
    marks = join(
        Html('<svg viewBox="0 0 4 4">{}</svg><span>{}</span>').format(marker(2, 2, shape, colour, 1.4, dress), name)
        for name, shape, colour, dress in kinds[:_KINDS]
    )
    said = [*left_out(len(kinds) - _KINDS, "그 밖 {}가지"), "칸: 국가지점번호 100 m"]
    reach = reaches(result, site)
    if reach:
        inside = reach[1] <= half
        end = f"와 끝나는 {reach[1]:.0f} m" if inside else f" (끝나는 {reach[1]:.0f} m는 그림 밖)"
        said.append(f"원: 다 닿는 {reach[0]:.0f} m{end}")
    said += [] if len(result.source.lived_in) else ["건물·도로 배경: 자료 없음"]
    return Html('<p class="legend">{}<span>{}</span></p>').format(marks, " · ".join(said))


def _where(plan: Plan, site: Site, near: Sequence[Neighbour]) -> Markup:
    lon, lat = to_lonlat(np.array([site.x]), np.array([site.y]))
    rows = [
        ("국가지점번호", site.grid_id),
        ("경위도 (WGS84)", f"{lat[0]:.6f} N, {lon[0]:.6f} E"),
        ("행정동", named(short(site.dong_name)) or "-"),
        ("가까운 주소", _address(site, near)),
        ("자리", " ".join(part for part in (site.kind, named(short(site.name, 40))) if part)),
        *((("미리 본 것", site.flags),) if site.flags else ()),
        (
            "늘어나는 1인가구",
            ", ".join(f"{plan.need_names[need]} {gain:,.1f}가구" for need, gain in site.gained.items()),
        ),
        ("비용", f"설치 {money(site.once_krw)}, {f'해마다 {money(site.year_krw)}' if site.year_krw else NO_YEARLY}"),
    ]
    facts = join(Html("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows)
    lines = join(
        Html('<tr><td>{}</td><td>{}<small translate="no">{}</small></td><td>{}</td><td class="n">{}</td></tr>').format(
            chr(0x2460 + i), one.layer, short(one.name or one.address, 44), one.side, text.metres(one.distance_m)
        )
        for i, one in enumerate(listed(list(near)))
    )
    caption = f"가까운 시설 {len(listed(list(near))):,}곳 (500 m 안 {len(near):,}곳, 직선거리)"
    none = Html('<tr><td colspan="4">500 m 안에 시설이 없습니다</td></tr>')
    return Html(
        '<div class="where"><dl>{}</dl><table class="near"><caption>{}</caption><tbody>{}</tbody></table></div>'
    ).format(facts, caption, lines or none)


def _address(site: Site, near: Sequence[Neighbour]) -> str:
    known = site.nearest
    if known is not None and known.address:
        return f"{named(known.address)} ({text.metres(known.distance_m)})"
    first = next((one for one in near if one.address), None)
    return (
        f"{named(first.address)} ({first.side}쪽 {text.metres(first.distance_m)})"
        if first
        else "주소를 아는 시설이 없습니다"
    )


def _checks(layer: str) -> Markup:
    rows = join(
        Html('<tr><th scope="row">{}</th><td>{}</td></tr>').format(
            name, join(Html('<span class="tick"><i></i>{}</span>').format(choice) for choice in choices)
        )
        for name, choices in (*_CHECKS.get(layer, _POLE), *_LAST)
    )
    return Html(
        '<table class="checks"><caption>현장에서 확인 (해당하는 칸에 ✓)</caption><tbody>{}</tbody></table>'
    ).format(rows)


def _signing() -> Markup:
    gap = Html("&emsp;" * 5)
    when = Html("20&emsp;&ensp;년&emsp;&emsp;월&emsp;&emsp;일&emsp;&emsp;시")
    return Html(
        '<div class="notes"><b>메모·약도·사진 번호</b><i></i><i></i><i></i><i></i></div><table class="signing"><tbody>'
        '<tr><th scope="row">조사일</th><td>{0}</td><th scope="row">날씨</th><td></td></tr>'
        '<tr><th scope="row">조사자</th><td>소속{1}이름{1}(서명)</td>'
        '<th scope="row">확인자</th><td>이름{1}(서명)</td></tr>'
        "</tbody></table>"
    ).format(when, gap)
