"""How often the 95 % intervals of occupancy hold the truth, over simulated surveys.

    python benchmarks/occupancy.py [--simulations 200]

Constant models have 60 stations and 8 occasions, those with covariates 120 stations; a fifth of the
cells are not watched. `mean psi` is held against the mean of psi at the stations drawn, a slope
against the one put in. `error` is the standard error of the share, by the number of simulations;
`at edge` how often the records fitted full occupancy as well; `refused` how often no model was
fitted. Last comes the computing time of one fit with intervals at 400 stations and 30 occasions.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from species_db.analysis.occupancy import (
    OccupancyEstimate,
    TooFewDataError,
    estimate_occupancy,
)

UNWATCHED = 0.2
SEED = 2026


@dataclass(frozen=True)
class Setting:
    """Truth to simulate: psi and p where covariates are 0, and their slopes (logit scale)."""

    psi: float
    p: float
    psi_slope: float | None = None
    p_slope: float | None = None
    stations: int = 60
    occasions: int = 8

    @property
    def said(self) -> str:
        """The setting in a few words."""
        slopes = (("psi", self.psi_slope), ("p", self.p_slope))
        told = "".join(f", {name} slope {slope}" for name, slope in slopes if slope is not None)
        return f"psi {self.psi}, p {self.p}{told}"


@dataclass(frozen=True)
class Simulated:
    """One survey: its history, its covariates, and the mean of psi at its stations."""

    cells: list[list[int | None]]
    psi_covariates: np.ndarray | None
    p_covariates: np.ndarray | None
    mean_psi: float


SETTINGS = (
    Setting(0.3, 0.2),
    Setting(0.6, 0.2),
    Setting(0.6, 0.4),
    Setting(0.9, 0.15),
    Setting(0.5, 0.3, psi_slope=1.0, stations=120),
    Setting(0.4, 0.2, psi_slope=-0.7, stations=120),
    Setting(0.5, 0.3, psi_slope=1.0, p_slope=0.6, stations=120),
)


def simulate(setting: Setting, random: np.random.Generator) -> Simulated:
    """Make one survey from a known truth."""
    shape = (setting.stations, setting.occasions)
    height, lure = random.normal(size=setting.stations), random.normal(size=shape)
    psi = expit(logit(setting.psi) + (setting.psi_slope or 0) * height)
    p = expit(logit(setting.p) + (setting.p_slope or 0) * lure)
    seen = (random.random(shape) < p) & (random.random(setting.stations) < psi)[:, None]
    gone = random.random(shape) < UNWATCHED
    cells: list[list[int | None]] = [
        [None if lost else int(hit) for hit, lost in zip(hits, losses, strict=True)]
        for hits, losses in zip(seen, gone, strict=True)
    ]
    return Simulated(
        cells,
        None if setting.psi_slope is None else height[:, None],
        None if setting.p_slope is None else lure[:, :, None],
        float(psi.mean()),
    )


def held(setting: Setting, one: Simulated, told: OccupancyEstimate) -> Iterator[tuple[str, bool]]:
    """Tell of each interval whether it holds the truth."""
    yield "mean psi", told.low <= one.mean_psi <= told.high
    slopes = (
        ("psi slope", setting.psi_slope, told.psi_intervals),
        ("p slope", setting.p_slope, told.p_intervals),
    )
    for name, truth, intervals in slopes:
        if truth is not None:
            low, high = intervals[1].low, intervals[1].high
            yield name, (low is None or low <= truth) and (high is None or truth <= high)


def measure(setting: Setting, simulations: int) -> None:
    """Simulate one setting many times and print a line for each interval."""
    random = np.random.default_rng(SEED)
    counts: dict[str, int] = {}
    found, naive, truths, edges, refused = [], [], [], 0, 0
    for _ in range(simulations):
        one = simulate(setting, random)
        try:
            told = estimate_occupancy(
                one.cells, psi_covariates=one.psi_covariates, p_covariates=one.p_covariates
            )
        except TooFewDataError:
            refused += 1
            continue
        for name, is_held in held(setting, one, told):
            counts[name] = counts.get(name, 0) + is_held
        edges += told.psi_is_at_edge
        found.append(told.psi)
        naive.append(told.naive)
        truths.append(one.mean_psi)
    for name, count in counts.items():
        share = count / len(found)
        error = (share * (1 - share) / len(found)) ** 0.5
        print(
            f"{setting.said:43} {name:>9} {share:8.3f} {error:6.3f} {np.mean(truths):6.3f} "
            f"{np.mean(found):9.3f} {np.mean(naive):6.3f} {edges:8d} {refused:8d}",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    given = parser.parse_args()
    print(
        f"{'setting':43} {'interval':>9} {'covered':>8} {'error':>6} {'truth':>6} "
        f"{'estimate':>9} {'naive':>6} {'at edge':>8} {'refused':>8}"
    )
    for setting in SETTINGS:
        measure(setting, given.simulations)
    large = simulate(
        Setting(0.5, 0.1, psi_slope=0.8, p_slope=0.4, stations=400, occasions=30),
        np.random.default_rng(SEED),
    )
    taken = []
    for _ in range(3):
        begun = time.process_time()
        estimate_occupancy(
            large.cells, psi_covariates=large.psi_covariates, p_covariates=large.p_covariates
        )
        taken.append(time.process_time() - begun)
    print(f"400 stations, 30 occasions, a covariate each: {min(taken):.2f} s of computing")


if __name__ == "__main__":
    main()
