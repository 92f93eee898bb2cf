"""Machine errors carried through a survey: numbers by hand, and what more reviews settle."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from species_db.language import speaking
from species_db.review import Finding, mark_animal, review_event
from species_db.review.machine_call import call_of
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.sensitivity import ExactRelease, open_gate
from species_db.study.answer import Answer
from species_db.study.answers import answer_of
from species_db.study.effort import read_standings
from species_db.study.labelled import labelled
from species_db.study.machine import UNLABELLED, read_labels
from species_db.study.question import Question, StudyError
from species_db.study.read import Study, read_study
from species_db.study.writing import analyse
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import Event, Observation, Taxon
from species_db.vocabulary import Secrecy
from tests.factories import make_event
from tests.labelled_scene import label, look, media_of, say
from tests.wildlife_scene import (
    GOLDEN_CAT,
    MUNTJAC,
    at,
    deploy,
    list_version,
    make_animal,
    make_places,
)

BOAR = "Sus scrofa"
MEDOG, CHAYU = "540423", "540425"
EXACT = ExactRelease(person="Tashi", reason="test of figures")
Row = dict[str, object]


@pytest.fixture(scope="module")
def half_reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stations for a hundred days, labelled by one model and reviewed in part.

    Muntjac labels: four of twelve looked at, three right, one a cat. Blanks: five of ten looked
    at, one a muntjac. Boar labels: three in Chayu, nobody has looked.
    """
    survey = create_survey(tmp_path_factory.mktemp("half") / "survey", SurveySettings(title="T"))
    make_places(survey)
    with survey.writing() as session:
        muntjac, boar = (
            make_animal(session, name, name, order_name="Artiodactyla", family=family)
            for name, family in ((MUNTJAC, "Cervidae"), (BOAR, "Suidae"))
        )
        cat = make_animal(session, GOLDEN_CAT, "金猫")
    deer = [label(survey, "A-1", at(day + 1), muntjac) for day in range(8)]
    deer += [label(survey, "B-1", at(day + 1), muntjac) for day in range(4)]
    blanks = [label(survey, "C-1", at(day + 1), "blank", score=None) for day in range(10)]
    for day in range(3):
        label(survey, "C-1", at(day + 40), boar)
    for event_id in deer[:3]:
        look(survey, event_id)
    look(survey, deer[3], cat)
    for event_id in blanks[:4]:
        look(survey, event_id)
    look(survey, blanks[4], muntjac)
    survey.close()
    return survey.folder


@pytest.fixture
def half(half_reviewed: Path, tmp_path: Path) -> Iterator[Survey]:
    """The survey of the template, of one's own."""
    folder = Path(shutil.copytree(half_reviewed, tmp_path / "half"))
    made = Survey(folder, SurveySettings(title="T"))  # opening would bring the shipped lists
    yield made
    made.close()


def study_of(survey: Survey, *, today: date | None = None, **asked: object) -> Study:
    """A study with labels, through the closed gate of a day if one is given."""
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, exact=None if today else EXACT)
        gate = replace(gate, today=today) if today else gate
        question = Question(**asked)  # type: ignore[arg-type]
        return labelled(session, read_study(session, survey.settings, question, gate=gate))


@dataclass(frozen=True)
class Told:
    """An answer, with its rows by what they are about."""

    answer: Answer

    @property
    def taxa(self) -> dict[object, Row]:
        """Rows of taxa by scientific name."""
        return {
            row["scientificName"]: dict(row) for row in self.answer.table("errors").as_records()
        }

    def flip(self, kind: str, name: str, beside: str = "") -> Row:
        """The row of one conclusion."""
        (row,) = [
            dict(row)
            for row in self.answer.table("errors_flips").as_records()
            if (row["conclusion"], row["scientificName"]) == (kind, name)
            and beside in ("", row["comparedWith"])
        ]
        return row

    @property
    def standings(self) -> set[object]:
        """How the conclusions stand."""
        return {row["standing"] for row in self.answer.table("errors_flips").as_records()}


