"""Missed animals: samples drawn by chance, estimated with an interval, until it is enough."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import betabinom
from sqlmodel import select

from species_db.decisions import broken_entries
from species_db.misses.advice import MissLimits, advise_on_animals, advise_on_class_one
from species_db.misses.allocation import allocate
from species_db.misses.calibration import Scored, calibrate, fit_platt
from species_db.misses.draw import AuditError, draw_audit
from species_db.misses.estimate import SampledStratum, draw_missed
from species_db.misses.frame import Period, read_frame
from species_db.misses.reliability import ModelNotKnownError, find_model, reliability_of
from species_db.misses.report import miss_report, next_of_sample
from species_db.misses.words import report_lines
from species_db.review import (
    correct,
    mark_animal,
    mark_blank,
    mark_unknown,
    next_event,
    summarise_event,
    undo,
)
from species_db.survey import Survey
from species_db.tables import AuditDraw, AuditItem, Event, ModelVersion, Observation, Taxon
from tests.factories import (
    NINE,
    make_deployment,
    make_event,
    make_machine_observation,
    make_model_version,
)
from tests.repeats_scene import plant_blanks
from tests.review_scene import media_of

DAYS = ("MT-01-2026", "MT-02-2026")
CLASS_ONE = "Pardofelis temminckii"


def stratum(unopened: int, sampled: int, hits: int, name: str = "A") -> SampledStratum:
    """One stratum of blanks of one model."""
    return SampledStratum((name, "model", "blank"), unopened, sampled, hits)


def plant_two_cameras(survey: Survey, *, first: int = 60, second: int = 20) -> None:
    """Blanks of two cameras, three times as many at the first."""
    with survey.writing() as session:
        make_deployment(session, DAYS[0])
        make_deployment(session, DAYS[1], location_id="MT-02")
    plant_blanks(survey, DAYS[0], count=first)
    plant_blanks(survey, DAYS[1], count=second)


def drawn_events(survey: Survey) -> list[str]:
    """The events of all samples, in the order in which they were drawn."""
    with survey.reading() as session:
        order = select(AuditItem).order_by(AuditItem.deployment_id, AuditItem.drawn_order)
        return [item.event_id for item in session.exec(order)]


def test_one_stratum_agrees_with_the_known_distribution() -> None:
    """With all strata alike the answer is the beta-binomial of textbooks, to a few per cent."""
    told = draw_missed([stratum(2000, 400, 8)], draws=20_000).total()
    known, uniform = betabinom(2000, 8.5, 392.5), betabinom(2000, 9, 392)
    assert told.expected == pytest.approx(known.mean(), rel=0.1)
    assert told.low == pytest.approx(known.ppf(0.025), rel=0.2)
    assert told.high == pytest.approx(uniform.ppf(0.975), rel=0.1)


def test_nothing_found_is_not_nothing_missed() -> None:
    """None of 200: the interval begins at none and ends near the rule of three."""
    told = draw_missed([stratum(2000, 200, 0)]).total()
    assert told.low == 0
    assert 20 <= told.high <= 45  # 3.0 to 3.7 events a 200: 30 to 37 of 2,000


def test_what_was_opened_whole_misses_nothing() -> None:
    """A stratum without unopened events adds nothing, whatever was found in it."""
    told = draw_missed([stratum(0, 100, 40), stratum(500, 100, 0, "B")])
    assert told.by(0)["A"].high == 0
    assert told.total() == told.by(0)["B"]


def test_unequal_strata_weigh_by_what_they_hold() -> None:
    """The bad camera with many blanks decides, not the average of all openings."""
    bad, good = stratum(5000, 50, 10, "bad"), stratum(100, 50, 0, "good")
    told = draw_missed([bad, good])
    assert 600 < told.total().expected < 1600
    assert told.by(0)["good"].expected < 5


def test_a_camera_without_openings_is_judged_by_the_others() -> None:
    """Where cameras agree, one that nobody opened is expected to be like them."""
    alike = [stratum(100, 50, 5, name) for name in "ABCDEFGH"]
    told = draw_missed([*alike, stratum(100, 0, 0, "new")]).by(0)
    assert 4 < told["new"].expected < 20
    assert told["new"].high > told["A"].high  # and known less well


def test_the_same_survey_gives_the_same_figures() -> None:
    """Figures do not change from one look to the next."""
    strata = [stratum(300, 40, 1, name) for name in "AB"]
    assert draw_missed(strata).total() == draw_missed(strata).total()


@pytest.mark.parametrize(("share", "strata"), [(0.0, 10), (0.002, 10), (0.02, 20)])
def test_the_interval_holds_the_truth(share: float, strata: int) -> None:
    """Nine of ten made-up seasons and more; benchmarks/misses.py measures it exactly."""
    random = np.random.default_rng(3)
    inside = 0
    for _ in range(60):
        truths = random.binomial(300, share, strata)
        hits = random.hypergeometric(truths, 300 - truths, 20)
        told = draw_missed(
            [stratum(280, 20, int(hit), str(n)) for n, hit in enumerate(hits)], draws=600
        ).total()
        inside += told.low <= (truths - hits).sum() <= told.high
    assert inside >= 53


def test_a_sample_is_shared_out_by_size_with_a_least_number() -> None:
    """Every stratum gives some, none more than it has, and the sum is what was asked for."""
    held = {"a": 1000, "b": 100, "c": 10, "d": 1}
    shared = allocate(held, 120, least=3)
    assert sum(shared.values()) == 120
    assert shared["d"] == 1 and shared["c"] == 3 and shared["a"] > 8 * shared["b"]
    assert sum(allocate(held, 5, least=3).values()) == 5
    assert allocate(held, 10_000) == held


def test_enough_is_told_and_more_goes_where_the_doubt_is() -> None:
    """Below the limit nothing more is asked; above it, openings go to the doubtful camera."""
    sure = [stratum(100, 400, 0, name) for name in "AB"]
    assert advise_on_animals(sure, recorded=1000).is_enough
    doubtful = stratum(2000, 40, 4, "C")
    asked = advise_on_animals([*sure, doubtful], recorded=1000)
    assert not asked.is_enough
    of_c = asked.more[doubtful.key]
    assert of_c > 0.9 * asked.total and of_c <= 2000


def test_after_opening_as_advised_it_is_mostly_enough() -> None:
    """Who opens the advised number and finds as many as before is told to stop, or nearly."""
    first = stratum(3000, 100, 1)
    asked = advise_on_animals([first], recorded=900)
    more = asked.total
    found = round(more * 1 / 100)
    after = stratum(3000 - more, 100 + more, 1 + found)
    again = advise_on_animals([after], recorded=900 + found)
    assert again.is_enough or again.total < more / 4


def test_nothing_may_be_missed_means_opening_everything() -> None:
    """A limit of none asks for every event, and then ends."""
    asked = advise_on_class_one([stratum(500, 50, 0)], limits=MissLimits(most_missed_class_one=0))
    assert 400 < asked.total <= 500
    assert advise_on_class_one([stratum(0, 550, 0)], limits=MissLimits(0.05, 0)).is_enough


def test_a_draw_is_by_stratum_and_by_seed(survey: Survey) -> None:
    """In proportion to the cameras' blanks; the same seed draws the same; a draw is one entry."""
    plant_two_cameras(survey)
    (drawn,) = draw_audit(survey, person="Drolma", size=20, seed=11)
    assert {key[0]: count for key, count in drawn.events.items()} == {DAYS[0]: 14, DAYS[1]: 6}
    with survey.reading() as session:
        (draw,) = session.exec(select(AuditDraw)).all()
        items = session.exec(select(AuditItem)).all()
        assert list(broken_entries(session)) == []
    assert (draw.drawn_by, draw.seed) == ("Drolma", 11)
    assert {(i.deployment_id, i.stratum_events) for i in items} == {(DAYS[0], 60), (DAYS[1], 20)}


