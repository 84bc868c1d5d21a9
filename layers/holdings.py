"""What is stored, told a layer and a table: for ``ansim layers``."""

from collections.abc import Mapping
from dataclasses import dataclass

from geo.dates import date_range, joined
from geo.model import DataState
from layers.catalog import Catalog
from layers.snapshot import Snapshot
from layers.states import layer_state
from layers.store import Store
from layers.tables import TABLE_TITLES, TABLES


@dataclass(frozen=True)
class LayerHolding:
    """One stored layer: rows, the devices they stand for, and its data state by district name."""

    layer: str
    name: str
    rows: int
    devices: int
    located_share: float
    near: int
    oldest: str
    newest: str
    states: Mapping[str, DataState]


@dataclass(frozen=True)
class TableHolding:
    """One stored table that is no layer: Korean name, rows, ISO dates ('' unknown)."""

    name: str
    rows: int
    oldest: str
    newest: str


def layer_holdings(overview: Snapshot, catalog: Catalog) -> list[LayerHolding]:
    """Return the layers that hold rows, in catalog order."""
    found = []
    for layer in catalog.layers.values():
        rows = overview.summary[overview.summary["layer"] == layer.id]
        if len(rows) == 0:
            continue
        total = int(rows["rows"].sum())
        oldest, newest = joined(zip(rows["oldest"], rows["newest"], strict=True))
        found.append(
            LayerHolding(
                layer=layer.id,
                name=layer.name,
                rows=total,
                devices=int(rows["devices"].sum()),
                located_share=float(rows["located"].sum() / total) if total else float("nan"),
                near=int(rows["near"].sum()),
                oldest=oldest,
                newest=newest,
                states={
                    district.name: layer_state(layer, district.code, district.province, overview.holdings, catalog)
                    for district in overview.districts.values()
                },
            )
        )
    return found


def table_holdings(overview: Snapshot, store: Store) -> list[TableHolding]:
    """Return the tables that hold rows: boundaries, households and what they are spread over."""
    found = []
    for table in TABLES:
        rows = len(overview.dong) if table == "dong" else len(store.read(table, columns=["dataset"]))
        if rows:
            oldest, newest = date_range(r.data_date for r in overview.imports if r.layer == table)
            found.append(TableHolding(TABLE_TITLES[table], rows, oldest, newest))
    return found