def told(survey: Survey, *, today: date | None = None, **asked: object) -> Told:
    """The answer to a question, or with options of the analysis."""
    options = {key: asked.pop(key) for key in ("threshold", "months") if key in asked}
    return Told(answer_of("errors")(study_of(survey, today=today, **asked), **options))


def unreviewed(survey: Survey) -> list[str]:
    """The events that wait."""
    with survey.reading() as session:
        waiting = select(Event.event_id).where(Event.current_review_id == None)  # noqa: E711
        return sorted(session.exec(waiting))


def taxon_of(session: Session, name: str) -> Taxon:
    """A taxon by its name."""
    return session.exec(select(Taxon).where(Taxon.scientific_name == name)).one()


def test_numbers_are_those_worked_out_by_hand(half: Survey) -> None:
    """Four confirmed; eight waiting at three of four; five blanks of which one in five is one."""
    row = told(half).taxa[MUNTJAC]
    assert row["raiConfirmed"] == pytest.approx(100 * 4 / 300)
    assert row["raiIfAllRight"] == pytest.approx(100 * (4 + 8) / 300)
    assert row["raiExpected"] == pytest.approx(100 * (4 + 8 * 3 / 4 + 5 * 1 / 5) / 300)
    assert (row["unreviewed"], row["lookedAt"], row["right"]) == (8, 4, 3)
    assert (row["unreviewedElsewhere"], row["foundElsewhere"]) == (5, 1)
    assert float(str(row["low95"])) <= float(str(row["machineLow95"])) < 100 * 11 / 300
    assert row["cameraDays"] == pytest.approx(300)


def test_misses_in_blanks_raise_the_expected_index(half: Survey) -> None:
    """Without the muntjac that a person found in a blank, blanks add nothing to it."""
    with_misses = told(half).taxa[MUNTJAC]["raiExpected"]
    with half.reading() as session:
        muntjac = taxon_of(session, MUNTJAC).taxon_id
        blanks = set(session.exec(select(Event.event_id).where(Event.machine_type == "blank")))
    machine = study_of(half).machine
    assert machine is not None
    (missed,) = [one for one in blanks if muntjac in machine.found.get(one, ())]
    look(half, missed, "blank")
    row = told(half).taxa[MUNTJAC]
    assert row["raiExpected"] == pytest.approx(100 * (3 + 8 * 3 / 4) / 300)
    assert float(str(with_misses)) > float(str(row["raiExpected"]))
    assert row["unreviewedElsewhere"] == 0
    assert "up to 45.1% may" in " ".join(told(half).answer.notes)  # 1 - 0.05 ** (1 / 5)


def test_a_taxon_found_under_another_label_may_hide_there(half: Survey) -> None:
    """One muntjac label in four was a cat: eight more hold two, though no label says cat."""
    row = told(half).taxa[GOLDEN_CAT]
    assert row["raiExpected"] == pytest.approx(100 * (1 + 8 / 4) / 300)
    assert row["raiIfAllRight"] == pytest.approx(100 / 300)
    assert (row["unreviewed"], row["lookedAt"]) == (0, 0)


def test_a_label_that_nobody_looked_at_is_not_known(half: Survey) -> None:
    """Boars: no expected index, from none to all three, and a sentence that says so."""
    answer = told(half)
    row = answer.taxa[BOAR]
    assert (row["raiExpected"], row["raiConfirmed"]) == (None, 0.0)
    assert row["machineLow95"] == 0.0
    assert float(str(row["machineHigh95"])) >= 1.0  # and what waits under other animals' labels
    assert row["labelsNotLookedAt"] == BOAR
    lines = "\n".join(answer.answer.summary)
    assert f"{BOAR}: not known, between 0.00 and " in lines
    assert "look at 30 of each, then ask again (at most 3 in all)" in lines


