"""Rows as text for COPY: whatever a cell or a shape holds comes back the same, and equal rows have equal digests."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.postgis.columns import digests, from_csv, number_repeats, to_columns, to_csv, to_frame
from layers.postgis.open import open_database, open_postgis
from layers.tables import BUILDING, FACILITY
from tests.layers.test_store import put, rows

SHAPES = [
    shapely.Point(953_823.123456789, 1_952_032.000000001),
    shapely.Point(-0.0, 5e-324),
    shapely.box(0, 0, 1, 1),
    shapely.MultiPolygon([shapely.box(2, 2, 3, 3), shapely.box(5, 5, 6, 6)]),
    shapely.Polygon([(0, 0), (9, 0), (9, 9)], [[(5, 1), (6, 1), (6, 2)]]),
    shapely.LineString([(0, 0), (1, 1 / 3)]),
    None,
]


def as_shapely(placed):
    return shapely.to_wkb(shapely.set_srid(np.asarray(placed, dtype=object), 5179), hex=True, include_srid=True)


@pytest.mark.parametrize("chosen", [[0, 1], [0, 6], [2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 6], [6], []])
def test_geometry_is_written_as_shapely_writes_it(chosen):
    frame = rows([str(i) for i in chosen])
    frame["geometry"] = pd.Series([SHAPES[i] for i in chosen], dtype=object)
    found = to_columns(frame, FACILITY, has_geometry=True)["geom"].to_pylist()
    assert found == as_shapely(frame["geometry"]).tolist()


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=8))
def test_any_text_goes_through_csv(texts):
    frame = rows([str(i) for i in range(len(texts))])
    frame["name"] = pd.Series(texts, dtype="str")
    sent = to_csv(to_columns(frame.drop(columns="geometry"), FACILITY, has_geometry=False))
    # PostgreSQL writes true as t; all else is as it was sent.
    copied = bytes(sent).replace(b",true", b",t").replace(b",false", b",f")
    numbered = from_csv([copied], FACILITY)
    got = [part.append_column("id", pa.array(range(len(part)), pa.int64())) for part in numbered]
    assert to_frame(got, FACILITY, with_geometry=False)["name"].tolist() == texts


NASTY = [
    "",
    " ",
    '"',
    '""',
    "\\N",
    "\\.",
    "\n",
    "\r\n",
    "a,b",
    "null",
    "NaN",
    "\x1f",
    "가\u3000나",
    "🚨",
    "t",
    "\t",
    "'",
]


def test_everything_goes_through_the_database(database_url):
    store = open_postgis(open_database(database_url))
    frame = rows([f"{i:02d}" for i in range(max(len(NASTY), len(SHAPES)))])
    frame["name"] = pd.Series((NASTY + [""] * len(frame))[: len(frame)], dtype="str")
    frame["geometry"] = pd.Series((SHAPES + [None] * len(frame))[: len(frame)], dtype=object)
    frame["devices"] = np.array([2**62, *range(len(frame) - 1)])
    put(store, frame, table="patrol_zone")
    got = store.read("patrol_zone")
    assert got["name"].tolist() == frame["name"].tolist()
    assert got["devices"].tolist() == frame["devices"].tolist()
    assert as_shapely(got["geometry"]).tolist() == as_shapely(frame["geometry"]).tolist()
    assert set(shapely.get_srid(got["geometry"].to_numpy())) <= {0, -1}
    buildings = pd.DataFrame({
        "key": ["a", "b"], "dataset": "d", "district": "11620", "households": [np.nan, 1 / 3], "floors": [1e308, -0.0],
        "lived_in": [True, False], "data_date": "", "scope": "",
    }).astype(BUILDING)  # fmt: skip
    buildings["geometry"] = [shapely.box(0, 0, 1, 1), None]
    put(store, buildings, table="building")
    assert store.read("building")["households"].tolist()[1] == 1 / 3
    pd.testing.assert_frame_equal(store.read("building")[list(BUILDING)], buildings[list(BUILDING)])
    store.database.close()


def test_a_server_of_the_other_byte_order_is_read_the_same():
    placed = np.array([SHAPES[0], SHAPES[2], None, SHAPES[1]], dtype=object)
    sent = shapely.to_wkb(shapely.set_srid(placed, 5179), hex=True, include_srid=True, byte_order=0)
    part = pa.record_batch(
        {"id": [4, 9, 7, 8], "geom": pa.array(["" if s is None else s for s in sent], "large_string")}
    )
    got = to_frame([part.slice(0, 2), part.slice(2)], {}, with_geometry=True)["geometry"]
    assert as_shapely(got).tolist() == as_shapely(placed[[0, 2, 3, 1]]).tolist()
    assert set(shapely.get_srid(got.to_numpy())) <= {0, -1}


def test_digests_tell_rows_apart():
    frame = rows(["a", "a", "b"])
    frame["geometry"] = [SHAPES[0]] * 3
    same = digests(to_columns(frame, FACILITY, has_geometry=True))
    assert same[0] == same[1] != same[2]
    assert len(set(number_repeats(same))) == 3
    seen = {same[0]}
    for column, value in [
        ("name", "x"),
        ("source_id", "x"),
        ("devices", 2),
        ("counts", False),
        ("geometry", SHAPES[2]),
    ]:
        other = frame.iloc[:1].copy()
        other[column] = pd.Series([value], dtype=frame[column].dtype)
        seen.add(digests(to_columns(other, FACILITY, has_geometry=True))[0])
    assert len(seen) == 6


def test_repeats_do_not_depend_on_the_order():
    found = np.array([5, 7, 5, 5, 7])
    assert sorted(number_repeats(found)) == sorted(number_repeats(found[::-1].copy()))
