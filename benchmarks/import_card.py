"""How fast a card comes in beside plain copying and hashing, and that memory stays flat.

    python benchmarks/import_card.py [--files 1000] [--kilobytes 2600]

Makes a card, then in one run and in turn: copy the folder and hash the copy (what a careful person
does by hand), and import it. Memory is the import's own peak, at a tenth of the files and at all.
"""

import argparse
import hashlib
import random
import shutil
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
receipt = import_card(survey, Path(sys.argv[1]), deployment_id="D", person="benchmark")
seconds = time.monotonic() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(receipt.stored, receipt.bytes, seconds, peak)
"""


def make_card(folder: Path, files: int, kilobytes: int) -> int:
    """Write a card of distinct JPEGs of about one size; gives its bytes."""
    picture = Image.frombytes("RGB", (1200, 900), random.Random(1).randbytes(1200 * 900 * 3))
    written = BytesIO()
    picture.save(written, "JPEG", quality=80)
    body = written.getvalue()
    filler = random.Random(2).randbytes(max(0, kilobytes * 1024 - len(body)))
    total = 0
    for number in range(files):
        moment = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=number)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = moment.strftime("%Y:%m:%d %H:%M:%S")
        tag = exif.tobytes()
        segment = b"\xff\xe1" + (len(tag) + 2).to_bytes(2, "big") + tag
        path = folder / "DCIM" / f"{100 + number // 999}MEDIA" / f"IMG_{number % 999 + 1:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body[:2] + segment + body[2:] + filler + number.to_bytes(4, "big"))
        total += path.stat().st_size
    return total


def copy_and_hash(card: Path, target: Path) -> float:
    """Seconds to copy the folder, sync it, and hash the copy."""
    started = time.monotonic()
    shutil.copytree(card, target)
    subprocess.run(["sync", "-f", str(target)], check=False)
    for path in sorted(target.rglob("*.JPG")):
        hashlib.sha256(path.read_bytes()).hexdigest()
    return time.monotonic() - started


def import_in_process(card: Path, survey: Path) -> tuple[float, float]:
    """Seconds of an import in a process of its own, and its peak memory in MB."""
    command = [sys.executable, "-c", IMPORT, str(card), str(survey)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(told[2]), float(told[3])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kilobytes", type=int, default=2600)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        few = max(1, given.files // 10)
        make_card(root / "few", few, given.kilobytes)
        total = make_card(root / "card", given.files, given.kilobytes)
        _, memory_few = import_in_process(root / "few", root / "survey-few")
        plain = copy_and_hash(root / "card", root / "copy")
        shutil.rmtree(root / "copy")
        ours, memory = import_in_process(root / "card", root / "survey")
    megabytes = total / 1e6
    print(f"{given.files} files, {megabytes:.0f} MB")
    print(f"copy, sync and hash  {plain:6.1f} s  {megabytes / plain:6.0f} MB/s")
    print(f"namcha import        {ours:6.1f} s  {megabytes / ours:6.0f} MB/s")
    print(f"ratio                {plain / ours:6.2f}")
    print(
        f"peak memory          {memory_few:.0f} MB at {few} files, {memory:.0f} MB at {given.files}"
    )


if __name__ == "__main__":
    main()
