"""A million observations: what status, taxon pages and the list of protected animals cost.

    nice python benchmarks/status.py [--observations 1000000] [--keep FOLDER] [--repeats 3]

Times each question on the survey that `million.py` beside this file makes, and prints its peak
memory. A folder that is kept is used again as it is.
"""

import argparse
import os
import platform
import sqlite3
import statistics
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from million import TODAY, make_survey
from sqlmodel import Session, func, select

from species_db.alerts import raise_alerts
from species_db.lists import read_status_index
from species_db.sensitivity import open_gate
from species_db.survey import Survey, open_survey
from species_db.tables import Event, Observation
from species_db.wildlife import read_shared, taxon_page
from species_db.wildlife.overview import wildlife_list
from species_db.wildlife.sightings import local_date
from species_db.wildlife.tally import status_tally

SAMPLE = 2_000  # observations of the naive way, which is too slow for all
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


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
