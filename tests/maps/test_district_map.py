"""The district map as text: what is in the file, and what must not be."""

import json
import re
from dataclasses import replace

import pytest

from geo.errors import AnsimError
from geo.model import DataState, DemandKind
from layers.catalog import load_catalog
from maps.district import district_map, write_district_map
from maps.files import OutputError
from maps.offline import json_in_script, leaflet
from maps.pack import unpack_form
from maps.text import need_state
from tests.maps.factory import Words, district_result
from tests.maps.factory_changes import empty_result, with_unknown
from tests.maps.result_factory import make_result

CATALOG = load_catalog()


def data_of(html):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html)[1])


def all_of(html):
    """Return the file's text and what its deflated columns hold, so that nothing can hide in them."""
    columns = [column for layer in data_of(html)["layers"] for column in layer["texts"].values()]
    columns += [data_of(html)["cells"]["grid_id"]] if "cells" in data_of(html) else []
    return html + json.dumps([unpack_form(column) for column in columns], ensure_ascii=False)


@pytest.fixture(scope="module")
def result():
    return district_result(facilities=2000)


def test_the_same_result_gives_the_same_bytes(result):
    assert district_map(result, CATALOG) == district_map(result, CATALOG)


def test_nothing_in_it_points_elsewhere(result):
    html = district_map(result, CATALOG)
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=[\"'](?!data:)", html)
    assert "sourceMappingURL" not in html
    assert "@import" not in html
    assert "BSD" in html  # Leaflet's licence stays


def test_tiles_only_when_asked(result):
    assert "tile.openstreetmap.org" not in district_map(result, CATALOG)
    assert "tile.openstreetmap.org" in district_map(result, CATALOG, tiles="osm")


def test_the_public_edition_holds_nothing_it_withholds():
    words = Words(notes=("비밀메모",), headings=("비밀표제",), at="2022-09-28T23:45:00+09:00")
    result = district_result(facilities=2000, words=words)
    internal = all_of(district_map(result, CATALOG))
    public = all_of(district_map(result, CATALOG, edition="public"))
    secrets = (
        "비밀메모", "비밀표제", "23:45", "21:00-26:30", "patrol_zone", "안심마을보안관", "다온동 일대",
        "자료에 적힌 자치구와 위치가 다름", "1위 틈새구역", "도달률", "미도달 가구", "가중치",
    )  # fmt: skip
    for secret in secrets:
        assert secret in internal, secret
        assert secret not in public, secret
    data = data_of(public)
    assert {"cells", "cover", "gaps", "gap_polygons"} <= set(data_of(internal))
    assert not {"cells", "cover", "gaps", "gap_polygons"} & set(data)
    assert all(gap.grid_id not in public for gap in result.gaps)
    assert all("flags" not in layer["texts"] for layer in data["layers"])
    assert {layer["id"] for layer in data["layers"]} <= {
        name for name, spec in CATALOG.layers.items() if spec.visibility == "public"
    }


def test_the_public_edition_withholds_counts_under_five(result):
    rows = list(result.dongs)
    rows[2] = replace(rows[2], households=4.9, dense_households=0.0)
    small = replace(result, dongs=tuple(rows))
    name = result.source.dong_names[2]
    public = district_map(small, CATALOG, edition="public")
    facts = dict(data_of(public)["dongs"]["facts"][2])
    assert facts["1인가구"] == "5 미만"
    assert "가구 밀도" not in facts
    assert re.search(rf"{name}</button></th><td[^>]*>5 미만<", public)
    # Nor does a total give it away.
    assert f"합계 {sum(row.households for row in small.dongs if row.households >= 5):,.0f}." in public
    assert f"{small.households:,.0f}" not in public
    assert '"5 미만"' not in district_map(small, CATALOG)


def test_texts_are_escaped_wherever_they_stand():
    spoil = "<script>alert(1)</script><img src=x onerror=alert(2)>\u2028`${x}\\1'\""
    words = Words(district=spoil, who=spoil, headings=(spoil,), notes=(spoil,), spoil=spoil)
    for edition in ("internal", "public"):
        html = district_map(district_result(facilities=300, words=words), CATALOG, edition=edition)
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert data_of(html)["name"] == spoil + spoil
        nonces = set(re.findall(r"<script nonce=\"(\w+)\">", html))
        assert len(nonces) == 1
        assert f"script-src &#39;nonce-{nonces.pop()}&#39;" in html


def test_no_data_is_never_zero(result):
    unknown = with_unknown(result, "cctv", "locker")
    html = district_map(unknown, CATALOG)
    legend = html[html.index('id="legend"') : html.index('id="panel"')]
    row = re.search(r'<label class="row[^"]*unknown">.*?</label>', legend)[0]
    assert 'data-layer="cctv" disabled' in row
    assert "<em>자료 없음</em>" in row
    assert 'data-layer="locker"' not in legend
    assert "자료 없음: 안심택배함</summary>" in legend
    sources = html[html.index('id="sources"') :]
    assert re.search(r"안심택배함</th><td[^>]*>자료 없음</td><td[^>]*></td><td></td>", sources)
    gap = data_of(html)["gaps"][0]
    assert gap["absent"] == "안심택배함"
    assert all(layer != "안심택배함" for layer, _, _ in gap["nearest"])


