"""What an export tells: reviewed events and what was said of them, read in one moment.

Confirmed means that a person's review is in force. Earlier reviews, undone ones and a model's
answers stay in the survey; a model's answers leave only when asked for (DOMAIN.md 8).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from species_db.export.offering import ExportRefused
from species_db.language import tr
from species_db.sensitivity import Gate
from species_db.tables import (
    Camera,
    CameraStation,
    Decision,
    Deployment,
    Event,
    Media,
    Observation,
    Plot,
    Taxon,
    TaxonName,
)
from species_db.vocabulary import Act, ClassificationMethod, ObservationLevel, ObservationType

_COUNTED = {ObservationType.ANIMAL, ObservationType.HUMAN, ObservationType.VEHICLE}
_NOBODY = {ObservationType.BLANK, ObservationType.UNCLASSIFIED}


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What an export needs of one media; a survey may hold a million of them."""

    media_id: str
    sha256: str
    deployment_id: str
    event_id: str | None
    timestamp: datetime
    utc_offset_seconds: int | None
    file_path: str
    file_mediatype: str
    orientation: int | None
    trigger: str | None
    user_label: str | None
    file_name: str
    is_restricted: bool


@dataclass(frozen=True)
class Records:
    """The survey as one export tells it; everything here is dated and has a deployment."""

    deployments: Mapping[str, Deployment]
    ends: Mapping[str, datetime]
    ends_from_media: tuple[str, ...]
    deployments_without_end: tuple[str, ...]
    stations: Mapping[str, CameraStation]
    plots: Mapping[str, Plot]
    cameras: Mapping[str, Camera]
    events: Mapping[str, Event]
    media: Sequence[MediaFacts]
    statements: Sequence[Observation]
    """What is in force: of each event once, by the review or, unreviewed, by the model."""
    machine: Sequence[Observation]
    """The newest model's answers on single media."""
    taxa: Mapping[str, Taxon]
    vernacular: Mapping[tuple[str, str], str]
    undated_events: int
    undated_media: int
    changed_at: datetime

    def plot_of(self, deployment: Deployment) -> Plot | None:
        """The plot a deployment's station stands on, if any."""
        return self.plots.get(self.stations[deployment.location_id].plot_id or "")


def read_records(
    session: Session, gate: Gate, *, include_machine: bool, exclude: Collection[str]
) -> Records:
    """Read what an export may tell, without the deployments a person leaves out."""
    ends, from_media, without_end = _deployment_ends(session, exclude)
    told = session.exec(select(Event).where(_is_told(include_machine)))
    events = [event for event in told if event.deployment_id in ends]
    dated = {event.event_id: event for event in events if event.event_start is not None}
    media, undated_media = _media(session, include_machine, ends)
    machine = _newest_answers(session, include_machine, {m.media_id for m in media})
    statements = [o for o in session.exec(_reviews_in_force()) if o.event_id in dated]
    if include_machine:
        statements += _machine_statements(dated, machine, gate)
    return Records(
        deployments={
            d.deployment_id: d for d in session.exec(select(Deployment)) if d.deployment_id in ends
        },
        ends=ends,
        ends_from_media=from_media,
        deployments_without_end=without_end,
        stations={s.location_id: s for s in session.exec(select(CameraStation))},
        plots={p.plot_id: p for p in session.exec(select(Plot))},
        cameras={c.camera_id: c for c in session.exec(select(Camera))},
        events=dated,
        media=media,
        statements=statements,
        machine=machine,
        taxa={t.taxon_id: t for t in session.exec(select(Taxon))},
        vernacular=_vernacular(session),
        undated_events=sum(e.event_start is None for e in events),
        undated_media=undated_media,
        changed_at=_changed_at(session),
    )


def refuse_unknown_deployments(session: Session, exclude: Collection[str]) -> None:
    """Stop on a misspelt deployment: leaving out nothing would let out what should stay.

    Raises:
        ExportRefused: a deployment to be left out is not in the survey.
    """
    known = session.exec(select(Deployment.deployment_id)).all()
    unknown = sorted(set(exclude).difference(known))
    if unknown:
        raise ExportRefused(
            tr(
                f"No deployment {', '.join(unknown)} to leave out. Check its name.",
                f"没有名为 {', '.join(unknown)} 的布设可排除。请核对名称。",
            )
        )


def by_event(observations: Iterable[Observation]) -> dict[str, list[Observation]]:
    """Sort observations by the event they belong to."""
    sorted_out: dict[str, list[Observation]] = defaultdict(list)
    for observation in observations:
        sorted_out[observation.event_id or ""].append(observation)
    return sorted_out


def local_time(instant: datetime, offset_seconds: int) -> str:
    """Write an instant as the clock at the camera showed it, with its offset.

    >>> local_time(datetime(2026, 5, 1, 1, 0, tzinfo=UTC), 28800)
    '2026-05-01T09:00:00+08:00'
    """
    zone = timezone(timedelta(seconds=offset_seconds))
    return instant.astimezone(zone).isoformat(timespec="seconds")


def _is_told(include_machine: bool) -> ColumnElement[bool]:
    if include_machine:
        return true()
    return and_(col(Event.is_reviewed), col(Event.current_review_id).is_not(None))


