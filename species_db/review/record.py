"""How a review is kept: added to the record and the log, never written over, always undoable."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import update
from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.review.event_media import fingerprint, media_of_event
from species_db.review.finding import Finding, canonical, check_together, checked
from species_db.review.machine_call import newest_answers
from species_db.review.refusal import MEDIA_CHANGED, ReviewConflict, ReviewError
from species_db.survey import Survey
from species_db.tables import Decision, Event, Media, Observation
from species_db.vocabulary import Act, ClassificationMethod, ObservationLevel, ObservationType

OF_PACKAGE = '"package":'  # in the details of a review that came in a package of others


@dataclass(frozen=True)
class _Told:
    """What an entry of the log says that later acts on the same event need."""

    token: str | None
    previous_review_id: str | None
    restricted_media: frozenset[str]
    media: frozenset[str]  # that the event held when it was reviewed


def review_event(
    survey: Survey,
    event_id: str,
    findings: Sequence[Finding],
    *,
    person: str,
    expected_review_id: str | None,
    shown_media: str | None = None,
    token: str | None = None,
) -> str:
    """Record what a person says is in an event; return the name of this review.

    Decision, observations and the event's state are written in one transaction. Two people
    deciding at once are put in order by the write lock: the second sees that the review in
    force is not the one on their screen, and nothing of theirs is written. Nor is anything when
    `shown_media`, the fingerprint of the files on the screen, is not that of the event's files:
    an import has brought pictures that the person did not see. None: decided without a screen.

    Raises:
        ReviewError: nobody's name is given, or the findings cannot stand together.
        ReviewConflict: the event was reviewed, or got other files, since the screen showed it.
    """
    person = _name_of(person)
    with survey.writing() as session:
        event = get_event(session, event_id)
        done = _review_of_token(session, event_id, token)
        if done is not None:
            return done.decision_id
        previous = _decision(session, event.current_review_id)
        if event.current_review_id != expected_review_id:
            raise _conflict(event, previous)
        media = media_of_event(session, event_id)
        if shown_media not in (None, fingerprint(media)):
            raise _other_media(event)
        told = [checked(session, event_id, finding) for finding in findings]
        check_together(told)
        restricted = _to_restrict(session, event_id, told, previous)
        decision = record_decision(
            session,
            Act.REVIEWED,
            subject=event_id,
            person=person,
            details={
                "event": event_id,
                "findings": [canonical(finding) for finding in told],
                "media": media,
                "previous_review_id": event.current_review_id,
                "restricted_media": restricted,
                "token": token,
            },
        )
        session.add_all(_observation(event, finding, decision) for finding in told)
        _put_in_force(session, event, review=decision, instead_of=previous)
        return decision.decision_id


def undo(survey: Survey, *, person: str, token: str | None = None) -> str | None:
    """Take back this person's latest review that is in force; return the event, if any.

    The review before it is in force again, or none. Asked again, it goes one step further back.
    A review that somebody else has since replaced is theirs to undo. Nothing is deleted: the
    log says what was undone.

    Raises:
        ReviewError: nobody's name is given.
    """
    person = _name_of(person)
    with survey.writing() as session:
        done = _undo_of_token(session, person, token)
        if done is not None:
            return done.subject
        found = session.exec(
            select(Event, Decision)
            .join(Decision, col(Decision.subject) == col(Event.event_id))
            .where(
                Decision.act == Act.REVIEWED.value,
                Decision.person == person,
                col(Event.current_review_id) == col(Decision.decision_id),
                ~col(Decision.details).contains(OF_PACKAGE),  # theirs: not a key of this person
            )
            .order_by(col(Decision.sequence).desc())
            .limit(1)
        ).first()
        if found is None:
            return None
        event, undone = found
        restored = _decision(session, _told_by(undone).previous_review_id)
        record_decision(
            session,
            Act.UNDONE,
            subject=event.event_id,
            person=person,
            details={
                "event": event.event_id,
                "undone_review_id": undone.decision_id,
                "restored_review_id": restored.decision_id if restored else None,
                "token": token,
            },
        )
        _put_in_force(session, event, review=restored, instead_of=undone)
        return event.event_id


def get_event(session: Session, event_id: str) -> Event:
    """Fetch an event for an act on it.

    Raises:
        ReviewError: the survey has no such event.
    """
    event = session.get(Event, event_id, with_for_update=True)
    if event is None:
        raise ReviewError(
            f"There is no event {event_id} in this survey; it may have been regrouped by an "
            "import. Go on to the next event.",
            f"本调查项目中没有事件 {event_id}，可能已在导入时重新分组。请转到下一个事件。",
        )
    return event


def _name_of(person: str) -> str:
    if not person.strip():
        raise ReviewError(
            "A review needs a person: write your name first.",
            "审核必须署名：请先填写您的姓名。",
        )
    return person.strip()


def _conflict(event: Event, meanwhile: Decision | None) -> ReviewConflict:
    if meanwhile is None:
        return ReviewConflict(
            f"The review of event {event.event_id} that you saw has been undone. Look at the "
            "event again, then decide.",
            f"您看到的事件 {event.event_id} 的审核已被撤销。请重新查看该事件后再决定。",
        )
    when = f"{meanwhile.decided_at:%Y-%m-%d %H:%M} UTC"
    return ReviewConflict(
        f"{meanwhile.person} reviewed event {event.event_id} ({when}) since you opened it. "
        "Nothing of yours was written; look at the event again, then decide.",
        f"在您打开事件 {event.event_id} 之后，{meanwhile.person} 已审核了它({when})。"
        "您的结果未写入；请重新查看该事件后再决定。",
    )


def _other_media(event: Event) -> ReviewConflict:
    return ReviewConflict(
        f"New pictures have come to event {event.event_id} since you opened it. Nothing of yours "
        "was written; look again, then decide.",
        f"事件 {event.event_id} 在您打开之后又有新照片加入。您的结果未写入；请重新查看后再决定。",
        code=MEDIA_CHANGED,
    )


def _observation(event: Event, finding: Finding, decision: Decision) -> Observation:
    return Observation(
        observation_id=act_id(),
        deployment_id=event.deployment_id,
        event_id=event.event_id,
        observation_level=ObservationLevel.EVENT.value,
        classification_method=ClassificationMethod.HUMAN.value,
        classified_by=decision.person,
        classification_timestamp=decision.decided_at,
        review_id=decision.decision_id,
        **asdict(finding),
    )


def _put_in_force(
    session: Session, event: Event, *, review: Decision | None, instead_of: Decision | None
) -> None:
    """Point the event to a review, and open or close its media as that review asks.

    A review speaks only for the files that its person had before them: brought back over files
    that came later, it is kept in force but the event stays in the queue.
    """
    event.current_review_id = review.decision_id if review else None
    seen = _told_by(review).media if review else frozenset()
    event.is_reviewed = review is not None and seen.issuperset(
        media_of_event(session, event.event_id)
    )
    session.add(event)
    closed, opened = _restricted_by(review), _restricted_by(instead_of)
    _set_restricted(session, closed, to=True)
    _set_restricted(session, opened - closed - _seen_people(session, event.event_id), to=False)


def _to_restrict(
    session: Session, event_id: str, findings: Iterable[Finding], previous: Decision | None
) -> list[str]:
    """Name the media that only this review closes, so that undoing it opens just those."""
    if all(f.observation_type != ObservationType.HUMAN.value for f in findings):
        return []
    files = session.exec(
        select(Media.media_id, Media.is_restricted).where(Media.event_id == event_id)
    )
    earlier = _restricted_by(previous)
    return sorted(name for name, is_restricted in files if not is_restricted or name in earlier)


def _set_restricted(session: Session, media_ids: Collection[str], *, to: bool) -> None:
    if media_ids:
        session.execute(
            update(Media).where(col(Media.media_id).in_(media_ids)).values(is_restricted=to)
        )


def _seen_people(session: Session, event_id: str) -> set[str]:
    human = ObservationType.HUMAN.value
    # A dismissed box opens no picture: whoever was in doubt stays behind the curtain.
    answers = newest_answers(session, event_id, with_dismissed=True)
    return {
        name for name, given in answers.items() if any(o.observation_type == human for o in given)
    }


def _restricted_by(review: Decision | None) -> frozenset[str]:
    return _told_by(review).restricted_media if review else frozenset()


def _decision(session: Session, decision_id: str | None) -> Decision | None:
    if decision_id is None:
        return None
    return session.exec(select(Decision).where(Decision.decision_id == decision_id)).one()


def _review_of_token(session: Session, event_id: str, token: str | None) -> Decision | None:
    if token is None:
        return None
    earlier = session.exec(
        select(Decision).where(Decision.subject == event_id, Decision.act == Act.REVIEWED.value)
    )
    return next((one for one in earlier if _told_by(one).token == token), None)


def _undo_of_token(session: Session, person: str, token: str | None) -> Decision | None:
    """Find the undo that a key press already made: it can only be this person's latest."""
    latest = session.exec(
        select(Decision)
        .where(Decision.act == Act.UNDONE.value, Decision.person == person)
        .order_by(col(Decision.sequence).desc())
        .limit(1)
    ).first()
    is_same = latest is not None and token is not None and _told_by(latest).token == token
    return latest if is_same else None


def _told_by(decision: Decision) -> _Told:
    details = json.loads(decision.details)
    return _Told(
        token=details.get("token"),
        previous_review_id=details.get("previous_review_id"),
        restricted_media=frozenset(details.get("restricted_media", ())),
        media=frozenset(details.get("media", ())),
    )
