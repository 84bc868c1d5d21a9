"""The overview of a city as one HTML file that loads nothing and leads to the district maps beside it."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import quote

from markupsafe import Markup

from layers.catalog import Catalog
from maps.city.payload import City, city_payload
from maps.editions import EDITION_NAMES, Edition
from maps.english import Lang, speaker
from maps.offline import asset, json_in_script

_NO_SCRIPT = "이 파일은 자바스크립트가 켜져 있어야 보입니다."
CITY_SCRIPTS = (
    "city_words.js", "city_nodes.js", "city_map.js", "city_charts.js", "city_table.js", "city_one.js", "city.js",
)  # fmt: skip


def city_page(
    city: City,
    catalog: Catalog,
    edition: Edition = "internal",
    *,
    maps: Mapping[str, str] | None = None,
    tables: Mapping[str, str] | None = None,
    lang: Lang = "ko",
) -> str:
    """Return the overview: one complete HTML text that makes no request.

    Parameters
    ----------
    edition
        What is withheld in ``public`` is not in the text: no cover, no gaps, no need, no layer of staff (domain.md 8).
    maps
        District code to the name of its map's file, beside this one.
    tables
        ``xlsx`` and ``csv`` to the name of the table's file.
    lang
        The language it opens in; it can be changed there.
    """
    data = city_payload(city, catalog, edition) | {
        "lang": lang,
        "maps": {code: quote(name) for code, name in (maps or {}).items()},
        "files": {kind: quote(name) for kind, name in (tables or {}).items()},
    }
    packed = json_in_script(data)
    nonce = hashlib.sha256(packed.encode("utf-8", "replace")).hexdigest()
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:"
    say = speaker(catalog, lang)
    made_up = f"[{say('가상 자료')}] " if data["made_up"] else ""
    base = files("maps").joinpath("pages", "common.css").read_text(encoding="utf-8")
    own = "\n".join(asset(name) for name in (*CITY_SCRIPTS, "city_file.js"))
    parts = [
        Markup('<!DOCTYPE html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n').format(lang),
        Markup('<meta http-equiv="Content-Security-Policy" content="{}">\n').format(policy),
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        '<meta name="referrer" content="no-referrer">\n',
        Markup("<title>{}{} {} ({})</title>\n").format(
            made_up, city.name, say("안심지도"), say(EDITION_NAMES[edition])
        ),
        f"<style>\n{base}\n{asset('city.css')}</style>\n</head>\n<body>\n",
        '<main id="main" tabindex="-1"></main>\n',
        f"<noscript>{say(_NO_SCRIPT)}</noscript>\n",
        f'<script type="application/json" id="data">{packed}</script>\n',
        f"<script nonce=\"{nonce}\">\n(function () {{\n'use strict';\n{own}\ncityFile();\n}})();\n</script>\n",
        "</body>\n</html>\n",
    ]
    return "".join(parts).encode("utf-8", "replace").decode("utf-8")
