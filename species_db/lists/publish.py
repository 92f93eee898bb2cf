"""Publish the prefecture's own list: a numbered, dated, signed document, with what changed.

Three files that belong together: a workbook for those who reckon, a page for those who print, and
a signed statement that holds the SHA-256 of both. The same version gives the same bytes again.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from species_db.decisions import last_details, record_decision
from species_db.keys import (
    ALGORITHM,
    SIGNATURE,
    SurveyKey,
    fingerprint_of,
    is_signed_by,
    survey_key,
)
from species_db.language import tr
from species_db.lists.diff import Change, ListDiff, ListError, diff_versions
from species_db.lists.kept_publication import (
    FILES,
    Contents,
    files_told,
    keep_publication,
    kept_publication,
    sha256_of,
    statement_of,
    write_files,
)
from species_db.lists.published import page_of, printed_rows, workbook_of
from species_db.survey import Survey
from species_db.tables import ListVersion
from species_db.version import VERSION
from species_db.vocabulary import Act, ListOrigin, StatusKind

MOST_SIGNS = 64  # of a number of a document: it stands in one line of the page


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

    The survey keeps the files, then the log names them with their SHA-256, and only then are they
    written to the folder: no file claims a publication that is not in the log, and none that is in
    the log is without files. Publishing the same version again gives out the files that were kept.

    Raises:
        ListError: there is no such version, it is not the prefecture's own, the number is taken,
            a kept file is gone, or a folder cannot be written.
        KeyFileError: the survey's key cannot be read or kept.
    """
    if out.exists() and not out.is_dir():
        why = tr(f"{out} is a file; name a folder.", f"{out} 是文件;请指定文件夹。")
        raise ListError(why)
    with survey.writing() as session:
        version = session.get(ListVersion, list_version_id)
        if version is None:
            diff_versions(session, None, list_version_id, today=today)  # says which there are
            raise ListError(list_version_id)
        _refuse_foreign(version)
        told = last_details(session, Act.LIST_PUBLISHED, subject=list_version_id)
        before = _published_before(session, version)
        diff = diff_versions(session, before, list_version_id, today=today, is_first=before is None)
        version.number = _number(session, version, number, today)
        if told is not None:
            contents = kept_publication(survey.folder, list_version_id, json.loads(told))
        else:
            contents = _publish(survey, session, version, diff, person, today)
    statement = statement_of(contents)
    return PublishedList(
        number=statement["number"],
        published_on=date.fromisoformat(statement["published_on"]),
        files=write_files(out, contents, is_logged=True),
        diff=diff,
        fingerprint=fingerprint_of(statement["public_key"]),
        was_there=told is not None,
    )


@dataclass(frozen=True)
class CheckedList:
    """What a signed statement says of itself, and what does not fit it."""

    number: str
    published_on: str
    fingerprint: str  # to be compared with the printed page: anybody can sign with another key
    wrong: tuple[str, ...]  # names of files, or `signature`; none when all is as published


def check_published(statement_path: Path) -> CheckedList:
    """Check a published list's signature and files; name what does not fit, nothing when all does.

    Anybody can do so: the public key stands in the statement. Who signed is told by comparing its
    fingerprint with that of a page that was handed out.

    Raises:
        ListError: the file is no signed statement.
    """
    try:
        statement = json.loads(statement_path.read_text(encoding="utf-8"))
        public, told = statement["public_key"], dict(statement["files"])
        checked = CheckedList(
            number=str(statement["number"]),
            published_on=str(statement["published_on"]),
            fingerprint=fingerprint_of(public),
            wrong=() if is_signed_by(statement, public) else (SIGNATURE,),
        )
        wrong = [name for name, sha256 in sorted(told.items())
                 if not _is_as_told(statement_path.parent / Path(name).name, sha256)]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ListError(
            tr(
                f"{statement_path} is no signed statement of a list ({type(error).__name__}). Name "
                "the file that ends in .signed.json.",
                f"{statement_path} 不是名录的签名文件({type(error).__name__})。"
                "请指定以 .signed.json 结尾的文件。",
            )
        ) from error
    return replace(checked, wrong=(*checked.wrong, *wrong))


def _is_as_told(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path.read_bytes()) == sha256


def _publish(
    survey: Survey, session: Session, version: ListVersion, diff: ListDiff, person: str, on: date
) -> Contents:
    """Draw up the files, keep them, and write the entry of the log."""
    version.origin = ListOrigin.PUBLISHED.value
    session.add(version)
    session.flush()
    key = survey_key(survey, session, person=person)
    contents = _drawn_up(session, version, diff, on, key)
    keep_publication(survey.folder, version.list_version_id, contents)
    record_decision(
        session,
        Act.LIST_PUBLISHED,
        subject=version.list_version_id,
        person=person,
        details={
            "number": version.number,
            "published_on": on.isoformat(),
            "content_sha256": version.content_sha256,
            FILES: files_told(contents),
            "changed_taxa": [one.scientific_name for one in diff.changes],
        },
    )
    return contents


def _drawn_up(
    session: Session, version: ListVersion, diff: ListDiff, on: date, key: SurveyKey
) -> Contents:
    name, statement = version.list_version_id, _statement(version, diff, on)
    before = session.get_one(ListVersion, diff.before.list_version_id) if diff.before else None
    statement["before_number"] = before.number if before else None
    rows = printed_rows(session, version)
    contents = {
        f"{name}.xlsx": workbook_of(version, rows, diff, statement),
        f"{name}.html": page_of(version, rows, diff, statement, key.fingerprint),
    }
    statement["files"] = {one: sha256_of(content) for one, content in contents.items()}
    statement |= {"algorithm": ALGORITHM, "public_key": key.public_hex}
    statement[SIGNATURE] = key.sign(statement)
    told = json.dumps(statement, ensure_ascii=False, indent=1, sort_keys=True)
    return contents | {f"{name}.signed.json": f"{told}\n".encode()}


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
    if wanted is not None and not (wanted.isprintable() and 0 < len(wanted.strip()) <= MOST_SIGNS):
        raise ListError(
            tr(
                f"The number '{wanted}' cannot be printed in one line; write up to {MOST_SIGNS} "
                "letters, digits and signs.",
                f"编号“{wanted}”无法印成一行;请填写不超过 {MOST_SIGNS} 个字符。",
            )
        )
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
        "names_added": list(diff.names_added),
        "names_removed": list(diff.names_removed),
        "software": f"namcha {VERSION}",
    }
