"""What is said of single files of a command, and which of their rows are shown as places."""

import numpy as np
import pytest

from layers.importing import ImportOptions
from layers.importing.errors import BadOptionError, ColumnNeededError, LayerContradictedError, SecretAddressError
from layers.importing.shown import MOST


@pytest.mark.parametrize("name", ["a.zip", "a.zip/안/b.csv", "a.zip[쪽]"])
def test_a_name_speaks_for_everything_in_it(name):
    options = ImportOptions(layer="cctv", files={"a.zip": {"layer": "locker", "crs": "EPSG:5174"}})
    own = options.of(name)
    assert (own.layer, own.crs, own.files) == ("locker", "EPSG:5174", {})
    assert options.of("a.zip2") is options
    assert options.of("a.zi").layer == "cctv"


def bare(town, name, places, header="위도,경도"):
    rows = "".join(f"{lat:.6f},{lon:.6f}\n" for lon, lat in places)
    return town.file(name, f"{header}\n{rows}")


def test_each_file_is_read_as_is_said_of_it(town, helpers):
    a = bare(town, "가.csv", [helpers.lonlat(300, 300), helpers.lonlat(400, 300)])
    b = bare(town, "나.csv", [helpers.lonlat(300, 600)], header="세로값,가로값")
    lamps = town.lamps([helpers.lamp()])
    files = {
        "가.csv": {"layer": "emergency_bell"},
        "나.csv": {"layer": "locker", "columns": {"lat": "세로값", "lon": "가로값"}},
    }
    reports = {report.file: report for report in town.load(a, b, lamps, files=files)}
    assert {name: report.layer for name, report in reports.items()} == {
        "가.csv": "emergency_bell", "나.csv": "locker", "보안등.csv": "security_light",
    }  # fmt: skip
    assert len(town.store.read("emergency_bell")) == 2
    assert len(town.store.read("locker")) == 1


def test_what_cannot_be_said(town, helpers):
    lamps = town.lamps([helpers.lamp()])
    with pytest.raises(LayerContradictedError):
        town.load(lamps, files={"보안등.csv": {"layer": "cctv"}})
    with pytest.raises(ColumnNeededError):
        town.load(lamps, files={"보안등.csv": {"columns": {"lat": "없는 열"}}})
    for wrong in ({"mode": "append"}, {"layer": "nothing"}, {"crs": "EPSG:0"}):
        with pytest.raises(BadOptionError):
            town.load(lamps, files={"보안등.csv": wrong})


def test_a_secret_is_no_other_files_secret(town, helpers):
    shelters = bare(town, "쉼터.csv", [helpers.lonlat(300, 300)])
    other = bare(town, "곳.csv", [helpers.lonlat(300, 500)])
    with pytest.raises(SecretAddressError):
        town.load(shelters, other, layer="emergency_bell", files={"곳.csv": {"layer": "locker", "visibility": "staff"}})


def test_rows_shown_are_where_they_are_and_why(town, helpers):
    rows = [helpers.lamp(f"등{i}", 200 + i, 500) for i in range(20)]
    rows += [rows[3], helpers.lamp("밖", 500, -500), helpers.lamp("먼", 500, -30_000), helpers.lamp("무", lat="99.9")]
    report = town.one(town.lamps(rows))
    shown = report.shown.set_index("line")
    assert shown.groupby("kind").size().to_dict() == {"accepted": 20, "flagged": 1, "rejected": 2}
    assert (shown.loc[22, "kind"], shown.loc[22, "what"]) == ("rejected", "duplicate")
    assert shown.loc[23, "what"] == "outside_near"
    assert (shown.loc[24, "what"], "먼" in shown.loc[24, "row"]) == ("outside", True)
    assert shown.loc[7, "x"] == pytest.approx(helpers.X0 + 205, abs=0.1)
    assert shown.loc[7, "y"] == pytest.approx(helpers.Y0 + 500, abs=0.1)


def test_many_rows_are_shown_in_part_and_rare_ones_all(town, helpers):
    n = MOST["accepted"] + 501
    rows = [helpers.lamp(f"등{i}", 10 + i % 900, 10 + i // 900) for i in range(n)]
    rows[1234][4] = f"{helpers.lonlat(0, -400)[1]:.8f}"
    report = town.one(town.lamps(rows))
    assert report.accepted == n
    shown = report.shown
    assert (shown["kind"] == "accepted").sum() == MOST["accepted"]
    assert shown.loc[shown["kind"] == "flagged", "line"].tolist() == [1236]
    gaps = np.diff(shown.loc[shown["kind"] == "accepted", "line"])
    assert gaps.max() <= 3
