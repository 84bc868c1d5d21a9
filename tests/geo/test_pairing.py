"""Pairs of least total distance, against all there are."""

from itertools import permutations

import numpy as np
import pytest

from geo.pairing import shortest_pairs


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1), (3, 5), (5, 3), (5, 5)])
def test_no_other_pairs_are_shorter_together(n, m):
    rng = np.random.default_rng(n * 10 + m)
    for _ in range(5):
        one, other = rng.uniform(0, 100, (n, 2)), rng.uniform(0, 100, (m, 2))
        first, second, ways = shortest_pairs(one, other)
        assert len(set(first.tolist())) == len(set(second.tolist())) == len(ways) == min(n, m)
        np.testing.assert_allclose(ways, np.hypot(*(one[first] - other[second]).T))
        few, many = (one, other) if n <= m else (other, one)
        every = [
            sum(np.hypot(*(few[i] - many[k])) for i, k in enumerate(order))
            for order in permutations(range(len(many)), len(few))
        ]
        assert ways.sum() == pytest.approx(min(every))
