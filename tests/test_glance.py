"""Cards at a glance: what they hold, whose they are, and when that is not certain."""

import json
import os
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from ingest.card import CardError, list_card
from ingest.card_match import CardSigns, Evidence, KnownDeployment, match_card
from ingest.glance import Sampling, choose_sample, glance_at
from ingest.import_card import import_card
from species_db.survey import Survey
from species_db.tables import Camera, Deployment
from tests.cards import make_card, with_deployment
from tests.test_command_line import namcha

MAY, JUNE, OCTOBER = datetime(2026, 5, 1), datetime(2026, 6, 1), datetime(2026, 10, 1)
SHEET = [
    KnownDeployment("MT-037-2026", frozenset({"MT-037-2026", "MT-037"}), "H37", MAY, OCTOBER),
    KnownDeployment("MT-041-2026", frozenset({"MT-041-2026", "MT-041"}), "H41", MAY, OCTOBER),
    KnownDeployment("MT-041-2025", frozenset({"MT-041-2025"}), "H41", datetime(2025, 5, 1), MAY),
]


@pytest.mark.parametrize(
    ("signs", "deployment_id"),
    [
        (CardSigns("MT-037-2026"), "MT-037-2026"),
        (CardSigns("mt-037"), "MT-037-2026"),
        (CardSigns("SD01", user_labels=frozenset({"MT-037"})), "MT-037-2026"),
        (CardSigns("SD01", frozenset({"H37"}), first=JUNE, last=JUNE), "MT-037-2026"),
        (CardSigns("SD01", frozenset({"H41"}), first=JUNE, last=JUNE), "MT-041-2026"),
        (CardSigns("SD01", earlier=frozenset({"MT-041-2025"})), "MT-041-2025"),
        (CardSigns("MT-041-2026", frozenset({"H41"}), first=JUNE, last=JUNE), "MT-041-2026"),
    ],
)
def test_one_answer_is_taken(signs: CardSigns, deployment_id: str) -> None:
    """Name, label, serial number with dates, or an earlier import decide when they agree."""
    match = match_card(signs, SHEET)
    assert match.deployment_id == match.candidates[0].deployment_id == deployment_id


@pytest.mark.parametrize(
    ("signs", "first", "evidence"),
    [
        (CardSigns("MT-073"), "MT-037-2026", Evidence.NEAR_NAME),
        (CardSigns("SD01", frozenset({"H37"})), "MT-037-2026", Evidence.SERIAL_ONLY),
        (CardSigns("MT-041", frozenset({"H37"}), first=JUNE, last=JUNE), None, Evidence.NAME),
        (CardSigns("MT-041", frozenset({"H37"})), "MT-041-2026", Evidence.NAME),
    ],
)
def test_what_is_not_certain_is_asked(
    signs: CardSigns, first: str | None, evidence: Evidence
) -> None:
    """A near name, a serial number at another time, or two answers are offered, never taken."""
    match = match_card(signs, SHEET)
    assert match.deployment_id is None
    assert evidence in {e for candidate in match.candidates for e in candidate.evidence}
    assert first in (None, match.candidates[0].deployment_id)


def test_a_strange_card_has_no_candidates() -> None:
    """Nothing is offered for a card that says nothing."""
    assert match_card(CardSigns("NO NAME"), SHEET).candidates == ()


def test_each_folder_of_cards_is_looked_at(survey: Survey, tmp_path: Path) -> None:
    """Beside each other lie a known card, one misspelt and an empty one; each is told apart."""
    with_deployment(survey)
    make_card(tmp_path / "cards" / "MT-01-2026", photos=9)
    make_card(tmp_path / "cards" / "MT-01-2062", photos=3)
    (tmp_path / "cards" / "EMPTY").mkdir()
    (tmp_path / "cards" / "list.txt").write_text("mine")
    empty, known, misspelt = glance_at(survey, tmp_path / "cards")
    assert (known.label, known.files, known.match.deployment_id) == ("MT-01-2026", 9, "MT-01-2026")
    assert (known.first_time, known.last_time) == ("2026-05-01 06:30", "2026-05-01 08:30")
    assert known.files_read == 2 * Sampling().per_end
    assert misspelt.match.deployment_id is None
    assert misspelt.match.candidates[0].evidence == (Evidence.NEAR_NAME,)
    assert empty.files == 0 and "none from a camera" in empty.problems[0]


