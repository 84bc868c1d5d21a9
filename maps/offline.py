"""One HTML file that loads nothing: a folium map with Leaflet, styles, scripts and data inline.

What keeps it closed: no address is written into it but the tiles asked for, and its Content-Security-Policy
lets the browser load nothing else and run no script but the file's own (CSP level 3, W3C).
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from geo.errors import BadSettingError

OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
_SCRIPTS = (
    "inflate.js", "unpack.js", "canvas.js", "facilities.js", "labels.js", "pointers.js", "popups.js", "panel.js",
    "app.js", "plan.js", "proposals.js",
)  # fmt: skip
_CSS_IMAGE = re.compile(r"url\((?:\"|')?(images/[\w.-]+\.png)(?:\"|')?\)")
_SOURCE_MAP = re.compile(r"\s*//# sourceMappingURL=\S+")
_UNSAFE_IN_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&'\u2028\u2029"}
_STYLE = "<style>", "</style>\n"


@dataclass(frozen=True)
class Leaflet:
    """Leaflet as it is put inline: script (licence notice kept), style sheet (images inside), version."""

    script: str
    style: str
    version: str


@cache
def leaflet() -> Leaflet:
    """Read Leaflet from XStatic-Leaflet, once a process."""
    from xstatic.pkg import leaflet as package  # noqa: PLC0415 - a package that is data; nothing at import

    folder = Path(package.BASE_DIR)
    script = _SOURCE_MAP.sub("", (folder / "leaflet.js").read_text(encoding="utf-8"))
    style = _CSS_IMAGE.sub(
        lambda match: f"url(data:image/png;base64,{b64encode((folder / match[1]).read_bytes()).decode('ascii')})",
        (folder / "leaflet.css").read_text(encoding="utf-8"),
    )
    return Leaflet(script, style, ".".join(package.VERSION.split(".")[:3]))


@cache
def asset(name: str) -> str:
    """Return one of our own scripts or style sheets."""
    return files("maps").joinpath("assets", name).read_text(encoding="utf-8")


def json_in_script(value: object) -> str:
    """Return JSON that can stand inside a script element whatever texts it holds.

    ``<``, ``>``, ``&``, ``'``, U+2028 and U+2029 are escaped, so that neither ``</script>`` nor ``<!--``
    can occur. Raises ValueError on NaN and infinities: no data is None.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE_IN_SCRIPT)


@dataclass(frozen=True)
class Tiles:
    """Background tiles: the address template, what the browser may load for it, and whose they are."""

    url: str
    image_source: str
    attribution: str


def read_tiles(tiles: str) -> Tiles:
    """Understand the ``tiles`` setting: ``osm`` or an address with {z}, {x}, {y}.

    Raises
    ------
    BadSettingError
        The template lacks a place, or is neither http(s) nor a path beside the file.
    """
    url = OSM_TILES if tiles == "osm" else tiles
    parts = urlsplit(url)
    if not all(place in url for place in ("{z}", "{x}", "{y}")) or parts.scheme not in {"", "http", "https"}:
        raise BadSettingError(
            f"배경 지도 주소를 쓸 수 없습니다: {tiles!r}", "osm 또는 https://…/{z}/{x}/{y}.png 꼴로 쓰십시오"
        )
    host = re.sub(r"^\{\w+\}\.", "*.", parts.netloc)
    if not parts.netloc:
        return Tiles(url, "file: 'self'", "배경지도: 파일과 같은 곳의 타일")
    if not re.fullmatch(r"(\*\.)?[\w.-]+(:\d+)?", host):
        raise BadSettingError(
            f"배경 지도의 서버 이름을 읽을 수 없습니다: {tiles!r}", "{s}는 서버 이름의 맨 앞에만 쓸 수 있습니다"
        )
    owner = "© OpenStreetMap contributors" if tiles == "osm" else f"배경지도: {parts.netloc.replace('{s}.', '')}"
    return Tiles(url, f"{parts.scheme}://{host}", owner)


@dataclass(frozen=True)
class Page:
    """What an offline page consists of. ``head``, ``over`` (the map) and ``panel`` are safe markup."""

    title: str
    head: Markup
    over: Markup
    panel: Markup
    data: Mapping[str, Any]
    centre: tuple[float, float]  # lon, lat
    tiles: Tiles | None = None
    lang: str = "ko"


