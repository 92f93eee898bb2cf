"""From the reference system that a file names to WGS-84, or a refusal that says what to do.

WGS-84 and CGCS2000 differ by centimetres and are taken as equal. Beijing-54 and Xi'an-80 cannot
be brought over: their parameters are state secrets (STANDARDS.md 5). GCJ-02 hides in files that
name WGS-84; only a person can say so.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import shapely
from shapely.geometry.base import BaseGeometry

from species_db.gcj02 import Datum, from_gcj02
from species_db.geo.measure import transformer_of
from species_db.language import tr

if TYPE_CHECKING:
    from pyproj import CRS

Move = Callable[[BaseGeometry], BaseGeometry]
AS_WGS84 = (
    "worldgeodeticsystem1984",
    "wgs1984",
    "wgs84",
    "china2000",
    "cgcs2000",
    "chinageodeticcoordinatesystem2000",
)
SECRET = ("beijing", "xian1980", "xian80")


class DatumError(Exception):
    """The reference system of a file cannot be brought to WGS-84."""


def way_to_wgs84(crs: str | None, stated: Datum | None) -> Move:
    """Give what moves a file's outlines to WGS-84 degrees, longitude first.

    Raises:
        DatumError: the system is not named, not known, or secret.
    """
    if crs is None:
        if stated is None:
            raise DatumError(_nameless())
        return _from_gcj02 if stated is Datum.GCJ02 else _as_it_is
    known = _known(crs)
    if stated is Datum.GCJ02:
        if not known.is_geographic:
            raise DatumError(
                tr(
                    f"it is in metres ({known.name}); GCJ-02 is degrees. Leave --datum out.",
                    f"坐标单位为米（{known.name}），而 GCJ-02 为经纬度。请不要使用 --datum。",
                )
            )
        return _from_gcj02
    return _as_it_is if _is_plain_degrees(known) else _projected(known)


def datum_label(crs: str | None, stated: Datum | None) -> str:
    """What the record says of the system the outline came in."""
    words = crs if crs is not None and len(crs) < 40 else _short_name(crs)
    return "GCJ-02" if stated is Datum.GCJ02 else words or (stated.value if stated else "")


def _short_name(crs: str | None) -> str:
    from pyproj import CRS

    return CRS.from_user_input(crs).name if crs else ""


def _known(crs: str) -> "CRS":
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        known = CRS.from_user_input(crs)
    except CRSError:
        raise DatumError(_unknown(crs[:60])) from None
    if known.is_bound and known.source_crs is not None:
        known = known.source_crs
    base = known.geodetic_crs
    names = [base.name, base.datum.name if base.datum else ""] if base else []
    told = [re.sub("[^a-z0-9]", "", one.lower()) for one in names]
    if any(word in one for one in told for word in SECRET):
        raise DatumError(_secret(known.name))
    if not any(word in one for one in told for word in AS_WGS84):
        raise DatumError(_unknown(known.name))
    return known


def _is_plain_degrees(known: "CRS") -> bool:
    """Tell whether a system's numbers are degrees from Greenwich, as nearly all are."""
    degree = 0.017453292519943295
    meridian = known.prime_meridian
    return (
        known.is_geographic
        and all(abs(axis.unit_conversion_factor - degree) < 1e-9 for axis in known.axis_info[:2])
        and (meridian is None or meridian.longitude == 0)
    )


def _projected(known: "CRS") -> Move:
    way = transformer_of(known, known.geodetic_crs)

    def move(geometry: BaseGeometry) -> BaseGeometry:
        def moved(at):  # type: ignore[no-untyped-def]
            at[:, 0], at[:, 1] = way.transform(at[:, 0], at[:, 1])
            return at

        return shapely.transform(geometry, moved)

    return move


def _as_it_is(geometry: BaseGeometry) -> BaseGeometry:
    return geometry


def _from_gcj02(geometry: BaseGeometry) -> BaseGeometry:
    def moved(at):  # type: ignore[no-untyped-def]
        for number, (east, north) in enumerate(at.tolist()):
            at[number, 1], at[number, 0] = from_gcj02(north, east)
        return at

    return shapely.transform(geometry, moved)


def _nameless() -> str:
    return tr(
        "it names no reference system (a Shapefile needs its .prj). If its numbers are degrees, "
        "say which: --datum cgcs2000, wgs84 or gcj02. If they are metres, export it as EPSG:4490.",
        "文件未注明坐标系（Shapefile 需要 .prj）。若为经纬度，请用 --datum cgcs2000、wgs84 或 "
        "gcj02 说明；若单位为米，请另存为 EPSG:4490。",
    )


def _secret(name: str) -> str:
    return tr(
        f"it is in {name}, whose parameters are a state secret, so nobody may ship the way to "
        "CGCS2000. Ask the surveying office for the file in CGCS2000 (EPSG:4490).",
        f"坐标系为 {name}，其转换参数属国家秘密，软件不得内置。请向测绘部门索取 CGCS2000"
        "（EPSG:4490）的数据。",
    )


def _unknown(name: str) -> str:
    return tr(
        f"its reference system '{name}' is neither WGS-84 nor CGCS2000. Export it in QGIS as "
        "EPSG:4490 or EPSG:4326 and import that.",
        f"坐标系“{name}”既非 WGS-84 也非 CGCS2000。请在 QGIS 中另存为 EPSG:4490 或 "
        "EPSG:4326 后再导入。",
    )
