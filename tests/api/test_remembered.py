"""What is taken over from one analysis by the next is what it would have found itself."""

import numpy as np

from geo.district import analyse
from geo.memory import Memory
from geo.model import Settings
from layers.catalog import load_catalog
from layers.district_input import district_input, margin_m
from layers.hours import parse_at
from layers.snapshot import take_snapshot
from layers.store import open_store
from layers.who import parse_who

REACH = 3.0
TURNS = (
    ("", "", Settings()),
    ("2025-06-04T02:00", "", Settings()),
    ("2025-06-04T14:00", "여성", Settings(reach_factor=1.4)),
    ("", "여성,20-39", Settings(reach_factor=0.5, dense_method="gi")),
    ("2025-06-04T02:00", "", Settings(weights={"lit": 0.9}, dense_method="dbscan")),
    ("", "", Settings(reach_factor=2.0, grid_shift_m=50)),
)


def test_an_analysis_that_remembers_finds_the_same(sample_store):
    catalog, memory, code = load_catalog(), Memory(50), "99999"
    snapshot = take_snapshot(open_store(str(sample_store), catalog), district=code, margin_m=margin_m(catalog, REACH))
    usual = district_input(snapshot, catalog, code, reach_factor=REACH)
    for at, who, settings in TURNS:
        asked = {"at": parse_at(at) if at else None, "who": parse_who(who), "reach_factor": REACH}
        taken = district_input(snapshot, catalog, code, **asked, found=usual)
        anew = district_input(snapshot, catalog, code, **asked)
        assert (taken.at, taken.at_default, taken.who, taken.notes, taken.data_dates) == (
            anew.at, anew.at_default, anew.who, anew.notes, anew.data_dates,
        )  # fmt: skip
        remembered, alone = analyse(taken, settings, memory), analyse(anew, settings)
        for name in ("households", "dense", "cover", "gap", "edge_unknown"):
            np.testing.assert_array_equal(getattr(remembered.cells, name), getattr(alone.cells, name))
        for need, cover in alone.cells.cover_by_need.items():
            np.testing.assert_array_equal(remembered.cells.cover_by_need[need], cover)
        assert [gap.grid_id for gap in remembered.gaps] == [gap.grid_id for gap in alone.gaps]
        assert [row.on_duty for row in remembered.needs] == [row.on_duty for row in alone.needs]
