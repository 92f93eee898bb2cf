"""Machine labels as people and tables read them, and the table of how often each was right."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.special import betaincinv

from species_db.analysis.machine_draws import HALF
from species_db.analysis.station_bootstrap import LEVEL
from species_db.language import tr
from species_db.study.answer import Cell, Table
from species_db.study.facts import TaxonFacts
from species_db.study.label_visits import OTHERS, Tally
from species_db.study.machine import ANIMAL, Label
from species_db.vocabulary import ObservationType

LABELS = (
    "label", "model", "cameraDays", "unreviewed", "leftOpen", "lookedAt", "right", "shareRight",
    "low95", "high95", "withAnAnimal",
)  # fmt: skip
TYPES = frozenset(one.value for one in ObservationType)


@dataclass(frozen=True)
class LabelNames:
    """The names of labels by key."""

    labels: Mapping[str, Label]
    taxa: Mapping[str, TaxonFacts]

    def in_table(self, keys: Iterable[str]) -> str:
        """Scientific names, or types in the standard's words, each with its model if told."""
        return "; ".join(self._named(key, self.name(key)) for key in keys)

    def in_words(self, keys: Iterable[str]) -> str:
        """Common names, or types, in the reader's language."""
        return tr(", ", "、").join(self._named(key, self._common(key)) for key in keys)

    def name(self, key: str) -> str:
        """The scientific name or the type."""
        if key == OTHERS:
            return "other animals"
        label = self.labels[key]
        return self.taxa[label.taxon_id].scientific_name if label.taxon_id else label.kind

    def _common(self, key: str) -> str:
        if key == OTHERS:
            return tr("other animals", "其他动物")
        label = self.labels[key]
        if label.taxon_id:
            return self.taxa[label.taxon_id].common
        return {
            ObservationType.ANIMAL.value: tr("animal without a name", "未定名动物"),
            ObservationType.HUMAN.value: tr("people", "人员"),
            ObservationType.VEHICLE.value: tr("vehicle", "车辆"),
            ObservationType.BLANK.value: tr("blank", "空拍"),
        }.get(label.kind, tr("unknown", "无法判断"))

    def _named(self, key: str, name: str) -> str:
        model = "" if key == OTHERS else self.labels[key].model
        return f"{name} · {model}" if model else name


def label_table(names: LabelNames, tallies: Mapping[str, Tally], days: float | None) -> Table:
    """How often people found each label right, with Jeffreys' interval of the share.

    An animal without a name is right when any animal was found, blank when nothing was.
    """
    rows = [_row(names, key, tally, days) for key, tally in tallies.items()]
    return Table("errors_labels", LABELS, sorted(rows, key=lambda row: (str(row[0]), str(row[1]))))


def _row(names: LabelNames, key: str, tally: Tally, days: float | None) -> tuple[Cell, ...]:
    label, looked_at = names.labels[key], tally.looked_at
    animals = sum(n for found, n in tally.found.items() if found - TYPES)
    right = tally.times(label.taxon_id or label.kind)
    if label.may_be_any and label.kind == ANIMAL:
        right = animals
    elif not label.taxon_id:
        right = tally.found.get(frozenset({label.kind}), 0)
    low, high = (
        (
            float(betaincinv(right + HALF, looked_at - right + HALF, end))
            for end in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
        )
        if looked_at
        else (None, None)
    )
    return (
        names.name(key),
        label.model or None,
        days,
        sum(tally.waiting.values()),
        tally.left_open,
        looked_at,
        right,
        right / looked_at if looked_at else None,
        low,
        high,
        animals,
    )
