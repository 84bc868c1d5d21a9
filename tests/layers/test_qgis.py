"""Styles and aliases in a GeoPackage: read back by SQLite, by GDAL, and as XML."""

import ctypes
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
import shapely

from layers.qgis import (
    StyleError,
    add_aliases,
    add_styles,
    density_style,
    gap_style,
    hatch_style,
    outline_style,
    point_style,
    zone_style,
)

STYLES = {
    "point": point_style("#0072B2", "triangle"),
    "zone": zone_style("#009E73"),
    "outline": outline_style(label="name"),
    "hatch": hatch_style(),
    "gap": gap_style(),
    "density": density_style("households", [0, 10.5, 100], ["#ffffcc", "#800026"], "가구"),
}


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame(
        {"rank": [1, 12], "name": ["가", "나"]},
        geometry=shapely.box([953900, 954000], [1952000, 1952000], [954000, 954100], [1952100, 1952100]),
        crs="EPSG:5179",
    )
    version = {"VERSION": "1.2"}
    pyogrio.write_dataframe(frame, path, layer="gap_area", dataset_options=version)
    pyogrio.write_dataframe(frame.drop(columns="geometry"), path, layer="about")
    return path


def rows(path, sql, *values):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, values).fetchall()


@pytest.mark.parametrize("name", STYLES)
def test_every_style_is_well_formed_and_its_symbols_are_all_there(name):
    root = ET.fromstring(STYLES[name])  # noqa: S314 (our own text)
    assert root.tag == "qgis"
    symbols = {symbol.get("name") for symbol in root.iter("symbol")}
    used = {item.get("symbol") for item in [*root.iter("rule"), *root.iter("range")]} or {"0"}
    assert used == symbols
    for layer in root.iter("layer"):
        options = {o.get("name"): o.get("value") for o in layer.iter("Option") if o.get("name")}
        props = {p.get("k"): p.get("v") for p in layer.iter("prop")}
        assert options == props
        assert options["color"].count(",") == 3


def test_the_marker_has_the_colour_and_shape_asked_for():
    root = ET.fromstring(STYLES["point"])  # noqa: S314
    options = {o.get("name"): o.get("value") for o in root.iter("Option")}
    assert (options["color"], options["name"]) == ("0,114,178,255", "triangle")


def test_density_classes_are_labelled_with_their_bounds():
    ranges = list(ET.fromstring(STYLES["density"]).iter("range"))  # noqa: S314
    assert [(r.get("lower"), r.get("upper"), r.get("label")) for r in ranges] == [
        ("0.0", "10.5", "0 ~ 10.5 가구"),
        ("10.5", "100.0", "10.5 ~ 100 가구"),
    ]


def test_styles_are_found_where_qgis_looks_for_them(package):
    add_styles(package, {"gap_area": STYLES["gap"]})
    # The query of QgsOgrProvider: empty schema, table, geometry column; the default first.
    found = rows(
        package,
        "SELECT styleQML FROM layer_styles WHERE f_table_schema = '' AND f_table_name = ? AND f_geometry_column = ?"
        " ORDER BY CASE WHEN useAsDefault THEN 1 ELSE 2 END, update_time DESC",
        "gap_area",
        "geom",
    )
    assert found == [(STYLES["gap"],)]
    assert rows(package, "SELECT data_type, identifier FROM gpkg_contents WHERE table_name = 'layer_styles'") == [
        ("attributes", "layer_styles")
    ]


def test_writing_twice_replaces_ours_and_leaves_the_users_own(package):
    add_styles(package, {"gap_area": STYLES["zone"]})
    with closing(sqlite3.connect(package)) as db, db:
        db.execute(
            "INSERT INTO layer_styles (f_table_schema, f_table_name, f_geometry_column, styleName, styleQML)"
            " VALUES ('', 'gap_area', 'geom', '내 스타일', '<qgis/>')"
        )
    add_styles(package, {"gap_area": STYLES["gap"]})
    add_aliases(package, {"gap_area": {"rank": "순위"}})
    stored = dict(rows(package, "SELECT styleName, styleQML FROM layer_styles"))
    assert stored.keys() == {"내 스타일", "안심지도"}
    assert stored["내 스타일"] == "<qgis/>"
    assert 'name="순위"' in stored["안심지도"]


@pytest.mark.parametrize("aliases_first", [True, False])
def test_aliases_reach_the_style_whichever_is_written_first(package, aliases_first):
    steps = [
        lambda: add_aliases(package, {"gap_area": {"rank": "순위", "name": "이름 <a & b>"}}),
        lambda: add_styles(package, {"gap_area": STYLES["gap"]}),
    ]
    for step in steps if aliases_first else reversed(steps):
        step()
    ((qml,),) = rows(package, "SELECT styleQML FROM layer_styles")
    aliases = [(a.get("index"), a.get("field"), a.get("name")) for a in ET.fromstring(qml).iter("alias")]  # noqa: S314
    assert aliases == [("1", "rank", "순위"), ("2", "name", "이름 <a & b>")]


def test_aliases_can_be_changed_and_swapped(package):
    add_styles(package, {"gap_area": STYLES["gap"]})
    add_aliases(package, {"gap_area": {"rank": "가", "name": "나"}})
    add_aliases(package, {"gap_area": {"rank": "나", "name": "가"}})
    assert dict(rows(package, "SELECT column_name, name FROM gpkg_data_columns")) == {"rank": "나", "name": "가"}
    ((qml,),) = rows(package, "SELECT styleQML FROM layer_styles")
    assert qml.count("<aliases>") == 1
    assert len(rows(package, "SELECT * FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'")) == 2