def test_a_county_on_machine_labels_alone_is_flagged(half: Survey) -> None:
    """Boars of Chayu are only labelled; muntjacs were confirmed in both counties' cameras."""
    answer = told(half)
    row = answer.flip("presence", BOAR, CHAYU)
    assert (row["standing"], row["reviews"], row["unreviewed"]) == ("could_flip", 3, 3)
    assert (row["ofConfirmed"], row["ofAll"], row["confirmedEvents"]) == ("not_confirmed", None, 0)
    assert row["cameraDays"] == pytest.approx(100)
    counties = [
        one["comparedWith"]
        for one in answer.answer.table("errors_flips").as_records()
        if (one["conclusion"], one["scientificName"]) == ("presence", BOAR)
    ]
    assert counties == [CHAYU]  # what other labels may hide claims no county
    assert answer.flip("presence", MUNTJAC, MEDOG)["standing"] == "holds"
    assert answer.flip("presence", MUNTJAC, CHAYU)["standing"] == "holds"  # found in a blank


def test_a_county_without_confirmed_events_needs_few_reviews_of_a_good_label(half: Survey) -> None:
    """Of boar labels two of two in Medog were right: one or two reviews in Chayu find one."""
    with half.reading() as session:
        boar = taxon_of(session, BOAR)
    for day in range(2):
        look(half, label(half, "A-1", at(day + 60), boar))
    row = told(half).flip("presence", BOAR, CHAYU)
    assert 0.8 < float(str(row["chancePresent"])) < 1
    low, chance, high = (
        float(str(row[name])) for name in ("chanceLow95", "chancePresent", "chanceHigh95")
    )
    assert low < chance < high
    assert row["reviews"] in (1, 2, 3)
    assert row["reviewsByLabel"] == f"{BOAR}: {row['reviews']}"


def test_reviewing_all_settles_everything(half: Survey) -> None:
    """With nothing left to look at no conclusion hangs on labels."""
    assert "could_flip" in told(half, threshold=2.0).standings
    for event_id in unreviewed(half):
        look(half, event_id)
    answer = told(half, threshold=2.0)
    assert "could_flip" not in answer.standings
    for row in answer.taxa.values():
        assert row["raiExpected"] == row["raiConfirmed"] == row["machineLow95"]
        assert row["unreviewed"] == row["unreviewedElsewhere"] == 0
    assert "hangs on unreviewed labels" in "\n".join(answer.answer.summary)


def test_confirmed_alone_may_say_otherwise(half: Survey) -> None:
    """An index of 1.33 as confirmed lies below 1.4; with one right label more it does not."""
    row = told(half, threshold=1.4).flip("threshold", MUNTJAC)
    assert row["confirmedOnly"] == pytest.approx(4 / 3 - 1.4)
    assert (row["ofConfirmed"], row["ofAll"]) == ("less", "more")
    lines = "\n".join(told(half, threshold=1.4).answer.summary)
    assert f"{MUNTJAC}, above or below 1.4: below as confirmed, above with all" in lines


def test_an_index_near_a_threshold_could_flip_and_says_which_labels_settle_it(half: Survey) -> None:
    """Near the expected index labels decide, those of muntjacs and blanks."""
    row = told(half, threshold=3.6).flip("threshold", MUNTJAC)
    assert row["standing"] == "could_flip"
    assert 0 < int(str(row["reviews"])) <= 8 + 5
    assert MUNTJAC in str(row["reviewsByLabel"])


def test_ranks_are_between_neighbours_and_share_labels(half: Survey) -> None:
    """Muntjac before cat: under one label an event is one of them or neither."""
    row = told(half).flip("rank", MUNTJAC)
    assert row["comparedWith"] == GOLDEN_CAT
    assert row["confirmedOnly"] == pytest.approx(100 * (4 - 1) / 300)
    assert row["expected"] == pytest.approx(100 * (11 - 3) / 300)


def test_visits_of_both_taxa_cancel_in_a_rank(half: Survey) -> None:
    """Where each animal without a name was both taxa, one more of them moves no rank."""
    with half.reading() as session:
        muntjac, boar = taxon_of(session, MUNTJAC), taxon_of(session, BOAR)
        of_boar = col(Observation.taxon_id) == boar.taxon_id
        boars = session.exec(select(Observation.event_id).where(of_boar)).all()
    for event_id in boars:
        look(half, str(event_id))
    for day in range(3):
        event_id = label(half, "B-1", at(80 + day), "animal")
        if day < 2:
            findings = [Finding("animal", one.taxon_id) for one in (muntjac, boar)]
            review_event(half, event_id, findings, person="Drolma", expected_review_id=None)
    row = told(half).flip("rank", MUNTJAC)
    assert row["comparedWith"] == BOAR
    assert row["expected"] == pytest.approx(100 * ((6 + 6 + 1) - 5) / 300)


