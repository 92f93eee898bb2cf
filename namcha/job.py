"""Keeping a job's row true while the command runs that the app has started."""

import logging
import os
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from species_db.language import tr

if TYPE_CHECKING:
    from pathlib import Path

    from species_db.survey import Survey
    from species_db.vocabulary import JobState

JOB = "NAMCHA_JOB"  # names the job, beside NAMCHA_SURVEY, which names its survey

logger = logging.getLogger(__name__)


@contextmanager
def as_job(is_for_users: Callable[[Exception], bool]) -> Iterator[None]:
    """Mark the job that the app has started running, then done or failed, and beat meanwhile.

    Without a job in the environment nothing happens. What the person reads of a failure is its
    one sentence; of a failure nobody foresaw, where its log is.
    """
    job_id = os.environ.get(JOB, "")
    if not job_id:
        yield
        return
    from species_db.jobs import log_of
    from species_db.vocabulary import JobState

    survey = _survey()
    log = log_of(survey, job_id)
    _mark(survey, job_id, JobState.RUNNING)
    over = threading.Event()
    threading.Thread(target=_beat, args=(log, over), daemon=True).start()
    try:
        yield
    except SystemExit as ended:
        _mark(survey, job_id, JobState.FAILED if ended.code else JobState.DONE, _see(log, ended))
        raise
    except Exception as error:
        told = tr(str(error), getattr(error, "chinese", str(error)))
        if not is_for_users(error):
            told = _unforeseen(log)
        _mark(survey, job_id, JobState.FAILED, told)
        raise
    else:
        _mark(survey, job_id, JobState.DONE)
    finally:
        over.set()
        survey.close()


def _survey() -> "Survey":
    from pathlib import Path

    from species_db.survey import open_survey

    return open_survey(Path(os.environ.get("NAMCHA_SURVEY", ".")))


def _mark(survey: "Survey", job_id: str, state: "JobState", message: str = "") -> None:
    """Write the job's state; a job must not fail because its row cannot be written."""
    from sqlalchemy.exc import SQLAlchemyError

    from species_db.jobs import mark_job

    try:
        mark_job(survey, job_id, state, message)
    except (SQLAlchemyError, OSError):
        logger.warning("the state of the job could not be written\n%s", traceback.format_exc())


def _beat(log: "Path", over: threading.Event) -> None:
    """Say again and again that this process is alive, even while a dying card lets it wait."""
    from species_db.jobs import BEAT_S

    while not over.wait(BEAT_S):
        try:
            log.touch()
        except OSError:
            logger.debug("the log of the job cannot be touched")


def _see(log: "Path", ended: SystemExit) -> str:
    if not ended.code:
        return ""
    error: BaseException | None = ended
    while error is not None:  # Typer turns Ctrl-C into an exit
        if isinstance(error, KeyboardInterrupt):
            return tr("Interrupted.", "已中断。")
        error = error.__cause__ or error.__context__
    return _unforeseen(log)


def _unforeseen(log: "Path") -> str:
    return tr(f"It ended unexpectedly: see jobs/{log.name}.", f"意外结束:见 jobs/{log.name}。")
