"""Find boxes that stand at one place of one view time and again: a stump does, an animal does not.

Pure, and fast enough for the 200,000 boxes of a camera before which grass moves all summer: boxes
are first counted in cells of place and size, then gathered around the fullest cells with a tree,
so that nothing is compared with everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
DAY_S, HOUR_S = 86_400, 3_600
NO_TIME = -1
VIEWS_APART = 10.0  # farther than any two boxes of one picture are
TIMES_CENTRED = 2  # a group is gathered anew around its middle box


@dataclass(frozen=True)
class RepeatSettings:
    """When boxes count as one thing that does not move."""

    # Of one stump in frame after frame a detector's box trembles by some hundredths of its side;
    # an animal that comes again stands elsewhere or turned. Intersection over union.
    least_overlap: float = 0.85
    # Fewer are dismissed faster one by one in review than by judging a group.
    least_events: int = 8
    # A deer that sleeps in one place for a night, a bird on its nest: many events, few days.
    least_days: int = 3
    # Animals have their hours; a stump is there at all of them.
    least_hours: int = 3
    # Of the events between the first and the last: what stands there is seen again and again.
    least_share: float = 0.02
    # Boxes that fill the frame overlap whatever they show: an animal before the lens is no stump.
    largest_area: float = 0.4


DEFAULT_SETTINGS = RepeatSettings()


@dataclass(frozen=True)
class Boxes:
    """Boxes of one type by one model at one deployment, as columns.

    `corners` are x, y, width and height, 0 to 1. `seconds` are local, NO_TIME when undated. `view`
    numbers the stretches between moves of the camera: what stood at one place of the picture before
    a move is not what stands there after it.
    """

    corners: Floats
    event: Numbers
    seconds: Numbers
    view: Numbers


def find_repeats(
    boxes: Boxes, event_seconds: Numbers, *, settings: RepeatSettings = DEFAULT_SETTINGS
) -> list[Numbers]:
    """Gather the rows of boxes that stand at one place in many events, the most events first.

    `event_seconds` are the local times of all events of the deployment, with boxes or without:
    the share of them in which the box stands is taken among those between its first and last.

    >>> times = np.arange(40) * 7 * HOUR_S
    >>> stump = np.tile([0.2, 0.6, 0.1, 0.2], (40, 1)) + np.arange(40)[:, None] % 3 * 0.001
    >>> walks = np.column_stack([np.linspace(0, 0.9, 40)] + [np.full(40, 0.1)] * 3)
    >>> both = Boxes(
    ...     np.vstack([stump, walks]), np.tile(np.arange(40), 2), np.tile(times, 2),
    ...     np.zeros(80, dtype=np.int64),
    ... )
    >>> [rows.tolist() == list(range(40)) for rows in find_repeats(both, times)]
    [True]
    """
    fits = boxes.corners[:, 2] * boxes.corners[:, 3] <= settings.largest_area
    fits &= (boxes.corners[:, 2:] > 0).all(axis=1)
    rows = np.flatnonzero(fits)
    if len(rows) < settings.least_events:
        return []
    edges = _edges(boxes.corners[rows])
    gatherer = _Gatherer(edges, boxes.view[rows], settings)
    is_free = np.ones(len(rows), dtype=np.bool_)
    dated = np.sort(event_seconds[np.not_equal(event_seconds, NO_TIME)])
    found = []
    for cell in _fullest_cells(boxes, rows, settings):
        seeds = cell[is_free[cell]]
        if len(seeds) == 0:
            continue
        near = gatherer.around(seeds, is_free)
        if _stands_there(boxes, rows[near], dated, settings):
            is_free[near] = False
            found.append(rows[near])
    return sorted(found, key=lambda one: (-len(np.unique(boxes.event[one])), int(one[0])))


def overlap(one: Floats, others: Floats) -> Floats:
    """Intersection over union of one box with others, all as left, top, right, bottom.

    >>> overlap(np.array([0, 0, 0.2, 0.1]), np.array([[0, 0, 0.1, 0.1], [0.5, 0.5, 1, 1]])).tolist()
    [0.5, 0.0]
    """
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[2:], others[:, 2:])
    inner = np.clip(high - low, 0.0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    own = float((one[2:] - one[:2]).prod())
    shared: Floats = inner / np.maximum(areas + own - inner, 1e-12)
    return shared


class _Gatherer:
    """Finds the boxes around a place without looking at all of them."""

    def __init__(self, edges: Floats, view: Numbers, settings: RepeatSettings) -> None:
        self._edges, self._view, self._least = edges, view, settings.least_overlap
        self._fewest = settings.least_events
        self._tree = cKDTree(np.column_stack([edges, view * VIEWS_APART]))

    def around(self, seeds: Numbers, is_free: NDArray[np.bool_]) -> Numbers:
        """The free boxes that overlap the middle of the seeds enough, in order."""
        near = seeds
        view = float(self._view[seeds[0]]) * VIEWS_APART
        for _ in range(TIMES_CENTRED):
            middle = np.median(self._edges[near], axis=0)
            side = float((middle[2:] - middle[:2]).max())
            # No edge of a box that overlaps enough lies farther off than this.
            reach = side * (1 / self._least - 1) + 1e-9
            hits = self._tree.query_ball_point([*middle, view], reach, p=np.inf)
            if len(hits) < self._fewest:
                return near
            around = np.sort(np.array(hits, dtype=np.int64))
            around = around[is_free[around]]
            kept = around[overlap(middle, self._edges[around]) >= self._least]
            if len(kept) == 0:
                return near
            near = kept
        return near


def _edges(corners: Floats) -> Floats:
    return np.column_stack([corners[:, :2], corners[:, :2] + corners[:, 2:]])


def _fullest_cells(boxes: Boxes, rows: Numbers, settings: RepeatSettings) -> Iterator[Numbers]:
    """Places among `rows` by how many events have a box in a cell of place and size.

    A trembling box falls into several cells, so a group may begin in one that holds an eighth of
    its events; boxes of animals hardly ever share a cell that is this fine.
    """
    corners = boxes.corners[rows]
    step = np.log(1 / settings.least_overlap)
    sizes = np.floor(np.log(corners[:, 2:]) / step)
    middles = corners[:, :2] + corners[:, 2:] / 2
    places = np.floor(middles / (np.exp(sizes * step) * (1 - settings.least_overlap)))
    keys = np.column_stack([boxes.view[rows], sizes, places]).astype(np.int64)
    _, cell = np.unique(keys, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    once = np.unique(np.column_stack([cell, boxes.event[rows]]), axis=0)[:, 0]
    events = np.bincount(once)
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(len(events) + 1))
    fewest = max(2, settings.least_events // 8)
    for number in np.argsort(-events, kind="stable").tolist():
        if events[number] < fewest:
            return
        yield order[starts[number] : starts[number + 1]]


def _stands_there(boxes: Boxes, rows: Numbers, dated: Numbers, settings: RepeatSettings) -> bool:
    """Whether boxes at one place are of many events, spread over days, hours and visits."""
    events = len(np.unique(boxes.event[rows]))
    if events < settings.least_events:
        return False
    seconds = boxes.seconds[rows]
    seconds = seconds[np.not_equal(seconds, NO_TIME)]
    if len(seconds) == 0:
        return False
    days = len(np.unique(seconds // DAY_S))
    hours = len(np.unique(seconds % DAY_S // HOUR_S))
    return (
        days >= settings.least_days
        and hours >= settings.least_hours
        and share_of_events(events, seconds, dated) >= settings.least_share
    )


def share_of_events(events: int, seconds: Numbers, dated: Numbers) -> float:
    """Of the events between the first and the last time: the share in which the box stands."""
    first, last = int(seconds.min()), int(seconds.max())
    between = np.searchsorted(dated, last, side="right") - np.searchsorted(dated, first)
    return min(1.0, events / max(1, int(between)))
