"""What is known of a city before its districts are analysed, and what stands by year of installation."""

import numpy as np
import pandas as pd
import shapely

from geo.model import DataState, Settings
from layers.catalog import load_catalog
from layers.city_states import city_scope
from layers.programmes import installed_years, programmes
from layers.snapshot import Snapshot

CATALOG = load_catalog()


def overview(counts, codes=("11620", "11215")):
    """A snapshot whose districts hold so many counting devices of each layer."""
    rows = [(layer, code, count, count) for (layer, code), count in counts.items()]
    dong = pd.DataFrame(
        {
            "dong": [f"{code}00001" for code in codes],
            "name": ["가동"] * len(codes),
            "district": list(codes),
            "district_name": [f"구{code}" for code in codes],
            "province": ["서울특별시" if code != "99999" else "가상시" for code in codes],
            "geometry": np.array([shapely.box(i, 0, i + 1, 1) for i in range(len(codes))], object),
        }
    )
    summary = pd.DataFrame(rows, columns=["layer", "district", "devices", "counting"])
    return Snapshot(1, (), summary, {"dong": dong})


def test_common_needs_are_those_loaded_in_every_district():
    both = {("locker", "11620"): 20, ("locker", "11215"): 20, ("cctv", "11620"): 5000}
    assert city_scope(overview(both), CATALOG, Settings()).common == ("parcel",)
    more = both | {("cctv", "11215"): 4000}
    assert city_scope(overview(more), CATALOG, Settings()).common == ("watched", "parcel")
    assert city_scope(overview({}), CATALOG, Settings()).common == ()


def test_a_partial_need_is_common_only_when_asked():
    # A police box supplies refuge, but its principal layer, the stores, has no row.
    held = {("police_box", code): 5 for code in ("11620", "11215")}
    assert city_scope(overview(held), CATALOG, Settings()).common == ()
    assert city_scope(overview(held), CATALOG, Settings(include_partial=True)).common == ("refuge",)


def test_needs_not_asked_for_are_not_common():
    held = {(layer, code): 5000 for layer in ("cctv", "locker") for code in ("11620", "11215")}
    assert city_scope(overview(held), CATALOG, Settings(needs=("watched",))).common == ("watched",)
    assert city_scope(overview(held), CATALOG, Settings(weights={"parcel": 0.0})).common == ("watched",)


def test_the_sample_is_never_beside_real_districts():
    scope = city_scope(overview({}, ("11620", "99999")), CATALOG, Settings())
    assert [district.code for district in scope.districts] == ["11620"]
    alone = city_scope(overview({}, ("99999",)), CATALOG, Settings())
    assert [district.code for district in alone.districts] == ["99999"]
    assert alone.name == "가상시"


def test_a_city_is_named_by_its_province():
    assert city_scope(overview({}), CATALOG, Settings()).name == "서울특별시"


def test_layer_states_are_known_for_every_district():
    states = city_scope(overview({("cctv", "11620"): 5000}), CATALOG, Settings()).layer_states
    assert states["11620", "cctv"] is DataState.LOADED
    assert states["11215", "cctv"] is DataState.NONE


class Rows:
    """A store that holds one table."""

    def __init__(self, rows):
        self.rows = pd.DataFrame(rows, columns=["district", "status", "installed", "devices"])

    def layer_ids(self):
        return ["cctv"]

    def read(self, table, *, columns):
        return self.rows[columns]


def test_devices_are_counted_by_year_and_the_unknown_apart():
    rows = [
        ("11620", "installed", "2020-11-03", 2), ("11620", "installed", "2020", 1),
        ("11215", "installed", "2021-02", 4),
        ("11620", "installed", "", 7), ("11620", "planned", "2020", 9), ("26000", "installed", "2020", 5),
    ]  # fmt: skip
    (found,) = installed_years(Rows(rows), ["locker", "cctv"], ["11620", "11215"])
    assert found.layer == "cctv"
    assert found.by_year == {2020: 3, 2021: 4}
    assert (found.unknown, found.total) == (7, 14)
    assert installed_years(Rows([]), ["cctv"], ["11620"]) == ()


def test_programmes_are_seouls_and_empty_is_none():
    rows = programmes("서울특별시")
    lamps = {row.year: row for row in rows if row.programme == "smart_light"}
    assert (lamps[2025].target, lamps[2025].result, lamps[2025].budget_mkrw) == (4000, 5728, 2200)
    assert lamps[2024].result is None
    assert all(row.source for row in rows)
    assert programmes("") == ()
