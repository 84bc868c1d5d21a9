"""Words of the command line said in those of a request: errors of the analysis and of imports speak of its options.

One table from an option to the field of the body, form or address that says the same. ``tests/api/test_wording.py``
holds that no message of ``geo`` or ``layers`` that may reach a caller is left with an option in it.
"""

import re

# Options whose field has another name. Of all others it is the option's own, with '_'.
_FIELDS = {
    "budget": "budget_krw",
    "move": "moves",
    "force-site": "forced",
    "spacing": "spacing_m",
}
# Options that are there or not: the field is true then.
_FLAGS = frozenset({"include-partial", "fewest", "confirm", "force"})
_OF_LAYER = frozenset({
    "budget", "count", "target", "floor", "twice", "move", "capacity", "spacing", "candidates", "within", "exclude",
})  # fmt: skip
# Whole phrases, where a field alone would not say it. In this order, before the options.
_PHRASES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"ansim import (?:[^\s)]+) --layer (\w+)(?: --store \S+)?", r"POST /v1/imports, layer=\1"),
        (r"ansim import (?:[^\s)]+)(?: --store \S+)?", "POST /v1/imports"),
        (r"ansim map (\S+) --plan (.+)", r"GET /v1/districts/\1/map, plan=\2"),
        (r"ansim layers(?: --store \S+)?", "GET /v1/imports/stored"),
        (r"후보 번호\(ansim sites … --out의 site_id\)", "후보 번호(계획의 sites[].id)"),
        (r"ansim sites … --name 이름 으로", "계획을 세울 때 name을 주어"),
        (r"예: --budget 5억 --layers cctv,security_light", '예: "budget_krw": 500000000, layers에 층 둘'),
        (
            r"--cost (\w+)=설치비 또는 --cost \S+=설치비/연간비\(원\)",
            'cost를 주십시오, 예: {"once_krw": 0, "year_krw": 0}',
        ),
        (r"--cost 층=원 으로 정하", "cost.once_krw를 정하"),
        (r"--cost 층=원", "cost.once_krw"),
        (r"--max-size를 늘리거나 나누어 주", "나누어 올리"),
        (r"--max-size를 늘리", "나누어 올리"),
        (r"--crs EPSG:", "crs=EPSG:"),
        (r"--column lat=… lon=…", "column=lat=…, column=lon=…"),
        (r'--column (\w+)="?([^"\s]+(?: 이름)?)"?', r"column=\1=\2"),
    )
)
# An option that begins a word; its value, where the next word is one: ASCII or a placeholder before the particle.
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]*)(?:(=| )([\w.,+:/-]*[0-9A-Za-z가-힣]*=?[0-9A-Za-z.,+:가-힣-]+))?")
_NO_VALUE = re.compile(r"[가-힣]+$")


def in_request_words(text: str) -> str:
    """Return a message or hint as it is said to who asks over HTTP; texts without an option as they are."""
    if "--" not in text and "ansim " not in text:
        return text
    for pattern, said in _PHRASES:
        text = pattern.sub(said, text)
    return _OPTION.sub(_field, text).replace("=true을", "=true를")


def _field(found: re.Match[str]) -> str:
    option, mark, value = found[1], found[2] or "", found[3] or ""
    name = _FIELDS.get(option, option.replace("-", "_"))
    if option in _FLAGS:
        return f"{name}=true{mark}{value}"
    if option in _OF_LAYER and "=" in value:
        value = value.partition("=")[2]  # the layer is the object that the field stands in
    elif not value or _NO_VALUE.fullmatch(value):
        return f"{name}{mark}{value}"
    return f"{name}={value}"
