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


def mark_independent(
    groups: NDArray[np.int64],
    seconds: NDArray[np.int64],
    *,
    interval_seconds: int,
    rule: IndependenceRule,
) -> NDArray[np.bool_]:
    """Tell for each record whether it begins an independent event; any order, a million a second.

    `groups` numbers the taxon and station (or camera) of each record, from 0; `seconds` is its
    corrected time in whole seconds since any origin: float days break gaps of just 30 minutes.
    Of records in one second the first given counts.

    >>> minutes = np.array([0, 20, 40, 60, 80])
    >>> group = np.zeros(5, dtype=np.int64)
    >>> for rule in IndependenceRule:
    ...     told = mark_independent(group, minutes * 60, interval_seconds=1800, rule=rule)
    ...     print(rule, minutes[told])
    last-record [0]
    last-independent [ 0 40 80]
    """
    if interval_seconds < 0:
        raise ValueError(f"an interval cannot be negative, got {interval_seconds} s")
    order = np.lexsort((seconds, groups))
    group, time = groups[order], seconds[order]
    opens = np.ones(len(order), dtype=np.bool_)
    opens[1:] = group[1:] != group[:-1]
    if rule is IndependenceRule.LAST_RECORD:
        opens[1:] |= np.diff(time) >= interval_seconds
    else:
        opens = _chained(opens, group, time, interval_seconds)
    independent = np.empty(len(order), dtype=np.bool_)
    independent[order] = opens
    return independent


def _chained(
    firsts: NDArray[np.bool_],
    group: NDArray[np.int64],
    time: NDArray[np.int64],
    interval_seconds: int,
) -> NDArray[np.bool_]:
    """From each independent record jump to the first one that is an interval later.

    Where each record would jump to is worked out for all at once, on one axis on which the groups
    lie further apart than any interval; the jumps themselves are one walk.
    """
    if not len(time):
        return firsts
    span = int(time.max() - time.min()) + interval_seconds + 1
    ranks = np.cumsum(firsts) - 1
    if len(time) and int(ranks[-1] + 1) * span > np.iinfo(np.int64).max // 2:
        raise ValueError("the times lie too far apart to be seconds")
    axis = (time - time.min()) + ranks * span
    jumps = np.searchsorted(axis, axis + interval_seconds, side="left")
    ends = np.append(np.flatnonzero(firsts)[1:], len(time))[ranks]
    after = np.where(jumps < ends, jumps, -1)
    if interval_seconds == 0:
        return np.ones(len(time), dtype=np.bool_)
    chosen, steps = firsts.copy(), after.tolist()
    for start in np.flatnonzero(firsts).tolist():
        at = steps[start]
        while at >= 0:
            chosen[at] = True
            at = steps[at]
    return chosen
