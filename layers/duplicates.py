"""Two files of the same devices (the city's cameras and the district's): noticed, counted, and one of them used.

Both stay stored. Two datasets of one layer in one district are of the same devices where at least half of the devices
of the less preferred one can be paired, each with one of the other within 10 m, nearest pairs first. The preferred one
is then used alone, unless the planner said ``--mode append``: of a dataset that held nothing there, or of a file that
it held already; one more page of a dataset says nothing of the other. Two files of the planner's own, of no known
form, are never compared: who loads two means both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from geo.dates import date_range
from geo.model import Floats, Ints
from layers.catalog import Catalog
from layers.snapshot import Snapshot
from layers.store import Readable
from layers.tables import ImportRecord

PAIR_M = 10.0  # four decimals of a degree are off by up to 7 m
SAME_SHARE = 0.5
COLUMNS = ("dataset", "district", "devices", "data_date", "geometry")
_OWN_FILE = 1_000  # a planner's own file was given on purpose


@dataclass(frozen=True)
class Overlap:
    """Two datasets of one layer in one district.

    Attributes
    ----------
    preferred, other
        Datasets; ``pairs`` devices of the one stand within 10 m of as many of the other.
    same
        At least half of the other's devices are paired.
    both_used
        The planner appended one to the other.
    """

    layer: str
    district: str
    preferred: str
    other: str
    preferred_devices: int
    other_devices: int
    pairs: int
    both_used: bool

    @property
    def same(self) -> bool:
        """Whether they are two files of the same devices."""
        return self.other_devices > 0 and self.pairs >= SAME_SHARE * self.other_devices

    @property
    def left_out(self) -> bool:
        """Whether the other one takes no part in analysis."""
        return self.same and not self.both_used


def overlaps_of(rows: pd.DataFrame, layer: str, catalog: Catalog, imports: Iterable[ImportRecord]) -> list[Overlap]:
    """Return the pairs of datasets of a layer that have devices in common, by district.

    Parameters
    ----------
    rows
        The layer's rows, at least :data:`COLUMNS`; rows without a place or a district pair with nothing.
    """
    if rows["dataset"].nunique() < 2 or catalog.layers[layer].geometry != "point":
        return []
    records = [record for record in imports if record.layer == layer]
    rows = rows[rows["geometry"].notna() & (rows["district"] != "")]
    found = []
    for code, here in rows.groupby("district", sort=True):
        district, parts = str(code), {str(name): part for name, part in here.groupby("dataset")}
        names = sorted(parts, key=lambda name: _rank(name, parts[name], catalog), reverse=True)
        left_out: set[str] = set()
        for place, other in enumerate(names):
            for preferred in names[:place]:
                if preferred in left_out or other in left_out or (_is_own(preferred) and _is_own(other)):
                    continue
                both = any(_said_beside(records, district, dataset) for dataset in (preferred, other))
                overlap = _overlap(
                    layer, str(district), (preferred, parts[preferred]), (other, parts[other]), both=both
                )
                if overlap.pairs:
                    found.append(overlap)
                if overlap.left_out:
                    left_out.add(other)
    return found


def stored_overlaps(store: Readable, catalog: Catalog, imports: Sequence[ImportRecord]) -> list[Overlap]:
    """Return the overlaps of everything stored, in catalog order; only layers of several datasets are read."""
    found: list[Overlap] = []
    for layer in catalog.layers:
        if len({record.dataset for record in imports if record.layer == layer}) > 1:
            found += overlaps_of(store.read(layer, columns=COLUMNS), layer, catalog, imports)
    return found


def doubles_in(snapshot: Snapshot, catalog: Catalog) -> list[Overlap]:
    """Return the datasets of a snapshot that take no part in analysis, in catalog order."""
    found = [
        overlap
        for layer in catalog.layers
        if layer in snapshot.tables
        for overlap in overlaps_of(snapshot.tables[layer], layer, catalog, snapshot.imports)
    ]
    return [overlap for overlap in found if overlap.left_out]


def without(snapshot: Snapshot, doubles: Sequence[Overlap]) -> Snapshot:
    """Return the snapshot without the less preferred dataset of each of the overlaps; its dates are of the rest."""
    tables, summary = dict(snapshot.tables), snapshot.summary.copy()
    for overlap in doubles:
        rows = tables[overlap.layer]
        rows = rows[(rows["dataset"] != overlap.other) | (rows["district"] != overlap.district)]
        tables[overlap.layer] = rows
        supplies = rows["counts"].to_numpy(bool) & (rows["status"] == "installed") & rows["geometry"].notna()
        told = (summary["layer"] == overlap.layer) & (summary["district"] == overlap.district)
        days = date_range(rows.loc[supplies & (rows["district"] == overlap.district), "data_date"])
        summary.loc[told, ["oldest", "newest"]] = days
    return replace(snapshot, tables=tables, summary=summary)


def in_words(overlap: Overlap) -> str:
    """Say in Korean what two datasets have in common and which is used."""
    used = (
        "둘 다 씁니다"
        if overlap.both_used
        else f"{overlap.preferred}만 씁니다 (둘 다 쓰려면 두고 더하기로 가져오십시오)"
    )
    return (
        f"{overlap.district} {overlap.layer}: {overlap.preferred}({overlap.preferred_devices:,})와 "
        f"{overlap.other}({overlap.other_devices:,})는 같은 시설의 두 자료입니다, 10 m 안 {overlap.pairs:,}쌍; {used}"
    )


def count_pairs(
    first: tuple[Floats, Floats, Ints], second: tuple[Floats, Floats, Ints], within_m: float = PAIR_M
) -> int:
    """Return how many devices of two files can be paired.

    Parameters
    ----------
    first, second
        x, y (float64 (n,), EPSG:5179) and devices (int64 (n,)) of the rows of each.
    within_m
        How far the two of a pair may stand apart.

    Returns
    -------
    Pairs of one device each, taken nearest first, every device once; of equally near ones the first rows' first.
    """
    (x, y, left), (other_x, other_y, free) = _stacked(*first), _stacked(*second)
    if not len(x) or not len(other_x):
        return 0
    near = KDTree(np.column_stack([x, y])).sparse_distance_matrix(
        KDTree(np.column_stack([other_x, other_y])), within_m, output_type="coo_matrix"
    )
    order = np.lexsort((near.col, near.row, near.data))
    pairs = 0
    for i, j in zip(near.row[order].tolist(), near.col[order].tolist(), strict=True):
        taken = min(left[i], free[j])
        if taken:
            left[i] -= taken
            free[j] -= taken
            pairs += taken
    return pairs


def _stacked(x: Floats, y: Floats, devices: Ints) -> tuple[Floats, Floats, list[int]]:
    """Return the distinct places, to 0.1 m, and the devices on each: stacks of a thousand are common."""
    places, at = np.unique(np.round(np.column_stack([x, y]), 1).reshape(-1, 2), axis=0, return_inverse=True)
    count = np.bincount(at.ravel(), weights=devices, minlength=len(places)).astype(np.int64)
    return places[:, 0].astype(float), places[:, 1].astype(float), count.tolist()


def _overlap(
    layer: str, district: str, first: tuple[str, pd.DataFrame], second: tuple[str, pd.DataFrame], *, both: bool
) -> Overlap:
    (preferred, rows), (other, other_rows) = first, second
    return Overlap(
        layer=layer,
        district=district,
        preferred=preferred,
        other=other,
        preferred_devices=int(rows["devices"].sum()),
        other_devices=int(other_rows["devices"].sum()),
        pairs=count_pairs(_points(rows), _points(other_rows)),
        both_used=both,
    )


def _points(rows: pd.DataFrame) -> tuple[Floats, Floats, Ints]:
    geometry = rows["geometry"].to_numpy()
    return shapely.get_x(geometry), shapely.get_y(geometry), rows["devices"].to_numpy(dtype=np.int64)


def _rank(dataset: str, rows: pd.DataFrame, catalog: Catalog) -> tuple[int, str, str]:
    """Return what datasets are preferred by: the catalog's ``prefer``, then the newer data."""
    # A planner's own form comes first in the catalog, and is the last word here.
    ranks: Mapping[str, int] = {form.id: form.prefer for form in reversed(catalog.forms) if form.prefer is not None}
    rank = ranks.get(dataset, _OWN_FILE if _is_own(dataset) else 0)
    return rank, str(rows["data_date"].max()), dataset


def _is_own(dataset: str) -> bool:
    """Say whether a dataset is a planner's file of no known form (:mod:`layers.importing.settle`)."""
    return dataset.startswith("own_")


def _said_beside(records: Sequence[ImportRecord], district: str, dataset: str) -> bool:
    """Say whether the planner appended a dataset in a district to be used beside others, not as one more page of it.

    ``records``: of one layer, in the order of their import.
    """
    files: set[str] = set()
    for record in records:
        if record.dataset == dataset and (record.districts is None or district in record.districts):
            if record.mode == "append" and (not files or record.file in files):
                return True
            files.add(record.file)
    return False
