"""Champion and challenger on the frozen test: their difference, its interval, and the rule.

Both answer the same photos, so their difference is far surer than either figure. The stations are
drawn anew, since photos of one station are alike (species_db/analysis/station_bootstrap.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.classes import LABELS
from species_db.analysis.station_bootstrap import drawn_stations, interval_of_draws
from species_db.language import tr
from training.quality import (
    Figures,
    NamedCrop,
    Quality,
    SeenEvent,
    SeenPhoto,
    average_precision,
    events_of,
)

Floats = NDArray[np.float64]
Measure = Callable[[Floats], float]
"""The primary figure when each test station counts so many times."""
DRAWS = 1000
SEED = 7


@dataclass(frozen=True)
class PromotionRule:
    """What a challenger must show before it takes the champion's place, with the reasons."""

    # The interval draws stations anew: of fewer than five it says nothing that can be relied on.
    least_stations: int = 5
    # With fewer events (of a classifier: crops) one animal moves the figure more than the margin.
    least_known: int = 30
    # Whoever forgets people opens their photos to everybody: it must be shown that they are found.
    least_people: int = 3
    # A loss in the primary figure that no reviewer would notice; the interval must exclude more.
    margin: float = 0.02
    # No class may pay for the others, the rare one least of all.
    most_recall_lost: float = 0.05
    # Each blank that is flagged costs a reviewer a look.
    most_blanks_gained: float = 0.10
    # Who names taxa where the champion names none right must name half of the animals of a taxon
    # right on average, else its names are noise; a detector that does need not find more as well.
    least_named: float = 0.5


@dataclass(frozen=True)
class Difference:
    """The primary figure of both, and what the challenger gains, with its 95 % interval."""

    measure: str
    champion: float
    challenger: float
    gain: float
    low: float | None  # None: too few stations for an interval
    high: float | None
    stations: int


@dataclass(frozen=True)
class Comparison:
    """All that the round found, and whether the challenger is promoted."""

    task: str
    test_version: int
    champion: Quality
    challenger: Quality
    difference: Difference
    is_promoted: bool
    reasons: tuple[str, ...]


def compare_detectors(
    champion: tuple[Quality, Sequence[SeenPhoto]],
    challenger: tuple[Quality, Sequence[SeenPhoto]],
    *,
    test_version: int,
    rule: PromotionRule,
) -> Comparison:
    """Set two detectors side by side: mean AP of events over the labels that the test holds."""
    stations = sorted({photo.location_id for photo in champion[1]})
    before, after = (mean_event_ap(events_of(seen), stations) for _, seen in (champion, challenger))
    difference = difference_of(before, after, stations=len(stations), measure="mean AP of events")
    return _compared(
        "detector", champion[0], challenger[0], difference, test_version=test_version, rule=rule
    )


def compare_classifiers(
    champion: tuple[Quality, Sequence[NamedCrop]],
    challenger: tuple[Quality, Sequence[NamedCrop]],
    *,
    test_version: int,
    rule: PromotionRule,
) -> Comparison:
    """Set two classifiers side by side: mean recall over the taxa that the test holds."""
    stations = sorted({crop.location_id for crop in champion[1]})
    measures = [mean_recall(crops, stations) for _, crops in (champion, challenger)]
    difference = difference_of(*measures, stations=len(stations), measure="mean recall of taxa")
    return _compared(
        "classifier", champion[0], challenger[0], difference, test_version=test_version, rule=rule
    )


def difference_of(
    champion: Measure, challenger: Measure, *, stations: int, measure: str
) -> Difference:
    """What the challenger gains, and the interval of that gain over stations drawn anew."""
    once = np.ones(stations)
    before, after = champion(once), challenger(once)
    low = high = None
    if stations >= 2:
        random = np.random.default_rng(SEED)
        drawn = drawn_stations(np.zeros(stations, np.int64), draws=DRAWS, random=random)
        counts = [np.bincount(row, minlength=stations).astype(np.float64) for row in drawn]
        gains = np.array([challenger(weights) - champion(weights) for weights in counts])
        if not np.isnan(gains).all():
            low, high = interval_of_draws(gains, stations=stations)
    return Difference(measure, before, after, after - before, low, high, stations)


def decide(
    task: str, champion: Quality, challenger: Quality, difference: Difference, rule: PromotionRule
) -> tuple[bool, tuple[str, ...]]:
    """Promote or refuse, with every reason. Pure: the same figures give the same word."""
    reasons = [
        *_too_little(task, champion, difference, rule),
        *_no_better(champion, challenger, difference, rule),
        *_lost_classes(champion, challenger, rule),
    ]
    gained = challenger.flagged_share - champion.flagged_share
    if gained > rule.most_blanks_gained:
        reasons.append(
            tr(
                f"it flags {challenger.blanks_flagged} of {challenger.blanks} blank events, the "
                f"champion {champion.blanks_flagged}",
                f"它在 {challenger.blanks} 个空拍事件中误报 {challenger.blanks_flagged} 个，"
                f"现用模型为 {champion.blanks_flagged} 个",
            )
        )
    return not reasons, tuple(reasons)


def without_places(comparison: Comparison) -> Comparison:
    """The same comparison with numbers instead of the stations' names, for what may leave."""
    names = sorted({*comparison.champion.by_station, *comparison.challenger.by_station})
    number = {name: f"station {i}" for i, name in enumerate(names, start=1)}
    sides = [
        replace(side, by_station={number[name]: of for name, of in side.by_station.items()})
        for side in (comparison.champion, comparison.challenger)
    ]
    return replace(comparison, champion=sides[0], challenger=sides[1])


