"""Which column plays which role: as the form says, as the user says, or by what planners call such columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from layers.importing.axes import is_nothing
from layers.importing.coordinate_pairs import are_pairs, split_pairs
from layers.importing.errors import ColumnNeededError
from layers.importing.fallbacks import by_ending
from layers.importing.forms import Form
from layers.importing.options import ImportOptions
from layers.importing.raw import Raw
from layers.importing.text import empty_text, plain

# Plain names, the likeliest first. Only for files without a known header.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "lat": (
        "위도", "wgs84위도", "위도(wgs84)", "lat", "latitude", "y위도", "위도y", "wgsy좌표", "위도(도)", "위도(y)",
        "위도(y좌표)", "y좌표(위도)", "y(위도)", "위도좌표", "위도값", "gps위도", "설치위도", "lati", "wgsxpt",
        "wgs84_lat",
    ),
    "lon": (
        "경도", "wgs84경도", "경도(wgs84)", "lon", "lng", "long", "longitude", "longtitude", "x경도", "경도x",
        "wgsx좌표", "경도(도)", "경도(x)", "경도(x좌표)", "x좌표(경도)", "x(경도)", "경도좌표", "경도값", "gps경도",
        "설치경도", "lngt", "longi", "wgsypt",
        "wgs84_lot",
    ),
    "latlon": (
        "위경도", "위도경도", "위도,경도", "경위도", "좌표", "위치좌표", "위경도좌표", "gps좌표", "latlon", "latlng",
    ),
    "x": (
        "x좌표", "좌표x", "x", "좌표정보(x)", "좌표정보x", "xcoord", "x_coord", "tmx", "tm_x", "utmk_x",
        "x좌표(tm)", "x좌표값", "x값", "횡좌표", "tmx좌표", "x_좌표", "좌표_x", "xpos", "pointx", "point_x", "xcrd",
    ),
    "y": (
        "y좌표", "좌표y", "y", "좌표정보(y)", "좌표정보y", "ycoord", "y_coord", "tmy", "tm_y", "utmk_y",
        "y좌표(tm)", "y좌표값", "y값", "종좌표", "tmy좌표", "y_좌표", "좌표_y", "ypos", "pointy", "point_y", "ycrd",
    ),
    "wkt": ("wkt", "geom", "geometry", "포인트wkt", "the_geom", "공간정보", "wktgeom", "노드wkt"),
    "name": (
        "명칭", "이름", "시설명", "시설명칭", "점포명", "센터명", "기관명", "업소명", "사업장명", "상호", "상호명",
        "설치위치명", "관리번호", "name", "title", "시설물명", "장소명", "설치장소명", "지점명", "안심명", "구역명",
        "lmplcnm",
    ),
    "road_address": (
        "소재지도로명주소", "도로명주소", "주소", "소재지", "설치주소", "소재지주소", "address", "addr", "설치위치",
        "신주소", "새주소", "위치", "설치장소", "소재지(도로명)", "주소(도로명)", "안심주소", "roadaddress",
        "roadaddr", "rdnmadr", "도로명전체주소", "설치주소지",
        "lctn_road_nm_addr",
    ),
    "lot_address": (
        "소재지지번주소", "지번주소", "지번", "구주소", "주소(지번)", "소재지(지번)", "lnmadr", "소재지전체주소",
        "지번소재지",
        "lctn_lotno_addr",
    ),
    "province": ("시도명", "시도"),
    "district": ("시군구명", "자치구", "자치구명", "시군구", "구", "구명", "district"),
    "district_code": ("시군구코드", "자치구코드"),
    "agency": ("관리기관명", "관리기관", "제공기관명", "institutionnm", "mng_inst_nm"),
    "dong_name": ("동(원문)", "행정동명", "행정동", "동"),
    "count": (
        "설치개수", "설치대수", "카메라대수", "수량", "대수", "개수", "등수", "count", "qty", "설치수량", "설치수",
        "등개수", "cctv수량", "카메라수", "카메라대수(대)", "보안등수", "quantity",
        "cctvnumber", "installationco",
    ),
    "purpose": ("설치목적구분", "설치목적", "용도구분", "목적", "installationpurpstype", "instl_prps"),
    "installed": (
        "설치연도", "설치년도", "설치일자", "설치일", "설치년월", "설치연월", "설치시기", "조성년월", "준공일",
        "지정연도", "설치날짜", "installationyymm", "installationyear",
    ),
    "data_date": (
        "데이터기준일자", "기준일자", "기준일", "작성일", "수정일시", "최종수정시점", "수정일", "갱신일",
        "기준년월", "데이터기준일", "자료기준일", "조사일", "작성일자",
        "referencedate", "dat_crtr_ymd",
    ),
    "hours": ("운영시간", "이용시간", "활동시간", "영업시간", "hours", "opening_hours"),
    "state": ("운영여부", "영업상태명", "상태", "운영상태"),
    "use": ("주용도코드명", "용도", "건물용도", "주용도", "용도명"),
    "floors": ("지상층수", "층수", "지상층"),
    "households": ("세대수", "가구수", "호수"),
    "kind": ("구역종류", "종류", "구분"),
}  # fmt: skip

_BRACKETS = re.compile(r"[(\[（].*?[)\]）]")  # 수량(대), 위도 [도]
_MARKS = re.compile(r"[_\-.\s]")
_SPELLINGS = 3


def role_of(name: str) -> str:
    """Return the role that columns of this name usually play, '' where it is none of :data:`SYNONYMS`."""
    for text in _spellings(name):
        for role, names in SYNONYMS.items():
            if text in names:
                return role
    return ""


def _spellings(name: str) -> tuple[str, str, str]:
    """Return a name as it stands, without what is in brackets, and without marks between its words."""
    bare = plain(_BRACKETS.sub("", name))
    return plain(name), bare, _MARKS.sub("", bare)


@dataclass(frozen=True)
class Columns:
    """The columns of a file by role."""

    raw: Raw
    index: Mapping[str, int]

    def has(self, role: str) -> bool:
        """Say whether the file has a column of this role."""
        return role in self.index

    def get(self, role: str) -> pa.Array:
        """Return the column of a role, all '' where there is none."""
        return self.raw.columns[self.index[role]] if role in self.index else empty_text(len(self.raw))

    def title(self, role: str) -> str:
        """Return the header of a role's column."""
        return self.raw.header[self.index[role]]

    def need(self, *roles: str) -> None:
        """Raise :class:`ColumnNeededError` for the first role without a column."""
        for role in roles:
            if role not in self.index:
                raise ColumnNeededError(
                    f"{self.raw.file}: {role} 열을 찾을 수 없습니다 (열: {', '.join(self.raw.header[:12])})",
                    f'--column {role}="열 이름"을 주십시오',
                )


