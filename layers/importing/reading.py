"""Reading the sources of a command: the reader each needs, the form each has, and which hold no data of ours."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from layers.catalog import Catalog
from layers.importing.errors import UnreadableFileError
from layers.importing.faults import Faults
from layers.importing.files import LEFT_OUT, Source
from layers.importing.forms import Form, is_known_header, recognise
from layers.importing.layered import by_layer
from layers.importing.options import ImportOptions
from layers.importing.pages import join_pages
from layers.importing.raw import Raw
from layers.importing.read_parquet import read_parquet
from layers.importing.read_portal import read_json, read_xml
from layers.importing.read_sheets import read_sheet
from layers.importing.read_text import read_text
from layers.importing.read_vector import read_geojson, read_layer, read_shapefile
from layers.importing.report import FileReport
from layers.importing.settle import Reading
from layers.importing.synonyms import assign, looks_placed, plain_areas
from layers.importing.text import plain

_ASIDE = "자료로 알아볼 열이 없는 시트입니다"


def read_all(
    sources: Sequence[Source],
    forms: Sequence[Form],
    catalog: Catalog,
    options: ImportOptions,
    tell: Callable[[str], None],
    faults: Faults | None = None,
    counted: Callable[[int], None] = lambda _rows: None,
) -> tuple[list[Reading], dict[Source, FileReport], list[Source]]:
    """Return what holds data, a file of several layers as several readings; reports of what does not; all sources.

    Sources come in the order given; a portal's file of several tables has become one a table, each named. What cannot
    be read is taken by ``faults`` and in neither (by default it is raised). ``counted`` is told of the rows of each
    file.

    Of a workbook or GeoPackage with several sheets or layers, those that have no known form and nothing to place rows
    by (covers, notes, code lists) are skipped, as long as another one holds data.
    """
    faults = faults or Faults()
    readings: list[Reading] = []
    reports: dict[Source, FileReport] = {}
    area_names = frozenset(plain_areas({area.id: area.name for area in catalog.areas.values()}))

    def tells(raw: Raw) -> bool:
        return recognise(raw, forms, area_names) is not None or _is_placed(raw, options.of(raw.file))

    given: list[Source] = []
    read: list[tuple[Source, Raw]] = []
    for source in sources:
        tell(source.name)
        raws: list[Raw] = []
        with faults.of(source.name):
            raws = [] if source.skipped else _read(source, forms, options.of(source.name), tells)
        if source.name in faults.files:
            continue
        counted(sum(len(raw) for raw in raws))
        parts = [replace(source, name=raw.file, part=raw.part, alone=False) if raw.part else source for raw in raws]
        given += parts or [source]
        read += zip(parts, raws, strict=True)
        if not raws:
            reports[source] = FileReport(source.name, note=f"skipped: {source.skipped or '표가 없는 시트입니다'}")
    joined, pages = join_pages(read)
    reports |= {source: FileReport(source.name, note=why) for source, why in pages.items()}
    given = [next((s for s, _ in joined if s.path == g.path and s.part == g.part), g) for g in given]
    for source, raw in joined:
        if options.leaves_out(source.name):
            reports[source] = FileReport(source.name, note=f"skipped: {LEFT_OUT}")
            continue
        form = recognise(raw, forms, area_names)
        if form is not None and form.unused:
            reports[source] = FileReport(source.name, encoding=raw.encoding, note=f"skipped: {form.unused}")
            continue
        readings.append(Reading(source, raw, form, forms))
    kept = [reading for reading in readings if not _is_aside(reading, readings, options)]
    aside = (reading.source for reading in readings if reading not in kept)
    reports |= {source: FileReport(source.name, note=f"skipped: {_ASIDE}") for source in aside}
    if not kept and not any(report.encoding for report in reports.values()) and not faults.gathers:
        raise UnreadableFileError(f"{sources[0].name}: 표가 있는 시트가 없습니다", "자료가 든 시트를 확인하십시오")
    return [part for reading in kept for part in _split(reading)], reports, given


def _is_aside(reading: Reading, readings: Sequence[Reading], options: ImportOptions) -> bool:
    """Say whether a sheet tells nothing while another sheet of the same file does."""
    if reading.source.alone or _tells(reading, options):
        return False
    others = [r for r in readings if r.source.path == reading.source.path]
    return any(_tells(other, options) for other in others) or reading is not others[0]


def _tells(reading: Reading, options: ImportOptions) -> bool:
    return reading.form is not None or _is_placed(reading.raw, options.of(reading.raw.file))


def _is_placed(raw: Raw, options: ImportOptions) -> bool:
    return len(raw) > 0 and looks_placed(assign(raw, None, options))


def _split(reading: Reading) -> list[Reading]:
    form = reading.form
    if form is None or not form.layer_column:
        return [reading]
    return [
        replace(reading, raw=raw, form=replace(form, layer=layer)) for layer, raw in by_layer(reading.raw, form).items()
    ]


def _read(source: Source, forms: Sequence[Form], options: ImportOptions, tells: Callable[[Raw], bool]) -> list[Raw]:
    """Read one source: its table, or the tables of a portal's file; none where it is a sheet without one."""
    path, name = source.path, source.name
    named = frozenset(map(plain, options.columns.values()))

    def known(cells: Sequence[str]) -> bool:
        return is_known_header(cells, forms) or bool(named and named <= set(map(plain, cells)))

    portals = {"json": read_json, "xml": read_xml}
    if source.kind in portals:
        return portals[source.kind](path.read_bytes(), name, options.encoding, tells)
    readers: dict[str, Callable[[], Raw | None]] = {
        "workbook": lambda: read_sheet(path, source.part, name, known),
        "gpkg": lambda: read_layer(path, source.part, name),
        "shapefile": lambda: read_shapefile(path, name, options.encoding),
        "parquet": lambda: read_parquet(path, name, options.max_bytes),
        "geojson": lambda: read_geojson(path.read_bytes(), name, options.encoding),
        "text": lambda: read_text(path.read_bytes(), name, known, options.encoding),
    }
    raw = readers[source.kind]()
    return [] if raw is None else [raw]
