"""Which records of a taxon at a station are independent events (DOMAIN.md 1).

Records closer together than an interval are one visit. Two rules are in use and give different
numbers, so every table names its own: the gap to the record before, or to the last independent one
(camtrapR `recordTable`, `deltaTimeComparedTo`). A gap equal to the interval is independent.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

MINUTES = 30  # the usual choice in China; 60 is offered everywhere


class IndependenceRule(StrEnum):
    """Against which earlier record the gap is measured."""

    LAST_RECORD = "last-record"
    LAST_INDEPENDENT = "last-independent"


Numbers = NDArray[np.int64]


def mark_independent(
    groups: Numbers,
    seconds: Numbers,
    *,
    interval_seconds: int,
    rule: IndependenceRule,
    ends: Numbers | None = None,
) -> NDArray[np.bool_]:
    """Tell for each record whether it begins an independent event; any order, a million a second.

    `groups` numbers the taxon and station (or camera) of each record, from 0; `seconds` is its
    corrected time in whole seconds since any origin: float days break gaps of just 30 minutes.
    Of records in one second the first given counts.

    `ends` is the last second of records that last, such as a reviewed event of many media; without
    it they last no time. Against the last record the gap runs from the latest end of any earlier
    record of the group, so an animal that stayed is not counted again when it leaves. Against the
    last independent one it stays start to start and `ends` changes nothing: a record is never
    split, and however long it lasted it is one event.

    Raises:
        ValueError: a negative interval, or a record that ends before it begins.

    >>> minutes = np.array([0, 20, 40, 60, 80])
    >>> group = np.zeros(5, dtype=np.int64)
    >>> for rule in IndependenceRule:
    ...     told = mark_independent(group, minutes * 60, interval_seconds=1800, rule=rule)
    ...     print(rule, minutes[told])
    last-record [0]
    last-independent [ 0 40 80]
    """
    order, opens = _openings(groups, seconds, interval_seconds, rule, ends)
    independent = np.empty(len(order), dtype=np.bool_)
    independent[order] = opens
    return independent


def number_events(
    groups: Numbers,
    seconds: Numbers,
    *,
    interval_seconds: int,
    rule: IndependenceRule,
    ends: Numbers | None = None,
) -> Numbers:
    """Give for each record the number of the independent event it belongs to, from 0.

    Events are numbered by group and, within it, by time; a record that begins none belongs to the
    event before it in its group. Arguments and errors are those of `mark_independent`.

    >>> seconds = np.array([0, 600, 7200, 300])
    >>> group = np.array([0, 0, 0, 1])
    >>> rule = IndependenceRule.LAST_RECORD
    >>> number_events(group, seconds, interval_seconds=1800, rule=rule)
    array([0, 0, 1, 2])
    """
    order, opens = _openings(groups, seconds, interval_seconds, rule, ends)
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.cumsum(opens) - 1
    return numbers


def max_counts(events: Numbers, counts: Numbers) -> Numbers:
    """Give the count of each event: the largest of its records, never the sum (DOMAIN.md 1).

    The same three animals on ten media are three. A record that nobody counted is given as 0 and
    changes no maximum; an event of such records alone has 0, which is "not counted".

    >>> max_counts(np.array([0, 0, 1]), np.array([2, 3, 1]))
    array([3, 1])
    """
    largest = np.zeros(int(events.max()) + 1 if len(events) else 0, dtype=np.int64)
    np.maximum.at(largest, events, counts)
    return largest


def event_spans(
    events: Numbers, seconds: Numbers, *, ends: Numbers | None = None
) -> tuple[Numbers, Numbers]:
    """Give the first and the last second of each event; `ends` as in `mark_independent`.

    >>> event_spans(np.array([0, 0, 1]), np.array([50, 20, 90]))
    (array([20, 90]), array([50, 90]))
    """
    count = int(events.max()) + 1 if len(events) else 0
    first = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    last = np.full(count, np.iinfo(np.int64).min, dtype=np.int64)
    np.minimum.at(first, events, seconds)
    np.maximum.at(last, events, seconds if ends is None else ends)
    return first, last


def _openings(
    groups: Numbers,
    seconds: Numbers,
    interval_seconds: int,
    rule: IndependenceRule,
    ends: Numbers | None,
) -> tuple[Numbers, NDArray[np.bool_]]:
    """The order of the records by group and time, and which of them, so laid, begin an event.

    All groups lie on one axis, further apart than the interval: the first record of each begins an
    event without being asked.
    """
    if interval_seconds < 0:
        raise ValueError(f"an interval cannot be negative, got {interval_seconds} s")
    lasts = np.zeros(len(seconds), dtype=np.int64) if ends is None else ends - seconds
    if (early := int((lasts < 0).sum())) > 0:
        raise ValueError(f"{early} of {len(seconds)} records end before they begin")
    axis = _one_axis(groups, seconds, int(lasts.max(initial=0)) + interval_seconds + 1)
    order = np.argsort(axis, kind="stable")
    axis = axis[order]
    if rule is IndependenceRule.LAST_INDEPENDENT:
        return order, _chained(axis, interval_seconds)
    reached = axis if ends is None else np.maximum.accumulate(axis + lasts[order])
    opens = np.ones(len(order), dtype=np.bool_)
    opens[1:] = axis[1:] - reached[:-1] >= interval_seconds
    return order, opens


def _one_axis(groups: Numbers, seconds: Numbers, margin: int) -> Numbers:
    """Each record's place on an axis with one group after the other, so far apart."""
    if not len(seconds):
        return seconds
    begin = int(seconds.min())
    span = int(seconds.max()) - begin + margin
    first, most = int(groups.min()), np.iinfo(np.int64).max // 2
    if (int(groups.max()) - first + 1) * span > most:
        groups, first = np.unique(groups, return_inverse=True)[1], 0
        if (int(groups.max()) + 1) * span > most:
            raise ValueError("the times lie too far apart to be seconds")
    return np.asarray((groups - first) * span + (seconds - begin))


def _chained(axis: Numbers, interval_seconds: int) -> NDArray[np.bool_]:
    """From each independent record jump to the first one that is an interval later.

    Where each record would jump to is worked out for all at once; the jumps themselves are one
    walk, which from the last event of a group lands on the first record of the next.
    """
    if interval_seconds == 0:
        return np.ones(len(axis), dtype=np.bool_)
    jumps = np.searchsorted(axis, axis + interval_seconds, side="left").tolist()
    chosen, at = [], 0
    while at < len(jumps):
        chosen.append(at)
        at = jumps[at]
    opens = np.zeros(len(axis), dtype=np.bool_)
    opens[chosen] = True
    return opens
