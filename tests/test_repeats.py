"""False alarms at one place: found, offered, dismissed by one act, taken back by one act."""

import csv
import json
from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import select

from species_db.decisions import broken_entries
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.occurrences import read_occurrences
from species_db.repeats.clusters import DAY_S, HOUR_S, Boxes, find_repeats
from species_db.repeats.dismiss import DismissalError, dismiss, dismissals_of, restore
from species_db.repeats.groups import Doubt, busy_deployments, repeats_of
from species_db.review import mark_animal, undo, view_event
from species_db.study.effort import read_standings
from species_db.study.machine import read_labels
from species_db.survey import Survey
from species_db.tables import Decision, DismissedBox, Event, Media, Observation
from species_db.verify import verify_survey
from species_db.vocabulary import Act, ObservationType
from tests.factories import NINE, make_event, make_machine_observation, make_model_version
from tests.repeats_scene import (
    DEER,
    EVENTS,
    STUMP,
    WITH_DEER,
    all_media,
    call_of_event,
    plant_deer,
    plant_stump,
)
from tests.review_scene import draw_photo, media_of, stored_event

HERE = "MT-01-2026"


def boxes_at(corners, events, seconds, view=0) -> Boxes:
    """Boxes as columns."""
    corners = np.array(corners, dtype=float)
    count = len(corners)
    return Boxes(
        corners,
        np.array(events, dtype=np.int64),
        np.array(seconds, dtype=np.int64),
        np.full(count, view) if np.isscalar(view) else np.array(view),
    )


def standing(count: int, apart_s: int) -> Boxes:
    """One box at the same place in so many events."""
    return boxes_at([STUMP] * count, range(count), np.arange(count) * apart_s)


def test_a_stump_is_found_and_a_walker_is_not() -> None:
    """The same place in many events over days and hours is a group; a box that moves is none."""
    stump = standing(20, 7 * HOUR_S)
    assert [len(rows) for rows in find_repeats(stump, stump.seconds)] == [20]
    walk = [(0.03 * n, 0.3, 0.2, 0.2) for n in range(20)]
    moving = boxes_at(walk, range(20), np.arange(20) * 7 * HOUR_S)
    assert find_repeats(moving, moving.seconds) == []


@pytest.mark.parametrize(
    ("count", "apart_s"),
    [(7, 7 * HOUR_S), (40, 600), (12, DAY_S)],
    ids=["few events", "one night", "one hour of the day"],
)
def test_what_an_animal_could_do_is_no_group(count: int, apart_s: int) -> None:
    """Too few events, one sleep in one place, one hour of the day: an animal does such things."""
    boxes = standing(count, apart_s)
    assert find_repeats(boxes, boxes.seconds) == []


def test_frames_of_one_event_count_once() -> None:
    """Sixty frames of a burst are one event, however often the box stands in them."""
    boxes = boxes_at([STUMP] * 60, [0] * 60, np.arange(60) * 7 * HOUR_S)
    assert find_repeats(boxes, boxes.seconds) == []


def test_a_move_of_the_camera_ends_a_group() -> None:
    """What stands at one place of the picture after a move is another thing."""
    seconds = np.arange(12) * 7 * HOUR_S
    boxes = boxes_at([STUMP] * 12, range(12), seconds, view=[0] * 6 + [1] * 6)
    assert find_repeats(boxes, seconds) == []
    longer = boxes_at([STUMP] * 24, range(24), np.arange(24) * 7 * HOUR_S, [0] * 12 + [1] * 12)
    assert [len(rows) for rows in find_repeats(longer, longer.seconds)] == [12, 12]


def test_boxes_that_fill_the_frame_are_no_group() -> None:
    """Whatever comes near the lens overlaps with whatever else did."""
    boxes = boxes_at([(0.02, 0.02, 0.95, 0.95)] * 30, range(30), np.arange(30) * 7 * HOUR_S)
    assert find_repeats(boxes, boxes.seconds) == []


def test_a_seldom_seen_place_is_no_group() -> None:
    """Nine visits to one spot among thousands of events are not a thing that stands there."""
    boxes = standing(9, 7 * DAY_S + 5 * HOUR_S)
    everything = np.arange(0, int(boxes.seconds.max()), HOUR_S)
    assert find_repeats(boxes, everything) == []
    assert len(find_repeats(boxes, boxes.seconds)) == 1


