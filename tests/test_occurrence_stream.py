"""The stream of what was seen: cameras' events and field records, told once and by whom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlmodel import Session, col, select

from species_db import identity
from species_db.decisions import record_decision
from species_db.occurrences import Occurrence, read_occurrences
from species_db.survey import Survey
from species_db.tables import Event, FieldRecord, Media, Observation, Plot, Taxon
from species_db.vocabulary import Act, ObservationType
from tests.factories import (
    NINE,
    make_event,
    make_human_review,
    make_machine_observation,
    make_media,
    make_model_version,
    make_taxon,
)

LATER = NINE + timedelta(days=30)


def read(survey: Survey, **asked) -> list[Occurrence]:
    """The whole stream."""
    with survey.reading() as session:
        return list(read_occurrences(session, **asked))


def planted(survey: Survey, *, photos: int = 1, start: datetime | None = NINE):
    """An event with photos, and two taxa."""
    with survey.writing() as session:
        deer, monkey = make_taxon(session), make_taxon(session, "Macaca mulatta", "猕猴")
        event = make_event(session, photos=photos, start=start)
    return event, deer, monkey


def photos_of(session: Session, event: Event) -> list[Media]:
    """The photos of an event, in order of time."""
    wanted = select(Media).where(Media.event_id == event.event_id).order_by(col(Media.timestamp))
    return list(session.exec(wanted))


def say(
    session: Session,
    media: Media,
    taxon: Taxon | None,
    *,
    model: str = "general",
    at: datetime = NINE,
    box: float = 0.1,
) -> Observation:
    """A box of a model on a photo."""
    told = make_machine_observation(session, media, bbox=(box, 0.2, 0.3, 0.4))
    version = make_model_version(session, model)
    told.observation_id = identity.machine_observation_id(
        media.media_id, version.sha256, taxon.taxon_id if taxon else "", str(box)
    )
    told.taxon_id = taxon.taxon_id if taxon else None
    told.model_version_id, told.classified_by = version.model_version_id, model
    told.classification_timestamp = at
    session.add(told)
    session.flush()
    return told


def field_record(name: str, taxon: Taxon, **values: object) -> FieldRecord:
    """An identified record of a person."""
    told = {"state": "identified", "event_start": NINE, "event_end": NINE, "county": "540423"}
    told |= {"protocol": "transect", "observer": "Tashi", "identified_by": "Tashi"}
    return FieldRecord(field_record_id=name, taxon_id=taxon.taxon_id, **(told | values))


def test_counts_of_both_sexes_are_one_occurrence(survey: Survey) -> None:
    """A review that tells 2 females and 1 young of a taxon tells 3 animals, once."""
    event, deer, _ = planted(survey)
    first = make_human_review(survey, event, taxon=deer, count=2)
    with survey.writing() as session:
        told = first.model_dump() | {"observation_id": identity.act_id(), "count": 1, "seal": ""}
        session.add(Observation(**(told | {"life_stage": "juvenile"})))
    (one,) = read(survey)
    assert (one.count, one.is_confirmed, one.identified_by) == (3, True, "Drolma")
    assert (one.county, one.plot_id, one.observed_at) == ("540423", "LZ-041", NINE)


def test_only_the_review_in_force_speaks(survey: Survey) -> None:
    """A second review replaces the first; the machine is silent on what people looked at."""
    event, deer, monkey = planted(survey)
    with survey.writing() as session:
        say(session, photos_of(session, event)[0], deer)
    make_human_review(survey, event, taxon=deer)
    make_human_review(survey, event, taxon=monkey)
    assert [one.taxon_id for one in read(survey, include_machine=True)] == [monkey.taxon_id]


def test_an_undone_review_gives_the_word_back_to_the_machine(survey: Survey) -> None:
    """With no review in force the event is as if nobody had looked."""
    event, deer, monkey = planted(survey)
    with survey.writing() as session:
        say(session, photos_of(session, event)[0], deer)
    make_human_review(survey, event, taxon=monkey)
    with survey.writing() as session:
        session.get_one(Event, event.event_id).current_review_id = None
    (one,) = read(survey, include_machine=True)
    assert (one.taxon_id, one.is_confirmed) == (deer.taxon_id, False)
    assert read(survey) == []


def test_only_the_newest_model_speaks_of_a_file(survey: Survey) -> None:
    """A better model's answer replaces the old one file by file, not event by event."""
    event, deer, monkey = planted(survey, photos=2)
    with survey.writing() as session:
        first, second = photos_of(session, event)
        say(session, first, deer, model="old")
        say(session, first, monkey, model="new", at=LATER)
        say(session, second, None, model="old")
    told = {one.taxon_id for one in read(survey, include_machine=True)}
    assert told == {monkey.taxon_id, None}  # the new model has not yet come to the second file


