"""The ensemble's rules, branch by branch, at their exact thresholds (DOMAIN.md 10)."""

import pytest

from species_db.rollup import (
    BoxScore,
    RolledUp,
    ScoredClass,
    blocked_by,
    roll_up_to_rank,
)
from species_db.vocabulary import ObservationType

ANIMAL, HUMAN, VEHICLE, BLANK, UNKNOWN = (
    ObservationType.ANIMAL,
    ObservationType.HUMAN,
    ObservationType.VEHICLE,
    ObservationType.BLANK,
    ObservationType.UNKNOWN,
)
DEER = ("Animalia", "Mammalia", "Artiodactyla", "Cervidae")
RED_MUNTJAC = (*DEER, "Muntiacus", "Muntiacus vaginalis")
GONGSHAN_MUNTJAC = (*DEER, "Muntiacus", "Muntiacus gongshanensis")
SAMBAR = (*DEER, "Rusa", "Rusa unicolor")
TAKIN = ("Animalia", "Mammalia", "Artiodactyla", "Bovidae", "Budorcas", "Budorcas taxicolor")
BEAR = ("Animalia", "Mammalia", "Carnivora", "Ursidae", "Ursus", "Ursus thibetanus")
MONAL = ("Animalia", "Aves", "Galliformes", "Phasianidae", "Lophophorus", "Lophophorus sclateri")
JUST_OVER = 1e-6


def box(kind: ObservationType, score: float) -> list[BoxScore]:
    """One box."""
    return [BoxScore(kind, score)]


def special(kind: ObservationType, score: float) -> ScoredClass:
    """A class that is no animal."""
    return ScoredClass(score, kind=kind)


def told(answer: RolledUp) -> tuple[str, str, str]:
    """What an answer says: kind, name and source."""
    return answer.kind.value, answer.name, answer.source


@pytest.mark.parametrize(
    ("boxed", "top", "expected"),
    [
        ((HUMAN, 0.7 + JUST_OVER), (BLANK, 0.4), ("human", "", "detector")),
        ((HUMAN, 0.7), (BLANK, 0.4), ("unknown", "", "classifier")),
        ((HUMAN, 0.2 + JUST_OVER), (HUMAN, 0.5 + JUST_OVER), ("human", "", "classifier")),
        ((HUMAN, 0.2 + JUST_OVER), (VEHICLE, 0.5 + JUST_OVER), ("human", "", "classifier")),
        ((HUMAN, 0.2), (HUMAN, 0.9), ("unknown", "", "classifier")),
        ((HUMAN, 0.5), (HUMAN, 0.5), ("unknown", "", "classifier")),
        ((VEHICLE, 0.7 + JUST_OVER), (BLANK, 0.4), ("vehicle", "", "detector")),
        ((VEHICLE, 0.7), (BLANK, 0.4), ("unknown", "", "classifier")),
        ((VEHICLE, 0.2 + JUST_OVER), (VEHICLE, 0.4 + JUST_OVER), ("vehicle", "", "classifier")),
        ((VEHICLE, 0.2), (VEHICLE, 0.9), ("unknown", "", "classifier")),
        ((VEHICLE, 0.5), (VEHICLE, 0.4), ("unknown", "", "classifier")),
        ((VEHICLE, 0.9), (HUMAN, 0.6), ("human", "", "classifier")),
        ((ANIMAL, 0.2 - JUST_OVER), (BLANK, 0.5 + JUST_OVER), ("blank", "", "classifier")),
        ((ANIMAL, 0.2), (BLANK, 0.6), ("unknown", "", "classifier")),
        ((ANIMAL, 0.1), (BLANK, 0.5), ("unknown", "", "classifier")),
        ((ANIMAL, 0.45), (BLANK, 0.99 + JUST_OVER), ("blank", "", "classifier")),
        ((ANIMAL, 0.45), (BLANK, 0.99), ("unknown", "", "classifier")),
        ((ANIMAL, 0.5 + JUST_OVER), (BLANK, 0.9), ("animal", "", "detector")),
        ((ANIMAL, 0.5), (BLANK, 0.9), ("unknown", "", "classifier")),
    ],
)
def test_people_vehicles_blanks_and_unnamed_animals(
    boxed: tuple[ObservationType, float],
    top: tuple[ObservationType, float],
    expected: tuple[str, str, str],
) -> None:
    """Each threshold is passed from above; at the threshold itself it is not."""
    assert told(roll_up_to_rank([special(*top)], box(*boxed))) == expected


