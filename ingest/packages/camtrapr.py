"""Read the tables of camtrapR: the camera trap table, and the record table that it makes.

Set-up and retrieval are dates without a time, and each problem takes whole days, both ends
included, as camtrapR's cameraOperation counts them. Places may stand in metres of a UTM zone that
only a person can tell.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ingest.packages.dates import with_plain_dates
from ingest.packages.facts import (
    Package,
    PackageDeployment,
    PackageFormat,
    PackageStation,
    Source,
    refusal,
)
from ingest.packages.lines import (
    Faults,
    Line,
    Table,
    a_moment,
    a_number,
    a_place,
    a_whole,
    parse_table,
)
from ingest.packages.notes import assumed_offset
from ingest.packages.opening import Opened
from ingest.packages.pictures import Pictures

CAMERAS = ("Station", "Setup_date", "Retrieval_date")
RECORDS = ("Station", "Species", "DateTimeOriginal")
LATITUDES = ("latitude", "lat", "Latitude", "Lat", "gps_y")
LONGITUDES = ("longitude", "long", "lon", "Longitude", "Long", "gps_x")
UTM_ZONE = re.compile(r"([1-9]|[1-5]\d|60)\s*([NS])", re.IGNORECASE)
READ = frozenset({*RECORDS, "Camera", "camera", "FileName", "Directory", "Individual", "count"})
DERIVED = re.compile(r"delta\.time|^Date$|^Time$|^X$|independent")  # worked out by camtrapR itself


def is_camtrapr(opened: Opened) -> bool:
    """Tell whether a package holds a camera trap table and a record table."""
    found = _tables(opened)
    return bool(found[0] and found[1])


def read_camtrapr(opened: Opened, *, offset_seconds: int, utm_zone: str = "") -> Package:
    """Read both tables.

    Raises:
        PackageError: one of the tables is missing, or cells are not what they should be.
    """
    cameras, records = _tables(opened)
    if cameras is None or records is None:
        need = CAMERAS if cameras is None else RECORDS
        raise refusal(
            opened.name,
            f"no table has the columns {', '.join(need)}.",
            f"没有包含 {'、'.join(need)} 列的表格。",
        )
    faults = Faults(opened.name)
    problems = [c for c in cameras.columns if re.fullmatch(r"Problem\d+_(from|to)", c)]
    lines = with_plain_dates(
        cameras.file, cameras.lines, ("Setup_date", "Retrieval_date", *problems)
    )
    has_cameras = len({line.text("Station") for line in lines}) < len(lines)
    stations: dict[str, PackageStation] = {}
    deployments = [
        one
        for line in lines
        if (one := _deployment(line, stations, faults, offset_seconds, utm_zone, has_cameras))
    ]
    pictures = Pictures(offset_seconds)
    for line in with_plain_dates(records.file, records.lines, ("DateTimeOriginal",)):
        _record(line, pictures, faults, has_cameras)
    faults.raise_if_any()
    return Package(
        source=Source(
            format=PackageFormat.CAMTRAPR,
            format_version="",
            source_id="",
            title=opened.path.stem,
            file_name=opened.name,
            sha256=opened.sha256,
            bytes=opened.bytes,
        ),
        stations=tuple(stations.values()),
        deployments=tuple(deployments),
        media=tuple(pictures.media.values()),
        observations=tuple(pictures.observations),
        taxa={},
        notes=(assumed_offset(offset_seconds),),
    )


def _tables(opened: Opened) -> tuple[Table | None, Table | None]:
    """The camera trap table and the record table, recognised by their columns, by no name."""
    found: list[Table | None] = [None, None]
    for name in sorted(opened.tables):
        if not name.lower().endswith((".csv", ".txt", ".tsv")) or "/" in name:
            continue
        head = opened.tables[name].partition(b"\n")[0]
        for place, columns in enumerate((CAMERAS, RECORDS)):
            if found[place] is None and all(one.encode() in head for one in columns):
                table = parse_table(name, opened.tables[name])
                found[place] = table if table.has(*columns) else None
    return found[0], found[1]


def _name(line: Line, has_cameras: bool) -> str:
    """Station, or station and camera where stations have several; a session makes it another."""
    parts = [line.text("Station")]
    if has_cameras:
        parts.append(line.text("Camera", "camera"))
    parts.append(line.text("session", "Session"))
    return "_".join(filter(None, parts))


def _deployment(
    line: Line,
    stations: dict[str, PackageStation],
    faults: Faults,
    offset: int,
    utm_zone: str,
    has_cameras: bool,
) -> PackageDeployment | None:
    place = _place(line, faults, utm_zone)
    start = a_moment(line, "Setup_date", faults, offset_seconds=offset)
    end = a_moment(line, "Retrieval_date", faults, offset_seconds=offset, is_end=True)
    for column in CAMERAS:
        if not line.text(column):
            faults.add(line.where, column, "is empty.", "为空。")
    station = line.text("Station")
    if place is None or start is None or end is None or not station:
        return None
    stations.setdefault(station, PackageStation(station, *place, name=station))
    return PackageDeployment(
        deployment_id=_name(line, has_cameras),
        location_id=station,
        start=start.at,
        end=end.at,
        offset_seconds=start.offset_seconds,
        where=line.where,
        camera_id=line.text("Camera", "camera"),
        lost_days=frozenset(_lost_days(line, faults, offset)),
    )


def _lost_days(line: Line, faults: Faults, offset: int) -> Iterator[date]:
    for column in sorted(line.cells):
        match = re.fullmatch(r"Problem(\d+)_from", column)
        if match is None:
            continue
        first = a_moment(line, column, faults, offset_seconds=offset)
        last = a_moment(line, f"Problem{match[1]}_to", faults, offset_seconds=offset)
        if first is None or last is None or last.at < first.at:
            faults.add(
                line.where,
                f"Problem{match[1]}",
                "the problem has no end, or it ends before it begins.",
                "故障没有结束日期，或结束早于开始。",
            )
            continue
        for number in range((last.at.date() - first.at.date()).days + 1):
            yield first.at.date() + timedelta(days=number)


def _place(line: Line, faults: Faults, utm_zone: str) -> tuple[float, float] | None:
    north = next((one for one in LATITUDES if one in line.cells), None)
    east = next((one for one in LONGITUDES if one in line.cells), None)
    if north and east:
        return a_place(line, (north, east), faults)
    if not line.text("utm_x") or not line.text("utm_y"):
        faults.add(
            line.where,
            "latitude/longitude",
            "no place: neither degrees (latitude, longitude) nor utm_x and utm_y.",
            "没有位置：既无经纬度（latitude、longitude），也无 utm_x、utm_y。",
        )
        return None
    zone = UTM_ZONE.fullmatch(utm_zone.strip())
    if zone is None:
        raise refusal(
            str(line.where),
            "the place is in metres of a UTM zone that the table does not tell. Say which with "
            "--utm-zone, like 46N.",
            "位置为 UTM 米坐标，但表中未说明分带。请用 --utm-zone 指定，例如 46N。",
        )
    x = a_number(line, "utm_x", 100_000, 900_000, faults, is_secret=True)
    y = a_number(line, "utm_y", 0, 10_000_000, faults, is_secret=True)
    return None if x is None or y is None else _degrees(x, y, zone[1], zone[2].upper())


def _degrees(x: float, y: float, zone: str, half: str) -> tuple[float, float]:
    from pyproj import Transformer

    code = (32600 if half == "N" else 32700) + int(zone)
    longitude, latitude = Transformer.from_crs(code, 4326, always_xy=True).transform(x, y)
    return round(latitude, 7), round(longitude, 7)


def _record(line: Line, pictures: Pictures, faults: Faults, has_cameras: bool) -> None:
    at = a_moment(line, "DateTimeOriginal", faults, offset_seconds=pictures.offset_seconds)
    if at is None and not line.text("DateTimeOriginal"):
        faults.add(line.where, "DateTimeOriginal", "is empty.", "为空。")
    if not line.text("Species"):
        faults.add(line.where, "Species", "is empty.", "为空。")
    deployment = _name(line, has_cameras)
    file = line.text("FileName") or line.text("DateTimeOriginal")
    media_id = f"{deployment}/{file}"
    pictures.picture(
        media_id=media_id, deployment_id=deployment, at=at, path=file, where=line.where
    )
    other = {k: v for k, v in line.others(READ).items() if not DERIVED.search(k)}
    pictures.say(
        media_id,
        line.text("Species"),
        where=line.where,
        count=a_whole(line, "count", 1, 100_000, faults),
        individual_id=line.text("Individual"),
        other=other,
    )
