"""Who used it: every event, observation and export that rests on something that was found."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, inspect
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select

from species_db.kept_lists import ListKind, list_path, read_used
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, ClockSegment, Decision, Media, Observation
from species_db.verify.exports import Exported
from species_db.verify.finding import Finding, Uses

Key = tuple[str, str]
_OF_DEPLOYMENT = ("cameraday", "clocksegment")


@dataclass
class _Touched:
    """What one finding touches, by table and key, and the records among it."""

    keys: set[Key] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    observations: set[str] = field(default_factory=set)


def uses_of(
    session: Session, survey: Survey, findings: Sequence[Finding], exports: Sequence[Exported]
) -> list[Uses]:
    """Give what used each finding, in their order."""
    touched = [_touched(session, finding) for finding in findings]
    told = _exports_by_key(survey, exports, {key for one in touched for key in one.keys})
    return [
        Uses(
            tuple(sorted(one.events)),
            tuple(sorted(one.observations)),
            tuple(
                export.told
                for export in exports
                if any(export.sequence in told[key] for key in one.keys)
            ),
        )
        for one in touched
    ]


def _touched(session: Session, finding: Finding) -> _Touched:
    found = _Touched()
    for table, key in _stands_for(session, finding):
        found.keys.add((table, key))
        match table:
            case "media":
                _of_media(session, key, found)
            case "event":
                _of_event(session, key, found)
            case "observation":
                found.observations.add(key)
                _add_observations(session, col(Observation.observation_id) == key, found)
    return found


def _stands_for(session: Session, finding: Finding) -> Iterator[Key]:
    """The rows whose use counts: a file's media, a journal row's media, a log entry's records."""
    yield from finding.used
    if finding.table in ("file", "receipt", "export list"):
        return
    yield finding.table, finding.key
    if finding.table == "cardfile":
        card_import_id, _, card_path = finding.key.partition(" ")
        row = session.exec(
            select(CardFile.media_id).where(
                CardFile.card_import_id == card_import_id, CardFile.card_path == card_path
            )
        ).first()
        if row:
            yield "media", row
    elif finding.table in _OF_DEPLOYMENT:
        yield from _deployment_of(session, finding)
    elif finding.table == "cardimport":
        for deployment_id in _column(session, CardImport, "deployment_id", finding.key):
            yield "deployment", deployment_id
    elif finding.table == "taxonname":
        yield "taxon", finding.key.partition(" ")[0]
    elif finding.table == "decision":
        yield from _told_by_entry(session, finding.key)


def _deployment_of(session: Session, finding: Finding) -> Iterator[Key]:
    if finding.table == "cameraday":
        yield "deployment", finding.key.rsplit(" ", 2)[0]
        return
    for deployment_id in _column(session, ClockSegment, "deployment_id", finding.key):
        yield "deployment", deployment_id


def _told_by_entry(session: Session, key: str) -> Iterator[Key]:
    """The observations of a review: by the entry, or by its name when the entry is gone."""
    decision_id = key
    if key.isdigit():
        entry = select(Decision.decision_id).where(Decision.sequence == int(key))
        decision_id = session.exec(entry).first() or ""
    for observation_id in session.exec(
        select(Observation.observation_id).where(Observation.review_id == decision_id)
    ):
        yield "observation", observation_id


def _of_media(session: Session, media_id: str, found: _Touched) -> None:
    """What was said of the file itself, and of the event as a whole."""
    _add_observations(session, col(Observation.media_id) == media_id, found)
    for event_id in _column(session, Media, "event_id", media_id):
        _of_event(session, event_id, found, is_whole=True)


def _of_event(session: Session, event_id: str, found: _Touched, *, is_whole: bool = False) -> None:
    found.events.add(event_id)
    found.keys.add(("event", event_id))
    where = col(Observation.event_id) == event_id
    if is_whole:
        where &= col(Observation.media_id).is_(None)
    _add_observations(session, where, found)


def _add_observations(session: Session, where: ColumnElement[bool], found: _Touched) -> None:
    rows = session.exec(select(Observation.observation_id, Observation.event_id).where(where))
    for observation_id, event_id in rows:
        found.observations.add(observation_id)
        found.keys.add(("observation", observation_id))
        if event_id:
            found.events.add(event_id)
            found.keys.add(("event", event_id))


def _column(session: Session, table: type[SQLModel], name: str, key: str) -> list[str]:
    """The value of one column of one row, if both are there."""
    mapper = inspect(table)
    statement = sql_select(mapper.local_table.c[name]).where(mapper.primary_key[0] == key)
    return [value for (value,) in session.execute(statement) if value]


def _exports_by_key(
    survey: Survey, exports: Sequence[Exported], wanted: set[Key]
) -> defaultdict[Key, set[int]]:
    """Read each kept list once and note which of the wanted records it names."""
    told: defaultdict[Key, set[int]] = defaultdict(set)
    by_list: defaultdict[str, list[int]] = defaultdict(list)
    for export in exports:
        if export.used_ids is not None and wanted:
            by_list[export.used_ids].append(export.sequence)
    for used_ids, sequences in by_list.items():
        try:
            for key in read_used(list_path(survey.folder, ListKind.USED, used_ids)):
                if key in wanted:
                    told[key].update(sequences)
        except (OSError, EOFError, ValueError):
            continue  # gone or damaged; the check of exports names it
    return told
