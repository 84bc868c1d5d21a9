"""The ground of a command that chooses sites: a district, or several joined, as read from a store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo.errors import BadSettingError
from layers.catalog import Catalog
from layers.hours import parse_at
from layers.store import PlanStore
from layers.who import parse_who

if TYPE_CHECKING:
    from geo.model import DistrictInput, Places, Settings
    from layers.candidates import Asked, Land
    from layers.snapshot import Snapshot


@dataclass(frozen=True)
class Ground:
    """A ground as read for one command: ``source`` is of all of ``districts`` together."""

    store: PlanStore
    catalog: Catalog
    snapshot: "Snapshot"
    source: "DistrictInput"
    districts: "tuple[DistrictInput, ...]"
    settings: "Settings"

    def places(self, asked: "Sequence[Asked]") -> "list[Places]":
        """Return the candidates of each layer."""
        from layers.candidates import EXCLUDED  # noqa: PLC0415 - each command loads what it needs

        found = self.found(asked)
        ids = {i for one in asked if one.not_in is None for i in one.exclude}
        if ids and not any(EXCLUDED in places.left_out for places in found):
            raise BadSettingError(
                f"--exclude {', '.join(sorted(ids)[:3])}: 그런 후보가 없어 아무것도 빼지 못했습니다",
                "후보 번호(ansim sites … --out의 site_id)나 면 파일을 주십시오",
            )
        return found

    def found(self, asked: "Sequence[Asked]") -> "list[Places]":
        """Return the candidates of each layer, whether or not what is left out is among them."""
        from layers.placing import Placing  # noqa: PLC0415

        codes = [one.code for one in self.districts]
        return Placing(self.store, self.snapshot, self.catalog, codes, self._gaps).places(asked)

    def check(self, layers: Sequence[str]) -> None:
        """Raise NoDataError where a layer's needs have no data in one of several districts."""
        from geo.joining import check_known  # noqa: PLC0415

        for layer in (self.catalog.layers[name] for name in layers) if len(self.districts) > 1 else ():
            check_known(self.districts, layer.name, layer.supplies)

    def _gaps(self) -> "Land":
        from geo.siting.gap_land import gaps_of_all  # noqa: PLC0415

        return gaps_of_all(self.districts, self.settings)


def read_ground(
    store: PlanStore, catalog: Catalog, names: Sequence[str], settings: "Settings", at: str | None, who: str
) -> Ground:
    """Return a district, or several as one ground with the needs that all have data on, ready to choose sites in.

    Districts are taken by code, so that the order in which they are named changes nothing.

    Raises
    ------
    UnknownDistrictError, NoDataError, BadSettingError
        As the reading of one district, and where several have no need in common or lie too far apart.
    """
    from geo.district import check_settings  # noqa: PLC0415
    from geo.joining import common_settings, join_districts  # noqa: PLC0415
    from geo.stability import REACH  # noqa: PLC0415
    from layers.district_input import district_input, margin_m  # noqa: PLC0415
    from layers.snapshot import find_district, take_snapshot  # noqa: PLC0415

    check_settings(settings)
    moment, people = parse_at(at) if at else None, parse_who(who)
    longest = settings.reach_factor * (1 + REACH)  # draws of the stability try longer reaches than the one asked for
    snapshot = take_snapshot(store, district=names, margin_m=margin_m(catalog, longest))
    codes = sorted({find_district(name, snapshot.districts, snapshot.dong).code for name in names})
    each = tuple(district_input(snapshot, catalog, code, at=moment, who=people, reach_factor=longest) for code in codes)
    source = join_districts(each)
    if len(each) > 1:
        settings, fell_out = common_settings(each, settings)
        source = replace(source, warnings=(*fell_out, *source.warnings))
    return Ground(store, catalog, snapshot, source, each, settings)
