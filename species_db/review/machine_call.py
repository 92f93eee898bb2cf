"""What the machine says of an event, drawn together from its answers on each file."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from species_db.repeats.dismissed import dismissed_in_event, without_dismissed
from species_db.review.event_media import cannot_answer
from species_db.tables import Media, Observation
from species_db.vocabulary import ClassificationMethod, ObservationType

# Presence decides, not the score: one deer walking through sixty blank frames is a deer event.
STRENGTH = (
    ObservationType.ANIMAL,
    ObservationType.HUMAN,
    ObservationType.VEHICLE,
    ObservationType.UNKNOWN,
)


@dataclass(frozen=True)
class MachineCall:
    """The machine's word on a whole event."""

    observation_type: str
    probability: float | None = None
    taxon_id: str | None = None
    classified_by: str = ""
    prediction_source: str = ""  # of a name: how the model came to it; empty for a plain box
    needs_person: bool = False  # models have done what they can; some files are left to people


UNSEEN = MachineCall(ObservationType.UNCLASSIFIED.value)
LEFT_TO_PEOPLE = MachineCall(ObservationType.UNCLASSIFIED.value, needs_person=True)


def call_of(session: Session, event_id: str) -> MachineCall:
    """Say what the machine thinks of an event, from what it answered on the event's files."""
    return calls_of(session, [event_id])[event_id]


def calls_of(session: Session, event_ids: Collection[str]) -> dict[str, MachineCall]:
    """Say it of many events at once: a detection run asks after each batch."""
    answers = newest_answers_of(session, event_ids)
    left = cannot_answer(session, *event_ids)
    return {event_id: call_event(answers[event_id], left) for event_id in event_ids}


def newest_answers(
    session: Session, event_id: str, *, with_dismissed: bool = False
) -> dict[str, list[Observation]]:
    """Give each file of an event the answers of the model that looked at it last.

    Files without an answer are there with an empty list. The newest model is chosen file by
    file, so that a new model stopped half-way does not silence the old one on the other half.
    Boxes that a person called false alarms are left out unless asked for; a file with no other
    box then reads as blank (see species_db/repeats/dismissed.py).
    """
    return newest_answers_of(session, [event_id], with_dismissed=with_dismissed)[event_id]


def newest_answers_of(
    session: Session, event_ids: Collection[str], *, with_dismissed: bool = False
) -> dict[str, dict[str, list[Observation]]]:
    """Give the newest answers for many events: by event, and in it by file."""
    by_media: dict[str, list[Observation]] = {}
    events: dict[str, dict[str, list[Observation]]] = {event_id: {} for event_id in event_ids}
    files = session.exec(
        select(Media.event_id, Media.media_id)
        .where(col(Media.event_id).in_(event_ids))
        .order_by(col(Media.timestamp), col(Media.file_name))
    )
    for event_id, media_id in files:
        events[str(event_id)][media_id] = by_media[media_id] = []
    found = session.exec(
        select(Observation)
        .join(Media, col(Media.media_id) == col(Observation.media_id))
        .where(
            col(Media.event_id).in_(event_ids),
            Observation.classification_method == ClassificationMethod.MACHINE.value,
        )
    )
    for observation in found:
        by_media[str(observation.media_id)].append(observation)
    dismissed = frozenset[str]() if with_dismissed else dismissed_in_event(session, *event_ids)
    return {
        event_id: {
            media_id: without_dismissed(_of_newest_model(given), dismissed)
            for media_id, given in files_of_event.items()
        }
        for event_id, files_of_event in events.items()
    }


def call_event(
    answers: Mapping[str, Sequence[Observation]], unanswerable: Collection[str] = ()
) -> MachineCall:
    """Say what the machine thinks of an event: the strongest answer present on any file.

    Blank needs every file to have been looked at, and is as sure as its least sure file: one
    animal in a frame nobody looked at would be lost with it. Where the files without an answer
    are `unanswerable` (films, damaged photos), no model can say more: a person has to look. Of
    animals one with a name goes first: the score of a box and that of a name do not compare.
    """
    everything = [observation for given in answers.values() for observation in given]
    for observation_type in STRENGTH:
        given = [o for o in everything if o.observation_type == observation_type.value]
        if given:
            best = max(given, key=lambda o: (o.taxon_id is not None, _score(o)))
            return MachineCall(
                observation_type.value,
                best.classification_probability,
                best.taxon_id,
                best.classified_by,
                best.prediction_source or "",
            )
    silent = {media_id for media_id, given in answers.items() if not given}
    if silent:
        return LEFT_TO_PEOPLE if silent <= set(unanswerable) else UNSEEN
    if not everything:
        return UNSEEN
    worst = min(everything, key=_score)
    return MachineCall(
        ObservationType.BLANK.value,
        worst.classification_probability,
        classified_by=worst.classified_by,
    )


def most_in_one_frame(answers: Mapping[str, Sequence[Observation]], observation_type: str) -> int:
    """Propose a count: the largest number of boxes of one type in one frame, at least one.

    MaxN, never the sum: the same animal stands in many frames (DOMAIN 1), of a burst or a film.
    """
    return max(
        1,
        max(
            (_boxes_of(observation_type, given) for given in answers.values()),
            default=1,
        ),
    )


def _boxes_of(observation_type: str, given: Iterable[Observation]) -> int:
    """The most boxes in one frame of a file: a photo has one frame, a film several."""
    frames = Counter(
        o.frame_s for o in given if o.bbox_x is not None and o.observation_type == observation_type
    )
    return max(frames.values(), default=0)


def _of_newest_model(given: list[Observation]) -> list[Observation]:
    if not given:
        return []
    newest = max(given, key=lambda o: (o.classification_timestamp, o.observation_id))
    return [o for o in given if _model(o) == _model(newest)]


def _model(observation: Observation) -> str:
    return observation.model_version_id or observation.classified_by


def _score(observation: Observation) -> float:
    return observation.classification_probability or 0.0
