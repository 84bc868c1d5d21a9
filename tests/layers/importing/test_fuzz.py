"""Whatever is done to a file: never a traceback, never a silent loss, never a point at (0, 0)."""

import copy
import json
import zipfile
from datetime import UTC, datetime

import geopandas
import pandas as pd
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import AnsimError
from layers.importing import ImportOptions, import_files
from layers.importing.kinds import TEXT
from tests.layers.memory_store import MemoryStore

NOW = datetime(2025, 11, 21, tzinfo=UTC)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ODD = st.sampled_from(
    ["", "0", "-", "NaN", "inf", "1e400", "37.5", "127", "9" * 40, "합계", "삭제", '"', "\x00", "가,나", "\n", "�"]
)


def imported(town, path, *beside, **options):
    """Import into a store of its own, which holds the boundaries and these files; the report, None for a refusal."""
    store = standing(town, beside)
    try:
        (report,) = import_files([path], store, town.catalog, ImportOptions(**options), now=NOW)
    except AnsimError as error:
        refusal = str(error)
    else:
        _check(report, store)
        return report
    assert "\n" not in refusal
    assert store.version() == 1
    return None


_STANDING = {}


def standing(town, beside):
    """A copy of a store with the boundaries and these files, which are imported once."""
    known = tuple((path.name, path.read_bytes()) for path in beside)
    if known not in _STANDING:
        _STANDING[known] = MemoryStore()
        import_files([town.boundaries, *beside], _STANDING[known], town.catalog, ImportOptions(), now=NOW)
    return copy.deepcopy(_STANDING[known])


def _check(report, store):
    assert report.read == report.accepted + report.rejected
    assert len(report.rejected_rows) == report.rejected
    for layer in store.layer_ids():
        rows = store.read(layer)
        assert len(rows) == report.accepted
        assert rows["key"].is_unique
        for point in rows["geometry"].dropna():
            west, south, *_ = point.bounds
            assert west > 700_000
            assert south > 1_300_000
        assert report.unlocated == rows["geometry"].isna().sum()


@MANY
@given(
    cells=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 10), ODD), max_size=40),
    order=st.permutations(range(11)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp949", "utf-16"]),
    delimiter=st.sampled_from([",", "\t", ";"]),
)
def test_cells_changed_columns_shuffled(bare, helpers, cells, order, encoding, delimiter):
    rows = [helpers.lamp(f"등{i}", 20 * i, 20 * i) for i in range(30)]
    for row, column, text in cells:
        rows[row][column] = text
    rows = [[row[i] for i in order] for row in rows]
    text = helpers.csv_text([helpers.LAMPS[i] for i in order], rows, delimiter)
    path = bare.file("보안등.csv", text.encode(encoding, errors="replace"))
    report = imported(bare, path)
    if report is not None and not any(t in {"\n", '"', "\x00"} for *_, t in cells):
        assert report.read == 30


@MANY
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=25),
    cut=st.floats(0, 1),
    encoding=st.sampled_from(["utf-8", "cp949"]),
    name=st.sampled_from([f"시험{end}" for end in sorted(TEXT)]),
)
def test_bytes_flipped_and_the_end_cut_off(bare, helpers, flips, cut, encoding, name):
    text = helpers.csv_text(helpers.LAMPS, [helpers.lamp(f"등{i}", 20 * i, 20 * i) for i in range(30)])
    data = bytearray(text.encode(encoding))
    for where, value in flips:
        data[int(where * len(data))] = value
    imported(bare, bare.file(name, bytes(data[: int(len(data) * cut)])), layer="security_light")
    imported(bare, bare.file(name, bytes(data)))


@MANY
@given(
    kinds=st.lists(st.sampled_from(["whole", "no place", "zero", "turned", "no address"]), min_size=1, max_size=12),
    encodings=st.lists(st.sampled_from(["utf-8", "cp949", "utf-16-le"]), min_size=12, max_size=12),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
)
def test_lines_of_several_encodings_beside_address_points(bare, helpers, kinds, encodings, flips):
    """Rows that lose their place get one by their address, or none; the report counts them alike."""
    lon, lat = helpers.lonlat(500, 500)
    header = ["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"]
    shops = bare.csv("가게.csv", header, [["가게", "영업/정상", "관악구 가람동 1", "", f"{lat}", f"{lon}", ""]])
    changes = {
        "whole": {},
        "no place": {"lat": "", "lon": ""},
        "zero": {"lat": "0", "lon": "0"},
        "turned": {"lat": str(lon), "lon": str(lat)},
        "no address": {"lat": "", "lon": "", "address": ""},
    }
    lines = [",".join(helpers.LAMPS), *(",".join(helpers.lamp(f"등{i}", **changes[k])) for i, k in enumerate(kinds))]
    encoded = [f"{line}\n".encode(e) for line, e in zip(lines, ["utf-8", *encodings], strict=False)]
    data = bytearray(b"".join(encoded))
    for where, value in flips:
        data[int(where * len(data))] = value
    imported(bare, bare.file("보안등.csv", bytes(data)), shops)
    clean = imported(bare, bare.lamps([helpers.lamp(f"등{i}", **changes[k]) for i, k in enumerate(kinds)]), shops)
    placed = [kinds.count(k) for k in ("no place", "no address")]
    if clean is not None:
        assert clean.flagged.get("located_by=lot_exact", 0) == placed[0]
        assert clean.unlocated == placed[1]
    else:
        assert set(kinds) == {"zero"}


