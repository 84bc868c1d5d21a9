"""The commands that choose sites and keep plans. They parse, call and render."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli_ground import Ground, read_ground
from cli_options import (
    AtOption,
    CatalogOption,
    CombineOption,
    LangOption,
    NeedOption,
    PartialOption,
    ReachOption,
    StabilityOption,
    StoreOption,
    ThresholdOption,
    WeightOption,
    WhoOption,
    lang_of,
    settings_of,
)
from cli_site_options import (
    AtCostOption,
    AtLeastOption,
    AtMostOption,
    BudgetOption,
    CandidatesOption,
    CapacityOption,
    CostOption,
    CostRangeOption,
    CountOption,
    DistrictArgument,
    ExcludeOption,
    FewestOption,
    FloorOption,
    ForceOption,
    LayersOption,
    MostEachOption,
    MoveOption,
    NameOption,
    OccupancyOption,
    OutOption,
    SecondsOption,
    SeedOption,
    SpacingOption,
    TargetOption,
    TwiceOption,
    WithinOption,
    YearsOption,
)
from cli_wishes import Said, wishes_of
from cli_words import by_layer, say, won
from geo.errors import BadSettingError
from layers.catalog import Catalog, load_catalog
from layers.hours import SEOUL
from layers.kept_plans import find_plan
from layers.store import open_stored

_FILES = frozenset({".geojson", ".json", ".gpkg", ".shp", ".zip", ".parquet", ".csv", ".xlsx", ".xls", ".kml"})

if TYPE_CHECKING:
    from geo.model import Places
    from geo.plans import Plan
    from geo.siting.plan import Order
    from geo.siting.wishes import Wish
    from layers.candidates import Asked
    from maps.english import Lang


def add_commands(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.command()(sites)
    app.command()(explain)


def sites(  # noqa: PLR0917 - the options of the command
    district: DistrictArgument, budget: BudgetOption = None, layers: LayersOption = None, count: CountOption = None,
    target: TargetOption = None, fewest: FewestOption = False, twice: TwiceOption = None, move: MoveOption = None,
    occupancy: OccupancyOption = None, capacity: CapacityOption = None, floor: FloorOption = None,
    spacing: SpacingOption = None, at_least: AtLeastOption = None, at_most: AtMostOption = None,
    most_each: MostEachOption = None, force: ForceOption = None, candidates: CandidatesOption = None,
    within: WithinOption = "gaps", exclude: ExcludeOption = None, cost: CostOption = None,
    at_cost: AtCostOption = "default", cost_range: CostRangeOption = False, years: YearsOption = 5,
    need: NeedOption = None, at: AtOption = None, who: WhoOption = "", include_partial: PartialOption = False,
    reach: ReachOption = 1.0, weight: WeightOption = None, combine: CombineOption = "product",
    threshold: ThresholdOption = 0.5, stability: StabilityOption = 0, seconds: SecondsOption = 60.0,
    seed: SeedOption = 1, name: NameOption = None, out: OutOption = None, lang: LangOption = "ko",
    store: StoreOption = "ansim.gpkg", catalog: CatalogOption = None,
) -> None:  # fmt: skip
    """새 시설의 자리를 고르고, 더 나은 계획이 있을 여지를 증명합니다."""
    from maps.files import check_target  # noqa: PLC0415 - each command loads what it needs
    from maps.plan_terminal import print_plan  # noqa: PLC0415

    known = load_catalog(catalog or ())
    language = lang_of(lang)
    if out is not None:
        check_target(out, "plan")
    said = Said(
        budget or (), layers, count or (), target or (), fewest, twice or (), move or (), capacity or (), floor or (),
        spacing or (), at_least or (), at_most or (), most_each,
    )  # fmt: skip
    wishes, together = wishes_of(said, known)
    _check_occupancy(occupancy, wishes)
    settings = settings_of(
        known, need=need, include_partial=include_partial, threshold=threshold, dense="quantile", dense_share=0.25,
        reach=reach, weight=weight, combine=combine,
    )  # fmt: skip
    read = read_ground(open_stored(store, known), known, district, settings, at, who)
    read.check([wish.layer for wish in wishes])
    asked = _asked(known, [wish.layer for wish in wishes], candidates, within, exclude, cost)
    planner = _Planner(
        read, asked, tuple(wishes), tuple(force or ()), occupancy, together, years, seconds, seed, stability
    )
    plan = planner.plan(level_of(at_cost), within, cost_range=cost_range)
    console = Console()
    print_plan(plan, console, {layer.id: layer.name for layer in known.layers.values()})
    _keep(plan, read, name, out, language, console)


def _check_occupancy(occupancy: Path | None, wishes: "Sequence[Wish]") -> None:
    if occupancy is not None and not any(wish.moves is not None for wish in wishes):
        raise BadSettingError("--occupancy는 옮기기와 함께 씁니다", "예: --move locker=5 --occupancy 이용률.csv")


def explain(  # noqa: PLR0917
    dong: Annotated[str, typer.Argument(metavar="행정동", help="이름(신림동), '관악구 신림동', 또는 10자리 코드")],
    layer: Annotated[list[str] | None, typer.Option(help="볼 층 (여러 번 가능; 기본: 계획의 층, 없으면 cctv)")] = None,
    plan: Annotated[str | None, typer.Option(help="견줄 계획의 이름")] = None,
    candidates: Annotated[list[str] | None, typer.Option(help="후보지, 예: cctv=grid:50")] = None,
    cost: Annotated[list[str] | None, typer.Option(help="단가, 예: cctv=2000만, locker=0/179만 (설치/연간)")] = None,
    at: AtOption = None,
    who: WhoOption = "",
    include_partial: PartialOption = False,
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """한 동에 왜 새 자리가 없는지, 두면 얼마에 무엇을 얻는지 설명합니다."""
    from geo.district import analyse  # noqa: PLC0415
    from geo.model import Settings  # noqa: PLC0415
    from geo.siting.explaining import explain as explained  # noqa: PLC0415
    from layers.snapshot import find_dong, take_overview  # noqa: PLC0415
    from maps.plan_explained import print_dong, print_explanation  # noqa: PLC0415

    known = load_catalog(catalog or ())
    opened, console = open_stored(store, known), Console()
    district, code = find_dong(dong, take_overview(opened).dong)
    kept = find_plan(opened, plan) if plan else None
    if kept is not None:  # a plan is explained with the settings it was made with
        at, who = kept.at, kept.who
    settings = Settings(include_partial=include_partial) if kept is None else kept.own_settings
    read = read_ground(opened, known, [district], settings, at, who)
    index = read.source.dong_codes.index(code)
    print_dong(analyse(read.source, read.settings), index, console, kept)
    asked = layer or ([one.layer for one in kept.layers] if kept else ["cctv"])
    if kept is not None and not candidates:  # and with its candidates
        sources = kept.extra.get("candidates", {})
        candidates = [f"{name}={source}" for name in sources for source in sources[name]]
    for one in by_layer([f"{name}=0" for name in asked], known, "--layer", "cctv"):
        (places,) = read.places(_asked(known, [one], candidates, code, None, cost))
        found = explained(read.source, read.settings, places, index, kept, kept.years if kept else 5)
        print_explanation(places, found, kept, read.source.dong_names[index], console)


def _keep(plan: "Plan", read: Ground, name: str | None, out: Path | None, lang: "Lang", console: Console) -> None:
    from maps.plan_files import write_plan  # noqa: PLC0415

    kept = replace(plan, name=name or "", made_at=datetime.now(SEOUL).isoformat(timespec="seconds"))
    if name:
        read.store.save_plan(kept)
        one = plan.districts[0].name if plan.districts else plan.district_name
        say(console, f"저장한 계획: {name} (ansim map {one} --plan {name} --out 지도.html)")
    if out is not None:
        write_plan(kept, read.catalog, out, lang)
        say(console, f"계획: {out}")


def _asked(
    catalog: Catalog,
    layers: Sequence[str],
    candidates: Sequence[str] | None,
    within: str,
    exclude: Sequence[str] | None,
    cost: Sequence[str] | None,
) -> "list[Asked]":
    """Return what the options say of each layer's candidates."""
    from layers.candidates import Asked  # noqa: PLC0415 - each command loads what it needs
    from layers.land import read_land  # noqa: PLC0415

    sources = _sources(candidates, catalog)
    prices = {k: _price(v) for k, v in by_layer(cost, catalog, "--cost", "cctv=2000만").items()}
    files = [item for item in exclude or () if Path(item).is_file()]
    for item in exclude or ():
        if item not in files and (Path(item).suffix.lower() in _FILES or {"/", "\\"} & set(item)):
            raise BadSettingError(f"--exclude {item}: 그런 파일이 없습니다", "면 파일의 경로나 후보 번호를 주십시오")
    ids = frozenset(part.strip() for item in exclude or () if item not in files for part in item.split(","))
    not_in = None
    for file in files:
        land = read_land(Path(file))
        not_in = land if not_in is None else not_in.union(land)
    return [
        Asked(
            catalog.layers[layer], sources.get(layer, ()), prices.get(layer), exclude=ids, not_in=not_in, within=within
        )
        for layer in layers
    ]


