"""The bodies of the planners' routes, for the OpenAPI description: what ``api.plan_question`` reads."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CostBody(_Body):
    """단가 (원)."""

    once_krw: float | None = Field(None, ge=0, examples=[22_000_000])
    year_krw: float | None = Field(None, ge=0)


class SettingsBody(_Body):
    """분석 설정; 주소의 것과 같습니다."""

    at: str | None = Field(None, examples=["2025-12-24T23:00"])
    who: str | None = Field(None, examples=["여성,20-39"])
    need: list[str] | None = None
    weight: dict[str, float] | None = Field(None, examples=[{"lit": 0.4}])
    reach: float | None = Field(None, ge=0.1, le=10)
    threshold: float | None = Field(None, ge=0.01, le=1)
    dense: str | None = Field(None, examples=["quantile"])
    dense_share: float | None = Field(None, ge=0.01, le=1)
    combine: str | None = Field(None, examples=["product"])
    include_partial: bool = False


class LayerBody(_Body):
    """한 층에서 고를 것."""

    layer: str = Field(examples=["cctv"])
    budget_krw: float | None = Field(None, ge=0, examples=[100_000_000])
    count: int | None = Field(None, ge=0)
    candidates: list[str] = Field([], examples=[["grid:200"]])
    within: str = Field("gaps", examples=["district"])
    cost: CostBody | None = None
    level: str = Field("default", examples=["default"])
    exclude: list[str] = []
    forced: list[str] = []
    spacing_m: float | None = Field(None, ge=0)
    at_least: dict[str, int] = {}
    at_most: dict[str, int] = {}
    most_each: int | None = Field(None, ge=0)
    floor: float | None = Field(None, ge=0, le=1)
    target: float | None = Field(None, ge=0, le=1)
    fewest: bool = False
    twice: float | None = Field(None, ge=0, le=1)
    moves: int | None = Field(None, ge=0)
    occupancy: dict[str, float] = {}
    capacity: float | None = Field(None, ge=0)


class PlanBody(_Body):
    """새 자리를 고르는 물음."""

    layers: list[LayerBody] = Field(min_length=1)
    years: int | None = Field(None, ge=0, le=50, examples=[5])
    seconds: float | None = Field(None, ge=0.1, examples=[20])
    seed: int | None = Field(None, ge=0, examples=[1])
    settings: SettingsBody | None = None
    name: str | None = None
    budget_krw: float | None = Field(None, ge=0, description="모든 층을 합한 예산")
    stability: int | None = Field(None, ge=0)
    cost_range: bool = False


class SiteBody(_Body):
    """손으로 놓은 자리: id, lon과 lat, x와 y 가운데 하나."""

    id: str | None = None
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    key: str | None = None
    once_krw: float | None = Field(None, ge=0)
    year_krw: float | None = Field(None, ge=0)


class LayerSitesBody(_Body):
    """한 층의 모든 자리."""

    layer: str = Field(examples=["cctv"])
    sites: list[SiteBody]
    cost: CostBody | None = None
    level: str = "default"


class EditBody(_Body):
    """손으로 고친 계획."""

    layers: list[LayerSitesBody] = Field(min_length=1)
    draft: str | None = None
    years: int | None = Field(None, ge=0, le=50)
    settings: SettingsBody | None = None


class DraftBody(_Body):
    """받은 계획."""

    draft: str


class MapBody(_Body):
    """지도에 그릴 계획과 설정."""

    draft: str | None = None
    settings: SettingsBody | None = None


class ReportBody(MapBody):
    """보고서에 넣을 계획과 설정; sheets: 자리마다 현장조사표."""

    sheets: bool = False


def _extra(model: type[BaseModel]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
    return {"requestBody": {"required": True, "content": content}}


MODELS = (PlanBody, EditBody, DraftBody, MapBody, ReportBody)
BODY = {
    "plan": _extra(PlanBody), "edit": _extra(EditBody), "draft": _extra(DraftBody), "map": _extra(MapBody),
    "report": _extra(ReportBody),
}  # fmt: skip
