"""The exports that left, and the kept lists of what each told."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from species_db.kept_lists import ListKind, list_path, read_used
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


def check_exports(
    session: Session, survey: Survey, exports: list[Exported], settled: set[str]
) -> Iterator[Finding]:
    """Name lists that are gone, altered or untold, and exported observations that are gone.

    `settled` are the lists that lay in the survey before the log was read: each was put there after
    its entry, so one without an entry tells that the log was cut off.
    """
    told_lists = {one.used_ids: one for one in reversed(exports) if one.used_ids is not None}
    for used_ids in sorted(settled - told_lists.keys()):
        yield Finding(
            Kind.MISSING,
            "decision",
            f"of exports/{used_ids}",
            "the log entry of an export whose list is kept is gone: the log was cut off",
            "某次导出的清单仍在,但其日志条目已缺失:日志已被截断",
        )
    for used_ids, one in told_lists.items():
        path = list_path(survey.folder, ListKind.USED, used_ids)
        name = f"exports/{path.name}"
        try:
            is_same = hashlib.sha256(path.read_bytes()).hexdigest() == used_ids
        except OSError:
            en, zh = f"the list of what {one.told} used is gone", f"{one.told} 所用记录的清单缺失"
            yield Finding(Kind.MISSING, "export list", name, en, zh)
            continue
        if not is_same:
            en, zh = f"the list of what {one.told} used", f"{one.told} 所用记录的清单已改变"
            yield Finding(Kind.ALTERED, "export list", name, f"{en} has changed", zh)
            continue
        for observation_id in _gone(session, path):
            yield Finding(
                Kind.MISSING,
                "observation",
                observation_id,
                f"{one.told} told it, and it is gone",
                f"{one.told} 曾导出该记录,现已缺失",
            )


def _gone(session: Session, path: Path) -> Iterator[str]:
    told = (key for table, key in read_used(path) if table == "observation")
    while page := list(islice(told, IDS_A_QUERY)):
        present = session.exec(
            select(Observation.observation_id).where(col(Observation.observation_id).in_(page))
        )
        yield from sorted(set(page).difference(present))
