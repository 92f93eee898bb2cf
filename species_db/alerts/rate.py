"""How often a rule is wrong: share of closed alerts that were false, with its interval."""

from dataclasses import dataclass

LEVEL = 0.95


@dataclass(frozen=True)
class FalseAlarms:
    """A rule's closed alerts, and how many of them were false.

    `by_machine` were never firm: a model's word that review took back. `by_person` had been
    confirmed by somebody, or were closed as false by somebody who went and looked.
    """

    rule_id: str
    closed: int
    by_machine: int
    by_person: int
    budget: float

    @property
    def false(self) -> int:
        """All that were false."""
        return self.by_machine + self.by_person

    @property
    def rate(self) -> float | None:
        """Share of false ones; None before anything was closed."""
        return self.false / self.closed if self.closed else None

    @property
    def is_over(self) -> bool:
        """Whether the rate as counted is above the budget."""
        return self.rate is not None and self.rate > self.budget

    def interval(self) -> tuple[float, float] | None:
        """Clopper-Pearson interval (95 %) of the rate; None before anything was closed."""
        return clopper_pearson(self.false, self.closed) if self.closed else None

    @property
    def is_surely_over(self) -> bool:
        """Whether the whole interval lies above the budget: not to be had from a few alerts."""
        interval = self.interval()
        return interval is not None and interval[0] > self.budget


def clopper_pearson(hits: int, count: int, *, level: float = LEVEL) -> tuple[float, float]:
    """The exact binomial interval (Clopper & Pearson 1934, Biometrika 26: 404-413).

    >>> [round(share, 4) for share in clopper_pearson(3, 10)]
    [0.0667, 0.6525]
    >>> [round(share, 4) for share in clopper_pearson(0, 10)]
    [0.0, 0.3085]
    """
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = float(beta.ppf(tail, hits, count - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, count - hits)) if hits < count else 1.0
    return low, high
