"""Archives that stay where they are: registered, watched, and followed when they move."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from cards import jpeg, make_card, with_deployment
from sqlmodel import select
from test_import_card import files_of, rows_of

from ingest import import_card as importing
from ingest.card import CardError
from ingest.import_card import import_card
from ingest.in_place import register_archive
from ingest.receipt import Receipt
from ingest.relocate import relocate
from species_db.survey import Survey
from species_db.tables import Archive, CardImport, Decision, Media

FIRST_PHOTO = "DCIM/100MEDIA/IMG_0001.JPG"


def register(survey: Survey, card: Path, root: Path | None = None) -> Receipt:
    """Register a card that lies in an archive, as Tashi."""
    archive = register_archive(survey, root or card.parent, person="Tashi")
    return import_card(survey, card, deployment_id="MT-01-2026", person="Tashi", archive=archive)


@pytest.fixture
def card(survey: Survey, tmp_path: Path) -> Path:
    """A card's folder in an archive, and a deployment for it."""
    with_deployment(survey)
    return make_card(tmp_path / "archive" / "SD01", photos=6)


def problems_of(receipt: Receipt) -> list[tuple[str, str]]:
    """What a receipt lists, by file."""
    return [(problem.card_path, problem.code) for problem in receipt.problems]


def test_nothing_is_copied_and_every_original_is_found(survey: Survey, card: Path) -> None:
    """Media of an archive have the archive's own files, whole, and the survey keeps no copy."""
    receipt = register(survey, card)
    assert (receipt.stored, receipt.files) == (6, 6)
    assert files_of(survey) == {}
    with survey.reading() as session:
        media = session.exec(select(Media)).all()
        row = session.exec(select(CardImport)).one()
        archive = session.exec(select(Archive)).one()
        acts = session.exec(select(Decision.act)).all()
    assert {survey.path_of(one.file_path) for one in media} == set(card.rglob("*.JPG"))
    assert (row.custody, row.archive_id) == ("in_place", archive.archive_id)
    assert "archive_registered" in acts


def test_registering_twice_adds_nothing(survey: Survey, card: Path) -> None:
    """A second registration of an archive changes no row and logs nothing."""
    register(survey, card)
    before = rows_of(survey)
    register(survey, card)
    assert rows_of(survey) == before


def test_new_files_of_an_archive_join_its_import(survey: Survey, card: Path) -> None:
    """A photo put into a registered folder later is the one thing that comes in."""
    register(survey, card)
    (card / "DCIM" / "100MEDIA" / "IMG_0099.JPG").write_bytes(jpeg(99))
    receipt = register(survey, card)
    assert (receipt.stored, receipt.duplicates) == (7, 0)
    with survey.reading() as session:
        assert len(session.exec(select(CardImport)).all()) == 1


