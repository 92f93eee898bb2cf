"""Store a field record that a person wrote, and keep in the log what stood there before."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime

from species_db import identity
from species_db.decisions import Detail, record_decision
from species_db.field.identify import logged_finding, need_person, open_record
from species_db.field.records.draft import RecordDraft
from species_db.survey import Survey
from species_db.tables import FieldRecord, Taxon
from species_db.vocabulary import Act, FieldState

STORED = tuple(one.name for one in fields(RecordDraft) if one.name != "record_code")


def record_field(
    survey: Survey,
    draft: RecordDraft,
    *,
    person: str,
    field_record_id: str | None = None,
    expected_review_id: str | None = None,
) -> str:
    """Store a field record, or correct one; return its id. What it said before stays in the log.

    `expected_review_id` is the act in force that the screen showed of the record to correct.

    Raises:
        FieldRefusal: nobody's name is given.
        FieldConflict: somebody has acted on the record since the screen showed it.
    """
    need_person(person)
    with survey.writing() as session:
        before = None
        if field_record_id is None:
            record = new_record(draft, identity.act_id())
        else:
            record = open_record(session, field_record_id, expected_review_id)
            before = told_of(record)
        decided_at = datetime.now(UTC)
        fill(record, draft, person=person, decided_at=decided_at)
        if told_of(record) == before:
            return record.field_record_id
        taxon = session.get(Taxon, record.taxon_id) if record.taxon_id else None
        details: Mapping[str, Detail] = logged_finding(record) | {
            "scientific_name": taxon.scientific_name if taxon else None,
            "record": told_of(record),
            "record_before": before,
            "previous_review_id": record.review_id,
        }
        decision = record_decision(
            session,
            Act.FIELD_RECORDED,
            subject=record.field_record_id,
            person=person,
            decided_at=decided_at,
            details=details,
        )
        record.review_id = decision.decision_id
        session.add(record)
        session.flush()
        return record.field_record_id


def new_record(draft: RecordDraft, field_record_id: str) -> FieldRecord:
    """An empty row for a draft."""
    return FieldRecord(
        field_record_id=field_record_id,
        protocol=draft.protocol,
        observer=draft.observer,
        state=FieldState.DRAFT.value,
    )


def fill(record: FieldRecord, draft: RecordDraft, *, person: str, decided_at: datetime) -> None:
    """Write a draft into a row. A place that did not change keeps what is known of its source."""
    is_same_place = (record.latitude, record.longitude) == (draft.latitude, draft.longitude)
    source = record.position_source if is_same_place else ""
    for name in STORED:
        setattr(record, name, getattr(draft, name))
    record.position_source = source or draft.position_source
    record.identified_by = draft.identified_by or person
    record.state = FieldState.IDENTIFIED.value
    record.date_identified = decided_at


def told_of(record: FieldRecord) -> str:
    """Everything a record says, as the log holds it: JSON without the empty fields."""
    told = {name: getattr(record, name) for name in (*STORED, "state", "sheet")}
    plain = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
        if value not in (None, "")
    }
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)
