"""Rows for the files of each defect: cameras of a planner's own table, shops as the standard has them."""

LAYER = {"layer": "cctv"}
OWN = ["이름", "자치구", "위도", "경도"]


def at(helpers, east=500.0, north=500.0):
    lon, lat = helpers.lonlat(east, north)
    return f"{lat:.8f}", f"{lon:.8f}"


def own(helpers, *names):
    return [[name, "관악구", *at(helpers, 100 + 50 * i)] for i, name in enumerate(names)]


def stored(town, layer="cctv"):
    return town.store.read(layer)


STORES = [
    "점포명", "시도명", "시군구명", "시군구코드", "소재지도로명주소", "소재지지번주소", "위도", "경도",
    "여성안심지킴이집전화번호", "관할경찰서명", "지정연도", "운영여부", "데이터기준일자",
]  # fmt: skip


def store_row(name, lat="", lon="", running="Y"):
    return [
        name,
        "서울특별시",
        "관악구",
        "11620",
        "서울특별시 관악구 가람로 1",
        "",
        lat,
        lon,
        "",
        "",
        "2020",
        running,
        "2025-01-01",
    ]
