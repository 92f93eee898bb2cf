"""Conclusions that may rest on machine labels: changes, ranks, presence, thresholds."""

from dataclasses import dataclass
from enum import StrEnum

from species_db.analysis.machine_draws import MachineCounts
from species_db.analysis.machine_flips import Conclusion, Presence, Standing
from species_db.language import tr
from species_db.study.facts import TaxonFacts

AT_ONCE = ("", "")  # sides of one time


class Kind(StrEnum):
    """What is concluded of a taxon."""

    CHANGE = "change"  # its index rose or fell between the last two years
    RANK = "rank"  # its index is larger than that of the next commonest taxon
    PRESENCE = "presence"  # it was recorded in a county
    THRESHOLD = "threshold"  # its index lies above a number


class Says(StrEnum):
    """What a conclusion says of the later year, the taxon, or the index."""

    MORE = "more"
    LESS = "less"
    EQUAL = "equal"
    PRESENT = "present"
    NOT_CONFIRMED = "not_confirmed"

    @property
    def words(self) -> str:
        """The same in the reader's language."""
        return {
            Says.MORE: tr("more", "较多"),
            Says.LESS: tr("less", "较少"),
            Says.EQUAL: tr("no difference", "无差异"),
            Says.PRESENT: tr("present", "有分布"),
            Says.NOT_CONFIRMED: tr("not confirmed", "未确认"),
        }[self]


@dataclass(frozen=True)
class Judged:
    """One conclusion with what machine errors make of it, over its effort.

    `beside` is what it is held against: two years, another taxon's name, a county's code, a number.
    `sides` name the two sides of `told` where these are years. `confirmed` and `waiting` are
    independent events, at units with effort; of a rank those of the first taxon, of a county also
    those at units without effort. `waiting` bear the taxon's own label.
    """

    kind: Kind
    taxon: TaxonFacts
    beside: str
    camera_days: float | None
    confirmed: int
    waiting: int
    told: Conclusion | Presence
    sides: tuple[str, str] = AT_ONCE
    own_labels: tuple[str, ...] = ()

    @property
    def could_flip(self) -> bool:
        """Whether reviews decide it."""
        return self.told.standing is Standing.COULD_FLIP

    @property
    def of_confirmed(self) -> Says | None:
        """What confirmed events alone say; None when that is not known."""
        told = self.told
        if isinstance(told, Presence):
            return Says.PRESENT if told.confirmed else Says.NOT_CONFIRMED
        return _sign(told.confirmed_only, told.confirmed_only)

    @property
    def of_all(self) -> Says | None:
        """What a review of everything would say at these units; None while that is open."""
        told = self.told
        if isinstance(told, Presence):
            return Says.PRESENT if told.confirmed else None
        return _sign(told.machine_low, told.machine_high)

    @property
    def is_contradicted(self) -> bool:
        """Whether confirmed events alone say what a review of the rest would overturn."""
        return self.of_all is not None and self.of_confirmed is not self.of_all


def judged(
    kind: Kind, taxon: TaxonFacts, beside: str, counts: MachineCounts, told: Conclusion | Presence
) -> Judged:
    """A conclusion from the counts of one side; effort and events are those of its units."""
    return Judged(
        kind=kind,
        taxon=taxon,
        beside=beside,
        camera_days=sum(counts.effort.values()) or None,
        confirmed=confirmed_in(counts),
        waiting=waiting_in(counts),
        told=told,
        own_labels=tuple(one.label for one in counts.pools if one.is_own),
    )


def confirmed_in(counts: MachineCounts) -> int:
    """Confirmed events at units with effort."""
    return sum(n for unit, n in counts.confirmed.items() if counts.effort.get(unit, 0.0) > 0)


def waiting_in(counts: MachineCounts) -> int:
    """Events that wait under the taxon's own labels at units with effort."""
    return sum(
        n
        for pool in counts.pools
        if pool.is_own
        for unit, n in pool.unreviewed.items()
        if counts.effort.get(unit, 0.0) > 0
    )


def _sign(low: float | None, high: float | None) -> Says | None:
    """What a number between two bounds says.

    >>> [_sign(*ends) for ends in ((1.0, 2.0), (-2.0, -1.0), (0.0, 0.0), (-1.0, 1.0), (None, None))]
    [<Says.MORE: 'more'>, <Says.LESS: 'less'>, <Says.EQUAL: 'equal'>, None, None]
    """
    if low is None or high is None:
        return None
    if low > 0 or high < 0:
        return Says.MORE if low > 0 else Says.LESS
    return Says.EQUAL if low == high else None
