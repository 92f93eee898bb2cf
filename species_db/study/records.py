"""The camera records that analyses count: one for each taxon of each event, as columns.

What is a record, and which are confirmed, is told as on the pages of taxa (wildlife/sightings);
here each has its end and its number of individuals as well.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, cast, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.repeats.dismissed import is_dismissed
from species_db.study.effort import Standing
from species_db.study.question import Question, State
from species_db.tables import Event, Observation, Taxon
from species_db.vocabulary import ClassificationMethod, ObservationType
from species_db.wildlife.camera_effort import DeploymentFacts
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import (
    BREAK,
    NO_TIME,
    CameraRecords,
    read_camera_records,
    seconds_of,
)
from species_db.wildlife.threats import DOMESTIC, PEOPLE, VEHICLE

MACHINE = ClassificationMethod.MACHINE.value
PASSERS_BY = (ObservationType.HUMAN, ObservationType.VEHICLE)
ONE = 1  # individual, as most events hold
Names = NDArray[np.object_]


@dataclass(frozen=True)
class Records:
    """Records as columns, one element each, in the order of time, then of event and taxon.

    `seconds` and `ends` are UTC, of the first and last file of the event; `days` is the local date
    of the first as days since 1970, -1 when undated; `counts` is the number of individuals as
    reviewed, or the most that a model saw in one frame, 0 when nobody said; `offsets` are the
    seconds east of UTC of the camera's clock. `without_taxon` are events of animals nobody named,
    with their deployment and start.
    """

    event_ids: Names
    taxa: Names
    deployments: Names
    seconds: NDArray[np.int64]
    ends: NDArray[np.int64]
    days: NDArray[np.int64]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    is_confirmed: NDArray[np.bool_]
    without_taxon: tuple[tuple[str, str, datetime | None], ...] = ()

    def __len__(self) -> int:
        return len(self.event_ids)

    @property
    def is_dated(self) -> NDArray[np.bool_]:
        """Which records have a time."""
        return np.not_equal(self.seconds, NO_TIME)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Records":
        """Some of the records: those marked, or those of some numbers in their order."""
        columns = {
            one.name: getattr(self, one.name)[chosen]
            for one in fields(self)
            if isinstance(getattr(self, one.name), np.ndarray)
        }
        return replace(self, **columns)

    def and_also(self, other: "Records") -> "Records":
        """These records, then others."""
        columns: dict[str, Any] = {
            one.name: np.concatenate([getattr(self, one.name), getattr(other, one.name)])
            for one in fields(self)
            if isinstance(getattr(self, one.name), np.ndarray)
        }
        return replace(self, **columns)


@dataclass(frozen=True)
class EventFacts:
    """Of all events of a survey: when those ended that lasted, and numbers where not one."""

    ends: Mapping[str, int]
    counts: Mapping[tuple[str, str], int]


def read_event_facts(session: Session) -> EventFacts:
    """Read them once; animals and what disturbs them have them in common."""
    return EventFacts(_ends(session), _counts(session))


def read_records(
    session: Session,
    standings: Mapping[str, Standing],
    question: Question,
    facts: EventFacts,
    *,
    taxon_ids: Collection[str] | None = None,
) -> Records:
    """Read the records of animals; of all taxa, or of some, as they are given."""
    wanted = _recorded(session) if taxon_ids is None else set(taxon_ids)
    told = read_camera_records(
        session, _deployment_facts(standings), PageSettings(), taxon_ids=wanted
    )
    records = _columns(facts, told, standings)
    if question.state is State.CONFIRMED:
        records = records.only(records.is_confirmed)
    return replace(records, without_taxon=_without_taxon(session))


def read_disturbers(
    session: Session, standings: Mapping[str, Standing], facts: EventFacts
) -> Records:
    """Read confirmed events of people, vehicles, dogs, cats and livestock; the team's are none.

    `taxa` holds which of these, in the words of species_db/wildlife/threats.
    """
    asked = select_columns(col(Taxon.taxon_id), col(Taxon.scientific_name)).where(
        col(Taxon.scientific_name).in_(sorted(DOMESTIC))
    )
    kinds = {taxon_id: DOMESTIC[name] for taxon_id, name in session.execute(asked)}
    kinds |= {ObservationType.HUMAN.value: PEOPLE, ObservationType.VEHICLE.value: VEHICLE}
    passing = _passers_by(session, standings, facts)
    tame = _domestic(session, standings, facts, kinds)
    both = passing.and_also(tame)
    told = np.array([kinds[one] for one in both.taxa.tolist()], dtype=object)
    both = replace(both, taxa=told)
    return both.only(np.lexsort((both.event_ids, both.taxa, both.seconds)))


def _domestic(
    session: Session,
    standings: Mapping[str, Standing],
    facts: EventFacts,
    kinds: Mapping[str, str],
) -> Records:
    told = read_camera_records(
        session, _deployment_facts(standings), PageSettings(), taxon_ids=kinds
    )
    records = _columns(facts, told, standings)
    return records.only(records.is_confirmed & records.is_dated)


def _passers_by(session: Session, standings: Mapping[str, Standing], facts: EventFacts) -> Records:
    told = read_camera_records(
        session, _deployment_facts(standings), PageSettings(), types=PASSERS_BY
    )
    records = _columns(facts, told, standings)
    team = select_columns(col(Observation.event_id)).where(col(Observation.camera_setup_type) != "")
    of_team = set(session.scalars(team))
    is_other = np.array([one not in of_team for one in records.event_ids], dtype=np.bool_)
    return records.only(records.is_confirmed & records.is_dated & is_other)


def read_individuals(session: Session, taxon_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The animals that a review told apart, by event; one nobody named is not there."""
    asked = (
        select_columns(col(Observation.event_id), col(Observation.individual_id))
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            col(Observation.individual_id) != "",
            col(Observation.taxon_id).in_(sorted(taxon_ids)),
        )
        .distinct()
    )
    told: dict[str, list[str]] = {}
    for event_id, individual in session.execute(asked):
        told.setdefault(event_id, []).append(individual)
    return {event_id: tuple(sorted(found)) for event_id, found in told.items()}


