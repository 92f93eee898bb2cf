"""Close the reading of a card: its media become events, and its receipt goes into the log."""

import hashlib
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from ingest.card_account import account_for
from ingest.receipt import Receipt, save_receipt
from ingest.receipt_page import receipt_page
from species_db.clock import follow_clock
from species_db.decisions import FIRST_HASH, Detail, record_decision
from species_db.keys import survey_key
from species_db.sealed_list import tell_rows, without_seals
from species_db.survey import Survey
from species_db.tables import CardImport, Decision, Media
from species_db.vocabulary import Act, ImportState


def close_card(survey: Survey, card: CardImport, *, person: str, is_changed: bool) -> Receipt:
    """Group the new media into events, work the receipt out, sign it, and log what it says.

    The receipt's files are written after the log entry is committed. Killed in between, the same
    import run again works the same receipt out, to the letter, and writes it.
    """
    if is_changed or card.state != ImportState.COMPLETE.value or _has_loose_media(survey, card):
        with survey.writing() as session:
            stored = session.get_one(CardImport, card.card_import_id)
            stored.state = ImportState.COMPLETE.value
            stored.completed_at = datetime.now(UTC)
            session.flush()
            follow_clock(session, card.deployment_id, gap=survey.settings.sequence_gap)
    with survey.reading() as session:
        stored = session.get_one(CardImport, card.card_import_id)
        account = account_for(session, survey, stored)
    receipt, page = _issue(survey, account.receipt, person=person)
    save_receipt(receipt, survey.folder / "receipts", page=page, file_list=account.file_list)
    return receipt


def _has_loose_media(survey: Survey, card: CardImport) -> bool:
    """Tell whether an earlier run brought media and was killed before they came into events."""
    loose = select(Media.media_id).where(
        Media.card_import_id == card.card_import_id, col(Media.event_id).is_(None)
    )
    with survey.reading() as session:
        return session.exec(loose.limit(1)).first() is not None


def _issue(survey: Survey, draft: Receipt, *, person: str) -> tuple[Receipt, str]:
    """Sign the receipt and log it; the one that the log already tells is given again."""
    with survey.writing() as session:
        key = survey_key(survey, session, person=person)
        logged = _last_entry(session, subject=draft.card_import_id)
        if logged is not None:
            again = draft.signed(
                key, log_sequence=logged.sequence, previous_log_hash=logged.previous_hash
            )
            page = receipt_page(again)
            if without_seals(logged.details) == _details(again, page):
                return again, page
        head = _last_entry(session)
        receipt = draft.signed(
            key,
            log_sequence=head.sequence + 1 if head else 1,
            previous_log_hash=head.hash if head else FIRST_HASH,
        )
        page = receipt_page(receipt)
        tell_rows(session, [session.get_one(CardImport, receipt.card_import_id)])
        record_decision(
            session,
            Act.CARD_IMPORTED,
            subject=receipt.card_import_id,
            person=person,
            details=_details(receipt, page),
        )
    return receipt, page


def _details(receipt: Receipt, page: str) -> dict[str, Detail]:
    """What the log says of a receipt: enough to notice any change to it or to the card's rows."""
    return {
        "deployment_id": receipt.deployment_id,
        "files": receipt.files,
        "stored": receipt.stored,
        "content_sha256": receipt.content_sha256,
        "merkle_root": receipt.merkle_root,
        "seals_root": receipt.seals_root,
        "receipt_sha256": hashlib.sha256(receipt.as_json().encode()).hexdigest(),
        "page_sha256": hashlib.sha256(page.encode()).hexdigest(),
        "safe_to_wipe": receipt.safe_to_wipe,
    }


def _last_entry(session: Session, *, subject: str | None = None) -> Decision | None:
    statement = select(Decision).order_by(col(Decision.sequence).desc()).limit(1)
    if subject is not None:
        statement = statement.where(
            Decision.act == Act.CARD_IMPORTED.value, Decision.subject == subject
        )
    return session.exec(statement).first()
