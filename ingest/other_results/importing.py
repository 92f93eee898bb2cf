"""Bring a results file into the survey as machine observations.

The file is read, checked and matched whole before the first row is written, so that a bad file
leaves nothing. Then it is committed in batches, not in one transaction: a million rows would hold
the write lock for minutes while a card is being imported, and fill the memory. A run that is
stopped is continued by the same command, since every row is named after what it says.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from ingest.classify import Finding, store_findings
from ingest.file_problem import FileProblem, ProblemCode
from ingest.journal import storing
from ingest.other_results.answers import Answer, ImportSettings, Tally, answer_of
from ingest.other_results.facts import OtherFile, OtherResults
from ingest.other_results.matching import CardPlace, Matches, match_paths
from ingest.other_results.model import model_sha256, register_model
from ingest.other_results.names import Dictionary, open_dictionary
from ingest.other_results.places import card_places
from ingest.other_results.reading import plain_path
from ingest.other_results.report import ListedProblem, ResultsReport, new_report
from species_db.decisions import record_decision
from species_db.review import summarise_events
from species_db.sealed_list import tell_rows
from species_db.survey import Survey
from species_db.tables import Decision, ForeignAnswer, Media, ModelVersion, Observation, Problem
from species_db.vocabulary import Act, ObservationType

BATCH_FILES = 500
ROWS_A_PAGE = 1000
DEFAULT = ImportSettings()

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class _Entry:
    """One matched entry, and what it becomes."""

    told: OtherFile
    place: CardPlace
    answer: Answer | None
    """None: the other tool failed on it, or it is no media here."""


def import_results(
    survey: Survey,
    results: OtherResults,
    *,
    person: str,
    deployment_id: str | None = None,
    settings: ImportSettings = DEFAULT,
    is_dry_run: bool = False,
    report: Report = lambda done, total: None,
) -> ResultsReport:
    """Write what another tool says of this survey's media; importing again adds nothing.

    `deployment_id`: all files are of this one. A dry run tells what would happen.

    Raises:
        ResultsError: the deployment is unknown.
        WeightsError: the survey's `classes.csv` cannot be read.
    """
    with survey.reading() as session:
        places = card_places(session, results.files, deployment_id=deployment_id)
        matches = match_paths(
            [one.path for one in results.files], places, is_one_deployment=deployment_id is not None
        )
        dictionary = open_dictionary(session, survey.folder, results)
    sha256 = model_sha256(results, dictionary, threshold=settings.threshold)
    told = new_report(results, matches, sha256, threshold=settings.threshold, is_dry_run=is_dry_run)
    entries = list(_entries(results, matches, dictionary, settings, told))
    if is_dry_run:
        _foretell(survey, entries, told)
    if is_dry_run or not entries:
        return told
    with storing(survey) as session:
        version = register_model(session, results, dictionary, threshold=settings.threshold)
        is_logged = _is_logged(session, version, results)
    kept = 0
    for start in range(0, len(entries), BATCH_FILES):
        batch = entries[start : start + BATCH_FILES]
        kept += _commit(survey, version, batch, told, is_logged=is_logged)
        report(min(start + BATCH_FILES, len(entries)), len(entries))
    if not is_logged or kept or told.observations:
        cards = {entry.place.card_import_id for entry in entries}
        _close(survey, version, told, cards=cards, person=person)
    return told


def _entries(
    results: OtherResults,
    matches: Matches,
    dictionary: Dictionary,
    settings: ImportSettings,
    told: ResultsReport,
) -> Iterator[_Entry]:
    """Work out every matched entry before anything is written, and count what it holds."""
    tally = Tally()
    answered: set[str] = set()
    for one in results.files:
        place = matches.found.get(one.path)
        if one.boxes is None:
            told.failures += 1
            told.problems.append(
                ListedProblem("other_tool_failed", plain_path(one.path), one.failure or "")
            )
        if place is None:
            continue
        answer = None
        if one.boxes is not None:
            if place.media_id is None:
                told.problems.append(ListedProblem("not_media", plain_path(one.path)))
            elif place.media_id in answered:
                told.problems.append(ListedProblem("same_bytes", plain_path(one.path)))
                continue
            else:
                answered.add(place.media_id)
                answer = answer_of(one, dictionary, settings=settings, tally=tally)
                told.films += one.frame_rate is not None
                _count(told, answer.found)
                told.problems += [
                    ListedProblem("box_without_area", plain_path(one.path), str(list(box)))
                    for box in answer.flat
                ]
        yield _Entry(one, place, answer)
    told.boxes_clipped, told.boxes_without_area = tally.clipped, tally.without_area
    told.boxes_below_threshold, told.boxes_ignored = tally.below_threshold, tally.ignored
    told.unknown_words = dict(tally.unknown_words.most_common())


def _count(told: ResultsReport, found: Sequence[Finding]) -> None:
    types = {finding.type for finding in found}
    told.media += 1
    told.animal += ObservationType.ANIMAL in types
    told.human += ObservationType.HUMAN in types
    told.vehicle += ObservationType.VEHICLE in types
    told.unknown += ObservationType.UNKNOWN in types
    told.blank += types == {ObservationType.BLANK}


def _foretell(survey: Survey, entries: Sequence[_Entry], told: ResultsReport) -> None:
    """Count what a batch would add, for a run that writes nothing."""
    for start in range(0, len(entries), BATCH_FILES):
        batch = entries[start : start + BATCH_FILES]
        with survey.reading() as session:
            known = _known(session, told.model_version_id, batch)
        for entry in batch:
            new = _new_findings(entry, told.model_version_id, known)
            told.observations += len(new)
            told.new_media += bool(new)


def _new_findings(entry: _Entry, model_sha256: str, known: Collection[str]) -> list[Finding]:
    media_id = entry.place.media_id
    if entry.answer is None or media_id is None:
        return []
    found = entry.answer.found
    return [one for one in found if one.observation_id(media_id, model_sha256) not in known]


def _commit(
    survey: Survey,
    version: ModelVersion,
    batch: Sequence[_Entry],
    told: ResultsReport,
    *,
    is_logged: bool,
) -> int:
    """Write a batch in one transaction; what is there already stays as it is.

    Tells how many answers were kept besides observations. What the log knows of this file is never
    written again: how it comes out may have changed since, with the names of the survey's taxa.
    """
    kept = 0
    now = datetime.now(UTC)
    events: set[str] = set()
    with storing(survey) as session:
        known = _known(session, version.sha256, batch)
        for entry in batch:
            if not (is_logged and _is_kept(session, version, entry)):
                _keep_told(session, version, entry)
                kept += 1
            new = _new_findings(entry, version.sha256, known)
            if not new:
                continue
            media = session.get_one(Media, entry.place.media_id)
            store_findings(session, media, version, found=new, now=now, there=known)
            told.observations += len(new)
            told.new_media += 1
            if media.event_id is not None:
                events.add(media.event_id)
        session.flush()
        summarise_events(session, events)
    return kept


def _known(session: Session, model_version_id: str, batch: Iterable[_Entry]) -> set[str]:
    media_ids = [entry.place.media_id for entry in batch if entry.place.media_id]
    return set(
        session.exec(
            select(Observation.observation_id).where(
                Observation.model_version_id == model_version_id,
                col(Observation.media_id).in_(media_ids),
            )
        )
    )


def _is_kept(session: Session, version: ModelVersion, entry: _Entry) -> bool:
    place = entry.place
    key = (version.model_version_id, place.card_import_id, place.card_path)
    return session.get(ForeignAnswer, key) is not None


def _keep_told(session: Session, version: ModelVersion, entry: _Entry) -> None:
    """Keep what observations cannot hold, and list a failure as a problem of its file."""
    place, answer = entry.place, entry.answer
    told = dict(answer.told) if answer else _fields(entry.told)
    if answer is not None and answer.as_boxed and place.media_id:
        told["boxes"] = {
            row.observation_id(place.media_id, version.sha256): as_boxed
            for row, as_boxed in answer.as_boxed
        }
    row = ForeignAnswer(
        model_version_id=version.model_version_id,
        card_import_id=place.card_import_id,
        card_path=place.card_path,
        media_id=place.media_id,
        told_path=plain_path(entry.told.path),
        failure=entry.told.failure,
        told=json.dumps(told, ensure_ascii=False),
    )
    session.merge(row)
    if entry.told.failure is not None:
        note = f"{version.name}: {entry.told.failure}"
        problem = FileProblem(ProblemCode.OTHER_TOOL_FAILED, note)
        session.merge(
            Problem(
                card_import_id=place.card_import_id,
                card_path=place.card_path,
                code=problem.code.value,
                media_id=place.media_id,
                note=problem.note,
            )
        )


def _fields(one: OtherFile) -> dict[str, Any]:
    fields = json.loads(one.fields)
    return {"fields": fields} if fields else {}


def _is_logged(session: Session, version: ModelVersion, results: OtherResults) -> bool:
    """Tell whether the log knows of this file; that of a run killed at its end it does not."""
    entries = session.exec(
        select(Decision.details).where(
            Decision.act == Act.RESULTS_IMPORTED.value, Decision.subject == version.sha256
        )
    )
    return any(json.loads(one)["file_sha256"] == results.sha256 for one in entries)


def _close(
    survey: Survey,
    version: ModelVersion,
    told: ResultsReport,
    *,
    cards: Collection[str],
    person: str,
) -> None:
    """Write into the log whose answers came, with which threshold, and tell their rows."""
    with storing(survey) as session:
        subject = version.model_version_id
        tell_rows(session, [session.get_one(ModelVersion, subject)])
        tell_rows(session, _new_rows(session, subject, cards))
        record_decision(
            session,
            Act.RESULTS_IMPORTED,
            subject=subject,
            person=person,
            details={
                "file": told.file,
                "file_sha256": told.sha256,
                "format": f"{told.format} {told.format_version}".strip(),
                "model": told.model,
                "threshold": told.threshold,
                "files": told.files,
                "media": told.media,
                "animal": told.animal,
                "human": told.human,
                "vehicle": told.vehicle,
                "unknown": told.unknown,
                "blank": told.blank,
                "failures": told.failures,
                "observations": told.observations,
                "problems": len(told.problems),
                "boxes_clipped": told.boxes_clipped,
            },
        )


def _new_rows(
    session: Session, subject: str, cards: Collection[str]
) -> Iterator[Observation | ForeignAnswer]:
    """The rows that came since the log last told of this model, those of a killed run too."""
    before = session.exec(
        select(Decision.decided_at)
        .where(Decision.act == Act.RESULTS_IMPORTED.value, Decision.subject == subject)
        .order_by(col(Decision.sequence).desc())
    ).first()
    answers = select(Observation).where(Observation.model_version_id == subject)
    if before is not None:
        answers = answers.where(col(Observation.classification_timestamp) >= before)
    for answer in session.exec(answers.execution_options(yield_per=ROWS_A_PAGE)):
        yield answer
        session.expunge(answer)
    kept = select(ForeignAnswer).where(
        ForeignAnswer.model_version_id == subject, col(ForeignAnswer.card_import_id).in_(cards)
    )
    for row in session.exec(kept.execution_options(yield_per=ROWS_A_PAGE)):
        yield row
        session.expunge(row)
