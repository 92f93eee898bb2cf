"""What reviews teach, how stations are split, and what a class needs."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from factories import (
    NINE,
    make_event,
    make_human_review,
    make_machine_observation,
    make_model_version,
    make_taxon,
)
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from review_scene import join_photo, media_of

from species_db.lessons import Frame, LeftOut, Said, TaughtBox, lessons_of
from species_db.survey import Survey
from species_db.tables import DismissedBox, Observation
from species_db.training_set import MediaExample, TrainingSet, read_training_set
from training.balance import balance_of
from training.compare import PromotionRule, decide, difference_of, mean_event_ap
from training.dataset import coco_of, write_dataset, yolo_lines
from training.evaluate import Answer, KnownBox, read_known_boxes
from training.plan import History, PlanSettings, make_plan
from training.quality import (
    Figures,
    Quality,
    SeenEvent,
    SeenPhoto,
    detector_confusion,
    detector_quality,
)
from training.scheme import ClassScheme, Least, TooFewBoxesError, taxa_scheme
from training.splits import Split, SplitError, split_stations

BOX = TaughtBox("animal", None, 0.1, 0.2, 0.3, 0.4)
PERSON = TaughtBox("human", None, 0.5, 0.2, 0.1, 0.4)


def example(number: int, station: str, *boxes: TaughtBox, **values: object) -> MediaExample:
    """A photo that teaches, of an event of its own."""
    given = {
        "media_id": f"{station}-{number}",
        "event_id": f"event-{station}-{number}",
        "deployment_id": f"{station}-D",
        "location_id": station,
        "file_path": f"media/{station}/{number}.jpg",
        "sha256": "00",
        "is_grey": bool(number % 2),
        "shows_people": False,
        "is_complete": True,
        "said": tuple(sorted({box.observation_type for box in boxes})),
        "boxes": boxes,
    } | values
    return MediaExample(**given)  # type: ignore[arg-type]


def many(stations: Iterable[str], *boxes: TaughtBox, count: int = 4) -> list[MediaExample]:
    """So many photos with these boxes at each station."""
    return [example(n, station, *boxes) for station in stations for n in range(count)]


def stations(count: int) -> list[str]:
    """Names of stations."""
    return [f"ST-{n:02}" for n in range(count)]


# What a reviewed event teaches


def test_a_blank_event_teaches_nothing_with_all_its_photos() -> None:
    """A false box in a blank event becomes an example of nothing."""
    lessons, why = lessons_of([Said("blank")], [Frame("a", (BOX,)), Frame("b")])
    assert [(lesson.media_id, lesson.boxes) for lesson in lessons] == [("a", ()), ("b", ())]
    assert not why


def test_a_box_of_a_type_that_the_review_does_not_name_is_dropped() -> None:
    """The person that the model saw beside the deer was refuted by the review."""
    lessons, _ = lessons_of([Said("animal", "deer", 1)], [Frame("a", (BOX, PERSON))])
    assert [box.observation_type for box in lessons[0].boxes] == ["animal"]


def test_two_taxa_in_one_event_leave_the_boxes_without_a_name() -> None:
    """Nobody said which of the two stands in which box."""
    said = [Said("animal", "deer", 1), Said("animal", "boar", 1)]
    lessons, _ = lessons_of(said, [Frame("a", (BOX, replace(BOX, x=0.6)))])
    assert {box.taxon_id for box in lessons[0].boxes} == {None}


def test_an_uncounted_animal_makes_no_photo_complete() -> None:
    """Two were counted and no photo has two boxes: good for crops, not for a detector."""
    lessons, _ = lessons_of([Said("animal", "deer", 2)], [Frame("a", (BOX,)), Frame("b", (BOX,))])
    assert [lesson.is_complete for lesson in lessons] == [False, False]


def test_a_box_that_a_person_drew_replaces_the_models() -> None:
    """Where somebody drew, what they drew is all there is."""
    drawn = TaughtBox("animal", None, 0.6, 0.6, 0.2, 0.2)
    lessons, _ = lessons_of([Said("animal", "deer", 1)], [Frame("a", (BOX,), (drawn,))])
    assert [(box.x, box.taxon_id) for box in lessons[0].boxes] == [(0.6, "deer")]


def test_what_nobody_could_name_teaches_nothing() -> None:
    """Unknown is neither animal nor blank."""
    lessons, why = lessons_of([Said("unknown")], [Frame("a", (BOX,))])
    assert not lessons
    assert why == {"a": LeftOut.UNKNOWN}


def test_the_review_in_force_is_read_with_its_taxon(survey: Survey) -> None:
    """Two confirmed boxes with a name, at the station of their deployment."""
    with survey.writing() as session:
        taxon = make_taxon(session)
        event = make_event(session, photos=2)
        for media in media_of(session, event.event_id):
            make_machine_observation(session, media)
    make_human_review(survey, event, taxon=taxon)
    with survey.reading() as session:
        found = read_training_set(session)
    assert found.reviewed_events == 1
    assert found.taxa == {taxon.taxon_id: "Muntiacus vaginalis"}
    assert {one.location_id for one in found.media} == {"MT-01"}
    assert [box.taxon_id for one in found.media for box in one.boxes] == [taxon.taxon_id] * 2


def test_a_dismissed_box_and_a_later_photo_teach_nothing(survey: Survey) -> None:
    """A false alarm is none of the boxes, and a photo that came later was never reviewed."""
    from species_db.review import mark_animal

    with survey.writing() as session:
        event = make_event(session, photos=2)
        answers = [
            make_machine_observation(session, media) for media in media_of(session, event.event_id)
        ]
    mark_animal(survey, event.event_id, count=1, person="Drolma", expected_review_id=None)
    join_photo(survey, event.event_id)
    with survey.writing() as session:
        first = session.get_one(Observation, answers[0].observation_id)
        session.add(
            DismissedBox(
                observation_id=first.observation_id,
                dismissal_id="one",
                deployment_id=first.deployment_id,
                dismissed_by="Drolma",
                dismissed_at=NINE,
            )
        )
    with survey.reading() as session:
        found = read_training_set(session)
    assert [one.media_id for one in found.media if not one.left_out] == [answers[1].media_id]
    assert found.left_out == {"later": 1, "no_box": 1}


def test_a_dismissed_box_that_a_classifier_repeats_teaches_nothing(survey: Survey) -> None:
    """The second stage answers on the same boxes under new ids, and brings no stump back."""
    from species_db.review import mark_animal

    with survey.writing() as session:
        event = make_event(session, photos=2)
        boxed = [
            make_machine_observation(session, media) for media in media_of(session, event.event_id)
        ]
        stump, animal = boxed
        pair = make_model_version(session, "classifier")
        for one in boxed:
            values = one.model_dump() | {
                "observation_id": f"{one.observation_id} named",
                "model_version_id": pair.model_version_id,
                "classification_timestamp": NINE + timedelta(days=1),
            }
            session.add(Observation(**values))
        session.add(
            DismissedBox(
                observation_id=stump.observation_id,
                dismissal_id="one",
                deployment_id=stump.deployment_id,
                dismissed_by="Drolma",
                dismissed_at=NINE,
            )
        )
    mark_animal(survey, event.event_id, count=1, person="Drolma", expected_review_id=None)
    with survey.reading() as session:
        found = read_training_set(session)
    assert [one.media_id for one in found.media if one.boxes] == [animal.media_id]


# Splits


@given(
    st.dictionaries(
        st.text("abc123", min_size=1, max_size=4),
        st.frozensets(st.sampled_from(["animal", "human", "blank", "deer", "boar"]), min_size=1),
        min_size=3,
        max_size=24,
    )
)
def test_no_station_is_in_two_splits_and_none_is_empty(held: dict[str, frozenset[str]]) -> None:
    """Each station has one split, every split a station, and the lot falls alike each time."""
    split = split_stations(held, essential=("animal",))
    assert set(split) == set(held)
    assert set(split.values()) == set(Split)
    assert split == split_stations(dict(reversed(held.items())), essential=("animal",))


@given(st.integers(3, 30), st.integers(1, 30))
def test_a_test_station_stays_and_none_that_taught_joins(first: int, more: int) -> None:
    """New stations may join the test; those that taught before never do."""
    held = {name: {"animal"} for name in stations(first)}
    before = split_stations(held)
    tested = {name for name, split in before.items() if split is Split.TEST}
    grown = {name: {"animal"} for name in stations(first + more)}
    after = split_stations(grown, frozen_test=tested, taught=set(before) - tested)
    now = {name for name, split in after.items() if split is Split.TEST}
    assert tested <= now
    assert not now & (set(before) - tested)


def test_a_class_at_three_stations_is_in_each_split() -> None:
    """The rare species is taught, chosen on and tested, though few stations have it."""
    rare = {name: {"animal", "takin"} for name in stations(3)}
    held = rare | {f"common-{n}": {"animal"} for n in range(20)}
    split = split_stations(held)
    assert {split[name] for name in rare} == set(Split)


def test_too_few_stations_are_refused_with_numbers() -> None:
    """Two stations cannot teach, choose and test."""
    with pytest.raises(SplitError, match=r"2 camera stations .* at least 3"):
        split_stations({"a": {"animal"}, "b": {"animal"}})
    with pytest.raises(SplitError, match="All 3 stations have taught before"):
        split_stations({n: {"animal"} for n in "abc"}, taught="abc")


def found_of(examples: list[MediaExample], **taxa: str) -> TrainingSet:
    """A training set of these photos."""
    return TrainingSet(tuple(examples), taxa)


def test_photos_that_come_later_do_not_join_the_frozen_test() -> None:
    """The second round is tested on the photos of the first, though the station has more."""
    settings = PlanSettings("detector", least=Least(1, 1))
    first = make_plan(found_of(many(stations(5), BOX)), settings, History())
    used = dict(first.stations)
    history = History(
        first.test,
        frozenset(first.test.stations),
        frozenset(name for name, split in used.items() if split is not Split.TEST),
    )
    second = make_plan(found_of(many(stations(5), BOX, count=9)), settings, history)
    assert second.test == first.test
    assert {e.media_id for e in second.media[Split.TEST]} == set(first.test.media)
    third = make_plan(found_of(many(stations(12), BOX)), settings, history)
    assert third.test.version == 2
    assert any("joined the test" in note for note in third.notes)


def test_photos_of_people_test_but_teach_only_when_asked() -> None:
    """Restricted photos are looked at in their place; copying them takes a person's word."""
    examples = many(stations(6), BOX)
    examples += [example(90, name, PERSON, shows_people=True) for name in stations(6)]
    least = Least(1, 1)
    plain = make_plan(found_of(examples), PlanSettings("detector", least=least), History())
    asked = PlanSettings("detector", with_people=True, least=least)
    with_people = make_plan(found_of(examples), asked, History())
    assert plain.balance["person"][Split.TRAIN].boxes == 0
    assert plain.balance["person"][Split.TEST].boxes > 0
    assert with_people.balance["person"][Split.TRAIN].boxes > 0


