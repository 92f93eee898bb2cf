"""Starting the command line as a process of its own, and asking it what cards hold.

Arguments go to the process as a list: no shell reads what a person typed, and a folder whose name
begins with a dash stays a folder.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from species_db.jobs import JobView, log_of, mark_job, start_job
from species_db.language import Language, speaking, tr
from species_db.survey import Survey
from species_db.vocabulary import JobState

DEPLOYMENT = "--deployment="
HEALTH = "season"  # what a health job works on
LOOK_S = 600.0  # forty cards on a slow reader, ten seconds each, and some more
_started: list[subprocess.Popen[bytes]] = []  # kept so that the ones that ended can be cleared away


class JobError(Exception):
    """The command line could not be started, or had nothing good to say."""


@dataclass(frozen=True)
class Candidate:
    """A deployment that a card may belong to, and the names of the evidence."""

    deployment_id: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """What `namcha cards` tells of one card."""

    path: str
    label: str
    files: int
    bytes: int
    camera: str
    serial_numbers: tuple[str, ...]
    first_time: str | None
    last_time: str | None
    files_read: int
    deployment_id: str | None
    candidates: tuple[Candidate, ...]
    earlier: tuple[tuple[str, bool], ...]  # deployment, and whether it was read to the end
    problems: tuple[str, ...]


def look_at(survey: Survey, folder: Path, *, language: Language) -> tuple[Card, ...]:
    """Ask the command line which cards a folder holds.

    Raises:
        JobError: with the command's own sentence, in the person's language.
    """
    arguments = ["cards", "--json", "--survey", str(survey.folder.resolve()), "--", str(folder)]
    try:
        done = subprocess.run(
            command(arguments),
            env=os.environ | {"NAMCHA_LANG": language},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LOOK_S,
            creationflags=_windowless(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        with speaking(language):
            raise JobError(_too_slow(folder)) from error
    except OSError as error:
        raise JobError(str(error)) from error
    if done.returncode:
        raise JobError((done.stderr.strip().splitlines() or ["?"])[-1])
    return tuple(map(_card, json.loads(done.stdout)))


def start_import(
    survey: Survey,
    cards: Sequence[tuple[Path, str]],
    *,
    person: str,
    language: Language,
    in_place: bool = False,
) -> JobView:
    """Import cards, each for its deployment, in one process that outlives this server.

    They are read one after another, and the job's own arguments name them all: what is still to
    come survives a closed browser, and resuming goes on with it.

    Raises:
        JobError: the process could not be started.
    """
    folder, deployment_id = cards[0]
    subject = f"{folder.name or folder} → {deployment_id}" if len(cards) == 1 else folder.parent
    arguments = ["import", *(f"{DEPLOYMENT}{deployment_id}" for _, deployment_id in cards)]
    arguments += ["--in-place"] if in_place else []
    arguments += ["--", *(str(folder) for folder, _ in cards)]
    return _start(survey, arguments, str(subject), person, language)


def cards_of(job: JobView) -> int:
    """How many cards an import was asked to read."""
    return sum(argument.startswith(DEPLOYMENT) for argument in job.arguments)


def start_clock(survey: Survey, deployment_id: str, *, person: str, language: Language) -> JobView:
    """Look for signs that a deployment's clock is wrong; what is found is only proposed.

    Raises:
        JobError: the process could not be started.
    """
    return _start(survey, ["clock", "--", deployment_id], deployment_id, person, language)


def start_health(survey: Survey, *, person: str, language: Language) -> JobView:
    """Work every camera's days out anew and write the season's report, see `report_of`.

    Raises:
        JobError: the process could not be started.
    """
    arguments = ["health", "--out", str(report_of(survey).resolve())]
    return _start(survey, arguments, HEALTH, person, language)


def report_of(survey: Survey) -> Path:
    """Where the season's health report lies, once it was made."""
    return survey.folder / "jobs" / "health.html"


def resume(survey: Survey, job: JobView, *, person: str, language: Language) -> JobView:
    """Run the same command again: it goes on where it was stopped.

    Raises:
        JobError: the process could not be started.
    """
    return _start(survey, job.arguments, job.subject, person, language)


def command(arguments: Sequence[str]) -> list[str]:
    """The command line of this very installation, wherever the working directory is."""
    return [sys.executable, "-P", "-m", "namcha", *arguments]


def clear_away() -> None:
    """Let the system forget processes of ours that have ended."""
    _started[:] = [process for process in _started if process.poll() is None]


def _start(
    survey: Survey, arguments: Sequence[str], subject: str, person: str, language: Language
) -> JobView:
    job, is_new = start_job(
        survey, arguments[0], subject=subject, arguments=arguments, person=person
    )
    if not is_new:
        return job
    folder = survey.folder.resolve()
    told = {"NAMCHA_JOB": job.job_id, "NAMCHA_SURVEY": str(folder), "NAMCHA_PERSON": person}
    try:
        with log_of(survey, job.job_id).open("ab") as log:
            process = subprocess.Popen(
                command(arguments),
                env=os.environ | told | {"NAMCHA_LANG": language, "PYTHONUNBUFFERED": "1"},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
                creationflags=_detached(),
            )
    except OSError as error:
        mark_job(survey, job.job_id, JobState.FAILED, str(error))
        raise JobError(str(error)) from error
    _started.append(process)
    return job


def _too_slow(folder: Path) -> str:
    return tr(
        f"{folder} did not answer within {LOOK_S / 60:.0f} minutes. Is the reader broken? Try "
        "another one, or name the folder of a single card.",
        f"{folder} 在 {LOOK_S / 60:.0f} 分钟内没有响应。读卡器是否损坏?"
        "请更换读卡器,或只填写一张卡的文件夹。",
    )


def _detached() -> int:
    """Windows: no console of ours, so that closing it does not end the job."""
    if sys.platform != "win32":
        return 0
    return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP


def _windowless() -> int:
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NO_WINDOW


def _card(told: dict[str, Any]) -> Card:
    """Read one card of the command's JSON."""
    match = told["match"]
    return Card(
        path=told["path"],
        label=told["label"],
        files=told["files"],
        bytes=told["bytes"],
        camera=told["camera"],
        serial_numbers=tuple(told["serial_numbers"]),
        first_time=told["first_time"],
        last_time=told["last_time"],
        files_read=told["files_read"],
        deployment_id=match["deployment_id"],
        candidates=tuple(
            Candidate(found["deployment_id"], tuple(found["evidence"]))
            for found in match["candidates"]
        ),
        earlier=tuple((row["deployment_id"], row["is_complete"]) for row in told["earlier"]),
        problems=tuple(told["problems"]),
    )
