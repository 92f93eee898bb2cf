"""Take the list of plots into the survey: codes, counties, places, elevations, ecosystems."""

from dataclasses import dataclass
from pathlib import Path

from species_db.cells import ELEVATIONS_M, keep_absent, read_number, read_place
from species_db.decisions import record_decision
from species_db.field_sheet import Mistakes, SheetRow, check_name, read_sheet
from species_db.language import did_you_mean, tr
from species_db.places import COUNTIES, find_county
from species_db.survey import Survey
from species_db.tables import Plot
from species_db.vocabulary import ECOSYSTEM_ZH, Act, Ecosystem

RADII_M = (1.0, 50_000.0)  # from a quadrat to a whole valley; beyond is a typing slip
COLUMNS = (
    "plot",
    "name",
    "county",
    "ecosystem",
    "latitude",
    "longitude",
    "elevation_m",
    "radius_m",
    "remarks",
)


@dataclass(frozen=True)
class SheetReport:
    """What a sheet brought."""

    added: int
    changed: int
    unchanged: int
    not_filled_in: int = 0
    notes: tuple[str, ...] = ()

    def as_text(self) -> str:
        """The report for the person who brought the sheet."""
        told = tr(
            f"{self.added} added, {self.changed} changed, {self.unchanged} as before"
            f", {self.not_filled_in} not filled in yet.",
            f"新增 {self.added},更新 {self.changed},未变 {self.unchanged},"
            f"尚未填写 {self.not_filled_in}。",
        )
        return "\n".join((*self.notes, told))


def import_plots(survey: Survey, path: Path, *, person: str) -> SheetReport:
    """Take a list of plots; a line with nothing but its code is not filled in yet and waits.

    Coordinates are WGS-84 decimal degrees. The same list again changes nothing.

    Raises:
        SheetError: with every mistake of the sheet and its line.
    """
    rows = read_sheet(path, columns=COLUMNS, required=("plot", "county", "ecosystem"))
    filled = [row for row in rows if set(row.cells) - {"plot"}]
    mistakes, notes = Mistakes(path), list[str]()
    plots = [_plot(row, mistakes, notes) for row in filled]
    _find_repeats(filled, mistakes)
    mistakes.raise_if_any()
    added, changed = list[str](), list[str]()
    with survey.writing() as session:
        for row, plot in zip(filled, plots, strict=True):
            known = session.get(Plot, plot.plot_id)
            keep_absent(known, plot, row, {name: name for name in COLUMNS[1:]})
            if known is None or _told(known) != _told(plot):
                (added if known is None else changed).append(plot.plot_id)
                session.merge(plot)
        if added or changed:
            record_decision(
                session,
                Act.PLOTS_IMPORTED,
                subject=path.name,
                person=person,
                details={"added": added, "changed": changed},
            )
    unchanged = len(plots) - len(added) - len(changed)
    waiting = len(rows) - len(filled)
    return SheetReport(len(added), len(changed), unchanged, waiting, tuple(notes))


def parse_ecosystem(text: str) -> Ecosystem | None:
    """Find an ecosystem by its English or Chinese word.

    >>> parse_ecosystem("森林"), parse_ecosystem("River"), parse_ecosystem("moon")
    (<Ecosystem.FOREST: 'forest'>, <Ecosystem.RIVER: 'river'>, None)
    """
    for ecosystem, chinese in ECOSYSTEM_ZH.items():
        if text.strip().casefold() in (ecosystem.value, chinese):
            return ecosystem
    return None


def _plot(row: SheetRow, mistakes: Mistakes, notes: list[str]) -> Plot:
    code = row.text("plot")
    if wrong := check_name(code):
        mistakes.add(row, "plot", wrong)
    county = find_county(row.text("county"))
    if county is None:
        names = [c.name_zh for c in COUNTIES.values()]
        names += [c.name_en.rsplit(" ", 1)[0] for c in COUNTIES.values()]
        hint = did_you_mean(row.text("county"), names)
        why = tr(f"no such county.{hint}", f"没有这个县(区、市)。{hint}")
        mistakes.add(row, "county", why)
    ecosystem = parse_ecosystem(row.text("ecosystem"))
    if ecosystem is None:
        known = ", ".join(f"{e.value} {zh}" for e, zh in ECOSYSTEM_ZH.items())
        mistakes.add(row, "ecosystem", tr(f"use one of: {known}", f"请用以下之一:{known}"))
    latitude, longitude = read_place(row, mistakes, notes) or (None, None)
    return Plot(
        plot_id=code,
        name=row.text("name"),
        county=county.code if county else "",
        ecosystem=ecosystem.value if ecosystem else "",
        latitude=latitude,
        longitude=longitude,
        elevation_m=read_number(row, "elevation_m", *ELEVATIONS_M, mistakes),
        radius_m=read_number(row, "radius_m", *RADII_M, mistakes),
        remarks=row.text("remarks"),
    )


def _told(plot: Plot) -> dict[str, object]:
    """What a plot says; its seal is only made when it is written."""
    return plot.model_dump(exclude={"seal"})


def _find_repeats(rows: list[SheetRow], mistakes: Mistakes) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.text("plot") in seen:
            mistakes.add(row, "plot", tr("this plot stands twice.", "该样地重复出现。"))
        seen.add(row.text("plot"))