def test_labels_looked_at_in_vain_widen_the_range_and_add_nothing(half: Survey) -> None:
    """Two boar labels were boars: the third may hide a muntjac, though no rate says so."""
    before = told(half).taxa[MUNTJAC]
    with half.reading() as session:
        boar = taxon_of(session, BOAR)
    for day in range(2):
        look(half, label(half, "C-1", at(60 + day), boar))
    after = told(half).taxa[MUNTJAC]
    assert after["raiExpected"] == pytest.approx(before["raiExpected"])
    assert (before["unreviewedElsewhere"], after["unreviewedElsewhere"]) == (5, 8)
    assert float(str(after["machineHigh95"])) > float(str(before["machineHigh95"]))


def test_labels_under_which_a_taxon_was_seldom_found_are_measured_together(half: Survey) -> None:
    """A cat in four muntjac labels and none in two boars': one in six of the eleven that wait."""
    with half.reading() as session:
        boar = taxon_of(session, BOAR)
    for day in range(2):
        look(half, label(half, "C-1", at(60 + day), boar))
    row = told(half).taxa[GOLDEN_CAT]
    assert row["raiExpected"] == pytest.approx(100 * (1 + (8 + 3) / 6) / 300)


def test_change_is_over_units_watched_in_both_years_and_by_their_own_reviews(half: Survey) -> None:
    """In the second year A alone was watched: two of four reviewed labels right, six wait."""
    with half.writing() as session:
        deploy(session, "A-2", "A", 365, 465)
        muntjac, cat = taxon_of(session, MUNTJAC), taxon_of(session, GOLDEN_CAT)
    later = [label(half, "A-2", at(370 + day), muntjac) for day in range(10)]
    for event_id, found in zip(later[:4], (None, None, cat, cat), strict=True):
        look(half, event_id, found)
    row = told(half).flip("change", MUNTJAC)
    assert row["comparedWith"] == "2021 → 2022"
    assert row["cameraDays"] == pytest.approx(200)
    earlier = 3 + 4 * 3 / 4  # four of A wait in the first year; blanks are those of C
    assert row["confirmedOnly"] == pytest.approx(2 - 3)
    assert row["expected"] == pytest.approx(2 + 6 * 2 / 4 - earlier)
    assert (row["standing"], row["ofConfirmed"]) == ("could_flip", "less")
    assert "2022" in str(row["reviewsByLabel"])
    assert (row["confirmedEvents"], row["unreviewed"]) == (5, 10)
    for event_id in later[4:]:
        look(half, event_id)
    assert told(half).flip("change", MUNTJAC)["confirmedOnly"] == pytest.approx(8 - 3)


def test_labels_within_the_interval_are_one_visit(half: Survey) -> None:
    """Events ten minutes apart are one to look at, and looked at when one of them was."""
    with half.reading() as session:
        boar = taxon_of(session, BOAR)
    for minutes in (0, 10, 20):
        label(half, "B-1", at(70, minutes), boar)
    assert told(half).taxa[BOAR]["unreviewed"] == 4
    assert told(half, interval_minutes=10).taxa[BOAR]["unreviewed"] == 6
    look(half, label(half, "B-1", at(70, 25), boar))
    row = told(half).taxa[BOAR]
    assert (row["unreviewed"], row["lookedAt"], row["right"]) == (3, 1, 1)


