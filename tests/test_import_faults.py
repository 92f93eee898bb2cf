"""An import that is cut short, by every fault a field season has: nothing lost, nothing doubled.

Each test causes its fault for real, looks at what the survey then says, mends the fault, runs the
same import again, and compares rows and files with those of one undisturbed import.
"""

import hashlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cards import FIRST, jpeg, make_card
from faults import (
    DEPLOYMENT,
    Mounts,
    Strace,
    assert_honest,
    import_and_kill,
    import_command,
    is_one_line_error,
    kept_hashes,
    needs_kill,
    new_survey,
    run,
    untouched,
    watched,
)
from sqlmodel import col, select
from test_import_card import files_of, rows_of

from ingest import import_card as importing
from ingest.card import CardError, printable
from ingest.import_card import CardProgress, import_card
from ingest.receipt import Receipt
from species_db.decisions import broken_entries
from species_db.survey import Survey, open_survey
from species_db.tables import CardFile, Decision, Event, Media

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="causes faults with what Linux offers"
)

BIG = 70 * 1024 * 1024  # beyond what an import holds in memory
LARGE_PHOTO = 6 * 1024 * 1024  # read in more than one piece
State = tuple[dict[str, list[str]], dict[str, str]]


def take(survey: Survey, card: Path, deployment_id: str = DEPLOYMENT) -> Receipt:
    """Import a card in this process, undisturbed."""
    return import_card(survey, card, deployment_id=deployment_id, person="Tashi")


def state_of(survey: Survey) -> State:
    """Every row and every file of a survey."""
    return rows_of(survey), files_of(survey)


def undisturbed(folder: Path, card: Path) -> State:
    """What one import of a card ends in when nothing goes wrong."""
    survey = new_survey(folder)
    assert take(survey, card).safe_to_wipe
    state = state_of(survey)
    survey.close()
    return state


def assert_mended(folder: Path, card: Path, clean: State) -> None:
    """After the fault is mended, the same import ends as an undisturbed one, and leaves no part."""
    assert_honest(folder, card)
    survey = open_survey(folder)
    assert take(survey, card).safe_to_wipe
    assert state_of(survey) == clean
    assert not list(folder.rglob("*.part"))
    with survey.reading() as session:
        assert list(broken_entries(session)) == []
    survey.close()


@pytest.fixture(scope="module")
def _card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    card = make_card(tmp_path_factory.mktemp("cards") / "SD01", photos=60)
    folder = card / "DCIM" / "100MEDIA"
    whole = (folder / "IMG_0001.JPG").read_bytes()
    (folder / "IMG_0002.JPG").write_bytes(jpeg(2, FIRST) + bytes(LARGE_PHOTO))
    (folder / "IMG_0200.JPG").write_bytes(whole)
    (folder / "IMG_0201.JPG").write_bytes(whole[:900])
    (folder / "IMG_0202.JPG").write_bytes(b"")
    (folder / "Thumbs.db").write_bytes(b"x")
    return card


@pytest.fixture
def card(_card: Path) -> Iterator[Path]:
    """A card with photos, a copy, a torn file, an empty one and litter, on which none may write."""
    with untouched(_card):
        yield _card


