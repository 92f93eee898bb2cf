"""Take a sheet of field records into the survey: whole or not at all, every mistake by its cell.

A line is named after its own number, or else after everything it says, so that the same sheet
again adds nothing. A line whose number is known and which says something else is a correction: a
new act, with what stood before in the log. A line without a number that says something else is a
new record; when it looks like a corrected copy, the report says so.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from species_db import identity
from species_db.decisions import record_decision
from species_db.field.identify import need_person
from species_db.field.records.check import check_record
from species_db.field.records.columns import BY_NAME
from species_db.field.records.draft import RecordDraft
from species_db.field.records.known import Known, read_known
from species_db.field.records.saving import fill, new_record, told_of
from species_db.field.records.table import read_rows
from species_db.field_sheet import Mistake, Mistakes, SheetRow
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Decision, FieldRecord
from species_db.vocabulary import Act, FieldState

MOST_SHOWN = 200  # mistakes in a message; more is the wrong file


@dataclass(frozen=True)
class SheetSource:
    """Of which sheet and line a record came, and a digest of what the line said then."""

    file: str
    line: int
    tab: str = ""
    record_id: str = ""
    said: str = ""

    def as_json(self) -> str:
        """As the table keeps it."""
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class RecordsReport:
    """What a sheet of field records brought, or would bring."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    notes: tuple[str, ...] = ()
    is_dry_run: bool = False

    def as_text(self) -> str:
        """The report for the person who brought the sheet."""
        told = tr(
            f"{len(self.added)} added, {len(self.changed)} corrected, {self.unchanged} as before.",
            f"新增 {len(self.added)}，更正 {len(self.changed)}，未变 {self.unchanged}。",
        )
        tried = tr("Only tried: nothing was written. ", "试运行，未写入：")
        return "\n".join((*self.notes, (tried if self.is_dry_run else "") + told))

    def as_json(self) -> str:
        """The report for scripts."""
        return json.dumps(vars(self), ensure_ascii=False, indent=2)


@dataclass(frozen=True)
class Line:
    """A line that can be stored, under the id it gets."""

    row: SheetRow
    draft: RecordDraft
    field_record_id: str
    said: str


def import_records(
    survey: Survey,
    path: Path,
    *,
    person: str,
    is_dry_run: bool = False,
    now: datetime | None = None,
) -> RecordsReport:
    """Take a sheet of field records (.xlsx or .csv), whole or not at all.

    Raises:
        SheetError: with every mistake and its line and column; nothing was written.
        FieldRefusal: nobody's name is given.
    """
    need_person(person)
    rows, header_mistakes = read_rows(path)
    mistakes, notes = Mistakes(path), list[str]()
    for mistake in header_mistakes:
        _note(mistakes, mistake)
    with survey.reading() as session:
        known = read_known(session, survey, now=now or datetime.now(UTC))
    lines = _checked(rows, known, mistakes, notes)
    _find_repeats(lines, mistakes)
    _find_odd_efforts(lines, mistakes)
    if is_dry_run:
        with survey.reading() as session:
            return replace(_plan(session, lines, mistakes, notes)[0], is_dry_run=True)
    with survey.writing() as session:
        report, writes = _plan(session, lines, mistakes, notes)
        if writes:
            _write(session, writes, path, person=person)
    return report


def _note(mistakes: Mistakes, mistake: Mistake) -> None:
    """Name the column as the sheet is headed: in Chinese with both its names."""
    column = BY_NAME.get(mistake.column)
    heading = tr(column.name, f"{column.zh} {column.name}") if column else ""
    mistakes.note(mistake, heading=heading)


def _checked(
    rows: Sequence[SheetRow], known: Known, mistakes: Mistakes, notes: list[str]
) -> list[Line]:
    lines = []
    for row in rows:
        checked = check_record(row, known)
        notes += [f"{row.tab}, {note}" if row.tab else note for note in checked.notes]
        for mistake in checked.mistakes:
            _note(mistakes, mistake)
        if checked.draft is not None:
            lines.append(_line(row, checked.draft))
    return lines


def _line(row: SheetRow, draft: RecordDraft) -> Line:
    told = {one.name: str(getattr(draft, one.name)) for one in fields(RecordDraft)}
    said = json.dumps(told, ensure_ascii=False, sort_keys=True)
    kind, name = ("number", draft.record_code) if draft.record_code else ("line", said)
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return Line(row, draft, identity.sheet_record_id(kind, name), digest)


def _find_repeats(lines: Sequence[Line], mistakes: Mistakes) -> None:
    first: dict[str, SheetRow] = {}
    for line in lines:
        known = first.setdefault(line.field_record_id, line.row)
        if known is line.row:
            continue
        place = ", ".join(filter(None, (known.tab, str(known.number))))
        why = tr(
            f"the same as line {place}; two records need numbers of their own.",
            f"与第 {place} 行相同；确为两条记录时请分别编号。",
        )
        mistakes.add(line.row, "record_id", why)


