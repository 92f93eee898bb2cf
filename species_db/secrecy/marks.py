"""Secrecy classes: secret, internal or shareable, of the survey, its places and its records.

A record has the strictest class of the survey, its plot, its station and itself. A survey that
nobody marked is internal, so nothing is shared by forgetting. Secret never leaves, not even with an
exact release (VISION N6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlmodel import Session, SQLModel, col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import did_you_mean, tr
from species_db.survey import Survey
from species_db.tables import CameraStation, Event, FieldRecord, Plot, SecrecyMark
from species_db.vocabulary import Act, Secrecy

THE_SURVEY = "survey"  # the one subject of its kind
_STRICTNESS = {Secrecy.SHAREABLE: 0, Secrecy.INTERNAL: 1, Secrecy.SECRET: 2}


class SubjectKind(StrEnum):
    """What a secrecy mark may stand on."""

    SURVEY = "survey"
    PLOT = "plot"
    STATION = "station"
    EVENT = "event"
    FIELD_RECORD = "field_record"


_TABLES: Mapping[SubjectKind, type[SQLModel]] = {
    SubjectKind.PLOT: Plot,
    SubjectKind.STATION: CameraStation,
    SubjectKind.EVENT: Event,
    SubjectKind.FIELD_RECORD: FieldRecord,
}


class SecrecyError(Exception):
    """A secrecy mark on nothing, or without a person or a reason."""


def strictest(*classes: Secrecy) -> Secrecy:
    """Give the class that lets least out.

    >>> strictest(Secrecy.SHAREABLE, Secrecy.SECRET, Secrecy.INTERNAL).value
    'secret'
    """
    return max(classes, key=_STRICTNESS.__getitem__)


def may_reach(secrecy: Secrecy, audience: Secrecy) -> bool:
    """Tell whether a record of this class may stand in an export for this audience.

    >>> may_reach(Secrecy.INTERNAL, Secrecy.SHAREABLE), may_reach(Secrecy.SECRET, Secrecy.SECRET)
    (False, False)
    """
    return secrecy != Secrecy.SECRET and _STRICTNESS[secrecy] <= _STRICTNESS[audience]


@dataclass(frozen=True)
class SecrecyIndex:
    """The marks in force, by kind and id of their subject."""

    marks: Mapping[tuple[str, str], Secrecy]

    @property
    def survey(self) -> Secrecy:
        """The class of the survey; internal when nobody marked it."""
        return self.marks.get((SubjectKind.SURVEY, THE_SURVEY), Secrecy.INTERNAL)

    def of_place(self, location_id: str | None, plot_id: str | None) -> Secrecy:
        """The class of a station on a plot, or of a plot alone."""
        return strictest(self.survey, self._of("plot", plot_id), self._of("station", location_id))

    def of_event(self, event_id: str, *, location_id: str | None, plot_id: str | None) -> Secrecy:
        """The class of a record of a camera."""
        return strictest(self.of_place(location_id, plot_id), self._of("event", event_id))

    def closed_events(self, audience: Secrecy) -> frozenset[str]:
        """The events whose own mark keeps them from an audience, whatever their place's is."""
        return frozenset(
            own_id
            for (kind, own_id), secrecy in self.marks.items()
            if kind == SubjectKind.EVENT and not may_reach(secrecy, audience)
        )

    def of_field_record(self, field_record_id: str, *, plot_id: str | None) -> Secrecy:
        """The class of a record made in person."""
        own = self._of("field_record", field_record_id)
        return strictest(self.of_place(None, plot_id), own)

    def _of(self, kind: str, subject_id: str | None) -> Secrecy:
        return self.marks.get((kind, subject_id or ""), Secrecy.SHAREABLE)


def read_secrecy(session: Session) -> SecrecyIndex:
    """Read the marks in force: the newest of each subject."""
    return SecrecyIndex(
        {
            (mark.subject_kind, mark.subject_id): Secrecy(mark.secrecy)
            for mark in read_marks(session)
        }
    )


def read_marks(session: Session) -> list[SecrecyMark]:
    """Every mark ever made, oldest first."""
    return list(session.exec(select(SecrecyMark).order_by(col(SecrecyMark.mark_id))))


def mark_secrecy(
    survey: Survey,
    kind: SubjectKind,
    subject_id: str,
    secrecy: Secrecy,
    *,
    person: str,
    reason: str,
) -> SecrecyMark:
    """Mark the survey, a place or a record; the mark before it stays in the survey's history.

    Raises:
        SecrecyError: there is no such subject, or the person or the reason is empty.
    """
    subject = THE_SURVEY if kind == SubjectKind.SURVEY else subject_id.strip()
    if not person.strip() or not reason.strip():
        raise SecrecyError(
            tr(
                "A secrecy mark needs a person and a reason. Say who marks and why.",
                "设置密级必须写明操作人和理由。请补充。",
            )
        )
    with survey.writing() as session:
        _refuse_unknown(session, kind, subject)
        mark = SecrecyMark(
            mark_id=act_id(),
            subject_kind=kind.value,
            subject_id=subject,
            secrecy=secrecy.value,
            reason=reason.strip(),
            person=person.strip(),
            entered_at=datetime.now(UTC),
        )
        session.add(mark)
        record_decision(
            session,
            Act.SECRECY_SET,
            subject=f"{kind.value}:{subject}",
            person=person.strip(),
            details={"secrecy": secrecy.value, "reason": reason.strip(), "mark_id": mark.mark_id},
        )
    return mark


def _refuse_unknown(session: Session, kind: SubjectKind, subject_id: str) -> None:
    table = _TABLES.get(kind)
    if table is None or session.get(table, subject_id) is not None:
        return
    hint = ""
    if kind == SubjectKind.PLOT:
        hint = did_you_mean(subject_id, session.exec(select(Plot.plot_id)).all())
    elif kind == SubjectKind.STATION:
        hint = did_you_mean(subject_id, session.exec(select(CameraStation.location_id)).all())
    raise SecrecyError(
        tr(
            f"No {kind.value} '{subject_id}' to mark. Give its id with --id, as the pages and "
            f"sheets show it.{hint}",
            f"没有 {kind.value}“{subject_id}”可标密级。请用 --id 填写页面或登记表中的编号。{hint}",
        )
    )
