import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.combine import combine
from geo.errors import BadSettingError

share = st.floats(0, 1)


def test_product_by_hand():
    # (1 - (1 - .3*1)(1 - .2*.5)) / (1 - .7*.8) = (1 - .7*.9) / (1 - .56) = .37 / .44
    assert combine(np.array([[1.0], [0.5]]), [0.3, 0.2])[0] == pytest.approx(0.37 / 0.44)


def test_sum_by_hand():
    assert combine(np.array([[1.0], [0.5]]), [0.3, 0.2], "sum")[0] == pytest.approx((0.3 + 0.1) / 0.5)


def test_off_duty_need_stays_in_the_divisor():
    assert combine(np.array([[1.0], [0.0]]), [0.3, 0.1])[0] == pytest.approx(0.3 / (1 - 0.7 * 0.9))


def test_one_need_is_itself_whatever_its_weight():
    cover = np.array([[0.0, 0.25, 1.0]])
    for weight in (0.0, 0.1, 1.0):
        assert combine(cover, [weight])[:] == pytest.approx(cover[0])


def test_no_need_is_no_number():
    assert np.isnan(combine(np.empty((0, 3)), [])).all()


@pytest.mark.parametrize(
    ("weights", "method", "said"),
    [([1.2], "product", "0에서 1"), ([0.3, 0.3], "product", "하나씩"), ([0.3], "max", "모르는")],
)
def test_bad_settings(weights, method, said):
    with pytest.raises(BadSettingError, match=said):
        combine(np.array([[0.5]]), weights, method)


@given(st.lists(st.tuples(share, share), min_size=1, max_size=6), st.sampled_from(["product", "sum"]))
def test_stays_between_0_and_1_and_full_cover_is_1(pairs, method):
    cover = np.array([[c] for c, _ in pairs])
    weights = [w for _, w in pairs]
    if max(weights) < 1e-9:
        weights = [0.0] * len(weights)
    assert -1e-9 <= combine(cover, weights, method)[0] <= 1 + 1e-9
    assert combine(np.ones_like(cover), weights, method)[0] == pytest.approx(1)
    assert combine(np.zeros_like(cover), weights, method)[0] == pytest.approx(0)


@given(st.lists(st.tuples(share, share, share), min_size=1, max_size=5))
def test_more_cover_never_combines_to_less(triples):
    low = np.array([[min(a, b)] for a, b, _ in triples])
    high = np.array([[max(a, b)] for a, b, _ in triples])
    weights = [w if w > 1e-9 else 0.0 for _, _, w in triples]
    assert combine(high, weights)[0] >= combine(low, weights)[0] - 1e-9
