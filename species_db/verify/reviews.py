"""The records of people: do they say what the log says they said."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

from sqlmodel import Session, col, select

from species_db.review.finding import Finding as Said
from species_db.review.finding import canonical
from species_db.stored import UNREADABLE, stored_rows
from species_db.tables import Decision, Event, Media, Observation, PackageImport
from species_db.verify.finding import Finding, Kind
from species_db.vocabulary import Act, ClassificationMethod

REVIEWS_A_QUERY = 400  # SQLite takes a bounded number of values in one statement
_SAID = tuple(one.name for one in fields(Said))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One entry of the log that says what a person saw."""

    decision_id: str
    event_id: str
    findings: tuple[str, ...] | None  # None: from before the log said them
    closed: tuple[str, ...]


@dataclass
class ReviewLog:
    """The reviews of the log, and which of them is in force for each event."""

    in_force: dict[str, str | None] = field(default_factory=dict)
    reviews: dict[str, Reviewed] = field(default_factory=dict)

    @property
    def closed_media(self) -> frozenset[str]:
        """The media that reviews in force have closed."""
        current = (self.reviews.get(one or "") for one in self.in_force.values())
        return frozenset(media_id for one in current if one for media_id in one.closed)


def read_review_log(session: Session) -> ReviewLog:
    """Replay every review and every undoing."""
    told = ReviewLog()
    acts = [Act.REVIEWED.value, Act.UNDONE.value]
    statement = (
        select(Decision.act, Decision.subject, Decision.decision_id, Decision.details)
        .where(col(Decision.act).in_(acts))
        .order_by(col(Decision.sequence))
    )
    for act, event_id, decision_id, details in session.exec(statement):
        try:
            said: dict[str, Any] = dict(json.loads(details))
        except UNREADABLE:
            continue  # an altered entry; the log's own check names it
        if act == Act.UNDONE.value:
            told.in_force[event_id] = said.get("restored_review_id")
            continue
        findings = tuple(sorted(said["findings"])) if "findings" in said else None
        closed = tuple(said.get("restricted_media", ()))
        told.in_force[event_id] = decision_id
        told.reviews[decision_id] = Reviewed(decision_id, event_id, findings, closed)
    return told


def check_reviews(session: Session, told: ReviewLog) -> Iterator[Finding]:
    """Name what people said and is not in the records, and records that nobody said."""
    yield from _check_in_force(session, told)
    waiting = iter(told.reviews.values())
    while page := list(islice(waiting, REVIEWS_A_QUERY)):
        rows = _observations(session, [one.decision_id for one in page])
        for review in page:
            yield from _compare(review, rows.get(review.decision_id, []))
    human = col(Observation.classification_method) == ClassificationMethod.HUMAN.value
    columns = ("observation_id", "review_id", "package_id")
    packages = set(session.exec(select(PackageImport.package_id)))
    for row in stored_rows(session, Observation, columns=columns, where=human):
        is_of_package = row.raw["review_id"] is None and row.raw["package_id"] in packages
        if row.raw["review_id"] not in told.reviews and not is_of_package:
            yield Finding(
                Kind.EXTRA,
                "observation",
                row.key,
                "it is said to be a person's, and the log tells of no such review",
                "该记录标为人工记录,但日志中没有对应的审核",
            )


def _check_in_force(session: Session, told: ReviewLog) -> Iterator[Finding]:
    present = set()
    columns = ("event_id", "current_review_id")
    for row in stored_rows(session, Event, columns=columns):
        present.add(row.key)
        if row.raw["current_review_id"] != told.in_force.get(row.key):
            yield Finding(
                Kind.ALTERED,
                "event",
                row.key,
                "the review in force is not the one that the log tells of",
                "现行审核与日志记载的不一致",
            )
    for event_id in sorted(set(told.in_force) - present):
        yield Finding(
            Kind.MISSING,
            "event",
            event_id,
            "an event that people reviewed is gone",
            "曾经审核过的事件已缺失",
        )


def _observations(session: Session, review_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    mine = col(Observation.review_id).in_(list(review_ids))
    columns = ("observation_id", "review_id", "individual_id", *_SAID)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in stored_rows(session, Observation, columns=columns, where=mine):
        found[str(row.raw["review_id"])].append(dict(row.raw))
    return found


def _compare(review: Reviewed, rows: list[dict[str, Any]]) -> Iterator[Finding]:
    """Match what was said with the records, letter by letter."""
    if review.findings is None:
        return
    wanted = Counter(review.findings)
    unmatched = []
    for row in rows:
        said = canonical(Said(**{name: row[name] for name in _SAID}))
        if wanted[said] > 0:
            wanted[said] -= 1
        else:
            unmatched.append(row["observation_id"])
    for observation_id in unmatched:
        yield Finding(
            Kind.ALTERED,
            "observation",
            observation_id,
            f"it does not say what the log says of review {review.decision_id}",
            f"其内容与日志中审核 {review.decision_id} 的记载不一致",
        )
    gone = sum(wanted.values()) - len(unmatched)
    for said in list(wanted.elements())[:gone] if gone > 0 else ():
        yield Finding(
            Kind.MISSING,
            "observation",
            f"of review {review.decision_id}",
            f"the log tells of a record that is gone: {said}",
            f"日志中记载的一条记录已缺失:{said}",
            used=(("event", review.event_id),),
        )


def closed_and_present(session: Session, closed: frozenset[str]) -> frozenset[str]:
    """Of the media that reviews have closed, those that are still there."""
    found: set[str] = set()
    waiting = iter(sorted(closed))
    while page := list(islice(waiting, REVIEWS_A_QUERY)):
        found |= set(session.exec(select(Media.media_id).where(col(Media.media_id).in_(page))))
    return frozenset(found)
