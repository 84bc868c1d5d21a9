"""What a district map says of its data and method: dates and states, settings, sources, limits."""

from collections.abc import Mapping
from types import MappingProxyType

from markupsafe import Markup

from geo.model import DistrictResult
from layers.catalog import Catalog
from maps import basis, text
from maps.editions import Shown
from maps.facilities import look
from maps.legend import Html, join
from maps.offline import leaflet

_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "dong": "행정동 경계",
        "household": "1인가구 통계",
        "stat_grid": "국토통계 격자",
        "building": "건축물",
        "address_point": "주소점·상점",
        "area": "구역",
    }
)
_DENSE: Mapping[str, str] = MappingProxyType(
    {
        "quantile": "1인가구가 가장 조밀한 격자부터 구 전체 1인가구의 {share}까지 (같은 값은 함께, 실제 {reached})",
        "gi": "Getis-Ord Gi* 핫스폿 (고정 거리 250 m, 오류발견율 보정; 1인가구의 {reached})",
        "dbscan": "DBSCAN 군집 (1인가구의 {reached})",
    }
)
_COMBINE: Mapping[str, str] = MappingProxyType(
    {"product": "1 - ∏(1 - 가중치 × 도달도), 모두 1일 때를 1로", "sum": "가중 합"}
)


def data_table(result: DistrictResult, catalog: Catalog, shown: Shown) -> Markup:
    """Return the data behind the map: each layer's counts and range of dates, and each table's."""
    rows = []
    layers = {layer.layer for layer in shown.layers}
    for layer in shown.layers:
        looks = look(layer, catalog)
        devices = f" ({text.number(looks.devices)}{looks.unit})" if looks.devices != looks.inside else ""
        near = text.number(looks.near) if looks.near else "-"
        rows.append(
            Html('<tr><th scope="row">{}</th><td class="n">{}{}</td><td class="n">{}</td><td>{}</td></tr>').format(
                looks.name,
                text.number(looks.inside) if looks.known else text.NO_DATA,
                devices if looks.known else "",
                near if looks.known or looks.near else "",
                text.span(shown.data_dates.get(looks.id)) if looks.known else "",
            )
        )
    for name, dates in shown.data_dates.items():
        if name not in layers:
            spec = catalog.layers.get(name) or catalog.areas.get(name)
            title = _TABLES.get(name) or (spec.name if spec else name)
            rows.append(
                Html('<tr><th scope="row">{}</th><td colspan="3">{}{}</td></tr>').format(
                    title, text.span(dates), _files(result, name)
                )
            )
    states = ""
    if shown.internal:
        states = Html("<h3>항목별 자료 상태</h3><dl>{}</dl>").format(
            join(
                Html("<dt>{}</dt><dd>{}</dd>").format(row.name, text.need_state(row, result.settings))
                for row in result.needs
                if row.id != text.COMBINED
            )
        )
    return Html(
        '<h3>자료와 기준일</h3><div class="scroll"><table id="sources"><thead><tr><th scope="col">자료</th>'
        '<th scope="col" class="n">구 안(곳)</th><th scope="col" class="n">구 밖 1 km(곳)</th>'
        '<th scope="col">기준일</th></tr></thead>'
        "<tbody>{}</tbody></table></div>{}"
    ).format(join(rows), states)


def _files(result: DistrictResult, table: str) -> Markup:
    """Return the files a table came from, with the day each was imported."""
    files = [file for file in basis.basis_files(result) if file.table == table]
    return join(
        Html('<small class="file">{} · {} 가져옴</small>').format(file.file, text.day(file.imported)) for file in files
    )


