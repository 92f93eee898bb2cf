"""A May in Medog whose every number is known: what was seen, what may be told, what is due."""

import json
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session, select

from species_db.bulletin.making import make_bulletin, make_bulletins, read_month_of
from species_db.bulletin.month import Month
from species_db.bulletin.parts import Bulletin
from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.invasive.control import ControlDraft, record_control
from species_db.places import COUNTIES
from species_db.sensitivity import set_rule, taxon_subject
from species_db.survey import Survey
from species_db.tables import (
    Alert,
    CameraDay,
    CameraStation,
    CardImport,
    Deployment,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act, AlertState, ControlMethod, Sensitivity, Severity
from tests.factories import make_event, make_human_review
from tests.planted import field_record, taxon

MAY = Month(2026, 5)
TODAY = date(2026, 6, 5)
MEDOG, ZAYU, NANG = COUNTIES["540423"], COUNTIES["540425"], COUNTIES["540426"]
LEOPARD, MACAQUE, PARIS = "Panthera pardus", "Macaca assamensis", "Paris polyphylla"
WEED, DOG, YAK = "Ageratina adenophora", "Canis lupus familiaris", "Bos grunniens"
# What a rule of either kind says of itself.
FACTS = {
    "day": "2026-05-12",
    "mark": "I",
    "what": "dog",
    "zone_en": "core zone",
    "zone_zh": "核心区",
    "quiet_days": 7,
}
# Cells of 0.1 degrees: the first three lie wholly in Medog; Bomi's border cuts the fourth.
INSIDE, NORTH, EAST, BORDER = (29.31, 95.31), (29.42, 95.33), (29.38, 95.52), (29.6, 95.7)


def in_linzhi(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A moment on the clock of Linzhi."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def stand(
    survey: Survey,
    name: str,
    at: tuple[float, float],
    *,
    county: str = MEDOG.code,
    until: datetime | None = None,
) -> None:
    """A plot LZ-name with a station and a camera that was set up at midnight of 1 April 2025."""
    with survey.writing() as session:
        place = {"latitude": at[0], "longitude": at[1], "elevation_m": 1500.0}
        session.add(Plot(plot_id=f"LZ-{name}", county=county, ecosystem="forest", **place))
        session.flush()
        session.add(CameraStation(location_id=name, plot_id=f"LZ-{name}", **place))
        session.flush()
        session.add(
            Deployment(
                deployment_id=f"{name}-1",
                location_id=name,
                deployment_start=in_linzhi(2025, 4, 1, 0),
                deployment_end=until,
            )
        )


def camera(survey: Survey, name: str, first: date, last: date, state: str = "working") -> None:
    """How a camera was from one day to another, both included."""
    with survey.writing() as session:
        for number in range((last - first).days + 1):
            session.add(
                CameraDay(
                    deployment_id=f"{name}-1",
                    day=(first + timedelta(days=number)).isoformat(),
                    method="machine",
                    state=state,
                    stated_at=in_linzhi(2026, 6, 1),
                )
            )


def see(survey: Survey, name: str, moment: datetime, what: str, *, reviewed: bool = True) -> str:
    """An event of a taxon, or of `human` or `vehicle`, confirmed by a person unless said so."""
    with survey.writing() as session:
        event = make_event(session, deployment_id=f"{name}-1", start=moment)
        found = (
            None if what in ("human", "vehicle", "") else session.get(Taxon, taxon(session, what))
        )
    if reviewed:
        kind = what if found is None else "animal"
        make_human_review(survey, event, observation_type=kind, taxon=found)
    return event.event_id


def warn(
    survey: Survey,
    rule_id: str,
    name: str,
    record_id: str,
    *,
    due: datetime,
    of: str = "",
    what: str = "",
    state: AlertState = AlertState.FIRM,
    kind: str = "event",
) -> None:
    """An alert on a record at a station, to be dealt with by some moment."""
    with survey.writing() as session:
        session.add(
            Alert(
                alert_id=act_id(),
                rule_id=rule_id,
                rule_version_id="shipped",
                severity=Severity.HIGH.value,
                state=state.value,
                record_kind=kind,
                record_id=record_id,
                taxon_id=taxon(session, of) if of else None,
                what=what,
                location_id=name,
                plot_id=f"LZ-{name}",
                county=MEDOG.code,
                facts=json.dumps(FACTS),
                observed_at=in_linzhi(2026, 5, 18),
                raised_at=in_linzhi(2026, 5, 20),
                due_at=due,
                firm_by="Drolma",
            )
        )


def furnish(survey: Survey) -> None:
    """Three cameras in Medog, one of them at a border, and one in Zayu that nobody has read."""
    with survey.writing() as session:
        record_decision(session, Act.PLOTS_IMPORTED, subject="plots", person="Tashi", details={})
    stand(survey, "A", INSIDE)
    stand(survey, "B", NORTH)
    stand(survey, "X", BORDER, until=in_linzhi(2026, 5, 25))
    stand(survey, "Z", (28.66, 97.05), county=ZAYU.code, until=in_linzhi(2026, 5, 20))
    camera(survey, "A", date(2025, 4, 1), date(2026, 5, 31))  # 31 days in either May
    camera(survey, "B", date(2025, 5, 1), date(2025, 5, 20))  # 20 days a year ago
    camera(survey, "B", date(2026, 5, 1), date(2026, 5, 12))  # 12 days, then
    camera(survey, "B", date(2026, 5, 13), date(2026, 5, 31), "dead")
    camera(survey, "X", date(2026, 5, 1), date(2026, 5, 24))


def animals(survey: Survey) -> None:
    """A leopard in both years, a macaque that nobody hunts here, and what passes by."""
    with survey.writing() as session:
        macaque = taxon_subject(taxon(session, MACAQUE))
    set_rule(
        survey,
        macaque,
        Sensitivity.MEDIUM,
        delay_days=0,
        reason="test",
        person="Drolma",
        effective_from=date(2025, 1, 1),
    )
    see(survey, "A", in_linzhi(2025, 5, 10, 9), LEOPARD)
    see(survey, "A", in_linzhi(2025, 5, 10, 9, 20), LEOPARD)  # lingers: one visit with the first
    see(survey, "A", in_linzhi(2025, 5, 10, 9, 45), LEOPARD)
    see(survey, "B", in_linzhi(2025, 5, 11), LEOPARD)
    see(survey, "A", in_linzhi(2026, 5, 12), LEOPARD)  # too young until 2027-05-12
    see(survey, "X", in_linzhi(2025, 5, 12), LEOPARD)  # at a place whose county is not told
    see(survey, "A", in_linzhi(2026, 5, 3), MACAQUE)
    see(survey, "B", in_linzhi(2026, 5, 4), MACAQUE)
    see(survey, "A", in_linzhi(2025, 9, 4), MACAQUE)
    for minute in (0, 30, 45):  # the second is 30 min after the first, the third 15 after that
        see(survey, "A", in_linzhi(2026, 5, 6, 10, minute), DOG)
    see(survey, "A", in_linzhi(2026, 5, 7), "human")
    see(survey, "B", in_linzhi(2026, 5, 8), YAK)
    see(survey, "A", in_linzhi(2026, 5, 9), "", reviewed=False)
    see(survey, "A", in_linzhi(2026, 5, 10), "", reviewed=False)


def plants(survey: Survey) -> str:
    """A protected plant, and a weed on two plots, one of them new; gives the control action."""
    field_record(survey, "LZ-A", date(2026, 5, 16), PARIS)
    field_record(survey, "LZ-A", date(2025, 9, 1), WEED, infestation_area_m2=100.0)
    field_record(
        survey, "LZ-B", date(2026, 5, 17), WEED, infestation_area_m2=50.0,
        threats='["snare", "dog"]',
    )  # fmt: skip
    with survey.reading() as session:
        weed = taxon(session, WEED)
    draft = ControlDraft(
        taxon_id=weed,
        method=ControlMethod.MANUAL.value,
        started_on=date(2026, 3, 1),
        led_by="Tashi",
        plot_id="LZ-A",
    )
    return record_control(survey, draft, person="Tashi", today=TODAY)


def warnings(survey: Survey) -> None:
    """Two open warnings, one four days late; one of a machine alone."""
    dog = see(survey, "A", in_linzhi(2026, 5, 19), DOG)
    weed = see(survey, "B", in_linzhi(2026, 5, 18), "vehicle")
    warn(survey, "disturbance", "A", dog, due=in_linzhi(2026, 6, 1, 0), of=DOG)
    warn(survey, "disturbance", "B", weed, due=in_linzhi(2026, 7, 1), what="vehicle")
    warn(
        survey, "first_in_plot", "B", weed, due=in_linzhi(2026, 6, 1), of=MACAQUE,
        state=AlertState.PROVISIONAL,
    )  # fmt: skip


def young_leopard(survey: Survey) -> None:
    """A leopard of 20 May and the overdue warning that it raised: a year too young to leave."""
    leopard = see(survey, "A", in_linzhi(2026, 5, 20), LEOPARD)
    warn(survey, "first_in_county", "A", leopard, due=in_linzhi(2026, 6, 1), of=LEOPARD)


def a_may(survey: Survey) -> Survey:
    """Everything together; the survey must hold the shipped lists."""
    furnish(survey)
    animals(survey)
    plants(survey)
    warnings(survey)
    young_leopard(survey)
    with survey.writing() as session:  # the factory's card of A, read only in part
        card = session.exec(select(CardImport).where(CardImport.deployment_id == "A-1")).one()
        card.state = "running"
        session.add(card)
    return survey


def made(
    survey: Survey, month: Month = MAY, county: str = MEDOG.code, today: date = TODAY
) -> Bulletin:
    """The bulletin of Medog's May unless said otherwise."""
    with survey.reading() as session:
        return make_bulletin(session, survey.settings, COUNTIES[county], month, today=today)


def all_made(survey: Survey) -> list[Bulletin]:
    """The bulletins of all counties from one reading."""
    with survey.reading() as session:
        read = read_month_of(session, survey.settings, MAY, today=TODAY)
    return make_bulletins(read, COUNTIES.values())


def names(session: Session) -> set[str]:
    """Every plot, station and deployment of a survey: what no bulletin may say."""
    tables = ((Plot, "plot_id"), (CameraStation, "location_id"), (Deployment, "deployment_id"))
    return {getattr(one, key) for table, key in tables for one in session.exec(select(table))}
