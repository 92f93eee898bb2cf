"""What the record behind an alert says now, and who said so."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from species_db.alerts.reconcile import Known, RecordNow
from species_db.alerts.sightings import THREATS
from species_db.repeats.dismissed import is_dismissed
from species_db.tables import Event, FieldRecord, Observation, Taxon
from species_db.vocabulary import ClassificationMethod, FieldState

EVENT = "event"


def record_now(session: Session, known: Known) -> RecordNow:
    """Read the event or field record of an alert."""
    if known.record_kind == EVENT:
        return _event_now(session, known.record_id)
    return _field_record_now(session, known.record_id)


def _event_now(session: Session, event_id: str) -> RecordNow:
    event = session.get(Event, event_id)
    if event is None:
        return RecordNow(exists=False)
    asked = select(Observation).where(Observation.event_id == event_id)
    if event.current_review_id:
        asked = asked.where(Observation.review_id == event.current_review_id)
    else:
        machine = ClassificationMethod.MACHINE.value
        asked = asked.where(Observation.classification_method == machine, ~is_dismissed())
    found = session.exec(asked.order_by(col(Observation.observation_id))).all()
    subjects = {one.taxon_id or one.observation_type for one in found if not one.camera_setup_type}
    who = found[0].classified_by if found and event.current_review_id else ""
    return RecordNow(True, frozenset(subjects), who, _said(session, found))


def _field_record_now(session: Session, record_id: str) -> RecordNow:
    record = session.get(FieldRecord, record_id)
    if record is None:
        return RecordNow(exists=False)
    if record.state != FieldState.IDENTIFIED.value:
        return RecordNow(True, frozenset(), record.identified_by, record.state)
    words = (record.threats or "").split('"')
    subjects = {THREATS[word] for word in words if word in THREATS}
    if record.taxon_id and record.occurrence_status != "absent":
        subjects.add(record.taxon_id)
    taxon = session.get(Taxon, record.taxon_id) if record.taxon_id else None
    said = taxon.scientific_name if taxon else record.state
    return RecordNow(True, frozenset(subjects), record.identified_by or record.observer, said)


def _said(session: Session, found: Iterable[Observation]) -> str:
    names = []
    for one in found:
        taxon = session.get(Taxon, one.taxon_id) if one.taxon_id else None
        names.append(taxon.scientific_name if taxon else one.observation_type)
    return ", ".join(dict.fromkeys(names))