def test_a_serial_number_finds_the_deployment(survey: Survey, shared: Path) -> None:
    """A real Reconyx card without a telling name is matched by its serial number and dates."""
    with_deployment(survey)
    with survey.writing() as session:
        session.add(Camera(camera_id="R1", serial_number="S750HK04275576"))
        session.flush()
        deployment = session.get_one(Deployment, "MT-01-2026")
        deployment.camera_id = "R1"
        deployment.deployment_start = datetime.fromisoformat("2019-07-01T10:00:00+08:00")
        session.add(deployment)
    (found,) = glance_at(survey, shared / "data" / "sdcard" / "card02_reconyx_sm750")
    assert found.match.deployment_id == "MT-01-2026"
    assert found.match.candidates[0].evidence == (Evidence.SERIAL,)
    assert (found.camera, found.files) == ("RECONYX SM750 SECURITY", 12)


def test_a_card_that_was_imported_says_so(survey: Survey, tmp_path: Path) -> None:
    """The same files under any name are known again."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=3)
    import_card(survey, card, deployment_id=deployment_id, person="Tashi")
    (found,) = glance_at(survey, card.rename(tmp_path / "SD99"))
    assert [(e.deployment_id, e.is_complete) for e in found.earlier] == [(deployment_id, True)]
    assert found.match.deployment_id == deployment_id


def test_the_sample_is_the_ends_of_each_folder(tmp_path: Path) -> None:
    """First and last files of every folder are read, the newest folder first, and no more."""
    for folder in ("100MEDIA", "101MEDIA"):
        for number in range(1, 11):
            path = tmp_path / "DCIM" / folder / f"I_{number:02d}.JPG"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
    sample = choose_sample(list_card(tmp_path).entries, Sampling(per_end=1, most_files=3))
    names = [entry.card_path.removeprefix("DCIM/") for entry in sample]
    assert names == ["101MEDIA/I_01.JPG", "101MEDIA/I_10.JPG", "100MEDIA/I_01.JPG"]


def test_a_slow_reader_is_not_waited_for(survey: Survey, tmp_path: Path) -> None:
    """When the time is over no more files are read, and the glance says how many were."""
    make_card(tmp_path / "SD01", photos=9)
    ticks = iter(range(100))
    (found,) = glance_at(
        survey, tmp_path / "SD01", sampling=Sampling(seconds=2), clock=lambda: float(next(ticks))
    )
    assert (found.files, found.files_read) == (9, 2)


def test_a_season_s_card_is_listed_in_seconds(survey: Survey, tmp_path: Path) -> None:
    """4,117 files in two folders are listed well within ten seconds, few of them read."""
    photo = make_card(tmp_path / "one", photos=1).joinpath("DCIM/100MEDIA/IMG_0001.JPG")
    content = photo.read_bytes()
    for number in range(4117):
        path = tmp_path / "SD01" / "DCIM" / f"{100 + number // 2500}MEDIA" / f"I_{number:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    began = time.monotonic()
    (found,) = glance_at(survey, tmp_path / "SD01")
    assert (found.files, found.files_read) == (4117, 12)
    assert time.monotonic() - began < 10


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_beside_the_cards_is_not_waited_for(survey: Survey, tmp_path: Path) -> None:
    """A pipe that lies beside the cards is passed over, instead of waiting for who writes it."""
    make_card(tmp_path / "cards" / "SD01", photos=2)
    pipe = tmp_path / "cards" / "pipe"
    os.mkfifo(pipe)
    late = threading.Timer(10, lambda: os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK)))
    late.start()
    started = time.monotonic()
    assert [glance.label for glance in glance_at(survey, tmp_path / "cards")] == ["SD01"]
    late.cancel()
    assert time.monotonic() - started < 5


def test_a_missing_folder_is_told(survey: Survey, tmp_path: Path) -> None:
    """A card that is not plugged in is said so."""
    with pytest.raises(CardError, match="there is no such folder"):
        glance_at(survey, tmp_path / "nowhere")


def test_the_command_gives_json_and_text(survey: Survey, tmp_path: Path) -> None:
    """`namcha cards` tells people and pages the same, also of a folder named like an option."""
    with_deployment(survey)
    make_card(tmp_path / "-x" / "MT-01-2026", photos=3)
    options = ("--survey", str(survey.folder))
    told = json.loads(namcha("cards", "--json", *options, "--", "-x", cwd=tmp_path).stdout)
    assert told[0]["match"]["deployment_id"] == "MT-01-2026"
    assert told[0]["match"]["candidates"][0]["evidence"] == ["name"]
    text = namcha("cards", *options, "--", "-x", cwd=tmp_path).stdout
    assert "3 files" in text and "→ MT-01-2026 (the folder's name)" in text
