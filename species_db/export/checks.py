"""Check a Camtrap DP package before it is offered: the standard's rules, and what they leave out.

frictionless looks at columns, types, limits and keys; it does not see whether files exist, times
make sense, boxes lie in the picture or every name is explained. A package that GBIF or a colleague
would have to send back is worse than none.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from species_db.export.terms import (
    CAPTURE_METHODS,
    DEPLOYMENTS,
    DESCRIPTOR_FILE,
    LICENCE_SCOPES,
    MEDIA,
    OBSERVATIONS,
    ROLES,
    SAMPLING_DESIGNS,
    TABLES,
)
from species_db.language import tr

# Boxes come from pixels as fractions; a millionth is far below one pixel.
BOX_TOLERANCE = 1e-6

Line = dict[str, str]
Period = tuple[str, str]


@dataclass(frozen=True)
class Opened:
    """A package as read back from its files."""

    folder: Path
    descriptor: Mapping[str, Any]
    tables: Mapping[str, list[Line]]
    own_ids: Mapping[str, str]
    periods: Mapping[str, Period]

    def own_id(self, deployment: str) -> str:
        """The survey's own name of a deployment: the person who mends it knows no pseudonym."""
        return self.own_ids.get(deployment, deployment)


def check_package(
    folder: Path,
    *,
    own_ids: Mapping[str, str] | None = None,
    periods: Mapping[str, Period] | None = None,
) -> tuple[str, ...]:
    """Tell every reason why the package in a folder is not valid; none means it is.

    `own_ids` translates deployment ids of the package into the survey's own; `periods` are the
    exact dates of deployments, where the package gives coarser ones: a wrong clock must not hide
    behind them. Places never stand in a reason.
    """
    reasons = [*_table_reasons(folder)]
    if reasons:  # the rest reads the tables and would only repeat what is wrong with them
        return tuple(reasons)
    descriptor = json.loads((folder / DESCRIPTOR_FILE).read_text(encoding="utf-8"))
    tables = {table.name: list(_read(folder / table.file_name)) for table in TABLES}
    package = Opened(folder, descriptor, tables, own_ids or {}, periods or {})
    checks: tuple[Callable[[Opened], Iterable[str]], ...] = (
        _descriptor_reasons,
        _file_reasons,
        _order_reasons,
        _period_reasons,
        _box_reasons,
        _level_reasons,
        _name_reasons,
    )
    return tuple(reason for check in checks for reason in check(package))


def _table_reasons(folder: Path) -> Iterator[str]:
    """Run frictionless with our own terms: no network, and no trust in what the package names."""
    from frictionless import Package, Resource, Schema

    package = Package(
        basepath=str(folder),
        resources=[
            Resource(
                name=table.name,
                path=table.file_name,
                encoding="utf-8",
                schema=Schema.from_descriptor(table.schema()),
            )
            for table in TABLES
        ],
    )
    report = package.validate()
    for error in report.errors:
        yield error.note
    for task in report.tasks:
        for found in task.errors:
            told = found.to_dict()
            yield _place(task.name, told.get("rowNumber"), told.get("fieldName")) + (
                found.title if told.get("fieldName") in _PLACE_FIELDS else found.note
            )


_PLACE_FIELDS = ("latitude", "longitude")


def _place(table: str, row: int | None, column: str | None) -> str:
    where = f"{table}.csv"
    if row:
        where += tr(f", line {row}", f",第 {row} 行")
    return where + (f", {column}: " if column else ": ")


