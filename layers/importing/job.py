"""One file on its way through the stages, and what comes out of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.model import Bools, Geometries, Ints
from layers.catalog import Catalog
from layers.importing.address_book import AddressBook
from layers.importing.boundaries import Boundaries
from layers.importing.errors import BadOptionError
from layers.importing.forms import Form
from layers.importing.identity import edition_name
from layers.importing.names import FOREIGN
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw
from layers.importing.shapes import missing, only, to_points
from layers.importing.shown import nothing_shown
from layers.importing.sieve import Sieve
from layers.importing.synonyms import Columns
from layers.importing.text import as_text, each_text, empty_text, join, matches
from layers.importing.values import dates, year_month
from layers.tables import Batch

_PROVINCE_AND_DISTRICT = 16  # characters of an address that surely hold both


@dataclass(frozen=True)
class Job:
    """A file that has been read and recognised.

    ``target`` is a layer id, an area id, or a table; ``dataset`` the id its rows are stored under; ``today`` the day
    of the import; ``book`` the address points that are loaded.
    """

    raw: Raw
    form: Form | None
    target: str
    table: str
    dataset: str
    columns: Columns
    options: ImportOptions
    catalog: Catalog
    boundaries: Boundaries
    today: date
    book: AddressBook = field(default_factory=AddressBook)


@dataclass
class Product:
    """Rows ready to store, and the account of how they came to be; ``shown``: some as places, for a map."""

    batch: Batch
    sieve: Sieve
    layer: str
    crs: str = ""
    crs_score: float | None = None
    unlocated: int = 0
    devices: int = 0
    data_date: str = ""
    repaired: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    shown: pd.DataFrame = field(default_factory=nothing_shown)


@dataclass(frozen=True)
class Located:
    """Dong index of each row (int64 (n,), -1 outside or unlocated) and whether it is near outside (bool (n,))."""

    dong: Ints
    near: Bools


def locate(geometry: Geometries, sieve: Sieve, boundaries: Boundaries, near_m: float) -> Located:
    """Locate the rows still accepted, and reject those farther than ``near_m`` outside all boundaries.

    Parameters
    ----------
    geometry
        Object array (n,), EPSG:5179, None where unlocated. A polygon lies where a point surely inside it does.
    """
    wanted = only(sieve.kept, geometry)
    dong = boundaries.locate(to_points(wanted))
    astray = ~missing(wanted) & (dong < 0)
    near = boundaries.within(only(astray, wanted), near_m)
    sieve.reject(astray & ~near, "outside")
    return Located(dong, near & sieve.kept)


def declared_districts(columns: Columns, boundaries: Boundaries) -> pa.Array:
    """Return the district each row itself declares.

    By its district name (within its province, where it has one), its code, its address, its managing office, in
    that order; the first that names one speaks.

    Returns
    -------
    string array (n,): 5-digit codes; '' where nothing is declared; :data:`FOREIGN` for one that is not loaded.
    """
    names = boundaries.districts
    found = empty_text(len(columns.raw))

    def fill(texts: pa.Array, resolve: Callable[[str], str]) -> None:
        nonlocal found
        rest = pc.if_else(pc.equal(found, ""), texts, "")
        found = pc.if_else(pc.equal(found, ""), each_text(rest, resolve), found)

    if columns.has("district"):
        fill(join([columns.get("province"), columns.get("district")], " "), names.text)
    if columns.has("district_code"):
        fill(columns.get("district_code"), names.code)
    for role in ("road_address", "lot_address", "agency"):
        if columns.has(role) and pc.any(pc.equal(found, "")).as_py():
            fill(pc.utf8_slice_codeunits(columns.get(role), 0, _PROVINCE_AND_DISTRICT), names.text)
    return found


def settle_district(declared: pa.Array, located: list[str]) -> tuple[pa.Array, Bools]:
    """Return the district to store (declared if it resolves, else the located one) and where the two differ."""
    lies = as_text(located)
    resolved = pc.and_(pc.not_equal(declared, ""), pc.not_equal(declared, FOREIGN))
    other = pc.and_(pc.and_(pc.not_equal(declared, ""), pc.not_equal(lies, "")), pc.not_equal(declared, lies))
    return pc.if_else(resolved, declared, lies), np.asarray(other, dtype=bool)


def join_flags(flags: Mapping[str, Bools], n: int) -> tuple[pa.Array, dict[str, int]]:
    """Return ';'-joined names of the flags set in each row, and how often each is set (only those that are)."""
    code = np.zeros(n, np.int64)
    for bit, mask in enumerate(flags.values()):
        code |= np.asarray(mask, dtype=np.int64) << bit
    combinations, index = np.unique(code, return_inverse=True)
    names = list(flags)
    texts = [";".join(name for bit, name in enumerate(names) if combination >> bit & 1) for combination in combinations]
    counted = {name: int(np.count_nonzero(mask)) for name, mask in flags.items()}
    return as_text(texts).take(pa.array(index)), {name: count for name, count in counted.items() if count}


def districts_of(values: pa.Array, job: Job) -> tuple[str, ...]:
    """Return the districts a file speaks for: those of its rows and those it is said to be complete for."""
    return tuple(sorted({*pc.unique(values).to_pylist(), *job.options.complete_for}))


_HOME_SHARE = 0.1  # of the rows of the district with most: fewer are strays over the border


def scope_of(districts: pa.Array, file: str) -> str:
    """Return what the rows of no district are replaced with (:class:`layers.tables.Batch`).

    The districts the file is about, strays over a border left out; where it is about none, the file itself.
    """
    counted = pd.Series(districts.to_pandas()).value_counts()
    counted = counted[counted.index != ""]
    home = counted[counted >= _HOME_SHARE * counted.max()] if len(counted) else counted
    return ";".join(sorted(home.index)) or f"*{edition_name(file)}"


_AHEAD = timedelta(days=92)  # a file of the end of a quarter may be out before it


def data_dates(job: Job) -> tuple[pa.Array, Bools]:
    """Return the date of the data of each row as ISO text, and where a date lies in the future.

    From one column, or a year and a month; '' where unknown, and where it is over a quarter ahead: no data is of then,
    and one such row would date the whole store. Rows that say nothing are of the date that the planner states.
    """
    columns = job.columns
    cells = columns.get("data_date" if columns.has("data_date") else "data_year")
    if columns.has("data_date"):
        found = dates(cells)
    elif columns.has("data_year"):
        found = year_month(cells, columns.get("data_month"))
    else:
        found = empty_text(len(columns.raw))
    if job.options.data_date:
        found = pc.if_else(pc.equal(cells, ""), _stated(job.options.data_date, job.today), found)
    latest = (job.today + _AHEAD).isoformat()
    ahead = matches(found, lambda text: text > latest[: len(text)])
    return pc.if_else(pa.array(ahead), "", found), ahead


def _stated(day: str, today: date) -> str:
    if day > today.isoformat()[: len(day)]:
        raise BadOptionError(f"--data-date {day}: 아직 오지 않은 날짜입니다", "예: 2022-11-08")
    return day


def newest(values: pa.Array) -> str:
    """Return the newest of ISO dates, '' where there is none."""
    return str(pc.max(values).as_py() or "") if len(values) else ""
