"""A command that was run before on the same files: known by all its outcome depends on, and answered without reading.

Only stores that keep such notes (``layers.store.Recalling``) answer so; all else is read, located and judged. Not
noted are commands in which a file lost a district to another, of which the answer may change with the day; grids,
whose cells are replaced beneath their record; and files with very many rejected rows.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from layers.catalog import Catalog
from layers.importing.files import Source
from layers.importing.making import IMPORTER_VERSION, Made
from layers.importing.options import ImportOptions
from layers.importing.report import FileReport
from layers.store import Recalling, Store

_MOST_REJECTED = 2000
_CATALOG = TypeAdapter(Catalog)


def command_key(sources: Sequence[Source], named: Collection[Source], catalog: Catalog, options: ImportOptions) -> str:
    """Return the sha256 of what a command depends on beside the store: files by name and bytes, options, catalog."""
    chosen = {item.name: getattr(options, item.name) for item in fields(options)}
    parts = {
        "importer": IMPORTER_VERSION,
        "catalog": hashlib.sha256(_CATALOG.dump_json(catalog)).hexdigest(),
        "options": chosen
        | {"columns": sorted(options.columns.items())}
        | {"files": {name: dict(own) for name, own in options.files.items()}},
        "sources": [
            [source.name, source.kind, source.part, source.alone, source.skipped, source in named]
            + ([] if source.skipped else [source.digest()])
            for source in sources
        ],
    }
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def recalled(store: Store, key: str) -> list[FileReport] | None:
    """Return the reports of a command whose outcome stands as it was; else None."""
    said = store.recall(key) if isinstance(store, Recalling) else None
    if said is None:
        return None
    return [_report(values) for values in json.loads(said)]


def account(reports: Sequence[FileReport]) -> str | None:
    """Return the reports as text to note, None where they are too long to."""
    if sum(len(report.rejected_rows) for report in reports) > _MOST_REJECTED:
        return None
    return json.dumps([_values(report) for report in reports], ensure_ascii=False)


def is_whole(made: Sequence[Made]) -> bool:
    """Say whether the store holds all of each file, in rows that stand as long as what is remembered of it does."""
    return all(_is_whole(one) for one in made)


def _is_whole(one: Made) -> bool:
    if one.table == "stat_grid":
        return False
    if one.batch is None:
        return one.holds(one.dates) and bool(one.dates)
    return set(one.dates) <= set(one.batch.districts or ())


def _values(report: FileReport) -> dict[str, Any]:
    values = {item.name: getattr(report, item.name) for item in fields(report) if item.name != "shown"}
    return values | {"rejected_rows": report.rejected_rows.to_dict("list")}


def _report(values: dict[str, Any]) -> FileReport:
    rejected = pd.DataFrame(values["rejected_rows"]).astype({"line": "int64", "reason": "str", "row": "str"})
    return FileReport(**(values | {"rejected_rows": rejected, "header": tuple(values.get("header", ()))}))
