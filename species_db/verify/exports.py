"""The exports that left, the answers that models gave, and the kept lists of both."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlmodel import Session, col, select

from species_db.export.used_ids import FOLDER, read_used, used_path
from species_db.stored import UNREADABLE
from species_db.survey import Survey
from species_db.tables import Decision, Observation
from species_db.verify.finding import Finding, Kind
from species_db.vocabulary import Act

IDS_A_QUERY = 400


@dataclass(frozen=True)
class Exported:
    """One export as the log tells of it."""

    sequence: int
    name: str
    used_ids: str | None  # None: from before exports kept the list

    @property
    def told(self) -> str:
        """How people find it in the log."""
        return f"{self.name} (log {self.sequence})"


def read_exports(session: Session) -> list[Exported]:
    """Every export of the log, oldest first."""
    statement = (
        select(Decision.sequence, Decision.subject, Decision.details)
        .where(Decision.act == Act.EXPORTED.value)
        .order_by(col(Decision.sequence))
    )
    told = []
    for sequence, subject, details in session.exec(statement):
        try:
            said: dict[str, Any] = dict(json.loads(details))
        except UNREADABLE:
            said = {}  # an altered entry; the log's own check names it
        name = f"{said.get('name', '')}: {subject}"
        told.append(Exported(sequence, name, said.get("used_ids")))
    return told


def read_detections(session: Session) -> list[Exported]:
    """Every run of a model, with the list of the answers it gave."""
    statement = (
        select(Decision.sequence, Decision.subject, Decision.details)
        .where(Decision.act == Act.DETECTED.value)
        .order_by(col(Decision.sequence))
    )
    told = []
    for sequence, model_version_id, details in session.exec(statement):
        try:
            answers = dict(json.loads(details)).get("answers")
        except UNREADABLE:
            continue
        told.append(Exported(sequence, f"detection {model_version_id[:12]}", answers))
    return told


def check_exports(session: Session, survey: Survey, exports: list[Exported]) -> Iterator[Finding]:
    """Name lists that are gone or altered, and observations that were exported and are gone."""
    listed: set[str] = set()
    for one in exports:
        if one.used_ids is None or one.used_ids in listed:
            continue
        listed.add(one.used_ids)
        path = used_path(survey, one.used_ids)
        name = f"{FOLDER}/{path.name}"
        try:
            is_same = hashlib.sha256(path.read_bytes()).hexdigest() == one.used_ids
        except OSError:
            en, zh = f"the list of what {one.told} used is gone", f"{one.told} 所用记录的清单缺失"
            yield Finding(Kind.MISSING, "export list", name, en, zh)
            continue
        if not is_same:
            en, zh = f"the list of what {one.told} used", f"{one.told} 所用记录的清单已改变"
            yield Finding(Kind.ALTERED, "export list", name, f"{en} has changed", zh)
            continue
        for observation_id in _gone(session, survey, one.used_ids):
            yield Finding(
                Kind.MISSING,
                "observation",
                observation_id,
                f"{one.told} told it, and it is gone",
                f"{one.told} 曾导出该记录,现已缺失",
            )


def _gone(session: Session, survey: Survey, used_ids: str) -> Iterator[str]:
    told = (key for table, key in read_used(used_path(survey, used_ids)) if table == "observation")
    while page := list(islice(told, IDS_A_QUERY)):
        present = session.exec(
            select(Observation.observation_id).where(col(Observation.observation_id).in_(page))
        )
        yield from sorted(set(page).difference(present))
