"""Which sources a command is about: folders, archives, workbooks and GeoPackages opened; what is no data is named."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from layers.importing.errors import UnreadableFileError, UnsafeFileError
from layers.importing.faults import Faults
from layers.importing.kinds import DATA, READ, SIDECARS, kind_of
from layers.importing.read_sheets import sheet_names
from layers.importing.read_vector import layer_names
from layers.importing.unpack import Budget, Entry, is_noise, size_text, unpack

LEFT_OUT = "빼 둔 파일입니다"
_DEEPEST = 3  # archives in archives
_CHUNK = 1 << 22


@dataclass(frozen=True)
class Source:
    """One table to import.

    Attributes
    ----------
    path, members
        The file, and all files that belong to it (a Shapefile's sidecars).
    name
        As reports and errors give it: ``파일.csv``, ``묶음.zip/파일.csv``, ``파일.xlsx[Sheet1]``.
    kind
        See :func:`layers.importing.kinds.kind_of`; ``pages`` of several of a portal; '' where it is skipped.
    part
        Sheet of a workbook or layer of a GeoPackage.
    alone
        The file holds no other part.
    skipped
        Why it is not read, '' where it is.
    """

    path: Path
    members: tuple[Path, ...]
    name: str
    kind: str = ""
    part: str = ""
    alone: bool = True
    skipped: str = ""

    def digest(self) -> str:
        """Return the sha256 of the bytes of the file and its sidecars, which does not depend on their names.

        Read once: the file is taken not to change while it is imported.
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:
        total = hashlib.sha256()
        for member in self.members:
            label = self.kind if member == self.path or self.kind == "pages" else member.suffix.lower()
            total.update(f"{label}:{member.stat().st_size};".encode())
            with member.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    total.update(chunk)
        total.update(self.part.encode())
        return total.hexdigest()


def _none(_name: str) -> bool:
    return False


@contextmanager
def open_sources(
    paths: Sequence[Path],
    max_bytes: int,
    *,
    faults: Faults | None = None,
    leaves_out: Callable[[str], bool] = _none,
) -> Iterator[list[Source]]:
    """Give the sources of the command, in the order of the paths, each file once.

    Folders are opened (sorted, hidden files left out), archives unpacked into a temporary folder that is gone
    afterwards, workbooks and GeoPackages give a source a sheet or layer. A file named on its own must be readable; in
    a folder or an archive, files that are no data are listed as skipped.

    Parameters
    ----------
    paths
        Files and folders.
    max_bytes
        The most one file may be, and all archives of the command unpacked.
    faults
        Takes what is wrong with a file; by default it is raised.
    leaves_out
        Says by its name (as reports have it) that a file, or a part of one, is not to be read.

    Raises
    ------
    UnreadableFileError
        A path does not exist, or is of a kind that is not read.
    UnsafeFileError
        See :mod:`layers.importing.unpack`; or a file is over ``max_bytes``.
    """
    with tempfile.TemporaryDirectory(prefix="ansim-", ignore_cleanup_errors=True) as folder:
        faults = faults or Faults()
        opener = _Opener(Path(folder), max_bytes, faults, leaves_out)
        found: dict[tuple[Path, str], Source] = {}
        for path in paths:
            for source in opener.sources(path):
                found.setdefault((source.path.resolve(), source.part), source)
        if all(source.skipped for source in found.values()) and not faults.gathers:
            raise UnreadableFileError("가져올 자료 파일이 없습니다", f"읽는 것: {READ}")
        yield list(found.values())


class _Opener:
    """Opens containers one after another, with one temporary folder and one budget."""

    def __init__(self, folder: Path, max_bytes: int, faults: Faults, leaves_out: Callable[[str], bool]) -> None:
        self._faults, self._leaves_out = faults, leaves_out
        self._folder = folder
        self._max_bytes = max_bytes
        self._budget = Budget(max_bytes)
        self._archives = 0

    def sources(self, path: Path) -> Iterator[Source]:
        """Give the sources of a path of the command."""
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.is_file() and not is_noise(p.relative_to(path)))
            yield from self._among([Entry(p, p.name) for p in inside], 0)
        elif path.is_file():
            with self._faults.of(path.name):
                yield from self._file(_shapefile(path), 0)
        else:
            raise UnreadableFileError(f"{path}: 파일이 없습니다", "경로와 이름을 확인하십시오")

    def _among(self, entries: Iterable[Entry], depth: int) -> Iterator[Source]:
        """Give the sources of the files of a folder or an archive."""
        for entry in entries:
            ending = entry.path.suffix.lower()
            if self._leaves_out(entry.name):
                yield _skipped(entry, LEFT_OUT)
            elif entry.skipped or ending not in DATA | SIDECARS or entry.name.lower().endswith(".shp.xml"):
                yield _skipped(entry, entry.skipped or "자료 파일이 아닙니다")
            elif not entry.path.stat().st_size:
                yield _skipped(entry, "빈 파일입니다")
            elif ending not in SIDECARS:
                with self._faults.of(entry.name):
                    yield from self._file(entry, depth)
            elif _shapefile_of(entry.path) is None:
                yield _skipped(entry, "짝이 되는 .shp 파일이 없습니다")

    def _file(self, entry: Entry, depth: int) -> Iterator[Source]:
        path, name = entry.path, entry.name
        members = _with_sidecars(path)
        size = sum(member.stat().st_size for member in members)
        if size > self._max_bytes:
            raise UnsafeFileError(
                f"{name}: 파일이 {size_text(size)}로, 한도 {size_text(self._max_bytes)}를 넘습니다",
                "--max-size를 늘리거나 나누어 주십시오",
            )
        kind = kind_of(path, name)
        if kind == "zip":
            yield from self._archive(entry, depth)
        elif kind in {"workbook", "gpkg"}:
            parts = sheet_names(path, name, self._max_bytes) if kind == "workbook" else layer_names(path, name)
            alone = sum(not why for why in parts.values()) == 1
            for part, why in parts.items():
                shown = f"{name}[{part}]"
                why = LEFT_OUT if self._leaves_out(shown) else why  # noqa: PLW2901 - what the planner says comes first
                yield Source(path, members, shown, "" if why else kind, part, alone=alone, skipped=why)
        else:
            yield Source(path, members if kind == "shapefile" else (path,), name, kind)

    def _archive(self, entry: Entry, depth: int) -> Iterator[Source]:
        if depth == _DEEPEST:
            raise UnsafeFileError(f"{entry.name}: 압축 안에 압축이 너무 깊습니다", "풀어서 주십시오")
        folder = self._folder / str(self._archives)
        folder.mkdir()
        self._archives += 1
        yield from self._among(unpack(entry.path, entry.name, folder, self._budget), depth + 1)


def _skipped(entry: Entry, why: str) -> Source:
    return Source(entry.path, (entry.path,), entry.name, skipped=why)


def _shapefile(path: Path) -> Entry:
    """Return the entry of a file named on its own: a sidecar stands for its Shapefile."""
    if path.suffix.lower() not in SIDECARS:
        return Entry(path, path.name)
    shapefile = _shapefile_of(path)
    if shapefile is None:
        raise UnreadableFileError(f"{path.name}: 짝이 되는 .shp 파일이 없습니다", "같은 폴더에 .shp를 두십시오")
    return Entry(shapefile, shapefile.name)


def _shapefile_of(sidecar: Path) -> Path | None:
    stem = sidecar.stem.casefold()
    beside = (p for p in sidecar.parent.iterdir() if p.suffix.lower() == ".shp" and p.stem.casefold() == stem)
    return next(beside, None)


def _with_sidecars(path: Path) -> tuple[Path, ...]:
    if path.suffix.lower() != ".shp":
        return (path,)
    stem = path.stem.casefold()
    used = {".dbf", ".shx", ".prj", ".cpg"}
    beside = (p for p in path.parent.iterdir() if p.stem.casefold() == stem and p.suffix.lower() in used)
    return (path, *sorted(beside))