def test_a_true_zero_is_a_zero(result):
    bare = with_unknown(result, "cctv", "locker")
    layers = tuple(replace(layer, known=True) for layer in bare.source.layers)
    html = district_map(replace(bare, source=replace(bare.source, layers=layers)), CATALOG)
    legend = html[html.index('id="legend"') : html.index('id="panel"')]
    row = re.search(r'<label class="row[^"]*"><input type="checkbox" data-layer="locker".*?</label>', legend)[0]
    assert "disabled" not in row
    assert "<em>0</em>" in row


def test_households_known_by_dong_only_pretend_to_nothing_finer(result):
    estimate = district_result(facilities=300, demand=DemandKind.DONG)
    html = district_map(estimate, CATALOG)
    gap = estimate.gaps[0]
    tens = round(gap.uncovered_households / 10) * 10
    facts = dict(data_of(html)["gaps"][0]["facts"])
    assert facts["미도달 가구"] == f"약 {tens:,}가구 (동 단위 추정)"
    assert facts["가구 밀도"].startswith("약 ")
    assert f">약 {tens:,}</td>" in html
    assert "비거주 지역" in html
    assert "틈새구역 (순위)<small>동 단위 추정</small>" in html
    fine = district_map(result, CATALOG)
    assert "비거주 지역" not in fine
    assert ">약 " not in fine


def test_a_rank_that_does_not_hold_is_marked(result):
    gaps = tuple(
        replace(gap, stability={1: 0.42, 2: 0.6}.get(gap.rank)) for gap in result.gaps[:3]
    )  # 0.6 itself holds; the third was not asked
    html = district_map(replace(result, gaps=gaps), CATALOG)
    assert re.findall(r'class="unsure"[^>]*>([^<]*)<', html) == ["불안정 42 %"]
    first, second, third = data_of(html)["gaps"]
    assert first["title"] == "1위 틈새구역 (불안정)"
    assert ["순위 안정성", "42 %"] in first["facts"]
    assert second["title"] == "2위 틈새구역"
    assert ["순위 안정성", "60 %"] in second["facts"]
    assert all(name != "순위 안정성" for name, _ in third["facts"])


def test_a_need_without_weight_is_shown_on_its_own(result):
    needs = tuple(
        replace(row, state=state, takes_part=False, weight=0.0)
        for row, state in zip(result.needs, (DataState.LOADED, DataState.PARTIAL, DataState.NONE), strict=False)
    )
    assert [need_state(row, result.settings) for row in needs] == ["있음·따로 표시", "일부 자료·따로 표시", "자료 없음"]


def test_sixteen_thousand_facilities_stay_under_a_megabyte():
    html = district_map(district_result(facilities=16_000), CATALOG)
    library = len((leaflet().script + leaflet().style).encode())
    assert len(html.encode()) - library < 1_000_000


def test_an_empty_district_is_drawn_and_says_so():
    html = district_map(empty_result(), CATALOG)
    assert "틈새구역이 없습니다" in html


def test_json_cannot_leave_its_script():
    text = json_in_script({"a": "</script><!--\u2028`${x}"})
    assert "<" not in text
    assert "\u2028" not in text


def test_leaflet_is_the_one_whose_licence_we_carry():
    assert "1.9" in leaflet().script[:200]


@pytest.mark.parametrize("edition", ["secret", ""])
def test_unknown_edition(result, edition):
    with pytest.raises(AnsimError, match="판"):
        district_map(result, CATALOG, edition=edition)


def test_a_folder_that_is_not_there(result, tmp_path):
    with pytest.raises(AnsimError, match="none"):
        write_district_map(result, CATALOG, tmp_path / "none" / "m.html")


def test_a_map_is_written_whole_or_not_at_all(result, tmp_path, monkeypatch):
    target = tmp_path / "m.html"
    target.write_text("old")

    def full(path, data):
        path.touch()
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.write_bytes", full)
        with pytest.raises(OutputError, match=r"m\.html"):
            write_district_map(result, CATALOG, target)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["m.html"]


def test_every_printed_page_names_district_and_edition_whatever_the_name():
    result = make_result(source={"name": 'ㄱ"}</style><script>'})
    html = district_map(result, CATALOG, edition="public")
    (marks,) = re.findall(r"<style>(@page \{ @top-left.*?)</style>", html)
    assert "counter(page)" in marks
    text = re.search(r'content: "([^"]*)"', marks)[1]
    read = re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), text)
    assert read == 'ㄱ"}</style><script> 안심지도 (공개용)'
    assert "<" not in text
