"""Jobs: started once, alive or silent, and true to how their command ended."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from review_app.jobs import JobError, command, look_at, resume, start_import
from species_db.jobs import (
    PATIENCE,
    Condition,
    JobView,
    condition_of,
    find_job,
    log_of,
    mark_job,
    recent_jobs,
    start_job,
)
from species_db.survey import Survey
from species_db.tables import CardImport
from species_db.vocabulary import JobState
from tests.cards import make_card, with_deployment

NOON = datetime(2026, 10, 4, 12, tzinfo=UTC)


def entered(survey: Survey, *arguments: str) -> JobView:
    """A job that was entered, with no process behind it."""
    told = arguments or ("import", "--", "/media/SD01")
    return start_job(survey, told[0], subject="SD01", arguments=told, person="Tashi")[0]


def ended(survey: Survey, job: JobView) -> JobView:
    """Wait until a job's process has said how it ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        now = find_job(survey, job.job_id)
        assert now is not None
        if not now.is_live:
            return now
        time.sleep(0.1)
    pytest.fail(log_of(survey, job.job_id).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("state", "silent_s", "told"),
    [
        ("running", 0, "running"),
        ("running", PATIENCE.silence.total_seconds(), "running"),
        ("running", PATIENCE.silence.total_seconds() + 1, "stopped"),
        ("waiting", PATIENCE.silence.total_seconds() + 1, "waiting"),
        ("waiting", PATIENCE.start.total_seconds() + 1, "stopped"),
        ("done", 9_999, "done"),
        ("failed", 9_999, "failed"),
    ],
)
def test_a_silent_job_has_stopped(state: str, silent_s: float, told: str) -> None:
    """A job that works but is not heard of is stopped; one that ended stays what it was."""
    now = NOON + timedelta(seconds=silent_s)
    assert condition_of(state, started_at=NOON, last_sign=NOON, now=now) == told


def test_the_log_file_is_a_sign_of_life(survey: Survey) -> None:
    """A job that waits for a dying card without progress is alive as long as it beats."""
    job = entered(survey)
    mark_job(survey, job.job_id, JobState.RUNNING)
    later = datetime.now(UTC) + timedelta(minutes=10)
    (silent,) = recent_jobs(survey, now=later)
    log_of(survey, job.job_id).touch()
    os.utime(log_of(survey, job.job_id), (later.timestamp(), later.timestamp()))
    (alive,) = recent_jobs(survey, now=later)
    assert (silent.condition, alive.condition) == (Condition.STOPPED, Condition.RUNNING)


def test_the_same_command_is_entered_once_while_it_works(survey: Survey) -> None:
    """Two clicks, or two people, start one job; after its end the command may start again."""
    arguments = ("import", "--", "/media/SD01")
    first, is_first_new = start_job(survey, "import", subject="", arguments=arguments, person="A")
    second, is_second_new = start_job(survey, "import", subject="", arguments=arguments, person="B")
    assert (is_first_new, is_second_new, second.job_id) == (True, False, first.job_id)
    mark_job(survey, first.job_id, JobState.DONE)
    third, is_third_new = start_job(survey, "import", subject="", arguments=arguments, person="B")
    assert is_third_new and third.job_id != first.job_id


def test_an_import_started_by_the_app_ends_done(survey: Survey, tmp_path: Path) -> None:
    """The process imports the card, its progress and end are in the database for everybody."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "-rf; touch x", photos=3)  # a name that a shell would obey
    job = start_import(survey, card, deployment_id=deployment_id, person="Tashi", language="en")
    done = ended(survey, job)
    assert (done.condition, done.message) == (Condition.DONE, "")
    (at,) = done.cards
    assert (at.is_complete, at.done_files, at.total_files, at.share) == (True, 3, 3, 1.0)
    assert "SAFE TO WIPE: YES" in log_of(survey, job.job_id).read_text(encoding="utf-8")
    with survey.reading() as session:
        assert session.get_one(CardImport, at.card_import_id).person == "Tashi"
    assert not (tmp_path / "x").exists() and not (survey.folder / "x").exists()


def test_a_known_error_is_the_message_of_its_job(survey: Survey, tmp_path: Path) -> None:
    """What the person reads is the command's one sentence; resuming runs the command again."""
    deployment_id = with_deployment(survey)
    card = tmp_path / "SD01"
    job = start_import(survey, card, deployment_id=deployment_id, person="Tashi", language="en")
    failed = ended(survey, job)
    assert failed.condition is Condition.FAILED
    assert "there is no such folder" in failed.message
    make_card(card, photos=3)
    again = ended(survey, resume(survey, failed, person="Drolma", language="en"))
    assert (again.condition, again.arguments) == (Condition.DONE, failed.arguments)


def test_an_unforeseen_end_names_the_log(survey: Survey) -> None:
    """A command that breaks otherwise is failed, and says where its traceback is."""
    job = entered(survey, "no-such-command")
    told = {"NAMCHA_JOB": job.job_id, "NAMCHA_SURVEY": str(survey.folder)}
    subprocess.run(
        command(["no-such-command"]), env=os.environ | told, capture_output=True, check=False
    )
    failed = find_job(survey, job.job_id)
    assert failed is not None and failed.condition is Condition.FAILED
    assert failed.message == f"It ended unexpectedly: see jobs/{job.job_id}.log."


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")
def test_a_killed_server_leaves_the_import_to_its_end(survey: Survey, tmp_path: Path) -> None:
    """The import goes on when the process that started it is killed."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=60)
    program = (
        "import os, signal; from pathlib import Path; from species_db.survey import open_survey; "
        "from review_app.jobs import start_import; "
        f"s = open_survey(Path({str(survey.folder)!r})); "
        f"start_import(s, Path({str(card)!r}), deployment_id={deployment_id!r}, person='T', "
        "language='en'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -9
    (job,) = recent_jobs(survey)
    done = ended(survey, job)
    assert (done.condition, done.cards[0].done_files) == (Condition.DONE, 60)


def test_a_folder_without_cards_is_told_in_the_language_of_the_page(
    survey: Survey, tmp_path: Path
) -> None:
    """The page gets the command's own sentence, in Chinese for who reads Chinese."""
    with pytest.raises(JobError, match="没有找到媒体文件"):
        look_at(survey, tmp_path / "survey" / "media", language="zh")
