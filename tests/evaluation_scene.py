"""A survey worth evaluating: two years, three counties, protected animals, dogs, an invader."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlmodel import Session, select

from species_db import identity
from species_db.decisions import record_decision
from species_db.survey import Survey
from species_db.tables import (
    Alert,
    AlertAction,
    CameraDay,
    CameraStation,
    ControlAction,
    Deployment,
    Event,
    FieldRecord,
    Observation,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act
from tests.wildlife_scene import list_version, make_animal

ZONE = timedelta(hours=8)
MEDOG, BOMI, BAYI = "540423", "540424", "540402"
COUNTIES = ((MEDOG, 29.30, 95.30), (BOMI, 29.85, 95.75), (BAYI, 29.65, 94.36))
STATED = datetime(2029, 1, 3, tzinfo=UTC)
LEOPARD, CAT, BEAR, GORAL = (
    "Neofelis nebulosa",
    "Pardofelis temminckii",
    "Ursus thibetanus",
    "Naemorhedus baileyi",
)
MUNTJAC, DOG, YAK, WEED = (
    "Muntiacus vaginalis",
    "Canis lupus familiaris",
    "Bos grunniens",
    "Ageratina adenophora",
)


@dataclass
class Rows:
    """Rows to be inserted at once."""

    days: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    observations: list[dict[str, Any]] = field(default_factory=list)


def local(day: date, hour: float) -> datetime:
    """An instant from a local date and hour in Linzhi."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - ZONE + timedelta(hours=hour)


def taxon_id(session: Session, name: str) -> str:
    """The id of a taxon of the survey."""
    found = session.exec(select(Taxon.taxon_id).where(Taxon.scientific_name == name)).first()
    assert found, name
    return found


def add_lists(session: Session) -> None:
    """Some taxa, two lists that protect four of them, and one that makes the weed an invader."""
    for name, zh, values in (
        (LEOPARD, "云豹", {}),
        (CAT, "金猫", {}),
        (BEAR, "黑熊", {"family": "Ursidae"}),
        (GORAL, "赤斑羚", {"order_name": "Artiodactyla", "family": "Bovidae"}),
        (MUNTJAC, "赤麂", {"order_name": "Artiodactyla", "family": "Cervidae"}),
        (DOG, "家犬", {"family": "Canidae", "rank": "subspecies"}),
        (YAK, "家牦牛", {"order_name": "Artiodactyla", "family": "Bovidae"}),
        (WEED, "紫茎泽兰", {"kingdom": "Plantae", "class_name": "Magnoliopsida",
                         "order_name": "Asterales", "family": "Asteraceae"}),
    ):  # fmt: skip
        make_animal(session, name, zh, **values)
    levels = ((LEOPARD, "I"), (CAT, "I"), (GORAL, "I"), (BEAR, "II"))
    entries = [_entry(session, name, level) for name, level in levels]
    list_version(session, "cn-protected-animals-2021", entries, origin="imported")
    list_version(
        session,
        "cn-key-invasive-2022",
        [_entry(session, WEED, "key")],
        list_id="cn-key-invasive",
        kind="key_invasive",
        origin="imported",
        title_zh="重点管理外来入侵物种名录",
        effective_from=date(2023, 1, 1),
    )


def _entry(session: Session, name: str, category: str) -> dict[str, object]:
    told = {"scientific_name": name, "category": category, "is_verified": True}
    return told | {"taxon_id": taxon_id(session, name)}


def add_station(session: Session, name: str, county: str, at: tuple[float, float]) -> None:
    """A station on a plot of its own."""
    session.add(
        Plot(
            plot_id=f"P-{name}",
            county=county,
            ecosystem="forest",
            latitude=at[0],
            longitude=at[1],
            elevation_m=1800.0,
        )
    )
    session.flush()
    session.add(
        CameraStation(
            location_id=name,
            plot_id=f"P-{name}",
            latitude=at[0],
            longitude=at[1],
            elevation_m=1800.0,
        )
    )
    session.flush()


def deploy(
    session: Session, rows: Rows, name: str, first: date, last: date, *, lost: int = 0
) -> None:
    """A camera from midnight to midnight of two dates; on the last `lost` of them it was dead."""
    deployment_id = f"{name}-{first.year}"
    session.add(
        Deployment(
            deployment_id=deployment_id,
            location_id=name,
            deployment_start=local(first, 0),
            deployment_end=local(last, 24),
        )
    )
    session.flush()
    count = (last - first).days + 1
    for number in range(count):
        rows.days.append(
            {
                "deployment_id": deployment_id,
                "day": (first + timedelta(days=number)).isoformat(),
                "method": "machine",
                "state": "dead" if number >= count - lost else "working",
                "cause": "",
                "media_count": 1,
                "person": "",
                "stated_at": STATED,
                "seal": "",
            }
        )


