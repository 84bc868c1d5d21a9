"""Classes and colours of shaded areas: sequential, one hue, told apart by people who see few colours.

Lightness falls evenly from class to class (ColorBrewer's Purples and a grey-green of the same steps,
Harrower and Brewer 2003), so that the order survives colour-blindness and a black-and-white print. Purple
and grey-green are no colour of the Okabe-Ito markers that stand on them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.model import Floats

DENSITY_COLOURS = ("#f0ecf6", "#d6cce6", "#b5a4d1", "#8f78b7", "#674a97")
COVER_COLOURS = ("#f3f6ea", "#d3e2c4", "#a5c7a5", "#6fa38c", "#3b7a72")
COVER_BREAKS = (20.0, 40.0, 60.0, 80.0)
UNSHADED = -1


@dataclass(frozen=True)
class Ramp:
    """Class limits (ascending, one fewer than classes) and the classes' colours."""

    breaks: tuple[float, ...]
    colours: tuple[str, ...]

    def classes_of(self, values: Floats) -> NDArray[np.int64]:
        """Return the class of each value, int64 (n,): a limit belongs to the class above; -1 for NaN."""
        index = np.searchsorted(np.asarray(self.breaks, float), values, side="right")
        return np.where(np.isnan(values), UNSHADED, index)


def quantile_ramp(values: Floats, colours: tuple[str, ...] = DENSITY_COLOURS) -> Ramp:
    """Return a ramp whose classes hold about equally many of the values (NaN and 0 left out).

    Limits are rounded to two significant figures, so that a legend can be read; limits that fall
    together are one, and the ramp keeps its ends: fewer classes, still from lightest to darkest.
    """
    used = values[np.isfinite(values) & (values > 0)]
    if used.size == 0:
        return Ramp((), colours[:1])
    limits = np.quantile(used, np.linspace(0, 1, len(colours) + 1)[1:-1])
    scale = 10.0 ** (np.floor(np.log10(limits)) - 1)
    limits = np.unique(np.round(np.round(limits / scale) * scale, 6))
    limits = limits[(limits > used.min()) & (limits <= used.max())]
    picks = np.rint(np.linspace(0, len(colours) - 1, len(limits) + 1)).astype(int) if len(limits) else [2]
    return Ramp(tuple(limits.tolist()), tuple(colours[min(i, len(colours) - 1)] for i in picks))


COVER_RAMP = Ramp(COVER_BREAKS, COVER_COLOURS)
