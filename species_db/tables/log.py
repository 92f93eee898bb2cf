"""The decision log, and the jobs that the app has started."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from species_db.tables.sealed import UtcDateTime


class Decision(SQLModel, table=True):
    """One entry of the append-only log; each carries the hash of the one before it."""

    sequence: int = Field(primary_key=True)
    decision_id: str = Field(unique=True)
    act: str = Field(index=True)
    subject: str = Field(index=True)
    person: str
    decided_at: datetime = Field(sa_type=UtcDateTime)
    details: str  # canonical JSON
    previous_hash: str
    hash: str


class Job(SQLModel, table=True):
    """A command that the app has started as a process of its own; anybody may watch it."""

    job_id: str = Field(primary_key=True)
    kind: str
    subject: str  # what it works on, for people: the card and its deployment
    arguments: str = "[]"  # of `namcha`, as JSON, so that the same can be started again
    person: str
    state: str = Field(index=True)  # waiting, running, done, failed
    message: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
