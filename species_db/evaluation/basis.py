"""What both periods are measured from: the frozen survey, read once and through the gate.

The gate stands as on the day of the freeze. Where records of a taxon wait before they may leave,
its camera-days of those dates are left out as well: otherwise the newest year of every class I
animal would look like a fall.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from sqlmodel import Session, col, select

from species_db.analysis.effort import UnitDay, daily_effort
from species_db.bulletin.teller import Teller, read_teller
from species_db.evaluation.counting import CountingRules
from species_db.evaluation.kept_freeze import Freeze
from species_db.evaluation.periods import Period
from species_db.evaluation.refusal import EvaluationError
from species_db.evaluation.results import NOT_TOLD, WHOLE
from species_db.language import tr
from species_db.places import COUNTIES
from species_db.secrecy.marks import may_reach, read_secrecy
from species_db.sensitivity import ExactRelease, Gate, open_gate
from species_db.study.events import Events, disturbing_events, independent_events
from species_db.study.read import Study, read_study
from species_db.survey import SurveySettings
from species_db.tables import Taxon
from species_db.vocabulary import Secrecy, StatusKind
from species_db.wildlife.legal import NOT_KNOWN, Law, read_law
from species_db.wildlife.members import names_of
from species_db.wildlife.sightings import EPOCH, FieldRow, field_rows

AREAS = (WHOLE, *sorted(COUNTIES), NOT_TOLD)
PROTECTED_KINDS = (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS)
SHARED_MONTHS = 0.5  # of camera-days: less in the same months, and seasons are part of a change


@dataclass(frozen=True)
class Side:
    """One of the two periods."""

    period: Period
    study: Study
    events: Events  # independent, of animals
    disturbing: Events  # people, vehicles, dogs, livestock: `taxa` tells which
    rows: tuple[FieldRow, ...]  # field records as they may be told, absences too
    _days: dict[date | None, dict[str, float]] = field(default_factory=dict, repr=False)

    def days(self, until: date | None = None) -> dict[str, float]:
        """Camera-days by station, to a last day if one is given."""
        if until not in self._days:
            told: dict[str, float] = defaultdict(float)
            for one in self.study.days:
                if one.effort > 0 and (until is None or one.day <= until):
                    told[one.unit] += one.effort
            self._days[until] = dict(told)
        return self._days[until]

    def counts(self, taxa: Collection[str], until: date | None = None) -> Counter[str]:
        """Independent events of some taxa by station, each taxon's counted by itself."""
        return _counted(self.events, set(taxa), until)

    def disturbances(self, what: str) -> Counter[str]:
        """Independent events of people, vehicles, dogs or livestock by station."""
        return _counted(self.disturbing, {what}, None)

    def has(self, taxa: Collection[str]) -> set[str]:
        """Those of some taxa that a person confirmed, by camera or on foot."""
        seen = set(self.events.taxa.tolist())
        seen |= {row.taxon_id for row in self.rows if row.is_present}
        return seen & set(taxa)

    @cached_property
    def visits(self) -> set[tuple[object, ...]]:
        """Visits on foot, each once whatever was found."""
        return {row.visit for row in self.rows}

    @cached_property
    def months(self) -> dict[int, float]:
        """Camera-days by month of the year."""
        told: dict[int, float] = defaultdict(float)
        for one in self.study.days:
            told[one.day.month] += one.effort
        return dict(told)


@dataclass(frozen=True)
class Basis:
    """Everything that a pack is measured from."""

    session: Session
    settings: SurveySettings
    freeze: Freeze
    gate: Gate
    teller: Teller
    law: Law
    before: Side
    after: Side
    taxa: Mapping[str, Taxon]  # every taxon of the records of either period
    levels: Mapping[str, str]  # I, II, none, not known: on the last day of the period reported
    doubted: frozenset[str]  # taxa whose status rests on an entry in doubt
    plots_of_rows: Mapping[str, str]  # of field records, by their own ids: to count, not to tell

    def level_of(self, taxon_id: str) -> str:
        """The class of protection of any taxon, on the last day of the period reported."""
        if taxon_id in self.levels:
            return self.levels[taxon_id]
        taxon = self.session.get(Taxon, taxon_id)
        return self.law.level(taxon, self.after.period.last_day) if taxon else NOT_KNOWN

    def of_level(self, level: str, *, animals_only: bool = False) -> frozenset[str]:
        """The taxa of a class of protection."""
        return frozenset(
            name
            for name, told in self.levels.items()
            if told == level and (not animals_only or self.taxa[name].kingdom == "Animalia")
        )

    def area_of(self, unit: str) -> str:
        """The county that a station is told in."""
        return self.after.study.stations[unit].county or NOT_TOLD

    def area_of_row(self, row: FieldRow) -> str:
        """The county that a field record is told in."""
        return row.county or NOT_TOLD

    def plot_of_row(self, row: FieldRow) -> str:
        """The plot of a field record, to be counted and never named."""
        return self.plots_of_rows.get(row.record_id, "")

    def area_of_plot(self, plot_id: str) -> str:
        """The county that a plot is told in."""
        return self.teller.of_plot(plot_id) or NOT_TOLD

    def tells_plot(self, plot_id: str) -> bool:
        """Whether the readers of a pack may know of a plot."""
        return may_reach(self.teller.secrecy.of_place(None, plot_id), Secrecy.INTERNAL)

    def tells_station(self, location_id: str, plot_id: str) -> bool:
        """Whether the readers of a pack may know of a station."""
        held = self.teller.secrecy.of_place(location_id, plot_id or None)
        return may_reach(held, Secrecy.INTERNAL)

    def named(self, taxon_id: str) -> tuple[str, str]:
        """Scientific and Chinese name of a taxon; the id where it is not known."""
        taxon = self.session.get(Taxon, taxon_id)
        if taxon is None:
            return taxon_id, ""
        return taxon.scientific_name, names_of(self.session, [taxon_id])[taxon_id].zh

    def inside(self, area: str, counts: Mapping[str, float]) -> dict[str, float]:
        """What is of one area, of numbers by station."""
        if area == WHOLE:
            return dict(counts)
        return {unit: n for unit, n in counts.items() if self.area_of(unit) == area}

    def told_until(self, taxa: Iterable[str]) -> date | None:
        """The last day of which records of all these taxa may leave; None: every day."""
        delays = () if self.gate.exact else (self.gate.places.delays.get(one, 0) for one in taxa)
        most = max(delays, default=0)
        return self.gate.today - timedelta(days=most) if most else None

    @cached_property
    def seasons_differ(self) -> bool:
        """Whether less than half of the camera-days of a period lie in months that both watched."""
        first, second = self.before.months, self.after.months
        both = {month for month in first if first[month] > 0 and second.get(month, 0) > 0}
        shares = (
            sum(days for month, days in one.items() if month in both) / sum(one.values())
            for one in (first, second)
            if sum(one.values()) > 0
        )
        return min(shares, default=1.0) < SHARED_MONTHS


