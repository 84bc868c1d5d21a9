"""The points of an answer, put together by compiled code: what was encoded beforehand, copied one after the other."""

import numpy as np

from geo.kernels import Bytes, Ints, brief_kernel

UNSETTLED = 3  # the open state of hours nobody has asked about at this minute


def join_points(
    found: tuple[Ints, Ints], points: tuple[Bytes, Ints, Ints], states: Bytes, ends: tuple[Bytes, Ints], size: int
) -> bytes | None:
    """Return the objects of the points found, one after the other with commas between.

    Parameters
    ----------
    found
        Rows and whole metres, int64 (k,).
    points
        The points' objects without their ends, where each begins (n + 1,), the number of each one's hours (n,).
    states
        Open state of each hours' number, :data:`UNSETTLED` where not known yet.
    ends
        How objects end, for state 0 at 0 m, 1 m … then state 1 …; where each begins.
    size
        Bytes that are certainly enough.

    Returns
    -------
    None where a point's state is unsettled.
    """
    out = np.empty(size, np.uint8)
    length = _join(found[0], found[1], points, states, ends, out)
    return None if length < 0 else out[:length].tobytes()


@brief_kernel
def _join(
    rows: Ints, metres: Ints, points: tuple[Bytes, Ints, Ints], states: Bytes, ends: tuple[Bytes, Ints], out: Bytes
) -> int:
    """Fill ``out`` and return its length, -1 where a state is unsettled."""
    features, begins, hour_of = points
    texts, text_begins = ends
    per_state = (text_begins.size - 1) // 3
    # Unsigned indices spare the test for negative ones, so that the loops copy many bytes at a time.
    at, one = np.uint64(0), np.uint64(1)
    for k in range(rows.size):
        state = states[hour_of[rows[k]]]
        if state == 3:
            return -1
        if k:
            out[at] = 44  # a comma
            at += one
        begin, end = np.uint64(begins[rows[k]]), np.uint64(begins[rows[k] + 1])
        for i in range(end - begin):
            out[at + i] = features[begin + i]
        at += end - begin
        text = state * per_state + metres[k]
        begin, end = np.uint64(text_begins[text]), np.uint64(text_begins[text + 1])
        for i in range(end - begin):
            out[at + i] = texts[begin + i]
        at += end - begin
    return np.int64(at)
