"""What a package's people and models say: the reviews of its events, and its observations."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from ingest.packages.events import PlannedEvent
from ingest.packages.rows import observation_row
from ingest.packages.work import Work, insert_rows, pages
from species_db.decisions import record_decisions
from species_db.review import summarise_events
from species_db.review.finding import Finding, canonical
from species_db.tables import ModelVersion, Observation
from species_db.vocabulary import Act, ClassificationMethod, ObservationType

ENGINE = "elsewhere"  # a model of a package never ran here
HUMAN = ObservationType.HUMAN.value
MACHINE = ClassificationMethod.MACHINE


def restricted_media(events: Iterable[PlannedEvent]) -> frozenset[str]:
    """Media of events in which people were seen, by a person or on the media by a model."""
    found: set[str] = set()
    for event in events:
        if any(row.type == HUMAN for row in event.review):
            found |= {one.media_id for one in event.media}
        found |= {
            row.media_id for row in event.rows if row.type == HUMAN and row.method is MACHINE
        } - {""}
    return frozenset(found)


def write_reviews(work: Work) -> dict[str, str]:
    """Write the reviews of the package into the log; give their names by event."""
    naming = work.naming
    reviewed = [event for event in work.events if event.review]
    entries = ((naming.event(event), _said(work, event)) for event in reviewed)
    ids = record_decisions(
        work.session, Act.REVIEWED, entries, person=naming.person, decided_at=naming.now
    )
    return dict(zip((naming.event(event) for event in reviewed), ids, strict=True))


def _said(work: Work, event: PlannedEvent) -> dict[str, Any]:
    naming = work.naming
    media = sorted(naming.media(one.media_id) for one in event.media)
    has_people = any(row.type == HUMAN for row in event.review)
    return {
        "event": naming.event(event),
        "findings": [
            canonical(
                Finding(
                    observation_type=row.type,
                    taxon_id=_taxon_of(work, row.taxon, row.type),
                    count=row.count,
                    camera_setup_type=row.setup,
                    life_stage=row.life_stage,
                    sex=row.sex,
                    behavior=row.behavior,
                    observation_comments=row.comments,
                )
            )
            for row in event.review
        ],
        "media": media,
        "package": naming.package_id,
        "previous_review_id": None,
        "restricted_media": media if has_people else [],
        "token": None,
    }


def _taxon_of(work: Work, name: str, type_: str) -> str | None:
    is_animal = type_ == ObservationType.ANIMAL.value
    return work.names.taxa.get(name) if is_animal and name else None


def write_observations(work: Work, reviews: Mapping[str, str]) -> None:
    """Write every observation with its origin, and what models say on the events they answered."""
    models = _models(work)
    total = sum(len(event.rows) + len(event.derived) for event in work.events)
    insert_rows(work, Observation, _observations(work, models, reviews), total=total)
    answered = {
        work.naming.event(event)
        for event in work.events
        if any(row.method is MACHINE and row.media_id for row in event.rows)
    }
    for page in pages(sorted(answered)):
        summarise_events(work.session, page)
    work.session.flush()


def _observations(
    work: Work, models: Mapping[str, str], reviews: Mapping[str, str]
) -> Iterator[Observation]:
    naming = work.naming
    for event in work.events:
        event_id = naming.event(event)
        in_review = {id(row) for row in event.review}
        review_id = reviews.get(event_id)
        derived = {id(row) for row in event.derived}
        for row in (*event.rows, *event.derived):
            yield observation_row(
                naming,
                row,
                event_id=event_id,
                taxon_id=_taxon_of(work, row.taxon, row.type),
                review_id=review_id if id(row) in in_review else None,
                model_version_id=models.get(row.classified_by) if row.method is MACHINE else None,
                is_derived=id(row) in derived,
            )


def _models(work: Work) -> dict[str, str]:
    """A version for each model that the package names, by its name."""
    names = sorted({r.classified_by for r in work.package.observations if r.method is MACHINE})
    found = {}
    for name in names:
        key = sha256(f"package\n{name}".encode()).hexdigest()
        if work.session.get(ModelVersion, key) is None:
            work.session.add(
                ModelVersion(
                    model_version_id=key,
                    name=name,
                    version="",
                    sha256=key,
                    labels="",
                    threshold=0.0,
                    engine=ENGINE,
                    task="classifier",
                    origin=work.package.source.format.value,
                )
            )
        found[name] = key
    work.session.flush()
    return found
