"""What a working process remembers: the districts it was last asked about, so that a changed reach or hour is quick."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from api.opened import opened
from geo.memory import Memory
from geo.model import DistrictInput, Settings
from geo.stability import REACH
from layers.catalog import Catalog, load_catalog
from layers.district_input import district_input, margin_m
from layers.frozen import FrozenStore, is_frozen
from layers.hours import parse_at
from layers.snapshot import Snapshot, take_snapshot
from layers.store import Store
from layers.who import parse_who

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


@dataclass(frozen=True)
class Job:
    """An analysis of a district: where the data are (a store, or the frozen copy being served), and what is asked."""

    store: str
    catalogs: tuple[Path, ...]
    stamp: str  # of the data: another stamp is read anew
    district: str
    settings: Settings = field(default_factory=Settings)
    at: str = ""
    who: str = ""
    draws: int = 0


class Last(Generic[_K, _V]):
    """The last few things made, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[_K, _V] = OrderedDict()

    def get(self, key: _K, make: Callable[[], _V]) -> _V:
        """Return what is kept under a key, made now if nothing is."""
        if key not in self._made:
            self._made[key] = make()
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key]


_snapshots: Last[Hashable, Snapshot] = Last(4)
_inputs: Last[Hashable, DistrictInput] = Last(8)
_GROUNDS = 4
# At the usual hour, of everybody: other hours and people begin there.
_grounds: Last[Hashable, DistrictInput] = Last(_GROUNDS)
MEMORY = Memory(200, _GROUNDS)  # covers of a district's cells, some 30 KB each; they go with their ground
_LEAST_REACH = 3.0  # the longest of the page's slider, drawn for a stability: no move of it reads the store


def catalog_of(job: Job) -> Catalog:
    """Return the catalog a job is worked out with."""
    return _catalog(job.catalogs)


@lru_cache(maxsize=1)
def _catalog(files: tuple[Path, ...]) -> Catalog:
    return load_catalog(files)


def snapshot_of(job: Job) -> Snapshot:
    """Return the data round the district: as far outside as its reaches reach in."""
    catalog = catalog_of(job)
    margin = margin_m(catalog, _reach(job))
    key = (job.store, job.catalogs, job.stamp, job.district, margin)

    def make() -> Snapshot:
        with store_of(job) as store:
            return take_snapshot(store, district=job.district, margin_m=margin)

    return _snapshots.get(key, make)


def store_of(job: Job) -> AbstractContextManager[Store]:
    """Return where a job's data are, to be read."""
    if is_frozen(job.store):
        return nullcontext(FrozenStore(Path(job.store)))
    return opened(job.store, catalog_of(job))


def input_of(job: Job) -> DistrictInput:
    """Return what the analysis reads, kept from the last questions about the same district, hour and people."""
    catalog, reach = catalog_of(job), _reach(job)
    margin = margin_m(catalog, reach)

    key = (job.store, job.catalogs, job.stamp, job.district, margin)

    def usual() -> DistrictInput:
        return district_input(snapshot_of(job), catalog, job.district, reach_factor=reach)

    def make() -> DistrictInput:
        at, found = parse_at(job.at) if job.at else None, _grounds.get(key, usual)
        return district_input(
            snapshot_of(job), catalog, job.district, at=at, who=parse_who(job.who), reach_factor=reach, found=found
        )

    return _inputs.get((*key, job.at, job.who), make)


def _reach(job: Job) -> float:
    """Return the factor facilities are collected for, in whole steps: a slider does not read the store at each move."""
    return max(_LEAST_REACH, float(math.ceil(job.settings.reach_factor * (1 + REACH))))  # draws try longer ones