def see(
    rows: Rows,
    name: str,
    moment: datetime,
    taxon: str | None,
    review: str | None,
    *,
    kind: str = "animal",
    people: tuple[str, ...] = ("Drolma",),
) -> str:
    """An event at a station: confirmed by people, or a model's word when `review` is None."""
    year = (moment + ZONE).year
    deployment_id = f"{name}-{year}"
    event_id = identity.event_id(deployment_id, f"{moment.isoformat()} {taxon} {kind} {review}")
    rows.events.append(
        {
            "event_id": event_id,
            "deployment_id": deployment_id,
            "event_start": moment,
            "event_end": moment + timedelta(seconds=4),
            "media_count": 3,
            "machine_type": kind,
            "priority": 5,
            "is_reviewed": review is not None,
            "current_review_id": review,
            "seal": "",
        }
    )
    for number, person in enumerate(people if review else ("model 1",)):
        is_in_force = review is not None and number == len(people) - 1
        rows.observations.append(
            {
                "observation_id": identity.event_id(event_id, f"{person}"),
                "deployment_id": deployment_id,
                "event_id": event_id,
                "observation_level": "event" if review else "media",
                "observation_type": kind,
                "taxon_id": taxon,
                "count": 1 if review else None,
                "classification_method": "human" if review else "machine",
                "classified_by": person,
                "classification_timestamp": STATED,
                "classification_probability": None if review else 0.8,
                "review_id": review if is_in_force else None,
                "seal": "",
                **dict.fromkeys(
                    ("camera_setup_type", "life_stage", "sex", "behavior", "individual_id"), ""
                ),
                "observation_comments": "",
            }
        )
    return event_id


def store(session: Session, rows: Rows) -> None:
    """Insert what was gathered."""
    for table, told in (
        (CameraDay, rows.days),
        (Event, rows.events),
        (Observation, rows.observations),
    ):
        if told:
            session.execute(insert(table), told)
    session.flush()


def a_review(session: Session, person: str = "Drolma") -> str:
    """An entry of the log that reviews rest on; gives its id."""
    entry = record_decision(
        session, Act.REVIEWED, subject="many", person=person, details={}, decided_at=STATED
    )
    return entry.decision_id


def plant(survey: Survey, *, years: tuple[int, int] = (2026, 2027), stations: int = 8) -> None:
    """Fill a survey: so many stations in each of three counties, watched in both years."""
    random = np.random.default_rng(11)
    with survey.writing() as session:
        if session.exec(select(Taxon.taxon_id).limit(1)).first() is None:
            add_lists(session)
        review, rows = a_review(session), Rows()
        names = list(_places(session, rows, years, stations))
        # Mean events a station: in the first year, in the second, and the county with most.
        plan: dict[str, tuple[float, float, str]] = {
            LEOPARD: (0.4, 0.8, MEDOG),
            CAT: (1.2, 2.4, MEDOG),
            BEAR: (3.0, 3.2, ""),
            GORAL: (6.0, 2.6, BOMI),
            MUNTJAC: (14.0, 15.0, ""),
            DOG: (2.0, 6.0, BAYI),
            YAK: (4.0, 4.0, BAYI),
        }
        taxa = {name: taxon_id(session, name) for name in plan}
        for name, county in names:
            for number, year in enumerate(years):
                for taxon, (first, second, home) in plan.items():
                    mean = (second if number else first) * (
                        2.2 if home == county else 0.5 if home else 1.0
                    )
                    for at in _moments(random, year, mean):
                        two = ("Tashi", "Drolma") if random.random() < 0.7 else ("Drolma",)
                        is_first = taxon in (LEOPARD, CAT)
                        people = two if is_first else ("Drolma",)
                        see(rows, name, at, taxa[taxon], review, people=people)
                for kind, mean in (("human", (5.0, 7.0)), ("vehicle", (0.5, 0.5))):
                    for at in _moments(random, year, mean[number]):
                        see(rows, name, at, None, review, kind=kind)
                for at in _moments(random, year, 1.0):
                    see(rows, name, at, taxa[MUNTJAC], None)
        store(session, rows)
        _weeds(session, years)
        _warnings(session, years)


def _places(
    session: Session, rows: Rows, years: tuple[int, int], stations: int
) -> Iterator[tuple[str, str]]:
    for county, north, east in COUNTIES:
        for number in range(stations):
            name = f"{county}-{number + 1:02d}"
            add_station(session, name, county, (north + 0.021 * number, east + 0.013 * number))
            for year in years:
                lost = 20 + 9 * number if year == years[0] else 6 * number
                deploy(session, rows, name, date(year, 1, 1), date(year, 12, 31), lost=lost)
            yield name, county
    session.add(Plot(plot_id="P-river", county=MEDOG, ecosystem="river"))
    session.add(Plot(plot_id="P-marsh", county=BAYI, ecosystem="wetland"))
    session.flush()


def _moments(random: np.random.Generator, year: int, mean: float) -> Iterator[datetime]:
    days = {int(day) for day in random.integers(0, 330, size=random.poisson(mean))}
    for day in sorted(days):
        yield local(date(year, 1, 1) + timedelta(days=day), float(random.integers(0, 24)) + 0.25)


