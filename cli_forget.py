"""``ansim forget``: take an import back. What would go is shown first; nothing goes without ``--confirm``."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli_options import CatalogOption, StoreOption
from cli_words import say
from geo.errors import BadSettingError
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.store import open_stored

if TYPE_CHECKING:
    from layers.catalog import Catalog
    from layers.store import Store


def add_forget(app: typer.Typer) -> None:
    """Give the program this command."""

    @app.command()
    def forget(
        name: Annotated[
            str | None, typer.Argument(metavar="[파일|자료묶음|번호]", help="되돌릴 것; 없으면 가져온 것을 모두 보임")
        ] = None,
        newest: Annotated[bool, typer.Option("--last", help="마지막 가져오기 명령 하나")] = False,
        confirm: Annotated[bool, typer.Option("--confirm", help="정말 되돌리기 (없으면 보기만 함)")] = False,
        store: StoreOption = "ansim.gpkg",
        catalog: CatalogOption = None,
    ) -> None:
        """가져오기를 되돌립니다. 무엇이 빠지는지 먼저 보이고, --confirm을 주어야 저장소를 바꿉니다."""
        from layers.importing import forgetting  # noqa: PLC0415 - each command loads what it needs
        from maps.forget_terminal import print_imports, print_taken  # noqa: PLC0415

        if name is not None and newest:
            raise BadSettingError("이름과 --last를 함께 줄 수 없습니다", "둘 가운데 하나만 주십시오")
        known, console = load_catalog(catalog or ()), Console()
        opened = open_stored(store, known)
        imports = opened.imports()
        if name is None and not newest:
            print_imports([(forgetting.import_id(one), one) for one in imports], _log(opened), _names(known), console)
            return
        chosen = forgetting.last(imports) if name is None else forgetting.choose(imports, name)
        done = forgetting.forget(opened, known, chosen, now=datetime.now(SEOUL), confirm=confirm)
        print_taken(done, _names(known), console, done=confirm)
        say(console, "되돌렸습니다." if confirm else "아직 바꾼 것이 없습니다. 되돌리려면 --confirm을 주십시오.")


def _log(store: "Store") -> Sequence[object]:
    from layers.taking_back import Remembering  # noqa: PLC0415

    return store.forgotten() if isinstance(store, Remembering) else ()


def _names(catalog: "Catalog") -> dict[str, str]:
    from layers.tables import TABLE_TITLES  # noqa: PLC0415

    areas = {area.id: area.name for area in catalog.areas.values()}
    return TABLE_TITLES | areas | {layer.id: layer.name for layer in catalog.layers.values()}
