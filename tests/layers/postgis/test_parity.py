"""The real files in both stores: the same rows, the same reports, the same gaps, cell by cell."""

import json

import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely

from layers.catalog import load_catalog
from layers.store import open_store
from layers.tables import TABLES
from tests.command import ansim
from tests.test_real import REAL

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not beside the project"),
]
FILE = "s.gpkg"
OPTIONS = ("--layer", "cctv", "--measure", "population")


@pytest.fixture(scope="module")
def city(tmp_path_factory, server, template):
    folder = tmp_path_factory.mktemp("both")
    name = f"{template}_city"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template}")
    url = server.url(name)
    for store, report in ((FILE, "file.json"), (url, "database.json")):
        ansim("import", REAL.resolve(), *OPTIONS, "--store", store, "--report", report, cwd=folder)
    yield folder, url
    server.drop(name)


@pytest.fixture(scope="module")
def stores(city):
    folder, url = city
    found = [open_store(location, load_catalog()) for location in (str(folder / FILE), url)]
    yield found
    found[1].database.close()


def test_the_reports_are_the_same(city):
    folder, _ = city
    one, other = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("file.json", "database.json"))
    assert one == other


def test_the_rows_are_the_same(stores):
    one, other = stores
    assert one.layer_ids() == other.layer_ids()
    for table in [*TABLES, *one.layer_ids()]:
        a, b = one.read(table), other.read(table)
        columns = [column for column in a.columns if column != "geometry"]
        order = [f.sort_values(columns, kind="stable").index for f in (a, b)]
        pd.testing.assert_frame_equal(
            a.loc[order[0], columns].reset_index(drop=True), b.loc[order[1], columns].reset_index(drop=True)
        )
        if "geometry" in a.columns:
            left, right = a.loc[order[0], "geometry"].to_numpy(), b.loc[order[1], "geometry"].to_numpy()
            assert np.array_equal(pd.isna(left), pd.isna(right))
            placed = ~pd.isna(left)
            assert shapely.equals(left[placed], right[placed]).all()


def test_the_summaries_and_imports_are_the_same(stores):
    one, other = ([*s.summary().sort_values(["layer", "district"]).itertuples(index=False)] for s in stores)
    assert one == other
    told = [
        {(r.file, r.digest, r.layer, r.districts, r.read, r.accepted, r.rejected, r.data_date) for r in s.imports()}
        for s in stores
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("district", ["11620", "11215"])
def test_the_gaps_are_the_same(city, district):
    folder, url = city
    said = []
    for store, name in ((FILE, "file.csv"), (url, "database.csv")):
        said.append(ansim("gaps", district, "--store", store, "--cells", name, cwd=folder).replace(name, ""))
    assert said[0] == said[1]
    one, other = (pd.read_csv(folder / name, dtype={"dong": str}) for name in ("file.csv", "database.csv"))
    pd.testing.assert_frame_equal(one, other, rtol=0, atol=1e-9)


def test_again_changes_no_row(city):
    folder, url = city
    touched = (
        "SELECT md5(string_agg(tableoid || ctid::text || xmin || xmax, ',' ORDER BY tableoid, ctid)) FROM ansim.{}"
    )
    with psycopg.connect(url, autocommit=True) as connection:

        def state():
            return [connection.execute(touched.format(table)).fetchone() for table in ("facility", *TABLES)]

        before = state()
        ansim("import", REAL.resolve(), *OPTIONS, "--store", url, cwd=folder)
        assert state() == before


def test_what_was_rejected_is_kept_with_its_import(city):
    folder, url = city
    told = {r["file"]: r["rejected"] for r in json.loads((folder / "database.json").read_text(encoding="utf-8"))}
    with psycopg.connect(url) as connection:
        kept = dict(
            connection.execute(
                "SELECT file, count(line) FROM ansim.import LEFT JOIN ansim.rejected_row ON import_id = import.id"
                " GROUP BY file"
            ).fetchall()
        )
    assert sum(kept.values()) > 10_000
    assert all(told[file] == count for file, count in kept.items())
