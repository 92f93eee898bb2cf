"""Close the reading of a card: its media become events, and its receipt goes into the log."""

import json
from datetime import UTC, datetime

from ingest.receipt import Receipt, build_receipt, save_receipt
from species_db.decisions import Detail, last_details, record_decision
from species_db.events import assign_events
from species_db.survey import Survey
from species_db.tables import CardImport
from species_db.vocabulary import Act, ImportState


def close_card(survey: Survey, card: CardImport, *, person: str, is_changed: bool) -> Receipt:
    """Group the new media into events, work the receipt out, and log what it says."""
    if is_changed or card.state != ImportState.COMPLETE.value:
        with survey.writing() as session:
            stored = session.get_one(CardImport, card.card_import_id)
            stored.state = ImportState.COMPLETE.value
            stored.completed_at = datetime.now(UTC)
            session.flush()
            assign_events(session, card.deployment_id, gap=survey.settings.sequence_gap)
    with survey.reading() as session:
        stored = session.get_one(CardImport, card.card_import_id)
        receipt = build_receipt(session, survey, stored)
        logged = last_details(session, Act.CARD_IMPORTED, subject=card.card_import_id)
    details: dict[str, Detail] = {
        "deployment_id": card.deployment_id,
        "files": receipt.files,
        "stored": receipt.stored,
        "content_sha256": receipt.content_sha256,
        "safe_to_wipe": receipt.safe_to_wipe,
    }
    if logged is None or json.loads(logged) != details:
        with survey.writing() as session:
            record_decision(
                session,
                Act.CARD_IMPORTED,
                subject=card.card_import_id,
                person=person,
                details=details,
            )
    save_receipt(receipt, survey.folder / "receipts")
    return receipt
