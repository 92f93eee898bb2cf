"""Folders of field photos for tests: small JPEGs with the time and the position a test names."""

from datetime import datetime, timedelta
from pathlib import Path

from species_db.survey import Survey
from species_db.tables import Plot
from tests.picture_bytes import (
    ALTITUDE,
    ALTITUDE_REF,
    GPS_DATE,
    GPS_TIME,
    LATITUDE,
    LATITUDE_REF,
    LONGITUDE,
    LONGITUDE_REF,
    MAKE,
    MODEL,
    OFFSET_ORIGINAL,
    ORIGINAL,
    Value,
    make_exif,
    make_jpeg,
)

MIDDLE = (29.6490, 94.3615)  # of plot LZ-041, at Bayi
NINE_LOCAL = datetime(2026, 7, 1, 9, 0, 0)
METRES_A_DEGREE = 111_195.0


def north_of_middle(metres: float) -> tuple[float, float]:
    """A place so many metres north of the plot's middle."""
    return MIDDLE[0] + metres / METRES_A_DEGREE, MIDDLE[1]


def phone_photo(
    *,
    minute: float | None = 0,
    at: tuple[float, float] | None = MIDDLE,
    model: str = "P30",
    altitude_m: int | None = 2960,
    gps_utc: datetime | None = None,
    width: int = 8,
) -> bytes:
    """A photo so many minutes after nine, made at a place; `width` tells equal ones apart."""
    exif: dict[int, Value] = {}
    if minute is not None:
        taken = NINE_LOCAL + timedelta(minutes=minute)
        exif = {ORIGINAL: f"{taken:%Y:%m:%d %H:%M:%S}", OFFSET_ORIGINAL: "+08:00"}
    gps: dict[int, Value] = {}
    if at is not None:
        gps = {
            LATITUDE_REF: "N",
            LATITUDE: _sexagesimal(at[0]),
            LONGITUDE_REF: "E",
            LONGITUDE: _sexagesimal(at[1]),
        }
        if altitude_m is not None:
            gps |= {ALTITUDE_REF: b"\0", ALTITUDE: [(altitude_m, 1)]}
    if gps_utc is not None:
        gps |= {
            GPS_DATE: f"{gps_utc:%Y:%m:%d}",
            GPS_TIME: [(gps_utc.hour, 1), (gps_utc.minute, 1), (gps_utc.second, 1)],
        }
    block = make_exif(image={MAKE: "HUAWEI", MODEL: model}, exif=exif, gps=gps)
    return make_jpeg(exif=block, size=(width, 8))


def make_folder(root: Path, **photos: bytes) -> Path:
    """A folder of photos by name, without their suffix."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in photos.items():
        (root / f"{name}.jpg").write_bytes(content)
    return root


def with_plots(survey: Survey) -> Survey:
    """Give the survey plot LZ-041 at Bayi, and LZ-042 two kilometres north of it."""
    with survey.writing() as session:
        for plot_id, metres in (("LZ-041", 0), ("LZ-042", 2000)):
            latitude, longitude = north_of_middle(metres)
            session.add(
                Plot(
                    plot_id=plot_id,
                    county="540402",
                    ecosystem="forest",
                    latitude=latitude,
                    longitude=longitude,
                    elevation_m=2990.0,
                )
            )
    return survey


def _sexagesimal(degrees: float) -> list[tuple[int, int]]:
    whole, rest = divmod(degrees, 1)
    minutes, rest = divmod(rest * 60, 1)
    return [(int(whole), 1), (int(minutes), 1), (round(rest * 60 * 10_000), 10_000)]