def test_the_same_seed_draws_the_same_events(survey: Survey) -> None:
    """Whoever doubts a sample can draw it again."""
    from species_db.misses.draw import in_random_order

    names = [f"event {n}" for n in range(100)]
    assert in_random_order(names, 5)[:20] == in_random_order(names[::-1], 5)[:20]
    assert in_random_order(names, 5)[:20] != in_random_order(names, 6)[:20]


def test_reviewed_events_are_not_drawn_and_none_twice(survey: Survey) -> None:
    """What a person has seen is known; what was drawn is not drawn again, until nothing is left."""
    plant_two_cameras(survey, first=12, second=8)
    with survey.reading() as session:
        seen = session.exec(select(Event.event_id)).all()[:3]
    for event_id in seen:
        mark_blank(survey, event_id, person="Drolma", expected_review_id=None)
    draw_audit(survey, person="Drolma", size=10)
    draw_audit(survey, person="Drolma", size=100)
    drawn = drawn_events(survey)
    assert len(drawn) == len(set(drawn)) == 17
    assert not set(drawn) & set(seen)
    with pytest.raises(AuditError, match="nothing left"):
        draw_audit(survey, person="Drolma")


def test_drawn_events_come_before_common_ones(survey: Survey) -> None:
    """The queue shows the sample among what matters most, and nothing tells it apart there."""
    plant_two_cameras(survey, first=10, second=5)
    with survey.writing() as session:
        event = make_event(session, deployment_id=DAYS[0], start=NINE)
        make_machine_observation(session, media_of(session, event.event_id)[0], score=0.95)
        summarise_event(session, event.event_id)
        assert next_event(session).event_id == event.event_id
    draw_audit(survey, person="Drolma", size=4)
    with survey.reading() as session:
        first = next_event(session)
        assert first.event_id in drawn_events(survey)
        again = session.get_one(Event, first.event_id)
        assert (again.priority, again.machine_type) == (1, "blank")
    with survey.writing() as session:  # another detection keeps its place
        summarise_event(session, first.event_id)
        assert session.get_one(Event, first.event_id).priority == 1


