"""A small survey of protected animals: three stations, two counties, known effort and lists."""

import hashlib
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from species_db import identity
from species_db.survey import Survey
from species_db.tables import (
    CameraDay,
    CameraStation,
    Deployment,
    Event,
    FieldRecord,
    ListEntry,
    ListVersion,
    Observation,
    Plot,
    Taxon,
    TaxonName,
)
from tests.factories import make_event, make_human_review

START = datetime(2020, 12, 31, 16, 0, tzinfo=UTC)  # midnight of 2021-01-01 in Linzhi
DAYS = 100
STATIONS = (
    # name, plot, county, ecosystem, latitude, longitude, elevation
    ("A", "P1", "540423", "forest", 29.30, 95.30, 1200.0),
    ("B", "P1", "540423", "forest", 29.40, 95.30, 1900.0),
    ("C", "P2", "540425", "shrubland", 28.90, 97.20, 2600.0),
)
GOLDEN_CAT, MUNTJAC, DOG = "Catopuma temminckii", "Muntiacus vaginalis", "Canis lupus familiaris"


def at(day: float, minutes: float = 0) -> datetime:
    """So many days after the cameras were set up."""
    return START + timedelta(days=day, minutes=minutes)


def make_places(survey: Survey) -> None:
    """Three stations with a camera each for a hundred days, all of which it worked."""
    with survey.writing() as session:
        for name, plot_id, county, ecosystem, latitude, longitude, elevation in STATIONS:
            if session.get(Plot, plot_id) is None:
                session.add(Plot(plot_id=plot_id, county=county, ecosystem=ecosystem))
                session.flush()
            session.add(
                CameraStation(
                    location_id=name,
                    plot_id=plot_id,
                    latitude=latitude,
                    longitude=longitude,
                    elevation_m=elevation,
                )
            )
            session.flush()
            deploy(session, f"{name}-1", name, 0, DAYS, habitat="oak forest")


def deploy(
    session: Session,
    deployment_id: str,
    location_id: str,
    first: float,
    last: float,
    *,
    state: str = "working",
    **values: object,
) -> None:
    """A deployment between two times in days, each of its dates in one state."""
    start, end = at(first), at(last)
    session.add(
        Deployment(
            deployment_id=deployment_id,
            location_id=location_id,
            deployment_start=start,
            deployment_end=end,
            **values,
        )
    )
    session.flush()
    day = local(start)
    while day <= local(end):
        session.add(make_day(deployment_id, day, state))
        day += timedelta(days=1)
    session.flush()


def local(moment: datetime) -> date:
    """The date in Linzhi."""
    return (moment + timedelta(hours=8)).date()


def make_day(deployment_id: str, day: date, state: str, **values: str) -> CameraDay:
    """One day of a camera, by machine unless said otherwise."""
    told = {"method": "machine"} | values
    return CameraDay(
        deployment_id=deployment_id, day=day.isoformat(), state=state, stated_at=START, **told
    )


def make_animal(
    session: Session, name: str, zh: str, *, rank: str = "species", genus: str = "", **values: str
) -> Taxon:
    """A taxon with a Chinese name; a carnivore unless said otherwise."""
    told = {
        "kingdom": "Animalia",
        "class_name": "Mammalia",
        "order_name": "Carnivora",
        "family": "Felidae",
    } | values
    taxon = Taxon(
        taxon_id=identity.taxon_id(name),
        scientific_name=name,
        taxon_rank=rank,
        genus=genus or name.split()[0],
        source="test",
        **told,
    )
    session.add(taxon)
    session.flush()
    session.add(TaxonName(taxon_id=taxon.taxon_id, language="zh", name=zh))
    session.flush()
    return taxon


def list_version(
    session: Session, version: str, entries: list[dict[str, object]], **values: object
) -> None:
    """One version of a list with its entries."""
    told: dict[str, object] = {
        "list_version_id": version,
        "list_id": "cn-protected-animals",
        "kind": "protected_animals",
        "title_zh": "国家重点保护野生动物名录",
        "title_en": "Protected animals",
        "version": version[-4:],
        "effective_from": date(2021, 2, 1),
        "authority": "NFGA and MARA",
        "source": "notice 3 of 2021",
        "origin": "shipped",
        "entry_count": len(entries),
        "entered_at": START,
    } | values
    told["content_sha256"] = hashlib.sha256(version.encode()).hexdigest()
    session.add(ListVersion(**told))  # type: ignore[arg-type]
    session.flush()
    for number, entry in enumerate(entries, start=1):
        session.add(ListEntry(list_version_id=version, entry_no=number, **entry))  # type: ignore[arg-type]
    session.flush()


def see(
    survey: Survey, station: str, moment: datetime | None, taxon: Taxon, **values: object
) -> Event:
    """A confirmed event of a taxon at a station's first camera."""
    with survey.writing() as session:
        event = make_event(session, deployment_id=f"{station}-1", start=moment)
    make_human_review(survey, event, taxon=taxon, **values)  # type: ignore[arg-type]
    return event


def guess(survey: Survey, station: str, moment: datetime, taxon: Taxon) -> Event:
    """An event in which a machine alone names a taxon."""
    with survey.writing() as session:
        event = make_event(session, deployment_id=f"{station}-1", start=moment)
        session.add(
            Observation(
                observation_id=identity.act_id(),
                deployment_id=event.deployment_id,
                event_id=event.event_id,
                observation_level="media",
                observation_type="animal",
                taxon_id=taxon.taxon_id,
                classification_method="machine",
                classified_by="model 1",
                classification_timestamp=START,
                classification_probability=0.8,
            )
        )
    return event


def note(session: Session, taxon: Taxon, moment: datetime, **values: object) -> FieldRecord:
    """An identified field record of a transect on plot P1."""
    told: dict[str, object] = {
        "plot_id": "P1",
        "protocol": "transect",
        "observer": "Tashi",
        "identified_by": "Tashi",
    } | values
    record = FieldRecord(
        field_record_id=identity.act_id(),
        state="identified",
        event_start=moment,
        taxon_id=taxon.taxon_id,
        **told,
    )
    session.add(record)
    session.flush()
    return record
