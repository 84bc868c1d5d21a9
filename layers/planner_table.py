"""A planner's own small table: csv, txt or xlsx, in whatever encoding the importer reads."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from geo.errors import AnsimError
from layers.importing.read_sheets import read_sheet, sheet_names
from layers.importing.read_text import read_text

_MAX_BYTES = 200_000_000


class TableError(AnsimError):
    """A planner's table cannot be read, or holds no table."""

    code = "table"


def read_table(path: Path) -> pd.DataFrame:
    """Return the rows of a table as text, columns by the names in its header. Raises :class:`AnsimError`."""
    try:
        if path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}:
            sheets = list(sheet_names(path, path.name, _MAX_BYTES))
            raws = [read_sheet(path, sheet, path.name, _header) for sheet in sheets]
            raw = next((one for one in raws if one is not None), None)
        else:
            raw = read_text(path.read_bytes(), path.name, _header)
    except OSError as error:
        raise TableError(f"{path}: 파일을 열 수 없습니다 ({error.strerror})", "경로를 확인하십시오") from error
    if raw is None:
        raise TableError(f"{path}: 표가 없습니다", "첫 줄에 열 이름이 있는 표를 주십시오")
    return pd.DataFrame({name: column.to_pylist() for name, column in zip(raw.header, raw.columns, strict=True)})


def _header(cells: Sequence[str]) -> bool:
    """Say whether a line can be a header: two names or more, none a number."""
    named = [cell.strip() for cell in cells if cell.strip()]
    return len(named) > 1 and not any(cell.replace(".", "").replace("%", "").isdigit() for cell in named)
