"""``ansim serve`` and ``ansim keys``: what the command line says to the service. Loads the service only when run."""

import os
import sys
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.opened import opened
from api.opening import say_when_ready
from api.serving_folder import serving_folder
from geo.errors import AnsimError, BadSettingError
from layers.catalog import load_catalog
from layers.hours import SEOUL
from layers.store import StoreError, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.keys import KeyBook

keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="열쇠: 만들기, 보기, 취소")

StoreOption = Annotated[
    str, typer.Option("--store", envvar="ANSIM_STORE", help="자료를 두는 파일 (.gpkg) 또는 postgresql:// 주소")
]
KeysOption = Annotated[
    Path | None,
    typer.Option("--keys", envvar="ANSIM_KEYS", help="열쇠 파일 (기본: 저장소 옆 ….keys.json, 데이터베이스면 그 안)"),
]
_HEADERS_S = 10_000  # milliseconds for a request's headers to arrive
_BUFFER_BYTES = 65_536


class ServeError(AnsimError):
    """The service cannot start: its packages are not installed, or the port is taken."""

    code = "serve"


def serve(
    host: Annotated[str, typer.Option(help="들을 주소 (밖에서 쓰려면 앞에 프록시를 두십시오)")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="들을 포트")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="프로세스 수")] = 1,
    store: StoreOption = "ansim.gpkg",
    keys: KeysOption = None,
    catalog: Annotated[
        list[Path] | None, typer.Option("--catalog", envvar="ANSIM_CATALOG", help="더할 카탈로그 TOML (여러 번 가능)")
    ] = None,
    session_key: Annotated[
        bool,
        typer.Option(
            "--session-key/--no-session-key", help="이 컴퓨터에서만: 이번 실행에만 쓰는 열쇠를 주소에 붙여 보임"
        ),
    ] = True,
) -> None:
    """쪽과 HTTP API를 엽니다: 계획, 가져오기, 내 주변, 도시."""
    if find_spec("granian") is None or find_spec("fastapi") is None:
        raise ServeError("서비스에 필요한 꾸러미가 없습니다", "pip install 'ansim-map[serve]'")
    from granian import Granian  # noqa: PLC0415 - each command loads what it needs
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings, HTTP2Settings  # noqa: PLC0415

    with ExitStack() as stack:
        folder = stack.enter_context(serving_folder(store, catalog or ()))
        _check_store(store, catalog or (), keys, folder)
        _check_free(host, port)
        _say_missing(store)
        os.environ |= {
            "ANSIM_STORE": store, "ANSIM_CATALOG": os.pathsep.join(map(str, catalog or ())),
            "ANSIM_FOLDER": str(folder),  # one for all workers
        }  # fmt: skip
        if keys is not None:
            os.environ["ANSIM_KEYS"] = str(keys)
        link = stack.enter_context(_said_link(_link(host, port, session_key=session_key), folder))
        say_when_ready(host, port, lambda more: typer.echo(f"{link}\n{more}" if more else link))
        Granian(
            "api.worker:make", address=host, port=port, interface=Interfaces.ASGI, factory=True, workers=workers,
            websockets=False, log_access=False, log_dictconfig=_log_to_stderr(), workers_kill_timeout=30,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_S, max_buffer_size=_BUFFER_BYTES),
            http2_settings=HTTP2Settings(max_headers_size=_BUFFER_BYTES),
        ).serve()  # fmt: skip


def _check_store(store: str, catalog: "Sequence[Path]", keys: Path | None, folder: Path) -> None:
    """Say now what is wrong with the store or its keys; a database that is away is none where its data are at hand."""
    from api.key_books import open_book  # noqa: PLC0415
    from api.served import last_served  # noqa: PLC0415

    with opened(store, load_catalog(catalog)) as there:
        try:
            there.version()
            open_book(there, store, keys).all_keys()
        except StoreError as error:
            if "://" not in store or last_served(folder) is None:
                raise
            typer.echo(
                f"※ {error.message} → 저장해 둔 자료로 엽니다. 쓰기는 데이터베이스가 돌아온 뒤에 됩니다", err=True
            )


