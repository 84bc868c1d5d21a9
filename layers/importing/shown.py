"""A few of a file's rows as places, for a planner to look at on a map before anything is stored."""

from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.model import Bools, Geometries, Ints
from layers.importing.shapes import missing, to_points
from layers.importing.sieve import REASONS, Sieve

MOST = {"accepted": 2_000, "flagged": 300, "rejected": 300}  # of a file; of each flag and reason
_COLUMNS = {
    "line": "int64", "x": "float64", "y": "float64", "kind": "str", "what": "str", "row": "str", "key": "str",
}  # fmt: skip
UNLOCATED = "unlocated"
NO_ADDRESS, NOT_FOUND = "no_address", "address_not_found"  # why an accepted row is nowhere


def nothing_shown() -> pd.DataFrame:
    """Return the empty table of :func:`shown_rows`."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})


def shown_rows(sieve: Sieve, geometry: Geometries, flags: "pd.Series[Any]", near: Bools) -> pd.DataFrame:
    """Return places of accepted, flagged and rejected rows, at most :data:`MOST` of each, evenly out of the file.

    Parameters
    ----------
    geometry
        Object array (n,), EPSG:5179: where each row read says it is, None where it says nothing that can be meant. A
        polygon is shown at a point surely inside it.
    flags, near
        Of the accepted rows, in order: names joined by ';' ('' none); whether it lies just outside all boundaries.

    Returns
    -------
    ``line``, ``x``, ``y`` (EPSG:5179 metres), ``kind`` (a key of :data:`MOST`), ``what`` (flags, or the reason of
    rejection), ``row`` (its cells as CSV text; '' of accepted rows), by kind, then by line.
    """
    kept = sieve.kept
    said = flags.to_numpy(object)
    said[near] = [f"{flag};outside_near".removeprefix(";") for flag in said[near]]
    what = np.array([*REASONS, ""], object)[sieve.reason]  # -1, of accepted rows, is the last
    what[kept] = said
    placed = ~missing(geometry)
    kinds = {"accepted": kept & (what == ""), "flagged": kept & (what != ""), "rejected": ~kept}
    parts = [
        _part(sieve, geometry, what, _even(np.flatnonzero(rows & placed & (what == reason)), MOST[kind]), kind)
        for kind, rows in kinds.items()
        for reason in sorted(set(what[rows & placed]))  # a rare flag must not drown in one that every row has
    ]
    return pd.concat([nothing_shown(), *(part for part in parts if len(part))], ignore_index=True).astype(_COLUMNS)


def unlocated_rows(sieve: Sieve, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the first accepted rows without a place (``rows``: the accepted, in order), as :func:`shown_rows` does.

    ``kind`` is :data:`UNLOCATED`, ``x`` and ``y`` are NaN, ``what`` ends in why, ``key`` is the row's own: an
    address may still place it (:func:`placed_rows`).
    """
    open_rows = np.flatnonzero(rows["geometry"].isna().to_numpy())[: MOST["accepted"]]
    if not len(open_rows):
        return nothing_shown()
    mask = np.zeros(len(sieve.kept), bool)
    places = np.flatnonzero(sieve.kept)[open_rows]
    mask[places] = True
    some = rows.iloc[open_rows]
    has_address = ((some["road_address"] != "") | (some["lot_address"] != "")).to_numpy(bool)
    why = np.where(has_address, NOT_FOUND, NO_ADDRESS)
    return pd.DataFrame({
        "line": sieve.raw.lines[places],
        "x": np.nan,
        "y": np.nan,
        "kind": UNLOCATED,
        "what": [f"{flags};{one}".removeprefix(";") for flags, one in zip(some["flags"], why, strict=True)],
        "row": sieve.raw.shown(mask),
        "key": some["key"].to_numpy(object),
    }).astype(_COLUMNS)  # fmt: skip


def placed_rows(shown: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return ``shown`` with the unlocated rows among ``rows`` (stored, EPSG:5179) where an address placed them."""
    rows = rows[~rows["geometry"].isna()].drop_duplicates("key").set_index("key")
    hit = (shown["kind"] == UNLOCATED) & shown["key"].isin(rows.index)
    if not hit.any():
        return shown
    found, placed = shown.copy(), rows.loc[shown.loc[hit, "key"]]
    points = placed["geometry"].to_numpy(object)
    found.loc[hit, "x"], found.loc[hit, "y"] = shapely.get_x(points), shapely.get_y(points)
    found.loc[hit, "kind"] = "flagged"
    found.loc[hit, "what"] = placed["flags"].to_numpy(object)
    return found


def _part(sieve: Sieve, geometry: Geometries, what: Any, rows: Ints, kind: str) -> pd.DataFrame:  # noqa: ANN401
    points = to_points(geometry[rows])
    known = ~missing(points)
    points, rows = points[known], rows[known]
    mask = np.zeros(len(geometry), bool)
    mask[rows] = True
    return pd.DataFrame({
        "line": sieve.raw.lines[rows],
        "x": shapely.get_x(points),
        "y": shapely.get_y(points),
        "kind": kind,
        "what": what[rows],
        "row": "" if kind == "accepted" else sieve.raw.shown(mask),
        "key": "",
    })  # fmt: skip


def _even(rows: Ints, most: int) -> Ints:
    """Return at most so many of the rows, evenly spread, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]
