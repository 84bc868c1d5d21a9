from dataclasses import replace

import numpy as np
import pytest

from geo.district import analyse
from geo.errors import BadSettingError
from geo.model import DemandKind, Settings, Weights
from geo.stability import with_stability
from tests.geo.cases import WATCHED, X0, Y0, box, district, supply


def far_and_near(cameras):
    """One place of many households with nothing near, one of few that a camera half reaches."""
    people = Weights(
        DemandKind.GRID, X0 + np.array([50.0, 850.0]), np.full(2, Y0 + 50.0), np.array([1000.0, 30.0]), np.array([True])
    )
    return district([box(0, 0, 900, 100)], [1030.0], [supply(WATCHED, cameras)], weights=(people,))


def test_a_gap_nothing_reaches_holds_and_one_at_the_threshold_does_not():
    result = analyse(far_and_near([(870, 50)]), Settings(dense_share=1.0))
    first, *others = with_stability(result, draws=100).gaps
    assert first.stability > 0.95
    assert all(gap.stability < 0.9 for gap in others)
    assert others


def test_same_seed_same_result_and_progress_is_told():
    result = analyse(far_and_near([(870, 50)]), Settings(dense_share=1.0))
    told = []
    one = with_stability(result, draws=20, seed=3, progress=told.append)
    assert [g.stability for g in one.gaps] == [g.stability for g in with_stability(result, draws=20, seed=3).gaps]
    assert told == list(range(1, 21))


def test_no_gap_and_bad_draws():
    result = analyse(far_and_near([(50, 50), (850, 50)]), Settings(dense_share=1.0))
    assert with_stability(replace(result, gaps=()), draws=5).gaps == ()
    with pytest.raises(BadSettingError, match="추출 횟수"):
        with_stability(result, draws=0)
