"""The values of a pack: what an indicator was in each period, what became of it, and how sure."""

from dataclasses import dataclass, replace
from datetime import date

from species_db.analysis.verdicts import Verdict
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.indicators import Better, Indicator, indicators
from species_db.places import COUNTIES

WHOLE = "5404"  # the prefecture; counties have six digits
NOT_TOLD = "-"  # places whose county would narrow their cell

VERDICT_WORDS: dict[Verdict, tuple[str, str]] = {
    Verdict.UP: ("up", "上升"),
    Verdict.DOWN: ("down", "下降"),
    Verdict.NO_CLEAR_CHANGE: ("no clear change", "无明确变化"),
    Verdict.TOO_FEW: ("not known", "无法判断"),
}


@dataclass(frozen=True)
class Measured:
    """One indicator in one area and period; None is not known, never zero.

    `effort` is what stands behind the value (camera-days, stations, ...), `cases` what was counted
    (events, hits), `stations` how many places carry it, `visits` what was looked at on foot
    besides. Low and high: 95 % interval. `counted_to` is the last day that is told, where a delay
    ends the period early.
    """

    value: float | None
    effort: float | None
    cases: int | None = None
    stations: int | None = None
    low: float | None = None
    high: float | None = None
    visits: int | None = None
    counted_to: date | None = None


UNKNOWN = Measured(None, None)


@dataclass(frozen=True)
class Result:
    """An indicator in one area, in both periods, with its change.

    `change` is a ratio (1: none) where `Indicator.is_by_ratio`, else a difference in the
    indicator's own unit. `reason` says why there is no interval, as NoInterval has it, or is empty.
    """

    indicator_id: str
    area: str
    before: Measured
    after: Measured
    change: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: str = ""
    caveats: tuple[Caveat, ...] = ()

    @property
    def indicator(self) -> Indicator:
        """What it is a result of."""
        return indicators()[self.indicator_id]

    @property
    def is_known(self) -> bool:
        """Whether anything is known of either period."""
        return self.before.value is not None or self.after.value is not None

    @property
    def is_wished(self) -> bool | None:
        """Whether a clear change goes the way the plan wishes; None where that cannot be said."""
        better = self.indicator.better
        if better is Better.NONE or self.verdict not in (Verdict.UP, Verdict.DOWN):
            return None
        return self.verdict.value == better.value

    def with_caveats(self, *more: Caveat) -> "Result":
        """The same with further caveats."""
        told = {*self.caveats, *more}
        return replace(self, caveats=tuple(one for one in Caveat if one in told))


def area_words(area: str) -> tuple[str, str]:
    """An area in English and Chinese.

    >>> area_words("540423"), area_words(WHOLE)
    (('Medog County', '墨脱县'), ('Linzhi Prefecture', '林芝市'))
    """
    if area == WHOLE:
        return "Linzhi Prefecture", "林芝市"
    if area in COUNTIES:
        return COUNTIES[area].name_en, COUNTIES[area].name_zh
    return "county not told", "县域不公开"
