"""One reading of the survey for all analyses: records, effort, stations as the gate has them.

Places are gated before anything is counted, as on the pages of taxa (species_db/wildlife/release):
counties that would narrow a cell are not told, heights are the middles of bands, records too young
to leave are not counted. Stations and days are named anew only when a table is written, because
effort and independence need the true ones.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

import numpy as np
from sqlmodel import Session, select

from species_db.analysis.effort import EffortMethod, UnitDay
from species_db.export.offering import last_change
from species_db.language import tr
from species_db.secrecy.marks import SecrecyIndex, may_reach, read_secrecy
from species_db.sensitivity import Gate, delayed_events, open_gate
from species_db.study.effort import Standing, days_of, read_standings
from species_db.study.facts import LeftOut, StationFacts, TaxonFacts, read_stations, read_taxa
from species_db.study.kept import cleared, days_since, kept_records
from species_db.study.machine import MachineLabels
from species_db.study.question import CountBy, Question
from species_db.study.records import (
    Names,
    Records,
    read_disturbers,
    read_event_facts,
    read_individuals,
    read_records,
)
from species_db.survey import SurveySettings
from species_db.tables import CameraStation
from species_db.vocabulary import Secrecy
from species_db.wildlife.members import find_taxon, members_of


@dataclass(frozen=True)
class Study:
    """What one question concerns. `records` are dated animals of the taxa and dates asked for."""

    question: Question
    gate: Gate
    zone: timezone
    stations: Mapping[str, StationFacts]
    standings: Sequence[Standing]
    records: Records
    disturbers: Records  # people, vehicles, dogs, cats, livestock: `taxa` tells which
    taxa: Mapping[str, TaxonFacts]
    chosen: TaxonFacts | None  # the taxon asked for; `records` hold all below it
    left_out: LeftOut
    members: frozenset[str] = frozenset()  # the taxon asked for, and all below it
    individuals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by event
    machine: MachineLabels | None = None  # only where `labelled` read it
    is_secret: bool = False  # the whole survey: no file may leave
    last_change: int = 0  # of the log, when this was read

    @cached_property
    def days(self) -> list[UnitDay]:
        """Effort of each unit on each local day asked for."""
        return self.days_by(self.question.method)

    def days_by(self, method: EffortMethod) -> list[UnitDay]:
        """The same by another method.

        Without an exact release to the half day, before anything is reckoned: a sum or a ratio of
        finer days would give the minute of set-up back, which orders a trail's stations like beads
        (species_db/sensitivity/periods).
        """
        told = days_of(self.standings, by=self.question.by, method=method)
        kept = (one for one in told if self.question.holds(one.day))
        if self.gate.exact:
            return list(kept)
        return [
            UnitDay(one.unit, one.day, _half(one.effort), _half(one.diurnal_effort)) for one in kept
        ]

    @cached_property
    def effort(self) -> dict[str, float]:
        """Camera-days of each unit; a unit that never worked is there with zero."""
        totals: dict[str, float] = {}
        for one in self.days:
            totals[one.unit] = totals.get(one.unit, 0.0) + one.effort
        return totals

    @cached_property
    def station_of_unit(self) -> dict[str, str]:
        """The station of each unit."""
        return {one.unit(self.question.by): one.location_id for one in self.standings}

    @cached_property
    def units(self) -> Names:
        """The unit of each record."""
        return self.units_of(self.records)

    def units_of(self, records: Records) -> Names:
        """The unit of each of some records."""
        of = {one.deployment_id: one.unit(self.question.by) for one in self.standings}
        return np.array([of[name] for name in records.deployments], dtype=object)

    def facts(self, unit: str) -> StationFacts:
        """The station of a unit as it may be told."""
        return self.stations[self.station_of_unit[unit]]

    def public(self, unit: str) -> str:
        """The name under which a unit leaves."""
        by = self.question.by
        if by is CountBy.STATION:
            return self.stations[unit].name
        if by is CountBy.DEPLOYMENT:
            return self.gate.key("deployment", unit)
        location_id, _, camera = unit.partition("\n")
        own = f"{location_id}/{camera}"
        return own if self.gate.exact else self.gate.key("camera at station", own)

    def told_until(self, taxon_id: str) -> date:
        """The last day of which a taxon's records may leave; effort after it is none for them.

        Records of hunted species wait (species_db/sensitivity/delay); to count them up to one day
        and their effort up to another would make them look rarer than they are.
        """
        return _told_until(self.gate, self.members or {taxon_id})

    def days_for(self, taxon_id: str) -> list[UnitDay]:
        """Effort that counts for a taxon: up to the last day of which its records may leave."""
        until = self.told_until(taxon_id)
        if until not in self._days_until:
            self._days_until[until] = [one for one in self.days if one.day <= until]
        return self._days_until[until]

    def effort_for(self, taxon_id: str) -> dict[str, float]:
        """Camera-days of each unit that count for a taxon; zero where none do."""
        until = self.told_until(taxon_id)
        if until not in self._effort_until:
            totals = dict.fromkeys(self.effort, 0.0)
            for one in self.days_for(taxon_id):
                totals[one.unit] += one.effort
            self._effort_until[until] = totals
        return self._effort_until[until]

    @cached_property
    def _days_until(self) -> dict[date, list[UnitDay]]:
        return {date.max: self.days}

    @cached_property
    def _effort_until(self) -> dict[date, dict[str, float]]:
        return {date.max: self.effort}

    @cached_property
    def camera_days(self) -> float | None:
        """Effort of all units together; None when nobody watched."""
        total = sum(self.effort.values())
        return total if total > 0 else None

    @property
    def effort_words(self) -> str:
        """Camera-days in words; never a number where nobody watched."""
        days = self.camera_days
        return tr("not known", "不明") if days is None else f"{days:,.1f}"

    @property
    def event_ids(self) -> frozenset[str]:
        """The reviewed events that a study rests on."""
        return frozenset(self.records.event_ids.tolist())

    @property
    def unit_column(self) -> str:
        """The heading of the unit's column."""
        return {
            CountBy.STATION: "locationID",
            CountBy.CAMERA: "cameraAtStation",
            CountBy.DEPLOYMENT: "deploymentID",
        }[self.question.by]

    def delay_note(self) -> tuple[str, ...]:
        """What answers over several taxa must say: some end earlier than the effort does."""
        if not self.left_out.has_delays or self.chosen is not None:
            return ()
        until = _told_until(self.gate, self.gate.places.delays)
        return (
            tr(
                f"Hunted species are told up to {until} at the earliest, and look rarer after it "
                f"than they are: compare with --to {until}.",
                f"易受盗猎物种的记录最早只公开到 {until}，此后看起来会偏少："
                f"比较时请加 --to {until}。",
            ),
        )

    def hidden_note(self) -> tuple[str, ...]:
        """How many units are in sums alone, or nothing."""
        hidden = sum(not self.facts(unit).tells_days for unit in self.effort)
        if not hidden:
            return ()
        return (
            tr(
                f"{hidden} units at the most sensitive places are in every sum and in no row of "
                "their own; with --exact REASON they are told.",
                f"{hidden} 个位于最敏感位置的单元只计入合计，不单独列出；"
                "确需列出时使用 --exact 理由。",
            ),
        )


