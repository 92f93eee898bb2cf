"""Importing a card: what is kept, what is listed, and what a killed import leaves behind."""

import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import av
import pytest
from cards import FIRST, jpeg, make_card, with_deployment
from PIL import Image
from sqlmodel import SQLModel, col, select

from ingest import originals
from ingest.card import CardError
from ingest.import_card import import_card
from ingest.receipt import Receipt
from species_db.decisions import broken_entries
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import CardFile, Decision, Event, Media, Problem

# What two honest runs may differ in: when they ran, and the log's hashes over that.
RUN_COLUMNS = {"started_at", "completed_at", "decided_at", "decision_id", "hash", "previous_hash"}
RUN_COLUMNS |= {"progress_at", "stated_at"}
RUN_SEALS = {"cardimport", "cameraday"}  # sealed over when they ran
RUN_DETAILS = {"receipt_sha256", "page_sha256", "sealed"}  # tell when and by which key it ran


def run(survey: Survey, card: Path, deployment_id: str = "MT-01-2026") -> Receipt:
    """Import a card as Tashi."""
    return import_card(survey, card, deployment_id=deployment_id, person="Tashi")


def files_of(survey: Survey) -> dict[str, str]:
    """Every file of a survey but its database and receipts, with its hash."""
    return {
        path.relative_to(survey.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("media", "quarantine")
        for path in (survey.folder / folder).rglob("*")
        if path.is_file()
    }


def lasting(table: str, row: dict[str, object]) -> dict[str, str]:
    """A row without what depends on when it ran, or on the key that each survey makes."""
    if row.get("act") == "key_made":
        return {"act": "key_made"}
    if row.get("act") == "card_imported":
        details = json.loads(str(row["details"]))
        row["details"] = {k: v for k, v in details.items() if k not in RUN_DETAILS}
    dropped = RUN_COLUMNS | ({"seal"} if table in RUN_SEALS else set())
    return {name: str(value) for name, value in row.items() if name not in dropped}


def rows_of(survey: Survey) -> dict[str, list[str]]:
    """Every row of every table, without what depends on when it ran."""
    with survey.engine.connect() as connection:
        return {
            table.name: sorted(
                json.dumps(lasting(table.name, row._asdict()))
                for row in connection.execute(table.select())
            )
            for table in SQLModel.metadata.sorted_tables
        }


def test_every_file_of_a_card_is_kept_byte_for_byte(survey: Survey, tmp_path: Path) -> None:
    """The originals in the survey are the card's bytes, under the name of their hash."""
    card = make_card(tmp_path / "SD01")
    with_deployment(survey)
    receipt = run(survey, card)
    assert receipt.stored == receipt.files == 9
    on_card = {hashlib.sha256(p.read_bytes()).hexdigest() for p in card.rglob("*.JPG")}
    kept = files_of(survey)
    assert set(kept.values()) == on_card
    assert all(Path(name).stem == sha256 for name, sha256 in kept.items())


def test_importing_twice_adds_nothing(survey: Survey, tmp_path: Path) -> None:
    """A second import of the same card adds no media, no event, no problem and no decision."""
    card = make_card(tmp_path / "SD01")
    (card / "broken.jpg").write_bytes(b"")
    with_deployment(survey)
    first = run(survey, card)
    before = rows_of(survey), files_of(survey)
    assert run(survey, card) == first
    assert (rows_of(survey), files_of(survey)) == before


def test_the_card_is_never_written(survey: Survey, tmp_path: Path) -> None:
    """A card's files, folders and times are the same after an import as before."""
    card = make_card(tmp_path / "SD01")
    with_deployment(survey)
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in card.rglob("*")}
    run(survey, card)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in card.rglob("*")} == before


