"""A district that is counted again and again while its facilities change: what did not change is not counted anew."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from geo.coverage import cover_raster
from geo.district import Cover, cover_of_district
from geo.frame import make_frame
from geo.model import Bools, DistrictInput, Settings, Supply
from geo.siting.gap_change import dense_of
from geo.siting.ground import Ground, make_ground
from geo.siting.recount import Recount


class Tally:
    """Covers and grounds of one district and one set of settings, with what is built or taken away.

    Rasters are made anew for the needs whose facilities changed, and for no other: that a supply is the same object
    says that its facilities are the same (``geo.siting.built`` replaces those it changes).
    """

    def __init__(self, source: DistrictInput, settings: Settings) -> None:
        self.source = source
        self.settings = settings
        self.frame = make_frame(source, settings)
        self._before = cover_of_district(source, self.frame, settings)
        self._ground: Ground | None = None
        self._others: dict[tuple[str, ...], Tally] = {}

    @cached_property
    def dense(self) -> Bools:
        """The dense cells, of which gap areas are found."""
        return dense_of(self.frame, self.settings)

    def judging(self, settings: Settings) -> "Tally":
        """Return the tally of the same district with other needs judged (``geo.siting.asking.settings_for``)."""
        if settings == self.settings:
            return self
        if settings.needs not in self._others:
            self._others[settings.needs] = Tally(self.source, settings)
        return self._others[settings.needs]

    def cover(self, later: DistrictInput) -> Cover:
        """Return the covers of the district as ``later`` has it: the same district, other facilities."""
        supplies = zip(self.source.supplies, later.supplies, strict=True)
        changed = {new.need.id for old, new in supplies if old is not new}
        if not changed:
            return self._before
        return cover_of_district(later, self.frame, self.settings, found=self._before, changed=changed)

    def change(self, earlier: DistrictInput, later: DistrictInput) -> Recount:
        """Return what the gap table finds for the district before and after, as ``recount_change`` does."""
        held = self.frame.households > 0
        households = self.frame.households[held]
        before, after = self.cover(earlier), self.cover(later)
        gained = {
            need: float(households @ (after.by_need[need] - before.by_need[need])[held]) for need in before.by_need
        }
        first, last = (float(households @ cover.combined[held]) for cover in (before, after))
        return Recount(first, last, gained, self.frame, (before, after))

    def ground(self, later: DistrictInput) -> Ground:
        """Return the ground of the district as ``later`` has it. Raises as :func:`geo.siting.ground.make_ground`."""
        first = self._ground = self._ground or make_ground(self.source, self.settings)
        old = {supply.need.id: supply for supply in self.source.supplies}
        changed = [s for s in later.supplies if s.need.id in first.needs and old[s.need.id] is not s]
        return self._raised(replace(first, source=later), changed) if changed else first

    @staticmethod
    def _raised(ground: Ground, changed: list[Supply]) -> Ground:
        ground = replace(ground, base=ground.base.copy(), cover=ground.cover.copy())
        at = np.flatnonzero(ground.point_at >= 0)
        for s in changed:
            k = ground.needs.index(s.need.id)
            raster = cover_raster(ground.frame.grid, ground.reach(s.need.id), s.x, s.y, s.zones, s.zone_cap)
            ground.base[k] = raster.ravel()[at]
            ground.cover[k] = ground.cover_of(ground.base[k])
        return ground
