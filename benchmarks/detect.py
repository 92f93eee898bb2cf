"""What detecting costs beside the peers, in turns, with the same weights on the same photos.

    python benchmarks/detect.py [--photos 320] [--rounds 3] [--engine auto]
        [--peer-python ENV/bin/python] [--with ours,limit,naive,megadetector,speciesnet]
        [--many 10000]

Makes a card of 8 and 12 megapixel photos (benchmarks/trap_photos.py), then in turns, each in a
process of its own and without its start-up: `predict(stream=True)` of Ultralytics, MegaDetector's
`run_detector_batch`, SpeciesNet's detector loop, the decoder and the network of ours alone (the
limit), and ours doing the whole job. Medians are printed; processor time is the figure to trust on
a computer that does other work. Then the time from a command's start to its first detection, and
with --many the memory over so many photos.

The peers live in an environment of their own that sees this one's packages: in it,
`pip install --no-deps megadetector speciesnet yolov5 humanfriendly jsonpickle dill clipboard
absl-py kagglehub reverse_geocoder tqdm cloudpathlib pandas humanize huggingface_hub httpx2
httpcore2 truststore kagglesdk seaborn`, and a `.pth` file with the path of our site-packages.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from trap_photos import make_card, with_other_bytes

ROOT = Path(__file__).resolve().parents[1]
CONTENDERS = Path(__file__).with_name("contenders.py")
WEIGHTS = ROOT / "models" / "weights"
THRESHOLD = 0.2
CARD_PHOTOS = 1000  # on one card of the long run
NAMES = ("ours", "limit", "naive", "megadetector", "speciesnet")
PEERS = ("megadetector", "speciesnet")
OFFLINE = {"YOLO_OFFLINE": "1", "YOLO_AUTOINSTALL": "False", "HF_HUB_OFFLINE": "1"}

PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ingest.import_card import import_card
from species_db.survey import SurveySettings, create_survey
from species_db.tables import CameraStation, Deployment
survey = create_survey(Path(sys.argv[2]), SurveySettings())
with survey.writing() as session:
    if session.get(Deployment, "D") is None:
        session.add(CameraStation(location_id="S", latitude=29.0, longitude=95.0))
        session.flush()
        start = datetime(2026, 4, 1, tzinfo=UTC)
        session.add(Deployment(deployment_id="D", location_id="S", deployment_start=start))
receipt = import_card(survey, Path(sys.argv[1]), deployment_id="D", person="benchmark")
assert receipt.safe_to_wipe
"""

MANY = """
import sys, threading, time
from pathlib import Path
from ingest.classify import detect_media
from models.detector import load_detector
from species_db.survey import open_survey
def resident(which="VmRSS"):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) // 1024
def report(at):
    if at.done % step == 0 or at.done == at.total:
        print(at.done, resident(), flush=True)
step = int(sys.argv[2])
survey = open_survey(Path(sys.argv[1]))
detect_media(survey, load_detector(), person="benchmark", report=report)
print("peak", resident("VmHWM"))
"""


def prepared(card: Path, survey: Path) -> None:
    """Import the card into a new survey."""
    subprocess.run([sys.executable, "-c", PREPARE, str(card), str(survey)], check=True, cwd=ROOT)


