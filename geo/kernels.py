"""The compiled loops: numba, compiled at the first call and never at import.

Compiled code is kept in a writable cache folder of the user (or in ``NUMBA_CACHE_DIR``, if the user set it).
Where there is none, kernels are compiled afresh in each process: slower to start, nothing else. Kernels
check nothing: the modules that call them do, and pass arrays that are C-contiguous and writable, since numba
would compile once more for every other layout.
"""

import functools
import tempfile
import threading
import types
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.crs import Floats

Bytes = NDArray[np.uint8]
Ints32 = NDArray[np.int32]
Ints = NDArray[np.int64]
Disc = tuple[Bytes, bool, int, Ints32, Ints32, Ints32]
Window = tuple[int, int, int, int]  # first row, first column, rows, columns

# Cover 1 as a byte. Not 255: half of it, each of eight samples, and every tenth are whole numbers, so that a cap of
# 0.5 is exactly 0.5 and no place falls below a threshold by rounding.
FULL = 240

_P = ParamSpec("_P")
_R = TypeVar("_R")
_settings_lock = threading.Lock()


def cache_folder() -> str | None:
    """Return the folder compiled kernels are kept in, or None where no such folder can be written."""
    import platformdirs  # noqa: PLC0415 - nothing at import

    own = _numba().config.CACHE_DIR
    if own:
        return str(own)
    folder = platformdirs.user_cache_path("ansim-map", appauthor=False) / "kernels"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except OSError:
        return None


def _numba() -> Any:  # noqa: ANN401 - numba's settings have no types
    import numba  # noqa: PLC0415 - a third of a second

    return numba


