"""The rows that a package becomes, named so that every laptop names them alike; nothing is written.

Files of a package are not held here. Their media stand for what was told of them: `sha256` is over
the dataset and the name in it, not over bytes that nobody here has seen.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingest.packages.events import PlannedEvent
from ingest.packages.facts import Package, PackageDeployment, PackageMedia, PackageObservation
from ingest.packages.lines import zone_of
from species_db import identity
from species_db.field_sheet import check_name
from species_db.survey import ELSEWHERE
from species_db.tables import (
    CameraDay,
    CardFile,
    CardImport,
    Deployment,
    Event,
    Media,
    Observation,
)
from species_db.version import VERSION
from species_db.vocabulary import (
    ClassificationMethod,
    Custody,
    DayState,
    FileOutcome,
    ImportState,
    ObservationType,
)

UNSAID = "classificationTimestamp"  # in `origin`: the package says no time, ours stands in
DERIVED = "derived"  # in `origin`: summed up here, no row of the package
ALWAYS = "package"  # who says that a camera worked: the package does, by its dates


@dataclass(frozen=True)
class Naming:
    """How the rows of one package are named here."""

    package: Package
    package_id: str
    deployments: Mapping[str, str]
    """The survey's name of each deployment of the package."""
    person: str
    now: datetime

    @property
    def source(self) -> str:
        """The dataset, whatever export of it this is."""
        return source_of(self.package)

    def card(self, deployment: str) -> str:
        """The reading of one deployment of the package, which its media belong to."""
        return identity.package_row_id("card", self.package_id, deployment)

    def media(self, name: str) -> str:
        """A media."""
        return identity.package_row_id("media", self.source, name)

    def event(self, event: PlannedEvent) -> str:
        """An event."""
        return identity.package_row_id("event", self.source, *event.key)

    def observation(self, row: PackageObservation) -> str:
        """An observation."""
        return identity.package_row_id("observation", self.source, row.observation_id)


def source_of(package: Package) -> str:
    """Name a dataset: as it names itself, else by its bytes."""
    source = package.source
    return f"{source.format}:{source.source_id or source.sha256}"


def package_id_of(package: Package) -> str:
    """Name a package after its format and its bytes."""
    return identity.package_row_id("package", package.source.format.value, package.source.sha256)


def safe_name(text: str) -> str:
    """A name that may also name a folder: the package's own, or one that cannot be another's.

    >>> safe_name("CTCAJ01"), safe_name("Ridge 3/north").startswith("Ridge-3-north-")
    ('CTCAJ01', True)
    """
    if check_name(text) is None:
        return text
    plain = "".join(one if one.isalnum() else "-" for one in text).strip("-")[:50] or "x"
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def deployment_row(told: PackageDeployment, own_id: str, location_id: str) -> Deployment:
    """A deployment of the package."""
    row = Deployment(
        deployment_id=own_id,
        location_id=location_id,
        camera_id=told.camera_id or None,
        deployment_start=told.start,
        deployment_end=told.end,
        utc_offset_seconds=told.offset_seconds,
    )
    for name, value in told.more.items():
        setattr(row, name, value)
    return row


def card_row(naming: Naming, deployment: str, files: int) -> CardImport:
    """What stands in the place of a card: the package's media of one deployment."""
    source = naming.package.source
    return CardImport(
        card_import_id=naming.card(deployment),
        deployment_id=naming.deployments[deployment],
        card_path=source.file_name,
        fingerprint=source.sha256,
        state=ImportState.COMPLETE.value,
        person=naming.person,
        software_version=VERSION,
        started_at=naming.now,
        completed_at=naming.now,
        custody=Custody.ELSEWHERE.value,
        total_files=files,
        done_files=files,
    )


def media_rows(
    naming: Naming, events: Mapping[str, str], restricted: frozenset[str]
) -> Iterator[tuple[CardFile, Media]]:
    """Every media with its line in the journal; `events` are ours by the package's media."""
    package = naming.package
    paths = Counter((one.deployment_id, one.path or one.file_name) for one in package.media)
    for one in package.media:
        path = one.path or one.file_name
        if paths[one.deployment_id, path] > 1:
            path = f"{path}#{one.media_id}"
        yield _media_row(naming, one, path, events[one.media_id], one.media_id in restricted)


