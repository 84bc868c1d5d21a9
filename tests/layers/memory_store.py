"""A store in memory with the exact meaning of ``layers.store``: the slow obvious version of the real ones."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from geo.dates import date_range
from layers.kept_rounds import pick_round, round_named
from layers.store import Bounds, StoreError
from layers.tables import FACILITY, SUMMARY, TABLES, Batch, ImportRecord, empty


def shape_of(table):
    return TABLES.get(table, (FACILITY, True))


class MemoryStore:
    def __init__(self):
        self.name = "memory"
        self._version = 0
        self._frames: dict[str, pd.DataFrame] = {}
        self._imports: list[tuple[str, ImportRecord]] = []
        self._writing = False
        self._plans = {}
        self._rounds = {}

    def version(self) -> int:
        return self._version

    def imports(self) -> list[ImportRecord]:
        return [record for _, record in self._imports]

    def layer_ids(self) -> list[str]:
        return [name for name, frame in self._frames.items() if name not in TABLES and len(frame)]

    def summary(self) -> pd.DataFrame:
        rows = []
        for layer in [name for name in self._frames if name not in TABLES]:
            for district, part in self._frames[layer].groupby("district"):
                located = np.array([g is not None for g in part["geometry"]])
                counting = part["counts"].to_numpy() & (part["status"] == "installed").to_numpy() & located
                dates = date_range(part["data_date"][counting])
                rows.append((
                    layer, district, len(part), part["devices"].sum(), located.sum(), part["near"].sum(),
                    part["devices"].to_numpy()[counting].sum(), *dates,
                ))  # fmt: skip
        return pd.DataFrame(rows, columns=list(SUMMARY)).astype(SUMMARY)

    def read(self, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        return _read(self._frames, table, bounds, columns)

    def plans(self):
        return sorted(self._plans.values(), key=lambda plan: (plan.made_at, plan.name))

    def save_plan(self, plan):
        self._plans[plan.name] = plan

    def delete_plan(self, name):
        return self._plans.pop(name, None) is not None

    def rounds(self):
        return sorted(self._rounds.values(), key=lambda made: (made.made_at, made.name))

    def save_round(self, made, check=None):
        if check is not None:
            check(round_named(self.rounds(), made.name))
        self._rounds[made.name] = made

    def change_round(self, name, change):
        self._rounds[name] = change(pick_round(self.rounds(), name))
        return self._rounds[name]

    def delete_round(self, name):
        return self._rounds.pop(name, None) is not None

    @contextlib.contextmanager
    def write(self) -> Iterator["MemoryWriter"]:
        if self._writing:
            raise StoreError("다른 작업이 이 저장소에 쓰고 있습니다", "끝난 뒤 다시 하십시오")
        self._writing = True
        try:
            writer = MemoryWriter(dict(self._frames), list(self._imports))
            yield writer
            if writer.changed:
                self._frames, self._imports = writer.frames, writer.imports
                self._version += 1
        finally:
            self._writing = False


class MemoryWriter:
    def __init__(self, frames, imports):
        self.frames = frames
        self.imports = imports
        self.changed = False

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        return _read(self.frames, table, None, columns)

    def put(self, batch: Batch, record: ImportRecord) -> None:
        columns, geometry = shape_of(batch.table)
        wanted = [*columns, "geometry"] if geometry else list(columns)
        assert list(batch.rows.columns) == wanted, (list(batch.rows.columns), wanted)
        for name, kind in columns.items():
            expected = pd.Series(dtype=kind).dtype
            assert batch.rows[name].dtype == expected, (batch.table, name, batch.rows[name].dtype)
            assert kind != "str" or not batch.rows[name].isna().any(), name
        stored = self.frames.get(batch.table, empty(columns, geometry=geometry))
        if batch.mode == "replace":
            stored = stored[~_replaced(stored, batch)]
            self._forget(batch)
        else:
            same = (batch.table, batch.dataset, record.digest)
            self.imports = [(t, old) for t, old in self.imports if (t, old.dataset, old.digest) != same]
        parts = [part for part in (stored, batch.rows) if len(part)]
        self.frames[batch.table] = pd.concat(parts, ignore_index=True) if parts else stored
        self.imports.append((batch.table, replace(record, districts=batch.districts, scope=batch.scope)))
        self.changed = True

    def rewrite(self, table: str, rows: pd.DataFrame) -> None:
        self.frames[table] = rows.reset_index(drop=True)
        self.changed = True

    def recode(self, moved) -> None:
        def after(codes):
            return tuple(sorted({n for code in codes for n in moved.get(code, (code,))}))

        recoded = []
        for table, old in self.imports:
            districts = None if old.districts is None else after(old.districts)
            scope = old.scope if old.scope.startswith("*") else ";".join(after(filter(None, old.scope.split(";"))))
            recoded.append(
                (table, replace(old, districts=districts, complete_for=after(old.complete_for), scope=scope))
            )
        self.imports = recoded
        self.changed = True

    def amend(self, layer: str, rows: pd.DataFrame) -> None:
        stored = self.frames[layer]
        assert set(rows["key"]) <= set(stored["key"])
        kept = stored[~stored["key"].isin(rows["key"])]
        self.frames[layer] = pd.concat([kept, rows], ignore_index=True) if len(kept) else rows
        self.changed = True

    def _forget(self, batch: Batch) -> None:
        """Drop the records whose rows are all replaced; cut down those in part."""
        kept = []
        for table, old in self.imports:
            if table != batch.table or old.dataset != batch.dataset:
                kept.append((table, old))
                continue
            if batch.districts is None:
                continue
            if old.districts is None:
                kept.append((table, replace(old, complete_for=())))
                continue
            left = tuple(d for d in old.districts if not _goes(d, old.scope, batch))
            if left == old.districts:
                kept.append((table, old))
            elif left:
                still = tuple(code for code in old.complete_for if code in left)
                kept.append((table, replace(old, districts=left, complete_for=still)))
        self.imports = kept


def _goes(district, scope, batch):
    """A row of a district goes with it; one of none with all the districts of its file, or with its own file."""
    if batch.districts is None or district in batch.districts:
        return batch.districts is None or bool(district) or scope == batch.scope or _all_go(scope, batch)
    return not district and _all_go(scope, batch)


def _all_go(scope, batch):
    return scope not in {"", "*"} and scope[0] != "*" and all(d in batch.districts for d in scope.split(";"))


def _replaced(stored: pd.DataFrame, batch: Batch) -> np.ndarray:
    """A table without a dataset column (dong) is one dataset."""
    going = np.ones(len(stored), bool)
    if "dataset" in stored.columns:
        going &= (stored["dataset"] == batch.dataset).to_numpy(bool)
    if "district" in stored.columns:
        scopes = stored["scope"] if "scope" in stored.columns else [""] * len(stored)
        going &= np.array([_goes(d, s, batch) for d, s in zip(stored["district"], scopes, strict=True)], dtype=bool)
    return going


def _read(frames, table, bounds, columns):
    known, geometry = shape_of(table)
    frame = frames.get(table, empty(known, geometry=geometry))
    if bounds is not None and geometry:
        shapes = np.asarray(frame["geometry"], dtype=object)
        frame = frame[shapely.intersects(shapes, shapely.box(*bounds))]
    wanted = [*known, "geometry"] if geometry else list(known)
    return frame[list(columns) if columns is not None else wanted].reset_index(drop=True).copy()
