"""Where a phone or camera says it stood: positions read strictly, doubtful ones refused."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ingest.exif import ExifTags
from ingest.file_problem import FileProblem, ProblemCode
from species_db.language import tr

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""From below the Dead Sea shore to above Qomolangma; some phones store -12 m as 4294967284."""


class GpsSource(StrEnum):
    """Which block of the file held the position."""

    EXIF = "EXIF"
    XMP = "XMP"


@dataclass(frozen=True)
class GpsPosition:
    """A position in WGS-84 decimal degrees, south and west negative; empty when there is none."""

    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    source: GpsSource | None = None
    problems: tuple[FileProblem, ...] = ()


def read_position(exif: ExifTags, *, xmp: bytes | None = None) -> GpsPosition:
    """Read the position from the GPS tags, or from the XMP packet when they hold none.

    Zero latitude with zero longitude is a receiver without a fix. A position with a half missing,
    a zero denominator, no hemisphere, or beyond the globe is refused with a warning: a plausible
    wrong point on the map does more harm than none. Altitude alone is not a position.

    >>> read_position(ExifTags()).latitude is None
    True
    >>> packet = b'exif:GPSLatitude="29,38.94N" exif:GPSLongitude="94,21.69E"'
    >>> found = read_position(ExifTags(), xmp=packet)
    >>> round(found.latitude, 4), round(found.longitude, 4), found.source
    (29.649, 94.3615, <GpsSource.XMP: 'XMP'>)
    """
    position = _read_exif_position(exif)
    if position.source is None and xmp:
        from_xmp = _read_xmp_position(xmp)
        if from_xmp.source is not None:
            return GpsPosition(
                from_xmp.latitude,
                from_xmp.longitude,
                from_xmp.altitude_m,
                from_xmp.source,
                position.problems + from_xmp.problems,
            )
    return position


def read_gps_time(exif: ExifTags) -> datetime | None:
    """Read the UTC time of the GPS fix; None when it is missing or impossible."""
    date = re.fullmatch(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)", exif.text("GPS GPSDate") or "")
    ratios = exif.ratios("GPS GPSTimeStamp")
    if date is None or len(ratios) != 3 or any(bottom == 0 for _, bottom in ratios):
        return None
    hour, minute, second = (top / bottom for top, bottom in ratios)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 61):
        return None
    try:
        day = datetime(int(date[1]), int(date[2]), int(date[3]), tzinfo=UTC)
        return day + timedelta(hours=hour, minutes=minute, seconds=round(second, 6))
    except (ValueError, OverflowError):
        return None


def _read_exif_position(exif: ExifTags) -> GpsPosition:
    has_latitude = exif.is_present("GPS GPSLatitude")
    has_longitude = exif.is_present("GPS GPSLongitude")
    if not has_latitude and not has_longitude:
        return GpsPosition()
    if not (has_latitude and has_longitude):
        return _refused(tr("one of latitude and longitude is missing", "纬度或经度缺失"))
    latitude = _degrees(exif.ratios("GPS GPSLatitude"))
    longitude = _degrees(exif.ratios("GPS GPSLongitude"))
    if latitude is None or longitude is None:
        return _refused(
            tr(
                "latitude or longitude is not three numbers of degrees, minutes, seconds",
                "纬度或经度不是度、分、秒三个数",
            )
        )
    altitude_m = None
    if altitude := exif.ratios("GPS GPSAltitude"):
        top, bottom = altitude[0]
        # 1 below the sea; EXIF 3.0 adds 2 and 3, above and below the ellipsoid
        sign = -1 if exif.whole_number("GPS GPSAltitudeRef") in (1, 3) else 1
        altitude_m = sign * top / bottom if bottom else None
    return _checked(
        latitude,
        longitude,
        hemispheres=(
            (exif.text("GPS GPSLatitudeRef") or "").upper(),
            (exif.text("GPS GPSLongitudeRef") or "").upper(),
        ),
        altitude_m=altitude_m,
        source=GpsSource.EXIF,
    )


