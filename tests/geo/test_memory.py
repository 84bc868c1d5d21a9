"""Things kept by the objects they rest on."""

import numpy as np

from geo.memory import Memory


def test_what_is_kept_is_bounded_and_told_apart_by_the_object():
    memory, made, a, b = Memory(2), [], np.zeros(1), np.zeros(1)
    for thing in (a, a, b, a):
        memory.get("x", (thing,), 1, lambda: made.append(1) or len(made))
    assert len(made) == 2
    assert memory.get("x", (a,), 2, lambda: "other") == "other"
    assert memory.get("x", (b,), 1, lambda: "forgotten") == "forgotten"
