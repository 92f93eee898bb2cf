"""What a folder of cards holds, at a glance: seconds per card, before anything is imported.

Names and sizes of all files, and the heads of a few: the first and last of each folder. How many
were read is told, because what lies between was not looked at.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from ingest.card import CardEntry, CardError, CardListing, is_litter_name, list_card, printable
from ingest.card_match import (
    CardMatch,
    CardSigns,
    KnownDeployment,
    known_deployments,
    match_card,
)
from ingest.matching import is_media
from ingest.media_type import MediaKind
from ingest.metadata import MediaFacts, read_facts
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import CardImport, Deployment

DCF_FOLDER_DIGITS = 3  # cameras name their folders 100MEDIA, 101EK113 (DCF: three digits first)


@dataclass(frozen=True)
class Sampling:
    """How much of a card is read at a glance."""

    per_end: int = 3  # files at either end of a folder: a first one may be damaged
    most_files: int = 60
    head_bytes: int = 128 * 1024  # EXIF ends within 64 KiB; a maker's preview may come first
    seconds: float = 6.0  # with the listing, ten seconds on a slow reader


@dataclass(frozen=True)
class EarlierImport:
    """That these very files were read before, for which deployment, and whether to the end."""

    deployment_id: str
    is_complete: bool
    started_at: str


@dataclass(frozen=True)
class CardGlance:
    """One card: what a person needs to know it by, and whose it may be.

    Times are the camera's own local times, of the files that were read.
    """

    path: str
    label: str
    files: int
    bytes: int
    camera: str
    serial_numbers: tuple[str, ...]
    first_time: str | None
    last_time: str | None
    files_read: int
    match: CardMatch
    earlier: tuple[EarlierImport, ...] = ()
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The glance as JSON has it."""
        return asdict(self)

    def as_text(self) -> str:
        """The glance in a few lines, the match last."""
        lines = [
            tr(
                f"{self.label}: {self.files:,} files, {self.bytes / 1e9:.2f} GB   {self.path}",
                f"{self.label}:{self.files:,} 个文件,{self.bytes / 1e9:.2f} GB   {self.path}",
            )
        ]
        if self.files:
            serial = ", ".join(self.serial_numbers) or "-"
            lines.append(
                tr(
                    f"  camera {self.camera or '-'}, serial number {serial}; "
                    f"{self.first_time or '-'} to {self.last_time or '-'} "
                    f"(read {self.files_read} of {self.files:,} files)",
                    f"  相机 {self.camera or '-'},序列号 {serial};"
                    f"{self.first_time or '-'} 至 {self.last_time or '-'}"
                    f"(读取了 {self.files:,} 个文件中的 {self.files_read} 个)",
                )
            )
        for earlier in self.earlier:
            lines.append(
                tr(
                    f"  read before, for {earlier.deployment_id}"
                    f"{'' if earlier.is_complete else ', not to the end'}",
                    f"  曾导入到 {earlier.deployment_id}"
                    f"{'' if earlier.is_complete else ',但未完成'}",
                )
            )
        return "\n".join([*lines, *(f"  {problem}" for problem in self.problems), self._whose()])

    def _whose(self) -> str:
        if self.match.deployment_id:
            return f"  → {self.match.deployment_id} ({self.match.candidates[0].why()})"
        told = "; ".join(f"{c.deployment_id} ({c.why()})" for c in self.match.candidates)
        if not told:
            return tr("  → no deployment fits", "  → 没有相符的布设")
        return tr(f"  → not certain: {told}?", f"  → 不确定:{told}?")


