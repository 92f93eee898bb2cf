"""Which event a reviewer sees next: what matters most first, and the doubtful before the sure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, tuple_
from sqlmodel import Session, col, select

from species_db.expert import PRESSING as PRESSING_REASONS
from species_db.expert import open_reasons
from species_db.review.machine_call import calls_of
from species_db.tables import AuditItem, Event
from species_db.vocabulary import ObservationType


@dataclass(frozen=True)
class QueueSettings:
    """Thresholds of the review order."""

    # Under this score a detector is wrong often enough that a look at it changes the record.
    doubtful_below: float = 0.6


@dataclass(frozen=True)
class EventKey:
    """An event's place in the queue, so that the next is found without counting from the start."""

    priority: int
    event_start: datetime | None
    event_id: str


@dataclass(frozen=True)
class Progress:
    """How many events of the survey a person has decided on."""

    reviewed: int
    total: int

    @property
    def share(self) -> float:
        """Reviewed events of all, 0 to 1; nothing to review counts as done."""
        return self.reviewed / self.total if self.total else 1.0


DEFAULT_SETTINGS = QueueSettings()
LAST = 9  # what the table gives an event before any model has looked at it
PRIORITY = {
    ObservationType.ANIMAL: (1, 2),
    ObservationType.UNKNOWN: (3, 3),  # may be an animal
    ObservationType.HUMAN: (4, 4),  # disturbance: matters, but no species record waits for it
    ObservationType.VEHICLE: (5, 5),
    ObservationType.BLANK: (7, 8),
}
# Among the doubtful animals: before common ones, so that a sample is soon whole, and mixed with
# other events, so that nobody looks at it with other eyes (VISION N4).
AUDIT_SAMPLE = 1
PRESSING = 0  # out of range or of class I: an expert must not have to wait (VISION N3)
LEFT_TO_PEOPLE = 6  # the rest looks blank, but a film or a damaged photo may hold an animal


def priority_of(
    machine_type: str,
    probability: float | None,
    *,
    needs_person: bool = False,
    is_audit: bool = False,
    questions: Collection[str] = (),
    settings: QueueSettings = DEFAULT_SETTINGS,
) -> int:
    """Place an event in the review order from what the machine says of it; small comes first.

    Species records are what a survey is for, so animals lead; among them the doubtful, where a
    person changes most. Blanks, seven events in ten, come after all else, doubtful ones first,
    because that is where a missed animal hides (VISION N4); those drawn for an audit (`is_audit`)
    come early. Before the other blanks come events with a film or a damaged photo that only a
    person can judge (`needs_person`). What no model has seen comes last: detection will give it
    its place. Before all else come answers that an expert is asked about (`questions`, by their
    reason); a name that could hide a class I species counts as doubtful.

    >>> priority_of("animal", 0.4), priority_of("animal", 0.9), priority_of("blank", 0.99)
    (1, 2, 8)
    >>> priority_of("blank", 0.99, is_audit=True)
    1
    >>> priority_of("animal", 0.9, questions=["class_one"])
    0
    """
    if not PRESSING_REASONS.isdisjoint(questions):
        return PRESSING
    if is_audit:
        return AUDIT_SAMPLE
    if needs_person:
        return LEFT_TO_PEOPLE
    doubtful, sure = PRIORITY.get(ObservationType(machine_type), (LAST, LAST))
    is_doubtful = probability is None or probability < settings.doubtful_below or bool(questions)
    return doubtful if is_doubtful else sure


def summarise_event(
    session: Session, event_id: str, *, settings: QueueSettings = DEFAULT_SETTINGS
) -> None:
    """Write on the event what the machine says of it, and its place in the queue.

    To be called in the transaction that stores the machine's answers, so that no screen shows
    one without the other.
    """
    summarise_events(session, [event_id], settings=settings)


def summarise_events(
    session: Session, event_ids: Collection[str], *, settings: QueueSettings = DEFAULT_SETTINGS
) -> None:
    """Write it on many events at once, as after each batch of a detection run."""
    calls = calls_of(session, event_ids)
    drawn = in_audit(session, event_ids)
    asked = open_reasons(session, event_ids)
    for event in session.exec(select(Event).where(col(Event.event_id).in_(event_ids))):
        call = calls[event.event_id]
        event.machine_type = call.observation_type
        event.machine_probability = call.probability
        event.priority = priority_of(
            call.observation_type,
            call.probability,
            needs_person=call.needs_person,
            is_audit=event.event_id in drawn,
            questions=asked.get(event.event_id, ()),
            settings=settings,
        )
        session.add(event)