def assign(raw: Raw, form: Form | None, options: ImportOptions) -> Columns:
    """Say which column plays which role.

    The user's ``--column`` first (only where the file has such a column), then the form's columns; files
    without a known header go by :data:`SYNONYMS`. A column plays one role.
    """
    index: dict[str, int] = {}
    for role, name in options.columns.items():
        _take(index, role, raw.find(name))
    if form is None:
        for spelling in range(_SPELLINGS):
            at = {_spellings(own)[spelling]: i for i, own in reversed(list(enumerate(raw.header)))}
            for role, names in SYNONYMS.items():
                _take(index, role, next((at[name] for name in names if name in at), None), shared=False)
        for role in ("count", "name"):
            _take(index, role, by_ending(raw.header, role, index.values()))
    else:
        for role, names in form.columns.items():
            _take(index, role, next((i for i in map(raw.find, names) if i is not None), None))
    return _with_pairs(raw, index)


def _with_pairs(raw: Raw, index: dict[str, int]) -> Columns:
    """Return the columns, with those of a column of pairs of coordinates where no others place the rows."""
    if "latlon" not in index:
        return Columns(raw, index)
    others = [index[role] for pair in (("lat", "lon"), ("x", "y")) if set(pair) <= index.keys() for role in pair]
    said = any(not is_nothing(raw.columns[at]).all() for at in others)
    if said or not are_pairs(raw.columns[index["latlon"]]):
        return Columns(raw, {role: at for role, at in index.items() if role != "latlon"})
    n = len(raw.header)
    return Columns(split_pairs(raw, index["latlon"]), index | {"lat": n, "lon": n + 1})


def _take(index: dict[str, int], role: str, found: int | None, *, shared: bool = True) -> None:
    if found is not None and role not in index and (shared or found not in index.values()):
        index[role] = found


def check_user_columns(raws: Sequence[Raw], options: ImportOptions) -> None:
    """Raise :class:`ColumnNeededError` where no file of the command has a column the user named."""
    for role, name in options.columns.items():
        if all(raw.find(name) is None for raw in raws):
            listed = ", ".join(raws[0].header[:12]) if raws else ""
            raise ColumnNeededError(
                f"--column {role}={name}: 그런 열이 없습니다 (열: {listed})", "파일 첫 줄의 열 이름을 그대로 쓰십시오"
            )


def looks_placed(columns: Columns) -> bool:
    """Say whether the file can be placed at all: coordinates, geometry or an address."""
    pairs = (("lat", "lon"), ("x", "y"))
    return (
        columns.raw.geometry is not None
        or any(columns.has(a) and columns.has(b) for a, b in pairs)
        or any(columns.has(role) for role in ("wkt", "road_address", "lot_address", "dong_name"))
    )


def plain_areas(areas: Mapping[str, str]) -> dict[str, str]:
    """Return plain name or id to area id."""
    return {plain(text): area for area, name in areas.items() for text in (area, name)}
