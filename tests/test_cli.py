"""The command: what it prints, writes and refuses. One clear line and status 2, never a traceback."""

import json
import shutil
from urllib.parse import quote

import openpyxl
import pandas as pd
import pyogrio
import pytest

import cli
from geo.crs import to_lonlat
from tests.command import SAMPLE, ansim


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("데모 폴더")
    said = ansim("demo", cwd=folder, fresh=True)
    return folder / "ansim-demo", said


def test_demo_says_what_it_found_and_where_it_wrote(demo):
    folder, said = demo
    assert "가상 자료" in said
    assert "내부용" in said
    assert "틈새구역" in said
    for name in ("안심구.html", "안심구-틈새.xlsx", "안심구-틈새.gpkg", "안심구-칸.csv", "report.json", "demo.gpkg"):
        assert (folder / name).stat().st_size > 1000
        assert str(folder / name) in said


def test_demo_twice_changes_nothing(demo):
    folder, _ = demo
    before = (folder / "demo.gpkg").read_bytes()
    ansim("demo", cwd=folder.parent)
    assert (folder / "demo.gpkg").read_bytes() == before


def test_report_adds_up(demo):
    folder, _ = demo
    reports = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert len(reports) >= 12
    for report in reports:
        assert report["read"] == report["accepted"] + report["rejected"], report["file"]
        assert report["rejected"] == sum(report["reasons"].values())


def test_layers_lists_what_is_stored(demo):
    said = ansim("layers", "--store", demo[0] / "demo.gpkg", cwd=demo[0])
    assert "보안등" in said
    assert "자료 없음" not in said.splitlines()[0]


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "csv", "xlsx"])
def test_gaps_are_written_by_the_ending(demo, tmp_path, ending):
    out = tmp_path / f"틈새.{ending}"
    ansim("gaps", "안심구", "--store", demo[0] / "demo.gpkg", "--out", out, cwd=tmp_path)
    if ending == "xlsx":
        book = openpyxl.load_workbook(out)
        assert "가정과 출처" in book.sheetnames
        book.close()
    elif ending == "csv":
        assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    else:
        layers = {name for name, _ in pyogrio.list_layers(out)}
        assert layers


CELL_COLUMNS = [
    "grid_id", "x", "y", "dong", "households", "dense", "cover_lit", "cover_smart_lit", "cover_watched",
    "cover_refuge", "cover_parcel", "cover_patrolled", "cover", "demand_source",
]  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "parquet", "gpkg"])
def test_cells_are_written_by_the_ending(demo, tmp_path, ending):
    out = tmp_path / f"cells.{ending}"
    ansim("gaps", "99999", "--store", demo[0] / "demo.gpkg", "--cells", out, cwd=tmp_path)
    if ending == "gpkg":
        table = pyogrio.read_dataframe(out, layer="cells", read_geometry=False)
    else:
        table = pd.read_csv(out, dtype={"dong": str}) if ending == "csv" else pd.read_parquet(out)
    assert set(CELL_COLUMNS) <= set(table.columns)
    if ending != "gpkg":
        assert list(table.columns) == CELL_COLUMNS
    assert table["households"].sum() == pytest.approx(24_011, abs=1e-4)
    assert ((table["x"] - 50) % 100 == 0).all()
    assert set(table["demand_source"]) == {"building"}


