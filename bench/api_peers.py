"""tipg and pygeoapi on one PostGIS table, each with one worker.

They live in an environment of their own (pygeoapi installs a top-level ``tests``), made at the first run in the user's
cache and kept for the next. What cannot be made or does not answer ends the run; nothing is skipped.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import platformdirs
import psycopg
import shapely

from geo.crs import to_lonlat
from tests.layers.postgis.cluster import Cluster

PACKAGES = (
    "tipg==1.6.1", "granian==2.8.7", "uvloop==0.23.0", "pygeoapi==0.21.0", "psycopg2-binary==2.9.13",
    "SQLAlchemy==2.1.9", "GeoAlchemy2==0.20.0",
)  # fmt: skip
PORTS = {"tipg": 8_473, "pygeoapi": 8_474}
COLLECTION = {"tipg": "public.point", "pygeoapi": "point"}
_JSON = {"tipg": "", "pygeoapi": "f=json&"}
DATABASE = "ansim_bench_api"
_PYGEOAPI = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {{default_items: 20, max_items: 100}}
  map: {{url: "", attribution: ""}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: b, description: b, keywords: [b], keywords_type: theme, terms_of_service: b, url: "http://b"}}
  license: {{name: b, url: "http://b"}}
  provider: {{name: b, url: "http://b"}}
  contact: {{name: b, position: b}}
resources:
  point:
    type: collection
    title: p
    description: p
    keywords: [p]
    extents: {{spatial: {{bbox: [124, 33, 132, 39], crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data:
          {{host: {host}, port: {db_port}, dbname: {database}, user: {user}, password: {password},
           search_path: [public]}}
        id_field: id
        table: point
        geom_field: geom
"""


def environment() -> Path:
    """Return the folder of the peers' programs, made where it is not there."""
    folder = platformdirs.user_cache_path("ansim-map", appauthor=False) / "bench-peers"
    seal, binaries = folder / "packages.json", folder / "bin"
    if not seal.is_file() or json.loads(seal.read_text()) != list(PACKAGES):
        print("making the peers' environment (some minutes, once)", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        free = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
        subprocess.run([binaries / "python", "-m", "pip", "install", "-q", *PACKAGES], check=True, env=free)
        seal.write_text(json.dumps(PACKAGES))
    return binaries


def fill(server: Cluster, layers: dict[str, pd.DataFrame]) -> None:
    """Make the table of all points, in degrees (nothing to transform), indexed and analysed."""
    server.drop(DATABASE)
    server.run(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(server.url(DATABASE), autocommit=True) as driver:
        driver.execute("CREATE EXTENSION postgis")
        driver.execute(
            "CREATE TABLE point (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, layer text, name text,"
            " address text, data_date text, geom geometry(Point, 4326))"
        )
        statement = "COPY point (layer, name, address, data_date, geom) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for layer, frame in layers.items():
                geometry = frame["geometry"].to_numpy()
                places = shapely.points(*to_lonlat(shapely.get_x(geometry), shapely.get_y(geometry)))
                hexes = shapely.to_wkb(shapely.set_srid(places, 4326), hex=True, include_srid=True)
                rows = zip(frame["name"], frame["road_address"], frame["data_date"], hexes, strict=True)
                for row in rows:
                    copy.write_row((layer, *row))
        driver.execute("CREATE INDEX ON point USING gist (geom)")
        driver.execute("ANALYZE point")


@contextlib.contextmanager
def serving(binaries: Path, server: Cluster, folder: Path) -> Iterator[None]:
    """Serve both until the block ends; ready when it begins."""
    host, _, port = server.address.partition(":")
    config, described = folder / "pygeoapi.yml", folder / "pygeoapi.json"
    config.write_text(
        _PYGEOAPI.format(
            port=PORTS["pygeoapi"],
            host=host,
            db_port=port,
            database=DATABASE,
            user=server.user,
            password=server.password,
        )
    )
    told = {
        **os.environ, "DATABASE_URL": server.url(DATABASE), "TIPG_DB_SCHEMAS": '["public"]', "TIPG_CATALOG_TTL": "0",
        "PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(described),
    }  # fmt: skip
    told.pop("PYTHONPATH", None)
    describe: list[str | Path] = [
        binaries / "pygeoapi",
        "openapi",
        "generate",
        config,
        "--output-file",
        described,
        "--format",
        "json",
    ]
    subprocess.run(describe, check=True, env=told, cwd=folder, stdout=subprocess.DEVNULL)
    apps = {"tipg": ("asgi", "tipg.main:app"), "pygeoapi": ("wsgi", "pygeoapi.flask_app:APP")}
    with contextlib.ExitStack() as running:
        for name, (interface, app) in apps.items():
            log = running.enter_context((folder / f"{name}.log").open("wb"))
            words = ["--interface", interface, "--port", str(PORTS[name]), "--workers", "1", "--no-ws", app]
            process = subprocess.Popen(
                [binaries / "granian", *words], cwd=folder, env=told, stdout=log, stderr=subprocess.STDOUT
            )
            running.callback(_end, process)
        for name in apps:
            _see_twenty(name, folder)
        yield


def write_boxes(path: Path, name: str, places: list[tuple[float, float]]) -> None:
    """Write wrk's script: the box of 1 km round each place (lon, lat), in turn."""
    dx, dy = 500 / 88_000, 500 / 111_000
    lines = "\n".join(f"  '{x - dx:.6f},{y - dy:.6f},{x + dx:.6f},{y + dy:.6f}'," for x, y in places)
    address = f"/collections/{COLLECTION[name]}/items?{_JSON[name]}limit=20&bbox="
    path.write_text(
        f"local boxes = {{\n{lines}\n}}\nlocal i = 0\nrequest = function()\n i = i % #boxes + 1\n"
        f" return wrk.format('GET', '{address}' .. boxes[i])\nend\n"
    )


def _see_twenty(name: str, folder: Path) -> None:
    """Wait until it answers, and see that it finds 20 points."""
    more = "f=json&" if name == "pygeoapi" else ""
    address = (
        f"http://127.0.0.1:{PORTS[name]}/collections/{COLLECTION[name]}/items?{more}limit=20&bbox=126.95,37.5,127,37.55"
    )
    said = ""
    for _ in range(300):
        try:
            with urlopen(address, timeout=10) as answer:
                found = len(json.loads(answer.read())["features"])
                if found != 20:
                    sys.exit(f"{name}: {found} points, not 20")
                return
        except OSError as error:
            said = str(error)
        time.sleep(0.2)
    sys.exit(f"{name} does not answer: {said}\n{(folder / f'{name}.log').read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)
