"""What an analysing process does: it keeps the district it was last asked about, so that a changed reach is quick."""

import tempfile
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from api.opened import opened
from geo.district import analyse
from geo.model import DistrictInput, DistrictResult, Settings
from geo.stability import with_stability
from layers.catalog import Catalog, load_catalog
from layers.district_input import district_input
from layers.frozen import FrozenStore, is_frozen
from layers.hours import parse_at
from layers.snapshot import take_snapshot
from layers.store import Store
from layers.who import parse_who
from maps.district import district_map
from maps.files import write_cells, write_gaps
from maps.geofiles import about, geojson, records
from maps.tables import dong_table

Tell = Callable[[int, int], None]
_KEPT = 4
_inputs: OrderedDict[tuple[Any, ...], DistrictInput] = OrderedDict()


@dataclass(frozen=True)
class Job:
    """An analysis of a district: where the data are (a store, or the frozen copy being served), and what is asked."""

    store: str
    catalogs: tuple[Path, ...]
    stamp: str  # of the data: another stamp is read anew
    district: str
    settings: Settings = field(default_factory=Settings)
    at: str = ""
    who: str = ""
    draws: int = 0


def gaps(job: Job, ending: str, *, tell: Tell) -> bytes:
    """Return the gap areas as a file of this ending (``maps.files``)."""
    result, catalog = _result(job, tell)
    if ending == ".geojson":
        return orjson.dumps(geojson(result, catalog))
    return _file(ending, lambda path: write_gaps(result, catalog, path))


def cells(job: Job, ending: str, *, tell: Tell) -> bytes:
    """Return the cells as a file of this ending."""
    result, _ = _result(job, tell)
    return _file(ending, lambda path: write_cells(result, path))


def coverage(job: Job, *, tell: Tell) -> bytes:
    """Return what a district's output rests on, with its needs and its dong, as JSON."""
    result, catalog = _result(job, tell)
    return orjson.dumps(about(result, catalog) | {"dongs": records(dong_table(result))})


def page(job: Job, edition: str, *, tell: Tell) -> bytes:
    """Return the district's map as one HTML file."""
    result, catalog = _result(job, tell)
    return district_map(result, catalog, edition=edition).encode()  # type: ignore[arg-type]


def _result(job: Job, tell: Tell) -> tuple[DistrictResult, Catalog]:
    catalog = load_catalog(job.catalogs)
    result = analyse(input_of(job, catalog), job.settings)
    if job.draws:
        result = with_stability(result, draws=job.draws, seed=0, progress=lambda done: tell(done, job.draws))
    return result, catalog


def input_of(job: Job, catalog: Catalog) -> DistrictInput:
    """Return what the analysis reads, kept from the last questions about the same district, hour and people."""
    key = (job.store, job.catalogs, job.stamp, job.district, job.at, job.who)
    if key not in _inputs:
        with _opened(job.store, catalog) as store:
            snapshot = take_snapshot(store, district=job.district, margin_m=catalog.method.near_m)
        at = parse_at(job.at) if job.at else None
        _inputs[key] = district_input(snapshot, catalog, job.district, at=at, who=parse_who(job.who))
        while len(_inputs) > _KEPT:
            _inputs.popitem(last=False)
    _inputs.move_to_end(key)
    return _inputs[key]


def _opened(location: str, catalog: Catalog) -> AbstractContextManager[Store]:
    return nullcontext(FrozenStore(Path(location))) if is_frozen(location) else opened(location, catalog)


def _file(ending: str, write: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"out{ending}"
        write(path)
        return path.read_bytes()
