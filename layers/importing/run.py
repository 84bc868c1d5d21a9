"""One import command: read, recognise, clean, locate, report, store; all of it or nothing."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from layers.catalog import Catalog
from layers.importing.address_book import AddressBook
from layers.importing.boundaries import Boundaries
from layers.importing.dong import dong_boundaries
from layers.importing.errors import BadOptionError, BoundariesNeededError, SameDataTwiceError, UnreadableFileError
from layers.importing.facility import facilities
from layers.importing.files import TEXT, Source, find_sources
from layers.importing.forms import Form, is_known_header, load_forms, recognise
from layers.importing.guards import check, is_older, only_new
from layers.importing.households import households
from layers.importing.job import Job, Product
from layers.importing.locating import point_layers, relocate, with_located
from layers.importing.options import ImportOptions
from layers.importing.overlapping import is_appended, with_overlaps
from layers.importing.raw import Raw
from layers.importing.read_text import read_text
from layers.importing.read_vector import read_geojson, read_shapefile
from layers.importing.report import FileReport
from layers.importing.settle import Reading, Settled, settle
from layers.importing.stat_grid import merge_cells, stat_grid
from layers.importing.surroundings import address_points, areas, buildings
from layers.importing.synonyms import assign, check_user_columns, plain_areas
from layers.store import Store, StoreError, Writer
from layers.tables import Batch, ImportRecord

Progress = Callable[[str, int, int], None]

IMPORTER_VERSION = 1  # counted up when the same file would give other rows
_ORDER = {"dong": 0, "household": 1, "address_point": 2}  # the rest after them
_REST = len(_ORDER)
_WITHOUT_BOUNDARIES = frozenset({"dong", "stat_grid"})
_MAKERS: Mapping[str, Callable[[Job], Product]] = {
    "dong": dong_boundaries,
    "household": households,
    "stat_grid": stat_grid,
    "building": buildings,
    "address_point": address_points,
    "area": areas,
    "facility": facilities,
}


@dataclass
class _Made:
    """What became of one file before it is stored. ``product`` is None once it is known to be stored already."""

    source: Source
    report: FileReport
    product: Product | None = None
    digest: str = ""


class _Steps:
    """Counts the steps of a command: each file is read, made, stored."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress or (lambda _name, _done, _total: None)
        self._total = total
        self._done = 0

    def __call__(self, name: str) -> None:
        self._progress(name, self._done, self._total)
        self._done += 1

    def finish(self) -> None:
        self._progress("", self._total, self._total)


