"""Jobs: commands that the app has started as processes of their own, and how far they are.

A job outlives the browser and the server that started it. It tells its state in the database, and
that it is alive by renewing the time of its log file; a job that fell silent has stopped.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlmodel import Session, col, select

from species_db.identity import act_id
from species_db.survey import Survey
from species_db.tables import CardImport, Job
from species_db.vocabulary import JobState

BEAT_S = 5.0  # how often a job says that it is alive
RECENT = 40  # a season's cards


@dataclass(frozen=True)
class Patience:
    """How long a job may be silent before it counts as stopped."""

    silence: timedelta = timedelta(seconds=30)  # six beats: a busy laptop misses one or two
    start: timedelta = timedelta(seconds=90)  # Python itself from a cold, slow disk


PATIENCE = Patience()


class Condition(StrEnum):
    """What a person is told of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"  # killed, or the computer was off: to be resumed
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class CardAt:
    """How far one card of a job is, as its journal says."""

    card_import_id: str
    deployment_id: str
    card: str
    is_complete: bool
    done_files: int
    total_files: int
    done_bytes: int
    total_bytes: int
    progress_at: datetime | None

    @property
    def share(self) -> float:
        """Part of the bytes that is done, 0 to 1."""
        if self.is_complete:
            return 1.0
        return min(self.done_bytes / self.total_bytes, 1.0) if self.total_bytes else 0.0


@dataclass(frozen=True)
class JobView:
    """A job as anybody sees it."""

    job_id: str
    kind: str
    subject: str
    arguments: tuple[str, ...]
    person: str
    condition: Condition
    message: str
    started_at: datetime
    ended_at: datetime | None
    cards: tuple[CardAt, ...]

    @property
    def is_live(self) -> bool:
        """Tell whether a process works on it now."""
        return self.condition in (Condition.WAITING, Condition.RUNNING)


@dataclass(frozen=True)
class Pace:
    """How fast a job is, and how long it will take; None while that is not known."""

    bytes_per_s: float | None = None
    seconds_left: float | None = None


def start_job(
    survey: Survey, kind: str, *, subject: str, arguments: Sequence[str], person: str
) -> tuple[JobView, bool]:
    """Enter a job before its process is started; tell whether it is new.

    When the very same command is at work already (two people, or two clicks), that job is given
    and no second one is entered.
    """
    told = json.dumps(list(arguments), ensure_ascii=False)
    with survey.writing() as session:
        same = select(Job).where(Job.arguments == told, col(Job.ended_at).is_(None))
        for job in session.exec(same):
            view = _view(survey, session, job, datetime.now(UTC))
            if view.is_live:
                return view, False
        job = Job(
            job_id=act_id(),
            kind=kind,
            subject=subject,
            arguments=told,
            person=person,
            state=JobState.WAITING.value,
            started_at=datetime.now(UTC),
        )
        session.add(job)
        session.flush()
        return _view(survey, session, job, job.started_at), True


def mark_job(survey: Survey, job_id: str, state: JobState, message: str = "") -> None:
    """Say how far a job is; a job that this survey does not know is left alone."""
    with survey.writing() as session:
        job = session.get(Job, job_id)
        if job is None:
            return
        job.state, job.message = state.value, message
        is_over = state in (JobState.DONE, JobState.FAILED)
        job.ended_at = datetime.now(UTC) if is_over else None
        session.add(job)


def recent_jobs(
    survey: Survey, kind: str, *, subject: str | None = None, now: datetime | None = None
) -> tuple[JobView, ...]:
    """The newest jobs of a kind, newest first, with what the journal says of their cards."""
    with survey.reading() as session:
        newest = select(Job).where(Job.kind == kind).order_by(col(Job.started_at).desc())
        if subject is not None:
            newest = newest.where(Job.subject == subject)
        newest = newest.limit(RECENT)
        moment = now or datetime.now(UTC)
        return tuple(_view(survey, session, job, moment) for job in session.exec(newest))


def find_job(survey: Survey, job_id: str) -> JobView | None:
    """One job, or None when the survey has no such job."""
    with survey.reading() as session:
        job = session.get(Job, job_id)
        return _view(survey, session, job, datetime.now(UTC)) if job else None


def condition_of(
    state: str, *, started_at: datetime, last_sign: datetime | None, now: datetime
) -> Condition:
    """What to tell of a job in a state, when its last sign of life was long ago.

    >>> noon = datetime(2026, 10, 4, 12, tzinfo=UTC)
    >>> later = noon + timedelta(minutes=2)
    >>> condition_of("running", started_at=noon, last_sign=noon, now=later)
    <Condition.STOPPED: 'stopped'>
    >>> condition_of("running", started_at=noon, last_sign=later, now=later)
    <Condition.RUNNING: 'running'>
    """
    if state in (JobState.DONE.value, JobState.FAILED.value):
        return Condition(state)
    is_waiting = state == JobState.WAITING.value
    patience = PATIENCE.start if is_waiting else PATIENCE.silence
    if now - max(started_at, last_sign or started_at) > patience:
        return Condition.STOPPED
    return Condition(state)


def pace_of(samples: Sequence[tuple[datetime, int]], *, total_bytes: int) -> Pace:
    """How fast bytes are done over the latest samples (instant, bytes done).

    Measured over samples and not from the start, because a resumed import passes over in moments
    what it took before.

    >>> noon = datetime(2026, 10, 4, 12, tzinfo=UTC)
    >>> pace_of([(noon, 0), (noon + timedelta(seconds=2), 50)], total_bytes=100)
    Pace(bytes_per_s=25.0, seconds_left=2.0)
    >>> pace_of([(noon, 0)], total_bytes=100)
    Pace(bytes_per_s=None, seconds_left=None)
    """
    if len(samples) < 2:
        return Pace()
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    seconds = (last_at - first_at).total_seconds()
    if seconds <= 0 or last <= first:
        return Pace()
    rate = (last - first) / seconds
    return Pace(rate, max(total_bytes - last, 0) / rate)


def log_of(survey: Survey, job_id: str) -> Path:
    """Where a job writes what it says; the file's time is its sign of life."""
    return survey.folder / "jobs" / f"{job_id}.log"


def _view(survey: Survey, session: Session, job: Job, now: datetime) -> JobView:
    cards = session.exec(
        select(CardImport)
        .where(CardImport.job_id == job.job_id)
        .order_by(col(CardImport.started_at))
    ).all()
    signs = [card.progress_at for card in cards if card.progress_at]
    try:
        written = log_of(survey, job.job_id).stat().st_mtime
        signs.append(datetime.fromtimestamp(written, UTC))
    except OSError:
        pass
    condition = condition_of(
        job.state, started_at=job.started_at, last_sign=max(signs, default=None), now=now
    )
    return JobView(
        job_id=job.job_id,
        kind=job.kind,
        subject=job.subject,
        arguments=tuple(json.loads(job.arguments)),
        person=job.person,
        condition=condition,
        message=job.message,
        started_at=job.started_at,
        ended_at=job.ended_at,
        cards=tuple(map(_card_at, cards)),
    )


def _card_at(card: CardImport) -> CardAt:
    return CardAt(
        card_import_id=card.card_import_id,
        deployment_id=card.deployment_id,
        card=card.card_path,
        is_complete=card.completed_at is not None,
        done_files=card.done_files,
        total_files=card.total_files,
        done_bytes=card.done_bytes,
        total_bytes=card.total_bytes,
        progress_at=card.progress_at,
    )
