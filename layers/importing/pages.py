"""Pages of one API service, saved to several files: read together they are one dataset, as the portal has it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from layers.importing.files import Source
from layers.importing.raw import Raw
from layers.importing.read_portal import incomplete_note
from layers.importing.text import empty_text, plain, repeated

Read = tuple[Source, Raw]


def join_pages(read: Sequence[Read]) -> tuple[list[Read], dict[Source, str]]:
    """Make the pages of a service that a command gives as several files one source.

    Pages belong together where they stand under the same names in their files, have the same columns, say the same
    number of rows in all, and each holds fewer; and where all of them together hold no more than that, rows that
    stand in two of them (a page saved twice) counted once.

    Returns
    -------
    The sources, pages joined standing for the first of them by name; and why each other page has none of its own.
    """
    groups: dict[tuple[str, int, frozenset[str]], list[int]] = defaultdict(list)
    for i, (_, raw) in enumerate(read):
        if raw.page is not None and raw.page.total is not None and len(raw) < raw.page.total:
            groups[raw.page.service, raw.page.total, frozenset(map(plain, raw.header))].append(i)
    whole = dict(enumerate(read))
    told: dict[Source, str] = {}
    for at in groups.values():
        at.sort(key=lambda i: (read[i][0].name, i))  # the order of the command says nothing
        joined = _joined([read[i] for i in at]) if len(at) > 1 else None
        if joined is None:
            continue
        whole[at[0]] = joined
        for i in at[1:]:
            del whole[i]
            told[read[i][0]] = f"page: 같은 서비스의 쪽이라 {joined[0].name}에 이어 읽었습니다"
    return list(whole.values()), told


def _joined(pages: Sequence[Read]) -> Read | None:
    """Return the pages as one source, its name the first's, None where they hold more rows than there are."""
    first, raw = pages[0]
    total = raw.page.total if raw.page is not None else None
    raws = [_under(other, raw.header) for _, other in pages]
    columns = tuple(pa.concat_arrays([part.columns[i] for part in raws]) for i in range(len(raw.header)))
    n = len(columns[0])
    one = replace(raw, columns=columns, lines=np.arange(1, n + 1, dtype=np.int64))
    different = n - int(repeated(one.whole_rows()).sum())
    if total is None or different > total:
        return None
    note = f"pages: {len(pages)}쪽을 한 자료로 읽었습니다 (거절된 행의 줄은 쪽을 이은 차례)"
    incomplete = incomplete_note(total, different)
    one = replace(one, note="; ".join(text for text in (note, incomplete) if text))
    source = replace(first, kind="pages", members=_in_one_order([source for source, _ in pages]))
    return source, one


def _under(raw: Raw, header: Sequence[str]) -> Raw:
    """Return a page with its columns in another's order."""
    at = [raw.find(name) for name in header]
    return replace(raw, columns=tuple(empty_text(len(raw)) if i is None else raw.columns[i] for i in at))


def _in_one_order(sources: Sequence[Source]) -> tuple[Path, ...]:
    """Return the files in an order that neither their names nor the command's order decide."""
    return tuple(source.path for source in sorted(sources, key=lambda source: source.digest()))
