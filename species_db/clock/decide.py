"""Decide on clock segments: propose, accept, dismiss, withdraw. Nothing moves without a person."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select
from sqlmodel.sql.expression import SelectOfScalar

from species_db import identity
from species_db.clock.apply import accepted_segments, follow_clock
from species_db.clock.evidence import as_json, length
from species_db.clock.proposal import Proposal
from species_db.clock.refusal import ClockError
from species_db.clock.segments import overlap
from species_db.decisions import record_decision
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import ClockSegment, Deployment
from species_db.vocabulary import Act, ClockState

MINUTE = timedelta(minutes=1)
PROPOSED, ACCEPTED = ClockState.PROPOSED.value, ClockState.ACCEPTED.value
LAPSED = ClockState.LAPSED.value


def propose(session: Session, deployment_id: str, proposals: Iterable[Proposal]) -> int:
    """Keep what the detectors propose for a deployment now; tell how many proposals are new.

    What no longer holds lapses: it is not shown, and its number is never another's. What a person
    has dismissed or withdrawn is not proposed again: a proposal is named after what it says.
    """
    wanted = {}
    for proposal in proposals:
        row = _row(deployment_id, proposal)
        wanted[row.segment_id] = row
    known = {row.segment_id: row for row in session.exec(_of(deployment_id))}
    for segment_id, kept in known.items():
        now = wanted.get(segment_id)
        if kept.state == PROPOSED and now is None:
            kept.state = LAPSED
        elif kept.state in (PROPOSED, LAPSED) and now is not None:
            kept.state = PROPOSED
            kept.evidence, kept.confidence = now.evidence, now.confidence
            kept.uncertainty_seconds = now.uncertainty_seconds
    fresh = [row for segment_id, row in wanted.items() if segment_id not in known]
    session.add_all(fresh)
    session.flush()
    return len(fresh)


def accept(survey: Survey, segment_id: str, *, person: str) -> None:
    """Put a segment in force: corrected times, events and days follow at once.

    One that was dismissed or withdrawn may be accepted after all. Accepting twice changes nothing.

    Raises:
        ClockError: there is no such segment, or another one in force covers some of its files.
    """
    with survey.writing() as session:
        segment = get_segment(session, segment_id)
        if segment.state != ACCEPTED:
            put_in_force(session, survey, segment, person=person)


def dismiss(survey: Survey, segment_id: str, *, person: str) -> None:
    """Say that a proposal is wrong; it is kept, and not made again.

    Raises:
        ClockError: there is no such segment, or it is in force: withdraw it instead.
    """
    with survey.writing() as session:
        segment = get_segment(session, segment_id)
        if segment.state == ACCEPTED:
            raise ClockError(
                tr(
                    f"Correction {_told(segment)} is in force. Withdraw it instead.",
                    f"校正 {_told(segment)} 已生效,请改用撤回。",
                )
            )
        if segment.state == PROPOSED:
            _decide(session, segment, ClockState.DISMISSED, Act.CLOCK_DISMISSED, person)


def withdraw(survey: Survey, segment_id: str, *, person: str) -> None:
    """Take a segment out of force: times, events and days are as if it had never been accepted.

    Raises:
        ClockError: there is no such segment, or it is not in force.
    """
    with survey.writing() as session:
        segment = get_segment(session, segment_id)
        if segment.state == ClockState.WITHDRAWN.value:
            return
        if segment.state != ACCEPTED:
            raise ClockError(
                tr(
                    f"Correction {_told(segment)} is not in force; there is nothing to withdraw.",
                    f"校正 {_told(segment)} 未生效,无可撤回。",
                )
            )
        _decide(session, segment, ClockState.WITHDRAWN, Act.CLOCK_WITHDRAWN, person)
        follow_clock(session, segment.deployment_id, gap=survey.settings.sequence_gap)


def put_in_force(session: Session, survey: Survey, segment: ClockSegment, *, person: str) -> None:
    """Accept a segment inside a transaction.

    Raises:
        ClockError: another segment in force covers some of its files.
    """
    for other in accepted_segments(session, segment.deployment_id):
        if other.segment_id != segment.segment_id and overlap(segment, other):
            raise ClockError(
                tr(
                    f"Files of this stretch are corrected already, by {_told(other)} of "
                    f"{other.decided_by}. Withdraw that correction first.",
                    f"这一段的文件已由 {other.decided_by} 校正({_told(other)})。请先撤回该校正。",
                )
            )
    _decide(session, segment, ClockState.ACCEPTED, Act.CLOCK_ACCEPTED, person)
    follow_clock(session, segment.deployment_id, gap=survey.settings.sequence_gap)


def get_segment(session: Session, segment_id: str) -> ClockSegment:
    """Fetch a segment for an act on it.

    Raises:
        ClockError: it is not there, or it was a proposal and no longer holds.
    """
    segment = session.get(ClockSegment, segment_id)
    if segment is None or segment.state == LAPSED:
        raise ClockError(
            tr(
                f"There is no clock correction {segment_id}; a proposal that no longer holds "
                "vanishes. Look at the clock again.",
                f"没有时钟校正 {segment_id};不再成立的建议会被移除。请重新查看时钟。",
            )
        )
    return segment


def get_deployment(session: Session, deployment_id: str) -> Deployment:
    """Fetch a deployment by its id.

    Raises:
        ClockError: the survey does not know it.
    """
    deployment = session.get(Deployment, deployment_id)
    if deployment is None:
        raise ClockError(
            tr(
                f"There is no deployment '{deployment_id}' in this survey. Look it up in the "
                "field sheet.",
                f"本调查项目中没有布设“{deployment_id}”。请核对布设登记表。",
            )
        )
    return deployment


def _decide(
    session: Session, segment: ClockSegment, state: ClockState, act: Act, person: str
) -> None:
    if not person.strip():
        raise ClockError(
            tr("A decision on a clock needs a person's name.", "对时钟的决定必须署名。")
        )
    now = datetime.now(UTC)
    segment.state, segment.decided_by, segment.decided_at = state.value, person.strip(), now
    session.add(segment)
    record_decision(
        session,
        act,
        subject=segment.segment_id,
        person=person.strip(),
        decided_at=now,
        details={
            "cause": segment.cause,
            "card_import_id": segment.card_import_id,
            "deployment_id": segment.deployment_id,
            "evidence": segment.evidence,
            "first_card_path": segment.first_card_path,
            "last_card_path": segment.last_card_path,
            "offset_seconds": segment.offset_seconds,
            "offset_source": segment.offset_source,
            "proposed_by": segment.proposed_by,
            "second_offset_seconds": segment.second_offset_seconds,
            "uncertainty_seconds": segment.uncertainty_seconds,
        },
    )


def _row(deployment_id: str, proposal: Proposal) -> ClockSegment:
    seconds = round(proposal.offset.total_seconds())
    segment_id = identity.clock_segment_id(
        deployment_id,
        proposal.card_import_id,
        proposal.first_card_path or "",
        proposal.last_card_path or "",
        proposal.cause.value,
        str(seconds),
    )
    return ClockSegment(
        segment_id=segment_id,
        deployment_id=deployment_id,
        card_import_id=proposal.card_import_id,
        first_card_path=proposal.first_card_path,
        last_card_path=proposal.last_card_path,
        kind="shift",
        cause=proposal.cause.value,
        offset_seconds=seconds,
        uncertainty_seconds=-(-proposal.uncertainty // MINUTE) * 60,  # rounded up
        evidence=as_json(proposal.symptoms),
        confidence=proposal.confidence,
        state=PROPOSED,
        proposed_by=proposal.detector,
        proposed_at=datetime.now(UTC),
    )


def _of(deployment_id: str) -> SelectOfScalar[ClockSegment]:
    return select(ClockSegment).where(ClockSegment.deployment_id == deployment_id)


def _told(segment: ClockSegment) -> str:
    sign = "+" if segment.offset_seconds > 0 else ""
    return f"{sign}{length(segment.offset_seconds)} ({segment.segment_id[:8]})"
