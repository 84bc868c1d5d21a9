"""The options of the command that chooses sites."""

from pathlib import Path
from typing import Annotated

import typer

DistrictArgument = Annotated[
    list[str],
    typer.Argument(metavar="자치구...", help="이름(관악구) 또는 코드(11620); 여럿이면 이은 땅에서 함께 고름"),
]
BudgetOption = Annotated[
    list[str] | None,
    typer.Option(help="층별 예산, 예: cctv=5억,security_light=3억; 또는 --layers와 함께 한 예산, 예: 5억"),
]
LayersOption = Annotated[str | None, typer.Option(help="한 예산을 나눌 층, 예: cctv,security_light")]
CountOption = Annotated[list[str] | None, typer.Option(help="층별 개소 수, 예: cctv=20")]
TargetOption = Annotated[list[str] | None, typer.Option(help="닿아야 할 가구 비율을 가장 적은 돈으로, 예: cctv=0.8")]
FewestOption = Annotated[bool, typer.Option("--fewest", help="--target을 돈 대신 가장 적은 개소로")]
TwiceOption = Annotated[
    list[str] | None, typer.Option(help="두 곳이 닿게(하나가 꺼져도), 예: cctv 또는 cctv=0.5 (두 번째의 비중)")
]
MoveOption = Annotated[list[str] | None, typer.Option(help="기존 시설을 몇 곳까지 옮김, 예: locker=5")]
OccupancyOption = Annotated[
    Path | None, typer.Option(help="시설별 이용률 표: 낮은 곳부터 옮김 (없으면 저장된 이용률 열)")
]
CapacityOption = Annotated[list[str] | None, typer.Option(help="한 곳이 맡는 가구 수, 예: locker=500")]
FloorOption = Annotated[list[str] | None, typer.Option(help="모든 동이 닿아야 할 비율, 예: 0.3 또는 cctv=0.3")]
SpacingOption = Annotated[list[str] | None, typer.Option(help="새 자리 사이 최소 간격(m), 예: cctv=100")]
AtLeastOption = Annotated[list[str] | None, typer.Option(help="동이나 구에 적어도, 예: 신림동=1, 관악구=2 (층마다)")]
AtMostOption = Annotated[list[str] | None, typer.Option(help="동이나 구에 많아야, 예: 신림동=2 (층마다)")]
MostEachOption = Annotated[int | None, typer.Option(help="동마다 많아야 몇 곳 (층마다)", min=0)]
ForceOption = Annotated[
    list[str] | None,
    typer.Option(help="꼭 넣을 곳: 후보 번호(두 층의 후보면 cctv:번호), 후보 파일, 앞서 쓴 계획 표"),
]
CandidatesOption = Annotated[
    list[str] | None,
    typer.Option(help="후보지, 예: cctv=grid:50, cctv=streetlight, locker=public, patrol_zone=dong, locker=후보.csv"),
]
WithinOption = Annotated[str, typer.Option(help="격자 후보를 둘 곳: gaps, district, 행정동, 구역, 면 파일")]
ExcludeOption = Annotated[list[str] | None, typer.Option(help="뺄 후보: 면 파일 또는 후보 번호 (여러 번 가능)")]
CostOption = Annotated[list[str] | None, typer.Option(help="단가, 예: cctv=2000만, locker=0/179만 (설치/연간)")]
AtCostOption = Annotated[str, typer.Option("--at-cost", help="알려진 단가의 low, default, high")]
CostRangeOption = Annotated[bool, typer.Option("--cost-range", help="낮은·높은 단가로도 다시 세어 나란히 봄")]
YearsOption = Annotated[int, typer.Option(help="예산에 넣을 연간비의 햇수", min=0, max=50)]
SecondsOption = Annotated[float, typer.Option(help="계산에 쓸 시간(초)", min=0.1)]
SeedOption = Annotated[int, typer.Option(help="같은 값이면 같은 계획")]
NameOption = Annotated[str | None, typer.Option(help="이 이름으로 저장소에 계획을 둡니다")]
OutOption = Annotated[Path | None, typer.Option(help="계획을 쓸 파일: .geojson .gpkg .xlsx .csv")]
