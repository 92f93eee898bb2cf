"""Detection by workers of a real Ray: killed workers, stopped runs, and the database after them."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from cards import with_deployment
from films import make_film
from object_store import serving
from PIL import Image
from sqlmodel import func, select
from test_detector import ultralytics_photo

from ingest.classify import BATCH_MEDIA
from ingest.cluster import Cluster, ClusterError
from ingest.import_card import import_card
from models.detector import PixelDetector, load_detector
from models.packing import pack_detector
from species_db.survey import Survey, SurveySettings, create_survey, open_survey
from species_db.tables import Event, Media, Observation, Problem
from species_db.verify import verify_survey

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="needs Ray: pip install 'namcha[cluster]'"
)
PHOTOS = BATCH_MEDIA + 40
WAIT_S = 240.0  # for what a busy computer takes long over; a free one needs seconds
ENVIRONMENT = os.environ | {"PYTHONUTF8": "1", "NAMCHA_LANG": "en"}
PEOPLE_ARE_ANIMALS = "class_name,counts_as,scientific_name,source\nperson,animal,,test\n"
NOT_COMPARED = {"classification_timestamp", "seal"}  # when it was said, and the seal over that


@dataclass(frozen=True)
class Found:
    """Everything that detection writes, row by row."""

    observations: list[tuple[object, ...]]
    media: list[tuple[object, ...]]
    events: list[tuple[object, ...]]
    problems: list[tuple[object, ...]]
    previews: dict[str, bytes]
    findings: list[str]


def found_in(survey: Survey) -> Found:
    """Read all that a run left, and what a check of the survey finds amiss."""
    with survey.reading() as session:
        tables = [
            sorted(
                (
                    tuple((k, v) for k, v in row.model_dump().items() if k not in NOT_COMPARED)
                    for row in session.exec(select(table))
                ),
                key=repr,
            )
            for table in (Observation, Media, Event, Problem)
        ]
    previews = (survey.folder / "previews").glob("*.jpg")
    findings = sorted(str(finding) for finding in verify_survey(survey).findings)
    return Found(*tables, {path.name: path.read_bytes() for path in previews}, findings)


def check_same(found: Found, expected: Found) -> None:
    """Compare two runs part by part: what differs is told row by row, not as two long lists."""
    assert found.previews == expected.previews
    for name in ("observations", "media", "events", "problems", "findings"):
        rows, wanted = set(getattr(found, name)), set(getattr(expected, name))
        differing = sorted(map(str, rows - wanted)), sorted(map(str, wanted - rows))
        assert [side[:1] for side in differing] == [[], []], name
        assert len(getattr(found, name)) == len(getattr(expected, name)), f"doubled {name}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey with photos of people and a bus, blanks, a film, and two originals that are not."""
    root = tmp_path_factory.mktemp("cluster")
    people = [Image.fromarray(ultralytics_photo(name)) for name in ("bus.jpg", "zidane.jpg")]
    card = root / "SD01"
    card.mkdir()
    for number in range(PHOTOS):
        picture = people[number % 2].resize((1280, 960)).crop((3 * number, 0, 1280, 960))
        if number % 5 == 0:
            picture = Image.new("RGB", (1280, 960), (number, 90, 60))
        written = BytesIO()
        picture.save(written, "JPEG", quality=88)
        (card / f"IMG_{number:04d}.JPG").write_bytes(written.getvalue())
    (card / "MOV_0001.AVI").write_bytes(make_film("mjpeg.avi", size=(320, 240), seconds=3))
    survey = create_survey(root / "survey", SurveySettings(title="Cluster"))
    with_deployment(survey)
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
    photos = sorted((survey.folder / "media").rglob("*.jpg"))
    photos[0].unlink()
    photos[1].write_bytes(photos[1].read_bytes()[:-1] + b"\x00")
    # people count as animals here, so that a classifier has boxes to name
    (survey.folder / "classes.csv").write_text(PEOPLE_ARE_ANIMALS, encoding="utf-8")
    survey.close()
    return survey.folder


@pytest.fixture(scope="module")
def in_process(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, object]:
    """What the run within one process leaves and tells: the measure of all others."""
    with copy_of(template, tmp_path_factory.mktemp("here")) as survey:
        told = subprocess.run(
            command_on(survey), capture_output=True, text=True, env=ENVIRONMENT, check=True
        )
        report = json.loads(told.stdout)
        assert (report["media"], report["films"], report["problems"]) == (PHOTOS - 1, 1, 2)
        assert report["animal"] > 0
        assert report["blank"] > 0
        return found_in(survey), report["species"]


@contextmanager
def copy_of(template: Path, root: Path) -> Iterator[Survey]:
    """A survey of its own with the same media."""
    survey = open_survey(Path(shutil.copytree(template, root / "survey")))
    yield survey
    survey.close()


