"""Receipts as the import wrote them: found, and read for the line that the page shows."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from species_db.survey import Survey

NAME = re.compile(r"[\w.\-]{1,200}\.html")  # longer ones no file system has
SHOWN = 40


@dataclass(frozen=True)
class ReceiptLine:
    """What the page says of one receipt. `pages` are the printable files, by language when two."""

    card_import_id: str
    deployment_id: str
    card: str
    person: str
    completed_at: str
    files: int
    bytes: int
    stored: int
    duplicates: int
    unusable: int
    is_safe_to_wipe: bool
    because: tuple[tuple[str, str], ...]  # English, Chinese
    pages: tuple[str, ...]


def read_receipts(survey: Survey) -> list[ReceiptLine]:
    """The newest receipts first; a file that is no receipt is passed over."""
    folder = survey.folder / "receipts"
    lines = [line for path in folder.glob("*.json") if (line := _read(path)) is not None]
    return sorted(lines, key=lambda line: line.completed_at, reverse=True)[:SHOWN]


def page_of(survey: Survey, name: str) -> Path | None:
    """The printable receipt of that name, and of no other place than the receipts' folder."""
    path = survey.folder / "receipts" / name
    return path if NAME.fullmatch(name) and path.is_file() else None


def _read(path: Path) -> ReceiptLine | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return ReceiptLine(
            card_import_id=told["card_import_id"],
            deployment_id=told["deployment_id"],
            card=told["card"],
            person=told["person"],
            completed_at=told["completed_at"],
            files=told["files"],
            bytes=told["bytes"],
            stored=told["stored"],
            duplicates=told["duplicates"],
            unusable=told["quarantined"] + told["empty"] + told["unread"],
            is_safe_to_wipe=told["safe_to_wipe"] is True,
            because=tuple((reason["en"], reason["zh"]) for reason in told["because"]),
            pages=tuple(sorted(p.name for p in path.parent.glob(f"{path.stem}*.html"))),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
