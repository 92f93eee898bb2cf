"""How long a person waits after accepting a clock correction of a full card.

    python benchmarks/clock.py [--files 4000]

Makes a deployment of bursts with a model's answers, a tenth of its events reviewed, looks for
faults, accepts a correction (times, events and camera days follow) and withdraws it again.
"""

import argparse
import hashlib
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from ingest.clock import propose_clock
from species_db import identity
from species_db.clock import accept, state_shift, withdraw
from species_db.events import assign_events
from species_db.review import Finding, review_event
from species_db.sun import sun_altitude
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import (
    CameraStation,
    CardImport,
    ClockSegment,
    Deployment,
    Event,
    Media,
    Observation,
)

START = datetime(2026, 4, 12, 2, 0, tzinfo=UTC)
END = START + timedelta(days=174)
LATITUDE, LONGITUDE = 29.65, 94.36
SLOW = timedelta(hours=8)  # the card was set to UTC


def make_card(survey: Survey, files: int) -> None:
    """A card of three-shot bursts over a season, its clock on UTC."""
    chance = random.Random(1)
    with survey.writing() as session:
        session.add(CameraStation(location_id="S", latitude=LATITUDE, longitude=LONGITUDE))
        session.flush()
        session.add(
            Deployment(
                deployment_id="D", location_id="S", deployment_start=START, deployment_end=END
            )
        )
        session.flush()
        session.add(
            CardImport(
                card_import_id="C",
                deployment_id="D",
                card_path="SD01",
                fingerprint="f",
                state="complete",
                person="benchmark",
                software_version="0",
                started_at=END,
                completed_at=END,
            )
        )
        session.flush()
        seconds = sorted(chance.randrange(int((END - START).total_seconds())) for _ in range(files))
        moments = [START + timedelta(seconds=seconds[number // 3 * 3]) for number in range(files)]
        for number, moment in enumerate(moments):
            _add(session, number, moment + timedelta(seconds=number % 3))
        session.flush()
        assign_events(session, "D", gap=survey.settings.sequence_gap)


def _add(session: Session, number: int, true_time: datetime) -> None:
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    name = f"IMG_{number % 9999 + 1:04d}.JPG"
    altitude = sun_altitude(true_time, latitude=LATITUDE, longitude=LONGITUDE)
    media = Media(
        media_id=identity.media_id(sha256),
        sha256=sha256,
        bytes=1,
        deployment_id="D",
        card_import_id="C",
        file_path=f"media/D/{sha256}.jpg",
        file_name=name,
        card_path=f"DCIM/{100 + number // 9999}MEDIA/{name}",
        file_mediatype="image/jpeg",
        timestamp=true_time - SLOW,
        camera_timestamp=true_time - SLOW,
        utc_offset_seconds=28800,
        offset_source="assumed",
        is_grey=altitude < -3,
        brightness=0.4,
        contrast=0.2,
        sharpness=0.05,
        histogram="10" * 16,
    )
    session.add(media)
    session.flush()
    session.add(
        Observation(
            observation_id=f"o{number}",
            deployment_id="D",
            media_id=media.media_id,
            observation_level="media",
            observation_type="animal" if number % 4 == 0 else "blank",
            classification_method="machine",
            classified_by="benchmark",
            classification_timestamp=END,
            classification_probability=0.8,
        )
    )


def review_some(survey: Survey) -> int:
    """Let a person decide on a tenth of the events."""
    with survey.reading() as session:
        events = session.exec(select(Event.event_id).order_by(Event.event_id)).all()
    for event_id in events[::10]:
        finding = Finding(observation_type="animal", count=1)
        review_event(survey, event_id, [finding], person="benchmark", expected_review_id=None)
    return len(events)


def timed(what: str, act: Callable[[], object]) -> None:
    """Run and print how long it took."""
    started = time.perf_counter()
    act()
    print(f"{what:42} {time.perf_counter() - started:6.2f} s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=4000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as folder:
        survey = create_survey(Path(folder) / "survey", SurveySettings())
        make_card(survey, files)
        events = review_some(survey)
        print(f"{files} files, {events} events, a tenth reviewed")
        timed("look for faults and propose", lambda: propose_clock(survey, "D"))
        with survey.reading() as session:
            proposed = session.exec(select(ClockSegment)).one()
        print(f"{'':4}{proposed.cause} {proposed.offset_seconds} s, {proposed.confidence:.0%}")
        person = {"person": "benchmark"}
        timed(
            "accept (times, events, camera days)",
            lambda: accept(survey, proposed.segment_id, **person),
        )
        timed("withdraw", lambda: withdraw(survey, proposed.segment_id, **person))
        half = f"IMG_{files // 2:04d}.JPG"
        shift = timedelta(days=-40, minutes=7)
        timed(
            "half the card into the other half",
            lambda: state_shift(survey, "D", shift, first_file=half, **person),
        )
        survey.close()


if __name__ == "__main__":
    main()
