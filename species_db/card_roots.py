"""The root over the seals of a card's rows, as receipts sign it and the log tells it."""

from collections.abc import Iterator

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from species_db.merkle import merkle_root
from species_db.stored import ROWS_A_PAGE
from species_db.tables import CardFile, CardImport, Media


def card_seals(session: Session, deployment_id: str) -> list[str]:
    """Give `card root` of each card of a deployment, for the log when its rows are written anew.

    A corrected offset in the field sheet renews the seals of media; without this the log would
    tell of roots that no longer are.
    """
    cards = select(CardImport.card_import_id).where(CardImport.deployment_id == deployment_id)
    found = sorted(session.exec(cards))
    return [f"{card} {merkle_root(_seals(session, card))}" for card in found]


def card_roots(session: Session, card_import_id: str) -> tuple[str, str]:
    """The roots over the files of a card and over the seals of its rows, in the order of paths."""
    files = session.execute(
        sql_select(
            col(CardFile.card_path),
            col(CardFile.bytes),
            col(CardFile.sha256),
            col(CardFile.outcome),
        )
        .where(col(CardFile.card_import_id) == card_import_id)
        .order_by(col(CardFile.card_path))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    return merkle_root(list(row) for row in files), merkle_root(_seals(session, card_import_id))


def _seals(session: Session, card_import_id: str) -> Iterator[list[str | None]]:
    rows = session.execute(
        sql_select(
            col(CardFile.card_path),
            col(CardFile.seal),
            col(Media.seal).label("media_seal"),
            col(Media.card_import_id).label("owner"),
        )
        .outerjoin_from(CardFile, Media, col(CardFile.media_id) == col(Media.media_id))
        .where(col(CardFile.card_import_id) == card_import_id)
        .order_by(col(CardFile.card_path))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    for path, seal, media_seal, owner in rows:
        yield [path, seal, media_seal if owner == card_import_id else None]
