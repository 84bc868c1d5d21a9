"""What the service is told: environment variables ``ANSIM_…``, or arguments. Read when the app is made."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Limits(BaseModel):
    """How much one caller may ask, and all of them together (``ANSIM_LIMITS__NEAR_AT_ONCE=64`` …)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    radius_m: int = Field(default=2_000, gt=0)  # of a question what is near
    per_layer: int = Field(default=50, gt=0)  # points of a layer in one answer
    body_bytes: int = Field(default=16_384, gt=0)
    upload_bytes: int = Field(default=200_000_000, gt=0)
    upload_files: int = Field(default=50, gt=0)
    header_bytes: int = Field(default=16_384, gt=0)
    headers: int = Field(default=64, gt=0)
    body_s: float = Field(default=10.0, gt=0)  # for a body of body_bytes to arrive
    public_at_once: int = Field(default=256, gt=0)  # many phones share one address: no limit by address
    analyses: int = Field(default=1, gt=0)  # processes that analyse
    analyses_waiting: int = Field(default=8, ge=0)
    per_key: int = Field(default=2, gt=0)  # analyses of one key at once
    analysis_s: float = Field(default=60.0, gt=0)
    draws: int = Field(default=500, gt=0)
    plans: int = Field(default=1, gt=0)  # processes that work out plans, beside the others
    plans_waiting: int = Field(default=3, ge=0)
    plan_s: float = Field(default=120.0, gt=0)
    plan_sites: int = Field(default=2_000, gt=0)
    plan_candidates: int = Field(default=20_000, gt=0)  # of a layer
    plan_given: int = Field(default=5_000, gt=0)  # places of a layer that the caller hands over
    plan_corners: int = Field(default=20_000, gt=0)  # of land that the caller draws, a layer
    plan_bytes: int = Field(default=1_000_000, gt=0)  # of a body that holds a plan
    import_s: float = Field(default=600.0, gt=0)
    import_kept_s: float = Field(default=3_600.0, gt=0)  # an import neither confirmed nor discarded
    imports_waiting: int = Field(default=4, gt=0)
    ogc_at_once: int = Field(default=4, gt=0)  # questions at /ogc, each with a connection to the database
    ogc_s: int = Field(default=5, gt=0)  # for one of them
    process_mb: int = Field(default=3_072, gt=0)  # of an analysing or importing process, beyond its start (Linux)


class ServeSettings(BaseSettings):
    """Settings of the service.

    Attributes
    ----------
    store, catalog
        As the commands' ``--store`` and ``--catalog``.
    keys
        The file of keys; by default beside the store, ``<store>.keys.json``.
    session_digest
        SHA-256 of a key that is good while the service runs (``ansim serve`` on a laptop); none by default.
    folder
        Where the near index and uploads are kept while the service runs; a temporary one by default.
    public
        Whether questions without a key are answered.
    cors
        Origins whose pages may ask from a browser; none by default.
    ogc_store
        URL by which ``/ogc`` reads a database store, for a login of its own; the store's by default. The login must be
        a member of ``ansim_ogc``.
    stale_months
        Age from which points are hidden from phones; the catalog's by default.
    poll_s
        How often the store's version is looked at.
    bundle_days
        How long a phone may use a district's bundle.
    """

    model_config = SettingsConfigDict(env_prefix="ANSIM_", env_nested_delimiter="__", frozen=True, extra="ignore")

    store: str = "ansim.gpkg"
    catalog: Annotated[tuple[Path, ...], NoDecode] = ()
    keys: Path | None = None
    session_digest: str = ""
    folder: Path | None = None
    public: bool = True
    cors: Annotated[tuple[str, ...], NoDecode] = ()
    ogc_store: str | None = None
    stale_months: int | None = Field(default=None, ge=1)
    poll_s: float = Field(default=2.0, gt=0)
    bundle_days: int = Field(default=7, ge=1)
    limits: Limits = Limits()

    @field_validator("catalog", mode="before")
    @classmethod
    def _paths(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the environment holds
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @field_validator("cors", mode="before")
    @classmethod
    def _origins(cls, value: Any) -> Any:  # noqa: ANN401
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
