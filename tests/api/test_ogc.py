"""OGC API Features and Tiles: what GDAL, OWSLib and a tile decoder read; what is refused, in our words."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import httpx
import mapbox_vector_tile
import morecantile
import numpy as np
import pytest
from owslib.ogcapi.features import Features

from geo.crs import to_lonlat
from tests import mother
from tests.api.conftest import OWNERS, PATIENCE_S, serving, wait_for
from tests.api.test_refusals import check
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
ITEMS = "/ogc/collections/cctv/items"


@pytest.fixture(scope="module")
def service(sample_database, tmp_path_factory):
    with serving(sample_database, tmp_path_factory.mktemp("ogc"), public=True) as running:
        wait_for(lambda: running.get("/ogc/").status_code == 200, said=lambda: running.log)
        yield running


@pytest.fixture(scope="module")
def cameras(service):
    """The cameras of the store: key to (lon, lat)."""
    frame = service.services.store.read("cctv")
    frame = frame[frame["geometry"].notna() & (frame["status"] == "installed")]
    lon, lat = to_lonlat(*(np.array([getattr(g, axis) for g in frame["geometry"]]) for axis in "xy"))
    return dict(zip(frame["key"], zip(lon, lat, strict=True), strict=True))


def test_what_is_shown(service):
    listed = {c["id"]: c for c in service.get("/ogc/collections").json()["collections"]}
    assert {"cctv", "security_light", "dong", "district"} <= set(listed)
    assert "patrol_zone" not in listed
    assert listed["cctv"]["description"] == service.services.catalog.layers["cctv"].name
    assert listed["cctv"]["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
    west, south, east, north = listed["cctv"]["extent"]["spatial"]["bbox"][0]
    assert 124 < west < east < 132
    assert 33 < south < north < 39
    text = json.dumps(service.get(f"{ITEMS}?limit=1000").json())
    assert not any(word in text for word in ("household", "digest", "valid_from", "dataset", "api_key"))


def test_a_box_holds_what_is_in_it(service, cameras):
    places = np.array(list(cameras.values()))
    west, south = np.quantile(places, 0.3, axis=0)
    east, north = np.quantile(places, 0.7, axis=0)
    found = service.get(ITEMS, params={"bbox": f"{west},{south},{east},{north}", "limit": 1000}).json()
    inside = {k for k, (lon, lat) in cameras.items() if west <= lon <= east and south <= lat <= north}
    assert {feature["id"] for feature in found["features"]} == inside
    assert found["numberMatched"] == len(inside) > 0
    feature = found["features"][0]
    assert feature["geometry"]["coordinates"] == pytest.approx(cameras[feature["id"]], abs=1e-7)


def test_pages_filters_and_one_of_them(service, cameras):
    seen, path = [], f"{ITEMS}?limit=200"
    while path:
        page = service.get(path).json()
        seen += [feature["id"] for feature in page["features"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert sorted(seen) == sorted(cameras)
    key = seen[0]
    one = service.get(f"{ITEMS}/{key}").json()
    assert one["id"] == key
    lon, lat = cameras[key]
    corners = ((-1, -1), (1, -1), (0, 1), (-1, -1))
    ring = ", ".join(f"{lon + dx * 1e-4} {lat + dy * 1e-4}" for dx, dy in corners)
    near = f"S_INTERSECTS(geom, POLYGON(({ring})))"
    assert key in {f["id"] for f in service.get(ITEMS, params={"filter": near}).json()["features"]}
    named = service.get(ITEMS, params={"filter": f"id = '{key}' AND devices >= 1"}).json()
    assert [f["id"] for f in named["features"]] == [key]
    assert service.get(ITEMS, params={"id": key}).json()["numberMatched"] == 1


def test_sent_once(service):
    first = service.get(ITEMS)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = service.get(ITEMS, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_tiles_decode_to_the_places(service, cameras):
    tms = morecantile.tms.get("WebMercatorQuad")
    lon, lat = next(iter(cameras.values()))
    tile = tms.tile(lon, lat, 14)
    answer = service.get(f"/ogc/collections/cctv/tiles/WebMercatorQuad/{tile.z}/{tile.x}/{tile.y}")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    (layer,) = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True}).values()
    west, south, east, north = tms.xy_bounds(tile)
    seen = {}
    for feature in layer["features"]:
        column, row = feature["geometry"]["coordinates"]
        x, y = west + (east - west) * column / 4096, north - (north - south) * row / 4096
        seen[feature["properties"]["id"]] = tms.lnglat(x, y)
    inside = {k: p for k, p in cameras.items() if tms.tile(*p, 14) == tile}
    assert inside.keys() <= seen.keys() <= cameras.keys()
    for key, place in inside.items():
        assert tuple(seen[key]) == pytest.approx(place, abs=1e-5)  # a cell of the tile is 0.6 m


@pytest.mark.parametrize(
    ("path", "query", "status", "code", "words"),
    [
        (ITEMS, {"bbox": "nan,nan,nan,nan"}, 422, "bad_parameter", "유한한 숫자 네 개"),
        (ITEMS, {"bbox": "inf,0,1,1"}, 422, "bad_parameter", "유한한 숫자 네 개"),
        (ITEMS, {"bbox": "여기"}, 422, "bad_parameter", "유한한 숫자 네 개"),
        (ITEMS, {"bbox": ""}, 422, "bad_parameter", "유한한 숫자 네 개"),
        (ITEMS, {"bbox": "1,2,3"}, 422, "bad_parameter", "유한한 숫자 네 개"),
        (ITEMS, {"bbox": "127,37.6,126,37.4"}, 422, "bad_parameter", "뒤집혔거나"),
        (ITEMS, {"bbox": "37,126,38,127"}, 422, "bad_parameter", "뒤집혔거나"),
        (ITEMS, {"filter": "nothing='1'"}, 422, "bad_parameter", "모르는 열"),
        (ITEMS, {"filter": "pg_sleep(60)=1"}, 422, "bad_parameter", "함수"),
        (ITEMS, {"filter": "set_config('role','none',false)='x'"}, 422, "bad_parameter", "함수"),
        (ITEMS, {"filter": "query_to_xml('SELECT 1',true,true,'')='x'"}, 422, "bad_parameter", "함수"),
        (ITEMS, {"filter": "name="}, 422, "bad_parameter", "filter를 읽을 수 없습니다"),
        (ITEMS, {"filter": "(" * 900 + "1=1" + ")" * 900}, 422, "bad_parameter", "filter를 읽을 수 없습니다"),
        (ITEMS, {"filter": "NOT " * 400 + "devices=1"}, 422, "bad_parameter", "filter를 읽을 수 없습니다"),
        (ITEMS, {"filter": "devices='many'"}, 422, "bad_parameter", "읽을 수 없는 값"),
        (ITEMS, {"filter": "name > 5"}, 422, "bad_parameter", "읽을 수 없는 값"),
        (ITEMS, {"devices": "many"}, 422, "bad_parameter", "읽을 수 없는 값"),
        (ITEMS, {"name": "\x00"}, 422, "bad_parameter", "읽을 수 없는 값"),
        (ITEMS, {"nothing": "1"}, 422, "bad_parameter", "모르는 항목"),
        (ITEMS, {"limit": "0"}, 422, "bad_parameter", "limit"),
        (ITEMS, {"limit": "1000000000"}, 422, "bad_parameter", "limit"),
        (ITEMS, {"offset": "-1"}, 422, "bad_parameter", "offset"),
        (ITEMS, {"f": "html"}, 422, "bad_parameter", "f에"),
        (ITEMS, {"f": "csv"}, 422, "bad_parameter", "f에"),
        (ITEMS, {"sortby": "nothing"}, 422, "bad_parameter", "sortby"),
        (ITEMS, {"properties": "nothing"}, 422, "bad_parameter", "properties"),
        (ITEMS, {"datetime": "어제"}, 422, "bad_time", "날짜와 시각"),
        (ITEMS, {"crs": "http://www.opengis.net/def/crs/EPSG/0/5179"}, 422, "bad_parameter", "crs"),
        (ITEMS, {"simplify": "nan"}, 422, "bad_parameter", "simplify"),
        (f"{ITEMS}?limit=1&limit=2", None, 422, "bad_parameter", "두 번"),
        (f"{ITEMS}/nothing", {}, 404, "unknown_item", "그런 것이 없습니다"),
        ("/ogc/collections/cctvs/items", {}, 404, "unknown_collection", "모르는 층"),
        ("/ogc/collections/patrol_zone/items", {}, 404, "unknown_collection", "공개하지 않는"),
        ("/ogc/collections/ansim.api_key/items", {}, 404, "unknown_collection", "모르는 층"),
        ("/ogc/collections/cctv/tiles/WebMercatorQuad/99/0/0", {}, 422, "bad_parameter", "z"),
        ("/ogc/collections/cctv/tiles/WebMercatorQuad/3/1e9/0", {}, 422, "bad_parameter", "x"),
        ("/ogc/collections/cctv/tiles/Mine/3/1/0", {}, 422, "bad_parameter", "읽을 수 없는 항목"),
        (ITEMS, {"filter": '{"op": "and", "args": []}'}, 422, "bad_parameter", "filter를 읽을 수 없습니다"),
        (ITEMS, {"filter": '{"op": "isNull", "args": []}'}, 422, "bad_parameter", "filter를 읽을 수 없습니다"),
        # The end of a line: routes overlook it.
        (f"{ITEMS}%0A", None, 404, "no_such_path", "주소"),
        ("/ogc/collections/patrol_zone/items%0A", None, 404, "no_such_path", "주소"),
        ("/ogc/collections/cctv/tiles/WebMercatorQuad/99/0/0%0A", None, 404, "no_such_path", "주소"),
        ("/ogc/nothing", {}, 404, "no_such_path", "주소"),
    ],
    ids=str,
)
def test_bad_questions(service, path, query, status, code, words):
    answer = service.get(path, params=query)
    check(answer, status, code, words)
    assert not any(word in answer.text for word in ("SELECT", "operator does not exist", "asyncpg", "postgres"))


def test_the_hint_names_the_nearest(service):
    assert "cctv" in service.get("/ogc/collections/cctvs").json()["hint"]
    assert "bbox" in service.get(ITEMS, params={"bbx": "1"}).json()["hint"]


def test_odd_but_good(service):
    """What makes tipg or its parsers fail."""
    for query in (
        {"filter": "name='$5 {0}'"}, {"filter": "NOT " * 21 + "devices=-1"}, {"datetime": "../2026-01-01"},
        {"bbox": "126.9,37.5,126.9,37.5"}, {"properties": ""}, {"bbox": "-180,-90,180,90"}, {"name": "'; DROP VIEW x"},
    ):  # fmt: skip
        for path in (ITEMS, "/ogc/collections/cctv/tiles/WebMercatorQuad/10/873/396"):
            answer = service.get(path, params=query, headers={"accept": "text/html"})
            assert answer.status_code == 200, (query, answer.text)
            assert "html" not in answer.headers["content-type"]
    assert service.post(ITEMS).json()["code"] == "method"
    assert '"route":"/ogc/collections/{collectionId}/items","method":"GET","status":200' in service.log


def test_it_may_read_the_views_only_and_not_for_long(service):
    async def ask(statement):
        async with service.app.fastapi.state.pool.acquire() as connection:
            return await connection.fetchval(statement)

    assert service.call(ask, "SELECT current_user") == "ansim_ogc"
    assert service.call(ask, "SHOW statement_timeout") == "5s"
    with pytest.raises(Exception, match="permission denied"):
        service.call(ask, "SELECT count(*) FROM ansim.household")
    with pytest.raises(Exception, match="read-only transaction"):
        service.call(ask, "CREATE TEMP TABLE mine (x int)")


def test_a_server_named_behind_the_question_mark(sample_database, tmp_path, monkeypatch):
    """As servers that are reached by a socket's folder are."""
    who, _, rest = sample_database.partition("@")
    host, port, database = rest.replace("/", ":").split(":")
    location = f"{who}@/{database}?host={host}&port={port}"
    monkeypatch.setitem(OWNERS, location, OWNERS[sample_database])
    with serving(location, tmp_path) as service:
        wait_for(lambda: service.get(ITEMS).status_code == 200, said=lambda: service.log)


