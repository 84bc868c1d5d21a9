"""A plan as tables: its sites, what the money buys site by site, and what it rests on."""

from collections.abc import Collection, Iterable, Iterator

import numpy as np
import pandas as pd

from geo.crs import to_lonlat
from geo.plans import LayerPlan, Plan, Site
from layers.catalog import Catalog
from maps.assumptions import NOT_CRIME
from maps.columns import TABLE_NAMES, Column
from maps.plan_text import (
    LEVEL_NAMES,
    NOT_ADDED,
    STATUS_NAMES,
    bound_words,
    curve_words,
    district_words,
    floor_words,
    gained_words,
    limit_words,
    measured_words,
    money,
    proof,
    steady_words,
)
from maps.text import number, span, when

_COLUMNS = (
    Column("number", "번호"),
    Column("rank", "층 안 순위"),
    Column("layer", "층 코드"),
    Column("layer_name", "층"),
    Column("grid_id", "국가지점번호"),
    Column("district_name", "자치구"),
    Column("dong", "행정동코드"),
    Column("dong_name", "행정동"),
    Column("kind", "자리"),
    Column("site_id", "후보 번호"),
    Column("site_name", "이름"),
    Column("flags", "확인할 것"),
    Column("once_krw", "설치비", "원", 0),
    Column("year_krw", "연간비", "원", 0),
    Column("total_krw", "기간 전체", "원", 0),
    Column("score", "종합 도달 증가", "가구분", 1),
    Column("spent_krw", "누적 비용", "원", 0),
    Column("score_so_far", "누적 종합 도달", "가구분", 1),
    Column("nearest_id", "가까운 시설 번호"),
    Column("nearest_name", "가까운 시설"),
    Column("nearest_address", "가까운 시설 주소"),
    Column("nearest_m", "가까운 시설 거리", "m", 0),
    Column("stability", "안정성", "0~1", 2),
    Column("x", "X좌표", "m", 1),
    Column("y", "Y좌표", "m", 1),
    Column("lon", "경도", "도", 7),
    Column("lat", "위도", "도", 7),
    Column("occupancy", "이용률", "0~1", 3),
    Column("households", "1인가구", "가구", 1),
    Column("share_before", "도달률 전", "0~1", 3),
    Column("share_after", "도달률 후", "0~1", 3),
    Column("households_losing", "잃는 가구", "가구", 1),
    Column("gap_rank", "틈새 순위 전", "", 0),
    Column("gap_rank_after", "틈새 순위 후", "", 0),
    Column("uncovered_before", "미도달 가구 전", "가구", 1),
    Column("uncovered_after", "미도달 가구 후", "가구", 1),
    Column("cover_before", "도달도 전", "0~1", 3),
    Column("cover_after", "도달도 후", "0~1", 3),
    Column("cells", "틈새 칸 전", "", 0),
    Column("cells_left", "틈새 칸 후", "", 0),
    Column("topic", "구분"),
    Column("item", "내용"),
    Column("value", "값"),
    Column("source", "근거"),
)
_BY_NAME = {column.name: column for column in _COLUMNS}


def site_table(plan: Plan) -> pd.DataFrame:
    """Return one row a site, numbered as on the map; ``gained_NEED`` households, ``per_million_NEED`` a million won.

    ``spent_krw`` and ``score_so_far`` run on within a layer: the curve of gain against money. NaN where a site does
    not supply a need, or costs nothing. A plan for several districts has the column ``district_name``.
    """
    gains = list(dict.fromkeys(need for site in plan.sites for need in site.gained))
    names = {layer.layer: layer.name for layer in plan.layers}
    rows, number = [], 0
    for layer in plan.layers:
        spent = score = 0.0
        for site in layer.sites:
            number, spent, score = number + 1, spent + site.total_krw, score + site.score
            row = _row(site, number, names[site.layer], gains) | {"spent_krw": spent, "score_so_far": score}
            rows.append(row | _district(plan, site.dong))
    order = [
        "number", "rank", "layer", "layer_name", "grid_id", *_district(plan, ""), "dong", "dong_name", "kind",
        "site_id", "site_name", "once_krw", "year_krw", "total_krw",
        *(f"gained_{n}" for n in gains), *(f"per_million_{n}" for n in gains),
        "score", "spent_krw", "score_so_far", "flags", "nearest_id", "nearest_name", "nearest_address", "nearest_m",
        "stability", "x", "y",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=order)
    lon, lat = to_lonlat(table["x"].to_numpy(float), table["y"].to_numpy(float)) if len(table) else ([], [])
    return table.assign(lon=np.asarray(lon, float), lat=np.asarray(lat, float))


