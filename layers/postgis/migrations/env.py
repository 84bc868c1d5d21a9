"""Run by alembic: the connection is given by ``layers.postgis.upgrade``, which also owns the transaction."""

from typing import Any

import geoalchemy2  # noqa: F401 - registers the geometry type for reflection
from alembic import context
from sqlalchemy import Connection, text

from layers.postgis.models import SCHEMA, metadata


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:  # noqa: ANN401 - alembic's mapping
    return kind != "schema" or name == SCHEMA


def _run(connection: Connection) -> None:
    # A partition is made by its layer in the catalog, not by a migration.
    partitions = set(connection.scalars(text("SELECT oid::regclass::text FROM pg_class WHERE relispartition")))

    def is_compared(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:  # noqa: ANN401, FBT001
        return not (kind == "table" and reflected and f"{item.schema}.{name}" in partitions)

    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=_is_ours,
        include_object=is_compared,
    )
    context.run_migrations()


if hasattr(context, "config"):  # alembic puts it there while it runs a command; a plain import does nothing
    _run(context.config.attributes["connection"])
