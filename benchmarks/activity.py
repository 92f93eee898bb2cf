"""How often the intervals of activity patterns hold the truth, and how long patterns take.

    python benchmarks/activity.py [--simulations 200] [--draws 300]

Events are drawn from known patterns: one broad peak, two sharp ones, a peak on steady activity.
Then curves and overlaps of more and more events, with a thousand bootstrap samples, are timed.
"""

import argparse
import time

import numpy as np
from scipy.stats import vonmises

from species_db.analysis.activity import TURN, Angles, activity_curve, overlap

Pattern = tuple[tuple[float, float, float], ...]  # share, mean, concentration of each peak
PATTERNS: dict[str, Pattern] = {
    "one broad peak": ((1.0, 3.0, 2.0),),
    "two sharp peaks": ((0.5, 1.6, 12.0), (0.5, 4.7, 12.0)),
    "peak on steady": ((0.6, 3.0, 0.0), (0.4, 4.7, 8.0)),
}
OTHER: Pattern = ((1.0, 2.2, 3.0),)  # the pattern that overlap is measured with
FINE = np.arange(8640) * TURN / 8640
ACTIVE = 0.1  # of the peak: below it next to nothing is recorded, and no interval can know


def drawn(pattern: Pattern, events: int, random: np.random.Generator) -> Angles:
    """Events of a pattern."""
    peaks = np.array(pattern)[random.choice(len(pattern), events, p=[one[0] for one in pattern])]
    return random.vonmises(peaks[:, 1], peaks[:, 2]) % TURN


def truth(pattern: Pattern, at: Angles) -> Angles:
    """The density of a pattern."""
    flat = 1 / TURN
    return sum(
        share * (vonmises.pdf(at, kappa, loc=mean) if kappa else flat)
        for share, mean, kappa in pattern
    ) + np.zeros(len(at))


def show_coverage(simulations: int, draws: int) -> None:
    """Print how often each interval holds the truth."""
    heads = ("curve", "level", "overlap", "mean level", "true", "mean overlap", "true")
    print(f"{'pattern':16} {'events':>6} " + " ".join(f"{head:>12}" for head in heads))
    for name, pattern in PATTERNS.items():
        true_level = 1 / (TURN * truth(pattern, FINE).max())
        pair = truth(pattern, FINE), truth(OTHER, FINE)
        true_overlap = float(np.minimum(*pair).mean() * TURN)
        for events in (50, 100, 400):
            random = np.random.default_rng(2026)
            rows = []
            for seed in range(simulations):
                times = drawn(pattern, events, random)
                curve = activity_curve(times, draws=draws, seed=seed)
                shared = overlap(times, drawn(OTHER, events, random), draws=draws, seed=seed)
                known = truth(pattern, curve.at)
                held = (curve.low <= known) & (known <= curve.high)
                rows.append(
                    (
                        held[known > ACTIVE * known.max()].mean(),
                        curve.level.low <= true_level <= curve.level.high,
                        shared.low <= true_overlap <= shared.high,
                        curve.level.value,
                        shared.value,
                    )
                )
            curves, levels, overlaps, level, value = np.mean(rows, axis=0)
            shown = (curves, levels, overlaps, level, true_level, value, true_overlap)
            print(f"{name:16} {events:6d} " + " ".join(f"{one:12.3f}" for one in shown))


def show_times() -> None:
    """Print how long a curve and an overlap take."""
    print(f"\n{'events':>7} {'curve s':>8} {'overlap s':>10}")
    random = np.random.default_rng(1)
    for events in (50, 1000, 20_000):
        first, second = (drawn(PATTERNS[name], events, random) for name in list(PATTERNS)[:2])
        marks = [time.perf_counter()]
        activity_curve(first)
        marks.append(time.perf_counter())
        overlap(first, second)
        marks.append(time.perf_counter())
        print(f"{events:7d} {marks[1] - marks[0]:8.2f} {marks[2] - marks[1]:10.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--draws", type=int, default=300)
    given = parser.parse_args()
    show_coverage(given.simulations, given.draws)
    show_times()


if __name__ == "__main__":
    main()
