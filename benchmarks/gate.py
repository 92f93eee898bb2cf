"""How long the gate takes to learn the category of every place of a large survey.

    python benchmarks/gate.py [--observations 1000000] [--stations 400] [--field 20000]

Makes a survey with the shipped lists, stations on a kilometre grid of valleys, three deployments
each, observations of the checklist's animals as they fall (few taxa make most records), field
records with earlier names in the log, and opens the gate several times.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from species_db.sensitivity import delayed_events, local_today, open_gate
from species_db.sensitivity.category import read_categories
from species_db.sensitivity.neighbours import connect
from species_db.sensitivity.recorded import read_ground, read_seen
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings
from species_db.tables import (
    CameraStation,
    Decision,
    Deployment,
    Event,
    FieldRecord,
    Observation,
    Plot,
    Taxon,
)

START = datetime(2025, 4, 1, 2, tzinfo=UTC)
ROUNDS = 3
BATCH = 50_000


def fill(survey: Survey, *, observations: int, stations: int, field: int) -> None:
    """Rows as an import leaves them, but without seals: nothing here reads those."""
    chance = random.Random(1)
    with survey.writing() as session:
        animals = sorted(
            session.exec(select(Taxon.taxon_id).where(col(Taxon.class_name) == "Mammalia"))
        )[:150]
        connection = session.connection()
        _places(connection, stations, chance)
        events = observations // 5
        deployments = stations * 3
        for first in range(0, events, BATCH):
            numbers = range(first, min(first + BATCH, events))
            connection.execute(insert(Event), [_event(n, deployments) for n in numbers])
        for first in range(0, observations, BATCH):
            numbers = range(first, min(first + BATCH, observations))
            rows = [_observation(n, deployments, animals, chance) for n in numbers]
            connection.execute(insert(Observation), rows)
        _field(connection, field, stations, animals, chance)


def _places(connection: Any, stations: int, chance: random.Random) -> None:
    connection.execute(
        insert(Plot), [{"seal": "", "plot_id": f"P{n}", "name": "", "county": "540423",
                        "ecosystem": "", "remarks": ""} for n in range(78)]
    )  # fmt: skip
    connection.execute(
        insert(CameraStation),
        [
            {
                "seal": "",
                "location_id": f"S{n}",
                "location_name": "",
                "plot_id": f"P{n % 78}" if n % 3 else None,
                "latitude": 28.5 + (n // 20) * 0.1 + (n % 20) * 0.009,
                "longitude": 94.0 + chance.random() * 2,
                "coordinate_uncertainty_m": 30,
                "elevation_m": 2000.0,
            }
            for n in range(stations)
        ],
    )
    connection.execute(
        insert(Deployment),
        [
            {
                "seal": "",
                "deployment_id": f"D{n}",
                "location_id": f"S{n % stations}",
                "deployment_start": START + timedelta(days=180 * (n // stations)),
                "deployment_end": START + timedelta(days=180 * (n // stations) + 175),
                "utc_offset_seconds": 28800,
            }
            for n in range(stations * 3)
        ],
    )


def _event(number: int, deployments: int) -> dict[str, object]:
    season = number % deployments // (deployments // 3)
    at = START + timedelta(days=180 * season, minutes=number % 250_000)
    return {
        "seal": "",
        "event_id": f"E{number}",
        "deployment_id": f"D{number % deployments}",
        "event_start": at,
        "event_end": at,
        "media_count": 3,
        "machine_type": "animal",
        "priority": 9,
        "is_reviewed": False,
    }


def _observation(
    number: int, deployments: int, animals: list[str], chance: random.Random
) -> dict[str, object]:
    event = number // 5
    rank = min(int(chance.paretovariate(0.8)) - 1, len(animals) - 1)
    return {
        "seal": "",
        "observation_id": f"O{number}",
        "deployment_id": f"D{event % deployments}",
        "event_id": f"E{event}",
        "observation_level": "media",
        "observation_type": "animal",
        "taxon_id": animals[rank] if number % 4 else None,
        "classification_method": "machine",
        "classified_by": "m",
        "classification_timestamp": START,
    }


def _field(
    connection: Any, field: int, stations: int, animals: list[str], chance: random.Random
) -> None:
    if not field:
        return
    connection.execute(
        insert(FieldRecord),
        [
            {
                "seal": "",
                "field_record_id": f"F{n}",
                "plot_id": f"P{n % 78}" if n % 2 else None,
                "protocol": "transect",
                "observer": "N",
                "state": "identified",
                "event_start": START,
                "latitude": 28.5 + chance.random() * 2,
                "longitude": 94.0 + chance.random() * 2,
                "taxon_id": animals[n % len(animals)],
                "photo_count": 0,
            }
            for n in range(field)
        ],
    )
    first = connection.exec_driver_sql("SELECT max(sequence) FROM decision").scalar() + 1
    connection.execute(
        insert(Decision),
        [
            {
                "sequence": first + n,
                "decision_id": f"L{n}",
                "act": "field_identified",
                "subject": f"F{n}",
                "person": "N",
                "decided_at": START,
                "details": json.dumps({"taxon_id": animals[n % len(animals)], "plot_id": None}),
                "previous_hash": "",
                "hash": "",
            }
            for n in range(field)
        ],
    )


def timed(what: str, act: Any) -> Any:
    """Do something several times; print the median, and the least processor time of one."""
    seconds, worked = [], []
    for _ in range(ROUNDS):
        began, began_work = time.perf_counter(), time.process_time()
        result = act()
        seconds.append(time.perf_counter() - began)
        worked.append(time.process_time() - began_work)
    print(f"{what:36} {statistics.median(seconds):7.2f} s, at work {min(worked):6.2f} s")
    return result


def measure(survey: Survey, session: Session) -> None:
    """The parts, then the whole, then what an export adds."""
    today = local_today(survey.settings)
    timed("lists and rules", lambda: read_categories(session, today=today))
    seen = timed("taxa ever recorded at each place", lambda: list(read_seen(session)))
    ground = timed("stations, plots, field records", lambda: read_ground(session))
    roots = timed("places (connected)", lambda: connect(ground.points, ground.ties, reach_m=1570.0))
    gate = timed("open_gate, all of it", lambda: open_gate(session, survey.settings, today=today))
    late = timed("events that wait", lambda: delayed_events(session, gate))
    print(
        f"{len(seen):,} pairs, {len(set(roots.values())):,} places, "
        f"{len(gate.places.by_node):,} sensitive nodes, {len(late):,} events wait"
    )


def main() -> None:
    """Make the survey and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--stations", type=int, default=400)
    parser.add_argument("--field", type=int, default=20_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        survey = start_survey(Path(folder) / "survey", SurveySettings(), person="benchmark")
        fill(
            survey,
            observations=asked.observations,
            stations=asked.stations,
            field=asked.field,
        )
        with survey.reading() as session:
            measure(survey, session)
        survey.close()


if __name__ == "__main__":
    main()