def _district(plan: Plan, dong: str) -> dict[str, object]:
    """Return the column of the district, which a plan for one does not have."""
    return {"district_name": plan.district_of(dong)} if plan.districts else {}


def _row(site: Site, number: int, layer_name: str, gains: Iterable[str]) -> dict[str, object]:
    near, nan = site.nearest, float("nan")
    row: dict[str, object] = {
        "number": number, "rank": site.rank, "layer": site.layer, "layer_name": layer_name, "grid_id": site.grid_id,
        "dong": site.dong, "dong_name": site.dong_name, "kind": site.kind, "site_id": site.id, "site_name": site.name,
        "once_krw": site.once_krw, "year_krw": site.year_krw, "total_krw": site.total_krw, "score": site.score,
        "flags": site.flags, "nearest_id": near.id if near else "", "nearest_name": near.name if near else "",
        "nearest_address": near.address if near else "", "nearest_m": near.distance_m if near else nan,
        "stability": nan if site.stability is None else site.stability, "x": site.x, "y": site.y,
    }  # fmt: skip
    for need in gains:
        gained = site.gained.get(need, nan)
        row |= {
            f"gained_{need}": gained,
            f"per_million_{need}": gained / (site.total_krw / 1e6) if site.total_krw else nan,
        }
    return row


def closed_table(plan: Plan) -> pd.DataFrame:
    """Return one row a facility that the plan moves away, with the households that lose their cover for it."""
    rows = []
    for layer in plan.layers:
        for gone in layer.closed:
            row: dict[str, object] = {
                "layer": gone.layer, "nearest_id": gone.id, "site_name": gone.name, "nearest_address": gone.address,
                "grid_id": gone.grid_id, **_district(plan, gone.dong), "dong": gone.dong, "dong_name": gone.dong_name,
                "occupancy": float("nan") if gone.occupancy is None else gone.occupancy, "x": gone.x, "y": gone.y,
            }  # fmt: skip
            rows.append(row | {f"lost_{need}": lost for need, lost in gone.lost.items()})
    return pd.DataFrame(rows)


def dong_table(plan: Plan) -> pd.DataFrame:
    """Return one row a dong and layer: share covered before and after, households that lose cover."""
    rows = [
        {
            "layer_name": layer.name, **_district(plan, dong.dong), "dong": dong.dong, "dong_name": dong.name,
            "households": dong.households,
            "share_before": dong.before, "share_after": dong.after, "households_losing": dong.lost,
        }
        for layer in plan.layers for dong in layer.dongs
    ]  # fmt: skip
    return pd.DataFrame(rows)


def gap_table(plan: Plan) -> pd.DataFrame:
    """Return one row a gap area that the plan changes, before and after; ``gap_rank_after`` NaN where it is none."""
    rows = [
        {
            "gap_rank": one.rank, "gap_rank_after": float("nan") if one.rank_after is None else one.rank_after,
            "grid_id": one.grid_id, "dong": one.dong, "dong_name": one.dong_name, "households": one.households,
            "uncovered_before": one.uncovered_before, "uncovered_after": one.uncovered_after,
            "cover_before": one.cover_before, "cover_after": one.cover_after,
            "cells": one.cells, "cells_left": one.cells_left,
        }
        for one in plan.gaps
    ]  # fmt: skip
    return pd.DataFrame(rows)


