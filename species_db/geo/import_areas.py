"""Taking outlines of reserves, core zones, red lines and projects into a survey.

Nothing is ever overwritten: a new outline of an area follows the old one from a date on, and
questions about earlier days still meet the old one.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import shapely
from sqlmodel import Session, select

from species_db import identity
from species_db.decisions import record_decision
from species_db.gcj02 import Datum
from species_db.geo.area_file import RawFile, read_area_file
from species_db.geo.area_shapes import NewArea, areas_of
from species_db.geo.areas import ensure_counties, hex_of, line_of
from species_db.geo.datum import datum_label
from species_db.geo.measure import area_km2
from species_db.geo.refusal import AreaFileError
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Area
from species_db.vocabulary import Act, AreaKind

SAME_DEGREES = 1e-7  # a centimetre: outlines that differ by less are the same


@dataclass(frozen=True)
class ImportedArea:
    """What became of one outline: added, replaced (the older one is kept) or unchanged."""

    name: str
    outcome: str
    area_km2: float


@dataclass(frozen=True)
class AreaImport:
    """What an import of a file of areas did."""

    file: str
    kind: str
    areas: tuple[ImportedArea, ...]
    remarks: tuple[str, ...]

    def as_json(self) -> str:
        """The report for scripts."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)

    def as_text(self) -> str:
        """The report for people."""
        words = {
            "added": tr("added", "新增"),
            "replaced": tr("new outline; the old one stays for its days", "新边界；旧边界保留"),
            "unchanged": tr("unchanged", "未变"),
        }
        lines = [f"{one.name}  {one.area_km2:,.1f} km²  {words[one.outcome]}" for one in self.areas]
        return "\n".join([*lines, *(f"! {remark}" for remark in self.remarks)])


def import_areas(
    survey: Survey,
    path: Path,
    *,
    kind: AreaKind,
    person: str,
    datum: Datum | None = None,
    name_field: str | None = None,
    valid_from: date | None = None,
) -> AreaImport:
    """Take a file of outlines into a survey, whole or not at all; the same file again adds nothing.

    The first outline of an area holds for all days unless `valid_from` is given; a later one
    holds from `valid_from`, or from today.

    Raises:
        AreaFileError: with every mistake of the file.
        OutlineError: the county outlines, taken in with the first file, are missing.
    """
    if kind is AreaKind.COUNTY:
        words = tr("counties come with Namcha.", "县界由 Namcha 自带，无需导入。")
        raise AreaFileError(path.name, [words])
    raw = read_area_file(path)
    told = areas_of(raw, datum=datum, name_field=name_field)
    ensure_counties(survey, person=person)
    with survey.writing() as session:
        now = datetime.now(UTC)
        line = _Line(session, raw, kind, person, now, valid_from, datum_label(raw.crs, datum))
        areas = tuple(line.take(area) for area in told.areas)
        changed = [one.name for one in areas if one.outcome != "unchanged"]
        if changed:
            record_decision(
                session,
                Act.AREAS_IMPORTED,
                subject=raw.name,
                person=person,
                details={"kind": kind.value, "sha256": raw.sha256, "areas": changed},
                decided_at=now,
            )
    return AreaImport(raw.name, kind.value, areas, told.remarks)


@dataclass(frozen=True)
class _Line:
    """The writing of one file's outlines after those that are there."""

    session: Session
    raw: RawFile
    kind: AreaKind
    person: str
    now: datetime
    valid_from: date | None
    datum: str

    def take(self, new: NewArea) -> ImportedArea:
        name = new.name_zh or new.name_en
        former = self._former(new)
        km2 = round(area_km2(new.geometry), 3)
        if former is not None and _is_same(former, new):
            return ImportedArea(name, "unchanged", km2)
        former_id = former.area_id if former is not None else ""
        since = self.valid_from or (None if former is None else self.now.astimezone().date())
        self.session.add(
            Area(
                area_id=identity.area_id(self.kind, name, self.raw.sha256, former_id),
                kind=self.kind.value,
                name_zh=new.name_zh,
                name_en=new.name_en,
                geometry=hex_of(new.geometry),
                datum_in_source=self.datum,
                source=self.raw.name,
                source_sha256=self.raw.sha256,
                valid_from=since,
                person=self.person,
                entered_at=self.now,
            )
        )
        return ImportedArea(name, "added" if former is None else "replaced", km2)

    def _former(self, new: NewArea) -> Area | None:
        """The newest outline of the same area."""
        wanted = line_of(self.kind, "", new.name_zh, new.name_en)
        rows = self.session.exec(select(Area).where(Area.kind == self.kind.value))
        line = [
            row for row in rows if line_of(row.kind, row.code, row.name_zh, row.name_en) == wanted
        ]
        return max(line, key=lambda row: (row.valid_from or date.min, row.entered_at), default=None)


def _is_same(former: Area, new: NewArea) -> bool:
    before = shapely.from_wkb(former.geometry).normalize()
    return bool(shapely.equals_exact(before, new.geometry.normalize(), tolerance=SAME_DEGREES))
