"""Imports that others see, that meet one another, or whose card changes before they go on."""

import random
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cards import FIRST, jpeg, make_card, with_deployment
from sqlmodel import col, select
from test_import_card import DRIVER, files_of, rows_of, run, survey_with_deployment

from ingest import import_card as importing
from ingest.card import CardGoneError, list_card
from ingest.import_card import CardProgress, import_card
from ingest.import_lock import ImportBusyError, import_lock
from species_db import identity
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Media

needs_kill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught"
)


def card_row(survey: Survey) -> CardImport:
    """The one card of a survey."""
    with survey.reading() as session:
        return session.exec(select(CardImport)).one()


def test_progress_is_in_the_database(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process sees files and bytes grow with every batch, and all of them at the end."""
    monkeypatch.setattr(importing, "BATCH_FILES", 4)
    monkeypatch.setenv("NAMCHA_JOB", "job-1")
    with_deployment(survey)
    seen = []

    def watch(_progress: CardProgress) -> None:
        row = card_row(survey)
        seen.append((row.done_files, row.done_bytes))

    card = make_card(tmp_path / "SD01", photos=9)
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi", report=watch)
    row = card_row(survey)
    assert seen == sorted(seen)
    assert {files for files, _ in seen} >= {4, 8}
    assert (row.done_files, row.total_files) == (9, 9)
    assert row.done_bytes == row.total_bytes == list_card(card).total_bytes
    assert row.progress_at is not None
    assert row.job_id == "job-1"


def test_a_card_in_work_is_refused_and_nothing_changes(survey: Survey, tmp_path: Path) -> None:
    """A second import of a card says who is at it and how far, and changes no row and no file."""
    card = make_card(tmp_path / "SD01", photos=3)
    with_deployment(survey)
    run(survey, card)
    card_import_id = identity.card_import_id("MT-01-2026", list_card(card).fingerprint)
    before = rows_of(survey), files_of(survey)
    with import_lock(survey, card_import_id):
        with pytest.raises(ImportBusyError, match="begun by Tashi on .*, 3 of 3 files"):
            run(survey, card)
        assert (rows_of(survey), files_of(survey)) == before
    assert run(survey, card).safe_to_wipe


def test_two_cards_of_one_deployment_at_once(survey: Survey, tmp_path: Path) -> None:
    """Two readers at work for one deployment both end whole, a photo that both hold kept once."""
    first = make_card(tmp_path / "SD01", photos=12)
    second = make_card(tmp_path / "SD02", photos=12, first_number=6)
    with_deployment(survey)
    told = []
    threads = [
        threading.Thread(target=lambda card=card: told.append(run(survey, card)))
        for card in (first, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [receipt.safe_to_wipe for receipt in told] == [True, True]
    on_cards = {path.read_bytes() for card in (first, second) for path in card.rglob("*.JPG")}
    assert sum(receipt.stored for receipt in told) == len(on_cards) == len(files_of(survey))
    assert not list(survey.folder.rglob("*.part"))


@needs_kill
def test_an_interrupted_import_goes_on_when_the_card_has_new_files(tmp_path: Path) -> None:
    """New photos on the card of a killed import: one import remains, as if it had been the only."""
    card = make_card(tmp_path / "SD01", photos=60)
    killed = survey_with_deployment(tmp_path / "killed")
    command = [sys.executable, "-c", DRIVER, str(killed.folder), str(card)]
    code = command[2].replace("import_card(\n", "importing.BATCH_FILES = 10\nimport_card(\n", 1)
    command[2] = "from ingest import import_card as importing\n" + code
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 35:
                break
        process.send_signal(signal.SIGKILL)
    with killed.reading() as session:
        assert session.exec(select(CardFile)).first() is not None
    late = jpeg(900, FIRST + timedelta(days=2))
    (card / "DCIM" / "100MEDIA" / "IMG_0900.JPG").write_bytes(late)
    clean = survey_with_deployment(tmp_path / "clean")
    run(clean, card)
    assert run(killed, card).stored == 61
    assert files_of(killed) == files_of(clean)
    assert rows_of(killed) == rows_of(clean)
    killed.close()
    clean.close()


def test_an_unfinished_import_of_another_card_is_left_alone(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that does not hold what an unfinished import had read is another card."""
    card = make_card(tmp_path / "SD01", photos=6)
    other = make_card(tmp_path / "SD02", photos=6, first_number=100)
    with_deployment(survey)
    interrupt(survey, card, monkeypatch)
    run(survey, other)
    with survey.reading() as session:
        states = session.exec(select(CardImport.state).order_by(col(CardImport.state))).all()
    assert states == ["complete", "running"]
    assert run(survey, card).stored == 6


def interrupt(survey: Survey, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin an import, commit some files, and break it off."""
    with monkeypatch.context() as patch:
        patch.setattr(importing, "BATCH_FILES", 2)

        def break_off(progress: CardProgress) -> None:
            if progress.files >= 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            import_card(survey, card, deployment_id="MT-01-2026", person="Tashi", report=break_off)
    assert not list(survey.folder.rglob("*.part"))


def test_a_card_that_goes_away_is_said_once(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card pulled in the middle stops the import with one error; put back, it goes on."""
    monkeypatch.setattr(importing, "BATCH_FILES", 2)
    monkeypatch.setattr(importing, "AHEAD", 8)
    card = make_card(tmp_path / "SD01", photos=40)
    with_deployment(survey)
    away = tmp_path / "pulled"

    def pull(progress: CardProgress) -> None:
        if progress.files == 4:
            card.rename(away)

    with pytest.raises(CardGoneError, match="went away while it was read"):
        import_card(survey, card, deployment_id="MT-01-2026", person="Tashi", report=pull)
    with survey.reading() as session:
        outcomes = set(session.exec(select(CardFile.outcome)).all())
    assert outcomes == {"stored"}
    away.rename(card)
    receipt = run(survey, card)
    assert (receipt.stored, receipt.unread, receipt.safe_to_wipe) == (40, 0, True)


def test_folders_however_deep_are_listed(survey: Survey, tmp_path: Path) -> None:
    """A card with two hundred folders inside one another comes in like any other."""
    deep = tmp_path / "SD01"
    for _ in range(200):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "IMG_0001.JPG").write_bytes(jpeg(1))
    with_deployment(survey)
    assert run(survey, tmp_path / "SD01").stored == 1


def test_a_large_photo_is_read_whole(survey: Survey, tmp_path: Path) -> None:
    """A photo beyond what stays in memory gives its time all the same, and is kept to the byte."""
    card = tmp_path / "SD01"
    card.mkdir()
    photo = jpeg(1, FIRST) + random.Random(1).randbytes(9 * 1024 * 1024)
    (card / "IMG_0001.JPG").write_bytes(photo)
    with_deployment(survey)
    run(survey, card)
    with survey.reading() as session:
        media = session.exec(select(Media)).one()
    assert media.camera_time_raw == "2026:05:01 06:30:00"
    assert survey.path_of(media.file_path).read_bytes() == photo
