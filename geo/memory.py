"""What one analysis takes over from those before it, where nothing that it rests on has changed."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

_T = TypeVar("_T")
_Objects = tuple[object, ...]


class Memory:
    """The last things worked out on the last few grounds, by the very objects they rest on.

    At most ``most`` things a ground (0: nothing is kept) and ``grounds`` of those; a ground goes with all that was
    found on it. Objects are told apart by identity and held as long as what rests on them, so that no other can take
    their place. What is kept is shared: nobody may change it. One thread at a time.
    """

    def __init__(self, most: int, grounds: int = 1) -> None:
        self.most = most
        self.grounds = grounds
        self._kept: OrderedDict[Hashable, tuple[_Objects, OrderedDict[Hashable, tuple[_Objects, object]]]] = (
            OrderedDict()
        )

    def get(self, what: str, ground: _Objects, objects: _Objects, values: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was made of these objects and values on a ground, made now if it is not kept."""
        if self.most == 0:
            return make()
        place, key = tuple(map(id, ground)), (what, *map(id, objects), values)
        found = self._kept.setdefault(place, (ground, OrderedDict()))[1]
        self._kept.move_to_end(place)
        while len(self._kept) > self.grounds:
            self._kept.popitem(last=False)
        if key not in found:
            found[key] = (objects, make())
            while len(found) > self.most:
                found.popitem(last=False)
        found.move_to_end(key)
        return cast("_T", found[key][1])