@pytest.fixture(scope="module")
def clean(_card: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    """What one undisturbed import of the card ends in."""
    return undisturbed(tmp_path_factory.mktemp("clean") / "survey", _card)


@pytest.fixture(scope="module")
def film_card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card with a film that is larger than what an import holds in memory, and two photos."""
    card = make_card(tmp_path_factory.mktemp("films") / "SD02", photos=2)
    film = b"RIFF" + (BIG - 8).to_bytes(4, "little") + b"AVI LIST"
    film += random.Random(7).randbytes(1 << 20) * (BIG >> 20)
    (card / "DCIM" / "100MEDIA" / "IMG_0009.AVI").write_bytes(film)
    return card


@pytest.fixture(scope="module")
def clean_film(film_card: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    """What one undisturbed import of the card with the film ends in."""
    return undisturbed(tmp_path_factory.mktemp("clean-film") / "survey", film_card)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A survey folder with one deployment and nothing else."""
    new_survey(tmp_path / "survey").close()
    return tmp_path / "survey"


# --- Pulled plugs ------------------------------------------------------------------------------


@needs_kill
@pytest.mark.parametrize("seed", range(6))
def test_killed_once(card: Path, clean: State, folder: Path, seed: int) -> None:
    """Killed at a random moment, in copying, committing or closing, an import goes on as if not."""
    print(import_and_kill(folder, card, random.Random(seed), files=64))
    assert_mended(folder, card, clean)


@needs_kill
def test_killed_again_and_again(card: Path, clean: State, folder: Path) -> None:
    """Eight kills in a row on one survey end in the same rows and files as none."""
    chance = random.Random(20261122)
    for _ in range(8):
        print(import_and_kill(folder, card, chance, files=64))
        assert_honest(folder, card)
    assert_mended(folder, card, clean)


@needs_kill
@pytest.mark.parametrize("seed", range(2))
def test_killed_in_a_film(film_card: Path, clean_film: State, folder: Path, seed: int) -> None:
    """A film that goes to disk while it is read is whole or absent after a kill."""
    with untouched(film_card):
        chance = random.Random(seed)
        for _ in range(2):
            print(import_and_kill(folder, film_card, chance, files=3))
        assert_mended(folder, film_card, clean_film)


@needs_kill
@pytest.mark.parametrize(
    "at",
    [
        "fsync,fdatasync:signal=KILL:when=4",
        "rename,renameat,renameat2:signal=KILL:when=1",
        "rename,renameat,renameat2:signal=KILL:when=30",
        "pwrite64:signal=KILL:when=9",
        "pwrite64:signal=KILL:when=40",
    ],
)
def test_killed_inside_a_system_call(
    card: Path, clean: State, folder: Path, tmp_path: Path, at: str
) -> None:
    """Killed as it syncs, renames, or writes a page of the database, an import loses nothing."""
    ended = Strace(tmp_path / "log", at).run(import_command(card, folder))
    assert ended.code != 0
    assert_mended(folder, card, clean)


# --- Full and read-only disks ------------------------------------------------------------------


def test_a_full_disk_is_said_and_mended_by_a_larger_one(
    card: Path, clean: State, folder: Path, tmp_path: Path
) -> None:
    """A survey on a disk of 3 MB stops with one line; given room, the same command ends it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=3m tmpfs {disk} && cp -a {folder}/. {disk}/"
    with Mounts(mount) as mounts:
        full = mounts.run(*import_command(card, disk))
        assert is_one_line_error(full), full
        assert "No space left on device" in full.err
        assert_honest(mounts.copy_out(disk, tmp_path / "between"), card)
        assert mounts.run("mount", "-o", "remount,size=64m", str(disk)).code == 0
        mended = mounts.run(*import_command(card, disk))
        assert mended.receipt["safe_to_wipe"] is True
        after = mounts.copy_out(disk, tmp_path / "after")
    assert_mended(after, card, clean)


def test_a_disk_that_is_full_for_the_database(folder: Path, tmp_path: Path) -> None:
    """When the journal itself finds no room, one line says so, and the same command ends it."""
    names = tmp_path / "SD03"
    names.mkdir()
    for number in range(900):  # empty files: rows alone fill the disk
        (names / f"{number:04d}{'x' * 230}.JPG").write_bytes(b"")
    disk = tmp_path / "disk"
    disk.mkdir()
    clean = undisturbed(tmp_path / "clean", names)
    mount = f"mount -t tmpfs -o size=1200k tmpfs {disk} && cp -a {folder}/. {disk}/"
    with untouched(names), Mounts(mount) as mounts:
        full = mounts.run(*import_command(names, disk))
        assert is_one_line_error(full), full
        assert "full" in full.err or "No space left" in full.err
        assert_honest(mounts.copy_out(disk, tmp_path / "between"), names)
        assert mounts.run("mount", "-o", "remount,size=64m", str(disk)).code == 0
        mended = mounts.run(*import_command(names, disk))
        assert mended.receipt["safe_to_wipe"] is True
        after = mounts.copy_out(disk, tmp_path / "after")
    assert_mended(after, names, clean)


def test_a_read_only_survey_folder_is_said(card: Path, folder: Path, tmp_path: Path) -> None:
    """A survey on a share without the right to write: one line, and nothing changes."""
    survey = open_survey(folder)
    before = state_of(survey)
    survey.close()
    mount = f"mount --bind {folder} {folder} && mount -o remount,bind,ro {folder}"
    with Mounts(mount) as mounts:
        refused = mounts.run(*import_command(card, folder))
    assert is_one_line_error(refused), refused
    assert "ead-only" in refused.err or "readonly" in refused.err
    survey = open_survey(folder)
    assert state_of(survey) == before
    survey.close()


def test_a_read_only_card_is_read(card: Path, clean: State, folder: Path) -> None:
    """A card with its lock pushed to LOCK imports like any other: nothing writes on it."""
    mount = f"mount --bind {card} {card} && mount -o remount,bind,ro {card}"
    with Mounts(mount) as mounts:
        assert mounts.run(*import_command(card, folder)).receipt["safe_to_wipe"] is True
    assert_mended(folder, card, clean)


@pytest.mark.parametrize(
    "fault",
    [
        "rename,renameat,renameat2:error=ENOSPC:when=5+",
        "mkdir,mkdirat:error=EDQUOT:when=1+",
    ],
)
def test_a_survey_folder_that_takes_no_more_files(
    card: Path, clean: State, folder: Path, tmp_path: Path, fault: str
) -> None:
    """A rename or a new folder that the disk refuses ends with one line that says why."""
    ended = Strace(tmp_path / "log", fault).run(import_command(card, folder))
    assert is_one_line_error(ended), ended
    assert_mended(folder, card, clean)


@pytest.mark.parametrize("fault", ["pwrite64:error=ENOSPC:when=3+", "fdatasync:error=EIO:when=2+"])
def test_a_database_that_cannot_be_written(
    card: Path, clean: State, folder: Path, tmp_path: Path, fault: str
) -> None:
    """A failing write or sync of the database's own log ends with one line, and no receipt."""
    wal = folder / "survey.db-wal"
    wal.touch()
    strace = Strace(tmp_path / "log", fault, path=wal)
    ended = strace.run(import_command(card, folder))
    assert is_one_line_error(ended), ended
    assert not list((folder / "receipts").iterdir())
    assert_mended(folder, card, clean)


@pytest.mark.parametrize(
    "fault",
    [
        "fsync,fdatasync,syncfs:error=EIO:when=1+",
        "fsync,syncfs:error=EIO:when=3",  # strace counts in every thread by itself
        "fdatasync:error=EIO:when=5",
    ],
)
def test_bytes_that_are_not_durable_get_no_receipt(
    card: Path, clean: State, folder: Path, tmp_path: Path, fault: str
) -> None:
    """When the disk fails to sync, whichever time, no receipt is given and one line says why."""
    ended = Strace(tmp_path / "log", fault).run(import_command(card, folder))
    assert is_one_line_error(ended), ended
    assert not list((folder / "receipts").glob("*.json"))
    assert_mended(folder, card, clean)


def test_every_original_is_durable_before_it_has_its_name(
    card: Path, folder: Path, tmp_path: Path
) -> None:
    """Each photo's bytes are synced before it is renamed, and its folder before the receipt."""
    log, calls = tmp_path / "log", "fsync,fdatasync,rename,renameat,renameat2"
    assert watched(log, calls, import_command(card, folder)).code == 0
    synced: set[str] = set()
    unsynced_folders: set[str] = set()
    renamed = 0
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if call := re.search(r"f(?:data)?sync\(\d+<(.*?)>", line):
            synced.add(call[1])
            unsynced_folders.discard(call[1])
        elif call := re.search(r'rename\w*\(.*?"(.*?)".*"(.*?)"', line):
            if call[2].endswith(".jpg"):
                assert call[1] in synced, line
                unsynced_folders.add(str(Path(call[2]).parent))
                renamed += 1
            elif "receipts" in call[2]:
                assert not unsynced_folders, line
    assert renamed >= 5


# --- Dying cards -------------------------------------------------------------------------------

READS = "read,readv,pread64,preadv,copy_file_range,sendfile"


@pytest.mark.parametrize(
    "fault", [f"{READS}:error=EIO:when=2+", "open,openat:error=EACCES:when=1+"]
)
def test_a_photo_that_the_card_does_not_give(
    card: Path, clean: State, folder: Path, tmp_path: Path, fault: str
) -> None:
    """A photo that fails half-way, or may not be opened, is named, and the rest comes in."""
    photo = card / "DCIM" / "100MEDIA" / "IMG_0002.JPG"
    ended = Strace(tmp_path / "log", fault, path=photo).run(import_command(card, folder))
    receipt = ended.receipt
    assert (receipt["unread"], receipt["safe_to_wipe"]) == (1, False)
    assert ("DCIM/100MEDIA/IMG_0002.JPG", "unreadable") in {
        (problem["card_path"], problem["code"]) for problem in receipt["problems"]
    }
    mended(folder, card, clean)


@pytest.mark.parametrize("when", ["2+", "17"])
def test_a_film_that_the_card_does_not_give(
    film_card: Path, clean_film: State, folder: Path, tmp_path: Path, when: str
) -> None:
    """A film that fails half-way leaves no half film and no leave to wipe."""
    film = film_card / "DCIM" / "100MEDIA" / "IMG_0009.AVI"
    with untouched(film_card):
        strace = Strace(tmp_path / "log", f"{READS}:error=EIO:when={when}", path=film)
        receipt = strace.run(import_command(film_card, folder)).receipt
        assert (receipt["stored"], receipt["unread"], receipt["safe_to_wipe"]) == (2, 1, False)
        assert not list(folder.rglob("*.part"))
        mended(folder, film_card, clean_film)


def mended(folder: Path, card: Path, clean: State) -> None:
    """The same as one clean run but for the log, which also tells of the incomplete one."""
    assert_honest(folder, card)
    survey = open_survey(folder)
    assert take(survey, card).safe_to_wipe
    rows, files = state_of(survey)
    with survey.reading() as session:
        verdicts = [
            json.loads(details).get("safe_to_wipe")
            for details in session.exec(
                select(Decision.details)
                .where(Decision.act == "card_imported")
                .order_by(col(Decision.sequence))
            )
        ]
        assert list(broken_entries(session)) == []
    survey.close()
    assert verdicts[-1] is True and not any(verdicts[:-1])
    assert files == clean[1]
    assert {k: v for k, v in rows.items() if k != "decision"} == {
        k: v for k, v in clean[0].items() if k != "decision"
    }


def test_a_folder_that_the_card_does_not_give(
    tmp_path: Path, folder: Path, card: Path, clean: State
) -> None:
    """A folder that cannot be listed forbids wiping; read again, nothing is doubled."""
    strace = Strace(
        tmp_path / "log",
        "getdents,getdents64:error=EIO:when=1+",
        path=card / "DCIM" / "100MEDIA",
    )
    ended = strace.run(import_command(card, folder))
    if ended.code == 0:
        assert ended.receipt["safe_to_wipe"] is False
    else:
        assert is_one_line_error(ended), ended
    assert_honest(folder, card)
    survey = open_survey(folder)
    assert take(survey, card).safe_to_wipe
    assert files_of(survey) == clean[1]
    assert rows_of(survey)["media"] == clean[0]["media"]
    assert rows_of(survey)["event"] == clean[0]["event"]
    survey.close()


def while_importing(
    folder: Path, card: Path, change: Callable[[], object], *, at: int = 3
) -> Receipt | CardError:
    """Import a card and change something on it once so many files are read.

    Reading stays a few files ahead only, so that the last of them come after the change.
    """
    survey, done = open_survey(folder), []

    def look(progress: CardProgress) -> None:
        if progress.files >= at and not done:
            done.append(True)
            change()

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importing, "AHEAD", 8)
            return import_card(survey, card, deployment_id=DEPLOYMENT, person="Tashi", report=look)
    except CardError as error:
        return error
    finally:
        assert done
        survey.close()


