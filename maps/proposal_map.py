"""A call for proposals on the district's map: numbered marks and their list. Internal edition only.

What proposers wrote beside title and address (who they are, their own words) is not in the file: maps are handed round.
"""

from typing import Any

import numpy as np
from markupsafe import Markup

from geo.crs import to_lonlat
from geo.errors import BadSettingError
from geo.model import DistrictResult
from geo.proposals import CHOSEN, HELD, NOT_CHOSEN, Proposal, Round
from maps import text
from maps.english import named, unmarked
from maps.legend import Html, join
from maps.panel import figure, table
from maps.proposal_table import NOT_OURS, SIDES, reason_of, stage_of

_SIGNS = {CHOSEN: "✓", HELD: "?", NOT_CHOSEN: "×"}
_NO_PLACE = "위치를 알 수 없음"


def check_round(made: Round, edition: str) -> None:
    """Raise :class:`BadSettingError` where the map is for the public: what proposers wrote is the office's."""
    if edition == "public":
        raise BadSettingError(
            f"공개용 지도에는 제안을 넣지 않습니다: {made.name}", "--edition internal로 만들거나 --proposals를 빼십시오"
        )


def proposals_of(made: Round, district: str) -> tuple[list[Proposal], list[Proposal]]:
    """Return a district's proposals that were judged, by rank, and those struck out before, by number."""
    own = [p for p in made.proposals if p.district == district]
    judged = sorted((p for p in own if not p.struck), key=lambda p: (p.rank is None, p.rank or 0, p.number))
    return judged, [p for p in own if p.struck]


def proposal_payload(made: Round, result: DistrictResult) -> list[dict[str, Any]]:
    """Return what ``assets/proposals.js`` draws, in the order of the list; ``place`` lon, lat, null of a dong."""
    codes = {code: i for i, code in enumerate(result.source.dong_codes)}
    judged, _ = proposals_of(made, result.source.code)
    found: list[dict[str, Any]] = []
    for p in judged:
        place = None
        if not p.of_dong and p.x is not None and p.y is not None:
            lon, lat = to_lonlat(np.array([p.x]), np.array([p.y]))
            place = [round(float(lon[0]), 6), round(float(lat[0]), 6)]
        found.append({
            "place": place,
            "dongs": [codes[code] for code in p.dongs if p.of_dong and code in codes],
            "state": p.stage,
            "number": f"{_SIGNS.get(p.stage, '')}{p.number}",
            "names": [f"{p.number}. {_title(p)}", " · ".join(filter(None, (p.dong_name, p.address)))],
            "facts": _facts(p, made),
        })  # fmt: skip
    return found


def _title(p: Proposal) -> str:
    return unmarked(p.name or p.address or p.dong_name)


def _facts(p: Proposal, made: Round) -> list[list[str]]:
    points = [[f"{unmarked(part.name)} (점)", _points(p.points.get(part.name))] for part in made.parts]
    said = [["처리", stage_of(p, made)], ["점수", _points(p.score)], *points]
    return [*said, ["제안 구분", SIDES[p.side]], ["위치", "행정동만 앎"] if p.of_dong else ["", ""]]


def _points(value: float | None) -> str:
    return text.NO_DATA if value is None else text.number(value, 1)


def proposal_tab(made: Round, result: DistrictResult) -> tuple[str, str, Markup]:
    """Return the panel's tab of the call: id, title, body."""
    judged, struck = proposals_of(made, result.source.code)
    if not judged and not struck:
        empty = Html('<p class="none">이 공모에 이 자치구의 제안은 없습니다: {}</p>').format(named(made.name))
        return "proposals", "제안 0", empty
    rows = [_row(i, p, made) for i, p in enumerate(judged)]
    caption = Html('<b translate="no">{}</b>').format(made.name)
    parts = [table("proposals", ("번호", "제안", "처리", "#점수"), rows, caption=caption)]
    if struck:
        parts.append(
            table(
                "proposals-out",
                ("번호", "제안", "까닭"),
                [_struck_row(p, made) for p in struck],
                caption="심의 전에 빠진 제안",
            )
        )
    parts.append(Html('<p class="note">{}. {}</p>').format(NOT_OURS, _NOT_HERE))
    return "proposals", f"제안 {len(judged)}", join(parts)


_NOT_HERE = "제안자와 제안자가 쓴 다른 글은 이 파일에 넣지 않습니다"


def _row(i: int, p: Proposal, made: Round) -> Markup:
    placed = bool(p.dongs) if p.of_dong else p.x is not None
    title = Html('<button type="button" translate="no">{}</button>').format(_title(p))
    where = p.dong_name or _NO_PLACE
    return Html(
        '<tr{}><td><span class="proposal-swatch {} {}">{}</span></td><td>{}<small translate="no">{}</small></td>'
        "<td>{}{}</td>{}</tr>"
    ).format(
        Html(' data-proposal="{}"').format(i) if placed else Markup(), p.stage, "of-dong" if p.of_dong else "",
        f"{_SIGNS.get(p.stage, '')}{p.number}", title, where, stage_of(p, made), _reason(p, made),
        figure(_points(p.score), p.score),
    )  # fmt: skip


def _struck_row(p: Proposal, made: Round) -> Markup:
    return Html(
        '<tr><td>{}</td><td><span translate="no">{}</span><small translate="no">{}</small></td><td>{}</td></tr>'
    ).format(p.number, _title(p), p.dong_name, reason_of(p, made))


def _reason(p: Proposal, made: Round) -> Markup:
    """Return why it stands where it does; what the committee wrote stays in its words."""
    words = '<small translate="no">{}</small>' if p.decision else "<small>{}</small>"
    return Html(words).format(reason_of(p, made))