def test_two_hundred_thousand_boxes_take_seconds() -> None:
    """Sixty stumps and fifty thousand other boxes are told apart while a person waits."""
    random = np.random.default_rng(7)
    corners, events = [], []
    for _ in range(60):
        place = np.concatenate([random.uniform(0.05, 0.6, 2), random.uniform(0.05, 0.3, 2)])
        corners.append(place + random.normal(0, 0.012, (2500, 4)) * place[[2, 3, 2, 3]])
        events.append(random.integers(0, 40_000, 2500))
    others = [random.uniform(0, 0.7, (50_000, 2)), random.uniform(0.03, 0.3, (50_000, 2))]
    corners.append(np.column_stack(others))
    events.append(random.integers(0, 40_000, 50_000))
    times = np.sort(random.integers(0, 180 * DAY_S, 40_000))
    event = np.concatenate(events)
    boxes = boxes_at(np.clip(np.vstack(corners), 1e-4, 1), event, times[event])
    groups = find_repeats(boxes, times)
    assert len(groups) == 60
    assert all(2450 <= len(rows) <= 2550 for rows in groups)


def test_groups_say_what_they_would_clear(survey: Survey) -> None:
    """The stump clears the events that hold nothing else; the deer's events it does not."""
    plant_stump(survey)
    plant_deer(survey)
    with survey.reading() as session:
        (group,) = repeats_of(session, HERE)
        (busy,) = busy_deployments(session)
        assert (busy.deployment_id, busy.events) == (HERE, EVENTS + 6)
        assert busy.piled >= EVENTS
    assert (group.events, group.clears, group.company_events) == (
        EVENTS,
        EVENTS - WITH_DEER,
        WITH_DEER,
    )
    assert len(group.observation_ids) == 2 * EVENTS
    assert group.doubts == (Doubt.COMPANY,)
    assert group.observation_type == "animal" and group.scores == (0.45, 0.45, 0.45)
    assert len(group.previews) == 12
    assert [p.local_time for p in group.previews] == sorted(p.local_time for p in group.previews)


def test_what_speaks_against_a_group_is_told(survey: Survey) -> None:
    """A sure score, only nights, and an animal that a person found there are told beside it."""
    events = plant_stump(survey)
    with survey.writing() as session:
        for media in session.exec(select(Media).where(Media.event_id == events[8])):
            found = select(Observation).where(Observation.media_id == media.media_id)
            for box in session.exec(found):
                box.classification_probability = 0.95
                session.add(box)
        night = make_event(session, start=NINE + timedelta(days=20))
        extra = media_of(session, night.event_id)[0]
        extra.is_grey = False
        session.add(extra)
        make_machine_observation(session, extra, bbox=DEER)
        for media in session.exec(select(Media).where(Media.event_id != night.event_id)):
            media.is_grey = True
            session.add(media)
    mark_animal(survey, events[9], person="Drolma", expected_review_id=None)
    with survey.reading() as session:
        (group,) = repeats_of(session, HERE)
    assert set(group.doubts) == {
        Doubt.HIGH_SCORE,
        Doubt.ONE_LIGHT,
        Doubt.COMPANY,
        Doubt.SEEN_BY_PEOPLE,
    }
    assert group.clears == EVENTS - WITH_DEER - 1  # what a person reviewed is not cleared
    assert group.animal_events == 1


def dismissed_stump(survey: Survey) -> tuple[list[str], str]:
    """The stump dismissed by Drolma: its events, and the name of the act."""
    events = plant_stump(survey)
    with survey.reading() as session:
        (group,) = repeats_of(session, HERE)
    return events, dismiss(survey, HERE, group.observation_ids, person="Drolma")


def test_dismissed_boxes_leave_blank_events_in_the_queue(survey: Survey) -> None:
    """Without the stump its events are blank, unreviewed, and wait among the blanks."""
    events, _ = dismissed_stump(survey)
    assert call_of_event(survey, events[-1]) == ("blank", 7)
    assert call_of_event(survey, events[0]) == ("animal", 2)  # the deer is still there
    with survey.reading() as session:
        view = view_event(session, events[-1])
        assert not session.get_one(Event, events[-1]).is_reviewed
        assert repeats_of(session, HERE) == []
    assert view.dismissed_by == ("Drolma",)
    assert view.media[0].boxes == () and view.machine.observation_type == "blank"


def test_a_dismissal_is_one_entry_of_the_log_with_its_rows(survey: Survey) -> None:
    """One act, one entry; it says who, and every box is told; the log and seals hold."""
    dismissed_stump(survey)
    with survey.reading() as session:
        (entry,) = session.exec(
            select(Decision).where(Decision.act == Act.BOXES_DISMISSED.value)
        ).all()
        rows = session.exec(select(DismissedBox)).all()
        assert list(broken_entries(session)) == []
    told = json.loads(entry.details)
    assert (entry.person, told["boxes"], told["events"]) == ("Drolma", 2 * EVENTS, EVENTS)
    assert len(rows) == 2 * EVENTS and {row.dismissed_by for row in rows} == {"Drolma"}
    found = [f for f, _ in verify_survey(survey).findings if "dismissed" in f.table]
    assert found == []


