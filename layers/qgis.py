"""QGIS styles and Korean field aliases inside a GeoPackage.

Styles go where QGIS keeps them: the ``layer_styles`` table, which QGIS reads by itself when a layer is
opened. Aliases go to the GeoPackage schema extension (OGC 12-128r18, annex F.9: ``gpkg_data_columns``),
which GDAL shows as alternative names, and into each style's QML, which older QGIS reads.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from geo.errors import AnsimError

STYLE_NAME = "안심지도"
_SHAPES = ("circle", "square", "triangle", "diamond")
_COLOUR = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_ALIASES = re.compile(r"<aliases>.*?</aliases>", re.DOTALL)
_SCHEMA_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"

# As QGIS makes it itself (QgsOgrProviderMetadata::saveStyle), so that QGIS can add styles of its own.
_LAYER_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_CONTENTS = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)"""
_EXTENSIONS = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"""
_DATA_COLUMNS = """
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name))"""
_DATA_COLUMN_CONSTRAINTS = """
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"""


class StyleError(AnsimError):
    """A style or an alias cannot be written: bad colour or shape, no such table or column, no GeoPackage."""

    code = "style"


def add_styles(path: Path, styles: Mapping[str, str]) -> None:
    """Make each table's QML its default style, replacing the one this program wrote before.

    Parameters
    ----------
    path
        A GeoPackage, closed by whoever wrote it. All the styles are written, or none is.
    styles
        Table name to QML, as the ``*_style`` functions here return it. Aliases the table already has are
        added to it.

    Raises
    ------
    StyleError
        The file is no GeoPackage, is held by another program, or has no such table with geometry.
    """
    with _opened(path) as db:
        if not _has_table(db, "layer_styles"):
            db.execute(_LAYER_STYLES)
            db.execute(_CONTENTS)
        for table, qml in styles.items():
            column = _geometry_column(db, table)
            where = (table, column, STYLE_NAME)
            db.execute(
                "DELETE FROM layer_styles WHERE f_table_name = ? AND f_geometry_column = ? AND styleName = ?", where
            )
            # QGIS looks for an empty schema, not for a null one.
            db.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner, ui)"
                " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', '')",
                (*where, _with_aliases(qml, _columns(db, table), _stored_aliases(db, table)), STYLE_NAME),
            )


def add_aliases(path: Path, aliases: Mapping[str, Mapping[str, str]]) -> None:
    """Give columns the names people read: in the schema extension, and in the styles already there.

    Parameters
    ----------
    path
        A GeoPackage, closed by whoever wrote it. All the aliases are written, or none is.
    aliases
        Table name to (column name to alias). An alias is used once a table. Columns not named keep theirs.

    Raises
    ------
    StyleError
        The file is no GeoPackage, is held by another program, lacks a table or column, or two columns of a
        table share an alias.
    """
    with _opened(path) as db:
        _require_schema_extension(db)
        for table, names in aliases.items():
            columns = _columns(db, table)
            missing = [column for column in names if column not in columns]
            if missing:
                raise StyleError(f"{path.name}: {table}에 {missing[0]} 열이 없습니다", "별칭의 열 이름을 고치십시오")
            merged = {**_stored_aliases(db, table), **names}
            if len(set(merged.values())) < len(merged):
                raise StyleError(f"{path.name}: {table}의 두 열에 같은 별칭이 있습니다", "별칭을 서로 다르게 하십시오")
            # Out first: an alias may move from one column to another, and (table, name) is unique.
            db.executemany(
                "DELETE FROM gpkg_data_columns WHERE table_name = ? AND column_name = ?",
                [(table, column) for column in names],
            )
            db.executemany(
                "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
                [(table, column, alias, alias) for column, alias in names.items()],
            )
            _refresh_styles(db, table, columns, merged)


def point_style(colour: str, shape: str = "circle", size_mm: float = 2.0) -> str:
    """Return QML of one marker for every point. ``colour`` #RRGGBB; ``shape`` as in the catalog."""
    if shape not in _SHAPES:
        raise StyleError(f"모르는 표식 모양입니다: {shape!r}", f"{', '.join(_SHAPES)} 중 하나")
    marker = {
        "color": _rgba(colour),
        "name": shape,
        "size": str(size_mm),
        "size_unit": "MM",
        "outline_color": _rgba("#ffffff"),
        "outline_style": "solid",
        "outline_width": "0.2",
        "outline_width_unit": "MM",
    }
    return _single("marker", "SimpleMarker", marker)


def zone_style(colour: str, opacity: float = 0.15) -> str:
    """Return QML of a see-through fill with a border for every polygon. ``colour`` #RRGGBB."""
    return _single("fill", "SimpleFill", _fill(colour, opacity, outline=colour, width_mm=0.5))


def outline_style(colour: str = "#444444", label: str = "") -> str:
    """Return QML of borders without fill, each labelled with the column ``label`` where one is given."""
    fill = {**_fill(colour, 0.0, outline=colour, width_mm=0.4), "style": "no"}
    return _single("fill", "SimpleFill", fill, label)


