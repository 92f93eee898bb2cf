"""Rows for tests: each factory names only what matters and adds what the row needs."""

import hashlib
import itertools
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from species_db import identity
from species_db.decisions import record_decision
from species_db.survey import Survey
from species_db.tables import (
    CameraStation,
    CardImport,
    Deployment,
    Event,
    Media,
    ModelVersion,
    Observation,
    Plot,
    Taxon,
    TaxonName,
)
from species_db.vocabulary import Act, ImportState

NINE = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)  # nine in the morning in Linzhi
_numbers = itertools.count(1)


def make_station(session: Session, location_id: str = "MT-01", **values: object) -> CameraStation:
    """A station on plot LZ-041 in Medog."""
    if session.get(Plot, "LZ-041") is None:
        session.add(Plot(plot_id="LZ-041", county="540423", ecosystem="forest"))
        session.flush()
    values = {"latitude": 29.32517, "longitude": 95.33418, "elevation_m": 1870.0} | values
    station = CameraStation(location_id=location_id, plot_id="LZ-041", **values)
    session.add(station)
    session.flush()
    return station


def make_deployment(
    session: Session, deployment_id: str = "MT-01-2026", **values: object
) -> Deployment:
    """A deployment of April to October 2026 at station MT-01 (made when absent)."""
    location_id = str(values.pop("location_id", "MT-01"))
    if session.get(CameraStation, location_id) is None:
        make_station(session, location_id)
    values = {
        "deployment_start": datetime(2026, 4, 12, 2, 0, tzinfo=UTC),
        "deployment_end": datetime(2026, 10, 3, 4, 0, tzinfo=UTC),
    } | values
    deployment = Deployment(deployment_id=deployment_id, location_id=location_id, **values)
    session.add(deployment)
    session.flush()
    return deployment


def make_card_import(session: Session, deployment_id: str = "MT-01-2026") -> CardImport:
    """A complete import of one card of a deployment (both made when absent)."""
    if session.get(Deployment, deployment_id) is None:
        make_deployment(session, deployment_id)
    card_import_id = identity.card_import_id(deployment_id, "fingerprint")
    card = session.get(CardImport, card_import_id)
    if card is None:
        card = CardImport(
            card_import_id=card_import_id,
            deployment_id=deployment_id,
            card_path="SD01",
            fingerprint="fingerprint",
            state=ImportState.COMPLETE.value,
            person="Tashi",
            software_version="0",
            started_at=NINE,
            completed_at=NINE,
        )
        session.add(card)
        session.flush()
    return card


def make_media(
    session: Session,
    *,
    deployment_id: str = "MT-01-2026",
    timestamp: datetime | None = NINE,
    event: Event | None = None,
    **values: object,
) -> Media:
    """A stored photo of a deployment, in an event when one is given."""
    card = make_card_import(session, deployment_id)
    number = next(_numbers)
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    values = {"width": 1280, "height": 960} | values
    media = Media(
        media_id=identity.media_id(sha256),
        sha256=sha256,
        bytes=1000 + number,
        deployment_id=deployment_id,
        card_import_id=card.card_import_id,
        event_id=event.event_id if event else None,
        file_path=f"media/{deployment_id}/{sha256}.jpg",
        file_name=f"IMG_{number:04d}.JPG",
        card_path=f"DCIM/100MEDIA/IMG_{number:04d}.JPG",
        file_mediatype="image/jpeg",
        timestamp=timestamp,
        camera_timestamp=timestamp,
        utc_offset_seconds=8 * 3600,
        offset_source="assumed",
        **values,
    )
    session.add(media)
    session.flush()
    return media


def make_event(
    session: Session,
    *,
    deployment_id: str = "MT-01-2026",
    start: datetime | None = NINE,
    photos: int = 1,
    **values: object,
) -> Event:
    """An event of photos one second apart, with its media."""
    make_card_import(session, deployment_id)
    event = Event(
        event_id=identity.event_id(deployment_id, f"first-{next(_numbers)}"),
        deployment_id=deployment_id,
        event_start=start,
        event_end=start + timedelta(seconds=photos - 1) if start else None,
        media_count=photos,
        **values,
    )
    session.add(event)
    session.flush()
    for number in range(photos):
        timestamp = start + timedelta(seconds=number) if start else None
        make_media(session, deployment_id=deployment_id, timestamp=timestamp, event=event)
    return event


