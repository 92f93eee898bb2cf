"""How fast a card comes in beside plain copying and hashing, and that memory stays flat.

    python benchmarks/import.py [--files 1000] [--kilobytes 2600] [--rounds 3] [--many 40000]

Makes a card, then in turns, several rounds, and takes the medians:
copy the folder with `cp -r` and hash the copy with `sha256sum`, which is what a careful person does
by hand; the same with a sync between, without which the copy is not on the disk; the same with the
hash that Python has, which may be faster than the system's; and our import, whose bytes are synced.
The goal counts against the first. Then memory and listing time over cards of many tiny files.
"""

import argparse
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image

IMPORT = """
import resource, sys, time
from datetime import UTC, datetime
from pathlib import Path
from ingest.card import list_card
from ingest.import_card import import_card
from species_db.survey import SurveySettings, create_survey
from species_db.tables import CameraStation, Deployment
survey = create_survey(Path(sys.argv[2]), SurveySettings())
with survey.writing() as session:
    session.add(CameraStation(location_id="S", latitude=29.0, longitude=95.0))
    session.flush()
    start = datetime(2026, 4, 1, tzinfo=UTC)
    session.add(Deployment(deployment_id="D", location_id="S", deployment_start=start))
started = time.monotonic()
list_card(Path(sys.argv[1]))
listed = time.monotonic()
done_at = listed
def report(at):
    global done_at
    done_at = time.monotonic()
receipt = import_card(
    survey, Path(sys.argv[1]), deployment_id="D", person="benchmark", report=report
)
ended = time.monotonic()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
assert receipt.safe_to_wipe
print(ended - listed, ended - done_at, listed - started, peak)
"""


def make_card(folder: Path, files: int, kilobytes: int) -> int:
    """Write a card of distinct JPEGs of about one size; gives its bytes."""
    size = (1200, 900) if kilobytes > 1000 else (16, 12)
    picture = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    written = BytesIO()
    picture.save(written, "JPEG", quality=80)
    body = written.getvalue()
    total = 0
    for number in range(files):
        moment = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=number)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = moment.strftime("%Y:%m:%d %H:%M:%S")
        tag = exif.tobytes()
        segment = b"\xff\xe1" + (len(tag) + 2).to_bytes(2, "big") + tag
        filler = random.Random(number).randbytes(max(4, kilobytes * 1024 - len(body)))
        path = folder / "DCIM" / f"{100 + number // 9999}MEDIA" / f"IMG_{number % 9999 + 1:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body[:2] + segment + body[2:] + filler)
        total += path.stat().st_size
    return total


def copy_and_hash(card: Path, target: Path, *, is_synced: bool, hasher: str) -> float:
    """Seconds to copy the folder and hash the copy."""
    started = time.monotonic()
    subprocess.run(["cp", "-r", str(card), str(target)], check=True)
    if is_synced:
        subprocess.run(["sync", "-f", str(target)], check=True)
    copies = [str(path) for path in sorted(target.rglob("*.JPG"))]
    if hasher == "sha256sum":
        subprocess.run(["sha256sum", *copies], check=True, stdout=subprocess.DEVNULL)
    else:
        for name in copies:
            with open(name, "rb") as file:
                hashlib.file_digest(file, "sha256").hexdigest()
    return time.monotonic() - started


def import_in_process(card: Path, survey: Path) -> list[float]:
    """Seconds of an import in a process of its own, of its close, of listing; peak memory in MB."""
    command = [sys.executable, "-c", IMPORT, str(card), str(survey)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return [float(one) for one in told]


def measure_speed(root: Path, files: int, kilobytes: int, rounds: int) -> None:
    """Print the rates of every way, round by round and as medians, and the ratio."""
    megabytes = make_card(root / "card", files, kilobytes) / 1e6
    print(f"{files} files, {megabytes:.0f} MB, {rounds} rounds, load {os.getloadavg()[0]:.1f}")
    plain = {
        "cp -r, sha256sum": (False, "sha256sum"),
        "cp -r, sync, sha256sum": (True, "sha256sum"),
        "cp -r, Python's sha256": (False, "hashlib"),
        "cp -r, sync, Python's sha256": (True, "hashlib"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in [*plain, "namcha import"]}
    for _ in range(rounds):
        for name, (is_synced, hasher) in plain.items():
            os.sync()
            took = copy_and_hash(root / "card", root / "copy", is_synced=is_synced, hasher=hasher)
            seconds[name].append(took)
            shutil.rmtree(root / "copy")
        os.sync()
        took, closing, _, memory = import_in_process(root / "card", root / "survey")
        seconds["namcha import"].append(took)
        shutil.rmtree(root / "survey")
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    for name, times in seconds.items():
        each = " ".join(f"{one:.1f}" for one in times)
        print(f"{name:30} {middle[name]:6.1f} s {megabytes / middle[name]:6.0f} MB/s   ({each})")
    print(f"of the last import: {closing:.1f} s to close the card; {memory:.0f} MB of memory")
    for name in plain:
        print(f"ratio to {name:30} {middle[name] / middle['namcha import']:5.2f}")
    shutil.rmtree(root / "card")


def measure_memory(root: Path, many: int) -> None:
    """Print memory, listing and import time over cards of tiny files."""
    for files in (many // 100, many // 10, many):
        make_card(root / "card", files, 4)
        took, closing, listing, memory = import_in_process(root / "card", root / "survey")
        print(
            f"{files:6} files of 4 kB: {memory:4.0f} MB of memory, listed in {listing:.2f} s, "
            f"imported in {took:.1f} s (closing {closing:.1f} s)"
        )
        shutil.rmtree(root / "card")
        shutil.rmtree(root / "survey")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kilobytes", type=int, default=2600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=40_000)
    parser.add_argument("--folder", type=Path, help="where to measure; else the temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        if given.files:
            measure_speed(Path(folder), given.files, given.kilobytes, given.rounds)
        if given.many:
            measure_memory(Path(folder), given.many)


if __name__ == "__main__":
    main()