def test_what_nobody_could_name_measures_nothing(half: Survey) -> None:
    """An animal without a name, also beside people, or a genus: neither right nor wrong."""
    before = told(half)
    with half.writing() as session:
        muntjac = taxon_of(session, MUNTJAC)
        genus = make_animal(
            session, "Muntiacus", "麂属", rank="genus", order_name="Artiodactyla", family="Cervidae"
        )
    with half.reading() as session:
        deer = [
            one for one in unreviewed(half) if call_of(session, one).taxon_id == muntjac.taxon_id
        ]
    mark_animal(half, deer[0], person="Drolma", expected_review_id=None)
    beside = [Finding("animal"), Finding("human")]
    review_event(half, deer[1], beside, person="Drolma", expected_review_id=None)
    look(half, deer[2], genus)
    after = told(half)
    assert after.taxa[MUNTJAC]["lookedAt"] == before.taxa[MUNTJAC]["lookedAt"]
    assert after.taxa[MUNTJAC]["unreviewed"] == 8 - 3
    assert "3 labelled events were looked at by people who could not" in " ".join(
        after.answer.notes
    )
    assert told(half, min_rank="genus").taxa[MUNTJAC]["lookedAt"] == 4 + 1


def test_an_animal_without_a_name_may_be_any_taxon(half: Survey) -> None:
    """Where models name nothing, events that nobody looked at leave every index unknown."""
    events = [label(half, "B-1", at(80 + day), "animal") for day in range(6)]
    assert told(half).taxa[MUNTJAC]["raiExpected"] is None
    with half.reading() as session:
        muntjac, boar = taxon_of(session, MUNTJAC), taxon_of(session, BOAR)
    look(half, events[0], muntjac)
    look(half, events[1], boar)
    row = told(half).taxa[MUNTJAC]
    assert row["raiExpected"] == pytest.approx(100 * (5 + 8 * 3 / 4 + 5 / 5 + 4 / 2) / 300)
    labels = {one["label"]: one for one in told(half).answer.table("errors_labels").as_records()}
    assert (labels["animal"]["right"], labels["animal"]["lookedAt"]) == (2, 2)
    assert (labels["blank"]["right"], labels["blank"]["withAnAnimal"]) == (4, 1)


def test_a_genus_among_labels_may_be_its_species(half: Survey) -> None:
    """A label too broad to be counted still leaves the species below it unknown, no other."""
    with half.writing() as session:
        genus = make_animal(
            session, "Muntiacus", "麂属", rank="genus", order_name="Artiodactyla", family="Cervidae"
        )
    label(half, "B-1", at(80), genus)
    taxa = told(half).taxa
    assert "Muntiacus" not in taxa
    assert taxa[MUNTJAC]["raiExpected"] is None
    assert taxa[MUNTJAC]["labelsNotLookedAt"] == "Muntiacus"
    assert taxa[GOLDEN_CAT]["raiExpected"] is not None
    assert "Muntiacus" in told(half, min_rank="genus").taxa


def test_each_model_version_is_measured_by_itself(half: Survey) -> None:
    """A second model has labelled two events, of which nobody looked at any: not known."""
    with half.reading() as session:
        muntjac = taxon_of(session, MUNTJAC)
    for day in range(2):
        label(half, "B-1", at(80 + day), muntjac, model="regional", days_later=9)
    answer = told(half)
    row = answer.taxa[MUNTJAC]
    assert (row["raiExpected"], row["unreviewed"], row["lookedAt"]) == (None, 10, 4)
    assert row["labelsNotLookedAt"] == f"{MUNTJAC} · regional 0.1.0"
    assert "Several model versions" in " ".join(answer.answer.notes)


def test_one_taxon_is_told_with_what_may_hide_it(half: Survey) -> None:
    """--taxon takes rows away, not the labels under which the taxon may hide."""
    every = told(half)
    one = told(half, taxon=MUNTJAC)
    assert set(one.taxa) == {MUNTJAC}
    assert one.taxa[MUNTJAC]["raiExpected"] == every.taxa[MUNTJAC]["raiExpected"]


def test_what_may_not_leave_is_in_neither_kind(half: Survey) -> None:
    """Young records of class I and places marked secret take labels and reviews out alike."""
    with half.writing() as session:
        boar = taxon_of(session, BOAR)
        listed = [{"taxon_id": boar.taxon_id, "category": "I", "scientific_name": BOAR}]
        list_version(session, "cn-protected-animals-2021", listed)  # type: ignore[arg-type]
    assert told(half, today=date(2030, 1, 1)).taxa[BOAR]["unreviewed"] == 3
    assert BOAR not in told(half, today=date(2021, 6, 1)).taxa
    mark_secrecy(
        half, SubjectKind.STATION, "A", Secrecy.SECRET, person="Tashi", reason="border post"
    )
    row = told(half).taxa[MUNTJAC]
    assert (row["unreviewed"], row["lookedAt"], row["cameraDays"]) == (4, 0, pytest.approx(200))


