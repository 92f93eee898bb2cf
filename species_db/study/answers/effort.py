"""Effort: camera-days by unit and day, and by station, plot, county and month (DOMAIN.md 2)."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from species_db.analysis.effort import EffortMethod, UnitDay
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.facts import StationFacts
from species_db.study.read import Study


def answer(study: Study) -> Answer:
    """Tell how long each unit's cameras worked; a lost day is there with zero, never left out.

    The three methods stand side by side in the summary: same cameras, three numbers (DOMAIN.md 2).
    Sums by plot and county hold stations that have no row of their own.
    """
    told = [study.facts(one.unit) for one in study.days]
    tables = (
        _daily(study),
        _summed(study, "effort_station", ("locationID", "plotID", "county"), _station_key),
        _summed(study, "effort_plot", ("plotID",), _plot_key),
        _summed(study, "effort_county", ("county",), lambda facts, day: (facts.county,)),
        _summed(study, "effort_month", ("month",), _month_key),
    )
    days = study.camera_days
    diurnal = sum(one.diurnal_effort for one in study.days)
    by_method = _by_method(study)
    return Answer(
        name="effort",
        tables=tables,
        summary=_summary(study, by_method, diurnal),
        notes=(*study.left_out.notes(), *study.hidden_note()),
        figures={
            "camera_days": days,
            "diurnal_camera_days": diurnal or None,
            "camera_days_by_method": by_method,
            "units": len(study.effort),
            "units_with_effort": sum(total > 0 for total in study.effort.values()),
            "stations": len({one.location_id for one in told}),
        },
        deployment_ids=frozenset(one.deployment_id for one in study.standings),
    )


def _by_method(study: Study) -> dict[str, float | None]:
    """The same cameras by each method."""
    return {
        method.value: sum(one.effort for one in _days_of(study, method)) or None
        for method in EffortMethod
    }


def _days_of(study: Study, method: EffortMethod) -> list[UnitDay]:
    return study.days if method is study.question.method else study.days_by(method)


def _summary(study: Study, by_method: dict[str, float | None], diurnal: float) -> tuple[str, ...]:
    worked = sum(one.effort > 0 for one in study.days)
    return (
        _sum_words(study, study.camera_days),
        tr(
            f"{_days(by_method['exact'])} by exact times, {_days(by_method['half-days'])} with "
            f"half days at both ends, {_days(by_method['inclusive'])} with whole ones; "
            f"{_days(diurnal or None)} for what is active by day.",
            f"按精确时刻 {_days(by_method['exact'])}，首尾日计半日 "
            f"{_days(by_method['half-days'])}，首尾日计整日 {_days(by_method['inclusive'])}；"
            f"可用于日行性物种的 {_days(diurnal or None)}。",
        ),
        tr(
            f"{len(study.days):,} unit-days, {worked:,} with effort.",
            f"共 {len(study.days):,} 个单元日，其中 {worked:,} 个有工作量。",
        ),
        study.question.in_words(),
    )


def _sum_words(study: Study, days: float | None) -> str:
    count = sum(total > 0 for total in study.effort.values())
    return tr(
        f"{_days(days)} camera-days over {count} of {len(study.effort)} units.",
        f"共 {_days(days)} 相机日，{len(study.effort)} 个单元中 {count} 个有工作量。",
    )


def _days(value: float | None) -> str:
    return tr("not known", "不明") if value is None else f"{value:,.1f}"


def _daily(study: Study) -> Table:
    rows: list[tuple[Cell, ...]] = []
    method = study.question.method.value
    for one in study.days:
        facts = study.facts(one.unit)
        if facts.tells_days:
            shares = (one.effort, one.diurnal_effort)
            rows.append((study.public(one.unit), facts.county, one.day, *shares, method))
    columns = (study.unit_column, "county", "day", "cameraDays", "diurnalCameraDays", "method")
    return Table("effort", columns, sorted(rows, key=lambda row: (str(row[0]), str(row[2]))))


def _station_key(facts: StationFacts, day: date) -> tuple[str, ...] | None:
    return (facts.name, facts.plot, facts.county) if facts.tells_days else None


def _month_key(facts: StationFacts, day: date) -> tuple[str, ...]:
    """The month; of units without rows of their own together, or subtraction would date them."""
    return (f"{day:%Y-%m}" if facts.tells_days else "",)


def _plot_key(facts: StationFacts, day: date) -> tuple[str, ...] | None:
    return (facts.plot,) if facts.tells_days else None


def _summed(
    study: Study,
    name: str,
    columns: tuple[str, ...],
    key: Callable[[StationFacts, date], tuple[str, ...] | None],
) -> Table:
    """Sums of effort by some key; no effort is not known."""
    days: dict[tuple[str, ...], float] = defaultdict(float)
    diurnal: dict[tuple[str, ...], float] = defaultdict(float)
    units: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one in study.days:
        told = key(study.facts(one.unit), one.day)
        if told is not None:
            days[told] += one.effort
            diurnal[told] += one.diurnal_effort
            units[told].update([one.unit] if one.effort > 0 else [])
    rows = [
        (
            *(part or None for part in told),
            len(units[told]),
            _sum(study, days[told]),
            _sum(study, diurnal[told]),
            study.question.method.value,
        )
        for told in sorted(days)
    ]
    heads = (*columns, "unitsWithEffort", "cameraDays", "diurnalCameraDays", "method")
    return Table(name, heads, rows)


def _sum(study: Study, total: float) -> float | None:
    return total if total > 0 else None


def daily_total(days: Iterable[UnitDay]) -> dict[date, float]:
    """Camera-days of all units together on each day, for the strip of a page."""
    totals: dict[date, float] = defaultdict(float)
    for one in days:
        totals[one.day] += one.effort
    return dict(sorted(totals.items()))
