"""An interrupted import onto whose card new files were written: what it had done is carried on.

The card has another fingerprint then, so it is another import. No receipt existed for the old one.
"""

from sqlmodel import Session, col, select

from ingest import originals
from ingest.card import CardListing
from ingest.import_lock import ImportBusyError, import_lock
from ingest.journal import storing
from ingest.take_file import part_owner
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Media, Problem
from species_db.vocabulary import FileOutcome, ImportState

ROWS_A_PAGE = 500


def adopt_unfinished(survey: Survey, listing: CardListing, card: CardImport) -> None:
    """Take over the journal and media of every unfinished import whose files all lie on this card.

    Files are compared by path and size; the import then looks at each of them as at any other.
    An import that runs in another process is left alone.

    Raises:
        StorageError: the database cannot be written.
    """
    with survey.reading() as session:
        candidates = session.exec(
            select(CardImport.card_import_id).where(
                CardImport.deployment_id == card.deployment_id,
                CardImport.state == ImportState.RUNNING.value,
                CardImport.custody == card.custody,
                CardImport.card_import_id != card.card_import_id,
            )
        ).all()
    if not candidates:
        return
    sizes = {entry.card_path: entry.bytes for entry in listing.entries if not entry.is_litter}
    for old_id in candidates:
        try:
            with import_lock(survey, old_id):
                _adopt(survey, old_id, card, sizes)
        except ImportBusyError:
            continue


def _adopt(survey: Survey, old_id: str, card: CardImport, sizes: dict[str, int]) -> None:
    with storing(survey) as session:
        old = session.get(CardImport, old_id)
        if old is None or not _lies_on(session, old, card, sizes):
            return
        for table in (Problem, CardFile):
            _hand_on(session, table, old_id, card.card_import_id)
        media = select(Media).where(Media.card_import_id == old_id).limit(ROWS_A_PAGE)
        while page := session.exec(media).all():
            for row in page:
                row.card_import_id = card.card_import_id
            session.flush()
            session.expunge_all()
        session.delete(session.get_one(CardImport, old_id))
        originals.sweep_parts(survey.folder / "media" / card.deployment_id, part_owner(old))


def _lies_on(session: Session, old: CardImport, card: CardImport, sizes: dict[str, int]) -> bool:
    """Tell whether all files that were read are on this card; of none, the label must agree."""
    rows = session.exec(
        select(CardFile.card_path, CardFile.bytes).where(
            CardFile.card_import_id == old.card_import_id,
            CardFile.outcome != FileOutcome.IGNORED.value,
        )
    ).all()
    if not rows:
        return old.card_path == card.card_path
    return all(sizes.get(path) == size for path, size in rows)


def _hand_on(
    session: Session, table: type[CardFile] | type[Problem], old_id: str, new_id: str
) -> None:
    """Give the rows of one import to another; their key changes, so each is written anew."""
    page_of = select(table).where(col(table.card_import_id) == old_id).limit(ROWS_A_PAGE)
    while page := session.exec(page_of).all():
        for row in page:
            session.merge(table(**row.model_dump() | {"card_import_id": new_id, "seal": ""}))
            session.delete(row)
        session.flush()
        session.expunge_all()
