"""Measure a classifier by source, calibrate it, and say whether its guesses help a reviewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from models.classifier import calibrated
from species_db.rollup import (
    RANKS,
    BoxScore,
    RolledUp,
    RollUpSettings,
    ScoredClass,
    roll_up_to_rank,
)
from species_db.vocabulary import ObservationType
from training.classifier_crops import TRAIN, VAL, LabelledBox

BINS = 10
A_SURE_BOX = BoxScore(ObservationType.ANIMAL, 1.0)  # a person drew it
CLASS_RANK = RANKS.index("class")


@dataclass(frozen=True)
class HelpRule:
    """When guesses are worth a reviewer's glance; below it a classifier is shipped switched off.

    A wrong name costs more than none: it has to be noticed and taken back, and a tired reviewer
    confirms it. `least_right` is the share of right names among those given, on photos of sources
    that were not learned from, and fewer than `fewest_named` of them prove nothing.
    """

    least_right: float = 0.85
    fewest_named: int = 30
    least_named: float = 0.2  # share of boxes that get a name below the class (mammal, bird) at all


@dataclass(frozen=True)
class SourceScore:
    """How well the boxes of one class and source are named.

    `hits` counts boxes whose best class is right. `named` counts those that keep a name below the
    class (mammal, bird) after the roll-up, and `named_right` those where that name is true.
    """

    split: str
    source: str
    label: str
    boxes: int
    hits: int
    named: int
    named_right: int


@dataclass(frozen=True)
class Quality:
    """A classifier on the boxes of its list that it did not learn from."""

    temperature: float
    calibration_error: float
    calibration_error_before: float
    by_source: tuple[SourceScore, ...]
    helps: bool
    rule: HelpRule

    def total(self, split: str) -> SourceScore:
        """All sources of a split together."""
        scores = [one for one in self.by_source if one.split == split]
        return SourceScore(
            split,
            *("", ""),
            boxes=sum(one.boxes for one in scores),
            hits=sum(one.hits for one in scores),
            named=sum(one.named for one in scores),
            named_right=sum(one.named_right for one in scores),
        )


def measure_classifier(
    logits: np.ndarray,
    boxes: Sequence[LabelledBox],
    *,
    classes: Sequence[str],
    lineages: Mapping[str, tuple[str, ...]],
    rule: HelpRule | None = None,
    settings: RollUpSettings | None = None,
) -> Quality:
    """Fit the temperature on `val`, then count by source what its answers are worth.

    The verdict rests on `val`, the sources that were not learned from: photos of the training
    sources flatter, because a network learns the place as well as the animal.
    """
    rule = rule or HelpRule()
    in_val = np.array([one.split == VAL and one.label in classes for one in boxes], dtype=bool)
    truth = np.array([classes.index(one.label) if one.label in classes else -1 for one in boxes])
    temperature = fit_temperature(logits[in_val], truth[in_val])
    scores = calibrated(logits, temperature)
    answers = [_answer(row, classes, lineages, settings) for row in scores]
    by_source = _by_source(boxes, scores.argmax(axis=1), answers, classes, lineages)
    val = Quality(temperature, 0, 0, by_source, helps=False, rule=rule).total(VAL)
    helps = (
        val.named >= max(rule.fewest_named, rule.least_named * val.boxes)
        and val.named_right >= rule.least_right * val.named
    )
    return Quality(
        temperature=temperature,
        calibration_error=calibration_error(scores[in_val], truth[in_val]),
        calibration_error_before=calibration_error(calibrated(logits[in_val], 1.0), truth[in_val]),
        by_source=by_source,
        helps=helps,
        rule=rule,
    )


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The one number that makes scores mean what they say: least negative log likelihood.

    It is never below 1: a handful of photos must not make a network bolder than it is.

    >>> sure = np.array([[9.0, 0.0]] * 4)
    >>> fit_temperature(sure, np.array([0, 0, 1, 1])) > 5
    True
    """
    if not len(truth):
        return 1.0

    def loss(log_temperature: float) -> float:
        scores = calibrated(logits, float(np.exp(log_temperature)))
        return float(-np.log(scores[np.arange(len(truth)), truth] + 1e-12).mean())

    found = minimize_scalar(loss, bounds=(0.0, np.log(20.0)), method="bounded")
    return round(float(np.exp(found.x)), 4)


def calibration_error(scores: np.ndarray, truth: np.ndarray) -> float:
    """How far the best score is from the share that is right, over ten bands of score (ECE).

    >>> calibration_error(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1])).__round__(2)
    0.4
    """
    if not len(truth):
        return 0.0
    best = scores.max(axis=1)
    is_right = scores.argmax(axis=1) == truth
    band = np.minimum((best * BINS).astype(int), BINS - 1)
    gaps = [
        (band == one).mean() * abs(best[band == one].mean() - is_right[band == one].mean())
        for one in range(BINS)
        if (band == one).any()
    ]
    return float(sum(gaps))


def _answer(
    row: np.ndarray,
    classes: Sequence[str],
    lineages: Mapping[str, tuple[str, ...]],
    settings: RollUpSettings | None,
) -> RolledUp:
    scored = [
        ScoredClass(float(score), lineages[name]) for score, name in zip(row, classes, strict=True)
    ]
    return roll_up_to_rank(scored, [A_SURE_BOX], settings=settings)


def _by_source(
    boxes: Sequence[LabelledBox],
    best: np.ndarray,
    answers: Sequence[RolledUp],
    classes: Sequence[str],
    lineages: Mapping[str, tuple[str, ...]],
) -> tuple[SourceScore, ...]:
    counted: dict[tuple[str, str, str], list[int]] = {}
    for one, number, answer in zip(boxes, best.tolist(), answers, strict=True):
        if one.split == TRAIN:
            continue
        counts = counted.setdefault((one.split, one.source, one.label), [0, 0, 0, 0])
        is_named = any(answer.lineage[CLASS_RANK + 1 :])
        truth = lineages.get(one.label, ())
        is_true = all(
            said in ("", known) for said, known in zip(answer.lineage, truth, strict=False)
        )
        counts[0] += 1
        counts[1] += classes[number] == one.label
        counts[2] += is_named
        counts[3] += is_named and is_true
    return tuple(SourceScore(*key, *counts) for key, counts in sorted(counted.items()))
