"""Rows of the sample's facilities, each list of rows in the verbatim header of its open-data form.

The defects that such files have are put in here, few of each; their counts are in ``data/sample/README.md``.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from data import sample_blocks as blocks
from data import sample_town as town
from data.sample_town import Point, between, latlon_texts

CITY, DISTRICT, CODE = "가상시", "안심구", "99999"
FAR_PROVINCE, FAR_CITY = "경기도", "저편시"  # there is no such city: where the rows outside lie
PHONE = "099-999-0000"
OFFICE = f"{CITY} {DISTRICT}청"

Rows = list[list[Any]]
Store = tuple[str, str, Point]

_SECURITY_LIGHT = (
    "보안등위치명,설치개수,소재지도로명주소,소재지지번주소,위도,경도,설치연도,설치형태,관리기관전화번호,관리기관명,"
    "데이터기준일자"
)
_SMART_LIGHT = (
    "스마트가로등유형,시도명,시군구명,도로명,소재지도로명주소,소재지지번주소,위도,경도,스마트가로등형태,점등상태여부,센서종류,"
    "센싱정보서비스,CCTV유무,WiFi유무,GPS수신기유무,비콘유무,조명제어여부,위급상황신고가능여부,앱서비스명,앱서비스제공내용,"
    "기타서비스,설치연도,관리기관명,관리기관전화번호,데이터기준일자,제공기관코드,제공기관명"
)
_CAMERA = (
    "개방자치단체코드,관리번호,관리기관명,소재지도로명주소,소재지지번주소,설치목적구분,카메라대수,카메라화소수,촬영방면정보,"
    "보관일수,설치연월,관리기관전화번호,WGS84위도,WGS84경도,데이터기준일자,최종수정시점"
)
_BELL = (
    "번호,안전비상벨관리번호,설치목적,설치장소유형,설치위치,소재지도로명주소,소재지지번주소,WGS84위도,WGS84경도,연계방식,"
    "경찰연계유무,경비업체연계유무,관리사무소연계유무,부가기능,안전비상벨설치연도,최종점검일자,최종점검결과구분,관리기관명,"
    "관리기관전화번호,데이터기준일자"
)
_SAFE_HOUSE = (
    "점포명,시도명,시군구명,시군구코드,소재지도로명주소,소재지지번주소,위도,경도,여성안심지킴이집전화번호,관할경찰서명,지정연도,"
    "운영여부,데이터기준일자"
)

_LAMPS_EVERY_M = 29.0
_POCKET_LAMPS = 0.04  # share of lamp posts there are in a pocket
_STACK = (1_020.0, 40.0)  # an underpass: thirty lamps at one point
_SMART_AREA = (660.0, 1_180.0, 825.0, 1_080.0)  # west, east, south, north: replaced lamps north-west of the station


# ---------------------------------------------------------------- lamps


def security_lights(random: Random) -> Rows:
    """Return the rows of 전국보안등정보표준데이터."""
    posts = [
        (spot.u, spot.v)
        for spot in blocks.street_spots(_LAMPS_EVERY_M)
        if random.random() < (_POCKET_LAMPS if town.is_pocket(spot.u, spot.v) else spot.fabric.lamps)
    ]
    near_outside = [(-60.0, 260.0), (2_470.0, 1_010.0), (1_210.0, -85.0), (640.0, 1_880.0)]
    places = [*posts, *[_STACK] * 30, *near_outside]
    serial: dict[str, int] = {}
    rows: Rows = []
    for (u, v), position in zip(places, latlon_texts(places), strict=True):
        dong = town.dong_of(u, v).name
        serial[dong] = serial.get(dong, 0) + 1
        kind = ("전용주", "한전주", "건축물", "통신주")[int(random.random() ** 1.4 * 4)]
        rows.append(_lamp(f"{dong}{serial[dong]:03d}", _lot_address(u, v, random), position, kind))
    for row in rows[40:1_290:50]:
        row[1] = 2
    for row in rows[15:240:45]:
        row[3] = row[3].replace(f"{DISTRICT} ", f"{DISTRICT}  ")
    for row in rows[700:703]:
        row[3] = f"{FAR_PROVINCE} {FAR_CITY} 저편동 700-1"
    rows[900][4:6] = ["", ""]
    rows += [
        _lamp(f"저편{i + 1:03d}", f"{FAR_PROVINCE} {FAR_CITY} 저편동 1-1", at, "한전주") for i, at in enumerate(_far(2))
    ]
    for i in range(12):
        rows.insert(300 + 170 * i, list(rows[60 + 90 * i]))
    return [_SECURITY_LIGHT.split(","), *rows]


def _lamp(name: str, lot: str, position: tuple[str, str], kind: str) -> list[Any]:
    return [name, 1, "", lot, *position, "", kind, PHONE, OFFICE, "2025-12-23"]


def smart_lights(random: Random) -> Rows:
    """Return the rows of 전국스마트가로등표준데이터: few here, and another city's."""
    west, east, south, north = _SMART_AREA
    posts = [
        (spot.u, spot.v)
        for spot in blocks.street_spots(_LAMPS_EVERY_M)
        if west < spot.u < east and south < spot.v < north and random.random() < 0.4
    ]
    rows: Rows = []
    for (u, v), position in zip(posts, latlon_texts(posts), strict=True):
        kind = ("1", "01", "02", "01+02")[int(random.random() * 4)]
        rows.append(_smart_lamp(kind, (CITY, DISTRICT, "안심역로"), _lot_address(u, v, random), position, random))
    for i, position in enumerate(_far(8)):
        lot = f"{FAR_PROVINCE} {FAR_CITY} 저편동 {i + 1}"
        rows.insert(7 * i, _smart_lamp("02", (FAR_PROVINCE, FAR_CITY, "저편로"), lot, position, random))
    rows += [list(row) for row in rows[10:40:10]]
    return [_SMART_LIGHT.split(","), *rows]


