"""What the screen shows of one event, gathered from the tables in a few small queries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlmodel import Session, col, select

from species_db.expert import open_questions
from species_db.repeats.dismissed import who_dismissed
from species_db.review.event_media import cannot_answer, fingerprint
from species_db.review.event_queue import EventKey
from species_db.review.machine_call import (
    MachineCall,
    call_event,
    most_in_one_frame,
    newest_answers,
)
from species_db.tables import (
    CameraStation,
    Decision,
    Deployment,
    Event,
    Media,
    ModelVersion,
    Observation,
    Plot,
    Taxon,
    TaxonName,
)
from species_db.vocabulary import ObservationType

COUNTED = (ObservationType.ANIMAL, ObservationType.HUMAN, ObservationType.VEHICLE)


@dataclass(frozen=True)
class BoxView:
    """A machine's box on the upright picture: relative corner and size, 0 to 1."""

    observation_type: str
    score: float | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class MediaView:
    """One file of an event; `file_path` is inside the survey folder."""

    media_id: str
    file_path: str
    file_name: str
    file_mediatype: str
    local_time: datetime | None
    is_restricted: bool
    width: int | None
    height: int | None
    orientation: int | None
    temperature_c: float | None
    boxes: tuple[BoxView, ...] = ()


@dataclass(frozen=True)
class FindingView:
    """One thing the review in force says is there."""

    observation_type: str
    camera_setup_type: str
    count: int | None
    scientific_name: str = ""
    zh: str = ""
    en: str = ""
    rank: str = ""


@dataclass(frozen=True)
class QuestionView:
    """One question for an expert on the machine's answers; `outside` says by what it is odd."""

    reason: str
    about: FindingView
    outside: tuple[str, ...] = ()
    could_be: tuple[FindingView, ...] = ()


@dataclass(frozen=True)
class ReviewView:
    """The review in force: who said what, and when (UTC)."""

    review_id: str
    person: str
    decided_at: datetime
    findings: tuple[FindingView, ...]


@dataclass(frozen=True)
class NeighbourView:
    """The event before or after, at the same deployment."""

    event_id: str
    local_start: datetime | None
    machine_type: str
    is_reviewed: bool


@dataclass(frozen=True)
class EventView:
    """Everything a reviewer needs to decide on an event. Holds no coordinates."""

    key: EventKey
    deployment_id: str
    location_id: str
    location_name: str
    plot_id: str
    local_start: datetime | None
    local_end: datetime | None
    media: tuple[MediaView, ...]
    shown_media: str  # fingerprint of the files on the screen; an act sends it back
    machine: MachineCall
    machine_finding: FindingView  # the same by name: what a confirmation would record
    model: str  # name and version, empty before any model has looked
    proposed_counts: Mapping[str, int]
    review: ReviewView | None
    has_new_media: bool  # files that the review in force never saw
    earlier: NeighbourView | None
    later: NeighbourView | None
    questions: tuple[QuestionView, ...] = ()  # open until a person has reviewed the event
    dismissed_by: tuple[str, ...] = ()  # who called boxes of the event false alarms


def event_key(session: Session, event_id: str) -> EventKey | None:
    """Tell an event's place in the queue; None when there is no such event."""
    event = session.get(Event, event_id)
    return EventKey(event.priority, event.event_start, event.event_id) if event else None


def view_media(session: Session, media_id: str) -> MediaView | None:
    """Show one file by itself, without boxes; None when there is no such file."""
    media = session.get(Media, media_id)
    return _media_view(media, 0, ()) if media else None


def view_event(session: Session, event_id: str) -> EventView:
    """Gather what the screen shows of an event."""
    event = session.get_one(Event, event_id)
    deployment = session.get_one(Deployment, event.deployment_id)
    station = session.get_one(CameraStation, deployment.location_id)
    plot = session.get(Plot, station.plot_id) if station.plot_id else None
    offset = deployment.utc_offset_seconds
    answers = newest_answers(session, event_id)
    call = call_event(answers, cannot_answer(session, event_id))
    files = session.exec(
        select(Media)
        .where(Media.event_id == event_id)
        .order_by(col(Media.timestamp), col(Media.file_name))
    ).all()
    return EventView(
        key=EventKey(event.priority, event.event_start, event.event_id),
        deployment_id=event.deployment_id,
        location_id=station.location_id,
        location_name=station.location_name,
        plot_id=plot.plot_id if plot else "",
        local_start=_local(event.event_start, offset),
        local_end=_local(event.event_end, offset),
        media=tuple(_media_view(m, offset, answers.get(m.media_id, ())) for m in files),
        shown_media=fingerprint(m.media_id for m in files),
        machine=call,
        machine_finding=_named(session, call.taxon_id, call.observation_type),
        model=_model_name(session, answers) or call.classified_by,
        proposed_counts={t.value: most_in_one_frame(answers, t.value) for t in COUNTED},
        review=_review(session, event.current_review_id),
        has_new_media=event.current_review_id is not None and not event.is_reviewed,
        earlier=_neighbour(session, event, offset, later=False),
        later=_neighbour(session, event, offset, later=True),
        questions=() if event.is_reviewed else tuple(_questions(session, event_id)),
        dismissed_by=who_dismissed(session, event_id),
    )


