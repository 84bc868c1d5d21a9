"""The system of a file's plane coordinates: as it is named, or found by trial; and its axes put right."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geo.crs import METRES, transformer
from geo.model import Bools, Floats
from layers.importing.crs_trial import Trial, try_systems
from layers.importing.errors import CrsNeededError
from layers.importing.evidence import Evidence
from layers.importing.korean_crs import CANDIDATES, settled_crs

_LABEL_DOUBTED = 0.5  # a file's own label is tried against the others where fewer rows land in their district
_LABEL_DISPROVED = 0.9
_BESSEL_127 = "EPSG:2097"
_BESSEL_MODIFIED = "EPSG:5174"


@dataclass(frozen=True)
class System:
    """The system of a file's coordinates.

    Attributes
    ----------
    crs
        What pyproj takes, ``EPSG:…`` where there is a code.
    swapped
        The file has north (or latitude) where east is looked for.
    score
        See :class:`layers.importing.place.Places`.
    """

    crs: str
    swapped: bool = False
    score: float | None = None
    evidence: Evidence | None = None
    repaired: dict[str, int] = field(default_factory=dict)

    def mover(self, *, turned: bool) -> Callable[[Floats, Floats], tuple[Any, Any]]:
        """Return the function from the file's x, y to EPSG:5179; from its y, x where ``turned``."""
        to_metres = transformer(self.crs, METRES).transform
        return (lambda x, y: to_metres(y, x)) if turned else to_metres

    def to_metres(self, x: Floats, y: Floats) -> tuple[Floats, Floats, Bools]:
        """Return EPSG:5179 x, y (n,), and where the axes stood the wrong way round.

        A single row is turned where only then it lies in the district it names.
        """
        usual, other = (self.moved(x, y, turned=turned) for turned in (self.swapped, not self.swapped))
        turned = np.zeros(len(x), bool)
        if self.evidence is not None and len(self.evidence.boundaries):
            rows = np.flatnonzero(~self.evidence.in_reach(*usual) & self.evidence.in_reach(*other))
            if len(rows):  # of a file of the whole country some would land here by chance
                turned[rows] = self.evidence.in_own_district(rows, other[0][rows], other[1][rows])
        swapped = turned ^ self.swapped
        return np.where(turned, other[0], usual[0]), np.where(turned, other[1], usual[1]), swapped

    def moved(self, x: Floats, y: Floats, *, turned: bool) -> tuple[Floats, Floats]:
        """Return EPSG:5179 x, y (n,) of the file's x, y; of its y, x where ``turned``."""
        east, north = self.mover(turned=turned)(x, y)
        return np.asarray(east), np.asarray(north)


def system_of(x: Floats, y: Floats, asked: str | None, named: str, evidence: Evidence | None, file: str) -> System:
    """Return the system of plane coordinates.

    The user's word is never doubted. The file's (``named``) is, where most rows would not lie in the district they
    name and another system puts nearly all of them there; and where it is a Bessel TM of meridian 127°, which is
    written for EPSG:5174 as well. Without a word the systems are tried.

    Raises
    ------
    CrsNeededError
        See :func:`layers.importing.crs_trial.try_systems`.
    """
    if asked:
        return _with_axes(settled_crs(asked), x, y, evidence)
    if not named:
        trial = try_systems(x, y, evidence, file)
        return System(trial.crs, trial.swapped, trial.score, evidence)
    own = _with_axes(settled_crs(named), x, y, evidence)
    better = _better(own, x, y, evidence, file)
    if better is None:
        return own
    doubted = {"wrong_crs_label": int((np.isfinite(x) & np.isfinite(y)).sum())}
    return System(better.crs, better.swapped, better.score, evidence, doubted)


def _with_axes(crs: str, x: Floats, y: Floats, evidence: Evidence | None) -> System:
    """Return a known system, its axes turned for the whole file where that puts more rows where they belong."""
    usual = System(crs, evidence=evidence)
    if evidence is None:
        return usual
    rows = evidence.sample(np.isfinite(x) & np.isfinite(y))
    both = [usual.moved(x, y, turned=turned) for turned in (False, True)]
    if len(rows):
        right = [int(evidence.in_own_district(rows, east[rows], north[rows]).sum()) for east, north in both]
    else:  # nothing says where a row belongs: near the boundaries, if none would be otherwise
        near = [int(evidence.in_reach(east, north).sum()) for east, north in both]
        right = [near[0], near[1] if not near[0] else 0]
    return System(crs, swapped=right[1] > right[0], evidence=evidence)


def _better(own: System, x: Floats, y: Floats, evidence: Evidence | None, file: str) -> Trial | None:
    """Return the system the rows surely are in, if it is not the one the file names."""
    rows = evidence.sample(np.isfinite(x) & np.isfinite(y)) if evidence else np.empty(0, np.int64)
    if evidence is None or not len(rows):
        return None
    moved_x, moved_y, _ = own.to_metres(x[rows], y[rows])
    score = float(evidence.in_own_district(rows, moved_x, moved_y).mean())
    among = CANDIDATES if score < _LABEL_DOUBTED else (_BESSEL_127, _BESSEL_MODIFIED)
    if score >= _LABEL_DOUBTED and own.crs != _BESSEL_127:
        return None
    try:
        trial = try_systems(x, y, evidence, file, among)
    except CrsNeededError:
        return None
    return trial if trial.crs != own.crs and trial.score >= _LABEL_DISPROVED else None