def read_basis(
    session: Session,
    settings: SurveySettings,
    freeze: Freeze,
    *,
    periods: tuple[Period, Period] | None = None,
    gate_on: date | None = None,
    exact: ExactRelease | None = None,
) -> Basis:
    """Read the frozen survey for the freeze's own periods, or for others that are compared.

    Raises:
        EvaluationError: the whole survey is secret.
    """
    before, after = periods or (freeze.baseline, freeze.period)
    gate = open_gate(session, settings, exact=exact, today=gate_on or freeze.gate_on)
    teller = _teller(session, gate)
    law = read_law(session)
    every = field_rows(session)
    told = teller.rows(session, every)
    sides = [_side(session, settings, freeze.counting, gate, one, told) for one in (before, after)]
    taxa = _taxa(session, sides)
    on = after.last_day
    return Basis(
        session=session,
        settings=settings,
        freeze=freeze,
        gate=gate,
        teller=teller,
        law=law,
        before=sides[0],
        after=sides[1],
        taxa=taxa,
        levels={name: law.level(taxon, on) for name, taxon in taxa.items()},
        doubted=frozenset(name for name in taxa if _is_doubted(law, name, on)),
        plots_of_rows={row.record_id: row.plot_id for row in every},
    )


def _teller(session: Session, gate: Gate) -> Teller:
    marked = read_secrecy(session).survey
    if not may_reach(marked, Secrecy.INTERNAL):
        raise EvaluationError(
            tr(
                "No report is built: this survey is secret. Its class is set with 'namcha secrecy "
                "mark survey'.",
                "未生成报告：本调查为涉密。密级用“namcha secrecy mark survey”设置。",
            )
        )
    return read_teller(session, gate, audience=Secrecy.INTERNAL)


def _side(
    session: Session,
    settings: SurveySettings,
    counting: CountingRules,
    gate: Gate,
    period: Period,
    rows: Iterable[FieldRow],
) -> Side:
    study = read_study(session, settings, counting.question(period), gate=gate)
    return Side(
        period=period,
        study=study,
        events=independent_events(study),
        disturbing=disturbing_events(study),
        rows=tuple(row for row in rows if row.on is not None and period.holds(row.on)),
    )


def _since(day: date) -> int:
    return (day - EPOCH).days


def _counted(events: Events, wanted: set[str], until: date | None) -> Counter[str]:
    last = np.inf if until is None else _since(until)
    rows = zip(events.taxa.tolist(), events.units.tolist(), events.days.tolist(), strict=True)
    return Counter(unit for taxon, unit, day in rows if taxon in wanted and day <= last)


def _taxa(session: Session, sides: Iterable[Side]) -> dict[str, Taxon]:
    wanted = {one for side in sides for one in side.events.taxa.tolist()}
    wanted |= {row.taxon_id for side in sides for row in side.rows}
    asked = select(Taxon).order_by(col(Taxon.scientific_name), col(Taxon.taxon_id))
    return {one.taxon_id: one for one in session.exec(asked) if one.taxon_id in wanted}


def _is_doubted(law: Law, taxon_id: str, on: date) -> bool:
    status = law.index.status_of(taxon_id, on)
    facts = [one for one in (*status.facts, *status.undecided) if one.kind in PROTECTED_KINDS]
    return any(one.doubt for one in facts) or any(
        one.kind in PROTECTED_KINDS for one in status.undecided
    )


def whole_days(side: Side) -> dict[str, tuple[float, float]]:
    """Of each station: camera-days that worked, and those that cameras stood in the field."""
    question, nothing = side.study.question, frozenset[date]()
    stood: dict[str, float] = defaultdict(float)
    periods = (one.period(question.by) for one in side.study.standings)
    bare = (replace(one, lost_days=nothing, day_only_days=nothing) for one in periods)
    told: list[UnitDay] = daily_effort(bare, method=question.method)
    for one in told:
        if question.holds(one.day):
            stood[one.unit] += one.effort
    return {unit: (side.study.effort.get(unit, 0.0), days) for unit, days in stood.items() if days}