def test_new_files_of_a_killed_run_come_into_events(
    survey: Survey, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ends between its last batch and its receipt leaves no photo out of the queue."""
    register(survey, card)
    (card / "DCIM" / "100MEDIA" / "IMG_0099.JPG").write_bytes(jpeg(99))

    def pulled_plug(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(importing, "close_card", pulled_plug)
        register(survey, card)
    assert register(survey, card).stored == 7
    with survey.reading() as session:
        assert None not in session.exec(select(Media.event_id)).all()


def test_a_changed_original_is_an_alarm_until_it_is_put_back(survey: Survey, card: Path) -> None:
    """Other bytes under a registered name are listed and not taken, and can be mended."""
    register(survey, card)
    photo = card / FIRST_PHOTO
    whole = photo.read_bytes()
    photo.write_bytes(jpeg(500))
    receipt = register(survey, card)
    assert problems_of(receipt) == [(FIRST_PHOTO, "original_altered")]
    with survey.reading() as session:
        assert len(session.exec(select(Media)).all()) == 6
    photo.write_bytes(whole)
    assert problems_of(register(survey, card)) == []


def test_an_original_unread_for_a_while_is_not_forgotten(survey: Survey, card: Path) -> None:
    """A photo that one run could not read and the next finds changed is still an alarm."""
    register(survey, card)
    photo = card / FIRST_PHOTO
    whole = photo.read_bytes()
    photo.unlink()
    os.mkfifo(photo)
    assert problems_of(register(survey, card)) == [(FIRST_PHOTO, "unreadable")]
    photo.unlink()
    photo.write_bytes(jpeg(500))
    assert problems_of(register(survey, card)) == [(FIRST_PHOTO, "original_altered")]
    photo.write_bytes(whole)
    assert problems_of(register(survey, card)) == []
    with survey.reading() as session:
        assert len(session.exec(select(Media)).all()) == 6


def test_a_lost_original_is_named_until_it_is_back(survey: Survey, card: Path) -> None:
    """A registered photo that is gone from the archive is listed by its name."""
    register(survey, card)
    photo = card / FIRST_PHOTO
    whole = photo.read_bytes()
    photo.unlink()
    assert problems_of(register(survey, card)) == [(FIRST_PHOTO, "original_missing")]
    photo.write_bytes(whole)
    assert problems_of(register(survey, card)) == []


def test_what_is_no_media_is_listed_and_left(survey: Survey, card: Path) -> None:
    """Notes and torn photos of an archive are named, hashed, and stay where they are."""
    (card / "notes.txt").write_text("seen a takin", encoding="utf-8")
    receipt = register(survey, card)
    assert (receipt.left, receipt.quarantined) == (1, 0)
    assert problems_of(receipt) == [("notes.txt", "not_media")]
    assert files_of(survey) == {}


def test_bytes_that_the_survey_keeps_are_duplicates(survey: Survey, card: Path) -> None:
    """Photos that came in by a card before are listed as such, and stay the survey's own."""
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
    kept = files_of(survey)
    receipt = register(survey, card)
    assert (receipt.stored, receipt.duplicates) == (0, 6)
    assert files_of(survey) == kept


def test_an_archive_can_be_brought_into_the_survey(survey: Survey, card: Path) -> None:
    """Importing registered photos as a card copies them, and the survey then has its own."""
    register(survey, card)
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
    assert len(files_of(survey)) == 6
    with survey.reading() as session:
        paths = session.exec(select(Media.file_path)).all()
    assert all(path.startswith("media/") for path in paths)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have text names only")
def test_a_name_that_is_no_text_is_listed(survey: Survey, card: Path) -> None:
    """A file whose name no database can hold is named, since nothing could find it again."""
    Path(os.fsdecode(os.fsencode(card) + b"/a\xff.JPG")).write_bytes(jpeg(1))
    Path(card, "line\nbreak.JPG").write_bytes(jpeg(2))
    receipt = register(survey, card)
    assert (receipt.stored, receipt.left) == (7, 1)
    assert ("a\\udcff.JPG", "name_not_text") in problems_of(receipt)


def moved(card: Path) -> Path:
    """The archive after its disk got another name."""
    return card.parent.rename(card.parent.with_name("elsewhere"))


def all_found(survey: Survey) -> bool:
    """Tell whether every original that the database names is there."""
    with survey.reading() as session:
        paths = session.exec(select(Media.file_path)).all()
    return all(survey.path_of(path).is_file() for path in paths)


def test_a_moved_archive_is_followed(survey: Survey, card: Path) -> None:
    """After the move all originals are found, the log says so, and registering adds nothing."""
    register(survey, card)
    new = moved(card)
    told = relocate(survey, card.parent, new, person="Drolma")
    assert (told.is_done, told.in_place, told.missing) == (True, 6, [])
    assert all_found(survey)
    with survey.reading() as session:
        logged = session.exec(select(Decision).where(Decision.act == "archive_relocated")).one()
    assert (logged.person, json.loads(logged.details)["to"]) == ("Drolma", str(new))
    assert register(survey, new / "SD01").stored == 6


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_to_a_moved_archive_names_it(
    survey: Survey, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old place may be named by a link to it, or from the folder that one is in."""
    register(survey, card)
    link = card.parent.with_name("disk")
    link.symlink_to(card.parent)
    new = moved(card)
    assert relocate(survey, link, new, person="Tashi").is_done
    monkeypatch.chdir(new.parent)
    back = new.rename(card.parent)
    assert relocate(survey, Path("elsewhere/"), Path(back.name), person="Tashi").is_done
    assert all_found(survey)


def test_an_archive_that_stayed_behind_stops_no_partial_move(survey: Survey, card: Path) -> None:
    """Of two archives the one that came along is followed, the other stays where it was."""
    register(survey, card, card)
    stayed = card.with_name("SD02")
    make_card(stayed, photos=2, first_number=50)
    register(survey, stayed, stayed)
    new = moved(card)
    shutil.rmtree(new / "SD02")
    assert len(relocate(survey, card.parent, new, person="Tashi").missing) == 2
    assert relocate(survey, card.parent, new, person="Tashi", is_partial=True).in_place == 6
    with survey.reading() as session:
        roots = set(session.exec(select(Archive.root)))
    assert roots == {str(new / "SD01"), str(stayed)}


def test_an_archive_is_not_followed_to_nowhere(survey: Survey, card: Path) -> None:
    """A new place that is not there is an error, also for an archive that holds nothing yet."""
    register_archive(survey, card.parent, person="Tashi")
    with pytest.raises(CardError, match="no such folder"):
        relocate(survey, card.parent, card.parent.with_name("nowhere"), person="Tashi")


def test_files_renamed_within_a_moved_archive_are_found_by_content(
    survey: Survey, card: Path
) -> None:
    """A photo in another folder and under another name is still the same photo."""
    register(survey, card)
    new = moved(card)
    (new / "sorted").mkdir()
    (new / "SD01" / FIRST_PHOTO).rename(new / "sorted" / "takin.jpg")
    told = relocate(survey, card.parent, new, person="Tashi")
    assert (told.is_done, told.in_place, told.moved) == (True, 5, [f"SD01/{FIRST_PHOTO}"])
    assert all_found(survey)


def test_a_move_that_lost_a_file_changes_nothing(survey: Survey, card: Path) -> None:
    """Missing and altered files are named, and the survey stays as it was until all are there."""
    register(survey, card)
    new = moved(card)
    (new / "SD01" / FIRST_PHOTO).unlink()
    other = new / "SD01" / "DCIM" / "100MEDIA" / "IMG_0002.JPG"
    other.write_bytes(jpeg(500))
    before = rows_of(survey)
    told = relocate(survey, card.parent, new, person="Tashi")
    assert told.missing == [f"SD01/{FIRST_PHOTO}"]
    assert told.changed == ["SD01/DCIM/100MEDIA/IMG_0002.JPG"]
    assert not told.is_done
    assert rows_of(survey) == before


def test_a_partial_move_is_followed_when_wished(survey: Survey, card: Path) -> None:
    """With the wish said, what is found follows, and what is lost stays named as lost."""
    register(survey, card)
    new = moved(card)
    (new / "SD01" / FIRST_PHOTO).unlink()
    told = relocate(survey, card.parent, new, person="Tashi", is_partial=True)
    assert (told.is_done, told.in_place) == (True, 5)
    assert problems_of(register(survey, new / "SD01")) == [(FIRST_PHOTO, "original_missing")]


def test_a_disk_with_several_archives_is_followed_at_once(survey: Survey, card: Path) -> None:
    """Archives below the old place move with it."""
    register(survey, card, card)
    disk = card.parent
    new = moved(card)
    assert relocate(survey, disk, new, person="Tashi").in_place == 6
    assert all_found(survey)


def test_a_folder_that_is_no_archive_is_said(survey: Survey, tmp_path: Path) -> None:
    """Relocating what was never registered is an error with its place."""
    with pytest.raises(CardError, match="No archive is registered at .*nowhere"):
        relocate(survey, tmp_path / "nowhere", tmp_path / "new", person="Tashi")


def test_an_archive_inside_the_survey_is_refused(survey: Survey, card: Path) -> None:
    """An archive cannot move into the survey folder, where it would be ours to write."""
    register(survey, card)
    target = survey.folder / "archive"
    shutil.copytree(card.parent, target)
    with pytest.raises(CardError, match="inside one another"):
        relocate(survey, card.parent, target, person="Tashi")
