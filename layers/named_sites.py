"""The ids of candidates that a planner names by words or by files."""

from collections.abc import Sequence
from pathlib import Path

from geo.errors import BadSettingError
from geo.model import Places
from layers.planner_table import read_table

_ID_COLUMNS = ("site_id", "후보 번호", "id")


def ids_of(items: Sequence[str], places: Sequence[Places] = ()) -> frozenset[str]:
    """Return the ids that words and files name.

    A file that candidates were read from stands for all of its candidates; any other is a table with a column of ids,
    such as a plan written out before. Everything else is ids with commas between them.

    Raises
    ------
    BadSettingError
        A table without a column of ids.
    TableError
        It cannot be read.
    """
    found: set[str] = set()
    for item in items:
        path = Path(item)
        if not path.is_file():
            found |= {part.strip() for part in item.split(",") if part.strip()}
            continue
        own = {i for one in places for i in one.ids if i.startswith(f"{path.name}:")}
        if own:
            found |= own
            continue
        table = read_table(path)
        column = next((name for name in table.columns if name in _ID_COLUMNS), None)
        if column is None:
            raise BadSettingError(
                f"{path}: 후보 번호 열이 없습니다", f"{', '.join(_ID_COLUMNS)} 가운데 한 열을 두십시오"
            )
        found |= {str(value).strip() for value in table[column] if str(value).strip()}
    return frozenset(found)
