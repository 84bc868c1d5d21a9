import pytest

from layers.catalog import CatalogError, load_catalog


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[layer.x]\n", "name"),
        ("[layer.'보안등2']\nname='a'", "영문"),
        ("[layer.x]\nname='a'\nsupplies=['warm']", "모르는 필요"),
        ("[layer.x]\nname='a'\nvisibility='secret'", "visibility"),
        ("[layer.x]\nname='a'\nprize=3", "prize"),
        ("[layer.cctv]\ncost_once_krw={low=1}", "카탈로그"),
        ("[need.lit]\nweight=2", "weight"),
        ("[lyer.x]\nname='a'", "모르는 표"),
        ("name = ", "TOML"),
    ],
)
def test_mistakes_are_named(tmp_path, text, said):
    with pytest.raises(CatalogError, match=said):
        load_catalog(own(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CatalogError, match="열 수 없습니다"):
        load_catalog([tmp_path / "none.toml"])
