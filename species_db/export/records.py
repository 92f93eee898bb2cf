"""What an export tells: reviewed events and what was said of them, read in one moment.

Confirmed means that a person's review is in force, for the pictures it covered. Earlier reviews,
undone ones and a model's answers stay in the survey; the answers leave only when asked for
(DOMAIN.md 8).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import and_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from species_db.export.machine_rows import machine_statements, newest_answers
from species_db.export.media_facts import MediaFacts, ToldMedia, is_told, read_media
from species_db.export.offering import CHANGES_NOTHING, ExportRefused, last_change
from species_db.export.package_rows import package_answers, says_of_event
from species_db.language import tr
from species_db.secrecy.marks import SecrecyIndex, may_reach, read_secrecy
from species_db.secrecy.roles import require_exact_viewer
from species_db.sensitivity import Gate, ReleasedPlace, closed_media
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
from species_db.vocabulary import Secrecy


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
    spans: Mapping[str, tuple[datetime, datetime]]
    """First and last moment of each event, of what its review covered if it has one."""
    media: Sequence[MediaFacts]
    later_media: frozenset[str]
    outgrown_events: frozenset[str]
    closed_media: frozenset[str]
    """Media of events with people or set-up shots, which stay in the survey."""
    statements: Sequence[Observation]
    """What is in force: of each event once, by the review or, unreviewed, by the model."""
    machine: Sequence[Observation]
    """The newest model's answers on single media."""
    package_answers: Sequence[Observation]
    """What packages of others say besides: on single media by people, on events by models."""
    taxa: Mapping[str, Taxon]
    vernacular: Mapping[tuple[str, str], str]
    undated_events: int
    undated_media: int
    changed_at: datetime
    last_change: int
    """The newest entry of the log that was read; the survey must not change until the offer."""

    def plot_of(self, deployment: Deployment) -> Plot | None:
        """The plot a deployment's station stands on, if any."""
        return self.plots.get(self.stations[deployment.location_id].plot_id or "")

    def is_covered(self, media: MediaFacts) -> bool:
        """Tell whether a person's review speaks of this media."""
        event = self.events.get(media.event_id or "")
        is_reviewed = event is not None and event.current_review_id is not None
        return is_reviewed and media.media_id not in self.later_media

    def later_note(self) -> tuple[str, ...]:
        """Say how many events have grown since their review, if any."""
        count = len(self.outgrown_events)
        english = (
            f"{count} events have pictures that came after their review; "
            "those pictures are not covered."
        )
        chinese = f"{count} 个事件在审核之后又有新照片加入;这些照片不在审核范围之内。"
        return (tr(english, chinese),) if count else ()


def read_records(
    session: Session,
    gate: Gate,
    *,
    include_machine: bool,
    exclude: Collection[str],
    audience: Secrecy = Secrecy.INTERNAL,
) -> Records:
    """Read what an export may tell, without the deployments a person leaves out.

    Places and events of a stricter secrecy class than the audience's are not read at all.

    Raises:
        ExportRefused: the whole survey is of a stricter class.
        RoleError: exact places were asked for by somebody without the role, once roles are in use.
    """
    if gate.exact:
        require_exact_viewer(session, gate.exact.person)
    secrecy = _secrecy_for(session, audience)
    closed = _closed_deployments(session, secrecy, audience)
    ends, from_media, without_end = _deployment_ends(session, {*exclude, *closed})
    told, kept_back = is_told(include_machine), secrecy.closed_events(audience)
    events = [e for e in session.exec(select(Event).where(told)) if e.deployment_id in ends]
    events = [event for event in events if event.event_id not in kept_back]
    dated = {event.event_id: event for event in events if event.event_start is not None}
    read = read_media(session, include_machine=include_machine, deployments=ends)
    told_media = _without(read, kept_back)
    media_ids = {media.media_id for media in told_media.media}
    machine = newest_answers(session, include_machine=include_machine, media_ids=media_ids)
    others = package_answers(session, include_machine, events=dated, media=media_ids)
    statements = [o for o in session.exec(_reviews_in_force()) if o.event_id in dated]
    statements += _by_models(dated, machine, others, gate) if include_machine else ()
    return Records(
        deployments=_deployments(session, ends),
        ends=ends,
        ends_from_media=from_media,
        deployments_without_end=without_end,
        stations={s.location_id: s for s in session.exec(select(CameraStation))},
        plots={p.plot_id: p for p in session.exec(select(Plot))},
        cameras={c.camera_id: c for c in session.exec(select(Camera))},
        events=dated,
        spans=_spans(dated, told_media),
        media=told_media.media,
        later_media=told_media.later_media,
        outgrown_events=told_media.outgrown_events,
        closed_media=closed_media(session),
        statements=statements,
        machine=machine,
        package_answers=others,
        taxa={t.taxon_id: t for t in session.exec(select(Taxon))},
        vernacular=_vernacular(session),
        undated_events=sum(e.event_start is None for e in events),
        undated_media=told_media.undated,
        changed_at=_changed_at(session),
        last_change=last_change(session),
    )


