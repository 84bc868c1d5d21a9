"""Things kept by the objects they rest on."""

import gc
import weakref

import numpy as np

from geo.memory import Memory


def test_what_is_kept_is_bounded_and_told_apart_by_the_object():
    memory, made, ground, a, b = Memory(2), [], (np.zeros(2),), np.zeros(1), np.zeros(1)
    for thing in (a, a, b, a):
        memory.get("x", ground, (thing,), 1, lambda: made.append(1) or len(made))
    assert len(made) == 2
    assert memory.get("x", ground, (a,), 2, lambda: "other") == "other"
    assert memory.get("x", ground, (b,), 1, lambda: "forgotten") == "forgotten"


def test_a_ground_goes_with_all_that_was_found_on_it():
    memory, grounds = Memory(50, grounds=2), [(np.zeros(1),) for _ in range(4)]
    for ground in grounds:
        for value in range(5):
            memory.get("x", ground, (), value, lambda: "found")
    gone = [weakref.ref(ground[0]) for ground in grounds]
    del ground, grounds
    gc.collect()
    assert [ref() is None for ref in gone] == [True, True, False, False]


def test_equal_grounds_are_not_the_same():
    memory, one, other = Memory(5, grounds=2), (np.zeros(1),), (np.zeros(1),)
    assert memory.get("x", one, (), 1, lambda: "one") == "one"
    assert memory.get("x", other, (), 1, lambda: "other") == "other"
    assert memory.get("x", one, (), 1, lambda: "anew") == "one"


def test_nothing_is_kept_where_nothing_may_be():
    memory = Memory(0)
    assert [memory.get("x", (), (), 1, lambda n=n: n) for n in range(2)] == [0, 1]
