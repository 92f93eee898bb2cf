"""Cut a card's files, in the camera's order, where its clock was set, fell back or went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from ingest.clock.facts import ClockSettings, FileFacts, Placement


class Side(IntEnum):
    """Where a time lies beside the deployment, a loose end allowed on both sides."""

    BEFORE = -1
    INSIDE = 0
    AFTER = 1


@dataclass(frozen=True)
class Stretch:
    """Dated files that follow one another without a break, and how they came after the last."""

    files: tuple[FileFacts, ...]
    side: Side
    is_settled: bool
    came_back_from: FileFacts | None = None  # the file in front, when time ran backwards here

    @property
    def first(self) -> datetime:
        """The first file's time."""
        return _time(self.files[0])

    @property
    def last(self) -> datetime:
        """The last file's time."""
        return _time(self.files[-1])

    @property
    def is_trusted(self) -> bool:
        """Whether its times may bound those of its neighbours."""
        return self.is_settled or self.side is Side.INSIDE


def cut(files: Sequence[FileFacts], placement: Placement, settings: ClockSettings) -> list[Stretch]:
    """Cut files in camera order into stretches of one clock."""
    dated = [one for one in files if one.time is not None]
    stretches: list[Stretch] = []
    run: list[FileFacts] = []
    came_back_from: FileFacts | None = None
    for one in dated:
        if run and _breaks(run[-1], one, placement, settings):
            stretches.append(_stretch(run, came_back_from, placement, settings))
            is_back = _time(one) < _time(run[-1]) - settings.step_back
            came_back_from = run[-1] if is_back else None
            run = []
        run.append(one)
    if run:
        stretches.append(_stretch(run, came_back_from, placement, settings))
    return stretches


def side_of(moment: datetime, placement: Placement, settings: ClockSettings) -> Side:
    """Tell on which side of the deployment a time lies."""
    if moment < placement.start - settings.loose_end:
        return Side.BEFORE
    return Side.AFTER if moment > placement.end + settings.loose_end else Side.INSIDE


def _breaks(
    before: FileFacts, after: FileFacts, placement: Placement, settings: ClockSettings
) -> bool:
    if before.is_settled != after.is_settled:
        return True
    if _time(after) < _time(before) - settings.step_back:
        return True
    sides = [side_of(_time(one), placement, settings) for one in (before, after)]
    return sides[0] is not sides[1]


def _stretch(
    run: Sequence[FileFacts],
    came_back_from: FileFacts | None,
    placement: Placement,
    settings: ClockSettings,
) -> Stretch:
    side = side_of(_time(run[0]), placement, settings)
    return Stretch(tuple(run), side, run[0].is_settled, came_back_from)


def _time(file: FileFacts) -> datetime:
    if file.time is None:
        raise ValueError(f"{file.card_path} is undated and lies in no stretch")
    return file.time