def test_camera_times_get_the_offset_of_the_deployment(survey: Survey, tmp_path: Path) -> None:
    """A camera's 06:30 in Linzhi is 22:30 the day before in UTC, and marked as assumed."""
    with_deployment(survey)
    run(survey, make_card(tmp_path / "SD01", photos=1))
    with survey.reading() as session:
        media = session.exec(select(Media)).one()
    assert media.timestamp is not None
    assert media.timestamp.isoformat() == "2026-04-30T22:30:00+00:00"
    assert (media.utc_offset_seconds, media.offset_source) == (8 * 3600, "assumed")
    assert media.camera_time_raw == "2026:05:01 06:30:00"


def test_bursts_become_events_and_a_roll_over_splits_none(survey: Survey, tmp_path: Path) -> None:
    """Frames a second apart are one event, also when the camera began a new folder between them."""
    card = make_card(tmp_path / "SD01", photos=6)
    first, second = card / "DCIM" / "100MEDIA", card / "DCIM" / "101MEDIA"
    second.mkdir()
    (first / "IMG_0003.JPG").rename(second / "IMG_0001.JPG")
    with_deployment(survey)
    run(survey, card)
    with survey.reading() as session:
        events = session.exec(select(Event).order_by(col(Event.event_start))).all()
    assert [event.media_count for event in events] == [3, 3]


def test_copies_on_a_card_are_listed_and_kept_once(survey: Survey, tmp_path: Path) -> None:
    """A byte-identical copy is a duplicate: listed with the file it repeats, stored once."""
    card = make_card(tmp_path / "SD01", photos=3)
    photo = card / "DCIM" / "100MEDIA" / "IMG_0002.JPG"
    shutil.copy(photo, photo.with_name("IMG_0002 (1).JPG"))
    with_deployment(survey)
    receipt = run(survey, card)
    assert (receipt.stored, receipt.duplicates) == (3, 1)
    kept = {"DCIM/100MEDIA/IMG_0002.JPG", "DCIM/100MEDIA/IMG_0002 (1).JPG"}
    assert {receipt.duplicate_files[0].card_path, receipt.duplicate_files[0].same_as} == kept


def test_a_card_not_wiped_last_season_adds_only_what_is_new(survey: Survey, tmp_path: Path) -> None:
    """Files that an earlier card brought, even for another deployment, are duplicates."""
    card = make_card(tmp_path / "SD01", photos=3)
    with_deployment(survey)
    with_deployment(survey, "MT-02-2026")
    run(survey, card)
    (card / "DCIM" / "100MEDIA" / "IMG_0099.JPG").write_bytes(jpeg(99))
    receipt = run(survey, card, "MT-02-2026")
    assert (receipt.stored, receipt.duplicates) == (1, 3)
    assert {d.deployment_id for d in receipt.duplicate_files} == {"MT-01-2026"}
    assert len(files_of(survey)) == 4
    assert receipt.safe_to_wipe


