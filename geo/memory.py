"""What one analysis takes over from those before it, where nothing that it rests on has changed."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

_T = TypeVar("_T")


class Memory:
    """The last things worked out, by the very objects they rest on; at most ``most`` of them (0: nothing is kept).

    Objects are told apart by identity and held as long as what rests on them, so that no other can take their place.
    What is kept is shared: nobody may change it. One thread at a time.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, tuple[tuple[object, ...], object]] = OrderedDict()

    def get(self, what: str, objects: tuple[object, ...], values: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was made of these objects and values, made now if it is not kept."""
        if self.most == 0:
            return make()
        key = (what, *map(id, objects), values)
        if key not in self._kept:
            self._kept[key] = (objects, make())
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return cast("_T", self._kept[key][1])