def test_nothing_is_written_when_one_table_is_wrong(package):
    before = package.read_bytes()
    with pytest.raises(StyleError, match="nowhere"):
        add_styles(package, {"gap_area": STYLES["gap"], "nowhere": STYLES["gap"]})
    with pytest.raises(StyleError, match="about"):  # a table, but nothing to draw
        add_styles(package, {"about": STYLES["gap"]})
    with pytest.raises(StyleError, match="colour"):
        add_aliases(package, {"gap_area": {"rank": "순위", "colour": "색"}})
    with pytest.raises(StyleError, match="같은 별칭"):
        add_aliases(package, {"gap_area": {"rank": "순위", "name": "순위"}})
    assert package.read_bytes() == before


def test_a_file_that_is_no_geopackage_is_one_clear_line(tmp_path):
    with pytest.raises(StyleError, match="없습니다"):
        add_styles(tmp_path / "absent.gpkg", {})
    text = tmp_path / "text.gpkg"
    text.write_text("not a database, but long enough to be read as one" * 20)
    with pytest.raises(StyleError, match="GeoPackage가 아닙니다"):
        add_aliases(text, {"t": {"a": "b"}})


def test_a_database_that_is_no_geopackage_is_said_so_and_left_alone(tmp_path):
    path = tmp_path / "plain.gpkg"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE t (a)")
    before = path.read_bytes()
    with pytest.raises(StyleError, match="GeoPackage가 아닙니다"):
        add_aliases(path, {"t": {"a": "b"}})
    assert path.read_bytes() == before


def test_a_file_another_program_holds_is_said_so(package, monkeypatch):
    with closing(sqlite3.connect(package, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        real = sqlite3.connect
        monkeypatch.setattr("layers.qgis.sqlite3.connect", lambda *a, **k: real(*a, **{**k, "timeout": 0}))
        with pytest.raises(StyleError, match="닫으십시오"):
            add_styles(package, {"gap_area": STYLES["gap"]})
        other.execute("ROLLBACK")


@pytest.mark.parametrize(
    "make", [lambda: point_style("red"), lambda: point_style("#fff"), lambda: zone_style("#12345g")]
)
def test_a_colour_qgis_could_not_read_is_refused(make):
    with pytest.raises(StyleError, match="#RRGGBB"):
        make()


def test_bad_shapes_and_classes_are_refused():
    with pytest.raises(StyleError, match="star"):
        point_style("#000000", "star")
    for breaks, colours in (([0, 1], []), ([0, 1, 2], ["#000000"]), ([0, 0], ["#000000"])):
        with pytest.raises(StyleError, match="경계"):
            density_style("n", breaks, colours)


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo (gdal-bin) is not installed")
def test_gdal_opens_it_cleanly(package):
    add_styles(package, {"gap_area": STYLES["gap"]})
    add_aliases(package, {"gap_area": {"rank": "순위"}, "about": {"name": "이름"}})
    ran = subprocess.run(["ogrinfo", "-so", "-al", str(package)], capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    assert "Layer name: layer_styles" in ran.stdout


def test_gdal_shows_the_aliases(package):
    add_aliases(package, {"gap_area": {"rank": "순위"}})
    names = alternative_names(package, "gap_area")
    assert names == {"rank": "순위", "name": ""}


def alternative_names(path, layer):
    """Ask the GDAL that pyogrio brings, which is newer than the system's and reads the schema extension."""
    libraries = list(Path(pyogrio.__file__).parents[1].glob("pyogrio.libs/libgdal*.so*"))
    if not libraries:
        pytest.skip("the GDAL inside pyogrio is not a file of its own here")
    gdal, pointer = ctypes.CDLL(str(libraries[0])), ctypes.c_void_p
    for function in ("GDALOpenEx", "GDALDatasetGetLayerByName", "OGR_L_GetLayerDefn", "OGR_FD_GetFieldDefn"):
        getattr(gdal, function).restype = pointer
    for function in ("OGR_Fld_GetNameRef", "OGR_Fld_GetAlternativeNameRef"):
        getattr(gdal, function).restype = ctypes.c_char_p
    dataset = pointer(gdal.GDALOpenEx(str(path).encode(), 4, None, None, None))  # 4: vector
    defined = pointer(gdal.OGR_L_GetLayerDefn(pointer(gdal.GDALDatasetGetLayerByName(dataset, layer.encode()))))
    fields = [pointer(gdal.OGR_FD_GetFieldDefn(defined, i)) for i in range(gdal.OGR_FD_GetFieldCount(defined))]
    names = {gdal.OGR_Fld_GetNameRef(f).decode(): gdal.OGR_Fld_GetAlternativeNameRef(f).decode() for f in fields}
    gdal.GDALClose(dataset)
    return names


def test_the_data_still_reads(package):
    add_styles(package, {"gap_area": STYLES["gap"]})
    add_aliases(package, {"gap_area": {"rank": "순위"}})
    frame = pyogrio.read_dataframe(package, layer="gap_area")
    assert list(frame["rank"]) == [1, 12]
    assert frame.crs.to_epsg() == 5179
    assert {name for name, _ in pyogrio.list_layers(package)} == {"gap_area", "about", "layer_styles"}
