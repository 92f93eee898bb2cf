"""Where and on which days a taxon was found, laid out by unit and occasion or season."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from species_db.analysis.effort import UnitDay
from species_db.analysis.histories import (
    OCCASION_DAYS,
    DetectionHistory,
    FirstDay,
    detection_history,
)
from species_db.analysis.seasons import season_histories, side_by_side, stacked
from species_db.language import tr
from species_db.study.answer import Cell, Table
from species_db.study.facts import TaxonFacts
from species_db.study.question import StudyError
from species_db.study.read import Study

EPOCH = date(1970, 1, 1)
LONGEST_DAYS = 3660  # ten years: nobody means more


@dataclass(frozen=True)
class Layout:
    """How occasions are laid over the days; `species_db.analysis.histories` has the rules."""

    occasion_days: int = OCCASION_DAYS
    first_day: FirstDay = FirstDay.STATION
    minimum_effort: float = 0.0
    whole_only: bool = False

    def __post_init__(self) -> None:
        """Refuse occasions without days.

        Raises:
            StudyError: an occasion has no day.
        """
        if not 1 <= self.occasion_days <= LONGEST_DAYS:
            raise StudyError(
                tr(
                    f"An occasion of {self.occasion_days} days has no meaning; 7 is usual.",
                    f"每次调查不能为 {self.occasion_days} 天；常用 7 天。",
                )
            )


def told_days(study: Study) -> list[UnitDay]:
    """The days of units that may have a row of their own; with an exact release of all."""
    return [one for one in study.days if study.facts(one.unit).tells_days]


def history_of(
    study: Study, taxon: TaxonFacts, layout: Layout, *, days: Sequence[UnitDay] | None = None
) -> DetectionHistory:
    """The history of one taxon, or of the one asked for with all below it.

    Of all units unless days are handed over: models rest on all, tables show what may be told.
    """
    until = study.told_until(taxon.taxon_id)
    known = [one for one in (study.days if days is None else days) if one.day <= until]
    units = {one.unit for one in known}
    return detection_history(
        known,
        {(unit, day) for unit, day in detected_days(study, taxon) if unit in units},
        occasion_days=layout.occasion_days,
        first_day=layout.first_day,
        minimum_effort=layout.minimum_effort,
        whole_only=layout.whole_only,
    )


def detected_days(study: Study, taxon: TaxonFacts) -> set[tuple[str, date]]:
    """Unit and local day of every record of a taxon."""
    is_whole = study.chosen is not None and study.chosen.taxon_id == taxon.taxon_id
    chosen = slice(None) if is_whole else study.records.taxa == taxon.taxon_id
    units, days = study.units[chosen], study.records.days[chosen]
    return {
        (unit, EPOCH + timedelta(days=day))
        for unit, day in zip(units.tolist(), days.tolist(), strict=True)
    }


def seasons_of(days: Sequence[UnitDay], season_start: str) -> dict[str, tuple[date, date]]:
    """Years from a day of the year on (MM-DD), each named after the year it begins in.

    >>> days = [UnitDay("A", date(2025, 3, 1), 1.0, 1.0), UnitDay("A", date(2025, 5, 1), 1.0, 1.0)]
    >>> seasons_of(days, "04-01")["2025"]
    (datetime.date(2025, 4, 1), datetime.date(2026, 3, 31))

    Raises:
        StudyError: the text is no day of every year.
    """
    try:
        starts = [date.fromisoformat(f"2001-{season_start}")]  # no leap year
    except ValueError as error:
        raise StudyError(
            tr(
                f"'{season_start}' is no day of the year; write it like 04-01.",
                f"“{season_start}”不是有效的月日；请写成 04-01 的形式。",
            )
        ) from error
    month, day = starts[0].month, starts[0].day
    years = sorted({one.day.year - ((one.day.month, one.day.day) < (month, day)) for one in days})
    return {
        str(year): (date(year, month, day), date(year + 1, month, day) - timedelta(days=1))
        for year in years
    }


def season_tables(
    study: Study,
    taxon: TaxonFacts,
    layout: Layout,
    days: Sequence[UnitDay],
    *,
    season_start: str,
) -> list[Table]:
    """Matrices of several seasons: beside each other for `unmarkedMultFrame`, and stacked."""
    until = study.told_until(taxon.taxon_id)
    days = [one for one in days if one.day <= until]
    units = {one.unit for one in days}
    found = {(unit, day) for unit, day in detected_days(study, taxon) if unit in units}
    histories = season_histories(
        days,
        found,
        seasons=seasons_of(days, season_start),
        occasion_days=layout.occasion_days,
        minimum_effort=layout.minimum_effort,
        whole_only=layout.whole_only,
    )
    beside, below = side_by_side(histories), stacked(histories)
    heads = ("", *(f"s{season}o{number}" for season, number in beside.columns))
    rows: list[tuple[Cell, ...]] = [
        (study.public(unit), season, *cells)
        for (unit, season), cells in zip(below.rows, below.cells, strict=True)
    ]
    return [
        matrix_table(study, f"history_seasons_{taxon.stem}", heads, beside.units, beside.cells),
        matrix_table(
            study,
            f"history_seasons_effort_{taxon.stem}",
            heads,
            beside.units,
            [[None if x is None else x for x in row] for row in beside.effort],
        ),
        Table(
            f"history_stacked_{taxon.stem}",
            (study.unit_column, "season", *(f"o{n + 1}" for n in range(below.occasions))),
            sorted(rows, key=lambda row: (str(row[0]), str(row[1]))),
        ),
    ]


def matrix_table(
    study: Study,
    name: str,
    heads: tuple[str, ...],
    units: Sequence[str],
    matrix: Sequence[Sequence[Cell]],
) -> Table:
    """A matrix with a row for each unit under its public name, in the order of these."""
    rows = [(study.public(unit), *row) for unit, row in zip(units, matrix, strict=True)]
    return Table(name, heads, sorted(rows, key=lambda row: str(row[0])))
