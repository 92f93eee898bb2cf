"""The freezes of a survey: are they there, and what the log says that was frozen."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from species_db.stored import UNREADABLE
from species_db.survey import DATABASE_FILE, SETTINGS_FILE, Survey
from species_db.tables import Decision
from species_db.verify.finding import Finding, Kind
from species_db.vocabulary import Act

FREEZES, STATEMENT = "freezes", "freeze.json"  # as species_db/evaluation/kept_freeze has them


def check_freezes(session: Session, survey: Survey, *, is_deep: bool) -> Iterator[Finding]:
    """Name every frozen file that is gone or altered, and every freeze that the log does not tell.

    The statement is hashed each time; the snapshot, which may be large, when the check is deep,
    else its size is looked at.
    """
    told = dict(_told(session))
    for name, sha256 in told.items():
        yield from _check(survey.folder / FREEZES / name, name, sha256, is_deep=is_deep)
    root = survey.folder / FREEZES
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if (folder / STATEMENT).is_file() and folder.name not in told:
            yield _finding(
                Kind.EXTRA,
                f"{FREEZES}/{folder.name}",
                "no entry of the log tells of this freeze",
                "日志中没有这份冻结数据的记录",
            )


def _told(session: Session) -> Iterator[tuple[str, str]]:
    """Name and statement's hash of every freeze of the log."""
    asked = (
        select(Decision.subject, Decision.details)
        .where(Decision.act == Act.FROZEN.value)
        .order_by(col(Decision.sequence))
    )
    for name, details in session.exec(asked):
        try:
            yield name, str(json.loads(details)["statement_sha256"])
        except UNREADABLE:
            continue  # an altered entry; the log's own check names it


def _check(folder: Path, name: str, sha256: str, *, is_deep: bool) -> Iterator[Finding]:
    try:
        statement = (folder / STATEMENT).read_bytes()
    except OSError:
        en, zh = f"the freeze '{name}' is gone", f"冻结数据“{name}”缺失"
        yield _finding(Kind.MISSING, f"{FREEZES}/{name}", en, zh)
        return
    if hashlib.sha256(statement).hexdigest() != sha256:
        yield _finding(
            Kind.ALTERED,
            f"{FREEZES}/{name}/{STATEMENT}",
            "it is not the statement that the log tells of: no report may rest on it",
            "它已不是日志所记的冻结声明，不得据此生成报告",
        )
        return
    said: dict[str, Any] = json.loads(statement)
    for file, facts in ((DATABASE_FILE, said["snapshot"]), (SETTINGS_FILE, said["settings"])):
        if not _fits(folder / file, facts, is_deep=is_deep):
            yield _finding(
                Kind.ALTERED,
                f"{FREEZES}/{name}/{file}",
                "it is gone, or not what was frozen: no report may rest on it",
                "文件缺失或已被改动，不得据此生成报告",
            )


def _fits(path: Path, facts: dict[str, Any], *, is_deep: bool) -> bool:
    try:
        if path.stat().st_size != facts["bytes"]:
            return False
        if not is_deep:
            return True
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == str(facts["sha256"])
    except OSError:
        return False


def _finding(kind: Kind, key: str, en: str, zh: str) -> Finding:
    return Finding(kind, "file", key, en, zh)
