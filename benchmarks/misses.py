"""How often the interval of missed events holds the truth: seasons are made up, sampled, estimated.

    python benchmarks/misses.py [--rounds 400] [--big]

Each round makes strata (deployments) with a share of missed events each, draws the sample as
`namcha misses draw` does, estimates, and looks whether the true number lies inside the interval.
The bound is what the stopping rule uses. "adaptive" opens more where the first sample found some,
as the rule advises. `--big` times one season of 700 strata.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from species_db.misses.allocation import allocate
from species_db.misses.estimate import SampledStratum, draw_missed

Random = np.random.Generator


@dataclass(frozen=True)
class Setting:
    """One kind of season."""

    name: str
    strata: int
    size: int  # mean events of a stratum; sizes differ tenfold
    sample: int
    shares: Callable[[Random, int], np.ndarray]
    is_adaptive: bool = False


def alike(share: float) -> Callable[[Random, int], np.ndarray]:
    """Every stratum misses alike."""
    return lambda _random, count: np.full(count, share)


def few_bad(share: float, factor: float) -> Callable[[Random, int], np.ndarray]:
    """One stratum in ten misses much more than the others."""

    def drawn(random: Random, count: int) -> np.ndarray:
        bad = random.random(count) < 0.1
        return np.where(bad, np.minimum(0.9, share * factor), share)

    return drawn


SETTINGS = (
    Setting("1 %, one stratum", 1, 2000, 200, alike(0.01)),
    Setting("0.5 %, three strata", 3, 1000, 200, alike(0.005)),
    Setting("4 %, two strata, sample 50", 2, 1000, 50, alike(0.04)),
    Setting("nothing missed", 10, 300, 200, alike(0.0)),
    Setting("rare, 10 strata", 10, 300, 200, alike(0.001)),
    Setting("1 %, 10 strata", 10, 300, 200, alike(0.01)),
    Setting("5 %, 10 strata", 10, 300, 200, alike(0.05)),
    Setting("1 %, small sample", 10, 300, 60, alike(0.01)),
    Setting("1 %, one in ten bad x10", 20, 300, 300, few_bad(0.01, 10)),
    Setting("0.2 %, one in ten bad x50", 20, 300, 300, few_bad(0.002, 50)),
    Setting("rare, 100 strata", 100, 200, 300, alike(0.001)),
    Setting("1 %, 100 strata", 100, 200, 300, alike(0.01)),
    Setting("1 %, 100 strata, bad x10", 100, 200, 300, few_bad(0.01, 10)),
    Setting("half opened, 2 %", 10, 60, 300, alike(0.02)),
    Setting("1 %, adaptive", 20, 300, 200, few_bad(0.01, 10), is_adaptive=True),
)


def one_round(random: Random, setting: Setting) -> tuple[int, SampledStratum, list]:
    """Make a season and sample it; gives the truth, and the strata as sampled."""
    sizes = np.maximum(5, (setting.size * random.lognormal(0, 0.8, setting.strata)).astype(int))
    shares = setting.shares(random, setting.strata)
    truth = [random.random(n) < p for n, p in zip(sizes, shares, strict=True)]
    orders = [random.permutation(n) for n in sizes]
    held = {(f"D{n}", "model", "blank"): int(size) for n, size in enumerate(sizes)}
    drawn = allocate(held, setting.sample)
    strata = sampled(held, drawn, truth, orders)
    if setting.is_adaptive:
        told = draw_missed(strata, draws=500)
        weights = {
            s.key: s.unopened * float(np.sqrt(p * (1 - p)))
            for s, p in zip(strata, told.shares, strict=True)
        }
        left = {s.key: s.unopened for s in strata}
        more = allocate(left, setting.sample, weights=weights)
        strata = sampled(held, {k: drawn.get(k, 0) + more.get(k, 0) for k in held}, truth, orders)
    opened = {s.key: int(s.sampled) for s in strata}
    missed = sum(int(truth[n][orders[n][opened[key] :]].sum()) for n, key in enumerate(held))
    return missed, strata


def sampled(held, drawn, truth, orders) -> list[SampledStratum]:
    """The first of each stratum's random order are opened."""
    strata = []
    for number, (key, size) in enumerate(held.items()):
        count = drawn.get(key, 0)
        hits = int(truth[number][orders[number][:count]].sum())
        strata.append(SampledStratum(key, size - count, count, hits))
    return strata


def main() -> None:
    """Print the coverage of each setting."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--big", action="store_true")
    args = parser.parse_args()
    random = np.random.default_rng(1)
    print(
        f"{'season':<28}{'rounds':>7}{'in 95 %':>9}{'under bound':>13}{'true':>8}"
        f"{'expected':>10}{'width':>8}"
    )
    for setting in SETTINGS:
        inside = under = 0
        truths, means, widths = [], [], []
        for _ in range(args.rounds):
            truth, strata = one_round(random, setting)
            told = draw_missed(strata, draws=1000).total()
            inside += told.low <= truth <= told.high
            under += truth <= told.bound
            truths.append(truth)
            means.append(told.expected)
            widths.append(told.high - told.low)
        print(
            f"{setting.name:<28}{args.rounds:>7}{inside / args.rounds:>9.3f}"
            f"{under / args.rounds:>13.3f}{np.mean(truths):>8.1f}{np.mean(means):>10.1f}"
            f"{np.mean(widths):>8.1f}"
        )
    if args.big:
        _, strata = one_round(random, Setting("big", 700, 150, 400, few_bad(0.01, 10)))
        started = time.perf_counter()
        draw_missed(strata)
        print(f"700 strata, 4,000 draws: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