def _media_row(
    naming: Naming, one: PackageMedia, path: str, event_id: str, is_restricted: bool
) -> tuple[CardFile, Media]:
    card, sha256 = naming.card(one.deployment_id), _stand_in(naming.source, one.media_id)
    media = Media(
        media_id=naming.media(one.media_id),
        sha256=sha256,
        bytes=0,
        deployment_id=naming.deployments[one.deployment_id],
        card_import_id=card,
        event_id=event_id,
        file_path=f"{ELSEWHERE}{naming.package_id}/{path}",
        file_name=one.file_name,
        card_path=path,
        file_mediatype=one.mediatype,
        timestamp=one.timestamp,
        camera_timestamp=one.timestamp,
        utc_offset_seconds=one.offset_seconds,
        offset_source="package" if one.is_offset_told else "assumed",
        trigger=one.trigger,
        is_restricted=is_restricted,
        original_id=one.media_id,
        origin=_json(one.other),
    )
    journal = CardFile(
        card_import_id=card,
        card_path=path,
        bytes=0,
        modified_ns=0,
        outcome=FileOutcome.ELSEWHERE.value,
        sha256=sha256,
        media_id=media.media_id,
    )
    return journal, media


def _stand_in(source: str, name: str) -> str:
    return hashlib.sha256(f"not held here\n{source}\n{name}".encode()).hexdigest()


def event_row(naming: Naming, event: PlannedEvent, review_id: str | None) -> Event:
    """One event, with the review in force if people looked at it."""
    start, end = event.span
    return Event(
        event_id=naming.event(event),
        deployment_id=naming.deployments[event.key[0]],
        event_start=start,
        event_end=end,
        media_count=len(event.media),
        is_reviewed=review_id is not None,
        current_review_id=review_id,
        original_id=event.key[1] if event.is_named else None,
    )


def observation_row(
    naming: Naming,
    row: PackageObservation,
    *,
    event_id: str,
    taxon_id: str | None,
    review_id: str | None,
    model_version_id: str | None,
    is_derived: bool,
) -> Observation:
    """One observation with its origin."""
    box = row.box or (None, None, None, None)
    other = dict(row.other)
    if row.classified_at is None:
        other[UNSAID] = ""
    if is_derived:
        other[DERIVED] = "media"
    return Observation(
        observation_id=naming.observation(row),
        deployment_id=naming.deployments[row.deployment_id],
        media_id=naming.media(row.media_id) if row.media_id else None,
        event_id=event_id,
        observation_level=row.level.value,
        observation_type=row.type,
        camera_setup_type=row.setup,
        taxon_id=taxon_id if row.type == ObservationType.ANIMAL.value else None,
        count=row.count,
        life_stage=row.life_stage,
        sex=row.sex,
        behavior=row.behavior,
        individual_id=row.individual_id,
        bbox_x=box[0],
        bbox_y=box[1],
        bbox_width=box[2],
        bbox_height=box[3],
        classification_method=row.method.value,
        classified_by=row.classified_by,
        classification_timestamp=row.classified_at or naming.now,
        classification_probability=row.probability,
        model_version_id=model_version_id,
        review_id=review_id,
        observation_comments=row.comments,
        package_id=naming.package_id,
        original_id=None if is_derived else row.observation_id,
        origin=_json(other),
    )


def camera_days(naming: Naming, last_media: Mapping[str, datetime]) -> Iterator[CameraDay]:
    """The days that the package's dates state as worked, and those that it calls lost.

    Without them no effort would be known: nothing here can judge pictures that are elsewhere.
    """
    for one in naming.package.deployments:
        zone = zone_of(one.offset_seconds)
        end = one.end or last_media.get(one.deployment_id)
        if end is None:
            continue
        first, last = one.start.astimezone(zone).date(), end.astimezone(zone).date()
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            yield _camera_day(naming, one, day)


def _camera_day(naming: Naming, one: PackageDeployment, day: date) -> CameraDay:
    is_lost = day in one.lost_days
    return CameraDay(
        deployment_id=naming.deployments[one.deployment_id],
        day=day.isoformat(),
        method=ClassificationMethod.HUMAN.value,
        state=(DayState.DEAD if is_lost else DayState.WORKING).value,
        cause=ALWAYS,
        person=naming.person,
        stated_at=naming.now,
    )


def _json(told: Mapping[str, str]) -> str | None:
    return json.dumps(told, ensure_ascii=False, sort_keys=True) if told else None


def utc_now() -> datetime:
    """The moment of an import, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