def _deployment_ends(
    session: Session, exclude: Collection[str]
) -> tuple[dict[str, datetime], tuple[str, ...], tuple[str, ...]]:
    """Find when each deployment ended: by the sheet, else by the last media.

    The standard wants an end. A camera never fetched, or one whose end nobody noted, was at least
    there when it took its last picture.
    """
    last = session.exec(
        select(Media.deployment_id, func.max(Media.timestamp)).group_by(Media.deployment_id)
    )
    last_media = {deployment_id: at for deployment_id, at in last if at is not None}
    ends: dict[str, datetime] = {}
    from_media: list[str] = []
    without_end: list[str] = []
    for deployment in session.exec(select(Deployment).order_by(col(Deployment.deployment_id))):
        key = deployment.deployment_id
        if key in exclude:
            continue
        if deployment.deployment_end is not None:
            ends[key] = deployment.deployment_end
        elif key in last_media:
            ends[key] = last_media[key]
            from_media.append(key)
        else:
            without_end.append(key)
    return ends, tuple(from_media), tuple(without_end)


def _media(
    session: Session, include_machine: bool, ends: Mapping[str, datetime]
) -> tuple[list[MediaFacts], int]:
    columns = [col(getattr(Media, fact.name)) for fact in fields(MediaFacts)]
    rows = session.execute(
        sql_select(*columns)
        .join(Event, col(Event.event_id) == col(Media.event_id), isouter=include_machine)
        .where(_is_told(include_machine))
        .order_by(col(Media.deployment_id), col(Media.timestamp), col(Media.media_id))
    )
    kept = [MediaFacts(*row) for row in rows if row.deployment_id in ends]
    dated = [media for media in kept if media.timestamp is not None]
    return dated, len(kept) - len(dated)


def _reviews_in_force() -> SelectOfScalar[Observation]:
    return (
        select(Observation)
        .join(
            Event,
            and_(
                col(Event.event_id) == col(Observation.event_id),
                col(Event.current_review_id) == col(Observation.review_id),
            ),
        )
        .where(col(Event.is_reviewed))
        .order_by(col(Observation.observation_id))
    )


def _newest_answers(
    session: Session, include_machine: bool, media_ids: Collection[str]
) -> list[Observation]:
    """Keep, for each media, the answers of the model that looked last (DOMAIN.md 7)."""
    rows = session.exec(
        select(Observation)
        .join(Media, col(Media.media_id) == col(Observation.media_id))
        .join(Event, col(Event.event_id) == col(Media.event_id), isouter=include_machine)
        .where(
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
            col(Observation.observation_level) == ObservationLevel.MEDIA.value,
            _is_told(include_machine),
        )
        .order_by(col(Observation.classification_timestamp), col(Observation.observation_id))
    )
    answers: dict[str, list[Observation]] = {}
    for row in rows:
        if row.media_id is None or row.media_id not in media_ids:
            continue
        known = answers.setdefault(row.media_id, [])
        if known and _model(known[-1]) != _model(row):
            known.clear()
        known.append(row)
    return [row for rows_of_media in answers.values() for row in rows_of_media]


def _machine_statements(
    events: Mapping[str, Event], machine: Iterable[Observation], gate: Gate
) -> Iterator[Observation]:
    """Sum up what the model says of events that nobody reviewed: one row per label.

    A frame without an animal says nothing when another frame of the event shows one, and an event
    is blank only when every file was looked at, as on the review screen.
    """
    for event_id, rows in by_event(machine).items():
        event = events.get(event_id)
        if event is None or event.is_reviewed:
            continue
        labels: dict[tuple[str, str], list[Observation]] = defaultdict(list)
        for row in rows:
            labels[row.observation_type, row.taxon_id or ""].append(row)
        seen = {label for label in labels if label[0] not in _NOBODY}
        if seen:
            for label in sorted(seen):
                best = max(labels[label], key=_score)
                yield _event_row(event, best, gate, count=_most_in_one_frame(labels[label]))
        elif len({row.media_id for row in rows}) >= event.media_count:
            yield _event_row(event, min(rows, key=_score), gate, count=None)


def _event_row(event: Event, answer: Observation, gate: Gate, *, count: int | None) -> Observation:
    kind = answer.observation_type
    return Observation(
        observation_id=gate.pseudonym("machine event", event.event_id, kind, answer.taxon_id or ""),
        deployment_id=event.deployment_id,
        event_id=event.event_id,
        observation_level=ObservationLevel.EVENT.value,
        observation_type=kind,
        taxon_id=answer.taxon_id,
        count=count if kind in _COUNTED else None,
        classification_method=ClassificationMethod.MACHINE.value,
        classified_by=answer.classified_by,
        classification_timestamp=answer.classification_timestamp,
        classification_probability=answer.classification_probability,
    )


def _most_in_one_frame(boxes: Iterable[Observation]) -> int:
    """MaxN, never the sum: the same animal stands in many frames (DOMAIN.md 1)."""
    return max(Counter(box.media_id for box in boxes).values())


def _score(observation: Observation) -> tuple[float, str]:
    return observation.classification_probability or 0.0, observation.observation_id


def _model(observation: Observation) -> str:
    return observation.model_version_id or observation.classified_by


def _vernacular(session: Session) -> dict[tuple[str, str], str]:
    """Choose one name per taxon and language: the preferred one, else the first by spelling."""
    names: dict[tuple[str, str], str] = {}
    for name in session.exec(
        select(TaxonName).order_by(col(TaxonName.is_preferred).desc(), col(TaxonName.name))
    ):
        names.setdefault((name.taxon_id, name.language), name.name)
    return names


def _changed_at(session: Session) -> datetime:
    """Tell when the survey last changed: exports are acts too, but they change nothing."""
    last = session.exec(
        select(func.max(Decision.decided_at)).where(
            col(Decision.act).not_in([Act.EXPORTED.value, Act.EXACT_RELEASED.value])
        )
    ).one()
    return (last or datetime.now(UTC)).replace(microsecond=0)
