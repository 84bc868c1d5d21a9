"""Which files a command is about: folders opened, sidecars joined to their Shapefile, the rest listed as skipped."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from layers.importing.errors import UnreadableFileError

TEXT = frozenset({".csv", ".tsv", ".txt"})
VECTOR = frozenset({".geojson", ".json", ".shp"})
SIDECARS = frozenset({
    ".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".fix", ".qmd", ".idx", ".ain", ".aih", ".atx",
})  # fmt: skip
LATER = frozenset({".xlsx", ".xls", ".xlsm", ".zip", ".gpkg", ".parquet", ".xml", ".hwp", ".hwpx", ".kml"})


@dataclass(frozen=True)
class Source:
    """One file to import with what belongs to it. ``skipped`` says why it is not read, '' where it is."""

    path: Path
    members: tuple[Path, ...]
    skipped: str = ""

    @property
    def name(self) -> str:
        """The file's name, as reports and errors give it."""
        return self.path.name

    def digest(self) -> str:
        """Return the sha256 of the bytes of the file and its sidecars, which does not depend on their names."""
        total = hashlib.sha256()
        for member in self.members:
            data = member.read_bytes()
            total.update(f"{member.suffix.lower()}:{len(data)};".encode())
            total.update(data)
        return total.hexdigest()


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files of the command, folders opened (sorted, hidden files left out), each file once.

    A file named on its own must be readable; in a folder, files that are no data are listed as skipped.

    Raises
    ------
    UnreadableFileError
        A path does not exist, or a file named on its own is of a kind that is not read.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            inside = (p for p in sorted(path.rglob("*")) if p.is_file() and not _hidden(p.relative_to(path)))
            for source in _from_folder(inside):
                found.setdefault(source.path.resolve(), source)
        elif path.is_file():
            source = _named(path)
            found.setdefault(source.path.resolve(), source)
        else:
            raise UnreadableFileError(f"{path}: 파일이 없습니다", "경로와 이름을 확인하십시오")
    if not any(not source.skipped for source in found.values()):
        raise UnreadableFileError("가져올 자료 파일이 없습니다", "CSV, GeoJSON 또는 Shapefile을 주십시오")
    return list(found.values())


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)


def _from_folder(paths: Iterable[Path]) -> list[Source]:
    sources = []
    for path in paths:
        kind = path.suffix.lower()
        if kind in SIDECARS:
            if _shapefile_of(path) is None:
                sources.append(Source(path, (path,), "짝이 되는 .shp 파일이 없습니다"))
        elif kind in VECTOR or (kind in TEXT and kind != ".txt"):
            sources.append(_with_sidecars(path))
        elif kind in LATER:
            sources.append(Source(path, (path,), f"{kind} 파일은 아직 읽지 않습니다: CSV나 GeoJSON으로 저장하십시오"))
        else:
            sources.append(Source(path, (path,), "자료 파일이 아닙니다"))
    return sources


def _named(path: Path) -> Source:
    kind = path.suffix.lower()
    if kind in SIDECARS:
        shapefile = _shapefile_of(path)
        if shapefile is None:
            raise UnreadableFileError(f"{path.name}: 짝이 되는 .shp 파일이 없습니다", "같은 폴더에 .shp를 두십시오")
        return _with_sidecars(shapefile)
    if kind in LATER:
        raise UnreadableFileError(
            f"{path.name}: {kind} 파일은 아직 읽지 않습니다", "CSV, GeoJSON 또는 Shapefile로 저장하십시오"
        )
    return _with_sidecars(path)


def _shapefile_of(sidecar: Path) -> Path | None:
    for ending in (".shp", ".SHP", ".Shp"):
        shapefile = sidecar.with_suffix(ending)
        if shapefile.is_file():
            return shapefile
    return None


def _with_sidecars(path: Path) -> Source:
    if path.suffix.lower() != ".shp":
        return Source(path, (path,))
    beside = sorted(
        p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in {".dbf", ".shx", ".prj", ".cpg"}
    )
    return Source(path, (path, *beside))
