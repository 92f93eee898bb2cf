"""What may be said of a change: up, down, no clear change, or too few records to say anything."""

from enum import StrEnum
from math import exp, log

from species_db.language import tr

NORMAL_975, NORMAL_80 = 1.959964, 0.841621


class Verdict(StrEnum):
    """What an interval says of a change; there is no word for "stable", which no interval shows."""

    UP = "up"  # the whole interval lies above no change
    DOWN = "down"  # the whole interval lies below no change
    NO_CLEAR_CHANGE = "no_clear_change"  # it holds no change, and much else besides
    TOO_FEW = "too_few"  # there is no interval

    @property
    def words(self) -> str:
        """The verdict in the reader's language."""
        return {
            Verdict.UP: tr("up", "上升"),
            Verdict.DOWN: tr("down", "下降"),
            Verdict.NO_CLEAR_CHANGE: tr(
                "no clear change (not the same as stable)", "无明确变化（不等于稳定）"
            ),
            Verdict.TOO_FEW: tr("too few to tell", "数据太少，无法判断"),
        }[self]


class NoInterval(StrEnum):
    """Why a number stands without an interval."""

    NO_EFFORT = "no_effort"
    NO_EVENTS = "no_events"
    FEW_EVENTS = "few_events"
    FEW_STATIONS = "few_stations"
    FEW_PERIODS = "few_periods"
    ONE_STATION_CARRIES = "one_station_carries"
    NO_COMMON_GROUND = "no_common_ground"
    NO_BOUND = "no_bound"
    CENSORED = "censored"

    @property
    def words(self) -> str:
        """The reason in the reader's language."""
        return {
            NoInterval.NO_EFFORT: tr(
                "no camera worked in one of the periods: not known", "其中一期没有相机工作：未知"
            ),
            NoInterval.NO_EVENTS: tr(
                "no events to compare with: a ratio to nothing has no interval",
                "没有可比的独立事件：与零的比值没有区间",
            ),
            NoInterval.FEW_EVENTS: tr("too few events", "独立事件太少"),
            NoInterval.FEW_STATIONS: tr("too few stations", "点位太少"),
            NoInterval.FEW_PERIODS: tr("too few periods", "期数太少"),
            NoInterval.ONE_STATION_CARRIES: tr(
                "nearly all events come from one station", "几乎所有独立事件来自同一个点位"
            ),
            NoInterval.NO_COMMON_GROUND: tr(
                "fewer than two bands of elevation were watched alike", "共同监测的海拔段不足两个"
            ),
            NoInterval.CENSORED: tr(
                "cameras began or ended where the records do: the date is theirs",
                "相机的起止与记录的起止重合：该日期只反映监测时段",
            ),
            NoInterval.NO_BOUND: tr(
                "the stations differ so much that the interval has no end",
                "点位之间差异过大，区间没有上限或下限",
            ),
        }[self]


def verdict_of(low: float | None, high: float | None, *, no_change: float) -> Verdict:
    """Read an interval: only what leaves out no change is a change.

    >>> verdict_of(0.4, 0.9, no_change=1.0).value, verdict_of(0.4, 1.1, no_change=1.0).value
    ('down', 'no_clear_change')
    >>> verdict_of(None, None, no_change=1.0).value
    'too_few'
    """
    if low is None or high is None:
        return Verdict.TOO_FEW
    if low > no_change:
        return Verdict.UP
    return Verdict.DOWN if high < no_change else Verdict.NO_CLEAR_CHANGE


def smallest_seen(half_width: float) -> float:
    """The smallest change that such an interval would have called clear four times in five.

    From the width alone, never from the change that was found: power worked out from the estimate
    only repeats the verdict (Hoenig & Heisey 2001, Am. Stat. 55:19). A true change as large as half
    the width is missed every second time; this is the one missed in a fifth of surveys.

    >>> round(smallest_seen(1.959964), 3)
    2.802
    """
    return half_width * (NORMAL_975 + NORMAL_80) / NORMAL_975


def smallest_ratios(low: float, high: float) -> tuple[float, float]:
    """Smallest fall and rise that would have been seen, as ratios, from an interval of a ratio.

    >>> fall, rise = smallest_ratios(0.5, 2.0)
    >>> round(fall, 2), round(rise, 2)
    (0.37, 2.69)
    """
    seen = smallest_seen(log(high / low) / 2)
    return exp(-seen), exp(seen)
