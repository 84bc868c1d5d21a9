"""What a page shows of an import before it is stored: some rows on a map, and the rejected ones in a table."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from geo.crs import to_lonlat
from layers.importing import FileReport
from layers.importing.report import REASON_TEXTS

MOST_ROWS = 500  # of a file in the table; the CSV holds all


def points(reports: Sequence[FileReport]) -> dict[str, Any]:
    """Return GeoJSON of the rows shown (WGS84); ``file`` is the number of the report, ``what`` flags or the reason.

    Rows that are nowhere (``kind`` ``unlocated``) have no geometry, and ``what`` ends in why.
    """
    features = []
    for number, report in enumerate(reports):
        shown = report.shown
        lon, lat = to_lonlat(shown["x"].to_numpy(), shown["y"].to_numpy())
        columns = (shown["kind"], shown["what"], shown["line"].tolist(), shown["row"])
        for x, y, kind, what, line, row in zip(lon.round(6).tolist(), lat.round(6).tolist(), *columns, strict=True):
            properties = {"file": number, "kind": kind, "what": what, "line": line, "row": row[:300]}
            geometry = {"type": "Point", "coordinates": [x, y]} if isfinite(x) else None
            features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def rejected_rows(report: FileReport) -> dict[str, Any]:
    """Return the first rejected rows with the reason in words, and how many there are."""
    first = report.rejected_rows.head(MOST_ROWS)
    rows = [
        {"line": line, "reason": reason, "text": REASON_TEXTS[reason], "row": row[:1_000]}
        for line, reason, row in zip(first["line"].tolist(), first["reason"], first["row"], strict=True)
    ]
    return {"total": len(report.rejected_rows), "rows": rows}
