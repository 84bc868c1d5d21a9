"""Districts in the words of addresses and offices."""

import pytest

from layers.importing.names import FOREIGN, DistrictNames

NAMES = DistrictNames.of(
    [
        ("11620", "관악구", "서울특별시", "1121051"),
        ("99999", "안심구", "가상시", ""),
        ("99998", "중구", "나상특별자치도", ""),
        ("11140", "중구", "서울특별시", ""),
    ]
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("서울 관악구 봉천로 1", "11620"),
        ("서울특별시 관악구", "11620"),
        ("관악구청", "11620"),
        # A province that is in no list, but among the boundaries.
        ("가상시 안심구 바다로 1", "99999"),
        ("가상특별시 안심구 바다로 1", "99999"),
        ("가상 안심구", "99999"),
        ("나상도 중 구", "99998"),
        ("서울 중구", "11140"),
        ("중구", ""),  # of two provinces
        ("부산광역시 중구", FOREIGN),
        ("다른시 안심동", ""),
        ("도", ""),
        ("", ""),
    ],
)
def test_the_district_a_text_begins_with(text, code):
    assert NAMES.text(text) == code
