"""A district's bundle: everything public, nothing else, small; what a phone works out from it is what near says."""

import base64
import gzip
import json
import math
import zlib
from datetime import date, datetime, timedelta
from itertools import accumulate

import numpy as np
import pytest

from geo.crs import to_lonlat, to_metres
from layers.hours import SEOUL, is_open

PATH = "/v1/bundles/99999"


@pytest.fixture(scope="module")
def bundle(service):
    answer = service.get(PATH)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_everything_public_and_nothing_else(service, bundle):
    assert bundle["edition"] == "public"
    assert bundle["valid_until"] == "2026-03-11"
    layers = {layer["id"]: layer for layer in bundle["layers"]}
    assert "patrol_zone" not in layers
    assert layers["police_box"]["no_data"]
    assert not layers["cctv"]["no_data"]
    text = json.dumps(bundle, ensure_ascii=False)
    assert not any(word in text for word in ("households", "가구", "gap", "순찰"))
    for layer_id, layer in layers.items():
        frame = service.services.store.read(layer_id)
        shown = frame["geometry"].notna() & frame["counts"] & (frame["status"] == "installed") & ~frame["near"]
        assert layer["count"] + layer["hidden_as_old"] == shown.sum(), layer_id
        assert len(layer["lon"]) == len(layer["lat"]) == len(layer["devices"]) == layer["count"]


def test_a_phone_ranks_by_itself(service, bundle):
    x, y = service.services.live.near.places[0].area.representative_point().coords[0]
    lon, lat = (float(v[0]) for v in to_lonlat(np.array([x]), np.array([y])))
    layer = next(layer for layer in bundle["layers"] if layer["id"] == "emergency_bell")
    places = zip(layer["ids"], accumulate(layer["lon"]), accumulate(layer["lat"]), strict=True)
    metres = {}
    for key, east, north in places:
        dx = (east / bundle["degrees"] - lon) * 111_320 * math.cos(math.radians(lat))
        dy = (north / bundle["degrees"] - lat) * 110_950
        metres[f"emergency_bell:{key}"] = math.hypot(dx, dy)
    asked = {"lat": lat, "lon": lon, "layers": ["emergency_bell"], "radius_m": 1500, "limit": 10}
    for point in service.post("/v1/nearby", json=asked).json()["points"]:
        assert metres[point["id"]] == pytest.approx(point["distance_m"], abs=3 + point["distance_m"] * 0.003)


def test_it_says_when_places_open(bundle):
    """At every minute of its days, what the evaluator of hours says."""
    start = datetime.fromisoformat(bundle["made_on"]).replace(tzinfo=SEOUL)
    days = (date.fromisoformat(bundle["valid_until"]) - date.fromisoformat(bundle["made_on"])).days + 1
    seen = set()
    for layer in bundle["layers"]:
        for text, opens in zip(layer["hours_texts"], layer["opens"], strict=True):
            states = dict(zip(opens[::2], opens[1::2], strict=True))
            assert opens[0] == 0
            now = 2
            for minute in range(0, days * 1440, 30):
                now = states.get(minute, now)
                told = is_open(text, start + timedelta(minutes=minute))
                assert now == (2 if told is None else 0 if told else 1), (text, minute)
            seen.add(text)
    assert {"", "24/7"} <= seen


def test_it_says_until_when_places_may_be_shown(bundle):
    for layer in bundle["layers"]:
        assert layer["gone_to"] == ("until" in layer)
        if layer["gone_to"] and layer["count"]:
            assert len(layer["until"]) == layer["count"]
            assert min(layer["until_texts"]) >= bundle["made_on"]
    stores = next(layer for layer in bundle["layers"] if layer["id"] == "safe_house")
    assert stores["until_texts"] == ["2027-12-01"]  # data of 2025-12-01, 24 months
    assert stores["supplies"] == ["refuge"]
    assert stores["marker"]["colour"].startswith("#")


def test_cover_rests_on_public_needs_and_can_be_unpacked(service, bundle):
    cover = bundle["cover"]
    assert "patrolled" not in cover["needs"]
    assert {"lit", "watched"} <= set(cover["needs"])
    values = np.frombuffer(zlib.decompress(base64.b64decode(cover["values"])), np.uint8)
    values = values.reshape(cover["rows"], cover["columns"])
    inside = values != cover["outside"]
    assert values[inside].max() <= cover["steps"]
    area = service.services.live.near.places[0].area
    assert inside.sum() * cover["cell_m"] ** 2 == pytest.approx(area.area, rel=0.1)
    # A camera's own cell is better covered than the district.
    layer = next(layer for layer in bundle["layers"] if layer["id"] == "cctv")
    lon, lat = (np.cumsum(layer[name]) / bundle["degrees"] for name in ("lon", "lat"))
    x, y = to_metres(lon, lat)
    column = ((x - cover["x0"]) // cover["cell_m"]).astype(int)
    row = ((y - cover["y0"]) // cover["cell_m"]).astype(int)
    beside = values[row, column]
    assert beside[beside != cover["outside"]].mean() > values[inside].mean() + 2


def test_small_and_not_sent_twice(service):
    answer = service.get(PATH)
    assert len(gzip.compress(answer.content, 5)) < 300_000
    assert answer.headers["content-encoding"] == "gzip"
    again = service.get(PATH, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
