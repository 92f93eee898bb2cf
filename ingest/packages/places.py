"""Stations, cameras and deployments of a package: new to the survey, or refused with the clash."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from ingest.packages.facts import Package, refusal
from ingest.packages.lines import Faults
from ingest.packages.rows import deployment_row, safe_name
from species_db.deployment_rows import GPS_UNCERTAINTY_M
from species_db.deployments import names_of_deployments
from species_db.language import did_you_mean
from species_db.tables import Camera, CameraStation, Deployment, Media

NEAR = 1e-7  # degrees: a centimetre, so that only rounding is forgiven


def names_of(session: Session, package: Package) -> dict[str, str]:
    """The survey's name of each deployment of a package.

    Raises:
        PackageError: a deployment is known already, or one that must be known is not.
    """
    if package.uses_known_deployments:
        return _known_names(session, package)
    own = {one.deployment_id: safe_name(one.deployment_id) for one in package.deployments}
    present = session.exec(select(Deployment.deployment_id)).all()
    known = {name.casefold(): name for name in present}
    faults = Faults(package.source.file_name)
    for one in package.deployments:
        twin = known.get(own[one.deployment_id].casefold())
        if twin is not None:
            faults.add(
                one.where,
                "deploymentID",
                f"the survey has a deployment '{twin}' already, from a field sheet or another "
                "package. A new version of a package goes into a survey of its own.",
                f"本调查已有布设“{twin}”（来自布设表或另一个数据包）。"
                "数据包的新版本请导入单独的调查项目。",
            )
    faults.raise_if_any()
    return own


def _known_names(session: Session, package: Package) -> dict[str, str]:
    wanted = {one.deployment_id for one in package.media}
    wanted |= {row.deployment_id for row in package.observations}
    known = names_of_deployments(session)
    faults = Faults(package.source.file_name)
    own: dict[str, str] = {}
    for name in sorted(wanted):
        found = {known[part] for part in name.split("/") if part in known}
        if len(found) == 1:
            own[name] = found.pop()
        else:
            hint = did_you_mean(name, known)
            faults.add(
                name,
                "",
                f"no deployment or station of this name.{hint} The format tells no places: "
                "import the field sheet first (namcha deployments import).",
                f"没有该名称的布设或点位。{hint}此格式不含位置信息："
                "请先导入布设表（namcha deployments import）。",
            )
    faults.raise_if_any()
    _refuse_held(session, package, own.values())
    return own


def _refuse_held(session: Session, package: Package, own: Iterable[str]) -> None:
    """Pictures that are here already would be counted twice."""
    held = select(Media.deployment_id).where(col(Media.deployment_id).in_(sorted(set(own))))
    found = sorted(set(session.exec(held.distinct())))
    if found:
        names = ", ".join(found[:5])
        raise refusal(
            package.source.file_name,
            f"the survey has media of {names} already, from a card or a package; theirs would be "
            "counted twice.",
            f"本调查已有 {names} 的媒体文件（来自存储卡或数据包）；再导入会重复计数。",
        )


def add_places(session: Session, package: Package, own: dict[str, str]) -> None:
    """Add what a package says of places, cameras and deployments.

    Raises:
        PackageError: a station of the same name stands somewhere else.
    """
    faults = Faults(package.source.file_name)
    for station in package.stations:
        location_id = safe_name(station.location_id)
        known = session.get(CameraStation, location_id)
        if known is None:
            session.add(
                CameraStation(
                    location_id=location_id,
                    location_name=station.name,
                    latitude=station.latitude,
                    longitude=station.longitude,
                    coordinate_uncertainty_m=station.uncertainty_m or GPS_UNCERTAINTY_M,
                    elevation_m=station.elevation_m,
                )
            )
        elif (
            max(abs(known.latitude - station.latitude), abs(known.longitude - station.longitude))
            > NEAR
        ):
            faults.add(
                station.location_id,
                "",
                "the survey has a station of this name at another place.",
                "本调查已有同名点位，但位置不同。",
            )
    faults.raise_if_any()
    for camera_id, model in {
        one.camera_id: one.camera_model for one in package.deployments if one.camera_id
    }.items():
        if session.get(Camera, camera_id) is None:
            session.add(Camera(camera_id=camera_id, camera_model=model))
    session.flush()
    for one in package.deployments:
        session.add(deployment_row(one, own[one.deployment_id], safe_name(one.location_id)))
    session.flush()
