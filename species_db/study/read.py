"""One reading of the survey for all analyses: records, effort, stations as the gate has them.

Places are gated before anything is counted, as on the pages of taxa (species_db/wildlife/release):
counties that would narrow a cell are not told, heights are the middles of bands, records too young
to leave are not counted. Stations and days are named anew only when a table is written, because
effort and independence need the true ones.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, select

from species_db.analysis.effort import UnitDay
from species_db.export.offering import last_change
from species_db.language import tr
from species_db.secrecy.marks import SecrecyIndex, may_reach, read_secrecy
from species_db.sensitivity import Gate, delayed_events, open_gate
from species_db.study.effort import Standing, days_of, read_standings
from species_db.study.facts import LeftOut, StationFacts, TaxonFacts, read_stations, read_taxa
from species_db.study.machine import MachineLabels
from species_db.study.question import RANKS, CountBy, Question
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
        told = days_of(self.standings, by=self.question.by, method=self.question.method)
        return [one for one in told if self.question.holds(one.day)]

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
        ids = self.members if self.chosen and taxon_id == self.chosen.taxon_id else {taxon_id}
        delays = self.gate.places.delays
        wait = 0 if self.gate.exact else max((delays.get(one, 0) for one in ids), default=0)
        return self.gate.today - timedelta(days=wait) if wait else date.max

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

    def told(self, days: float) -> float:
        """Camera-days as a row may tell them: to the half without an exact release.

        The minutes of set-up and retrieval order the stations of a trail like beads
        (species_db/sensitivity/periods).
        """
        return days if self.gate.exact else round(days * 2) / 2

    @property
    def unit_column(self) -> str:
        """The heading of the unit's column."""
        return {
            CountBy.STATION: "locationID",
            CountBy.CAMERA: "cameraAtStation",
            CountBy.DEPLOYMENT: "deploymentID",
        }[self.question.by]

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
    taxa = read_taxa(session, set(records.taxa) | ({chosen.taxon_id} if chosen else set()))
    closed = delayed_events(session, gate), secrecy.closed_events(Secrecy.INTERNAL)
    records, left_out = _kept(records, taxa, question, closed, out, known)
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
            doubtful_deployments=tuple(one for one in doubtful if one not in secret),
            secret_deployments=secret,
        ),
        members=frozenset(members or ()),
        individuals={} if chosen is None else read_individuals(session, members or ()),
        is_secret=is_secret,
        last_change=last_change(session),
    )


def _secret(
    session: Session, secrecy: SecrecyIndex, standings: Sequence[Standing]
) -> Iterator[str]:
    """Deployments at places that are marked secret: what they saw never leaves."""
    plots = dict(session.exec(select(CameraStation.location_id, CameraStation.plot_id)).all())
    for one in standings:
        marked = secrecy.of_place(one.location_id, plots.get(one.location_id))
        if not may_reach(marked, Secrecy.INTERNAL):
            yield one.deployment_id


def _kept(
    records: Records,
    taxa: Mapping[str, TaxonFacts],
    question: Question,
    closed: tuple[Collection[str], Collection[str]],  # events too young, and secret ones
    deployments_out: Collection[str],
    standings: Mapping[str, Standing],
) -> tuple[Records, LeftOut]:
    """Without what the question or the gate leaves out; each record counts for one reason."""
    young, secret = closed
    is_young = _marked(one in young for one in records.event_ids)
    is_clear = _marked(one not in deployments_out for one in records.deployments)
    is_clear &= _marked(one not in secret for one in records.event_ids)
    broad = {one for one, facts in taxa.items() if is_broader(facts.rank, question.min_rank)}
    is_named = _marked(one not in broad for one in records.taxa)
    in_dates, in_span = _in_dates(records, question, standings)
    mine = in_dates & is_clear
    kept = mine & ~is_young & is_named & records.is_dated & in_span
    left_out = LeftOut(
        undated=int((is_clear & ~is_young & ~records.is_dated).sum()),
        unnamed=int((mine & ~is_young & records.is_dated & in_span & ~is_named).sum())
        + (0 if question.taxon else records.without_taxon),
        young=int((mine & is_young).sum()),
        outside=int((mine & ~is_young & records.is_dated & ~in_span).sum()),
    )
    return records.only(kept), left_out


def cleared(
    records: Records,
    question: Question,
    closed: tuple[Collection[str], Collection[str]],
    deployments_out: Collection[str],
    standings: Mapping[str, Standing],
) -> Records:
    """The same for what disturbs and for what models said, which bear no taxon here."""
    kept, _ = _kept(records, {}, question, closed, deployments_out, standings)
    return kept


def _marked(told: Iterable[bool]) -> NDArray[np.bool_]:
    return np.fromiter(told, dtype=np.bool_)


def is_broader(rank: str, wanted: str) -> bool:
    """Tell whether a rank is broader than the one asked for."""
    return RANKS.index(rank) < RANKS.index(wanted) if rank in RANKS else False


def _in_dates(
    records: Records, question: Question, standings: Mapping[str, Standing]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which records are of the days asked for, and which of the days their camera stood there."""
    first = _days_since(question.first_day or date.min)
    last = _days_since(question.last_day or date.max)
    in_dates = ~records.is_dated | ((records.days >= first) & (records.days <= last))
    spans = {
        one.deployment_id: (_days_since(one.start.date()), _days_since(one.end.date()))
        for one in standings.values()
    }
    begins = np.array([spans[name][0] for name in records.deployments], dtype=np.int64)
    ends = np.array([spans[name][1] for name in records.deployments], dtype=np.int64)
    return in_dates, (records.days >= begins) & (records.days <= ends)


def _days_since(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def local_time(seconds: int, offset_seconds: int) -> datetime:
    """An instant on the clock of a camera.

    >>> local_time(0, 28800).isoformat()
    '1970-01-01T08:00:00+08:00'
    """
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=offset_seconds)))
