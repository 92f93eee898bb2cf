"""Publish the prefecture's own list: a numbered, dated, signed document, with what changed.

Three files that belong together: a workbook for those who reckon, a page for those who print, and
a signed statement that holds the SHA-256 of both. The same version gives the same bytes again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from species_db.decisions import last_details, record_decision
from species_db.durable import write_durably
from species_db.keys import ALGORITHM, SIGNATURE, is_signed_by, survey_key
from species_db.language import tr
from species_db.lists.diff import Change, ListDiff, ListError, diff_versions
from species_db.lists.published import page_of, printed_rows, workbook_of
from species_db.survey import Survey
from species_db.tables import ListVersion
from species_db.version import VERSION
from species_db.vocabulary import Act, ListOrigin, StatusKind

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class PublishedList:
    """A published list: its number and date, its files, and what changed since the last one."""

    number: str
    published_on: date
    files: tuple[Path, ...]
    diff: ListDiff
    fingerprint: str
    was_there: bool


def publish_list(
    survey: Survey,
    list_version_id: str,
    out: Path,
    *,
    person: str,
    today: date,
    number: str | None = None,
) -> PublishedList:
    """Give a version of the prefecture's own list its number, and write and sign its files.

    Publishing the same version again writes the same files with the number and day it has.

    Raises:
        ListError: there is no such version, it is not the prefecture's own, the number is taken,
            or the folder cannot be written.
        KeyFileError: the survey's key cannot be read or kept.
    """
    with survey.writing() as session:
        version = session.get(ListVersion, list_version_id)
        if version is None:
            diff_versions(session, None, list_version_id, today=today)  # says which there are
            raise ListError(list_version_id)
        _refuse_foreign(version)
        was_there = version.number is not None
        published_on = _published_on(session, version) or today
        before = _published_before(session, version)
        diff = diff_versions(session, before, list_version_id, today=today)
        version.number = _number(session, version, number, published_on)
        version.origin = ListOrigin.PUBLISHED.value
        session.add(version)
        session.flush()
        key = survey_key(survey, session, person=person)
        statement = _statement(version, diff, published_on)
        rows = printed_rows(session, version)
        contents = {
            f"{list_version_id}.xlsx": workbook_of(version, rows, diff, statement),
            f"{list_version_id}.html": page_of(version, rows, diff, statement, key.fingerprint),
        }
        statement["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in contents.items()}
        statement |= {"algorithm": ALGORITHM, "public_key": key.public_hex}
        statement[SIGNATURE] = key.sign(statement)
        told = json.dumps(statement, ensure_ascii=False, indent=1, sort_keys=True)
        contents[f"{list_version_id}.signed.json"] = f"{told}\n".encode()
        paths = _write(out, contents)
        if not was_there:
            _log(session, version, diff, statement, person, published_on)
    return PublishedList(
        number=version.number,
        published_on=published_on,
        files=paths,
        diff=diff,
        fingerprint=key.fingerprint,
        was_there=was_there,
    )


def check_published(statement_path: Path) -> list[str]:
    """Check a published list's signature and files; name what does not fit, nothing when all does.

    Anybody can do so: the public key stands in the statement, and its fingerprint on the page.

    Raises:
        ListError: the file is no signed statement.
    """
    try:
        statement = json.loads(statement_path.read_text(encoding="utf-8"))
        public, told = statement["public_key"], dict(statement["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ListError(
            tr(
                f"{statement_path} is no signed statement of a list ({error}). Name the file that "
                "ends in .signed.json.",
                f"{statement_path} 不是名录的签名文件({error})。请指定以 .signed.json 结尾的文件。",
            )
        ) from error
    wrong = [] if is_signed_by(statement, public) else [SIGNATURE]
    for name, sha256 in sorted(told.items()):
        path = statement_path.with_name(Path(name).name)
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            wrong.append(path.name)
    return wrong


def _refuse_foreign(version: ListVersion) -> None:
    if version.kind != StatusKind.LOCAL_INVASIVE.value:
        own = StatusKind.LOCAL_INVASIVE.value
        raise ListError(
            tr(
                f"{version.list_version_id} is a list of {version.authority or version.region}; "
                f"only the prefecture's own ({own}) is published here.",
                f"{version.list_version_id} 由{version.authority or version.region}发布;"
                f"这里只发布本市名录({own})。",
            )
        )


def _number(session: Session, version: ListVersion, wanted: str | None, on: date) -> str:
    """The number it has, the one that is asked for, or the next of the year."""
    taken = set(
        session.exec(
            select(ListVersion.number).where(
                col(ListVersion.number).is_not(None),
                ListVersion.list_version_id != version.list_version_id,
            )
        )
    )
    if version.number and wanted in (None, version.number):
        return version.number
    if version.number or wanted in taken:
        raise ListError(
            tr(
                f"{version.list_version_id} is published as {version.number}."
                if version.number
                else f"The number {wanted} is taken. Leave --number away for the next free one.",
                f"{version.list_version_id} 已以编号 {version.number} 发布。"
                if version.number
                else f"编号 {wanted} 已被使用。可不写 --number,自动取下一个。",
            )
        )
    count = 1
    while f"{version.list_id}-{on.year}-{count:02d}" in taken:
        count += 1
    return wanted or f"{version.list_id}-{on.year}-{count:02d}"


def _published_on(session: Session, version: ListVersion) -> date | None:
    told = last_details(session, Act.LIST_PUBLISHED, subject=version.list_version_id)
    return date.fromisoformat(json.loads(told)["published_on"]) if told else None


def _published_before(session: Session, version: ListVersion) -> str | None:
    """The version of the list that was published last before this one came into force."""
    return session.exec(
        select(ListVersion.list_version_id)
        .where(
            ListVersion.list_id == version.list_id,
            ListVersion.origin == ListOrigin.PUBLISHED.value,
            ListVersion.effective_from < version.effective_from,
        )
        .order_by(col(ListVersion.effective_from).desc())
        .limit(1)
    ).first()


def _statement(version: ListVersion, diff: ListDiff, on: date) -> dict[str, Any]:
    return {
        "list_version_id": version.list_version_id,
        "title_zh": version.title_zh,
        "title_en": version.title_en,
        "number": version.number,
        "published_on": on.isoformat(),
        "effective_from": version.effective_from.isoformat(),
        "effective_to": version.effective_to.isoformat() if version.effective_to else None,
        "authority": version.authority,
        "entries": version.entry_count,
        "content_sha256": version.content_sha256,
        "before": diff.before.list_version_id if diff.before else None,
        "changes": {
            kind.value: sorted(one.scientific_name for one in diff.of(kind)) for kind in Change
        },
        "software": f"namcha {VERSION}",
    }


def _log(
    session: Session, version: ListVersion, diff: ListDiff, statement: Mapping[str, Any],
    person: str, on: date,
) -> None:  # fmt: skip
    record_decision(
        session,
        Act.LIST_PUBLISHED,
        subject=version.list_version_id,
        person=person,
        details={
            "number": version.number,
            "published_on": on.isoformat(),
            "content_sha256": version.content_sha256,
            "files": [f"{name} {sha256}" for name, sha256 in sorted(statement["files"].items())],
            "changed_taxa": [one.scientific_name for one in diff.changes],
        },
    )


def _write(out: Path, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    paths = []
    try:
        for name, content in contents.items():
            write_durably(out / name, content)
            paths.append(out / name)
    except OSError as error:
        raise ListError(
            tr(
                f"{out} cannot be written: {error.strerror}. Free space or name another folder; "
                "nothing was published.",
                f"无法写入 {out}:{error.strerror}。请腾出空间或更换文件夹;名录尚未发布。",
            )
        ) from error
    return tuple(paths)