# Classes and balance


def test_a_taxon_below_the_minimum_counts_as_animal_and_is_named() -> None:
    """Takin has its boxes at enough stations, goral has not: it stays an animal, and is told."""
    takin, goral = replace(BOX, taxon_id="takin"), replace(BOX, taxon_id="goral")
    examples = many(stations(8), takin, count=20) + many(stations(1), goral, count=80)
    found = found_of(examples, takin="Budorcas taxicolor", goral="Naemorhedus griseus")
    plan = make_plan(found, PlanSettings("detector", "taxa", least=Least(50, 3)), History())
    assert plan.scheme.names == ("animal", "person", "vehicle", "Budorcas taxicolor")
    assert plan.scheme.name_of(goral) == "animal"
    assert any("Naemorhedus griseus is no class of its own" in note for note in plan.notes)


def test_no_taxon_with_enough_boxes_is_refused_with_numbers() -> None:
    """What a class needs is said, and what the best one has."""
    found = found_of(many(stations(4), replace(BOX, taxon_id="takin")), takin="Budorcas taxicolor")
    media = {Split.TRAIN: found.media, Split.VAL: (), Split.TEST: ()}
    with pytest.raises(TooFewBoxesError, match=r"16 of 50 boxes.*A class needs 50 boxes at 3"):
        taxa_scheme(found, media, Least())


