"""Read the lines of a field sheet: deployments, with the stations, cameras and plots they name."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from species_db.cells import (
    ELEVATIONS_M,
    keep_absent,
    parse_instant,
    read_boolean,
    read_number,
    read_place,
)
from species_db.export.terms import DEPLOYMENTS
from species_db.field_sheet import Mistakes, SheetRow, check_name
from species_db.language import did_you_mean, tr
from species_db.places import find_county
from species_db.survey import SurveyError, parse_utc_offset
from species_db.tables import Camera, CameraStation, Deployment, Plot

# Camtrap DP 1.0.2, deployments; `plot` ties the station to a land unit, `county` and `elevation`
# serve a plot or station that the sheet itself brings in, `utcOffset` a camera set to another zone.
CAMTRAP_COLUMNS = DEPLOYMENTS.columns
OWN_COLUMNS = ("plot", "county", "elevation", "utcOffset")
REQUIRED = ("deploymentID", "deploymentStart")
GPS_UNCERTAINTY_M = 30  # a consumer GPS under trees (DOMAIN.md 8)

FEATURE_TYPES = next(term.enum for term in DEPLOYMENTS.terms if term.name == "featureType")
# column, attribute, smallest and largest value, whether it is a whole number
NUMBERS = (
    ("cameraDelay", "camera_delay_s", 0, 86400, True),
    ("cameraHeight", "camera_height_m", 0, 100, False),
    ("cameraDepth", "camera_depth_m", 0, 100, False),
    ("cameraTilt", "camera_tilt", -90, 90, True),
    ("cameraHeading", "camera_heading", 0, 360, True),
    ("detectionDistance", "detection_distance_m", 0, 1000, False),
)

# What a line may change in a deployment and in a station, by column.
DEPLOYMENT_COLUMNS = {
    "deploymentEnd": "deployment_end",
    "setupBy": "setup_by",
    "cameraID": "camera_id",
    "timestampIssues": "timestamp_issues",
    "baitUse": "bait_use",
    "featureType": "feature_type",
    "habitat": "habitat",
    "deploymentGroups": "deployment_groups",
    "deploymentTags": "deployment_tags",
    "deploymentComments": "deployment_comments",
} | {column: attribute for column, attribute, *_ in NUMBERS}
STATION_COLUMNS = {
    "locationName": "location_name",
    "plot": "plot_id",
    "coordinateUncertainty": "coordinate_uncertainty_m",
    "elevation": "elevation_m",
}


@dataclass
class Records:
    """The rows a sheet asks for, in the order in which they must be stored."""

    plots: dict[str, Plot] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)
    stations: dict[str, CameraStation] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_row(
    session: Session, row: SheetRow, records: Records, mistakes: Mistakes, *, utc_offset: int
) -> None:
    """Read one line into the records that the sheet asks for, noting what is wrong with it.

    What the sheet has no column for keeps the value it has, so that a sheet brought at the end of
    the season does not undo the one of its beginning.
    """
    deployment_id = row.text("deploymentID")
    known = session.get(Deployment, deployment_id)
    for column in ("deploymentID", "locationID", "plot"):
        if row.text(column) and (wrong := check_name(row.text(column))):
            mistakes.add(row, column, wrong)
    if not deployment_id:
        mistakes.add(row, "deploymentID", tr("is empty.", "为空。"))
    elif deployment_id.casefold() in map(str.casefold, records.deployments):
        mistakes.add(row, "deploymentID", tr("stands twice.", "重复出现。"))
    place = read_place(row, mistakes, records.notes)
    plot_id = _plot(session, row, place, records, mistakes)
    location_id = row.text("locationID") or (known.location_id if known else deployment_id)
    station = _station(session, row, location_id, place, plot_id, records, mistakes)
    camera_id = _camera(session, row, records)
    offset = known.utc_offset_seconds if known else utc_offset
    start, end, offset = _period(row, offset, mistakes)
    if station is None or start is None:
        return
    told = Deployment(
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
    keep_absent(known, told, row, DEPLOYMENT_COLUMNS)
    records.deployments[deployment_id] = told


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
    location_id: str,
    place: tuple[float, float] | None,
    plot_id: str | None,
    records: Records,
    mistakes: Mistakes,
) -> CameraStation | None:
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
    station = CameraStation(
        location_id=location_id,
        location_name=row.text("locationName"),
        plot_id=plot_id,
        latitude=place[0],
        longitude=place[1],
        coordinate_uncertainty_m=int(uncertainty or GPS_UNCERTAINTY_M),
        elevation_m=read_number(row, "elevation", *ELEVATIONS_M, mistakes),
    )
    keep_absent(known, station, row, STATION_COLUMNS)
    records.stations[location_id] = station
    return station


def _camera(session: Session, row: SheetRow, records: Records) -> str | None:
    camera_id = row.text("cameraID")
    if not camera_id:
        return None
    camera = Camera(camera_id=camera_id, camera_model=row.text("cameraModel"))
    keep_absent(session.get(Camera, camera_id), camera, row, {"cameraModel": "camera_model"})
    records.cameras[camera_id] = camera
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
            moment = parse_instant(text, offset_seconds=offset) if text else None
            if moment is not None and column == "deploymentEnd" and ":" not in text:
                moment = moment.replace(hour=23, minute=59, second=59)  # the whole last day
            moments.append(moment)
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
        if is_whole and value is not None:
            if not value.is_integer():
                why = tr("must be a whole number.", "须为整数。")
                mistakes.add(row, column, why)
            value = int(value)
        found[attribute] = value
    return found


def _feature_type(row: SheetRow, mistakes: Mistakes) -> str:
    text = row.text("featureType")
    if text and text not in FEATURE_TYPES:
        hint = did_you_mean(text, FEATURE_TYPES) or f" {', '.join(FEATURE_TYPES)}"
        why = tr(f"'{text}' is not in the standard.{hint}", f"“{text}”不在标准词表中。{hint}")
        mistakes.add(row, "featureType", why)
    return text
