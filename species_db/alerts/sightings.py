"""Read from a survey what the rules look at, and nothing more: listed taxa, disturbance, death."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, col, select

from species_db.alerts.facts import ANIMAL, Sighting
from species_db.alerts.rules import Rule
from species_db.alerts.signs import RecordOf, read_signs
from species_db.alerts.standing import NOTHING, Standing
from species_db.alerts.thresholds import (
    DOG,
    GUN,
    HUMAN,
    POISON,
    SNARE,
    VEHICLE,
    DeadOrIll,
    Disturbance,
)
from species_db.occurrences import Occurrence, read_occurrences
from species_db.tables import Deployment, Event, FieldRecord, Observation, Plot
from species_db.vocabulary import FieldState, ObservationType, RuleKind

# Words of a field record's threats, and the disturbance that each stands for.
THREATS: Mapping[str, str] = {
    "people": HUMAN,
    "dog": DOG,
    "vehicle": VEHICLE,
    "snare": SNARE,
    "gun": GUN,
    "poison": POISON,
}
NEEDS_MARKS = frozenset(RuleKind) - {RuleKind.DISTURBANCE, RuleKind.DEAD_OR_ILL}


@dataclass(frozen=True)
class Seen:
    """Everything the rules look at, and how many records without a date had to be left out."""

    sightings: tuple[Sighting, ...]
    undated: int


def read_sightings(session: Session, rules: Collection[Rule], standing: Standing) -> Seen:
    """Read what the enabled rules can fire on; who has nothing listed reads next to nothing."""
    kinds = {rule.kind for rule in rules}
    signs = _signs(session, rules)
    wanted: set[str] = {taxon for _, _, taxon in signs if taxon}
    if kinds & NEEDS_MARKS:
        wanted |= standing.ever_marked(_present_taxa(session))
    disturbances = {
        what
        for one in rules
        if isinstance(one.thresholds, Disturbance)
        for what in one.thresholds.what
    }
    if DOG in disturbances:
        wanted |= standing.dogs
    reader = _Reader(session, standing, signs)
    found = reader.read(taxon_ids=wanted)
    if any(taxon is None for _, _, taxon in signs):  # carcasses that nobody could name
        nameless = {record_id for _, record_id, taxon in signs if taxon is None}
        found += [one for one in reader.read(taxon_ids=None) if one.record_id in nameless]
    if disturbances & {HUMAN, VEHICLE}:
        found += reader.disturbing(disturbances, _at_setup(session, rules))
    if disturbances:
        found += list(_threats(session, disturbances))
    once = {(one.record_kind, one.record_id, one.subject, one.what): one for one in found}
    return Seen(tuple(once.values()), reader.undated)


class _Reader:
    def __init__(self, session: Session, standing: Standing, signs: Mapping[RecordOf, str]) -> None:
        self._session, self._standing, self._signs = session, standing, signs
        self.undated = 0

    def read(self, *, taxon_ids: Collection[str] | None) -> list[Sighting]:
        """Animals and plants; all records, or those of some taxa."""
        is_machine_asked = taxon_ids is not None
        return list(
            self._dated(
                read_occurrences(
                    self._session, taxon_ids=taxon_ids, include_machine=is_machine_asked
                )
            )
        )

    def disturbing(
        self, disturbances: Collection[str], is_at_setup: Callable[[Occurrence], bool]
    ) -> list[Sighting]:
        """People and vehicles before cameras; the team at its own camera is none."""
        types = [ObservationType(what) for what in (HUMAN, VEHICLE) if what in disturbances]
        team = _team_events(self._session)
        seen = read_occurrences(self._session, types=types, include_machine=True)
        strangers = (one for one in seen if one.record_id not in team and not is_at_setup(one))
        return list(self._dated(strangers))

    def _dated(self, occurrences: Iterable[Occurrence]) -> Iterator[Sighting]:
        for one in occurrences:
            if one.observed_at is None:
                self.undated += 1
            else:
                yield self._sighting(one, one.observed_at)

    def _sighting(self, one: Occurrence, at: datetime) -> Sighting:
        taxon_id, standing = one.taxon_id, self._standing
        day = _local_day(at, one.utc_offset_seconds)
        is_named = taxon_id is not None
        what = one.observation_type if one.observation_type in (HUMAN, VEHICLE) else ANIMAL
        if taxon_id in standing.dogs:
            what = DOG
        sign = self._signs.get((one.record_kind, one.record_id, taxon_id), "")
        return Sighting(
            record_kind=one.record_kind,
            record_id=one.record_id,
            taxon_id=taxon_id,
            what=what,
            at=at,
            day=day,
            location_id=one.location_id,
            plot_id=one.plot_id,
            county=one.county,
            latitude=one.latitude,
            longitude=one.longitude,
            elevation_m=one.elevation_m,
            confirmed_by=one.identified_by if one.is_confirmed else "",
            is_group=is_named and standing.is_group(str(taxon_id)),
            marks=standing.marks(str(taxon_id), day) if is_named else NOTHING,
            sign=sign if taxon_id is None or taxon_id in standing.animals else "",
        )


def _signs(session: Session, rules: Collection[Rule]) -> dict[RecordOf, str]:
    told: dict[RecordOf, str] = {}
    for rule in rules:
        if isinstance(rule.thresholds, DeadOrIll):
            told |= read_signs(session, rule.thresholds.words, rule.thresholds.unless)
    return told


def _present_taxa(session: Session) -> set[str]:
    asked = (Observation.taxon_id, FieldRecord.taxon_id)
    return {
        taxon_id
        for column in asked
        for taxon_id in session.exec(select(column).distinct())
        if taxon_id
    }


def _team_events(session: Session) -> frozenset[str]:
    """Events whose review in force says that the team set the camera up, or fetched it."""
    rows = session.exec(
        select(Observation.event_id)
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            col(Observation.camera_setup_type) != "",
        )
    )
    return frozenset(event_id for event_id in rows if event_id)


def _at_setup(session: Session, rules: Collection[Rule]) -> Callable[[Occurrence], bool]:
    """Tell a model's people around set-up and retrieval; whom a person confirmed always counts."""
    told = (one.thresholds for one in rules)
    minutes = max((one.setup_minutes for one in told if isinstance(one, Disturbance)), default=0)
    visits = {
        one.deployment_id: [
            at for at in (one.deployment_start, one.deployment_end) if at is not None
        ]
        for one in session.exec(select(Deployment))
    }

    def is_at_setup(one: Occurrence) -> bool:
        if one.is_confirmed or one.observed_at is None or not minutes:
            return False
        near = timedelta(minutes=minutes)
        return any(abs(one.observed_at - at) <= near for at in visits[one.deployment_id or ""])

    return is_at_setup


def _threats(session: Session, wanted: Collection[str]) -> Iterator[Sighting]:
    """Disturbance that people noted in field records."""
    plots = {one.plot_id: one for one in session.exec(select(Plot))}
    records = session.exec(
        select(FieldRecord).where(
            FieldRecord.state == FieldState.IDENTIFIED.value,
            col(FieldRecord.threats).is_not(None),
        )
    )
    for one in records:
        if one.event_start is None:
            continue
        plot = plots.get(one.plot_id or "")
        place = one if one.latitude is not None else plot or one  # else it was made on the plot
        words = json.loads(one.threats or "[]")
        for what in sorted({THREATS[word] for word in words if word in THREATS} & set(wanted)):
            yield Sighting(
                "field_record",
                one.field_record_id,
                None,
                what,
                one.event_start,
                _local_day(one.event_start, one.utc_offset_seconds),
                plot_id=one.plot_id,
                county=one.county or (plot.county if plot else ""),
                latitude=place.latitude,
                longitude=place.longitude,
                elevation_m=one.elevation_m,
                confirmed_by=one.identified_by or one.observer,
            )


def _local_day(at: datetime, offset_seconds: int) -> date:
    return (at.astimezone(UTC) + timedelta(seconds=offset_seconds)).date()
