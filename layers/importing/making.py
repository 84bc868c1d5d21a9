"""The files of a command made into rows, each with what it claims of the store; nothing is written yet."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

import pandas as pd

from layers.catalog import Catalog
from layers.importing.address_book import AddressBook
from layers.importing.boundaries import Boundaries
from layers.importing.dong import dong_boundaries
from layers.importing.errors import (
    BadOptionError,
    BoundariesNeededError,
    NothingAcceptedError,
    UnreadableFileError,
)
from layers.importing.facility import facilities
from layers.importing.fallbacks import unused_coordinates_note, unused_numbers_note
from layers.importing.faults import Faults
from layers.importing.files import Source
from layers.importing.households import households
from layers.importing.job import Job, Product
from layers.importing.options import ImportOptions
from layers.importing.report import REASON_TEXTS, FileReport
from layers.importing.serial_dates import with_serial_dates
from layers.importing.settle import Settled
from layers.importing.stat_grid import stat_grid
from layers.importing.suggest import suggested_date
from layers.importing.surroundings import address_points, areas, buildings
from layers.importing.synonyms import assign
from layers.store import Store
from layers.tables import Batch, ImportRecord

IMPORTER_VERSION = 5  # counted up when the same file would give other rows
WITHOUT_BOUNDARIES = frozenset({"dong", "stat_grid"})
_MAKERS: Mapping[str, Callable[[Job], Product]] = {
    "dong": dong_boundaries,
    "household": households,
    "stat_grid": stat_grid,
    "building": buildings,
    "address_point": address_points,
    "area": areas,
    "facility": facilities,
}
_WHAT_TO_DO = {
    "outside": "좌표계(--crs)가 맞는지, 가져온 경계 안 지역의 파일인지 확인하십시오",
    "impossible_coordinates": "좌표 열(--column)과 좌표계(--crs)를 확인하십시오",
}


@dataclass
class Made:
    """What became of one file before it is stored.

    Attributes
    ----------
    batch
        Its rows; None where nothing of it is to be written.
    dates
        The districts it claims, each with the newest date of its rows there ('' where they have none).
    stands
        The record of the same bytes and options in the store, None where there is none.
    """

    source: Source
    report: FileReport
    digest: str
    batch: Batch | None
    table: str
    scope: str
    mode: str
    dates: Mapping[str, str]
    data_date: str
    stands: ImportRecord | None

    @property
    def dataset(self) -> str:
        """The dataset its rows are stored under."""
        return self.report.dataset

    def date(self, today: str) -> str:
        """Return the date of its data, today where it has none."""
        return self.data_date or today

    def holds(self, districts: Collection[str]) -> bool:
        """Say whether the store already holds its rows of these districts."""
        return self.stands is not None and set(districts) <= set(self.stands.districts or ())

    def drop(self, note: str = "") -> None:
        """Say that nothing is to be written of it."""
        self.batch = None
        self.report = replace(self.report, unchanged=True, note=joined_notes(self.report.note, note))


def joined_notes(*notes: str) -> str:
    """Return the notes that are not empty as one text."""
    return "; ".join(note for note in notes if note)


def make_all(
    settled: Sequence[Settled],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    *,
    named: Collection[Source],
    today: date,
    tell: Callable[[str], None],
    faults: Faults,
) -> tuple[list[Made], list[tuple[Source, FileReport]]]:
    """Make the rows of every file, boundaries first.

    ``named`` are the files given by name; of the others, found in a folder, one whose rows all lie elsewhere is
    skipped. So is one layer of a file of several, as long as another has rows. What is wrong with a file is taken by
    ``faults``, and none of its layers is made.

    Returns
    -------
    The files made, and reports of those skipped, each with its source.

    Raises
    ------
    ImportingError
        A file without rows, or none of whose rows is accepted; boundaries are missing; ``--complete-for`` names
        a district that is not loaded.
    """
    boundaries = Boundaries.of(store.read("dong"))
    known = {record.digest: record for record in store.imports()}
    made: list[Made] = []
    skipped: list[tuple[Source, FileReport]] = []
    parts = Counter(one.reading.source for one in settled)

    def points() -> pd.DataFrame:
        coming = [one.batch.rows for one in made if one.batch is not None and one.table == "address_point"]
        return pd.concat([store.read("address_point"), *coming], ignore_index=True)

    for one in settled:
        source, said = one.reading.source, options.of(one.reading.raw.file)
        tell(source.name)
        with faults.of(source.name, one.reading.raw):
            _check_start(one, boundaries, options)
            job, serials = _job(one, said, catalog, boundaries, today, points)
            if not (said.force and source in named):  # forced, it is as it is said now
                job = _dated_before(source, job, known, own=one.own)
            digest = _digest(source, job, own=one.own)
            stands = known.get(digest)
            if stands is not None and one.own:  # the bytes count, not the name
                job = replace(job, dataset=stands.dataset)
            product = _MAKERS[one.table](job)
            report = _report(one, product, job, serials)
            if _nothing_accepted(report, said):
                if parts[source] == 1 and (source in named or not _elsewhere(report, said)):
                    raise _nothing_error(report)
                skipped.append((source, _as_skipped(report)))
                continue
            made.append(_made(source, product, report, digest, stands))
            if any(before.digest == digest for before in made[:-1]):
                made[-1].drop("copy: 같은 내용의 파일이 앞에 있습니다")
            elif one.table == "dong" and made[-1].batch is not None:
                boundaries = boundaries.replaced_by(product.batch.rows, product.batch.districts or ())
    _check_end(made, skipped, boundaries, options, faults)
    return [one for one in made if one.source.name not in faults.files], skipped


def _job(
    one: Settled,
    said: ImportOptions,
    catalog: Catalog,
    boundaries: Boundaries,
    today: date,
    points: Callable[[], pd.DataFrame],
) -> tuple[Job, int]:
    """Return what a maker is given of a file, and how many of its cells were serial dates of Excel."""
    form = one.reading.form
    columns, serials = with_serial_dates(assign(one.reading.raw, form, said))
    book = AddressBook(points, boundaries)
    job = Job(columns.raw, form, one.target, one.table, one.dataset, columns, said, catalog, boundaries, today, book)
    return job, serials


def _check_start(one: Settled, boundaries: Boundaries, options: ImportOptions) -> None:
    raw = one.reading.raw
    if not len(boundaries) and one.table not in WITHOUT_BOUNDARIES:
        raise BoundariesNeededError(
            f"{raw.file}: 행정동 경계가 없어 어디인지 알 수 없습니다",
            "행정동 경계 파일(GeoJSON)을 먼저, 또는 함께 주십시오",
        )
    if not len(raw) and raw.broken.empty and not options.complete_for:
        raise UnreadableFileError(f"{raw.file}: 열 이름만 있고 행이 없습니다", "잘리지 않았는지 다시 내려받으십시오")


def _check_end(
    made: Sequence[Made],
    skipped: Sequence[tuple[Source, FileReport]],
    boundaries: Boundaries,
    options: ImportOptions,
    faults: Faults,
) -> None:
    for code in options.complete_for:
        if code not in boundaries.districts.codes:
            raise BadOptionError(f"--complete-for {code}: 경계에 없는 자치구입니다", "5자리 시군구 코드를 확인하십시오")
    stored = {one.source for one in made}
    whole = Counter(source for source, _ in skipped)
    for source, report in skipped:
        if (not made and not faults.gathers) or (whole[source] > 1 and source not in stored):
            faults.take(source.name, _nothing_error(report))


def _made(source: Source, product: Product, report: FileReport, digest: str, stands: ImportRecord | None) -> Made:
    batch = product.batch
    dates: dict[str, str] = dict.fromkeys(batch.districts or (), "")
    if batch.districts is not None and "data_date" in batch.rows.columns:
        dates |= _newest_by_district(batch.rows)
    one = Made(
        source, report, digest, batch, batch.table, batch.scope, batch.mode, dates, product.data_date, stands
    )  # fmt: skip
    if batch.districts is not None and one.holds(batch.districts):
        one.drop()  # its rows need not be kept in memory
    return one


def _newest_by_district(rows: pd.DataFrame) -> dict[str, str]:
    return {str(k): str(v) for k, v in rows.groupby("district")["data_date"].max().items()}


def _digest(source: Source, job: Job, *, own: bool) -> str:
    """Return the sha256 of everything the rows of a file depend on."""
    form, options, catalog = job.form, job.options, job.catalog
    layer = catalog.layers.get(job.target)
    parts = {
        "importer": IMPORTER_VERSION,
        "bytes": source.digest(),
        "target": [job.target, job.table, "" if own else job.dataset],
        "form": asdict(form) if form else None,
        "layer": [layer.geometry, layer.counting_purposes] if layer else None,
        "areas": [[area.id, area.name] for area in catalog.areas.values()] if job.table == "area" else None,
        "near_m": catalog.method.near_m,
        "boundaries": None if job.table in WITHOUT_BOUNDARIES else job.boundaries.digest,
        "columns": sorted(options.columns.items()),
        "options": [options.crs, options.encoding, options.mode, options.complete_for, options.made_up],
        "measure": options.measure if job.table == "stat_grid" else None,
        **({"data_date": options.data_date} if options.data_date else {}),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=sorted).encode()).hexdigest()


def _dated_before(source: Source, job: Job, known: Collection[str], *, own: bool) -> Job:
    """Return the job with the date in its file's name where the same bytes are stored with it: the planner said so.

    Not where it is stated now what their date is, or that ('') they have none.
    """
    day = suggested_date(job.raw.file, job.today) if job.options.data_date is None else ""
    dated = replace(job, options=replace(job.options, data_date=day)) if day else job
    return dated if _digest(source, dated, own=own) in known else job


def _report(one: Settled, product: Product, job: Job, serials: int) -> FileReport:
    sieve, raw, columns = product.sieve, one.reading.raw, job.columns
    counted = columns.has("count") or not one.own or one.table != "facility"
    unused = "" if counted else unused_numbers_note(raw, columns.index.values())
    nowhere = one.table == "facility" and 0 < product.unlocated == int(sieve.kept.sum()) and one.reading.form is None
    unplaced = unused_coordinates_note(raw, columns.index.values()) if nowhere else ""
    reasons = sieve.counts()
    return FileReport(
        file=raw.file,
        layer=product.layer,
        dataset=product.batch.dataset,
        encoding=raw.encoding,
        crs=product.crs,
        crs_score=product.crs_score,
        read=sieve.read,
        accepted=int(sieve.kept.sum()),
        unlocated=product.unlocated,
        devices=product.devices,
        rejected=sum(reasons.values()),
        reasons=reasons,
        repaired={**raw.repaired, **product.repaired, **({"excel_serial": serials} if serials else {})},
        flagged={**raw.flagged, **product.flagged},
        note=joined_notes(raw.note, one.note, unused, unplaced, _stated_note(product, job)),
        data_date=product.data_date,
        header=raw.header,
        rejected_rows=sieve.rejected_rows(),
        shown=product.shown,
    )


def _stated_note(product: Product, job: Job) -> str:
    stated = job.options.data_date
    if not stated or product.data_date != stated:
        return ""
    return f"stated_date: 기준일이 없는 행은 알려 준 {stated}의 자료로 봅니다"


def _nothing_accepted(report: FileReport, options: ImportOptions) -> bool:
    """Say whether no row is accepted although rows were read; stated to be complete, the dead and totals may be all."""
    if not report.read or report.accepted:
        return False
    harmless = {"total_row", "dead", "duplicate"}
    return not (options.complete_for and set(report.reasons) <= harmless)


def _elsewhere(report: FileReport, options: ImportOptions) -> bool:
    """Say whether the rows lie elsewhere by their own coordinates: another city's file, not a wrong ``--crs``."""
    return options.crs is None and _main_reason(report) == "outside"


def _main_reason(report: FileReport) -> str:
    return max(report.reasons, key=lambda reason: report.reasons[reason])


def _as_skipped(report: FileReport) -> FileReport:
    return replace(report, note=f"skipped: 모든 행이 {REASON_TEXTS[_main_reason(report)]}")


def _nothing_error(report: FileReport) -> NothingAcceptedError:
    reason = _main_reason(report)
    return NothingAcceptedError(
        f"{report.file}: {report.read:,}행 가운데 받아들일 수 있는 행이 없습니다"
        f" ({REASON_TEXTS[reason]} {report.reasons[reason]:,}행)",
        _WHAT_TO_DO.get(reason, "파일의 내용과 열(--column)을 확인하십시오"),
    )
