"""Three seasons of forty stations in four counties: a dozen taxa, livestock, people, lost days.

Everything follows from the seed. Muntjacs grow rarer and yaks more frequent from year to year;
leopard cats go by night, pheasants by day, muntjacs at dawn and dusk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import insert
from sqlmodel import Session, SQLModel, select

from species_db import identity
from species_db.decisions import record_decision
from species_db.survey import Survey
from species_db.tables import (
    CameraDay,
    CameraStation,
    Deployment,
    Event,
    Observation,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act

PLOTS = (
    ("540423", "forest", 29.30, 95.31, 900),
    ("540423", "forest", 29.41, 95.36, 1500),
    ("540423", "forest", 29.22, 95.12, 2100),
    ("540424", "forest", 29.86, 95.72, 2700),
    ("540424", "shrubland", 29.97, 95.52, 3300),
    ("540424", "alpine", 29.78, 95.94, 3900),
    ("540425", "forest", 28.62, 97.42, 1800),
    ("540425", "shrubland", 28.78, 97.31, 2600),
    ("540402", "forest", 29.62, 94.42, 3200),
    ("540402", "alpine", 29.55, 94.61, 4200),
)
STATIONS = 40
SEASONS = ((date(2023, 5, 1), 60, 26), (date(2024, 5, 1), 60, 32), (date(2025, 4, 10), 184, 40))
"""First day, days, and how many of the stations had a camera."""
AHEAD = timedelta(hours=1, minutes=40)  # the clock's lead over the sun
UTC_OFFSET = timedelta(hours=8)
Row = dict[str, object]


@dataclass(frozen=True)
class Kind:
    """One taxon: visits per 100 days where it lives, where that is, and when it is about."""

    name: str
    rate: float
    heights: tuple[float, float]
    share: float  # of the stations at its heights
    peaks: tuple[float, ...]  # hours of sun time
    spread: float = 2.0  # hours
    yearly: float = 1.0  # how its rate changes from one year to the next
    group: int = 1
    plot: int | None = None  # where it lives on one plot alone

    def lives_at(self, station: int, height: float) -> bool:
        """Whether a station lies where it may live."""
        is_high_enough = self.heights[0] <= height <= self.heights[1]
        return is_high_enough and self.plot in (None, station // 4)


KINDS = (
    Kind("Muntiacus vaginalis", 6.0, (800, 2800), 0.9, (5.6, 18.2), 1.6, 0.72),
    Kind("Sus scrofa", 3.0, (800, 3400), 0.6, (4.5, 19.5), 2.6, 1.1, group=4),
    Kind("Macaca assamensis", 2.4, (800, 3000), 0.5, (9.0, 15.5), 2.0, group=7),
    Kind("Paguma larvata", 1.1, (800, 2600), 0.5, (22.5, 2.0), 2.2),
    Kind("Dremomys lokriah", 1.5, (1400, 3800), 0.5, (8.0, 15.5), 2.2),
    Kind("Prionailurus bengalensis", 2.0, (800, 3600), 0.6, (21.0, 3.0), 2.4),
    Kind("Martes flavigula", 1.2, (1200, 3800), 0.6, (8.0, 16.0), 2.5),
    Kind("Ursus thibetanus", 0.7, (1400, 3600), 0.4, (12.0,), 5.0),
    Kind("Pardofelis temminckii", 1.4, (3800, 4400), 0.9, (12.0,), 6.0, plot=9),
    Kind("Tragopan temminckii", 2.6, (2000, 3700), 0.5, (7.5, 16.5), 1.4),
    Kind("Arborophila torqueola", 1.4, (1400, 3400), 0.4, (8.0, 15.0), 1.6, group=2),
    Kind("Hystrix hodgsoni", 1.8, (800, 2400), 0.5, (22.0, 2.0), 2.2),
    Kind("Bos grunniens", 3.2, (2600, 4400), 0.5, (10.0, 15.0), 2.4, 1.4, group=6),
    Kind("Canis lupus familiaris", 0.8, (800, 4200), 0.3, (9.0, 17.0), 3.0, 1.2),
)
PEOPLE = Kind("", 2.2, (800, 4300), 0.5, (9.5, 16.0), 2.0, group=2)


def plant_seasons(survey: Survey, *, seed: int = 11) -> Survey:
    """Fill a survey that has the shipped lists."""
    random = np.random.default_rng(seed)
    with survey.writing() as session:
        stations = list(_places(session, random))
        deployments = list(_deployments(session, stations, random))
        session.flush()
        _store(session, CameraDay, list(_days(deployments, random)))
        _visits(session, deployments, random)
    return survey


@dataclass(frozen=True)
class Stood:
    """A deployment at a height, in the n-th season."""

    deployment_id: str
    station: int
    height: float
    season: int
    first: date
    days: int


def _places(session: Session, random: np.random.Generator) -> Iterator[float]:
    for number, (county, ecosystem, north, east, height) in enumerate(PLOTS):
        plot_id = f"LZ-{number + 40:03d}"
        session.add(Plot(plot_id=plot_id, county=county, ecosystem=ecosystem))
        session.flush()
        for letter in range(STATIONS // len(PLOTS)):
            shift = random.uniform(-0.03, 0.03, 2)
            metres = float(height + 120 * letter)
            session.add(
                CameraStation(
                    location_id=_name(number * 4 + letter),
                    plot_id=plot_id,
                    latitude=round(north + float(shift[0]), 5),
                    longitude=round(east + float(shift[1]), 5),
                    elevation_m=metres,
                )
            )
            yield metres
    session.flush()


def _name(number: int) -> str:
    return f"NC-{number + 1:02d}"


def _deployments(
    session: Session, heights: Sequence[float], random: np.random.Generator
) -> Iterator[Stood]:
    for season, (first, days, count) in enumerate(SEASONS):
        for station in sorted(random.permutation(STATIONS)[:count].tolist()):
            begins = first + timedelta(days=int(random.integers(0, 6)))
            length = days - int(random.integers(0, 12))
            start = datetime.combine(begins, datetime.min.time(), UTC) + timedelta(
                hours=float(random.uniform(1, 9))
            )
            deployment_id = f"{_name(station)}-{first.year}"
            session.add(
                Deployment(
                    deployment_id=deployment_id,
                    location_id=_name(station),
                    deployment_start=start,
                    deployment_end=start + timedelta(days=length),
                )
            )
            yield Stood(deployment_id, station, heights[station], season, begins, length)


def _days(deployments: Sequence[Stood], random: np.random.Generator) -> Iterator[Row]:
    """Most days worked; some cameras died early, lost weeks or their flash, one never worked."""
    stated = datetime(2025, 11, 1, tzinfo=UTC)
    for one in deployments:
        dead = one.days if random.random() > 0.25 else int(random.uniform(0.3, 0.9) * one.days)
        blocked = int(random.uniform(0, one.days)) if random.random() < 0.3 else -99
        dark = int(random.uniform(0, one.days)) if random.random() < 0.25 else 999
        for day in range(one.days + 1):
            state = "day_only" if dark <= day < dark + 35 else "working"
            if blocked <= day < blocked + 14:
                state = "blocked"
            if day >= dead:
                state = "dead"
            if one.station == 17 and one.season == 2:
                state = "unknown"
            on = (one.first + timedelta(days=day)).isoformat()
            yield {
                "deployment_id": one.deployment_id,
                "day": on,
                "method": "machine",
                "state": state,
                "stated_at": stated,
            }


def _visits(session: Session, deployments: Sequence[Stood], random: np.random.Generator) -> None:
    """Reviewed events of animals and people; a few that only a model has named."""
    taxa = {one.scientific_name: one.taxon_id for one in session.exec(select(Taxon))}
    decision = record_decision(session, Act.REVIEWED, subject="season", person="Drolma", details={})
    events, observations = [], []
    lives = {
        kind.name: {
            station: float(random.gamma(2.0, 0.5))
            for station in range(STATIONS)
            if random.random() < kind.share
        }
        for kind in (*KINDS, PEOPLE)
    }
    for kind in (*KINDS, PEOPLE):
        for one in deployments:
            here = lives[kind.name].get(one.station, 0.0)
            if not kind.lives_at(one.station, one.height):
                continue
            expected = 1.7 * here * kind.rate * kind.yearly**one.season * one.days / 100
            for number in range(int(random.poisson(expected))):
                is_reviewed = random.random() > 0.06
                review_id = decision.decision_id if is_reviewed else None
                event = _event(one, kind, number, random)
                events.append(event | {"is_reviewed": is_reviewed, "current_review_id": review_id})
                count = 1 + int(random.poisson(kind.group - 1))
                observations.append(_observation(event, taxa.get(kind.name), review_id, count))
    _store(session, Event, events)
    _store(session, Observation, observations)


def _store(session: Session, table: type[SQLModel], rows: list[Row]) -> None:
    """Store thousands of rows at once, without seals."""
    empty = table(**rows[0]).model_dump()
    session.execute(insert(table), [empty | row for row in rows])


def _event(one: Stood, kind: Kind, number: int, random: np.random.Generator) -> Row:
    hour = float(random.normal(random.choice(kind.peaks), kind.spread)) % 24
    on = one.first + timedelta(days=int(random.integers(1, one.days)))
    local = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=hour) + AHEAD
    start = local - UTC_OFFSET
    return {
        "event_id": identity.event_id(one.deployment_id, f"{kind.name} {number}"),
        "deployment_id": one.deployment_id,
        "event_start": start,
        "event_end": start + timedelta(seconds=20),
        "media_count": 3,
    }


def _observation(event: Row, taxon_id: str | None, review_id: str | None, count: int) -> Row:
    return {
        "observation_id": identity.act_id(),
        "deployment_id": event["deployment_id"],
        "event_id": event["event_id"],
        "observation_level": "event" if review_id else "media",
        "observation_type": "animal" if taxon_id else "human",
        "taxon_id": taxon_id,
        "count": count,
        "classification_method": "human" if review_id else "machine",
        "classified_by": "Drolma" if review_id else "model 1",
        "classification_timestamp": datetime(2025, 11, 2, tzinfo=UTC),
        "classification_probability": None if review_id else 0.8,
        "review_id": review_id,
    }