def read_study(
    session: Session,
    settings: SurveySettings,
    question: Question,
    *,
    gate: Gate | None = None,
) -> Study:
    """Read what a question concerns; without a gate handed over, the closed one of today.

    Raises:
        UnknownTaxonError: no taxon, or several, have the name.
    """
    gate = gate or open_gate(session, settings)
    every = read_standings(session)
    chosen = find_taxon(session, question.taxon) if question.taxon else None
    members = None if chosen is None else [one.taxon_id for one in members_of(session, chosen)]
    known = {one.deployment_id: one for one in every}
    facts = read_event_facts(session)
    records = read_records(session, known, question, facts, taxon_ids=members)
    secrecy = read_secrecy(session)
    is_secret = not may_reach(secrecy.survey, Secrecy.INTERNAL)
    secret = () if is_secret else tuple(_secret(session, secrecy, every))
    doubtful: tuple[str, ...] = ()
    if not question.with_doubtful_clocks:
        doubtful = tuple(one.deployment_id for one in every if one.has_doubtful_clock)
    out = {*doubtful, *secret}
    standings = [one for one in every if one.deployment_id not in out]
    if members is not None:  # all of a group up to the same day, or a year would look like a rise
        records = records.only(records.days <= days_since(_told_until(gate, members)))
    taxa = read_taxa(session, set(records.taxa) | ({chosen.taxon_id} if chosen else set()))
    closed = delayed_events(session, gate), secrecy.closed_events(Secrecy.INTERNAL)
    records, left_out = kept_records(records, taxa, question, closed, out, known)
    return Study(
        question=question,
        gate=gate,
        zone=timezone(timedelta(seconds=settings.utc_offset_seconds)),
        stations=read_stations(session, gate),
        standings=standings,
        records=records,
        disturbers=cleared(read_disturbers(session, known, facts), question, closed, out, known),
        taxa=taxa,
        chosen=taxa[chosen.taxon_id] if chosen else None,
        left_out=replace(
            left_out,
            has_delays=gate.exact is None and bool(gate.places.delays),
            doubtful_deployments=tuple(one for one in doubtful if one not in secret),
            secret_deployments=secret,
        ),
        members=frozenset(members or ()),
        individuals={} if chosen is None else read_individuals(session, members or ()),
        is_secret=is_secret,
        last_change=last_change(session),
    )


def _half(share: float) -> float:
    """A part of a day to the half.

    >>> _half(0.34), _half(0.15), _half(1.0)
    (0.5, 0.0, 1.0)
    """
    return round(share * 2) / 2


def _told_until(gate: Gate, taxon_ids: Collection[str]) -> date:
    delays = gate.places.delays
    wait = 0 if gate.exact else max((delays.get(one, 0) for one in taxon_ids), default=0)
    return gate.today - timedelta(days=wait) if wait else date.max


def _secret(
    session: Session, secrecy: SecrecyIndex, standings: Sequence[Standing]
) -> Iterator[str]:
    """Deployments at places that are marked secret: what they saw never leaves."""
    plots = dict(session.exec(select(CameraStation.location_id, CameraStation.plot_id)).all())
    for one in standings:
        marked = secrecy.of_place(one.location_id, plots.get(one.location_id))
        if not may_reach(marked, Secrecy.INTERNAL):
            yield one.deployment_id


def local_time(seconds: int, offset_seconds: int) -> datetime:
    """An instant on the clock of a camera.

    >>> local_time(0, 28800).isoformat()
    '1970-01-01T08:00:00+08:00'
    """
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=offset_seconds)))
