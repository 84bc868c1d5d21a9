"""A file of proposals: read and located as an import would, what is no proposal and what repeats another struck out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo.proposals import Proposal
from layers.catalog import Catalog
from layers.importing.address_book import AddressBook
from layers.importing.boundaries import Boundaries
from layers.importing.errors import BoundariesNeededError, ColumnNeededError, UnreadableFileError
from layers.importing.evidence import Evidence
from layers.importing.files import open_sources
from layers.importing.job import Job, declared_districts
from layers.importing.options import ImportOptions
from layers.importing.place import place
from layers.importing.raw import Raw
from layers.importing.reading import read_all
from layers.importing.sieve import REASONS, sift
from layers.importing.synonyms import Columns, assign
from layers.importing.text import plain
from layers.proposal_places import Located
from layers.store import Store

# What files of proposals call their columns, beside the usual names.
NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("접수번호", "제안번호", "연번", "순번", "번호", "no", "no.", "id"),
    "proposer": (
        "제안자", "제안주체", "제안자구분", "제안기관", "제안구분", "제안부서", "제출기관", "제출처", "신청자",
        "신청기관", "신청구분", "추천기관", "접수처", "접수경로", "구분", "proposer",
    ),
    "name": ("제안명", "제목", "구역명", "대상지명", "지역명"),
    "dong_name": ("대상동", "제안동", "동명", "읍면동", "읍면동명", "활동동", "대상지역", "제안지역", "활동지역"),
    "road_address": ("제안위치", "대상위치", "대상지", "희망위치", "설치희망위치", "제안장소", "상세위치"),
    "district": ("제안자치구", "대상자치구", "해당자치구", "소재자치구"),
}  # fmt: skip
_NO_PROPOSALS = {"unreadable": "읽을 수 없는 행", "total_row": "합계 행"}
_SAME_SPOT_M = 0.1


@dataclass
class ReadProposals:
    """Proposals as read, numbered in file order, and what must be said of how."""

    proposals: list[Proposal] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_proposals(
    paths: Sequence[Path], store: Store, catalog: Catalog, options: ImportOptions, *, near_m: float, today: date
) -> ReadProposals:
    """Read files of proposals and find where each is.

    Encodings, containers, columns and coordinates are dealt with as by ``ansim import``. A place comes from its
    coordinates, else its address among the loaded address points, else the dong its text or address names.

    Parameters
    ----------
    near_m
        Points so close are of one proposal; 0: those on one spot.

    Returns
    -------
    Every row but blank, unreadable and total ones, which are counted in the notes. Struck out are those without a
    place, and of several of one place all but one (:func:`struck_duplicates`).

    Raises
    ------
    ImportingError
        As an import: unreadable files, no column to place rows by, no boundaries.
    """
    options.check(catalog)
    boundaries = Boundaries.of(store.read("dong"))
    if not len(boundaries):
        raise BoundariesNeededError(
            "행정동 경계가 없어 제안이 어디인지 알 수 없습니다",
            "경계 파일부터 가져오십시오: ansim import 행정동경계.geojson",
        )
    book = AddressBook(lambda: store.read("address_point"), boundaries)
    found = ReadProposals()
    with open_sources(paths, options.max_bytes) as sources:
        readings, reports, _ = read_all(sources, (), catalog, options, lambda _name: None)
        for reading in readings:
            raw = reading.raw
            columns = _columns(raw, options)
            job = Job(raw, None, "proposal", "facility", "proposal", columns, options, catalog, boundaries, today, book)
            _add(found, job)
        found.notes += [f"{report.file}: {report.note}" for report in reports.values() if report.note]
    if not found.proposals:
        raise UnreadableFileError(f"{', '.join(found.files)}: 제안이 한 건도 없습니다", "표가 들어 있는지 보십시오")
    found.proposals = struck_duplicates(found.proposals, near_m)
    return found


def _add(found: ReadProposals, job: Job) -> None:
    """Add the proposals of one file."""
    raw, columns = job.raw, job.columns
    reason = sift(raw, columns, None).reason
    places = place(columns, job.options.crs, "", Evidence.of(job))
    located = Located(columns, job.boundaries, places, declared_districts(columns, job.boundaries), job.book)
    skip = np.zeros(len(raw), bool)
    for name, words in _NO_PROPOSALS.items():
        rows = reason == REASONS.index(name)
        skip |= rows
        n = int(rows.sum()) + (len(raw.broken) if name == "unreadable" else 0)
        if n:
            found.notes.append(f"{raw.file}: {words} {n}건은 제안이 아니어서 뺐습니다")
    if raw.note:
        found.notes.append(f"{raw.file}: {raw.note}")
    first: dict[str, int] = {}
    whole = raw.whole_rows().to_pylist()
    for row in np.flatnonzero(~skip).tolist():
        one = located.proposal(row, len(found.proposals) + 1)
        if reason[row] == REASONS.index("dead"):
            one = replace(one, struck="withdrawn")
        elif whole[row] in first:
            one = replace(one, struck="duplicate", same_as=first[whole[row]])
        first.setdefault(whole[row], one.number)
        found.proposals.append(one)
    found.files.append(raw.file)


def _columns(raw: Raw, options: ImportOptions) -> Columns:
    """Return the columns by role, those of proposals among them; a column plays one role.

    Raises
    ------
    ColumnNeededError
        No column says where a proposal is.
    """
    by_usual_names = assign(raw, None, options)
    raw, index = by_usual_names.raw, dict(by_usual_names.index)
    asked = {plain(name) for name in options.columns.values()}
    for role in ("kind", "name"):  # 구분 is who proposed; 관리번호 is a number, no name
        if role in index and plain(raw.header[index[role]]) not in asked and role not in options.columns:
            del index[role]
    for role, names in NAMES.items():
        at = next((i for i in map(raw.find, names) if i is not None and i not in index.values()), None)
        if at is not None:
            index.setdefault(role, at)
    columns = Columns(raw, index)
    placed = ("road_address", "lot_address", "dong_name", "lat", "x", "wkt")
    if raw.geometry is None and not any(columns.has(role) for role in placed):
        raise ColumnNeededError(
            f"{raw.file}: 어디에 대한 제안인지 알 열이 없습니다 (열: {', '.join(raw.header[:12])})",
            '--column dong_name="열 이름" 이나 --column road_address="열 이름"을 주십시오',
        )
    return columns


def struck_duplicates(proposals: Sequence[Proposal], near_m: float) -> list[Proposal]:
    """Return the proposals, those that repeat another struck out with its number.

    Of one place are proposals of the same dong, of the same address (also where only its dong is known), and points
    within ``near_m``. The one of a district's office stays, else the first by number. A dong and a point in it are two
    proposals.
    """
    order = sorted((p for p in proposals if not p.struck), key=lambda p: (p.side != "district", p.number))
    kept: dict[object, int] = {}
    staying: set[int] = set()
    same: dict[int, int] = {}
    points = [p for p in order if not p.of_dong]
    tree = cKDTree([[p.x, p.y] for p in points]) if points else None
    for p in order:
        if p.located_by == "dong":
            key: object = ("dong", tuple(sorted(p.dongs)))
        elif p.located_by == "dong_of_address":
            key = ("address", p.district, plain(p.address))
        elif tree is not None:
            near = tree.query_ball_point([p.x, p.y], max(near_m, _SAME_SPOT_M))
            stays = min((points[i].number for i in near if points[i].number in staying), default=None)
            if stays is not None:
                same[p.number] = stays
                continue
            key = ("point", p.number)
        if key in kept:
            same[p.number] = kept[key]
        else:
            kept[key] = p.number
            staying.add(p.number)
    return [replace(p, struck="duplicate", same_as=same[p.number]) if p.number in same else p for p in proposals]


def districts_near(proposals: Sequence[Proposal], dong: pd.DataFrame, within_m: float) -> list[str]:
    """Return the codes of the districts whose ground counts for a proposal, ascending: within ``within_m`` of it."""
    points = [shapely.Point(p.x, p.y) for p in proposals if not p.struck and p.x is not None and p.y is not None]
    if not points:
        return []
    tree = shapely.STRtree(dong["geometry"].to_numpy())
    _, hit = tree.query(points, predicate="dwithin", distance=within_m)
    own = {p.district for p in proposals if not p.struck}
    return sorted({*dong["district"].to_numpy()[np.unique(hit)], *own} - {""})
