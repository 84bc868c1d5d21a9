"""One import command: read, recognise, clean, locate, report, store; all of it or nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from layers.catalog import Catalog
from layers.importing.contest import decide
from layers.importing.errors import UnreadableFileError
from layers.importing.files import TEXT, Source, find_sources
from layers.importing.forms import Form, is_known_header, load_forms, recognise
from layers.importing.making import make_all
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw
from layers.importing.read_text import read_text
from layers.importing.read_vector import read_geojson, read_shapefile
from layers.importing.report import FileReport
from layers.importing.settle import Reading, settle
from layers.importing.sheets import settle_sheets
from layers.importing.storing import ORDER, store_all
from layers.importing.synonyms import check_user_columns, plain_areas
from layers.store import Store

Progress = Callable[[str, int, int], None]


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
    settled = sorted(settle(readings, catalog, options), key=lambda s: ORDER.get(s.table, 2))
    named = {path.resolve() for path in paths if path.is_file()}
    given = [source.path for source in sources if source.path.resolve() in named]
    made, skipped = make_all(settled, store, catalog, options, named=given, today=now.date(), tell=tell)
    decide(made, now.date().isoformat())
    settle_sheets(made, now.date().isoformat())
    if any(one.batch is not None for one in made):
        store_all(made, store, options, near_m=catalog.method.near_m, now=now, version=version, tell=tell)
    tell.finish()
    reports |= skipped | {one.source.path: one.report for one in made}
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