def _recorded(session: Session) -> set[str]:
    asked = select_columns(col(Observation.taxon_id)).where(
        col(Observation.observation_type) == ObservationType.ANIMAL.value,
        col(Observation.taxon_id).is_not(None),
    )
    return {one for one in session.scalars(asked.distinct()) if one}


def _without_taxon(session: Session) -> tuple[tuple[str, str, datetime | None], ...]:
    """Reviewed events of an animal to which nobody gave a name."""
    asked = (
        select_columns(col(Event.event_id), col(Event.deployment_id), col(Event.event_start))
        .join(Observation, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            col(Observation.observation_type) == ObservationType.ANIMAL.value,
            col(Observation.taxon_id).is_(None),
        )
        .distinct()
    )
    return tuple((event, deployment, start) for event, deployment, start in session.execute(asked))


def _deployment_facts(standings: Mapping[str, Standing]) -> dict[str, DeploymentFacts]:
    return {
        name: DeploymentFacts(one.location_id, "", one.offset_seconds)
        for name, one in standings.items()
    }


def _columns(facts: EventFacts, told: CameraRecords, standings: Mapping[str, Standing]) -> Records:
    order = np.lexsort((told.taxon, told.deployment, told.seconds))
    taxon, deployment = told.taxon[order], told.deployment[order]
    event_ids = np.array(told.record_ids, dtype=object)[order]
    taxa = np.array(told.taxa, dtype=object)[taxon]
    seconds = told.seconds[order]
    offsets = np.array([standings[name].offset_seconds for name in told.deployments], np.int64)
    ends, counts = facts.ends, facts.counts
    last = np.array([ends.get(one, NO_TIME) for one in event_ids.tolist()], dtype=np.int64)
    pairs = zip(event_ids.tolist(), taxa.tolist(), strict=True)
    return Records(
        event_ids=event_ids,
        taxa=taxa,
        deployments=np.array(told.deployments, dtype=object)[deployment],
        seconds=seconds,
        ends=np.maximum(last, seconds),
        days=told.day[order],
        offsets=offsets[deployment],
        counts=np.array([counts.get(pair, ONE) for pair in pairs], dtype=np.int64),
        is_confirmed=told.is_confirmed[order],
    )


def _ends(session: Session) -> dict[str, int]:
    """When each event ended that lasted; joined to one text, as a million rows are read faster."""
    end = cast(col(Event.event_end), String)
    lasted = select_columns(
        func.aggregate_strings(col(Event.event_id), BREAK), func.aggregate_strings(end, BREAK)
    ).where(col(Event.event_end) > col(Event.event_start))
    events, ends = session.connection().execute(lasted).one()
    if not events:
        return {}
    return dict(zip(events.split(BREAK), seconds_of(ends.split(BREAK)).tolist(), strict=True))


def _counts(session: Session) -> dict[tuple[str, str], int]:
    """Individuals by event and taxon where it is not one: 0 where a person gave no number.

    As reviewed, all sexes and ages together; of what nobody reviewed the most boxes in one frame.
    """
    one = (col(Observation.event_id), col(Observation.taxon_id))
    frames = (
        select_columns(*one, func.count().label("boxes"))
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id).is_(None),
            col(Observation.classification_method) == MACHINE,
            col(Observation.taxon_id).is_not(None),
            ~is_dismissed(),
        )
        .group_by(*one, col(Observation.media_id), col(Observation.frame_s))
        .having(func.count() > ONE)
        .subquery()
    )
    of_frames = frames.c
    most = select_columns(
        of_frames.event_id, of_frames.taxon_id, func.max(of_frames.boxes)
    ).group_by(of_frames.event_id, of_frames.taxon_id)
    total = func.coalesce(func.sum(Observation.count), 0)
    reviewed = (
        select_columns(*one, total)
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            col(Observation.taxon_id).is_not(None),
        )
        .group_by(*one)
    )
    connection = session.connection()
    said = {(event, taxon): int(count) for event, taxon, count in connection.execute(most)}
    for event, taxon, count in connection.execute(reviewed.having(total != ONE)):
        said[event, taxon] = int(count or 0)
    return said