def test_without_effort_nothing_is_known(half: Survey) -> None:
    """Dates without a camera-day: no index, no conclusion but calm words."""
    answer = told(half, first_day=date(2030, 1, 1))
    assert "not known" in answer.answer.summary[0]
    assert not answer.taxa


def test_a_study_without_labels_says_so(half: Survey) -> None:
    """Nobody is told that nothing waits because nobody read what waits."""
    study = replace(study_of(half), machine=None)
    with pytest.raises(StudyError, match="not read"):
        answer_of("errors")(study)


def test_labels_are_the_calls_of_the_review_screen(half: Survey) -> None:
    """Of events with several files, models and answers, and of some that were half looked at."""
    chance = random.Random(5)
    with half.writing() as session:
        taxa = [taxon_of(session, name) for name in (MUNTJAC, BOAR, GOLDEN_CAT)]
        kinds = ["blank", "blank", "blank", "animal", "human", "vehicle", "unknown", *taxa]
        for day in range(40):
            event = make_event(session, deployment_id="B-1", start=at(20 + day), photos=3)
            few = chance.sample(kinds, 2) if chance.random() < 0.7 else ["blank"]
            for media in media_of(session, event.event_id):
                for model, later in (("general", 0), ("regional", 1)):
                    if chance.random() < 0.6:
                        for _ in range(chance.choice((1, 1, 2))):
                            score = round(chance.random(), 4)
                            say(
                                session, media, chance.choice(few), score=score, model=model,
                                days_later=later,
                            )  # fmt: skip
    with half.reading() as session:
        standings = {one.deployment_id: one for one in read_standings(session)}
        labels, records = read_labels(session, standings)
        assert len(records) == 25 + 40
        for event_id, key in zip(records.event_ids, records.taxa, strict=True):
            call = call_of(session, event_id)
            if key == UNLABELLED:
                assert call.observation_type == "unclassified"
            else:
                one = labels[key]
                assert (one.kind, one.taxon_id) == (call.observation_type, call.taxon_id or "")
                assert one.model == call.classified_by
    assert {labels[key].kind for key in records.taxa if key} > {"animal", "blank", "human"}


def test_events_that_files_joined_since_their_review_measure_nothing(half: Survey) -> None:
    """A label that rests on files which the person did not see is not held against the review."""
    before = told(half).taxa[MUNTJAC]
    with half.writing() as session:
        event = session.exec(
            select(Event).where(Event.machine_type == "animal", Event.is_reviewed)
        ).first()  # type: ignore[call-overload]
        event.is_reviewed = False
        session.add(event)
    after = told(half).taxa[MUNTJAC]
    assert after["lookedAt"] == int(str(before["lookedAt"])) - 1
    assert after["unreviewed"] == before["unreviewed"]
    assert after["raiConfirmed"] == before["raiConfirmed"]


def test_it_is_written_and_told_in_both_languages(half: Survey, tmp_path: Path) -> None:
    """The command's tables are named after it, alike when made again; Chinese reads Chinese."""
    first = analyse(half, "errors", Question(), out=tmp_path / "a", person="Tashi", threshold=2.0)
    again = analyse(half, "errors", Question(), out=tmp_path / "b", person="Tashi", threshold=2.0)
    assert first.sha256s == again.sha256s
    tables = {"errors.csv", "errors_flips.csv", "errors_labels.csv", "errors.json"}
    assert set(first.sha256s) == tables
    with speaking("zh"):
        text = told(half, threshold=2.0).answer.as_text()
    assert "可能翻转" in text and "could" not in text


def test_times_are_local_days(half: Survey) -> None:
    """An event an hour before midnight UTC on New Year's Eve is of the new year in Linzhi."""
    study = study_of(half)
    assert study.machine is not None
    day = study.machine.records.days.min()
    assert date(1970, 1, 1) + timedelta(days=int(day)) == date(2021, 1, 2)
