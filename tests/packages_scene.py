"""A small package as a Camtrap DP writer makes it, and the ways to break it."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingest.packages import Package, PackageReport, ReadSettings, import_package, read_package
from species_db.export.terms import DEPLOYMENTS, MEDIA, OBSERVATIONS, PROFILE, TABLES, Table
from species_db.survey import Survey

OFFSET = 8 * 3600
Cells = Mapping[str, str]

DEPLOYMENT: Cells = {
    "deploymentID": "MT-01", "locationID": "ridge", "latitude": "29.325", "longitude": "95.334",
    "deploymentStart": "2026-04-01T08:00:00+08:00", "deploymentEnd": "2026-04-10T18:00:00+08:00",
}  # fmt: skip
PICTURE: Cells = {
    "mediaID": "m1", "deploymentID": "MT-01", "timestamp": "2026-04-02T07:30:00+08:00",
    "filePath": "media/IMG_0001.JPG", "filePublic": "true", "fileMediatype": "image/jpeg",
}  # fmt: skip
MUNTJAC: Cells = {
    "observationID": "o1", "deploymentID": "MT-01", "eventID": "e1",
    "eventStart": "2026-04-02T07:30:00+08:00", "eventEnd": "2026-04-02T07:30:00+08:00",
    "observationLevel": "event", "observationType": "animal",
    "scientificName": "Muntiacus vaginalis", "count": "2", "classificationMethod": "human",
    "classifiedBy": "Drolma", "classificationTimestamp": "2026-05-01T10:00:00+08:00",
    "observationComments": "on the trail",
}  # fmt: skip


def table(terms: Table, rows: Iterable[Cells]) -> bytes:
    """A table of the standard as bytes."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, terms.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def descriptor(profile: str = PROFILE) -> bytes:
    """The `datapackage.json` that names the three tables."""
    told = {
        "profile": profile,
        "name": "small",
        "id": "small-package",
        "resources": [{"name": one.name, "path": one.file_name} for one in TABLES],
    }
    return json.dumps(told).encode()


def small_package(
    *,
    deployments: Iterable[Cells] = (DEPLOYMENT,),
    media: Iterable[Cells] = (PICTURE,),
    observations: Iterable[Cells] = (MUNTJAC,),
) -> dict[str, bytes]:
    """The files of a package of one deployment, one picture and one event."""
    return {
        "datapackage.json": descriptor(),
        "deployments.csv": table(DEPLOYMENTS, deployments),
        "media.csv": table(MEDIA, media),
        "observations.csv": table(OBSERVATIONS, observations),
    }


def in_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Lay files out in a new folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def read(path: Path, *, utm_zone: str = "") -> Package:
    """Read a package as a survey in Linzhi does."""
    return read_package(path, ReadSettings(OFFSET, utm_zone))


def take(survey: Survey, path: Path, *, utm_zone: str = "") -> PackageReport:
    """Read a package and take it in."""
    return import_package(survey, read(path, utm_zone=utm_zone), person="Tashi")
