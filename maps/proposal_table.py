"""A call for proposals as tables: every proposal and what became of it, the districts, and what the score rests on."""

from collections import Counter
from collections.abc import Collection

import numpy as np
import pandas as pd

from geo.crs import to_lonlat
from geo.grid import cell_names
from geo.proposals import BELOW_LINE, CHOSEN, DISTRICT_LIMIT, HELD, NOT_CHOSEN, Part, Proposal, Round
from maps.columns import Column

STAGES = {
    "struck_out": "심의 전 제외", "scored": "추천 밖", "shortlisted": "추천 (심의 전)", CHOSEN: "선정",
    NOT_CHOSEN: "미선정", HELD: "보류",
}  # fmt: skip
UNDECIDED = "결정 전"
SIDES = {"district": "자치구", "public": "시민", "police": "경찰", "other": "기타"}
STRUCK = {
    "duplicate": "중복", "unresolved": "위치를 알 수 없음", "outside": "가져온 경계 밖", "withdrawn": "취소·삭제",
    "impossible_coordinates": "있을 수 없는 좌표",
}  # fmt: skip
WHY_NOT = {BELOW_LINE: "점수순 밖", DISTRICT_LIMIT: "자치구 한도"}
LOCATED = {
    "coordinates": "좌표", "road_exact": "도로명주소", "lot_exact": "지번주소", "building": "건물",
    "main_number": "본번", "name": "이름", "dong": "행정동", "dong_of_address": "주소의 행정동",
}  # fmt: skip
_FLAGS = {
    "other_district": "다른 자치구에 있음", "other_dong": "적힌 동과 다른 곳", "doubtful_location": "위치 확인 필요",
    "address_not_found": "주소를 찾지 못함",
}  # fmt: skip
WHATS = {
    "households": "1인가구 수", "uncovered": "닿지 않는 1인가구 수", "cover": "도달도(0~1)", "table": "표의 수",
    "inside": "구역 안 비율(0~1)",
}  # fmt: skip
# What a part of cells is of: a need of the program's own catalog by its name, another as the rules say it.
SOURCES = {
    "combined": "종합", "lit": "밝은 길", "smart_lit": "안심이 연동 조명", "watched": "CCTV", "refuge": "대피처",
    "parcel": "안심택배", "patrolled": "순찰",
}  # fmt: skip
NOT_OURS = (
    "항목과 가중치는 담당자의 규칙 파일에 있는 것뿐입니다. 점수는 제안을 견주는 값이고 범죄나 안전의 크기가 아닙니다"
)

_COLUMNS = (
    Column("number", "번호"),
    Column("own_number", "접수번호"),
    Column("stage", "처리"),
    Column("reason", "까닭"),
    Column("district_name", "자치구"),
    Column("dong_name", "행정동"),
    Column("name", "제안"),
    Column("address", "주소"),
    Column("proposer", "제안자"),
    Column("side", "제안 구분"),
    Column("repeats", "같은 제안", "건", 0),
    Column("score", "점수", "0~100", 2),
    Column("rank", "점수 순위"),
    Column("shortlisted", "추천"),
    Column("decision", "결정"),
    Column("decision_reason", "사유"),
    Column("decided_at", "결정한 때"),
    Column("decided_by", "결정한 이"),
    Column("located_by", "위치 찾은 방법"),
    Column("flags", "확인할 것"),
    Column("grid_id", "국가지점번호"),
    Column("district", "자치구코드"),
    Column("dong", "행정동코드"),
    Column("x", "X좌표", "m", 1),
    Column("y", "Y좌표", "m", 1),
    Column("lon", "경도", "도", 7),
    Column("lat", "위도", "도", 7),
    Column("said", "그 밖의 내용"),
    Column("received", "접수", "건", 0),
    Column("of_district", "자치구 제안", "건", 0),
    Column("of_public", "시민 제안", "건", 0),
    Column("struck_out", "심의 전 제외", "건", 0),
    Column("scored", "채점", "건", 0),
    Column("listed", "추천", "건", 0),
    Column("chosen", "선정", "건", 0),
    Column("remark", "비고"),
    Column("topic", "구분"),
    Column("item", "내용"),
    Column("value", "값"),
    Column("source", "근거"),
)
_BY_NAME = {column.name: column for column in _COLUMNS}


def proposal_columns(names: Collection[str], made: Round) -> dict[str, Column]:
    """Return the columns of a table by name, in its order; of each part its value and its points."""
    own = dict(_BY_NAME)
    for i, part in enumerate(made.parts, start=1):
        decimals = 0 if part.what in {"households", "uncovered"} else 3
        own[f"value_{i}"] = Column(f"value_{i}", part.name, WHATS[part.what], decimals)
        own[f"points_{i}"] = Column(f"points_{i}", f"{part.name} 점", f"가중치 {part.weight:g}", 2)
    return {name: own[name] for name in names}


def proposal_table(made: Round) -> pd.DataFrame:
    """Return one row a proposal, by number: all there were, and what became of each and why.

    ``value_i`` is what was found for part i, ``points_i`` what it adds to the score; NaN without data.
    """
    n = len(made.proposals)
    repeats = Counter(p.same_as for p in made.proposals if p.same_as)
    rows = [_row(p, made, repeats[p.number]) for p in made.proposals]
    columns = [
        *(
            "number",
            "own_number",
            "stage",
            "reason",
            "district_name",
            "dong_name",
            "name",
            "address",
            "proposer",
            "side",
        ),
        *("repeats", "score", "rank"),
        *(f"{what}_{i}" for i in range(1, len(made.parts) + 1) for what in ("value", "points")),
        *("shortlisted", "decision", "decision_reason", "decided_at", "decided_by", "located_by", "flags", "grid_id"),
        *("district", "dong", "x", "y", "said"),
    ]
    table = pd.DataFrame(rows, columns=columns)
    floats = [name for name in columns if name in {"score", "x", "y"} or name.startswith(("value_", "points_"))]
    table[floats] = table[floats].astype(float)
    table["rank"] = table["rank"].astype("Int64")
    lon, lat, grid_id = np.full(n, np.nan), np.full(n, np.nan), np.full(n, "", object)
    at = np.flatnonzero(table["x"].notna())
    if len(at):
        x, y = table["x"].to_numpy()[at], table["y"].to_numpy()[at]
        lon[at], lat[at] = to_lonlat(x, y)
        grid_id[at] = cell_names(x, y, 10)
    return table.assign(lon=lon, lat=lat, grid_id=grid_id)