def _degrees(ratios: tuple[tuple[int, int], ...]) -> float | None:
    if len(ratios) != 3 or any(bottom == 0 for _, bottom in ratios):
        return None
    return _degrees_of(*(top / bottom for top, bottom in ratios))


def _degrees_of(degrees: float, minutes: float, seconds: float = 0.0) -> float | None:
    """Add up degrees, minutes and seconds; exactly 60 is rounding, more is damage."""
    if degrees < 0 or not 0 <= minutes <= 60 or not 0 <= seconds <= 60:
        return None
    return degrees + minutes / 60 + seconds / 3600


def _read_xmp_position(xmp: bytes) -> GpsPosition:
    latitude, north_south = _xmp_degrees(_xmp_value(xmp, "GPSLatitude"))
    longitude, east_west = _xmp_degrees(_xmp_value(xmp, "GPSLongitude"))
    if latitude is None or longitude is None:
        return GpsPosition()
    altitude_m = None
    ratio = re.fullmatch(r"(-?\d{1,12})(?:/(\d{1,12}))?", _xmp_value(xmp, "GPSAltitude"), re.ASCII)
    if ratio and int(ratio[2] or 1):
        sign = -1 if _xmp_value(xmp, "GPSAltitudeRef") in ("1", "3") else 1
        altitude_m = sign * int(ratio[1]) / int(ratio[2] or 1)
    return _checked(
        latitude,
        longitude,
        hemispheres=(north_south, east_west),
        altitude_m=altitude_m,
        source=GpsSource.XMP,
    )


def _xmp_value(xmp: bytes, name: str) -> str:
    """Give an exif: property of the packet, written as attribute or as element."""
    match = re.search(rb"exif:%b(?:\s*=\s*[\"']|>)([^<\"']{1,64})" % name.encode(), xmp)
    return match[1].decode("latin-1").strip() if match else ""


def _xmp_degrees(text: str) -> tuple[float | None, str]:
    """Read `34,22.9N` or `34,22,54N`."""
    number = r"(\d{1,3}(?:\.\d+)?)"
    match = re.fullmatch(rf"{number},{number}(?:,{number})?\s*([NSEW])", text, re.ASCII)
    if match is None:
        return None, ""
    return _degrees_of(float(match[1]), float(match[2]), float(match[3] or 0)), match[4]


def _checked(
    latitude: float,
    longitude: float,
    *,
    hemispheres: tuple[str, str],
    altitude_m: float | None,
    source: GpsSource,
) -> GpsPosition:
    """Refuse what is no place on the globe; notes name the fault, never the coordinates."""
    if latitude == 0 and longitude == 0:
        return GpsPosition()
    north_south, east_west = hemispheres[0][:1], hemispheres[1][:1]
    if north_south not in ("N", "S") or east_west not in ("E", "W"):
        return _refused(tr("the hemisphere (N or S, E or W) is missing", "缺少半球标记(N/S、E/W)"))
    if latitude > 90 or longitude > 180:
        return _refused(
            tr(
                "latitude is beyond 90 or longitude beyond 180 degrees",
                "纬度超过 90 度或经度超过 180 度",
            )
        )
    problems: tuple[FileProblem, ...] = ()
    if altitude_m is not None and not LOWEST_M <= altitude_m <= HIGHEST_M:
        note = tr(
            f"The altitude lies outside {LOWEST_M:.0f} to {HIGHEST_M:.0f} m and is not kept.",
            f"海拔不在 {LOWEST_M:.0f} 至 {HIGHEST_M:.0f} 米之间,未保留。",
        )
        problems = (FileProblem(ProblemCode.ALTITUDE_SUSPECT, note),)
        altitude_m = None
    return GpsPosition(
        -latitude if north_south == "S" else latitude,
        -longitude if east_west == "W" else longitude,
        altitude_m,
        source,
        problems,
    )


def _refused(reason: str) -> GpsPosition:
    note = tr(
        f"The GPS position is not usable: {reason}. The file counts as having no position.",
        f"GPS 位置不可用:{reason}。该文件按无位置处理。",
    )
    return GpsPosition(problems=(FileProblem(ProblemCode.GPS_INVALID, note),))
