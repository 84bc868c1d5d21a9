"""The ids of candidates that a planner names by words or by files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from geo.errors import BadSettingError
from geo.model import Places
from layers.planner_table import read_table

_ID_COLUMNS = ("site_id", "후보 번호", "id")
_LAYER_COLUMNS = ("layer", "층 코드")


def forced_of(items: Sequence[str], places: Sequence[Places]) -> list[frozenset[str]]:
    """Return the ids that words and files name, by layer: one set for each of ``places``.

    An id is that of a candidate, with its layer before it (``cctv:grid:…``) where several layers have it. A file that
    candidates were read from stands for all of its candidates; any other is a table with a column of ids and, where it
    has one, a column of layers, such as a plan written out before.

    Raises
    ------
    BadSettingError
        A table without a column of ids, an id that is no layer's, or one that is several layers' and names none.
    TableError
        A table cannot be read.
    """
    found: list[set[str]] = [set() for _ in places]
    names = {one.layer: k for k, one in enumerate(places)} | {one.name: k for k, one in enumerate(places)}
    known = [frozenset(one.ids) for one in places]
    for item in items:
        path = Path(item)
        if not path.is_file():
            for word in (part.strip() for part in item.split(",") if part.strip()):
                k, site = _place(word, places, known, names)
                found[k].add(site)
            continue
        own = [{i for i in ids if i.startswith(f"{path.name}:")} for ids in known]
        if any(own):
            for k, ids in enumerate(own):
                found[k] |= ids
            continue
        for site, layer in _table(path):
            k, site_id = (names[layer], site) if layer in names else _place(site, places, known, names)
            if site_id not in known[k]:
                raise _unknown(site_id)
            found[k].add(site_id)
    return [frozenset(ids) for ids in found]


def _place(
    word: str, places: Sequence[Places], known: Sequence[frozenset[str]], names: Mapping[str, int]
) -> tuple[int, str]:
    """Return which layer a word means, and the id of its candidate."""
    holding = [k for k, ids in enumerate(known) if word in ids]
    if len(holding) > 1:
        layers = [places[k].layer for k in holding]
        raise BadSettingError(
            f"--force {word}: {', '.join(layers)} 두 층 이상의 후보라 어느 층인지 알 수 없습니다",
            f"층을 앞에 붙이십시오: {' 또는 '.join(f'{layer}:{word}' for layer in layers)}",
        )
    if holding:
        return holding[0], word
    layer, mark, rest = word.partition(":")
    if mark and layer in names and rest in known[names[layer]]:
        return names[layer], rest
    raise _unknown(word)


def _table(path: Path) -> list[tuple[str, str]]:
    """Return the ids of a table with their layers, '' where it has no such column."""
    table = read_table(path)
    column = next((name for name in table.columns if name in _ID_COLUMNS), None)
    if column is None:
        raise BadSettingError(f"{path}: 후보 번호 열이 없습니다", f"{', '.join(_ID_COLUMNS)} 가운데 한 열을 두십시오")
    layer = next((name for name in table.columns if name in _LAYER_COLUMNS), None)
    layers = table[layer] if layer is not None else [""] * len(table)
    return [(str(i).strip(), str(k).strip()) for i, k in zip(table[column], layers, strict=True) if str(i).strip()]


def _unknown(word: str) -> BadSettingError:
    return BadSettingError(
        f"꼭 넣을 곳이 후보에 없습니다: {word}",
        "후보 번호(ansim sites … --out의 site_id)를 쓰고, 그 후보를 --candidates와 --within에 넣으십시오",
    )
