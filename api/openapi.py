"""The OpenAPI description: FastAPI's, with the one route that is not FastAPI's and the shape of every error."""

from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field

from api.errors import PROBLEM
from api.openapi_plans import MODELS
from api.openapi_proposals import MODELS as PROPOSAL_MODELS
from api.question import DEFAULT_LAYERS, DEFAULT_LIMIT, DEFAULT_RADIUS_M
from api.settings import Limits
from layers.catalog import Catalog

_REF = "#/components/schemas/{model}"


class Problem(BaseModel):
    """오류 (RFC 9457)."""

    type: str = Field(examples=["urn:ansim:error:bad_position"])
    title: str = Field(examples=["위도와 경도가 바뀌었습니다"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["bad_position"])
    hint: str = Field(examples=["lat은 33~39, lon은 124~132 사이입니다"])
    request_id: str


class NearbyQuestion(BaseModel):
    """가까운 안전 지점을 묻습니다. 위치는 저장하지 않습니다."""

    model_config = ConfigDict(extra="forbid")

    lat: float = Field(ge=32.5, le=39.5, examples=[37.4784])
    lon: float = Field(ge=123.5, le=132.5, examples=[126.9516])
    radius_m: float = Field(DEFAULT_RADIUS_M, gt=0)
    layers: list[str] = Field(list(DEFAULT_LAYERS), min_length=1)
    limit: int = Field(DEFAULT_LIMIT, ge=1, description="층마다 몇 곳까지")
    open_at: datetime | None = Field(None, description="이 시각에 여는지 (서울 시각, 기본: 지금)")


class NearbyPoint(BaseModel):
    """한 곳. 가까운 순서, 같은 거리는 id 순서입니다."""

    model_config = ConfigDict(extra="forbid")

    id: str
    layer: str
    name: str | None
    address: str | None
    lat: float
    lon: float
    data_date: str | None
    distance_m: int
    walk_minutes: int
    walk: str = Field(examples=["약 4분, 직선거리 기준"])
    open: Literal["open", "closed", "unknown"]


class NearbyCounts(BaseModel):
    """가까이 있는 등과 카메라의 수; 자료가 없으면 null."""

    model_config = ConfigDict(extra="forbid")

    within_m: int
    lamps: int | None
    cameras: int | None


class NearbyDistrict(BaseModel):
    """위치가 속한 자치구."""

    code: str
    name: str


class NearbyAnswer(BaseModel):
    """답. ``no_data``의 층은 그곳에 자료가 없어, 없다고 말할 수 없습니다."""

    model_config = ConfigDict(extra="forbid")

    points: list[NearbyPoint]
    counts: NearbyCounts
    no_data: list[str]
    hidden_as_old: dict[str, int] = Field(description="자료가 오래되어 숨긴 곳의 수")
    district: NearbyDistrict | None
    open_at: datetime
    data_version: int


def describe(app: FastAPI, catalog: Catalog, limits: Limits) -> None:
    """Give the application its OpenAPI description, made when first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, catalog, limits)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(app: FastAPI, catalog: Catalog, limits: Limits) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, routes=app.routes, description=app.description)
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (Problem, NearbyQuestion, NearbyAnswer, *MODELS, *PROPOSAL_MODELS):
        made = model.model_json_schema(ref_template=_REF)
        schemas.update(made.pop("$defs", {}))
        schemas[model.__name__] = made
    question = schemas["NearbyQuestion"]["properties"]
    question["radius_m"]["maximum"] = limits.radius_m
    question["limit"]["maximum"] = limits.per_layer
    question["layers"]["items"]["enum"] = [
        spec.id for spec in catalog.layers.values() if spec.visibility == "public" and spec.geometry == "point"
    ]
    schema["paths"]["/v1/nearby"] = {"post": _nearby()}
    for path in schema["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers.pop("422", None)
            answers["default"] = {
                "description": "오류",
                "content": {PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}},
            }
    return schema


def _nearby() -> dict[str, Any]:
    def content(model: str) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}

    return {
        "tags": ["phones"],
        "summary": "가까운 안전 지점",
        "operationId": "nearby",
        "requestBody": {"required": True, "content": content("NearbyQuestion")},
        "responses": {"200": {"description": "가까운 순서로", "content": content("NearbyAnswer")}},
    }