@pytest.mark.parametrize(
    ("score", "boxes", "source"),
    [
        (0.8 + JUST_OVER, [], "classifier"),
        (0.8, [], "classifier+rollup_to_genus"),  # 0.8 passes the sum's 0.65
        (0.65 + JUST_OVER, box(ANIMAL, 0.2 + JUST_OVER), "classifier"),
        (0.65 + JUST_OVER, box(ANIMAL, 0.2), "classifier+rollup_to_genus"),
        (0.65 + JUST_OVER, box(VEHICLE, 0.3), "classifier+rollup_to_genus"),
    ],
)
def test_a_species_needs_its_score_and_its_box(
    score: float, boxes: list[BoxScore], source: str
) -> None:
    """Above 0.8 a species stands alone, above 0.65 with an animal's box above 0.2."""
    answer = roll_up_to_rank([ScoredClass(score, TAKIN)], boxes)
    assert answer.source == source
    assert answer.name == ("Budorcas taxicolor" if source == "classifier" else "Budorcas")


@pytest.mark.parametrize(
    ("scores", "rank", "name"),
    [
        ({RED_MUNTJAC: 0.4, GONGSHAN_MUNTJAC: 0.3}, "genus", "Muntiacus"),
        ({RED_MUNTJAC: 0.4, SAMBAR: 0.3}, "family", "Cervidae"),
        ({RED_MUNTJAC: 0.4, TAKIN: 0.3}, "order", "Artiodactyla"),
        ({RED_MUNTJAC: 0.4, BEAR: 0.3}, "class", "Mammalia"),
        ({RED_MUNTJAC: 0.4, MONAL: 0.3}, "kingdom", "Animalia"),
    ],
)
def test_a_roll_up_s_score_is_a_sum(
    scores: dict[tuple[str, ...], float], rank: str, name: str
) -> None:
    """Relatives are summed at the first rank that they share, and the score says the sum."""
    answer = roll_up_to_rank([ScoredClass(score, line) for line, score in scores.items()])
    assert (answer.rank, answer.name, answer.source) == (rank, name, f"classifier+rollup_to_{rank}")
    assert answer.score == pytest.approx(0.7)


def test_a_sum_at_the_threshold_is_not_enough() -> None:
    """0.65 exactly rolls up no further name, at any rank."""
    halves = [ScoredClass(0.375, RED_MUNTJAC), ScoredClass(0.275, SAMBAR)]
    assert told(roll_up_to_rank(halves, box(ANIMAL, 0.3))) == ("unknown", "", "classifier")


def test_a_class_of_a_family_is_named_at_that_family() -> None:
    """A class that says no more than Cervidae answers Cervidae, and is summed from there up."""
    answer = roll_up_to_rank([ScoredClass(0.9, (*DEER, "", ""))])
    assert (answer.rank, answer.name) == ("family", "Cervidae")


def test_a_blocked_name_rolls_up_from_the_family_and_passes_the_top_score() -> None:
    """What is out of place takes its genus with it; the name above has at least the same score."""
    blocked = blocked_by({"Muntiacus gongshanensis": False})
    scores = [ScoredClass(0.85, GONGSHAN_MUNTJAC), ScoredClass(0.1, SAMBAR)]
    answer = roll_up_to_rank(scores, is_blocked=blocked)
    assert (answer.name, answer.source) == ("Cervidae", "classifier+geofence+rollup_to_family")
    assert answer.score == pytest.approx(0.95)
    assert answer.blocked == GONGSHAN_MUNTJAC
    alone = roll_up_to_rank(scores[:1], is_blocked=blocked)
    assert (alone.name, alone.score) == ("Cervidae", 0.85)


def test_where_all_above_is_blocked_nothing_is_named() -> None:
    """An answer without any possible name says so, and keeps what was held back."""
    answer = roll_up_to_rank([ScoredClass(0.9, BEAR)], is_blocked=lambda lineage: True)
    assert told(answer) == ("unknown", "", "classifier+geofence+rollup_failed")
    assert answer.blocked == BEAR


def test_a_blocked_ancestor_is_passed_over_in_a_roll_up() -> None:
    """A family that cannot be here is no refuge for its species."""
    blocked = blocked_by({"Muntiacus vaginalis": False, "Cervidae": False})
    answer = roll_up_to_rank([ScoredClass(0.9, RED_MUNTJAC)], is_blocked=blocked)
    assert (answer.name, answer.source[-5:]) == ("Artiodactyla", "order")


def test_a_label_missing_from_the_map_is_never_blocked() -> None:
    """Silence is no absence."""
    answer = roll_up_to_rank([ScoredClass(0.9, TAKIN)], is_blocked=blocked_by({"Ursus": False}))
    assert told(answer) == ("animal", "Budorcas taxicolor", "classifier")


def test_the_strongest_box_speaks() -> None:
    """A weak vehicle beside a sure person does not make the picture a vehicle."""
    boxes = [*box(VEHICLE, 0.71), *box(HUMAN, 0.9)]
    assert roll_up_to_rank([], boxes).kind is HUMAN


def test_nothing_at_all_is_unknown() -> None:
    """Without a box and without a class nobody knows."""
    assert told(roll_up_to_rank([], [])) == ("unknown", "", "classifier")
