"""What an import of field photos brought, from its journal: for people and for scripts."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlmodel import Session, col, select

from ingest.file_problem import ProblemCode
from ingest.problem_words import words_for
from species_db.language import tr
from species_db.tables import FieldFile, FieldImport, FieldPhoto, FieldRecord
from species_db.vocabulary import FieldState, FileOutcome

MOST_LINES = 20  # files named in the text; the JSON names all


@dataclass(frozen=True)
class FileNote:
    """One file that a person should know of, and why. `code` may hold several, with blanks."""

    card_path: str
    outcome: str
    code: str
    note: str

    @property
    def told(self) -> str:
        """Why, in the reader's language; the note, in the importer's, beside it."""
        words = " ".join(tr(*words_for(code)) for code in self.code.split())
        return f"{words} ({self.note})" if words and self.note else words or self.note


@dataclass(frozen=True)
class FieldReport:
    """What became of a folder of field photos. No coordinates, as it is printed and kept."""

    field_import_id: str
    plot_id: str
    observer: str
    protocol: str
    files: int
    photos: int
    records: int
    drafts: int
    without_position: int
    without_time: int
    duplicates: tuple[FileNote, ...]
    problems: tuple[FileNote, ...]

    @property
    def unsaved(self) -> tuple[FileNote, ...]:
        """Files whose bytes are still only in the folder."""
        return tuple(one for one in self.problems if one.outcome == FileOutcome.UNREAD.value)

    @property
    def gcj02_suspects(self) -> int:
        """Photos whose place looks like that of a Chinese map app."""
        return sum(ProblemCode.GCJ02_SUSPECT.value in one.code.split() for one in self.problems)

    def as_json(self) -> str:
        """The report for scripts."""
        told = asdict(self) | {"gcj02_suspects": self.gcj02_suspects}
        return json.dumps(told, ensure_ascii=False, indent=2)

    def as_text(self) -> str:
        """The report for the person who brought the photos."""
        lines = [
            tr(
                f"Plot {self.plot_id}, {self.observer}, {self.protocol}: {self.photos} photos of "
                f"{self.files} files kept, in {self.records} field records; {self.drafts} of them "
                "wait to be identified.",
                f"样地 {self.plot_id},{self.observer},{self.protocol}:{self.files} 个文件中"
                f"保存照片 {self.photos} 张,归为 {self.records} 条野外记录,"
                f"其中 {self.drafts} 条待鉴定。",
            )
        ]
        if self.without_position:
            lines.append(
                tr(
                    f"{self.without_position} without a position: placed at the plot.",
                    f"{self.without_position} 张无位置:按样地位置记录。",
                )
            )
        if self.without_time:
            lines.append(
                tr(
                    f"{self.without_time} without a time: each its own record.",
                    f"{self.without_time} 张无时间:各自成为一条记录。",
                )
            )
        lines += _listed(
            tr("Taken before, not kept twice", "先前已导入,未重复保存"), self.duplicates
        )
        lines += _listed(tr("To look at", "需要查看"), self.problems)
        if self.unsaved:
            lines.append(
                tr(
                    f"Do not delete the folder: {len(self.unsaved)} files could not be read. "
                    "Run the same command again to try them once more.",
                    f"请勿删除原文件夹:{len(self.unsaved)} 个文件无法读取。"
                    "重新运行同一命令可再试。",
                )
            )
        return "\n".join(lines)


def build_report(session: Session, imported: FieldImport) -> FieldReport:
    """Work the report out from the journal, so that it is the same after a resumed import."""
    here = imported.field_import_id
    files = session.exec(
        select(FieldFile)
        .where(FieldFile.field_import_id == here, FieldFile.outcome != FileOutcome.IGNORED.value)
        .order_by(col(FieldFile.card_path))
    ).all()
    ignored_but_told = session.exec(
        select(FieldFile)
        .where(
            FieldFile.field_import_id == here,
            FieldFile.outcome == FileOutcome.IGNORED.value,
            FieldFile.code != "",
        )
        .order_by(col(FieldFile.card_path))
    ).all()
    photos = session.exec(select(FieldPhoto).where(FieldPhoto.field_import_id == here)).all()
    states = Counter(
        session.exec(select(FieldRecord.state).where(FieldRecord.field_import_id == here))
    )
    duplicates = [row for row in files if row.outcome == FileOutcome.DUPLICATE.value]
    return FieldReport(
        field_import_id=here,
        plot_id=imported.plot_id,
        observer=imported.observer,
        protocol=imported.protocol,
        files=len(files),
        photos=len(photos),
        records=sum(states.values()),
        drafts=states[FieldState.DRAFT.value],
        without_position=sum(photo.latitude is None for photo in photos),
        without_time=sum(photo.timestamp is None for photo in photos),
        duplicates=_notes(duplicates),
        problems=_notes([*(row for row in files if row.code), *ignored_but_told]),
    )


def _notes(rows: Sequence[FieldFile]) -> tuple[FileNote, ...]:
    return tuple(FileNote(row.card_path, row.outcome, row.code, row.note) for row in rows)


def _listed(title: str, notes: Sequence[FileNote]) -> list[str]:
    if not notes:
        return []
    lines = [f"{title}: {len(notes)}"]
    lines += [f"  {one.card_path}: {one.told}" for one in notes[:MOST_LINES]]
    if len(notes) > MOST_LINES:
        rest = len(notes) - MOST_LINES
        lines.append(tr(f"  and {rest} more; --json names all.", f"  另有 {rest} 个,见 --json。"))
    return lines
