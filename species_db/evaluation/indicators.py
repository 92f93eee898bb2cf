"""The indicators of a pack and the clauses of the plan that they answer, as a table of data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "evaluation.toml"


class IndicatorKind(StrEnum):
    """What a number is, and so how two of them are compared."""

    RATE = "rate"  # events per 100 camera-days: by their ratio, over stations
    SHARE = "share"  # of what was sampled: by the difference, with an interval
    AREA = "area"  # measured at places: by the ratio over the places measured in both periods
    COUNT = "count"  # of what a sample found: grows with effort, so it is never judged
    CENSUS = "census"  # counted completely: the difference is exact
    CENSUS_SHARE = "census_share"


class Better(StrEnum):
    """Which change the plan wishes for."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True)
class Indicator:
    """One number of the pack: its names, its unit, and the effort that stands beside it.

    `effort` names the kind of effort, see `EFFORT_WORDS`.
    """

    indicator_id: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    kind: IndicatorKind
    better: Better
    effort: str

    @property
    def is_share(self) -> bool:
        """Whether it is told in per cent."""
        return self.kind in (IndicatorKind.SHARE, IndicatorKind.CENSUS_SHARE)

    @property
    def is_by_ratio(self) -> bool:
        """Whether a change is told in per cent of the baseline, and not as a difference."""
        return self.kind in (IndicatorKind.RATE, IndicatorKind.AREA)

    @property
    def is_census(self) -> bool:
        """Whether it was counted completely, so that it has no interval and needs none."""
        return self.kind in (IndicatorKind.CENSUS, IndicatorKind.CENSUS_SHARE)


@dataclass(frozen=True)
class Clause:
    """One clause of the plan in our words, and the indicators that answer it; or where it is."""

    clause_id: str
    zh: str
    en: str
    answers: tuple[str, ...]
    elsewhere_zh: str = ""
    elsewhere_en: str = ""


EFFORT_WORDS: Mapping[str, tuple[str, str]] = {
    "camera_days": ("camera-days", "相机日"),
    "stations": ("stations watched", "个有效点位"),
    "deployments": ("deployments", "台次"),
    "field_days": ("days in the field", "个在野日"),
    "plots": ("plots listed", "个样地在册"),
    "visits": ("visits on foot", "次人工调查"),
    "places": ("places measured", "处实测"),
    "squares": ("squares searched", "个调查网格"),
    "actions": ("actions measured", "次行动有实测"),
    "warnings": ("warnings raised", "条预警"),
    "closed": ("warnings closed", "条办结预警"),
    "events": ("events", "个事件"),
    "events_class_1": ("class I events", "个一级动物事件"),
    "none": ("", ""),
}


@cache
def indicators() -> Mapping[str, Indicator]:
    """Every indicator by its id, in the order of the pack.

    >>> indicators()["people"].better.value, len(indicators()) > 20
    ('down', True)
    """
    return {
        name: Indicator(
            indicator_id=name,
            zh=told["zh"],
            en=told["en"],
            unit_zh=told["unit_zh"],
            unit_en=told["unit_en"],
            kind=IndicatorKind(told["kind"]),
            better=Better(told["better"]),
            effort=told["effort"],
        )
        for name, told in _table()["indicator"].items()
    }


@cache
def clauses() -> tuple[Clause, ...]:
    """Every clause, in the order of the plan."""
    return tuple(
        Clause(
            clause_id=told["id"],
            zh=told["zh"],
            en=told["en"],
            answers=tuple(told["answers"]),
            elsewhere_zh=told.get("elsewhere_zh", ""),
            elsewhere_en=told.get("elsewhere_en", ""),
        )
        for told in _table()["clause"]
    )


def clause_of(indicator_id: str) -> str:
    """The clause that an indicator answers; empty for those of single taxa."""
    found = (one.clause_id for one in clauses() if indicator_id in one.answers)
    return next(found, "")


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files("species_db") / "data" / FILE).read_text(encoding="utf-8"))