def render(page: Page) -> str:
    """Return the whole file's text. The same page gives the same text, byte for byte."""
    header, body, script = _folium_map(page.centre, tiled=page.tiles is not None)
    library = leaflet()
    own = "\n".join(asset(name) for name in _SCRIPTS)
    data = json_in_script(page.data)
    # Whoever writes a name into the data cannot know the digest of the whole, so no markup that slips
    # through anywhere can carry the nonce that lets a script run.
    whole = f"{page.title}\0{page.head}\0{page.over}\0{page.panel}\0{data}"
    nonce = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
    images = " ".join(["data:", *([page.tiles.image_source] if page.tiles else [])])
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src {images}"
    tag = f'<script nonce="{nonce}">'
    start = f"const MAP = {_MAP_NAME};"
    parts = [
        Markup('<!DOCTYPE html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n').format(page.lang),
        Markup('<meta http-equiv="Content-Security-Policy" content="{}">\n').format(policy),
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n',
        Markup("<title>{}</title>\n").format(page.title),
        library.style.join(_STYLE),
        header.replace("<script>", tag),
        (asset("style.css") + asset("plan.css") + asset("proposals.css")).join(_STYLE),
        _page_marks(page.title).join(_STYLE),
        f"{tag}{library.script}</script>\n</head>\n<body>\n",
        page.head,
        '<main id="main">\n<div id="stage">',
        body,
        page.over,
        "</div>\n",
        page.panel,
        "</main>\n",
        f'<script type="application/json" id="data">{data}</script>\n',
        f"{tag}\n{script}\n(function () {{\n'use strict';\n{start}\n{own}\n}})();\n</script>\n</body>\n</html>\n",
    ]
    # A lone surrogate cannot be written as UTF-8; a planner must get the map all the same.
    return "".join(parts).encode("utf-8", "replace").decode("utf-8")


def script_hashes(html: str) -> tuple[str, ...]:
    """Return the CSP sources (``'sha256-…'``) of the file's own scripts: those that carry its nonce, no others.

    Markup that slipped in anywhere cannot carry the nonce (:func:`render`), so it gets no hash either.
    """
    nonce = re.search("script-src &#39;nonce-([0-9a-f]{64})&#39;|script-src 'nonce-([0-9a-f]{64})'", html[:2000])
    if nonce is None:
        return ()
    own = re.findall(f'<script nonce="{nonce[1] or nonce[2]}">(.*?)</script>', html, re.DOTALL)
    digests = (hashlib.sha256(script.encode("utf-8")).digest() for script in own)
    return tuple(f"'sha256-{b64encode(digest).decode('ascii')}'" for digest in digests)


def _page_marks(title: str) -> str:
    """Return the style that puts the title, which names the edition, and the page's number on every printed page.

    Margin boxes (CSS Paged Media; Chromium and Edge 131 or newer). All but letters and digits is written as an
    escape, so that no name can end the string or the element.
    """
    text = "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in title[:200])
    font = "font: 8.5pt sans-serif; color: #4d5663"
    return (
        f'@page {{ @top-left {{ content: "{text}"; {font} }} '
        f'@bottom-right {{ content: counter(page) " / " counter(pages); {font} }} }}'
    )


_MAP_NAME = "map_district"


def _folium_map(centre: tuple[float, float], *, tiled: bool) -> tuple[str, str, str]:
    """Return folium's header, body and script of an empty map that loads nothing."""
    import folium  # noqa: PLC0415 - takes over half a second

    step = 1 if tiled else 0.25  # tiles blur between whole zooms
    district = folium.Map(
        location=centre[::-1],
        tiles=None,
        zoom_start=13,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=step,
        zoom_delta=max(step, 0.5),
        wheel_px_per_zoom_level=90,
        max_zoom=20,
        min_zoom=9,
        font_size="13px",
    )
    district.default_js, district.default_css = [], []
    district._id = _MAP_NAME.removeprefix("map_")  # noqa: SLF001 - else a random name: no two files alike
    figure: Any = district.get_root()
    district.render()  # type: ignore[no-untyped-call]
    del figure.header._children["meta_http"]  # noqa: SLF001 - the page states its own
    # folium forbids zooming by fingers, which people with weak sight need.
    header = re.sub(r"<meta name=\"viewport\".*?/>", "", figure.header.render(), flags=re.DOTALL)
    return header, figure.html.render(), figure.script.render()