def _local(instant: datetime | None, offset_seconds: int) -> datetime | None:
    if instant is None:
        return None
    return instant.astimezone(timezone(timedelta(seconds=offset_seconds)))


def _media_view(media: Media, offset_seconds: int, given: Iterable[Observation]) -> MediaView:
    offset = media.utc_offset_seconds
    return MediaView(
        media_id=media.media_id,
        file_path=media.file_path,
        file_name=media.file_name,
        file_mediatype=media.file_mediatype,
        local_time=_local(media.timestamp, offset_seconds if offset is None else offset),
        is_restricted=media.is_restricted,
        width=media.width,
        height=media.height,
        orientation=media.orientation,
        temperature_c=media.temperature_c,
        boxes=tuple(_boxes(given)),
    )


def _boxes(given: Iterable[Observation]) -> Iterable[BoxView]:
    for o in given:
        if None not in (o.bbox_x, o.bbox_y, o.bbox_width, o.bbox_height):
            yield BoxView(
                observation_type=o.observation_type,
                score=o.classification_probability,
                x=o.bbox_x or 0.0,
                y=o.bbox_y or 0.0,
                width=o.bbox_width or 0.0,
                height=o.bbox_height or 0.0,
            )


def _model_name(session: Session, answers: Mapping[str, list[Observation]]) -> str:
    given = [o for answered in answers.values() for o in answered if o.model_version_id]
    if not given:
        return ""
    newest = max(given, key=lambda o: o.classification_timestamp)
    version = session.get(ModelVersion, newest.model_version_id)
    return f"{version.name} {version.version}" if version else ""


def _review(session: Session, review_id: str | None) -> ReviewView | None:
    if review_id is None:
        return None
    decision = session.exec(select(Decision).where(Decision.decision_id == review_id)).one()
    said = session.exec(
        select(Observation)
        .where(Observation.review_id == review_id)
        .order_by(col(Observation.observation_id))
    ).all()
    return ReviewView(
        review_id=review_id,
        person=_who(decision, said),
        decided_at=decision.decided_at,
        findings=tuple(_finding(session, observation) for observation in said),
    )


def _who(decision: Decision, said: Sequence[Observation]) -> str:
    """Who looked: of a review that came in a package not the person who brought it in."""
    if "package" not in json.loads(decision.details):
        return decision.person
    return " | ".join(dict.fromkeys(one.classified_by for one in said if one.classified_by))


def _questions(session: Session, event_id: str) -> Iterable[QuestionView]:
    for question in open_questions(session, event_id):
        details = json.loads(question.details)
        latin = col(Taxon.scientific_name).in_(details.get("could_be", ()))
        hidden = session.exec(select(Taxon.taxon_id).where(latin).order_by(Taxon.scientific_name))
        animal = ObservationType.ANIMAL.value
        yield QuestionView(
            reason=question.reason,
            about=_named(session, question.taxon_id, animal),
            outside=tuple(details.get("outside", ())),
            could_be=tuple(_named(session, one, animal) for one in hidden),
        )


def _finding(session: Session, observation: Observation) -> FindingView:
    return _named(
        session,
        observation.taxon_id,
        observation.observation_type,
        camera_setup_type=observation.camera_setup_type,
        count=observation.count,
    )


def _named(
    session: Session,
    taxon_id: str | None,
    observation_type: str,
    *,
    camera_setup_type: str = "",
    count: int | None = None,
) -> FindingView:
    taxon = session.get(Taxon, taxon_id) if taxon_id else None
    names: dict[str, str] = {}
    if taxon is not None:
        preferred = select(TaxonName).where(
            TaxonName.taxon_id == taxon.taxon_id, col(TaxonName.is_preferred)
        )
        names = {name.language: name.name for name in session.exec(preferred)}
    return FindingView(
        observation_type=observation_type,
        camera_setup_type=camera_setup_type,
        count=count,
        scientific_name=taxon.scientific_name if taxon else "",
        zh=names.get("zh", ""),
        en=names.get("en", ""),
        rank=taxon.taxon_rank if taxon else "",
    )


def _neighbour(
    session: Session, event: Event, offset_seconds: int, *, later: bool
) -> NeighbourView | None:
    if event.event_start is None:
        return None
    start = col(Event.event_start)
    query = select(Event).where(Event.deployment_id == event.deployment_id)
    if later:
        query = query.where(start > event.event_start).order_by(start)
    else:
        query = query.where(start < event.event_start).order_by(start.desc())
    found = session.exec(query.limit(1)).first()
    if found is None:
        return None
    return NeighbourView(
        event_id=found.event_id,
        local_start=_local(found.event_start, offset_seconds),
        machine_type=found.machine_type,
        is_reviewed=found.is_reviewed,
    )
