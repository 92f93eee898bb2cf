"""How often the interval of a before/after/control comparison holds the planted effect.

    python benchmarks/baci.py [simulations]

Plots vary by a log-normal factor from visit to visit, all plots change together by another, and
treated ones keep a fifth. Beside Welch's interval stands a percentile bootstrap over plots, which
holds too rarely with the few plots that a county has.
"""

import math
import sys
import time

import numpy as np

from species_db.analysis.baci import PlotMeasures, compare_plots

TRUE_RATIO, SHARED_CHANGE, NOISE = 0.2, 1.6, 0.5
DRAWS = 1000


def simulate(chance: np.random.Generator, treated: int, control: int) -> list[PlotMeasures]:
    """Plots with two visits before and two after, in square metres of stand."""
    plots = []
    for number in range(treated + control):
        is_treated = number < treated
        base = chance.lognormal(4.0, 1.0)
        change = SHARED_CHANGE * (TRUE_RATIO if is_treated else 1.0)
        own = math.exp(chance.normal(0.0, NOISE))  # what this plot does by itself
        before = tuple(base * chance.lognormal(0.0, 0.2) for _ in range(2))
        after = tuple(base * change * own * chance.lognormal(0.0, 0.2) for _ in range(2))
        plots.append(PlotMeasures(f"{is_treated} {number}", is_treated, before, after))
    return plots


def bootstrap(plots: list[PlotMeasures], chance: np.random.Generator) -> tuple[float, float]:
    """The percentile interval over plots."""
    sides = [
        np.array(
            [math.log(np.mean(p.after) / np.mean(p.before)) for p in plots if p.is_treated is s]
        )
        for s in (True, False)
    ]
    drawn = [
        side[chance.integers(len(side), size=(DRAWS, len(side)))].mean(axis=1) for side in sides
    ]
    low, high = np.quantile(np.exp(drawn[0] - drawn[1]), (0.025, 0.975))
    return float(low), float(high)


def main(simulations: int) -> None:
    """Print coverage by number of plots."""
    chance = np.random.default_rng(2026)
    print(f"planted: {TRUE_RATIO} of the stand is left; {simulations} simulations a line")
    print("treated control   t covers   width(x)   bootstrap covers   bias(log)")
    for treated, control in ((3, 3), (3, 8), (5, 5), (10, 10), (1, 5), (1, 10), (2, 6)):
        hits = strapped = 0
        widths, errors = [], []
        for _ in range(simulations):
            plots = simulate(chance, treated, control)
            effect = compare_plots(plots)
            assert effect.ratio is not None
            assert effect.low is not None
            assert effect.high is not None
            hits += effect.low <= TRUE_RATIO <= effect.high
            widths.append(effect.high / effect.low)
            errors.append(math.log(effect.ratio / TRUE_RATIO))
            if treated > 1:
                low, high = bootstrap(plots, chance)
                strapped += low <= TRUE_RATIO <= high
        shown = f"{strapped / simulations:.3f}" if treated > 1 else "-"
        print(
            f"{treated:7} {control:7}   {hits / simulations:8.3f}   {np.median(widths):8.1f}"
            f"   {shown:>16}   {np.mean(errors):+9.3f}"
        )


if __name__ == "__main__":
    started = time.perf_counter()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    print(f"{time.perf_counter() - started:.1f} s")
