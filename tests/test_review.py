"""The acts of a reviewer: what each one records, and what is refused."""

import json
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from species_db.review import (
    Finding,
    ReviewConflict,
    ReviewError,
    confirm,
    correct,
    mark_animal,
    mark_blank,
    mark_human,
    mark_setup,
    mark_unknown,
    mark_vehicle,
    review_event,
    undo,
)
from species_db.survey import Survey
from species_db.tables import Decision, Taxon
from tests.factories import make_machine_observation, make_taxon
from tests.review_scene import (
    answer,
    assert_chain_unbroken,
    event_row,
    human_observations,
    in_force,
    media_of,
    stored_event,
)


@pytest.mark.parametrize("call", ["blank", "human", "vehicle", "animal"])
def test_confirm_accepts_the_machines_call(survey: Survey, call: str) -> None:
    """Confirming records the machine's call in a person's name, without a probability."""
    event_id = stored_event(survey)
    answer(survey, event_id, call)
    review_id = confirm(survey, event_id, person="Tashi", expected_review_id=None)
    (said,) = in_force(survey, event_id)
    assert (said.observation_type, said.observation_level) == (call, "event")
    assert (said.classification_method, said.classified_by) == ("human", "Tashi")
    assert said.classification_probability is None and said.taxon_id is None
    assert said.count == (None if call == "blank" else 1)
    assert event_row(survey, event_id).current_review_id == review_id
    assert_chain_unbroken(survey)


def test_confirm_keeps_the_machines_taxon(survey: Survey) -> None:
    """When the machine named a taxon, confirming it records the taxon."""
    event_id = stored_event(survey)
    with survey.writing() as session:
        taxon = make_taxon(session)
        (media,) = media_of(session, event_id)
        observation = make_machine_observation(session, media)
        observation.taxon_id = taxon.taxon_id
        session.add(observation)
    confirm(survey, event_id, person="Tashi", expected_review_id=None)
    assert in_force(survey, event_id)[0].taxon_id == taxon.taxon_id


def test_nothing_can_be_confirmed_before_a_model_has_looked(survey: Survey) -> None:
    """Confirming an unseen event is refused, and the event stays as it was."""
    event_id = stored_event(survey)
    with pytest.raises(ReviewError, match="nothing to confirm"):
        confirm(survey, event_id, person="Tashi", expected_review_id=None)
    assert not event_row(survey, event_id).is_reviewed


def test_an_unseen_event_can_be_reviewed(survey: Survey) -> None:
    """A person needs no machine to say what is there."""
    event_id = stored_event(survey)
    mark_animal(survey, event_id, count=2, person="Tashi", expected_review_id=None)
    assert in_force(survey, event_id)[0].count == 2


def test_a_call_that_changed_meanwhile_is_not_confirmed(survey: Survey) -> None:
    """A person confirms only the call they were shown."""
    event_id = stored_event(survey)
    answer(survey, event_id, "animal")
    with pytest.raises(ReviewConflict, match="from blank to animal"):
        confirm(survey, event_id, person="Tashi", expected_review_id=None, shown_type="blank")


Mark = Callable[..., str]


@pytest.mark.parametrize(
    ("act", "kind", "count"),
    [
        (mark_blank, "blank", None),
        (mark_unknown, "unknown", None),
        (mark_human, "human", 1),
        (mark_vehicle, "vehicle", 1),
        (mark_animal, "animal", 1),
    ],
)
def test_each_mark_records_its_type(
    survey: Survey, act: Mark, kind: str, count: int | None
) -> None:
    """Each act records one observation of its type."""
    event_id = stored_event(survey)
    act(survey, event_id, person="Tashi", expected_review_id=None)
    assert [(o.observation_type, o.count) for o in in_force(survey, event_id)] == [(kind, count)]


@pytest.mark.parametrize(("call", "kind"), [("human", "human"), ("blank", "unknown")])
def test_setup_shots_are_told_apart(survey: Survey, call: str, kind: str) -> None:
    """A set-up shot is a camera set-up observation, of people only where the machine saw them."""
    event_id = stored_event(survey)
    answer(survey, event_id, call)
    mark_setup(survey, event_id, person="Tashi", expected_review_id=None)
    (said,) = in_force(survey, event_id)
    assert (said.camera_setup_type, said.observation_type, said.count) == ("setup", kind, None)