def test_one_act_brings_the_boxes_back(survey: Survey) -> None:
    """Restoring gives every event its call and place again; who did both stays known."""
    events, act = dismissed_stump(survey)
    assert restore(survey, act, person="Tashi") == 2 * EVENTS
    assert call_of_event(survey, events[-1]) == ("animal", 1)
    with survey.reading() as session:
        (group,) = repeats_of(session, HERE)
        (told,) = dismissals_of(session, HERE)
    assert group.events == EVENTS
    assert (told.dismissed_by, told.restored_by, told.boxes) == ("Drolma", "Tashi", 2 * EVENTS)
    again = dismiss(survey, HERE, group.observation_ids, person="Drolma")
    assert again != act and call_of_event(survey, events[-1])[0] == "blank"


def test_what_cannot_be_dismissed_is_refused(survey: Survey) -> None:
    """Nobody's name, a box twice, a blank answer, an unknown act: a sentence, and no change."""
    _, act = dismissed_stump(survey)
    with survey.reading() as session:
        ids = session.exec(select(DismissedBox.observation_id)).all()
    for boxes, person in ((ids, "Tashi"), (ids, " "), (["no box"], "Tashi"), ([], "Tashi")):
        with pytest.raises(DismissalError):
            dismiss(survey, HERE, boxes, person=person)
    restore(survey, act, person="Tashi")
    with pytest.raises(DismissalError, match="in force"):
        restore(survey, act, person="Tashi")


def test_another_model_on_the_same_box_does_not_bring_the_stump_back(survey: Survey) -> None:
    """A second stage that names what the first boxed answers on the same box of the same file."""
    events, _ = dismissed_stump(survey)
    with survey.writing() as session:
        media = media_of(session, events[-1])[0]
        version = make_model_version(session, "species")
        box = session.exec(select(Observation).where(Observation.media_id == media.media_id)).one()
        values = box.model_dump(exclude={"seal", "observation_id"})
        values |= {
            "model_version_id": version.model_version_id,
            "classification_timestamp": NINE + timedelta(days=90),
        }
        session.add(Observation(observation_id="named", **values))
    with survey.reading() as session:
        assert view_event(session, events[-1]).machine.observation_type == "blank"


def test_occurrences_and_labels_are_told_without_dismissed_boxes(survey: Survey) -> None:
    """Pages and analyses see no animal where the only box was dismissed, and a blank label."""
    events, _ = dismissed_stump(survey)
    with survey.reading() as session:
        animals = {
            one.record_id
            for one in read_occurrences(
                session, types=[ObservationType.ANIMAL], include_machine=True
            )
        }
        labels, records = read_labels(
            session, {one.deployment_id: one for one in read_standings(session)}
        )
    assert animals == set(events[:WITH_DEER])
    kinds = {e: labels[k].kind for e, k in zip(records.event_ids, records.taxa, strict=True)}
    assert kinds[events[0]] == "animal" and kinds[events[-1]] == "blank"


def test_packages_tell_no_dismissed_box_as_an_animal(survey: Survey, tmp_path) -> None:
    """A file whose only box was dismissed leaves as blank; the deer leaves as it was."""
    dismissed_stump(survey)
    with survey.reading() as session:
        for media in all_media(session):
            draw_photo(survey, media, "blank")
    export_camtrap_dp(survey, tmp_path / "dp", person="Tashi", include_machine=True)
    with (tmp_path / "dp" / "observations.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    boxed = [row for row in rows if row["bboxX"]]
    assert len(boxed) == WITH_DEER
    of_events = [row for row in rows if row["observationLevel"] == "event"]
    types = sorted(row["observationType"] for row in of_events)
    assert types == ["animal"] * WITH_DEER + ["blank"] * (EVENTS - WITH_DEER)


def test_a_dismissed_person_opens_no_picture(survey: Survey) -> None:
    """Who might be a person stays behind the curtain, even when a review of people is undone."""
    event_id = stored_event(survey)
    with survey.writing() as session:
        (media,) = media_of(session, event_id)
        box = make_machine_observation(session, media, observation_type="human")
        media.is_restricted = True
        session.add(media)
    dismiss(survey, HERE, [box.observation_id], person="Drolma")
    mark_animal(survey, event_id, person="Drolma", expected_review_id=None)
    undo(survey, person="Drolma")
    with survey.reading() as session:
        assert session.get_one(Media, media.media_id).is_restricted
    assert not [f for f, _ in verify_survey(survey).findings if "restricted" in f.en]