def hatch_style(colour: str = "#666666") -> str:
    """Return QML of a hatched fill: what is there, and not judged."""
    return _single("fill", "SimpleFill", {**_fill(colour, 1.0, outline=colour, width_mm=0.2), "style": "b_diagonal"})


def gap_style(rank: str = "rank", *, labelled: bool = True) -> str:
    """Return QML of gap areas: darker the higher their rank (1-10, 11-30, the rest), numbered by it.

    ``rank`` is the column that holds it; a polygon without a rank is hatched.
    """
    rules = (
        (f'"{rank}" <= 10', "1~10위", _fill("#B2182B", 0.65, outline="#67001F", width_mm=0.5)),
        (f'"{rank}" > 10 AND "{rank}" <= 30', "11~30위", _fill("#EF8A62", 0.6, outline="#B2182B", width_mm=0.3)),
        (f'"{rank}" > 30', "31위 이하", _fill("#FDDBC7", 0.6, outline="#EF8A62", width_mm=0.3)),
        ("ELSE", "순위 없음", {**_fill("#666666", 1.0, outline="#666666", width_mm=0.2), "style": "b_diagonal"}),
    )
    renderer = ET.Element("renderer-v2", {"type": "RuleRenderer", **_RENDERER})
    nest = ET.SubElement(renderer, "rules", {"key": "{ansim-gap}"})
    symbols = ET.SubElement(renderer, "symbols")
    for number, (condition, words, symbol) in enumerate(rules):
        ET.SubElement(
            nest, "rule", {"key": f"{{ansim-gap-{number}}}", "symbol": str(number), "filter": condition, "label": words}
        )
        _symbol(symbols, number, "fill", "SimpleFill", symbol)
    return _qml(renderer, rank if labelled else "")


def density_style(column: str, breaks: Sequence[float], colours: Sequence[str], unit: str = "") -> str:
    """Return QML of polygons shaded by a column's class.

    Parameters
    ----------
    column
        A column of numbers.
    breaks
        k + 1 rising bounds of k classes; a value on a bound belongs to the lower class.
    colours
        k colours, #RRGGBB.
    unit
        Said after each class in the legend.

    Raises
    ------
    StyleError
        The numbers of bounds and colours do not fit, or the bounds do not rise.
    """
    rising = all(low < high for low, high in pairwise(breaks))
    if not colours or len(breaks) != len(colours) + 1 or not rising:
        raise StyleError("등급의 경계와 색의 수가 맞지 않습니다", "경계는 색보다 하나 많고 커지는 순서여야 합니다")
    renderer = ET.Element(
        "renderer-v2",
        {"type": "graduatedSymbol", "attr": column, "graduatedMethod": "GraduatedColor", **_RENDERER},
    )
    ranges = ET.SubElement(renderer, "ranges")
    symbols = ET.SubElement(renderer, "symbols")
    for number, colour in enumerate(colours):
        low, high = breaks[number], breaks[number + 1]
        words = f"{low:,.6g} ~ {high:,.6g} {unit}".strip()
        bounds = {"lower": repr(float(low)), "upper": repr(float(high)), "label": words, "render": "true"}
        ET.SubElement(ranges, "range", {"symbol": str(number), **bounds})
        _symbol(symbols, number, "fill", "SimpleFill", _fill(colour, 0.7, outline=colour, width_mm=0.1))
    return _qml(renderer)


# ---------------------------------------------------------------- QML
_RENDERER = {"symbollevels": "0", "enableorderby": "0", "forceraster": "0"}


def _single(kind: str, layer: str, properties: Mapping[str, str], label: str = "") -> str:
    renderer = ET.Element("renderer-v2", {"type": "singleSymbol", **_RENDERER})
    _symbol(ET.SubElement(renderer, "symbols"), 0, kind, layer, properties)
    return _qml(renderer, label)


