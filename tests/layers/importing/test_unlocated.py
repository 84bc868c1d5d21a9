"""Rows without a place are listed with why, and stand where their address puts them once it is known."""

import numpy as np
import pandas as pd
import shapely

from api.import_preview import points
from layers.importing.shown import placed_rows


def test_rows_that_are_nowhere_say_why(town, helpers):
    rows = [
        helpers.lamp("등1", 300, 500),
        helpers.lamp("주소만", lat="", lon=""),
        helpers.lamp("아무것도", lat="", lon="", address=""),
    ]
    report = town.one(town.lamps(rows))
    nowhere = report.shown[report.shown["kind"] == "unlocated"]
    assert report.unlocated == len(nowhere) == 2
    assert [what.split(";")[-1] for what in nowhere["what"]] == ["address_not_found", "no_address"]
    assert ["주소만" in row for row in nowhere["row"]] == [True, False]
    assert np.isnan(nowhere["x"]).all()
    features = points([report])["features"]
    assert [one["geometry"] is None for one in features] == [
        one["properties"]["kind"] == "unlocated" for one in features
    ]


def test_an_address_places_a_row_on_the_map():
    shown = pd.DataFrame({
        "line": [2, 3], "x": np.nan, "y": np.nan, "kind": "unlocated", "what": "address_not_found", "row": ["가", "나"],
        "key": ["k1", "k2"],
    })  # fmt: skip
    stored = pd.DataFrame({
        "key": ["k2", "k1"],
        "geometry": [shapely.Point(950_000, 1_950_000), None],
        "flags": ["located_by=road_exact", ""],
    })  # fmt: skip
    found = placed_rows(shown, stored)
    assert found["kind"].tolist() == ["unlocated", "flagged"]
    assert (found.loc[1, "x"], found.loc[1, "y"], found.loc[1, "what"]) == (950_000, 1_950_000, "located_by=road_exact")
    assert shown["kind"].tolist() == ["unlocated", "unlocated"]  # what was given stays
