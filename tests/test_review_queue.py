"""The machine's call on an event, and the order in which events come to review."""

from datetime import timedelta

import pytest
from sqlalchemy import event as hooks

from ingest.file_problem import ProblemCode
from species_db.identity import machine_observation_id
from species_db.review import (
    EventKey,
    event_key,
    mark_blank,
    next_event,
    previous_event,
    priority_of,
    progress,
    summarise_event,
)
from species_db.survey import Survey
from species_db.tables import Media, Problem
from tests.factories import NINE, make_machine_observation, make_model_version
from tests.review_scene import answer, event_row, join_photo, media_of, stored_event


def test_animals_come_first_and_sure_blanks_last() -> None:
    """Stakes order the queue: doubtful animals, animals, people, vehicles, blanks, the unseen."""
    order = [
        priority_of("animal", 0.4),
        priority_of("animal", 0.9),
        priority_of("unknown", None),
        priority_of("human", 0.9),
        priority_of("vehicle", 0.9),
        priority_of("unclassified", None, needs_person=True),
        priority_of("blank", 0.4),
        priority_of("blank", 0.9),
        priority_of("unclassified", None),
    ]
    assert order == sorted(set(order))


def test_unseen_events_keep_the_place_the_table_gives_them(survey: Survey) -> None:
    """An event without answers has the same priority before and after it is summarised."""
    event_id = stored_event(survey)
    before = event_row(survey, event_id).priority
    answer(survey, event_id)
    assert event_row(survey, event_id).priority == before == priority_of("unclassified", None)


@pytest.mark.parametrize(
    ("types", "call"),
    [
        (("blank", "blank", "animal"), "animal"),
        (("human", "animal", "blank"), "animal"),
        (("vehicle", "human", "blank"), "human"),
        (("blank", "vehicle", "blank"), "vehicle"),
        (("blank", "blank", "blank"), "blank"),
    ],
)
def test_presence_decides_the_call(survey: Survey, types: tuple[str, ...], call: str) -> None:
    """Animal beats human beats vehicle beats blank, on however few files it stands."""
    event_id = stored_event(survey, photos=3)
    answer(survey, event_id, *types)
    assert event_row(survey, event_id).machine_type == call


def test_the_strongest_score_is_kept(survey: Survey) -> None:
    """The call carries the best score of its own type."""
    event_id = stored_event(survey, photos=3)
    with survey.writing() as session:
        for media, score in zip(media_of(session, event_id), (0.5, 0.9, 0.7), strict=True):
            make_machine_observation(session, media, score=score)
        summarise_event(session, event_id)
    assert event_row(survey, event_id).machine_probability == 0.9


def test_blank_needs_every_file_looked_at(survey: Survey) -> None:
    """An event with a file no model has seen is not called blank."""
    event_id = stored_event(survey, photos=2)
    answer(survey, event_id, "blank")
    assert event_row(survey, event_id).machine_type == "unclassified"
    with survey.writing() as session:
        make_machine_observation(
            session, media_of(session, event_id)[1], observation_type="blank", bbox=None
        )
        summarise_event(session, event_id)
    assert event_row(survey, event_id).machine_type == "blank"


@pytest.mark.parametrize("left", ["film", "damaged"])
@pytest.mark.parametrize(
    ("call", "machine_type", "priority"), [("animal", "animal", 2), ("blank", "unclassified", 6)]
)
def test_what_no_model_can_answer_does_not_hold_an_event_back(
    survey: Survey, left: str, call: str, machine_type: str, priority: int
) -> None:
    """A film or a damaged photo waits for no model: animals are called, all else leads blanks."""
    event_id = stored_event(survey)
    media_id = join_photo(survey, event_id, "video/mp4" if left == "film" else "image/jpeg")
    if left == "damaged":
        with survey.writing() as session:
            media = session.get_one(Media, media_id)
            session.add(
                Problem(
                    card_import_id=media.card_import_id,
                    card_path=media.card_path,
                    code=ProblemCode.PIXELS_UNREADABLE.value,
                    media_id=media_id,
                )
            )
    answer(survey, event_id, call)
    row = event_row(survey, event_id)
    assert (row.machine_type, row.priority) == (machine_type, priority)
    assert priority < priority_of("blank", 0.1)


def test_the_newest_model_is_heard_file_by_file(survey: Survey) -> None:
    """A newer model's blank replaces the older one's animal on that file, and only there."""
    event_id = stored_event(survey, photos=2)
    answer(survey, event_id, "animal", "animal")
    for number, call in ((0, "animal"), (1, "blank")):
        with survey.writing() as session:
            newer = make_model_version(session, "newer")
            media = media_of(session, event_id)[number]
            observation = make_machine_observation(
                session, media, observation_type="blank", bbox=None
            )
            observation.observation_id = machine_observation_id(media.media_id, "newer", "b", "")
            observation.model_version_id = newer.model_version_id
            observation.classification_timestamp = NINE + timedelta(days=1)
            session.add(observation)
            session.flush()
            summarise_event(session, event_id)
        assert event_row(survey, event_id).machine_type == call


def test_the_queue_follows_stakes_then_time(survey: Survey) -> None:
    """Every event comes once, by priority, then start, the undated behind the dated."""
    later = NINE + timedelta(hours=1)
    expected = [
        stored_event(survey, priority=1, start=NINE),
        stored_event(survey, priority=1, start=later),
        stored_event(survey, priority=1, start=None),
        stored_event(survey, priority=7, start=NINE),
        stored_event(survey, priority=9, start=None),
    ]
    key: EventKey | None = None
    seen = []
    with survey.reading() as session:
        for _ in expected:
            key = next_event(session, after=key)
            assert key is not None
            seen.append(key.event_id)
        again = next_event(session, after=key)
        backwards = []
        while key is not None:
            backwards.append(key.event_id)
            key = previous_event(session, before=key)
    assert seen == expected
    assert again is not None and again.event_id == expected[0]
    assert backwards == expected[::-1]


def test_reviewed_events_leave_the_queue(survey: Survey) -> None:
    """The next event is never one that is reviewed, nor one that is passed over."""
    first, second, third = (
        stored_event(survey, start=NINE + timedelta(hours=hour)) for hour in range(3)
    )
    with survey.reading() as session:
        key = event_key(session, first)
    mark_blank(survey, first, person="Tashi", expected_review_id=None)
    with survey.reading() as session:
        found = next_event(session, after=key, skip=[second])
        assert found is not None and found.event_id == third
        assert (progress(session).reviewed, progress(session).total) == (1, 3)


def test_an_empty_queue_says_so(survey: Survey) -> None:
    """With nothing to review there is no next event, and the work counts as done."""
    with survey.reading() as session:
        assert next_event(session) is None
        assert progress(session).share == 1.0


def test_the_queue_is_read_from_its_index(survey: Survey) -> None:
    """Finding the next event scans no table and sorts nothing, whatever the survey's size."""
    seen: list[tuple[str, tuple[object, ...]]] = []
    event_id = stored_event(survey, priority=1)
    hooks.listen(
        survey.engine, "before_cursor_execute", lambda *told: seen.append((told[2], told[3]))
    )
    with survey.reading() as session:
        key = event_key(session, event_id)
        seen.clear()
        next_event(session, after=key)
        statements = list(seen)
        plans = []
        for statement, parameters in statements:
            rows = session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
            plans += [row[3] for row in rows]
    assert plans
    for plan in plans:
        assert plan.startswith("SEARCH") and "ix_event_queue" in plan, plan