def glance_at(
    survey: Survey,
    folder: Path,
    *,
    sampling: Sampling | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> list[CardGlance]:
    """Look at each card in a folder: the folder itself, or its subfolders. Nothing is written.

    Raises:
        CardError: there is no such folder, or no card in it.
    """
    with survey.reading() as session:
        known = known_deployments(session)
        names = set(session.exec(select(Deployment.deployment_id)))
        imports = list(session.exec(select(CardImport).order_by(col(CardImport.started_at))))
    cards = find_cards(folder, names)
    return [
        _glance(card, known, imports, sampling or Sampling(), clock)
        for card in cards
        if not _holds(survey.folder, card)
    ]


def find_cards(folder: Path, names: set[str]) -> list[Path]:
    """Say which folders are cards: this one, when it looks like one, else those inside it.

    A card has a DCIM folder, or folders numbered as cameras do, or media lying loose, or the name
    of a deployment.

    Raises:
        CardError: there is no such folder, or nothing in it could be a card.
    """
    if not folder.is_dir():
        list_card(folder)  # says what is wrong
    try:
        inside = sorted(path for path in folder.iterdir() if not is_litter_name(path))
        folders = [path for path in inside if path.is_dir() and not path.is_symlink()]
    except OSError as error:
        raise CardError(
            tr(
                f"{folder} cannot be read: {error.strerror}. Check the card and the reader.",
                f"无法读取 {folder}:{error.strerror}。请检查存储卡和读卡器。",
            )
        ) from error
    is_card = (
        folder.resolve().name in names
        or any(_is_camera_folder(path.name) for path in folders)
        or any(is_media(path) for path in inside)
    )
    if is_card and not any(path.name in names for path in folders):
        return [folder]
    if not folders:
        list_card(folder)  # an empty folder: says so
    return folders


def _is_camera_folder(name: str) -> bool:
    is_numbered = name[:DCF_FOLDER_DIGITS].isdigit() and len(name) == 8
    return name.upper() in ("DCIM", "PRIVATE") or is_numbered


def _holds(survey_folder: Path, card: Path) -> bool:
    """Tell whether a folder holds the survey or lies in it; such a one is never a card."""
    own, other = survey_folder.resolve(), card.resolve()
    return own.is_relative_to(other) or other.is_relative_to(own)


def _glance(
    card: Path,
    known: Sequence[KnownDeployment],
    imports: Sequence[CardImport],
    sampling: Sampling,
    clock: Callable[[], float],
) -> CardGlance:
    label = label_of(card)
    try:
        listing = list_card(card)
    except CardError as error:
        signs = CardSigns(label)
        match = match_card(signs, known)
        return CardGlance(
            str(card), label, 0, 0, "", (), None, None, 0, match, problems=(str(error),)
        )
    facts, problems = _read_some(listing, sampling, clock)
    mine = [row for row in imports if row.fingerprint == listing.fingerprint]
    signs = _signs(label, facts, {row.deployment_id for row in mine})
    cameras = {" ".join(filter(None, (fact.make, fact.model))) for fact in facts}
    return CardGlance(
        path=str(card),
        label=label,
        files=sum(not entry.is_litter for entry in listing.entries),
        bytes=listing.total_bytes,
        camera=", ".join(sorted(cameras - {""})),
        serial_numbers=tuple(sorted(signs.serial_numbers)),
        first_time=_told(signs.first),
        last_time=_told(signs.last),
        files_read=len(facts),
        match=match_card(signs, known),
        earlier=tuple(map(_earlier, mine)),
        problems=tuple(problems),
    )


def _signs(label: str, facts: Sequence[MediaFacts], earlier: set[str]) -> CardSigns:
    times = sorted(fact.camera_time.replace(tzinfo=None) for fact in facts if fact.camera_time)
    return CardSigns(
        label,
        serial_numbers=frozenset(fact.serial_number for fact in facts if fact.serial_number),
        user_labels=frozenset(fact.user_label for fact in facts if fact.user_label),
        first=times[0] if times else None,
        last=times[-1] if times else None,
        earlier=frozenset(earlier),
    )


def _earlier(row: CardImport) -> EarlierImport:
    started_at = row.started_at.isoformat(timespec="seconds")
    return EarlierImport(row.deployment_id, row.completed_at is not None, started_at)


def label_of(card: Path) -> str:
    """The name people know a card by: its folder's, which is the volume's on Linux and macOS."""
    resolved = card.resolve()
    return printable(resolved.name or _volume_name(resolved) or str(resolved))


def _volume_name(drive: Path) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    name = ctypes.create_unicode_buffer(261)
    ctypes.windll.kernel32.GetVolumeInformationW(
        f"{drive.drive}\\", name, len(name), None, None, None, None, 0
    )
    return name.value


def _read_some(
    listing: CardListing, sampling: Sampling, clock: Callable[[], float]
) -> tuple[list[MediaFacts], list[str]]:
    """Read the heads of a card's first and last files; say which could not be read."""
    facts: list[MediaFacts] = []
    problems: list[str] = []
    until = clock() + sampling.seconds
    for entry in choose_sample(listing.entries, sampling):
        if clock() > until:
            break
        try:
            with entry.path.open("rb") as file:
                head = file.read(sampling.head_bytes)
        except OSError as error:
            problems.append(
                tr(
                    f"{entry.card_path} cannot be read: {error.strerror}.",
                    f"无法读取 {entry.card_path}:{error.strerror}。",
                )
            )
            continue
        fact = read_facts(head, file_name=entry.path.name)
        if fact.kind is not MediaKind.OTHER:
            facts.append(fact)
    unreadable = [entry for entry in listing.entries if entry.problem is not None]
    if unreadable:
        problems.append(
            tr(
                f"{len(unreadable)} entries cannot be read as files (first: "
                f"{unreadable[0].card_path}).",
                f"有 {len(unreadable)} 项无法作为文件读取(首个:{unreadable[0].card_path})。",
            )
        )
    return facts, problems


def choose_sample(entries: Sequence[CardEntry], sampling: Sampling) -> list[CardEntry]:
    """Choose the first and last files of each folder, ends of the card before its middle."""
    usable = [e for e in entries if not e.is_litter and e.problem is None and e.bytes]
    folders = [list(g) for _, g in groupby(usable, key=lambda e: e.card_path.rpartition("/")[0])]
    ends: list[CardEntry] = []
    for folder in [*folders[-1:], *folders[:-1]]:  # the newest files soonest, then in order
        n = sampling.per_end
        ends += folder if len(folder) <= 2 * n else [*folder[:n], *folder[-n:]]
    return ends[: sampling.most_files]


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat(sep=" ", timespec="minutes") if moment else None
