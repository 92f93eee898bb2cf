"""The receipt of a card: what was on it, what became of each file, and whether it may be wiped.

It reads the same on every computer and in every language: reasons stand in both, times are local
with their offset. Its place in the decision log and the survey key's signature bind it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ingest.originals import StorageError
from ingest.problem_words import words_for
from species_db.durable import write_durably
from species_db.keys import ALGORITHM, SurveyKey
from species_db.language import tr
from species_db.survey import Survey

NAMED_FILES = 6  # of each reason; the rest is in the receipt's JSON
MERKLE = (
    "RFC 6962 section 2.1, SHA-256; one leaf a file in path order: the JSON array "
    "[path, bytes, sha256, outcome] in UTF-8 without spaces"
)


@dataclass(frozen=True)
class DuplicateFile:
    """A file whose bytes the survey already keeps, and where it keeps them."""

    card_path: str
    same_as: str
    deployment_id: str


@dataclass(frozen=True)
class ListedProblem:
    """One thing to know about one file; the note is in the language of who imported."""

    card_path: str
    code: str
    note: str


@dataclass(frozen=True)
class ProblemLine:
    """One reason, in both languages, with how many files have it and the names of some."""

    code: str
    en: str
    zh: str
    count: int
    names: tuple[str, ...]

    @property
    def more(self) -> int:
        """How many files are not named."""
        return self.count - len(self.names)


@dataclass(frozen=True)
class ProblemCount:
    """How many files have one kind of problem."""

    code: str
    files: int


@dataclass(frozen=True)
class Gap:
    """A stretch without any media: between two, before the first, or after the last."""

    kind: str  # between_media, after_set_up, before_retrieval
    start: str
    end: str
    days: int


@dataclass(frozen=True)
class Reason:
    """One reason of the verdict, in both languages."""

    code: str
    en: str
    zh: str

    @property
    def text(self) -> str:
        """The reason in the reader's language."""
        return tr(self.en, self.zh)


