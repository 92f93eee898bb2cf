"""What a cluster costs: the same photos in one process and by Ray workers, and the one writer.

    python benchmarks/cluster.py [--photos 420] [--start 100] [--rounds 2] [--written 20000]

Both ways look at the first `--start` photos of a card and at all of them, each in a process of its
own on a fresh copy of the survey; the difference is the rate, and what it leaves of the short run
is start-up. Processor time counts every process: Ray's own, the workers', the writer's. Then the
writer alone: answers that cost nothing, two boxes in three photos, each with a preview of 150 kB.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from detect import fresh_copy, prepared
from factories import make_event
from trap_photos import make_card

from ingest.classify import detect_media
from ingest.cluster import leave_preview
from ingest.look import Answer, Seen, waiting_media
from models.detector import Detection, load_detector
from species_db.survey import Survey, SurveySettings, create_survey

WORKERS = 2
LOOK = """
import json, sys, time
from pathlib import Path
import psutil
def spent():
    total = 0.0
    me = psutil.Process()
    for process in [me, *me.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:
            pass
    return total
def report(at):
    if at.done == at.total:
        print(json.dumps([time.monotonic() - started, spent()]), file=sys.__stdout__, flush=True)
if __name__ == "__main__":
    started = time.monotonic()
    from ingest.classify import detect_media
    from ingest.cluster import Cluster
    from models.detector import load_detector
    from models.packing import pack_detector
    from species_db.survey import open_survey
    folder, how, limit, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    detector = load_detector()
    source = Cluster(pack_detector(detector), workers=workers) if how == "ray" else None
    detect_media(open_survey(folder), detector, person="benchmark", limit=limit, workers=workers,
                 source=source, report=report)
"""


def main() -> None:
    """Run both in turns, print the medians, then the writer's rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=420)
    parser.add_argument("--start", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--written", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="where cards of earlier runs lie")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        card = (given.folder or root) / "card"
        make_card(card, given.photos, lambda done: None)
        prepared(card, root / "survey")
        found: dict[str, list[tuple[float, ...]]] = {"one process": [], "ray": []}
        for turn in range(given.rounds):
            for how in found:
                found[how].append(rates(root, f"{how} {turn}", how, given.start, given.photos))
        for how, runs in found.items():
            cpu_ms, wall, start_s, start_cpu_s = (
                statistics.median(of) for of in zip(*runs, strict=True)
            )
            print(
                f"{how}: {cpu_ms:.0f} ms of processor a photo, {wall:.1f} photos/s with "
                f"{WORKERS} workers; start-up {start_s:.1f} s, {start_cpu_s:.1f} s of processor"
            )
        rate, cpu_ms, stored = written(root / "writer", given.written)
        print(
            f"writer alone: {rate:.0f} photos/s, {cpu_ms:.2f} ms of processor a photo, "
            f"{stored:.0f} bytes of database a photo"
        )


def rates(root: Path, name: str, how: str, short: int, long: int) -> tuple[float, ...]:
    """Processor ms a photo, photos a second, and what start-up took (wall, processor)."""
    (wall_1, cpu_1), (wall_2, cpu_2) = (
        timed(fresh_copy(root / "survey", root / f"{name} {limit}"), how, limit)
        for limit in (short, long)
    )
    each, each_cpu = (wall_2 - wall_1) / (long - short), (cpu_2 - cpu_1) / (long - short)
    return 1000 * each_cpu, 1 / each, wall_1 - short * each, cpu_1 - short * each_cpu


def timed(survey: Path, how: str, limit: int) -> tuple[float, float]:
    """Seconds until the last answer, and processor seconds of every process by then."""
    command = [sys.executable, "-c", LOOK, str(survey), how, str(limit), str(WORKERS)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wall, cpu = json.loads(told.strip().splitlines()[-1])
    print(f"  {survey.name}: {wall:.1f} s, {cpu:.1f} s of processor", flush=True)
    return wall, cpu


class Free:
    """A source whose answers cost nothing, so that only the writer works."""

    preview = bytes(150_000)

    def answers(self, survey: Survey, *conditions: object, limit: int | None) -> Iterator[Answer]:
        """Two boxes on two photos of three, none on the third."""
        box = Detection("animal", 0.8, 0.1, 0.2, 0.3, 0.4)
        other = Detection("animal", 0.6, 0.5, 0.2, 0.3, 0.4)
        for number, media in enumerate(waiting_media(survey, conditions)):
            seen = [Seen(box), Seen(other)] if number % 3 else []
            answer = Answer(media.media_id, seen, preview=self.preview)
            leave_preview(survey, answer)
            yield answer

    def told(self) -> str:
        """Nothing."""
        return ""


def written(folder: Path, photos: int) -> tuple[float, float, float]:
    """What one writer does with SQLite, previews and event queue included.

    Gives photos a second, its processor time for one, and the bytes of database that one takes.
    """
    survey = create_survey(folder, SurveySettings())
    with survey.writing() as session:
        for _ in range(photos // 3):
            make_event(session, photos=3)
    detector = load_detector()
    started, spent = time.monotonic(), time.process_time()
    detect_media(survey, detector, person="benchmark", source=Free())
    seconds, cpu = time.monotonic() - started, time.process_time() - spent
    survey.close()
    stored = sum(path.stat().st_size for path in folder.glob("survey.db*"))
    return photos / seconds, 1000 * cpu / photos, stored / photos


if __name__ == "__main__":
    main()
