"""Single-person households by dong, sex and age."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.model import Bools, Floats
from layers.importing.errors import SameDataTwiceError
from layers.importing.job import Job, Product, data_dates, districts_of, join_flags, newest
from layers.importing.sieve import Sieve, sift
from layers.importing.text import SEPARATOR, as_text, each, each_text, join, numbers, plain, to_series
from layers.tables import HOUSEHOLD, Batch

_OPEN_END = 200
_TOTALS = frozenset({"계", "합계", "소계", "총계", "전체", "전연령", "total"})
_NOTHING = ("", "-")
_SUPPRESSED = ("*", "X", "x", "N/A", "NA")


class _Unit(NamedTuple):
    dongs: str
    district: str


def households(job: Job) -> Product:
    """Make the rows of the ``household`` table.

    A code of the interior ministry or the statistical office, else district and dong name, says which dong a unit
    is; a split code stands for all its successors, and is counted in the district of the first. Totals over sex
    or age are rejected as such; '-' and suppressed counts are 0.
    """
    columns = job.columns
    columns.need("dong_code", "households")
    sieve = sift(job.raw, columns, job.form)
    for role in ("sex", "age"):
        sieve.reject(np.asarray(pc.is_in(columns.get(role), pa.array(sorted(_TOTALS))), dtype=bool), "total_row")
    value, suppressed, bad = _counts(columns.get("households"))
    unit = each_text(columns.get("dong_code"), lambda code: code.split(".", maxsplit=1)[0])
    sieve.reject(np.asarray(pc.less(pc.utf8_length(unit), 7), dtype=bool) & _is_number(unit), "total_row")
    sieve.reject(bad | ~_is_number(unit), "unreadable")
    places, index = each(
        join([unit, columns.get("province"), columns.get("district"), columns.get("dong_name")]),
        lambda joined: _unit(joined, job),
    )
    dongs = as_text([p.dongs for p in places]).take(pa.array(index))
    districts = as_text([p.district for p in places]).take(pa.array(index))
    sieve.reject(np.asarray(pc.equal(dongs, ""), dtype=bool), "outside")
    mask = pa.array(sieve.kept)
    date, ahead = data_dates(job)
    _one_edition(job, sieve, unit, date)
    mask = pa.array(sieve.kept)
    rows = _rows(job, mask, unit, dongs, districts, value[sieve.kept]).assign(data_date=to_series(date.filter(mask)))
    _, flagged = join_flags({"suppressed": suppressed[sieve.kept], "odd_date": ahead[sieve.kept]}, len(rows))
    return Product(
        Batch("household", job.dataset, districts_of(districts.filter(mask), job), rows, job.options.mode),
        sieve,
        "household",
        data_date=newest(pa.array(rows["data_date"], pa.string())),
        flagged=flagged,
    )


def _one_edition(job: Job, sieve: Sieve, unit: pa.Array, date: pa.Array) -> None:
    """Keep the newest row of each unit, sex and age: of several editions in one file only one counts.

    Raises
    ------
    SameDataTwiceError
        Two rows of the same date (or of none) count the same people.
    """
    columns, kept = job.columns, sieve.kept.copy()
    rows = pd.DataFrame(
        {
            "unit": to_series(unit),
            "sex": to_series(each_text(columns.get("sex"), sex)),
            "age": to_series(each_text(columns.get("age"), lambda text: str(age_band(text)))),
            "date": to_series(date),
        }
    )[kept]
    identity = ["unit", "sex", "age"]
    rows = rows[rows.duplicated(identity, keep=False)]
    newest_date = rows.groupby(identity)["date"].transform("max")
    current = rows[rows["date"] == newest_date]
    again = current[current.duplicated(identity)]
    if len(again):
        same = current[(current[identity] == again[identity].iloc[0]).all(axis=1)]
        lines = ", ".join(f"{job.raw.lines[i]}행" for i in same.index[:2])
        raise SameDataTwiceError(
            f"{job.raw.file}: 같은 동·성별·연령대의 1인가구가 두 번 있습니다 ({lines})",
            "한 기준일의 행만 남기거나 --column data_date=기준일 열을 주십시오",
        )
    older = np.zeros(len(kept), bool)
    older[rows.index[rows["date"] != newest_date]] = True
    sieve.reject(older, "older_edition")


def _rows(
    job: Job, mask: pa.Array, unit: pa.Array, dongs: pa.Array, districts: pa.Array, value: Floats
) -> pd.DataFrame:
    columns = job.columns
    ages, of_row = each(columns.get("age").filter(mask), age_band)
    bands = np.array(_open_last(ages), np.int64).reshape(-1, 2)[of_row]
    return pd.DataFrame(
        {
            "unit": to_series(unit.filter(mask)),
            "unit_kind": "dong",
            "dongs": to_series(dongs.filter(mask)),
            "district": to_series(districts.filter(mask)),
            "sex": to_series(each_text(columns.get("sex").filter(mask), sex)),
            "age_from": bands[:, 0],
            "age_to": bands[:, 1],
            "households": value,
            "data_date": "",
            "dataset": job.dataset,
        }
    ).astype(HOUSEHOLD)


def sex(text: str) -> str:
    """Return ``male``, ``female`` or '' of 1, 2, 남, 여자, M, female."""
    bare = plain(text).removesuffix(".0")
    if bare in {"1", "m", "male"} or bare.startswith("남"):
        return "male"
    return "female" if bare in {"2", "f", "female"} or bare.startswith("여") else ""


def age_band(text: str) -> tuple[int, int]:
    """Return first and last year of an age cell; (-1, -1) unknown, 200 for an open end.

    ``20~24세``, ``20-24``, ``85세 이상``, ``20대``; a bare ``20`` is the first year of a five-year band.
    """
    bare = plain(text).removesuffix(".0")
    years = [int(number) for number in re.findall(r"\d{1,3}", bare)]
    if not years:
        return -1, -1
    if "이상" in bare or bare.endswith("+"):
        return years[0], _OPEN_END
    if "미만" in bare or "이하" in bare:
        return (0 if len(years) == 1 else years[0]), years[-1] - ("미만" in bare)
    if len(years) > 1:
        return years[0], years[1]
    return years[0], years[0] + (9 if "대" in bare else 4)


def _open_last(bands: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Open the end of the last of many bare five-year bands: in Seoul's file 75 is 75 and over.

    (Its 75 holds 1.4 times as many people as its 70.)
    """
    if len(bands) < 5 or any(high == _OPEN_END for _, high in bands):
        return bands
    last = max(bands)
    return [(low, _OPEN_END) if (low, high) == last and high - low == 4 else (low, high) for low, high in bands]


def _counts(cells: pa.Array) -> tuple[Floats, Bools, Bools]:
    """Return the counts, and where they were suppressed, and where they are no counts."""
    value = numbers(cells)
    suppressed = np.asarray(pc.is_in(cells, pa.array(_SUPPRESSED)), dtype=bool)
    nothing = np.asarray(pc.is_in(cells, pa.array(_NOTHING)), dtype=bool) | suppressed
    value = np.where(nothing, 0.0, value)
    return value, suppressed, ~(value >= 0)


def _is_number(cells: pa.Array) -> Bools:
    return np.asarray(pc.match_substring_regex(cells, r"^\d+$"), dtype=bool)


def _unit(joined: str, job: Job) -> _Unit:
    code, province, district_name, dong_name = joined.split(SEPARATOR)
    names = job.boundaries.dongs
    codes = names.code(code)
    if not codes and dong_name:
        codes = names.text(job.boundaries.districts.text(f"{province} {district_name}"), dong_name)
    return _Unit(";".join(codes), names.district[codes[0]]) if codes else _Unit("", "")