class Kernel(Generic[_P, _R]):
    """A function that is compiled when it is first called."""

    def __init__(self, function: Callable[_P, _R], *, brief: bool = False) -> None:
        self._function = function
        self._brief = brief
        self._compiled: Callable[_P, _R] | None = None
        functools.update_wrapper(self, function)

    @property
    def compiled(self) -> Callable[_P, _R] | None:
        """What runs, once it has run: calling it spares the way through here. None before."""
        return self._compiled

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run the compiled function, compiling it or loading it from the cache if this is the first call."""
        compiled = self._compiled or self._compile(cached=True)
        try:
            result = compiled(*args, **kwargs)
        except OSError:  # the cache could not be read or written (disk full, folder gone); the loop has not run
            compiled = self._compile(cached=False)
            result = compiled(*args, **kwargs)
        self._compiled = compiled
        return result

    def _compile(self, *, cached: bool) -> Callable[_P, _R]:
        numba = _numba()
        options: dict[str, Any] = {"nogil": not self._brief, "error_model": "numpy"}
        compiled: Callable[_P, _R]
        function = self._with_compiled_callees(cached=cached)
        with _settings_lock:
            folder = cache_folder() if cached else None
            if folder is not None:
                # Set for this function alone: other libraries keep their compiled code where they did.
                before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, folder
                try:
                    compiled = numba.njit(cache=True, **options)(function)
                except (OSError, RuntimeError):  # RuntimeError: numba found no folder it can write
                    pass
                else:
                    return compiled
                finally:
                    numba.config.CACHE_DIR = before
        compiled = numba.njit(**options)(function)
        return compiled

    def _with_compiled_callees(self, *, cached: bool) -> Callable[_P, _R]:
        """Return the function with the kernels of its module that it calls compiled, so that it may call them."""
        function: Any = self._function
        called = {name: function.__globals__.get(name) for name in function.__code__.co_names}
        callees = {name: other._compile(cached=cached) for name, other in called.items() if isinstance(other, Kernel)}  # noqa: SLF001
        if not callees:
            return self._function
        copy = types.FunctionType(function.__code__, {**function.__globals__, **callees}, function.__name__)
        return functools.update_wrapper(copy, function)


def kernel(function: Callable[_P, _R]) -> Kernel[_P, _R]:
    """Make a function a :class:`Kernel`: a loop over arrays, in the part of Python that numba compiles.

    A kernel may call the kernels of its own module (the compiler's cache watches one file).
    """
    return Kernel(function)


def brief_kernel(function: Callable[_P, _R]) -> Kernel[_P, _R]:
    """Make a function a :class:`Kernel` that holds Python's lock: for work of some microseconds.

    Where another thread waits for the lock, as a server's does, giving it up and getting it back takes longer.
    """
    return Kernel(function, brief=True)


@kernel
def mean_disc_values(
    out: Bytes, first_column: Ints32, phases: int, full: float, none: float, scale: float, samples: int
) -> None:
    """Fill a table of graded disc rows, see :class:`geo.discs.DiscTable`.

    Each value is the mean over a pixel of the cover function: 1 up to ``full``, linear to 0 at ``none``
    (pixels). Pixels that hold a kink of it are sampled ``samples`` x ``samples`` times; elsewhere the function
    is linear in the distance, whose mean over a unit square is r + 1 / (24 r) but for terms in 1 / r**3.
    Times ``scale``, in steps of 1 / ``FULL``, and nowhere above ``scale``.
    """
    most = np.floor(FULL * scale + 1e-9)
    slope = 1.0 / max(none - full, 1e-9)
    half_diagonal = 0.7072
    for kx in range(out.shape[0]):
        for j in range(out.shape[1]):
            dy = j / phases
            for m in range(out.shape[2]):
                dx = m + first_column[kx] + 0.5 - kx / phases
                r = np.sqrt(dx * dx + dy * dy)
                value = 0.0
                if r <= full - half_diagonal:
                    value = 1.0
                elif full + half_diagonal <= r <= none - half_diagonal and r > 3.0:
                    value = (none - r - 1.0 / (24.0 * r)) * slope
                elif r < none + half_diagonal:
                    for b in range(samples):
                        sy = dy - 0.5 + (b + 0.5) / samples
                        for a in range(samples):
                            sx = dx - 0.5 + (a + 0.5) / samples
                            value += min(max((none - np.sqrt(sx * sx + sy * sy)) * slope, 0.0), 1.0)
                    value /= samples * samples
                out[kx, j, m] = np.uint8(min(np.floor(FULL * scale * value + 0.5), most))


@kernel
def bucket_points(
    x: Floats,
    y: Floats,
    origin: tuple[float, float],
    phases: int,
    pixel_m: float,
    reach: int,
    shift: int,
    extent: tuple[int, int],
) -> tuple[Ints, Ints32, Ints32]:
    """Sort points by the tiles they reach into (counting sort; a point near an edge is in several tiles).

    ``origin`` is the raster's south-west corner; ``reach`` and ``extent`` = (rows, columns) of the raster are in
    sub-pixels (``phases`` a pixel edge); a tile has ``1 << shift`` sub-pixels along an edge.

    Returns ``start`` (tiles + 1,), and the sub-pixel column and row of the points of tile t in
    ``[start[t]:start[t + 1]]``. Within a tile points keep their order. Points that reach no tile are left out.
    """
    x0, y0 = origin
    rows = ((extent[0] - 1) >> shift) + 1
    columns = ((extent[1] - 1) >> shift) + 1
    # No point beyond these: the columns of a disc are not cut, and would run over the buffer's padding.
    u_max = float(extent[1] + reach)
    v_max = float(extent[0] + reach)
    start = np.zeros(rows * columns + 2, np.int64)
    u = np.empty(0, np.int32)
    v = np.empty(0, np.int32)
    for sweep in range(2):  # first count (tile t's in start[t + 2]), then put in place (the next at start[t + 1])
        if sweep == 1:
            start = np.cumsum(start)
            u = np.empty(start[-1], np.int32)
            v = np.empty(start[-1], np.int32)
        for i in range(x.size):
            at_u = np.floor((x[i] - x0) * phases / pixel_m + 0.5)
            at_v = np.floor((y[i] - y0) * phases / pixel_m + 0.5)
            if at_u < -reach or at_u > u_max or at_v < -reach or at_v > v_max:
                continue
            iu = int(at_u)
            iv = int(at_v)
            for row in range(max((iv - reach) >> shift, 0), min((iv + reach) >> shift, rows - 1) + 1):
                for column in range(max((iu - reach) >> shift, 0), min((iu + reach) >> shift, columns - 1) + 1):
                    slot = row * columns + column + 2 - sweep
                    if sweep == 1:
                        u[start[slot]] = iu
                        v[start[slot]] = iv
                    start[slot] += 1
    return start[:-1], u, v


@kernel
def stamp_discs(buffer: Bytes, corner: tuple[int, int], u: Ints32, v: Ints32, disc: Disc) -> None:
    """Combine ``buffer`` with the disc of every point: by maximum, or by OR if the disc is of bits.

    ``buffer[0, 0]`` is pixel ``corner`` = (row, column) of the raster; rows are cut to the buffer, columns are
    not: the caller pads them. ``u``, ``v`` are sub-pixel columns and rows, ``1 << shift`` a pixel. ``disc`` is
    (rows, bits, shift, first_column, first_row, last_row) of a :class:`geo.discs.DiscTable`.
    """
    row0, column0 = corner
    table, bits, shift, first_column, first_row, last_row = disc
    flat = buffer.ravel()
    discs = table.ravel()
    stride = buffer.shape[1]
    width = np.uint64(table.shape[2])
    phase = (1 << shift) - 1
    half = 1 << shift >> 1
    middle = table.shape[1] >> 1
    for i in range(u.size):
        kx = u[i] & phase
        ky = v[i] & phase
        column = (u[i] >> shift) + first_column[kx] - column0
        row = (v[i] >> shift) - row0
        for r in range(max(row + first_row[ky], 0), min(row + last_row[ky], buffer.shape[0] - 1) + 1):
            offset = ((r - row) << shift) + half - ky
            offset = offset + middle if bits else abs(offset)
            # Unsigned indices spare the test for negative ones, so that the loops become SIMD instructions.
            to = np.uint64(r * stride + column)
            at = np.uint64((kx * table.shape[1] + offset) * table.shape[2])
            if bits:
                for k in range(np.uint64(0), width):
                    flat[to + k] |= discs[at + k]
            else:
                for k in range(np.uint64(0), width):
                    flat[to + k] = max(flat[to + k], discs[at + k])


@kernel
def bits_to_cover(words: NDArray[np.uint64]) -> None:
    """Turn each byte, eight samples of a pixel, into cover: ``FULL`` x the share of bits set. In place.

    Eight bytes at a time; the count of bits is the usual sum of halves (Warren, Hacker's Delight, 5-1).
    """
    for i in range(words.size):
        w = words[i]
        w = w - ((w >> np.uint64(1)) & np.uint64(0x5555555555555555))
        w = (w & np.uint64(0x3333333333333333)) + ((w >> np.uint64(2)) & np.uint64(0x3333333333333333))
        w = (w + (w >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        words[i] = w * np.uint64(FULL // 8)  # no byte carries into the next: eight bits are FULL


@kernel
def sum_window(buffer: Bytes, column: int, rows: int, columns: int) -> int:
    """Return the sum of ``buffer[:rows, column:column + columns]``."""
    total = np.uint64(0)
    for r in range(rows):
        line = buffer[r, column : column + columns]
        for k in range(line.size):
            total += np.uint64(line[k])
    return int(total)


@kernel
def add_to_cells(
    sums: Ints,
    values: Bytes,
    first: int,
    window: Window,
    mask: Bytes,
    masked: bool,  # noqa: FBT001 - kernels take positions
    per_cell: int,
) -> None:
    """Add a window of the raster to the cells its pixels lie in.

    ``values[0, first]`` is the window's first pixel. ``sums`` is (rows, columns) of cells, ``per_cell`` pixels an
    edge. If ``masked``, only pixels where ``mask`` (the whole raster) is not 0 count.
    """
    row0, column0, rows, columns = window
    for r in range(rows):
        row = row0 + r
        c = column0
        while c < column0 + columns:
            cell = c // per_cell
            end = min((cell + 1) * per_cell, column0 + columns)
            line = values[r, first + c - column0 : first + end - column0]
            total = np.int64(0)
            if masked:
                counts = mask[row, c:end]
                for k in range(line.size):
                    if counts[k] != 0:
                        total += np.int64(line[k])
            else:
                for k in range(line.size):
                    total += np.int64(line[k])
            sums[row // per_cell, cell] += total
            c = end


@kernel
def fill_polygons(  # noqa: C901 - one loop nest
    out: NDArray[Any],
    first: int,
    window: Window,
    rings: tuple[Floats, Ints, Ints, Ints],
    value: NDArray[Any],
    hit: Bytes,
    scratch: Bytes,
) -> None:
    """Raise to ``value[p]`` the pixels whose centre lies in polygon p (even-odd), where they are lower.

    ``out[0, first]`` is the window's first pixel. ``rings`` is (points, ring_start, polygon_start, box) of
    :class:`geo.raster.Rings`. ``hit[p]`` becomes 1 where a pixel of the window was in polygon p. ``scratch``
    holds at least columns + 1 bytes.

    A centre on an edge belongs to the polygon east or north of it, and the crossing of an edge with a row does
    not depend on the edge's direction: polygons that share edges share out the pixels, none twice, none lost.
    """
    row0, column0, rows, columns = window
    points, ring_start, polygon_start, box = rings
    for p in range(polygon_start.size - 1):
        row_lo, row_hi = max(row0, box[p, 0]), min(row0 + rows, box[p, 2])
        column_lo, column_hi = max(column0, box[p, 1]), min(column0 + columns, box[p, 3])
        if row_lo >= row_hi or column_lo >= column_hi:
            continue
        width = column_hi - column_lo + 1  # one more: crossings east of the window
        block = scratch.size // width
        for bottom in range(row_lo, row_hi, block):
            top = min(bottom + block, row_hi)
            scratch[: (top - bottom) * width] = 0
            # Mark in each row the first centre at or past every crossing; the running parity is "inside".
            for ring in range(polygon_start[p], polygon_start[p + 1]):
                for e in range(ring_start[ring], ring_start[ring + 1] - 1):
                    low, high = (e, e + 1) if points[e, 1] <= points[e + 1, 1] else (e + 1, e)
                    x_low, y_low = points[low, 0], points[low, 1]
                    y_high = points[high, 1]
                    for r in range(max(bottom, int(np.floor(y_low - 0.5))), min(top, int(np.ceil(y_high)) + 1)):
                        y = r + 0.5
                        if y_low <= y < y_high:
                            x = x_low + (y - y_low) * ((points[high, 0] - x_low) / (y_high - y_low))
                            c = min(max(int(np.ceil(x - 0.5)), column_lo), column_hi)
                            scratch[(r - bottom) * width + c - column_lo] ^= 1
            for r in range(bottom, top):
                inside = 0
                to = first + column_lo - column0
                for c in range(width - 1):
                    inside ^= scratch[(r - bottom) * width + c]
                    if inside:
                        hit[p] = 1
                        out[r - row0, to + c] = max(out[r - row0, to + c], value[p])
