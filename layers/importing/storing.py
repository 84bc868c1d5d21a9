"""What was made of the files, into the store: one transaction, guarded."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from layers.importing.guards import check, only_new
from layers.importing.making import Made
from layers.importing.options import ImportOptions
from layers.importing.stat_grid import merge_cells
from layers.store import Store, StoreError, Writer
from layers.tables import Batch, ImportRecord

ORDER = {"dong": 0, "household": 1}  # the rest after them


def store_all(
    made: Sequence[Made],
    store: Store,
    options: ImportOptions,
    *,
    now: datetime,
    version: int,
    tell: Callable[[str], None],
) -> None:
    """Write what is to be written, by the date of the data.

    Raises
    ------
    StoreError
        The store is no longer of this version, or cannot be written.
    OlderDataError, RowsVanishError
        A guard; nothing is stored then.
    """
    today = now.date().isoformat()
    imports = store.imports()
    in_order = sorted(
        (one for one in made if one.batch is not None),
        key=lambda one: (ORDER.get(one.table, 2), one.date(today), one.source.name, one.digest),
    )
    with store.write() as writer:
        if store.version() != version:
            raise StoreError(f"{store.name}: 그 사이 다른 가져오기가 저장했습니다", "다시 하십시오")
        for one in in_order:
            tell(one.source.name)
            batch = _prepared(writer, one, options)
            if batch is None:
                one.drop()
                continue
            check(writer, batch, one.source.name, imports, options, now)
            writer.put(batch, _record(one, options, now))


def _prepared(writer: Writer, one: Made, options: ImportOptions) -> Batch | None:
    """Return the batch as it goes into the store, None where the store holds all of it already."""
    batch = one.batch
    if batch is None:
        return None
    if batch.table == "stat_grid":
        stored = writer.read("stat_grid")
        stored = stored[stored["dataset"] == batch.dataset]
        rows, whole = merge_cells(stored, batch.rows, force=options.force)
        batch = replace(batch, rows=rows, mode="replace" if whole else "append")
    elif batch.mode == "append":
        batch = replace(batch, rows=only_new(writer, batch))
        if options.complete_for:
            return batch  # without rows, it still says that they are all
    else:
        return batch
    return batch if len(batch.rows) else None


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
    )
