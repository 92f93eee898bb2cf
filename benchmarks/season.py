"""A season of forty cards: what was planted against what is found, and how long each part takes.

    python benchmarks/season.py [--cards 40] [--keep FOLDER]

Makes the cards, imports them, measures their pixels, asks for clock proposals, accepts those that
are right as an ecologist would, and holds corrected times and camera days against the truth.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from season import season
from season_found import Found, examine, import_season, measure

from species_db.vocabulary import DayState


def main() -> None:
    """Make the season, look for what was planted, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        found = run(folder, given.cards)
    print_cards(found)
    print_totals(found)
    print_days(found)


def run(folder: Path, count: int) -> list[Found]:
    """Import, measure and examine the season, with the seconds of each part."""
    started = time.monotonic()
    cards = season(count)
    survey, receipts = import_season(folder, cards)
    files = sum(receipt.files for receipt in receipts.values())
    imported = time.monotonic()
    measured = measure(survey)
    looked = time.monotonic()
    found = [examine(survey, card, receipts[card.deployment_id]) for card in cards]
    ended = time.monotonic()
    survey.close()
    print(f"{len(cards)} cards, {files} files: made and imported {imported - started:.0f} s")
    print(f"{measured} pictures measured {looked - imported:.0f} s")
    print(f"clocks proposed, accepted, days worked out {ended - looked:.0f} s\n")
    return found


def print_cards(found: list[Found]) -> None:
    """One line a card: planted, found, missed, false, and the error of its times."""
    print("card         files dup bad  planted                        found")
    for one in found:
        receipt, card = one.receipt, one.card
        bad = receipt.quarantined + receipt.empty + receipt.unread
        told = "; ".join([*one.right, *one.anchored]) or "-"
        print(
            f"{card.deployment_id:12s} {receipt.files:5d} {receipt.duplicates:3d} {bad:3d}  "
            f"{card.kind:30s} {told}"
        )
        for word, items in (("MISSED", one.missed), ("FALSE", one.false)):
            for item in items:
                print(f"{'':28s}{word}: {item}")
        if card.clock_faults:
            print(
                f"{'':28s}worst error {one.error_before:,.0f} s before, {one.error_after:,.0f} s "
                f"after, stated ±{one.uncertainty:,.0f} s"
                + ("" if one.is_within_uncertainty else "  BEYOND WHAT IS STATED")
            )


def print_totals(found: list[Found]) -> None:
    """Totals of clock faults and of files that are no media."""
    clean = [one for one in found if not one.card.clock_faults]
    planted = sum(len(one.card.clock_faults) for one in found)
    print(f"\nclock faults planted          {planted}")
    print(f"  proposed rightly            {sum(len(one.right) for one in found)}")
    drifts = [one for one in found if any(f.needs_anchor for f in one.card.clock_faults)]
    print(f"  left to boards (drift)      {sum(len(one.anchored) for one in drifts)}")
    print(f"  missed                      {sum(len(one.missed) for one in found)}")
    print(f"cards with a right clock      {len(clean)}")
    print(f"  FALSE proposals on them     {sum(len(one.false) for one in clean)}")
    others = sum(len(one.false) for one in found if one.card.clock_faults)
    print(f"false proposals on the others {others}")
    beyond = sum(one.card.clock_faults != () and not one.is_within_uncertainty for one in found)
    print(f"mended beyond what is stated  {beyond}")
    unwiped = sum(len(one.card.unwiped.names) for one in found if one.card.unwiped)
    listed = sum(one.receipt.duplicates for one in found)
    print(f"files of last season          {unwiped} planted, {listed} listed as duplicates")
    torn = sum(one.card.torn + bool(one.card.torn) for one in found)
    bad = sum(one.receipt.quarantined + one.receipt.empty for one in found)
    print(f"torn and empty files          {torn} planted, {bad} set aside")
    print(f"safe to wipe                  {sum(one.receipt.safe_to_wipe for one in found)}")


def print_days(found: list[Found]) -> None:
    """How many days were planted in each state, and what they were found to be."""
    days: Counter[tuple[str, str]] = Counter()
    for one in found:
        days += one.days
    states = [state.value for state in DayState]
    print("\ndays planted as \\ found as " + "".join(f"{state:>10s}" for state in states))
    for planted in states:
        row = [days[planted, seen] for seen in states]
        if any(row):
            print(f"{planted:>27s}" + "".join(f"{count:10d}" for count in row))
    right = sum(count for (planted, seen), count in days.items() if planted == seen)
    print(f"agreeing: {right} of {sum(days.values())} days")
    for one in found:
        wrong = {pair: count for pair, count in one.days.items() if pair[0] != pair[1]}
        if wrong:
            told = ", ".join(f"{p} found {s}: {count}" for (p, s), count in sorted(wrong.items()))
            print(f"  {one.card.deployment_id} {one.card.kind}: {told}")


if __name__ == "__main__":
    main()
