"""Control actions from a sheet, CSV or Excel: taken whole or not at all, every mistake named."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from sqlmodel import Session

from species_db.cells import parse_instant, read_number, read_place
from species_db.field_sheet import Mistakes, SheetRow, read_sheet
from species_db.invasive.control import (
    MOST_AREA_M2,
    MOST_PERSON_DAYS,
    ControlDraft,
    ground_of,
    keep_control,
    problems_of,
)
from species_db.invasive.naming import area_named, areas_by_name, taxa_by_name, taxon_named
from species_db.language import tr
from species_db.survey import Survey
from species_db.vocabulary import ControlMethod

COLUMNS = (
    "taxon",
    "plot",
    "area",
    "latitude",
    "longitude",
    "method",
    "started_on",
    "ended_on",
    "treated_area_m2",
    "removed_quantity",
    "removed_quantity_type",
    "person_days",
    "agent",
    "led_by",
    "remarks",
)
REQUIRED = ("taxon", "method", "started_on", "led_by")
METHODS_ZH = {
    "人工": ControlMethod.MANUAL,
    "机械": ControlMethod.MECHANICAL,
    "化学": ControlMethod.CHEMICAL,
    "生物": ControlMethod.BIOLOGICAL,
    "诱捕": ControlMethod.TRAPPING,
    "其他": ControlMethod.OTHER,
}
TINY = 1e-9  # the smallest amount: zero square metres treated is a mistake
A_DAY = date(2000, 1, 1)  # stands in where the sheet's own cannot be read, and is told as such


@dataclass(frozen=True)
class ControlSheetReport:
    """What a sheet of control actions brought."""

    added: int
    unchanged: int
    notes: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The report for the person who brought the sheet."""
        told = tr(
            f"{self.added} control actions added, {self.unchanged} as before.",
            f"新增防控行动 {self.added} 条，未变 {self.unchanged} 条。",
        )
        return "\n".join((*self.notes, told))

    def as_json(self) -> str:
        """The report for scripts."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2)


def import_controls(
    survey: Survey, path: Path, *, person: str, today: date | None = None
) -> ControlSheetReport:
    """Take a sheet of control actions; the same sheet again changes nothing.

    A taxon is named in Latin, Chinese or English, a method in either language.

    Raises:
        SheetError: with every mistake of the sheet and its line.
    """
    rows = read_sheet(path, columns=COLUMNS, required=REQUIRED)
    mistakes, notes = Mistakes(path), list[str]()
    drafts = list[ControlDraft]()
    with survey.reading() as session:
        ground, names = ground_of(session), taxa_by_name(session)
        for row in rows:
            draft = _with_area(session, row, _draft(row, names, mistakes, notes), mistakes)
            for column, why in problems_of(draft, ground, today=today):
                if not _is_told(row, column):
                    mistakes.add(row, column, why)
            drafts.append(draft)
    mistakes.raise_if_any()
    with survey.writing() as session:
        new = [keep_control(session, draft, person=person)[1] for draft in drafts]
    return ControlSheetReport(sum(new), len(new) - sum(new), tuple(notes))


def _draft(
    row: SheetRow, names: Mapping[str, frozenset[str]], mistakes: Mistakes, notes: list[str]
) -> ControlDraft:
    taxon_id, why = taxon_named(row.text("taxon"), names)
    if why:
        mistakes.add(row, "taxon", why)
    place = read_place(row, mistakes, notes)
    method = row.text("method").strip()
    return ControlDraft(
        taxon_id=taxon_id,
        method=METHODS_ZH.get(method.removesuffix("防治").removesuffix("清除"), method.lower()),
        started_on=_day(row, "started_on", mistakes) or A_DAY,
        ended_on=_day(row, "ended_on", mistakes),
        led_by=row.text("led_by"),
        plot_id=row.text("plot") or None,
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
        treated_area_m2=read_number(row, "treated_area_m2", TINY, MOST_AREA_M2, mistakes),
        removed_quantity=row.text("removed_quantity"),
        removed_quantity_type=row.text("removed_quantity_type"),
        person_days=read_number(row, "person_days", TINY, MOST_PERSON_DAYS, mistakes),
        agent=row.text("agent"),
        remarks=row.text("remarks"),
    )


def _with_area(
    session: Session, row: SheetRow, draft: ControlDraft, mistakes: Mistakes
) -> ControlDraft:
    """Find the area that a line names, by its outline of the day on which the action began."""
    if not row.text("area"):
        return draft
    area_id, why = area_named(row.text("area"), areas_by_name(session, draft.started_on))
    if why:
        mistakes.add(row, "area", why)
    return replace(draft, area_id=area_id or None)


def _day(row: SheetRow, column: str, mistakes: Mistakes) -> date | None:
    text = row.text(column)
    if not text:
        if column in REQUIRED:
            mistakes.add(row, column, tr("a date is missing.", "缺少日期。"))
        return None
    try:
        return parse_instant(text, offset_seconds=8 * 3600).date()
    except ValueError:
        mistakes.add(
            row,
            column,
            tr(
                f"'{text}' is no date; write it like 2026-04-12.",
                f"“{text}”不是日期；请写成 2026-04-12 的形式。",
            ),
        )
        return None


def _is_told(row: SheetRow, column: str) -> bool:
    """Tell whether reading the cells has named this mistake already."""
    has_point = bool(row.text("latitude") or row.text("longitude"))
    is_placed = bool(has_point or row.text("area"))
    return column == "taxon" or (column == "plot" and not row.text("plot") and is_placed)
