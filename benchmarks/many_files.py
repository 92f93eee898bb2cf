"""A card of 40,000 tiny files over rolled-over folders: time, memory, and a second import of it.

    python benchmarks/many_files.py [--files 40000]

Folders of 9,999 files repeat the same names, as cameras do. Memory is the peak of each import's own
process; the limit is 250 MB, whatever the number of files.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from cards import FIRST, jpeg
from faults import DEPLOYMENT, new_survey

from ingest.card import list_card

FOLDER_FILES = 9_999
LIMIT_MB = 250
IMPORT = """
import resource, sys, time
from pathlib import Path
from ingest.import_card import import_card
from species_db.survey import open_survey
started = time.monotonic()
receipt = import_card(
    open_survey(Path(sys.argv[1])), Path(sys.argv[2]), deployment_id=sys.argv[3], person="Tashi"
)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(receipt.stored, receipt.duplicates, receipt.safe_to_wipe, time.monotonic() - started, peak)
"""


def main() -> None:
    """Make the cards, import them, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=40_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        peaks = [measure(root / str(count), count) for count in (given.files // 10, given.files)]
    print(f"peak memory {peaks[0]:.0f} MB, then {peaks[1]:.0f} MB with ten times the files")
    if max(peaks) > LIMIT_MB:
        raise SystemExit(f"more than {LIMIT_MB} MB")


def measure(root: Path, count: int) -> float:
    """Import a card of so many files twice; give the peak memory in MB."""
    card = make_card(root / "card", count)
    started = time.monotonic()
    listed = len(list_card(card).entries)
    print(f"{listed} files listed in {time.monotonic() - started:.1f} s")
    survey = new_survey(root / "survey")
    survey.close()
    peak = 0.0
    for what in ("imported", "imported again"):
        command = [sys.executable, "-c", IMPORT, str(survey.folder), str(card), DEPLOYMENT]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        stored, duplicates, is_safe, seconds, memory = told
        print(
            f"  {what} in {float(seconds):.0f} s ({count / float(seconds):.0f} files/s), "
            f"{float(memory):.0f} MB: {stored} stored, {duplicates} duplicates, safe {is_safe}"
        )
        peak = max(peak, float(memory))
    return peak


def make_card(card: Path, count: int) -> Path:
    """Tiny photos, each with its own bytes and second, in folders that roll over."""
    body = jpeg(0, FIRST, size=(16, 16))
    stamp = FIRST.strftime("%Y:%m:%d %H:%M:%S").encode()
    for number in range(count):
        folder, name = divmod(number, FOLDER_FILES)
        path = card / "DCIM" / f"{100 + folder}MEDIA" / f"IMG_{name + 1:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        shown: datetime = FIRST + timedelta(minutes=5 * number)
        moment = shown.strftime("%Y:%m:%d %H:%M:%S").encode()
        path.write_bytes(body.replace(stamp, moment) + number.to_bytes(4, "big"))
    return card


if __name__ == "__main__":
    main()