def fresh_copy(survey: Path, to: Path) -> Path:
    """A survey that nothing has been detected in, whose originals are the same files."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(survey, to, copy_function=_link_originals)
    return to


def _link_originals(source: str, to: str) -> None:
    if Path(source).suffix == ".jpg":
        os.link(source, to)
    else:
        shutil.copy2(source, to)


def run(name: str, python: str, given: dict[str, object]) -> dict[str, float] | str:
    """Let a contender run; what it took, or the last line of its error."""
    command = [python, str(CONTENDERS), name, json.dumps(given)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **OFFLINE}
    )
    if done.returncode:
        return (done.stderr.strip() or "no message").splitlines()[-1][:300]
    return json.loads(done.stdout.strip().splitlines()[-1])


def compare(args: argparse.Namespace, root: Path) -> None:
    """Run every contender in turns, and print medians and ratios."""
    card = args.card or root / "card"
    photos = make_card(card / "DCIM", args.photos, lambda made: None)
    megabytes = sum(path.stat().st_size for path in photos) / 1e6
    print(f"{len(photos)} photos, {megabytes:.0f} MB, {args.rounds} rounds, {os.cpu_count()} cores")
    prepared(card, root / "survey")
    given: dict[str, object] = {
        "photos": [str(path) for path in photos],
        "warm": args.warm,
        "engine": args.engine,
        "onnx": str(WEIGHTS / "general.onnx"),
        "pt": str(WEIGHTS / "general.pt"),
        "threshold": THRESHOLD,
        "folder": str(root),
    }
    found: dict[str, list[dict[str, float]]] = {name: [] for name in args.names}
    for number in range(args.rounds):
        for name in args.names:
            python = args.peer_python if name in PEERS else sys.executable
            if python is None:
                continue
            if name == "ours":
                given["survey"] = str(fresh_copy(root / "survey", root / "now"))
            load = os.getloadavg()[0]
            told = run(name, python, given)
            if isinstance(told, str):
                print(f"round {number + 1}: {name} could not run: {told}")
                continue
            found[name].append({**told, "load": load})
            print(
                f"round {number + 1}: {name:13} {told['cpu_ms']:7.1f} ms of processor a photo, "
                f"{told['photos_s']:5.1f} a second, {told['peak_mb']:5.0f} MB, "
                f"{told['boxes']:.0f} boxes; load before {load:.1f}",
                flush=True,
            )
    table(found)


def table(found: dict[str, list[dict[str, float]]]) -> None:
    """Print medians and ratios."""
    middle = {
        name: {
            key: statistics.median(one[key] for one in runs)
            for key, value in runs[0].items()
            if isinstance(value, int | float)
        }
        for name, runs in found.items()
        if runs
    }
    print(f"\n{'':14}{'CPU ms':>8}{'photos/s':>10}{'MB':>7}{'boxes':>7}{'load':>6}")
    for name, one in middle.items():
        print(
            f"{name:14}{one['cpu_ms']:8.1f}{one['photos_s']:10.1f}{one['peak_mb']:7.0f}"
            f"{one['boxes']:7.0f}{one['load']:6.1f}"
        )
    if "limit" in middle:
        print(
            f"limit: decode {middle['limit']['decode_ms']:.1f} ms, "
            f"network {middle['limit']['infer_ms']:.1f} ms"
        )
    if "ours" not in middle:
        return
    print("engine:", found["ours"][0]["engine"])
    own = middle["ours"]["cpu_ms"]
    for name, one in middle.items():
        if name == "limit":
            print(f"ours at {one['cpu_ms'] / own:.2f} of the limit by processor time")
        elif name != "ours":
            print(f"ours against {name}: {one['cpu_ms'] / own:.2f} times by processor time")


def first_detection(root: Path, rounds: int) -> None:
    """Time the command from its start to the end of detecting one photo."""
    if not (root / "survey").exists():
        return
    took = []
    for _ in range(rounds):
        survey = fresh_copy(root / "survey", root / "now")
        command = [sys.executable, "-m", "namcha", "detect", "--limit", "1", "--survey", survey]
        started = time.monotonic()
        subprocess.run(
            [*command, "--person", "benchmark"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        took.append(time.monotonic() - started)
    each = " ".join(f"{one:.1f}" for one in took)
    print(f"start to the end of a run of one photo: {statistics.median(took):.1f} s   ({each})")


def memory_over_many(args: argparse.Namespace, root: Path) -> None:
    """Print the memory held while so many photos are looked at: few pictures, many hashes."""
    photos = make_card((args.card or root / "card") / "DCIM", args.photos, lambda made: None)
    for start in range(0, args.many, CARD_PHOTOS):
        card = root / "many" / f"card{start // CARD_PHOTOS}"
        (card / "DCIM").mkdir(parents=True)
        for number in range(start, min(start + CARD_PHOTOS, args.many)):
            photo = with_other_bytes(photos[number % len(photos)].read_bytes(), number)
            (card / "DCIM" / f"IMG_{number:05d}.JPG").write_bytes(photo)
        prepared(card, root / "many_survey")
        shutil.rmtree(card)
    print(f"memory in MB over {args.many} photos:", flush=True)
    command = [sys.executable, "-c", MANY, str(root / "many_survey"), str(max(1, args.many // 20))]
    subprocess.run(command, check=True, cwd=ROOT)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm", type=int, default=20)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--peer-python")
    parser.add_argument("--with", dest="names", default=",".join(NAMES))
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--card", type=Path, help="keep the made photos here for the next run")
    parser.add_argument("--folder", type=Path, help="where to measure; else the temporary folder")
    args = parser.parse_args()
    args.names = [name for name in args.names.split(",") if name]
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        if args.names:
            compare(args, Path(folder))
            first_detection(Path(folder), args.rounds)
        if args.many:
            memory_over_many(args, Path(folder))


if __name__ == "__main__":
    main()
