"""The commands for plans that are kept, and the plan that a map draws."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli_options import CatalogOption, LangOption, StoreOption, lang_of
from cli_words import say
from geo.errors import BadSettingError
from layers.catalog import load_catalog
from layers.kept_plans import find_plan
from layers.store import PlanStore, open_stored

if TYPE_CHECKING:
    from geo.model import Settings
    from geo.plans import Plan

plans = typer.Typer(no_args_is_help=True, help="저장한 계획을 보고, 견주고, 지웁니다.", rich_markup_mode=None)


def plan_to_draw(opened: PlanStore, name: str | None, settings: "Settings", at: str | None, who: str) -> "Plan | None":
    """Return a plan to be drawn, which is with the settings it was made with; None where none is named.

    Raises
    ------
    UnknownPlanError
        None is of that name.
    BadSettingError
        Settings were asked for that are not the plan's own.
    """
    from geo.model import Settings  # noqa: PLC0415 - each command loads what it needs

    if name is None:
        return None
    plan = find_plan(opened, name)
    if at is not None or who or settings not in (Settings(), plan.own_settings):
        raise BadSettingError(
            f"계획 '{name}'은(는) 만들 때의 설정으로 그립니다", "분석 설정(--at, --who, --need …)을 빼십시오"
        )
    if plan.data_version != opened.version():
        say(
            Console(stderr=True), f"※ 계획 '{name}'을(를) 만든 뒤 자료가 바뀌었습니다. 다시 계획하면 달라질 수 있습니다"
        )
    return plan


@plans.command("list")
def list_plans(store: StoreOption = "ansim.gpkg", catalog: CatalogOption = None) -> None:
    """저장한 계획을 모두 보여 줍니다."""
    from maps.plan_terminal import print_plans  # noqa: PLC0415

    opened = open_stored(store, load_catalog(catalog or ()))
    print_plans(opened.plans(), opened.version(), Console())


@plans.command("show")
def show_plan(
    name: Annotated[str, typer.Argument(metavar="이름")],
    out: Annotated[Path | None, typer.Option(help="계획을 쓸 파일: .geojson .gpkg .xlsx .csv")] = None,
    lang: LangOption = "ko",
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """저장한 계획 하나를 보여 주거나 파일로 씁니다."""
    from maps.plan_files import write_plan  # noqa: PLC0415
    from maps.plan_terminal import print_plan  # noqa: PLC0415

    known, console, language = load_catalog(catalog or ()), Console(), lang_of(lang)
    plan = find_plan(open_stored(store, known), name)
    print_plan(plan, console, {layer.id: layer.name for layer in known.layers.values()})
    if out is not None:
        write_plan(plan, known, out, language)
        say(console, f"계획: {out}")


@plans.command("compare")
def compare_plans(
    names: Annotated[list[str], typer.Argument(metavar="이름...")],
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """저장한 계획들을 나란히 놓고 봅니다."""
    from maps.plan_terminal import print_comparison  # noqa: PLC0415

    opened = open_stored(store, load_catalog(catalog or ()))
    print_comparison([find_plan(opened, name) for name in names], Console())


@plans.command("delete")
def delete_plan(
    name: Annotated[str, typer.Argument(metavar="이름")],
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """저장한 계획 하나를 지웁니다."""
    opened = open_stored(store, load_catalog(catalog or ()))
    find_plan(opened, name)
    opened.delete_plan(name)
    say(Console(), f"지운 계획: {name}")
