"""The classes that a round of learning teaches, and the least that each class needs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.classes import LABELS, ClassRule, ClassTable
from species_db.language import tr
from species_db.lessons import TaughtBox
from species_db.training_set import MediaExample, TrainingSet
from training.splits import Split

LABEL_OF_TYPE = dict(zip(("animal", "human", "vehicle"), LABELS, strict=True))
SplitMedia = Mapping[Split, Sequence[MediaExample]]


@dataclass(frozen=True)
class Least:
    """What a class needs before it is taught; enforced, and printed with every refusal.

    Boxes: below some fifty a network fine-tuned on one class learns those animals by heart. It is
    a working figure: the comparison on the frozen test has the last word. Stations: a species seen
    at one or two places is learned as those places (Beery et al. 2018). One more station must hold
    it for the test: what cannot be measured is not claimed.
    """

    boxes: int = 50
    stations: int = 3
    test_stations: int = 1


@dataclass(frozen=True)
class ClassScheme:
    """The class names in order of their numbers, and which taxon each stands for."""

    names: tuple[str, ...] = LABELS
    taxa: Mapping[str, str] = field(default_factory=dict)  # class name -> taxon id
    merged: Mapping[str, str] = field(default_factory=dict)  # scientific name -> what it lacks

    def name_of(self, box: TaughtBox) -> str:
        """The class of a box; an animal whose taxon is no class of its own stays an animal."""
        for name, taxon_id in self.taxa.items():
            if box.taxon_id == taxon_id:
                return name
        return LABEL_OF_TYPE[box.observation_type]

    @property
    def labels(self) -> tuple[str, ...]:
        """What each class counts as, in the same order.

        >>> ClassScheme((*LABELS, "Ursus thibetanus"), {"Ursus thibetanus": "bear"}).labels
        ('animal', 'person', 'vehicle', 'animal')
        """
        return tuple(name if name in LABELS else "animal" for name in self.names)

    @property
    def table(self) -> ClassTable:
        """The table that travels with the weights: class names are scientific names."""
        rules = {name: ClassRule(name) for name in LABELS if name in self.names}
        rules |= {
            name.lower(): ClassRule("animal", name, "training")
            for name in self.names
            if name in self.taxa
        }
        return ClassTable(rules)


def scheme_of_photos(scheme: ClassScheme, media: SplitMedia) -> ClassScheme:
    """A scheme without the taxa that none of these photos shows, numbered anew."""
    shown = {box.taxon_id for examples in media.values() for e in examples for box in e.boxes}
    taxa = {name: taxon_id for name, taxon_id in scheme.taxa.items() if taxon_id in shown}
    names = tuple(name for name in scheme.names if name in taxa or name not in scheme.taxa)
    return ClassScheme(names, taxa, scheme.merged)


class TooFewBoxesError(Exception):
    """No class has enough reviewed boxes at enough stations."""


def label_scheme(media: SplitMedia, least: Least) -> ClassScheme:
    """Animal, person and vehicle; refused unless animals suffice, since they are what is sought.

    Raises:
        TooFewBoxesError: too few boxes of animals, or at too few stations.
    """
    boxes, stations, tested = _held(media)
    lacks = _lacks(boxes["animal"], len(stations["animal"]), len(tested["animal"]), least)
    if lacks:
        raise TooFewBoxesError(_too_few("animal", {"animal": lacks}, least))
    return ClassScheme()


def taxa_scheme(
    found: TrainingSet, media: SplitMedia, least: Least, *, has_labels: bool = True
) -> ClassScheme:
    """One class for each taxon that suffices; the others stay "animal", and are named.

    With `has_labels` animal, person and vehicle come first, as a detector needs them; a classifier
    has taxa alone.

    Raises:
        TooFewBoxesError: no taxon suffices; a classifier needs two to tell apart.
    """
    boxes, stations, tested = _held(media)
    merged, taxa = {}, {}
    for taxon_id, name in sorted(found.taxa.items(), key=lambda item: item[1]):
        lacks = _lacks(boxes[taxon_id], len(stations[taxon_id]), len(tested[taxon_id]), least)
        if lacks:
            merged[name] = lacks
        else:
            taxa[name] = taxon_id
    if len(taxa) < (1 if has_labels else 2):
        raise TooFewBoxesError(_too_few("taxon", merged, least))
    return ClassScheme((*(LABELS if has_labels else ()), *taxa), taxa, merged)


def _held(
    media: SplitMedia,
) -> tuple[Mapping[str, int], Mapping[str, set[str]], Mapping[str, set[str]]]:
    """Boxes and stations that teach, and stations that test, by label and by taxon."""
    boxes: dict[str, int] = defaultdict(int)
    stations: dict[str, set[str]] = defaultdict(set)
    tested: dict[str, set[str]] = defaultdict(set)
    for split, examples in media.items():
        for example in examples:
            for box in example.boxes:
                for kind in (LABEL_OF_TYPE[box.observation_type], box.taxon_id):
                    if kind and split is Split.TRAIN:
                        boxes[kind] += 1
                        stations[kind].add(example.location_id)
                    elif kind and split is Split.TEST:
                        tested[kind].add(example.location_id)
    return boxes, stations, tested


def _lacks(boxes: int, stations: int, tested: int, least: Least) -> str:
    """Say what a class lacks, or nothing.

    >>> _lacks(60, 2, 1, Least())
    '2 of 3 stations to learn from'
    """
    lacking = []
    if boxes < least.boxes:
        lacking.append(
            tr(
                f"{boxes} of {least.boxes} boxes to learn from",
                f"训练方框 {boxes} 个（需 {least.boxes}）",
            )
        )
    if stations < least.stations:
        lacking.append(
            tr(
                f"{stations} of {least.stations} stations to learn from",
                f"训练位点 {stations} 个（需 {least.stations}）",
            )
        )
    if tested < least.test_stations:
        lacking.append(
            tr(
                f"{tested} of {least.test_stations} stations to test on",
                f"测试位点 {tested} 个（需 {least.test_stations}）",
            )
        )
    return tr(", ", "，").join(lacking)


def _too_few(what: str, lacking: Mapping[str, str], least: Least) -> str:
    told = "; ".join(f"{name}: {lacks}" for name, lacks in list(lacking.items())[:10])
    none = tr("no reviewed box at all", "没有任何已审核的方框")
    return tr(
        f"Nothing was trained: no {what} has enough reviewed boxes ({told or none}). A class needs "
        f"{least.boxes} boxes at {least.stations} stations to learn from and "
        f"{least.test_stations} station to test on. Review more events, or see the balance with "
        "--dry-run.",
        f"未开始训练：没有类别具有足够的已审核方框（{told or none}）。每个类别需要 "
        f"{least.stations} 个训练位点共 {least.boxes} 个方框，以及 {least.test_stations} 个"
        "测试位点。请审核更多事件，或用 --dry-run 查看类别数量。",
    )