def test_the_balance_counts_boxes_photos_events_stations_and_light() -> None:
    """Two boxes on one photo are two boxes, one photo; blank photos are a class of their own."""
    media = {
        Split.TRAIN: [example(0, "a", BOX, BOX), example(1, "a", BOX), example(2, "b")],
        Split.TEST: [example(3, "c", BOX)],
    }
    balance = balance_of(media, ClassScheme())
    animal = balance["animal"][Split.TRAIN]
    assert (animal.boxes, animal.media, animal.events, animal.stations) == (3, 2, 2, 1)
    assert (animal.day, animal.grey) == (1, 1)
    assert balance["blank"][Split.TRAIN].media == 1
    assert balance["animal"][Split.TEST].boxes == 1


# Data sets


def test_yolo_and_coco_hold_the_same_boxes(tmp_path: Path) -> None:
    """Every box of the COCO file is, in pixels, the box of the YOLO file."""
    scheme = ClassScheme((*ClassScheme().names, "Budorcas taxicolor"), {"Budorcas taxicolor": "t"})
    takin = TaughtBox("animal", "t", 0.25, 0.5, 0.5, 0.25)
    media = {Split.TRAIN: [example(0, "a", BOX, PERSON), example(1, "b", takin)]}
    picture = tmp_path / "photo.jpg"
    Image.fromarray(np.zeros((90, 160, 3), np.uint8)).save(picture)
    written = write_dataset(tmp_path / "set", media, scheme, picture=lambda _: picture.read_bytes())
    coco = coco_of(written, scheme)
    by_image = {image["id"]: image["file_name"] for image in coco["images"]}
    as_coco = sorted(
        (by_image[a["image_id"]], scheme.names[a["category_id"] - 1], *a["bbox"])
        for a in coco["annotations"]
    )
    as_yolo = sorted(
        (photo.name, known.label, *_pixels(known))
        for photo in written
        for known in read_known_boxes(
            tmp_path / "set" / photo.name.replace("images", "labels").replace(".jpg", ".txt"),
            scheme.names,
        )
    )
    assert [one[:2] for one in as_coco] == [one[:2] for one in as_yolo]
    assert np.allclose([one[2:] for one in as_coco], [one[2:] for one in as_yolo], atol=0.01)
    described = json.loads((tmp_path / "set" / "data.yaml").read_text(encoding="utf-8"))
    assert described["taxa"] == {"Budorcas taxicolor": "Budorcas taxicolor"}