def _find_odd_efforts(lines: Sequence[Line], mistakes: Mistakes) -> None:
    """The lines of one visit tell one effort."""
    first: dict[tuple[object, ...], Line] = {}
    for line in lines:
        known = first.setdefault(line.draft.visit, line)
        if known.draft.sampling_effort != line.draft.sampling_effort:
            why = tr(
                f"line {known.row.number} tells another effort of the same visit; mend one, or "
                "give each its sample_id.",
                f"与第 {known.row.number} 行同一次调查的强度不一致；请更正，或分别填写样品编号。",
            )
            mistakes.add(line.row, "sample_id", why)


def _plan(
    session: Session, lines: Sequence[Line], mistakes: Mistakes, notes: Sequence[str]
) -> tuple[RecordsReport, list[tuple[Line, FieldRecord | None]]]:
    """Which lines are new and which correct a record; refuses the sheet if anything is wrong."""
    writes: list[tuple[Line, FieldRecord | None]] = []
    for line in lines:
        known = session.get(FieldRecord, line.field_record_id)
        if known is None:
            writes.append((line, None))
        elif json.loads(known.sheet or "{}").get("said") != line.said:
            for mistake in _why_not(session, line, known):
                _note(mistakes, mistake)
            writes.append((line, known))
    mistakes.raise_if_any(most_shown=MOST_SHOWN)
    notes = (*notes, *_copies(session, lines, [line for line, known in writes if known is None]))
    added = tuple(line.field_record_id for line, known in writes if known is None)
    changed = tuple(line.field_record_id for line, known in writes if known is not None)
    return RecordsReport(added, changed, len(lines) - len(writes), tuple(notes)), writes


def _copies(session: Session, lines: Sequence[Line], new: Sequence[Line]) -> Iterator[str]:
    """New lines without a number that tell of a visit and a taxon which a record has already."""
    loose = [line for line in new if not line.draft.record_code]
    if not loose:
        return
    ours = {line.field_record_id for line in lines}
    starts = [line.draft.event_start for line in loose]
    statement = select(FieldRecord).where(
        col(FieldRecord.sheet).is_not(None),
        FieldRecord.state != FieldState.REJECTED.value,
        col(FieldRecord.event_start).between(min(starts), max(starts)),
    )
    there = {
        (one.observer, one.event_start, one.protocol, one.plot_id, one.county, one.taxon_id)
        for one in session.exec(statement)
        if one.field_record_id not in ours
    }
    for line in loose:
        of, row = line.draft, line.row
        place = (of.protocol, of.plot_id, of.county, of.taxon_id)
        if (of.observer, of.event_start, *place) in there:
            tab = f"{row.tab}, " if row.tab else ""
            yield tr(
                f"{tab}line {row.number} looks like a corrected copy of an earlier line: same "
                "visit and taxon. It becomes a second record; put one of them aside on the page. "
                "Lines with a record_id are corrected instead.",
                f"{tab}第 {row.number} 行疑似此前某行的更正：调查与物种相同。它将成为另一条记录，"
                "请在页面中搁置其一；填写了记录编号的行再次导入即为更正。",
            )


def _why_not(session: Session, line: Line, known: FieldRecord) -> Iterator[Mistake]:
    """Why a line may not correct the record that has its number."""
    statement = select(Decision).where(Decision.decision_id == known.review_id)
    act = session.exec(statement).first()
    draft, row = line.draft, line.row
    if act is not None and act.act != Act.FIELD_SHEET_IMPORTED.value:
        why = tr(
            f"{act.person} has worked on this record since; correct it on the page.",
            f"此后 {act.person} 已处理该记录；请在页面中更正。",
        )
        yield Mistake(row.number, "record_id", why, row.tab)
    started = known.event_start
    is_same_day = started is not None and (
        started.astimezone(draft.event_start.tzinfo).date() == draft.event_start.date()
    )
    if known.observer != draft.observer or not is_same_day:
        why = tr(
            f"'{draft.record_code}' is the number of a record of another day or observer; give "
            "this line another one. A wrong day or observer is corrected on the page.",
            f"编号“{draft.record_code}”已用于另一日期或观察人的记录，请改用其他编号；"
            "日期或观察人有误时请在页面中更正。",
        )
        yield Mistake(row.number, "record_id", why, row.tab)


def _write(
    session: Session,
    writes: Sequence[tuple[Line, FieldRecord | None]],
    path: Path,
    *,
    person: str,
) -> None:
    decided_at = datetime.now(UTC)
    before = [told_of(known) for _, known in writes if known is not None]
    previous = [known.review_id or "" for _, known in writes if known is not None]
    records = []
    for line, known in writes:
        record = known or new_record(line.draft, line.field_record_id)
        fill(record, line.draft, person=person, decided_at=decided_at)
        row = line.row
        source = SheetSource(path.name, row.number, row.tab, line.draft.record_code, line.said)
        record.sheet = source.as_json()
        records.append(record)
    decision = record_decision(
        session,
        Act.FIELD_SHEET_IMPORTED,
        subject=path.name,
        person=person,
        decided_at=decided_at,
        details={
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "added": [line.field_record_id for line, known in writes if known is None],
            "changed": [line.field_record_id for line, known in writes if known is not None],
            "records": [told_of(record) for record in records],
            "records_before": before,
            "previous_review_ids": previous,
        },
    )
    for record in records:
        record.review_id = decision.decision_id
    session.add_all(records)
    session.flush()