def test_options_change_the_analysis(demo, tmp_path):
    store = ("--store", demo[0] / "demo.gpkg")
    plain = ansim("gaps", "안심구", *store, cwd=tmp_path)
    assert ansim("gaps", "안심구", *store, "--reach", "1.3", cwd=tmp_path) != plain
    assert ansim("gaps", "안심구", *store, "--need", "lit", cwd=tmp_path) != plain
    assert "15:00" in ansim("gaps", "안심구", *store, "--at", "2025-12-24T15:00", cwd=tmp_path)
    assert "여성" in ansim("gaps", "안심구", *store, "--who", "여성,20-39", cwd=tmp_path)
    for method in ("gi", "dbscan"):
        assert "안심구" in ansim("gaps", "안심구", *store, "--dense", method, cwd=tmp_path)
    assert "불안정" in ansim("gaps", "안심구", *store, "--stability", "20", cwd=tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gaps", "안산구"], "혹시 안심구(99999)?"),
        (["gaps", "마포구청"], "저장된 자치구: 안심구(99999)"),
        (
            ["gaps", "안심2동"],
            "'안심2동'은(는) 자치구가 아니라 행정동입니다 → 그 동의 자치구를 주십시오: 안심구(99999)",
        ),
        (["gaps", "안심구", "--need", "light"], "lit(밝은 길)"),
        (["gaps", "안심구", "--at", "yesterday"], "yesterday"),
        (["gaps", "안심구", "--at", "0001-01-01T00:00"], "1950년"),
        (["gaps", "안심구", "--who", "어른"], "--who"),
        (["gaps", "안심구", "--dense", "magic"], "quantile"),
        (["gaps", "안심구", "--dense-share", "0"], "0 초과"),
        (["gaps", "안심구", "--reach", "-1"], "도달거리"),
        (["gaps", "안심구", "--reach", "nan"], "도달거리"),
        (["gaps", "안심구", "--threshold", "7"], "틈새 기준"),
        (["gaps", "안심구", "--weight", "lit"], "lit=0.4"),
        (["gaps", "안심구", "--weight", "lit=9"], "0에서 1"),
        (["gaps", "안심구", "--combine", "max"], "product"),
        (["gaps", "안심구", "--out", "x.doc"], ".xlsx"),
        (["gaps", "안심구", "--out", "no/such/x.xlsx"], "폴더"),
        (["gaps", "안심구", "--cells", "x.shp"], ".parquet"),
        (["gaps", "안심구", "--stability", "-3"], "추출 횟수"),
        (["map", "안심구", "--out", "x.pdf"], ".html"),
        (["map", "안심구", "--out", "x.html", "--edition", "secret"], "public"),
        (["map", "안심구"], "--out"),
        (["import", "none.csv"], "none.csv"),
        (["import"], "--help"),
        (["fly"], "--help"),
        (["gaps"], "--help"),
    ],
)
def test_wrong_words(demo, tmp_path, words, said):
    where = [] if words in (["fly"], ["gaps"], ["import"]) else ["--store", demo[0] / "demo.gpkg"]
    assert said in ansim(*words, *where, cwd=tmp_path, ok=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fly"], "모르는 명령입니다: fly → 쓰는 법: ansim --help"),
        (["plans", "lst"], "모르는 명령입니다: lst → 혹시 list? 쓰는 법: ansim plans --help"),
        (["gaps"], "자치구: 값이 빠졌습니다 → 쓰는 법: ansim gaps --help"),
        (["map", "a"], "--out: 선택지가 빠졌습니다 → 쓰는 법: ansim map --help"),
        (["gaps", "a", "--treshold", "1"], "모르는 선택지입니다: --treshold → 혹시 --threshold?"),
        (["gaps", "a", "-x"], "모르는 선택지입니다: -x"),
        (["gaps", "a", "--threshold"], "--threshold: 값이 빠졌습니다"),
        (["gaps", "a", "--threshold", "x"], "--threshold: 숫자가 아닙니다"),
        (["gaps", "a", "--include-partial=1"], "--include-partial: 값을 받지 않는 선택지입니다"),
        (["gaps", "서울", "중구"], "남는 말이 있습니다: 중구 (띄어 쓴 이름은 따옴표로 묶습니다)"),
        (["serve", "--port", "99999"], "--port: 65535 이하여야 합니다 → 쓰는 법: ansim serve --help"),
        (["serve", "--port", "0"], "--port: 1 이상이어야 합니다 → 쓰는 법: ansim serve --help"),
        (["serve", "--port", "abc"], "--port: 정수가 아닙니다 → 쓰는 법: ansim serve --help"),
        (["proposals", "decide", "n", "열둘"], "번호...: 정수가 아닙니다 → 쓰는 법: ansim proposals decide --help"),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_in_korean(monkeypatch, capsys, tmp_path, words, said):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli.sys, "argv", ["ansim", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    err = capsys.readouterr().err
    assert end.value.code == 2
    assert err.startswith(f"오류: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("group", [[], ["plans"], ["proposals"], ["keys"], ["db"]])
def test_a_group_alone_shows_its_commands(monkeypatch, capsys, group):
    monkeypatch.setattr(cli.sys, "argv", ["ansim", *group])
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr()
    assert end.value.code == 0
    assert not said.err
    assert said.out.startswith("쓰는 법: ansim")
    assert len(said.out.splitlines()) > 5


def test_a_missing_folder_is_named(demo, tmp_path):
    store = ("--store", demo[0] / "demo.gpkg")
    for command in ("map", "report"):
        said = ansim(command, "안심구", "--out", "no/such/x.html", *store, cwd=tmp_path, ok=False)
        assert "no/such/x.html: 폴더가 없습니다" in said


def test_a_broken_archive_is_said_to_be_one(tmp_path):
    (tmp_path / "자료.zip").write_bytes(bytes(range(256)) * 8)
    said = ansim("import", "자료.zip", cwd=tmp_path, ok=False, fresh=True)
    assert said == "오류: 자료.zip: 이름은 .zip이지만 그런 파일이 아니거나 손상되었습니다 → 다시 내려받으십시오"


def test_nothing_loaded_says_which_file_to_import_first(tmp_path):
    for command in (["gaps", "관악구"], ["map", "관악구", "--out", "m.html"], ["map", "all", "--out", "maps"]):
        assert "경계" in ansim(*command, cwd=tmp_path, ok=False)
    assert not (tmp_path / "ansim.gpkg").exists()
    assert not (tmp_path / "maps").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["layers"], ["gaps", "안심구"], ["map", "안심구", "--out", "m.html"], ["report", "안심구", "--out", "r.html"],
        ["locate"], ["sites", "안심구", "--count", "cctv=1"], ["explain", "안심1동"], ["plans", "list"],
        ["plans", "delete", "계획"], ["proposals", "list"], ["proposals", "delete", "공모"],
    ],
)  # fmt: skip
def test_a_mistyped_store_is_no_empty_store(tmp_path, words):
    said = ansim(*words, "--store", "typo.gpkg", cwd=tmp_path, ok=False)
    assert said.startswith("오류: typo.gpkg: 저장소 파일이 없습니다 → --store")
    assert not list(tmp_path.iterdir())


def test_facilities_before_boundaries_are_refused_and_nothing_is_stored(tmp_path):
    lamps = next(SAMPLE.glob("*보안등*"))
    assert "경계" in ansim("import", lamps, cwd=tmp_path, ok=False)
    assert not (tmp_path / "ansim.gpkg").exists()


def test_a_report_that_cannot_be_written_stores_nothing(tmp_path):
    boundary = next(SAMPLE.glob("*경계*"))
    assert "보고서" in ansim("import", boundary, "--report", "no/such/r.json", cwd=tmp_path, ok=False)
    assert not list(tmp_path.iterdir())


def test_one_bad_file_among_good_ones_stores_nothing(tmp_path):
    for path in SAMPLE.iterdir():
        if path.suffix in {".csv", ".geojson"}:
            shutil.copy(path, tmp_path)
    (tmp_path / "깨진 파일.csv").write_text("��,���\n1,2\n", encoding="utf-8")
    said = ansim("import", ".", "--store", "s.gpkg", cwd=tmp_path, ok=False)
    assert "깨진 파일.csv" in said
    assert not (tmp_path / "s.gpkg").exists()


def test_a_planners_own_layer_needs_no_code(demo, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[layer.support_center]\nname = "1인가구지원센터"\n', encoding="utf-8")
    boundary = next(SAMPLE.glob("*경계*"))
    cells = pd.read_csv(demo[0] / "안심구-칸.csv")
    lon, lat = to_lonlat(cells["x"].to_numpy()[:3], cells["y"].to_numpy()[:3])
    table = pd.DataFrame({"이름": ["센터 1", "센터 2", "센터 3"], "위도": lat, "경도": lon})
    table.to_csv(tmp_path / "센터.csv", index=False, encoding="cp949")
    options = ("--catalog", own, "--layer", "support_center")
    ansim("import", boundary, *sorted(SAMPLE.glob("*1인가구*")), "센터.csv", *options, cwd=tmp_path)
    assert "1인가구지원센터" in ansim("layers", "--catalog", own, cwd=tmp_path)
    ansim("map", "안심구", "--catalog", own, "--out", "m.html", cwd=tmp_path)
    assert "1인가구지원센터" in (tmp_path / "m.html").read_text(encoding="utf-8")


def test_all_districts_and_the_overview_that_leads_to_them(demo, tmp_path):
    """The sample alone is a city of one, marked on every output; beside real districts it is none of them."""
    said = ansim("map", "all", "--out", "maps", "--store", demo[0] / "demo.gpkg", cwd=tmp_path)
    made = {path.name for path in (tmp_path / "maps").iterdir()}
    assert made == {"index.html", "districts.xlsx", "districts.csv", "안심구-99999.html"}
    assert "도시: " in said
    index = (tmp_path / "maps" / "index.html").read_text(encoding="utf-8")
    assert "[가상 자료]" in index
    assert quote("안심구-99999.html") in index
    table = pd.read_csv(tmp_path / "maps" / "districts.csv")
    assert table["edition"].tolist() == ["내부용"]
    assert "가상 자료" in table["headings"][0]
    ansim("map", "all", "--out", "open", "--edition", "public", "--store", demo[0] / "demo.gpkg", cwd=tmp_path)
    assert not [name for name in pd.read_csv(tmp_path / "open" / "districts.csv") if name.startswith(("share", "gap"))]


def test_a_report_and_its_sheets(demo, tmp_path):
    store = ("--store", demo[0] / "demo.gpkg")
    assert "A4 1쪽" in ansim("report", "안심구", "--out", "보고서.html", *store, cwd=tmp_path)
    assert "가상 자료" in (tmp_path / "보고서.html").read_text(encoding="utf-8")
    assert ".html" in ansim("report", "안심구", "--out", "보고서.hwp", *store, cwd=tmp_path, ok=False)
    assert "현장조사표" in ansim("report", "안심구", "--out", "b.html", "--sheets", *store, cwd=tmp_path, ok=False)
    assert "없는계획" in ansim(
        "report", "안심구", "--out", "b.html", "--plan", "없는계획", *store, cwd=tmp_path, ok=False
    )
    without = {"PATH": str(tmp_path)}
    assert "크롬이나 엣지가 없습니다" in ansim(
        "report", "안심구", "--out", "b.pdf", *store, cwd=tmp_path, env=without, ok=False
    )
    assert [path.name for path in tmp_path.iterdir()] == ["보고서.html"]


def test_locate(demo, tmp_path):
    folder, _ = demo
    said = ansim("locate", "--dry-run", "--store", folder / "demo.gpkg", "--report", tmp_path / "r.json", cwd=tmp_path)
    assert "좌표 없는 행이 없습니다" in said or "주소로 찾은 위치" in said
    assert isinstance(json.loads((tmp_path / "r.json").read_text("utf-8")), list)
    assert "--report" in ansim("locate", "--help", cwd=tmp_path)
    ansim("import", next(SAMPLE.glob("*경계*")), cwd=tmp_path)
    assert "주소점이 아직 없습니다" in ansim("locate", cwd=tmp_path, ok=False)
    assert "점으로 된 층이 아닙니다" in ansim("locate", "--layer", "없는층", cwd=tmp_path, ok=False)


def test_ctrl_c_says_that_nothing_was_stored(monkeypatch, capsys):
    class Stopped:
        def main(self, **_):
            raise KeyboardInterrupt

    monkeypatch.setattr(cli, "in_korean", lambda _: Stopped())
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 130  # 128 + SIGINT, as shells have it
    assert capsys.readouterr().err == "중단했습니다. 저장된 것은 없습니다\n"


def test_a_map_takes_the_options_of_an_analysis_and_shows_those_in_force(demo, tmp_path):
    options = ("--need", "CCTV", "--need", "lit", "--threshold", "0.4", "--reach", "1.2", "--weight", "lit=0.4")
    options += ("--combine", "sum", "--dense", "gi")
    ansim("map", "안심구", "--store", demo[0] / "demo.gpkg", "--out", tmp_path / "m.html", *options, cwd=tmp_path)
    top = (tmp_path / "m.html").read_text(encoding="utf-8").split('<main id="main">')[0]
    words = "항목 CCTV·밝은 길만, 틈새 임계값 0.4, 도달거리 1.2배, 가중치 밝은 길 0.4, 종합은 가중합, 밀집격자 Gi*"
    assert f"기본값과 다른 설정: {words}" in top
