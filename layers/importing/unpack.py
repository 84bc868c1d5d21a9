"""Archives unpacked so that nothing in them can reach further than a folder of our own, or fill the disk."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from layers.importing.errors import UnreadableFileError, UnsafeFileError
from layers.importing.kinds import DATA, SIDECARS

_MOST_RATIO = 200  # unpacked to packed, from which a large member is a bomb; real CSV stays under 50
_RATIO_FROM = 50_000_000  # bytes; a small file may well be all zeros
_MOST_MEMBERS = 20_000
_CHUNK = 1 << 20
_NOISE = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True)
class Entry:
    """A file to look at: where it is, and the name reports give it. ``skipped``: it was not unpacked, and why."""

    path: Path
    name: str
    skipped: str = ""


@dataclass
class Budget:
    """How many bytes a command may still unpack."""

    left: int
    most: int = field(init=False)

    def __post_init__(self) -> None:
        self.most = self.left

    def spend(self, n: int, name: str) -> None:
        """Take bytes; raise :class:`UnsafeFileError` where there are not that many left."""
        self.left -= n
        if self.left < 0:
            raise UnsafeFileError(
                f"{name}: 압축을 풀면 {size_text(self.most)}를 넘습니다",
                "믿을 수 있는 파일이면 --max-size를 늘리거나 나누어 주십시오",
            )


def unpack(archive: Path, name: str, folder: Path, budget: Budget) -> list[Entry]:
    """Unpack the data files of a zip.

    Parameters
    ----------
    archive, name
        The zip, and what to call it.
    folder
        An empty folder. Members are written there under names of our own, those of one stem (a Shapefile and its
        sidecars) side by side; the names in the archive never become paths.
    budget
        What may be unpacked in all; counted as bytes are written, not as the archive declares them.

    Returns
    -------
    One entry a member, sorted by name, noise of operating systems left out; members that are no data are entries
    that say so, and are not unpacked.

    Raises
    ------
    UnsafeFileError
        An absolute path, a ``..``, a link, a bomb.
    UnreadableFileError
        The archive is locked, damaged, or packed in a way that is not read.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            return list(_members(opened, name, folder, budget))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise UnreadableFileError(f"{name}: 압축 파일이 손상되었습니다", "다시 내려받으십시오") from error
    except NotImplementedError as error:
        raise UnreadableFileError(f"{name}: 모르는 방식으로 압축되었습니다", "압축을 풀거나 다시 묶으십시오") from error


def check_archive(infos: list[zipfile.ZipInfo], name: str, most: int) -> None:
    """Raise :class:`UnsafeFileError` where what an archive (or a workbook, which is one) declares is a bomb."""
    if len(infos) > _MOST_MEMBERS:
        raise UnsafeFileError(f"{name}: 압축 안의 파일이 {_MOST_MEMBERS:,}개를 넘습니다", "나누어 주십시오")
    for info in infos:
        if info.file_size > _RATIO_FROM and info.file_size > _MOST_RATIO * max(info.compress_size, 1):
            raise UnsafeFileError(
                f"{name}: 비정상으로 부푸는 압축 파일입니다", "어디서 받은 것인지 확인하고 다시 내려받으십시오"
            )
    Budget(most).spend(sum(info.file_size for info in infos), name)


def size_text(n: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{n / 2**30:.3g} GB" if n >= 2**30 else f"{n / 2**20:.3g} MB"


def _members(opened: zipfile.ZipFile, name: str, folder: Path, budget: Budget) -> Iterator[Entry]:
    check_archive(opened.infolist(), name, budget.most)
    inside = [(_real_name(info), info) for info in opened.infolist() if not info.is_dir()]  # a name may come twice
    places: dict[str, Path] = {}
    for member, info in sorted(inside, key=lambda pair: (pair[0], pair[1].header_offset)):
        path = _checked(member, info, name)
        shown = f"{name}/{path}"
        if is_noise(path):
            continue
        ending = path.suffix.lower()
        if ending not in DATA | SIDECARS:
            yield Entry(Path(member), shown, "자료 파일이 아닙니다")
            continue
        if info.flag_bits & 0x1:
            raise UnreadableFileError(f"{shown}: 암호가 걸린 압축 파일입니다", "암호를 풀고 다시 묶으십시오")
        stem = str(path.with_suffix("")).casefold()
        place = places.setdefault(stem, folder / str(len(places)))
        place.mkdir(exist_ok=True)
        target = place / f"data{ending}"
        if target.exists():  # names that differ only in case, or not at all
            target = _beside(folder, len(places) + len(inside), info.header_offset) / f"data{ending}"
        with opened.open(info) as packed, target.open("wb") as file:
            _copy(packed, file, shown, budget)
        yield Entry(target, shown)


def _beside(folder: Path, a: int, b: int) -> Path:
    place = folder / f"{a}-{b}"
    place.mkdir()
    return place


def _copy(packed: IO[bytes], file: IO[bytes], name: str, budget: Budget) -> None:
    while chunk := packed.read(_CHUNK):
        budget.spend(len(chunk), name)
        file.write(chunk)


def _checked(member: str, info: zipfile.ZipInfo, name: str) -> PurePosixPath:
    path = PurePosixPath(member.replace("\\", "/"))
    drive = len(member) > 1 and member[1] == ":"
    if path.is_absolute() or drive or ".." in path.parts or "\0" in member:
        raise UnsafeFileError(f"{name}: 밖을 가리키는 경로가 들어 있습니다 ({member[:80]!r})", "다시 묶어 주십시오")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnsafeFileError(
            f"{name}: 다른 파일을 가리키는 링크가 들어 있습니다 ({path.name[:80]})", "다시 묶어 주십시오"
        )
    return path


def _real_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: Korean Windows writes cp949 without saying so, and zipfile reads that as cp437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        data = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def is_noise(path: PurePosixPath | Path) -> bool:
    """Say whether a path, as seen from the folder given, is an operating system's own or a lock file."""
    return any(part.startswith((".", "~$")) or part.lower() in _NOISE for part in path.parts)
