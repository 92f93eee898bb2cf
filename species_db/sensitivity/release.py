"""The one way to exact places: a named person's word, with the reason, in the log."""

from dataclasses import dataclass

from sqlmodel import Session

from species_db.decisions import record_decision
from species_db.language import tr
from species_db.vocabulary import Act


class ReleaseError(Exception):
    """Exact places were asked for without saying who answers for it, or why."""


@dataclass(frozen=True)
class ExactRelease:
    """A named person's word that exact places may leave, and the reason; the only way to them.

    >>> ExactRelease("Drolma", "county fire brigade, letter 12").person
    'Drolma'

    Raises:
        ReleaseError: the person or the reason is empty.
    """

    person: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse a release that nobody could be asked about later."""
        if not self.person.strip() or not self.reason.strip():
            raise ReleaseError(
                tr(
                    "Exact places leave only with a person and a reason. Say why and for whom, "
                    "or leave exact places out.",
                    "精确位置只有在写明负责人和理由后才能导出。请写明用途和接收方,或不导出精确位置。",
                )
            )


def record_release(session: Session, exact: ExactRelease, *, subject: str) -> None:
    """Write into the log that exact places leave; in the transaction of the export itself."""
    record_decision(
        session,
        Act.EXACT_RELEASED,
        subject=subject,
        person=exact.person.strip(),
        details={"reason": exact.reason.strip()},
    )