def _symbol(parent: ET.Element, number: int, kind: str, layer: str, properties: Mapping[str, str]) -> None:
    symbol = ET.SubElement(
        parent, "symbol", {"type": kind, "name": str(number), "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    )
    drawn = ET.SubElement(symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(drawn, "Option", {"type": "Map"})
    for name, value in properties.items():
        ET.SubElement(options, "Option", {"type": "QString", "name": name, "value": value})
    for name, value in properties.items():  # QGIS before 3.18 reads these
        ET.SubElement(drawn, "prop", {"k": name, "v": value})


def _fill(colour: str, opacity: float, *, outline: str, width_mm: float) -> dict[str, str]:
    return {
        "color": _rgba(colour, opacity),
        "style": "solid",
        "outline_color": _rgba(outline),
        "outline_style": "solid",
        "outline_width": str(width_mm),
        "outline_width_unit": "MM",
        "joinstyle": "miter",
    }


def _rgba(colour: str, opacity: float = 1.0) -> str:
    match = _COLOUR.fullmatch(colour)
    if match is None:
        raise StyleError(f"색이 #RRGGBB 꼴이 아닙니다: {colour!r}", "예: #0072B2")
    return ",".join(str(int(part, 16)) for part in match.groups()) + f",{round(opacity * 255)}"


def _qml(renderer: ET.Element, label: str = "") -> str:
    parts = {
        "version": "3.28.0",
        "styleCategories": "Symbology|Labeling|Fields",
        "labelsEnabled": str(int(bool(label))),
    }
    root = ET.Element("qgis", parts)
    root.append(renderer)
    if label:
        settings = ET.SubElement(ET.SubElement(root, "labeling", {"type": "simple"}), "settings")
        text = ET.SubElement(
            settings,
            "text-style",
            {
                "fieldName": label,
                "isExpression": "0",
                "fontSize": "9",
                "fontSizeUnit": "Point",
                "textColor": "0,0,0,255",
            },
        )
        halo = {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": "255,255,255,255"}
        ET.SubElement(text, "text-buffer", halo)
        ET.SubElement(settings, "placement", {"placement": "1", "centroidInside": "1"})
    return _HEAD + ET.tostring(root, encoding="unicode")


def _with_aliases(qml: str, columns: Sequence[str], aliases: Mapping[str, str]) -> str:
    bare = _ALIASES.sub("", qml)
    if not aliases:
        return bare
    nest = ET.Element("aliases")
    for index, column in enumerate(columns):
        if column in aliases:
            ET.SubElement(nest, "alias", {"index": str(index), "field": column, "name": aliases[column]})
    return bare.replace("</qgis>", ET.tostring(nest, encoding="unicode") + "</qgis>")


# ---------------------------------------------------------------- the file
@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage in one transaction; every fault of SQLite becomes a :class:`StyleError`."""
    if not path.is_file():
        raise StyleError(f"GeoPackage 파일이 없습니다: {path}", "경로를 확인하십시오")
    try:
        # autocommit by hand: sqlite3's own would commit before a CREATE TABLE.
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                _require_geopackage(db, path)
                yield db
            except BaseException:
                if db.in_transaction:  # SQLite rolls back by itself when the disk is full
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise StyleError(f"{path}에 쓸 수 없습니다 ({error})", "이 파일을 연 프로그램을 닫으십시오") from error
    except sqlite3.DatabaseError as error:
        raise StyleError(f"{path}: GeoPackage가 아닙니다 ({error})", "파일이 깨지지 않았는지 확인하십시오") from error


def _require_geopackage(db: sqlite3.Connection, path: Path) -> None:
    if not _has_table(db, "gpkg_contents"):
        raise StyleError(f"{path}: GeoPackage가 아닙니다", "파일이 깨지지 않았는지 확인하십시오")


def _has_table(db: sqlite3.Connection, table: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone() is not None


def _geometry_column(db: sqlite3.Connection, table: str) -> str:
    found = db.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchone()
    if found is None:
        raise StyleError(f"GeoPackage에 도형이 있는 {table} 표가 없습니다", "표 이름을 확인하십시오")
    return str(found[0])


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns QGIS numbers as fields: all but the geometry, in order."""
    shapes = db.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchall()
    names = db.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,)).fetchall()
    if not names:
        raise StyleError(f"GeoPackage에 {table} 표가 없습니다", "표 이름을 확인하십시오")
    return [name for (name,) in names if (name,) not in shapes]


def _stored_aliases(db: sqlite3.Connection, table: str) -> dict[str, str]:
    if not _has_table(db, "gpkg_data_columns"):
        return {}
    rows = db.execute("SELECT column_name, name FROM gpkg_data_columns WHERE table_name = ? AND name <> ''", (table,))
    return {str(column): str(name) for column, name in rows}


def _require_schema_extension(db: sqlite3.Connection) -> None:
    for statement in (_EXTENSIONS, _DATA_COLUMNS, _DATA_COLUMN_CONSTRAINTS):
        db.execute(statement)
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        # column_name is null, and nulls are never equal to a UNIQUE constraint: look before adding.
        db.execute(
            "INSERT INTO gpkg_extensions SELECT ?, NULL, 'gpkg_schema', ?, 'read-write' WHERE NOT EXISTS"
            " (SELECT 1 FROM gpkg_extensions WHERE table_name = ? AND extension_name = 'gpkg_schema')",
            (table, _SCHEMA_EXTENSION, table),
        )


def _refresh_styles(db: sqlite3.Connection, table: str, columns: Sequence[str], aliases: Mapping[str, str]) -> None:
    if not _has_table(db, "layer_styles"):
        return
    own = (table, STYLE_NAME)
    rows = db.execute("SELECT id, styleQML FROM layer_styles WHERE f_table_name = ? AND styleName = ?", own).fetchall()
    db.executemany(
        "UPDATE layer_styles SET styleQML = ? WHERE id = ?",
        [(_with_aliases(qml, columns, aliases), number) for number, qml in rows],
    )
