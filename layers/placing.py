"""The candidates of every layer a planner asks for: the land they may stand on is worked out once for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geo.model import Places
from layers.candidates import Asked, Land, places_for
from layers.catalog import Catalog
from layers.land import named_land
from layers.snapshot import Snapshot
from layers.store import Store

GAPS = "gaps"


@dataclass(frozen=True)
class Placing:
    """A district, or several together, as places are looked for in it.

    ``gaps`` returns the land of its gap areas (EPSG:5179), which is analysis: it is called once at most, and only
    where a grid is to be laid over it. ``gap`` returns that of the gap area of a rank (``gap:1``). Both may raise.
    """

    store: Store
    snapshot: Snapshot
    catalog: Catalog
    district: str | Sequence[str]  # code, or codes
    gaps: Callable[[], Land]
    gap: Callable[[int], Land] | None = None

    def places(self, asked: Sequence[Asked]) -> list[Places]:
        """Return the candidates of each layer, in the order asked.

        Within ``gaps`` (:attr:`Asked.within`) points on a grid are laid over the gap areas and stored places are taken
        in the whole district; within other land both are taken there.

        Raises
        ------
        CandidateError, LandError
            As :func:`layers.candidates.places_for` and :func:`layers.land.named_land`.
        """
        lands: dict[str, Land] = {}

        def land(word: str) -> Land:
            if word not in lands:
                lands[word] = self._land(word)
            return lands[word]

        found = []
        for one in asked:
            whole = land("district" if one.within == GAPS else one.within)
            grid = land(one.within) if any(source.startswith("grid:") for source in one.places) else whole
            found.append(places_for(one, self.store, self.snapshot, self.catalog, whole, grid))
        return found

    def _land(self, word: str) -> Land:
        if word == GAPS:
            return self.gaps()
        rank = gap_rank(word)
        if rank and self.gap is not None:
            return self.gap(rank)
        return named_land(word, self.snapshot, self.catalog, self.district)


def gap_rank(word: str) -> int:
    """Return the rank in ``gap:1``, 0 where the word is no gap area."""
    number = word.removeprefix("gap:")
    return int(number) if word != number and number.isascii() and number.isdigit() and len(number) < 6 else 0
