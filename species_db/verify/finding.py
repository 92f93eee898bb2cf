"""What `namcha verify` may find, and how it says so."""

from dataclasses import dataclass, field
from enum import StrEnum

from species_db.language import tr


class Kind(StrEnum):
    """What became of a file or a record."""

    ALTERED = "altered"
    MISSING = "missing"
    EXTRA = "extra"  # there, and nothing of ours put it there


KIND_WORDS = {
    Kind.ALTERED: ("ALTERED", "被改动"),
    Kind.MISSING: ("MISSING", "缺失"),
    Kind.EXTRA: ("EXTRA", "多出"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was left: a row by table and key, or a file by its path."""

    kind: Kind
    table: str  # of a row; `file`, `receipt` or `export list` of what is no row
    key: str
    en: str
    zh: str
    name: str = ""  # what people call it
    used: tuple[tuple[str, str], ...] = ()  # rows that stand for it, when it is no row itself

    @property
    def told(self) -> str:
        """What was found, in the reader's language."""
        return tr(self.en, self.zh)


@dataclass(frozen=True)
class Note:
    """Something to know that is no fault: in both languages."""

    en: str
    zh: str

    @property
    def told(self) -> str:
        """The note in the reader's language."""
        return tr(self.en, self.zh)


@dataclass(frozen=True)
class Uses:
    """Every record that rests on what was found, and every export that told it."""

    events: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """What was looked at."""

    rows: int = 0
    log_entries: int = 0
    receipts: int = 0
    originals: int = 0
    bytes_read: int = 0
    exports: int = 0


@dataclass(frozen=True)
class VerifyReport:
    """Everything that was found, with what used it."""

    is_deep: bool
    counts: Counts
    findings: tuple[tuple[Finding, Uses], ...] = ()
    notes: tuple[Note, ...] = field(default_factory=tuple)

    @property
    def is_well(self) -> bool:
        """Whether nothing was found."""
        return not self.findings
