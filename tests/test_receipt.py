"""The receipt of a card: what it counts, what it proves, and how it reads on paper."""

import json
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from cards import FIRST, jpeg, make_card, with_deployment
from factories import make_card_import, make_deployment
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from ingest.card_account import account_for
from ingest.file_problem import ProblemCode
from ingest.import_card import import_card
from ingest.problem_words import PROBLEM_WORDS
from ingest.receipt import Receipt
from ingest.receipt_page import receipt_page
from species_db import identity
from species_db.keys import is_signed_by, logged_keys
from species_db.merkle import merkle_root
from species_db.seals import seal_of
from species_db.survey import Survey
from species_db.tables import Archive, CardFile, CardImport, Decision, Media
from species_db.verify import verify_survey

PHOTOS = "DCIM/100MEDIA"


def run(survey: Survey, card: Path, deployment_id: str = "MT-01-2026") -> Receipt:
    """Import a card as Tashi."""
    return import_card(survey, card, deployment_id=deployment_id, person="Tashi")


def saved(survey: Survey, suffix: str = ".json") -> list[Path]:
    """The receipts that the survey keeps."""
    return sorted((survey.folder / "receipts").glob(f"*{suffix}"))


def test_the_roots_can_be_worked_out_by_anyone(survey: Survey, tmp_path: Path) -> None:
    """Path, bytes, hash and outcome in path order give the root; seals give the other."""
    with_deployment(survey)
    receipt = run(survey, make_card(tmp_path / "SD01"))
    with survey.reading() as session:
        rows = session.exec(select(CardFile).order_by(CardFile.card_path)).all()
        seals = {media.media_id: media.seal for media in session.exec(select(Media))}
    assert receipt.merkle_root == merkle_root(
        [row.card_path, row.bytes, row.sha256, row.outcome] for row in rows
    )
    assert receipt.seals_root == merkle_root(
        [row.card_path, row.seal, seals[row.media_id or ""]] for row in rows
    )


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.data())
def test_the_root_changes_with_every_leaf(numbers: list[int], data: st.DataObject) -> None:
    """Whichever leaf is changed or taken out, of any number, the root is another."""
    leaves = [[n] for n in numbers]
    at = data.draw(st.integers(0, len(leaves) - 1))
    root = merkle_root(leaves)
    assert merkle_root([*leaves[:at], [10], *leaves[at + 1 :]]) != root
    assert merkle_root(leaves[:at] + leaves[at + 1 :]) != root


def test_the_receipt_is_signed_and_names_its_place_in_the_log(
    survey: Survey, tmp_path: Path
) -> None:
    """The saved JSON carries a signature by the logged key, and the hash before its own entry."""
    with_deployment(survey)
    run(survey, make_card(tmp_path / "SD01"))
    (path,) = saved(survey)
    told = json.loads(path.read_text(encoding="utf-8"))
    with survey.reading() as session:
        before, own = session.exec(select(Decision).order_by(Decision.sequence)).all()
        key = logged_keys(session)[told["key_fingerprint"]]
    assert is_signed_by(told, key)
    assert (told["log_sequence"], told["previous_log_hash"]) == (own.sequence, before.hash)


def test_the_same_card_again_changes_neither_receipt_nor_log(
    survey: Survey, tmp_path: Path
) -> None:
    """Importing twice gives one receipt, to the letter, and one entry of the log."""
    with_deployment(survey)
    card = make_card(tmp_path / "SD01")
    first = run(survey, card)
    before = {path: path.read_bytes() for path in saved(survey, "")}
    assert run(survey, card) == first
    assert {path: path.read_bytes() for path in saved(survey, "")} == before
    with survey.reading() as session:
        assert len(session.exec(select(Decision)).all()) == 2  # the key, the card