def _say_missing(store: str) -> None:
    """Say that a file is not there: a mistyped name is no empty store."""
    if is_missing(store):
        typer.echo(
            f"※ {store}: 저장소 파일이 없어 빈 채로 엽니다 → 이름이 틀렸으면 멈추고 --store를 고치고,"
            " 처음이면 가져오기 쪽에서 행정동 경계부터 넣으십시오",
            err=True,
        )


@contextmanager
def _said_link(link: str, folder: Path) -> "Iterator[str]":
    """Lend the line that says the address; a key in it goes to a terminal, else into a file only the user reads."""
    stop = "(멈추려면 Ctrl+C)"
    if "#key=" not in link or sys.stdout.isatty():
        yield f"{link} {stop}"
        return
    path = folder / "session-link"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(link + "\n")
    try:
        yield f"{link.partition('#')[0]} {stop}\n직원으로 여는 주소는 이 파일에 있습니다 (이 사용자만 읽음): {path}"
    finally:
        path.unlink(missing_ok=True)


def _log_to_stderr() -> dict[str, Any]:
    """Return the server's own logging, away from the standard output: there stands the link alone."""
    from granian.log import LOGGING_CONFIG  # noqa: PLC0415

    usual: dict[str, Any] = LOGGING_CONFIG
    handlers = {name: {**handler, "stream": "ext://sys.stderr"} for name, handler in usual["handlers"].items()}
    return {"handlers": handlers}


def _link(host: str, port: int, *, session_key: bool) -> str:
    """Return the address to open. On this computer alone it brings a key, which ends with the service.

    The key stands behind the '#', which a browser never sends; the workers are told its digest.
    """
    os.environ.pop("ANSIM_SESSION_DIGEST", None)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    if not (session_key and _is_loopback(host)):
        return address
    from api.keys import session_key as make  # noqa: PLC0415

    text, os.environ["ANSIM_SESSION_DIGEST"] = make()
    return f"{address}#key={text}"


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check_free(host: str, port: int) -> None:
    import socket  # noqa: PLC0415

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise ServeError(f"{host}:{port}에서 들을 수 없습니다 ({error.strerror})", "--port를 바꾸십시오") from error


@keys.command("create")
def create(
    role: Annotated[str, typer.Option(help="planner 또는 admin (public은 열쇠 없이)")],
    name: Annotated[str, typer.Option(help="누구의 열쇠인지")],
    store: StoreOption = "ansim.gpkg",
    keys: KeysOption = None,
) -> None:
    """열쇠를 만듭니다. 한 번만 보입니다."""
    from api.keys import Role, create_key  # noqa: PLC0415

    known = {r.name.lower(): r for r in Role}
    if role not in known:
        raise BadSettingError(f"--role {role}: 모르는 역할입니다", f"{', '.join(known)} 중 하나")
    if not name.strip() or len(name) > 100:
        raise BadSettingError("--name: 1자에서 100자까지입니다", "예: --name '관악구 안전과'")
    with _book(store, keys) as book:
        text = create_key(book, known[role], name.strip(), datetime.now(SEOUL))
    typer.echo(text)
    typer.echo("지금 적어 두십시오. 다시 볼 수 없습니다.", err=True)


@keys.command("list")
def list_(store: StoreOption = "ansim.gpkg", keys: KeysOption = None) -> None:
    """열쇠를 보입니다 (번호, 역할, 이름, 만든 때, 취소한 때)."""
    with _book(store, keys) as book:
        listed = book.all_keys()
    for key in listed:
        state = f"취소 {key.revoked_at}" if key.revoked_at else "사용 중"
        typer.echo(f"{key.id}  {key.role:8}  {key.name}  {key.created_at}  {state}")


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="번호", help="ansim keys list의 첫 칸")],
    store: StoreOption = "ansim.gpkg",
    keys: KeysOption = None,
) -> None:
    """열쇠를 취소합니다. 곧바로 쓸 수 없게 됩니다."""
    from api.keys import revoke_key  # noqa: PLC0415

    with _book(store, keys) as book:
        key = revoke_key(book, key_id, datetime.now(SEOUL))
    typer.echo(f"취소했습니다: {key.id} {key.name}")


@contextmanager
def _book(store: str, path: Path | None) -> "Iterator[KeyBook]":
    from api.key_books import open_book  # noqa: PLC0415

    with opened(store, load_catalog()) as there:
        yield open_book(there, store, path)
