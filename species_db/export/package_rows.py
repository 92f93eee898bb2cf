"""How rows that came in a package of others leave again: as they came, as far as the gate allows.

With an exact release they keep their own names and what the standard has and our tables have not;
through the gate they are rows like all others.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlmodel import Session, col, select

from species_db.export.media_facts import MediaFacts
from species_db.sensitivity import Gate
from species_db.survey import ELSEWHERE
from species_db.tables import Event, Observation
from species_db.vocabulary import ClassificationMethod, ObservationLevel

UNSAID = "classificationTimestamp"  # the package says no time, the import's stands in the table
MEDIA_COLUMNS = ("exifData", "favorite", "mediaComments")
OBSERVATION_COLUMNS = (
    "individualPositionRadius",
    "individualPositionAngle",
    "individualSpeed",
    "observationTags",
)
WEB = ("http://", "https://")


def told_besides(origin: str | None) -> Mapping[str, str]:
    """What a package says of a row and no column of ours holds."""
    told: Mapping[str, str] = json.loads(origin) if origin else {}
    return told


def besides(gate: Gate, origin: str | None, columns: Iterable[str]) -> dict[str, str]:
    """The columns of the standard that such a row fills; free text, so for exact releases only."""
    told = told_besides(origin)
    return {name: gate.notes(told[name]) for name in columns if name in told}


def is_elsewhere(media: MediaFacts) -> bool:
    """Tell whether a media is known by a package alone."""
    return media.file_path.startswith(ELSEWHERE)


def web_path(gate: Gate, media: MediaFacts, *, is_closed: bool) -> tuple[str, bool] | None:
    """Address of a picture that its owner has put on the web, and whether it is public there.

    Not of one that shows people, whatever the package says (DOMAIN.md 7).
    """
    told = told_besides(media.origin)
    path = told.get("filePath", "")
    if gate.exact is None or is_closed or not path.startswith(WEB):
        return None
    return path, told.get("filePublic", "").casefold() in ("true", "1")


def outgoing_ids(gate: Gate, kind: str, rows: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """The id under which each row leaves: with an exact release its own name in its package.

    Unless two rows have that name: packages of two people may both begin with 1.
    """
    known = list(rows)
    if gate.exact is None:
        return {own: gate.key(kind, own) for own, _ in known}
    taken = Counter(original or own for own, original in known)
    return {own: own if taken[original or own] > 1 else original or own for own, original in known}


def ids_outside(
    gate: Gate,
    media: Iterable[MediaFacts],
    events: Iterable[Event],
    observations: Iterable[Observation],
) -> Mapping[tuple[str, str], str]:
    """Ids as they leave, by kind and our own; through the gate media keep theirs."""
    own = [(one.media_id, one.original_id) for one in media]
    of_media = outgoing_ids(gate, "media", own) if gate.exact else {one: one for one, _ in own}
    named = [(one.event_id, one.original_id) for one in events]
    rows = [(one.observation_id, one.original_id) for one in observations]
    kinds = {
        "media": of_media,
        "event": outgoing_ids(gate, "event", named),
        "observation": outgoing_ids(gate, "observation", rows),
    }
    return {(kind, own): key for kind, keys in kinds.items() for own, key in keys.items()}


def package_answers(
    session: Session, include_machine: bool, *, events: Collection[str], media: Collection[str]
) -> Sequence[Observation]:
    """Rows of packages beside the reviews: on single media by people, on whole events by models.

    A model's rows on media are told with all other models' answers.
    """
    machine = ClassificationMethod.MACHINE.value
    asked = select(Observation).where(
        col(Observation.package_id).is_not(None), col(Observation.review_id).is_(None)
    )
    return [
        one
        for one in session.exec(asked.order_by(col(Observation.observation_id)))
        if one.event_id in events
        and (one.media_id is None or one.media_id in media)
        and not (one.classification_method == machine and one.media_id is not None)
        and (include_machine or one.classification_method != machine)
    ]


def says_of_event(rows: Iterable[Observation]) -> frozenset[str]:
    """The events of which a package says something as a whole."""
    level = ObservationLevel.EVENT.value
    return frozenset(
        one.event_id for one in rows if one.event_id and one.observation_level == level
    )
