"""How often the intervals of an elevation shift and of a first date hold the truth.

    python benchmarks/shifts.py [simulations]

Elevation: stations lie anywhere from 1,000 to 4,000 m, the taxon around one height, counts are
negative binomial; some stations are the same in both years. First date: a taxon comes on a day and
is then as common as later, or grows common over forty days, straight or slowly at first.
"""

import sys
import time
from datetime import date, timedelta

import numpy as np

from species_db.analysis.effort import UnitDay
from species_db.analysis.phenology import season_of
from species_db.analysis.shifts import ElevationCounts, elevation_shift

SPREAD_M, MIDDLE_M = 400.0, 2400.0
START, COMES = date(2026, 1, 1), 100


def one_year(
    heights: dict[str, float], middle: float, rate: float, chance: np.random.Generator
) -> ElevationCounts:
    """Events of one year at these stations."""
    at = np.array(list(heights.values()))
    days = chance.uniform(60.0, 200.0, len(at))
    mean = rate * days / 100 * np.exp(-(((at - middle) / SPREAD_M) ** 2) / 2)
    events = chance.poisson(mean * chance.gamma(1.0, 1.0, len(at)))
    return ElevationCounts(
        heights,
        dict(zip(heights, events.tolist(), strict=True)),
        dict(zip(heights, days.tolist(), strict=True)),
    )


def measure_elevation(simulations: int) -> None:
    """Print coverage by number of stations, share of them kept, and shift planted."""
    print("stations kept rate shift   covers  mean found  half-width clear refused")
    for stations, kept, rate, shift in (
        *((20, 1.0, 15.0, 0.0), (40, 1.0, 15.0, 0.0), (40, 0.5, 15.0, 0.0), (40, 0.0, 15.0, 0.0)),
        *((80, 0.5, 5.0, 0.0), (40, 1.0, 15.0, 150.0), (80, 0.5, 15.0, 150.0)),
    ):
        chance = np.random.default_rng(2026)
        held, found, widths, clear, refused = [], [], [], 0, 0
        for _ in range(simulations):
            first = {f"S{n}": float(chance.uniform(1000, 4000)) for n in range(stations)}
            same = dict(list(first.items())[: round(kept * stations)])
            others = stations - len(same)
            second = same | {f"T{n}": float(chance.uniform(1000, 4000)) for n in range(others)}
            told = elevation_shift(
                one_year(first, MIDDLE_M, rate, chance),
                one_year(second, MIDDLE_M + shift, rate, chance),
                draws=1000,
            )
            if told.low_m is None or told.high_m is None or told.shift_m is None:
                refused += 1
                continue
            held.append(told.low_m <= shift <= told.high_m)
            found.append(told.shift_m)
            widths.append((told.high_m - told.low_m) / 2)
            clear += not told.low_m <= 0 <= told.high_m
        print(
            f"{stations:8} {kept:4} {rate:4} {shift:5}   {np.mean(held):6.3f}  "
            f"{np.mean(found):+10.0f}  {np.median(widths):10.0f} {clear / simulations:5.2f} "
            f"{refused / simulations:7.2f}"
        )


def measure_first_dates(simulations: int) -> None:
    """Print coverage by how the taxon comes, the number of stations, and how common it is."""
    print("\nfirst date      stations p/day   covers width(days) late(days) censored or refused")
    days = [START + timedelta(days=n) for n in range(200)]
    for way, power in (("at once", 0), ("straight", 1), ("slowly", 2)):
        for stations, rate in ((10, 0.02), (30, 0.02), (10, 0.1), (30, 0.1)):
            chance = np.random.default_rng(2026)
            held, widths, late, refused = [], [], [], 0
            watched = [UnitDay(str(s), day, 1.0, 1.0) for s in range(stations) for day in days]
            for _ in range(simulations):
                level = chance.gamma(1.0, 1.0, stations)
                since = np.arange(200) - COMES + 1.0
                common = np.where(since > 0, np.clip(since / 40, 0, 1) ** power, 0.0)
                seen = chance.random((200, stations)) < np.minimum(
                    rate * level * common[:, None], 1
                )
                recorded = {(str(s), days[d]) for d, s in np.argwhere(seen).tolist()}
                told = season_of(watched, recorded, start=days[0], end=days[-1]).first
                if told.low is None or told.high is None or told.on is None:
                    refused += 1
                    continue
                held.append(told.low <= days[COMES] <= told.high)
                widths.append((told.high - told.low).days)
                late.append((told.on - days[COMES]).days)
            print(
                f"{way:15} {stations:8} {rate:5}   {np.mean(held):6.3f} {np.median(widths):11.0f} "
                f"{np.mean(late):10.1f} {refused / simulations:8.2f}"
            )


if __name__ == "__main__":
    started = time.perf_counter()
    given = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(f"{given} simulations a line, intervals of 95 %")
    measure_elevation(given)
    measure_first_dates(given)
    print(f"{time.perf_counter() - started:.1f} s")
