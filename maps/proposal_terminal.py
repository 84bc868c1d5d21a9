"""What ``ansim proposals`` prints: what came, what was struck out, the shortlist, who sent none, what was decided."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from geo.proposals import CHOSEN, HELD, NOT_CHOSEN, Proposal, Round
from maps.proposal_table import NOT_OURS, SIDES, STAGES, STRUCK, basis_table, reason_of, stage_of
from maps.terminal import Rows, line, show

_TOP = 60
_NAMES = 8


def print_round(made: Round, console: Console) -> None:
    """Print a call for proposals: its counts, its shortlist with every part's points, and what it rests on."""
    line(console, f"[내부용] {made.name}", "bold")
    if made.made_up:
        line(console, "※ 가상 자료", "bold red")
    for text in summary(made):
        line(console, text)
    listed = [p for p in made.proposals if p.shortlisted] or [p for p in made.proposals if p.rank is not None]
    if listed:
        _print_listed(made, sorted(listed, key=lambda p: (p.rank or 0, p.number)), console)
    for topic, item, value, source in basis_table(made).to_numpy().tolist():
        if topic.startswith("항목"):
            line(console, f"{item}: {value}" + (f" ({source})" if source else ""))
    if listed:
        line(console, "표의 항목 열은 값이 아니라 점입니다: 100 × 가중치 × 항목 점수 ÷ 가중치의 합. 더하면 점수")
    for note in (*made.notes, NOT_OURS):
        line(console, f"- {note}", "dim")


def summary(made: Round) -> list[str]:
    """Return the counts of a call, line by line."""
    ps = made.proposals
    lines = [f"접수 {len(ps):,}건 ({_sides(ps)}) | 자치구 {len({p.district for p in ps} - {''})}곳"]
    struck = Counter(p.struck for p in ps if p.struck)
    if struck:
        reasons = ", ".join(f"{STRUCK[reason]} {n:,}" for reason, n in struck.most_common())
        lines.append(f"심의 전 제외 {sum(struck.values()):,}건: {reasons}")
    lines.append(f"채점 {sum(p.score is not None for p in ps):,}건")
    listed = [p for p in ps if p.shortlisted]
    if listed:
        lines.append(f"추천 {len(listed):,}건 ({_sides(listed)})")
    for outcome in (CHOSEN, NOT_CHOSEN, HELD):
        found = [p for p in ps if p.stage == outcome]
        if found:
            lines.append(f"{STAGES[outcome]} {len(found):,}건 ({_sides(found)})")
    for words, codes in (("자치구가 내지 않은 곳", made.silent), ("아무 제안도 없는 곳", made.unheard)):
        if codes:
            more = f" … (모두 {len(codes)}곳; --out 표의 자치구)" if len(codes) > _NAMES else ""
            lines.append(f"{words}: {', '.join(made.districts[code] for code in codes[:_NAMES])}{more}")
    return lines


def _sides(proposals: Sequence[Proposal]) -> str:
    found = Counter(p.side for p in proposals)
    return ", ".join(f"{name} {found[side]:,}" for side, name in SIDES.items() if found[side])


def _print_listed(made: Round, listed: Sequence[Proposal], console: Console) -> None:
    title = "추천" if listed[0].shortlisted else "점수순 (추천은 ansim proposals shortlist)"
    title += f" (앞 {_TOP}건; 모두 보려면 ansim proposals table … --out)" if len(listed) > _TOP else ""
    decided = any(p.decision for p in listed)
    headers = ["순위", "번호", "자치구", "행정동", "제안", "구분", "점수", *(f"{part.name} 점" for part in made.parts)]
    rows = [
        [
            str(p.rank or ""), str(p.number), p.district_name, p.dong_name, p.name or p.address, SIDES[p.side],
            _points(p.score), *(_points(p.points.get(part.name)) for part in made.parts),
            *([stage_of(p, made), reason_of(p, made)] if decided else []),
        ]
        for p in listed[:_TOP]
    ]  # fmt: skip
    headers += ["처리", "사유"] if decided else []
    texts = ("자치구", "행정동", "제안", "구분", "처리", "사유")
    table = Rows(title, tuple(headers), texts, ("행정동", "제안", "사유"))
    for row in rows:
        table.add(row)
    show(console, table)


def _points(value: float | None) -> str:
    return "자료 없음" if value is None else f"{value:.1f}"


def print_rounds(rounds: Sequence[Round], console: Console) -> None:
    """Print the calls that are kept, one line each."""
    if not rounds:
        line(console, "저장된 공모가 없습니다. ansim proposals score 제안.xlsx --rules 규칙.toml --name 이름")
        return
    texts = ("이름", "채점한 때", "파일")
    table = Rows("제안 공모", ("이름", "접수", "제외", "추천", "선정", "채점한 때", "파일"), texts, ("파일",))
    for made in rounds:
        stages = Counter(p.stage for p in made.proposals)
        listed = sum(p.shortlisted for p in made.proposals)
        table.add([
            made.name, f"{len(made.proposals):,}", f"{stages['struck_out']:,}", f"{listed:,}", f"{stages[CHOSEN]:,}",
            made.made_at[:16], ", ".join(made.files),
        ])  # fmt: skip
    show(console, table)