def test_a_card_that_vanishes(card: Path, clean: State, folder: Path, tmp_path: Path) -> None:
    """A card pulled out while it is read may not be wiped; put back, it is finished."""
    pulled = shutil.copytree(card, tmp_path / "SD01")
    told = while_importing(folder, pulled, lambda: pulled.rename(tmp_path / "away"))
    assert not (isinstance(told, Receipt) and told.safe_to_wipe)
    assert_honest(folder, tmp_path / "away")
    (tmp_path / "away").rename(pulled)
    mended(folder, pulled, clean)


def test_a_card_that_becomes_an_empty_folder(
    card: Path, clean: State, folder: Path, tmp_path: Path
) -> None:
    """An unmounted card leaves an empty folder: no leave to wipe, then or when tried again."""
    pulled = shutil.copytree(card, tmp_path / "SD01")

    def unmount() -> None:
        pulled.rename(tmp_path / "away")
        pulled.mkdir()

    told = while_importing(folder, pulled, unmount)
    assert not (isinstance(told, Receipt) and told.safe_to_wipe)
    refused = run(import_command(pulled, folder))
    assert is_one_line_error(refused), refused
    pulled.rmdir()
    (tmp_path / "away").rename(pulled)
    mended(folder, pulled, clean)


def test_a_file_that_grows_while_it_is_read(folder: Path, tmp_path: Path) -> None:
    """A file still being written is not taken for whole; the next run takes the whole of it."""
    card = make_card(tmp_path / "SD01", photos=40)
    grown = card / "DCIM" / "100MEDIA" / "IMG_0040.JPG"

    def grow() -> None:
        with grown.open("ab") as file:
            file.write(bytes(5000))

    told = while_importing(folder, card, grow)
    assert isinstance(told, Receipt)
    assert (told.unread, told.safe_to_wipe) == (1, False)
    assert_honest(folder, card)
    survey = open_survey(folder)
    assert take(survey, card).safe_to_wipe
    survey.close()
    assert kept_hashes(folder) == hashes_of(card)
    assert len(list((folder / "media").rglob("*.jpg"))) == 40


