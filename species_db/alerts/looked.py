"""What the last run of the rules looked at, so that one with nothing new to see is nearly free."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.alerts.rules import Rule
from species_db.survey import Survey
from species_db.tables import Alert, Area, CameraDay, Decision, Event, FieldRecord, Observation
from species_db.version import VERSION
from species_db.vocabulary import Act

LOOKED_FILE = "alerts-looked-at.json"  # may be deleted at any time: the next run looks again
WITHOUT_TRACE = (Event, Observation, FieldRecord, Area)  # counted too, should a log entry lack


@dataclass(frozen=True)
class Looked:
    """A run that has ended: the records that it saw, the alerts that it left, when, how many."""

    records: str
    alerts: str
    now: datetime
    sightings: int
    undated: int


def state_of_records(session: Session, rules: Sequence[Rule], now: datetime) -> str:
    """A fingerprint of everything that can change what the rules find; a few counts, no records.

    Time alone changes nothing within a month: a record that grows old keeps its alert, and the
    shortest period of an index ends with a month.
    """
    last = session.execute(
        select_columns(func.max(col(Decision.sequence))).where(
            col(Decision.act) != Act.ALERTS_RAISED.value  # our own word is no news
        )
    ).scalar()
    counts = [
        session.execute(select_columns(func.count()).select_from(table)).scalar()
        for table in WITHOUT_TRACE
    ]
    days = session.execute(select_columns(func.count(), func.max(col(CameraDay.stated_at)))).one()
    month = now.strftime("%Y-%m")
    return _digest(VERSION, month, [repr(rule) for rule in rules], last, counts, list(days))


def state_of_alerts(session: Session) -> str:
    """A fingerprint of the alerts: how many are in each state."""
    state = col(Alert.state)
    rows = session.execute(select_columns(state, func.count()).group_by(state).order_by(state))
    return _digest(*(list(row) for row in rows))


def read_looked(survey: Survey) -> Looked | None:
    """The last run on this computer; None when it is not known."""
    try:
        told = json.loads(_file(survey).read_text(encoding="utf-8"))
        when = datetime.fromisoformat(told["now"])
        return Looked(
            str(told["records"]),
            str(told["alerts"]),
            when,
            int(told["sightings"]),
            int(told["undated"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_looked(survey: Survey, looked: Looked) -> None:
    """Remember a run; a folder that cannot be written only costs the next run its shortcut."""
    told = json.dumps(asdict(looked) | {"now": looked.now.isoformat()})
    try:
        _file(survey).write_text(told, encoding="utf-8")
    except OSError:
        return


def _digest(*told: object) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=str).encode()).hexdigest()


def _file(survey: Survey) -> Path:
    return survey.folder / LOOKED_FILE
