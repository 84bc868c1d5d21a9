"""The commands that choose sites and keep plans. They parse, call and render."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli_options import AtOption, CatalogOption, NeedOption, PartialOption, StoreOption, WhoOption, needs_of
from cli_words import by_layer, say, whole, won
from geo.errors import BadSettingError
from layers.catalog import Catalog, load_catalog
from layers.hours import SEOUL, parse_at
from layers.kept_plans import find_plan
from layers.store import PlanStore, open_store
from layers.who import parse_who

if TYPE_CHECKING:
    from geo.model import DistrictInput, Places, Settings
    from geo.plans import Plan
    from geo.siting.plan import Order
    from layers.candidates import Asked
    from layers.snapshot import Snapshot


@dataclass(frozen=True)
class _District:
    """A district as read for one command."""

    store: PlanStore
    catalog: Catalog
    snapshot: "Snapshot"
    source: "DistrictInput"
    settings: "Settings"

    def places(self, asked: "Sequence[Asked]") -> "list[Places]":
        """Return the candidates of each layer."""
        from geo.siting.gap_land import gap_land  # noqa: PLC0415 - each command loads what it needs
        from layers.placing import Placing  # noqa: PLC0415

        gaps = partial(gap_land, self.source, self.settings)
        return Placing(self.store, self.snapshot, self.catalog, self.source.code, gaps).places(asked)


plans = typer.Typer(no_args_is_help=True, help="저장한 계획을 보고, 견주고, 지웁니다.", rich_markup_mode=None)


def add_commands(app: typer.Typer) -> None:
    """Give the program these commands."""
    app.command()(sites)
    app.command()(explain)
    app.add_typer(plans, name="plans")


def sites(  # noqa: PLR0917 - the options of the command
    district: Annotated[str, typer.Argument(metavar="자치구", help="이름(관악구) 또는 코드(11620)")],
    budget: Annotated[list[str] | None, typer.Option(help="층별 예산, 예: cctv=5억,security_light=300000000")] = None,
    count: Annotated[list[str] | None, typer.Option(help="층별 개소 수, 예: cctv=20")] = None,
    candidates: Annotated[
        list[str] | None, typer.Option(help="후보지, 예: cctv=grid:50, cctv=streetlight, locker=후보.csv")
    ] = None,
    within: Annotated[str, typer.Option(help="격자 후보를 둘 곳: gaps, district, 행정동, 구역, 면 파일")] = "gaps",
    exclude: Annotated[list[str] | None, typer.Option(help="뺄 후보: 면 파일 또는 후보 번호 (여러 번 가능)")] = None,
    cost: Annotated[list[str] | None, typer.Option(help="단가, 예: cctv=2000만, locker=0/179만 (설치/연간)")] = None,
    years: Annotated[int, typer.Option(help="예산에 넣을 연간비의 햇수", min=0, max=50)] = 5,
    need: NeedOption = None,
    at: AtOption = None,
    who: WhoOption = "",
    include_partial: PartialOption = False,
    seconds: Annotated[float, typer.Option(help="계산에 쓸 시간(초)", min=0.1)] = 60.0,
    seed: Annotated[int, typer.Option(help="같은 값이면 같은 계획")] = 1,
    name: Annotated[str | None, typer.Option(help="이 이름으로 저장소에 계획을 둡니다")] = None,
    out: Annotated[Path | None, typer.Option(help="계획을 쓸 파일: .geojson .gpkg .xlsx .csv")] = None,
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """새 시설의 자리를 고르고, 더 나은 계획이 있을 여지를 증명합니다."""
    from geo.model import Settings  # noqa: PLC0415 - each command loads what it needs
    from maps.files import check_target  # noqa: PLC0415
    from maps.plan_terminal import print_plan  # noqa: PLC0415

    known = load_catalog(catalog or ())
    if out is not None:
        check_target(out, "plan")
    money = {k: won(v, "--budget") for k, v in by_layer(budget, known, "--budget", "cctv=5억").items()}
    numbers = {k: whole(v, "--count") for k, v in by_layer(count, known, "--count", "cctv=20").items()}
    if not money and not numbers:
        raise BadSettingError("예산이나 개소 수가 없습니다", "예: --budget cctv=5억 또는 --count cctv=20")
    read = _read(
        open_store(store, known),
        known,
        district,
        Settings(needs=needs_of(need, known), include_partial=include_partial),
        at,
        who,
    )
    places = read.places(_asked(known, [*dict.fromkeys([*money, *numbers])], candidates, within, exclude, cost))
    from geo.siting.plan import Order  # noqa: PLC0415

    orders = [Order(p, money.get(p.layer), numbers.get(p.layer)) for p in places]
    plan = _planned(read, orders, years=years, seconds=seconds, seed=seed)
    plan = replace(plan, extra={"within": within})
    console = Console()
    print_plan(plan, console)
    _keep(plan, read, name, out, console)


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
    opened, console = open_store(store, known), Console()
    district, code = find_dong(dong, take_overview(opened).dong)
    kept = find_plan(opened, plan) if plan else None
    read = _read(opened, known, district, Settings(include_partial=include_partial), at, who)
    index = read.source.dong_codes.index(code)
    print_dong(analyse(read.source, read.settings), index, console)
    asked = layer or ([one.layer for one in kept.layers] if kept else ["cctv"])
    for one in by_layer([f"{name}=0" for name in asked], known, "--layer", "cctv"):
        (places,) = read.places(_asked(known, [one], candidates, code, None, cost))
        found = explained(read.source, read.settings, places, index, kept)
        print_explanation(places, found, kept, read.source.dong_names[index], console)


@plans.command("list")
def list_plans(store: StoreOption = "ansim.gpkg", catalog: CatalogOption = None) -> None:
    """저장한 계획을 모두 보여 줍니다."""
    from maps.plan_terminal import print_plans  # noqa: PLC0415

    opened = open_store(store, load_catalog(catalog or ()))
    print_plans(opened.plans(), opened.version(), Console())


@plans.command("show")
def show_plan(
    name: Annotated[str, typer.Argument(metavar="이름")],
    out: Annotated[Path | None, typer.Option(help="계획을 쓸 파일: .geojson .gpkg .xlsx .csv")] = None,
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """저장한 계획 하나를 보여 주거나 파일로 씁니다."""
    from maps.plan_files import write_plan  # noqa: PLC0415
    from maps.plan_terminal import print_plan  # noqa: PLC0415

    known, console = load_catalog(catalog or ()), Console()
    plan = find_plan(open_store(store, known), name)
    print_plan(plan, console)
    if out is not None:
        write_plan(plan, known, out)
        say(console, f"계획: {out}")


@plans.command("compare")
def compare_plans(
    names: Annotated[list[str], typer.Argument(metavar="이름...")],
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """저장한 계획들을 나란히 놓고 봅니다."""
    from maps.plan_terminal import print_comparison  # noqa: PLC0415

    opened = open_store(store, load_catalog(catalog or ()))
    print_comparison([find_plan(opened, name) for name in names], Console())


@plans.command("delete")
def delete_plan(
    name: Annotated[str, typer.Argument(metavar="이름")],
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """저장한 계획 하나를 지웁니다."""
    opened = open_store(store, load_catalog(catalog or ()))
    find_plan(opened, name)
    opened.delete_plan(name)
    say(Console(), f"지운 계획: {name}")


def _keep(plan: "Plan", read: _District, name: str | None, out: Path | None, console: Console) -> None:
    from maps.plan_files import write_plan  # noqa: PLC0415

    kept = replace(plan, name=name or "", made_at=datetime.now(SEOUL).isoformat(timespec="seconds"))
    if name:
        read.store.save_plan(kept)
        say(console, f"저장한 계획: {name} (ansim map {plan.district_name} --plan {name} --out 지도.html)")
    if out is not None:
        write_plan(kept, read.catalog, out)
        say(console, f"계획: {out}")


def _read(store: PlanStore, catalog: Catalog, name: str, settings: "Settings", at: str | None, who: str) -> _District:
    from layers.district_input import district_input, margin_m  # noqa: PLC0415
    from layers.snapshot import take_snapshot  # noqa: PLC0415

    moment, people = parse_at(at) if at else None, parse_who(who)
    snapshot = take_snapshot(store, district=name, margin_m=margin_m(catalog))
    source = district_input(snapshot, catalog, name, at=moment, who=people)
    return _District(store, catalog, snapshot, source, settings)


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
    for item in items or ():
        for layer, source in by_layer([item], catalog, "--candidates", "cctv=grid:50").items():
            found[layer] = (*found.get(layer, ()), source)
    return found


def _price(text: str) -> tuple[float, float]:
    once, mark, year = text.partition("/")
    return won(once, "--cost"), won(year, "--cost") if mark else 0.0


def _planned(read: _District, orders: "Sequence[Order]", *, years: int, seconds: float, seed: int) -> "Plan":
    from geo.siting.model import Effort  # noqa: PLC0415
    from geo.siting.planning import make_plan  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("자리 고르기", total=None)

        def progress(what: str, value: float, bound: float) -> None:
            bar.update(task, description=f"{what} ({value:,.0f} / {bound:,.0f})")

        effort = Effort(seconds=seconds, seed=seed, progress=progress)
        return make_plan(
            read.source, read.settings, orders, years=years, data_version=read.snapshot.version, effort=effort
        )
