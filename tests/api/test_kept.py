"""Files made once for many: also where the first making fails and somebody asks again at once."""

import asyncio

import pytest

from api.kept import Kept


def test_asked_again_after_a_failure_it_is_made_once():
    made = []

    async def failing():
        await asyncio.sleep(0)
        raise ValueError

    async def good():
        made.append(1)
        await asyncio.sleep(0.01)
        return b"file"

    async def ask_twice(kept):
        with pytest.raises(ValueError, match=r"^$"):
            await kept.get("map", failing)
        return await kept.get("map", good)

    async def all_of_them():
        kept = Kept(4)
        return await asyncio.gather(*(ask_twice(kept) for _ in range(3)))

    assert asyncio.run(all_of_them()) == [b"file"] * 3
    assert made == [1]
