"""How long the database may take, and how many connections we hold: from the environment, once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from geo.errors import BadSettingError


@dataclass(frozen=True)
class Limits:
    """Limits of the connections to the database.

    Attributes
    ----------
    pool
        Connections held at most.
    connect_s, statement_s, lock_s
        Seconds to wait for a connection, for one statement, and for another writer to finish.
    import_s
        Seconds for one statement of an import or an upgrade, which move whole files.
    """

    pool: int = 5
    connect_s: int = 10
    statement_s: int = 60
    lock_s: int = 60
    import_s: int = 900

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Limits":
        """Read ``ANSIM_DB_POOL``, ``ANSIM_DB_STATEMENT_S`` … Raises :class:`BadSettingError` for what is no count."""
        found = {}
        for item in fields(cls):
            name = f"ANSIM_DB_{item.name.upper()}"
            text = environment.get(name, "").strip()
            if text:
                if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000):
                    raise BadSettingError(f"{name}: 1 이상의 정수가 아닙니다", f"예: {name}={item.default}")
                found[item.name] = int(text)
        return cls(**found)
