"""What a process does for the overview of a city: one district at a time, then the files of both editions."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import shapely

from api.district_memory import Job, Last, catalog_of, store_of
from geo.district import analyse
from geo.errors import NoDataError
from layers.city_states import CityScope, city_scope
from layers.district_input import district_input, margin_m
from layers.programmes import installed_years, programmes
from layers.snapshot import Snapshot, find_district, take_overview, take_snapshot
from maps.city.payload import City, city_payload
from maps.city.rows import CityRow, city_row, row_without
from maps.city.table import write_city_tables
from maps.editions import Edition
from maps.english import LANGS, Lang

Tell = Callable[[int, int], None]
_scopes: Last[tuple[object, ...], tuple[Snapshot, CityScope]] = Last(1)


@dataclass(frozen=True)
class CityFiles:
    """What an edition of the overview consists of: its data as JSON, its table by language and kind (xlsx, csv)."""

    data: bytes
    tables: Mapping[tuple[Lang, str], bytes]


def districts(job: Job, *, tell: Tell) -> tuple[str, ...]:  # noqa: ARG001 - every job is given it
    """Return the codes of the city's districts. Raises NoDataError without boundaries."""
    _, scope = _scope(job)
    return tuple(district.code for district in scope.districts)


def row(job: Job, code: str, *, tell: Tell) -> CityRow:  # noqa: ARG001 - as above
    """Return the overview's line of one district; one that cannot be analysed says why."""
    catalog = catalog_of(job)
    overview, scope = _scope(job)
    with store_of(job) as store:
        snapshot = take_snapshot(store, district=code, margin_m=margin_m(catalog))
    try:
        result = analyse(district_input(snapshot, catalog, code), job.settings)
    except NoDataError as error:
        dong = overview.dong
        ground = shapely.union_all(dong.loc[dong["district"] == code, "geometry"].to_numpy())
        return row_without(code, overview.districts[code].name, ground, error.message)
    return city_row(result, catalog, scope.common, scope.layer_states)


def files(job: Job, rows: tuple[CityRow, ...], *, tell: Tell) -> dict[Edition, CityFiles]:  # noqa: ARG001 - as above
    """Return the files of both editions."""
    catalog = catalog_of(job)
    _, scope = _scope(job)
    codes = [one.code for one in rows]
    with store_of(job) as store:
        held = installed_years(store, catalog.layers, codes)
    city = City(scope.name, rows, scope.common, programmes(scope.name), held)
    editions: tuple[Edition, ...] = ("internal", "public")
    return {edition: _files(city, job, edition) for edition in editions}


def _files(city: City, job: Job, edition: Edition) -> CityFiles:
    catalog = catalog_of(job)
    tables: dict[tuple[Lang, str], bytes] = {}
    for lang in LANGS:
        with tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as folder:
            names = write_city_tables(city, catalog, edition, Path(folder), lang)
            tables |= {(lang, kind): (Path(folder) / name).read_bytes() for kind, name in names.items()}
    return CityFiles(orjson.dumps(city_payload(city, catalog, edition)), tables)


def _scope(job: Job) -> tuple[Snapshot, CityScope]:
    def make() -> tuple[Snapshot, CityScope]:
        catalog = catalog_of(job)
        with store_of(job) as store:
            overview = take_overview(store)
        if not overview.districts:
            find_district("all", overview.districts)
        return overview, city_scope(overview, catalog, job.settings)

    return _scopes.get((job.store, job.catalogs, job.stamp), make)
