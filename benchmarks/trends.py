"""How often the intervals of a change and of a trend hold the truth, over simulated surveys.

    python benchmarks/trends.py [simulations]

Stations differ by a log-normal factor, each goes its own way from period to period, counts are
negative binomial (`k` small: clumped), days are uneven and a tenth of station-periods is not
watched. With a `year` effect whole periods are good or bad at all stations. Beside the interval of
a change stands the plain percentile of the same draws, which holds too rarely where few stations
have the events.
"""

import math
import sys
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from species_db.analysis.trend_line import fit_trend
from species_db.analysis.trends import Period, compare_periods
from species_db.analysis.verdicts import Verdict

WATCHED, OWN_WAY, DRAWS = 0.9, 0.15, 1000


@dataclass(frozen=True)
class Truth:
    """What is planted: stations, periods, events per 100 camera-days, change a year in logs."""

    stations: int
    periods: int
    rate: float
    slope: float
    between: float = 1.0  # standard deviation of log levels between stations
    k: float = 1.0
    year: float = 0.0
    moved: bool = False  # other stations every period


def simulate(truth: Truth, chance: np.random.Generator) -> list[Period]:
    """One survey."""
    periods = []
    shape = truth.stations
    level = chance.lognormal(-(truth.between**2) / 2, truth.between, shape)
    own = chance.normal(0.0, OWN_WAY, shape)
    middle = (truth.periods - 1) / 2
    for number in range(truth.periods):
        if truth.moved:
            level = chance.lognormal(-(truth.between**2) / 2, truth.between, shape)
            own = np.zeros(shape)
        at = number - middle
        shared = truth.slope * at + chance.normal(0.0, truth.year)
        # Stations' own ways grow the mean of all by exp(variance / 2): taken out again.
        mean = level * np.exp(shared + own * at - (OWN_WAY * at) ** 2 / 2)
        days = chance.uniform(40.0, 160.0, shape) * (chance.random(shape) < WATCHED)
        clump = chance.gamma(truth.k, 1 / truth.k, shape)
        events = chance.poisson(truth.rate / 100 * days * mean * clump)
        names = [f"{number if truth.moved else ''}S{n}" for n in range(shape)]
        periods.append(
            Period(
                str(number),
                float(number),
                dict(zip(names, events.tolist(), strict=True)),
                dict(zip(names, days.tolist(), strict=True)),
            )
        )
    return periods


def plain_percentile(before: Period, after: Period, chance: np.random.Generator) -> bool | None:
    """Whether the plain percentile of pooled ratios over the same stations holds "no change"."""
    names = [n for n, days in before.effort.items() if days > 0 and after.effort.get(n, 0.0) > 0]
    if not names:
        return None
    table = np.array(
        [
            [p.events[n] for p in (before, after)] + [p.effort[n] for p in (before, after)]
            for n in names
        ]
    )
    sums = table[chance.integers(len(names), size=(DRAWS, len(names)))].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (sums[:, 1] / sums[:, 3]) / (sums[:, 0] / sums[:, 2])
    low, high = np.quantile(ratio[~np.isnan(ratio)], (0.025, 0.975), method="nearest")
    return bool(low <= 1.0 <= high)


