"""How often the 95 % interval of occupancy holds the truth, over simulated surveys.

    python benchmarks/occupancy.py [--simulations 200]

Each simulated survey has 60 stations and 8 occasions, a fifth of the cells not watched.
"""

import argparse

import numpy as np

from species_db.analysis.occupancy import TooFewDataError, estimate_occupancy

STATIONS, OCCASIONS, UNWATCHED = 60, 8, 0.2


def simulated(psi: float, p: float, random: np.random.Generator) -> list[list[int | None]]:
    """One survey's detection history from known occupancy and detection."""
    occupied = random.random(STATIONS) < psi
    seen = (random.random((STATIONS, OCCASIONS)) < p) & occupied[:, None]
    gone = random.random((STATIONS, OCCASIONS)) < UNWATCHED
    return [
        [None if lost else int(hit) for hit, lost in zip(hits, losses, strict=True)]
        for hits, losses in zip(seen, gone, strict=True)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    given = parser.parse_args()
    print(f"{'psi':>5} {'p':>5} {'covered':>8} {'mean psi':>9} {'mean naive':>11} {'refused':>8}")
    for psi, p in ((0.3, 0.2), (0.6, 0.2), (0.6, 0.4), (0.9, 0.15)):
        random = np.random.default_rng(2026)
        held, estimates, naive, refused = 0, [], [], 0
        for _ in range(given.simulations):
            try:
                told = estimate_occupancy(simulated(psi, p, random))
            except TooFewDataError:
                refused += 1
                continue
            held += (told.low or 0) <= psi <= (told.high or 0)
            estimates.append(told.psi)
            naive.append(told.naive)
        share = held / len(estimates)
        print(
            f"{psi:5.2f} {p:5.2f} {share:8.3f} {np.mean(estimates):9.3f} {np.mean(naive):11.3f} "
            f"{refused:8d}"
        )


if __name__ == "__main__":
    main()
