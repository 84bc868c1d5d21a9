"""Which old lamps could be replaced in place by smart ones (domain.md 1, 6)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geo.model import Bools, Floats

REPLACED_AFTER_YEARS = 10
SAME_POLE_M = 5.0  # a smart lamp this near stands on the same pole: two files of one lamp differ by so much
_SMART_WORDS = "스마트|IoT|사물인터넷"
_CONSENT = "한전"  # poles of the power company


@dataclass(frozen=True)
class Replaceable:
    """The lamps that may be replaced: row numbers, what each stands on, what to settle; and why others may not."""

    rows: list[int]
    kinds: list[str]
    flags: list[str]
    left_out: Mapping[str, int]


def replaceable(lamps: pd.DataFrame, smart: pd.DataFrame | None) -> Replaceable:
    """Return the lamps not already smart, ten years old or of unknown age.

    Parameters
    ----------
    lamps
        Located security lights, with ``attributes``.
    smart
        The smart lights stored, or None.
    """
    form = [json.loads(text or "{}").get("설치형태", "") for text in lamps["attributes"]]
    already = _is_smart(lamps, smart)
    age = _age_years(lamps)
    young = (age < REPLACED_AFTER_YEARS) & ~already
    rows = np.flatnonzero(~already & ~young).tolist()
    return Replaceable(
        rows,
        [f"교체({form[i] or '설치형태 미상'})" for i in rows],
        ["; ".join(_flags(form[i], age[i])) for i in rows],
        {"이미 스마트": int(already.sum()), f"설치 {REPLACED_AFTER_YEARS}년 미만": int(young.sum())},
    )


def _flags(form: str, age: float) -> list[str]:
    flags = ["설치연도 미상"] if np.isnan(age) else []
    return [*flags, "한전 동의 필요"] if _CONSENT in form else flags


def _is_smart(lamps: pd.DataFrame, smart: pd.DataFrame | None) -> Bools:
    words = np.asarray(lamps["attributes"].str.contains(_SMART_WORDS, case=False, regex=True), bool)
    if smart is None or not len(lamps):
        return words
    points = smart.loc[(smart["status"] == "installed") & smart["geometry"].notna(), "geometry"].to_numpy()
    if not len(points):
        return words
    away, _ = cKDTree(shapely.get_coordinates(points)).query(shapely.get_coordinates(lamps["geometry"].to_numpy()))
    return np.asarray(words | (away <= SAME_POLE_M))


def _age_years(lamps: pd.DataFrame) -> Floats:
    """Return the years from a lamp's installation to its data date, by the years alone; NaN where either is unknown."""
    built = pd.to_numeric(lamps["installed"].str[:4], errors="coerce").to_numpy(float)
    known = pd.to_numeric(lamps["data_date"].str[:4], errors="coerce").to_numpy(float)
    return np.asarray(known - built, float)
