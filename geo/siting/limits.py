"""The limits of a plan: checked for clashes, and as the arrays the kernels take."""

import itertools
from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from geo.model import Bools, Floats, Ints
from geo.siting.kernels import Limits as LimitArrays
from geo.siting.model import ClashError, CostError, Group, Limits, Problem, SitingError

_UNBOUND = 1 << 40
_MOST_JOINED = 300_000  # pairs; more are left as they are
_FEW = 100


def check(problem: Problem) -> None:
    """Raise what is wrong with a problem.

    Raises
    ------
    SitingError
        No candidates, or arrays that do not fit together.
    CostError
        A cost is missing (NaN) or negative, or the budget is under the cheapest site.
    ClashError
        Limits that cannot be kept together: the message names which.
    """
    _check_arrays(problem)
    _check_money(problem)
    _check_clashes(problem)


def _check_arrays(problem: Problem) -> None:
    n, m = problem.pairs.points, problem.pairs.sites
    if m == 0:
        raise SitingError("후보지가 없습니다", "후보 파일이나 --candidates를 확인하십시오")
    if problem.weight.shape != (n,) or problem.base.shape != (n,) or problem.cost_krw.shape != (m,):
        raise ValueError(f"{n} points and {m} sites, but {problem.weight.shape}, {problem.base.shape}")
    if not (np.isfinite(problem.weight).all() and (problem.weight >= 0).all()):
        raise SitingError("가중치에 음수나 빈 값이 있습니다", "수요 자료를 확인하십시오")
    if not problem.weight.any():
        raise SitingError("수요가 없습니다", "1인가구 자료를 먼저 가져오십시오")


def _check_money(problem: Problem) -> None:
    cost, limits = problem.cost_krw, problem.limits
    if np.isnan(cost).any():
        raise CostError(
            f"비용이 없는 후보: {problem.name(int(np.flatnonzero(np.isnan(cost))[0]))}", "--cost 층=원 으로 정하십시오"
        )
    if (cost < 0).any():
        raise CostError(f"비용이 음수인 후보: {problem.name(int(np.argmin(cost)))}", "0 이상의 원으로 고치십시오")
    if limits.budget_krw is not None:
        usable = np.ones(cost.size, bool)
        usable[as_sites(limits.forbidden)] = False
        if not 0 <= limits.budget_krw < np.inf:
            raise CostError(f"예산이 잘못되었습니다: {limits.budget_krw}", "0 이상의 원으로 주십시오")
        if usable.any() and limits.budget_krw < cost[usable].min():
            raise CostError(
                f"예산 {limits.budget_krw:,.0f}원은 가장 싼 후보 {cost[usable].min():,.0f}원보다 적습니다",
                "예산을 늘리십시오",
            )
    if limits.count is not None and limits.count < 0:
        raise SitingError(f"개소 수가 잘못되었습니다: {limits.count}", "0 이상으로 주십시오")


def _check_clashes(problem: Problem) -> None:
    limits, cost = problem.limits, problem.cost_krw
    forced = as_sites(limits.forced)
    both = np.intersect1d(forced, as_sites(limits.forbidden))
    if both.size:
        raise ClashError(f"반드시 넣을 곳과 뺄 곳이 겹칩니다: {problem.name(int(both[0]))}", "둘 중 하나에서 빼십시오")
    if limits.count is not None and forced.size > limits.count:
        raise ClashError(
            f"반드시 넣을 곳 {forced.size}개가 개소 수 {limits.count}보다 많습니다", "개소 수를 늘리십시오"
        )
    if limits.budget_krw is not None and cost[forced].sum() > limits.budget_krw:
        raise ClashError(
            f"반드시 넣을 곳의 비용 {cost[forced].sum():,.0f}원이 예산 {limits.budget_krw:,.0f}원을 넘습니다",
            "예산을 늘리거나 넣을 곳을 줄이십시오",
        )
    for a, b in limits.too_near:
        if a in forced and b in forced:
            raise ClashError(
                f"반드시 넣을 두 곳이 최소 간격 안에 있습니다: {problem.name(int(a))}, {problem.name(int(b))}",
                "간격을 줄이거나 한 곳을 빼십시오",
            )
    usable = usable_sites(problem)
    for group in limits.groups:
        _check_group(group, forced, usable)
    _check_least(problem, usable)


def _check_group(group: Group, forced: Ints, usable: Bools) -> None:
    most = _UNBOUND if group.at_most is None else group.at_most
    held, open_ = np.isin(group.sites, forced).sum(), int(usable[group.sites].sum())
    if group.at_least > most:
        raise ClashError(
            f"{group.name}: 최소 {group.at_least}곳이 최대 {most}곳보다 많습니다", "둘 중 하나를 고치십시오"
        )
    if held > most:
        raise ClashError(f"{group.name}: 반드시 넣을 곳 {held}개가 최대 {most}곳을 넘습니다", "최대를 늘리십시오")
    if open_ < group.at_least:
        raise ClashError(f"{group.name}: 최소 {group.at_least}곳인데 후보는 {open_}곳입니다", "최소를 줄이십시오")


def _check_least(problem: Problem, usable: Bools) -> None:
    """Least numbers of groups that share no site must fit in the count and the budget together."""
    limits, cost = problem.limits, problem.cost_krw
    needing = [g for g in limits.groups if g.at_least]
    members = np.concatenate([g.sites for g in needing]) if needing else np.empty(0, np.int64)
    if np.unique(members).size < members.size:
        return  # the solver will tell
    least = sum(g.at_least for g in needing)
    if limits.count is not None and least > limits.count:
        raise ClashError(
            f"최소 개소의 합 {least}곳이 개소 수 {limits.count}보다 많습니다: {', '.join(g.name for g in needing)}",
            "개소 수를 늘리거나 최소를 줄이십시오",
        )
    money = sum(float(np.sort(cost[g.sites[usable[g.sites]]])[: g.at_least].sum()) for g in needing)
    if limits.budget_krw is not None and money > limits.budget_krw:
        raise ClashError(
            f"최소 개소를 채우는 데 {money:,.0f}원이 들어 예산 {limits.budget_krw:,.0f}원을 넘습니다: "
            f"{', '.join(g.name for g in needing)}",
            "예산을 늘리거나 최소를 줄이십시오",
        )