def test_only_the_sample_stands_for_the_rest(survey: Survey) -> None:
    """Reviews in the queue's order are known and stand for nothing; undo makes them unknown."""
    plant_two_cameras(survey)
    draw_audit(survey, person="Drolma", size=20, seed=1)
    drawn = drawn_events(survey)
    with survey.reading() as session:
        others = [e for e in session.exec(select(Event.event_id)) if e not in drawn]
    for event_id in others[:10]:
        mark_animal(survey, event_id, person="Drolma", expected_review_id=None)
    for event_id in drawn:
        mark_blank(survey, event_id, person="Drolma", expected_review_id=None)
    with survey.reading() as session:
        strata = read_frame(session).strata.values()
        report = miss_report(session)
    assert sum(one.sampled for one in strata) == 20
    assert sum(one.seen_otherwise for one in strata) == 10
    assert sum(one.unopened for one in strata) == 50
    assert (report.waiting, report.reviewed, report.recorded_animals) == (0, 20, 10)
    assert report.missed.low == 0 and report.missed.expected < 5
    undo(survey, person="Drolma")
    with survey.reading() as session:
        report = miss_report(session)
        assert (report.waiting, report.reviewed) == (1, 19)
        assert next_of_sample(session) == drawn[-1]


def test_missed_class_one_is_counted_by_the_lists_of_its_day(listed_survey: Survey) -> None:
    """A cat of class I in a drawn blank is counted; a common deer is not; unknown is neither."""
    survey = listed_survey
    plant_two_cameras(survey)
    draw_audit(survey, person="Drolma", size=20, seed=1)
    cat, deer, dark, *rest = drawn_events(survey)
    with survey.reading() as session:
        names = {one.scientific_name: one.taxon_id for one in session.exec(select(Taxon))}
    said = {"person": "Drolma", "expected_review_id": None}
    correct(survey, cat, taxon_id=names[CLASS_ONE], **said)
    correct(survey, deer, taxon_id=names["Muntiacus vaginalis"], **said)
    mark_unknown(survey, dark, **said)
    for event_id in rest:
        mark_blank(survey, event_id, **said)
    with survey.reading() as session:
        report = miss_report(session)
    (band,) = report.bands
    assert (band.animals, band.class_one, band.unclear) == (2, 1, 1)
    assert report.missed_class_one.expected < report.missed.expected
    assert not report.on_class_one.is_enough
    lines = list(report_lines(report, "en"))
    assert any("We expect to have missed" in one and "of class I" in one for one in lines)
    assert any("预计漏检" in one for one in report_lines(report, "zh"))


def test_low_scores_are_a_band_of_their_own(survey: Survey) -> None:
    """A doubtful call is drawn apart from blanks; a sure one is not drawn at all."""
    plant_two_cameras(survey)
    with survey.writing() as session:
        for score in (0.35, 0.5, 0.9):
            event = make_event(session, deployment_id=DAYS[0])
            make_machine_observation(session, media_of(session, event.event_id)[0], score=score)
            summarise_event(session, event.event_id)
    with survey.reading() as session:
        frame = read_frame(session)
        assert not miss_report(session).missed
    sizes = {key[0::2]: len(one.unreviewed) for key, one in frame.strata.items()}
    assert sizes == {(DAYS[0], "blank"): 60, (DAYS[0], "low"): 2, (DAYS[1], "blank"): 20}
    assert frame.recorded_animals == 1


def test_a_season_is_its_deployments(survey: Survey) -> None:
    """Deployments set up in the period count whole; others do not."""
    with survey.writing() as session:
        make_deployment(session, DAYS[0])
        late = NINE.replace(year=2027)
        make_deployment(
            session, DAYS[1], location_id="MT-02", deployment_start=late, deployment_end=None
        )
    plant_blanks(survey, DAYS[0], count=4)
    plant_blanks(survey, DAYS[1], count=3)
    with survey.reading() as session:
        this = read_frame(session, period=Period(last=date(2026, 12, 31)))
        following = read_frame(session, period=Period(first=date(2027, 1, 1)))
    assert [key[0] for key in this.strata] == [DAYS[0]]
    assert [key[0] for key in following.strata] == [DAYS[1]]


