"""One import command: read, recognise, clean, locate, report, store; all of it or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from layers.catalog import Catalog
from layers.importing.contest import decide
from layers.importing.errors import SameDataTwiceError
from layers.importing.faults import Fault, Faults
from layers.importing.files import Source, open_sources
from layers.importing.forms import load_forms
from layers.importing.known import account, command_key, recalled
from layers.importing.layered import joined
from layers.importing.making import Made, make_all
from layers.importing.options import ImportOptions
from layers.importing.reading import read_all
from layers.importing.report import FileReport
from layers.importing.settle import settle
from layers.importing.sheets import settle_sheets
from layers.importing.storing import ORDER, REST, Note, moved, store_all
from layers.importing.synonyms import check_user_columns
from layers.store import Recalling, Store, StoreMovedError

Progress = Callable[[str, int, int], None]

_TRIES = 4


class _Steps:
    """Counts the steps of a command: each file is read, made, stored."""

    def __init__(self, progress: Progress | None, counted: Callable[[int], None] | None, total: int) -> None:
        self._progress = progress or (lambda _name, _done, _total: None)
        self._counted = counted or (lambda _rows: None)
        self._rows = 0
        self._total = total
        self._done = 0

    def __call__(self, name: str) -> None:
        self._progress(name, self._done, self._total)
        self._done = min(self._done + 1, self._total)  # a file of several layers is made several times

    def count(self, rows: int) -> None:
        """Say that so many more rows were read."""
        self._rows += rows
        self._counted(self._rows)

    def finish(self) -> None:
        self._progress("", self._total, self._total)


def import_files(  # noqa: PLR0913 - what a command says, and who is told of it
    paths: Sequence[Path],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    *,
    now: datetime,
    progress: Progress | None = None,
    counted: Callable[[int], None] | None = None,
    faults: list[Fault] | None = None,
    expected_version: int | None = None,
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
    counted
        Called with the rows read so far, file by file.
    faults
        Where given, a file that cannot be imported by itself is put there and left out, and the others go on: for
        a look at what would be stored. By default the first such file ends the command.
    expected_version
        The version of the store that the files were looked at with: they are stored in that one or not at all. By
        default they are read and judged anew where another import was first.

    Returns
    -------
    One report a file, skipped ones included, in the order given. Nothing was written of those marked
    ``unchanged``; where all are, the store's version does not move.

    Raises
    ------
    StoreMovedError
        The store is not of the expected version, or others were always first: nothing is stored then.
    AnsimError
        Anything wrong with an option or a file, or a guard: nothing is stored then.
    """
    options.check(catalog)
    left = _TRIES if expected_version is None else 1
    while True:
        version = store.version()
        if expected_version not in {None, version}:
            raise moved(store)
        try:
            return _import_once(paths, store, catalog, options, now, (progress, counted), Faults(faults), version)
        except StoreMovedError:  # another import was first: its boundaries and rows are the ones to judge by
            left -= 1
            if not left:
                raise


def _import_once(
    paths: Sequence[Path],
    store: Store,
    catalog: Catalog,
    options: ImportOptions,
    now: datetime,
    telling: tuple[Progress | None, Callable[[int], None] | None],
    faults: Faults,
    version: int,
) -> list[FileReport]:
    today = now.date()
    with open_sources(paths, options.max_bytes, faults=faults, leaves_out=options.leaves_out) as sources:
        tell = _Steps(*telling, 3 * len(sources))
        named = _named(paths, sources)
        command = command_key(sources, named, catalog, options) if isinstance(store, Recalling) else ""
        before = recalled(store, command) if command else None
        if before is not None:
            tell.finish()
            return before
        readings, reports, given = read_all(sources, load_forms(catalog), catalog, options, tell, faults, tell.count)
        raws = [reading.raw for reading in readings]
        check_user_columns(raws, options)
        for own in map(options.of, options.files):
            check_user_columns([raw for raw in raws if options.of(raw.file) == own] or raws, own)
        settled = sorted(settle(readings, catalog, options, faults), key=lambda s: ORDER.get(s.table, REST))
        named = _named(paths, given)
        made, skipped = make_all(
            settled, store, catalog, options, named=named, today=today, tell=tell, faults=faults
        )  # fmt: skip
    made = _decided(made, today.isoformat(), options, faults)
    settle_sheets(made, today.isoformat())

    def all_reports(*, again: bool = False) -> list[FileReport]:
        kept = [(one.source, replace(one.report, unchanged=True) if again else one.report) for one in made]
        parts = [*kept, *skipped]
        whole = {source: joined([report for whose, report in parts if whose == source]) for source, _ in parts}
        told = reports | whole
        return [told[source] for source in given if source in told]  # the others are faults

    if any(one.batch is not None for one in made):
        note = Note(command, account(all_reports(again=True))) if command else None
        store_all(made, store, catalog, options, now=now, version=version, tell=tell, note=note)
    tell.finish()
    return all_reports()


def _decided(made: list[Made], today: str, options: ImportOptions, faults: Faults) -> list[Made]:
    """Return the files without those that are another's double and no newer, where these are gathered."""
    while True:
        try:
            decide(made, today, confirm=options.confirm)
        except SameDataTwiceError as error:
            faults.take(error.file, error)
            made = [one for one in made if one.source.name != error.file]
        else:
            return made


def _named(paths: Sequence[Path], sources: Sequence[Source]) -> frozenset[Source]:
    """Return the sources given by name, not found in a folder or an archive."""
    given = {path.resolve() for path in paths if path.is_file()}
    return frozenset(source for source in sources if source.path.resolve() in given)