def _weeds(session: Session, years: tuple[int, int]) -> None:
    weed = taxon_id(session, WEED)
    for year in years:
        for number, (county, _, _) in enumerate(COUNTIES):
            for station in range(1, 7):
                plot_id = f"P-{county}-{station:02d}"
                is_there = (station + number) % 3 != 0 or year == years[1]
                area = 400.0 - 60 * station if year == years[0] else 160.0 - 20 * station
                session.add(
                    FieldRecord(
                        field_record_id=identity.act_id(),
                        plot_id=plot_id,
                        protocol="transect",
                        observer="Norbu",
                        state="identified",
                        event_start=local(date(year, 6, 10 + station), 10),
                        taxon_id=weed,
                        identified_by="Pema",
                        occurrence_status="present" if is_there else "absent",
                        infestation_area_m2=max(area, 10.0) if is_there else None,
                        effort_value=500.0,
                        effort_unit="m",
                    )
                )
    session.flush()
    session.add(
        ControlAction(
            control_id=identity.act_id(),
            taxon_id=weed,
            plot_id=f"P-{MEDOG}-01",
            method="manual",
            started_on=date(years[0], 9, 1),
            treated_area_m2=300.0,
            led_by="Tashi",
            person="Tashi",
            entered_at=STATED,
        )
    )
    session.flush()


def _warnings(session: Session, years: tuple[int, int]) -> None:
    dog = taxon_id(session, DOG)
    for year in years:
        for number in range(8 if year == years[0] else 14):
            raised = local(date(year, 2 + number % 9, 3 + number), 9)
            alert_id = f"{year}-{number:02d}"
            is_closed, is_false = number % 4 != 3, number % 5 == 0
            session.add(
                Alert(
                    alert_id=alert_id,
                    rule_id="disturbance",
                    rule_version_id="shipped",
                    severity="medium",
                    state="closed" if is_closed else "assigned",
                    outcome=("false_alarm" if is_false else "resolved") if is_closed else "",
                    record_kind="event",
                    record_id=alert_id,
                    taxon_id=dog,
                    location_id=f"{BAYI}-01",
                    plot_id=f"P-{BAYI}-01",
                    county=BAYI,
                    observed_at=raised - timedelta(days=2),
                    raised_at=raised,
                )
            )
            session.flush()
            due = raised + timedelta(days=30)
            acts = [("raised", raised, due), ("acknowledge", raised + timedelta(days=2), due)]
            if is_closed:
                late = 45 if number % 6 == 1 else 20
                acts.append(("close", raised + timedelta(days=late), None))  # type: ignore[arg-type]
            for act, at, until in acts:
                session.add(
                    AlertAction(
                        action_id=f"{alert_id}-{act}",
                        alert_id=alert_id,
                        act=act,
                        person="Tashi",
                        due_at=until,
                        decided_at=at,
                    )
                )
    session.flush()


SMALL = "ABCDEF"  # stations: three in Medog, three in Bomi


def plant_small(survey: Survey) -> None:
    """Six stations watched for a hundred days in both years, with numbers to reckon by hand.

    Leopards: three events a station in 2026 and a fourth record ten minutes after one of them;
    in 2027 one event at five stations, at F none, where the camera was dead for twenty days.
    People: one event a station, then two. A weed of 50 square metres on a plot without a camera.
    """
    with survey.writing() as session:
        add_lists(session)
        review, rows = a_review(session), Rows()
        leopard, muntjac = taxon_id(session, LEOPARD), taxon_id(session, MUNTJAC)
        for number, name in enumerate(SMALL):
            county, north, east = COUNTIES[number // 3]
            add_station(session, name, county, (north + 0.05 * (number % 3), east))
            for year in (2026, 2027):
                first = date(year, 1, 1)
                lost = 20 if (name, year) == ("F", 2027) else 0
                deploy(session, rows, name, first, first + timedelta(days=99), lost=lost)
            for day in (5, 40, 70):
                people = ("Tashi", "Drolma") if name == "A" else ("Drolma",)
                see(rows, name, _at(2026, day), leopard, review, people=people)
            if name != "F":
                see(rows, name, _at(2027, 5 if number < 3 else 60), leopard, review)
            for year, days in ((2026, (20,)), (2027, (20, 50))):
                for day in days:
                    see(rows, name, _at(year, day), None, review, kind="human")
        see(rows, "A", _at(2026, 5) + timedelta(minutes=10), leopard, review)
        for day in (10, 11, 12, 13):
            see(rows, "B", _at(2027, day), muntjac, None)
        store(session, rows)
        session.add(Plot(plot_id="P-extra", county=MEDOG, ecosystem="wetland"))
        session.flush()
        session.add(
            FieldRecord(
                field_record_id=identity.act_id(),
                plot_id="P-extra",
                protocol="transect",
                observer="Norbu",
                state="identified",
                event_start=_at(2027, 30),
                taxon_id=taxon_id(session, WEED),
                identified_by="Pema",
                infestation_area_m2=50.0,
                effort_value=500.0,
                effort_unit="m",
            )
        )


def _at(year: int, day: int) -> datetime:
    """Ten in the morning, so many days after New Year."""
    return local(date(year, 1, 1) + timedelta(days=day), 10)
