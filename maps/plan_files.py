"""Write a plan to a file by its ending: GeoJSON, GeoPackage, CSV, or the workbook with its curve and assumptions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter

from geo.crs import METRES, to_lonlat
from geo.model import Floats
from geo.plans import Plan, Site
from layers.catalog import Catalog
from layers.qgis import add_aliases, add_styles, point_style
from maps.english import Lang, Say, named, speaker
from maps.files import check_target, replacing, write_csv, write_text
from maps.geofiles import records, rounded
from maps.plan_table import basis_table, closed_table, dong_table, gap_table, plan_columns, site_table
from maps.plan_text import NO_GAP
from maps.said_tables import frame_in, header_in, json_in
from maps.workbook import Book

INTERNAL = "내부용"


def write_plan(plan: Plan, catalog: Catalog, path: Path, lang: Lang = "ko") -> None:
    """Write a plan; an existing file is replaced once the new one is whole.

    ``lang``: of headers, notes and kinds; machine names of columns, ids and names are the same in both languages.

    Raises
    ------
    OutputError
        The ending is not ``.geojson``, ``.gpkg``, ``.csv`` or ``.xlsx``, or the file cannot be written there.
    """
    check_target(path, "plan")
    say = speaker(catalog, lang)
    with replacing(path) as to:
        match path.suffix.lower():
            case ".geojson":
                write_text(to, json.dumps(_geojson(plan, catalog, say), ensure_ascii=False, allow_nan=False))
            case ".gpkg":
                _write_package(plan, catalog, to, say)
            case ".csv":
                table = frame_in(say, _texts(rounded(site_table(plan))))
                write_csv(to, table.assign(edition=say(INTERNAL), headings=" | ".join(map(say, _headings(plan)))))
            case ".xlsx":
                _write_workbook(plan, catalog, to, say)


def _headings(plan: Plan) -> list[str]:
    """Return what must stand over every output of the plan; the mark of made-up data alone where it is all."""
    made_up = plan.made_up and not any("가상 자료" in heading for heading in plan.headings)
    return [*(["가상 자료"] if made_up else []), *plan.headings]


def _geojson(plan: Plan, catalog: Catalog, say: Say) -> dict[str, object]:
    """Return the sites as one RFC 7946 feature collection, WGS84; what they rest on is in ``ansim``."""
    table = site_table(plan)
    features = [
        {"type": "Feature", "id": row["number"], "geometry": _geometry(site, row), "properties": json_in(say, row)}
        for site, row in zip(plan.sites, records(table), strict=True)
    ]
    about = {
        "edition": INTERNAL, "made_up": plan.made_up, "headings": [say(one) for one in _headings(plan)],
        "plan": plan.name, "basis": records(_basis(plan, catalog, say)),
        "curve": {layer.layer: [list(point) for point in layer.curve] for layer in plan.layers},
        "closed": records(rounded(closed_table(plan))), "dongs": records(rounded(dong_table(plan))),
        "gaps": records(rounded(gap_table(plan))),
    }  # fmt: skip
    return {"type": "FeatureCollection", "ansim": json_in(say, about), "features": features}


def _geometry(site: Site, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - GeoJSON
    """Return the place of a site, WGS84 lon, lat: its land where it is no point."""
    if not site.zone:
        return {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    return json.loads(shapely.to_geojson(lonlat_of(shapely.from_wkt(site.zone))))


def lonlat_of(geometry: Any) -> Any:  # noqa: ANN401 - a geometry
    """Return a geometry of EPSG:5179 in WGS84, lon before lat, to seven decimals."""
    return shapely.transform(geometry, _placed)


def _placed(at: Floats) -> Floats:
    return np.round(np.column_stack(to_lonlat(at[:, 0], at[:, 1])).astype(float), 7)


def _write_package(plan: Plan, catalog: Catalog, path: Path, say: Say) -> None:
    """Write the layer ``plan_site`` (EPSG:5179), numbered in QGIS, and the table ``about``."""
    table = frame_in(say, _texts(site_table(plan)))
    frame = gpd.GeoDataFrame(table, geometry=shapely.points(table["x"], table["y"]), crs=METRES)
    # GeoPackage 1.2: QGIS of the offices is often years old, and warns of what is newer than itself.
    options = {"driver": "GPKG", "dataset_options": {"VERSION": "1.2"}}
    pyogrio.write_dataframe(frame, path, layer="plan_site", geometry_type="Point", **options)
    zones = [i for i, site in enumerate(plan.sites) if site.zone]
    if zones:
        land = shapely.from_wkt([plan.sites[i].zone for i in zones])
        land_frame = gpd.GeoDataFrame(table.iloc[zones], geometry=land, crs=METRES)
        pyogrio.write_dataframe(land_frame, path, layer="plan_zone", promote_to_multi=True, **options)
    pyogrio.write_dataframe(frame_in(say, _basis(plan, catalog, say)), path, layer="about", **options)
    add_aliases(path, {"plan_site": {n: header_in(say, c) for n, c in plan_columns(table.columns, plan).items()}})
    add_styles(path, {"plan_site": point_style("#B2182B", "circle", 3.5)})


def _basis(plan: Plan, catalog: Catalog, say: Say) -> pd.DataFrame:
    """Return what the plan rests on; for a file in English the names in it apart (``maps.english.named``)."""
    basis = basis_table(plan, catalog)
    if say is str:
        return basis
    of_district, called = basis["topic"].eq("자치구"), basis["topic"].eq("계획") & basis["item"].isin({"이름", "지역"})
    return basis.assign(
        item=basis["item"].where(~of_district, basis["item"].map(named)),
        value=basis["value"].where(~called, basis["value"].map(named)),
    )


def _write_workbook(plan: Plan, catalog: Catalog, path: Path, say: Say) -> None:
    marks = [say(one) for one in (INTERNAL, *(["가상 자료"] if plan.made_up else []))]
    table = _texts(site_table(plan))
    with xlsxwriter.Workbook(str(path)) as workbook:
        threshold = float(plan.settings.get("gap_threshold", 0.5))
        book = Book(workbook, f"{plan.district_name} {say('새 자리 계획')}", marks, threshold, say)
        book.sheet("자리", table, plan_columns(table.columns, plan), missing=dict.fromkeys(table.columns, "-"))
        for layer in plan.layers:
            _curve(book, plan, table[table["layer"] == layer.layer], layer.name)
        others = (
            ("틈새 전과 후", gap_table(plan)), ("옮길 시설", closed_table(plan)), ("동별 전과 후", dong_table(plan)),
        )  # fmt: skip
        for title, rows in others:
            if len(rows):
                table = _texts(rows)
                missing = dict.fromkeys(table.columns, "-") | {"gap_rank_after": NO_GAP}
                book.sheet(title, table, plan_columns(table.columns, plan), missing=missing)
        basis = _basis(plan, catalog, say)
        book.sheet("가정과 출처", basis, plan_columns(basis.columns, plan), wrapped={"value": 60, "source": 60})


def _curve(book: Book, plan: Plan, rows: pd.DataFrame, name: str) -> None:
    """Add a sheet with what the money buys, and its chart."""
    columns = ["number", "grid_id", "spent_krw", "score_so_far"]
    title = f"{book.say(name)[:18]} {book.say('비용과 효과')}"
    sheet = book.page(title)
    sheet.write_string(0, 0, f"{book.name} {title}", book.format["mark"])
    book.table(sheet, 1, rows[columns], plan_columns(columns, plan))
    sheet.set_column(0, 3, 18)
    if not len(rows):
        return
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    last = 1 + len(rows)
    chart.add_series({"categories": [title, 2, 2, last, 2], "values": [title, 2, 3, last, 3], "name": book.say(name)})
    chart.set_x_axis({"name": book.say("누적 비용(원)"), "num_format": "#,##0"})
    chart.set_y_axis({"name": book.say("누적 종합 도달(가구분)")})
    chart.set_legend({"none": True})
    sheet.insert_chart(1, 5, chart)


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({name: "str" for name in table.columns if table[name].dtype == object})
