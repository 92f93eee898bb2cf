"""The rules by which a report counts: frozen with the data, so that they cannot drift."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from species_db.analysis.effort import EffortMethod
from species_db.analysis.independence import MINUTES, IndependenceRule
from species_db.evaluation.periods import Period
from species_db.study.question import Question


@dataclass(frozen=True)
class CountingRules:
    """How a report counts, each with its reason.

    `chosen` are taxa (ids) that get an index and a page of their own besides those of class I and
    II: what the evaluation was promised to follow.
    """

    interval_minutes: int = MINUTES
    rule: IndependenceRule = IndependenceRule.LAST_INDEPENDENT
    method: EffortMethod = EffortMethod.EXACT
    # A station is watched when its cameras worked so long in a period: what passes once a month
    # is then met, and a station of three days is no absence (DOMAIN.md 5: a stated minimum).
    least_station_days: int = 30
    chosen: tuple[str, ...] = ()

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> "CountingRules":
        """The rules as a freeze keeps them."""
        return cls(
            interval_minutes=int(told["interval_minutes"]),
            rule=IndependenceRule(told["rule"]),
            method=EffortMethod(told["method"]),
            least_station_days=int(told["least_station_days"]),
            chosen=tuple(told["chosen"]),
        )

    def as_plain(self) -> dict[str, Any]:
        """The rules for JSON."""
        return {
            "interval_minutes": self.interval_minutes,
            "rule": self.rule.value,
            "method": self.method.value,
            "least_station_days": self.least_station_days,
            "chosen": list(self.chosen),
        }

    def question(self, period: Period | None = None) -> Question:
        """The same as a question to the survey, of a period or of all time."""
        return Question(
            interval_minutes=self.interval_minutes,
            rule=self.rule,
            method=self.method,
            first_day=period.first_day if period else None,
            last_day=period.last_day if period else None,
        )
