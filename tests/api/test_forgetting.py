"""Taking imports back over HTTP."""

import pytest

from tests.api.test_imports import cameras, cut, own, upload  # noqa: F401 - own: a fixture
from tests.api.test_refusals import check


def test_what_was_stored_is_taken_back(own):  # noqa: F811
    before = cameras(own)
    said = upload(own, cut(before - 20)).json()
    done = own.post(f"/v1/imports/{said['id']}/confirm", role="admin").json()
    (number,) = done["imports"]
    assert cameras(own) == before - 20
    shown = own.post("/v1/imports/forget", role="admin", params={"import": number}).json()
    (taken,) = shown["taken"]
    assert (taken["removed"], taken["restored"], taken["why"]) == (before - 20, before, "")
    assert (shown["stored"], shown["changed"], shown["data_version"]) == (False, [], done["data_version"])
    assert cameras(own) == before - 20
    asked = {"import": number, "confirm": "true"}
    answer = own.post("/v1/imports/forget", role="admin", params=asked, headers={"accept": "text/event-stream"})
    assert answer.text.strip().split("\n\n")[-1].startswith("event: result")
    assert cameras(own) == before
    check(own.post("/v1/imports/forget", role="admin", params=asked), 404, "unknown_stored_import", "그런 번호")
    held = own.get("/v1/imports/stored", role="admin").json()
    assert number not in {one["id"] for one in held["imports"]}
    assert [one["removed"] for one in held["forgotten"]] == [before - 20]


def test_who_and_what(service):
    assert service.get("/v1/imports/stored").status_code == 401
    assert service.post("/v1/imports/forget", role="planner", params={"import": "a"}).status_code == 403
    check(service.post("/v1/imports/forget", role="admin"), 422, "bad_parameter", "번호를 주십시오")
    check(
        service.post("/v1/imports/forget", role="admin", params={"import": "a", "confirm": "maybe"}),
        422, "bad_parameter", "confirm",
    )  # fmt: skip


@pytest.mark.parametrize("number", ["", "zzzz", "행정동.geojson"])
def test_no_such_number(service, number):
    check(
        service.post("/v1/imports/forget", role="admin", params={"import": number}),
        404,
        "unknown_stored_import",
        "번호",
    )
