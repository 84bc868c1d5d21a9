"""Imports, in a process of their own: rehearsed against the store, then done."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from api.import_preview import ground_outlines, named_date, open_question, points, rejected_rows
from api.opened import opened
from api.wording import in_request_words
from geo.errors import AnsimError
from layers.catalog import load_catalog
from layers.importing import FileReport, ImportOptions, import_files, write_rejected
from layers.importing import forgetting as taking
from layers.importing.faults import Fault
from layers.importing.forgetting import import_id
from layers.store import Bounds, Store, StoreMovedError, Writer
from layers.tables import ImportRecord
from layers.taking_back import Remembering

# Beside the uploaded files; ROWS beside the rejected rows of each.
POINTS, ROWS, OUTLINES = "points.json", "rows.json", "outlines.json"
# What a planner may overrule, having seen it: by confirm=true, by force=true.
OVERRULED = {"rows_vanish": "confirm", "older_data": "force"}


class _RehearsedError(Exception):
    """Ends a rehearsal's transaction before anything of it stands."""


class Rehearsal:
    """A store whose transactions are opened, filled and given up. See :class:`layers.store.Store`.

    ``ground``: the boundaries as they would be, once a transaction was filled.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.ground: pd.DataFrame | None = None
        self.name = store.name

    def version(self) -> int:
        """Return the store's version."""
        return self._store.version()

    def imports(self) -> list[ImportRecord]:
        """Return the store's imports."""
        return self._store.imports()

    def layer_ids(self) -> list[str]:
        """Return the store's layers."""
        return self._store.layer_ids()

    def summary(self) -> pd.DataFrame:
        """Return the store's summary."""
        return self._store.summary()

    def read(self, table: str, *, bounds: Bounds | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the store."""
        return self._store.read(table, bounds=bounds, columns=columns)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Open the store's transaction, and give it up when the block ends."""
        try:
            with self._store.write() as writer:
                yield writer
                self.ground = writer.read("dong")
                raise _RehearsedError  # noqa: TRY301 - the only way out of a transaction that leaves nothing
        except _RehearsedError:
            return


@dataclass(frozen=True)
class Upload:
    """Uploaded files in a folder (``files`` beside which the rejected rows are written), and what is said of them.

    ``ask``: what is wrong with single files is told beside the others; else the first one ends the import.
    ``version``: the store's when it was looked at; None: whatever it is.
    """

    store: str
    catalogs: tuple[Path, ...]
    folder: Path
    options: ImportOptions
    now: datetime
    ask: bool = False
    version: int | None = None


Tell = Callable[..., None]  # steps done, steps in all, the file, rows read


def rehearse(upload: Upload, *, tell: Tell) -> dict[str, Any]:
    """Import without storing: return ``reports``, what is ``open``, and what must be ``overrule``d to store it.

    ``data_version`` is the store's with which the files were compared.
    """
    options, overrule = upload.options, []
    faults: list[Fault] | None = [] if upload.ask else None
    catalog, today = load_catalog(upload.catalogs), upload.now.date()
    with opened(upload.store, catalog) as held:
        version = held.version()
    while True:
        try:
            reports, ground = _import(upload, options, tell, stored=False, faults=faults)
            break
        except AnsimError as error:
            word = OVERRULED.get(error.code)
            if word is None or getattr(options, word):
                raise
            overrule.append({"code": error.code, "title": error.message, "parameter": word})
            confirm, force = options.confirm or word == "confirm", options.force or word == "force"
            options = replace(options, confirm=confirm, force=force)
    (upload.folder / POINTS).write_bytes(orjson.dumps(points(reports)))
    (upload.folder / OUTLINES).write_bytes(orjson.dumps(ground_outlines(ground)))
    shutil.rmtree(upload.folder / "rejected", ignore_errors=True)  # of an earlier look
    return {
        "reports": [
            _told(report, n, upload.folder) | named_date(report, today) for n, report in enumerate(reports)
        ],
        "open": [open_question(fault, catalog) for fault in faults or ()],
        "overrule": overrule,
        "data_version": version,
    }  # fmt: skip


def store(upload: Upload, *, tell: Tell) -> dict[str, Any]:
    """Import: return ``reports``, the new data version, what ``changed`` and which earlier files are ``replaced``.

    Raises
    ------
    StoreMovedError
        The store is no longer of the version that was looked at, now or when it comes to storing: nothing is stored.
    """
    catalog = load_catalog(upload.catalogs)
    with opened(upload.store, catalog) as held:
        before, records = held.summary(), held.imports()
    try:
        reports, _ = _import(upload, upload.options, tell, stored=True)
    except StoreMovedError as error:
        if upload.version is None:
            raise
        words = "그 사이 저장소가 바뀌어, 본 것과 다르게 저장될 수 있습니다"
        raise StoreMovedError(words, "다시 미리 보십시오") from error
    with opened(upload.store, catalog) as held:
        version, after = held.version(), held.summary()
        known = {record.digest for record in records}
        stored = [import_id(record) for record in held.imports() if record.digest not in known]
    return {
        "reports": [_in_words(report) for report in reports],
        "data_version": version,
        "changed": _changed(before, after),
        "replaced": _replaced(records, reports),
        "imports": stored,
    }


@dataclass(frozen=True)
class Asked:
    """Imports to take back, by their ids; without ``confirm`` only told."""

    store: str
    catalogs: tuple[Path, ...]
    ids: tuple[str, ...]
    confirm: bool
    now: datetime


def forget(asked: Asked, *, tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Take imports back, or only tell what would go: return ``taken`` an import, ``data_version``, what ``changed``."""
    tell(0, 1)
    catalog = load_catalog(asked.catalogs)
    with opened(asked.store, catalog) as held:
        before, chosen = held.summary(), taking.choose_ids(held.imports(), asked.ids)
        done = taking.forget(held, catalog, chosen, now=asked.now, confirm=asked.confirm)
        version, after = held.version(), held.summary()
    taken = [
        {
            "file": one.record.file, "layer": one.record.layer, "dataset": one.record.dataset,
            "removed": one.removed, "restored": one.restored, "back": list(one.back), "why": one.why,
        }
        for one in done
    ]  # fmt: skip
    return {"taken": taken, "stored": asked.confirm, "data_version": version, "changed": _changed(before, after)}


def stored_imports(store: str, catalogs: tuple[Path, ...], *, tell: Callable[[int, int], None]) -> dict[str, Any]:
    """Return the imports that stand, oldest first, with their ids, and the log of those taken back."""
    tell(0, 1)
    with opened(store, load_catalog(catalogs)) as held:
        imports = [
            {
                "id": import_id(one), "file": one.file, "layer": one.layer, "dataset": one.dataset,
                "districts": one.districts, "data_date": one.data_date, "imported_at": one.imported_at,
                "accepted": one.accepted,
            }
            for one in held.imports()
        ]  # fmt: skip
        log = held.forgotten() if isinstance(held, Remembering) else []
    return {"imports": imports, "forgotten": [asdict(one) for one in log]}


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows before and after of each layer and district of which the rows or their dates are others.

    ``unlocated``: those of them without a place. District '' is of rows that stand in none of the loaded districts.
    """
    key, told = ["layer", "district"], ["rows", "unlocated", "newest"]
    before, after = (one.assign(unlocated=one["rows"] - one["located"])[[*key, *told]] for one in (before, after))
    both = before.merge(after, on=key, how="outer", suffixes=("_before", "_after"))
    counts = [name for name in both.columns if name.startswith(("rows_", "unlocated_"))]
    both = both.fillna({**dict.fromkeys(counts, 0), "newest_before": "", "newest_after": ""})
    both = both.astype(dict.fromkeys(counts, "int64"))
    pairs = [both[f"{name}_before"] != both[f"{name}_after"] for name in told]
    other = pairs[0] | pairs[1] | pairs[2]
    return [{str(name): value for name, value in row.items()} for row in both[other].to_dict("records")]


def _replaced(records: Sequence[ImportRecord], reports: Sequence[FileReport]) -> list[dict[str, str]]:
    """Return the newest earlier file of each dataset that these files replaced: what to import again to go back."""
    now = {report.dataset for report in reports if report.dataset and not report.unchanged}
    last = {record.dataset: record for record in records if record.dataset in now}
    return [
        {"dataset": r.dataset, "file": r.file, "data_date": r.data_date, "imported_at": r.imported_at}
        for r in last.values()
    ]


def _import(
    upload: Upload, options: ImportOptions, tell: Tell, *, stored: bool, faults: list[Fault] | None = None
) -> tuple[list[FileReport], pd.DataFrame]:
    """Return the reports, and the boundaries as they are or would be."""
    catalog = load_catalog(upload.catalogs)
    at = [0, 0, "", 0]

    def say(*, step: tuple[int, int, str] | None = None, rows: int | None = None) -> None:
        at[:] = [*(step or at[:3]), at[3] if rows is None else rows]
        tell(*at)

    with opened(upload.store, catalog) as held:
        target = held if stored else Rehearsal(held)
        reports = import_files(
            [upload.folder / "files"], target, catalog, options, now=upload.now, faults=faults,
            expected_version=upload.version if stored else None,
            progress=lambda name, done, total: say(step=(done, total, name)), counted=lambda rows: say(rows=rows),
        )  # fmt: skip
        ground = target.ground if isinstance(target, Rehearsal) else None
        return reports, held.read("dong") if ground is None else ground


def _told(report: FileReport, number: int, folder: Path) -> dict[str, Any]:
    beside = folder / "rejected" / str(number)
    beside.mkdir(parents=True, exist_ok=True)
    written = write_rejected(report, beside)
    (beside / ROWS).write_bytes(orjson.dumps(rejected_rows(report)))
    return _in_words(report) | {"rejected_rows": number if written else None, "columns": list(report.header)}


def _in_words(report: FileReport) -> dict[str, Any]:
    """Return a report as JSON values, its note in words of the form."""
    values = report.as_dict()
    return values | {"note": in_request_words(values["note"])} if "note" in values else values
