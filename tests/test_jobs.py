"""Jobs: started once, alive or silent, and true to how their command ended."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cards import make_card, with_deployment

from review_app.jobs import (
    JobError,
    _started,
    cards_of,
    command,
    look_at,
    resume,
    start_health,
    start_import,
)
from species_db.jobs import (
    PATIENCE,
    Condition,
    JobView,
    Patience,
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


def reading(survey: Survey, job: JobView) -> subprocess.Popen[bytes]:
    """Wait until a job has begun to read its card; give its process."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        now = find_job(survey, job.job_id)
        if now is not None and now.cards and now.cards[0].total_files:
            return _started[-1]
        time.sleep(0.005)
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
    (silent,) = recent_jobs(survey, "import", now=later)
    log_of(survey, job.job_id).touch()
    os.utime(log_of(survey, job.job_id), (later.timestamp(), later.timestamp()))
    (alive,) = recent_jobs(survey, "import", now=later)
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
    job = start_import(survey, [(card, deployment_id)], person="Tashi", language="en")
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
    job = start_import(survey, [(card, deployment_id)], person="Tashi", language="en")
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
        f"start_import(s, [(Path({str(card)!r}), {deployment_id!r})], person='T', "
        "language='en'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program], check=False)
    assert killed.returncode == -9
    (job,) = recent_jobs(survey, "import")
    done = ended(survey, job)
    assert (done.condition, done.cards[0].done_files) == (Condition.DONE, 60)


def test_several_cards_are_one_job(survey: Survey, tmp_path: Path) -> None:
    """Cards are read in order by one process; a missing one is told and holds up no other."""
    names = [with_deployment(survey, f"MT-0{number}-2026") for number in (1, 2, 3)]
    pairs = [(tmp_path / f"SD{name}", name) for name in names]
    for number in (0, 2):
        make_card(pairs[number][0], photos=3, first_number=100 * number)
    job = start_import(survey, pairs, person="Tashi", language="zh")
    assert cards_of(job) == 3
    failed = ended(survey, job)
    assert failed.condition is Condition.FAILED
    assert "3 张卡中有 1 张未导入" in failed.message and str(pairs[1][0]) in failed.message
    read = [(card.deployment_id, card.is_complete) for card in failed.cards]
    assert read == [(names[0], True), (names[2], True)]
    make_card(pairs[1][0], photos=3, first_number=100)
    again = ended(survey, resume(survey, failed, person="Tashi", language="zh"))
    assert again.condition is Condition.DONE and len(again.cards) == 3


@pytest.mark.skipif(os.name == "nt", reason="sessions are POSIX's")
def test_a_job_is_in_a_session_of_its_own(survey: Survey, tmp_path: Path) -> None:
    """Ctrl-C on the server, or a closed terminal, reaches no import that the page has started."""
    job = start_health(survey, person="Tashi", language="en")
    process = _started[-1]
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    process.wait(60)
    assert find_job(survey, job.job_id) is not None


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX's")
def test_a_killed_import_is_resumed_to_its_end(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process killed half-way falls silent; resuming reads the rest, and nothing is lost."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=600)
    job = start_import(survey, [(card, deployment_id)], person="Tashi", language="en")
    process = reading(survey, job)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    with monkeypatch.context() as soon:
        soon.setattr("species_db.jobs.PATIENCE", Patience(silence=timedelta(seconds=-1)))
        killed = find_job(survey, job.job_id)
    assert killed is not None and killed.condition is Condition.STOPPED
    assert not killed.cards[0].is_complete
    with monkeypatch.context() as soon:
        soon.setattr("species_db.jobs.PATIENCE", Patience(silence=timedelta(seconds=-1)))
        resumed = resume(survey, killed, person="Drolma", language="en")
    assert resumed.job_id != job.job_id
    done = ended(survey, resumed)
    assert (done.condition, done.cards[0].done_files) == (Condition.DONE, 600)
    assert done.cards[0].is_complete


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_an_interrupted_command_says_so(survey: Survey, tmp_path: Path) -> None:
    """Ctrl-C marks the job as interrupted, not as a failure nobody foresaw."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=600)
    job = start_import(survey, [(card, deployment_id)], person="Tashi", language="en")
    reading(survey, job).send_signal(signal.SIGINT)
    stopped = ended(survey, job)
    assert (stopped.condition, stopped.message) == (Condition.FAILED, "Interrupted.")


def test_a_folder_without_cards_is_told_in_the_language_of_the_page(
    survey: Survey, tmp_path: Path
) -> None:
    """The page gets the command's own sentence, in Chinese for who reads Chinese."""
    with pytest.raises(JobError, match="没有找到媒体文件"):
        look_at(survey, tmp_path / "survey" / "media", language="zh")


def test_the_survey_folder_holds_no_cards(survey: Survey, tmp_path: Path) -> None:
    """Its own media and previews are not offered for import."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=3)
    job = start_import(survey, [(card, deployment_id)], person="Tashi", language="en")
    assert ended(survey, job).condition is Condition.DONE
    assert look_at(survey, survey.folder, language="en") == ()
