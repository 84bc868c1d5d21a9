"""A made-up call for proposals in the sample district: points, addresses, dong, repeats, some without a place."""

import contextlib
import csv
import io

import cli

NAME = "2026 보안등"
HEADER = ("접수번호", "제안자", "자치구", "대상동", "제안위치", "위도", "경도", "제목", "내용")
ROWS = (
    ("안심구청", "나래동", "", 36.8966, 125.5952, "학교 뒤 골목 보안등"),  # 1
    ("시민", "나래동", "", 36.8967, 125.5961, "편의점 옆 계단"),  # 2, a few metres from 1
    ("시민", "나래동", "", 36.8969, 125.5956, "빨래방 앞"),  # 3
    ("온라인 공모", "다솜동", "", 36.8962, 125.6021, "놀이터 담장"),  # 4
    ("시민", "새날동", "", "", "", "동 전체가 어둡습니다"),  # 5, of a dong
    ("주민참여예산", "가온동", "", "", "", "하천 길"),  # 6, of a dong
    ("시민", "새날동", "", "", "", "역 뒤가 어둡습니다"),  # 7, repeats 5
    ("안심경찰서", "햇살동", "", 36.8872, 125.6082, "공원 입구"),  # 8
    ("시민", "라온동", "", 36.8969, 125.6079, "버스 종점"),  # 9
    ("시민", "", "", "", "", "우리 동네"),  # 10, without a place
    ("시민", "나래동", "", 36.8966, 125.5952, "학교 뒤"),  # 11, repeats 1
    ("시민", "안심1동", "", 36.8926, 125.5951, "시장 뒷길"),  # 12
    ("안심구청", "안심2동", "", 36.8921, 125.6014, "도서관 앞"),  # 13
    ("시민", "바름동", "", 36.8923, 125.6087, "언덕 위"),  # 14
)
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}</script><b>"
RULES = """
[[part]]
name = "1인가구"
what = "households"
within_m = 150
weight = 60

[[part]]
name = "밝은 길이 닿는 정도"
what = "cover"
need = "lit"
within_m = 150
better = "less"
weight = 40

[shortlist]
size = 5
most_per_district = 5
"""


def score(store, folder, *, name=NAME, more=()):
    """Write the call's files into a folder and score it into a store of the sample."""
    with (folder / "제안.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for i, (who, dong, address, lat, lon, title) in enumerate([*ROWS, *more], start=1):
            writer.writerow([f"26-{i:02d}", who, "안심구", dong, address, lat, lon, title, f"{title}: 자세한 글"])
    (folder / "규칙.toml").write_text(RULES, encoding="utf-8")
    words = ["proposals", "score", folder / "제안.csv", "--rules", folder / "규칙.toml", "--name", name]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        cli.app([str(word) for word in [*words, "--store", store]], standalone_mode=False)
    return store


def hostile(dong="바름동"):
    """Return a proposal whose every text is hostile."""
    return (f"시민 {HOSTILE}", dong, "", 36.8930, 125.6070, HOSTILE)
