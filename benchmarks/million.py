"""A survey of a million observations by plain inserts, for benchmarks that measure reading.

400 stations, 120 taxa and three years of reviewed events; rows carry no seals and decisions no
chain of hashes, so nobody verifies this survey.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, select

from species_db.lists import read_status_index
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings
from species_db.tables import (
    CameraDay,
    CameraStation,
    Decision,
    Deployment,
    Event,
    Observation,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act
from species_db.wildlife.sightings import local_date

STATIONS, TAXA, YEARS, PLOTS = 400, 120, 3, 78
FIRST = datetime(2020, 3, 31, 16, 0, tzinfo=UTC)  # so that the law changes in the first year
COUNTIES = ("540402", "540421", "540423", "540424", "540425", "540426", "540481")
ECOSYSTEMS = ("forest", "shrubland", "alpine")
PAGE = 20_000  # rows in one insert
TODAY = date(2026, 11, 22)
DOGS = "Canis lupus familiaris"


def make_survey(folder: Path, observations: int) -> Survey:
    """A survey of so many reviewed events, one observation each; the commonest taxon has most."""
    started = time.monotonic()
    survey = start_survey(folder, SurveySettings(title="Benchmark"), person="benchmark")
    rng = random.Random(7)
    with survey.writing() as session:
        insert(session, Plot, plots(rng))
        insert(session, CameraStation, stations(rng))
        insert(session, Deployment, deployments())
        insert(session, CameraDay, camera_days(rng))
        insert(session, Event, events(observations, rng))
        insert(session, Decision, decisions(observations))
        insert(session, Observation, sightings(observations, taxa_of(session)))
    size = (folder / "survey.db").stat().st_size / 1e6
    print(f"{observations} observations made in {time.monotonic() - started:.0f} s, {size:.0f} MB")
    return survey


def insert(session: Session, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    """Write rows a page at a time, without objects."""
    columns = table.__table__.insert()  # type: ignore[attr-defined]
    page: list[dict[str, Any]] = []
    for row in rows:
        page.append(row if table is Decision else {"seal": ""} | row)
        if len(page) == PAGE:
            session.connection().execute(columns, page)
            page.clear()
    if page:
        session.connection().execute(columns, page)


def plots(rng: random.Random) -> Iterator[dict[str, Any]]:
    """78 plots in seven counties."""
    for number in range(PLOTS):
        yield {
            "plot_id": f"LZ-{number:03d}",
            "name": "",
            "county": COUNTIES[number % len(COUNTIES)],
            "ecosystem": rng.choice(ECOSYSTEMS),
            "remarks": "",
        }


def stations(rng: random.Random) -> Iterator[dict[str, Any]]:
    """400 stations over the prefecture and its heights."""
    for number in range(STATIONS):
        yield {
            "location_id": f"S{number:03d}",
            "location_name": "",
            "plot_id": f"LZ-{number % PLOTS:03d}",
            "latitude": rng.uniform(28.5, 30.2),
            "longitude": rng.uniform(93.2, 97.4),
            "coordinate_uncertainty_m": 30,
            "elevation_m": float(round(rng.uniform(700, 4400))),
        }


def deployments() -> Iterator[dict[str, Any]]:
    """One camera a station and year, from April to March."""
    for number in range(STATIONS):
        for year in range(YEARS):
            start = FIRST + timedelta(days=365 * year, hours=number % 24)
            yield {
                "deployment_id": f"S{number:03d}-{year}",
                "location_id": f"S{number:03d}",
                "deployment_start": start,
                "deployment_end": start + timedelta(days=360),
                "utc_offset_seconds": 8 * 3600,
                "setup_by": "",
                "feature_type": "",
                "habitat": ("fir forest", "oak forest", "scrub")[number % 3],
                "deployment_groups": "",
                "deployment_tags": "",
                "deployment_comments": "",
            }


def camera_days(rng: random.Random) -> Iterator[dict[str, Any]]:
    """Every day of every camera; one in ten it did not work."""
    for one in deployments():
        first = local_date(one["deployment_start"], 8 * 3600)
        assert first is not None
        for number in range(361):
            yield {
                "deployment_id": one["deployment_id"],
                "day": (first + timedelta(days=number)).isoformat(),
                "method": "machine",
                "state": "working" if rng.random() < 0.9 else "dead",
                "cause": "",
                "media_count": 3,
                "person": "",
                "stated_at": FIRST,
            }


def events(count: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Reviewed events at random times; one in fifty waits for its review."""
    for number in range(count):
        place, year = number % STATIONS, (number // STATIONS) % YEARS
        start = FIRST + timedelta(
            days=365 * year, hours=place % 24, seconds=rng.randrange(360 * 86_400)
        )
        is_reviewed = number % 50 != 0
        yield {
            "event_id": f"e{number:07d}",
            "deployment_id": f"S{place:03d}-{year}",
            "event_start": start,
            "event_end": start + timedelta(seconds=20),
            "media_count": 3,
            "machine_type": "animal",
            "priority": 5,
            "is_reviewed": is_reviewed,
            "current_review_id": f"r{number:07d}" if is_reviewed else None,
        }


def decisions(count: int) -> Iterator[dict[str, Any]]:
    """One review an event, without the chain of hashes: nobody verifies this survey."""
    for number in range(count):
        if number % 50 != 0:
            yield {
                "sequence": 10 + number,
                "decision_id": f"r{number:07d}",
                "act": Act.REVIEWED.value,
                "subject": f"e{number:07d}",
                "person": "Drolma",
                "decided_at": FIRST,
                "details": "{}",
                "previous_hash": "",
                "hash": "",
            }


def taxa_of(session: Session) -> list[str]:
    """Animals of the checklist, protected ones among them, and dogs."""
    known = {name: one for one, name in session.exec(select(Taxon.taxon_id, Taxon.scientific_name))}
    index = read_status_index(session)
    local = [
        one.taxon_id
        for one in session.exec(select(Taxon).where(Taxon.class_name == "Mammalia"))
        if one.taxon_rank == "species"
    ]
    protected = [one for one in local if index.status_of(one, TODAY).protection_level]
    others = [one for one in local if one not in set(protected)]
    return [others[0], known[DOGS], *protected[: TAXA // 2], *others[1:]][:TAXA]


def sightings(count: int, taxa: list[str]) -> Iterator[dict[str, Any]]:
    """One observation an event: taxa as common as 1/rank, people in one of thirty."""
    rng = random.Random(11)
    weights = [1 / (rank + 1) for rank in range(len(taxa))]
    chosen = rng.choices(taxa, weights=weights, k=count)
    for number, taxon_id in enumerate(chosen):
        place, year = number % STATIONS, (number // STATIONS) % YEARS
        is_reviewed, is_human = number % 50 != 0, number % 30 == 1
        yield {
            "observation_id": f"o{number:07d}",
            "deployment_id": f"S{place:03d}-{year}",
            "event_id": f"e{number:07d}",
            "observation_level": "event" if is_reviewed else "media",
            "observation_type": "human" if is_human else "animal",
            "camera_setup_type": "",
            "taxon_id": None if is_human else taxon_id,
            "count": 1,
            "life_stage": "",
            "sex": "",
            "behavior": "",
            "individual_id": "",
            "classification_method": "human" if is_reviewed else "machine",
            "classified_by": ("Drolma", "Pema", "Tashi")[number % 3],
            "classification_timestamp": FIRST,
            "review_id": f"r{number:07d}" if is_reviewed else None,
            "observation_comments": "",
        }
