"""``ansim proposals``: proposals scored by the planner's rules, shortlisted, decided, listed. Parse, call, render."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli_options import AtOption, CatalogOption, StoreOption, pairs_of
from cli_words import say
from geo.errors import BadSettingError, NoDataError
from geo.proposal_committee import check_name, decided, merged, relisted, taken_back
from geo.proposals import Decision, Proposal, Round, scored
from layers.catalog import Catalog, load_catalog
from layers.hours import SEOUL, parse_at
from layers.kept_rounds import find_round, round_named
from layers.store import PlanStore, open_stored

if TYPE_CHECKING:
    from geo.proposal_ground import Ground
    from layers.proposal_rules import Rules

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None,
    help="제안(자치구·시민)을 담당자의 규칙으로 채점하고, 추천 목록과 심의 결정을 남깁니다.",
)  # fmt: skip

NameArgument = Annotated[str, typer.Argument(metavar="이름", help="공모의 이름")]
DrawnOption = Annotated[str | None, typer.Option("--proposals", help="그릴 공모의 이름 (ansim proposals list)")]
OutOption = Annotated[Path | None, typer.Option("--out", help="쓸 파일: .xlsx .csv .geojson .gpkg")]


@app.command()
def score(  # noqa: PLR0917 - the options of the command
    paths: Annotated[list[Path], typer.Argument(metavar="파일...", help="제안 파일이나 폴더")],
    rules: Annotated[Path, typer.Option(help="점수의 항목과 가중치를 적은 TOML (docs/proposals.md)")],
    name: Annotated[str, typer.Option(help="이 이름으로 저장소에 둡니다")],
    column: Annotated[list[str] | None, typer.Option(help="열 지정, 예: dong_name=희망동 (여러 번 가능)")] = None,
    crs: Annotated[str | None, typer.Option(help="이름 없는 평면좌표의 좌표계 (예: EPSG:5186)")] = None,
    encoding: Annotated[str | None, typer.Option(help="글자 인코딩 (예: cp949)")] = None,
    at: AtOption = None,
    force: Annotated[bool, typer.Option("--force", help="심의 결정이 든 같은 이름의 공모를 버리고 다시")] = False,
    out: OutOption = None,
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """제안 파일을 읽어 중복과 위치 모르는 것을 빼고, 규칙대로 점수를 냅니다."""
    from layers.importing import ImportOptions  # noqa: PLC0415 - each command loads what it needs
    from layers.proposal_rules import read_rules  # noqa: PLC0415
    from layers.proposals import read_proposals  # noqa: PLC0415

    _check_out(out)
    check_name(name)
    known = load_catalog(catalog or ())
    asked, opened, now = read_rules(rules), open_stored(store, known), datetime.now(SEOUL)
    check = None if force else _check_undecided
    if check is not None:
        check(round_named(opened.rounds(), name))  # before the work, and again where it is kept: committees go on
    options = ImportOptions(crs=crs, encoding=encoding, columns=pairs_of(column, "--column", "dong_name=희망동"))
    read = read_proposals(paths, opened, known, options, near_m=asked.near_m, today=now.date())
    dong = opened.read("dong", columns=["district", "district_name"])
    proposals, notes, made_up = _scored(read.proposals, asked, opened, known, at)
    made = Round(
        name, now.isoformat(timespec="seconds"), tuple(read.files), opened.version(), asked.parts, tuple(proposals),
        dict(zip(dong["district"], dong["district_name"], strict=True)), notes=(*read.notes, *notes), made_up=made_up,
    )  # fmt: skip
    if asked.limits is not None:
        made = relisted(made, asked.limits)
    opened.save_round(made, check)
    _show(made, out)
    say(Console(), f"저장한 공모: {name}")


@app.command()
def shortlist(
    name: NameArgument,
    size: Annotated[int | None, typer.Option(help="추천할 건수 (기본: 규칙 파일의 size)")] = None,
    most: Annotated[int | None, typer.Option("--most-per-district", help="자치구 하나의 최대")] = None,
    least: Annotated[
        int | None, typer.Option("--least-per-district", help="자치구 하나의 최소 (제안이 있으면)")
    ] = None,
    out: OutOption = None,
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """점수와 자치구별 한도로 추천 목록을 다시 만듭니다. --out 심의표.xlsx 를 위원회에 냅니다."""
    _check_out(out)
    opened = open_stored(store, load_catalog(catalog or ()))

    def change(made: Round) -> Round:
        return relisted(made, merged(made.limits, size, most, least))

    _show(opened.change_round(name, change), out)
    say(Console(), f"저장한 공모: {name}")


@app.command()
def decide(  # noqa: PLR0917 - the options of the command
    name: NameArgument,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="번호...", help="결정할 제안의 번호")] = None,
    result: Annotated[str | None, typer.Option(help="선정, 미선정, 보류")] = None,
    reason: Annotated[str, typer.Option(help="사유 (--file에서는 사유 칸이 빈 행에)")] = "",
    file: Annotated[Path | None, typer.Option(help="결정과 사유를 채운 심의표 (xlsx, csv)")] = None,
    by: Annotated[str, typer.Option("--by", help="누가 결정했는지, 예: 2차 심의위원회")] = "",
    undo: Annotated[
        bool, typer.Option("--undo", help="그 번호들의 결정을 되돌립니다 (앞의 결정이 다시 섭니다)")
    ] = False,
    out: OutOption = None,
    store: StoreOption = "ansim.gpkg",
    catalog: CatalogOption = None,
) -> None:
    """위원회의 결정과 사유를 넣습니다. 고친 결정도 앞의 것과 함께 남습니다."""
    _check_out(out)
    if (file is None) == (not numbers) or (undo and (file is not None or result is not None)):
        raise BadSettingError(
            "결정할 번호나 심의표 가운데 하나를 주십시오",
            "예: decide 이름 12 15 --result 선정 --reason …, 되돌리려면 decide 이름 12 --undo",
        )
    known = load_catalog(catalog or ())
    opened, now = open_stored(store, known), datetime.now(SEOUL).isoformat(timespec="seconds")
    if undo:

        def change(made: Round) -> Round:
            for number in dict.fromkeys(numbers or ()):
                made = taken_back(made, number, when=now, who=by.strip(), reason=reason.strip())
            return made
    else:
        found = _decisions(numbers or (), result, reason, file, known, now)
        entered = {number: replace(one, who=by.strip()) for number, one in found.items()}

        def change(made: Round) -> Round:
            return decided(made, entered)

    _show(opened.change_round(name, change), out)
    say(Console(), f"저장한 공모: {name}")


@app.command()
def table(
    name: NameArgument, out: OutOption = None, store: StoreOption = "ansim.gpkg", catalog: CatalogOption = None
) -> None:
    """모든 제안과 그 처리를 보여 주거나 한 표로 씁니다."""
    _check_out(out)
    _show(find_round(open_stored(store, load_catalog(catalog or ())), name), out)


@app.command("list")
def list_rounds(store: StoreOption = "ansim.gpkg", catalog: CatalogOption = None) -> None:
    """저장한 공모를 모두 보여 줍니다."""
    from maps.proposal_terminal import print_rounds  # noqa: PLC0415

    print_rounds(open_stored(store, load_catalog(catalog or ())).rounds(), Console())


@app.command()
def delete(name: NameArgument, store: StoreOption = "ansim.gpkg", catalog: CatalogOption = None) -> None:
    """저장한 공모 하나를 결정과 함께 지웁니다."""
    opened = open_stored(store, load_catalog(catalog or ()))
    find_round(opened, name)
    opened.delete_round(name)
    say(Console(), f"지운 공모: {name}")


def round_to_draw(store: PlanStore, name: str | None) -> Round | None:
    """Return the call to be drawn, None where none is named. Raises UnknownRoundError naming those there are."""
    return None if name is None else find_round(store, name)


def _decisions(
    numbers: Sequence[int], result: str | None, reason: str, file: Path | None, catalog: Catalog, now: str
) -> dict[int, Decision]:
    """Return the decisions of a file, else one for the numbers. Raises BadSettingError."""
    from layers.proposal_decisions import outcome_of, read_decisions  # noqa: PLC0415

    if file is not None:
        found = read_decisions(file, catalog, at=now, reason=reason)
        if not found:
            raise BadSettingError(f"{file.name}: 결정이 하나도 없습니다", "결정 열에 선정, 미선정, 보류를 적으십시오")
        return found
    outcome = outcome_of(result or "")
    if not outcome:
        raise BadSettingError(f"--result {result}: 모르는 결정입니다", "선정, 미선정, 보류 중 하나")
    return dict.fromkeys(numbers, Decision(outcome, reason.strip(), now))


def _scored(
    proposals: Sequence[Proposal], rules: "Rules", store: PlanStore, catalog: Catalog, at: str | None
) -> tuple[list[Proposal], list[str], bool]:
    from geo.proposal_ground import OF_CELLS  # noqa: PLC0415
    from layers.proposal_values import table_values  # noqa: PLC0415

    of_cells = [part for part in rules.parts if part.what in OF_CELLS]
    values, notes, made_up = {}, [], any(record.made_up for record in store.imports())
    for part in rules.parts:
        if part.name in rules.tables:
            values[part.name], note = table_values(part, rules.tables[part.name], proposals, store, catalog)
            notes += [note] if note else []
    if of_cells:
        ground, said = _ground(proposals, max(part.within_m for part in of_cells), store, catalog, at)
        notes += said
        values |= {part.name: ground.value(part, proposals) for part in of_cells}
    found = scored(proposals, rules.parts, values)
    short = [p.number for p in found if any(flag.startswith("missing:") for flag in p.flags)]
    if short:
        listed = ", ".join(f"{number}번" for number in short[:20]) + (" …" if len(short) > 20 else "")
        notes.append(
            f"자료 없는 항목이 있는 제안 {len(short)}건은 남은 항목만으로 점수를 내어 그대로 견줄 수 없습니다: {listed}"
        )
    return found, notes, made_up


def _ground(
    proposals: Sequence[Proposal], within_m: float, store: PlanStore, catalog: Catalog, at: str | None
) -> tuple["Ground", list[str]]:
    """Analyse every district whose ground counts; one without households has none, and is named."""
    from geo.district import analyse  # noqa: PLC0415
    from geo.proposal_ground import Ground  # noqa: PLC0415
    from layers.district_input import district_input, margin_m  # noqa: PLC0415
    from layers.proposals import districts_near  # noqa: PLC0415
    from layers.snapshot import take_snapshot  # noqa: PLC0415

    moment = parse_at(at) if at else None
    districts = districts_near(proposals, store.read("dong"), within_m)
    results, notes = [], []
    bars = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*bars, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("자치구 분석", total=len(districts))
        for code in districts:
            try:
                snapshot = take_snapshot(store, district=code, margin_m=margin_m(catalog))
                results.append(analyse(district_input(snapshot, catalog, code, at=moment)))
            except NoDataError as error:
                notes.append(error.message)
            bar.advance(task)
    if results:
        notes.append(f"도달도의 분석 시각: {results[0].source.at}")
    return Ground.of(results), notes


def _check_out(out: Path | None) -> None:
    from maps.files import check_target  # noqa: PLC0415

    if out is not None:
        check_target(out, "plan")


def _check_undecided(old: Round | None) -> None:
    if old is not None and any(p.decisions for p in old.proposals):
        raise BadSettingError(
            f"'{old.name}' 공모에는 심의 결정이 들어 있습니다", "다른 이름을 쓰거나, 버려도 되면 --force를 주십시오"
        )


def _show(made: Round, out: Path | None) -> None:
    from maps.proposal_files import write_proposals  # noqa: PLC0415
    from maps.proposal_terminal import print_round  # noqa: PLC0415

    console = Console()
    print_round(made, console)
    if out is not None:
        write_proposals(made, out)
        say(console, f"모든 제안: {out}")
