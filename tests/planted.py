"""Planted records for the early warning: a day, a place, a taxon, said by a machine or a person."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, select

from species_db import identity
from species_db.alerts.facts import Nearby, Sighting
from species_db.alerts.rules import Rule, shipped_rules
from species_db.decisions import record_decision
from species_db.review import correct, summarise_event
from species_db.survey import Survey
from species_db.tables import (
    Alert,
    CameraDay,
    CameraStation,
    Deployment,
    Event,
    FieldRecord,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act
from tests.factories import make_event, make_machine_observation, make_taxon
from tests.review_scene import media_of

LEOPARD, MACAQUE = "Panthera pardus", "Macaca assamensis"
MEDOG = "540423"
NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
FIRST = date(2026, 5, 1)


def rule_named(rule_id: str) -> Rule:
    """A rule as shipped."""
    return next(rule for rule in shipped_rules() if rule.rule_id == rule_id)


def noon(day: date) -> datetime:
    """Noon in Linzhi on a day."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def seen(day: date, by: str = "Tashi", **values: object) -> Sighting:
    """A class I taxon in Medog, on plot LZ-041, as the rules see it."""
    at = noon(day)
    told = {
        "record_kind": "event",
        "record_id": f"{day} {by}",
        "taxon_id": LEOPARD,
        "what": "animal",
        "plot_id": "LZ-041",
        "location_id": "MT-01",
        "county": MEDOG,
        "marks": frozenset({"I"}),
    } | values
    return Sighting(at=at, day=day, confirmed_by=by, **told)  # type: ignore[arg-type]


class FlatGround:
    """A ground on which everything lies at one distance and cameras work a share of all days."""

    def __init__(self, *, distance_m: float = 0, share: float = 1, zone: str = "") -> None:
        self.distance_m, self.share, self.zone = distance_m, share, zone

    def nearest(
        self, sighting: Sighting, *, areas: tuple[str, ...], plots: bool, within_m: float
    ) -> Nearby | None:
        """One reserve."""
        is_near = self.distance_m <= within_m
        return Nearby("保护区", "Reserve", self.distance_m, "area r") if is_near else None

    def zones(self, sighting: Sighting, areas: tuple[str, ...]) -> list[Nearby]:
        """One zone, or none."""
        return [Nearby("核心区", self.zone, 0, "area z")] if self.zone else []

    def camera_days(self, place: str, key: str, first: date, last: date) -> float:
        """A share of each day."""
        return self.share * ((last - first).days + 1)


def place(session: Session, plot_id: str, county: str = MEDOG, **values: object) -> str:
    """A plot with one station and one deployment over three years; gives the deployment."""
    told = {"latitude": 29.3, "longitude": 95.3, "elevation_m": 1800.0} | values
    session.add(Plot(plot_id=plot_id, county=county, ecosystem="forest", **told))
    session.flush()
    session.add(CameraStation(location_id=f"S-{plot_id}", plot_id=plot_id, **told))
    session.flush()
    session.add(
        Deployment(
            deployment_id=f"D-{plot_id}",
            location_id=f"S-{plot_id}",
            deployment_start=datetime(2023, 1, 1, tzinfo=UTC),
            deployment_end=datetime(2026, 12, 31, tzinfo=UTC),
        )
    )
    session.flush()
    return f"D-{plot_id}"


def furnish(survey: Survey) -> None:
    """Two plots of Medog whose cameras worked since 2025."""
    with survey.writing() as session:
        record_decision(session, Act.PLOTS_IMPORTED, subject="plots", person="Tashi", details={})
        for plot_id in ("LZ-001", "LZ-002"):
            worked(session, place(session, plot_id), date(2025, 1, 1), date(2026, 8, 31))


def worked(session: Session, deployment_id: str, first: date, last: date) -> None:
    """The camera worked on all these days."""
    for number in range((last - first).days + 1):
        session.add(
            CameraDay(
                deployment_id=deployment_id,
                day=(first + timedelta(days=number)).isoformat(),
                method="machine",
                state="working",
                stated_at=NOW,
            )
        )


def taxon(session: Session, name: str = LEOPARD) -> str:
    """A taxon of the survey by its scientific name."""
    found = session.exec(select(Taxon).where(Taxon.scientific_name == name)).first()
    return (found or make_taxon(session, name, zh=name)).taxon_id


def machine_event(
    survey: Survey, deployment_id: str, day: date, *, name: str = LEOPARD, kind: str = "animal"
) -> str:
    """An event that a model has named; nobody has looked."""
    with survey.writing() as session:
        event = make_event(session, deployment_id=deployment_id, start=noon(day))
        (media,) = media_of(session, event.event_id)
        box = make_machine_observation(session, media, observation_type=kind)
        box.taxon_id = taxon(session, name) if kind == "animal" else None
        session.add(box)
        summarise_event(session, event.event_id)
        return event.event_id


def review(survey: Survey, event_id: str, name: str, person: str = "Drolma") -> None:
    """Somebody says which taxon an event shows."""
    with survey.reading() as session:
        taxon_id, event = taxon(session, name), session.get_one(Event, event_id)
        before = event.current_review_id
    correct(survey, event_id, taxon_id=taxon_id, person=person, expected_review_id=before)


def field_record(survey: Survey, plot_id: str, day: date, name: str, **values: object) -> str:
    """A record made in person on a plot."""
    with survey.writing() as session:
        record = FieldRecord(
            field_record_id=identity.act_id(),
            plot_id=plot_id,
            protocol="transect",
            observer="Pema",
            state="identified",
            event_start=noon(day),
            taxon_id=taxon(session, name),
            identified_by="Pema",
            **values,
        )
        session.add(record)
        session.flush()
        return record.field_record_id


def alerts(survey: Survey, rule_id: str = "") -> list[Alert]:
    """The alerts of a survey, or of one rule, in the order of their records."""
    with survey.reading() as session:
        found = session.exec(select(Alert)).all()
    return sorted(
        (one for one in found if rule_id in ("", one.rule_id)),
        key=lambda one: (one.observed_at or NOW, one.rule_id),
    )