def import_files(
    paths: Sequence[Path],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> list[FileReport]:
    """Import files and folders in one transaction.

    Boundaries are read first, then households, then the rest by the date of their data, whatever the order given.
    Everything is read and located before the transaction is opened.

    Parameters
    ----------
    paths
        Files, or folders of files, each recognised by itself.
    store, catalog, options
        Where to, by which forms, and what the planner says.
    now
        Time of the import; Asia/Seoul.
    progress
        Called with a file's name, steps done and steps in all.

    Returns
    -------
    One report a file, skipped ones included, in the order given. Nothing was written of those marked
    ``unchanged``; where all are, the store's version does not move.

    Raises
    ------
    AnsimError
        Anything wrong with an option or a file, or a guard: nothing is stored then.
    """
    options.check(catalog)
    sources = find_sources(paths)
    version = store.version()
    tell = _Steps(progress, 3 * len(sources))
    readings, reports = _read_all(sources, load_forms(catalog), catalog, options, tell)
    check_user_columns([reading.raw for reading in readings], options)
    settled = sorted(settle(readings, catalog, options), key=lambda s: _ORDER.get(s.table, _REST))
    made = _make_all(settled, store, catalog, options, tell)
    if any(one.product for one in made):
        _store_all(made, store, catalog, options, now, version, tell)
    tell.finish()
    reports |= {one.source.path: one.report for one in made}
    return [reports[source.path] for source in sources]


def _read_all(
    sources: Sequence[Source], forms: Sequence[Form], catalog: Catalog, options: ImportOptions, tell: "_Steps"
) -> tuple[list[Reading], dict[Path, FileReport]]:
    """Return the files that hold data, and reports of those that do not."""
    readings: list[Reading] = []
    reports: dict[Path, FileReport] = {}
    area_names = frozenset(plain_areas({area.id: area.name for area in catalog.areas.values()}))
    for source in sources:
        tell(source.name)
        if source.skipped:
            reports[source.path] = FileReport(source.name, note=f"skipped: {source.skipped}")
            continue
        raw = _read(source, forms, options)
        form = recognise(raw, forms, area_names)
        if form is not None and form.unused:
            reports[source.path] = FileReport(source.name, encoding=raw.encoding, note=f"skipped: {form.unused}")
            continue
        readings.append(Reading(source, raw, form, forms))
    return readings, reports


def _read(source: Source, forms: Sequence[Form], options: ImportOptions) -> Raw:
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{source.name}: 열 수 없습니다 ({error.strerror})", "권한을 확인하십시오") from error
    start = data[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise UnreadableFileError(f"{source.name}: 빈 파일입니다", "다시 내려받으십시오")
    if start.startswith(b"{"):  # also when it is named .shp
        return read_geojson(data, source.name, options.encoding)
    kind = source.path.suffix.lower()
    if kind == ".shp":
        return read_shapefile(source.path, options.encoding)
    if kind in TEXT or not kind:
        return read_text(data, source.name, lambda cells: is_known_header(cells, forms), options.encoding)
    raise UnreadableFileError(f"{source.name}: 읽을 줄 모르는 파일입니다", "CSV, GeoJSON 또는 Shapefile을 주십시오")


def _make_all(
    settled: Sequence[Settled], store: Store, catalog: Catalog, options: ImportOptions, tell: "_Steps"
) -> list[_Made]:
    boundaries = Boundaries.of(store.read("dong"))
    known = {record.digest for record in store.imports()}
    made: list[_Made] = []

    def points() -> pd.DataFrame:
        coming = [_batch(one).rows for one in made if one.product and _batch(one).table == "address_point"]
        return pd.concat([store.read("address_point"), *coming], ignore_index=True)

    for one in settled:
        tell(one.reading.source.name)
        if not len(boundaries) and one.table not in _WITHOUT_BOUNDARIES:
            raise BoundariesNeededError(
                f"{one.reading.raw.file}: 행정동 경계가 없어 어디인지 알 수 없습니다",
                "행정동 경계 파일(GeoJSON)을 먼저, 또는 함께 주십시오",
            )
        raw, form = one.reading.raw, one.reading.form
        if not len(raw) and raw.broken.empty and not options.complete_for:
            raise UnreadableFileError(
                f"{raw.file}: 열 이름만 있고 행이 없습니다", "잘리지 않았는지 다시 내려받으십시오"
            )
        columns = assign(raw, form, options)
        job = Job(
            raw,
            form,
            one.target,
            one.table,
            one.dataset,
            columns,
            options,
            catalog,
            boundaries,
            AddressBook(points, boundaries),
        )
        digest = _digest(one.reading.source, job)
        product = _MAKERS[one.table](job)
        unchanged = digest in known
        made.append(_Made(one.reading.source, _report(one, product, unchanged=unchanged), product, digest))
        if unchanged:
            made[-1].product = None
        elif one.table == "dong":
            boundaries = boundaries.replaced_by(product.batch.rows)
        known.add(digest)
    for code in options.complete_for:
        if code not in boundaries.districts.codes:
            raise BadOptionError(f"--complete-for {code}: 경계에 없는 자치구입니다", "5자리 시군구 코드를 확인하십시오")
    return made


def _digest(source: Source, job: Job) -> str:
    """Return the sha256 of everything the rows of a file depend on."""
    form, options, catalog = job.form, job.options, job.catalog
    layer = catalog.layers.get(job.target)
    parts = {
        "importer": IMPORTER_VERSION,
        "bytes": source.digest(),
        "target": [job.target, job.table, job.dataset],
        "form": asdict(form) if form else None,
        "layer": [layer.geometry, layer.counting_purposes] if layer else None,
        "areas": [[area.id, area.name] for area in catalog.areas.values()] if job.table == "area" else None,
        "near_m": catalog.method.near_m,
        "boundaries": None if job.table in _WITHOUT_BOUNDARIES else job.boundaries.digest,
        "columns": sorted(options.columns.items()),
        "options": [options.crs, options.encoding, options.mode, options.complete_for, options.made_up],
        "measure": options.measure if job.table == "stat_grid" else None,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=sorted).encode()).hexdigest()


def _report(one: Settled, product: Product, *, unchanged: bool) -> FileReport:
    sieve, raw = product.sieve, one.reading.raw
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
        repaired={**raw.repaired, **product.repaired},
        flagged={**raw.flagged, **product.flagged},
        unchanged=unchanged,
        note=one.note,
        rejected_rows=sieve.rejected_rows(),
    )


