"""Take a package into the survey: in one transaction, or not at all.

The package is read and checked whole before the first row is written. All rows, the reviews that
they stand for and the entry of the log are committed together, so that a computer that is switched
off leaves nothing of it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from sqlmodel import Session, col, select

from ingest.packages.checking import check_package
from ingest.packages.events import plan_events
from ingest.packages.facts import Package, refusal
from ingest.packages.places import add_places, names_of
from ingest.packages.report import PackageReport
from ingest.packages.rows import (
    Naming,
    camera_days,
    card_row,
    event_row,
    media_rows,
    package_id_of,
    source_of,
    utc_now,
)
from ingest.packages.saying import restricted_media, write_observations, write_reviews
from ingest.packages.taxa import find_names
from ingest.packages.work import IDS_A_QUESTION, Report, Work, insert_rows
from species_db.camera_days import recompute_days
from species_db.card_roots import card_roots
from species_db.decisions import record_decision
from species_db.survey import Survey
from species_db.tables import (
    CameraDay,
    CardFile,
    Deployment,
    Event,
    Media,
    PackageImport,
)
from species_db.vocabulary import Act, ClassificationMethod, DayState

MACHINE = ClassificationMethod.MACHINE


class _DryRunDoneError(Exception):
    """A dry run has reached its end: the transaction is given up."""


def import_package(
    survey: Survey,
    package: Package,
    *,
    person: str,
    is_dry_run: bool = False,
    report: Report = lambda done, total: None,
) -> PackageReport:
    """Write what a package says; the same package again adds nothing.

    People's observations of the package count as people's: each event that they classified gets a
    review in force, under the names that the package gives. A dry run tells what would happen.

    Raises:
        PackageError: the package does not hold together, or does not fit into this survey.
    """
    notes = [*package.notes, *check_package(package)]
    told = PackageReport(
        file=package.source.file_name,
        format=package.source.format.value,
        format_version=package.source.format_version,
        title=package.source.title,
        package_id=package_id_of(package),
        is_dry_run=is_dry_run,
        notes=notes,
    )
    try:
        with survey.writing() as session:
            if session.get(PackageImport, told.package_id) is not None:
                told.is_known = True
                return told
            _write(session, survey, package, told, person=person, report=report)
            if is_dry_run:
                raise _DryRunDoneError
    except _DryRunDoneError:
        pass
    return told


def _write(
    session: Session,
    survey: Survey,
    package: Package,
    told: PackageReport,
    *,
    person: str,
    report: Report,
) -> None:
    own = names_of(session, package)
    names = find_names(session, package)
    if names.not_animals:
        listed = ", ".join(names.not_animals[:5])
        raise refusal(
            package.source.file_name,
            f"{listed}: no animals by the survey's lists; a camera record takes animals.",
            f"{listed}：按本调查名录不是动物；相机记录只接受动物。",
        )
    naming = Naming(package, told.package_id, own, person, utc_now())
    events = plan_events(package, gap=survey.settings.sequence_gap)
    work = Work(session, naming, events, names, told, report)
    _refuse_known_rows(work)
    add_places(session, package, own)
    _add_package_row(work)
    reviews = write_reviews(work)
    _write_cards_and_media(work, reviews)
    write_observations(work, reviews)
    _write_days(work)
    _count(work)
    _log(work)


def _refuse_known_rows(work: Work) -> None:
    """Another export of the same dataset has brought some of these rows: which holds is unknown."""
    ids = [work.naming.media(one.media_id) for one in work.package.media]
    waiting = iter(ids)
    while page := list(islice(waiting, IDS_A_QUESTION)):
        found = work.session.exec(
            select(Media.original_id).where(col(Media.media_id).in_(page)).limit(1)
        ).first()
        if found is not None:
            raise refusal(
                work.package.source.file_name,
                f"media '{found}' came before, in another package of the same dataset.",
                f"媒体“{found}”已随同一数据集的另一个数据包导入。",
            )


def _add_package_row(work: Work) -> None:
    source = work.package.source
    work.session.add(
        PackageImport(
            package_id=work.told.package_id,
            format=source.format.value,
            format_version=source.format_version,
            source_id=source_of(work.package),
            title=source.title,
            file_name=source.file_name,
            sha256=source.sha256,
            bytes=source.bytes,
            about=source.about,
            person=work.naming.person,
            imported_at=work.naming.now,
        )
    )
    work.session.flush()


def _write_cards_and_media(work: Work, reviews: Mapping[str, str]) -> None:
    naming, session = work.naming, work.session
    files: dict[str, int] = defaultdict(int)
    for one in work.package.media:
        files[one.deployment_id] += 1
    session.add_all(card_row(naming, name, count) for name, count in sorted(files.items()))
    session.flush()
    insert_rows(
        work,
        Event,
        (event_row(naming, event, reviews.get(naming.event(event))) for event in work.events),
        total=len(work.events),
    )
    ours = {one.media_id: naming.event(event) for event in work.events for one in event.media}
    pairs = list(media_rows(naming, ours, restricted_media(work.events)))
    insert_rows(work, Media, (media for _, media in pairs), total=len(pairs))
    insert_rows(work, CardFile, (journal for journal, _ in pairs), total=len(pairs))


def _write_days(work: Work) -> None:
    last: dict[str, datetime] = {}
    for one in work.package.media:
        if one.timestamp:
            known = last.get(one.deployment_id, one.timestamp)
            last[one.deployment_id] = max(known, one.timestamp)
    days = list(camera_days(work.naming, last))
    work.told.camera_days = sum(one.state == DayState.WORKING.value for one in days)
    insert_rows(work, CameraDay, iter(days), total=len(days))
    if work.package.uses_known_deployments:
        for name in sorted(set(work.naming.deployments.values())):
            recompute_days(work.session, name)


def _count(work: Work) -> None:
    told, package = work.told, work.package
    own = set(work.naming.deployments.values())
    told.deployments = len(own)
    told.stations = len({work.session.get_one(Deployment, name).location_id for name in own})
    told.media, told.events = len(package.media), len(work.events)
    told.reviewed_events = sum(bool(event.review) for event in work.events)
    told.observations = len(package.observations)
    told.machine = sum(row.method is MACHINE for row in package.observations)
    told.human = told.observations - told.machine
    told.derived = sum(len(event.derived) for event in work.events)
    told.taxa = len(work.names.taxa)
    told.taxa_added = work.names.added
    told.names_not_scientific = work.names.doubtful


def _log(work: Work) -> None:
    """Tell the log what came: the roots of its media by card, and the seal of every other row."""
    session, source, told = work.session, work.package.source, work.told
    cards = sorted({work.naming.card(one.deployment_id) for one in work.package.media})
    counts = {
        "deployments": told.deployments,
        "media": told.media,
        "events": told.events,
        "observations": told.observations,
        "derived": told.derived,
    }
    row = session.get_one(PackageImport, told.package_id)
    row.counts = json.dumps(counts)
    session.flush()
    record_decision(
        session,
        Act.PACKAGE_IMPORTED,
        subject=told.package_id,
        person=work.naming.person,
        details={
            "file": source.file_name,
            "format": f"{source.format} {source.format_version}".strip(),
            "sha256": source.sha256,
            "title": source.title,
            "counts": counts,
            "taxa_added": told.taxa_added,
            "card_roots": [" ".join((card, *card_roots(session, card))) for card in cards],
        },
        decided_at=work.naming.now,
    )