def _smart_lamp(
    kind: str, place: tuple[str, str, str], lot: str, position: tuple[str, str], random: Random
) -> list[Any]:
    year = "" if random.random() < 0.6 else 2020 + int(random.random() * 6)
    sensor = ("조도센서", "동작감지센서")[int(random.random() * 2)]
    office = f"{place[0]} {place[1]}청"
    device = [1, "Y", sensor, "방범", "N", "N", "N", "Y", "Y", "Y", "안심이", "긴급신고", "", year]
    return [kind, *place, "", lot, *position, *device, office, PHONE, "2025-11-20", "9990000", office]


def streetlights() -> Rows:
    """Return the rows of 서울시 가로등 위치 정보's form: three columns, the bridge's as one city publishes it."""
    spots = town.road_spots(28.0, 11.0)
    rows: Rows = []
    serial: dict[str, int] = {}
    for (road, _, _), position in zip(spots, latlon_texts([(u, v) for _, u, v in spots]), strict=True):
        serial[road] = serial.get(road, 0) + 1
        rows.append([f"{road}-{serial[road]:02d}", *position])
    bridge = [[f"안심천교-{i:02d}", 0, "4664046.125"] for i in (1, 2)]
    beyond = latlon_texts([(-120.0, 825.0), (2_510.0, 815.0)])
    near = [[f"안심역로-{i}", *position] for i, position in enumerate(beyond, start=91)]
    return [["관리번호", "위도", "경도"], *rows[:100], *bridge, *rows[100:], *near]


# ---------------------------------------------------------------- cameras and bells


def cameras(random: Random) -> Rows:
    """Return the rows of the newer CCTV form."""
    sites = _camera_sites(random)
    rows: Rows = []
    positions = latlon_texts([at for _, at, _ in sites])
    for number, ((purpose, (u, v), count), position) in enumerate(zip(sites, positions, strict=True), start=1):
        lot = _lot_address(u, v, random)
        made = f"20{between(random, 14, 25)}-{between(random, 1, 9):02d}"
        device = [purpose, count, 200, "360도전방면", 30, made]
        dates = ["2025-11-30", "2025-12-01 10:20:30"]
        rows.append(["9990000", f"안심-{number:04d}", OFFICE, "", lot, *device, PHONE, *position, *dates])
    rows += [list(rows[20]), list(rows[120])]
    return [_CAMERA.split(","), *rows]


def _camera_sites(random: Random) -> list[tuple[str, Point, int]]:
    """Return (purpose, place, cameras); those for kerbs and rubbish are stored and do not count."""
    sites = [
        ("생활방범", (spot.u, spot.v), between(random, 2, 5))
        for spot in blocks.crossings()
        if random.random() < spot.fabric.cameras and not _near_pocket(spot.u, spot.v, 12.0)
    ]
    sites += [
        ("생활방범", (u, v), between(random, 1, 3))
        for _, u, v in town.road_spots(130.0, 13.0)
        if not _near_pocket(u, v, 0.0)
    ]
    for _, (u, v) in town.SCHOOLS:
        sites += [("어린이보호", (u + east, v + north), 2) for east in (-58.0, 58.0) for north in (-44.0, 0.0, 44.0)]
    for _, (u, v), (half, _) in town.PARKS:
        sites += [("공원", (u + side * half * 0.8, v), 2) for side in (-1, 1)]
    sites += [("불법주정차단속", (u, v), 1) for _, u, v in town.road_spots(330.0, 15.0)]
    sites += [("쓰레기무단투기", (west + 40.0, north - 60.0), 1) for west, _, _, north in town.POCKETS]
    sites += [("교통단속", at, 2) for at in ((1_200.0, 825.0), (600.0, 820.0), (1_800.0, 825.0))]
    sites += [("", at, 1) for at in ((450.0, 250.0), (1_400.0, 1_000.0), (2_000.0, 250.0))]
    return sites


