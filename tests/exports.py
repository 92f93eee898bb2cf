"""A survey with something to hide, for the tests of what leaves it."""

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from factories import (
    NINE,
    make_deployment,
    make_event,
    make_human_review,
    make_machine_observation,
    make_media,
    make_station,
    make_taxon,
)
from PIL import Image
from sqlmodel import col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.survey import Survey
from species_db.tables import Camera, Event, Media, Observation, Plot, Taxon
from species_db.vocabulary import Act

STATION, DEPLOYMENT, CAMERA = "GEDANG-03", "GEDANG-03-2026", "GEDANG-CAM-7"
LATITUDE, LONGITUDE, ELEVATION = 29.43217, 95.61283, 1873.4
SECRETS = (
    *("GEDANG", "Gedang", "格当", "temple", "Norbu", "LZ-041", "DCIM", "IMG_", "HIDDEN"),
    *("29.432", "29.43217", "95.612", "95.61283", "1873"),
)
_OPAQUE = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
_ORIENTATION, _DESCRIPTION, _GPS = 0x0112, 0x010E, 0x8825


@dataclass(frozen=True)
class Told:
    """The survey's events by what became of them."""

    muntjac: Event
    blank: Event
    person: Event
    unreviewed: Event
    taxon: Taxon


def fill_survey(survey: Survey) -> Told:
    """One station with a telling name; a muntjac, a blank and a person reviewed, one event not."""
    with survey.writing() as session:
        make_station(
            session,
            STATION,
            location_name="格当沟口",
            latitude=LATITUDE,
            longitude=LONGITUDE,
            elevation_m=ELEVATION,
        )
        session.get_one(Plot, "LZ-041").name = "格当样地"
        session.add(Camera(camera_id=CAMERA, camera_model="Reconyx HF2X"))
        session.flush()
        make_deployment(
            session,
            DEPLOYMENT,
            location_id=STATION,
            camera_id=CAMERA,
            setup_by="Norbu",
            habitat="bamboo below the temple",
            deployment_groups="Gedang valley",
            deployment_tags="place:Gedang",
            deployment_comments="at the temple of Gedang, 29.43217 N 95.61283 E",
            camera_height_m=0.6,
        )
        muntjac, blank, person, unreviewed = (
            make_event(session, deployment_id=DEPLOYMENT, start=NINE + timedelta(hours=h), photos=2)
            for h in range(4)
        )
        taxon = make_taxon(session, en="Red muntjac")
        for event, kind in ((muntjac, "animal"), (blank, "animal"), (unreviewed, "animal")):
            for media in session.exec(select(Media).where(Media.event_id == event.event_id)):
                make_machine_observation(session, media, observation_type=kind)
        store_pictures(survey, session.exec(select(Media)).all())
        for media in session.exec(select(Media).where(Media.event_id == person.event_id)):
            make_machine_observation(session, media, observation_type="human")
            media.is_restricted = True
    said = make_human_review(survey, muntjac, taxon=taxon, count=2)
    make_human_review(survey, blank, observation_type="blank", count=None)
    make_human_review(survey, person, observation_type="human")
    change(
        survey,
        said,
        behavior="walking past GEDANG-03",
        observation_comments="seen from the temple",
        individual_id="M1",
    )
    return Told(muntjac, blank, person, unreviewed, taxon)


def change(survey: Survey, observation: Observation, **values: object) -> None:
    """Set fields of a stored observation."""
    with survey.writing() as session:
        stored = session.get_one(Observation, observation.observation_id)
        for name, value in values.items():
            setattr(stored, name, value)
        session.add(stored)


def add_event(survey: Survey, *frames: str, hours: int) -> Event:
    """An event of frames with pictures; a model said of each what is named, "" for nothing."""
    start = NINE + timedelta(hours=hours)
    with survey.writing() as session:
        event = make_event(session, deployment_id=DEPLOYMENT, start=start, photos=len(frames))
        media = session.exec(select(Media).where(Media.event_id == event.event_id)).all()
        store_pictures(survey, list(media))
        for item, kind in zip(sorted(media, key=lambda m: str(m.timestamp)), frames, strict=True):
            if kind:
                box = None if kind == "blank" else (0.1, 0.2, 0.3, 0.4)
                make_machine_observation(session, item, observation_type=kind, bbox=box)
    return event


def review_what_is_there(survey: Survey, event: Event, **said: object) -> None:
    """A review that says which media it covered: those the event holds now."""
    media_ids = sorted(media.media_id for media in media_of(survey, event))
    values = {"observation_type": "animal", "count": None} | said
    with survey.writing() as session:
        decision = record_decision(
            session,
            Act.REVIEWED,
            subject=event.event_id,
            person="Drolma",
            details={"media": media_ids},
        )
        session.add(
            Observation(
                observation_id=act_id(),
                deployment_id=event.deployment_id,
                event_id=event.event_id,
                observation_level="event",
                classification_method="human",
                classified_by="Drolma",
                classification_timestamp=NINE + timedelta(days=200),
                review_id=decision.decision_id,
                **values,
            )
        )
        stored = session.get_one(Event, event.event_id)
        stored.is_reviewed, stored.current_review_id = True, decision.decision_id


def join_later(survey: Survey, event: Event, *, seconds: int = 30, kind: str = "") -> Media:
    """A picture joins a reviewed event, as `assign_events` lets it: back to the queue it goes."""
    with survey.writing() as session:
        stored = session.get_one(Event, event.event_id)
        at = (stored.event_start or NINE) + timedelta(seconds=seconds)
        media = make_media(session, deployment_id=DEPLOYMENT, timestamp=at, event=stored)
        store_pictures(survey, [media])
        if kind:
            make_machine_observation(session, media, observation_type=kind)
        stored.event_start = min(stored.event_start or at, at)
        stored.event_end = max(stored.event_end or at, at)
        stored.media_count += 1
        stored.is_reviewed = False
    return media


def media_of(survey: Survey, event: Event) -> list[Media]:
    """The media of an event, by time."""
    with survey.reading() as session:
        query = select(Media).where(Media.event_id == event.event_id)
        return list(session.exec(query.order_by(col(Media.timestamp))))


def store_pictures(survey: Survey, media: list[Media], *, orientation: int = 6) -> None:
    """Put an original with a GPS position behind each media."""
    for number, item in enumerate(media):
        path = survey.path_of(item.file_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(telling_jpeg(orientation=orientation, seed=number))
        item.orientation = orientation


def telling_jpeg(*, orientation: int = 6, seed: int = 0, **how: object) -> bytes:
    """A small JPEG that tells its place in Exif, GPS, a comment and after its end."""
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 40, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[_DESCRIPTION] = "HIDDEN at Gedang"
    exif.get_ifd(_GPS).update({1: "N", 2: (29.0, 25.0, 55.8), 3: "E", 4: (95.0, 36.0, 46.2)})
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", exif=exif, comment=b"HIDDEN 29.43217", **how)
    return stream.getvalue() + b"HIDDEN GEDANG"


def tells(content: bytes, secret: str) -> bool:
    """Whether a file holds a word; four digits inside an opaque id are chance, not a leak."""
    is_number = secret.replace(".", "").isdigit()
    return secret.encode() in (_OPAQUE.sub(b"", content) if is_number else content)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