def _pixels(known: KnownBox) -> tuple[float, ...]:
    return (known.x * 160, known.y * 90, known.width * 160, known.height * 90)


def test_an_interrupted_data_set_is_finished_by_the_next_call(tmp_path: Path) -> None:
    """A photo that is there is not made again; the description comes last."""
    media = {Split.TRAIN: many(["a"], BOX, count=3)}
    photo = tmp_path / "photo.jpg"
    Image.fromarray(np.zeros((9, 16, 3), np.uint8)).save(photo)
    made: list[str] = []

    def picture(one: MediaExample) -> bytes:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(one.media_id)
        return photo.read_bytes()

    with pytest.raises(KeyboardInterrupt):
        write_dataset(tmp_path / "set", media, ClassScheme(), picture=picture)
    assert not (tmp_path / "set" / "data.yaml").exists()
    made.clear()
    written = write_dataset(tmp_path / "set", media, ClassScheme(), picture=picture)
    assert len(written) == 3
    assert made == ["a-2"]


def test_a_box_is_written_as_centre_and_size() -> None:
    """YOLO's line of a box from its upper left corner."""
    assert (
        yolo_lines(example(0, "a", BOX), ClassScheme()) == "0 0.250000 0.400000 0.300000 0.400000\n"
    )


# Champion and challenger


def seen_event(station: str, said: str = "animal", **scores: float) -> SeenEvent:
    """An event with what a detector scored on it."""
    return SeenEvent(station, frozenset({said} - {"blank"}), False, scores)


def quality(
    recall: float, *, people: float = 1.0, flagged: int = 0, taxa: float | None = None
) -> Quality:
    """A detector that finds so much of a hundred animals and ten people."""

    def of(name: str, known: int, share: float) -> Figures:
        return Figures(name, known, known, round(known * share), share, share, share)

    named = () if taxa is None else (of("Budorcas taxicolor", 40, taxa),)
    classes = (of("animal", 100, recall), of("person", 10, people))
    return Quality("one", "00", 0.3, 200, 50, flagged, classes, taxa=named)


