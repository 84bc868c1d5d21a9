"""Covering as a mixed integer program, given to HiGHS as arrays.

y_j is 1 if site j is chosen. For point i with the covers v_1 < v_2 < ... it can get above its base v_0, z_il is 1 if
it gets at least v_l: the best of the chosen covers is v_0 + sum over l of (v_l - v_(l-1)) z_il, and

    z_il <= z_i(l+1) + sum over the sites that give i exactly v_l of y_j

One row a level and one entry a pair. z need not be integer: with y integer, it is.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.kernels import FULL
from geo.model import Floats, Ints
from geo.siting.kernels import Instance
from geo.siting.limits import cliques
from geo.siting.model import ClashError, Problem, SolverError, TimeUpError
from geo.siting.reduce import Reduced

_TOLERANCE = 1e-6


@dataclass
class Program:
    """A mixed integer program being written down, row by row. The first ``integers`` columns are 0 or 1."""

    columns: int
    integers: int
    objective: Floats
    lower: Floats
    upper: Floats
    _rows: list[tuple[Ints, Ints, Floats, Floats, Floats]] = field(default_factory=list)

    def add(self, row: Ints, column: Ints, value: Floats, low: Floats, high: Floats) -> None:
        """Add ``low.size`` rows: low <= sum(value x column) <= high; ``row`` counts from 0."""
        order = np.argsort(row, kind="stable")
        counts = np.bincount(row, minlength=low.size)
        self._rows.append((counts, column[order], value[order], low, high))

    def add_one(self, column: Ints, value: Floats, low: float, high: float) -> None:
        """Add one row."""
        self.add(np.zeros(column.size, np.int64), column, value, np.array([low]), np.array([high]))

    def solve(self, seconds: float, start: Ints | None = None, nodes: int | None = None) -> "Answer":
        """Maximise. ``start``: a plan in hand, the columns that are 1. ``nodes``: at most so many.

        The number of threads is left alone: HiGHS searches a tree with one, and fails if a process asks for another
        number than before.
        """
        import highspy  # noqa: PLC0415 - nothing at import

        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        options = {
            "output_flag": False, "time_limit": max(seconds, 0.01), "mip_rel_gap": 0.0, "mip_abs_gap": 0.0,
            "random_seed": 1,
        }  # fmt: skip
        for name, value in options.items():
            solver.setOptionValue(name, value)
        if nodes is not None:
            solver.setOptionValue("mip_max_nodes", nodes)
        solver.passModel(self._as_highs(highspy))
        if start is not None:
            solver.setSolution(start.size, start.astype(np.int32), np.ones(start.size))
        solver.run()
        info, status, kind = solver.getInfo(), solver.getModelStatus(), highspy.HighsModelStatus
        if status == kind.kInfeasible:
            return Answer(None, -np.inf, -np.inf, possible=False)
        if status not in (kind.kOptimal, kind.kTimeLimit, kind.kSolutionLimit):
            raise SolverError(f"정수계획을 풀지 못했습니다: {status.name}", "조건의 크기를 확인하고 알려 주십시오")
        bound = float(info.mip_dual_bound) if self.integers else float(info.objective_function_value)
        bound = min(bound, float(np.maximum(self.objective, 0.0) @ self.upper))
        optimal, late = status == kind.kOptimal, status == kind.kTimeLimit
        if info.primal_solution_status != highspy.kSolutionStatusFeasible:
            return Answer(None, -np.inf, bound, late=late)
        values = np.asarray(solver.getSolution().col_value)
        gain = float(info.objective_function_value)
        return Answer(values, gain, bound, optimal=optimal, late=late)

    def _as_highs(self, highspy: Any) -> Any:  # noqa: ANN401 - no types
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, sum(rows[3].size for rows in self._rows)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.objective, self.lower, self.upper
        lp.row_lower_ = _joined(self._rows, 3)
        lp.row_upper_ = _joined(self._rows, 4)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(_joined(self._rows, 0)))).astype(np.int32)
        lp.a_matrix_.index_ = _joined(self._rows, 1).astype(np.int32)
        lp.a_matrix_.value_ = _joined(self._rows, 2)
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole] * self.integers + [real] * (self.columns - self.integers)
        return lp


@dataclass(frozen=True)
class Answer:
    """What the solver said: the columns (None: no plan found), their value, the bound on any.

    ``possible`` False: it is proved that there is no plan. ``late``: the time limit ended it.
    """

    columns: Floats | None
    value: float
    bound: float
    optimal: bool = False
    possible: bool = True
    late: bool = False

    def require_plan(self, seconds: float, clash: str) -> Floats:
        """Return the columns, or raise why there are none: ``clash`` only where that is proved."""
        if not self.possible:
            raise ClashError(clash, "하한·최소 개소·예산·목표 가운데 하나를 늦추십시오")
        if self.columns is None:
            raise TimeUpError(
                f"시간이 다 되었습니다: {seconds:.0f}초 안에 계획을 찾지 못했습니다 (없다는 뜻이 아닙니다)",
                "--seconds를 늘리거나 후보를 줄이십시오",
            )
        return self.columns


def _joined(rows: list[Any], part: int) -> NDArray[Any]:
    return np.concatenate([r[part] for r in rows]) if rows else np.zeros(0)


@dataclass(frozen=True)
class Levels:
    """The levels z of an instance: the point of each and what it is worth, and the pairs by level."""

    point: Ints
    worth: Floats
    pair_level: Ints
    pair_site: Ints


def levels_of(instance: Instance, sites: Ints) -> Levels:
    """Return the levels the points can get from ``sites``; ``pair_site`` counts among them."""
    start, point, value, _, _, _, weight, base = instance
    taken = np.concatenate([np.arange(start[j], start[j + 1]) for j in sites] or [np.empty(0, np.int64)])
    site = np.repeat(np.arange(sites.size), np.diff(start)[sites])
    i, v = point[taken].astype(np.int64), value[taken].astype(np.int64)
    key = i * (FULL + 1) + v
    level_key, pair_level = np.unique(key, return_inverse=True)
    at, height = np.divmod(level_key, FULL + 1)
    first = np.ones(at.size, bool)
    first[1:] = at[1:] != at[:-1]
    below = np.where(first, base[at], np.concatenate(([0], height[:-1])))
    return Levels(at, weight[at] * (height - below), pair_level, site)


def cover_program(reduced: Reduced, sites: Ints, problem: Problem) -> tuple[Program, Levels]:
    """Return the program that maximises the gain with ``sites`` (of ``reduced``), with every limit of the problem."""
    m, levels = sites.size, levels_of(reduced.instance, sites)
    count = levels.point.size
    program = Program(
        m + count, m, np.concatenate([np.zeros(m), levels.worth]), np.zeros(m + count), np.ones(m + count)
    )
    program.lower[:m] = np.isin(reduced.site[sites], np.asarray(problem.limits.forced, np.int64))
    number = np.arange(count)
    higher = number[:-1][levels.point[1:] == levels.point[:-1]]
    program.add(
        np.concatenate([number, higher, levels.pair_level]),
        np.concatenate([m + number, m + higher + 1, levels.pair_site]),
        np.concatenate([np.ones(count), -np.ones(higher.size + levels.pair_site.size)]),
        np.full(count, -np.inf), np.zeros(count),
    )  # fmt: skip
    add_limits(program, reduced, sites, problem)
    add_floors(program, reduced, levels, m, problem)
    return program, levels


def add_limits(program: Program, reduced: Reduced, sites: Ints, problem: Problem) -> None:
    """Add the budget, the number, the groups and the spacing."""
    limits, m = problem.limits, sites.size
    every = np.arange(m)
    if limits.budget_krw is not None:
        # In units of the budget: HiGHS judges rows by absolute differences.
        program.add_one(every, reduced.cost[sites] / max(limits.budget_krw, 1.0), -np.inf, min(limits.budget_krw, 1.0))
    if limits.count is not None:
        program.add_one(every, np.ones(m), -np.inf, float(limits.count))
    number = np.full(problem.pairs.sites, -1, np.int64)
    number[reduced.site[sites]] = every
    for group in limits.groups:
        inside = number[group.sites][number[group.sites] >= 0]
        most = np.inf if group.at_most is None else float(group.at_most)
        program.add_one(inside, np.ones(inside.size), float(group.at_least), most)
    near = number[limits.too_near.ravel()].reshape(-1, 2)
    near = near[(near >= 0).all(axis=1)]
    row, site = cliques(near)
    k = int(row.max(initial=-1)) + 1
    program.add(row, site, np.ones(site.size), np.full(k, -np.inf), np.ones(k))


def add_floors(program: Program, reduced: Reduced, levels: Levels, first: int, problem: Problem) -> None:
    """Add a row a floor; level l is column ``first`` + l."""
    height = levels.worth / reduced.instance[6][levels.point]  # in steps of cover
    for floor in problem.limits.floors:
        weight = floor.weights(problem)
        total = float(weight.sum())
        if total <= 0:
            continue
        missing = floor.least - float(weight @ problem.base[floor.points]) / FULL / total
        at = reduced.point[floor.points]
        counts = np.bincount(at[at >= 0], weight[at >= 0], reduced.instance[6].size) / FULL / total
        inside = np.flatnonzero(counts[levels.point] > 0)
        value = counts[levels.point[inside]] * height[inside]
        program.add_one(first + inside, value, missing - 1e-9, np.inf)


def chosen_sites(answer: Answer, sites: Ints) -> Ints:
    """Return which of ``sites`` the answer chose."""
    if answer.columns is None:
        raise ValueError("no plan was found")
    return sites[answer.columns[: sites.size] > 0.5]
