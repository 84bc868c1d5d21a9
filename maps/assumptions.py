"""What a result rests on: every setting and figure used, what the numbers mean, and where each comes from."""

from collections.abc import Iterator

import pandas as pd

from geo.model import DistrictResult, Supply
from layers.catalog import Catalog, Cost, LayerSpec, NeedSpec
from maps import basis, text
from maps.basis import BOTTOM_QUARTER, BOTTOM_QUARTER_MEANING
from maps.columns import STATES, TABLE_NAMES, data_range, undated_data

Row = tuple[str, str, str, str]
_OURS = "안심지도 방법서"
NOT_CRIME = "사전 가정(거리와 가중치)에 따른 점수이며, 범죄 감소 효과가 아님"
_DENSE = {"quantile": "가구가 많은 격자부터", "gi": "Gi* 열점(고정 250 m, FDR 보정)", "dbscan": "DBSCAN 군집"}
_COMBINE = {"product": "1-∏(1-가중치×도달도), 모두 1일 때의 값으로 나눔", "sum": "가중합"}
_MEANINGS = (
    ("도달도", "0~1. 격자 안 5 m 화소 도달도의 평균. 시설에서 기준거리까지 1, 그 뒤로 곧게 줄어 최대거리에서 0"),
    ("도달률", "∑(1인가구×도달도)÷∑1인가구. 1인가구 가운데 시설이 닿는 몫"),
    ("미도달 1인가구", "∑(1인가구×(1-도달도)). 소수로 계산하며 보일 때만 반올림"),
    (
        "틈새구역",
        "밀집격자 가운데 종합 도달도가 임계값보다 낮은 칸을 같은 동 안에서 8방향으로 이은 것. 순위는 미도달 1인가구 순",
    ),
    (BOTTOM_QUARTER, BOTTOM_QUARTER_MEANING),
    ("자료 없음", "자료가 없는 항목은 0이 아니며, 종합 도달도와 틈새 판단에서 빠짐"),
    ("경계 미확인", "자료가 없는 이웃 지역에 닿는 격자. 표시만 하고 순위를 매기지 않음"),
    ("점수의 성격", NOT_CRIME),
    ("거리", "직선거리. 걷는 거리는 직선거리×우회계수로 봄"),
)


def assumption_table(result: DistrictResult, catalog: Catalog) -> pd.DataFrame:
    """Return every setting, reach, weight and threshold a result rests on, and what its numbers mean.

    Columns, all text: topic, item, value, source. Order: the analysis, the needs in catalog order, the
    method's numbers, meanings, notes of the input.
    """
    rows = [*_analysis(result), *_needs(result, catalog), *_method(catalog)]
    rows += [("뜻", item, words, _OURS) for item, words in _MEANINGS]
    rows += [("유의사항", "", words, "") for words in (*result.headings, *result.source.notes)]
    return pd.DataFrame(rows, columns=["topic", "item", "value", "source"], dtype="str")


def _analysis(result: DistrictResult) -> Iterator[Row]:
    source, settings = result.source, result.settings
    default = "설정(기본값은 안심지도 방법서)"
    yield "분석", "지역", f"{source.name} ({source.code}), {result.area_km2:.2f} km²", "행정동 경계"
    yield (
        "분석",
        "분석 시각",
        basis.at_words(result),
        "지정하지 않으면 저장소의 가장 새로운 자료 기준일 주의 수요일 23:00",
    )
    yield "분석", "대상", source.who or "1인가구 전체", default
    yield "분석", "1인가구 자료", basis.demand_basis(result), "불러온 것 가운데 가장 세밀한 자료로 나눔"
    yield "분석", "자료 기준일", text.span_of(data_range(result), len(undated_data(result))), "불러온 파일"
    method = _DENSE.get(settings.dense_method, settings.dense_method)
    share = f", 1인가구의 {settings.dense_share:.0%}" if settings.dense_method == "quantile" else ""
    yield "분석", "순위", basis.stability_words(result) or "순위를 매긴 곳이 없음", "계산"
    yield "분석", "밀집격자", f"{method}{share}", default
    yield (
        "분석",
        "밀집격자에 든 1인가구",
        f"{result.dense_share_reached:.1%}{' (같은 값은 함께 넣음)' if share else ''}",
        "계산",
    )
    yield "분석", "틈새 임계값", f"종합 도달도 {settings.gap_threshold:g} 미만", default
    yield "분석", "함께 보인 임계값", ", ".join(f"{t:g}" for t in settings.other_thresholds) or "없음", default
    yield "분석", "틈새구역 최대 면적", f"{settings.max_gap_ha:g} ha", default
    yield "분석", "종합 방법", _COMBINE.get(settings.combine, settings.combine), default
    yield "분석", "고른 항목", ", ".join(settings.needs) or "전체", default
    yield "분석", "일부 자료 항목", "판단에 넣음" if settings.include_partial else "보이기만 하고 판단에서 뺌", default
    yield "분석", "도달거리 배수", f"{settings.reach_factor:g}", default
    yield "분석", "화소", f"{settings.pixel_m} m", default
    yield "분석", "격자 원점 이동", f"{settings.grid_shift_m:g} m (0: 국가지점번호 격자)", default


