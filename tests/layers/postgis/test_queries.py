"""Questions in SQL, against slow obvious answers, and the plans that make them quick."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from sqlalchemy import text

from geo.crs import to_lonlat
from layers.catalog import load_catalog
from layers.postgis.open import open_database, open_postgis
from layers.postgis.queries import in_box, nearest, tile, within
from layers.postgis.upgrade import upgrade
from tests.layers.test_store import put, rows

LAMPS, LOCKERS = 20_000, 120
WEST, SOUTH = 948_000.0, 1_940_000.0


def spread(word, n, seed, step=50.0):
    """Points on a lattice, so that many are equally far from one of its points."""
    rng = np.random.default_rng(seed)
    frame = rows([f"{word}{i:05d}" for i in range(n)])
    x, y = WEST + step * rng.integers(0, 200, n), SOUTH + step * rng.integers(0, 200, n)
    frame["geometry"] = pd.Series(shapely.points(x, y), dtype=object)
    frame.loc[: n // 20, "status"] = "planned"
    return frame


@pytest.fixture(scope="module")
def frames():
    return {"security_light": spread("k", LAMPS, 1), "locker": spread("l", LOCKERS, 2)}


@pytest.fixture(scope="module")
def database(server, template, frames):
    name = f"{template}_queries"
    server.run(f"CREATE DATABASE {name}")
    made = open_database(server.url(name))
    upgrade(made, load_catalog())
    store = open_postgis(made)
    for layer, frame in frames.items():
        put(store, frame, None, table=layer)
    with psycopg.connect(server.url(name), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE ansim.facility")
    yield made
    made.close()
    server.drop(name)


def asked(database, statement):
    with database.engine.connect() as connection:
        return pd.DataFrame(connection.execute(statement).mappings().all())


def plan_of(database, statement):
    """The plan as text, and the relations it scans with the kind of scan."""
    values = statement.compile().params
    with database.engine.connect() as connection:
        (found,) = connection.execute(text(f"EXPLAIN (FORMAT JSON) {statement.text}"), values).one()
    scans = []

    def walk(node):
        if "Relation Name" in node or node["Node Type"] == "Bitmap Index Scan":
            scans.append((node["Node Type"], node.get("Relation Name", ""), node.get("Index Name", "")))
        for child in node.get("Plans", ()):
            walk(child)

    walk(found[0]["Plan"])
    return scans


def standing(frame):
    return frame[frame["status"] == "installed"]


@pytest.mark.parametrize(("layer", "count"), [("locker", 20), ("security_light", 1), ("security_light", 37)])
def test_nearest_is_what_measuring_everything_gives(database, frames, layer, count):
    rng = np.random.default_rng(3)
    frame = standing(frames[layer])
    geometry = frame["geometry"].to_numpy()
    for on_lattice in (True, False):
        x, y = WEST + 50 * rng.integers(0, 200), SOUTH + 50 * rng.integers(0, 200)
        if not on_lattice:
            x, y = x + rng.random() * 50, y + rng.random() * 50
        lon, lat = (float(v[0]) for v in to_lonlat(np.array([x]), np.array([y])))
        got = asked(database, nearest(layer, lon, lat, count))
        away = np.hypot(shapely.get_x(geometry) - x, shapely.get_y(geometry) - y)
        assert got["distance_m"].to_numpy() == pytest.approx(np.sort(away)[:count], abs=1e-3)
        order = np.lexsort((frame["key"].to_numpy(dtype=str), away.round(3)))[:count]
        assert got["id"].tolist() == frame["key"].to_numpy()[order].tolist()


def test_more_than_there_are(database, frames):
    assert len(asked(database, nearest("locker", 127.0, 37.5, 10_000))) == len(standing(frames["locker"]))
    assert len(asked(database, nearest("cctv", 127.0, 37.5, 5))) == 0


def test_within_a_polygon(database, frames):
    circle = shapely.Point(WEST + 5_000, SOUTH + 5_000).buffer(1_234)
    lon, lat = to_lonlat(*shapely.get_coordinates(circle).T)
    got = asked(database, within("security_light", shapely.to_wkb(shapely.Polygon(np.c_[lon, lat])), 10_000))
    frame = standing(frames["security_light"])
    away = shapely.distance(frame["geometry"].to_numpy(), circle.boundary)
    inside = shapely.intersects(circle, frame["geometry"].to_numpy())
    sure = away > 0.01
    assert set(frame["key"][inside & sure]) <= set(got["id"])
    assert not set(frame["key"][~inside & sure]) & set(got["id"])
    assert got["id"].is_monotonic_increasing


def test_in_a_box(database, frames):
    frame = standing(frames["security_light"])
    lon, lat = to_lonlat(*shapely.get_coordinates(frame["geometry"].to_numpy()).T)
    box = (126.93, 37.47, 126.97, 37.50)
    got = asked(database, in_box("security_light", box, 100_000))
    inside = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    edge = np.min([np.abs(lon - box[0]), np.abs(lon - box[2]), np.abs(lat - box[1]), np.abs(lat - box[3])], axis=0)
    sure = edge > 2e-5  # sides of a box are bent a little in metres
    assert inside.sum() > 1000
    assert set(frame["key"][inside & sure]) <= set(got["id"])
    assert not set(frame["key"][~inside & sure]) & set(got["id"])
    assert len(asked(database, in_box("security_light", box, 7))) == 7


def tile_of(lon, lat, zoom):
    """Column and row of web Mercator tiles, as floats."""
    lon, lat = np.radians(lon), np.radians(lat)
    return (lon / np.pi + 1) / 2 * 2**zoom, (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * 2**zoom


def keys_in_tile(path):
    """The ids in a tile as GDAL reads it, in a process of its own: once files were imported, ours knows no tiles."""
    script = (
        "import json, pyogrio, sys\n"
        "read = pyogrio.read_dataframe(f'MVT:{sys.argv[1]}', layer='security_light', read_geometry=False)\n"
        "print(json.dumps(read['id'].tolist()))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_a_tile_holds_what_lies_in_it(database, frames, tmp_path):
    zoom = 14
    column, row = (int(a) for a in tile_of(126.95, 37.49, zoom))
    data = bytes(asked(database, tile("security_light", zoom, column, row)).iloc[0, 0])
    frame = standing(frames["security_light"])
    x, y = tile_of(*to_lonlat(*shapely.get_coordinates(frame["geometry"].to_numpy()).T), zoom)
    at = x - column, y - row
    deep = np.all([(a > 0.001) & (a < 0.999) for a in at], axis=0)
    near = np.all([(a > -0.02) & (a < 1.02) for a in at], axis=0)
    path = tmp_path / f"{row}.mvt"
    path.write_bytes(data)
    got = keys_in_tile(path)
    assert deep.sum() > 50
    assert set(frame["key"][deep]) <= got <= set(frame["key"][near])
    assert bytes(asked(database, tile("security_light", 14, 0, 0)).iloc[0, 0]) == b""


@pytest.mark.parametrize(
    "statement",
    [
        nearest("security_light", 126.95, 37.48, 20),
        in_box("security_light", (126.95, 37.48, 126.952, 37.482), 100),
        within("security_light", shapely.to_wkb(shapely.box(126.95, 37.48, 126.952, 37.482)), 100),
        tile("security_light", 17, 111745, 50817),
    ],
    ids=["nearest", "in_box", "within", "tile"],
)
def test_the_spatial_index_of_one_partition_serves(database, statement):
    scans = plan_of(database, statement)
    assert scans
    assert not [scan for scan in scans if scan[0] == "Seq Scan"], scans
    assert {scan[1] for scan in scans} <= {"facility_security_light", ""}
    assert {scan[2] for scan in scans if scan[2]} == {"facility_security_light_geom_idx"}


def test_the_view_of_a_layer_is_served_by_the_index_too(database):
    asked_for = (
        "SELECT id FROM ogc.security_light WHERE geom && ST_MakeEnvelope(950000, 1942000, 950100, 1942100, 5179)"
    )
    with database.engine.connect() as connection:
        plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {asked_for}")))
    assert "facility_security_light_geom_idx" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("asked_for", ["id = 'k00007'", "id = ANY('{k00007,k00011}')"])
def test_a_row_is_found_by_its_id_through_an_index(database, asked_for):
    with database.engine.connect() as connection:
        found = connection.execute(text(f"EXPLAIN SELECT id FROM ogc.security_light WHERE {asked_for}"))
        plan = "\n".join(row[0] for row in found)
    assert "facility_security_light_key_idx" in plan
    assert "Seq Scan" not in plan
