"""Freeze a survey under a name: what a report needs, and nothing else, in one signed folder."""

import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlmodel import Session

from species_db.decisions import last_details, record_decision
from species_db.durable import sync_folder, write_durably
from species_db.evaluation.counting import CountingRules
from species_db.evaluation.frozen_survey import reading_snapshot
from species_db.evaluation.kept_freeze import (
    FREEZES,
    NOTICE_FILE,
    STATEMENT,
    Freeze,
    check_freeze,
    freeze_names,
    read_freeze,
)
from species_db.evaluation.periods import Period, check_periods, usual_baseline, usual_period
from species_db.evaluation.refusal import EvaluationError
from species_db.evaluation.snapshot import Report, Snapshot, take_snapshot
from species_db.evaluation.statement import NOTICE, changes_between, statement_of
from species_db.export.offering import sha256_of
from species_db.field_sheet import check_name
from species_db.keys import ALGORITHM, SIGNATURE, survey_key
from species_db.language import tr
from species_db.survey import DATABASE_FILE, SETTINGS_FILE, Survey, settings_text
from species_db.vocabulary import Act

LOCK = "jobs/freeze.lock"
PART = ".part"
SHOWN = 4  # of what changed, in the refusal


def freeze_survey(
    survey: Survey,
    name: str,
    *,
    person: str,
    today: date,
    period: Period | None = None,
    baseline: Period | None = None,
    counting: CountingRules | None = None,
    now: datetime | None = None,
    report: Report = lambda step, done, total: None,
) -> Freeze:
    """Fix data, lists, rules, models and code under a name, signed, in `freezes/<name>`.

    Without periods: the last whole calendar year, and the same span before it. The folder is
    written beside its place and put there in the transaction that logs it, so that it is whole or
    not there. The same name again gives the freeze that is there if nothing changed since.

    Raises:
        EvaluationError: the name cannot be a folder's or is taken, the periods cannot be compared,
            somebody else is freezing, or the disk cannot take it.
        KeyFileError: the survey's key cannot be read or kept.
    """
    period = period or usual_period(today)
    baseline = baseline or usual_baseline(period)
    check_periods(period, baseline, today=today)
    _check_name(survey, name)
    at = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    with _alone(survey), _staged(survey, name) as place:
        taken = _taken(survey, place, on=today, report=report)
        with reading_snapshot(place / DATABASE_FILE) as session:
            told = statement_of(
                session,
                taken,
                name=name,
                person=person,
                made_at=at,
                gate_on=today,
                period=period,
                baseline=baseline,
                counting=counting or CountingRules(),
                settings=_settings(survey, place),
            )
        folder = survey.folder / FREEZES / name
        if folder.exists():
            return _as_it_is(survey, folder, told, person=person)
        return _keep(survey, place, folder, told, person=person)


def _check_name(survey: Survey, name: str) -> None:
    """Names become folders: letters, digits, - _ and dots, none that Windows reserves."""
    wrong = check_name(name)
    twins = {one.casefold(): one for one in freeze_names(survey)}
    twin = twins.get(name.casefold(), name)
    if wrong is None and twin != name:
        wrong = tr(
            f"'{name}' differs from the freeze '{twin}' in case alone.",
            f"“{name}”与已有的“{twin}”仅大小写不同。",
        )
    if wrong is not None:
        raise EvaluationError(wrong)


@contextmanager
def _alone(survey: Survey) -> Iterator[None]:
    """Keep a second freeze of the survey out, and clear away what a dead one left."""
    lock = FileLock(survey.folder.joinpath(*LOCK.split("/")), is_singleton=False)
    try:
        with lock.acquire(timeout=0):
            for left in (survey.folder / FREEZES).glob(f".*{PART}"):
                shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout as error:
        raise EvaluationError(
            tr(
                "This survey is being frozen right now; wait until that is done.",
                "该调查项目正在冻结，请等待完成。",
            )
        ) from error


@contextmanager
def _staged(survey: Survey, name: str) -> Iterator[Path]:
    place = survey.folder / FREEZES / f".{name}.{uuid.uuid4().hex[:8]}{PART}"
    try:
        place.mkdir(parents=True)
        yield place
    except (OSError, sqlite3.Error) as error:
        raise EvaluationError(
            tr(
                f"The freeze could not be written to {place.parent}: {error}. Free space or mend "
                "permissions, then run the same again; nothing was lost.",
                f"无法将冻结数据写入 {place.parent}：{error}。请腾出空间或检查权限后重新运行，"
                "数据没有丢失。",
            )
        ) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _taken(survey: Survey, place: Path, *, on: date, report: Report) -> Snapshot:
    path = place / DATABASE_FILE
    taken = take_snapshot(survey, path, on=on, report=report)
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
    return taken


def _settings(survey: Survey, place: Path) -> dict[str, Any]:
    """Keep the settings without where the database is or whom digests go to: these hold secrets."""
    kept = replace(survey.settings, database="", notify="")
    path = place / SETTINGS_FILE
    write_durably(path, settings_text(kept).encode())
    return {"file": SETTINGS_FILE, "bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _as_it_is(survey: Survey, folder: Path, told: dict[str, Any], *, person: str) -> Freeze:
    """The freeze that has the name, if the survey still says what it froze."""
    there = read_freeze(folder)
    check_freeze(there)
    changed = changes_between(there.told, told)
    if changed:
        some = ", ".join(changed[:SHOWN]) + (", …" if len(changed) > SHOWN else "")
        raise EvaluationError(
            tr(
                f"'{there.name}' was frozen on {there.gate_on} and the survey has changed since "
                f"({some}). A freeze is never made anew: choose another name.",
                f"“{there.name}”已于 {there.gate_on} 冻结，此后数据有变动（{some}）。"
                "冻结数据不可覆盖：请换一个名称。",
            )
        )
    with survey.writing() as session:  # a power cut may have come between the folder and the log
        if last_details(session, Act.FROZEN, subject=there.name) is None:
            _log(session, there.told, there.sha256, person=person)
    return replace(there, was_there=True)


def _keep(
    survey: Survey, place: Path, folder: Path, told: dict[str, Any], *, person: str
) -> Freeze:
    """Sign the statement, log it, and put the folder where it belongs, as one step."""
    write_durably(place / NOTICE_FILE, f"{NOTICE['zh']}\n\n{NOTICE['en']}\n".encode())
    with survey.writing() as session:
        key = survey_key(survey, session, person=person)
        signed = told | {"algorithm": ALGORITHM, "public_key": key.public_hex}
        signed[SIGNATURE] = key.sign(signed)
        text = json.dumps(signed, ensure_ascii=False, indent=1, sort_keys=True)
        write_durably(place / STATEMENT, f"{text}\n".encode())
        _log(session, signed, sha256_of(place / STATEMENT), person=person)
        place.rename(folder)
        sync_folder(folder.parent)
    return read_freeze(folder)


def _log(session: Session, told: dict[str, Any] | Any, sha256: str, *, person: str) -> None:
    record_decision(
        session,
        Act.FROZEN,
        subject=str(told["name"]),
        person=person,
        details={
            "statement_sha256": sha256,
            "snapshot_sha256": told["snapshot"]["sha256"],
            "content_sha256": told["content"]["sha256"],
            "last_sequence": told["log"]["last_sequence"],
            "period": list(told["period"].values()),
            "baseline": list(told["baseline"].values()),
            "software_version": told["software"]["version"],
        },
    )
