"""Follow an archive that has moved: every original in it is found again by its content."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from sqlmodel import Session, col, select

from ingest.card import CardError, list_card, require_card
from ingest.import_card import refuse_own_folder
from ingest.journal import storing
from ingest.originals import holds
from species_db.decisions import record_decision
from species_db.language import did_you_mean, tr
from species_db.survey import ARCHIVE, Survey
from species_db.tables import Archive, Media
from species_db.vocabulary import Act

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Registered:
    """One original of an archive: where it lay below the root, and what it holds."""

    media_id: str
    path: str
    bytes: int
    sha256: str


@dataclass
class Relocation:
    """What was found below the new place; `is_done` tells whether the survey follows it."""

    archives: list[str] = field(default_factory=list)
    in_place: int = 0
    moved: list[str] = field(default_factory=list)  # found elsewhere below the new place
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(
        default_factory=list
    )  # a file of the name is there, with other bytes
    is_done: bool = False


def relocate(
    survey: Survey,
    old: Path,
    new: Path,
    *,
    person: str,
    is_partial: bool = False,
    report: Report = lambda done, total: None,
) -> Relocation:
    """Let the survey find the originals of the archives at or below `old` at or below `new`.

    Each file is read: first where it was, below the new place; what is not there is looked for
    by its bytes among all files there. When one is missing or altered nothing changes, unless a
    partial move is wished: then the found ones follow, and the others stay listed as missing.

    Raises:
        CardError: no archive is registered at `old`, or there is no folder at `new`.
        StorageError: the database cannot be written.
    """
    archives = _archives_at(survey, old)
    require_card(new)
    refuse_own_folder(survey, new)
    told = Relocation([archive.root for archive, _ in archives])
    found: list[tuple[Archive, Path, dict[str, str]]] = []
    for archive, below in archives:
        root = (new / below).resolve()
        found.append((archive, root, _find_all(survey, archive, root, told, report)))
    if (told.missing or told.changed) and not is_partial:
        return told
    with storing(survey) as session:
        for archive, root, moved in found:
            if not root.is_dir():
                continue  # it did not come along
            _follow(session, archive, root, moved)
            record_decision(
                session,
                Act.ARCHIVE_RELOCATED,
                subject=archive.archive_id,
                person=person,
                details={
                    "from": archive.root,
                    "to": str(root),
                    "moved_within": len(moved),
                    "missing": len(told.missing),
                    "changed": len(told.changed),
                },
            )
    told.is_done = True
    return told


def _archives_at(survey: Survey, old: Path) -> list[tuple[Archive, Path]]:
    """The archives whose root is the old place or lies below it, each with its way from there."""
    # As it is written, and as its links lead, which may be gone with it.
    places = (Path(os.path.abspath(old)), old.resolve())  # noqa: PTH100
    with survey.reading() as session:
        archives = session.exec(select(Archive).order_by(Archive.archive_id)).all()
    for place in places:
        at = [(one, Path(one.root)) for one in archives]
        found = [(one, root.relative_to(place)) for one, root in at if root.is_relative_to(place)]
        if found:
            break
    else:
        hint = did_you_mean(str(place), [one.root for one in archives])
        raise CardError(
            tr(
                f"No archive is registered at {place}.{hint} Name the folder as it was when it was "
                "imported with --in-place.",
                f"{place} 处没有登记过归档。{hint}请填写使用 --in-place 导入时的文件夹。",
            )
        )
    return found


def _find_all(
    survey: Survey, archive: Archive, root: Path, told: Relocation, report: Report
) -> dict[str, str]:
    """Find an archive's originals below a root; give the new path of each that moved within."""
    originals = list(_registered(survey, archive))
    lost = []
    for done, original in enumerate(originals, start=1):
        if holds(root.joinpath(original.path), size=original.bytes, sha256=original.sha256):
            told.in_place += 1
        else:
            lost.append(original)
        report(done, len(originals))
    elsewhere = _by_content(root, lost, report) if lost else {}
    moved = {}
    for original in lost:
        if original.sha256 in elsewhere:
            moved[original.media_id] = elsewhere[original.sha256]
            told.moved.append(original.path)
        elif root.joinpath(original.path).is_file():
            told.changed.append(original.path)
        else:
            told.missing.append(original.path)
    return moved


def _registered(survey: Survey, archive: Archive) -> Iterator[Registered]:
    start = f"{ARCHIVE}{archive.archive_id}/"
    statement = (
        select(Media.media_id, Media.file_path, Media.bytes, Media.sha256)
        .where(col(Media.file_path).startswith(start, autoescape=True))
        .order_by(Media.file_path)
    )
    with survey.reading() as session:
        for media_id, path, size, sha256 in session.exec(statement):
            yield Registered(media_id, path.removeprefix(start), size, sha256)


def _by_content(root: Path, lost: list[Registered], report: Report) -> dict[str, str]:
    """Where the wanted bytes lie below a root; only files of a wanted size are read."""
    sizes, wanted = {one.bytes for one in lost}, {one.sha256 for one in lost}
    try:
        listed = list_card(root).entries
    except CardError:
        return {}  # the archive did not come along: its files are named as missing
    entries = [one for one in listed if one.bytes in sizes and not one.problem]
    found: dict[str, str] = {}
    for done, entry in enumerate(entries, start=1):
        report(done, len(entries))
        relative = entry.path.relative_to(root).as_posix()
        try:
            relative.encode()
            with entry.path.open("rb") as file:
                sha256 = file_digest(file, "sha256").hexdigest()
        except (OSError, UnicodeEncodeError):
            continue  # named as missing, when nothing else holds these bytes
        if sha256 in wanted:
            found.setdefault(sha256, relative)
    return found


def _follow(session: Session, archive: Archive, root: Path, moved: dict[str, str]) -> None:
    session.get_one(Archive, archive.archive_id).root = str(root)
    for media_id, relative in moved.items():
        session.get_one(Media, media_id).file_path = f"{ARCHIVE}{archive.archive_id}/{relative}"
