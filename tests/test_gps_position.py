"""Positions: read strictly, refused when doubtful, and never named in a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_bytes import (
    ALTITUDE,
    ALTITUDE_REF,
    LATITUDE,
    LATITUDE_REF,
    LINZHI,
    LONGITUDE,
    LONGITUDE_REF,
    Value,
    make_exif,
)

from ingest.exif import read_exif
from ingest.gps_position import GpsPosition, read_position

ZERO: Value = [(0, 1), (0, 1), (0, 1)]
NO_POSITION = (None, None, None)


def _position(tags: dict[int, Value], *, xmp: bytes | None = None) -> GpsPosition:
    return read_position(read_exif(make_exif(gps=tags)), xmp=xmp)


def _values(position: GpsPosition) -> tuple[float | None, float | None, float | None]:
    return position.latitude, position.longitude, position.altitude_m


def _codes(position: GpsPosition) -> list[str]:
    return [str(problem.code) for problem in position.problems]


def test_position_with_altitude() -> None:
    """Degrees, minutes, seconds and altitude become decimal degrees and metres."""
    found = _position({**LINZHI, ALTITUDE: [(48035, 10)]})
    assert found.latitude == pytest.approx(29.649)
    assert found.longitude == pytest.approx(94.3615)
    assert (found.altitude_m, found.source, found.problems) == (4803.5, "EXIF", ())


def test_south_west_and_below_the_sea() -> None:
    """South, west and below the sea are negative."""
    found = _position(
        {
            **LINZHI,
            LATITUDE_REF: "S",
            LONGITUDE_REF: "W",
            ALTITUDE: [(12, 1)],
            ALTITUDE_REF: b"\x01",
        }
    )
    assert found.latitude == pytest.approx(-29.649)
    assert found.longitude == pytest.approx(-94.3615)
    assert found.altitude_m == -12


def test_zero_is_no_fix() -> None:
    """Zero latitude with zero longitude is no position, and no fault either."""
    found = _position({**LINZHI, LATITUDE: ZERO, LONGITUDE: ZERO, ALTITUDE: [(0, 1)]})
    assert (_values(found), _codes(found)) == (NO_POSITION, [])


def test_the_equator_is_a_place() -> None:
    """Latitude zero with a longitude is a position."""
    assert _position({**LINZHI, LATITUDE: ZERO}).latitude == 0


def test_altitude_alone_is_no_position() -> None:
    """An altitude without a position is not kept."""
    assert _values(_position({ALTITUDE: [(0, 1)]})) == NO_POSITION


@pytest.mark.parametrize(
    "change",
    [
        {LATITUDE: [(91, 1), (0, 1), (0, 1)]},
        {LONGITUDE: [(180, 1), (0, 1), (1, 1)]},
        {LATITUDE: [(4294967295, 1)]},
        {LATITUDE: [(29, 1), (38, 1), (5, 0)]},
        {LATITUDE: [(29, 1), (61, 1), (0, 1)]},
        {LATITUDE: "29,00000,38,00000,56,00000"},
        {LATITUDE_REF: ""},
        {LONGITUDE_REF: "N"},
    ],
)
def test_doubtful_positions_are_refused(change: dict[int, Value]) -> None:
    """Beyond the globe, zero denominators, text or no hemisphere: no position, one warning."""
    found = _position({**LINZHI, **change})
    assert (_values(found), _codes(found)) == (NO_POSITION, ["gps_invalid"])


def test_half_a_position_is_refused() -> None:
    """A latitude without a longitude is refused with a warning."""
    half = {tag: value for tag, value in LINZHI.items() if tag != LONGITUDE}
    assert _codes(_position(half)) == ["gps_invalid"]


def test_notes_hold_no_coordinates() -> None:
    """A refused position is not spelled out in its note, which goes to reports and logs."""
    found = _position({**LINZHI, LATITUDE_REF: ""})
    assert not any(part in found.problems[0].note for part in ("29", "38", "94", "21"))


@pytest.mark.parametrize("altitude", [(4294967284, 1), (9001, 1)])
def test_impossible_altitude_is_dropped(altitude: tuple[int, int]) -> None:
    """An altitude no place on land has is dropped with a warning; the position stays."""
    found = _position({**LINZHI, ALTITUDE: [altitude]})
    assert (found.altitude_m, _codes(found)) == (None, ["altitude_suspect"])
    assert found.latitude is not None


@pytest.mark.parametrize(
    "packet",
    [
        b'exif:GPSLatitude="29,38.94N" exif:GPSLongitude="94,21.69E" exif:GPSAltitude="2994/1"',
        b"<exif:GPSLatitude>29,38,56.4N</exif:GPSLatitude><exif:GPSLongitude>94,21,41.4E"
        b"</exif:GPSLongitude><exif:GPSAltitude>5988/2</exif:GPSAltitude>",
    ],
)
def test_position_from_xmp(packet: bytes) -> None:
    """A position that an editor left in the XMP packet only is found there."""
    found = _position({}, xmp=packet)
    assert found.latitude == pytest.approx(29.649)
    assert found.longitude == pytest.approx(94.3615)
    assert (found.altitude_m, found.source) == (2994, "XMP")


def test_exif_outranks_xmp() -> None:
    """The camera's own position is used before the packet's."""
    packet = b'exif:GPSLatitude="1,0.0N" exif:GPSLongitude="1,0.0E"'
    assert _position(LINZHI, xmp=packet).source == "EXIF"


@given(
    latitude=st.floats(-90, 90).filter(lambda value: abs(value) > 1e-3),
    longitude=st.floats(-180, 180),
)
def test_positions_come_back(latitude: float, longitude: float) -> None:
    """Every position written as degrees and millionths of a minute is read back."""

    def rationals(value: float) -> Value:
        millionths = round(abs(value) * 60e6)
        return [(millionths // 60_000_000, 1), (millionths % 60_000_000, 1_000_000), (0, 1)]

    found = _position(
        {
            LATITUDE_REF: "N" if latitude >= 0 else "S",
            LATITUDE: rationals(latitude),
            LONGITUDE_REF: "E" if longitude >= 0 else "W",
            LONGITUDE: rationals(longitude),
        }
    )
    assert found.latitude == pytest.approx(latitude, abs=1e-7)
    assert found.longitude == pytest.approx(longitude, abs=1e-7)
