"""What was made of the files, into the store: one transaction, guarded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from layers.catalog import Catalog
from layers.importing.appending import only_new
from layers.importing.boundaries import Boundaries
from layers.importing.guards import check
from layers.importing.known import is_whole
from layers.importing.locating import point_layers, relocate, with_located
from layers.importing.making import WITHOUT_BOUNDARIES, Made, joined_notes
from layers.importing.new_boundaries import check_households, follow
from layers.importing.options import ImportOptions
from layers.importing.overlapping import is_appended, with_overlaps
from layers.importing.sheets import check_cells
from layers.importing.stat_grid import kept_over_empty, merge_cells
from layers.store import RecallingWriter, Store, StoreMovedError, Writer
from layers.tables import Batch, ImportRecord

ORDER = {"dong": 0, "household": 1, "address_point": 2}  # the rest after them
REST = len(ORDER)


@dataclass(frozen=True)
class Note:
    """What to note of a command with its transaction: its key, and its reports as text (None = too long)."""

    command: str
    said: str | None


def store_all(
    made: Sequence[Made],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    *,
    now: datetime,
    version: int,
    tell: Callable[[str], None],
    note: Note | None = None,
) -> None:
    """Write what is to be written, by the date of the data.

    Raises
    ------
    StoreMovedError
        The store is no longer of this version.
    StoreError
        It cannot be written.
    OlderDataError, RowsVanishError, OrphanedRowsError
        A guard; nothing is stored then.
    """
    today = now.date().isoformat()
    imports = store.imports()
    in_order = sorted(
        (one for one in made if one.batch is not None),
        key=lambda one: (ORDER.get(one.table, REST), one.date(today), one.source.name, one.digest),
    )
    with store.write() as writer:
        if store.version() != version:
            raise moved(store)
        ground = _Ground(writer, store, catalog.method.near_m)
        for one in in_order:
            tell(one.source.name)
            if one.table != "dong":
                ground.settle(in_order)
            if one.table == "stat_grid":
                batch = _grid(writer, one, imports, options, now)
            else:
                batch = _prepared(writer, one, options, imports)
            if batch is None:
                one.drop()
                continue
            batch, kept = check(writer, batch, one.source.name, imports, options, now)
            if kept and (not batch.districts or one.holds(batch.districts)):
                one.drop(kept)
                continue
            one.batch, one.report = batch, replace(one.report, note=joined_notes(one.report.note, kept))
            writer.put(replace(batch, rejected=one.report.rejected_rows), _record(one, options, now))
        ground.settle(in_order)
        ground.check(in_order)
        _locate(in_order, writer, catalog)
        if note is not None and note.said is not None and isinstance(writer, RecallingWriter) and is_whole(made):
            writer.note(note.command, note.said, {one.digest for one in made})
    known = store.imports()
    for one in in_order:
        if one.batch is not None:
            one.report = with_overlaps(one.report, one.batch, store, catalog, known)


def moved(store: Store) -> StoreMovedError:
    """Return the error that a store is not of the version that was judged by."""
    return StoreMovedError(f"{store.name}: 그 사이 다른 가져오기가 저장했습니다", "다시 하십시오")


def _locate(made: Sequence[Made], writer: Writer, catalog: Catalog) -> None:
    """Place rows without coordinates by the address points there are now: whichever came first, the store is one."""
    if not len(writer.read("address_point", columns=["key"])):
        return
    found = relocate(writer, point_layers(catalog), catalog.method.near_m)
    for one in made:
        if one.batch is not None:
            one.report = with_located(one.report, one.batch.rows, found)


class _Ground:
    """The boundaries before and after: what is stored is located anew once, before the other files are stored."""

    def __init__(self, writer: Writer, store: Store, near_m: float) -> None:
        self._writer, self._near_m = writer, near_m
        self._layers, self._imports = store.layer_ids(), store.imports()
        self._old = self._new = Boundaries.of(store.read("dong"))
        self._settled = False

    def settle(self, made: Sequence[Made]) -> None:
        """Locate what is stored by the boundaries as they are now, and say so with the file they came in."""
        new = [one for one in made if one.table == "dong"]
        if self._settled or not new:
            return
        self._settled = True
        self._new = Boundaries.of(self._writer.read("dong"))
        if not len(self._old) or self._old.digest == self._new.digest:
            return
        done = follow(self._writer, self._old, self._new, self._layers, self._near_m)
        again = {one.dataset for one in made}
        files = sorted({r.file for r in self._imports if _may_gain(r) and r.dataset not in again})
        notes = (
            f"relocated: 저장된 {done.moved:,}행의 행정동·자치구를 새 경계로 고쳤습니다" if done.moved else "",
            f"{done.outside:,}행은 새 경계에서 1 km 넘게 벗어나 판단에서 빠집니다" if done.outside else "",
            f"새 경계로 더 들어올 행이 있을 수 있는 파일 (다시 가져오십시오): {', '.join(files)}" if files else "",
        )
        new[-1].report = replace(new[-1].report, note=joined_notes(new[-1].report.note, *notes))

    def check(self, made: Sequence[Made]) -> None:
        """Raise where stored households are of dong that are no more."""
        if self._settled:
            file = ", ".join(one.source.name for one in made if one.table == "dong")
            check_households(self._writer, self._new, file, self._imports)


def _may_gain(record: ImportRecord) -> bool:
    """Say whether other boundaries may let in, or place, more rows of a file."""
    return record.layer not in WITHOUT_BOUNDARIES and bool(record.rejected or record.unlocated)


def _prepared(writer: Writer, one: Made, options: ImportOptions, imports: Sequence[ImportRecord]) -> Batch | None:
    """Return the batch as it goes into the store, None where the store holds all of it already."""
    batch = one.batch
    if batch is None or batch.mode != "append":
        return batch
    coming = len(batch.rows)
    batch = only_new(writer, batch)
    if 0 < len(batch.rows) < coming:
        one.report = replace(one.report, flagged={**one.report.flagged, "already_stored": coming - len(batch.rows)})
    # Without rows, it still says that they are all, or for the first time that they are to be used beside others.
    says = bool(options.complete_for) or not is_appended(batch, imports, one.source.name)
    return batch if len(batch.rows) or says else None


def _grid(
    writer: Writer, one: Made, imports: Sequence[ImportRecord], options: ImportOptions, now: datetime
) -> Batch | None:
    """Put a sheet's cells among the stored ones; return those to add, None where nothing changes.

    Cells that change are written in place: what is remembered of the other sheets stays.
    """
    if one.batch is None:
        return None
    stored = writer.read("stat_grid")
    own = stored["dataset"] == one.dataset
    check_cells(stored[own], one, imports, options, now)
    kept = 0 if options.force else kept_over_empty(stored[own], one.batch.rows)
    if kept:
        note = f"kept_over_empty: 파일에서 빈 격자 {kept:,}칸의 저장된 값을 둡니다. 정말 비었으면 --force를 주십시오"
        flagged = {**one.report.flagged, "kept_over_empty": kept}
        one.report = replace(one.report, flagged=flagged, note=joined_notes(one.report.note, note))
    rows, whole = merge_cells(stored[own], one.batch.rows, force=options.force)
    if whole:
        others = stored[~own]
        writer.rewrite("stat_grid", pd.concat([others, rows], ignore_index=True) if len(others) else rows)
        rows = rows.iloc[:0]
    if not whole and not len(rows):
        return None
    return replace(one.batch, rows=rows, mode="append", before=stored[own].reset_index(drop=True) if whole else None)


def _record(one: Made, options: ImportOptions, now: datetime) -> ImportRecord:
    report = one.report
    return ImportRecord(
        file=report.file,
        digest=one.digest,
        dataset=report.dataset,
        layer=report.layer,
        encoding=report.encoding,
        crs=report.crs,
        data_date=one.data_date,
        imported_at=now.isoformat(timespec="seconds"),
        read=report.read,
        accepted=report.accepted,
        unlocated=report.unlocated,
        rejected=report.rejected,
        complete_for=options.complete_for,
        made_up=options.made_up,
        mode=options.mode,
    )
