"""No file makes the reader open another file or the network, whatever it says it is."""

import json
import socket
import sqlite3
import threading
from contextlib import closing, contextmanager, suppress

import geopandas
import pytest
import shapely

from layers.importing.errors import ImportingError
from layers.importing.read_vector import layer_names, read_geojson, read_layer, read_shapefile

POINT = {"type": "Point", "coordinates": [126.93, 37.47]}


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.geojson"
    path.write_text(json.dumps(collection(POINT, 이름="비밀")), encoding="utf-8")
    return path


def collection(geometry, **properties):
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": properties, "geometry": geometry}],
    }


@contextmanager
def listening():
    """A port, and the connections made to it."""
    calls = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0.05)
        ended = threading.Event()

        def accept():
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                calls.append(1)
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], calls
        finally:
            ended.set()
            thread.join()


def pipeline(command):
    return {"type": "gdal_streamed_alg", "features": "x", "command_line": f"gdal vector pipeline ! {command}"}


def test_a_pipeline_named_geojson_reads_nothing(secret, tmp_path):
    made = tmp_path / "made.geojson"
    for command in (
        f"read {secret} ! reproject --dst-crs EPSG:4326",
        f"read {secret} ! write {made}",
        f"read {secret}",
    ):
        with pytest.raises(ImportingError, match="공간 자료로 읽을 수 없습니다"):
            read_geojson(json.dumps(pipeline(command)).encode(), "a.geojson")
    assert not made.exists()


def test_a_pipeline_beside_real_features_is_not_run(secret):
    page = collection(POINT, 이름="가") | {"command_line": f"gdal vector pipeline ! read {secret}"}
    page["features"][0]["properties"]["type"] = "gdal_streamed_alg"
    assert read_geojson(json.dumps(page).encode(), "a.geojson").columns[0].to_pylist() == ["가"]


@pytest.mark.parametrize("ending", ["shp", "gpkg", "geojson"])
def test_a_virtual_source_of_any_name_reads_nothing(secret, tmp_path, ending):
    text = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    path = tmp_path / f"a.{ending}"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "a.shx").write_bytes(b"")
    readers = {
        "shp": lambda: read_shapefile(path, "a.shp"),
        "gpkg": lambda: layer_names(path, "a.gpkg"),
        "geojson": lambda: read_geojson(path.read_bytes(), "a.geojson"),
    }
    with pytest.raises(ImportingError, match="공간 자료로 읽을 수 없습니다"):
        readers[ending]()


def test_a_virtual_table_of_a_geopackage_reads_nothing(secret, tmp_path):
    path = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame({"이름": ["가"]}, geometry=[shapely.Point(126.9, 37.5)], crs=4326).to_file(path, layer="가")
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA writable_schema=ON")
        base.execute(
            "INSERT INTO sqlite_master VALUES ('table', '나', '나', 0, ?)",
            [f"CREATE VIRTUAL TABLE 나 USING VirtualOGR('{secret}')"],
        )
        base.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('나', 'attributes', '나')")
        base.commit()
    read = []
    with suppress(ImportingError):
        read = [cell for name in layer_names(path, "a") for cell in read_layer(path, name, "a").columns[0].to_pylist()]
    assert "비밀" not in read


@pytest.mark.parametrize("kind", ["link", "URL"])
@pytest.mark.parametrize("where", ["root", "geometry"])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_linked_system_of_coordinates_is_not_fetched(kind, where, escaped):
    with listening() as (port, calls):
        address = f"http://127.0.0.1:{port}/crs"
        crs = {"type": kind, "properties": {"href": address, "url": address, "type": "proj4"}}
        page = collection(dict(POINT), 이름="가")
        (page if where == "root" else page["features"][0]["geometry"])["crs"] = crs
        text = json.dumps(page, ensure_ascii=False)
        if escaped:
            text = text.replace('"crs"', '"\\u0063rs"').replace(f'"{kind}"', f'"\\u00{ord(kind[0]):02x}{kind[1:]}"')
        with pytest.raises(ImportingError, match="좌표계를 다른 곳에서"):
            read_geojson(text.encode(), "a.geojson")
    assert not calls


def test_a_named_system_and_links_in_properties_are_fine():
    page = collection(POINT, type="link", url="http://example.org", 이름="가")
    page["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(read_geojson(json.dumps(page).encode(), "a.geojson")) == 1
