"""A million observations: what status, taxon pages and the list of protected animals cost.

    nice python benchmarks/status.py [--observations 1000000] [--keep FOLDER] [--repeats 3]

Makes a survey of 400 stations, 120 taxa and three years of reviewed events by plain inserts (rows
carry no seals: this measures reading), then times each question and prints its peak memory. A
folder that is kept is used again as it is.
"""

import argparse
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, func, select

from species_db.alerts import raise_alerts
from species_db.lists import read_status_index
from species_db.sensitivity import open_gate
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings, open_survey
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
from species_db.wildlife import read_shared, taxon_page
from species_db.wildlife.overview import wildlife_list
from species_db.wildlife.sightings import local_date
from species_db.wildlife.tally import status_tally

STATIONS, TAXA, YEARS, PLOTS = 400, 120, 3, 78
FIRST = datetime(2020, 3, 31, 16, 0, tzinfo=UTC)  # so that the law changes in the first year
COUNTIES = ("540402", "540421", "540423", "540424", "540425", "540426", "540481")
ECOSYSTEMS = ("forest", "shrubland", "alpine")
PAGE = 20_000  # rows in one insert
SAMPLE = 2_000  # observations of the naive way, which is too slow for all
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
DOGS = "Canis lupus familiaris"


@dataclass(frozen=True)
class Measured:
    """One question: seconds of each repeat, peak memory of one more, and what it answered."""

    name: str
    seconds: list[float]
    cpu: float  # of the fastest repeat: other work on the machine does not show
    peak_mb: float
    told: str


def main() -> None:
    """Make the survey, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary) / "survey"
        if (folder / "survey.db").exists():
            survey = open_survey(folder)
        else:
            survey = make_survey(folder, given.observations)
        ask(survey, given.repeats)
        survey.close()


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


def ask(survey: Survey, repeats: int) -> None:
    """Time every question and print a table."""
    with survey.reading() as session:
        common, rare = ends_of(session)
        shared = read_shared(session)
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"numpy {version('numpy')}, SQLAlchemy {version('sqlalchemy')}; "
        f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}"
    )
    rows = [
        timed("effort and lists, read once", survey, repeats, lambda s: told_shared(s)),
        timed(
            "status of each record, then and today",
            survey,
            repeats,
            lambda s: told_tally(s),
        ),
        timed("wildlife list", survey, repeats, lambda s: f"{len(wildlife_list(s, TODAY))} taxa"),
        timed("taxon page, commonest, all read", survey, repeats, lambda s: told_page(s, common)),
        timed(
            "taxon page, commonest",
            survey,
            repeats,
            lambda s: told_page(s, common, shared=shared),
        ),
        timed("taxon page, rare", survey, repeats, lambda s: told_page(s, rare, shared=shared)),
        timed("gate: every place's category", survey, repeats, lambda s: told_gate(s, survey)),
    ]
    print(
        f"{'question':40s} {'median s':>9s} {'worst s':>8s} {'CPU s':>6s} {'peak MB':>8s}  answer"
    )
    for row in rows:
        median, worst = statistics.median(row.seconds), max(row.seconds)
        print(
            f"{row.name:40s} {median:9.2f} {worst:8.2f} {row.cpu:6.2f} "
            f"{row.peak_mb:8.0f}  {row.told}"
        )
    warn(survey)
    compare(survey, statistics.median(rows[1].seconds))


def timed(name: str, survey: Survey, repeats: int, question: Callable[[Session], str]) -> Measured:
    """Ask in a session of its own each time; memory in one more, since measuring it is slow."""
    seconds, cpu = list[float](), list[float]()
    told = ""
    for _ in range(repeats):
        with survey.reading() as session:
            started, worked = time.perf_counter(), time.process_time()
            told = question(session)
            seconds.append(time.perf_counter() - started)
            cpu.append(time.process_time() - worked)
    with survey.reading() as session:
        tracemalloc.start()
        question(session)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return Measured(name, seconds, min(cpu), peak, told)


def ends_of(session: Session) -> tuple[str, str]:
    """The commonest taxon and the rarest."""
    counts = session.exec(
        select(Observation.taxon_id, func.count())
        .where(Observation.taxon_id.is_not(None))  # type: ignore[union-attr]
        .group_by(Observation.taxon_id)
    ).all()
    order = sorted(counts, key=lambda pair: pair[1])
    return str(order[-1][0]), str(order[0][0])


def told_shared(session: Session) -> str:
    """Camera-days of all stations."""
    return f"{sum(read_shared(session).effort.of_stations().values()):.0f} camera-days"


def told_tally(session: Session) -> str:
    """Events by level, then and today."""
    told = status_tally(session, on=TODAY)
    then, now = dict(told.as_of_observation), dict(told.as_of_day)
    return f"then {then}, today {now}"


def told_page(session: Session, taxon_id: str, **values: Any) -> str:
    """Confirmed records of a page."""
    page = taxon_page(session, taxon_id, on=TODAY, **values)
    return f"{page.review.confirmed} confirmed, {page.counts.total.camera.events} independent"


def told_gate(session: Session, survey: Survey) -> str:
    """Places that a category coarsens, as the gate finds them when it opens."""
    gate = open_gate(session, survey.settings, today=TODAY)
    return f"{len(gate.places.by_node)} sensitive places, {len(gate.places.delays)} taxa that wait"


def warn(survey: Survey) -> None:
    """Run the rules that are on over the survey: once, since a second run finds all raised."""
    started, worked = time.perf_counter(), time.process_time()
    told = raise_alerts(survey, now=NOW, person="benchmark")
    spent, cpu = time.perf_counter() - started, time.process_time() - worked
    print(
        f"{'alerts of all rules, first run':40s} {spent:9.2f} {spent:8.2f} {cpu:6.2f} {'':>8s}  "
        f"{told.as_text()}"
    )


def compare(survey: Survey, whole: float) -> None:
    """Ask the status row by row through objects, on a sample, and print how much slower it is."""
    with survey.reading() as session:
        index = read_status_index(session)
        total = session.exec(select(func.count()).select_from(Observation)).one()
        started = time.perf_counter()
        levels: Counter[str] = Counter()
        for one in session.exec(select(Observation).limit(SAMPLE)).all():
            event = session.get(Event, one.event_id)
            if one.taxon_id and event and event.event_start:
                on = local_date(event.event_start, 8 * 3600) or TODAY
                levels[index.status_of(one.taxon_id, on).protection_level] += 1
        spent = time.perf_counter() - started
    naive = spent * total / SAMPLE
    print(
        f"\nrow by row: {spent:.2f} s for {SAMPLE} observations, so {naive:.0f} s for {total}: "
        f"{naive / whole:.0f} times as long"
    )


if __name__ == "__main__":
    main()