def make_model_version(session: Session, name: str = "general") -> ModelVersion:
    """Weights that have answered on this survey."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    version = session.get(ModelVersion, sha256)
    if version is None:
        version = ModelVersion(
            model_version_id=sha256,
            name=name,
            version="0.1.0",
            sha256=sha256,
            labels="animal,person,vehicle",
            threshold=0.3,
            engine="test",
        )
        session.add(version)
        session.flush()
    return version


def make_machine_observation(
    session: Session,
    media: Media,
    *,
    observation_type: str = "animal",
    score: float = 0.8,
    bbox: tuple[float, float, float, float] | None = (0.1, 0.2, 0.3, 0.4),
) -> Observation:
    """A model's answer on one media: a box, or blank when `bbox` is None."""
    version = make_model_version(session)
    box = bbox or (None, None, None, None)
    observation = Observation(
        observation_id=identity.machine_observation_id(
            media.media_id, version.sha256, observation_type, str(bbox)
        ),
        deployment_id=media.deployment_id,
        media_id=media.media_id,
        event_id=media.event_id,
        observation_level="media",
        observation_type=observation_type,
        bbox_x=box[0],
        bbox_y=box[1],
        bbox_width=box[2],
        bbox_height=box[3],
        classification_method="machine",
        classified_by="general 0.1.0",
        classification_timestamp=NINE,
        classification_probability=score,
        model_version_id=version.model_version_id,
    )
    session.add(observation)
    session.flush()
    return observation


def make_taxon(
    session: Session, scientific_name: str = "Muntiacus vaginalis", zh: str = "赤麂", en: str = ""
) -> Taxon:
    """A species with a Chinese and perhaps an English name."""
    taxon = Taxon(
        taxon_id=identity.taxon_id(scientific_name),
        scientific_name=scientific_name,
        taxon_rank="species",
        kingdom="Animalia",
        class_name="Mammalia",
        order_name="Artiodactyla",
        family="Cervidae",
        source="test",
    )
    session.add(taxon)
    session.flush()
    session.add(TaxonName(taxon_id=taxon.taxon_id, language="zh", name=zh))
    if en:
        session.add(TaxonName(taxon_id=taxon.taxon_id, language="en", name=en))
    session.flush()
    return taxon


def make_group_taxon(session: Session, scientific_name: str, **values: object) -> Taxon:
    """A species of the survey's own, in the kingdom, family or genus that a test names."""
    values = {"taxon_rank": "species", "kingdom": "Animalia", "source": "test"} | values
    taxon = Taxon(
        taxon_id=identity.taxon_id(scientific_name), scientific_name=scientific_name, **values
    )
    session.add(taxon)
    session.flush()
    return taxon


def make_human_review(
    survey: Survey,
    event: Event,
    *,
    observation_type: str = "animal",
    taxon: Taxon | None = None,
    count: int | None = 1,
    person: str = "Drolma",
) -> Observation:
    """A review of an event as the tables hold it, made without the review rules."""
    with survey.writing() as session:
        decision = record_decision(
            session, Act.REVIEWED, subject=event.event_id, person=person, details={}
        )
        stored = session.get_one(Event, event.event_id)
        observation = Observation(
            observation_id=identity.act_id(),
            deployment_id=event.deployment_id,
            event_id=event.event_id,
            observation_level="event",
            observation_type=observation_type,
            taxon_id=taxon.taxon_id if taxon else None,
            count=count,
            classification_method="human",
            classified_by=person,
            classification_timestamp=NINE + timedelta(days=200),
            review_id=decision.decision_id,
        )
        session.add(observation)
        stored.is_reviewed = True
        stored.current_review_id = decision.decision_id
        session.add(stored)
    return observation
