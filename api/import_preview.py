"""What a page shows of an import before it is stored: rows on a map and in tables, and what has to be asked."""

import csv
from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
import shapely

from api.outlines import DEGREES, outlines
from api.wording import in_request_words
from geo.crs import to_lonlat
from layers.catalog import Catalog
from layers.importing import FileReport
from layers.importing.faults import Fault
from layers.importing.report import REASON_TEXTS
from layers.importing.suggest import suggested_date, suggested_layer

MOST_ROWS = 500  # of a file in the table, beside those on the map; the CSV holds all
_LONGEST_CELL = 200


def points(reports: Sequence[FileReport]) -> dict[str, Any]:
    """Return GeoJSON of the rows shown (WGS84); ``file`` is the number of the report, ``what`` flags or the reason.

    ``cells`` are the row's, in the order of the report's ``columns`` (none of accepted rows). Rows that are nowhere
    (``kind`` ``unlocated``) have no geometry, and ``what`` ends in why.
    """
    features = []
    for number, report in enumerate(reports):
        shown = report.shown
        lon, lat = to_lonlat(shown["x"].to_numpy(), shown["y"].to_numpy())
        columns = (shown["kind"], shown["what"], shown["line"].tolist(), shown["row"])
        for x, y, kind, what, line, row in zip(lon.round(6).tolist(), lat.round(6).tolist(), *columns, strict=True):
            properties = {"file": number, "kind": kind, "what": what, "line": line, "row": row[:300]}
            if row:
                properties["cells"] = cells_of(row, len(report.header))
            geometry = {"type": "Point", "coordinates": [x, y]} if isfinite(x) else None
            features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def rejected_rows(report: FileReport) -> dict[str, Any]:
    """Return the first rejected rows and those shown on the map, the reason in words, and how many there are."""
    rejected, shown = report.rejected_rows, report.shown
    on_map = rejected["line"].isin(shown.loc[shown["kind"] == "rejected", "line"])
    some = rejected[on_map | (np.arange(len(rejected)) < MOST_ROWS)]
    rows = [
        {"line": line, "reason": reason, "text": REASON_TEXTS[reason], "row": row[:1_000],
         "cells": cells_of(row, len(report.header))}
        for line, reason, row in zip(some["line"].tolist(), some["reason"], some["row"], strict=True)
    ]  # fmt: skip
    return {"total": len(rejected), "columns": list(report.header), "rows": rows}


def cells_of(row: str, columns: int) -> list[str] | None:
    """Return the cells of a row's CSV text, each cut to some letters; None where they are not one a column."""
    try:
        cells = next(csv.reader([row], strict=True), [])
    except csv.Error:
        return None
    return [cell[:_LONGEST_CELL] for cell in cells] if len(cells) == columns else None


def open_question(fault: Fault, catalog: Catalog) -> dict[str, Any]:
    """Return what is open of a file: the error, its columns and first rows, and what its name suggests."""
    return {
        "file": fault.file,
        "code": fault.error.code,
        "title": in_request_words(fault.error.message),
        "hint": in_request_words(fault.error.hint),
        "columns": list(fault.header),
        "sample": [[cell[:_LONGEST_CELL] for cell in row] for row in fault.sample],
        "suggested": {"layer": suggested_layer(fault.file, catalog)},
    }


def named_date(report: FileReport, today: date) -> dict[str, str]:
    """Return the date in the name of a file whose rows have none, as ``named_date``; '' where there is none."""
    dated = report.data_date or report.skipped or report.layer == "dong"
    return {"named_date": "" if dated else suggested_date(report.file, today)}


def ground_outlines(dong: pd.DataFrame) -> dict[str, Any]:
    """Return the districts of boundaries as ``GET /v1/districts/outlines`` does, also of those not yet stored."""
    groups = [(str(code), rows) for code, rows in dong.groupby("district")]
    areas = np.array([shapely.union_all(rows["geometry"].to_numpy()) for _, rows in groups], dtype=object)
    rings, within_m = outlines(areas)
    return {
        "degrees": DEGREES,
        "within_m": within_m,
        "districts": [
            {"code": code, "name": str(rows["district_name"].iloc[0]), "rings": own}
            for (code, rows), own in zip(groups, rings, strict=True)
        ],
    }