def test_only_so_many_at_once_and_the_phones_are_not_among_them(service):
    gate = service.services.settings.limits.ogc_at_once

    async def together():
        asked = [service._client.get(f"{ITEMS}?limit=1000") for _ in range(gate * 3)]
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    statuses = service.call(together)
    assert set(statuses) == {200, 503}
    assert service.get(ITEMS).status_code == 200


@pytest.fixture(scope="module")
def address(sample_database, tmp_path_factory):
    """``ansim serve`` over the database: its address."""
    folder = tmp_path_factory.mktemp("wire")
    port = free_port()
    command = [mother.python(), str(ROOT / "cli.py"), "serve", "--port", str(port), "--store", sample_database]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/ogc/"), said=(folder / "output").read_text)
            yield f"http://127.0.0.1:{port}/ogc"
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) in {0, -15}


def answers(url):
    try:
        return httpx.get(url, timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


def test_owslib_reads_it(address, cameras):
    with_owslib = Features(f"{address}/")
    assert "cctv" in with_owslib.feature_collections()
    assert with_owslib.conformance()["conformsTo"]
    items = with_owslib.collection_items("cctv", limit=5)
    assert items["numberMatched"] == len(cameras)
    assert with_owslib.collection_item("cctv", items["features"][0]["id"])["type"] == "Feature"
    assert "geom" in with_owslib.collection_queryables("cctv")["properties"]


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="gdal-bin")
def test_gdal_reads_it(address, cameras):
    places = np.array(list(cameras.values()))
    west, south = np.quantile(places, 0.3, axis=0)
    east, north = np.quantile(places, 0.7, axis=0)
    inside = [k for k, (lon, lat) in cameras.items() if west <= lon <= east and south <= lat <= north]
    layers = ogrinfo("-q", f"OAPIF:{address}")
    assert "cctv" in layers
    assert f"Feature Count: {len(cameras)}" in ogrinfo("-so", f"OAPIF:{address}", "cctv")
    box = [str(v) for v in (west, south, east, north)]
    found = ogrinfo("-al", "-spat", *box, f"OAPIF:{address}/collections/cctv")
    assert found.count("OGRFeature(") == len(inside)
    assert all(key in found for key in inside)


def ogrinfo(*words):
    done = subprocess.run(["ogrinfo", "-ro", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout
