"""The files of the survey's cards that a results file can speak of."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import and_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from ingest.other_results.facts import OtherFile, ResultsError
from ingest.other_results.matching import CardPlace
from ingest.other_results.reading import plain_path
from species_db.language import did_you_mean, tr
from species_db.tables import CardFile, CardImport, Deployment, Media

ROWS_A_PAGE = 5000


def card_places(
    session: Session, files: Sequence[OtherFile], *, deployment_id: str | None
) -> Iterator[CardPlace]:
    """Give the files whose names occur in the results; of a million others nothing is kept.

    Raises:
        ResultsError: there is no such deployment.
    """
    if deployment_id is not None:
        _refuse_unknown(session, deployment_id)
    wanted = {_name(one.path) for one in files}
    yield from _stored(session, wanted, deployment_id)
    yield from _not_stored(session, wanted, deployment_id)


def _stored(
    session: Session, wanted: Collection[str], deployment_id: str | None
) -> Iterator[CardPlace]:
    query = sql_select(
        col(Media.card_import_id),
        col(Media.card_path),
        col(Media.deployment_id),
        col(Media.media_id),
        col(CardImport.card_path),
        col(Media.file_path),
    ).join(CardImport, col(CardImport.card_import_id) == col(Media.card_import_id))
    if deployment_id is not None:
        query = query.where(col(Media.deployment_id) == deployment_id)
    for row in session.execute(query.execution_options(yield_per=ROWS_A_PAGE)):
        if _name(row[1]) in wanted or _name(row[5]) in wanted:
            yield CardPlace(*row)


def _not_stored(
    session: Session, wanted: Collection[str], deployment_id: str | None
) -> Iterator[CardPlace]:
    """Files of the cards that are no media of their own: broken, or the same bytes again."""
    query = (
        sql_select(
            col(CardFile.card_import_id),
            col(CardFile.card_path),
            col(CardImport.deployment_id),
            col(CardFile.media_id),
            col(CardImport.card_path),
        )
        .join(CardImport, col(CardImport.card_import_id) == col(CardFile.card_import_id))
        .join(
            Media,
            and_(
                col(Media.card_import_id) == col(CardFile.card_import_id),
                col(Media.card_path) == col(CardFile.card_path),
            ),
            isouter=True,
        )
        .where(col(Media.media_id).is_(None))
    )
    if deployment_id is not None:
        query = query.where(col(CardImport.deployment_id) == deployment_id)
    for row in session.execute(query.execution_options(yield_per=ROWS_A_PAGE)):
        if _name(row[1]) in wanted:
            yield CardPlace(*row)


def _name(path: str) -> str:
    plain = plain_path(path).rpartition("/")[2]
    return unicodedata.normalize("NFC", plain).casefold()


def _refuse_unknown(session: Session, deployment_id: str) -> None:
    known = session.exec(select(Deployment.deployment_id)).all()
    if deployment_id not in known:
        raise ResultsError(
            tr(
                f"No deployment {deployment_id} in this survey. Nothing was imported."
                f"{did_you_mean(deployment_id, known)}",
                f"本调查中没有布设 {deployment_id}。未导入任何内容。"
                f"{did_you_mean(deployment_id, known)}",
            )
        )
