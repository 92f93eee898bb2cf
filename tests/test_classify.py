"""From detections to machine observations: what is stored, resumed, restricted and listed."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from cards import with_deployment
from fakes import FakeDetector
from PIL import Image
from sqlalchemy import ColumnElement
from sqlmodel import select

from ingest.classify import Threads, detect_media
from ingest.import_card import import_card
from ingest.look import Answer, detecting, look_at, look_at_bytes
from models.detector import Detection
from models.pixels import Decode
from species_db.survey import Survey
from species_db.tables import Decision, Event, Media, Observation, Problem

ANIMAL = Detection("animal", 0.8, 0.1, 0.2, 0.3, 0.4)
HEAVY = {"torch", "torchvision", "ultralytics", "pandas", "scipy", "pyogrio", "streamlit"}
PERSON = Detection("person", 0.6, 0.5, 0.2, 0.2, 0.6)


def photo(shade: int) -> bytes:
    """A plain photo of one grey."""
    written = BytesIO()
    Image.new("RGB", (320, 240), (shade, shade, shade)).save(written, "JPEG")
    return written.getvalue()


def with_photos(survey: Survey, folder: Path, shades: list[int]) -> None:
    """Import a card with one photo of each shade."""
    folder.mkdir()
    for number, shade in enumerate(shades):
        (folder / f"2026050106300{number}.JPG").write_bytes(photo(shade))
    with_deployment(survey)
    import_card(survey, folder, deployment_id="MT-01-2026", person="Tashi")


def observations(survey: Survey) -> list[Observation]:
    """Everything that is stored as an observation."""
    with survey.reading() as session:
        return list(session.exec(select(Observation)))


def test_every_photo_gets_boxes_or_a_blank(survey: Survey, tmp_path: Path) -> None:
    """Two boxes are two observations, no box is one blank: looked at, nothing there."""
    with_photos(survey, tmp_path / "SD01", [200, 20])
    report = detect_media(survey, FakeDetector([ANIMAL, PERSON]), person="Tashi")
    assert (report.media, report.animal, report.human, report.blank) == (2, 1, 1, 1)
    found = sorted((o.observation_type, o.bbox_x) for o in observations(survey))
    assert found == [("animal", 0.1), ("blank", None), ("human", 0.5)]
    assert {o.classification_method for o in observations(survey)} == {"machine"}
    assert {o.observation_level for o in observations(survey)} == {"media"}


def test_people_are_restricted_at_once(survey: Survey, tmp_path: Path) -> None:
    """A photo with a person is restricted by the same commit, others are not."""
    with_photos(survey, tmp_path / "SD01", [200, 20])
    detect_media(survey, FakeDetector([PERSON]), person="Tashi")
    with survey.reading() as session:
        assert sorted(media.is_restricted for media in session.exec(select(Media))) == [False, True]


def test_detection_goes_on_where_it_stopped(survey: Survey, tmp_path: Path) -> None:
    """What is answered is not asked again, and the second run adds no observation twice."""
    with_photos(survey, tmp_path / "SD01", [200, 190, 180, 20])
    detector = FakeDetector([ANIMAL])
    first = detect_media(survey, detector, person="Tashi", limit=3)
    assert (first.media, first.undetected) == (3, 1)
    assert detect_media(survey, detector, person="Tashi").media == 1
    assert detect_media(survey, detector, person="Tashi").media == 0
    assert detector.looked_at == 4
    assert len(observations(survey)) == 4


def test_missing_originals_do_not_hold_up_the_rest(survey: Survey, tmp_path: Path) -> None:
    """With a limit, photos that cannot be read are listed and others take their place."""
    with_photos(survey, tmp_path / "SD01", [200, 190, 180, 170])
    with survey.reading() as session:
        first_two = session.exec(select(Media).order_by(Media.media_id).limit(2)).all()
    for media in first_two:
        survey.path_of(media.file_path).unlink()
    report = detect_media(survey, FakeDetector([ANIMAL]), person="Tashi", limit=2)
    assert (report.media, report.problems) == (2, 2)


def test_other_weights_answer_anew_beside_the_old(survey: Survey, tmp_path: Path) -> None:
    """A new model's answers stand beside the old model's; nothing is overwritten."""
    with_photos(survey, tmp_path / "SD01", [200])
    detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    detect_media(survey, FakeDetector([ANIMAL], name="new", sha256="e" * 64), person="Tashi")
    assert sorted(o.classified_by for o in observations(survey)) == ["fake 1", "new 1"]


def test_the_event_says_what_the_machine_found(survey: Survey, tmp_path: Path) -> None:
    """The queue's summary is the strongest answer on any photo of the event."""
    with_photos(survey, tmp_path / "SD01", [20, 200])
    detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    with survey.reading() as session:
        event = session.exec(select(Event)).one()
    assert (event.machine_type, event.machine_probability) == ("animal", 0.8)


