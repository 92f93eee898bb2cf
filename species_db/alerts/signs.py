"""Words that say an animal is dead or ill, found in what people wrote."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.tables import Event, FieldRecord, Observation

DEAD_OR_ILL = ("dead", "ill")
DISEASE = "disease"  # the word of a field record's threats
RecordOf = tuple[str, str, str | None]  # kind, id, taxon


def find_sign(text: str, words: Sequence[str], unless: Sequence[str]) -> str:
    """The first word in a text that says dead or ill; what `unless` names is taken out before.

    Latin words stand alone, so that "still" holds no "ill"; Chinese has no word ends.

    >>> words, unless = ("死亡", "dead", "ill"), ("未见死亡", "dead wood")
    >>> find_sign("A DEAD serow", words, unless), find_sign("发现死亡个体", words, unless)
    ('dead', '死亡')
    >>> find_sign("stands still by dead wood", words, unless), find_sign("未见死亡", words, unless)
    ('', '')
    """
    left = _pattern(tuple(unless)).sub(" ", text)
    found = _pattern(tuple(words)).search(left)
    return found.group(0).lower() if found else ""


@lru_cache(maxsize=8)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = [
        rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" if word.isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(parts) if parts else r"(?!)", re.IGNORECASE)


def read_signs(
    session: Session, words: Sequence[str], unless: Sequence[str]
) -> Mapping[RecordOf, str]:
    """Every confirmed record that says its animal is dead or ill, with the word that says so."""
    told = {}
    for key, text in (*_of_cameras(session), *_of_field(session)):
        if sign := find_sign(text, words, unless):
            told[key] = sign
    told |= _by_vitality(session)
    return told


def _of_cameras(session: Session) -> Iterator[tuple[RecordOf, str]]:
    """What the reviews in force say in words."""
    rows = session.execute(
        select_columns(
            Observation.event_id,  # type: ignore[call-overload]
            Observation.taxon_id,
            Observation.behavior,
            Observation.observation_comments,
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            or_(col(Observation.behavior) != "", col(Observation.observation_comments) != ""),
        )
    )
    for event_id, taxon_id, behavior, comments in rows:
        yield ("event", event_id, taxon_id), f"{behavior}\n{comments}"


def _of_field(session: Session) -> Iterator[tuple[RecordOf, str]]:
    rows = session.execute(
        select_columns(
            FieldRecord.field_record_id,  # type: ignore[call-overload]
            FieldRecord.taxon_id,
            FieldRecord.behavior,
            FieldRecord.remarks,
        ).where(or_(col(FieldRecord.behavior).is_not(None), col(FieldRecord.remarks) != ""))
    )
    for record_id, taxon_id, behavior, remarks in rows:
        yield ("field_record", record_id, taxon_id), f"{behavior or ''}\n{remarks}"


def _by_vitality(session: Session) -> Iterator[tuple[RecordOf, str]]:
    """Records whose own field says so, or whose threats name signs of a disease."""
    is_sick = col(FieldRecord.threats).like(f'%"{DISEASE}"%')
    rows = session.execute(
        select_columns(
            FieldRecord.field_record_id,  # type: ignore[call-overload]
            FieldRecord.taxon_id,
            FieldRecord.vitality,
        ).where(or_(col(FieldRecord.vitality).in_(DEAD_OR_ILL), is_sick))
    )
    for record_id, taxon_id, vitality in rows:
        yield (
            ("field_record", record_id, taxon_id),
            vitality if vitality in DEAD_OR_ILL else DISEASE,
        )