def _read(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _descriptor_reasons(package: Opened) -> Iterator[str]:
    """Check what the profile of the standard asks of datapackage.json."""
    told, project = package.descriptor, package.descriptor.get("project", {})
    licences = told.get("licenses", [])
    temporal = told.get("temporal", {})
    claims = {
        "name": re.fullmatch(r"[-a-z0-9._/]+", str(told.get("name"))),
        "created": told.get("created"),
        "contributors": told.get("contributors")
        and all(c.get("title") and c.get("role", ROLES[0]) in ROLES for c in told["contributors"]),
        "licenses": {licence.get("scope") for licence in licences} == set(LICENCE_SCOPES)
        and all(
            licence.get("path") or re.fullmatch(r"[-a-zA-Z0-9._]+", licence.get("name", ""))
            for licence in licences
        ),
        "project.title": project.get("title"),
        "project.samplingDesign": project.get("samplingDesign") in SAMPLING_DESIGNS,
        "project.captureMethod": set(project.get("captureMethod", [""])) <= set(CAPTURE_METHODS),
        "project.individualAnimals": isinstance(project.get("individualAnimals"), bool),
        "project.observationLevel": project.get("observationLevel"),
        "spatial": told.get("spatial"),
        "temporal": str(temporal.get("start")) <= str(temporal.get("end")),
        "taxonomic": isinstance(told.get("taxonomic"), list),
    }
    for name, holds in claims.items():
        if not holds:
            yield tr(
                f"{DESCRIPTOR_FILE}, {name}: missing or not as Camtrap DP wants it. Correct the "
                "setting it comes from in survey.toml.",
                f"{DESCRIPTOR_FILE} 的 {name} 缺失或不符合 Camtrap DP。请在 survey.toml 中改正。",
            )


def _file_reasons(package: Opened) -> Iterator[str]:
    for line in package.tables[MEDIA.name]:
        path = line["filePath"]
        is_web = path.startswith(("http://", "https://"))
        if line["filePublic"] == "true" and not is_web and not (package.folder / path).is_file():
            yield tr(
                f"media {line['mediaID']}: the public file {path} is not in the package.",
                f"媒体 {line['mediaID']}:公开文件 {path} 不在数据包中。",
            )


def _order_reasons(package: Opened) -> Iterator[str]:
    spans = (
        (DEPLOYMENTS, "deploymentStart", "deploymentEnd"),
        (OBSERVATIONS, "eventStart", "eventEnd"),
    )
    for table, start, end in spans:
        for line in package.tables[table.name]:
            if _instant(line[start]) > _instant(line[end]):
                own_id = package.own_id(line["deploymentID"])
                yield tr(
                    f"{table.name} {line[table.primary_key]} of deployment {own_id}: it ends "
                    f"({line[end]}) before it starts ({line[start]}).",
                    f"{table.name} {line[table.primary_key]}(布设 {own_id}):"
                    f"结束时间({line[end]})早于开始时间({line[start]})。",
                )


def _period_reasons(package: Opened) -> Iterator[str]:
    """Find pictures and events outside their deployment: a wrong clock, sheet or card."""
    periods = {
        line["deploymentID"]: (line["deploymentStart"], line["deploymentEnd"])
        for line in package.tables[DEPLOYMENTS.name]
    } | dict(package.periods)
    outside: dict[str, dict[str, set[str]]] = {}
    first: dict[str, str] = {}
    for table, key, columns in (
        (MEDIA, "mediaID", ("timestamp",)),
        (OBSERVATIONS, "observationID", ("eventStart", "eventEnd")),
    ):
        for line in package.tables[table.name]:
            deployment = line["deploymentID"]
            start, end = map(_instant, periods[deployment])
            for column in columns:
                if not start <= _instant(line[column]) <= end:
                    tally = outside.setdefault(deployment, {t.name: set() for t in TABLES})
                    tally[table.name].add(line[key])
                    first[deployment] = min(first.get(deployment, "~"), line[column])
    for deployment, tally in sorted(outside.items(), key=lambda item: package.own_id(item[0])):
        own_id, (from_, to) = package.own_id(deployment), periods[deployment]
        media, observations = len(tally[MEDIA.name]), len(tally[OBSERVATIONS.name])
        yield tr(
            f"deployment {own_id}: {media} media and {observations} observations lie outside "
            f"{from_} to {to}, the first at {first[deployment]}. Correct the dates of the "
            f"deployment sheet, or leave this deployment out of the export.",
            f"布设 {own_id}:{media} 个媒体文件和 {observations} 条观测不在 {from_} 至 {to} 之内,"
            f"最早为 {first[deployment]}。请改正布设表的日期,或在导出时排除该布设。",
        )


def _box_reasons(package: Opened) -> Iterator[str]:
    for line in package.tables[OBSERVATIONS.name]:
        cells = [line[column] for column in ("bboxX", "bboxY", "bboxWidth", "bboxHeight")]
        if not any(cells):
            continue
        if not all(cells) or line["observationLevel"] != "media":
            yield tr(
                f"observation {line['observationID']}: half a box, or a box on an event.",
                f"观测 {line['observationID']}:检测框不完整,或位于事件级记录上。",
            )
            continue
        x, y, width, height = map(float, cells)
        if max(x + width, y + height) > 1 + BOX_TOLERANCE:
            yield tr(
                f"observation {line['observationID']}: its box reaches outside the picture.",
                f"观测 {line['observationID']}:检测框超出图像。",
            )


def _level_reasons(package: Opened) -> Iterator[str]:
    for line in package.tables[OBSERVATIONS.name]:
        is_media = line["observationLevel"] == "media"
        if is_media != bool(line["mediaID"]) or not (is_media or line["eventID"]):
            yield tr(
                f"observation {line['observationID']}: a media row needs a mediaID, an event row "
                "an eventID and no mediaID.",
                f"观测 {line['observationID']}:媒体级须有 mediaID,"
                "事件级须有 eventID 而无 mediaID。",
            )


def _name_reasons(package: Opened) -> Iterator[str]:
    listed = {taxon.get("scientificName") for taxon in package.descriptor["taxonomic"]}
    used = {line["scientificName"] for line in package.tables[OBSERVATIONS.name]} - {""}
    for name in sorted(used - listed):
        yield tr(
            f"{name} is in the observations but not among the taxa of {DESCRIPTOR_FILE}.",
            f"观测中的 {name} 未列入 {DESCRIPTOR_FILE} 的 taxonomic。",
        )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
