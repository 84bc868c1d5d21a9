"""The district map as text: what is in the file, and what must not be."""

import re

import pytest

from geo.errors import AnsimError
from layers.catalog import load_catalog
from maps.district import district_map, write_district_map
from maps.offline import json_in_script, leaflet
from tests.maps.factory import Words, district_result, empty_result

CATALOG = load_catalog()


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


def test_the_public_edition_holds_nothing_it_withholds(result):
    secret = Words(who="비밀대상", spoil="")
    internal = district_map(result, CATALOG)
    public = district_map(district_result(facilities=2000, words=secret), CATALOG, edition="public")
    assert result.gaps[0].grid_id in internal
    assert all(gap.grid_id not in public for gap in result.gaps)
    assert "patrol_zone" not in public
    assert "안심마을보안관" not in public
    assert '"cells"' not in public
    assert '"gaps"' not in public
    assert len(public) < len(internal)


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