def test_a_newest_answer_of_blank_silences_the_older_animal(survey: Survey) -> None:
    """Blank is an answer too."""
    event, deer, _ = planted(survey)
    with survey.writing() as session:
        media = photos_of(session, event)[0]
        say(session, media, deer, model="old")
        blank = say(session, media, None, model="new", at=LATER)
        blank.observation_type = "blank"
        session.add(blank)
    assert read(survey, include_machine=True) == []


def test_a_machine_counts_the_most_in_one_frame(survey: Survey) -> None:
    """Two boxes in one photo and one in the next are two animals, not three and not one."""
    event, deer, _ = planted(survey, photos=2)
    with survey.writing() as session:
        first, second = photos_of(session, event)
        for media, box in ((first, 0.1), (first, 0.5), (second, 0.1)):
            say(session, media, deer, box=box)
    (one,) = read(survey, include_machine=True)
    assert (one.count, one.probability) == (2, 0.8)


def test_a_label_without_taxon_is_an_animal_of_no_taxon(survey: Survey) -> None:
    """It is told among all, and never as some taxon."""
    event, deer, _ = planted(survey)
    with survey.writing() as session:
        say(session, photos_of(session, event)[0], None)
    (one,) = read(survey, include_machine=True)
    assert (one.taxon_id, one.observation_type) == (None, "animal")
    assert read(survey, include_machine=True, taxon_ids=[deer.taxon_id]) == []


def test_a_review_tells_the_time_of_what_it_covered(survey: Survey) -> None:
    """Files that joined the event later, and were earlier, do not move what the person saw."""
    event, deer, _ = planted(survey)
    with survey.writing() as session:
        covered = [one.media_id for one in photos_of(session, event)]
    make_human_review(survey, event, taxon=deer)
    with survey.writing() as session:
        stored = session.get_one(Event, event.event_id)
        review = record_decision(
            session,
            Act.REVIEWED,
            subject=event.event_id,
            person="Drolma",
            details={"media": covered},
        )
        before = NINE - timedelta(minutes=20)
        make_media(session, event=stored, timestamp=before)
        said_of_it = select(Observation).where(Observation.event_id == event.event_id)
        for said in session.exec(said_of_it):
            said.review_id = review.decision_id
        stored.event_start, stored.is_reviewed = before, False
        stored.current_review_id = review.decision_id
    (one,) = read(survey)
    assert one.observed_at == NINE


def test_an_undated_event_has_no_time(survey: Survey) -> None:
    """It is told all the same: who needs a time leaves it out and says so."""
    event, deer, _ = planted(survey, start=None)
    make_human_review(survey, event, taxon=deer)
    assert [one.observed_at for one in read(survey)] == [None]


def test_absence_is_told_only_when_asked_for(survey: Survey) -> None:
    """A searched transect without the taxon is no sighting of it."""
    _, deer, monkey = planted(survey)
    with survey.writing() as session:
        session.add(field_record("a", deer, occurrence_status="absent", effort_value=2000.0))
        session.add(field_record("b", monkey, occurrence_status=None))
        session.add(field_record("c", monkey, state="rejected"))
        session.add(field_record("d", monkey, state="draft"))
    assert [(one.record_id, one.is_present) for one in read(survey)] == [("b", True)]
    told = {one.record_id: one.is_present for one in read(survey, include_absent=True)}
    assert told == {"a": False, "b": True}