@contextmanager
def running(survey: Survey, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command, in a process of its own; whatever it started is gone when the block ends."""
    run = subprocess.Popen(
        command_on(survey, "--engine", "ray"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT | environment,
    )
    started: set[psutil.Process] = set()
    try:
        wait_for(lambda: previews_of(survey) or run.poll() is not None)
        started |= set(processes_of(run))
        yield run
    finally:
        run.kill()
        run.communicate()
        _, left = psutil.wait_procs(started, timeout=30)
        for process in left:
            process.kill()
        for folder in Path("/tmp").glob(f"namcha-ray-{run.pid}-*"):  # of a command that was killed
            shutil.rmtree(folder, ignore_errors=True)


def command_on(survey: Survey, *more: str) -> list[str]:
    """The command that detects, and names animals, with a report for scripts."""
    command = [sys.executable, "-m", "namcha", "detect", "--species", "groups", "--json"]
    return [*command, "--survey", str(survey.folder), "--person", "Tashi", *more]


def wait_for(is_so: object, seconds: float = WAIT_S) -> None:
    """Wait until something holds; look often, because a run may be over soon."""
    assert callable(is_so)
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def processes_of(run: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Everything that a run has started."""
    try:
        return psutil.Process(run.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def workers_of(run: "subprocess.Popen[str]") -> dict[int, psutil.Process]:
    """The processes that hold a detector, by their ids."""
    workers = {}
    for process in processes_of(run):
        try:
            if any("MapWorker" in word for word in process.cmdline()):
                workers[process.pid] = process
        except psutil.NoSuchProcess:
            continue
    return workers


def previews_of(survey: Survey) -> int:
    """How many answers have come back: each leaves its preview at once."""
    return sum(1 for _ in (survey.folder / "previews").glob("*.jpg"))


def answered_in(survey: Survey) -> int:
    """How many media have an answer that is committed."""
    with survey.reading() as session:
        return session.exec(select(func.count(func.distinct(Observation.media_id)))).one()


@needs_ray
def test_a_killed_worker_loses_nothing(
    template: Path, in_process: tuple[Found, object], tmp_path: Path
) -> None:
    """A worker's process is killed part-way; the database is that of the run in one process."""
    with copy_of(template, tmp_path) as survey, running(survey) as run:
        before = workers_of(run)
        assert before, "no worker at work"
        victim = min(before)
        before[victim].kill()
        came_before = previews_of(survey)
        assert came_before < PHOTOS
        seen = set(before)
        while run.poll() is None:
            seen |= set(workers_of(run))
            time.sleep(0.05)
        told, errors = run.communicate()
        assert run.returncode == 0, errors
        report = json.loads(told)
        print(  # the run as it was, for who asks to see it
            f"killed worker {victim} after {came_before} of {PHOTOS} answers; workers before "
            f"{sorted(before)}, after {sorted(seen - set(before))}\n{told}"
        )
        assert (report["media"], report["problems"], report["undetected"]) == (PHOTOS - 1, 2, 2)
        assert "ray" in report["engine"]
        check_same(found_in(survey), in_process[0])
        assert report["species"] == in_process[1]  # the workers named them, not this computer later


@needs_ray
def test_a_stopped_run_goes_on(
    template: Path, in_process: tuple[Found, object], tmp_path: Path
) -> None:
    """The command itself is killed after its first commit; the next one asks only for the rest."""
    with copy_of(template, tmp_path) as survey:
        with running(survey) as run:
            wait_for(lambda: answered_in(survey) or run.poll() is not None)
            assert run.poll() is None, run.communicate()[1]
            run.kill()
        answered = answered_in(survey)
        assert 0 < answered < PHOTOS - 1
        with serving(survey.folder, bucket="survey") as (endpoint, read):
            store = {
                "NAMCHA_ORIGINALS": "s3://survey",
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": "reader",
                "AWS_SECRET_ACCESS_KEY": "secret",
            }
            with running(survey, **store) as run:
                told, errors = run.communicate()
        assert run.returncode == 0, errors
        assert json.loads(told)["media"] == PHOTOS - 1 - answered
        assert 0 < len(set(read)) <= PHOTOS - answered
        check_same(found_in(survey), in_process[0])


@needs_ray
def test_a_cluster_that_is_not_there_is_said(survey: Survey) -> None:
    """An address where nothing answers is an error within seconds, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    cluster = Cluster(pack_detector(general()), address=f"127.0.0.1:{port}")
    with pytest.raises(ClusterError, match=f"No Ray at 127.0.0.1:{port}.*ray start"):
        list(cluster.answers(survey, limit=None))


def test_without_ray_the_extra_is_named(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not installed the extra reads how to, and that one computer does the same work."""
    monkeypatch.setattr("ingest.cluster.find_spec", lambda name: None)
    with pytest.raises(ClusterError, match=r"namcha\[cluster\]"):
        list(Cluster(pack_detector(general())).answers(survey, limit=None))


def test_a_packed_detector_answers_alike(tmp_path: Path) -> None:
    """What is opened from a packed detector is the same detector: names, threshold, boxes."""
    detector = general()
    from models.packing import unpack_detector

    again = unpack_detector(pack_detector(detector), tmp_path)
    photo = ultralytics_photo("bus.jpg")
    assert again.detect(photo) == detector.detect(photo)
    for name in ("name", "version", "sha256", "threshold", "iou", "image_size", "engine"):
        assert getattr(again, name) == getattr(detector, name)


def general() -> PixelDetector:
    """The shipped weights."""
    detector = load_detector("general")
    assert isinstance(detector, PixelDetector)
    return detector