def _needs(result: DistrictResult, catalog: Catalog) -> Iterator[Row]:
    rows = {row.id: row for row in result.needs}
    for supply in result.source.supplies:
        need, row = supply.need, rows.get(supply.need.id)
        spec = catalog.needs.get(need.id)
        source = spec.source if spec else ""
        layers = ", ".join(layer.name for layer in catalog.layers_of(need.id)) or "없음"
        yield "항목", f"{need.name}: 시설", layers, "카탈로그"
        yield "항목", f"{need.name}: 도달거리", _reach(supply, spec, catalog, result.settings.reach_factor), source
        own = need.id in result.settings.weights
        weight = row.weight if row else need.weight
        yield "항목", f"{need.name}: 가중치", f"{weight:g}", "사용자 지정" if own else "사전 가정(안심지도 방법서)"
        state = text.need_state(row, result.settings) if row else STATES[supply.state]
        yield "항목", f"{need.name}: 자료 상태", state, "불러온 파일"


def _reach(supply: Supply, spec: NeedSpec | None, catalog: Catalog, factor: float) -> str:
    need = supply.need
    words = f"직선 {need.full_m * factor:.4g} m까지 1, {need.none_m * factor:.4g} m에서 0"
    if spec is not None and spec.walked:
        words += f" (걷는 거리 {spec.full_m:g}~{spec.none_m:g} m ÷ {catalog.method.detour:g})"
    return words if factor == 1 else f"{words} (배수 {factor:g} 적용)"


def _method(catalog: Catalog) -> Iterator[Row]:
    method = catalog.method
    yield "방법", "우회계수", f"{method.detour:g}", _OURS
    yield "방법", "경계 밖 시설", f"{method.near_m:g} m까지 도달도에 넣음", _OURS
    yield "방법", "동 이름만 아는 구역", f"도달도 {method.approximate_cap:g}까지", _OURS
    yield "방법", "일부 자료 기준", f"사업 평균의 {method.far_under_share:.0%} 미만", _OURS
    yield "방법", "기준일 상이", f"자료 기준일이 {method.stale_months}개월 넘게 벌어지면", _OURS


def source_table(result: DistrictResult, catalog: Catalog) -> pd.DataFrame:
    """Return where the numbers come from: the data (dates, counts), then the catalog's figures.

    Columns: topic, item, value, oldest, newest (ISO dates, '' unknown), source.
    """
    held = {layer.layer: layer for layer in result.source.layers}
    rows: list[tuple[str, ...]] = []
    for name, (oldest, newest) in result.source.data_dates.items():
        spec = catalog.layers.get(name)
        words = spec.name if spec else TABLE_NAMES.get(name, name)
        value = ""
        if name in held:
            near, unit = held[name].near, spec.unit if spec else "대"
            value = f"구 안 {(~near).sum():,}곳({held[name].devices[~near].sum():,}{unit}), 구 밖 1 km {near.sum():,}곳"
        files = "; ".join(
            f"{file.file} ({basis.dated(file)})" for file in basis.basis_files(result) if file.table == name
        )
        stated = "불러온 파일의 데이터기준일자(적혀 있지 않으면 빈칸)"
        rows.append(("자료", words, value or files, oldest, newest, stated))
    for need in catalog.needs.values():
        reach = f"{need.full_m:g}~{need.none_m:g} m{' (걷는 거리)' if need.walked else ''}"
        rows.append(("도달거리", need.name, reach, "", "", need.source))
    for layer in catalog.layers.values():
        if layer.cost_source:
            rows.append(("비용", layer.name, _costs(layer), "", "", layer.cost_source))
        if layer.programme:
            planned = f"{layer.programme.province} {layer.programme.count:,}{layer.unit}"
            rows.append(("사업 규모", layer.name, planned, "", "", layer.programme.source))
    rows.extend(("구역", area.name, "", "", "", area.source) for area in catalog.areas.values())
    return pd.DataFrame(rows, columns=["topic", "item", "value", "oldest", "newest", "source"], dtype="str")


def _costs(layer: LayerSpec) -> str:
    kinds = (
        ("설치", layer.cost_once_krw),
        ("기존 지주", layer.cost_existing_pole_krw),
        ("연간", layer.cost_year_krw),
    )
    return ", ".join(f"{words} {_won(cost)}" for words, cost in kinds if cost)


def _won(cost: Cost) -> str:
    if cost.low == cost.high:
        return f"{cost.default:,}원"
    return f"{cost.default:,}원 ({cost.low:,}~{cost.high:,})"
