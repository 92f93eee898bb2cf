"""Take the field sheet into the survey, and find the deployment that a card belongs to."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, SQLModel, select

from species_db.card_roots import card_seals
from species_db.clock import follow_clock
from species_db.decisions import record_decision
from species_db.deployment_rows import CAMTRAP_COLUMNS, OWN_COLUMNS, REQUIRED, Records, read_row
from species_db.field_sheet import Mistakes, read_sheet
from species_db.language import tr
from species_db.plots import SheetReport
from species_db.survey import Survey
from species_db.tables import CameraStation, Deployment, Media
from species_db.vocabulary import Act


def import_deployments(survey: Survey, path: Path, *, person: str) -> SheetReport:
    """Take the field sheet; the same sheet again changes nothing.

    A plot or station that the survey does not know is made when the sheet gives its place. When a
    clock's offset is corrected, the times that were assumed from it follow.

    Raises:
        SheetError: with every mistake of the sheet and its line.
    """
    rows = read_sheet(path, columns=CAMTRAP_COLUMNS + OWN_COLUMNS, required=REQUIRED)
    mistakes, records = Mistakes(path), Records()
    with survey.writing() as session:
        for row in rows:
            read_row(session, row, records, mistakes, utc_offset=survey.settings.utc_offset_seconds)
        _refuse_case_twins(session, records, mistakes)
        mistakes.raise_if_any()
        report, changed, shifted = _store(session, records, gap=survey.settings.sequence_gap)
        if changed:
            record_decision(
                session,
                Act.DEPLOYMENTS_IMPORTED,
                subject=path.name,
                person=person,
                details={
                    "added": report.added,
                    "changed": report.changed,
                    "records": changed,
                    "card_seals": [one for key in shifted for one in card_seals(session, key)],
                },
            )
    return report


def names_of_deployments(session: Session) -> dict[str, str]:
    """Every name that a card's folder may carry, and the one deployment it then belongs to.

    A station's id counts while it has one deployment; with two it would be a guess.
    """
    deployments = session.exec(select(Deployment)).all()
    per_station: dict[str, list[str]] = {}
    for deployment in deployments:
        per_station.setdefault(deployment.location_id, []).append(deployment.deployment_id)
    names = {station: ids[0] for station, ids in per_station.items() if len(ids) == 1}
    return names | {d.deployment_id: d.deployment_id for d in deployments}


def _refuse_case_twins(session: Session, records: Records, mistakes: Mistakes) -> None:
    """Two ids that differ in case alone would share a folder on Windows and macOS."""
    known = {d.casefold(): d for d in session.exec(select(Deployment.deployment_id))}
    for deployment_id in records.deployments:
        twin = known.get(deployment_id.casefold(), deployment_id)
        if twin != deployment_id:
            mistakes.found.append(
                tr(
                    f"'{deployment_id}' differs from '{twin}' in case alone.",
                    f"“{deployment_id}”与“{twin}”仅大小写不同。",
                )
            )


def _store(
    session: Session, records: Records, *, gap: timedelta
) -> tuple[SheetReport, list[str], list[str]]:
    changed: list[str] = []
    shifted: list[str] = []
    for group in (records.plots, records.cameras, records.stations):
        for key, row in group.items():
            if _differs(session, type(row), key, row):
                changed.append(f"{type(row).__name__.lower()}:{key}")
                _note_move(session, row, records)
                session.merge(row)
        session.flush()
    added = renewed = 0
    for key, deployment in records.deployments.items():
        known = session.get(Deployment, key)
        if not _differs(session, Deployment, key, deployment):
            continue
        changed.append(f"deployment:{key}")
        before = known.utc_offset_seconds if known else deployment.utc_offset_seconds
        added, renewed = added + (known is None), renewed + (known is not None)
        session.merge(deployment)
        session.flush()
        if before != deployment.utc_offset_seconds:
            _shift_assumed_times(session, deployment, gap=gap)
            shifted.append(key)
    unchanged = len(records.deployments) - added - renewed
    return SheetReport(added, renewed, unchanged, notes=tuple(records.notes)), changed, shifted


def _differs(session: Session, table: type[SQLModel], key: str, told: SQLModel) -> bool:
    known = session.get(table, key)
    unsaid = {"seal"}  # made when the row is written
    return known is None or known.model_dump(exclude=unsaid) != told.model_dump(exclude=unsaid)


def _note_move(session: Session, told: SQLModel, records: Records) -> None:
    """Say that a known station has another place now: its earlier deployments go with it."""
    if not isinstance(told, CameraStation):
        return
    known = session.get(CameraStation, told.location_id)
    if known and (known.latitude, known.longitude) != (told.latitude, told.longitude):
        records.notes.append(
            tr(
                f"Station {told.location_id} has another place now, for all its deployments. "
                "If the camera was moved, give the new place a new locationID.",
                f"点位 {told.location_id} 的位置已更改,影响其全部布设。"
                "如相机已移动,请为新位置使用新的 locationID。",
            )
        )


def _shift_assumed_times(session: Session, deployment: Deployment, *, gap: timedelta) -> None:
    """Let the times that were assumed from the deployment's offset follow its correction."""
    offset = deployment.utc_offset_seconds
    assumed = select(Media).where(
        Media.deployment_id == deployment.deployment_id, Media.offset_source == "assumed"
    )
    for media in session.exec(assumed):
        if media.camera_timestamp is not None and media.utc_offset_seconds is not None:
            media.camera_timestamp += timedelta(seconds=media.utc_offset_seconds - offset)
        media.utc_offset_seconds = offset
    session.flush()
    follow_clock(session, deployment.deployment_id, gap=gap)
