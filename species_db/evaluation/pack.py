"""Rebuild a report from a freeze, and hand it out: whole or not at all, and in the log."""

import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from species_db.decisions import last_details
from species_db.durable import write_durably
from species_db.evaluation.contents import (
    PACK_FILE,
    PACK_FORMAT,
    Contents,
    Progress,
    contents_of,
)
from species_db.evaluation.findings import Findings
from species_db.evaluation.kept_freeze import Freeze, check_freeze, find_freeze, read_freeze
from species_db.evaluation.refusal import EvaluationError
from species_db.export.offering import AsRead, ExportReport, last_change, offer
from species_db.keys import logged_keys
from species_db.language import tr
from species_db.secrecy.roles import require_exact_viewer
from species_db.sensitivity import ExactRelease
from species_db.survey import Survey
from species_db.vocabulary import Act

FORMAT = "evaluation pack"  # as the log names it


@dataclass(frozen=True)
class Pack:
    """A report that was written: where, from what, and the SHA-256 of each file."""

    path: Path
    freeze: Freeze
    findings: Findings
    sha256s: Mapping[str, str]
    is_same_code: bool
    is_logged: bool


def build_report(
    survey: Survey,
    name: str,
    out: Path,
    *,
    person: str,
    since: str | None = None,
    exact: ExactRelease | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Pack:
    """Rebuild the report of a freeze of this survey into a folder, and log that it left.

    The freeze must be the one that the log tells of, byte for byte. Every number is measured anew
    from the snapshot, through the gate as of the day of the freeze. `since` names an earlier
    freeze for the change log. `exact` counts records too young to leave and tells every county;
    it needs a reason, and the role once roles are in use.

    Raises:
        EvaluationError: there is no such freeze, it was altered, or the folder holds other files.
        ExportRefused: the folder cannot be written.
        RoleError: `exact` by somebody without the role.
    """
    progress("check", 0, 1)
    freeze = _trusted(survey, find_freeze(survey, name))
    earlier = _trusted(survey, find_freeze(survey, since)) if since else None
    refuse_foreign(out)
    if exact is not None:  # before minutes of work, and again when it leaves
        with survey.reading() as session:
            require_exact_viewer(session, exact.person)
    made = contents_of(freeze, since=earlier, exact=exact, progress=progress)
    with survey.reading() as session:
        as_read = AsRead(last_change(session), used=made.used)
    told = ExportReport(path=out, rows=made.rows, sha256s=made.sha256s)
    with _beside(out) as place:
        _write(place, made)
        offer(
            survey,
            place,
            told,
            as_read=as_read,
            gate=made.gate,
            person=person,
            details={
                "format": FORMAT,
                "freeze": freeze.name,
                "statement_sha256": freeze.sha256,
                "since": earlier.name if earlier else None,
            },
        )
    return Pack(out, freeze, made.findings, made.sha256s, made.is_same_code, is_logged=True)


def rebuild_report(
    folder: Path,
    out: Path,
    *,
    since: Path | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Pack:
    """Rebuild the report of a freeze from its folder alone, on any computer.

    The same bytes as `build_report` gives. There is no survey and so no log: compare the key's
    fingerprint with one that was written down, for whoever signs anew has another key.

    Raises:
        EvaluationError: the folder is no freeze, it was altered, or OUT holds other files.
    """
    progress("check", 0, 1)
    freeze = read_freeze(folder)
    check_freeze(freeze)
    earlier = read_freeze(since) if since else None
    if earlier is not None:
        check_freeze(earlier)
    refuse_foreign(out)
    made = contents_of(freeze, since=earlier, progress=progress)
    with _beside(out) as place:
        _write(place, made)
        _swap(place, out)
    return Pack(out, freeze, made.findings, made.sha256s, made.is_same_code, is_logged=False)


def refuse_foreign(out: Path) -> None:
    """Overwrite nothing but an earlier pack of ours.

    Raises:
        EvaluationError: OUT is a file, or a folder with other content.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        is_ours = json.loads((out / PACK_FILE).read_text(encoding="utf-8"))["format"] == PACK_FORMAT
    except (OSError, ValueError, LookupError, TypeError):
        is_ours = False
    if not is_ours:
        raise EvaluationError(
            tr(
                f"{out} holds something other than an earlier pack and is left as it is. Name a "
                "new or empty folder.",
                f"{out} 中有并非报告包的内容，未作改动。请指定新的或空的文件夹。",
            )
        )


def _trusted(survey: Survey, freeze: Freeze) -> Freeze:
    """Check a freeze against itself and against the survey's log.

    Raises:
        EvaluationError: a byte changed, or the log tells of another freeze under this name.
    """
    check_freeze(freeze)
    with survey.reading() as session:
        entry = last_details(session, Act.FROZEN, subject=freeze.name)
        keys = logged_keys(session)
    told = json.loads(entry) if entry else {}
    if told.get("statement_sha256") != freeze.sha256 or freeze.key_fingerprint not in keys:
        raise EvaluationError(
            tr(
                f"'{freeze.name}' is not the freeze that the survey's log tells of: it was put "
                "there from elsewhere, or made anew. To build from it all the same, name its "
                f"folder with --freeze {freeze.folder}.",
                f"“{freeze.name}”不是调查日志所记的那份冻结数据：它来自别处或被重新制作。"
                f"如仍要据此生成报告，请用 --freeze {freeze.folder} 指定其文件夹。",
            )
        )
    return freeze


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder beside OUT; whatever is still there at the end is removed."""
    place = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield place
    except OSError as error:
        raise EvaluationError(
            tr(
                f"{out} could not be written: {error}. Close what has its files open, or name "
                "another folder.",
                f"无法写入 {out}：{error}。请关闭正在使用其中文件的程序，或指定其他文件夹。",
            )
        ) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _swap(place: Path, out: Path) -> None:
    """Put a folder in the place of an earlier one, or leave that as it was."""
    earlier = out.with_name(f"{place.name}.earlier")
    if out.exists():
        out.rename(earlier)
    try:
        place.rename(out)
    except OSError:
        if earlier.exists():
            earlier.rename(out)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _write(place: Path, made: Contents) -> None:
    for name, content in made.files.items():
        write_durably(place.joinpath(*name.split("/")), content)