def gain_of(gain: float, low: float, count: int = 8) -> object:
    """A difference between the two, as it was measured."""
    before = difference_of(lambda w: 0.5, lambda w: 0.5 + gain, stations=count, measure="mean AP")
    return replace(before, low=low, high=gain)


@pytest.mark.parametrize(
    ("challenger", "gain", "said"),
    [
        (quality(0.9), (0.1, 0.02), ""),
        (quality(0.9), (-0.01, -0.02), "its mean AP is 0.490"),
        (quality(0.9), (0.1, -0.05), "a loss of more than 0.02"),
        (quality(0.9, people=0.8), (0.1, 0.02), "it finds 8 of 10 person"),
        (quality(0.9, flagged=9), (0.1, 0.02), "it flags 9 of 50 blank events"),
    ],
)
def test_a_challenger_is_promoted_or_refused_with_its_reason(
    challenger: Quality, gain: tuple[float, float], said: str
) -> None:
    """Better, surely not worse, no class lost, no flood of blanks: all four, or the reason."""
    rule = PromotionRule()
    is_promoted, reasons = decide("detector", quality(0.8), challenger, gain_of(*gain), rule)
    assert is_promoted == (said == "")
    assert all(said in reason for reason in reasons)


def test_too_small_a_test_promotes_nobody() -> None:
    """Four stations, however good the figures; and a test without people neither."""
    better = gain_of(0.2, 0.1, count=4)
    is_promoted, reasons = decide("detector", quality(0.8), quality(0.9), better, PromotionRule())
    assert not is_promoted
    assert reasons == ("the test has 4 stations, 5 are needed",)


def test_who_forgets_the_names_of_taxa_is_refused() -> None:
    """A plain detector does not replace one that names species, though it finds more animals."""
    champion, plain = quality(0.8, taxa=0.9), quality(0.95)
    is_promoted, reasons = decide("detector", champion, plain, gain_of(0.1, 0.05), PromotionRule())
    assert not is_promoted
    assert "0 of 40 Budorcas taxicolor" in reasons[0]


def test_who_names_taxa_first_must_name_half_of_them_right() -> None:
    """Names that are mostly wrong are noise; good ones make up for an equal detector."""
    rule, same = PromotionRule(), gain_of(0.0, -0.01)
    assert decide("detector", quality(0.8), quality(0.8, taxa=0.6), same, rule)[0]
    assert not decide("detector", quality(0.8), quality(0.8, taxa=0.3), same, rule)[0]


def test_event_precision_is_that_of_a_literal_case() -> None:
    """Hit, false, hit over three events with animals, then a station that counts alone."""
    events = [
        seen_event("a", animal=0.9),
        seen_event("a", "blank", animal=0.8),
        seen_event("b", animal=0.7),
        seen_event("b"),
    ]
    measure = mean_event_ap(events, ["a", "b"])
    assert measure(np.ones(2)) == pytest.approx((1 + 2 / 3) / 3)
    assert measure(np.array([1.0, 0.0])) == 1.0


def test_the_interval_of_equal_models_is_nothing() -> None:
    """Both sides see the same stations in each draw, so equal models never differ."""
    events = [seen_event(name, animal=0.5) for name in "abcdef"]
    measure = mean_event_ap(events, list("abcdef"))
    difference = difference_of(measure, measure, stations=6, measure="mean AP")
    assert (difference.low, difference.high) == (0.0, 0.0)


def test_an_animal_that_no_box_shows_counts_as_missed_in_its_event() -> None:
    """A frame left out of training still tests: the review says that an animal is there."""
    photo = SeenPhoto("a", "e", frozenset({"animal"}), False, Answer((), (), False), ())
    measured = detector_quality([photo], model="one", sha256="00", threshold=0.3)
    assert (measured.classes[0].known, measured.classes[0].hits) == (1, 0)
    assert measured.boxes == ()


def test_confusions_tell_missed_and_made_up() -> None:
    """A known animal without a box is missed; a box on nothing is made up."""
    known = KnownBox("animal", 0.1, 0.1, 0.2, 0.2)
    photo = SeenPhoto(
        "a", "e", frozenset({"animal"}), True, Answer((known,), (), False), ("Budorcas taxicolor",)
    )
    assert detector_confusion([photo], 0.3) == {"Budorcas taxicolor": {"missed": 1}}