@dataclass(frozen=True)
class Receipt:
    """What one card gave. Times are local, with the offset in force at the camera."""

    card_import_id: str
    card: str
    deployment_id: str
    person: str
    software_version: str
    started_at: str
    completed_at: str
    custody: str
    archive: str | None
    files: int
    bytes: int
    stored: int
    duplicates: int
    quarantined: int
    empty: int
    ignored: int
    unread: int
    left: int  # cannot be used, and stays in its archive
    first_timestamp: str | None
    last_timestamp: str | None
    undated: int
    outside_deployment: int
    days: int
    days_with_media: int
    gap_days: int  # a stretch is a gap when it is longer than this
    gaps: tuple[Gap, ...]
    content_sha256: str
    merkle_root: str
    merkle_construction: str
    seals_root: str
    safe_to_wipe: bool
    because: tuple[Reason, ...]
    duplicate_files: tuple[DuplicateFile, ...]
    problem_counts: tuple[ProblemCount, ...]
    problems: tuple[ListedProblem, ...]
    log_sequence: int = 0
    previous_log_hash: str = ""
    key_fingerprint: str = ""
    signature_algorithm: str = ""
    signature: str = ""

    @property
    def stem(self) -> str:
        """How the receipt's files are named."""
        return f"{self.deployment_id}-{self.card_import_id[:8]}"

    def signed(self, key: SurveyKey, *, log_sequence: int, previous_log_hash: str) -> "Receipt":
        """Bind the receipt to its place in the log and sign it; again gives the same letters."""
        placed = replace(
            self,
            log_sequence=log_sequence,
            previous_log_hash=previous_log_hash,
            key_fingerprint=key.fingerprint,
            signature_algorithm=ALGORITHM,
        )
        document = json.loads(placed.as_json())
        return replace(placed, signature=key.sign(document))

    def as_json(self) -> str:
        """The receipt as JSON, keys in a fixed order."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    def as_text(self) -> str:
        """The receipt in a few lines, problems by reason, the verdict last."""
        shown = []
        for line in self.problem_lines():
            more = tr(f" and {line.more} more", f" 等,另有 {line.more} 个") if line.more else ""
            names = ", ".join(line.names) + more
            shown.append(f"  {line.count} × {tr(line.en, line.zh)} ({line.code}) {names}")
        verdict = tr(
            f"  SAFE TO WIPE: {'YES' if self.safe_to_wipe else 'NO'}, because ",
            f"  可否清空存储卡:{'可以' if self.safe_to_wipe else '不可以'},因为",
        )
        because = tr("; ", ";").join(reason.text for reason in self.because)
        return "\n".join([*self._counts(), *shown, verdict + because])

    def problem_lines(self) -> list[ProblemLine]:
        """The problems by reason, the commonest first, in words of the reader's language."""
        names: dict[str, list[str]] = {}
        for one in self.problems:
            names.setdefault(one.code, []).append(one.card_path)
        lines = [
            ProblemLine(code, *words_for(code), len(paths), tuple(paths[:NAMED_FILES]))
            for code, paths in names.items()
        ]
        return sorted(lines, key=lambda line: (-line.count, line.code))

    def _counts(self) -> Iterator[str]:
        yield tr(
            f"{self.deployment_id}: {self.files} files, {self.bytes / 1e6:.1f} MB: {self.stored} "
            f"stored, {self.duplicates} duplicates, {self.quarantined} quarantined, {self.empty} "
            f"empty, {self.ignored} ignored, {self.unread} unread",
            f"{self.deployment_id}:共 {self.files} 个文件,{self.bytes / 1e6:.1f} MB:"
            f"入库 {self.stored},重复 {self.duplicates},隔离 {self.quarantined},"
            f"空文件 {self.empty},忽略 {self.ignored},未能读取 {self.unread}",
        )
        if self.left:
            yield tr(
                f"  {self.left} files are no media that can be used; they were not copied and "
                "stay where they are, in the archive",
                f"  {self.left} 个文件不是可用的照片或视频,未复制,仍留在原存档中",
            )
        yield tr(
            f"  from {self.first_timestamp} to {self.last_timestamp}; {self.undated} undated, "
            f"{self.outside_deployment} outside the deployment",
            f"  拍摄时间 {self.first_timestamp} 至 {self.last_timestamp};无时间 {self.undated},"
            f"布设期外 {self.outside_deployment}",
        )
        if self.gaps:
            longest = max(self.gaps, key=lambda gap: gap.days)
            yield tr(
                f"  media on {self.days_with_media} of {self.days} days; {len(self.gaps)} gaps of "
                f"more than {self.gap_days} days, the longest {longest.days} days from "
                f"{longest.start[:10]}",
                f"  {self.days} 天中有 {self.days_with_media} 天有文件;"
                f"超过 {self.gap_days} 天的空档 {len(self.gaps)} 段,"
                f"最长 {longest.days} 天,始于 {longest.start[:10]}",
            )
        elsewhere = Counter(d.deployment_id for d in self.duplicate_files)
        elsewhere.pop(self.deployment_id, None)
        for other, count in sorted(elsewhere.items()):
            yield tr(
                f"  {count} of its files are already recorded under deployment {other}",
                f"  其中 {count} 个文件已记录在布设 {other} 之下",
            )


def save_receipt(receipt: Receipt, folder: Path, *, page: str, file_list: bytes) -> Path:
    """Write the receipt as JSON, its printable page and its list of files; never half of one.

    An earlier receipt of the same card is set aside under its number in the log, not overwritten.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    contents = {".files.gz": file_list, ".html": page.encode(), ".json": receipt.as_json().encode()}
    path = folder / f"{receipt.stem}.json"
    try:
        earlier = _sequence_of(path)
        if earlier not in (None, receipt.log_sequence):
            for suffix in contents:  # the JSON last: it tells what is still to be set aside
                old = folder / f"{receipt.stem}{suffix}"
                if old.exists():
                    old.replace(folder / f"{receipt.stem}.{earlier:06d}{suffix}")
        for suffix, content in contents.items():
            kept = folder / f"{receipt.stem}{suffix}"
            if not kept.is_file() or kept.read_bytes() != content:
                write_durably(kept, content)
    except OSError as error:
        raise StorageError(
            tr(
                f"The receipt {path.name} cannot be written: {error.strerror}. Free space or mend "
                "permissions, then run the same import again; the files of the card are safe.",
                f"无法写入回执 {path.name}:{error.strerror}。请腾出空间或检查权限后,"
                "重新运行同一导入命令;存储卡的文件已安全保存。",
            )
        ) from error
    return path


def quarantine_path(survey: Survey, deployment_id: str, sha256: str | None) -> Path:
    """Where a file that could not be used is kept."""
    return survey.folder / "quarantine" / deployment_id / f"{sha256}.bin"


def _sequence_of(path: Path) -> int | None:
    """Tell which entry of the log a kept receipt names; 0 for one from before receipts did."""
    try:
        return int(json.loads(path.read_text(encoding="utf-8")).get("log_sequence", 0))
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return None