def _row(p: Proposal, made: Round, repeats: int) -> dict[str, object]:
    decision = p.decision
    row: dict[str, object] = {
        "number": p.number, "own_number": p.own_number, "stage": stage_of(p, made), "reason": reason_of(p, made),
        "district_name": p.district_name, "dong_name": p.dong_name, "name": p.name, "address": p.address,
        "proposer": p.proposer, "side": SIDES[p.side], "repeats": repeats, "score": p.score, "rank": p.rank,
        "shortlisted": "추천" if p.shortlisted else "", "decision": STAGES[decision.outcome] if decision else "",
        "decision_reason": decision.reason if decision else "", "decided_at": decision.when[:16] if decision else "",
        "decided_by": decision.who if decision else "",
        "located_by": LOCATED.get(p.located_by, ""), "flags": ", ".join(map(flag_words, p.flags)),
        "district": p.district, "dong": " ".join(p.dongs), "x": p.x, "y": p.y,
        "said": " | ".join(f"{name}: {text}" for name, text in p.said.items()),
    }  # fmt: skip
    for i, part in enumerate(made.parts, start=1):
        row |= {f"value_{i}": p.found.get(part.name), f"points_{i}": p.points.get(part.name)}
    return row


def flag_words(flag: str) -> str:
    """Return what is to be looked at, in words."""
    missing = flag.removeprefix("missing:")
    return f"자료 없음: {missing}" if missing != flag else _FLAGS.get(flag, flag)


def stage_of(p: Proposal, made: Round) -> str:
    """Return how far a proposal came, in words; without a shortlist nothing is outside one."""
    return UNDECIDED if p.stage == "scored" and made.limits is None else STAGES[p.stage]


def reason_of(p: Proposal, made: Round) -> str:
    """Return why a proposal stands where it does, in words."""
    if p.struck:
        return f"{STRUCK[p.struck]} ({p.same_as}번과 같음)" if p.same_as else STRUCK[p.struck]
    if p.decision is not None:
        beside = "" if p.shortlisted or made.limits is None else " (추천 밖에서)"
        return f"{p.decision.reason}{beside}"
    if p.score is None:
        return "점수를 낼 자료가 없음"
    return "" if p.shortlisted else WHY_NOT.get(p.why_not, "")


def district_table(made: Round) -> pd.DataFrame:
    """Return one row a district that is loaded, by code: how many came from it and how far; who sent none is said."""
    rows = []
    places = {**made.districts, **({"": "자치구 미상"} if any(not p.district for p in made.proposals) else {})}
    for code, name in sorted(places.items()):
        own = [p for p in made.proposals if p.district == code]
        sides = Counter(p.side for p in own)
        remarks = ["제안 없음"] if not own else ["자치구가 내지 않음"] if code and not sides["district"] else []
        rows.append({
            "district": code, "district_name": name, "received": len(own), "of_district": sides["district"],
            "of_public": sides["public"], "struck_out": sum(bool(p.struck) for p in own),
            "scored": sum(p.score is not None and not p.struck for p in own), "listed": sum(p.shortlisted for p in own),
            "chosen": sum(p.stage == CHOSEN for p in own), "remark": ", ".join(remarks),
        })  # fmt: skip
    return pd.DataFrame(rows)


def basis_table(made: Round) -> pd.DataFrame:
    """Return what the score and the shortlist rest on: topic, item, value, source."""
    rows = [("점수", "뜻", "100 × Σ(가중치 × 항목 점수 0~1) ÷ Σ가중치", NOT_OURS)]
    rows += [
        (f"항목 {i}", part.name, _scale(part), SOURCES.get(part.source, part.source))
        for i, part in enumerate(made.parts, start=1)
    ]
    rows.append(("점수", "자료 없는 항목", "그 제안에서 빼고 나머지 가중치로 셈하며 '자료 없음'으로 표시", ""))
    if made.limits is not None:
        most = made.limits.most_per_district
        least = made.limits.least_per_district
        limits = f"{made.limits.size}건, 자치구별 최대 {'없음' if most is None else most}, 최소 {least}"
        rows.append(("추천", "한도", limits, "규칙 파일 또는 명령"))
    rows += [("파일", name, "", "") for name in made.files]
    rows += [("유의사항", note, "", "") for note in made.notes]
    rows.append(("자료", f"저장소 판 {made.data_version}", made.made_at, ""))
    return pd.DataFrame(rows, columns=["topic", "item", "value", "source"], dtype="str")


def _scale(part: Part) -> str:
    low = "제안 중 최저" if np.isnan(part.low) else f"{part.low:g}"
    high = "제안 중 최고" if np.isnan(part.high) else f"{part.high:g}"
    ends = f"{low} → 0, {high} → 1" if part.better == "more" else f"{low} → 1, {high} → 0"
    within = f", 점은 {part.within_m:g} m 안" if part.what in {"households", "uncovered", "cover"} else ""
    return f"가중치 {part.weight:g}; {WHATS[part.what]}{within}; {ends}"