def plan_columns(names: Collection[str], plan: Plan) -> dict[str, Column]:
    """Return the Korean name and unit of each column of these tables."""
    families = (("gained_", "{} 증가", 1), ("per_million_", "{} 백만 원당", 2), ("lost_", "{} 잃음", 1))
    found = {name: _BY_NAME[name] for name in names if name in _BY_NAME}
    for prefix, alias, decimals in families:
        for name in names:
            if name.startswith(prefix):
                need = plan.need_names[name.removeprefix(prefix)]
                found[name] = Column(name, alias.format(need), "가구", decimals)
    return {name: found[name] for name in names}


def basis_table(plan: Plan, catalog: Catalog) -> pd.DataFrame:
    """Return what the plan is and rests on: topic, item, value, source."""
    rows = [*_whole(plan), *(row for layer in plan.layers for row in _layer(plan, layer, catalog))]
    for need, weight in plan.weights.items():
        spec = catalog.needs.get(need)
        reach = f"가중치 {weight:g}" + (f", {spec.full_m:g}~{spec.none_m:g} m" if spec else "")
        rows.append(("필요", plan.need_names[need], reach, spec.source if spec else ""))
    for name, dates in plan.data_dates.items():
        layer = catalog.layers.get(name)
        words = layer.name if layer else TABLE_NAMES.get(name, name)
        rows.append(("자료 기준일", words, span(dates), "불러온 파일"))
    rows += [("유의사항", "", words, "") for words in (NOT_ADDED, NOT_CRIME, *plan.notes)]
    return pd.DataFrame(rows, columns=["topic", "item", "value", "source"], dtype="str")


def _whole(plan: Plan) -> Iterator[tuple[str, str, str, str]]:
    yield "계획", "이름", plan.name or "(저장하지 않음)", ""
    yield "계획", "지역", f"{plan.district_name} ({plan.district})", ""
    for words in district_words(plan):
        name, _, rest = words.partition(": ")
        yield "자치구", name, rest, "따로 다시 셈"
    yield "계획", "자료 판", str(plan.data_version), "저장소"
    yield "계획", "분석 시각", when(plan.at), ""
    yield "계획", "대상", plan.who or "1인가구 전체", ""
    yield "계획", "종합 도달(가구분)", f"{plan.before:,.1f} → {plan.after:,.1f}", "따로 다시 세어 같음"
    for heading in plan.headings:
        yield "계획", "먼저 볼 것", heading, ""
    if plan.draws:
        yield "계획", "안정성", steady_words(plan), "안심지도 방법서 4절"
    for one in plan.reruns:
        gained = ", ".join(f"{plan.need_names[n]} +{number(g)}가구" for n, g in one.gained.items() if g > 0)
        words = f"{sum(one.sites.values())}곳, {money(one.total_krw)}, {gained}, 같은 자리 {one.kept}곳"
        yield "계획", LEVEL_NAMES[one.level], words, "층의 단가 범위"
    yield "계획", "연간비를 넣은 햇수", f"{plan.years}년", "안심지도 방법서 5절"


def _layer(plan: Plan, layer: LayerPlan, catalog: Catalog) -> Iterator[tuple[str, str, str, str]]:
    spec = catalog.layers.get(layer.layer)
    yield layer.name, "증명", proof(layer), layer.bound_from
    own = measured_words(layer)
    yield (
        layer.name, "목적값·상한·차이", own or " · ".join([f"{layer.after:,.1f}", *bound_words(layer)]), "계산"
    )  # fmt: skip
    for words in (*floor_words(plan, layer), *layer.notes):
        yield layer.name, "설명", words, "계산"
    if curve := curve_words(layer):
        yield layer.name, "비용에 따른 효과", curve, "계산"
    yield layer.name, "상태", f"{STATUS_NAMES[layer.status]}, {layer.seconds:.1f}초", "계산"
    yield layer.name, "조건", limit_words(layer), "사용자 지정"
    yield layer.name, "후보지", f"{layer.candidates:,}곳", "자료와 사용자 지정"
    for why, count in layer.left_out.items():
        yield layer.name, f"후보에서 뺌: {why}", f"{count:,}곳", ""
    yield layer.name, "비용", money(layer.total_krw), spec.cost_source if spec else ""
    yield layer.name, "늘어나는 가구", gained_words(plan, layer), "따로 다시 셈"