def method_list(result: DistrictResult, catalog: Catalog, shown: Shown) -> Markup:
    """Return the settings used and where the figures come from; the public edition's says what it withholds."""
    if shown.internal:
        entries = [*_settings(result), *_needs(result, catalog), ("동 이름만 아는 구역", _cap(catalog))]
        title, notes = "설정과 방법", [*_CAUTIONS, *result.source.notes]
    else:
        title, notes = "이 지도에 대하여", list(_PUBLIC_NOTES)
        entries = [("1인가구 단위", "동")]
    software = f"Ansim Map. 지도 표시: Leaflet {leaflet().version} (BSD-2-Clause, © 2010-2022 Volodymyr Agafonkin)"
    return Html('<div class="method"><h3>{}</h3><dl>{}</dl><ul>{}</ul><p class="credit">{}</p></div>').format(
        title,
        join(Html("<dt>{}</dt><dd>{}</dd>").format(*entry) for entry in entries),
        join(Html("<li>{}</li>").format(note) for note in dict.fromkeys(notes)),
        software,
    )


_CAUTIONS = (
    "종합 도달도는 사전 가중치에 따른 점수이며, 범죄가 얼마나 줄어드는지를 뜻하지 않습니다.",
    "자료가 없는 항목은 0이 아니라 자료 없음이며, 틈새 판단과 종합에 넣지 않습니다.",
    "거리는 틈새구역의 1인가구 가중 중심에서 잰 직선거리입니다.",
    "내부용: 혼자 사는 사람이 많고 살피는 눈이 적은 곳을 보여 주므로 밖으로 내보내지 마십시오.",
)
_PUBLIC_NOTES = (
    "1인가구는 동 단위로만 싣고, 5 미만인 수는 싣지 않습니다.",
    "시설의 위치는 공개된 자료를 그대로 옮긴 것으로, 현재와 다를 수 있습니다.",
)


def _settings(result: DistrictResult) -> list[tuple[str, str]]:
    settings = result.settings
    share, reached = text.percent(settings.dense_share), f"{100 * result.dense_share_reached:.1f} %"
    others = ", ".join(f"{value:g}" for value in settings.other_thresholds)
    judged = [row.name for row in result.needs if row.takes_part and row.id != text.COMBINED]
    return [
        ("분석 시각", f"{basis.at_words(result)}, 한국 표준시"),
        ("대상", result.source.who or "1인가구 전체"),
        ("1인가구 위치", basis.demand_basis(result)),
        ("밀집 격자", _DENSE.get(settings.dense_method, settings.dense_method).format(share=share, reached=reached)),
        ("틈새 격자", f"밀집이면서 도달도(항목 또는 종합) {settings.gap_threshold:g} 미만 (견줌: {others})"),
        ("틈새구역", f"같은 동에서 8방향으로 이어진 틈새 격자, 한 곳 최대 {settings.max_gap_ha:g} ha"),
        ("순위", basis.stability_words(result) or "없음"),
        (basis.BOTTOM_QUARTER, basis.BOTTOM_QUARTER_MEANING),
        ("판단한 항목", ", ".join(judged) or "없음"),
        ("종합 도달도", _COMBINE.get(settings.combine, settings.combine)),
        ("도달거리 배율", f"{settings.reach_factor:g}"),
        ("격자·화소", f"국가지점번호 100 m 격자, {settings.pixel_m} m 화소"),
    ]


def _cap(catalog: Catalog) -> str:
    """Return how much a zone known by the name of its dong covers at most."""
    return f"도달도 {catalog.method.approximate_cap:g}까지 (동 전체를 한꺼번에 순찰하지는 않음)"


def _needs(result: DistrictResult, catalog: Catalog) -> list[tuple[str, str]]:
    entries = []
    for row in result.needs:
        spec = catalog.needs.get(row.id)
        if spec is None:
            continue
        walked = f", 보행 거리 (직선의 {catalog.method.detour:g}배)" if spec.walked else ""
        reach = f"{spec.full_m:g} m까지 1, {spec.none_m:g} m에서 0{walked}"
        entries.append(
            (
                row.name,
                f"{reach} · 가중치 {row.weight:g}. 근거: {spec.source}",
            )
        )
    return entries
