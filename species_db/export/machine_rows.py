"""What a model says, as an export tells it: the newest answers, summed up where nobody reviewed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlmodel import Session, col, select

from species_db.export.media_facts import is_told
from species_db.repeats.dismissed import is_dismissed, without_dismissed
from species_db.sensitivity import Gate
from species_db.tables import Event, Media, Observation
from species_db.vocabulary import ClassificationMethod, ObservationLevel, ObservationType

_COUNTED = {ObservationType.ANIMAL, ObservationType.HUMAN, ObservationType.VEHICLE}
_NOBODY = {ObservationType.BLANK, ObservationType.UNCLASSIFIED}


def newest_answers(
    session: Session, *, include_machine: bool, media_ids: Collection[str]
) -> list[Observation]:
    """Keep, for each media, the answers of the model that looked last (DOMAIN.md 7).

    Boxes that a person called false alarms do not leave; a file with no other leaves as blank.
    """
    rows = session.exec(
        select(Observation)
        .join(Media, col(Media.media_id) == col(Observation.media_id))
        .join(Event, col(Event.event_id) == col(Media.event_id), isouter=True)
        .where(
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
            col(Observation.observation_level) == ObservationLevel.MEDIA.value,
            is_told(include_machine),
        )
        .order_by(col(Observation.classification_timestamp), col(Observation.observation_id))
    )
    answers: dict[str, list[Observation]] = {}
    for row in rows:
        if row.media_id is None or row.media_id not in media_ids:
            continue
        known = answers.setdefault(row.media_id, [])
        if known and _model(known[-1]) != _model(row):
            known.clear()
        known.append(row)
    dismissed = frozenset(session.exec(select(Observation.observation_id).where(is_dismissed())))
    return [
        row
        for rows_of_media in answers.values()
        for row in without_dismissed(rows_of_media, dismissed)
    ]


def machine_statements(
    events: Mapping[str, Event], answers: Mapping[str, Sequence[Observation]], *, gate: Gate
) -> Iterator[Observation]:
    """Sum up what the model says of events that nobody reviewed: one row per label.

    A frame without an animal says nothing when another frame of the event shows one, and an event
    is blank only when every file was looked at, as on the review screen. An event with a review in
    force is told by that review, even when pictures joined it since: nothing is told twice.
    """
    for event_id, rows in answers.items():
        event = events.get(event_id)
        if event is None or event.current_review_id is not None:
            continue
        labels: dict[tuple[str, str], list[Observation]] = defaultdict(list)
        for row in rows:
            labels[row.observation_type, row.taxon_id or ""].append(row)
        seen = {label for label in labels if label[0] not in _NOBODY}
        if seen:
            for label in sorted(seen):
                best = max(labels[label], key=_score)
                yield _event_row(event, best, gate, count=_most_in_one_frame(labels[label]))
        elif len({row.media_id for row in rows}) >= event.media_count:
            yield _event_row(event, min(rows, key=_score), gate, count=None)


def _event_row(event: Event, answer: Observation, gate: Gate, *, count: int | None) -> Observation:
    kind = answer.observation_type
    return Observation(
        observation_id=gate.pseudonym("machine event", event.event_id, kind, answer.taxon_id or ""),
        deployment_id=event.deployment_id,
        event_id=event.event_id,
        observation_level=ObservationLevel.EVENT.value,
        observation_type=kind,
        taxon_id=answer.taxon_id,
        count=count if kind in _COUNTED else None,
        classification_method=ClassificationMethod.MACHINE.value,
        classified_by=answer.classified_by,
        classification_timestamp=answer.classification_timestamp,
        classification_probability=answer.classification_probability,
    )


def _most_in_one_frame(boxes: Iterable[Observation]) -> int:
    """MaxN, never the sum: the same animal stands in many frames (DOMAIN.md 1)."""
    return max(Counter(box.media_id for box in boxes).values())


def _score(observation: Observation) -> tuple[float, str]:
    return observation.classification_probability or 0.0, observation.observation_id


def _model(observation: Observation) -> str:
    return observation.model_version_id or observation.classified_by
