"""A made-up city of 25 districts and its call for proposals: 247 sent, 44 that should be shortlisted, 25 chosen.

Seeded and plain: the numbers are those of a real round (domain.md 6), everything else is invented. 24 districts sent 41
proposals, one sent none, the public sent 206. Crime is such that 32 of the districts' and 12 of the public's lead.
"""

import csv
import json
import random

import numpy as np

from geo.crs import to_lonlat

GU = [f"{a}{b}구" for a in "가나다라마" for b in "람온솔빛들"]
SILENT = GU[24]
DONG_EACH = 12
X0, Y0 = 930_000.0, 1_930_000.0


NAMES = ("하늘", "바다", "구름", "햇살", "달빛", "이슬", "단풍", "들꽃", "소나무", "은행", "느티", "버들")


def dong_name(i):
    return f"{NAMES[i]}동"


def boundaries():
    """300 dong of 1 km: five districts a row, each of four by three dong."""
    features = []
    for g, name in enumerate(GU):
        for d in range(DONG_EACH):
            x, y = X0 + (g % 5) * 4000 + (d % 4) * 1000, Y0 + (g // 5) * 3000 + (d // 4) * 1000
            ring = [(x, y), (x + 1000, y), (x + 1000, y + 1000), (x, y + 1000), (x, y)]
            lon, lat = to_lonlat(np.array([p[0] for p in ring]), np.array([p[1] for p in ring]))
            code = f"98{g:03d}"
            features.append({
                "type": "Feature",
                "properties": {
                    "OBJECTID": len(features), "adm_nm": f"가상시 {name} {dong_name(d)}", "adm_cd": f"98{g:03d}{d:02d}",
                    "adm_cd2": f"{code}{d:02d}000", "sgg": code, "sido": "98", "sidonm": "가상시", "sggnm": name,
                },
                "geometry": {"type": "Polygon", "coordinates": [list(zip(lon.tolist(), lat.tolist(), strict=True))]},
            })  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def make(folder, seed=20240401):
    """Write 경계.geojson, 제안.csv (cp949), 범죄.csv, 강화구역.geojson and 규칙.toml."""
    rng = random.Random(seed)
    sent = [(g, d) for g in range(24) for d in range(2 if g < 17 else 1)]  # 41 of the districts
    strong = sent[:32]
    public_strong = [(g, 4) for g in range(13, 25)]  # 12 of the public, one of them in the silent district
    weak = [(g, d) for g in range(25) for d in range(6, 12)]
    rng.shuffle(weak)
    crime = {(g, d): rng.randint(5, 60) for g in range(25) for d in range(DONG_EACH)}
    crime |= {place: rng.randint(300, 400) for place in [*strong, *public_strong]}

    rows = [("자치구", g, d) for g, d in sent]
    rows += [("시민", g, d) for g, d in [*public_strong, *weak[:30]]]
    rows += [("시민", *rng.choice([*sent, *public_strong])) for _ in range(150)]  # what others proposed as well
    rows += [("시민", rng.randrange(25), None) for _ in range(14)]  # "우리 동네"
    rng.shuffle(rows)
    with (folder / "제안.csv").open("w", encoding="cp949", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["접수번호", "제안자", "자치구", "대상동", "제안 내용"])
        for i, (who, g, d) in enumerate(rows, start=1):
            office = f"{GU[g]}청" if who == "자치구" else rng.choice(["시민", "온라인 공모"])
            place = "" if d is None else rng.choice([dong_name(d), f" {dong_name(d)} "])
            writer.writerow([f"2024-{i:03d}", office, rng.choice([GU[g], f"가상시 {GU[g]}"]), place, f"골목 {i}"])
    with (folder / "범죄.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["자치구", "행정동", "발생건수"])
        writer.writerows([GU[g], dong_name(d), n] for (g, d), n in sorted(crime.items()))
    (folder / "경계.geojson").write_text(boundaries(), encoding="utf-8")
    (folder / "강화구역.geojson").write_text(_zone(), encoding="utf-8")
    (folder / "규칙.toml").write_text(RULES, encoding="utf-8")


def _zone():
    """The south-west quarter of 가람구's first dong."""
    x, y = np.array([0, 500, 500, 0, 0]) + X0, np.array([0, 0, 500, 500, 0]) + Y0
    ring = [list(p) for p in zip(*(v.tolist() for v in to_lonlat(x, y)), strict=True)]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


RULES = """
[[part]]
name = "5대 범죄"
what = "table"
file = "범죄.csv"
column = "발생건수"
weight = 90

[[part]]
name = "범죄예방강화구역"
what = "inside"
file = "강화구역.geojson"
weight = 10
low = 0
high = 1

[shortlist]
size = 44
most_per_district = 3
"""