@MANY
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(32, 126)), max_size=8))
def test_geojson_flipped(bare, helpers, flips):
    features = [helpers.feature({"용도": "주택", "층수": i}, helpers.square(i, 0, 20)) for i in range(5)]
    data = bytearray(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode())
    for where, value in flips:
        data[int(where * len(data))] = value
    imported(bare, bare.file("건물.geojson", bytes(data)))


@MANY
@given(
    rows=st.lists(st.lists(ODD | st.text(max_size=6), min_size=7, max_size=7), max_size=12),
    table=st.sampled_from(["households", "grid", "shops", "own"]),
)
def test_every_kind_of_table(bare, helpers, rows, table):
    header = {
        "households": ["행정동코드", "자치구", "행정동명", "성별", "연령대", "총인구", "1인가구수"],
        "grid": ["gid", "lbl", "val"],
        "shops": ["사업장명", "영업상태명", "지번주소", "도로명주소", "위도", "경도", "행정동명"],
        "own": ["이름", "x좌표", "y좌표", "수량", "운영시간", "설치일자", "비고"],
    }[table]
    path = bare.csv("표.csv", header, [row[: len(header)] for row in rows], encoding="utf-8")
    imported(bare, path, layer="police_box" if table == "own" else None, measure="population")


@pytest.fixture(scope="module")
def containers(tmp_path_factory, helpers):
    """The same thirty lamps in every container, as bytes."""
    folder = tmp_path_factory.mktemp("containers")
    rows = [helpers.lamp(f"등{i}", 20 * i, 20 * i) for i in range(30)]
    frame = pd.DataFrame(rows, columns=helpers.LAMPS)
    frame.to_excel(folder / "표.xlsx", index=False)
    frame.to_parquet(folder / "표.parquet")
    old = xlwt.Workbook(encoding="utf-8")
    sheet = old.add_sheet("표")
    for i, row in enumerate([helpers.LAMPS, *rows]):
        for j, cell in enumerate(row):
            sheet.write(i, j, cell)
    old.save(str(folder / "표.xls"))
    points = geopandas.points_from_xy(frame["경도"].astype(float), frame["위도"].astype(float))
    geopandas.GeoDataFrame(frame, geometry=points, crs=4326).to_file(folder / "표.gpkg", engine="pyogrio")
    with zipfile.ZipFile(folder / "표.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("안/보안등.csv", helpers.csv_text(helpers.LAMPS, rows))
    records = frame.to_dict("records")
    page = {"svc": {"list_total_count": 30, "RESULT": {"CODE": "INFO-000", "MESSAGE": "정상"}, "row": records}}
    (folder / "표.json").write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    cells = ("".join(f"<{k}>{v}</{k}>" for k, v in record.items()) for record in records)
    (folder / "표.xml").write_text(f"<svc>{''.join(f'<row>{c}</row>' for c in cells)}</svc>", encoding="utf-8")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


KINDS = ["표.xlsx", "표.xls", "표.parquet", "표.gpkg", "표.zip", "표.json", "표.xml"]


@pytest.mark.parametrize("name", KINDS)
def test_every_container_holds_the_same_rows(bare, containers, name):
    report = imported(bare, bare.file(name, containers[name]))
    assert (report.layer, report.read, report.accepted, report.devices) == ("security_light", 30, 30, 30)


@MANY
@given(
    name=st.sampled_from(KINDS),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
    cut=st.floats(0.2, 1) | st.just(1.0),
)
def test_containers_flipped_and_cut(bare, containers, name, flips, cut):
    data = bytearray(containers[name])
    for where, value in flips:
        data[int(where * len(data))] = value
    imported(bare, bare.file(name, bytes(data[: int(len(data) * cut)])), layer="security_light")
