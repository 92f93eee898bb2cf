"""How long a million records take to become independent events, beside pandas on the same records.

    python benchmarks/events.py [--records 1000000] [--rounds 3]

Records fall as on cards: bursts of three media, animals that linger, few taxa with most records,
in any order. Each rule is worked out by our function, by a loop over pandas groups and, where one
exists, by a pandas column expression, in turn within each round; all must mark the same records.
Then the counts that camtrapR and wiutils give for the Cajambre survey, where its files are at hand.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from species_db.analysis.independence import (
    IndependenceRule,
    mark_independent,
    max_counts,
    number_events,
)

STATIONS, TAXA, DAYS, BURST = 400, 120, 3 * 365, 3
MINUTE = 60
INTERVAL_S = 30 * MINUTE
LINGER = 0.4  # share of visits that go on from the one before
CAJAMBRE = Path(__file__).parents[2] / "shared/data/interop/wildlife_insights_cajambre/images.csv"
PUBLISHED = {  # minutes between records: counts of camtrapR 3.0.3, the first rule also of wiutils
    IndependenceRule.LAST_RECORD: {30: 492, 60: 487, 1440: 412},
    IndependenceRule.LAST_INDEPENDENT: {30: 495, 60: 489, 1440: 421},
}
Marks = NDArray[np.bool_]


def make_records(records: int) -> pd.DataFrame:
    """Group, second and count of each record, shuffled."""
    chance = np.random.default_rng(2026)
    visits = records // BURST + 1
    taxon = np.minimum(chance.zipf(1.3, visits) - 1, TAXA - 1)
    group = chance.integers(0, STATIONS, visits) * TAXA + taxon
    start = chance.integers(0, DAYS * 86400, visits)
    for at in np.flatnonzero(chance.random(visits) < LINGER):
        if at:
            group[at], start[at] = group[at - 1], start[at - 1] + chance.integers(60, 3600)
    seconds = np.repeat(start, BURST) + np.tile(np.arange(BURST), visits)
    table = pd.DataFrame(
        {
            "group": np.repeat(group, BURST),
            "seconds": seconds,
            "count": chance.integers(1, 5, len(seconds)),
        }
    )
    return table.sample(records, random_state=1).reset_index(drop=True)


def ours(table: pd.DataFrame, rule: IndependenceRule) -> Marks:
    """The function of the platform."""
    return mark_independent(
        table["group"].to_numpy(),
        table["seconds"].to_numpy(),
        interval_seconds=INTERVAL_S,
        rule=rule,
    )


def by_loop(table: pd.DataFrame, rule: IndependenceRule) -> Marks:
    """What a script would do: sort, then walk through each group of the table."""
    marks = np.zeros(len(table), dtype=np.bool_)
    ordered = table.sort_values(["group", "seconds"], kind="stable")
    for _, rows in ordered.groupby("group", sort=False):
        last = None
        for index, second in zip(rows.index, rows["seconds"], strict=True):
            is_independent = last is None or second - last >= INTERVAL_S
            marks[index] = is_independent
            if is_independent or rule is IndependenceRule.LAST_RECORD:
                last = second
    return marks


def by_columns(table: pd.DataFrame, rule: IndependenceRule) -> Marks:
    """The column expression; the gap to the last independent record has none."""
    ordered = table.sort_values(["group", "seconds"], kind="stable")
    gap = ordered.groupby("group", sort=False)["seconds"].diff()
    return (gap.isna() | (gap >= INTERVAL_S)).sort_index().to_numpy()


def timed(act: Callable[[], Marks]) -> tuple[float, Marks]:
    """Run and tell how long it took."""
    started = time.perf_counter()
    marks = act()
    return time.perf_counter() - started, marks


def compare(table: pd.DataFrame, rounds: int) -> None:
    """Time the ways in turn, check that they agree, and print them side by side."""
    print(f"{'rule':17} {'way':15} {'best s':>7} {'all rounds s':>22} {'rows/s':>11} {'ratio':>7}")
    for rule in IndependenceRule:
        ways = {"ours": ours, "pandas columns": by_columns, "pandas loop": by_loop}
        if rule is IndependenceRule.LAST_INDEPENDENT:
            del ways["pandas columns"]
        took: dict[str, list[float]] = {name: [] for name in ways}
        marks = {}
        for _ in range(rounds):
            for name, way in ways.items():
                seconds, marks[name] = timed(lambda way=way, rule=rule: way(table, rule))
                took[name].append(seconds)
        for name, times in took.items():
            if not np.array_equal(marks[name], marks["ours"]):
                raise SystemExit(f"{name} marks other records than ours by {rule}")
            shown = " ".join(f"{one:6.2f}" for one in times)
            print(
                f"{rule:17} {name:15} {min(times):7.2f} {shown:>22} "
                f"{len(table) / min(times):11,.0f} {min(times) / min(took['ours']):7.1f}"
            )


def count_animals(table: pd.DataFrame) -> None:
    """Time the numbering and the largest counts as well."""
    started = time.perf_counter()
    events = number_events(
        table["group"].to_numpy(),
        table["seconds"].to_numpy(),
        interval_seconds=INTERVAL_S,
        rule=IndependenceRule.LAST_INDEPENDENT,
    )
    largest = max_counts(events, table["count"].to_numpy())
    took = time.perf_counter() - started
    print(f"\n{len(largest):,} events numbered and their largest counts taken in {took:.2f} s")


def check_published() -> None:
    """Count the Cajambre records as the other programs do."""
    if not CAJAMBRE.is_file():
        print("\nThe Cajambre survey is not at hand; its counts are not checked.")
        return
    images = pd.read_csv(CAJAMBRE, low_memory=False)
    images = images[images["genus"].notna() & (images["genus"] != "")]
    taxon = images["genus"] + " " + images["species"].fillna("")
    groups, _ = pd.factorize(images["deployment_id"].astype(str) + "\t" + taxon)
    moments = pd.to_datetime(images["timestamp"]).to_numpy()
    seconds = moments.astype("datetime64[s]").astype(np.int64)
    print(f"\nCajambre 2014, {len(images)} records of genus or better, by deployment and taxon")
    print(f"{'rule':17} {'minutes':>7} {'published':>10} {'ours':>6}")
    wrong = 0
    for rule, counts in PUBLISHED.items():
        for minutes, published in counts.items():
            interval = minutes * MINUTE
            told = mark_independent(groups, seconds, interval_seconds=interval, rule=rule)
            wrong += int(told.sum()) != published
            print(f"{rule:17} {minutes:7d} {published:10d} {int(told.sum()):6d}")
    if wrong:
        raise SystemExit(f"{wrong} of 6 counts differ")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    table = make_records(given.records)
    groups = table["group"].nunique()
    print(f"{len(table):,} records in {groups:,} groups of taxon and station, interval 30 min\n")
    compare(table, given.rounds)
    count_animals(table)
    check_published()


if __name__ == "__main__":
    main()
