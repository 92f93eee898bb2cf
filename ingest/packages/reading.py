"""Recognise whose package it is, and read it whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.packages.camelot import is_camelot, read_camelot
from ingest.packages.camtrap_dp import is_camtrap_dp, read_camtrap_dp
from ingest.packages.camtrapr import is_camtrapr, read_camtrapr
from ingest.packages.facts import Package, PackageFormat, refusal
from ingest.packages.folders import is_tree, read_tree
from ingest.packages.opening import DEFAULT, Limits, Opened, open_package
from ingest.packages.timelapse import is_timelapse, read_timelapse
from ingest.packages.wildlife_insights import is_wildlife_insights, read_wildlife_insights

Reader = Callable[..., Package]


@dataclass(frozen=True)
class ReadSettings:
    """What a person says of a package that it does not say itself."""

    utc_offset_seconds: int
    utm_zone: str = ""
    """Like 46N, of tables that tell places in metres."""


# The order decides: a table that is one of Camelot's is no Timelapse table; folders come last.
READERS: tuple[tuple[PackageFormat, Callable[[Opened], bool], Reader], ...] = (
    (PackageFormat.CAMTRAP_DP, is_camtrap_dp, read_camtrap_dp),
    (PackageFormat.WILDLIFE_INSIGHTS, is_wildlife_insights, read_wildlife_insights),
    (PackageFormat.CAMTRAPR, is_camtrapr, read_camtrapr),
    (PackageFormat.CAMELOT, is_camelot, read_camelot),
    (PackageFormat.TIMELAPSE, is_timelapse, read_timelapse),
    (PackageFormat.FOLDERS, is_tree, read_tree),
)


def read_package(
    path: Path,
    settings: ReadSettings,
    *,
    expected: PackageFormat | None = None,
    limits: Limits = DEFAULT,
) -> Package:
    """Read a package whole, of the expected format or whichever it is.

    Raises:
        PackageError: it cannot be read, or something in it is not as its format says.
    """
    opened = open_package(path, limits=limits)
    for name, is_one, read in READERS:
        if name is expected or (expected is None and is_one(opened)):
            if name is PackageFormat.CAMTRAPR:
                return read_camtrapr(
                    opened,
                    offset_seconds=settings.utc_offset_seconds,
                    utm_zone=settings.utm_zone,
                )
            return read(opened, offset_seconds=settings.utc_offset_seconds)
    raise refusal(
        str(path),
        "no format is recognised in it. Name one with --format: "
        f"{', '.join(name.value for name, *_ in READERS)}.",
        f"无法识别其格式。请用 --format 指定：{'、'.join(n.value for n, *_ in READERS)}。",
    )