def _sources(items: Sequence[str] | None, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in [part for item in items or () for part in item.split(",") if part.strip()]:
        for layer, source in by_layer([one], catalog, "--candidates", "cctv=grid:50").items():
            found[layer] = (*found.get(layer, ()), source)
    return found


def _price(text: str) -> tuple[float, float]:
    once, mark, year = text.partition("/")
    return won(once, "--cost"), won(year, "--cost") if mark else 0.0


def level_of(text: str) -> str:
    """Return a level of cost. Raises :class:`BadSettingError`."""
    if text not in {"low", "default", "high"}:
        raise BadSettingError(f"--at-cost {text}: 모르는 단가입니다", "low, default, high 중 하나")
    return text


@dataclass(frozen=True)
class _Planner:
    """One question, to be answered at one level of cost or at all."""

    read: Ground
    asked: "Sequence[Asked]"
    wishes: "Sequence[Wish]"
    force: Sequence[str]
    occupancy: Path | None
    together: float | None
    years: int
    seconds: float
    seed: int
    draws: int

    def plan(self, level: str, within: str, *, cost_range: bool) -> "Plan":
        """Return the plan, with how firmly its sites hold and what it is at other costs where asked."""
        from geo.siting.reruns import LEVELS, rerun_of  # noqa: PLC0415

        orders = self.orders(level)
        plan = self._solved(orders)
        plan = replace(plan, notes=(*plan.notes, *self._wider(plan, level, within)))
        if self.draws:
            plan = self._steadied(orders, plan, level, within)
        reruns = [
            rerun_of(one, plan if one == level else self._solved(self.orders(one)), plan)
            for one in (LEVELS if cost_range else ())
        ]
        return replace(plan, reruns=tuple(reruns), extra=self._extra(level, within))

    def orders(self, level: str) -> "list[Order]":
        """Return what is asked, with candidates at a level of cost."""
        from geo.siting.wishes import orders_of  # noqa: PLC0415
        from layers.named_sites import forced_of  # noqa: PLC0415
        from layers.occupancy import occupancy_of  # noqa: PLC0415

        places = self.read.places([replace(one, level=level) for one in self.asked])
        wishes = [
            replace(
                wish, force=forced,
                occupancy=occupancy_of(wish.layer, self.read.store, self.occupancy) if wish.moves is not None else {},
            )
            for wish, forced in zip(self.wishes, forced_of(self.force, places), strict=True)
        ]  # fmt: skip
        return orders_of(wishes, places, self.read.source)

    def _extra(self, level: str, within: str) -> dict[str, object]:
        """Return what a plan remembers of the question beside its settings."""
        return {
            "within": within, "at_cost": level, "candidates": {one.layer.id: list(one.places) for one in self.asked},
        }  # fmt: skip

    def _wider(self, plan: "Plan", level: str, within: str) -> list[str]:
        """Return what is missed outside the gap areas, where candidates on a grid were looked for in them alone."""
        from geo.siting.wider import gain_at_least, wider_words  # noqa: PLC0415

        if not self._in_gaps(within) or len(self.asked) > 1 or plan.layers[0].model != "cover":
            return []
        wide = replace(self, asked=[replace(one, within="district") for one in self.asked])
        order = wide.orders(level)[0]
        if order.floor is not None:
            return []
        gain = gain_at_least(self.read.source, self.read.settings, order, self.years)
        words = wider_words(gain, plan.after - plan.before)
        return [words] if words else []

    def _in_gaps(self, within: str) -> bool:
        """Return whether candidates on a grid are looked for in the gap areas."""
        return within == "gaps" and any(source.startswith("grid:") for one in self.asked for source in one.places)

    def _places_at(self, threshold: float, level: str) -> "list[Places]":
        settings = replace(self.read.settings, gap_threshold=threshold)
        return replace(self.read, settings=settings).found([replace(one, level=level) for one in self.asked])

    def _solved(self, orders: "Sequence[Order]") -> "Plan":
        from geo.siting.model import Effort  # noqa: PLC0415
        from geo.siting.planning import make_plan  # noqa: PLC0415

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("자리 고르기", total=None)

            def progress(what: str, value: float, bound: float) -> None:
                bar.update(task, description=f"{what} ({value:,.0f} / {bound:,.0f})")

            return make_plan(
                self.read.source, self.read.settings, orders, years=self.years,
                data_version=self.read.snapshot.version, together_krw=self.together,
                effort=Effort(seconds=self.seconds, seed=self.seed, progress=progress),
            )  # fmt: skip

    def _steadied(self, orders: "Sequence[Order]", plan: "Plan", level: str, within: str) -> "Plan":
        from geo.siting.steadiness import places_by_threshold, with_steadiness  # noqa: PLC0415

        places_at = places_by_threshold(lambda t: self._places_at(t, level)) if self._in_gaps(within) else None
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("안정성", total=self.draws)
            return with_steadiness(
                self.read.source, self.read.settings, orders, plan, draws=self.draws, seed=0, places_at=places_at,
                progress=lambda done: bar.update(task, completed=done),
            )  # fmt: skip
