"""What a reviewed event teaches: the boxes on its photos that a person has confirmed.

People speak of events, models of single photos; a box teaches only where both agree.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from species_db.vocabulary import ObservationType

ANIMAL, HUMAN, VEHICLE = (
    t.value for t in (ObservationType.ANIMAL, ObservationType.HUMAN, ObservationType.VEHICLE)
)
BOXED = (ANIMAL, HUMAN, VEHICLE)


class LeftOut(StrEnum):
    """Why a photo of a reviewed event teaches nothing."""

    LATER = "later"  # it came after the review
    FILM = "film"
    UNKNOWN = "unknown"  # a person looked and could not tell
    NO_BOX = "no_box"  # the event is not blank, and no box says where
    TOO_MANY = "too_many"  # more boxes than were counted: one of them is false


@dataclass(frozen=True)
class TaughtBox:
    """A confirmed box in shares of the upright photo, with its taxon where that is certain."""

    observation_type: str
    taxon_id: str | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Said:
    """One finding of the review in force."""

    observation_type: str
    taxon_id: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Frame:
    """A photo of an event, with the boxes of the newest model and those that people drew."""

    media_id: str
    boxes: tuple[TaughtBox, ...] = ()
    drawn: tuple[TaughtBox, ...] = ()


@dataclass(frozen=True)
class Lesson:
    """What one photo teaches; no box means that nothing is on it.

    On a photo that is not `is_complete` an animal may stand outside of all boxes: good for crops,
    bad for a detector, which would learn that the animal is background.
    """

    media_id: str
    boxes: tuple[TaughtBox, ...]
    is_complete: bool = True


def lessons_of(
    said: Sequence[Said], frames: Sequence[Frame]
) -> tuple[list[Lesson], dict[str, LeftOut]]:
    """Tell what the photos of one reviewed event teach, and why the others do not.

    - A blank event: every photo is an example of nothing, false boxes included.
    - Else a model's box teaches when the review names its type; other boxes were refuted.
    - Boxes that a person drew on a photo replace the model's there.
    - The taxon goes to the boxes when the event shows animals of exactly one taxon.
    - A photo without a box, of an event that is not blank, may hold an animal: it teaches nothing.
    - A photo with more boxes than the count holds a false one. Where no photo has as many as were
      counted, an animal stands outside of all boxes: not complete.
    - What a person could not tell teaches nothing.

    >>> box = TaughtBox("animal", None, 0.1, 0.1, 0.2, 0.2)
    >>> lessons, why = lessons_of(
    ...     [Said("animal", "takin", 1)],
    ...     [Frame("one", (box,)), Frame("two", (box, box)), Frame("three")],
    ... )
    >>> [(lesson.media_id, lesson.boxes[0].taxon_id) for lesson in lessons]
    [('one', 'takin')]
    >>> {media_id: str(reason) for media_id, reason in why.items()}
    {'two': 'too_many', 'three': 'no_box'}
    """
    types = {finding.observation_type for finding in said}
    if types == {ObservationType.BLANK.value}:
        return [Lesson(frame.media_id, ()) for frame in frames], {}
    if not types or not types <= set(BOXED):
        return [], {frame.media_id: LeftOut.UNKNOWN for frame in frames}
    told = {kind: _told_count(said, kind) for kind in types}
    taxon_id = _one_taxon(said)
    boxes = {frame.media_id: _confirmed(frame, types, taxon_id) for frame in frames}
    most = {kind: max((_count(b, kind) for b in boxes.values()), default=0) for kind in types}
    drawn = {frame.media_id for frame in frames if frame.drawn}
    lessons, left_out = [], {}
    for media_id, given in boxes.items():
        if not given:
            left_out[media_id] = LeftOut.NO_BOX
        elif any(_count(given, kind) > (told[kind] or len(given)) for kind in types):
            left_out[media_id] = LeftOut.TOO_MANY
        else:
            is_short = any(most[kind] < (told[kind] or 1) for kind in types)
            lessons.append(Lesson(media_id, given, media_id in drawn or not is_short))
    return lessons, left_out


def _confirmed(frame: Frame, types: Collection[str], taxon_id: str | None) -> tuple[TaughtBox, ...]:
    given = frame.drawn or tuple(b for b in frame.boxes if b.observation_type in types)
    return tuple(_named(box, taxon_id) for box in given)


def _named(box: TaughtBox, taxon_id: str | None) -> TaughtBox:
    if box.observation_type != ANIMAL or box.taxon_id or taxon_id is None:
        return box
    return TaughtBox(ANIMAL, taxon_id, box.x, box.y, box.width, box.height)


def _one_taxon(said: Iterable[Said]) -> str | None:
    taxa = {finding.taxon_id for finding in said if finding.observation_type == ANIMAL}
    return taxa.pop() if len(taxa) == 1 else None


def _told_count(said: Iterable[Said], kind: str) -> int | None:
    """How many of a type the review counts in all; None where a finding has no count."""
    counts = [finding.count for finding in said if finding.observation_type == kind]
    return None if None in counts else sum(count or 0 for count in counts)


def _count(boxes: Iterable[TaughtBox], kind: str) -> int:
    return sum(box.observation_type == kind for box in boxes)
