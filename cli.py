"""The ``ansim`` command: parse, call, render. What it says is Korean; it ends with 0, or 2 and one clear line."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from typer.exceptions import TyperException

import cli_db
import cli_proposals
from api.commands import keys, serve
from cli_city import check_map, draw_all
from cli_forget import add_forget
from cli_help import add_version, in_korean
from cli_options import (
    AsOfOption,
    AtOption,
    CatalogOption,
    CombineOption,
    DenseOption,
    DenseShareOption,
    LangOption,
    NeedOption,
    PartialOption,
    ReachOption,
    StabilityOption,
    StoreOption,
    ThresholdOption,
    WeightOption,
    WhoOption,
    day_of,
    lang_of,
    pairs_of,
    settings_of,
)
from cli_plans import plan_to_draw, plans
from cli_report import add_report
from cli_sites import add_commands
from cli_usage import usage_in_korean
from cli_words import say
from geo.errors import AnsimError, BadSettingError
from layers.catalog import Catalog, load_catalog
from layers.hours import SEOUL, parse_at
from layers.store import Store, open_store, open_stored
from layers.who import parse_who

if TYPE_CHECKING:
    from geo.model import DistrictResult, Settings

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, help="안심지도: 안전시설 틈새 분석"
)
add_version(app)
app.add_typer(cli_db.app, name="db")
app.add_typer(cli_proposals.app, name="proposals")

app.command()(serve)
app.add_typer(keys, name="keys")
add_commands(app)
app.add_typer(plans, name="plans")

DEFAULT_STORE = "ansim.gpkg"
DEMO_DISTRICT = "99999"


@app.command("import")
def import_(  # noqa: PLR0917 - the options of the command
    paths: Annotated[list[Path], typer.Argument(metavar="파일...", help="공공데이터 파일이나 폴더")],
    layer: Annotated[str | None, typer.Option(help="머리글로 알 수 없는 파일의 층 (예: cctv)")] = None,
    crs: Annotated[str | None, typer.Option(help="이름 없는 평면좌표의 좌표계 (예: EPSG:5174)")] = None,
    encoding: Annotated[str | None, typer.Option(help="글자 인코딩 (예: cp949)")] = None,
    column: Annotated[list[str] | None, typer.Option(help="열 지정, 예: lat=위도 (여러 번 가능)")] = None,
    mode: Annotated[str, typer.Option(help="replace, append(두고 더하기)")] = "replace",
    complete_for: Annotated[list[str] | None, typer.Option(help="이 파일이 전부라고 확인한 자치구 코드")] = None,
    measure: Annotated[str | None, typer.Option(help="통계 격자의 값: population 또는 households")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="자료가 10 % 넘게 줄어도 진행")] = False,
    force: Annotated[bool, typer.Option("--force", help="더 오래된 자료로 바꾸기")] = False,
    visibility: Annotated[str | None, typer.Option(help="public 또는 staff")] = None,
    data_date: Annotated[str | None, typer.Option(help="기준일 열이 없는 행의 기준일 (예: 2022-11-08)")] = None,
    max_size: Annotated[
        float, typer.Option(envvar="ANSIM_MAX_SIZE", help="파일 하나, 또는 압축을 푼 것의 한도 (GB)", min=0.001)
    ] = 2.0,
    report: Annotated[Path | None, typer.Option(help="보고서 JSON; 거절된 행은 옆에 …-rejected.csv")] = None,
    store: StoreOption = DEFAULT_STORE,
    catalog: CatalogOption = None,
) -> None:
    """공공데이터 파일을 가져옵니다."""
    from layers.importing import ImportOptions  # noqa: PLC0415 - each command loads what it needs

    options = ImportOptions(
        layer=layer, crs=crs, encoding=encoding, columns=pairs_of(column, "--column", "lat=위도"),
        mode=mode, complete_for=tuple(complete_for or ()), measure=measure,  # type: ignore[arg-type]
        confirm=confirm, force=force, visibility=visibility, data_date=data_date, max_bytes=int(max_size * 2**30),
    )  # fmt: skip
    if complete_for and (len(paths) > 1 or any(path.is_dir() for path in paths)):
        raise BadSettingError(
            "--complete-for는 파일 하나에만 쓸 수 있습니다", "전부임을 확인한 파일만 따로 가져오십시오"
        )
    _check_report(report)
    known = load_catalog(catalog or ())
    _import(paths, open_store(store, known), known, options, report)


add_forget(app)


@app.command()
def locate(
    layer: Annotated[str | None, typer.Option(help="이 층만 (예: locker)")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="저장하지 않고 결과만 보기")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="주소로 찾은 위치를 모두 되돌리기")] = False,
    report: Annotated[Path | None, typer.Option(help="보고서 JSON: 층별 비율, 방법, 확인할 행")] = None,
    store: StoreOption = DEFAULT_STORE,
    catalog: CatalogOption = None,
) -> None:
    """좌표 없는 행의 위치를 가져온 주소점(가게, 출입구)에서 찾습니다. 인터넷을 쓰지 않습니다."""
    from layers.importing.locating import locate_stored, write_located  # noqa: PLC0415
    from maps.terminal import print_located  # noqa: PLC0415

    _check_report(report)
    known = load_catalog(catalog or ())
    found = locate_stored(open_stored(store, known), known, layer, dry_run=dry_run, undo=undo)
    print_located([one.as_dict() for one in found], Console())
    if report is not None:
        write_located(found, report)


@app.command()
def layers(store: StoreOption = DEFAULT_STORE, catalog: CatalogOption = None, as_of: AsOfOption = None) -> None:
    """가져온 자료를 보여 줍니다: 층별 건수, 위치 확인 비율, 기준일, 자치구별 자료 상태."""
    from layers.duplicates import in_words, stored_overlaps  # noqa: PLC0415
    from layers.holdings import layer_holdings, table_holdings  # noqa: PLC0415
    from layers.snapshot import take_overview  # noqa: PLC0415
    from maps.terminal import print_layers  # noqa: PLC0415

    known = load_catalog(catalog or ())
    opened = open_stored(store, known, as_of=day_of(as_of))
    overview = take_overview(opened)
    _warn_of_unknown_layers(opened, known)
    doubles = [in_words(one) for one in stored_overlaps(opened, known, overview.imports) if one.same]
    print_layers(layer_holdings(overview, known), table_holdings(overview, opened), Console(), notes=doubles)


@app.command()
def gaps(  # noqa: PLR0917
    district: Annotated[str, typer.Argument(metavar="자치구", help="이름(관악구) 또는 코드(11620)")],
    at: AtOption = None,
    need: NeedOption = None,
    who: WhoOption = "",
    include_partial: PartialOption = False,
    threshold: ThresholdOption = 0.5,
    dense: DenseOption = "quantile",
    dense_share: DenseShareOption = 0.25,
    reach: ReachOption = 1.0,
    weight: WeightOption = None,
    combine: CombineOption = "product",
    stability: StabilityOption = 0,
    out: Annotated[Path | None, typer.Option(help="틈새를 쓸 파일: .geojson .gpkg .xlsx .csv")] = None,
    cells: Annotated[Path | None, typer.Option(help="칸별 표를 쓸 파일: .csv .parquet .gpkg")] = None,
    lang: LangOption = "ko",
    store: StoreOption = DEFAULT_STORE,
    catalog: CatalogOption = None,
    as_of: AsOfOption = None,
) -> None:
    """자치구의 틈새를 찾습니다: 혼자 사는 사람이 많은데 닿지 않는 곳."""
    from maps.files import check_target, write_cells, write_gaps  # noqa: PLC0415
    from maps.terminal import print_gaps  # noqa: PLC0415

    known = load_catalog(catalog or ())
    if out is not None:
        check_target(out, "gaps")
    if cells is not None:
        check_target(cells, "cells")
    language = lang_of(lang)
    settings = settings_of(
        known, need=need, include_partial=include_partial, threshold=threshold, dense=dense, dense_share=dense_share,
        reach=reach, weight=weight, combine=combine,
    )  # fmt: skip
    console = Console()
    opened = open_stored(store, known, as_of=day_of(as_of))
    result = _analyse(opened, known, district, settings, at=at, who=who, draws=stability)
    print_gaps(result, known, console)
    if out is not None:
        write_gaps(result, known, out, language)
        say(console, f"틈새 표: {out}")
    if cells is not None:
        write_cells(result, cells, known, language)
        say(console, f"칸별 표: {cells}")


@app.command("map")
def map_(  # noqa: PLR0917
    district: Annotated[str, typer.Argument(metavar="자치구|all", help="이름, 코드, 또는 all")],
    out: Annotated[Path, typer.Option(help="지도 파일 (.html), all이면 폴더")],
    edition: Annotated[str, typer.Option(help="internal(내부용) 또는 public(공개용)")] = "internal",
    tiles: Annotated[str | None, typer.Option(help="배경지도 주소 (인터넷이 있을 때만): osm 또는 주소 틀")] = None,
    at: AtOption = None,
    need: NeedOption = None,
    who: WhoOption = "",
    include_partial: PartialOption = False,
    threshold: ThresholdOption = 0.5,
    dense: DenseOption = "quantile",
    dense_share: DenseShareOption = 0.25,
    reach: ReachOption = 1.0,
    weight: WeightOption = None,
    combine: CombineOption = "product",
    stability: StabilityOption = 0,
    plan: Annotated[str | None, typer.Option(help="그릴 계획의 이름 (ansim plans list)")] = None,
    proposals: cli_proposals.DrawnOption = None,
    lang: LangOption = "ko",
    store: StoreOption = DEFAULT_STORE,
    catalog: CatalogOption = None,
    as_of: AsOfOption = None,
) -> None:
    """인터넷 없이 열리는 자치구 지도 파일을 만듭니다."""
    check_map(district, out, edition, plan, proposals)
    known, language = load_catalog(catalog or ()), lang_of(lang)
    opened = open_stored(store, known, as_of=day_of(as_of))
    settings = settings_of(
        known, need=need, include_partial=include_partial, threshold=threshold, dense=dense, dense_share=dense_share,
        reach=reach, weight=weight, combine=combine,
    )  # fmt: skip
    drawn, call = plan_to_draw(opened, plan, settings, at, who), cli_proposals.round_to_draw(opened, proposals)
    if drawn is not None:
        settings, at, who = drawn.own_settings, drawn.at, drawn.who
    _warn_of_unknown_layers(opened, known)

    def analyse(name: str) -> "DistrictResult":
        return _analyse(opened, known, name, settings, at=at, who=who, draws=stability)

    def draw(result: "DistrictResult", target: Path) -> None:
        from maps.district import write_district_map  # noqa: PLC0415

        write_district_map(
            result, known, target, edition=edition, tiles=tiles, plan=drawn, proposals=call, lang=language,  # type: ignore[arg-type]
        )  # fmt: skip

    if district == "all":
        draw_all(opened, known, out, settings, edition, analyse=analyse, draw=draw, lang=language)  # type: ignore[arg-type]
    else:
        draw(analyse(district), out)
        say(Console(), f"지도: {out} ({out.stat().st_size / 1e6:.1f} MB, 인터넷 없이 열림)")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="결과를 둘 폴더")] = Path("ansim-demo"),
) -> None:
    """가상 자치구(안심구)로 가져오기, 틈새 분석, 지도를 한 번에 해 봅니다."""
    from geo.model import Settings  # noqa: PLC0415
    from layers.importing import ImportOptions  # noqa: PLC0415
    from maps.district import write_district_map  # noqa: PLC0415
    from maps.files import write_cells, write_gaps  # noqa: PLC0415
    from maps.terminal import print_gaps  # noqa: PLC0415

    console = Console()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AnsimError(f"{folder}: 폴더를 만들 수 없습니다 ({error.strerror})", "--folder를 고치십시오") from error
    known = load_catalog()
    store = open_store(str(folder / "demo.gpkg"), known)
    with as_file(files("data") / "sample") as sample:
        _import([sample], store, known, ImportOptions(made_up=True), folder / "report.json")
    result = _analyse(store, known, DEMO_DISTRICT, Settings())
    print_gaps(result, known, console)
    made: list[tuple[str, Path, Callable[[Path], Any]]] = [
        ("지도 (브라우저로 여십시오)", folder / "안심구.html", lambda p: write_district_map(result, known, p)),
        ("표 (엑셀)", folder / "안심구-틈새.xlsx", lambda p: write_gaps(result, known, p)),
        ("표 (QGIS)", folder / "안심구-틈새.gpkg", lambda p: write_gaps(result, known, p)),
        ("칸별 표", folder / "안심구-칸.csv", lambda p: write_cells(result, p)),
    ]
    for _, path, write in made:
        write(path)
    say(console, "\n만든 것:")
    for title, path, _ in [
        *made,
        ("가져오기 보고서", folder / "report.json", None),
        ("자료", folder / "demo.gpkg", None),
    ]:
        say(console, f"  {title}: {path.resolve()}")


def _import(paths: Sequence[Path], store: Store, catalog: Catalog, options: Any, report: Path | None) -> None:  # noqa: ANN401
    from layers.importing import import_files, write_all_rejected, write_report  # noqa: PLC0415
    from maps.terminal import print_reports  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("가져오기", total=None)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        reports = import_files(paths, store, catalog, options, now=datetime.now(SEOUL), progress=progress)
    print_reports([r.as_dict() for r in reports], Console())
    if report is not None:
        write_report(reports, report)
        write_all_rejected(reports, report.parent)


def _check_report(report: Path | None) -> None:
    if report is not None and (report.is_dir() or not report.absolute().parent.is_dir()):
        raise BadSettingError(
            f"{report}: 보고서를 쓸 수 없습니다", "있는 폴더의 파일 이름을 주십시오 (예: report.json)"
        )


def _analyse(
    store: Store,
    catalog: Catalog,
    name: str,
    settings: "Settings",
    *,
    at: str | None = None,
    who: str = "",
    draws: int = 0,
) -> "DistrictResult":
    from geo.district import analyse, check_settings  # noqa: PLC0415
    from geo.stability import REACH, with_stability  # noqa: PLC0415
    from layers.district_input import district_input, margin_m  # noqa: PLC0415
    from layers.snapshot import take_snapshot  # noqa: PLC0415

    check_settings(settings)
    moment = parse_at(at) if at else None
    people = parse_who(who)
    # Draws of the stability try longer reaches than the one asked for.
    longest = settings.reach_factor * (1 + REACH if draws else 1)
    snapshot = take_snapshot(store, district=name, margin_m=margin_m(catalog, longest))
    source = district_input(snapshot, catalog, name, at=moment, who=people, reach_factor=longest)
    result = analyse(source, settings)
    if draws:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("안정성", total=draws)
            result = with_stability(result, draws=draws, seed=0, progress=lambda done: bar.update(task, completed=done))
    return result


add_report(app, _analyse)


def _warn_of_unknown_layers(store: Store, catalog: Catalog) -> None:
    from layers.states import unknown_layers, unknown_words  # noqa: PLC0415

    for words in unknown_words(unknown_layers(store.summary(), catalog)):
        say(Console(stderr=True), f"※ {words}")


def _fail(text: str) -> NoReturn:
    say(Console(stderr=True), f"오류: {text}")
    sys.exit(2)


def _stopped() -> NoReturn:
    """End after Ctrl-C, with the shells' number for it: 128 + SIGINT. A store is changed whole or not at all."""
    say(Console(stderr=True), "중단했습니다. 저장된 것은 없습니다")
    sys.exit(130)


def main() -> None:
    """Run the command. Exit status 0; 2 and one line that says what was wrong and what to do; 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):  # a Korean Windows console is cp949
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        command = in_korean(typer.main.get_command(app))
        sys.exit(command.main(prog_name="ansim", standalone_mode=False) or 0)
    except AnsimError as error:
        _fail(str(error))
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a group of commands without one
            say(Console(), error.format_message())
            sys.exit(0)
        _fail(usage_in_korean(error))
    except (KeyboardInterrupt, typer.Abort):
        _stopped()
    except MemoryError:
        _fail("메모리가 부족합니다 → 파일을 나누어 가져오십시오")
    except Exception as error:  # the last line of defence: no traceback reaches a user
        if os.environ.get("ANSIM_DEBUG"):
            raise
        _fail(f"프로그램 오류 ({type(error).__name__}) → ANSIM_DEBUG=1로 다시 실행한 내용을 알려 주십시오")


if __name__ == "__main__":
    main()
