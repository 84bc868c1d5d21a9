"""Write a result to a file by its ending: whole or not at all, and marked 내부용."""

import csv
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from xlsxwriter.exceptions import XlsxWriterException

from geo.errors import AnsimError
from geo.model import DistrictResult
from layers.catalog import Catalog
from maps.columns import columns_of, marks
from maps.english import Lang, Say, speaker
from maps.geofiles import geojson, rounded, write_cell_package, write_gap_package
from maps.said_tables import frame_in, header_in
from maps.tables import cell_table, gap_table
from maps.workbook import write_workbook

GAP_ENDINGS = (".geojson", ".gpkg", ".csv", ".xlsx")
CELL_ENDINGS = (".csv", ".parquet", ".gpkg")
# What a spreadsheet takes for the start of a formula (OWASP, CSV Injection), the full-width forms among them.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_PYOGRIO = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)


class OutputError(AnsimError):
    """A file cannot be written: unknown ending, no such folder, no right to write, open elsewhere."""

    code = "output"


def check_target(path: Path, kind: Literal["gaps", "cells", "plan"]) -> None:
    """Raise :class:`OutputError` now for what :func:`write_gaps` or :func:`write_cells` would refuse later.

    Looks at the ending and the folder; what only writing shows (rights, room) is left to writing.
    """
    endings = CELL_ENDINGS if kind == "cells" else GAP_ENDINGS
    if path.suffix.lower() not in endings:
        said = f"{path.suffix}로는 쓸 수 없습니다" if path.suffix else "파일 이름에 확장자가 없습니다"
        raise OutputError(f"{path.name}: {said}", f"{', '.join(endings)} 중 하나로 끝나게 하십시오")
    if path.is_dir():
        raise OutputError(f"파일이 아니라 폴더입니다: {path}", "파일 이름까지 적으십시오")
    if not path.parent.is_dir():
        raise OutputError(f"폴더가 없습니다: {path.parent}", "폴더를 먼저 만드십시오")


def write_gaps(result: DistrictResult, catalog: Catalog, path: Path, lang: Lang = "ko") -> None:
    """Write the ranked gap areas and what they rest on.

    Parameters
    ----------
    result, catalog
        What was found, and the catalog it was found with (for the sources of its figures).
    path
        ``.geojson`` (WGS84), ``.gpkg`` (EPSG:5179, with QGIS styles), ``.csv`` (utf-8-sig) or ``.xlsx``.
        An existing file is replaced once the new one is whole; on any error it stays as it was.
    lang
        Of headers, notes and states; machine names of columns, ids and names of places are the same in both.

    Raises
    ------
    OutputError
        The ending is none of these, or the file cannot be written there.
    """
    check_target(path, "gaps")
    say = speaker(catalog, lang)
    with replacing(path) as to:
        match path.suffix.lower():
            case ".geojson":
                write_text(to, json.dumps(geojson(result, catalog, say), ensure_ascii=False, allow_nan=False))
            case ".gpkg":
                write_gap_package(result, catalog, to, say)
            case ".csv":
                write_csv(to, frame_in(say, _marked(rounded(gap_table(result)), result)))
            case ".xlsx":
                write_workbook(result, catalog, to, lang)


def write_cells(result: DistrictResult, path: Path, catalog: Catalog | None = None, lang: Lang = "ko") -> None:
    """Write every cell of the district: the columns of ``maps.tables.cell_table``, no more.

    Parameters
    ----------
    path
        ``.csv`` (utf-8-sig; what it is and its Korean headers stand beside it in ``<name>-metadata.json``,
        W3C CSV on the Web), ``.parquet`` (the same in the schema's metadata, key ``ansim``) or ``.gpkg``
        (with the cells' squares).
    catalog, lang
        For the words of what describes the table in English; its columns are the same in both languages.

    Raises
    ------
    OutputError
        The ending is none of these, or the file cannot be written there.
    """
    check_target(path, "cells")
    say: Say = str if catalog is None else speaker(catalog, lang)
    with replacing(path) as to:
        match path.suffix.lower():
            case ".csv":
                write_csv(to, cell_table(result))
                beside = path.with_name(f"{path.name}-metadata.json")
                with replacing(beside) as described:
                    words = _described(result, say) | {"url": path.name}
                    write_text(described, json.dumps(words, ensure_ascii=False, indent=1))
            case ".parquet":
                _write_parquet(to, cell_table(result), _described(result, say))
            case ".gpkg":
                write_cell_package(result, to, say)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place beside ``path`` to write to, and put what was written in its stead when all went well.

    Raises
    ------
    OutputError
        There is no such folder, it cannot be written in, the disk is full, or another program holds the file.
    """
    if not path.parent.is_dir():
        raise OutputError(f"{path}: 폴더가 없습니다 ({path.parent})", "폴더를 먼저 만들거나 경로를 고치십시오")
    beside: Path | None = None
    try:
        beside = Path(tempfile.mkdtemp(prefix=".ansim-", dir=path.parent))
        yield beside / path.name
        _out_of_wal(path)
        (beside / path.name).replace(path)
    except (OSError, sqlite3.Error, XlsxWriterException, *_PYOGRIO) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise OutputError(
            f"{path}에 쓸 수 없습니다 ({reason})", "쓰기 권한과 남은 용량을 보고, 이 파일을 연 프로그램을 닫으십시오"
        ) from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _out_of_wal(path: Path) -> None:
    """Fold the write-ahead log of the old GeoPackage into it: an orphan log would be read into the new one."""
    if not path.with_name(path.name + "-wal").exists():
        return
    with closing(sqlite3.connect(path, timeout=1)) as db:
        db.execute("PRAGMA journal_mode = DELETE")  # raises "database is locked" while another has it open


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with a last line end."""
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as Excel opens it (utf-8-sig); no text in it can become a formula."""
    texts = {
        name: frame[name].str.replace(_FORMULA, _quoted, regex=True)
        for name in frame.columns
        if pd.api.types.is_string_dtype(frame[name])
    }
    frame.assign(**texts).to_csv(
        path, index=False, encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL
    )


def _quoted(match: Any) -> str:  # noqa: ANN401 (re.Match, which pandas-stubs does not name)
    return "'" + str(match.group(0))


def _marked(frame: pd.DataFrame, result: DistrictResult) -> pd.DataFrame:
    edition, *headings = marks(result)
    return frame.assign(
        edition=pd.Series(edition, frame.index, dtype="str"),
        headings=pd.Series(" | ".join(headings), frame.index, dtype="str"),
    )


def _write_parquet(path: Path, frame: pd.DataFrame, words: Mapping[str, Any]) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    metadata = {**(table.schema.metadata or {}), b"ansim": json.dumps(words, ensure_ascii=False).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path)


def _described(result: DistrictResult, say: Say) -> dict[str, Any]:
    """Return what the cell table is, in the words of CSV on the Web (W3C tabular metadata)."""
    yes_no = {"base": "boolean", "format": "True|False"}
    kinds = {"x": "double", "y": "double", "households": "double", "dense": yes_no}
    columns = [
        {
            "name": name,
            "dc:title": header_in(say, column),
            "datatype": "double" if name.startswith("cover") else kinds.get(name, "string"),
            "dc:description": column.meaning,
        }
        for name, column in columns_of(cell_table(result).columns, result).items()
    ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": f"{result.source.name} ({result.source.code}) {say('격자별 도달도')}",
        "dc:accessRights": say(marks(result)[0]),
        "dc:description": " | ".join(say(mark) for mark in marks(result)),
        "dc:temporal": result.source.at,
        "tableSchema": {"columns": columns},
    }
