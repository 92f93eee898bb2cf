"""From the scores of a classifier to one name that may be believed, at the rank that they bear.

The order of the questions and their thresholds are those of the SpeciesNet ensemble (Google,
`ensemble_prediction_combiner.py`, unchanged up to 5.0.6; DOMAIN.md 10), so that answers of our own
classifiers and of SpeciesNet read alike. Every threshold is passed only from above.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from species_db.vocabulary import ObservationType

RANKS = ("kingdom", "class", "order", "family", "genus", "species")
ROLL_UP_TO = ("genus", "family", "order", "class", "kingdom")
# A name that cannot be here takes its genus with it: the next safe ground is the family.
BLOCKED_ROLLS_UP_TO = ROLL_UP_TO[1:]
NOBODY: tuple[str, ...] = ("",) * len(RANKS)
CLASSIFIER, DETECTOR = "classifier", "detector"
A_HAIR = 1e-10  # "passes the top score" includes the top score itself


@dataclass(frozen=True)
class RollUpSettings:
    """Thresholds of the SpeciesNet ensemble; a score has to be above, not at, each of them."""

    sure_box: float = 0.7  # a box of a person or vehicle that needs no second opinion
    weak_box: float = 0.2  # a box that counts when the classifier agrees
    person_with_box: float = 0.5  # class human or vehicle, in a weak box of a person
    vehicle_with_box: float = 0.4  # class vehicle, in a weak box of a vehicle
    blank_without_box: float = 0.5  # class blank where the best box is below `weak_box`
    blank_alone: float = 0.99  # class blank against any box
    name_alone: float = 0.8  # a class that needs no box
    name_with_box: float = 0.65  # a class in an animal's box above `weak_box`
    roll_up: float = 0.65  # the sum of scores under one higher name
    unnamed_animal: float = 0.5  # an animal's box whose name stays open


@dataclass(frozen=True)
class ScoredClass:
    """A class with its score: an animal with the ranks it stands for, or blank, human, vehicle.

    `lineage` holds a name for each of `RANKS`, empty where the class says nothing.
    """

    score: float
    lineage: tuple[str, ...] = NOBODY
    kind: ObservationType = ObservationType.ANIMAL


@dataclass(frozen=True)
class BoxScore:
    """How sure a detector is of one box."""

    kind: ObservationType
    score: float


@dataclass(frozen=True)
class RolledUp:
    """One answer: what is there, its name at a rank, and how it came about.

    The score of a roll-up is a sum over classes, so it may not be compared with the score of a
    species; `source` tells them apart. Without a name `rank` is empty.
    """

    kind: ObservationType
    score: float
    source: str
    lineage: tuple[str, ...] = NOBODY
    blocked: tuple[str, ...] = NOBODY  # the name that was held back as out of place

    @property
    def rank(self) -> str:
        """The lowest rank that has a name."""
        return rank_of(self.lineage)

    @property
    def name(self) -> str:
        """The name at that rank."""
        return next((name for name in reversed(self.lineage) if name), "")


Blocked = Callable[[tuple[str, ...]], bool]
"""Whether a name cannot be at a place. What is not known there must not be blocked."""


def never(lineage: tuple[str, ...]) -> bool:
    """Block nothing: the classifier alone decides."""
    return False


def blocked_by(is_allowed: Mapping[str, bool]) -> Blocked:
    """Block what a map says is not there; a name that is missing from the map is never blocked.

    >>> is_blocked = blocked_by({"Ursus maritimus": False})
    >>> is_blocked((*NOBODY[:5], "Ursus maritimus")), is_blocked((*NOBODY[:5], "Ursus arctos"))
    (True, False)
    """

    def is_blocked(lineage: tuple[str, ...]) -> bool:
        name = next((name for name in reversed(lineage) if name), "")
        return not is_allowed.get(name, True)

    return is_blocked


def rank_of(lineage: Sequence[str]) -> str:
    """The lowest rank of a lineage that has a name; empty when none has."""
    named = [rank for rank, name in zip(RANKS, lineage, strict=True) if name]
    return named[-1] if named else ""


def roll_up_to_rank(
    classes: Iterable[ScoredClass],
    boxes: Iterable[BoxScore] = (),
    *,
    is_blocked: Blocked = never,
    settings: RollUpSettings | None = None,
) -> RolledUp:
    """Decide what one picture, or one box of it, shows.

    The strongest box speaks for the detector. A classifier that is unsure among relatives is sure
    of what they share: their scores are summed at genus, family, order, class and kingdom until
    one name passes the threshold.

    >>> deer = ("Animalia", "Mammalia", "Artiodactyla", "Cervidae", "Muntiacus")
    >>> two = [ScoredClass(0.4, (*deer, "Muntiacus vaginalis")),
    ...        ScoredClass(0.35, (*deer, "Muntiacus gongshanensis"))]
    >>> answer = roll_up_to_rank(two, [BoxScore(ObservationType.ANIMAL, 0.9)])
    >>> answer.name, round(answer.score, 2), answer.source
    ('Muntiacus', 0.75, 'classifier+rollup_to_genus')
    """
    limits = settings or RollUpSettings()
    order = sorted(classes, key=lambda one: -one.score)
    top = order[0] if order else ScoredClass(0.0, kind=ObservationType.UNKNOWN)
    box = max(boxes, key=lambda one: one.score, default=BoxScore(ObservationType.ANIMAL, 0.0))
    return (
        _person_or_vehicle(top, box, limits)
        or _blank(top, box, limits)
        or _named(order, top, box, is_blocked, limits)
        or _rolled_up(order, ROLL_UP_TO, limits.roll_up, is_blocked)
        or _unnamed(top, box, limits)
    )


def _person_or_vehicle(top: ScoredClass, box: BoxScore, limits: RollUpSettings) -> RolledUp | None:
    human, vehicle = ObservationType.HUMAN, ObservationType.VEHICLE
    is_weak = box.score > limits.weak_box
    if box.kind is human:
        if box.score > limits.sure_box:
            return RolledUp(human, box.score, DETECTOR)
        if is_weak and top.kind in (human, vehicle) and top.score > limits.person_with_box:
            return RolledUp(human, top.score, CLASSIFIER)
    if box.kind is vehicle:
        # A rider is a person first: people are what must not be shown to everybody.
        if is_weak and top.kind is human and top.score > limits.person_with_box:
            return RolledUp(human, top.score, CLASSIFIER)
        if box.score > limits.sure_box:
            return RolledUp(vehicle, box.score, DETECTOR)
        if is_weak and top.kind is vehicle and top.score > limits.vehicle_with_box:
            return RolledUp(vehicle, top.score, CLASSIFIER)
    return None


def _blank(top: ScoredClass, box: BoxScore, limits: RollUpSettings) -> RolledUp | None:
    if top.kind is not ObservationType.BLANK:
        return None
    has_no_box = box.score < limits.weak_box and top.score > limits.blank_without_box
    if has_no_box or top.score > limits.blank_alone:
        return RolledUp(ObservationType.BLANK, top.score, CLASSIFIER)
    return None


def _named(
    order: Sequence[ScoredClass],
    top: ScoredClass,
    box: BoxScore,
    is_blocked: Blocked,
    limits: RollUpSettings,
) -> RolledUp | None:
    """The best class where it is sure enough; where it cannot be, what stands above it."""
    if top.kind is not ObservationType.ANIMAL:
        return None
    has_box = box.kind is ObservationType.ANIMAL and box.score > limits.weak_box
    if not (top.score > limits.name_alone or (has_box and top.score > limits.name_with_box)):
        return None
    if not is_blocked(top.lineage):
        return RolledUp(ObservationType.ANIMAL, top.score, CLASSIFIER, top.lineage)
    above = _rolled_up(order, BLOCKED_ROLLS_UP_TO, top.score - A_HAIR, is_blocked)
    if above is None:
        source = f"{CLASSIFIER}+geofence+rollup_failed"
        return RolledUp(ObservationType.UNKNOWN, top.score, source, blocked=top.lineage)
    source = above.source.replace(CLASSIFIER, f"{CLASSIFIER}+geofence", 1)
    return RolledUp(above.kind, above.score, source, above.lineage, blocked=top.lineage)


def _rolled_up(
    order: Sequence[ScoredClass], ranks: Sequence[str], threshold: float, is_blocked: Blocked
) -> RolledUp | None:
    for rank in ranks:
        depth = RANKS.index(rank) + 1
        sums: dict[tuple[str, ...], float] = {}
        for one in order:
            if one.kind is ObservationType.ANIMAL and one.lineage[depth - 1]:
                above = (*one.lineage[:depth], *NOBODY[depth:])
                sums[above] = sums.get(above, 0.0) + one.score
        possible = {above: score for above, score in sums.items() if not is_blocked(above)}
        best = max(possible, key=lambda above: possible[above], default=None)
        if best is not None and possible[best] > threshold:
            source = f"{CLASSIFIER}+rollup_to_{rank}"
            return RolledUp(ObservationType.ANIMAL, possible[best], source, best)
    return None


def _unnamed(top: ScoredClass, box: BoxScore, limits: RollUpSettings) -> RolledUp:
    if box.kind is ObservationType.ANIMAL and box.score > limits.unnamed_animal:
        return RolledUp(ObservationType.ANIMAL, box.score, DETECTOR)
    return RolledUp(ObservationType.UNKNOWN, top.score, CLASSIFIER)
