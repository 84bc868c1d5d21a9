"""One class a table of the catalog: which entries it has and which values make sense, and nothing else.

What a class refuses, ``layers.catalog_faults`` says in Korean. A ``ValueError`` here is already Korean.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, Strict, StringConstraints, model_validator
from pydantic.dataclasses import dataclass
from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.hours import is_syntax

STRICT = ConfigDict(extra="forbid")
# What a column can be. ``--column role=header`` and the [form.columns] of the catalog use these names.
Role = Literal[
    "name", "source_id", "road_address", "lot_address", "lat", "lon", "latlon", "x", "y", "wkt",
    "province", "district", "district_code", "agency", "dong_name", "dong_code",
    "count", "purpose", "installed", "data_date", "data_year", "data_month",
    "hours", "hours_from", "hours_to", "weekday_from", "weekday_to", "saturday_from", "saturday_to",
    "holiday_from", "holiday_to", "state", "kind",
    "stat_code", "district_name", "sex", "age", "households", "gid", "value", "use", "floors",
]  # fmt: skip
CountsWhen = Literal["always", "open", "not_closed"]
Visibility = Literal["public", "staff"]
Shape = Literal["circle", "square", "triangle", "diamond"]
Table = Literal["", "dong", "household", "stat_grid", "building", "address_point", "area"]

# A layer is a table of the store: these names are the store's own, or of the file formats it is kept in.
_TAKEN = re.compile(
    r"dong|household|stat_grid|building|address_point|area|summary|imports|combined|about|layer_styles|"
    r"(ansim|gpkg|rtree|sqlite)_.*"
)


def _free(name: str) -> str:
    if _TAKEN.fullmatch(name):
        raise ValueError(f"{name!r}은(는) 프로그램이 쓰는 이름입니다")
    return name


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("같은 이름이 두 번 있습니다")
    return names


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        raise ValueError(f"정규식이 아닙니다: {text!r}") from None
    return text


def _hours(text: str) -> str:
    if text and not is_syntax(text):
        raise ValueError(f"opening_hours 문법이 아닙니다: {text!r} (예: Mo-Fr 09:00-18:00, 24/7)")
    return text


def _crs(text: str) -> str:
    try:
        CRS.from_user_input(text or "EPSG:4326")
    except CRSError:
        raise ValueError(f"모르는 좌표계 {text!r} (예: EPSG:5174)") from None
    return text


def _several(names: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    return (names,) if isinstance(names, str) else names


# TOML says what a value is; nothing is turned into something else. (true is no number, "3" neither.)
Text = Annotated[str, Strict()]
Name = Annotated[Text, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
English = Annotated[Text, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
Id = Annotated[Text, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_free)]
Names = Annotated[tuple[Name, ...], AfterValidator(_distinct)]
Flag = Annotated[bool, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Metres = Annotated[Number, Field(ge=0, le=10_000)]
Share = Annotated[Number, Field(ge=0, le=1)]
Count = Annotated[int, Strict(), Field(ge=0, le=10**15)]
Positive = Annotated[Count, Field(ge=1)]


@dataclass(frozen=True, config=STRICT)
class Cost:
    """Won, low / default / high (domain.md 5)."""

    low: Count
    default: Count
    high: Count

    @model_validator(mode="after")
    def _rises(self) -> "Cost":
        if not self.low <= self.default <= self.high:
            raise ValueError("low ≤ default ≤ high여야 합니다")
        return self


@dataclass(frozen=True, config=STRICT)
class Programme:
    """What the city's own programme counts, to notice a file far short of it (domain.md 2)."""

    province: Name
    count: Positive
    districts: Positive
    source: Text


@dataclass(frozen=True, config=STRICT)
class Marker:
    """How a layer is drawn."""

    colour: Annotated[Text, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#555555"
    shape: Shape = "circle"


@dataclass(frozen=True, config=STRICT)
class NeedSpec:
    """A need as the catalog states it. Reaches in metres, walked where ``walked``."""

    id: Id
    name: Name
    full_m: Metres
    none_m: Metres
    weight: Share
    demand: Literal["street", "home"]
    principal: Names
    source: Text
    walked: Flag = False
    name_en: English = ""

    @model_validator(mode="after")
    def _falls(self) -> "NeedSpec":
        if self.full_m > self.none_m:
            raise ValueError(f"full_m({self.full_m:g})은 none_m({self.none_m:g}) 이하여야 합니다")
        return self


@dataclass(frozen=True, config=STRICT)
class LayerSpec:
    """A layer as the catalog states it."""

    id: Id
    name: Name
    geometry: Literal["point", "zone"] = "point"
    supplies: Names = ()
    visibility: Visibility = "public"
    marker: Marker = Field(default_factory=Marker)
    unit: Name = "곳"
    hours: Annotated[Text, AfterValidator(_hours)] = ""
    counts_when: CountsWhen = "always"
    counting_purposes: Names = ()
    cost_once_krw: Cost | None = None
    cost_existing_pole_krw: Cost | None = None
    cost_year_krw: Cost | None = None
    cost_source: Text = ""
    programme: Programme | None = None
    name_en: English = ""
    file_words: Names = ()  # in the name of a file they hint at the layer

    @property
    def colour(self) -> str:
        """The marker's colour, ``#RRGGBB``."""
        return self.marker.colour

    @property
    def shape(self) -> Shape:
        """The marker's shape."""
        return self.marker.shape


@dataclass(frozen=True, config=STRICT)
class AreaSpec:
    """A kind of area: it covers nothing (domain.md 1)."""

    id: Id
    name: Name
    source: Text
    not_lived_in: Flag = False
    walkable: Flag = False
    name_en: English = ""
    file_words: Names = ()


@dataclass(frozen=True, config=STRICT)
class Method:
    """Numbers of the method that belong to no single need or layer."""

    detour: Annotated[Number, Field(ge=1, le=10)]
    near_m: Annotated[Number, Field(ge=0, le=10_000)]
    approximate_cap: Share
    far_under_share: Share
    stale_months: Annotated[Count, Field(le=1200)]
    source: Text


@dataclass(frozen=True, config=STRICT)
class FormSpec:
    """A file form as the catalog states it; ``layers.importing.forms`` says what the entries mean."""

    id: Name
    title: Text = ""
    layer: Text = ""
    table: Table = ""
    header: Names = ()
    optional: Names = ()
    open: Flag | None = None
    columns: Mapping[Role, Annotated[Names, BeforeValidator(_several)]] = Field(default_factory=dict)
    dead: Mapping[Name, Names] = Field(default_factory=dict)
    crs: Annotated[Text, AfterValidator(_crs)] = ""
    geometry: Literal["", "polygon"] = ""
    id_form: Annotated[Text, AfterValidator(_pattern)] = ""
    layers: Mapping[Name, Mapping[Name, Name]] = Field(default_factory=dict)
    unused: Text = ""
    kind: Text = ""
    open_24h: Flag = False
    prefer: Annotated[int, Field(strict=True)] | None = None  # read by layers.duplicates: it changes no row
    source: Text = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> "FormSpec":
        if not self.header and not self.columns:
            raise ValueError("header나 columns가 없습니다")
        if self.layer and self.table:
            raise ValueError("layer와 table은 하나만 쓸 수 있습니다")
        if self.id_form and "source_id" not in self.columns:
            raise ValueError("id_form에는 columns.source_id가 있어야 합니다")
        if self.layers and (len(self.layers) != 1 or not self.layer):
            raise ValueError("layers에는 열 하나와, 나머지 행의 layer가 있어야 합니다")
        return self
