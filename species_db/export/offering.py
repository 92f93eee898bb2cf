"""How a finished export is offered: whole or not at all, and written in the decision log."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import Session

from species_db.decisions import Detail, last_act, record_decision
from species_db.export.terms import DESCRIPTOR_FILE, PROFILE, TABLES
from species_db.kept_lists import ListKind, Used, keep_used, settle_list
from species_db.language import tr
from species_db.secrecy.release import Sharing, ask_release, fingerprint_of, use_release
from species_db.secrecy.roles import require_exact_viewer
from species_db.sensitivity import Gate, closed_media, record_release
from species_db.survey import Survey
from species_db.vocabulary import Act, Secrecy

REASONS_SHOWN = 10
WRITTEN_BY = "Namcha"
# Entries of the log after which the survey tells what it told before them.
CHANGES_NOTHING = [
    act.value
    for act in (
        Act.EXPORTED,
        Act.EXACT_RELEASED,
        Act.EXACT_VIEWED,
        Act.RELEASE_ASKED,
        Act.RELEASE_GRANTED,
        Act.RELEASE_REFUSED,
        Act.ROLE_GRANTED,
        Act.ROLE_WITHDRAWN,
        Act.FROZEN,
    )
]
_LEFT_BY_COMPUTERS = {".DS_Store", "Thumbs.db", "desktop.ini"}


_CLASSES: Mapping[Secrecy, Callable[[], str]] = {
    Secrecy.INTERNAL: lambda: tr(
        "Internal: for the bureau and its partners, not to be passed on.",
        "内部资料:仅供主管部门及合作单位使用,不得外传。",
    ),
    Secrecy.SHAREABLE: lambda: tr(
        "Shareable: released by a second person for the recipient named.",
        "可共享:已由另一人放行,仅供所列接收方使用。",
    ),
}


@dataclass(frozen=True)
class ExportReport:
    """What was written, and what a person should know before passing it on."""

    path: Path
    rows: Mapping[str, int]
    notes: tuple[str, ...] = ()
    sha256s: Mapping[str, str] = field(default_factory=dict)
    """By file name, so that a figure in a report can be traced to the file it came from."""
    secrecy: Secrecy = Secrecy.INTERNAL
    request_id: str = ""
    """Set when nothing was written yet: a second person must release it first."""

    def as_text(self) -> str:
        """The report for the person who asked for the export."""
        rows = ", ".join(f"{name} {count:,}" for name, count in self.rows.items())
        if self.request_id:
            told = tr(
                f"Nothing was written yet. {rows} rows would leave; a second person must release "
                f"them: namcha release grant {self.request_id}. Then run the same command with "
                f"--release {self.request_id}.",
                f"尚未写出文件。将导出 {rows} 行,须由另一人放行:"
                f"namcha release grant {self.request_id}。"
                f"批准后,用同一命令加 --release {self.request_id} 导出。",
            )
        else:
            told = tr(f"{self.path}: {rows} rows.", f"{self.path}:{rows} 行。")
            told += "\n  " + _CLASSES[self.secrecy]()
        return "\n".join((told, *(f"  {note}" for note in self.notes)))


@dataclass(frozen=True)
class AsRead:
    """What the survey was when the export read it; it must still be that when it leaves."""

    last_change: int
    pictures: frozenset[str] = frozenset()
    """The media whose pictures were copied."""
    used: Used = frozenset()
    """Every record that the export tells."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Stations told, by how far they are coarsened."""


class ExportRefused(Exception):  # noqa: N818 - a verdict on the data, not a fault
    """The export would be wrong, incomplete or in the way of other files; nothing was written."""

    def __init__(self, headline: str, reasons: Sequence[str] = ()) -> None:
        """Show the first reasons and say how many there are."""
        self.reasons = tuple(reasons)
        lines = [headline, *(f"  - {reason}" for reason in self.reasons[:REASONS_SHOWN])]
        if len(self.reasons) > REASONS_SHOWN:
            more = len(self.reasons) - REASONS_SHOWN
            lines.append(tr(f"  and {more} more.", f"  另有 {more} 条。"))
        super().__init__("\n".join(lines))


def refuse_if(reasons: Sequence[str]) -> None:
    """Refuse an export that failed its checks.

    Raises:
        ExportRefused: there is at least one reason.
    """
    if reasons:
        count = len(reasons)
        raise ExportRefused(
            tr(
                f"Nothing was exported: {count} reason(s).",
                f"未导出:共 {count} 个原因。",
            ),
            reasons,
        )


def refuse_foreign_folder(out: Path) -> None:
    """Make sure that nothing but an earlier package of ours stands where the new one goes.

    Raises:
        ExportRefused: OUT is a file, or a folder with other content.
    """
    if not out.exists():
        return
    foreign = [out.name] if not out.is_dir() else sorted(_foreign_entries(out))
    if foreign:
        raise ExportRefused(
            tr(
                f"{out} holds something other than an earlier package ({foreign[0]}). "
                "Name a new or empty folder.",
                f"{out} 中有并非由本软件导出的内容({foreign[0]})。请指定新的或空的文件夹。",
            )
        )


def _foreign_entries(out: Path) -> Iterator[str]:
    entries = {entry.name for entry in out.iterdir()} - _LEFT_BY_COMPUTERS
    ours = {DESCRIPTOR_FILE, "media", *(table.file_name for table in TABLES)}
    yield from entries - ours
    if entries and not _is_ours(out / DESCRIPTOR_FILE):
        yield from entries
    for path in (out / "media").rglob("*"):
        if path.is_file() and not _is_released_media(path) and path.name not in _LEFT_BY_COMPUTERS:
            yield path.name


