"""``ansim map all``: a map of every district, and the overview of the city that leads to them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import shapely
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli_words import say
from geo.errors import BadSettingError, NoDataError
from layers.catalog import Catalog
from layers.store import Store

if TYPE_CHECKING:
    from geo.model import DistrictResult, Settings
    from layers.city_states import CityScope
    from layers.snapshot import District, Snapshot
    from maps.city.payload import City
    from maps.city.rows import CityRow
    from maps.editions import Edition
    from maps.english import Lang

Analyse = Callable[[str], "DistrictResult"]
Draw = Callable[["DistrictResult", Path], None]


def check_map(district: str, out: Path, edition: str, plan: str | None, proposals: str | None = None) -> None:
    """Raise :class:`BadSettingError` where a map, or all of them, cannot be made as asked."""
    if edition not in {"internal", "public"}:
        raise BadSettingError(f"--edition {edition}", "internal 또는 public")
    if plan is not None and district == "all":
        raise BadSettingError("--plan은 자치구 하나에만 그립니다", "예: ansim map 관악구 --plan 이름 --out 지도.html")
    if proposals is not None and (district == "all" or edition == "public"):
        raise BadSettingError(
            "--proposals는 자치구 하나의 내부용 지도에만 그립니다",
            "예: ansim map 관악구 --proposals 이름 --out 지도.html",
        )
    if district != "all" and out.suffix.lower() not in {".html", ".htm"}:
        raise BadSettingError(f"{out}: 지도는 .html 파일입니다", "예: --out 관악구.html")


def draw_all(
    store: Store,
    catalog: Catalog,
    folder: Path,
    settings: "Settings",
    edition: "Edition",
    *,
    analyse: Analyse,
    draw: Draw,
    lang: "Lang" = "ko",
) -> None:
    """Write every district's map, ``index.html`` that compares them, and the table of it, into a folder.

    One district is held at a time; of each, its line of the overview is kept.

    Raises
    ------
    NoDataError
        No boundaries are loaded.
    BadSettingError
        The folder is a file.
    """
    from layers.city_states import city_scope  # noqa: PLC0415 - each command loads what it needs
    from layers.snapshot import find_district, take_overview  # noqa: PLC0415

    console = Console()
    overview = take_overview(store)
    if not overview.districts:
        find_district("all", overview.districts)
    _make(folder)
    scope = city_scope(overview, catalog, settings)
    rows: list[CityRow] = []
    maps: dict[str, str] = {}
    for district in _shown(scope.districts):
        target = folder / f"{district.name}-{district.code}.html"
        row, reason = _line(district, target, overview, catalog, scope, analyse=analyse, draw=draw)
        rows.append(row)
        if reason:
            say(console, f"건너뜀: {district.name}: {reason}")
        else:
            maps[district.code] = target.name
            say(console, f"지도: {target}")
    city = _city(store, catalog, scope, rows)
    index = _write_overview(city, catalog, folder, edition, maps, lang)
    say(console, f"도시: {index} ({len(rows):,}개 구, 인터넷 없이 열림)")


def _shown(districts: Sequence["District"]) -> Iterator["District"]:
    """Go through the districts and show on the terminal how far it is; a district counts once its turn is over."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("자치구", total=len(districts))
        for district in districts:
            bar.update(task, description=district.name)
            yield district
            bar.advance(task)


def _line(
    district: "District",
    target: Path,
    overview: "Snapshot",
    catalog: Catalog,
    scope: "CityScope",
    *,
    analyse: Analyse,
    draw: Draw,
) -> tuple["CityRow", str]:
    """Draw a district's map; return its line of the overview, and why it has no figures and no map ('' if it has)."""
    from maps.city.rows import city_row, row_without  # noqa: PLC0415

    try:
        result = analyse(district.code)
        row = city_row(result, catalog, scope.common, scope.layer_states)
        draw(result, target)
    except NoDataError as error:
        return row_without(district.code, district.name, _ground(overview, district.code), error.message), error.message
    return row, ""


def _make(folder: Path) -> None:
    if folder.suffix.lower() in {".html", ".htm"}:
        raise BadSettingError(f"{folder}: all은 폴더에 씁니다", "예: --out maps")
    if folder.exists() and not folder.is_dir():
        raise BadSettingError(f"{folder}: 폴더가 아닙니다", "예: --out maps")
    folder.mkdir(parents=True, exist_ok=True)


def _ground(overview: "Snapshot", code: str) -> object:
    dong = overview.dong
    return shapely.union_all(dong.loc[dong["district"] == code, "geometry"].to_numpy())


def _city(store: Store, catalog: Catalog, scope: "CityScope", rows: Iterable["CityRow"]) -> "City":
    from layers.programmes import installed_years, programmes  # noqa: PLC0415
    from maps.city.payload import City  # noqa: PLC0415

    codes = [district.code for district in scope.districts]
    return City(
        scope.name, tuple(rows), scope.common, programmes(scope.name), installed_years(store, catalog.layers, codes)
    )


def _write_overview(
    city: "City", catalog: Catalog, folder: Path, edition: "Edition", maps: dict[str, str], lang: "Lang"
) -> Path:
    from maps.city.page import city_page  # noqa: PLC0415
    from maps.city.table import write_city_tables  # noqa: PLC0415
    from maps.files import replacing  # noqa: PLC0415

    tables = write_city_tables(city, catalog, edition, folder, lang)
    index = folder / "index.html"
    html = city_page(city, catalog, edition, maps=maps, tables=tables, lang=lang)
    with replacing(index) as beside:
        beside.write_bytes(html.encode("utf-8"))
    return index
