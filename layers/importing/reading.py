"""Reading the files of a command: the reader each needs, the form each has, and which hold no data of ours."""

from collections.abc import Callable, Sequence

from layers.catalog import Catalog
from layers.importing.errors import UnreadableFileError
from layers.importing.files import TEXT, Source
from layers.importing.forms import Form, is_known_header, recognise
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw
from layers.importing.read_text import read_text
from layers.importing.read_vector import read_geojson, read_shapefile
from layers.importing.report import FileReport
from layers.importing.settle import Reading
from layers.importing.synonyms import plain_areas


def read_all(
    sources: Sequence[Source],
    forms: Sequence[Form],
    catalog: Catalog,
    options: ImportOptions,
    tell: Callable[[str], None],
) -> tuple[list[Reading], dict[Source, FileReport]]:
    """Return the files that hold data, and reports of those that do not."""
    readings: list[Reading] = []
    reports: dict[Source, FileReport] = {}
    area_names = frozenset(plain_areas({area.id: area.name for area in catalog.areas.values()}))
    for source in sources:
        tell(source.name)
        if source.skipped:
            reports[source] = FileReport(source.name, note=f"skipped: {source.skipped}")
            continue
        raw = _read(source, forms, options)
        form = recognise(raw, forms, area_names)
        if form is not None and form.unused:
            reports[source] = FileReport(source.name, encoding=raw.encoding, note=f"skipped: {form.unused}")
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
