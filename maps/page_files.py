"""The files of the pages in a browser: our own in ``maps/pages``, Leaflet, and the map's drawing code as a module.

Nothing is built: a file is served as it stands. One digest over all of them is part of every address, so that
a browser may keep them for good and never mixes two versions.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from maps.city.page import CITY_SCRIPTS
from maps.offline import asset, leaflet

# What the single-file maps draw with (classic scripts that share a scope), as one ES module for the pages.
_KIT = ("inflate.js", "unpack.js", "canvas.js", "facilities.js", "labels.js", "pointers.js", "popups.js")
_KIT_EXPORTS = (
    "unpackIntegers", "unpackPlaces", "unpackPolygons", "unpackTexts", "holds", "worldX", "worldY", "worldToLatLng",
    "CanvasLayer", "trace", "fillPolygon", "strokePolygon", "hatch", "dotted", "unpackCells", "traceCell", "fillCells",
    "cellAt", "unpackLayer", "textOf", "nearestPoint", "radiusOf", "pathOf", "isLight", "drawFacilities", "facilityAt",
    "zoneAt", "stackedWith", "Labels", "label", "overlaps", "boxAround", "worldOf", "within", "POINTER", "pointed",
    "inDong", "turn", "drawLead", "cornerOf",
)  # fmt: skip

# The overview of a city, the same code as in its file (maps.city.page).
_CITY_EXPORTS = ("drawCity", "cityText")
_IMPORT = re.compile(r"from '(\.{1,2}/[^']+)'")


@cache
def page_files() -> Mapping[str, bytes]:
    """Return every file of the pages by its name (``lib/api.js``), read once a process."""
    found = {name: source.read_bytes() for name, source in _walk(files("maps").joinpath("pages"), "")}
    library = leaflet()
    found["leaflet.js"] = library.script.encode()
    found["leaflet.css"] = library.style.encode()
    found["map-kit.js"] = _kit()
    own = "\n".join(asset(name) for name in CITY_SCRIPTS)
    found["city-kit.js"] = f"{own}\nexport {{ {', '.join(_CITY_EXPORTS)} }};\n".encode()
    found["city.css"] = asset("city.css").encode()
    found["proposal-marks.css"] = asset("proposals.css").encode()
    return MappingProxyType(dict(sorted(found.items())))


@cache
def digest() -> str:
    """Return the digest of all files, 16 hex digits: another where any of them is another."""
    whole = hashlib.sha256()
    for name, content in page_files().items():
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()[:16]


def page_html(name: str) -> str:
    """Return a page (``near``), ``{static}`` in it replaced by the address of its files.

    ``{modules}`` stands for links to all modules that its start imports, so that a slow phone asks for them at once.
    """
    html = page_files()[f"{name}.html"].decode("utf-8")
    if "{modules}" in html:
        links = (f'<link rel="modulepreload" href="{{static}}/{file}">' for file in modules_of(f"{name}/main.js")[1:])
        html = html.replace("{modules}", "\n".join(links))
    return html.replace("{static}", f"/static/{digest()}")


def modules_of(start: str) -> list[str]:
    """Return a module's name among the pages' files and those of all it imports, each once, the nearest first."""
    found = [start]
    for name in found:  # grows while it is gone through
        folder = name.split("/")[:-1]
        for path in _IMPORT.findall(page_files()[name].decode("utf-8")):
            parts = list(folder)
            for part in path.split("/"):
                if part == "..":
                    parts.pop()
                elif part != ".":
                    parts.append(part)
            imported = "/".join(parts)
            if imported not in found:
                found.append(imported)
    return found


def _kit() -> bytes:
    own = "\n".join(asset(name) for name in _KIT)
    return f"const L = window.L;\n{own}\nexport {{ {', '.join(_KIT_EXPORTS)} }};\n".encode()


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry
