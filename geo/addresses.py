"""Many arrays handed to a compiled loop as one: a book of where they lie.

Taking an array costs a compiled loop a tenth of a microsecond; what asks some microseconds' work of a dozen arrays pays
as much for taking them. Whoever makes a book must hold its arrays as long: an address does not.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from geo.crs import Floats
from geo.kernels import Bytes, Ints, Ints32, Kernel


def book_of(arrays: Sequence[Any]) -> Ints:
    """Return int64 (k, 4): address and lengths along three axes (1 past the last) of C-contiguous arrays."""
    rows = []
    for array in arrays:
        if not array.flags.c_contiguous or array.ndim > 3:
            raise AssertionError
        rows.append((array.ctypes.data, *array.shape, *(1,) * (3 - array.ndim)))
    return np.array(rows, np.int64)


class _At(Kernel[[int, int], Any]):
    """Makes the array of so many numbers that lie at an address; for compiled loops alone."""

    def __init__(self, kind: str) -> None:
        super().__init__(self._nowhere, brief=True)
        self._kind = kind

    @staticmethod
    def _nowhere(_address: int, _n: int) -> Any:  # noqa: ANN401 - of any kind
        raise AssertionError

    def _compile(self, *, cached: bool) -> Callable[[int, int], Any]:  # noqa: ARG002 - kept with the loop that calls it
        import numba as module  # noqa: PLC0415 - a third of a second
        from numba.extending import intrinsic  # noqa: PLC0415

        numba: Any = module  # it has no types
        pointer = numba.types.CPointer(getattr(numba.types, self._kind))

        def typed(_typing: Any, address: Any) -> Any:  # noqa: ANN401 - numba's own have no types
            def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ANN401
                return builder.inttoptr(given[0], context.get_value_type(signature.return_type))

            return pointer(address), code

        as_pointer: Any = intrinsic(typed)
        carray = numba.carray

        def made(address, n):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
            return carray(as_pointer(address), n)

        compiled: Callable[[int, int], Any] = numba.njit(error_model="numpy")(made)
        return compiled


floats_at: Callable[[int, int], Floats] = _At("float64")
ints_at: Callable[[int, int], Ints] = _At("int64")
ints32_at: Callable[[int, int], Ints32] = _At("int32")
bytes_at: Callable[[int, int], Bytes] = _At("uint8")
