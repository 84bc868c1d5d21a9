"""One import command: read, recognise, clean, locate, report, store; all of it or nothing."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from layers.catalog import Catalog
from layers.importing.contest import decide
from layers.importing.files import Source, open_sources
from layers.importing.forms import load_forms
from layers.importing.known import account, command_key, recalled
from layers.importing.layered import joined
from layers.importing.making import make_all
from layers.importing.options import ImportOptions
from layers.importing.reading import read_all
from layers.importing.report import FileReport
from layers.importing.settle import settle
from layers.importing.sheets import settle_sheets
from layers.importing.storing import ORDER, REST, Note, store_all
from layers.importing.synonyms import check_user_columns
from layers.store import Recalling, Store, StoreMovedError

Progress = Callable[[str, int, int], None]

_TRIES = 4


class _Steps:
    """Counts the steps of a command: each file is read, made, stored."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress or (lambda _name, _done, _total: None)
        self._total = total
        self._done = 0

    def __call__(self, name: str) -> None:
        self._progress(name, self._done, self._total)
        self._done = min(self._done + 1, self._total)  # a file of several layers is made several times

    def finish(self) -> None:
        self._progress("", self._total, self._total)


def import_files(
    paths: Sequence[Path],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> list[FileReport]:
    """Import files and folders in one transaction.

    Boundaries are read first, then households, then the rest by the date of their data, whatever the order given.
    Everything is read and located before the transaction is opened.

    Parameters
    ----------
    paths
        Files, or folders of files, each recognised by itself.
    store, catalog, options
        Where to, by which forms, and what the planner says.
    now
        Time of the import; Asia/Seoul.
    progress
        Called with a file's name, steps done and steps in all.

    Returns
    -------
    One report a file, skipped ones included, in the order given. Nothing was written of those marked
    ``unchanged``; where all are, the store's version does not move.

    Raises
    ------
    AnsimError
        Anything wrong with an option or a file, or a guard: nothing is stored then.
    """
    for _ in range(_TRIES - 1):
        with suppress(StoreMovedError):  # another import was first: its boundaries and rows are the ones to judge by
            return _import_once(paths, store, catalog, options, now, progress)
    return _import_once(paths, store, catalog, options, now, progress)


def _import_once(
    paths: Sequence[Path],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    now: datetime,
    progress: Progress | None,
) -> list[FileReport]:
    options.check(catalog)
    version = store.version()
    today = now.date()
    with open_sources(paths, options.max_bytes) as sources:
        tell = _Steps(progress, 3 * len(sources))
        named = _named(paths, sources)
        command = command_key(sources, named, catalog, options) if isinstance(store, Recalling) else ""
        before = recalled(store, command) if command else None
        if before is not None:
            tell.finish()
            return before
        readings, reports, given = read_all(sources, load_forms(catalog), catalog, options, tell)
        check_user_columns([reading.raw for reading in readings], options)
        settled = sorted(settle(readings, catalog, options), key=lambda s: ORDER.get(s.table, REST))
        named = _named(paths, given)
        made, skipped = make_all(settled, store, catalog, options, named=named, today=today, tell=tell)
    decide(made, today.isoformat(), confirm=options.confirm)
    settle_sheets(made, today.isoformat())

    def all_reports(*, again: bool = False) -> list[FileReport]:
        kept = [(one.source, replace(one.report, unchanged=True) if again else one.report) for one in made]
        parts = [*kept, *skipped]
        whole = {source: joined([report for whose, report in parts if whose == source]) for source, _ in parts}
        return [(reports | whole)[source] for source in given]

    if any(one.batch is not None for one in made):
        note = Note(command, account(all_reports(again=True))) if command else None
        store_all(made, store, catalog, options, now=now, version=version, tell=tell, note=note)
    tell.finish()
    return all_reports()


def _named(paths: Sequence[Path], sources: Sequence[Source]) -> frozenset[Source]:
    """Return the sources given by name, not found in a folder or an archive."""
    given = {path.resolve() for path in paths if path.is_file()}
    return frozenset(source for source in sources if source.path.resolve() in given)
