"""What a result rests on, in the words every output uses: households, files, settings in force, stability."""

from geo.model import DemandKind, DistrictResult, SourceFile
from geo.stability import HOLDS
from maps import text
from maps.text import DEMAND_NAMES

BOTTOM_QUARTER = "하위 25 % 동"
BOTTOM_QUARTER_MEANING = (
    "도달률이 가장 낮은 동 4분의 1(동 수로, 올림)을 합친 도달률(1인가구 가중). 가구의 4분의 1이 아님"
)
STABILITY_UNKNOWN = "순위 안정성 미확인 (조건을 조금씩 바꾸어 재 보지 않음)"
AT_DEFAULT = "수요일 23시 기본값"
_TABLES = {
    "dong": "행정동 경계",
    "household": "1인가구",
    "stat_grid": "격자",
    "building": "건축물",
    "address_point": "주소점",
}
_TABLE_OF = {
    DemandKind.BUILDING.value: "building",
    DemandKind.GRID.value: "stat_grid",
    DemandKind.ADDRESS.value: "address_point",
}
_METHODS = {"gi": "Gi*", "dbscan": "DBSCAN"}


def demand_basis(result: DistrictResult) -> str:
    """Return what the households of a cell are: counts, or by what a dong's are divided, which is an estimate."""
    source, kind = result.source, result.demand_source
    whose = "대상 1인가구" if source.who else "1인가구"
    unknown = " (격자는 성별·나이를 모름)" if source.who else ""
    size = f"{source.grid_m} m " if source.grid_m else ""
    if kind is DemandKind.GRID and source.counted is not None:
        if not source.who:
            return f"국토통계 {size}가구격자의 1인가구 수"
        return f"국토통계 {size}가구격자의 1인가구 수에 동별 대상 비율을 곱한 추정{unknown}"
    if kind is DemandKind.GRID:
        return f"동별 {whose}를 {size}인구격자 비율로 나눈 추정{unknown}"
    if kind is DemandKind.BUILDING:
        return f"동별 {whose}를 건축물의 가구 수나 연면적 비율로 나눈 추정"
    if kind is DemandKind.ADDRESS:
        return f"동별 {whose}를 주소점(상점·출입구) 수의 비율로 나눈 추정"
    return DEMAND_NAMES[kind]


def basis_files(result: DistrictResult) -> tuple[SourceFile, ...]:
    """Return the files of the boundaries, the households and what these were in truth spread over."""
    used = {_TABLE_OF.get(kind, "") for kind in set(result.cells.demand_source.tolist())}
    return tuple(file for file in result.source.files if file.table in {"dong", "household", *used})


def file_words(file: SourceFile) -> str:
    """Return ``1인가구: 이름.csv (기준일 모름, 2026. 11. 21. 가져옴)``."""
    return f"{_TABLES[file.table]}: {file.file} ({dated(file)})"


def dated(file: SourceFile) -> str:
    """Return a file's data date and the day it was imported."""
    stated = f"기준일 {text.day(file.newest)}" if file.newest else text.NO_DATE
    return f"{stated}, {text.day(file.imported)} 가져옴"


def at_words(result: DistrictResult) -> str:
    """Return the time the analysis is for, and that it is the default where nobody asked for it."""
    default = f" ({AT_DEFAULT})" if result.source.at_default else ""
    return f"{text.when(result.source.at)}{default}"


def stability_words(result: DistrictResult) -> str:
    """Return what is known of how firmly the ranks hold; '' where nothing is ranked."""
    if not result.gaps:
        return ""
    if any(gap.stability is None for gap in result.gaps):
        return STABILITY_UNKNOWN
    loose = sum(1 for gap in result.gaps if gap.stability is not None and gap.stability < HOLDS)
    return f"순위 안정성: {len(result.gaps):,}곳 가운데 {loose:,}곳 불안정 (추출의 {HOLDS:.0%} 미만에서 유지)"


def changed_settings(result: DistrictResult) -> str:
    """Return the settings that differ from the defaults, in words; '' where none does."""
    settings = result.settings
    default = type(settings)()
    names = {row.id: row.name for row in result.needs}
    said = []
    if settings.needs:
        said.append("항목 " + "·".join(names.get(need, need) for need in settings.needs) + "만")
    said += ["일부 자료 항목도 판단"] if settings.include_partial else []
    if settings.gap_threshold != default.gap_threshold:
        said.append(f"틈새 임계값 {settings.gap_threshold:g}")
    if settings.reach_factor != default.reach_factor:
        said.append(f"도달거리 {settings.reach_factor:g}배")
    said += [f"가중치 {names.get(need, need)} {weight:g}" for need, weight in settings.weights.items()]
    said += ["종합은 가중합"] if settings.combine == "sum" else []
    if settings.dense_method != default.dense_method:
        said.append(f"밀집격자 {_METHODS.get(settings.dense_method, settings.dense_method)}")
    elif settings.dense_share != default.dense_share:
        said.append(f"밀집격자 1인가구의 {settings.dense_share:.0%}")
    return f"기본값과 다른 설정: {', '.join(said)}" if said else ""