def test_each_model_has_strata_of_its_own(survey: Survey) -> None:
    """An event belongs to the model that looked last; each model is drawn under its own name."""
    plant_two_cameras(survey, first=4, second=4)
    with survey.writing() as session:
        version = make_model_version(session, "other")
        event = make_event(session, deployment_id=DAYS[0])
        box = make_machine_observation(
            session, media_of(session, event.event_id)[0], observation_type="blank", bbox=None
        )
        box.model_version_id = version.model_version_id
        session.add(box)
        session.flush()
        summarise_event(session, event.event_id)
    drawn = draw_audit(survey, person="Drolma", size=9)
    assert sorted(one.model for one in drawn) == ["general 0.1.0", "other 0.1.0"]
    with survey.reading() as session:
        only = read_frame(session, model_version_id=version.model_version_id)
    assert len(only.strata) == 1


def test_a_sample_outlives_a_classifier_that_is_switched_on(survey: Survey) -> None:
    """A second stage misses nothing of its own: its events and their sample stay the detector's."""
    with survey.writing() as session:
        detector = make_model_version(session)
        boxes = []
        for _ in range(4):
            event = make_event(session)
            media = media_of(session, event.event_id)[0]
            boxes.append(make_machine_observation(session, media, score=0.4))
            summarise_event(session, event.event_id)
    draw_audit(survey, person="Drolma", size=4)
    with survey.writing() as session:
        pair = make_model_version(session, "classifier")
        pair.details = json.dumps({"detector_sha256": detector.sha256})
        for box in boxes:
            values = box.model_dump() | {
                "observation_id": f"{box.observation_id} named",
                "model_version_id": pair.model_version_id,
                "classification_timestamp": NINE + timedelta(days=1),
            }
            session.add(Observation(**values))
    with survey.reading() as session:
        frames = [
            read_frame(session, model_version_id=m.model_version_id) for m in (detector, pair)
        ]
    for frame in frames:
        (stratum,) = frame.strata.values()
        assert (stratum.key[1], stratum.waiting) == (detector.model_version_id, 4)


def test_a_draw_needs_a_name_and_events(survey: Survey) -> None:
    """Nobody's sample, and a sample of nothing, are refused with a sentence."""
    with pytest.raises(AuditError, match="person"):
        draw_audit(survey, person=" ")
    with pytest.raises(AuditError, match="nothing to draw"):
        draw_audit(survey, person="Drolma")


def test_platt_finds_the_curve_that_made_the_data() -> None:
    """Scores that overstate are brought down to what people find."""
    random = np.random.default_rng(2)
    scores = random.uniform(0.05, 0.95, 4000)
    logits = np.log(scores / (1 - scores))
    truth = 1 / (1 + np.exp(-(1.5 * logits - 1.0)))
    fitted = fit_platt(scores, (random.random(4000) < truth).astype(float))
    assert fitted.slope == pytest.approx(1.5, abs=0.15)
    assert fitted.offset == pytest.approx(-1.0, abs=0.15)


def test_stretches_are_weighted_by_all_events() -> None:
    """The error of the whole goes by where the model's events lie, not by which were reviewed."""
    sure = [Scored(0.95, True, "A")] * 10
    doubtful = [Scored(0.45, False, "A")] * 90
    told = calibrate([*sure, *doubtful], [0.95] * 900 + [0.45] * 100)
    assert told.expected_error == pytest.approx(0.9 * 0.05 + 0.1 * 0.45)
    few = calibrate(sure, [0.95] * 900)
    assert few.platt is None and few.bins[-1].interval[0] < 0.75
    assert calibrate([], [0.3]).expected_error is None


def test_reliability_rests_on_reviews_in_force(survey: Survey) -> None:
    """One figure an event, of its surest animal, against what people found there."""
    with survey.writing() as session:
        ids = []
        for _ in range(10):
            event = make_event(session, photos=2)
            for media, score in zip(media_of(session, event.event_id), (0.3, 0.85), strict=True):
                make_machine_observation(session, media, score=score)
            summarise_event(session, event.event_id)
            ids.append(event.event_id)
    for number, event_id in enumerate(ids[:6]):
        mark = mark_animal if number < 4 else mark_blank
        mark(survey, event_id, person="Drolma", expected_review_id=None)
    mark_unknown(survey, ids[6], person="Drolma", expected_review_id=None)
    with survey.reading() as session:
        model = session.exec(select(ModelVersion.model_version_id)).one()
        assert find_model(session, "general") == find_model(session, model[:8]) == model
        told = reliability_of(session, model)
        with pytest.raises(ModelNotKnownError, match="general 0.1.0"):
            find_model(session, "generic")
    (full,) = [one for one in told.animals.bins if one.events]
    assert (full.low, full.events, full.reviewed, full.right) == (0.8, 10, 6, 4)
    assert told.names is None
