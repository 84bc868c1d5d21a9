"""How full the facilities of a layer are, from what is stored or from a planner's own table."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from geo.errors import AnsimError
from layers.planner_table import read_table
from layers.store import Store

RATES = ("이용률", "이용율", "점유율", "가동률", "사용률", "occupancy")
_IDS = ("id", "시설번호", "시설 번호", "관리번호")
_NAMES = ("name", "이름", "명칭", "설치장소", "시설명", "택배함명칭", "보관함명")


class OccupancyError(AnsimError):
    """A table of occupancy has no column of rates, or none of its rows is a facility of the layer."""

    code = "occupancy"


def occupancy_of(layer: str, store: Store, path: Path | None = None) -> dict[str, float]:
    """Return the occupancy (0..1) of a layer's facilities by ``layer:key``, those that are known.

    Without a file it is the stored rows' own column of one of :data:`RATES`; ``30.4``, ``30.4%`` and ``0.304`` are
    alike. A file's rows are matched by id, else by name or address where only one facility has it.

    Raises
    ------
    OccupancyError
        The file has no such column, or no row of it is matched.
    """
    rows = store.read(layer)
    ids = [f"{layer}:{key}" for key in rows["key"]]
    if path is None:
        texts = [json.loads(text or "{}") for text in rows["attributes"]]
        rates = [next((one[name] for name in RATES if name in one), "") for one in texts]
        return {i: rate for i, rate in zip(ids, _rates(rates), strict=True) if rate is not None}
    table = read_table(path)
    column = next((name for name in RATES if name in table.columns), None)
    if column is None:
        raise OccupancyError(f"{path}: 이용률 열이 없습니다", f"{', '.join(RATES)} 가운데 한 이름의 열을 두십시오")
    known = _keys(rows, ids)
    found = {}
    for i, rate in enumerate(_rates(table[column].tolist())):
        cells = [str(table[name].iloc[i]) for name in table.columns if name != column]
        match = next((known[plain] for plain in map(_plain, cells) if plain and plain in known), None)
        if match is not None and rate is not None:
            found[match] = rate
    if not found:
        raise OccupancyError(
            f"{path}: 저장된 시설과 맞는 행이 없습니다",
            f"{', '.join((*_IDS[:2], *_NAMES[1:3]))}이나 주소 열로 맞춥니다",
        )
    return found


def _keys(rows: pd.DataFrame, ids: Sequence[str]) -> Mapping[str, str]:
    """Return the facility that each text names alone."""
    found: dict[str, str | None] = {}
    for column in ("source_id", "name", "road_address", "lot_address"):
        for text, one in zip(rows[column], ids, strict=True):
            plain = _plain(text)
            if plain:
                found[plain] = one if found.get(plain, one) == one else None
    return {text: one for text, one in found.items() if one is not None} | {_plain(one): one for one in ids}


def _plain(text: str) -> str:
    return "".join(str(text).split())


def _rates(texts: Sequence[object]) -> list[float | None]:
    """Return rates as shares; a column whose largest is over 1 is in percent."""
    values: list[float | None] = []
    marked = any("%" in str(text) for text in texts)
    for text in texts:
        try:
            values.append(float(str(text).replace("%", "").strip()))
        except ValueError:
            values.append(None)
    known = [value for value in values if value is not None]
    percent = marked or max(known, default=0.0) > 1.0
    shares = [None if value is None else value / 100 if percent else value for value in values]
    return [share if share is not None and 0 <= share <= 1.5 else None for share in shares]