def test_an_altered_original_is_listed_not_classified(survey: Survey, tmp_path: Path) -> None:
    """A kept photo whose bytes are no longer those imported is a problem, not evidence."""
    with_photos(survey, tmp_path / "SD01", [200, 20])
    altered = next((survey.folder / "media").rglob("*.jpg"))
    altered.write_bytes(altered.read_bytes()[:-1] + b"\x00")
    report = detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    assert (report.media, report.problems) == (1, 1)
    with survey.reading() as session:
        assert [p.code for p in session.exec(select(Problem))] == ["original_altered"]


def test_a_run_is_in_the_log_with_its_engine(survey: Survey, tmp_path: Path) -> None:
    """The log tells which weights and which engine answered, and on how many photos."""
    with_photos(survey, tmp_path / "SD01", [200])
    detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    with survey.reading() as session:
        decision = session.exec(select(Decision).where(Decision.act == "detected")).one()
    assert decision.subject == "f" * 64
    details = json.loads(decision.details)
    assert details["engine"] == "none, 64 px, scaled decode"
    assert (details["precision"], details["decode"]) == ("none", "scaled")
    assert (details["image_size"], details["media"]) == (64, 1)


def test_a_full_decode_is_in_the_log_too(survey: Survey, tmp_path: Path) -> None:
    """Weak boxes depend on how a photo was decoded, so each run says it."""
    with_photos(survey, tmp_path / "SD01", [200])
    report = detect_media(survey, FakeDetector([ANIMAL]), person="Tashi", decode=Decode.FULL)
    assert report.decode == "full"
    assert report.engine.endswith("full decode")


def test_a_second_stage_sees_the_picture_and_its_boxes(survey: Survey, tmp_path: Path) -> None:
    """A second stage gets what was decoded, once, and only where there are boxes."""
    with_photos(survey, tmp_path / "SD01", [200, 20])
    asked: list[tuple[int, ...]] = []

    def closer(image: np.ndarray, found: Sequence[Detection]) -> list[str]:
        asked.append(image.shape)
        return [f"closer to {box.label}" for box in found]

    look = detecting(FakeDetector([ANIMAL, PERSON]), closer)
    answers = list(look_at(survey, look, workers=2))
    assert asked == [(240, 320, 3)]
    assert sorted(str(seen.closer) for answer in answers for seen in answer.seen) == [
        "closer to animal",
        "closer to person",
    ]


def test_bytes_from_anywhere_are_answered_with_their_preview() -> None:
    """What a worker of another computer needs: bytes in; boxes, measures and a preview out."""
    answer = look_at_bytes(photo(200), "m1", detector=FakeDetector([ANIMAL]))
    assert [seen.detection for seen in answer.seen] == [ANIMAL]
    assert answer.measures is not None
    assert answer.measures.is_grey
    with Image.open(BytesIO(answer.preview)) as preview:
        assert preview.size == (320, 240)


def test_detecting_by_command_loads_no_torch(survey: Survey, tmp_path: Path) -> None:
    """From the card to the boxes nothing heavy is loaded that start-up would wait for."""
    with_photos(survey, tmp_path / "SD01", [200])
    survey.close()
    program = (
        f"import sys; sys.argv = ['namcha', 'detect', '--survey', {str(survey.folder)!r}]\n"
        "import namcha\n"
        "try:\n    namcha.main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().splitlines()[-1] == "[]"


def test_a_preview_without_metadata_is_made_on_the_way(survey: Survey, tmp_path: Path) -> None:
    """Detection leaves a small picture for the review page, and no EXIF in it."""
    with_photos(survey, tmp_path / "SD01", [200])
    detect_media(survey, FakeDetector(), person="Tashi")
    (preview,) = (survey.folder / "previews").glob("*.jpg")
    with Image.open(preview) as picture:
        assert dict(picture.getexif()) == {}


@dataclass
class Breaking:
    """A source that stops after so many answers."""

    inner: Threads
    after: int

    def answers(
        self, survey: Survey, *conditions: ColumnElement[bool], limit: int | None
    ) -> Iterator[Answer]:
        """The first answers, then the end."""
        yield from islice(self.inner.answers(survey, *conditions, limit=limit), self.after)
        raise KeyboardInterrupt

    def told(self) -> str:
        """Nothing."""
        return ""


def test_a_run_that_is_stopped_keeps_what_came_back(survey: Survey, tmp_path: Path) -> None:
    """Ctrl-C, or a cluster that stops: answers that are not a full batch yet are stored."""
    with_photos(survey, tmp_path / "SD01", [200, 190, 180])
    detector = FakeDetector([ANIMAL])
    source = Breaking(Threads(detecting(detector), 1), after=2)
    with pytest.raises(KeyboardInterrupt):
        detect_media(survey, detector, person="Tashi", source=source)
    assert len(observations(survey)) == 2
