"""Areas of a survey in force on a day: counties, reserves, core zones, red lines, projects.

Outlines are read once a process, told apart by their seals; counties come from the package until
a writing act has put them into the survey.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import shapely
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db import identity
from species_db.decisions import record_decision
from species_db.geo.outlines import DATUM, CountyOutline, county_outlines
from species_db.language import tr
from species_db.places import COUNTIES
from species_db.survey import Survey
from species_db.tables import Area
from species_db.vocabulary import Act, AreaKind

_shapes: dict[str, "AreaShape"] = {}  # by seal: a row that says the same is the same outline


@dataclass(frozen=True, slots=True, eq=False)  # the same outline is the same object
class AreaShape:
    """One outline in WGS-84, ready to be asked and drawn; `geometry` has longitude first."""

    area_id: str
    kind: AreaKind
    code: str  # division code of a county
    name_zh: str
    name_en: str
    geometry: shapely.MultiPolygon
    source: str
    valid_from: date | None

    @property
    def name(self) -> str:
        """The name in the reader's language, else in the other one."""
        return tr(self.name_en or self.name_zh, self.name_zh or self.name_en)


def areas_in_force(
    session: Session, kinds: Collection[AreaKind] | None = None, *, on: date | None = None
) -> tuple[AreaShape, ...]:
    """Give the outlines that hold on a day (today when not said), by kind, code and name.

    A newer outline of the same kind and name follows the older one from its `valid_from` on; the
    first of a line holds for all days before, for nobody has told us of another.

    Raises:
        OutlineError: counties are asked for, and neither survey nor package has them.
    """
    wanted = set(AreaKind if kinds is None else kinds)
    rows = _rows_in_force(session, wanted, on or datetime.now(UTC).astimezone().date())
    missing = [row.area_id for row in rows if row.seal not in _shapes]
    if missing:
        for area in session.exec(select(Area).where(col(Area.area_id).in_(missing))):
            _shapes[area.seal] = _shape_of(area)
    found = [_shapes[row.seal] for row in rows]
    if AreaKind.COUNTY in wanted and not any(one.kind is AreaKind.COUNTY for one in found):
        found += counties_of_package()
    return tuple(sorted(found, key=lambda one: (one.kind, one.code, one.name_zh, one.name_en)))


def _rows_in_force(session: Session, wanted: set[AreaKind], on: date) -> list[Any]:
    statement = select_columns(
        Area.area_id,  # type: ignore[call-overload]
        Area.seal,
        Area.kind,
        Area.code,
        Area.name_zh,
        Area.name_en,
        Area.valid_from,
        Area.entered_at,
    ).where(col(Area.kind).in_(sorted(one.value for one in wanted)))
    lines: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        lines[line_of(row.kind, row.code, row.name_zh, row.name_en)].append(row)
    return [newest_of(line, on) for line in lines.values()]


def line_of(kind: str, code: str, name_zh: str, name_en: str) -> tuple[str, str]:
    """What makes outlines versions of one area: their kind with their code, else their name."""
    return kind, code or name_zh or name_en


def newest_of(line: Iterable[Any], on: date) -> Any:
    """The version of an area that holds on a day; the oldest one before any of them held."""
    order = sorted(line, key=lambda row: (row.valid_from or date.min, row.entered_at))
    begun = [row for row in order if (row.valid_from or date.min) <= on]
    return begun[-1] if begun else order[0]


def counties_of_package() -> list[AreaShape]:
    """The counties as the package has them, for a survey that has not taken them in yet."""
    for outline in county_outlines():
        seal = f"package {outline.source_sha256}"
        if seal not in _shapes:
            _shapes[seal] = _shape_of(_county_row(outline, person="", entered_at=datetime.now(UTC)))
    return [_shapes[f"package {outline.source_sha256}"] for outline in county_outlines()]


def ensure_counties(survey: Survey, *, person: str) -> bool:
    """Put the county outlines into a survey, as one act of its own; tell whether that was needed.

    Raises:
        OutlineError: the package that holds the outlines is missing.
    """
    is_there = select(Area.area_id).where(Area.kind == AreaKind.COUNTY.value).limit(1)
    with survey.reading() as session:
        if session.exec(is_there).first():
            return False
    outlines = county_outlines()
    with survey.writing() as session:
        if session.exec(is_there).first():  # somebody else has just done it
            return False
        now = datetime.now(UTC)
        session.add_all(_county_row(one, person=person, entered_at=now) for one in outlines)
        record_decision(
            session,
            Act.AREAS_IMPORTED,
            subject="counties",
            person=person,
            details={
                "kind": AreaKind.COUNTY.value,
                "datum_in_source": DATUM,
                "sources": [f"{one.source} sha256 {one.source_sha256}" for one in outlines],
            },
            decided_at=now,
        )
    return True


def county_rows(*, person: str, entered_at: datetime) -> list[Area]:
    """The counties of the package as rows of the table, not yet in any survey.

    Raises:
        OutlineError: the package that holds the outlines is missing.
    """
    return [_county_row(one, person=person, entered_at=entered_at) for one in county_outlines()]


def _county_row(outline: CountyOutline, *, person: str, entered_at: datetime) -> Area:
    county = COUNTIES[outline.code]
    return Area(
        area_id=identity.area_id(AreaKind.COUNTY, outline.code, outline.source_sha256),
        kind=AreaKind.COUNTY.value,
        code=outline.code,
        name_zh=county.name_zh,
        name_en=county.name_en,
        geometry=hex_of(outline.geometry),
        datum_in_source=DATUM,
        source=outline.source,
        source_sha256=outline.source_sha256,
        person=person,
        entered_at=entered_at,
    )


def hex_of(geometry: shapely.MultiPolygon) -> str:
    """An outline as the table keeps it: WKB in hexadecimal, little-endian on every computer."""
    return str(shapely.to_wkb(geometry, hex=True, byte_order=1, output_dimension=2))


def _shape_of(row: Area) -> AreaShape:
    geometry = cast(shapely.MultiPolygon, shapely.from_wkb(row.geometry))
    shapely.prepare(geometry)
    return AreaShape(
        area_id=row.area_id,
        kind=AreaKind(row.kind),
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        geometry=geometry,
        source=row.source,
        valid_from=row.valid_from,
    )
