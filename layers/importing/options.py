"""What the planner says about the files of one import command."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from pyproj import CRS
from pyproj.exceptions import CRSError

from layers.catalog import Catalog
from layers.catalog_specs import Role
from layers.importing.errors import BadOptionError
from layers.importing.suggest import is_date

# What a column can be. ``--column role=header`` and the [form.columns] of the catalog use these names.
ROLES: tuple[str, ...] = get_args(Role)

# Tables that --layer may name beside the layers and areas of the catalog.
TABLE_LAYERS = ("building", "address_point")


OF_A_FILE = frozenset({"layer", "crs", "encoding", "columns", "measure", "visibility", "data_date"})


@dataclass(frozen=True)
class ImportOptions:
    """Options of one import command.

    Attributes
    ----------
    layer
        Layer or area id of the catalog, or ``building`` or ``address_point``, for files whose header does not
        settle it.
    crs
        System of projected coordinates without a label, such as ``EPSG:5174``.
    encoding
        Encoding of text files, in place of the detected one.
    columns
        Role (:data:`ROLES`) to column header, over what the form or the synonyms say: ``{"lat": "위도"}``.
    mode
        ``replace`` the (dataset, district) pairs of a file, or ``append`` to them.
    complete_for
        District codes for which the planner states that the file is complete: no rows there is a true zero.
    measure
        What a statistics grid counts.
    confirm, force
        Let over a tenth of the rows vanish; let an older file replace a newer one.
    visibility
        ``staff`` is demanded for files of secret addresses.
    made_up
        The rows are made up (the sample district).
    data_date
        The date of the data as the planner states it (``2022-11-08``, ``2022-11``, ``2022``), for rows that say none.
        '': that they have none, also where the same bytes are stored with the date in the file's name.
    files
        What is said of single files, by name, instead of what is said of all: fields of :data:`OF_A_FILE`. The name of
        an archive or workbook speaks for everything in it.
    leave_out
        Names of files (archives, sheets, members) that are not to be read.
    max_bytes
        The most one file may be, and all archives of the command unpacked.
    """

    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    mode: Literal["replace", "append"] = "replace"
    complete_for: tuple[str, ...] = ()
    measure: Literal["population", "households"] | None = None
    confirm: bool = False
    force: bool = False
    visibility: str | None = None
    made_up: bool = False
    data_date: str | None = None
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    leave_out: tuple[str, ...] = ()
    max_bytes: int = 2 * 2**30

    def of(self, file: str) -> "ImportOptions":
        """Return the options of one file of the command (its name as reports have it)."""
        for name, own in self.files.items():
            if _is_in(file, name):
                return replace(self, files={}, **own)
        return self

    def leaves_out(self, file: str) -> bool:
        """Say whether a file (its name as reports have it), or what holds it, is not to be read."""
        return any(_is_in(file, name) for name in self.leave_out)

    def check(self, catalog: Catalog) -> None:
        """Raise :class:`BadOptionError` for the first option that makes no sense with this catalog."""
        known = (*catalog.layers, *catalog.areas, *TABLE_LAYERS)
        if self.layer is not None and self.layer not in known:
            raise BadOptionError(f"--layer {self.layer}: 없는 층입니다", f"{', '.join(known)} 중 하나")
        for role in self.columns:
            if role not in ROLES:
                raise BadOptionError(f"--column {role}=…: 모르는 항목입니다", f"{', '.join(ROLES)} 중 하나")
        for name, value, allowed in (
            ("--mode", self.mode, ("replace", "append")),
            ("--measure", self.measure, (None, "population", "households")),
            ("--visibility", self.visibility, (None, "public", "staff")),
        ):
            if value not in allowed:
                names = ", ".join(a for a in allowed if a)
                raise BadOptionError(f"{name} {value}: 쓸 수 없는 값입니다", f"{names} 중 하나")
        for code in self.complete_for:
            if not (code.isascii() and code.isdigit() and len(code) == 5):
                raise BadOptionError(f"--complete-for {code}: 5자리 시군구 코드가 아닙니다", "예: 11620")
        self._check_date()
        self._check_crs()
        self._check_encoding()
        for file, own in self.files.items():
            for name in own.keys() - OF_A_FILE:
                raise BadOptionError(
                    f"{file}: {name}은(는) 파일마다 줄 수 없습니다", f"{', '.join(sorted(OF_A_FILE))} 중 하나"
                )
            self.of(file).check(catalog)

    def _check_date(self) -> None:
        if self.data_date and not is_date(self.data_date):
            raise BadOptionError(
                f"--data-date {self.data_date}: 1950년부터 오늘까지의 날짜가 아닙니다",
                "예: 2022-11-08, 2022-11 또는 2022",
            )

    def _check_crs(self) -> None:
        try:
            if self.crs is not None:
                CRS.from_user_input(self.crs)
        except CRSError as error:
            raise BadOptionError(f"--crs {self.crs}: 모르는 좌표계입니다", "예: EPSG:5174") from error

    def _check_encoding(self) -> None:
        try:
            if self.encoding is not None:
                "가".encode(self.encoding)
        except (LookupError, UnicodeError) as error:
            raise BadOptionError(f"--encoding {self.encoding}: 모르는 인코딩입니다", "예: cp949") from error


def _is_in(file: str, name: str) -> bool:
    return file == name or file.startswith((f"{name}/", f"{name}["))