def test_a_file_that_becomes_a_pipe_or_a_link(folder: Path, tmp_path: Path) -> None:
    """A file swapped after the listing is neither waited for nor followed off the card."""
    card = make_card(tmp_path / "SD01", photos=40)
    secret = tmp_path / "secret.jpg"
    pipe, link = (card / "DCIM" / "100MEDIA" / f"IMG_{n:04d}.JPG" for n in (39, 40))
    secret.write_bytes(jpeg(99999, FIRST) + bytes(link.stat().st_size))
    secret.write_bytes(secret.read_bytes()[: link.stat().st_size])

    def swap() -> None:
        pipe.unlink()
        os.mkfifo(pipe)
        link.unlink()
        link.symlink_to(secret)

    waiting = threading.Timer(20, lambda: os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK)))
    waiting.start()
    started = time.monotonic()
    told = while_importing(folder, card, swap)
    seconds = time.monotonic() - started
    waiting.cancel()
    assert seconds < 15, "the import waited for a pipe"
    assert isinstance(told, Receipt)
    assert (told.stored, told.unread, told.safe_to_wipe) == (38, 2, False)
    assert hashlib.sha256(secret.read_bytes()).hexdigest() not in kept_hashes(folder)


def hashes_of(card: Path) -> set[str]:
    """The hashes of a card's files."""
    return {hashlib.sha256(p.read_bytes()).hexdigest() for p in card.rglob("*") if p.is_file()}


