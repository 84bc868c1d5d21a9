"""What an analysing process does: coverage, gaps, cells and maps of a district."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import orjson

from api.district_memory import MEMORY, Job, catalog_of, input_of
from geo.district import analyse
from geo.model import DistrictResult
from geo.stability import with_stability
from layers.catalog import Catalog
from maps.district import district_map
from maps.english import Lang, speaker
from maps.files import write_cells, write_gaps
from maps.geofiles import about, geojson, records
from maps.tables import dong_table

Tell = Callable[[int, int], None]


def gaps(job: Job, ending: str, lang: Lang = "ko", *, tell: Tell) -> bytes:
    """Return the gap areas as a file of this ending (``maps.files``), its words in a language."""
    result, catalog = result_of(job, tell)
    if ending == ".geojson":
        return orjson.dumps(geojson(result, catalog, speaker(catalog, lang)))
    return file_of(ending, lambda path: write_gaps(result, catalog, path, lang))


def cells(job: Job, ending: str, lang: Lang = "ko", *, tell: Tell) -> bytes:
    """Return the cells as a file of this ending, what describes them in a language."""
    result, catalog = result_of(job, tell)
    return file_of(ending, lambda path: write_cells(result, path, catalog, lang))


def coverage(job: Job, *, tell: Tell) -> bytes:
    """Return what a district's output rests on, with its needs and its dong, as JSON."""
    result, catalog = result_of(job, tell)
    return orjson.dumps(about(result, catalog) | {"dongs": records(dong_table(result))})


def page(job: Job, edition: str, lang: Lang, *, tell: Tell) -> bytes:
    """Return the district's map as one HTML file, in a language."""
    result, catalog = result_of(job, tell)
    return district_map(result, catalog, edition=edition, lang=lang).encode()  # type: ignore[arg-type]


def result_of(job: Job, tell: Tell) -> tuple[DistrictResult, Catalog]:
    """Return what the analysis found, and the catalog."""
    catalog = catalog_of(job)
    result = analyse(input_of(job), job.settings, MEMORY)
    if job.draws:
        result = with_stability(result, draws=job.draws, seed=0, progress=lambda done: tell(done, job.draws))
    return result, catalog


def file_of(ending: str, write: Callable[[Path], None]) -> bytes:
    """Return the bytes of the file that ``write`` writes."""
    with tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"out{ending}"
        write(path)
        return path.read_bytes()