def test_another_language_gives_the_same_receipt(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reasons stand in both languages, so the receipt is one whoever reads it."""
    with_deployment(survey)
    card = make_card(tmp_path / "SD01")
    first = run(survey, card)
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    again = run(survey, card)
    assert again == first
    assert "可否清空存储卡:可以,因为相机的所有文件均已保存" in again.as_text()


def test_a_receipt_that_changes_sets_the_earlier_one_aside(survey: Survey, tmp_path: Path) -> None:
    """A file that comes later gives a new receipt; the one that was printed is kept and proves."""
    with_deployment(survey)
    card = make_card(tmp_path / "SD01")
    first = run(survey, card)
    with survey.writing() as session:
        session.get_one(CardImport, first.card_import_id).person = "Drolma"
    second = run(survey, card)
    assert second.log_sequence > first.log_sequence
    earlier, newest = saved(survey)
    assert json.loads(earlier.read_text(encoding="utf-8"))["person"] == "Tashi"
    assert earlier.name == f"{first.stem}.{first.log_sequence:06d}.json"
    assert newest.name == f"{first.stem}.json"
    assert verify_survey(survey).is_well


def test_gaps_and_days_are_told(survey: Survey, tmp_path: Path) -> None:
    """Silence before, between and after the files is listed when longer than three days."""
    with_deployment(survey)
    folder = tmp_path / "SD01" / PHOTOS
    folder.mkdir(parents=True)
    for number, days in enumerate((0, 2, 40)):
        moment = FIRST + timedelta(days=days)
        (folder / f"IMG_000{number}.JPG").write_bytes(jpeg(number, moment))
    receipt = run(survey, tmp_path / "SD01")
    assert [(gap.kind, gap.start[:10], gap.days) for gap in receipt.gaps] == [
        ("after_set_up", "2026-04-12", 18),
        ("between_media", "2026-05-03", 38),
        ("before_retrieval", "2026-06-10", 115),
    ]
    assert (receipt.days_with_media, receipt.days) == (3, 175)


def test_originals_left_in_an_archive_are_never_safe_to_wipe(survey: Survey) -> None:
    """Nothing was copied: the archive is the only place, and the verdict says so."""
    with survey.writing() as session:
        make_deployment(session)
        session.add(Archive(archive_id="a", root="/nas/2026", person="Tashi", registered_at=FIRST))
        card = make_card_import(session)
        card.custody, card.archive_id = "in_place", "a"
    with survey.reading() as session:
        receipt = account_for(session, survey, card).receipt
    assert (receipt.safe_to_wipe, [one.code for one in receipt.because]) == (False, ["in_place"])
    assert "/nas/2026" in receipt.as_text()


def test_a_lost_original_forbids_wiping(survey: Survey, tmp_path: Path) -> None:
    """The verdict looks at the kept files, not at what was once said of them."""
    with_deployment(survey)
    first = run(survey, make_card(tmp_path / "SD01"))
    next(survey.folder.glob("media/*/*.jpg")).unlink()
    with survey.reading() as session:
        card = session.get_one(CardImport, first.card_import_id)
        receipt = account_for(session, survey, card).receipt
    assert [one.code for one in receipt.because] == ["missing"]


def test_the_page_says_the_verdict_in_both_languages(survey: Survey, tmp_path: Path) -> None:
    """Verdict, reasons of problems and duplicates stand in Chinese and English, names escaped."""
    with_deployment(survey)
    card = make_card(tmp_path / "SD01")
    whole = (card / PHOTOS / "IMG_0001.JPG").read_bytes()
    (card / PHOTOS / "IMG_<b>.JPG").write_bytes(whole[:900])
    (card / PHOTOS / "IMG_0200.JPG").write_bytes(whole)
    run(survey, card)
    (path,) = saved(survey, ".html")
    page = path.read_text(encoding="utf-8")
    for told in (
        "可以清空",
        "SAFE TO WIPE: YES",
        *PROBLEM_WORDS[ProblemCode.TRUNCATED],
        "kept under this deployment",
        "IMG_&lt;b&gt;.JPG",
    ):
        assert told in page
    assert not any(fetch in page for fetch in ("src=", "href=", "<script", "url(", "@import"))


def test_the_page_says_why_not(survey: Survey) -> None:
    """A card that must not be wiped says NO in both languages, and why."""
    with survey.writing() as session:
        card = make_card_import(session)
        card.state = "running"
    with survey.reading() as session:
        page = receipt_page(account_for(session, survey, card).receipt)
    for told in ("不可清空", "SAFE TO WIPE: NO", "导入尚未完成", "the import is not finished"):
        assert told in page


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_problem_is_explained_in_both_languages(code: ProblemCode) -> None:
    """A reader of the other language needs no dictionary."""
    english, chinese = PROBLEM_WORDS[code]
    assert english.isascii() and not chinese.isascii()


def fill_journal(session: Session, card: CardImport, files: int) -> None:
    """A journal of many files with their media, written as fast as the database takes them."""
    journal, kept = [], []
    for number in range(files):
        sha256 = f"{number:064x}"
        media = Media(
            media_id=identity.media_id(sha256),
            sha256=sha256,
            bytes=1,
            deployment_id=card.deployment_id,
            card_import_id=card.card_import_id,
            file_path=f"media/{card.deployment_id}/{sha256}.jpg",
            file_name=f"IMG_{number:05d}.JPG",
            card_path=f"{PHOTOS}/IMG_{number:05d}.JPG",
            file_mediatype="image/jpeg",
            timestamp=FIRST + timedelta(minutes=number),
            camera_timestamp=FIRST + timedelta(minutes=number),
        )
        media.seal = seal_of(media)
        row = CardFile(
            card_import_id=card.card_import_id,
            card_path=media.card_path,
            bytes=1,
            modified_ns=0,
            outcome="stored",
            sha256=sha256,
            media_id=media.media_id,
        )
        row.seal = seal_of(row)
        kept.append(media.model_dump())
        journal.append(row.model_dump())
    session.execute(Media.__table__.insert(), kept)
    session.execute(CardFile.__table__.insert(), journal)


def test_memory_stays_flat_however_many_files_a_card_has(survey: Survey) -> None:
    """Ten times the files take no more than their packed list more, not ten times the rows."""
    with survey.writing() as session:
        card = make_card_import(session)
        fill_journal(session, card, 6000)
    tracemalloc.start()
    with survey.reading() as session:
        account = account_for(session, survey, card)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert account.receipt.files == 6000
    assert peak < 12e6