def as_sites(sites: Sequence[int] | Ints) -> Ints:
    """Return site indices as int64, each once, ascending."""
    return np.unique(np.asarray(sites, np.int64))


def usable_sites(problem: Problem) -> Bools:
    """Return which sites may be chosen at all: not forbidden, and within the whole budget."""
    usable = np.ones(problem.pairs.sites, bool)
    usable[as_sites(problem.limits.forbidden)] = False
    if problem.limits.budget_krw is not None:
        usable &= problem.cost_krw <= problem.limits.budget_krw
        usable[as_sites(problem.limits.forced)] = True
    return usable


def distinguishes(limits: Limits) -> bool:
    """Return whether limits tell sites apart other than by cost, so that none can stand for another."""
    return bool(limits.groups or limits.floors or len(limits.too_near))


def too_near(x: Floats, y: Floats, spacing_m: float) -> Ints:
    """Return the pairs of sites closer than ``spacing_m``, int64 (k, 2), for :attr:`Limits.too_near`."""
    if spacing_m <= 0:
        return np.empty((0, 2), np.int64)
    pairs = cKDTree(np.column_stack([x, y])).query_pairs(np.nextafter(spacing_m, 0.0), output_type="ndarray")
    return np.asarray(pairs, np.int64)


def cliques(near: Ints) -> tuple[Ints, Ints]:
    """Return sets of sites of which at most one may be chosen, as rows and sites, that say what all pairs say.

    Each pair lies in a set. A set of all that lie near each other says more to a linear relaxation than its pairs do.
    """
    if len(near) > _MOST_JOINED:
        return np.repeat(np.arange(len(near)), 2), near.ravel()
    around: dict[int, set[int]] = {}
    for a, b in near.tolist():
        around.setdefault(a, set()).add(b)
        around.setdefault(b, set()).add(a)
    said: set[tuple[int, int]] = set()
    row, site, rows = [], [], 0
    for a, b in sorted((min(p), max(p)) for p in near.tolist()):
        if (a, b) in said:
            continue
        inside, open_ = [a, b], around[a] & around[b]
        while open_:
            inside.append(_most_joined(open_, around) if len(open_) <= _FEW else min(open_))
            open_ &= around[inside[-1]]
        said |= set(itertools.combinations(sorted(inside), 2))
        row += [rows] * len(inside)
        site += inside
        rows += 1
    return np.array(row, np.int64), np.array(site, np.int64)


def _most_joined(open_: set[int], around: dict[int, set[int]]) -> int:
    return min(open_, key=lambda j: (-len(open_ & around[j]), j))


def keeps(problem: Problem, chosen: Ints) -> str:
    """Return what limit a plan breaks, in Korean, or '' (floors aside: they are judged on cover)."""
    limits, cost = problem.limits, problem.cost_krw
    picked = set(chosen.tolist())
    if limits.budget_krw is not None and cost[chosen].sum() > limits.budget_krw * (1 + 1e-12):
        return "예산 초과"
    if limits.count is not None and len(picked) > limits.count:
        return "개소 수 초과"
    if not set(as_sites(limits.forced).tolist()) <= picked or set(as_sites(limits.forbidden).tolist()) & picked:
        return "넣을 곳·뺄 곳 위반"
    if any(a in picked and b in picked for a, b in limits.too_near.tolist()):
        return "최소 간격 위반"
    for group in limits.groups:
        held = len(picked & set(group.sites.tolist()))
        if held < group.at_least or (group.at_most is not None and held > group.at_most):
            return f"{group.name}: {held}곳"
    return ""


def limit_arrays(problem: Problem, site: Ints) -> LimitArrays:
    """Return the limits on the sites ``site`` (original indices, ascending) as :func:`kernels.fits` takes them."""
    limits, m = problem.limits, site.size
    number = np.full(problem.pairs.sites, -1, np.int64)
    number[site] = np.arange(m)
    members = [number[g.sites][number[g.sites] >= 0] for g in limits.groups]
    of_group = np.concatenate([np.full(v.size, g) for g, v in enumerate(members)] or [np.empty(0, np.int64)])
    group_start, group = _rows(np.concatenate(members or [np.empty(0, np.int64)]), of_group, m)
    near = number[limits.too_near.ravel()].reshape(-1, 2)
    near = near[(near >= 0).all(axis=1)]
    near_start, near_site = _rows(np.concatenate([near[:, 0], near[:, 1]]), np.concatenate([near[:, 1], near[:, 0]]), m)
    locked = np.zeros(m, np.uint8)
    locked[number[as_sites(limits.forced)]] = 1
    budget = np.inf if limits.budget_krw is None else limits.budget_krw * (1 + 1e-12)
    return (
        np.array([budget]), np.zeros(1), group_start, group, np.zeros(len(members), np.int64),
        np.array([g.at_least for g in limits.groups], np.int64),
        np.array([_UNBOUND if g.at_most is None else g.at_most for g in limits.groups], np.int64),
        near_start, near_site, np.zeros(m, np.int32), locked,
    )  # fmt: skip


def _rows(row: Ints, value: Ints, rows: int) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.int32]]]:
    order = np.argsort(row, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=rows)))).astype(np.int64)
    return start, value[order].astype(np.int32)
