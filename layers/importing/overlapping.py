"""What an import says of other files of the same devices (:mod:`layers.duplicates`)."""

from collections.abc import Sequence
from dataclasses import replace

from layers.catalog import Catalog
from layers.duplicates import COLUMNS, in_words, overlaps_of
from layers.importing.report import FileReport
from layers.store import Readable
from layers.tables import Batch, ImportRecord

SAME_DEVICES = "same_devices"  # flagged: devices of the file that another dataset of the district has too


def is_appended(batch: Batch, imports: Sequence[ImportRecord], file: str) -> bool:
    """Say whether the planner has appended this dataset in all these districts before.

    Of a file that was stored without ``--mode append`` only its own appending counts: it says that both are used.
    """
    same = [r for r in imports if (r.layer, r.dataset) == (batch.table, batch.dataset)]
    records = [r for r in same if r.mode == "append"]
    if any(r.file == file for r in same if r.mode != "append"):
        records = [r for r in records if r.file == file]
    return batch.districts is not None and all(
        any(record.districts is None or district in record.districts for record in records)
        for district in batch.districts
    )


def with_overlaps(
    report: FileReport, batch: Batch, stored: Readable, catalog: Catalog, imports: Sequence[ImportRecord]
) -> FileReport:
    """Return the report of a file with what it has in common with other datasets of its districts."""
    if report.unchanged or batch.table not in catalog.layers:
        return report
    if stored.read(batch.table, columns=["dataset"])["dataset"].nunique() < 2:
        return report
    found = [
        overlap
        for overlap in overlaps_of(stored.read(batch.table, columns=COLUMNS), batch.table, catalog, imports)
        if overlap.same
        and batch.dataset in {overlap.preferred, overlap.other}
        and overlap.district in (batch.districts or ())
    ]
    if not found:
        return report
    flagged = {**report.flagged, SAME_DEVICES: sum(overlap.pairs for overlap in found)}
    note = "; ".join(filter(None, [report.note, *map(in_words, found)]))
    return replace(report, flagged=flagged, note=note)
