"""Ask the survey for a deployment's files, look for clock faults, and store the proposals."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from ingest.clock.detect import DEFAULT_SETTINGS, find_clock_faults
from ingest.clock.facts import CardFacts, ClockFindings, ClockSettings, FileFacts, Note, Placement
from species_db.clock import Proposal, has_camera_clock, propose
from species_db.clock.decide import get_deployment
from species_db.survey import Survey
from species_db.tables import CameraStation, CardImport, ClockSegment, Deployment, Media
from species_db.vocabulary import ClockState, ImportState


def propose_clock(
    survey: Survey, deployment_id: str, settings: ClockSettings = DEFAULT_SETTINGS
) -> ClockFindings:
    """Look for clock faults on every finished card of a deployment, and keep what is proposed.

    Proposals that no longer hold vanish; what a person has decided stays. Grey and colour must
    have been measured before for the sun test to speak.

    Raises:
        ClockError: the survey does not know the deployment.
    """
    with survey.reading() as session:
        findings = find_deployment_faults(session, deployment_id, settings)
        stands = _proposed(session, deployment_id)
    if findings.proposals or stands:
        with survey.writing() as session:
            propose(session, deployment_id, findings.proposals)
    return findings


def find_deployment_faults(
    session: Session, deployment_id: str, settings: ClockSettings = DEFAULT_SETTINGS
) -> ClockFindings:
    """Look for clock faults on every finished card of a deployment; nothing is stored."""
    deployment = get_deployment(session, deployment_id)
    station = session.get_one(CameraStation, deployment.location_id)
    proposals: list[Proposal] = []
    notes: list[Note] = []
    for card, files in _files_by_card(session, deployment_id).items():
        placement = _placement(deployment, station, session.get_one(CardImport, card))
        found = find_clock_faults(CardFacts(card, tuple(files)), placement, settings)
        proposals += found.proposals
        notes += found.notes
    return ClockFindings(tuple(proposals), tuple(notes))


def _files_by_card(session: Session, deployment_id: str) -> Mapping[str, list[FileFacts]]:
    columns = (
        Media.card_import_id,
        Media.card_path,
        Media.timestamp,
        Media.is_grey,
        Media.file_mediatype,
        Media.serial_number,
        Media.make,
        Media.model,
        Media.clock_segment_id,
        Media.offset_source,
    )
    rows = session.execute(
        select(*columns)  # type: ignore[call-overload]
        .join(CardImport)
        .where(
            Media.deployment_id == deployment_id,
            CardImport.state == ImportState.COMPLETE.value,
        )
        .order_by(Media.card_import_id)
    )
    cards: dict[str, list[FileFacts]] = {}
    for card, path, time, grey, mediatype, serial, make, model, segment, source in rows:
        if not has_camera_clock(source):
            continue  # a phone's photo among the files: its time is its own
        name = " ".join(part for part in (make, model) if part)
        is_film = mediatype.startswith("video/")
        facts = FileFacts(path, time, grey, is_film, serial, name or None, segment is not None)
        cards.setdefault(card, []).append(facts)
    return cards


def _placement(deployment: Deployment, station: CameraStation, card: CardImport) -> Placement:
    return Placement(
        start=deployment.deployment_start,
        end=deployment.deployment_end or card.completed_at or datetime.now(UTC),
        is_end_known=deployment.deployment_end is not None,
        utc_offset=timedelta(seconds=deployment.utc_offset_seconds),
        latitude=station.latitude,
        longitude=station.longitude,
    )


def _proposed(session: Session, deployment_id: str) -> bool:
    proposed = select(ClockSegment.segment_id).where(
        ClockSegment.deployment_id == deployment_id,
        ClockSegment.state == ClockState.PROPOSED.value,
    )
    return session.exec(proposed).first() is not None
