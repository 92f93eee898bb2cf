"""What was ever said to have been seen, and where: the ground of every place's category.

Ever: by a person or a model, in force, replaced or undone. A record that is named anew as a common
species does not unlock its place (iNaturalist#711), for the first name may have been the right one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.sensitivity.neighbours import Node, Point
from species_db.tables import CameraStation, Decision, Deployment, FieldRecord, Observation, Plot
from species_db.vocabulary import Act

STATION, PLOT, RECORD = "station", "plot", "record"
_TOLD = "told"  # a point that only the log still knows
UNDATED = date(1, 1, 1)
ABSENT = "absent"
_FIELD_ACTS = (
    Act.FIELD_IDENTIFIED,
    Act.FIELD_REJECTED,
    Act.FIELD_SPLIT,
    Act.FIELD_RECORDED,
    Act.FIELD_SHEET_IMPORTED,
)


@dataclass(frozen=True)
class Ground:
    """The points of a survey and what ties them: who stands on which plot."""

    points: dict[Node, Point]
    ties: list[tuple[Node, Node]]


@dataclass(frozen=True)
class Seen:
    """A taxon that was said to be at a place, and the earliest day on which it may have been."""

    node: Node
    taxon_id: str
    since: date
    point: Point | None = None
    """Where, when only the log knows the place."""


def read_all(session: Session) -> tuple[Ground, list[Seen]]:
    """Read every place of the survey and what was ever recorded there."""
    ground, seen = read_ground(session), list(read_seen(session))
    ground.points.update({one.node: one.point for one in seen if one.point is not None})
    return ground, seen


def read_ground(session: Session) -> Ground:
    """Read every place of the survey."""
    ground = Ground({}, [])
    for station in session.exec(select(CameraStation)):
        node = STATION, station.location_id
        ground.points[node] = station.latitude, station.longitude
        if station.plot_id:
            ground.ties.append((node, (PLOT, station.plot_id)))
    for plot in session.exec(select(Plot)):
        if plot.latitude is not None and plot.longitude is not None:
            ground.points[PLOT, plot.plot_id] = plot.latitude, plot.longitude
        ground.ties.append(((PLOT, plot.plot_id), (PLOT, plot.plot_id)))
    rows = session.execute(
        select_columns(
            col(FieldRecord.field_record_id),
            col(FieldRecord.plot_id),
            col(FieldRecord.latitude),
            col(FieldRecord.longitude),
        )
    )
    for record_id, plot_id, latitude, longitude in rows:
        node = RECORD, record_id
        if latitude is not None and longitude is not None:
            ground.points[node] = latitude, longitude
        ground.ties.append((node, (PLOT, plot_id) if plot_id else node))
    return ground


def read_seen(session: Session) -> Iterator[Seen]:
    """Every taxon ever recorded at each place; one index is read, whatever the number of rows."""
    yield from _by_cameras(session)
    yield from _in_the_field(session)
    yield from _in_the_log(session)


def _by_cameras(session: Session) -> Iterator[Seen]:
    deployments = {
        deployment.deployment_id: (
            (STATION, deployment.location_id),
            _day(deployment.deployment_start, deployment.utc_offset_seconds),
        )
        for deployment in session.exec(select(Deployment))
    }
    pairs = session.execute(
        select_columns(col(Observation.deployment_id), col(Observation.taxon_id))
        .where(col(Observation.taxon_id).is_not(None))
        .distinct()
    )
    for deployment_id, taxon_id in pairs:
        node, since = deployments[deployment_id]
        yield Seen(node, taxon_id, since)


def _in_the_field(session: Session) -> Iterator[Seen]:
    rows = session.execute(
        select_columns(
            col(FieldRecord.field_record_id),
            col(FieldRecord.taxon_id),
            col(FieldRecord.event_start),
            col(FieldRecord.utc_offset_seconds),
            col(FieldRecord.occurrence_status),
        ).where(col(FieldRecord.taxon_id).is_not(None))
    )
    for record_id, taxon_id, start, offset, status in rows:
        if status != ABSENT:
            yield Seen((RECORD, record_id), taxon_id, _day(start, offset))


def _in_the_log(session: Session) -> Iterator[Seen]:
    """Names that field records once had; their rows hold the newest one only."""
    told = session.execute(
        select_columns(col(Decision.subject), col(Decision.details)).where(
            col(Decision.act).in_([act.value for act in _FIELD_ACTS])
        )
    )
    known = set(session.exec(select(FieldRecord.field_record_id)))
    for subject, text in told:
        details = json.loads(text)
        node = (RECORD, subject) if subject in known else None
        for finding in _findings(details):
            yield from _told(finding, node)


def _findings(details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What one entry says of records: itself, or as JSON what it wrote and what stood before."""
    if "record" not in details:
        yield details
    for key in ("record", "record_before", "records", "records_before"):
        texts = details.get(key) or []
        for text in [texts] if isinstance(texts, str) else texts:
            yield json.loads(text)


def _told(finding: dict[str, Any], node: Node | None) -> Iterator[Seen]:
    """A record that is there no more, or that a sheet wrote, is known by its plot or its point."""
    taxon_id = finding.get("taxon_id")
    if not taxon_id or finding.get("occurrence_status") == ABSENT:
        return
    plot_id, latitude, longitude = map(finding.get, ("plot_id", "latitude", "longitude"))
    if node is not None:
        yield Seen(node, taxon_id, UNDATED)
    elif plot_id:
        yield Seen((PLOT, plot_id), taxon_id, UNDATED)
    elif latitude is not None and longitude is not None:
        point = float(latitude), float(longitude)
        yield Seen((_TOLD, f"{point}"), taxon_id, UNDATED, point)


def _day(instant: datetime | None, offset_seconds: int) -> date:
    if instant is None:
        return UNDATED
    return (instant.astimezone(UTC) + timedelta(seconds=offset_seconds)).date()
