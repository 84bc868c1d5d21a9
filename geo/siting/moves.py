"""Moving existing sites: close some, open as many elsewhere, and show who loses cover."""

from dataclasses import dataclass, replace

import numpy as np

from geo.kernels import FULL
from geo.model import Floats, Ints
from geo.siting.model import Effort, Group, Problem, SitingError, Solution
from geo.siting.solve import solve


@dataclass(frozen=True)
class Moves:
    """What moves. ``lost`` float64 (n,): cover each point loses, 0..1, where it loses any."""

    solution: Solution
    closed: Ints
    opened: Ints
    lost: Floats
    lost_weight: float


def move(
    problem: Problem, existing: Ints, most_moves: int, occupancy: Floats | None = None, effort: Effort | None = None
) -> Moves:
    """Move up to ``most_moves`` of the ``existing`` sites to other candidates of the problem.

    The problem's ``base`` must not count the existing sites: they are candidates. Keeping one costs nothing; opening
    one costs its ``cost_krw``. ``occupancy`` float64, one an existing site, NaN unknown: where at least
    ``most_moves`` are known, only the sites with the lowest (ties whole) may be closed. As many are open after as
    before, at most. The bound knows how many stay (:class:`geo.siting.bound.Room`).
    """
    if not 0 <= most_moves <= existing.size:
        raise SitingError(
            f"옮길 수 {most_moves}이(가) 기존 {existing.size}곳을 벗어납니다", "0 이상 기존 개소 이하로 주십시오"
        )
    fixed = _not_movable(existing, most_moves, occupancy)
    cost = problem.cost_krw.copy()
    cost[existing] = 0.0
    keep = Group("옮기지 않는 기존 시설", existing, at_least=existing.size - most_moves)
    limits = replace(
        problem.limits,
        count=existing.size,
        forced=np.union1d(np.asarray(problem.limits.forced, np.int64), fixed),
        groups=(*problem.limits.groups, keep),
    )
    solution = solve(replace(problem, cost_krw=cost, limits=limits), effort)
    before, after = _cover(problem, existing), _cover(problem, solution.chosen)
    lost = np.maximum(before - after, 0.0)
    base_value = float(problem.weight @ before)
    return Moves(
        replace(solution, base_value=base_value),
        np.setdiff1d(existing, solution.chosen), np.setdiff1d(solution.chosen, existing),
        lost, float(problem.weight @ lost),
    )  # fmt: skip


def _not_movable(existing: Ints, most_moves: int, occupancy: Floats | None) -> Ints:
    if occupancy is None or np.isfinite(occupancy).sum() < max(most_moves, 1):
        return existing[:0]
    limit = np.sort(occupancy[np.isfinite(occupancy)])[max(most_moves, 1) - 1]
    stay: Ints = existing[~(occupancy <= limit)]
    return stay


def _cover(problem: Problem, sites: Ints) -> Floats:
    cover = problem.base.copy()
    for j in sites:
        here = slice(problem.pairs.start[j], problem.pairs.start[j + 1])
        at = problem.pairs.point[here]
        cover[at] = np.maximum(cover[at], problem.pairs.value[here])
    cover_share: Floats = cover.astype(np.float64) / FULL
    return cover_share
