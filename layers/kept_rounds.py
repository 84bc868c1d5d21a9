"""The calls for proposals a store keeps, by name."""

from collections.abc import Sequence

from geo.errors import AnsimError
from geo.proposals import Round
from layers.store import PlanStore


class UnknownRoundError(AnsimError):
    """No call for proposals of that name is kept; the hint lists those there are."""

    code = "unknown_round"


def find_round(store: PlanStore, name: str) -> Round:
    """Return the call of a name. Raises :class:`UnknownRoundError` naming those there are."""
    return pick_round(store.rounds(), name)


def pick_round(rounds: Sequence[Round], name: str) -> Round:
    """Return the call of a name among some. Raises :class:`UnknownRoundError` naming them."""
    made = round_named(rounds, name)
    if made is None:
        kept = [one.name for one in rounds]
        listed = (
            f"있는 공모: {', '.join(kept)}" if kept else "ansim proposals score … --name 이름 으로 먼저 채점하십시오"
        )
        raise UnknownRoundError(f"저장된 공모가 없습니다: {name}", listed)
    return made


def round_named(rounds: Sequence[Round], name: str) -> Round | None:
    """Return the call of a name among some, None where there is none."""
    return next((made for made in rounds if made.name == name), None)
