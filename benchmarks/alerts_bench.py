"""How long the rules of the early warning take over a million observations.

Run: python -m benchmarks.alerts_bench [OBSERVATIONS]
"""

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, insert, select

from species_db.alerts import alert_board, raise_alerts
from species_db.decisions import record_decision
from species_db.lists.seeding import seed_lists
from species_db.survey import Survey, SurveySettings, create_survey
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

STATIONS, DAYS, PAGE = 350, 1000, 20_000
START = datetime(2023, 12, 1, tzinfo=UTC)
COUNTIES = ("540402", "540421", "540423", "540424", "540425", "540426", "540481")
# A season as cards bring it: most events are empty or of common animals nobody need be told of.
LISTED = ("Panthera pardus", "Macaca assamensis", "Naemorhedus baileyi", "Ursus thibetanus")
RARE = "Neofelis nebulosa"  # one record in ten thousand, in the last half year alone
COMMON = ("Sus scrofa", "Muntiacus vaginalis")


def main(count: int) -> None:
    """Fill a survey, run the rules twice, read the board; print what each took."""
    with tempfile.TemporaryDirectory() as folder:
        survey = create_survey(Path(folder) / "survey", SurveySettings())
        fill(survey, count)
        now = START + timedelta(days=DAYS + 10)
        for name in ("first run", "second run"):
            began = time.perf_counter()
            told = raise_alerts(survey, now=now, person="Tashi")
            print(f"{name}: {time.perf_counter() - began:.1f} s; {told.as_text()}")
        began = time.perf_counter()
        with survey.reading() as session:
            shown = len(alert_board(session, now=now))
        print(f"board of {shown}: {time.perf_counter() - began:.2f} s")
        survey.close()


def fill(survey: Survey, count: int) -> None:
    """Stations that worked a thousand days, and events: half blank, a sixth of listed animals."""
    chance = random.Random(7)
    with survey.writing() as session:
        seed_lists(session, survey.folder)
        decision = record_decision(session, Act.INIT, subject="project", person="Tashi", details={})
        review_id = decision.decision_id
        for number in range(STATIONS):
            _station(session, number)
    with survey.writing() as session:
        taxa = {
            name: session.exec(select(Taxon.taxon_id).where(Taxon.scientific_name == name)).first()
            for name in (*LISTED, *COMMON, RARE)
        }
        known = [taxon for name, taxon in taxa.items() if taxon and name != RARE]
        for begin in range(0, count, PAGE):
            events, seen = [], []
            for number in range(begin, min(begin + PAGE, count)):
                event, observation = _record(chance, number, review_id, [*known, taxa[RARE] or ""])
                events.append(event)
                seen.append(observation)
            session.execute(insert(Event), events)
            session.execute(insert(Observation), seen)


def _station(session: Session, number: int) -> None:
    plot_id = f"LZ-{number % 78:03d}"
    if session.get(Plot, plot_id) is None:
        county = COUNTIES[number % 7]
        session.add(Plot(plot_id=plot_id, county=county, latitude=29.0 + number / 100,
                         longitude=95.0, elevation_m=1500.0 + 30 * number))  # fmt: skip
        session.flush()
    session.add(
        CameraStation(
            location_id=f"S{number:03d}", plot_id=plot_id, latitude=29.0 + number / 500,
            longitude=95.0, elevation_m=1500.0 + 10 * number,
        )
    )  # fmt: skip
    session.flush()
    end = START + timedelta(days=DAYS)
    session.add(
        Deployment(
            deployment_id=f"D{number:03d}", location_id=f"S{number:03d}",
            deployment_start=START, deployment_end=end,
        )
    )  # fmt: skip
    session.flush()
    days = [(START + timedelta(days=day)).date().isoformat() for day in range(DAYS)]
    rows = [
        {"deployment_id": f"D{number:03d}", "day": day, "method": "machine", "state": "working",
         "cause": "", "media_count": 1, "person": "", "stated_at": START, "seal": ""}
        for day in days
    ]  # fmt: skip
    session.execute(insert(CameraDay), rows)


def _record(
    chance: random.Random, number: int, review_id: str, known: list[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """One event and what is said of it, by a person in nine of ten cases."""
    at = START + timedelta(seconds=chance.randrange(DAYS * 86400))
    kind = chance.choices(("blank", "animal", "human"), (5, 4, 1))[0]
    taxon = chance.choice(known[:-1]) if kind == "animal" and chance.random() < 0.6 else None
    if taxon and number % 10_000 == 1 and at > START + timedelta(days=DAYS - 180):
        taxon = known[-1]
    by_person = chance.random() < 0.9
    deployment = f"D{number % STATIONS:03d}"
    event = {
        "event_id": f"e{number}", "deployment_id": deployment, "event_start": at, "event_end": at,
        "media_count": 1, "machine_type": kind, "priority": 9, "is_reviewed": by_person,
        "current_review_id": review_id if by_person else None, "seal": "",
    }  # fmt: skip
    observation = {
        "observation_id": f"o{number}", "deployment_id": deployment, "event_id": f"e{number}",
        "observation_level": "event", "observation_type": kind, "taxon_id": taxon, "count": 1,
        "classification_method": "human" if by_person else "machine", "classified_by": "Drolma",
        "classification_timestamp": at, "review_id": review_id if by_person else None, "seal": "",
    }  # fmt: skip
    return event, observation


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