def in_audit(session: Session, event_ids: Collection[str]) -> set[str]:
    """Which events were drawn for a sample of what models may have missed."""
    drawn = select(AuditItem.event_id).where(col(AuditItem.event_id).in_(event_ids))
    return set(session.exec(drawn))


def next_event(
    session: Session, *, after: EventKey | None = None, skip: Collection[str] = ()
) -> EventKey | None:
    """Find the event to review after this one; None when there is none left.

    After the last comes the first again, so that an event passed over is seen once more.
    """
    found = _step(session, after, skip, forward=True)
    if found is None and after is not None:
        found = _step(session, None, skip, forward=True)
    return found


def previous_event(
    session: Session, *, before: EventKey, skip: Collection[str] = ()
) -> EventKey | None:
    """Find the event still to review that stands before this one in the queue."""
    return _step(session, before, skip, forward=False)


def present_events(session: Session, event_ids: Collection[str]) -> set[str]:
    """Tell which of these events are still there: an import may have regrouped the others."""
    return set(session.exec(select(Event.event_id).where(col(Event.event_id).in_(event_ids))))


def progress(session: Session) -> Progress:
    """Count the events decided on and the events there are."""
    counts = dict(
        session.exec(select(Event.is_reviewed, func.count()).group_by(col(Event.is_reviewed))).all()
    )
    return Progress(reviewed=counts.get(True, 0), total=sum(counts.values()))


def _step(
    session: Session, start: EventKey | None, skip: Collection[str], *, forward: bool
) -> EventKey | None:
    """Go through the queue in stretches that the index gives in order.

    Within a priority the undated stand behind the dated. Databases differ on where a NULL
    sorts, so dated and undated are asked for apart.
    """
    priority = start.priority if start else None
    if start is not None:
        found = _in_priority(session, start.priority, start, skip, forward=forward)
        if found is not None:
            return found
    while (priority := _priority_beyond(session, priority, forward=forward)) is not None:
        found = _in_priority(session, priority, None, skip, forward=forward)
        if found is not None:
            return found
    return None


def _in_priority(
    session: Session,
    priority: int,
    start: EventKey | None,
    skip: Collection[str],
    *,
    forward: bool,
) -> EventKey | None:
    event_start, event_id = col(Event.event_start), col(Event.event_id)
    stretches: list[tuple[bool, ColumnElement[bool] | None]] = [(True, None), (False, None)]
    if start is not None:
        dated = start.event_start is not None
        place: ColumnElement[bool]
        if dated:
            here, there = tuple_(event_start, event_id), (start.event_start, start.event_id)
            place = here > there if forward else here < there
        else:
            place = event_id > start.event_id if forward else event_id < start.event_id
        stretches = [(dated, place)]
        if dated == forward:  # the other stretch lies ahead, whole
            stretches.append((not dated, None))
    elif not forward:
        stretches.reverse()
    for dated, place_wanted in stretches:
        query = select(Event.priority, Event.event_start, Event.event_id).where(
            col(Event.is_reviewed) == false(),
            Event.priority == priority,
            event_start.is_not(None) if dated else event_start.is_(None),
        )
        if place_wanted is not None:
            query = query.where(place_wanted)
        if skip:
            query = query.where(event_id.not_in(skip))
        order = (event_start, event_id) if dated else (event_id,)
        query = query.order_by(*(c if forward else c.desc() for c in order))
        row = session.exec(query.limit(1)).first()
        if row is not None:
            return EventKey(*row)
    return None


def _priority_beyond(session: Session, priority: int | None, *, forward: bool) -> int | None:
    column = col(Event.priority)
    query = select(func.min(column) if forward else func.max(column)).where(
        col(Event.is_reviewed) == false()
    )
    if priority is not None:
        query = query.where(column > priority if forward else column < priority)
    return session.exec(query).one()
