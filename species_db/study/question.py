"""What is asked of the records: which, counted by what rule, over which effort, by which unit."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from species_db.analysis.effort import EffortMethod
from species_db.analysis.independence import MINUTES, IndependenceRule
from species_db.language import tr

RANKS = ("kingdom", "phylum", "class", "order", "family", "genus", "species", "subspecies")
"""From the broadest; a record named at a broader rank than is asked for is not counted."""


LONGEST_MINUTES = 366 * 24 * 60  # a year: nothing longer is a visit


class StudyError(Exception):
    """A question that cannot be answered as it was put: a wrong taxon, dates, rank or interval."""


class CountBy(StrEnum):
    """The unit within which records are independent and effort is added up."""

    STATION = "station"  # cameras that overlap at a station are one (camtrapR's default)
    CAMERA = "camera"  # cameras of one station that watch different trails
    DEPLOYMENT = "deployment"


class State(StrEnum):
    """Which records count: those a person confirmed, or also what only a model has said."""

    CONFIRMED = "confirmed"
    ALL = "all"


@dataclass(frozen=True)
class Question:
    """One question to a survey; every number of the answer goes by these, and says so.

    `first_day` and `last_day` are local dates, both included. `taxon` is a name or id: the taxon
    with all below it. Deployments with an undecided clock stay out unless asked for, and are
    counted: their events have no certain day (VISION 2.3).

    >>> Question(interval_minutes=60).rule.value
    'last-independent'
    """

    interval_minutes: int = MINUTES
    rule: IndependenceRule = IndependenceRule.LAST_INDEPENDENT
    by: CountBy = CountBy.STATION
    min_rank: str = "species"
    method: EffortMethod = EffortMethod.EXACT
    first_day: date | None = None
    last_day: date | None = None
    taxon: str = ""
    state: State = State.CONFIRMED
    with_doubtful_clocks: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no answer.

        Raises:
            StudyError: the interval is negative, the rank unknown, or the dates the wrong way.
        """
        if not 0 <= self.interval_minutes <= LONGEST_MINUTES:
            raise StudyError(
                tr(
                    f"An interval of {self.interval_minutes} minutes has no meaning; "
                    "30 or 60 are usual.",
                    f"间隔不能为 {self.interval_minutes} 分钟；常用 30 或 60 分钟。",
                )
            )
        if self.min_rank not in RANKS:
            known = ", ".join(RANKS)
            raise StudyError(
                tr(
                    f"No rank is called '{self.min_rank}'; use one of: {known}.",
                    f"没有“{self.min_rank}”这一阶元；可用：{known}。",
                )
            )
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise StudyError(
                tr(
                    f"{self.first_day} is after {self.last_day}: give the earlier one with --from.",
                    f"{self.first_day} 晚于 {self.last_day}：请用 --from 指定较早的日期。",
                )
            )

    def holds(self, day: date) -> bool:
        """Tell whether a local date is asked for."""
        after = self.first_day is None or day >= self.first_day
        return after and (self.last_day is None or day <= self.last_day)

    def as_plain(self) -> dict[str, str | int | bool | None]:
        """The question for JSON and for the log."""
        return {
            "interval_minutes": self.interval_minutes,
            "rule": self.rule.value,
            "by": self.by.value,
            "min_rank": self.min_rank,
            "method": self.method.value,
            "from": self.first_day.isoformat() if self.first_day else None,
            "to": self.last_day.isoformat() if self.last_day else None,
            "taxon": self.taxon or None,
            "state": self.state.value,
            "with_doubtful_clocks": self.with_doubtful_clocks,
        }

    def in_words(self) -> str:
        """The rules in one line, to stand under every figure."""
        rule = {
            IndependenceRule.LAST_RECORD: ("the record before", "上一条记录"),
            IndependenceRule.LAST_INDEPENDENT: ("the last independent record", "上一条独立记录"),
        }[self.rule]
        method = {
            EffortMethod.EXACT: ("exact times", "精确时刻"),
            EffortMethod.HALF_DAYS: ("half days at set-up and retrieval", "首尾日各计半日"),
            EffortMethod.INCLUSIVE: ("whole days at set-up and retrieval", "首尾日各计整日"),
        }[self.method]
        unit = {
            CountBy.STATION: ("camera station", "相机点位"),
            CountBy.CAMERA: ("camera", "相机"),
            CountBy.DEPLOYMENT: ("deployment", "布设"),
        }[self.by]
        state = {
            State.CONFIRMED: ("confirmed by a person", "经人工确认"),
            State.ALL: ("confirmed, and what only a model has said", "含仅由模型识别的记录"),
        }[self.state]
        return tr(
            f"Independent: {self.interval_minutes} min or more since {rule[0]}, by taxon and "
            f"{unit[0]}. Effort: {method[0]}. Records: {state[0]}.",
            f"独立：距{rule[1]} {self.interval_minutes} 分钟及以上，按分类单元与{unit[1]}计。"
            f"工作量：{method[1]}。记录：{state[1]}。",
        )
