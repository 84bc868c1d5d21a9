"""Write the sample district: a made-up 안심구 as open-data-form files, with the defects such files have.

``python -m data.make_sample`` rewrites ``data/sample/`` byte for byte as it is committed; another folder may be
given. What each file holds, and what its import should report, is in ``data/sample/README.md``. Only
``random.Random.random`` is drawn from: its sequence is the one that Python promises to keep.
"""

import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from data import sample_blocks as blocks
from data import sample_devices as devices
from data import sample_town as town
from data.sample_devices import CITY, CODE, DISTRICT, Rows
from data.sample_town import Dong, Ring, lonlat

STAT_CODE = "99990"  # the statistical office numbers districts otherwise
SEED = 20_251_223
_ALONE_SCALE = 0.96


def main(folder: Path) -> None:
    """Write every file of the sample into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)


def files() -> dict[str, bytes]:
    """Return the content of every file of the sample by its name."""
    buildings = blocks.buildings(Random(SEED))
    stores = devices.stores(Random(SEED + 1))
    return {
        "행정동_경계_안심구.geojson": _geojson(_boundaries()),
        "1인가구_안심구.csv": _csv(_households(buildings, Random(SEED + 2)), "cp949"),
        "건물_안심구.geojson": _geojson(_building_features(buildings)),
        "구역_안심구.geojson": _geojson(_areas()),
        "가상시_안심구_보안등정보_20251223.csv": _csv(devices.security_lights(Random(SEED + 3)), "utf-8-sig"),
        "전국스마트가로등표준데이터.csv": _csv(devices.smart_lights(Random(SEED + 4)), "cp949"),
        "가상시_가로등_위치_정보_20251110.csv": _csv(devices.streetlights(), "cp949"),
        "가상시_안심구_CCTV_20251130.csv": _csv(devices.cameras(Random(SEED + 5)), "cp949"),
        "가상시_안심택배함_설치_장소.csv": _csv(devices.lockers(), "cp949"),
        "가상시_안심구_여성안심지킴이집_20251201.csv": _csv(devices.safe_houses(stores), "cp949"),
        "안전비상벨위치정보.csv": _csv(devices.bells(Random(SEED + 6)), "utf-8-sig"),
        "안심마을보안관_활동구역_2025.csv": _csv(devices.patrols(), "utf-8"),
        "안심구_안전상비의약품_판매점.csv": _csv(devices.shops(stores), "utf-8-sig"),
    }


# ---------------------------------------------------------------- writing


def _csv(rows: Rows, encoding: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n" if encoding == "cp949" else "\n").writerows(rows)
    return text.getvalue().encode(encoding)


def _geojson(features: Iterable[dict[str, Any]]) -> bytes:
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    return f'{{"type":"FeatureCollection","crs":{crs},"features":[\n{lines}\n]}}\n'.encode()


def _feature(properties: dict[str, Any], polygons: list[list[Ring]]) -> dict[str, Any]:
    """Return a feature; ``polygons`` are lists of rings of the plan, the outer first."""
    shapes = [[lonlat(ring) for ring in rings] for rings in polygons]
    kind, coordinates = ("Polygon", shapes[0]) if len(shapes) == 1 else ("MultiPolygon", shapes)
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


# ---------------------------------------------------------------- the ground


def _boundaries() -> Iterable[dict[str, Any]]:
    for number, dong in enumerate(town.DONGS, start=1):
        polygons = [[town.outline(dong)]]
        if dong.name == town.EXCLAVE_OF:
            polygons.append([town.exclave()])
        if dong.name == town.EXCLAVE_IN:
            polygons[0].append(town.exclave()[::-1])
        yield _feature(
            {
                "OBJECTID": number,
                "adm_nm": f"{CITY} {DISTRICT} {dong.name}",
                "adm_cd": f"{STAT_CODE}{dong.serial}",
                "adm_cd2": f"{CODE}{dong.serial}000",
                "sgg": CODE,
                "sido": CODE[:2],
                "sidonm": CITY,
                "sggnm": DISTRICT,
            },
            polygons,
        )


def _building_features(buildings: Sequence[blocks.Building]) -> Iterable[dict[str, Any]]:
    rings = lonlat([corner for building in buildings for corner in (*building.corners, building.corners[0])])
    for i, building in enumerate(buildings):
        properties = {"용도": building.use, "지상층수": building.floors, "세대수": building.households}
        yield {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": [rings[5 * i : 5 * i + 5]]},
        }


def _areas() -> Iterable[dict[str, Any]]:
    def area(kind: str, name: str, ring: Ring) -> dict[str, Any]:
        return _feature({"구역종류": kind, "구역명": name, "데이터기준일자": "2025-06-30"}, [[ring]])

    empty = "비거주 지역 (숲·물·공원)"
    yield area(empty, town.HILL[0], town.ellipse(*town.HILL[1:], rough=0.045))
    yield area(empty, "안심천", town.stream_bed())
    for name, at, half in town.PARKS:
        yield area(empty, name, town.ellipse(at, half))
    west, east, south, north = 640.0, 1_560.0, 610.0, 1_070.0
    yield area(
        "주거안심구역",
        "안심역 주거안심구역",
        [(west, south), (east, south), (east, north), (west, north), (west, south)],
    )


_HOUSEHOLD = (
    "행정동코드,자치구,행정동명,성별,연령대,총인구,1인가구수,커뮤니케이션이 적은 집단,평일 외출이 적은 집단,"
    "휴일 외출이 적은 집단,출근소요시간 및 근무시간이 많은 집단,외출이 매우 적은 집단 (전체),외출이 매우 많은 집단,"
    "동영상서비스 이용이 많은 집단,샹활서비스 이용이 많은 집단,재정상태에 대한 관심집단,"
    "외출-커뮤니케이션이 모두 적은 집단 (전체)"
)
_AGES = range(20, 80, 5)
_YOUNG = (0.18, 0.55, 0.17, 0.10)  # of those under 40, by five years
_OLDER = (0.10, 0.10, 0.12, 0.13, 0.14, 0.13, 0.12, 0.16)
_SHARE_ALONE = (0.72, 0.80, 0.70, 0.55, 0.42, 0.36, 0.28, 0.27, 0.30, 0.30, 0.28, 0.33)


def _households(buildings: Sequence[blocks.Building], random: Random) -> Rows:
    rows: Rows = [_HOUSEHOLD.split(",")]
    alone = dict.fromkeys((dong.name for dong in town.DONGS), 0.0)
    for building in buildings:
        alone[town.dong_of(*building.centre).name] += building.households * building.fabric.alone * _ALONE_SCALE
    for dong in town.DONGS:
        for sex, age, number in _by_sex_and_age(dong, round(alone[dong.name])):
            everybody = round(number / _SHARE_ALONE[(age - 20) // 5] * (0.92 + 0.16 * random.random()))
            some = [round(number * share * (0.6 + 0.8 * random.random())) for share in (*(0.11,) * 9, 0.03)]
            rows.append(
                [f"{STAT_CODE}{dong.serial}", DISTRICT, dong.name, sex, age, f"{everybody:,}", f"{number:,}", *some]
            )
    return rows


def _by_sex_and_age(dong: Dong, total: int) -> Iterable[tuple[int, int, int]]:
    """Share a dong's total out by largest remainder: (sex 1 male 2 female, age from, number)."""
    kinds = [(sex, age) for sex in (1, 2) for age in _AGES]
    shares = []
    for sex, age in kinds:
        i = (age - 20) // 5
        share = dong.young * _YOUNG[i] if i < 4 else (1 - dong.young) * _OLDER[i - 4]
        female = 0.53 if i < 4 else 0.47 + 0.016 * i
        shares.append(total * share * (female if sex == 2 else 1 - female))
    numbers = [math.floor(share) for share in shares]
    for i in sorted(range(len(kinds)), key=lambda i: (numbers[i] - shares[i], i))[: total - sum(numbers)]:
        numbers[i] += 1
    return [(sex, age, number) for (sex, age), number in zip(kinds, numbers, strict=True)]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample")
