"""Packages of other people's camera-trap data: read, checked, and taken in whole or not at all."""

from ingest.packages.facts import Package, PackageError, PackageFormat
from ingest.packages.importing import import_package
from ingest.packages.reading import ReadSettings, read_package
from ingest.packages.report import PackageReport

__all__ = [
    "Package",
    "PackageError",
    "PackageFormat",
    "PackageReport",
    "ReadSettings",
    "import_package",
    "read_package",
]
