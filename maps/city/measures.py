"""What districts can be compared by: values, whether they may be ranked and why not, classes and colours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.model import DataState, Floats
from layers.catalog import Catalog, LayerSpec, NeedSpec
from maps.city.rows import CityRow
from maps.editions import Edition
from maps.ramps import COVER_COLOURS, COVER_RAMP, DENSITY_COLOURS, Ramp, quantile_ramp

Kind = str  # share | count | rate | density | states
_PER = 1_000.0
_FEW = 3  # districts up to which classes of equal number say nothing: fifths of a hundred are taken
_ALIKE = 0.6  # districts in one class from which classes of equal number are taken instead


# What all districts are judged on is common to them; of one district it is simply what it is judged on.
_COMMON = (
    ("공통 항목 도달률", "Covered, common needs"),
    ("공통 항목 미도달 1인가구", "Households not covered, common needs"),
)
_ALONE = (("종합 도달률", "Covered, all needs with data"), ("미도달 1인가구", "Households not covered"))
_FEWEST_RANKED = 2  # districts with data of a measure


@dataclass(frozen=True)
class Said:
    """What a measure is called and how it is to be read: which end is worse, whether any is, what it rests on."""

    id: str
    kind: Kind
    name: str
    name_en: str
    worst_first: str = "low"  # or high: the end a ranking begins with
    neutral: bool = False  # neither end is worse
    unranked: str = ""
    basis: str = ""  # names of what it rests on
    basis_en: str = ""
    head: str = ""  # its name among others of its group, without the unit: '' where that is its name
    head_en: str = ""

    @property
    def group(self) -> str:
        """Which table of districts it stands in: ``cover``, ``households`` or ``rate``."""
        return {"share": "cover", "states": "cover", "rate": "rate"}.get(self.kind, "households")


@dataclass(frozen=True)
class Measure:
    """A figure every district may have.

    ``figures``: one a row, NaN without data; ``partial``: whether its data are only part. ``unranked``: '' where the
    districts with whole data may be ranked, else why not: ``few`` (fewer than two have whole data), ``needs`` (scored
    on different needs), ``neutral`` (no ranking of districts at all), ``alone`` (there is but one).
    """

    said: Said
    figures: tuple[float, ...]
    partial: tuple[bool, ...]
    ramp: Ramp
    unranked: str = ""

    @property
    def ranks(self) -> tuple[int | None, ...]:
        """Rank of each row among those with whole data, 1 first; equal values share the better.

        None where a row has no data or only part, and everywhere where the measure is not ranked.
        """
        if self.unranked:
            return (None,) * len(self.figures)
        sign = 1 if self.said.worst_first == "low" else -1
        key = [sign * value if whole else None for value, whole in zip(self.figures, self.whole, strict=True)]
        known = [one for one in key if one is not None]
        return tuple(None if own is None else 1 + sum(other < own for other in known) for own in key)

    @property
    def whole(self) -> tuple[bool, ...]:
        """Whether each row has data, and not only part."""
        return tuple(not (np.isnan(value) or part) for value, part in zip(self.figures, self.partial, strict=True))


def measures(rows: Sequence[CityRow], common: Sequence[str], catalog: Catalog, edition: Edition) -> list[Measure]:
    """Return what the districts of an edition can be compared by, the one to begin with first."""
    inside = edition == "internal"
    judged = (*_judged(rows, common, catalog), *_by_need(rows, catalog, common)) if inside else ()
    return [*judged, *_open(rows, catalog, inside=inside)]


def _judged(rows: Sequence[CityRow], common: Sequence[str], catalog: Catalog) -> Iterator[Measure]:
    if common:
        share, uncovered = _common_said(common, catalog, alone=len(rows) == 1)
        yield _of(rows, share, lambda row: row.common_share)
        yield _of(rows, uncovered, lambda row: row.common_uncovered)
    alike = len({row.judged for row in rows if not row.reason}) == 1
    why = "" if alike else "needs"
    if not (alike and common):
        name, english = "종합 도달률 (구마다 있는 항목)", "Covered, needs of each district"
        heads = ("구별 종합", "Own needs")
        said = Said("combined", "share", name, english, unranked=why, head=heads[0], head_en=heads[1])
        yield _of(rows, said, lambda row: row.share)
        name, english = "미도달 1인가구 (구마다 있는 항목)", "Households not covered, needs of each district"
        heads = ("미도달, 구별 종합", "Not covered, own needs")
        said = Said("uncovered", "count", name, english, "high", unranked=why, head=heads[0], head_en=heads[1])
        yield _of(rows, said, lambda row: row.uncovered)
    said = Said("gaps", "count", "틈새구역 수", "Gap areas", "high", unranked=why)
    yield _of(rows, said, lambda row: float(row.gap_areas) if row.judged else float("nan"))


def _common_said(common: Sequence[str], catalog: Catalog, *, alone: bool) -> tuple[Said, Said]:
    """Return the share covered and the households not covered, of the common needs: of one need by its name."""
    shared = ", ".join(catalog.needs[need].name for need in common)
    shared_en = ", ".join(english_name(catalog.needs[need]) for need in common)
    names, heads = (
        _ALONE if alone else _COMMON,
        (("공통 항목", "Common needs"), ("미도달, 공통", "Not covered, common")),
    )
    if alone:
        heads = (("종합", "All needs"), ("미도달", "Not covered"))
    elif len(common) == 1:  # nothing is combined of one
        names = (
            (f"{shared} 도달률", f"{shared_en}: covered"),
            (f"{shared} 미도달 1인가구", f"{shared_en}: households not covered"),
        )
        heads = ((shared, shared_en), (f"미도달, {shared}", f"Not covered, {shared_en}"))
    rests = Said("", "share", "", "", basis=shared, basis_en=shared_en)
    (name, english), (lacking, lacking_en) = names
    (head, head_en), (lacking_head, lacking_head_en) = heads
    return (
        replace(rests, id="common", name=name, name_en=english, head=head, head_en=head_en),
        replace(
            rests, id="common_uncovered", kind="count", name=lacking, name_en=lacking_en, worst_first="high",
            head=lacking_head, head_en=lacking_head_en,
        ),
    )  # fmt: skip


def _by_need(rows: Sequence[CityRow], catalog: Catalog, common: Sequence[str]) -> Iterator[Measure]:
    only = common[0] if len(common) == 1 and len(rows) > 1 else ""  # stands first already
    for need in catalog.needs.values():
        share = _need_share(need.id)
        if need.id != only and any(not np.isnan(share(row)) for row in rows):
            name, english = need.name, english_name(need)
            said = Said(
                f"need:{need.id}", "share", f"{name} 도달률", f"{english}: covered",
                basis=name, basis_en=english, head=name, head_en=english,
            )  # fmt: skip
            yield _of(rows, said, share, _need_is_partial(need.id))
    weighed = {need.id for need in catalog.needs.values() if need.weight > 0}
    name, english = f"자료가 있는 항목 수 ({len(weighed)}개 가운데)", f"Needs with data (of {len(weighed)})"

    def loaded(row: CityRow) -> float:
        return float(sum(need.id in weighed and need.state is DataState.LOADED for need in row.needs))

    said = Said(
        "states", "states", name, english, neutral=True, unranked="neutral",
        head="자료 있는 항목", head_en="Needs with data",
    )  # fmt: skip
    yield _of(rows, said, loaded)


def _open(rows: Sequence[CityRow], catalog: Catalog, *, inside: bool) -> Iterator[Measure]:
    def held(row: CityRow) -> float:
        return row.households if inside else row.public_households

    said = Said("households", "count", "1인가구", "Single-person households", "high", neutral=True)
    yield _of(rows, said, held)
    said = Said(
        "density", "density", "1인가구 밀도", "Single-person households per km²", "high", neutral=True,
        head="밀도", head_en="Density",
    )  # fmt: skip
    yield _of(rows, said, lambda row: held(row) / row.area_km2)
    for layer in catalog.layers.values():
        if not layer.supplies or layer.geometry == "zone" or not (inside or layer.visibility == "public"):
            continue
        rate = _per_thousand(layer.id, held)
        if any(not np.isnan(rate(row)) for row in rows):
            name, english = f"1인가구 1,000가구당 {layer.name}", f"{english_name(layer)} per 1,000 households"
            said = Said(
                f"layer:{layer.id}", "rate", name, english, basis=layer.name, basis_en=english_name(layer),
                head=layer.name, head_en=english_name(layer),
            )  # fmt: skip
            yield _of(rows, said, rate, _layer_is_partial(layer.id))


def _of(
    rows: Sequence[CityRow],
    said: Said,
    value: Callable[[CityRow], float],
    partial: Callable[[CityRow], bool] | None = None,
) -> Measure:
    values = tuple(float("nan") if row.reason else value(row) for row in rows)
    parts = tuple(bool(partial and partial(row)) for row in rows)
    unranked = "alone" if len(rows) == 1 else said.unranked
    made = Measure(said, values, parts, _ramp(said, np.array(values, float)), unranked)
    return made if unranked or sum(made.whole) >= _FEWEST_RANKED else replace(made, unranked="few")


def _ramp(said: Said, values: Floats) -> Ramp:
    known = values[np.isfinite(values)]
    if said.kind == "states":
        return Ramp((1.0, 2.0, 3.0, 4.0), COVER_COLOURS)
    if said.kind == "share":
        classes = np.bincount(COVER_RAMP.classes_of(100 * known), minlength=1) if len(known) else np.zeros(1)
        if len(known) <= _FEW or classes.max() <= _ALIKE * len(known):
            return COVER_RAMP
        values = 100 * values  # in fifths of a hundred nearly all would look the same
    worse = _WARM if said.worst_first == "high" and not said.neutral else DENSITY_COLOURS
    colours = COVER_COLOURS if said.kind in {"share", "rate"} else worse
    picks = np.rint(np.linspace(0, len(colours) - 1, min(len(colours), max(len(np.unique(known)), 1)))).astype(int)
    return quantile_ramp(values, tuple(colours[i] for i in picks))


# Oranges of even steps in lightness (after ColorBrewer): what is not covered, told from the purple of who lives there.
_WARM = ("#fdf0e2", "#f9d3ae", "#f0a873", "#d9753a", "#a64b15")


def english_name(spec: NeedSpec | LayerSpec) -> str:
    """Return what the catalog calls a need or layer in English; where it does not, its id in words."""
    return spec.name_en or spec.id.replace("_", " ").capitalize()


def _need_share(need: str) -> Callable[[CityRow], float]:
    return lambda row: next((one.share for one in row.needs if one.id == need), float("nan"))


def _need_is_partial(need: str) -> Callable[[CityRow], bool]:
    return lambda row: any(one.id == need and one.state is DataState.PARTIAL for one in row.needs)


def _layer_is_partial(layer: str) -> Callable[[CityRow], bool]:
    return lambda row: any(one.id == layer and one.state is DataState.PARTIAL for one in row.layers)


def _per_thousand(layer: str, held: Callable[[CityRow], float]) -> Callable[[CityRow], float]:
    def value(row: CityRow) -> float:
        found = next((one for one in row.layers if one.id == layer), None)
        if found is None or found.state is DataState.NONE or not held(row) > 0:
            return float("nan")
        return _PER * found.devices / held(row)

    return value
