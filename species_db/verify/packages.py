"""Packages of others: the roots that the log tells of their rows, and what is not held here."""

import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from species_db.stored import UNREADABLE
from species_db.tables import Decision
from species_db.verify.finding import Note
from species_db.verify.receipts import CardEntry
from species_db.vocabulary import Act
from species_db.whereabouts import count_not_held


def package_cards(session: Session) -> dict[str, CardEntry]:
    """What the log tells of the rows that each package made, as of a card without a receipt.

    A corrected offset in the field sheet renews the seals of a deployment's media; the entry that
    tells of the correction tells the new roots (species_db/card_roots.py).
    """
    told: dict[str, CardEntry] = {}
    acts = [Act.PACKAGE_IMPORTED.value, Act.DEPLOYMENTS_IMPORTED.value]
    for act, sequence, previous_hash, details in session.exec(
        select(Decision.act, Decision.sequence, Decision.previous_hash, Decision.details)
        .where(col(Decision.act).in_(acts))
        .order_by(col(Decision.sequence))
    ):
        try:
            said: dict[str, Any] = dict(json.loads(details))
            lines = [str(one).split(" ") for one in said.get("card_roots", ())]
            resealed = dict(str(one).split(" ", 1) for one in said.get("card_seals", ()))
        except UNREADABLE:
            continue  # an altered entry; the log's own check names it
        if act == Act.PACKAGE_IMPORTED.value:
            for card, files, seals in lines:
                told[card] = CardEntry(
                    card, sequence, previous_hash, None, None, files, seals, None, seals
                )
        for card, seals in resealed.items():
            if card in told:
                told[card] = CardEntry(**{**vars(told[card]), "seals_root": seals})
    return told


def note_of_packages(session: Session) -> Iterator[Note]:
    """Say how many media are known by packages alone: nothing of their files can be checked."""
    if count := count_not_held(session):
        yield Note(
            f"{count} media came in packages of others: their files are not held here, so that "
            "only what was said of them could be checked.",
            f"{count} 个媒体文件来自他人的数据包：文件不在此处，仅核验了对它们的记载。",
        )
