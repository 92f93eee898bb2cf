"""Spatial detection histories: which animal was at which camera when, for R `secr`.

For animals that are told apart by their coats. Density is estimated from where each was seen again;
the shape is that of `read.capthist` (Efford 2012): a table of captures, and a layout of detectors
with the effort of each on every occasion.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from species_db.analysis.effort import UnitDay
from species_db.language import tr

NOT_PLAIN = re.compile(r"[\s,_/#'\"]+")  # would part, comment out or confuse identifiers in secr
TAKEN = ("NA", "NONE")  # R's missing value; secr's word for a session without captures


class PositionError(Exception):
    """A detector has no position, or positions are degrees where metres are needed."""


class DetectorType(StrEnum):
    """Whether an animal's visits to a camera on one occasion count once, or each."""

    PROXIMITY = "proximity"
    COUNT = "count"


@dataclass(frozen=True)
class IndividualRecord:
    """One independent event of an animal: the station, the local day, and who it was, if known."""

    unit: str
    day: date
    individual: str | None


@dataclass(frozen=True)
class SpatialCapture:
    """One line of the capture table; occasions count from 1."""

    session: str
    individual: str
    occasion: int
    detector: str


@dataclass(frozen=True)
class SpatialHistories:
    """Captures and effort of one session; `usage` is detectors by occasions, 0 where idle.

    Left out are `unidentified` records, on which nobody could tell the animal, and `unwatched`
    ones, in an occasion without effort at that camera, which secr refuses.
    """

    session: str
    captures: tuple[SpatialCapture, ...]
    detectors: tuple[str, ...]
    usage: tuple[tuple[float, ...], ...]
    detector_type: DetectorType
    unidentified: int
    unwatched: int

    @property
    def individuals(self) -> int:
        """How many animals were told apart."""
        return len({one.individual for one in self.captures})


def spatial_histories(
    days: Iterable[UnitDay],
    records: Iterable[IndividualRecord],
    *,
    session: str,
    occasion_days: int = 1,
    starts_on: date | None = None,
    detector_type: DetectorType = DetectorType.PROXIMITY,
) -> SpatialHistories:
    """Lay an animal's records out by camera and occasion, the same days at all cameras.

    The first occasion begins on the survey's first day, or on `starts_on`; what was before is left
    out. Days are local ones (`species_db.analysis.local_days`).

    >>> days = [UnitDay("A", date(2026, 5, d), 1.0, 1.0) for d in (1, 2)]
    >>> seen = [IndividualRecord("A", date(2026, 5, 2), i) for i in ("F1", "F1", None)]
    >>> told = spatial_histories(days, seen, session="2026")
    >>> told.captures, told.usage, told.unidentified
    ((SpatialCapture(session='2026', individual='F1', occasion=2, detector='A'),),
     ((1.0, 1.0),), 1)
    """
    if occasion_days < 1:
        raise ValueError(f"an occasion has at least one day, got {occasion_days}")
    watched = [one for one in days if starts_on is None or one.day >= starts_on]
    first = starts_on or min((one.day for one in watched), default=date.min)
    length = timedelta(days=occasion_days)
    occasions = max(((one.day - first) // length + 1 for one in watched), default=0)
    effort = {one.unit: [0.0] * occasions for one in watched}
    for one in watched:
        effort[one.unit][(one.day - first) // length] += one.effort
    captures: list[SpatialCapture] = []
    unidentified = unwatched = 0
    for record in records:
        at = (record.day - first) // length
        if not record.individual:
            unidentified += 1
        elif not 0 <= at < occasions or effort.get(record.unit, [0.0] * occasions)[at] <= 0:
            unwatched += 1
        else:
            captures.append(SpatialCapture(session, record.individual, at + 1, record.unit))
    if detector_type is DetectorType.PROXIMITY:
        captures = list(set(captures))
    captures.sort(key=lambda one: (one.individual, one.occasion, one.detector))
    detectors = tuple(sorted(effort))
    return SpatialHistories(
        session,
        tuple(captures),
        detectors,
        tuple(tuple(effort[unit]) for unit in detectors),
        detector_type,
        unidentified,
        unwatched,
    )


def plain_names(names: Iterable[str]) -> dict[str, str]:
    """Rename so that `secr` can read: no blanks, commas, underscores, slashes; each name once.

    >>> plain_names(["MT_01", "MT 01", "A"])
    {'A': 'A', 'MT 01': 'MT-01', 'MT_01': 'MT-01-2'}
    """
    wanted = sorted(set(names))
    renamed: dict[str, str] = {}
    used = {name for name in wanted if not NOT_PLAIN.search(name) and name not in TAKEN}
    for name in wanted:
        if name in used:
            renamed[name] = name
            continue
        stem = NOT_PLAIN.sub("-", name.strip()) or "x"
        tries = (f"{stem}-{n}" if n > 1 else stem for n in range(1, len(wanted) + 3))
        renamed[name] = next(one for one in tries if one not in used and one not in TAKEN)
        used.add(renamed[name])
    return renamed


def captures_text(sessions: Sequence[SpatialHistories]) -> str:
    """Write the capture table of all sessions, as `read.capthist` reads it (fmt = "trapID")."""
    detectors = plain_names(name for one in sessions for name in one.detectors)
    animals = plain_names(capture.individual for one in sessions for capture in one.captures)
    named = plain_names(one.session for one in sessions)
    lines = [
        f"{named[c.session]} {animals[c.individual]} {c.occasion} {detectors[c.detector]}"
        for one in sessions
        for c in one.captures
    ]
    return "\n".join(["# Session ID Occasion Detector", *lines, ""])


def traps_text(
    sessions: Sequence[SpatialHistories],
    session: str,
    positions: Mapping[str, tuple[float, float]],
) -> str:
    """Write one session's detectors with effort (`binary.usage = FALSE`); one file a session.

    Detectors are named over all sessions, as in the capture table. `positions` are metres east and
    north on a projected grid, exact ones: obscured places give a wrong density. The file therefore
    holds exact places and may leave the survey only as such (DOMAIN.md 9).

    Raises:
        PositionError: a detector has no position, or the positions look like degrees.
    """
    named = plain_names(name for one in sessions for name in one.detectors)
    mine = next(one for one in sessions if one.session == session)
    lost = [unit for unit in mine.detectors if unit not in positions]
    if lost:
        raise PositionError(
            tr(
                f"No position for {', '.join(lost)}: spatial models need one for every camera. "
                "Enter it, or leave the station out.",
                f"缺少位置：{'、'.join(lost)}。空间模型要求每台相机都有位置。请补录，或去掉该点位。",
            )
        )
    if mine.detectors and all(
        abs(positions[unit][0]) <= 180 and abs(positions[unit][1]) <= 90 for unit in mine.detectors
    ):
        raise PositionError(
            tr(
                "Positions look like degrees; spatial models measure metres. Give projected "
                "coordinates, as of UTM zone 46 or 47.",
                "位置像是经纬度，而空间模型以米计。请提供投影坐标，例如 UTM 46 或 47 带。",
            )
        )
    lines = [
        " ".join(
            [named[unit], *(f"{one:.1f}" for one in positions[unit]), *(f"{u:.6g}" for u in effort)]
        )
        for unit, effort in zip(mine.detectors, mine.usage, strict=True)
    ]
    return "\n".join(["# Detector X Y Usage", *lines, ""])
