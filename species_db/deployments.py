"""Take the field sheet into the survey: deployments, with their stations, cameras and plots."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from species_db.cells import ELEVATIONS_M, parse_instant, read_boolean, read_number, read_place
from species_db.decisions import record_decision
from species_db.field_sheet import Mistakes, SheetRow, check_name, read_sheet
from species_db.language import did_you_mean, tr
from species_db.places import find_county
from species_db.plots import SheetReport
from species_db.survey import Survey, SurveyError, parse_utc_offset
from species_db.tables import Camera, CameraStation, Deployment, Plot
from species_db.vocabulary import Act

# Camtrap DP 1.0.2, deployments; `plot` ties the station to a land unit, `county` and `elevation`
# serve a plot or station that the sheet itself brings in, `utcOffset` a camera set to another zone.
CAMTRAP_COLUMNS = (
    "deploymentID",
    "locationID",
    "locationName",
    "latitude",
    "longitude",
    "coordinateUncertainty",
    "deploymentStart",
    "deploymentEnd",
    "setupBy",
    "cameraID",
    "cameraModel",
    "cameraDelay",
    "cameraHeight",
    "cameraDepth",
    "cameraTilt",
    "cameraHeading",
    "detectionDistance",
    "timestampIssues",
    "baitUse",
    "featureType",
    "habitat",
    "deploymentGroups",
    "deploymentTags",
    "deploymentComments",
)
OWN_COLUMNS = ("plot", "county", "elevation", "utcOffset")
REQUIRED = ("deploymentID", "deploymentStart")
GPS_UNCERTAINTY_M = 30  # a consumer GPS under trees (DOMAIN.md 8)

FEATURE_TYPES = (
    "roadPaved",
    "roadDirt",
    "trailHiking",
    "trailGame",
    "roadUnderpass",
    "roadOverpass",
    "roadBridge",
    "culvert",
    "burrow",
    "nestSite",
    "carcass",
    "waterSource",
    "fruitingTree",
)
# column, attribute, smallest and largest value, whether it is a whole number
NUMBERS = (
    ("cameraDelay", "camera_delay_s", 0, 86400, True),
    ("cameraHeight", "camera_height_m", 0, 100, False),
    ("cameraDepth", "camera_depth_m", 0, 100, False),
    ("cameraTilt", "camera_tilt", -90, 90, True),
    ("cameraHeading", "camera_heading", 0, 360, True),
    ("detectionDistance", "detection_distance_m", 0, 1000, False),
)


@dataclass
class Records:
    """The rows a sheet asks for, in the order in which they must be stored."""

    plots: dict[str, Plot]
    stations: dict[str, CameraStation]
    cameras: dict[str, Camera]
    deployments: dict[str, Deployment]
    notes: list[str]


def import_deployments(survey: Survey, path: Path, *, person: str) -> SheetReport:
    """Take the field sheet; the same sheet again changes nothing.

    A plot or station that the survey does not know is made when the sheet gives its place.

    Raises:
        SheetError: with every mistake of the sheet and its line.
    """
    rows = read_sheet(path, columns=CAMTRAP_COLUMNS + OWN_COLUMNS, required=REQUIRED)
    mistakes = Mistakes(path)
    with survey.writing() as session:
        records = Records({}, {}, {}, {}, [])
        for row in rows:
            _read_row(session, survey, row, records, mistakes)
        mistakes.raise_if_any()
        report = _store(session, records)
        if report.added or report.changed:
            record_decision(
                session,
                Act.DEPLOYMENTS_IMPORTED,
                subject=path.name,
                person=person,
                details={"added": report.added, "changed": report.changed},
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


def _read_row(
    session: Session, survey: Survey, row: SheetRow, records: Records, mistakes: Mistakes
) -> None:
    deployment_id = row.text("deploymentID")
    for column in ("deploymentID", "locationID", "plot"):
        if row.text(column) and (wrong := check_name(row.text(column))):
            mistakes.add(row, column, wrong)
    if not deployment_id:
        mistakes.add(row, "deploymentID", tr("is empty.", "为空。"))
    elif deployment_id in records.deployments:
        mistakes.add(row, "deploymentID", tr("stands twice.", "重复出现。"))
    place = read_place(row, mistakes, records.notes)
    plot_id = _plot(session, row, place, records, mistakes)
    station = _station(session, row, place, plot_id, records, mistakes)
    camera_id = _camera(row, records)
    start, end, offset = _period(row, survey.settings.utc_offset_seconds, mistakes)
    if station is None or start is None:
        return
    records.deployments[deployment_id] = Deployment(
        deployment_id=deployment_id,
        location_id=station.location_id,
        camera_id=camera_id,
        deployment_start=start,
        deployment_end=end,
        utc_offset_seconds=offset,
        setup_by=row.text("setupBy"),
        timestamp_issues=read_boolean(row, "timestampIssues", mistakes),
        bait_use=read_boolean(row, "baitUse", mistakes),
        feature_type=_feature_type(row, mistakes),
        habitat=row.text("habitat"),
        deployment_groups=row.text("deploymentGroups"),
        deployment_tags=row.text("deploymentTags"),
        deployment_comments=row.text("deploymentComments"),
        **_numbers(row, mistakes),
    )


def _plot(
    session: Session,
    row: SheetRow,
    place: tuple[float, float] | None,
    records: Records,
    mistakes: Mistakes,
) -> str | None:
    """Find the plot, or make it when the row gives its place; else say which one was meant."""
    plot_id = row.text("plot")
    if not plot_id or plot_id in records.plots or session.get(Plot, plot_id) is not None:
        return plot_id or None
    known = session.exec(select(Plot.plot_id)).all()
    hint = did_you_mean(plot_id, known)
    if place is None:
        why = tr(
            f"no plot '{plot_id}'.{hint} Give latitude and longitude to make it.",
            f"没有样地“{plot_id}”。{hint}如需新建,请填写经纬度。",
        )
        mistakes.add(row, "plot", why)
        return None
    county = find_county(row.text("county"))
    records.plots[plot_id] = Plot(
        plot_id=plot_id,
        county=county.code if county else "",
        latitude=place[0],
        longitude=place[1],
    )
    told = tr(f"line {row.number}: new plot {plot_id}.", f"第 {row.number} 行:新建样地 {plot_id}。")
    records.notes.append(told + hint)
    return plot_id


def _station(
    session: Session,
    row: SheetRow,
    place: tuple[float, float] | None,
    plot_id: str | None,
    records: Records,
    mistakes: Mistakes,
) -> CameraStation | None:
    location_id = row.text("locationID") or row.text("deploymentID")
    known = records.stations.get(location_id) or session.get(CameraStation, location_id)
    if place is None:
        if known is None:
            ids = session.exec(select(CameraStation.location_id)).all()
            hint = did_you_mean(location_id, ids)
            why = tr(
                f"no station '{location_id}'.{hint} Give latitude and longitude to make it.",
                f"没有点位“{location_id}”。{hint}如需新建,请填写经纬度。",
            )
            mistakes.add(row, "locationID", why)
        return known
    told = records.stations.get(location_id)
    if told is not None and (told.latitude, told.longitude) != place:
        why = tr(
            f"station '{location_id}' has another place on an earlier line.",
            f"点位“{location_id}”与前面行中的位置不一致。",
        )
        mistakes.add(row, "latitude/longitude", why)
    uncertainty = read_number(row, "coordinateUncertainty", 1, 100_000, mistakes)
    records.stations[location_id] = CameraStation(
        location_id=location_id,
        location_name=row.text("locationName") or (known.location_name if known else ""),
        plot_id=plot_id or (known.plot_id if known else None),
        latitude=place[0],
        longitude=place[1],
        coordinate_uncertainty_m=int(uncertainty or GPS_UNCERTAINTY_M),
        elevation_m=read_number(row, "elevation", *ELEVATIONS_M, mistakes),
    )
    return records.stations[location_id]


def _camera(row: SheetRow, records: Records) -> str | None:
    camera_id = row.text("cameraID")
    if not camera_id:
        return None
    records.cameras[camera_id] = Camera(camera_id=camera_id, camera_model=row.text("cameraModel"))
    return camera_id


def _period(
    row: SheetRow, survey_offset: int, mistakes: Mistakes
) -> tuple[datetime | None, datetime | None, int]:
    offset = survey_offset
    try:
        if row.text("utcOffset"):
            offset = parse_utc_offset(row.text("utcOffset"))
    except SurveyError as error:
        mistakes.add(row, "utcOffset", str(error))
    moments: list[datetime | None] = []
    for column in ("deploymentStart", "deploymentEnd"):
        text = row.text(column)
        try:
            moments.append(parse_instant(text, offset_seconds=offset) if text else None)
        except ValueError:
            why = tr(
                f"'{text}' is no date and time; write 2026-04-12T10:00:00+08:00.",
                f"“{text}”不是日期时间;请写成 2026-04-12T10:00:00+08:00。",
            )
            mistakes.add(row, column, why)
            moments.append(None)
    start, end = moments
    if not row.text("deploymentStart"):
        mistakes.add(row, "deploymentStart", tr("is empty.", "为空。"))
    if start and end and end < start:
        why = tr("lies before deploymentStart.", "早于 deploymentStart。")
        mistakes.add(row, "deploymentEnd", why)
    return start, end, offset


def _numbers(row: SheetRow, mistakes: Mistakes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, attribute, smallest, largest, is_whole in NUMBERS:
        value = read_number(row, column, smallest, largest, mistakes)
        found[attribute] = int(value) if value is not None and is_whole else value
    return found


def _feature_type(row: SheetRow, mistakes: Mistakes) -> str:
    text = row.text("featureType")
    if text and text not in FEATURE_TYPES:
        hint = did_you_mean(text, FEATURE_TYPES) or f" {', '.join(FEATURE_TYPES)}"
        why = tr(f"'{text}' is not in the standard.{hint}", f"“{text}”不在标准词表中。{hint}")
        mistakes.add(row, "featureType", why)
    return text


def _store(session: Session, records: Records) -> SheetReport:
    for group in (records.plots, records.cameras, records.stations):
        for row in group.values():
            session.merge(row)
        session.flush()
    added = changed = 0
    for deployment in records.deployments.values():
        known = session.get(Deployment, deployment.deployment_id)
        if known is None:
            added += 1
        elif not _is_same(known, deployment):
            changed += 1
        session.merge(deployment)
    session.flush()
    unchanged = len(records.deployments) - added - changed
    return SheetReport(added, changed, unchanged, notes=tuple(records.notes))


def _is_same(known: Deployment, told: Deployment) -> bool:
    return all(getattr(known, name) == value for name, value in told.model_dump().items())
