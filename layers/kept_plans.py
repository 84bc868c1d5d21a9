"""The plans a store keeps, by name."""

from geo.errors import AnsimError
from geo.plans import Plan
from layers.store import PlanStore


class UnknownPlanError(AnsimError):
    """No plan of that name is kept; the hint lists those there are."""

    code = "unknown_plan"


def find_plan(store: PlanStore, name: str) -> Plan:
    """Return the plan of a name. Raises :class:`UnknownPlanError` naming those there are."""
    kept = {plan.name: plan for plan in store.plans()}
    if name not in kept:
        listed = f"있는 계획: {', '.join(kept)}" if kept else "ansim sites … --name 이름 으로 먼저 저장하십시오"
        raise UnknownPlanError(f"저장된 계획이 없습니다: {name}", listed)
    return kept[name]