def _deployments(session: Session, told: Collection[str]) -> dict[str, Deployment]:
    found = session.exec(select(Deployment))
    return {one.deployment_id: one for one in found if one.deployment_id in told}


def _by_models(
    events: Mapping[str, Event],
    answers: Sequence[Observation],
    others: Sequence[Observation],
    gate: Gate,
) -> Iterator[Observation]:
    """What models say of events; where a package says it of the whole event, its row stands."""
    told = says_of_event(others)
    untold = {key: event for key, event in events.items() if key not in told}
    yield from machine_statements(untold, by_event(answers), gate=gate)


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


def place_counts(records: Records, gate: Gate) -> dict[str, int]:
    """Count the stations that are told by how far they are coarsened, for the releaser to see."""
    told = {deployment.location_id for deployment in records.deployments.values()}
    places = (gate.place(records.stations[one]) for one in sorted(told))
    return dict(Counter(map(_how_coarse, places)))


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


def _how_coarse(place: ReleasedPlace) -> str:
    if place.latitude is None:
        return "withheld"
    cell = place.coordinate_precision
    return "exact" if cell is None else f"{cell} degrees"


def _secrecy_for(session: Session, audience: Secrecy) -> SecrecyIndex:
    secrecy = read_secrecy(session)
    if not may_reach(secrecy.survey, audience):
        raise ExportRefused(
            tr(
                f"Nothing was exported: this survey is {secrecy.survey.value}. Its class is set "
                "with 'namcha secrecy mark survey'.",
                f"未导出:本调查的密级为 {secrecy.survey.value}。"
                "密级用“namcha secrecy mark survey”设置。",
            )
        )
    return secrecy


def _closed_deployments(
    session: Session, secrecy: SecrecyIndex, audience: Secrecy
) -> Iterator[str]:
    stations = {s.location_id: s for s in session.exec(select(CameraStation))}
    for deployment in session.exec(select(Deployment)):
        station = stations[deployment.location_id]
        if not may_reach(secrecy.of_place(station.location_id, station.plot_id), audience):
            yield deployment.deployment_id


def _without(told: ToldMedia, events: Collection[str]) -> ToldMedia:
    media = [item for item in told.media if item.event_id not in events]
    return replace(told, media=media, outgrown_events=told.outgrown_events.difference(events))


def _spans(events: Mapping[str, Event], told: ToldMedia) -> dict[str, tuple[datetime, datetime]]:
    """Tell when each event was; later media have stretched the event, not what was reviewed."""
    covered: dict[str, list[datetime]] = defaultdict(list)
    for media in told.media:
        if media.event_id in told.outgrown_events and media.media_id not in told.later_media:
            covered[media.event_id].append(media.timestamp)
    spans: dict[str, tuple[datetime, datetime]] = {}
    for event_id, event in events.items():
        if event.event_start is not None:
            times = covered.get(event_id, [event.event_start, event.event_end or event.event_start])
            spans[event_id] = min(times), max(times)
    return spans


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
        .order_by(col(Observation.observation_id))
    )


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
        select(func.max(Decision.decided_at)).where(col(Decision.act).not_in(CHANGES_NOTHING))
    ).one()
    return (last or datetime.now(UTC)).replace(microsecond=0)