def test_the_county_of_a_field_record_comes_from_sheet_plot_or_outline(survey: Survey) -> None:
    """In this order; empty only where none of them can tell."""
    _, deer, _ = planted(survey)
    with survey.writing() as session:
        session.add(Plot(plot_id="LZ-001", county="540426"))
        session.add(Plot(plot_id="LZ-002", county=""))
        session.flush()
        at = {"latitude": 29.6490, "longitude": 94.3615}  # in Bayi
        session.add(field_record("a", deer, **at))
        session.add(field_record("b", deer, plot_id="LZ-001", county=None, **at))
        session.add(field_record("c", deer, plot_id="LZ-002", county=None, **at))
        session.add(field_record("d", deer, plot_id="LZ-002", county=None))
    told = {one.record_id: one.county for one in read(survey)}
    assert told == {"a": "540423", "b": "540426", "c": "540402", "d": ""}


def test_cameras_come_first_however_many_taxa_are_asked(survey: Survey) -> None:
    """More taxa than fit into one question do not mix the order, and nothing is told twice."""
    event, deer, monkey = planted(survey)
    make_human_review(survey, event, taxon=monkey)
    with survey.writing() as session:
        session.add(field_record("a", deer))
        session.add(field_record("b", monkey))
    many = [f"zz{number}" for number in range(600)] + [deer.taxon_id, monkey.taxon_id]
    kinds = [one.record_kind for one in read(survey, taxon_ids=many * 2)]
    assert kinds == ["event", "field_record", "field_record"]


def test_people_and_vehicles_are_asked_for_by_type(survey: Survey) -> None:
    """An animal is no vehicle, and field records tell of organisms alone."""
    event, deer, _ = planted(survey)
    make_human_review(survey, event, observation_type="vehicle")
    with survey.writing() as session:
        session.add(field_record("a", deer))
    told = read(survey, types=[ObservationType.HUMAN, ObservationType.VEHICLE])
    assert [(one.record_kind, one.observation_type) for one in told] == [("event", "vehicle")]


@pytest.mark.parametrize("include_machine", [False, True])
def test_a_taxon_is_found_without_reading_every_observation(
    survey: Survey, include_machine: bool
) -> None:
    """The database's own plan searches by index; it never scans observations or media."""
    _, deer, _ = planted(survey)
    asked: list[tuple[str, object]] = []
    with survey.reading() as session:
        bind = session.get_bind()

        def keep(_connection, _cursor, statement, parameters, _context, _many) -> None:
            asked.append((statement, parameters))

        sqlalchemy_event.listen(bind, "before_cursor_execute", keep)
        try:
            list(
                read_occurrences(
                    session, taxon_ids=[deer.taxon_id], include_machine=include_machine
                )
            )
        finally:
            sqlalchemy_event.remove(bind, "before_cursor_execute", keep)
        plans = [
            row[3]
            for statement, parameters in asked
            if "observation" in statement
            for row in session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
        ]
    assert len(plans) > 1
    assert not [plan for plan in plans if plan.startswith(("SCAN observation", "SCAN media"))]
    assert any("ix_observation_" in plan for plan in plans)


def test_the_day_is_the_stations_own(survey: Survey) -> None:
    """The instant is UTC, and the offset in force goes with it: 16:30 UTC is the next day here."""
    at = datetime(2026, 4, 30, 16, 30, tzinfo=UTC)
    event, deer, _ = planted(survey, start=at)
    make_human_review(survey, event, taxon=deer)
    (one,) = read(survey)
    assert one.observed_at == at and one.utc_offset_seconds == 8 * 3600
