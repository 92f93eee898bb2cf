"""Everything that a card says of a detector's quality, measured in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.detector import Detector
from training.breakdown import ScoreStep, Slice, by_size, by_source, reliability
from training.evaluate import Answer, Measured, choose_threshold, evaluate_detector, measure, score
from training.night import bad_nights
from training.verdict import Verdict, judge

START_NAME = "start weights"
PUBLISHED_THRESHOLD = 0.2
DARK = "darkened"


@dataclass(frozen=True)
class Findings:
    """What was measured, and the threshold that follows from it."""

    threshold: float
    measured: tuple[Measured, ...]
    slices: tuple[Slice, ...]
    reliability: tuple[ScoreStep, ...]
    verdict: Verdict | None
    engine: str = ""  # that the figures were measured with


def measure_weights(
    detector: Detector,
    start: Detector | None,
    splits: Mapping[str, Sequence[Path]],
    *,
    counted: Sequence[str],
    labels: Sequence[str],
    sources: Mapping[str, str],
    threshold: float | None = None,
) -> Findings:
    """Measure a detector on each split, `val` first, and beside the start weights if given.

    Both must have been loaded with a low threshold. `counted` names the classes of the label files
    and `labels` what is scored. The threshold is chosen on `val` unless one is given; the start
    weights are judged at the published 0.2, where their own figures stand.
    """
    answers = _ask(detector, splits, counted)
    chosen = choose_threshold(answers["val"], labels=labels) if threshold is None else threshold
    steps = sorted({PUBLISHED_THRESHOLD, chosen})
    measured = _score_all(answers, detector.name, steps, labels)
    measured += _in_the_dark(detector, splits, counted, steps=steps, labels=labels)
    verdict = None
    if start is not None:
        start_answers = _ask(start, splits, counted)
        measured += _score_all(start_answers, START_NAME, steps, labels)
        measured += _in_the_dark(
            start, splits, counted, steps=steps, labels=labels, name=START_NAME
        )
        verdict = judge(
            start_answers["val"],
            answers["val"],
            labels=labels,
            champion_threshold=PUBLISHED_THRESHOLD,
            threshold=chosen,
        )
    slices = [
        one
        for split, some in answers.items()
        for one in (
            *by_size(some, split=split, threshold=chosen, labels=labels),
            *by_source(some, sources, split=split, threshold=chosen, labels=labels),
        )
    ]
    steps_of_score = reliability(answers["val"], labels=labels)
    return Findings(
        chosen, tuple(measured), tuple(slices), tuple(steps_of_score), verdict, detector.engine
    )


def _ask(
    detector: Detector, splits: Mapping[str, Sequence[Path]], labels: Sequence[str]
) -> dict[str, list[Answer]]:
    return {s: evaluate_detector(detector, photos, labels=labels) for s, photos in splits.items()}


def _score_all(
    answers: Mapping[str, Sequence[Answer]],
    weights: str,
    steps: Sequence[float],
    labels: Sequence[str],
) -> list[Measured]:
    return [
        measured
        for split, some in answers.items()
        for step in steps
        for measured in measure(some, weights=weights, split=split, threshold=step, labels=labels)
    ]


def _in_the_dark(
    detector: Detector,
    splits: Mapping[str, Sequence[Path]],
    counted: Sequence[str],
    *,
    steps: Sequence[float],
    labels: Sequence[str],
    name: str = "",
) -> list[Measured]:
    """The same photos made grey, flashed, noisy or blurred, the same way each time."""
    return [
        Measured(name or detector.name, split, DARK, score(some, threshold=step, labels=labels))
        for split, photos in splits.items()
        for some in [evaluate_detector(detector, photos, labels=counted, change=bad_nights())]
        for step in steps
    ]
