"""The tables of the database: the shapes of ``layers.tables`` with history, and what the service keeps beside.

Every row of a shape has ``valid_from`` and ``valid_to`` (null = it stands): nothing is deleted, so that the state of
any day can be asked for. ``digest`` is a hash of the whole row: equal rows are left untouched. EPSG:5179.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from layers.tables import FACILITY, TABLES

SCHEMA = "ansim"
VIEWS = "ogc"
SRID = 5179
metadata = MetaData(schema=SCHEMA)

_TYPES = {"str": Text, "int64": BigInteger, "float64": Double, "bool": Boolean}
_OPEN = text("valid_to IS NULL")


def _columns(shape: dict[str, str]) -> list[Column]:  # type: ignore[type-arg]
    """Return the columns of a shape; only numbers that may be unknown (NaN) are nullable."""
    return [Column(name, _TYPES[kind](), nullable=kind == "float64") for name, kind in shape.items()]


def _history() -> list[Column]:  # type: ignore[type-arg]
    return [
        Column("digest", BigInteger, nullable=False),
        Column("valid_from", DateTime(timezone=True), nullable=False),
        Column("valid_to", DateTime(timezone=True)),
    ]


def _geometry(*, nullable: bool = True) -> Column:  # type: ignore[type-arg]
    return Column("geom", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=nullable)


def _open_indices(name: str, shape: dict[str, str], *, geometry: bool) -> list[Index]:
    # None for (dataset, district): a new file reads most of its table anyway, and each index slows every import.
    found = []
    if geometry:
        found.append(Index(f"{name}_geom", "geom", postgresql_using="gist", postgresql_where=_OPEN))
    if "key" in shape:
        # Keys are hashes and asked for by equality; facilities are many, and a B-tree takes random keys slowly.
        kind = "hash" if name == "facility" else "btree"
        found.append(Index(f"{name}_key", "key", postgresql_using=kind, postgresql_where=_OPEN))
    return found


facility = Table(
    "facility",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("id", BigInteger, Sequence("facility_id", metadata=metadata), primary_key=True),
    *_columns(FACILITY),
    Column("located", Boolean, nullable=False),
    *_history(),
    _geometry(),
    CheckConstraint("located = (geom IS NOT NULL)", name="facility_located"),
    *_open_indices("facility", FACILITY, geometry=True),
    postgresql_partition_by="LIST (layer)",
)
tables = {
    name: Table(
        name,
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        *_columns(shape),
        *_history(),
        *([_geometry()] if has_geometry else []),
        *_open_indices(name, shape, geometry=has_geometry),
    )
    for name, (shape, has_geometry) in TABLES.items()
}
district = Table(
    "district",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("province", Text, nullable=False),
    _geometry(nullable=False),
)
meta = Table(
    "meta",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="meta_one_row"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
import_ = Table(
    "import",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("place", BigInteger, nullable=False),  # order among the imports; kept when a record is cut down
    Column("stored_table", Text, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("file", "digest", "dataset", "layer", "encoding", "crs")),
    Column("data_date", Text, nullable=False),
    Column("imported_at", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in ("read", "accepted", "unlocated", "rejected")),
    Column("complete_for", ARRAY(Text), nullable=False),
    Column("made_up", Boolean, nullable=False),
    Column("mode", Text, nullable=False),
    Column("districts", ARRAY(Text)),
    Column("scope", Text, nullable=False),
    Column("imported_by", Text, nullable=False, server_default=text("CURRENT_USER")),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
)
rejected_row = Table(
    "rejected_row",
    metadata,
    Column("import_id", BigInteger, ForeignKey(import_.c.id), nullable=False, index=True),
    Column("line", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("row", Text, nullable=False),
)
plan = Table(
    "plan",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("district", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("made_by", Text, nullable=False, server_default=text("CURRENT_USER")),
    Column("data_version", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("upper_bound", Double, nullable=False),
    Column("settings", JSONB, nullable=False),
)
plan_site = Table(
    "plan_site",
    metadata,
    Column("plan_id", BigInteger, ForeignKey(plan.c.id, ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("layer", Text, nullable=False),
    Column("cost_krw", BigInteger),
    Column("households", JSONB, nullable=False),  # gained, by need
    _geometry(nullable=False),
)
proposal_round = Table(
    "proposal_round",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False, server_default=text("CURRENT_USER")),
    Column("data_version", BigInteger, nullable=False),
    Column("round", JSONB, nullable=False),
)
proposal = Table(
    "proposal",
    metadata,
    Column("round_id", BigInteger, ForeignKey(proposal_round.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("stage", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("score", Double),
    Column("reason", Text, nullable=False),
    _geometry(),
)
api_key = Table(
    "api_key",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key_id", Text, nullable=False, unique=True),  # what lists and logs name it by
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),  # sha256; the key itself is shown once and not kept
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("revoked_at", DateTime(timezone=True)),
)
command = Table(
    "command",
    metadata,
    Column("digest", Text, primary_key=True),  # of all that the outcome of an import command depends on
    Column("said", Text, nullable=False),  # its reports, as JSON in their order
    Column("imports", ARRAY(BigInteger), nullable=False),  # the records it wrote or found: while they stand, so does it
    Column("ground", ARRAY(BigInteger), nullable=False),  # the records of the boundaries of then
)
