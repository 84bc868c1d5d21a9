"""The bodies of the planners' routes, for the OpenAPI description: what ``api.plan_question`` reads."""

from typing import Any, Literal

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


class PointShape(BaseModel):
    """GeoJSON 점, WGS84."""

    type: Literal["Point"]
    coordinates: list[float] = Field(min_length=2, max_length=3, description="[lon, lat]")


class PolygonShape(BaseModel):
    """GeoJSON 면, WGS84."""

    type: Literal["Polygon"]
    coordinates: list[list[list[float]]] = Field(min_length=1, description="고리마다 [lon, lat]의 목록")


class MultiPolygonShape(BaseModel):
    """여러 GeoJSON 면, WGS84."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[list[float]]]] = Field(min_length=1)


class LandFeature(BaseModel):
    """면 하나."""

    type: Literal["Feature"]
    geometry: PolygonShape | MultiPolygonShape


class Land(BaseModel):
    """면들."""

    type: Literal["FeatureCollection"]
    features: list[LandFeature] = Field(min_length=1)


class PlaceFeature(BaseModel):
    """후보 한 곳: 점, 구역인 층이면 면. id를 빼면 차례대로 1부터."""

    type: Literal["Feature"]
    id: str | int | None = None
    geometry: PointShape | PolygonShape | MultiPolygonShape
    properties: dict[str, Any] | None = Field(None, examples=[{"name": "도서관 앞"}])


class Places(BaseModel):
    """보내는 후보들."""

    type: Literal["FeatureCollection"]
    features: list[PlaceFeature] = Field(min_length=1)


_AnyLand = PolygonShape | MultiPolygonShape | LandFeature | Land


class LayerBody(_Body):
    """한 층에서 고를 것."""

    layer: str = Field(examples=["cctv"])
    budget_krw: float | None = Field(None, ge=0, examples=[100_000_000])
    count: int | None = Field(None, ge=0)
    candidates: list[str | Places] | Places = Field([], examples=[["grid:200"]])
    within: str = Field("gaps", examples=["district"])
    cost: CostBody | None = None
    level: str = Field("default", examples=["default"])
    exclude: list[str | _AnyLand] | _AnyLand = []
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


# In the made-up district: its own places beside a grid, and ground that is left free.
_FREE = [[125.580, 36.880], [125.598, 36.880], [125.598, 36.900], [125.580, 36.900], [125.580, 36.880]]
_PLAN_EXAMPLES = {
    "budget": {
        "summary": "예산 안에서, 격자 위에",
        "value": {
            "layers": [
                {"layer": "cctv", "budget_krw": 100_000_000, "candidates": ["grid:200"], "within": "district"}
            ],
            "seconds": 5,
        },
    },
    "own": {
        "summary": "보낸 후보와 격자에서, 그린 땅을 빼고",
        "value": {
            "layers": [
                {
                    "layer": "cctv", "count": 3, "within": "district",
                    "candidates": [
                        "grid:200",
                        {
                            "type": "FeatureCollection",
                            "features": [
                                {
                                    "type": "Feature", "id": "A-1", "properties": {"name": "도서관 앞"},
                                    "geometry": {"type": "Point", "coordinates": [125.6022, 36.8951]},
                                }
                            ],
                        },
                    ],
                    "exclude": [{"type": "Polygon", "coordinates": [_FREE]}],
                }
            ],
            "seconds": 5,
        },
    },
}  # fmt: skip


def _extra(model: type[BaseModel], examples: dict[str, Any] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    content |= {"examples": examples} if examples else {}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


MODELS = (PlanBody, EditBody, DraftBody, MapBody, ReportBody)
BODY = {
    "plan": _extra(PlanBody, _PLAN_EXAMPLES), "edit": _extra(EditBody), "draft": _extra(DraftBody),
    "map": _extra(MapBody), "report": _extra(ReportBody),
}  # fmt: skip
