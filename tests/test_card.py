"""Listing a card and matching it to its deployment."""

import os
from pathlib import Path

import pytest
from cards import jpeg, make_card

from ingest.card import CardError, list_card
from ingest.matching import match_cards

NAMES = {"MT-037-2026": "MT-037-2026", "MT-037": "MT-037-2026", "BY-001-2026": "BY-001-2026"}


def test_the_fingerprint_of_a_card_is_its_content(tmp_path: Path) -> None:
    """The same card has the same fingerprint; one more file gives another."""
    card = make_card(tmp_path / "SD01")
    first = list_card(card).fingerprint
    assert list_card(card).fingerprint == first
    (card / "DCIM" / "100MEDIA" / "IMG_0999.JPG").write_bytes(b"x")
    assert list_card(card).fingerprint != first


def test_the_same_names_in_two_folders_are_two_files(tmp_path: Path) -> None:
    """A camera that began a new folder reuses names; both files are listed."""
    for folder in ("100MEDIA", "101MEDIA"):
        (tmp_path / "DCIM" / folder).mkdir(parents=True)
        (tmp_path / "DCIM" / folder / "IMG_0001.JPG").write_bytes(folder.encode())
    paths = [entry.card_path for entry in list_card(tmp_path).entries]
    assert paths == ["DCIM/100MEDIA/IMG_0001.JPG", "DCIM/101MEDIA/IMG_0001.JPG"]


def test_litter_of_computers_is_marked(tmp_path: Path) -> None:
    """Thumbs.db, .DS_Store and ._ files are told apart from the camera's own."""
    for name in ("IMG_0001.JPG", "Thumbs.db", ".DS_Store", "._a_photo.JPG"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "._IMG_0001.JPG").write_bytes(b"\x00\x05\x16\x07shadow")
    litter = {entry.card_path for entry in list_card(tmp_path).entries if entry.is_litter}
    assert litter == {"Thumbs.db", ".DS_Store", "._IMG_0001.JPG"}


def test_litter_and_times_do_not_change_a_card(tmp_path: Path) -> None:
    """A computer's own file, or a clock zone that shifts FAT times, leaves the fingerprint."""
    card = make_card(tmp_path / "SD01")
    first = list_card(card).fingerprint
    (card / ".DS_Store").write_bytes(b"x")
    for path in card.rglob("*.JPG"):
        os.utime(path, (1_800_000_000, 1_800_000_000))
    assert list_card(card).fingerprint == first


def test_a_missing_card_is_said_plainly(tmp_path: Path) -> None:
    """A folder that is not there is an error that names it."""
    with pytest.raises(CardError, match="No card at .*SD09"):
        list_card(tmp_path / "SD09")


@pytest.mark.parametrize("name", ["MT-037-2026", "mt-037-2026", "MT-037"])
def test_a_card_is_matched_by_its_folder(tmp_path: Path, name: str) -> None:
    """The deployment's id, in any case, or the id of a station with one deployment, is enough."""
    (tmp_path / name).mkdir()
    assert match_cards(tmp_path / name, NAMES) == [(tmp_path / name, "MT-037-2026")]


def test_a_folder_of_cards_is_matched_card_by_card(tmp_path: Path) -> None:
    """Folders named after deployments inside one folder are a card each."""
    for name in ("BY-001-2026", "MT-037"):
        (tmp_path / name).mkdir()
    matched = [deployment for _, deployment in match_cards(tmp_path, NAMES)]
    assert matched == ["BY-001-2026", "MT-037-2026"]


def test_an_unknown_name_is_never_guessed(tmp_path: Path) -> None:
    """A near miss is offered, not taken."""
    (tmp_path / "MT-073").mkdir()
    with pytest.raises(CardError, match="Did you mean 'MT-037'"):
        match_cards(tmp_path / "MT-073", NAMES)


def test_files_beside_the_cards_are_not_passed_over(tmp_path: Path) -> None:
    """A photo that lies loose beside matched folders belongs to no deployment, and is said."""
    (tmp_path / "MT-037").mkdir()
    (tmp_path / "README.txt").write_text("not a photo", encoding="utf-8")
    assert match_cards(tmp_path, NAMES) == [(tmp_path / "MT-037", "MT-037-2026")]
    (tmp_path / "LOOSE.JPG").write_bytes(jpeg(1))
    with pytest.raises(CardError, match="LOOSE.JPG lies beside the cards"):
        match_cards(tmp_path, NAMES)


def test_names_that_differ_in_case_alone_are_told_apart(tmp_path: Path) -> None:
    """Of mt-1 and MT-1 the folder's own spelling decides; a third spelling is not guessed."""
    names = {"mt-1": "mt-1", "MT-1": "MT-1"}
    (tmp_path / "a" / "mt-1").mkdir(parents=True)
    assert match_cards(tmp_path / "a" / "mt-1", names)[0][1] == "mt-1"
    (tmp_path / "b" / "Mt-1").mkdir(parents=True)
    with pytest.raises(CardError):
        match_cards(tmp_path / "b" / "Mt-1", names)


def test_a_drive_of_cards_may_hold_system_folders(tmp_path: Path) -> None:
    """Folders that Windows and macOS keep on a drive are not cards."""
    for name in ("MT-037", "System Volume Information", "$RECYCLE.BIN", ".Trashes"):
        (tmp_path / name).mkdir()
    assert [d for _, d in match_cards(tmp_path, NAMES)] == ["MT-037-2026"]