def _is_ours(descriptor: Path) -> bool:
    try:
        told = json.loads(descriptor.read_text(encoding="utf-8"))
        return bool(told["profile"] == PROFILE and told["sources"][0]["title"] == WRITTEN_BY)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _is_released_media(path: Path) -> bool:
    try:
        return bool(uuid.UUID(path.parent.name) and uuid.UUID(path.stem))
    except ValueError:
        return False


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Give a place beside OUT to write to; whatever is still there at the end is removed."""
    out.parent.mkdir(parents=True, exist_ok=True)
    place = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        yield place
    finally:
        _remove(place)


def offer(
    survey: Survey,
    place: Path,
    report: ExportReport,
    *,
    as_read: AsRead,
    gate: Gate,
    person: str,
    details: Mapping[str, Detail],
    sharing: Sharing | None = None,
) -> ExportReport:
    """Put the finished export where its report says and log it, or do neither.

    An export that is to be shared and has no release yet is only asked for: its report carries the
    request's id and the files go nowhere. Any other export is internal.

    The swap is the last step of the log's transaction, and is taken back when the log cannot be
    written: nothing leaves unrecorded. Which records it used is kept in the survey beforehand, so
    that an altered one leads to every export that told it.

    Raises:
        ExportRefused: the survey changed since it was read, or the place cannot be written.
        SharingError: the release does not fit.
        RoleError: exact places were asked for by somebody without the role, once roles are in use.
    """
    report = replace(report, secrecy=audience_of(sharing))
    if sharing and not sharing.release_id:
        return _ask(survey, report, sharing, as_read=as_read, person=person, details=details)
    out, subject = report.path, str(details["format"])
    told = _entry(report, details, is_exact=gate.exact is not None, sharing=sharing)
    earlier, is_swapped = out.with_name(f"{place.name}.earlier"), False
    try:
        told["used_ids"] = used_ids = keep_used(survey.folder, as_read.used)
        with survey.writing() as session:
            refuse_if_changed(session, as_read)
            if sharing:
                found = fingerprint_of(report.sha256s)
                use_release(session, sharing, fingerprint=found, person=person)
            if gate.exact:
                require_exact_viewer(session, gate.exact.person)
                record_release(session, gate.exact, subject=subject)
            record_decision(session, Act.EXPORTED, subject=subject, person=person, details=told)
            if out.exists():
                out.rename(earlier)
            place.rename(out)
            is_swapped = True
    except BaseException as error:
        if is_swapped:
            _remove(out)
        if earlier.exists():
            earlier.rename(out)
        if isinstance(error, OSError):
            raise ExportRefused(
                tr(
                    f"{out} could not be written: {error}. Close what has it open, or name "
                    "another place.",
                    f"无法写入 {out}:{error}。请关闭正在使用它的程序,或换一个位置。",
                )
            ) from error
        raise
    settle_list(survey.folder, ListKind.USED, used_ids)
    _remove(earlier)
    return report


def _entry(
    report: ExportReport, details: Mapping[str, Detail], *, is_exact: bool, sharing: Sharing | None
) -> dict[str, Detail]:
    """What the log says of an export."""
    return {
        **details,
        "secrecy": report.secrecy.value,
        "release": sharing.release_id if sharing else None,
        "name": report.path.name,
        "exact": is_exact,
        "rows": dict(report.rows),
        "sha256": [f"{digest}  {name}" for name, digest in report.sha256s.items()],
    }


def audience_of(sharing: Sharing | None) -> Secrecy:
    """Whom an export is for: whoever it is shared with, else the bureau and its partners."""
    return Secrecy.SHAREABLE if sharing else Secrecy.INTERNAL


def refuse_exact_sharing(sharing: Sharing | None, *, is_exact: bool) -> None:
    """Keep exact places out of what is shared: they stay with the bureau and its partners.

    Raises:
        ExportRefused: both were asked for.
    """
    if sharing and is_exact:
        raise ExportRefused(
            tr(
                "Exact places are not shared. Leave out --exact, or leave out --shareable.",
                "精确位置不得共享。请去掉 --exact,或去掉 --shareable。",
            )
        )


def _ask(
    survey: Survey,
    report: ExportReport,
    sharing: Sharing,
    *,
    as_read: AsRead,
    person: str,
    details: Mapping[str, Detail],
) -> ExportReport:
    """Ask for the release of what was written beside its place, and is thrown away."""
    with survey.writing() as session:
        refuse_if_changed(session, as_read)
        release = ask_release(
            session,
            sharing,
            fingerprint=fingerprint_of(report.sha256s),
            request={**details, "rows": dict(report.rows), "places": dict(as_read.places)},
            person=person,
        )
    return replace(report, request_id=release.release_id)


def last_change(session: Session) -> int:
    """Name the newest entry of the log that changed the survey; exports change nothing."""
    return last_act(session, but=(Act.EXPORTED, Act.EXACT_RELEASED))


def refuse_if_changed(session: Session, as_read: AsRead) -> None:
    """Stop when somebody spoke while the files were written; the write lock keeps others out.

    Copying pictures takes minutes, and in these somebody may say that a person is on them. A model
    at work logs only its end, so the copied pictures are asked for themselves as well.

    Raises:
        ExportRefused: the survey is no longer what was read.
    """
    is_closed = bool(as_read.pictures and as_read.pictures & closed_media(session))
    if is_closed or last_change(session) != as_read.last_change:
        raise ExportRefused(
            tr(
                "Nothing was exported: the survey changed while exporting; run it again.",
                "未导出:导出期间调查数据有变动,请重新导出。",
            )
        )


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Tell the SHA-256 of a file.

    >>> sha256_of(Path(__file__)) == hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    True
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
