"""The `datapackage.json` of a Camtrap DP package: who, where, when, what, and how to read it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from species_db.export.offering import WRITTEN_BY
from species_db.export.records import Records
from species_db.export.terms import (
    CAPTURE_METHODS,
    DEPLOYMENTS,
    MEDIA,
    OBSERVATIONS,
    PROFILE,
    RANKS,
    TABLES,
    Table,
)
from species_db.sensitivity import Gate
from species_db.survey import SurveySettings
from species_db.version import VERSION

Row = tuple[str, ...]
Json = dict[str, Any]

LICENCE_URLS = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/legalcode",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/legalcode",
}
DEMONSTRATION = "DEMONSTRATION DATA, not a survey. 演示数据,并非真实调查。"
_EXACT_MARGIN = Decimal("0.0001")  # ten metres, so that one station still spans an area


@dataclass(frozen=True)
class Package:
    """The rows of the three tables and the moment they speak of."""

    tables: Mapping[str, Sequence[Row]]
    created: datetime

    def column(self, table: Table, name: str) -> list[str]:
        """All values of one column, as written."""
        place = table.columns.index(name)
        return [row[place] for row in self.tables[table.name]]


def describe_package(
    package: Package, records: Records, gate: Gate, settings: SurveySettings, *, person: str
) -> Json:
    """Describe a package from its own rows, so that it cannot tell more than they do."""
    title = settings.title or "Camera trap survey"
    version = package.created.astimezone(UTC).date().isoformat()
    holder = settings.rights_holder or settings.contact or person
    descriptor: Json = {
        "resources": [_resource(table) for table in TABLES],
        "profile": PROFILE,
        "name": re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "camera-trap-survey",
        "id": gate.pseudonym("package"),
        "created": created_text(package.created),
        "title": title,
        "contributors": _contributors(settings, person),
        "description": _description(gate, settings),
        "version": version,
        "keywords": ["camera traps", "红外相机"],
        "sources": [{"title": WRITTEN_BY, "version": VERSION}],
        "licenses": [
            _licence(settings.licence_data, "data"),
            _licence(settings.licence_media, "media"),
        ],
        "bibliographicCitation": f"{holder} ({version[:4]}). {title}. Version {version}. "
        "Camera trap data package (Camtrap DP).",
        "project": _project(package, title, settings),
        "spatial": _spatial(package, gate),
        "temporal": {
            "start": min(package.column(DEPLOYMENTS, "deploymentStart"))[:10],
            "end": max(package.column(DEPLOYMENTS, "deploymentEnd"))[:10],
        },
        "taxonomic": list(_taxonomic(package, records)),
    }
    if not gate.exact:
        descriptor["coordinatePrecision"] = float(max(map(_cell, _coordinates(package))))
    return descriptor


def created_text(created: datetime) -> str:
    """Write the moment of a package as RFC 3339 in UTC.

    >>> created_text(datetime(2026, 11, 3, 1, 2, 3, tzinfo=UTC))
    '2026-11-03T01:02:03Z'
    """
    return created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _resource(table: Table) -> Json:
    return {
        "name": table.name,
        "path": table.file_name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": table.schema_url,
    }


def _contributors(settings: SurveySettings, person: str) -> list[Json]:
    people = [
        {"title": settings.rights_holder, "role": "rightsHolder"},
        {"title": settings.contact, "role": "contact"},
    ]
    if re.fullmatch(r"\S+@\S+\.\S+", settings.contact):
        people[1] |= {"title": settings.rights_holder or settings.contact}
        people[1] |= {"email": settings.contact}
    named = [contributor for contributor in people if contributor["title"]]
    return named or [{"title": person, "role": "contributor"}]


def _licence(name: str, scope: str) -> Json:
    url = LICENCE_URLS.get(name)
    return {"name": name} | ({"path": url} if url else {}) | {"scope": scope}


def _description(gate: Gate, settings: SurveySettings) -> str:
    seconds = settings.sequence_gap_seconds
    parts = [
        f"An event holds the media of one deployment with no silence longer than {seconds} seconds "
        "between them. Events are not independent records: no interval for counting was applied. "
        "Rows of level event state each event once and may be counted; rows of level media repeat "
        "the same animals box by box and may not be added to them. 'created' is the moment of the "
        "last change of the data.",
        f"事件:同一布设中相邻间隔不超过 {seconds} 秒的媒体文件。事件未按独立间隔合并。"
        "只有事件级记录可用于计数,媒体级记录是同一动物的逐张检测框,不可与之相加。",
    ]
    if settings.is_demonstration:
        parts.insert(0, DEMONSTRATION)
    if not gate.exact:
        parts.append(
            f"{gate.data_generalizations} deploymentID, locationID, cameraID, eventID and "
            "observationID are stable pseudonyms in every public package of this survey, because "
            "their own names may tell the place. "
            "deploymentID、locationID、cameraID、eventID 和 observationID 为稳定的化名。"
        )
    parts.append(gate.information_withheld)
    return "\n\n".join(parts)


def _project(package: Package, title: str, settings: SurveySettings) -> Json:
    methods = set(package.column(MEDIA, "captureMethod")) & set(CAPTURE_METHODS)
    levels = set(package.column(OBSERVATIONS, "observationLevel"))
    return {
        "title": title,
        "samplingDesign": settings.sampling_design,
        "captureMethod": sorted(methods) or [CAPTURE_METHODS[0]],
        "individualAnimals": any(package.column(OBSERVATIONS, "individualID")),
        "observationLevel": sorted(levels) or ["event"],
    }


def _spatial(package: Package, gate: Gate) -> Json:
    """The box around the released cells, each of its own size: the table tells as much already."""
    sides: list[list[Decimal]] = []
    for name in ("latitude", "longitude"):
        for sign in (-1, 1):
            values = [Decimal(text) for text in package.column(DEPLOYMENTS, name)]
            margins = [_EXACT_MARGIN if gate.exact else _cell(value) / 2 for value in values]
            sides.append([v + sign * m for v, m in zip(values, margins, strict=True)])
    south, north, west, east = (
        float(min(side) if number % 2 == 0 else max(side)) for number, side in enumerate(sides)
    )
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _coordinates(package: Package) -> list[Decimal]:
    return [Decimal(text) for text in package.column(DEPLOYMENTS, "latitude")]


def _cell(released: Decimal) -> Decimal:
    """The width of the cell that a released coordinate stands for: its last digit.

    >>> _cell(Decimal("29.40"))
    Decimal('0.01')
    """
    return Decimal(1).scaleb(int(released.as_tuple().exponent))


def _taxonomic(package: Package, records: Records) -> Iterable[Json]:
    by_name = {taxon.scientific_name: taxon for taxon in records.taxa.values()}
    for name in sorted(set(package.column(OBSERVATIONS, "scientificName")) - {""}):
        taxon = by_name[name]
        vernacular = {
            code: records.vernacular[taxon.taxon_id, language]
            for code, language in (("eng", "en"), ("zho", "zh"))
            if (taxon.taxon_id, language) in records.vernacular
        }
        told = {
            "scientificName": name,
            "taxonID": taxon.taxon_id,
            "taxonRank": taxon.taxon_rank if taxon.taxon_rank in RANKS else "",
            "kingdom": taxon.kingdom,
            "class": taxon.class_name,
            "order": taxon.order_name,
            "family": taxon.family,
        }
        yield {key: value for key, value in told.items() if value} | (
            {"vernacularNames": vernacular} if vernacular else {}
        )
