"""How often ranges of an index hold the truth while machine labels are unreviewed.

    python benchmarks/machine_error.py [simulations]

Stations have clumped events; the machine is right at a planted rate; people have looked at some of
its events, taken by chance. "whole review" is what a review of everything finds, "all stations"
the index planted for all stations there could be. Then conclusions that could flip are reviewed as
far as they are told to be: "settled" should be four in five, by reviewing less than everything.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np

from species_db.analysis.machine_draws import LabelPool, MachineCounts
from species_db.analysis.machine_error import index_with_errors
from species_db.analysis.machine_flips import Standing, check_threshold

DRAWS = 800


@dataclass(frozen=True)
class Labelled:
    """Events that the machine calls the taxon, in the order in which people look at them."""

    days: dict[str, float]
    station: np.ndarray
    is_right: np.ndarray

    def after(self, looked_at: int) -> MachineCounts:
        """What is known once so many were looked at."""
        size = len(self.days)
        right = self.station[:looked_at][self.is_right[:looked_at]]
        confirmed = np.bincount(right, minlength=size).tolist()
        waiting = np.bincount(self.station[looked_at:], minlength=size).tolist()
        looked = min(looked_at, len(self.station))
        pool = LabelPool("label", dict(zip(self.days, waiting, strict=True)), looked, len(right))
        return MachineCounts(dict(zip(self.days, confirmed, strict=True)), self.days, (pool,))

    @property
    def truth(self) -> float:
        """Index that a review of everything finds."""
        return float(100 * self.is_right.sum() / sum(self.days.values()))


def simulate(stations: int, rate: float, precision: float, chance: np.random.Generator) -> Labelled:
    """One season."""
    days = chance.uniform(50.0, 150.0, stations)
    level = rate * days / 100 * chance.gamma(1.0, 1.0, stations)
    true, false = chance.poisson(level), chance.poisson(level * (1 - precision) / precision)
    where = np.repeat(np.arange(stations), true + false)
    right = np.concatenate(
        [np.repeat([True, False], [t, f]) for t, f in zip(true, false, strict=True)]
    )
    order = chance.permutation(len(where))
    names = {f"S{n}": float(d) for n, d in enumerate(days)}
    return Labelled(names, where[order], right[order])


def measure_ranges(simulations: int) -> None:
    """Print coverage by stations, rate, precision and number looked at."""
    print("stations rate precision looked   whole review  all stations  width(whole) width(all)")
    for stations, rate, precision, looked in (
        *((10, 10.0, 0.8, 30), (30, 5.0, 0.8, 30), (30, 5.0, 0.5, 20), (30, 5.0, 0.95, 50)),
        *((60, 2.0, 0.3, 30), (60, 10.0, 0.9, 200)),
    ):
        chance = np.random.default_rng(2026)
        alone, joined, narrow, wide = [], [], [], []
        for _ in range(simulations):
            season = simulate(stations, rate, precision, chance)
            told = index_with_errors(season.after(looked), draws=DRAWS)
            if told.machine_low is None or told.machine_high is None:
                continue
            alone.append(told.machine_low <= season.truth <= told.machine_high)
            narrow.append(told.machine_high - told.machine_low)
            if told.low is not None and told.high is not None:
                joined.append(told.low <= rate <= told.high)
                wide.append(told.high - told.low)
        print(
            f"{stations:8} {rate:4} {precision:9} {looked:6}   {np.mean(alone):12.3f}  "
            f"{np.mean(joined):12.3f}  {np.median(narrow):12.1f} {np.median(wide):10.1f}"
        )


def measure_reviews(simulations: int) -> None:
    """Print how often the reviews asked for settle a threshold near the expected index."""
    print("\nprecision looked   settled  share reviewed  cases that could flip")
    for precision, looked in ((0.5, 40), (0.7, 40), (0.9, 40), (0.7, 100)):
        chance = np.random.default_rng(2026)
        settled, shares = [], []
        for _ in range(simulations):
            season = simulate(30, 15.0, precision, chance)
            known = season.after(looked)
            expected = index_with_errors(known, draws=20).expected or 0.0
            threshold = expected * chance.uniform(0.85, 1.15)
            told = check_threshold(known, threshold=threshold, draws=DRAWS)
            if told.standing is not Standing.COULD_FLIP:
                continue
            later = season.after(looked + told.reviews)
            again = check_threshold(later, threshold=threshold, draws=DRAWS)
            settled.append(again.standing is not Standing.COULD_FLIP)
            shares.append(told.reviews / (len(season.station) - looked))
        print(
            f"{precision:9} {looked:6}   {np.mean(settled):7.3f}  {np.median(shares):14.2f}  "
            f"{len(settled):10} of {simulations}"
        )


if __name__ == "__main__":
    started = time.perf_counter()
    given = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{given} simulations a line, ranges of 95 %")
    measure_ranges(given)
    measure_reviews(given)
    print(f"{time.perf_counter() - started:.1f} s")