def mean_event_ap(events: Sequence[SeenEvent], stations: Sequence[str]) -> Measure:
    """Mean AP over the labels that the reviews know, as a function of how often stations count.

    Events are ranked by their best score for a label: no threshold, and no box, decides.
    """
    number = {name: i for i, name in enumerate(stations)}
    by_label = []
    for label in LABELS:
        known = np.zeros(len(stations))
        for event in events:
            known[number[event.location_id]] += label in event.said
        ranked = sorted(
            (event for event in events if label in event.scores),
            key=lambda event: -event.scores[label],
        )
        hits = np.array([label in event.said for event in ranked], dtype=np.float64)
        places = np.array([number[event.location_id] for event in ranked], dtype=np.int64)
        by_label.append((known, hits, places))

    def measured(weights: Floats) -> float:
        present = [
            average_precision(weights[places] * hits, weights[places], float(weights @ known))
            for known, hits, places in by_label
            if weights @ known > 0
        ]
        return float(np.mean(present)) if present else float("nan")

    return measured


def mean_recall(crops: Sequence[NamedCrop], stations: Sequence[str]) -> Measure:
    """Mean recall over the taxa of the test, as a function of how often stations count."""
    number = {name: i for i, name in enumerate(stations)}
    taxa = sorted({crop.taxon for crop in crops})
    known = np.zeros((len(taxa), len(stations)))
    hits = np.zeros_like(known)
    for crop in crops:
        place = taxa.index(crop.taxon), number[crop.location_id]
        known[place] += 1
        hits[place] += crop.taxon == crop.called

    def measured(weights: Floats) -> float:
        of, right = known @ weights, hits @ weights
        return float((right[of > 0] / of[of > 0]).mean()) if (of > 0).any() else float("nan")

    return measured


def _compared(
    task: str,
    champion: Quality,
    challenger: Quality,
    difference: Difference,
    *,
    test_version: int,
    rule: PromotionRule,
) -> Comparison:
    is_promoted, reasons = decide(task, champion, challenger, difference, rule)
    return Comparison(task, test_version, champion, challenger, difference, is_promoted, reasons)


def _too_little(
    task: str, champion: Quality, difference: Difference, rule: PromotionRule
) -> list[str]:
    known = {figures.name: figures.known for figures in champion.classes}
    reasons = []
    if difference.stations < rule.least_stations:
        reasons.append(
            tr(
                f"the test has {difference.stations} stations, {rule.least_stations} are needed",
                f"测试集只有 {difference.stations} 个位点，需要 {rule.least_stations} 个",
            )
        )
    count = sum(known.values())
    if count < rule.least_known:
        reasons.append(
            tr(
                f"the test has {count} events or crops with something in them, "
                f"{rule.least_known} are needed",
                f"测试集中有内容的事件或裁剪图只有 {count} 个，需要 {rule.least_known} 个",
            )
        )
    people = known.get("person", 0)
    if task == "detector" and people < rule.least_people:
        reasons.append(
            tr(
                f"the test has {people} events with people, {rule.least_people} are needed: "
                "whether they would still be found, and restricted, is not known",
                f"测试集只有 {people} 个含人物的事件，需要 {rule.least_people} 个："
                "无法确认人物仍会被检出并限制查看",
            )
        )
    return reasons


def _no_better(
    champion: Quality, challenger: Quality, difference: Difference, rule: PromotionRule
) -> list[str]:
    reasons = []
    is_detector = challenger.threshold is not None
    before, after = (
        quality.taxa if is_detector else quality.classes for quality in (champion, challenger)
    )
    names_more = bool(after) and not any(figures.hits for figures in before)
    if names_more:
        named = [figures.recall for figures in after if figures.known]
        share = sum(named) / len(named) if named else 0.0
        if share < rule.least_named:
            reasons.append(
                tr(
                    f"it names {share:.2f} of the animals of a taxon right, {rule.least_named:.2f} "
                    "are needed",
                    f"各物种平均仅有 {share:.2f} 被正确命名，需要 {rule.least_named:.2f}",
                )
            )
    elif not difference.gain > 0:
        reasons.append(
            tr(
                f"its {difference.measure} is {difference.challenger:.3f}, the champion's "
                f"{difference.champion:.3f}",
                f"其 {difference.measure} 为 {difference.challenger:.3f}，"
                f"现用模型为 {difference.champion:.3f}",
            )
        )
    if difference.low is None or difference.low < -rule.margin:
        low = "?" if difference.low is None else f"{difference.low:+.3f}"
        reasons.append(
            tr(
                f"a loss of more than {rule.margin} in {difference.measure} is not excluded "
                f"(interval from {low})",
                f"不能排除 {difference.measure} 下降超过 {rule.margin}（区间下限 {low}）",
            )
        )
    return reasons


def _lost_classes(champion: Quality, challenger: Quality, rule: PromotionRule) -> list[str]:
    """Classes found worse by more than the rule allows; a name not known any more is lost."""
    after = _by_name(challenger)
    lost = []
    for name, figures in _by_name(champion).items():
        now = after[name].recall if name in after else 0.0
        if figures.known and figures.recall - now > rule.most_recall_lost:
            hits = after[name].hits if name in after else 0
            lost.append(
                tr(
                    f"it finds {hits} of {figures.known} {name}, the champion {figures.hits}",
                    f"{name} 共 {figures.known} 个，它找到 {hits} 个，"
                    f"现用模型找到 {figures.hits} 个",
                )
            )
    return lost


def _by_name(quality: Quality) -> Mapping[str, Figures]:
    return {figures.name: figures for figures in (*quality.classes, *quality.taxa)}
