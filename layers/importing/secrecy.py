"""Files that list shelters, whose addresses are secret: refused unless they go to a layer of staff alone."""

import re

import numpy as np
import pyarrow.compute as pc

from layers.catalog import Catalog
from layers.importing.errors import SecretAddressError
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw

# Places anyone may rest in. Their words are taken out before the secret ones are looked for.
_PUBLIC = re.compile(
    r"(무더위|더위|폭염|냉방|한파|추위|온열|미세먼지|이동\s*노동자|노동자|근로자|라이더|배달\S*|대리\S*|택시|버스|정류[장소]|"
    r"승강장|그늘막?|휴게|휴식|숲속|공원|자전거|등산객?|스마트|흡연|동물|길?고양이)\s*(간이|야외|실내)?\s*쉼터|"
    r"(동물|유기견|길?고양이|문화재|수목|산림)\s*(보호시설|보호소)|(지진|재난|재해|산불|침수|홍수|폭염|한파)\S*\s*피난처"
)
_SHELTERS = (
    r"보호시설|보호소|피난처|해바라기\s*센터|"
    r"(가정폭력|성폭력|성매매|교제폭력|데이트폭력|스토킹|인신매매|학대)\s*피해\s*(자|여성|아동|청소년|노인)"
)
_IN_NAMES = re.compile(rf"쉼터|{_SHELTERS}")  # of the file, its sheet, its columns, its title
# In a cell a bare 쉼터 is mostly a bench (신림근린공원 쉼터지역): there it must say for whom.
_IN_CELLS = re.compile(
    r"(여성|여자|청소년|폭력|학대|피해자?|이주민|모자|미혼모|한부모|가출|긴급|단기|비공개)"
    rf"((?!공원|회관|관|센터|광장|앞|숲)[^,;]){{0,6}}쉼터|쉼터\s*\(?비공개|{_SHELTERS}"
)
_WORTH_A_LOOK = "쉼터|보호시설|보호소|피난처|해바라기|피해"  # without what Arrow's patterns cannot say


def check_secrecy(raw: Raw, target: str, catalog: Catalog, options: ImportOptions) -> None:
    """Refuse a file of shelters without ``--visibility staff``, or for a layer that is public.

    Looked at are the name of the file, of its columns, the lines above them, and every cell.

    Raises
    ------
    SecretAddressError
        The line names the row where only a row tells.
    """
    where = _where(raw)
    if where is None:
        return
    if options.visibility != "staff":
        hint = "내부용으로만 쓸 것이면 --visibility staff를 주십시오"
        raise SecretAddressError(
            f"{raw.file}{where}: 쉼터·보호시설의 주소는 비공개입니다",
            hint if not where else f"그 행을 빼거나, {hint}",
        )
    layer = catalog.layers.get(target)
    if layer is not None and layer.visibility != "staff":
        raise SecretAddressError(
            f"{raw.file}: 층 {layer.id}({layer.name})은 공개 층입니다",
            '카탈로그에 visibility = "staff"인 층을 만들어 --layer로 주십시오',
        )


def _where(raw: Raw) -> str | None:
    """Return '' where a name tells that the file lists shelters, the first row that does, None where nothing does."""
    if any(_IN_NAMES.search(_PUBLIC.sub("", text)) for text in (raw.file, raw.title, *raw.header)):
        return ""
    first: list[tuple[int, str]] = []
    for column in raw.columns:
        rows = np.flatnonzero(np.asarray(pc.match_substring_regex(column, _WORTH_A_LOOK), dtype=bool))
        cells = column.take(rows).to_pylist()
        first += [
            (int(raw.lines[row]), cell)
            for row, cell in zip(rows, cells, strict=True)
            if _IN_CELLS.search(_PUBLIC.sub("", cell))
        ][:1]
    if not first:
        return None
    line, cell = min(first)
    return f" {line:,}행 '{' '.join(cell.split())[:30]}'"
