"""Write a call for proposals to a file by its ending: one table of every proposal and what became of it."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter

from geo.crs import METRES
from geo.proposals import Round
from layers.qgis import add_aliases, add_styles, point_style
from maps.files import check_target, replacing, write_csv, write_text
from maps.geofiles import records, rounded
from maps.proposal_table import basis_table, district_table, proposal_columns, proposal_table
from maps.workbook import Book

INTERNAL = "내부용"
_ANSWERS = ["선정", "미선정", "보류"]
_LAST_ANSWER_COLUMNS = ("decision", "decision_reason")


def write_proposals(made: Round, path: Path) -> None:
    """Write all proposals; an existing file is replaced once the new one is whole.

    ``.xlsx`` has the sheets 심의표 (the shortlist, with empty columns 결정 and 사유 that ``ansim proposals decide
    --file`` reads), 전체 제안, 자치구별 and 기준.

    Raises
    ------
    OutputError
        The ending is not ``.geojson``, ``.gpkg``, ``.csv`` or ``.xlsx``, or the file cannot be written there.
    """
    check_target(path, "plan")
    with replacing(path) as to:
        match path.suffix.lower():
            case ".geojson":
                write_text(to, json.dumps(_geojson(made), ensure_ascii=False, allow_nan=False))
            case ".gpkg":
                _write_package(made, to)
            case ".csv":
                table = _texts(rounded(proposal_table(made))).assign(edition=_marks(made)[0])
                names = {n: c.header for n, c in proposal_columns(table.columns.drop("edition"), made).items()}
                write_csv(to, table.rename(columns={**names, "edition": "판"}))
            case ".xlsx":
                _write_workbook(made, to)


def _marks(made: Round) -> list[str]:
    return [INTERNAL, *(["가상 자료"] if made.made_up else [])]


def _geojson(made: Round) -> dict[str, object]:
    """Return the proposals as one RFC 7946 feature collection, WGS84; those without a place have a null geometry."""
    features = [
        {
            "type": "Feature",
            "id": row["number"],
            "geometry": None if row["lon"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": row,
        }
        for row in records(proposal_table(made))
    ]
    columns = {name: c.header for name, c in proposal_columns(proposal_table(made).columns, made).items()}
    about = {
        "edition": _marks(made)[0], "round": made.name, "columns": columns, "basis": records(basis_table(made)),
        "districts": records(district_table(made)),
    }  # fmt: skip
    return {"type": "FeatureCollection", "ansim": about, "features": features}


def _write_package(made: Round, path: Path) -> None:
    """Write the layer ``proposal`` (EPSG:5179) and the tables ``district`` and ``about``."""
    table = _texts(proposal_table(made))
    points = np.full(len(table), None, object)
    at = table["x"].notna().to_numpy()
    points[at] = shapely.points(table["x"].to_numpy()[at], table["y"].to_numpy()[at])
    # GeoPackage 1.2: QGIS of the offices is often years old, and warns of what is newer than itself.
    options = {"driver": "GPKG", "dataset_options": {"VERSION": "1.2"}}
    frame = gpd.GeoDataFrame(table, geometry=points, crs=METRES)
    pyogrio.write_dataframe(frame, path, layer="proposal", geometry_type="Point", **options)
    tables = {"proposal": table, "district": district_table(made), "about": basis_table(made)}
    for name in ("district", "about"):
        pyogrio.write_dataframe(tables[name], path, layer=name, **options)
    add_aliases(
        path,
        {name: {n: c.header for n, c in proposal_columns(t.columns, made).items()} for name, t in tables.items()},
    )
    add_styles(path, {"proposal": point_style("#542788", "circle", 3.0)})


def _write_workbook(made: Round, path: Path) -> None:
    table = _texts(proposal_table(made))
    with xlsxwriter.Workbook(str(path)) as workbook:
        book = Book(workbook, made.name, _marks(made), 0.5)
        listed = table[table["shortlisted"] != ""].sort_values(["rank", "number"])
        if len(listed):
            _for_the_committee(book, made, listed)
        dashes = dict.fromkeys(table.columns, "-")
        book.sheet("전체 제안", table, proposal_columns(table.columns, made), missing=dashes)
        districts = district_table(made)
        book.sheet("자치구별", districts, proposal_columns(districts.columns, made))
        basis = basis_table(made)
        book.sheet(
            "기준", basis, proposal_columns(basis.columns, made), wrapped={"item": 40, "value": 60, "source": 50}
        )


def _for_the_committee(book: Book, made: Round, listed: pd.DataFrame) -> None:
    """Add the sheet that comes back: decisions are chosen from a list, reasons written beside."""
    scores = [name for name in listed.columns if name.startswith(("value_", "points_"))]
    names = [
        "number", "district_name", "dong_name", "name", "address", "side", "repeats", "score", "rank", *scores, "flags",
        *_LAST_ANSWER_COLUMNS,
    ]  # fmt: skip
    book.sheet("심의표", listed[names], proposal_columns(names, made), missing=dict.fromkeys(names, "-"))
    sheet = book.workbook.get_worksheet_by_name("심의표")
    decision, reason = (names.index(name) for name in _LAST_ANSWER_COLUMNS)
    last = 1 + len(listed)
    sheet.data_validation(
        2, decision, last, decision, {"validate": "list", "source": _ANSWERS, "error_message": "선정, 미선정, 보류"}
    )
    sheet.set_column(decision, decision, 10)
    sheet.set_column(reason, reason, 50)


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({name: "str" for name in table.columns if table[name].dtype == object})