def bells(random: Random) -> Rows:
    """Return the rows of 안전비상벨위치정보."""
    places: list[tuple[str, Point]] = [(name, (at[0], at[1] - 8.0)) for name, at, _ in town.PARKS]
    places += [(name, (at[0] - 50.0, at[1])) for name, at in town.SCHOOLS]
    places += [(f"안심비상벨 {i}", (spot.u, spot.v)) for i, spot in enumerate(blocks.crossings()[9::17], start=1)]
    rows: Rows = []
    positions = latlon_texts([at for _, at in places])
    for number, ((name, (u, v)), position) in enumerate(zip(places, positions, strict=True), start=1):
        lot = _lot_address(u, v, random)
        place = ["방범용", "공원" if "공원" in name else "골목길", f"{lot} ({name})", "", lot, *position]
        links = ["양방향", "Y", "N", "Y", "CCTV", 2016 + number % 9, "2025-10-15", "Y"]
        rows.append([number, f"B{number:04d}", *place, *links, OFFICE, PHONE, "2025-11-30"])
    return [_BELL.split(","), *rows]


# ---------------------------------------------------------------- stores, lockers, patrols


def stores(random: Random) -> list[Store]:
    """Return (name, road address, place) of the round-the-clock stores on the arterials, none by a pocket."""
    brands = ("늘봄편의점", "달빛24", "모퉁이마트")
    found: list[Store] = []
    for i, (road, u, v) in enumerate(town.road_spots(118.0, 17.0)):
        inside = 40 < u < town.WIDTH - 40 and 40 < v < town.HEIGHT - 40
        if random.random() < 0.42 and inside and not _near_pocket(u, v, 110.0):
            along = v if road in {"가온로", "안심대로", "햇살로"} else u
            found.append((f"{brands[i % 3]} {road}{len(found) + 1}호점", _road_address(road, along), (u, v)))
    return found


def safe_houses(every_store: Sequence[Store]) -> Rows:
    """Return the rows of 전국여성안심지킴이집표준데이터: every third store, one closed, one an address alone."""
    chosen = every_store[1::3]
    rows: Rows = []
    for i, ((name, address, _), position) in enumerate(
        zip(chosen, latlon_texts([at for _, _, at in chosen]), strict=True)
    ):
        year = "" if i % 3 else 2016 + i % 8
        where = [name, CITY, DISTRICT, CODE, address, "", *position]
        rows.append([*where, PHONE, "안심경찰서", year, "Y", "2025-12-01"])
    rows[4][11] = "N"
    rows[7][6:8] = ["", ""]
    return [_SAFE_HOUSE.split(","), *rows]


def shops(every_store: Sequence[Store]) -> Rows:
    """Return the rows of the round-the-clock shops' form, one out of business."""
    positions = latlon_texts([at for _, _, at in every_store])
    rows: Rows = [
        [name, "영업/정상", "", address, *position, town.dong_of(*at).name]
        for (name, address, at), position in zip(every_store, positions, strict=True)
    ]
    rows[6][1] = "폐업"
    return [["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"], *rows]


def lockers() -> Rows:
    """Return the rows of 서울시 안심택배함's form, one with blanks inside its longitude."""
    offices = {
        "새날동": (560.0, 250.0),
        "여울동": (1_000.0, 290.0),
        "한결동": (1_640.0, 290.0),
        "바름동": (1_840.0, 800.0),
        "안심1동": (820.0, 840.0),
        "다솜동": (1_390.0, 1_460.0),
        "라온동": (2_060.0, 1_115.0),
        "마루동": (380.0, 840.0),
    }
    places = [(f"{name} 주민센터", at) for name, at in offices.items()] + [("안심역 2번 출구", (1_222.0, 845.0))]
    rows: Rows = [["자치구", "안심 명", "안심 주소", "WGS Y 좌표", "WGS X 좌표"]]
    for (name, (u, _)), (lat, lon) in zip(places, latlon_texts([at for _, at in places]), strict=True):
        rows.append([DISTRICT, name, f"안심역로 {2 + 2 * int(u // 20)}", lat, lon])
    rows[4][4] = f" {rows[4][4]} "
    return rows


def patrols() -> Rows:
    """Return the rows of the notice of 안심마을보안관 zones: two dong in one text, and a dong there is not."""
    hours = "21:00~익일 02:30"
    return [
        ["번호", "자치구", "동(원문)", "비고", "활동시간"],
        [1, DISTRICT, "안심1·2동", "", hours],
        [2, DISTRICT, "한결동", "7.1.부터 추가운영", hours],
        [3, DISTRICT, "옛마을동", "", hours],
    ]


# ---------------------------------------------------------------- addresses


def _lot_address(u: float, v: float, random: Random) -> str:
    legal = town.dong_of(u, v).name.replace("1동", "동").replace("2동", "동")
    return f"{CITY} {DISTRICT} {legal} {100 + int(u // 60) + 40 * int(v // 60)}-{between(random, 1, 48)}"


def _road_address(road: str, at: float) -> str:
    return f"{CITY} {DISTRICT} {road} {2 + 2 * int(at // 20)}"


def _near_pocket(u: float, v: float, margin: float) -> bool:
    return any(
        west - margin <= u <= east + margin and south - margin <= v <= north + margin
        for west, east, south, north in town.POCKETS
    )


def _far(n: int) -> list[tuple[str, str]]:
    """Return n positions (latitude, longitude) in the sea some 40 km away."""
    return [(f"{36.62 + 0.002 * i:.6f}", f"{125.31 + 0.003 * i:.6f}") for i in range(n)]
