"""The one function that combines the cover of several needs (domain.md 4)."""

from collections.abc import Sequence

import numpy as np

from geo.errors import BadSettingError
from geo.model import Floats


def combine(cover: Floats, weights: Sequence[float], method: str = "product") -> Floats:
    """Combine covers into one score in 0..1: a score from priors, not a measure of crime.

    Parameters
    ----------
    cover
        float64 (k, n): cover 0..1 of k needs taking part, in n places. An off-duty need is a row of 0,
        so that it stays in the divisor.
    weights
        k weights, 0..1. All zero (only needs shown on their own were asked for): equal weights.
    method
        ``product``: (1 - prod(1 - w c)) / (1 - prod(1 - w)). ``sum``: sum(w c) / sum(w).

    Returns
    -------
    float64 (n,); NaN everywhere if no need takes part.

    Raises
    ------
    BadSettingError
        Unknown method, a weight outside 0..1, or not one weight a need.
    """
    w = np.asarray(weights, float)
    cover = np.atleast_2d(np.asarray(cover, float))
    if len(w) == 0:
        return np.full(cover.shape[-1], np.nan)
    if w.shape != (cover.shape[0],):
        raise BadSettingError(f"필요 {cover.shape[0]}개에 가중치 {len(w)}개", "필요마다 가중치를 하나씩 주십시오")
    if not ((w >= 0) & (w <= 1)).all():
        raise BadSettingError("가중치는 0에서 1 사이여야 합니다", "예: --weight lit=0.3")
    if not w.any():
        w = np.full(len(w), 1.0 / len(w))
    if method == "product":
        return np.asarray((1.0 - np.prod(1.0 - w[:, None] * cover, axis=0)) / (1.0 - np.prod(1.0 - w)))
    if method == "sum":
        return np.asarray(w @ cover / w.sum())
    raise BadSettingError(f"모르는 결합 방법: {method}", "product 또는 sum")