def test_the_count_proposed_is_the_most_in_one_frame(survey: Survey) -> None:
    """MaxN: two boxes in one frame and one in each other make two, not five."""
    event_id = stored_event(survey, photos=4)
    with survey.writing() as session:
        taxon = make_taxon(session)
        files = media_of(session, event_id)
        for media in files:
            make_machine_observation(session, media)
        make_machine_observation(session, files[2], bbox=(0.6, 0.6, 0.1, 0.1))
        make_machine_observation(session, files[1], observation_type="human")
    correct(survey, event_id, taxon_id=taxon.taxon_id, person="Tashi", expected_review_id=None)
    assert in_force(survey, event_id)[0].count == 2


def test_a_given_count_overrides_the_proposed_one(survey: Survey) -> None:
    """Where four passed singly, the person's four stands."""
    event_id = stored_event(survey)
    with survey.writing() as session:
        taxon = make_taxon(session)
    correct(
        survey, event_id, taxon_id=taxon.taxon_id, count=4, person="Tashi", expected_review_id=None
    )
    (said,) = in_force(survey, event_id)
    assert (said.taxon_id, said.count) == (taxon.taxon_id, 4)


def test_a_mixed_visit_keeps_both_taxa(survey: Survey) -> None:
    """Two taxa in one event are two observations of one review."""
    event_id = stored_event(survey)
    with survey.writing() as session:
        muntjac, serow = (
            make_taxon(session),
            make_taxon(session, "Capricornis thar", "喜马拉雅鬣羚"),
        )
    findings = [Finding("animal", muntjac.taxon_id, 1), Finding("animal", serow.taxon_id, 2)]
    review_event(survey, event_id, findings, person="Tashi", expected_review_id=None)
    assert {(o.taxon_id, o.count) for o in in_force(survey, event_id)} == {
        (muntjac.taxon_id, 1),
        (serow.taxon_id, 2),
    }


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [Finding("blank"), Finding("animal")],
        [Finding("blank", count=1)],
        [Finding("animal", count=0)],
        [Finding("unclassified")],
        [Finding("animal", taxon_id="nobody")],
    ],
)
def test_findings_at_odds_are_refused(survey: Survey, findings: list[Finding]) -> None:
    """Nothing is written of a review that cannot stand."""
    event_id = stored_event(survey)
    with pytest.raises(ReviewError):
        review_event(survey, event_id, findings, person="Tashi", expected_review_id=None)
    assert human_observations(survey, event_id) == []
    assert not event_row(survey, event_id).is_reviewed


def test_a_plant_is_no_animal(survey: Survey) -> None:
    """A plant cannot be recorded as the animal of a camera event."""
    event_id = stored_event(survey)
    with survey.writing() as session:
        session.add(
            Taxon(
                taxon_id="yew",
                scientific_name="Taxus wallichiana",
                taxon_rank="species",
                kingdom="Plantae",
                source="test",
            )
        )
    with pytest.raises(ReviewError, match="Taxus wallichiana"):
        correct(survey, event_id, taxon_id="yew", person="Tashi", expected_review_id=None)


@pytest.mark.parametrize("person", ["", "  "])
def test_no_review_without_a_person(survey: Survey, person: str) -> None:
    """Nothing is confirmed in nobody's name."""
    event_id = stored_event(survey)
    answer(survey, event_id, "animal")
    with pytest.raises(ReviewError, match="name"):
        confirm(survey, event_id, person=person, expected_review_id=None)
    with pytest.raises(ReviewError, match="name"):
        undo(survey, person=person)


def test_an_event_that_is_gone_is_named(survey: Survey) -> None:
    """An event that the survey has not is refused in words."""
    with pytest.raises(ReviewError, match="no event nowhere"):
        mark_blank(survey, "nowhere", person="Tashi", expected_review_id=None)


def test_errors_speak_chinese(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chinese reader is told in Chinese."""
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    with pytest.raises(ReviewError, match="署名"):
        mark_blank(survey, "nowhere", person="", expected_review_id=None)


def test_the_log_says_what_was_decided(survey: Survey) -> None:
    """The decision names the event, the findings and the review it replaced."""
    event_id = stored_event(survey)
    first = mark_blank(survey, event_id, person="Tashi", expected_review_id=None)
    mark_unknown(survey, event_id, person="Drolma", expected_review_id=first)
    with survey.reading() as session:
        last = session.exec(select(Decision).order_by(col(Decision.sequence).desc())).first()
    assert last is not None
    details = json.loads(last.details)
    assert (last.act, last.subject, last.person) == ("reviewed", event_id, "Drolma")
    assert details["event"] == event_id and details["previous_review_id"] == first
    assert [json.loads(f) for f in details["findings"]] == [{"observation_type": "unknown"}]
