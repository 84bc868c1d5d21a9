"""One version of a store, held in memory and never changed: what analysis, maps and phones read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import pandas as pd
import shapely

from geo.errors import AnsimError, NoDataError
from layers.states import Holdings
from layers.store import Bounds, Store, StoreError
from layers.tables import FACILITY, TABLES, ImportRecord

_TRIES = 5
_ALIKE = 0.6  # of names of three letters, two the same in order


class UnknownDistrictError(AnsimError):
    """No district has that name or code, or several have; the hint lists the candidates."""

    code = "unknown_district"


@dataclass(frozen=True)
class District:
    """A district (자치구, 시군구): 5-digit code, names, and its row numbers in the dong table."""

    code: str
    name: str
    province: str


@dataclass(frozen=True)
class Snapshot:
    """A read-only copy of one data version, whole or of a window.

    Attributes
    ----------
    version
        The store's data version; everything here is of it.
    tables
        Table or layer name to frame (``layers.tables``). Layers and spread sources may be limited to a
        window; ``dong``, ``summary`` and ``imports`` never are.
    """

    version: int
    imports: tuple[ImportRecord, ...]
    summary: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]

    @property
    def dong(self) -> pd.DataFrame:
        """The dong table."""
        return self.tables["dong"]

    @cached_property
    def districts(self) -> dict[str, District]:
        """The districts, by code, ascending."""
        return districts_of(self.dong)

    @cached_property
    def holdings(self) -> Holdings:
        """What each layer holds in each district."""
        return Holdings.of(self.summary, self.imports)


def districts_of(dong: pd.DataFrame) -> dict[str, District]:
    """Return the districts of a dong table, by code, ascending."""
    rows = dong.drop_duplicates("district").sort_values("district")
    return {
        code: District(code, name, province)
        for code, name, province in zip(rows["district"], rows["district_name"], rows["province"], strict=True)
    }


def find_district(text: str, districts: Mapping[str, District], dong: pd.DataFrame | None = None) -> District:
    """Find a district by 5-digit code, by name (관악구), or by province and name (서울 중구).

    With the ``dong`` table, who names a dong is told its district.

    Raises
    ------
    NoDataError
        No boundaries are loaded.
    UnknownDistrictError
        Nothing fits (the hint names the nearest), or several do (the hint lists their codes).
    """
    if not districts:
        raise NoDataError("행정동 경계가 아직 없습니다", "경계 파일부터 가져오십시오: ansim import 행정동경계.geojson")
    wanted = " ".join(text.split())
    if wanted in districts:
        return districts[wanted]
    province, _, name = wanted.rpartition(" ")
    found = [d for d in districts.values() if d.name == name and d.province.startswith(province)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{d.province} {d.name}={d.code}" for d in found)
        raise UnknownDistrictError(f"'{text}'은(는) 여러 곳입니다", f"코드로 고르십시오: {listed}")
    own = _of_dong(wanted, districts, dong)
    if own:
        listed = ", ".join(f"{d.name}({d.code})" for d in own)
        raise UnknownDistrictError(
            f"'{text}'은(는) 자치구가 아니라 행정동입니다", f"그 동의 자치구를 주십시오: {listed}"
        )
    names = {d.name: d for d in districts.values()}
    near = get_close_matches(name, names, n=3, cutoff=_ALIKE)
    listed = ", ".join(f"{n}({names[n].code})" for n in near or list(names)[:5])
    more = " …" if not near and len(names) > 5 else ""
    raise UnknownDistrictError(
        f"모르는 자치구입니다: '{text}'", f"혹시 {listed}?" if near else f"저장된 자치구: {listed}{more}"
    )


def _of_dong(text: str, districts: Mapping[str, District], dong: pd.DataFrame | None) -> list[District]:
    """Return the districts that have a dong of this name, with its district's name before it or not, or of its code."""
    if dong is None:
        return []
    district, _, name = text.rpartition(" ")
    same = (dong["dong"] == text) | ((dong["name"] == name) & dong["district_name"].str.endswith(district))
    return [districts[code] for code in sorted(set(dong.loc[same, "district"])) if code in districts]


def find_dong(text: str, dong: pd.DataFrame) -> tuple[str, str]:
    """Return the district's and the dong's code of a dong named by 10-digit code, name, or district and name.

    Raises
    ------
    UnknownDistrictError
        None is of that name, or several are (the hint lists them).
    """
    district, _, name = " ".join(text.split()).rpartition(" ")
    named = (dong["name"] == name) & dong["district_name"].str.endswith(district)
    found = dong[(dong["dong"] == text) | named]
    if len(found) == 1:
        return str(found["district"].iloc[0]), str(found["dong"].iloc[0])
    if len(found):
        rows = zip(found["district_name"], found["name"], found["dong"], strict=True)
        listed = ", ".join(f"{district} {name}={code}" for district, name, code in rows)
        raise UnknownDistrictError(f"'{text}'은(는) 여러 곳입니다", f"하나를 고르십시오: {listed}")
    near = get_close_matches(name, dong["name"].tolist(), n=5, cutoff=0.3)
    raise UnknownDistrictError(
        f"모르는 행정동입니다: '{text}'", f"혹시 {', '.join(near)}?" if near else "경계 파일을 보십시오"
    )


def take_overview(store: Store) -> Snapshot:
    """Read what a store holds without its rows: boundaries, counts and imports of one version."""
    return _one_version(store, lambda: {"dong": store.read("dong")})


def take_snapshot(store: Store, *, district: str | Sequence[str] | None = None, margin_m: float = 1000.0) -> Snapshot:
    """Read one version of a store, whole or round a district or several.

    Parameters
    ----------
    district
        Name or code, or several; layers and spread sources are then read within ``margin_m`` of the bounding box.

    Raises
    ------
    UnknownDistrictError, NoDataError
        As :func:`find_district`.
    StoreError
        Writers kept replacing the store while it was read.
    """
    # The other columns of the file are long, and only looked at one facility at a time.
    columns = [*(column for column in FACILITY if column != "attributes"), "geometry"]

    def tables() -> dict[str, pd.DataFrame]:
        dong = store.read("dong")
        named = [district] if isinstance(district, str) else district
        bounds = (
            None
            if named is None
            else _window(dong, [find_district(n, districts_of(dong), dong) for n in named], margin_m)
        )
        spread = {t: store.read(t, bounds=bounds if has else None) for t, (_, has) in TABLES.items() if t != "dong"}
        return {
            "dong": dong,
            **spread,
            **{layer: store.read(layer, bounds=bounds, columns=columns) for layer in store.layer_ids()},
        }

    return _one_version(store, tables)


def _one_version(store: Store, read: Callable[[], dict[str, pd.DataFrame]]) -> Snapshot:
    for _ in range(_TRIES):
        version = store.version()
        snapshot = Snapshot(version, tuple(store.imports()), store.summary(), read())
        # The store is replaced whole, but read table by table: the same version before and after is one version.
        if store.version() == version:
            return snapshot
    raise StoreError(f"{store.name}: 읽는 동안 자료가 계속 바뀝니다", "가져오기가 끝난 뒤 다시 하십시오")


def _window(dong: pd.DataFrame, districts: Sequence[District], margin_m: float) -> Bounds:
    here = dong["district"].isin([district.code for district in districts])
    west, south, east, north = shapely.total_bounds(dong.loc[here, "geometry"].to_numpy())
    return (west - margin_m, south - margin_m, east + margin_m, north + margin_m)
