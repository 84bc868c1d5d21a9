"""What a planner asks of plans: the bodies of the routes, read into plain data that a worker process can be sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from api.body import Fields, known_word, nearest
from api.errors import BadParameterError, UnknownLayerError
from api.geojson import read_land, read_places
from api.settings import Limits
from geo.model import Settings
from geo.siting.wishes import Wish
from layers.catalog import Catalog
from layers.hours import BadTimeError, parse_at
from layers.who import parse_who

_MOST_KRW = 1e13
_MOST_COUNT = 10**9  # what is more than a plan may have is said to be over its limits
_SPACING_M = (10, 1_000)
SHOPS = ("shop", "shop24", "building", "public")
_LAYER = (
    "layer", "budget_krw", "count", "candidates", "within", "cost", "level", "exclude", "forced", "spacing_m",
    "at_least", "at_most", "most_each", "floor", "target", "fewest", "twice", "moves", "occupancy", "capacity",
)  # fmt: skip
_PLAN = ("layers", "years", "seconds", "seed", "settings", "name", "budget_krw", "stability", "cost_range")
SETTINGS = (
    "at", "who", "need", "weight", "reach", "threshold", "dense", "dense_share", "combine", "include_partial",
)  # fmt: skip


@dataclass(frozen=True)
class Asking:
    """The settings of an analysis as a body gives them."""

    settings: Settings = field(default_factory=Settings)
    at: str = ""
    who: str = ""


@dataclass(frozen=True)
class LayerAsked:
    """What is wanted of one layer: where its sites may stand, what they cost, and the wish itself.

    ``given`` (the caller's own places) and ``not_in`` (land without sites) are GeoJSON of :mod:`api.geojson`.
    """

    wish: Wish
    candidates: tuple[str, ...] = ()
    within: str = "gaps"
    cost: tuple[float, float] | None = None
    level: str = "default"
    exclude: tuple[str, ...] = ()
    given: str = ""
    not_in: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        values = asdict(self)
        values["wish"]["force"] = sorted(self.wish.force)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "LayerAsked":
        """Return what :meth:`as_dict` gave."""
        wish = values["wish"]
        texts = {name: tuple(values[name]) for name in ("candidates", "exclude")}
        cost = tuple(values["cost"]) if values["cost"] else None
        return cls(**{**values, **texts, "cost": cost, "wish": Wish(**{**wish, "force": frozenset(wish["force"])})})


@dataclass(frozen=True)
class PlanAsked:
    """A plan that is asked for."""

    layers: tuple[LayerAsked, ...]
    years: int
    seconds: float
    seed: int
    asking: Asking
    name: str
    together_krw: float | None
    draws: int
    cost_range: bool


@dataclass(frozen=True)
class Bounds:
    """What a plan may come to at most: sites and candidates of a layer."""

    sites: int
    candidates: int


@dataclass(frozen=True)
class Keeping:
    """How a plan is kept and handed out: the service's secret, the time (ISO), and its name or ''."""

    secret: bytes
    now: str
    name: str = ""


def read_plan(value: object, catalog: Catalog, limits: Limits) -> PlanAsked:
    """Return what the body of a plan asks for.

    Raises
    ------
    BadJsonError, UnknownFieldError, BadParameterError, BadTimeError, BadWhoError
    UnknownLayerError
        The hint names the nearest layers.
    """
    fields = Fields(value, _PLAN)
    layers = fields.objects("layers", len(catalog.layers), lambda one, where: _layer(one, where, catalog, limits))
    if not layers:
        raise BadParameterError("layers가 없습니다", '예: "layers": [{"layer": "cctv", "budget_krw": 100000000}]')
    if len({one.wish.layer for one in layers}) < len(layers):
        raise BadParameterError("layers에 같은 층이 두 번 있습니다", "층마다 하나씩 주십시오")
    draws = fields.whole("stability", 0, limits.draws)
    return PlanAsked(
        layers=layers,
        years=_or(fields.whole("years", 0, 50), 5),
        seconds=_or(fields.number("seconds", 0.1, limits.plan_s), 20.0),
        seed=_or(fields.whole("seed", 0, 2**31 - 1), 1),
        asking=read_settings(fields.inner("settings", SETTINGS), catalog),
        name=plan_name(fields.word("name")) if fields.has("name") else "",
        together_krw=fields.number("budget_krw", 0, _MOST_KRW),
        draws=draws or 0,
        cost_range=fields.flag("cost_range"),
    )


def _or(value: Any, default: Any) -> Any:  # noqa: ANN401 - a number
    return default if value is None else value


def plan_name(text: str) -> str:
    """Return a name that a plan may be kept under. Raises BadParameterError."""
    name = text.strip()
    if not name or len(name) > 100 or not name.isprintable() or "/" in name or name in {"compare", "file", ".", ".."}:
        raise BadParameterError("계획 이름으로 쓸 수 없습니다", "1자에서 100자까지, / 없이 한 줄로 주십시오")
    return name


def layer_id(text: str, catalog: Catalog, where: str) -> str:
    """Return the id of a layer named by id or Korean name. Raises UnknownLayerError."""
    named = {layer.name: layer.id for layer in catalog.layers.values()}
    found = named.get(text, text)
    if found not in catalog.layers:
        raise UnknownLayerError(f"{where}: 모르는 층입니다", nearest(text, [*catalog.layers, *named]))
    return found


def read_settings(fields: Fields | None, catalog: Catalog) -> Asking:
    """Return the settings of an analysis; the usual ones where none are given."""
    if fields is None:
        return Asking()
    needs = tuple(known_word("settings.need", text, list(catalog.needs)) for text in fields.words("need", 50))
    weights = fields.numbers("weight", 0, 1, len(catalog.needs))
    for need in weights:
        known_word("settings.weight", need, list(catalog.needs))
    at, who = fields.word("at"), fields.word("who")
    parse_who(who)
    return Asking(
        Settings(
            gap_threshold=_or(fields.number("threshold", 0.01, 1), 0.5),
            reach_factor=_or(fields.number("reach", 0.1, 10), 1.0),
            dense_share=_or(fields.number("dense_share", 0.01, 1), 0.25),
            dense_method=fields.one_of("dense", ("quantile", "gi", "dbscan"), "quantile"),
            combine=fields.one_of("combine", ("product", "sum"), "product"),
            include_partial=fields.flag("include_partial"),
            needs=needs,
            weights=weights,
        ),
        _moment(at) if at else "",
        who,
    )


def _moment(text: str) -> str:
    try:
        return parse_at(text).isoformat()
    except BadTimeError:
        raise BadTimeError("at은 날짜와 시각이어야 합니다", '예: "at": "2025-12-24T23:00"') from None


def _layer(value: object, where: str, catalog: Catalog, limits: Limits) -> LayerAsked:
    fields = Fields(value, _LAYER, where)
    layer = layer_id(fields.word("layer"), catalog, f"{where}.layer")
    wish = Wish(
        layer=layer,
        budget_krw=fields.number("budget_krw", 0, _MOST_KRW),
        count=fields.whole("count", 0, _MOST_COUNT),
        force=frozenset(fields.words("forced", 2_000)),
        spacing_m=_or(fields.number("spacing_m", 0, 10_000), 0.0),
        at_least=_whole(fields.numbers("at_least", 0, _MOST_COUNT)),
        at_most=_whole(fields.numbers("at_most", 0, _MOST_COUNT)),
        most_each=fields.whole("most_each", 0, _MOST_COUNT),
        floor=fields.number("floor", 0, 1),
        target=fields.number("target", 0, 1),
        fewest=fields.flag("fewest"),
        twice=fields.number("twice", 0, 1),
        moves=fields.whole("moves", 0, _MOST_COUNT),
        occupancy=fields.numbers("occupancy", 0, 1, 5_000),
        capacity=fields.number("capacity", 0, 1e9),
    )
    sources, given = fields.words_and_objects("candidates", 12)
    excluded, land = fields.words_and_objects("exclude", 5_000)
    return LayerAsked(
        wish,
        tuple(_candidate(text, f"{where}.candidates", catalog) for text in sources),
        fields.word("within", "gaps"),
        read_cost(fields),
        fields.one_of("level", ("low", "default", "high"), "default"),
        excluded,
        read_places(given, f"{where}.candidates", limits, zones=catalog.layers[layer].geometry == "zone"),
        read_land(land, f"{where}.exclude", limits),
    )


def read_cost(fields: Fields) -> tuple[float, float] | None:
    """Return once and yearly won of ``cost``, None where it is not given."""
    cost = fields.inner("cost", ("once_krw", "year_krw"))
    if cost is None:
        return None
    once, year = (cost.number(name, 0, _MOST_KRW) for name in ("once_krw", "year_krw"))
    if once is None and year is None:
        raise BadParameterError("cost에 once_krw나 year_krw가 있어야 합니다", '예: "cost": {"once_krw": 22000000}')
    return once or 0.0, year or 0.0


def _whole(numbers: Mapping[str, float]) -> dict[str, int]:
    if any(value != int(value) for value in numbers.values()):
        raise BadParameterError("at_least와 at_most는 정수여야 합니다", '예: "at_most": {"신림동": 2}')
    return {name: int(value) for name, value in numbers.items()}


def _candidate(text: str, where: str, catalog: Catalog) -> str:
    """Return a source of candidates: never a file of the machine that serves."""
    if text.startswith("grid:"):
        metres = text.removeprefix("grid:")
        least, most = _SPACING_M
        if not (metres.isascii() and metres.isdigit() and len(metres) < 6 and least <= int(metres) <= most):
            raise BadParameterError(f"{where}: 격자 간격은 {least}에서 {most} m까지입니다", "예: grid:50")
        return text
    return known_word(where, text, [*catalog.layers, *catalog.areas, *SHOPS, "dong"])
