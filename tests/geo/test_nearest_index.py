"""The near index: by hand, and against looking at every point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import NotMetresError
from geo.nearest_cells import build_near_index
from geo.nearest_index import UNSETTLED, Ask, Texts, near, near_joined

X, Y = 950_000.0, 1_950_000.0
TODAY = 100


def index_of(points, layers=2):
    """points: (layer, x, y, order, last_day, devices), metres from a corner. Returns the index and the points' rows."""
    columns = [np.array(column) for column in zip(*points, strict=True)] if points else [np.array([])] * 6
    layer, x, y, order, last, devices = columns
    return build_near_index(
        layer.astype(np.int64), X + x.astype(float), Y + y.astype(float), order.astype(np.int64),
        last.astype(np.int64), devices.astype(np.int64), layers=layers,
    )  # fmt: skip


def oracle(points, x, y, radius, layers, limit):
    """Every point looked at: (rows, distances), hidden, devices."""
    chosen, hidden, devices = [], [], []
    for layer in layers:
        here = [(i, p) for i, p in enumerate(points) if p[0] == layer]
        inside = [(i, p, ((p[1] - x) ** 2 + (p[2] - y) ** 2) ** 0.5) for i, p in here]
        inside = [(i, p, d) for i, p, d in inside if d <= radius]
        hidden.append(sum(p[4] < TODAY for _, p, _ in inside))
        devices.append(sum(p[5] for _, p, _ in inside))
        fresh = sorted((int(d + 0.5), p[3], i) for i, p, d in inside if p[4] >= TODAY)
        chosen += fresh[:limit]
    return [(i, d) for d, _, i in sorted(chosen)], hidden, devices


def answer(built, x, y, radius, layers, limit):
    index, rows = built
    found = near(index, X + x, Y + y, Ask(tuple(layers), radius, limit, tuple(layers), radius), TODAY)
    pairs = list(zip(rows[found.row].tolist(), found.distance_m.tolist(), strict=True))
    return pairs, found.hidden.tolist(), found.devices.tolist()


def test_by_hand():
    points = [
        (0, 30, 40, 3, TODAY, 1),  # 50 m from the origin
        (0, 50, 0, 1, TODAY, 2),  # 50 m too, comes first by its order
        (1, 0, 10, 0, TODAY - 1, 4),  # 10 m, too old
        (1, 0, 50.4, 2, TODAY, 8),  # 50 m when rounded: between the two by its order
        (1, 0, 100, 4, TODAY, 16),  # on the rim: within
        (1, 0, 100.1, 5, TODAY, 32),
    ]
    index = index_of(points)
    assert answer(index, 0, 0, 100, [0, 1], 5) == ([(1, 50), (3, 50), (0, 50), (4, 100)], [0, 1], [3, 28])
    assert answer(index, 0, 0, 100, [1], 1) == ([(3, 50)], [1], [28])


def test_no_points_and_far_away():
    assert answer(index_of([]), 0, 0, 500, [0, 1], 5) == ([], [0, 0], [0, 0])
    index = index_of([(0, 0, 0, 0, TODAY, 1)])
    for x, y in ((1e6, 0), (-1e6, 0), (0, 1e6), (0, -1e6), (1e300, 1e300)):
        assert answer(index, x, y, 500, [0, 1], 5) == ([], [0, 0], [0, 0])


def test_degrees_are_refused():
    one = np.array([0])
    with pytest.raises(NotMetresError):
        build_near_index(one, np.array([126.9]), np.array([37.5]), one, one, one, layers=1)


def test_a_country_has_few_cells():
    rng = np.random.default_rng(1)
    points = [(i % 3, *rng.uniform(0, 400_000, 2), i, TODAY, 1) for i in range(300)]
    index = index_of(points, layers=3)
    assert index[0].start.size <= 1_100_000
    for x, y in rng.uniform(0, 400_000, (20, 2)):
        assert answer(index, x, y, 40_000, [2, 0], 7) == oracle(points, x, y, 40_000, [2, 0], 7)


coordinate = st.integers(0, 40).map(lambda i: i * 15.0)  # many ties, many stacks, cell edges among them
one_point = st.tuples(st.integers(0, 2), coordinate, coordinate, st.integers(TODAY - 1, TODAY + 1), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(one_point, max_size=60), coordinate, coordinate,
    st.sampled_from([0.0, 1.0, 45.0, 100.0, 333.3, 2_000.0]), st.integers(1, 6), st.permutations([0, 1, 2]),
)  # fmt: skip
def test_like_looking_at_every_point(found, x, y, radius, limit, layers):
    points = [(layer, px, py, i * 7 % 61, last, devices) for i, (layer, px, py, last, devices) in enumerate(found)]
    index = index_of(points, layers=3)
    assert answer(index, x, y, radius, layers[:2], limit) == oracle(points, x, y, radius, layers[:2], limit)


def texts_of(count, kinds, states):
    """Texts of points by their place in the index, 'p0' 'p1' ..., and of ends, 's0 at 0;' ...: up to 3 km."""
    points = [f"p{i}{'.' * (i % 90)}".encode() for i in range(count)]
    ends = [f" s{state} at {metres};".encode() for state in range(3) for metres in range(3_001)]
    begins, end_begins = (np.cumsum([0, *map(len, some)], dtype=np.int64) for some in (points, ends))
    joined = (np.frombuffer(bytearray(b"".join(some) or b" "), np.uint8) for some in (points, ends))
    first, second = joined
    return points, Texts(first, begins, np.array(kinds, np.int64), np.array(states, np.uint8), second, end_begins)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(one_point, max_size=60), coordinate, coordinate, st.sampled_from([0.0, 45.0, 333.3, 2_000.0]),
    st.integers(1, 6), st.permutations([0, 1, 2]),
    st.lists(st.sampled_from([0, 1, 2, UNSETTLED]), min_size=4, max_size=4),
)  # fmt: skip
def test_texts_like_those_found_one_by_one(found, x, y, radius, limit, layers, states):
    points = [(layer, px, py, i * 7 % 61, last, devices) for i, (layer, px, py, last, devices) in enumerate(found)]
    index, _ = index_of(points, layers=3)
    written, texts = texts_of(len(points), [i % 4 for i in range(len(points))], states)
    ask = Ask(tuple(layers[:2]), radius, limit, tuple(layers), radius)
    one = near(index, X + x, Y + y, ask, TODAY)
    said, numbers = near_joined(index, texts, (X + x, Y + y), ask, TODAY, 120)
    assert numbers.tolist() == [*one.hidden.tolist(), *one.devices.tolist(), *one.row.tolist()]
    pairs = list(zip(one.row.tolist(), one.distance_m.tolist(), strict=True))
    if any(states[row % 4] == UNSETTLED for row, _ in pairs):
        assert said is None
    else:
        assert said == b",".join(b"%b s%d at %d;" % (written[row], states[row % 4], d) for row, d in pairs)


def test_sparse_and_dense_layers_together():
    """Where a little way does not suffice, all of it is looked at."""
    rng = np.random.default_rng(2)
    dense = [(0, *rng.uniform(0, 3_000, 2), i, TODAY, 1) for i in range(2_000)]
    sparse = [(1, *rng.uniform(0, 3_000, 2), 5_000 + i, TODAY - i % 2, 1) for i in range(12)]
    index = index_of(dense + sparse)
    for x, y in rng.uniform(0, 3_000, (40, 2)):
        for radius in (150.0, 500.0, 1_999.5):
            assert answer(index, x, y, radius, [0, 1], 5) == oracle(dense + sparse, x, y, radius, [0, 1], 5)
