"""Keys of the service by an id of their own and one role; one plan a name; what import commands came to."""

from alembic import op

revision = "0003"
down_revision = "0002"

# Nothing wrote keys before this step. A row made by hand keeps its name, and the least role.
_KEYS = """
ALTER TABLE ansim.api_key ADD COLUMN key_id text;
ALTER TABLE ansim.api_key ADD COLUMN role text;
UPDATE ansim.api_key SET key_id = lpad(to_hex(id), 8, '0'), role = 'public';
ALTER TABLE ansim.api_key ALTER COLUMN key_id SET NOT NULL;
ALTER TABLE ansim.api_key ALTER COLUMN role SET NOT NULL;
ALTER TABLE ansim.api_key ADD CONSTRAINT api_key_key_id_key UNIQUE (key_id);
ALTER TABLE ansim.api_key DROP CONSTRAINT api_key_name_key;
ALTER TABLE ansim.api_key DROP COLUMN rights;
"""
_PLANS = """
DELETE FROM ansim.plan AS older USING ansim.plan AS newer WHERE older.name = newer.name AND older.id < newer.id;
ALTER TABLE ansim.plan ADD CONSTRAINT plan_name_key UNIQUE (name);
"""
_COMMANDS = """
CREATE TABLE ansim.command (
    digest text PRIMARY KEY,
    said text NOT NULL,
    imports bigint[] NOT NULL,
    ground bigint[] NOT NULL
);
"""
# Keys are hashes, and only asked for by equality: entered in random order they cost a B-tree several times as much.
_INDEX = """
DROP INDEX ansim.facility_key;
CREATE INDEX facility_key ON ansim.facility USING hash (key) WHERE valid_to IS NULL;
"""


def upgrade() -> None:
    """Change the tables."""
    op.execute(_KEYS)
    op.execute(_PLANS)
    op.execute(_COMMANDS)
    op.execute(_INDEX)
