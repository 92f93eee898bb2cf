"""Recognise whose package it is, and read it whole."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.packages.camtrap_dp import is_camtrap_dp, read_camtrap_dp
from ingest.packages.facts import Package, PackageFormat, refusal
from ingest.packages.opening import DEFAULT, Limits, Opened, open_package
from ingest.packages.wildlife_insights import is_wildlife_insights, read_wildlife_insights

Reader = Callable[..., Package]


@dataclass(frozen=True)
class ReadSettings:
    """What a person says of a package that it does not say itself."""

    utc_offset_seconds: int
    utm_zone: str = ""
    """Like 46N, of tables that tell places in metres."""


READERS: tuple[tuple[PackageFormat, Callable[[Opened], bool], Reader], ...] = (
    (PackageFormat.CAMTRAP_DP, is_camtrap_dp, read_camtrap_dp),
    (PackageFormat.WILDLIFE_INSIGHTS, is_wildlife_insights, read_wildlife_insights),
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
            return read(opened, offset_seconds=settings.utc_offset_seconds)
    raise refusal(
        str(path),
        "no format is recognised in it. Name one with --format: "
        f"{', '.join(name.value for name, *_ in READERS)}.",
        f"无法识别其格式。请用 --format 指定：{'、'.join(n.value for n, *_ in READERS)}。",
    )
