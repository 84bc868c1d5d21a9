"""Zips, folders, size limits: everything in them is found and named, and nothing reaches outside."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from layers.importing.errors import UnreadableFileError, UnsafeFileError
from layers.importing.files import open_sources
from layers.importing.unpack import Budget, unpack

LIMIT = 10_000_000
CSV = "이름,위도,경도\n가,37.5,127\n"


def packed(path, members, **how):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def named(paths, limit=LIMIT):
    with open_sources(paths, limit) as sources:
        return {source.name: source.skipped or source.kind for source in sources}


def with_raw_name(path, name):
    """A zip with one member whose name is written in cp949 and not marked as utf-8, as Korean Windows does."""
    plain = b"x" * len(name.encode("cp949"))
    data = packed(path, {plain.decode(): CSV}).read_bytes()
    path.write_bytes(data.replace(plain, name.encode("cp949")))
    return path


def test_members_are_named_after_their_archive(tmp_path):
    inner = io.BytesIO()
    packed(inner, {"안/깊은.csv": CSV})
    path = packed(
        tmp_path / "묶음.zip",
        {
            "파일.csv": CSV, "폴더/지도.geojson": '{"type":"FeatureCollection","features":[]}',
            "속.zip": inner.getvalue(),
            "__MACOSX/._파일.csv": "x", ".DS_Store": "x", "폴더/Thumbs.db": "x", "~$파일.csv": "x", "안내.hwp": "x",
            "읽기.txt": "x",
        },
    )  # fmt: skip
    assert named([path]) == {
        "묶음.zip/속.zip/안/깊은.csv": "text", "묶음.zip/안내.hwp": "자료 파일이 아닙니다",
        "묶음.zip/읽기.txt": "자료 파일이 아닙니다",
        "묶음.zip/파일.csv": "text", "묶음.zip/폴더/지도.geojson": "geojson",
    }  # fmt: skip


def test_cp949_names_in_a_zip(tmp_path):
    assert named([with_raw_name(tmp_path / "옛.zip", "보안등 현황.csv")]) == {"옛.zip/보안등 현황.csv": "text"}


def test_a_zip_under_any_name_and_a_file_that_is_no_zip(tmp_path):
    renamed = packed(tmp_path / "자료.csv", {"가.csv": CSV})
    assert named([renamed]) == {"자료.csv/가.csv": "text"}
    broken = tmp_path / "깨진.zip"
    broken.write_bytes(renamed.read_bytes()[:60])
    with pytest.raises(UnreadableFileError, match=r"깨진\.zip.*손상"):
        named([broken])


@pytest.mark.parametrize(
    "member", ["/etc/가.csv", "../가.csv", "안/../../가.csv", "C:\\가.csv", "..\\가.csv", "\\가.csv"]
)
def test_paths_that_reach_outside_are_refused(tmp_path, member):
    with pytest.raises(UnsafeFileError, match="밖을 가리키는 경로"):
        named([packed(tmp_path / "묶음.zip", {"좋은.csv": CSV, member: CSV})])


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("링크.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "묶음.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeFileError, match="링크"):
        named([tmp_path / "묶음.zip"])


def test_names_in_an_archive_never_become_paths(tmp_path):
    names = {"CON.csv": CSV, "앞?*|.csv": CSV, "긴" * 100 + ".csv": CSV, "A.csv": CSV, "a.csv": CSV}
    folder = tmp_path / "풀림"
    folder.mkdir()
    entries = unpack(packed(tmp_path / "묶음.zip", names), "묶음.zip", folder, Budget(LIMIT))
    assert {e.name.removeprefix("묶음.zip/") for e in entries} == set(names)
    assert all(e.path.name == "data.csv" and e.path.is_relative_to(folder) for e in entries)
    assert len({e.path for e in entries}) == len(names)


def test_nothing_stays_behind(tmp_path):
    with open_sources([packed(tmp_path / "묶음.zip", {"가.csv": CSV})], LIMIT) as (source,):
        inside = source.path
        assert inside.read_text(encoding="utf-8") == CSV
        assert not inside.is_relative_to(tmp_path)
    assert not inside.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["묶음.zip"]


def test_zip_bombs(tmp_path):
    flat = packed(tmp_path / "큰.zip", {"가.csv": b"0" * (LIMIT + 1)})
    with pytest.raises(UnsafeFileError, match="압축을 풀면"):
        named([flat])
    many = packed(tmp_path / "여럿.zip", {f"{i}.csv": b"0" * (LIMIT // 4) for i in range(5)})
    with pytest.raises(UnsafeFileError, match="압축을 풀면"):
        named([many])
    steep = packed(tmp_path / "부푼.zip", {"가.csv": b"0" * 60_000_000})
    with pytest.raises(UnsafeFileError, match="부푸는"):
        named([steep], 10**9)
    split = [packed(tmp_path / f"반{i}.zip", {"가.csv": b"0" * (LIMIT // 2 + 1)}) for i in range(2)]
    with pytest.raises(UnsafeFileError, match="압축을 풀면"):  # one budget for the whole command
        named(split)


def test_a_bomb_that_lies_about_its_size(tmp_path):
    path = packed(tmp_path / "거짓.zip", {"가.csv": b"0" * (LIMIT + 1)})
    size = (LIMIT + 1).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    with pytest.raises((UnsafeFileError, UnreadableFileError)):
        named([path])


def test_archives_in_archives_have_a_floor(tmp_path):
    data = CSV.encode()
    name = "가.csv"
    for level in range(6):
        path = packed(tmp_path / f"{level}.zip", {name: data})
        data, name = path.read_bytes(), path.name
    with pytest.raises(UnsafeFileError, match="너무 깊습니다"):
        named([path])


def test_locked_archives(tmp_path):
    path = packed(tmp_path / "잠김.zip", {"가.csv": CSV})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match="암호"):
        named([path])


@pytest.mark.parametrize(
    "start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"EGGA....", b"ALZ\x01....", b"\x1f\x8b\x08"]
)
def test_other_archives(tmp_path, start):
    path = tmp_path / "자료.csv"
    path.write_bytes(start)
    with pytest.raises(UnreadableFileError, match="압축은 읽지 않습니다"):
        named([path])


def test_a_file_over_the_limit(tmp_path):
    path = tmp_path / "큰.csv"
    path.write_bytes(b"0" * 2_000_000)
    with pytest.raises(UnsafeFileError, match=r"큰\.csv: 파일이 1\.91 MB로, 한도 977 KB|큰\.csv.*한도"):
        named([path], 1_000_000)


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html>로그인</html>", "<html><body><table></table></body></html>"])
def test_a_web_page_is_no_data(tmp_path, page):
    path = tmp_path / "자료.xls"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="웹 페이지"):
        named([path])


def test_a_zip_is_stored_as_its_files_are(town, helpers):
    loose = town.one(town.lamps([helpers.lamp()]))
    inside = packed(town.folder / "묶음.zip", {"보안등.csv": Path(town.folder / "보안등.csv").read_bytes()})
    again = town.one(inside)
    assert again.unchanged  # the bytes are known, wherever they come from
    assert (again.file, again.read) == ("묶음.zip/보안등.csv", loose.read)


@pytest.mark.real
def test_the_real_files_in_one_zip(seoul, tmp_path):
    path = tmp_path / "서울.zip"
    files = sorted(p for p in seoul.rglob("*") if p.is_file())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, str(file.relative_to(seoul)))
    loose = named([seoul], 2**30)
    assert {Path(name).name: kind for name, kind in named([path], 2**30).items()} == loose
    assert sorted(loose.values()).count("text") == len([f for f in files if f.suffix == ".csv"])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_both_read(tmp_path):
    path = tmp_path / "둘.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("등.csv", "가")
        archive.writestr("등.csv", "나")
    folder = tmp_path / "안"
    folder.mkdir()
    assert [entry.path.read_text(encoding="utf-8") for entry in unpack(path, "둘", folder, Budget(LIMIT))] == [
        "가",
        "나",
    ]
