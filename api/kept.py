"""Files made once a data version and asked for by many: made by the first, waited for by the others."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Kept:
    """The last ``most`` files, by key. A file whose making failed, or that nobody waits for any more, is not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, tuple[asyncio.Task[bytes], list[int]]] = {}

    async def get(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, bytes]]) -> bytes:
        """Return the file of a key, made by ``make`` if it is not kept. Raises what ``make`` raises."""
        if key in self._made:
            self._made.move_to_end(key)
            return self._made[key]
        if key not in self._making:
            self._making[key] = (asyncio.create_task(make()), [0])
        task, waiting = self._making[key]
        waiting[0] += 1
        try:
            made = await asyncio.shield(task)
        finally:
            waiting[0] -= 1
            if not waiting[0]:
                task.cancel()
            mine = self._making.get(key, (None,))[0] is task  # another may be making it anew after a failure
            if mine and (task.done() or not waiting[0]):
                del self._making[key]
        self._made[key] = made
        while len(self._made) > self._most:
            self._made.popitem(last=False)
        return made
