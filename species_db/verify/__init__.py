"""Proof of custody: re-read originals, rows, receipts and log, and name whatever was altered.

Nothing is changed and nothing mended here (VISION N1: from the card to the published number).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from species_db.kept_lists import ListKind, settled_lists
from species_db.keys import key_in_folder, logged_keys
from species_db.seals import sealed_tables
from species_db.stored import UNREADABLE
from species_db.survey import Survey
from species_db.tables import CardImport, Decision, FieldImport
from species_db.verify.cards import check_cards
from species_db.verify.exports import check_exports, read_exports
from species_db.verify.finding import KIND_WORDS, Counts, Finding, Kind, Note, Uses, VerifyReport
from species_db.verify.freezes import check_freezes
from species_db.verify.lists import check_lists
from species_db.verify.log import check_log
from species_db.verify.names import name_of
from species_db.verify.originals import check_originals, check_strays, total_bytes
from species_db.verify.packages import note_of_packages, package_cards
from species_db.verify.receipts import card_entries, check_receipts, newest_by_card
from species_db.verify.reviews import check_reviews, closed_and_present, read_review_log
from species_db.verify.rows import check_references, check_seals
from species_db.verify.times import check_restrictions, check_segments, check_times
from species_db.verify.told import check_told
from species_db.verify.uses import uses_of
from species_db.vocabulary import ImportState

__all__ = ["KIND_WORDS", "Counts", "Finding", "Kind", "Uses", "VerifyProgress", "VerifyReport",
           "verify_survey"]  # fmt: skip


@dataclass(frozen=True)
class VerifyProgress:
    """How far the check is: rows first, then originals in files, or bytes when they are read."""

    step: str  # rows, originals
    done: int
    total: int


Report = Callable[[VerifyProgress], None]


def verify_survey(
    survey: Survey, *, is_deep: bool = False, report: Report = lambda progress: None
) -> VerifyReport:
    """Check everything and name every altered file and record, and what used each.

    `is_deep` reads every original to the last byte; otherwise its presence and size are looked at.
    The survey is read in one moment: an import that runs meanwhile is not seen.
    """
    settled = settled_lists(survey.folder, ListKind.USED)  # before the log is read
    with survey.reading() as session:
        gathered = _Gathered(session, survey, report, settled)
        gathered.run(is_deep=is_deep)
        findings = _without_doubles(gathered.findings)
        findings = [replace(one, name=name_of(session, one)) for one in findings]
        used = uses_of(session, survey, findings, gathered.exports)
    return VerifyReport(
        is_deep=is_deep,
        counts=gathered.counts,
        findings=tuple(zip(findings, used, strict=True)),
        notes=tuple(gathered.notes),
    )


class _Gathered:
    """What the checks find, one after another."""

    def __init__(self, session: Session, survey: Survey, report: Report, settled: set[str]) -> None:
        self.session, self.survey, self.report = session, survey, report
        self.settled = settled
        self.findings: list[Finding] = []
        self.notes: list[Note] = []
        self.exports = read_exports(session)
        self.rows = self.files = self.bytes = self.receipts = 0

    @property
    def counts(self) -> Counts:
        entries = self.session.exec(select(func.count()).select_from(Decision)).one()
        return Counts(self.rows, entries, self.receipts, self.files, self.bytes, len(self.exports))

    def run(self, *, is_deep: bool) -> None:
        session, survey = self.session, self.survey
        self._add("log", check_log(session))
        total = sum(
            session.exec(select(func.count()).select_from(table)).one() for table in sealed_tables()
        )
        self._add("seals", check_seals(session, lambda: self._count_row(total)))
        self._add("references", check_references(session))
        self._check_receipts()
        told = read_review_log(session)
        self._add("reviews", check_reviews(session, told))
        self._add("times", check_times(session))
        self._add("clock", check_segments(session))
        closed = closed_and_present(session, told.closed_media)
        self._add("restrictions", check_restrictions(session, closed))
        self._add("lists", check_lists(session))
        self._add("told", check_told(session, survey))
        self._add("exports", check_exports(session, survey, self.exports, self.settled))
        self._add("freezes", check_freezes(session, survey, is_deep=is_deep))
        whole = total_bytes(session)
        originals = check_originals(
            session,
            survey,
            is_deep=is_deep,
            on_file=self._count_file,
            on_bytes=lambda read: self._count_bytes(read, whole),
        )
        self._add("originals", originals)
        self._add("folders", check_strays(survey))
        self._note_what_is_not_covered()

    def _check_receipts(self) -> None:
        session = self.session
        last = session.exec(select(func.max(Decision.sequence))).one() or 0
        entries = card_entries(session)
        told = check_receipts(session, self.survey, entries, last_sequence=last)
        self.receipts, self.findings = told.count, self.findings + told.findings
        self.notes += told.notes
        cards = newest_by_card(entries) | package_cards(session)
        self._add("cards", check_cards(session, self.survey, cards, told.lists))

    def _add(self, check: str, found: Iterable[Finding]) -> None:
        """Take what a check finds; a value nobody can read ends that check, not the others."""
        try:
            self.findings += found
        except UNREADABLE as error:
            self.findings.append(
                Finding(
                    Kind.ALTERED,
                    "check",
                    check,
                    f"stopped at a value that cannot be read ({error}); the rows named above "
                    "hold it",
                    f"因无法读取的值而中止({error});见上列记录",
                )
            )

    def _count_row(self, total: int) -> None:
        self.rows += 1
        if self.rows % 100 == 0 or self.rows == total:
            self.report(VerifyProgress("rows", self.rows, total))

    def _count_file(self) -> None:
        self.files += 1

    def _count_bytes(self, read: int, total: int) -> None:
        self.bytes += read
        self.report(VerifyProgress("originals", self.bytes, total))

    def _note_what_is_not_covered(self) -> None:
        if old := sum(export.used_ids is None for export in self.exports):
            self.notes.append(
                Note(
                    f"{old} exports are from before lists of what they used were kept; look in "
                    "their own tables whether they told what is named here.",
                    f"{old} 次导出早于“所用记录清单”功能;请在其表格中自行核对上列内容。",
                )
            )
        keys = logged_keys(self.session)
        if keys and (here := key_in_folder(self.survey.folder)) not in keys:
            what = ("cannot be read", "无法读取") if here is None else ("is new", "是新的")
            self.notes.append(
                Note(
                    f"the key in keys/ {what[0]}: it signed none of these receipts. They are "
                    "checked with the public keys of the log.",
                    f"keys/ 中的密钥{what[1]},并非签署这些回执的密钥。回执用日志中的公钥核验。",
                )
            )
        self.notes += note_of_packages(self.session)
        cards = CardImport.state == ImportState.RUNNING.value
        folders = col(FieldImport.completed_at).is_(None)
        counts = [
            select(func.count()).select_from(CardImport).where(cards),
            select(func.count()).select_from(FieldImport).where(folders),
        ]
        if count := sum(self.session.exec(one).one() for one in counts):
            self.notes.append(
                Note(
                    f"{count} imports are not finished; run them again.",
                    f"有 {count} 个导入尚未完成;请重新运行。",
                )
            )


def _without_doubles(findings: Iterable[Finding]) -> list[Finding]:
    """Name each row and file once for each thing that became of it, the first reason standing."""
    seen: dict[tuple[str, str, str], Finding] = {}
    for one in findings:
        seen.setdefault((one.table, one.key, one.kind), one)
    return list(seen.values())