def measure_changes(simulations: int) -> None:
    """Two periods."""
    print("change between two periods (ratio planted beside what was found)")
    print("stations rate ratio    k moved   covers plain  width(x) seen(x) clear wrong too-few")
    for stations, rate, ratio, k, moved in (
        *((8, 5.0, 1.0, 1.0, False), (15, 5.0, 1.0, 1.0, False), (30, 5.0, 1.0, 1.0, False)),
        *((60, 5.0, 1.0, 1.0, False), (30, 1.0, 1.0, 0.5, False), (60, 1.0, 1.0, 0.5, False)),
        *((30, 5.0, 0.5, 1.0, False), (60, 5.0, 0.5, 1.0, False), (60, 1.0, 0.5, 0.5, False)),
        *((30, 5.0, 1.0, 1.0, True), (60, 5.0, 0.5, 1.0, True), (15, 0.5, 1.0, 1.0, False)),
    ):
        chance = np.random.default_rng(2026)
        truth = Truth(stations, 2, rate, math.log(ratio), k=k, moved=moved)
        held, plain, widths, seen, verdicts = [], [], [], [], Counter[Verdict]()
        wrong = 0
        for _ in range(simulations):
            before, after = simulate(truth, chance)
            told = compare_periods(before, after, draws=DRAWS)
            verdicts[told.verdict] += 1
            if told.low is None or told.high is None or told.smallest_rise is None:
                continue
            held.append(told.low <= ratio <= told.high)
            widths.append(told.high / told.low)
            seen.append(told.smallest_rise)
            wrong += (told.low > 1 and ratio <= 1) or (told.high < 1 and ratio >= 1)
            if ratio == 1.0 and (one := plain_percentile(before, after, chance)) is not None:
                plain.append(one)
        clear = (verdicts[Verdict.UP] + verdicts[Verdict.DOWN]) / simulations
        print(
            f"{stations:8} {rate:4} {ratio:5} {k:4} {'yes' if moved else 'no':>5}   "
            f"{np.mean(held):6.3f} {f'{np.mean(plain):5.3f}' if plain else '    -'}  "
            f"{np.median(widths):8.1f} {np.median(seen):7.1f} {clear:5.2f} "
            f"{wrong / simulations:5.3f} {verdicts[Verdict.TOO_FEW] / simulations:7.2f}"
        )


def measure_trends(simulations: int) -> None:
    """Three periods and more."""
    print("\ntrend over all periods (log-linear, per year)")
    print(
        "stations periods rate  slope    k year moved   covers  bias(log) half-width clear too-few"
    )
    for truth in (
        *(Truth(10, 3, 5.0, 0.0), Truth(20, 3, 5.0, 0.0), Truth(40, 3, 1.0, -0.2, k=0.5)),
        *(Truth(20, 5, 5.0, 0.0), Truth(20, 5, 5.0, -0.1), Truth(40, 5, 1.0, -0.1, k=0.5)),
        *(Truth(20, 8, 2.0, 0.1), Truth(60, 5, 5.0, -0.2), Truth(40, 3, 5.0, 0.0, year=0.2)),
        *(Truth(40, 5, 5.0, 0.0, year=0.2), Truth(40, 8, 5.0, 0.0, year=0.2)),
        *(Truth(40, 5, 5.0, 0.0, moved=True), Truth(40, 5, 5.0, -0.1, moved=True)),
    ):
        chance = np.random.default_rng(2026)
        held, errors, widths, verdicts = [], [], [], Counter[Verdict]()
        for _ in range(simulations):
            told = fit_trend(simulate(truth, chance))
            verdicts[told.verdict] += 1
            if told.low is None or told.high is None or told.percent_per_year is None:
                continue
            low, high = (math.log1p(end / 100) for end in (told.low, told.high))
            held.append(low <= truth.slope <= high)
            errors.append(math.log1p(told.percent_per_year / 100) - truth.slope)
            widths.append((high - low) / 2)
        clear = (verdicts[Verdict.UP] + verdicts[Verdict.DOWN]) / simulations
        print(
            f"{truth.stations:8} {truth.periods:7} {truth.rate:4} {truth.slope:6} {truth.k:4} "
            f"{truth.year:4} {'yes' if truth.moved else 'no':>5}   {np.mean(held):6.3f}  "
            f"{np.mean(errors):+9.3f} {np.median(widths):10.2f} {clear:5.2f} "
            f"{verdicts[Verdict.TOO_FEW] / simulations:7.2f}"
        )


if __name__ == "__main__":
    started = time.perf_counter()
    given = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"{given} simulations a line, planted intervals of 95 %")
    measure_changes(given)
    measure_trends(given)
    print(f"{time.perf_counter() - started:.1f} s")