# --- Two at once -------------------------------------------------------------------------------


def stopped_half_way(card: Path, folder: Path) -> subprocess.Popen[str]:
    """An import that has begun to keep files and now stands still, in the middle of its work."""
    process = subprocess.Popen(
        import_command(card, folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not any((folder / "media").rglob("*.jpg")):
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    return process


def test_the_same_card_twice_at_once(card: Path, clean: State, folder: Path) -> None:
    """The second import of a card that is being read is refused with one line; the first ends."""
    first = stopped_half_way(card, folder)
    try:
        assert first.poll() is None, "the first import ended before the second began"
        second = run(import_command(card, folder))
        assert is_one_line_error(second), second
    finally:
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=60)
    assert first.returncode == 0, err
    assert json.loads(out)["safe_to_wipe"] is True
    assert_mended(folder, card, clean)


def test_a_dead_import_does_not_lock_the_card(card: Path, clean: State, folder: Path) -> None:
    """After a kill the same card can be imported at once: a lock ends with its holder."""
    first = stopped_half_way(card, folder)
    first.kill()
    first.communicate()
    ended = run(import_command(card, folder))
    assert ended.receipt["safe_to_wipe"] is True
    assert_mended(folder, card, clean)


def unordered(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """Rows without their place in the log: either of two cards may end first."""
    log = sorted(re.sub(r'"sequence": "\d+"', "", entry) for entry in rows["decision"])
    return rows | {"decision": log}


@pytest.mark.parametrize("other", [DEPLOYMENT, "MT-02-2026"])
def test_two_cards_at_once(tmp_path: Path, other: str) -> None:
    """Two cards read at the same time, of one deployment or of two, end as one after the other."""
    one = make_card(tmp_path / "SD01", photos=90)
    two = make_card(tmp_path / "SD02", photos=90, first_number=500)
    alone = new_survey(tmp_path / "alone", DEPLOYMENT, "MT-02-2026")
    take(alone, one)
    take(alone, two, other)
    together = new_survey(tmp_path / "together", DEPLOYMENT, "MT-02-2026")
    commands = [
        import_command(one, together.folder),
        import_command(two, together.folder, other),
    ]
    with untouched(one), untouched(two):
        running = [
            subprocess.Popen(c, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for c in commands
        ]
        for process in running:
            out, err = process.communicate(timeout=90)
            assert process.returncode == 0, err
            assert json.loads(out)["safe_to_wipe"] is True
    assert files_of(together) == files_of(alone)
    assert unordered(state_of(together)[0]) == unordered(state_of(alone)[0])
    with together.reading() as session:
        assert list(broken_entries(session)) == []
    alone.close()
    together.close()


# --- Names, links, and things that are no files --------------------------------------------------


STRANGE = [
    b"a\nb.JPG",
    "😀🐆.JPG".encode(),
    b"x" * 251 + b".JPG",
    ("猫" * 83 + ".JPG").encode(),  # 253 bytes
    b"CON.JPG",
    b"AUX",
    b"nul.jpg",
    b"COM1.JPG",
    b"a .",
    b"trailing.JPG ",
    b"back\\slash.JPG",
    b"C:colon?.JPG",
    b"\xff\xfe\x80.JPG",
    b"GB\xd3\xc3.JPG",
    b"-rf.JPG",
    b"%s%n.JPG",
    b"IMG_0001.JPG",
    b"img_0001.jpg",
    "\u202egpj.exe".encode(),
]


def test_strange_names(folder: Path, tmp_path: Path) -> None:
    """Newlines, emoji, 255 bytes, Windows' own words and bytes that are no text: all come in."""
    card = tmp_path / "SD01"
    (card / "CON").mkdir(parents=True)
    (card / "con. ").mkdir()
    for number, name in enumerate(STRANGE):
        Path(os.fsdecode(os.fsencode(card / "CON") + b"/" + name)).write_bytes(jpeg(number))
    (card / "con. " / "IMG_0001.JPG").write_bytes(jpeg(1000))
    with untouched(card):
        ended = run(import_command(card, folder))
        assert ended.receipt["stored"] == len(STRANGE) + 1
        assert ended.receipt["safe_to_wipe"] is True
        again = run(import_command(card, folder))
        assert again.receipt == ended.receipt
    survey = open_survey(folder)
    with survey.reading() as session:
        names = set(session.exec(select(Media.file_name)))
    survey.close()
    assert names == {printable(os.fsdecode(name)) for name in STRANGE}
    assert kept_hashes(folder) == hashes_of(card)
    for path in (folder / "media").rglob("*.jpg"):
        assert path.name.isascii()


def test_names_that_print_alike(folder: Path, tmp_path: Path) -> None:
    """A newline and the text that stands for one are two files with two entries in the journal."""
    card = tmp_path / "SD01"
    card.mkdir()
    (card / "a\n.JPG").write_bytes(jpeg(1))
    (card / "a\\x0a.JPG").write_bytes(jpeg(2))
    with untouched(card):
        receipt = run(import_command(card, folder)).receipt
    assert (receipt["files"], receipt["stored"]) == (2, 2)
    assert kept_hashes(folder) == hashes_of(card)


def test_links_and_tricks_that_lead_off_the_card(folder: Path, tmp_path: Path) -> None:
    """Links to files, folders, parents, themselves and nothing are listed, and none is followed."""
    outside = make_card(tmp_path / "outside", photos=3, first_number=700)
    (tmp_path / "secret.jpg").write_bytes(jpeg(77))
    card = make_card(tmp_path / "SD01", photos=3)
    dcim = card / "DCIM"
    links = {
        "absolute.jpg": tmp_path / "secret.jpg",
        "relative.jpg": Path("../../secret.jpg"),
        "folder": outside,
        "parent": Path(".."),
        "itself": Path("itself"),
        "root": Path("/"),
        "nothing.jpg": tmp_path / "nothing.jpg",
        "kernel.jpg": Path("/proc/self/environ"),
        "inside.jpg": Path("100MEDIA/IMG_0001.JPG"),
    }
    for name, target in links.items():
        (dcim / name).symlink_to(target)
    os.link(dcim / "100MEDIA" / "IMG_0001.JPG", dcim / "hard.jpg")
    with untouched(card):
        receipt = run(import_command(card, folder)).receipt
    listed = {p["card_path"] for p in receipt["problems"] if p["code"] == "link_not_followed"}
    assert listed == {f"DCIM/{name}" for name in links}
    assert (receipt["stored"], receipt["duplicates"]) == (3, 1)
    assert kept_hashes(folder) == hashes_of(dcim / "100MEDIA")


def special_nodes(card: Path) -> dict[str, str]:
    """Put a pipe, a socket, and a device where the computer allows one, on a card."""
    os.mkfifo(card / "pipe.jpg")
    here = Path.cwd()
    os.chdir(card)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket.jpg")
    finally:
        os.chdir(here)
    made = {"pipe.jpg": "unreadable", "socket.jpg": "unreadable"}
    try:
        os.mknod(card / "zero.jpg", 0o20666, os.makedev(1, 5))  # endless zeros
        made["zero.jpg"] = "unreadable"
    except PermissionError:
        pass
    return made


def test_pipes_sockets_and_devices_never_block(folder: Path, tmp_path: Path) -> None:
    """What is no file is listed as such; nothing waits for it or reads it for ever."""
    card = make_card(tmp_path / "SD01", photos=3)
    nodes = special_nodes(card)
    os.mkfifo(card / "._IMG_0001.JPG")
    receipt = run(import_command(card, folder), seconds=60).receipt
    listed = {p["card_path"]: p["code"] for p in receipt["problems"]}
    assert nodes.items() <= listed.items()
    assert receipt["stored"] == 3


def test_a_pipe_beside_the_cards_never_blocks(folder: Path, tmp_path: Path) -> None:
    """A folder of several cards with a pipe in it is matched without waiting for the pipe."""
    cards = tmp_path / "cards"
    make_card(cards / DEPLOYMENT, photos=3)
    special_nodes(cards)
    command = [sys.executable, "-m", "namcha", "import", str(cards), "--survey", str(folder)]
    assert run([*command, "--json"], seconds=20).receipt["stored"] == 3


# --- What cameras and computers do ---------------------------------------------------------------


def test_a_folder_that_rolls_over(folder: Path, tmp_path: Path) -> None:
    """After file 9,999 a camera begins 101MEDIA at 0001: same names, other photos, one burst."""
    card = tmp_path / "SD01"
    numbers = [(100, n) for n in (1, 2, 3, 9998, 9999)] + [(101, n) for n in (1, 2, 3)]
    for number, (place, name) in enumerate(numbers):
        path = card / "DCIM" / f"{place}MEDIA" / f"IMG_{name:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        hour = 6 if number < 3 else 9
        moment = FIRST.replace(hour=hour, minute=0, second=number)
        path.write_bytes(jpeg(number, moment))
    with untouched(card):
        receipt = run(import_command(card, folder)).receipt
    assert (receipt["stored"], receipt["duplicates"]) == (8, 0)
    survey = open_survey(folder)
    with survey.reading() as session:
        events = session.exec(select(Event.media_count).order_by(col(Event.event_start))).all()
        paths = session.exec(select(CardFile.card_path)).all()
    survey.close()
    assert events == [3, 5]
    assert len(set(paths)) == 8


def png(width: int, height: int, *, content: bytes) -> bytes:
    """A PNG whose header states any size, with any compressed content."""
    chunks = [
        (b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"),
        (b"IDAT", zlib.compress(content, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        for name, body in chunks
    )


def test_bombs_and_false_headers_are_problems(folder: Path, tmp_path: Path) -> None:
    """Headers of 65,500 pixels and bombs are set aside, whole and unopened, in flat memory."""
    card = make_card(tmp_path / "SD01", photos=3)
    good = jpeg(50, FIRST)
    frame = good.index(b"\xff\xc0") + 5
    wide = good[:frame] + (65500).to_bytes(2, "big") * 2 + good[frame + 4 :]
    planted = {
        "wide.jpg": (wide, "too_large"),
        "bomb.png": (png(60000, 60000, content=bytes(40_000_000)), "too_large"),
        "torn.jpg": (good[: len(good) // 2], "truncated"),
        "empty.jpg": (b"", "empty_file"),
        "empty.avi": (b"", "empty_file"),
        "cut.avi": (b"RIFF\x00\x10\x00\x00AVI LIST", None),
        "no-size.jpg": (good[:frame] + bytes(4) + good[frame + 4 :], "unreadable"),
    }
    for name, (data, _) in planted.items():
        (card / name).write_bytes(data)
    limited = ["prlimit", f"--as={3 << 30}"] if shutil.which("prlimit") else []
    with untouched(card):
        receipt = run([*limited, *import_command(card, folder)]).receipt
    listed = {p["card_path"]: p["code"] for p in receipt["problems"]}
    assert {n: listed.get(n) for n, (_, code) in planted.items() if code} == {
        n: code for n, (_, code) in planted.items() if code
    }
    assert receipt["safe_to_wipe"] is True
    assert_honest(folder, card)


CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <sys/time.h>
static int (*real)(clockid_t, struct timespec *);
int clock_gettime(clockid_t id, struct timespec *at) {
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, at);
    if (!failed && id == CLOCK_REALTIME) at->tv_sec += atol(getenv("CLOCK_SHIFT"));
    return failed;
}
"""


def test_a_computer_whose_clock_jumps_back(card: Path, folder: Path, tmp_path: Path) -> None:
    """Begun in the future, ended in the past: times differ, yet rows, files and log are right."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler to give a process another clock")
    (tmp_path / "clock.c").write_text(CLOCK)
    shim = tmp_path / "clock.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", shim, tmp_path / "clock.c", "-ldl"], check=True
    )
    ahead = {"LD_PRELOAD": str(shim), "CLOCK_SHIFT": str(400 * 86400)}
    told = run(import_command(card, folder), **ahead).receipt
    assert told["started_at"] > "2027"
    (card.parent / "later").mkdir()
    later = shutil.copytree(card, card.parent / "later" / "SD01")
    (later / "DCIM" / "100MEDIA" / "IMG_0300.JPG").write_bytes(jpeg(300, FIRST))
    back = run(import_command(later, folder)).receipt
    shutil.rmtree(card.parent / "later")
    assert back["started_at"] < told["started_at"]
    assert (back["stored"], back["safe_to_wipe"]) == (1, True)
    survey = open_survey(folder)
    with survey.reading() as session:
        assert list(broken_entries(session)) == []
    survey.close()