def test_bad_files_are_listed_and_set_aside(survey: Survey, tmp_path: Path) -> None:
    """Torn, empty and foreign files are named with their reason, and torn bytes are kept aside."""
    card = make_card(tmp_path / "SD01", photos=3)
    folder = card / "DCIM" / "100MEDIA"
    whole = (folder / "IMG_0001.JPG").read_bytes()
    (folder / "IMG_0004.JPG").write_bytes(whole[: len(whole) // 2])
    (folder / "IMG_0005.JPG").write_bytes(b"")
    (folder / "notes.jpg").write_text("seen a takin")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "._IMG_0001.JPG").write_bytes(b"\x00\x05\x16\x07")
    with_deployment(survey)
    receipt = run(survey, card)
    reasons = {Path(p.card_path).name: p.code for p in receipt.problems}
    assert reasons["IMG_0004.JPG"] == "truncated"
    assert reasons["IMG_0005.JPG"] == "empty_file"
    assert reasons["notes.jpg"] == "not_media"
    assert (receipt.stored, receipt.quarantined, receipt.empty, receipt.ignored) == (3, 2, 1, 2)
    kept = [p.read_bytes() for p in (survey.folder / "quarantine").rglob("*.bin")]
    assert whole[: len(whole) // 2] in kept
    assert receipt.safe_to_wipe


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_cannot_be_read_forbids_wiping(survey: Survey, tmp_path: Path) -> None:
    """One unreadable file: the import goes on, and the receipt says not to wipe, and why."""
    card = make_card(tmp_path / "SD01", photos=3)
    (card / "DCIM" / "100MEDIA" / "IMG_0002.JPG").chmod(0)
    with_deployment(survey)
    receipt = run(survey, card)
    assert (receipt.stored, receipt.unread, receipt.safe_to_wipe) == (2, 1, False)


def test_a_failing_file_is_read_again_next_time(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that gave an error is not safe to wipe; once it can be read, the card is."""
    card = make_card(tmp_path / "SD01", photos=3)
    with_deployment(survey)
    real = originals.CardReader.read

    def dying(
        reader: originals.CardReader, path: Path, *, part: Path | None
    ) -> originals.SourceFile:
        if path.name == "IMG_0002.JPG":
            raise originals.SourceError("Input/output error")
        return real(reader, path, part=part)

    monkeypatch.setattr(originals.CardReader, "read", dying)
    receipt = run(survey, card)
    assert (receipt.unread, receipt.safe_to_wipe) == (1, False)
    assert [p.code for p in receipt.problems] == ["unreadable"]
    monkeypatch.setattr(originals.CardReader, "read", real)
    receipt = run(survey, card)
    assert (receipt.stored, receipt.unread, receipt.safe_to_wipe) == (3, 0, True)
    assert receipt.problems == ()


def test_a_lost_original_forbids_wiping_until_it_is_copied_again(
    survey: Survey, tmp_path: Path
) -> None:
    """When a kept file has gone from the survey folder, the same import brings it back."""
    card = make_card(tmp_path / "SD01", photos=3)
    with_deployment(survey)
    run(survey, card)
    before = files_of(survey)
    next((survey.folder / "media").rglob("*.jpg")).unlink()
    assert run(survey, card).safe_to_wipe
    assert files_of(survey) == before


def test_an_altered_original_is_copied_again_not_trusted(survey: Survey, tmp_path: Path) -> None:
    """A kept file of the right size with wrong bytes is found by reading, and made whole again."""
    card = make_card(tmp_path / "SD01", photos=3)
    with_deployment(survey)
    run(survey, card)
    before = files_of(survey)
    kept = next((survey.folder / "media").rglob("*.jpg"))
    kept.write_bytes(bytes(kept.stat().st_size))
    assert run(survey, card).safe_to_wipe
    assert files_of(survey) == before


def test_a_good_copy_is_never_dropped_for_a_damaged_one(survey: Survey, tmp_path: Path) -> None:
    """The same photo on a second card mends the damaged copy that the first one left."""
    card = make_card(tmp_path / "SD01", photos=1)
    with_deployment(survey)
    with_deployment(survey, "MT-02-2026")
    run(survey, card)
    before = files_of(survey)
    kept = next((survey.folder / "media").rglob("*.jpg"))
    kept.write_bytes(bytes(kept.stat().st_size))
    assert run(survey, card, "MT-02-2026").duplicates == 1
    assert files_of(survey) == before


def test_half_a_file_is_not_a_file(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the card gives fewer bytes than it lists, the file is unread and wiping forbidden."""
    card = make_card(tmp_path / "SD01", photos=2)
    (card / "20260501063000.AVI").write_bytes(b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(5000))
    with_deployment(survey)
    monkeypatch.setattr(
        originals.CardReader, "pieces", lambda self, path: iter([path.read_bytes()[:100]])
    )
    receipt = run(survey, card)
    assert (receipt.stored, receipt.unread, receipt.safe_to_wipe) == (0, 3, False)


def test_the_survey_folder_is_no_card(survey: Survey) -> None:
    """Naming the survey itself is a mistake that is said, not an import of its database."""
    with_deployment(survey)
    with pytest.raises(CardError, match="inside one another"):
        run(survey, survey.folder)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_clock_in_another_age_does_not_stop_the_card(
    survey: Survey, tmp_path: Path, year: str
) -> None:
    """A time that no camera could mean leaves the photo undated and listed."""
    card = tmp_path / "SD01"
    card.mkdir()
    good = jpeg(1, FIRST)
    (card / "IMG_0001.JPG").write_bytes(good.replace(b"2026:05:01", f"{year}:05:01".encode()))
    with_deployment(survey)
    receipt = run(survey, card)
    assert (receipt.stored, receipt.undated) == (1, 1)
    assert [p.code for p in receipt.problems] == ["time_invalid"]


def test_who_mended_a_card_is_who_is_logged(survey: Survey, tmp_path: Path) -> None:
    """A second person who finishes a card is named for what changed."""
    card = make_card(tmp_path / "SD01", photos=2)
    with_deployment(survey)
    run(survey, card)
    (card / "DCIM" / "100MEDIA" / ".DS_Store").write_bytes(b"x")
    import_card(survey, card, deployment_id="MT-01-2026", person="Drolma")
    with survey.reading() as session:
        people = session.exec(select(Decision.person).where(Decision.act == "card_imported")).all()
    assert people == ["Tashi", "Drolma"]


def test_links_on_a_card_are_never_followed(survey: Survey, tmp_path: Path) -> None:
    """A link that leads off the card is listed and nothing behind it is read."""
    card = make_card(tmp_path / "SD01", photos=3)
    outside = tmp_path / "secret.jpg"
    outside.write_bytes(jpeg(77))
    try:
        (card / "DCIM" / "link.jpg").symlink_to(outside)
    except OSError:
        pytest.skip("this computer allows no links")
    with_deployment(survey)
    receipt = run(survey, card)
    assert receipt.stored == 3
    assert [(p.card_path, p.code) for p in receipt.problems] == [
        ("DCIM/link.jpg", "link_not_followed")
    ]


@pytest.mark.parametrize(
    "name", ["红外 相机_001.JPG", "😀.JPG", "a'b c;--.JPG", "x" * 251 + ".JPG"]
)
def test_strange_names_are_imported(survey: Survey, tmp_path: Path, name: str) -> None:
    """Chinese, emoji, quotes and the longest name a card allows all come in, under their name."""
    card = tmp_path / "SD01"
    card.mkdir()
    (card / name).write_bytes(jpeg(1))
    with_deployment(survey)
    run(survey, card)
    with survey.reading() as session:
        assert session.exec(select(Media.file_name)).one() == name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_that_are_no_text_are_imported(survey: Survey, tmp_path: Path) -> None:
    """A name with a newline and bytes that are no UTF-8 comes in under a printable name."""
    card = tmp_path / "SD01"
    card.mkdir()
    try:
        Path(os.fsdecode(os.fsencode(card) + b"/a\n\xff.JPG")).write_bytes(jpeg(1))
    except OSError:
        pytest.skip("this file system takes text names only")
    with_deployment(survey)
    run(survey, card)
    with survey.reading() as session:
        assert session.exec(select(Media.file_name)).one() == "a\\x0a\\xff.JPG".replace(
            "\\xff", "\\udcff"
        )


def avi() -> bytes:
    """A short film as a camera makes it."""
    written = BytesIO()
    with av.open(written, "w", format="avi") as film:
        stream = film.add_stream("mjpeg", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for number in range(5):
            picture = Image.new("RGB", (64, 48), (40 * number, 60, 40))
            film.mux(stream.encode(av.VideoFrame.from_image(picture)))
        film.mux(stream.encode(None))
    return written.getvalue()


def test_a_large_video_goes_to_disk_as_it_is_read(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file above the in-memory limit is kept whole and leaves no temporary file."""
    monkeypatch.setattr(originals, "WHOLE_FILE_BYTES", 1000)
    monkeypatch.setattr(originals, "PIECE_BYTES", 512)
    card = tmp_path / "SD01"
    card.mkdir()
    film = avi()
    assert len(film) > 1000
    (card / "20260501063000.AVI").write_bytes(film)
    with_deployment(survey)
    receipt = run(survey, card)
    assert receipt.stored == 1
    (name,) = files_of(survey)
    assert survey.path_of(name).read_bytes() == film


def test_a_full_disk_stops_with_a_sentence_and_loses_nothing(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the survey folder cannot take a file the import stops, says so, and can be run again."""
    card = make_card(tmp_path / "SD01", photos=6)
    with_deployment(survey)
    real, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 5:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(originals.StorageError, match="No space left on device"):
        run(survey, card)
    monkeypatch.setattr(os, "fsync", real)
    assert not list(survey.folder.rglob("*.part"))
    receipt = run(survey, card)
    assert (receipt.stored, receipt.safe_to_wipe) == (6, True)


def test_a_folder_without_media_is_refused(survey: Survey, tmp_path: Path) -> None:
    """An empty folder is an error that says where it looked."""
    with_deployment(survey)
    (tmp_path / "SD01").mkdir()
    with pytest.raises(CardError, match="No media found on"):
        run(survey, tmp_path / "SD01")


def test_the_receipt_is_saved_and_logged(survey: Survey, tmp_path: Path) -> None:
    """The receipt stands in the survey folder, and the log names the card and its verdict."""
    with_deployment(survey)
    receipt = run(survey, make_card(tmp_path / "SD01"))
    (saved,) = (survey.folder / "receipts").glob("*.json")
    assert json.loads(saved.read_text(encoding="utf-8"))["content_sha256"] == receipt.content_sha256
    with survey.reading() as session:
        decision = session.exec(select(Decision).where(Decision.act == "card_imported")).one()
        assert list(broken_entries(session)) == []
    assert json.loads(decision.details)["safe_to_wipe"] is True


DRIVER = """
import sys
import time
from pathlib import Path
from ingest.import_card import import_card
from species_db.survey import open_survey
import_card(
    open_survey(Path(sys.argv[1])), Path(sys.argv[2]), deployment_id="MT-01-2026", person="Tashi",
    report=lambda at: print(at.files, flush=True),
)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_a_killed_import_run_again_ends_as_a_clean_one(tmp_path: Path) -> None:
    """Killed at ten random moments and run again, an import gives a clean run's rows and files."""
    card = make_card(tmp_path / "SD01", photos=90)
    folder = card / "DCIM" / "100MEDIA"
    whole = (folder / "IMG_0001.JPG").read_bytes()
    (folder / "IMG_0200.JPG").write_bytes(whole)
    (folder / "IMG_0201.JPG").write_bytes(whole[:900])
    (folder / "IMG_0202.JPG").write_bytes(b"")
    clean = survey_with_deployment(tmp_path / "clean")
    run(clean, card)
    chance = random.Random(20261122)
    for attempt in range(10):
        killed = survey_with_deployment(tmp_path / f"killed-{attempt}")
        command = [sys.executable, "-c", DRIVER, str(killed.folder), str(card)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            kill_at = chance.randint(1, 93)
            for line in process.stdout:
                if int(line) >= kill_at:
                    break
            time.sleep(chance.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
        assert run(killed, card).safe_to_wipe
        assert files_of(killed) == files_of(clean)
        assert rows_of(killed) == rows_of(clean)
        killed.close()
    clean.close()


def survey_with_deployment(folder: Path) -> Survey:
    """A survey with the one deployment that the card belongs to."""
    survey = create_survey(folder, SurveySettings())
    with_deployment(survey)
    return survey


def test_the_real_cards_come_in_with_their_times(
    survey: Survey, shared: Path, tmp_path: Path
) -> None:
    """All 67 files of the real cards are kept, each with the camera time its manifest states."""
    expected = {}
    with (shared / "data" / "sdcard" / "MANIFEST.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            expected[row["sha256"]] = row["datetime_original"]
    total = 0
    for card in sorted((shared / "data" / "sdcard").glob("card*")):
        with_deployment(survey, card.name)
        receipt = run(survey, card, card.name)
        total += receipt.stored
        assert receipt.safe_to_wipe
        assert receipt.files == receipt.stored
    assert total == len(expected) == 67
    with survey.reading() as session:
        media = session.exec(select(Media)).all()
    for row in media:
        if expected[row.sha256]:
            assert row.camera_time_raw == expected[row.sha256]
    hikmicro = [row for row in media if row.make == "HK"]
    assert len(hikmicro) == 11
    assert all(57.1 < (row.latitude or 0) < 57.2 for row in hikmicro)
    assert all(15.5 < (row.longitude or 0) < 15.6 for row in hikmicro)


DAMAGED = {
    "d_zero_bytes.jpg": "empty_file",
    "d_text_as.jpg": "not_media",
    "d_trunc_half.jpg": "truncated",
    "d_trunc_in_exif.jpg": "truncated",
    "pillow_truncated.jpg": "truncated",
    "goexif_huge_tag.jpg": "truncated",
    "d_huge_dimensions.jpg": "too_large",
    "d_date_zero.jpg": "time_invalid",
    "d_date_impossible.jpg": "time_invalid",
    "spreadtrum_bad_date.jpg": "time_suspect",
    "d_jpeg_named.png": "suffix_differs",
    "pillow_invalid_exif.jpg": "exif_unreadable",
    "pillow_bad_gps.jpg": "gps_invalid",
}


# No fix at 0/0, an altitude without a place, and text that exiftool reads 92 km wrong.
NO_PLACE = {"samsung_gps_zero.jpg", "bushnell_orinoquia.jpg", "geo_as_string.jpg"}


def test_what_files_say_of_time_and_place_is_in_the_database(survey: Survey, shared: Path) -> None:
    """Every stored file has the capture time, place, altitude and serial its manifest expects."""
    with_deployment(survey)
    run(survey, shared / "data" / "exif")
    with survey.reading() as session:
        media = {row.card_path: row for row in session.exec(select(Media))}
    with (shared / "data" / "exif" / "MANIFEST.csv").open(encoding="utf-8") as file:
        expected = [row for row in csv.DictReader(file) if row["file"] in media]
    assert len(expected) == len(media) == 43
    for row in expected:
        found = media[row["file"]]
        written = (found.camera_time_raw or "").partition(".")[0]
        assert written == row["datetime_original"].partition(".")[0], row["file"]
        assert (found.serial_number or "") == row["serial_number"], row["file"]
        if row["file"] in NO_PLACE:
            assert (found.latitude, found.longitude, found.altitude_m) == (None, None, None)
            continue
        for name in ("latitude", "longitude", "altitude_m"):
            wanted = float(row[name]) if row[name] else None
            assert getattr(found, name) == pytest.approx(wanted, abs=1e-6), (row["file"], name)


def test_the_folder_of_odd_files_is_one_card(survey: Survey, shared: Path) -> None:
    """Every damaged file of the collection is listed with the right reason, and none stops it."""
    with_deployment(survey)
    receipt = run(survey, shared / "data" / "exif")
    listed = {(p.card_path, p.code) for p in receipt.problems}
    assert set(DAMAGED.items()) <= listed
    assert receipt.unread == 0
    assert receipt.safe_to_wipe
    with survey.reading() as session:
        rows = session.exec(select(CardFile)).all()
        problems = session.exec(select(Problem)).all()
    assert len(rows) == receipt.files
    assert not any("°" in p.note or "94.36" in p.note for p in problems)
