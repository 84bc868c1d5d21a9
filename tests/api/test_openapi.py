"""The description, and what comes of asking all it says, at random: never a fault."""

import os
import re

import hypothesis
import schemathesis
from hypothesis import HealthCheck, settings

from api.openapi import NearbyQuestion
from tests.api.conftest import wait_for
from tests.api.test_refusals import check


def test_the_description(service):
    described = service.get("/openapi.json").json()
    assert set(described["paths"]) >= {
        "/v1/nearby", "/v1/bundles/{district}", "/v1/districts/{district}/gaps", "/v1/imports", "/health", "/ready",
    }  # fmt: skip
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    question = described["components"]["schemas"]["NearbyQuestion"]["properties"]
    assert question["radius_m"]["maximum"] == 2000
    assert "patrol_zone" not in question["layers"]["items"]["enum"]
    assert set(question) == set(NearbyQuestion.model_fields)
    assert question["lat"]["examples"]


def test_the_example_of_the_description_is_answered(service):
    fields = service.get("/openapi.json").json()["components"]["schemas"]["NearbyQuestion"]["properties"]
    example = {name: fields[name]["examples"][0] for name in ("lat", "lon")}
    assert service.post("/v1/nearby", json=example).status_code == 200


def test_the_plans_of_the_description_are_made(service):
    described = service.get("/openapi.json").json()["paths"]["/v1/districts/{district}/plans"]["post"]["requestBody"]
    for name, example in described["content"]["application/json"]["examples"].items():
        answer = service.post("/v1/districts/99999/plans", role="planner", json=example["value"])
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["layers"][0]["left_out"].get("뺄 곳으로 정함", 0) > 0 or name != "own"


def test_nothing_asked_at_random_is_a_fault(service):
    schema = schemathesis.openapi.from_dict(service.get("/openapi.json").json())
    seed = int(os.environ.get("ANSIM_FUZZ_SEED", "1"))
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 12
    if "ogc" in {operation.path.split("/")[1] for operation in operations}:
        wait_for(lambda: service.get("/ogc/").status_code == 200)
    for operation in operations:
        heavy = operation.path.startswith("/v1/districts/{") or operation.path.startswith("/v1/imports")

        @hypothesis.seed(seed)
        @settings(
            max_examples=8 if heavy else 40, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[hypothesis.Phase.generate],
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy())
        def ask(case):
            made = case.as_transport_kwargs(base_url="http://ansim")
            made.pop("cookies", None)
            if isinstance(made.get("data"), (bytes, str)):
                made["content"] = made.pop("data")
            made["url"] = re.sub("/ogc/collections/[^/]+", "/ogc/collections/cctv", made["url"])
            headers = {name: value for name, value in (made.pop("headers", None) or {}).items() if value.isascii()}
            answer = service.request(made.pop("method"), made.pop("url"), role="admin", headers=headers, **made)
            assert answer.status_code < 500, f"{answer.url} {answer.text} {service.log[-1_500:]}"
            if answer.status_code >= 400:
                check(answer, answer.status_code, answer.json()["code"], "")

        ask()
    assert '"event":"fault"' not in service.log