def _store_all(
    made: Sequence[_Made],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    now: datetime,
    version: int,
    tell: "_Steps",
) -> None:
    today = now.date().isoformat()
    imports = store.imports()
    in_order = sorted(
        (one for one in made if one.product),
        key=lambda one: (_ORDER.get(_batch(one).table, _REST), _date(one, today)),
    )
    _refuse_twice(in_order, today)
    with store.write() as writer:
        if store.version() != version:
            raise StoreError(f"{store.name}: 그 사이 다른 가져오기가 저장했습니다", "다시 하십시오")
        for one in in_order:
            tell(one.source.name)
            batch = _prepared(writer, _batch(one), options, imports)
            if batch is None:
                one.report = replace(one.report, unchanged=True)
                continue
            check(writer, batch, one.source.name, imports, options, now)
            writer.put(batch, _record(one, options, now))
        _locate(in_order, writer, catalog)
        new = [one for one in in_order if not one.report.unchanged]
        known = [*imports, *(replace(_record(one, options, now), districts=_batch(one).districts) for one in new)]
        for one in in_order:
            one.report = with_overlaps(one.report, _batch(one), writer, catalog, known)


def _locate(in_order: Sequence[_Made], writer: Writer, catalog: Catalog) -> None:
    """Place rows without coordinates by the address points there are now: whichever came first, the store is one."""
    if not len(writer.read("address_point", columns=["key"])):
        return
    found = relocate(writer, point_layers(catalog), catalog.method.near_m)
    for one in in_order:
        if not one.report.unchanged:
            one.report = with_located(one.report, _batch(one).rows, found)


def _prepared(writer: Writer, batch: Batch, options: ImportOptions, imports: Sequence[ImportRecord]) -> Batch | None:
    """Return the batch as it goes into the store, None where the store holds all of it already."""
    if batch.table == "stat_grid":
        stored = writer.read("stat_grid")
        stored = stored[stored["dataset"] == batch.dataset]
        rows, whole = merge_cells(stored, batch.rows, force=options.force)
        batch = replace(batch, rows=rows, mode="replace" if whole else "append")
    elif batch.mode == "append":
        batch = replace(batch, rows=only_new(writer, batch))
        if not is_appended(batch, imports):
            return batch  # also without a new row: that the planner appends it is news
    else:
        return batch
    return batch if len(batch.rows) else None


def _refuse_twice(in_order: Sequence[_Made], today: str) -> None:
    """Raise where two files hold the same district of a dataset and neither is newer: one would be lost."""
    seen: dict[tuple[str, str, str], _Made] = {}
    for one in in_order:
        batch = _batch(one)
        for district in (batch.districts or ()) if batch.mode == "replace" else ():
            before = seen.get((batch.table, batch.dataset, district))
            if before is not None and not is_older(_date(before, today), _date(one, today)):
                raise SameDataTwiceError(
                    f"{before.source.name}, {one.source.name}: 같은 자료의 같은 자치구({district or '-'})입니다",
                    "하나만 주거나, 둘 다 쓰려면 --mode append로 따로 가져오십시오",
                )
            seen[batch.table, batch.dataset, district] = one


def _batch(one: _Made) -> Batch:
    if one.product is None:
        raise AssertionError(one.source.name)
    return one.product.batch


def _date(one: _Made, today: str) -> str:
    return (one.product.data_date if one.product else "") or today


def _record(one: _Made, options: ImportOptions, now: datetime) -> ImportRecord:
    report = one.report
    return ImportRecord(
        file=report.file,
        digest=one.digest,
        dataset=report.dataset,
        layer=report.layer,
        encoding=report.encoding,
        crs=report.crs,
        data_date=one.product.data_date if one.product else "",
        imported_at=now.isoformat(timespec="seconds"),
        read=report.read,
        accepted=report.accepted,
        unlocated=report.unlocated,
        rejected=report.rejected,
        complete_for=options.complete_for,
        made_up=options.made_up,
        mode=options.mode,
    )
