from dataclasses import fields
from pathlib import Path
from typing import get_args
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.catalog import CatalogError, load_catalog
from layers.catalog_specs import AreaSpec, Cost, FormSpec, LayerSpec, Marker, Method, NeedSpec, Programme, Table
from layers.tables import TABLES


def own(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return [path]


def test_needs_and_layers_are_those_of_the_method():
    catalog = load_catalog()
    assert {n.id: (n.full_m, n.none_m, n.weight) for n in catalog.needs.values()} == {
        "lit": (15, 30, 0.30),
        "smart_lit": (15, 30, 0.0),
        "watched": (22, 57, 0.30),
        "refuge": (150, 400, 0.20),
        "parcel": (200, 500, 0.10),
        "patrolled": (0, 100, 0.10),
    }
    assert {n.id for n in catalog.needs.values() if n.walked} == {"refuge", "parcel"}
    assert [layer.id for layer in catalog.layers_of("lit")] == ["security_light", "smart_light", "streetlight"]
    assert [layer.id for layer in catalog.layers_of("refuge")] == ["safe_house", "police_box"]
    assert [layer.id for layer in catalog.layers.values() if layer.visibility == "staff"] == ["patrol_zone"]
    assert catalog.layers["emergency_bell"].supplies == ()


def test_every_figure_has_a_source():
    catalog = load_catalog()
    assert all(need.source for need in catalog.needs.values())
    assert all(area.source for area in catalog.areas.values())
    for layer in catalog.layers.values():
        if layer.cost_once_krw or layer.cost_year_krw:
            assert layer.cost_source, layer.id
        if layer.programme:
            assert layer.programme.source, layer.id


def test_costs_are_those_of_the_method():
    layers = load_catalog().layers
    assert layers["smart_light"].cost_once_krw.default == 900_000
    assert layers["security_light"].cost_once_krw.default == 2_700_000
    assert layers["cctv"].cost_once_krw.default == 22_000_000
    assert layers["cctv"].cost_existing_pole_krw.default == 7_650_000
    assert layers["locker"].cost_year_krw.default == 1_790_000
    assert layers["patrol_zone"].cost_year_krw.default == 103_000_000
    assert layers["safe_house"].cost_once_krw is None


def test_a_planners_layer_and_a_changed_reach(tmp_path):
    text = """
[layer.support_center]
name = "1인가구지원센터"
marker = { colour = "#112233", shape = "square" }
[need.refuge]
none_m = 500
"""
    catalog = load_catalog(own(tmp_path, text))
    layer = catalog.layers["support_center"]
    assert (layer.name, layer.supplies, layer.visibility, layer.colour) == ("1인가구지원센터", (), "public", "#112233")
    assert (catalog.needs["refuge"].full_m, catalog.needs["refuge"].none_m) == (150, 500)


MISTAKES = [
    ("[layer.x]\n", r"\[layer.x\]: name이\(가\) 없습니다"),
    ("[layer.'보안등2']\nname='a'", "영문"),
    ("[layer.X]\nname='a'", "영문 소문자"),
    ("[layer.x]\nname='a'\nid='y'", "모르는 항목 'id'"),
    ("[layer.x]\nname='a'\nsupplies=['warm']", "모르는 필요"),
    ("[layer.x]\nname='a'\nsupplies=['lit', 'lit']", "두 번"),
    ("[layer.x]\nname='a'\nsupplies='lit'", "목록"),
    ("[layer.x]\nname='a'\nvisibility='secret'", r"visibility: 모르는 값 'secret'.*public, staff 중 하나"),
    ("[layer.x]\nname='a'\ngeometry='line'", r"geometry: 모르는 값 'line'.*point, zone 중 하나"),
    ("[layer.x]\nname='a'\nprize=3", r"모르는 항목 'prize'.*쓸 수 있는 항목: .*marker"),
    ("[layer.x]\nname='a'\nmarker='red'", r"\[layer.x\] marker: 표\({ … }\)여야 합니다: 'red'"),
    ("[layer.x]\nname='a'\nmarker={colour='red'}", "marker.colour: 색은 #"),
    ("[layer.x]\nname='a'\nmarker={shape='star'}", "marker.shape: 모르는 값"),
    ("[layer.x]\nname='a'\nmarker={size=3}", r"모르는 항목 'size'.*colour, shape"),
    ("[layer.x]\nname=3", r"\[layer.x\] name: 글자"),
    ("[layer.x]\nname=''", "비어 있습니다"),
    ("[layer.x]\nname='" + "가" * 61 + "'", "60자까지"),
    ("[layer.x]\nname='CCTV'", r"\[layer.x\] name: \[layer.cctv\]과 같습니다"),
    ("[layer.x]\nname='a'\nhours='밤에만'", "hours: opening_hours 문법이 아닙니다"),
    ("[layer.x]\nname='a'\ncost_once_krw={low=2, default=1, high=3}", "low ≤ default ≤ high"),
    ("[layer.x]\nname='a'\ncost_once_krw={low=-2, default=1, high=3}", "low: 0 이상"),
    ("[layer.x]\nname='a'\ncost_once_krw={low=1.5, default=2, high=3}", "low: 정수"),
    ("[layer.x]\nname='a'\nprogramme={province='서울', count=3, districts=0, source=''}", "districts: 1 이상"),
    ("[layer.cctv]\ncost_once_krw={low=1}", r"cost_once_krw"),
    ("[layer.dong]\nname='a'", "'dong'은.* 프로그램이 쓰는 이름"),
    ("[layer.rtree_x]\nname='a'", "프로그램이 쓰는 이름"),
    ("[layer.safe_zone]\nname='a'", r"같은 이름의 \[area\]"),
    ("[layer]\nx=3", r"layer.x은\(는\) 표여야"),
    ("layer=3", r"layer은\(는\) 표여야"),
    ("[layer.x]\nname='a'\n[layer.x]\nname='b'", "TOML이 아닙니다"),
    ("[need.lit]\nweight=2", "weight: 1 이하"),
    ("[need.lit]\nweight=true", "weight: 숫자여야"),
    ("[need.lit]\nfull_m=-1", "full_m: 0 이상"),
    ("[need.lit]\nfull_m=nan", "full_m: 유한한 숫자"),
    ("[need.lit]\nnone_m=inf", "none_m"),
    ("[need.lit]\nfull_m=40", r"full_m\(40\)은 none_m\(30\) 이하"),
    ("[need.lit]\nwalked='yes'", "walked: true 또는 false"),
    ("[need.lit]\nprincipal=['lamp']", "모르는 층 'lamp'"),
    ("[need.lit]\nprincipal=['cctv']", "채우지 않는 층"),
    ("[need.combined]\nname='a'\nfull_m=1\nnone_m=2\ndemand='home'\nweight=0\nprincipal=[]\nsource=''", "combined"),
    ("[method]\ndetour=0", r"\[method\] detour: 1 이상"),
    ("[method]\nnear_m='1km'", "near_m: 숫자"),
    ("[method]\nspeed=3", r"\[method\]: 모르는 항목 'speed'"),
    ("method=1", "표여야"),
    ("[area.x]\nname='a'", "source"),
    ("[area.x]\nname='a'\nsource=3", "source: 글자"),
    ("[lyer.x]\nname='a'", "모르는 표"),
    ("name = ", "TOML"),
    ('[[form]]\nid = "x"\nlayer = "nothing"\ncolumns = { lat = "a" }', r"\[\[form\]\] x layer: 모르는 층 'nothing'"),
    ('[[form]]\nid = "x"\nlayer = "cctv"\ncolumns = { latt = "a" }', "모르는 열 항목 'latt'"),
    ('[[form]]\nid = "x"\nlayer = "cctv"\ntable = "dong"\ncolumns = { lat = "a" }', "하나만"),
    ('[[form]]\nlayer = "cctv"', r"\[\[form\]\] 1번째: id"),
    ('[[form]]\nid = "x"\nlayer = "cctv"', "header나 columns가"),
    ('[[form]]\nid = "x"\ntable = "rows"', "table: 모르는 값 'rows'"),
    ('[[form]]\nid = "x"\nheaders = ["a"]', "모르는 항목 'headers'"),
    ('[[form]]\nid = "x"\nid_form = "a"\ncolumns = { lat = "a" }', "source_id"),
    ('[[form]]\nid = "x"\nid_form = \'(\'\ncolumns = { source_id = "a" }', "id_form: 정규식이 아닙니다"),
    ('[[form]]\nid = "x"\ncrs = "EPSG:1"\ncolumns = { x = "a" }', "crs: 모르는 좌표계"),
    ('[[form]]\nid = "x"\nheader = ["a"]\ndead = { a = 3 }', "dead.a: 목록"),
    ('[[form]]\nid = "x"\nheader = ["a"]\ntable = "area"\nkind = "moon"', "모르는 종류 'moon'"),
    ("form = 3", r"\[form\]은 표의 목록"),
    ("form = [3]", r"\[\[form\]\] 1번째: 표"),
    ("[form]\nid='x'", r"\[\[form\]\]처럼"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(CatalogError, match=said) as caught:
        load_catalog(own(tmp_path, text))
    line = str(caught.value)
    assert "own.toml" in line
    assert " → " in line
    assert "\n" not in line
    assert len(line) < 700
    assert "pydantic" not in line.lower()


def test_a_mistake_in_the_second_of_two_files_is_of_that_file(tmp_path):
    first, second = tmp_path / "one.toml", tmp_path / "two.toml"
    first.write_text("[layer.x]\nname='가'\n", encoding="utf-8")
    second.write_text("[layer.x]\ngeometry='line'\n", encoding="utf-8-sig")  # as Windows saves it
    with pytest.raises(CatalogError, match=r"two\.toml: \[layer\.x\] geometry"):
        load_catalog([first, second])


WORD = st.sampled_from(["lit", "cctv", "safe_zone", "dong", "point", "24/7", "#000000", "EPSG:5174", "("]) | st.text(
    "a가\n\x00'[{.", max_size=5
)
ANYTHING = st.recursive(
    st.one_of(st.booleans(), st.integers(-10, 10**16), st.floats(), WORD, st.dates()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=6,
)
SPECS = (AreaSpec, Cost, FormSpec, LayerSpec, Marker, Method, NeedSpec, Programme)
ENTRIES = sorted({field.name for spec in SPECS for field in fields(spec)})
TABLE = st.dictionaries(st.sampled_from(ENTRIES) | WORD, ANYTHING, max_size=4)
NAMED = st.dictionaries(st.sampled_from(["lit", "cctv", "x", "dong", "safe_zone"]) | WORD, TABLE | ANYTHING, max_size=2)
OWN = st.fixed_dictionaries(
    {}, optional={"method": TABLE | ANYTHING, "need": NAMED | ANYTHING, "layer": NAMED | ANYTHING,
                  "area": NAMED | ANYTHING, "form": st.lists(TABLE | ANYTHING, max_size=2) | ANYTHING},
)  # fmt: skip


@given(tables=OWN)
def test_whatever_is_in_a_file_it_is_taken_or_refused_in_one_line(tables):
    with patch("layers.catalog._read", return_value=tables):
        try:
            load_catalog([Path("own.toml")])
        except CatalogError as error:
            said = str(error)
        else:
            said = "own.toml: "
    assert said.startswith("own.toml: ")
    assert "\n" not in said


def test_the_tables_a_form_may_name_are_the_stores():
    assert set(get_args(Table)) == {"", *TABLES}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogError, match="열 수 없습니다"):
        load_catalog([tmp_path / "none.toml"])
