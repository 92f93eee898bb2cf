"""What a model's score is worth here: how often people found an animal, score by score.

Pure. Of the events that people reviewed, the share with an animal is told for each stretch of
scores with Wilson's interval; a curve of two numbers (Platt 1999, a logistic line through the
logits, with his smoothed targets) turns a score into a chance. Isotonic regression would need
hundreds of events in each stretch, which a first season does not have.

People review the doubtful first. Within a stretch of scores that does not matter as long as the
order goes by score and time; over all scores it does, so the error of the whole is weighted by how
many events the model has in each stretch, reviewed or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit, xlog1py, xlogy

Floats = NDArray[np.float64]
BINS = 10
FEWEST_TO_FIT = 30  # below that two numbers say more of chance than of the model
FOLDS = 5
Z = 1.959964  # of a 95 % interval
SURE = 1e-4  # scores of 0 and 1 have no logit


@dataclass(frozen=True)
class Scored:
    """One reviewed event: what the model scored, whether people agreed, and the camera it is of."""

    score: float
    is_right: bool
    deployment_id: str


@dataclass(frozen=True)
class Bin:
    """A stretch of scores: `observed` is the share that people found right, with its interval."""

    low: float
    high: float
    events: int  # of the model, reviewed or not
    reviewed: int
    right: int
    mean_score: float | None
    observed: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Platt:
    """Turns a score into the chance that people find it right."""

    slope: float
    offset: float

    def chance(self, scores: Floats) -> Floats:
        """The chance of each score.

        >>> Platt(1.0, 0.0).chance(np.array([0.25, 0.8])).round(3).tolist()
        [0.25, 0.8]
        """
        told: Floats = expit(self.slope * _logits(scores) + self.offset)
        return told


@dataclass(frozen=True)
class Calibration:
    """Reliability of one model: error of the scores as they are, and once calibrated.

    `expected_error` is the mean distance of score and share over the stretches, weighted by the
    events in them; `brier` the mean square of score less truth. The calibrated figures are of
    cameras that the curve had not seen; None where events are too few to fit or to leave out.
    """

    bins: tuple[Bin, ...]
    reviewed: int
    events: int
    expected_error: float | None
    brier: float | None
    platt: Platt | None
    calibrated_error: float | None
    calibrated_brier: float | None


def calibrate(reviewed: Sequence[Scored], all_scores: Sequence[float]) -> Calibration:
    """Measure a model's scores against what people found.

    >>> told = [Scored(0.9, n % 10 < 6, f"D{n % 7}") for n in range(100)]
    >>> found = calibrate(told, [0.9] * 400)
    >>> found.bins[-1].observed, round(found.expected_error, 2), round(found.calibrated_error, 2)
    (0.6, 0.3, 0.0)
    """
    scores = np.array([one.score for one in reviewed], dtype=np.float64)
    right = np.array([one.is_right for one in reviewed], dtype=np.float64)
    cameras = np.array([one.deployment_id for one in reviewed], dtype=object)
    everything = np.array(all_scores, dtype=np.float64)
    bins = _bins(scores, right, everything)
    platt = fit_platt(scores, right) if len(scores) >= FEWEST_TO_FIT else None
    unseen = _of_unseen_cameras(scores, right, cameras) if platt else None
    return Calibration(
        bins=bins,
        reviewed=len(scores),
        events=len(everything),
        expected_error=_error(scores, scores, right, bins),
        brier=float(np.mean((scores - right) ** 2)) if len(scores) else None,
        platt=platt,
        calibrated_error=None if unseen is None else _error(scores, unseen, right, bins),
        calibrated_brier=None if unseen is None else float(np.mean((unseen - right) ** 2)),
    )


def fit_platt(scores: Floats, right: Floats) -> Platt:
    """Fit the two numbers; smoothed targets keep them finite when all were right or none."""
    hits = float(right.sum())
    target = np.where(right > 0, (hits + 1) / (hits + 2), 1 / (len(right) - hits + 2))
    logits = _logits(scores)

    def loss(numbers: Floats) -> float:
        chance = np.clip(expit(numbers[0] * logits + numbers[1]), 1e-12, 1 - 1e-12)
        return float(-(xlogy(target, chance) + xlog1py(1 - target, -chance)).mean())

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead")
    return Platt(float(found.x[0]), float(found.x[1]))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share.

    >>> [round(one, 3) for one in wilson(0, 10)], [round(one, 3) for one in wilson(5, 10)]
    ([0.0, 0.278], [0.237, 0.763])
    """
    share, square = hits / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * np.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _bins(scores: Floats, right: Floats, everything: Floats) -> tuple[Bin, ...]:
    own, of_all = _place(scores), _place(everything)
    told = []
    for number in range(BINS):
        inside = np.equal(own, number)
        count, hits = int(inside.sum()), int(right[inside].sum())
        told.append(
            Bin(
                low=number / BINS,
                high=(number + 1) / BINS,
                events=int(np.equal(of_all, number).sum()),
                reviewed=count,
                right=hits,
                mean_score=float(scores[inside].mean()) if count else None,
                observed=hits / count if count else None,
                interval=wilson(hits, count) if count else None,
            )
        )
    return tuple(told)


def _place(scores: Floats) -> NDArray[np.int64]:
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)


def _error(scores: Floats, told: Floats, right: Floats, bins: Sequence[Bin]) -> float | None:
    """The mean distance of what is told and what was found, by the events of the model."""
    place = _place(scores)
    whole = sum(one.events for one in bins if one.reviewed)
    if not whole:
        return None
    apart = 0.0
    for number, one in enumerate(bins):
        inside = np.equal(place, number)
        if one.reviewed:
            apart += one.events * abs(float(told[inside].mean() - right[inside].mean()))
    return apart / whole


def _of_unseen_cameras(
    scores: Floats, right: Floats, cameras: NDArray[np.object_]
) -> Floats | None:
    """The chance of each event by a curve fitted to other cameras alone."""
    names = sorted(set(cameras.tolist()))
    if len(names) < 2:
        return None
    fold = {name: number % min(FOLDS, len(names)) for number, name in enumerate(names)}
    folds = np.array([fold[name] for name in cameras.tolist()])
    told = np.zeros(len(scores))
    for number in sorted(set(folds.tolist())):
        left_out = np.equal(folds, number)
        told[left_out] = fit_platt(scores[~left_out], right[~left_out]).chance(scores[left_out])
    return told


def _logits(scores: Floats) -> Floats:
    told: Floats = logit(np.clip(scores, SURE, 1 - SURE))
    return told
