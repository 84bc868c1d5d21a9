"""What phones ask: sorted, cut, open or not, what is not known, what is hidden."""

import asyncio
from datetime import date, datetime

import numpy as np
import pytest
import shapely

from api.late import Late
from api.near_app import walk_minutes
from api.near_build import _months_later
from api.openapi import NearbyAnswer
from geo.crs import to_lonlat, to_metres
from layers.hours import SEOUL
from tests.api.conftest import PATIENCE_S, serving


@pytest.fixture(scope="module")
def middle(service):
    x, y = service.services.live.near.places[0].area.representative_point().coords[0]
    lon, lat = to_lonlat(np.array([x]), np.array([y]))
    return {"lat": float(lat[0]), "lon": float(lon[0])}


def ask(service, position, **more):
    answer = service.post("/v1/nearby", json={**position, **more})
    assert answer.status_code == 200, answer.text
    NearbyAnswer.model_validate_json(answer.content)
    return answer.json()


def test_nearest_first_and_no_more_than_asked(service, middle):
    found = ask(service, middle, radius_m=2000, limit=3)
    keys = [(p["distance_m"], p["id"]) for p in found["points"]]
    assert keys == sorted(keys)
    assert keys
    assert {p["layer"] for p in found["points"]} <= {"safe_house", "police_box", "emergency_bell", "locker"}
    layers = [p["layer"] for p in found["points"]]
    assert max(layers.count(layer) for layer in set(layers)) == 3
    assert found["district"] == {"code": "99999", "name": "안심구"}
    assert "police_box" in found["no_data"]


def test_like_the_store(service, middle):
    store = service.services.store
    (x,), (y,) = to_metres(np.array([middle["lon"]]), np.array([middle["lat"]]))
    frame = store.read("emergency_bell")
    frame = frame[frame["geometry"].notna()]
    distance = np.hypot([g.x - x for g in frame["geometry"]], [g.y - y for g in frame["geometry"]])
    expected = sorted(
        (int(d + 0.5), f"emergency_bell:{key}") for d, key in zip(distance, frame["key"], strict=True) if d <= 800
    )
    found = ask(service, middle, layers=["emergency_bell"], radius_m=800, limit=50)
    assert [(p["distance_m"], p["id"]) for p in found["points"]] == expected[:50]
    names = dict(zip(frame["key"], frame["name"], strict=True))
    assert all(p["name"] == (names[p["id"].split(":")[1]] or None) for p in found["points"])


def test_lamps_and_cameras_are_counted(service, middle):
    store = service.services.store
    (x,), (y,) = to_metres(np.array([middle["lon"]]), np.array([middle["lat"]]))
    expected = {"within_m": 100, "lamps": 0, "cameras": 0}
    layers = {"lamps": ("security_light", "smart_light", "streetlight"), "cameras": ("cctv",)}
    for word, names in layers.items():
        for layer in names:
            frame = store.read(layer)
            frame = frame[frame["geometry"].notna() & frame["counts"] & (frame["status"] == "installed")]
            close = np.hypot([g.x - x for g in frame["geometry"]], [g.y - y for g in frame["geometry"]]) <= 100
            expected[word] += int(frame["devices"].to_numpy()[close].sum())
    assert ask(service, middle)["counts"] == expected
    assert expected["lamps"]


def test_what_is_open(service, middle):
    night = ask(service, middle, radius_m=2000, layers=["safe_house", "locker"], open_at="2026-03-05T03:00")
    assert night["open_at"] == "2026-03-05T03:00:00+09:00"
    states = {p["layer"]: set() for p in night["points"]}
    for point in night["points"]:
        states[point["layer"]].add(point["open"])
    assert states["safe_house"] == {"open"}  # 24/7 unless a row says otherwise
    assert "open" not in states.get("locker", set())  # unknown is never open
    assert ask(service, middle)["open_at"] == "2026-03-04T23:00:00+09:00"


def test_outside_every_district_nothing_is_known(service):
    found = ask(service, {"lat": 37.5665, "lon": 126.978})
    assert found["points"] == []
    assert found["district"] is None
    assert found["no_data"] == ["safe_house", "police_box", "emergency_bell", "locker"]
    assert found["counts"] == {"within_m": 100, "lamps": None, "cameras": None}


def test_packed_when_asked(service, middle):
    plain = service.post("/v1/nearby", json={**middle, "radius_m": 2000, "limit": 20}, headers={"accept-encoding": ""})
    packed = service.post("/v1/nearby", json={**middle, "radius_m": 2000, "limit": 20})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert plain.headers["cache-control"] == packed.headers["cache-control"] == "no-store"


def test_minutes_on_foot():
    assert [walk_minutes(metres) for metres in (0, 1, 66, 67, 132, 500)] == [0, 1, 1, 2, 2, 8]


def test_what_is_old_is_hidden_and_said(sample_store, tmp_path, middle):
    later = datetime(2030, 1, 1, tzinfo=SEOUL)
    with serving(sample_store, tmp_path, clock=lambda: later) as service:
        found = ask(service, middle, radius_m=2000, limit=50)
        assert found["points"] == []
        assert found["hidden_as_old"]["emergency_bell"] > 0
        assert found["counts"]["lamps"]  # lamps are no refuge: counted whatever their age


@pytest.mark.parametrize(
    ("known", "months", "last"),
    [
        ("2024-01-15", 24, date(2026, 1, 15)),
        ("2024-01-31", 1, date(2024, 2, 29)),
        ("2024-12-31", 2, date(2025, 2, 28)),
        ("2026-03-04T23:00:00+09:00", 12, date(2027, 3, 4)),
        ("2024-02", 24, date(2026, 2, 28)),  # to the month: no sooner than its end
        ("2024", 24, date(2026, 12, 28)),
        ("", 24, date(1902, 12, 28)),  # nothing is known: hidden
    ],
)
def test_the_last_day_a_place_is_shown(known, months, last):
    assert date.fromordinal(_months_later(known, months)) == last


def test_a_body_that_does_not_come(service):
    """And only that one: others are answered meanwhile."""
    near_app = service.app._app
    sent = []

    async def never():
        await asyncio.sleep(3_600)

    async def send(message):
        sent.append(message)

    async def ask():
        scope = {
            "type": "http", "method": "POST", "path": "/v1/nearby", "query_string": b"", "ansim.id": "0",
            "headers": [(b"content-type", b"application/json")],
        }  # fmt: skip
        await asyncio.wait_for(near_app(scope, never, send), PATIENCE_S)
        assert not asyncio.current_task().cancelling()

    near_app._late = Late(0.1)
    service.call(ask)
    assert sent[0]["status"] == 408
    assert "slow_body" in sent[1]["body"].decode()


def test_the_districts_ground_cell_by_cell(service):
    near = service.services.live.near
    area = near.places[0].area
    west, south, east, north = area.bounds
    rng = np.random.default_rng(1)
    x, y = rng.uniform(west - 300, east + 300, 3_000), rng.uniform(south - 300, north + 300, 3_000)
    inside = shapely.intersects_xy(area, x, y)
    assert [near.place_of(a, b) is not None for a, b in zip(x, y, strict=True)] == inside.tolist()
    assert 0 < inside.sum() < len(x)
