"""``ansim db``: the tables of a PostGIS store. Parse, call, render, as ``cli``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geo.errors import BadSettingError
from layers.catalog import load_catalog

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="PostGIS 저장소의 표를 만들고 살펴봅니다")

StoreOption = Annotated[str, typer.Option("--store", envvar="ANSIM_STORE", help="postgresql:// 주소")]
CatalogOption = Annotated[
    list[Path] | None, typer.Option("--catalog", envvar="ANSIM_CATALOG", help="더할 카탈로그 TOML (여러 번 가능)")
]


@app.command()
def upgrade(store: StoreOption = "", catalog: CatalogOption = None) -> None:
    """표를 만들거나 새 판으로 올리고, 카탈로그의 층마다 표와 보기를 만듭니다."""
    from layers.postgis.open import open_database  # noqa: PLC0415 - an extra of the installation
    from layers.postgis.upgrade import upgrade as upgrade_tables  # noqa: PLC0415

    _check(store)
    known = load_catalog(catalog or ())
    found = upgrade_tables(open_database(store), known)
    _say(f"표: {found.revision}판, 층 {len(known.layers)}개, 자료 버전 {found.version} (PostGIS {found.postgis})")


@app.command()
def status(store: StoreOption = "", catalog: CatalogOption = None) -> None:
    """표가 어느 판인지, 어떤 층의 표가 없는지 봅니다."""
    from layers.postgis.open import open_database  # noqa: PLC0415
    from layers.postgis.upgrade import status as tables_status  # noqa: PLC0415

    _check(store)
    found = tables_status(open_database(store), load_catalog(catalog or ()))
    _say(f"PostGIS: {found.postgis or '없음'}")
    _say(f"표: {found.revision or '없음'} (이 프로그램: {found.newest})")
    _say(f"자료 버전: {found.version}")
    _say(f"연결: 이 프로그램 {found.pool}, 서버 {found.connections}")
    if found.pool > found.connections:
        _say(f"→ ANSIM_DB_POOL을 {found.connections} 아래로 줄이거나 서버의 max_connections를 늘리십시오")
    if found.missing_layers:
        _say(f"표가 없는 층: {', '.join(found.missing_layers)}")
    if not found.ready:
        _say("→ ansim db upgrade")


def _check(store: str) -> None:
    if "://" not in store:
        raise BadSettingError(
            "ansim db는 postgresql:// 저장소의 명령입니다", "--store postgresql://사용자:비밀번호@서버:5432/ansim"
        )


def _say(text: str) -> None:
    Console().print(text, markup=False, highlight=False, soft_wrap=True)
