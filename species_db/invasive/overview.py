"""The table of invaders: what is listed, where it was seen, how it goes, what is being done.

Each row has its effort beside it: a trend is told only from cells that were searched.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlmodel import Session, col, select

from species_db.invasive.control_list import days_visited_since
from species_db.invasive.effort import SearchEffort, search_effort, search_efforts
from species_db.invasive.listing import (
    InvasiveStatus,
    NamedTaxon,
    invasive_status,
    named_taxa,
    taxa_of,
)
from species_db.invasive.sightings import Sighting, SightingSummary, sightings, summarise
from species_db.invasive.spread import SeenPlace, Spread, SpreadSettings, spread_by_year
from species_db.lists import StatusIndex, read_status_index
from species_db.tables import Alert, ControlAction, Decision, FieldRecord, Observation, Taxon
from species_db.vocabulary import AlertState, FieldState


@dataclass(frozen=True)
class InvasiveTaxon:
    """One invader of the survey; `status_then` is as of its last sighting."""

    taxon: NamedTaxon
    status: InvasiveStatus
    status_then: InvasiveStatus | None
    summary: SightingSummary
    spread: Spread
    actions: int
    actions_without_visit: int  # no follow-up visit since they ended
    open_alerts: int
    found: tuple[Sighting, ...] = field(default=(), repr=False)
    effort: SearchEffort = field(default_factory=lambda: SearchEffort({}, {}), repr=False)


@dataclass(frozen=True)
class InvasiveOverview:
    """The invaders with records, and the merely introduced ones apart, on a day."""

    on: date
    invasive: tuple[InvasiveTaxon, ...]
    introduced: tuple[InvasiveTaxon, ...]
    listed_unseen: int  # taxa on the lists of invaders without a record here


def invasive_overview(session: Session, on: date) -> InvasiveOverview:
    """Tell every invader with records up to a day, by the lists in force on that day."""
    index = read_status_index(session)
    seen = recorded_taxa(session)
    status = {one: invasive_status(index, one, on) for one in seen}
    wanted = [one for one, told in status.items() if told.is_invasive or told.is_introduced]
    names = named_taxa(session, wanted)
    records = defaultdict[str, list[Sighting]](list)
    for one in sightings(session, wanted, include_absent=True, include_machine=True):
        if one.on is None or one.on <= on:
            records[one.taxon_id].append(one)
    actions, alerts = _actions(session, wanted), _alerts(session, wanted)
    efforts = search_efforts(session, taxa_of(session, wanted))
    rows = [
        _row(index, names[one], status[one], efforts[one], records[one], actions[one], alerts[one])
        for one in wanted
        if any(record.is_present for record in records[one])
    ]
    rows.sort(key=lambda row: (-row.summary.records, row.taxon.scientific_name))
    listed = {
        taxon_id
        for taxon_id in index.facts_by_taxon
        if taxon_id not in seen and invasive_status(index, taxon_id, on).is_invasive
    }
    return InvasiveOverview(
        on=on,
        invasive=tuple(row for row in rows if row.status.is_invasive),
        introduced=tuple(row for row in rows if not row.status.is_invasive),
        listed_unseen=len(listed),
    )


def invasive_taxon(session: Session, taxon_id: str, on: date) -> InvasiveTaxon:
    """One taxon as the overview has it, whether a list names it or not."""
    index = read_status_index(session)
    records = [
        one
        for one in sightings(session, [taxon_id], include_absent=True, include_machine=True)
        if one.on is None or one.on <= on
    ]
    return _row(
        index,
        named_taxa(session, [taxon_id])[taxon_id],
        invasive_status(index, taxon_id, on),
        search_effort(session, session.get_one(Taxon, taxon_id)),
        records,
        _actions(session, [taxon_id])[taxon_id],
        _alerts(session, [taxon_id])[taxon_id],
    )


def survey_version(session: Session) -> int:
    """A number that changes with every act: what was worked out under another is out of date."""
    last = select(Decision.sequence).order_by(col(Decision.sequence).desc()).limit(1)
    return session.exec(last).first() or 0


def spread_of(
    found: Sequence[Sighting], effort: SearchEffort, *, settings: SpreadSettings | None = None
) -> Spread:
    """The spread that confirmed sightings with a day and a place show."""
    seen = [
        SeenPlace(one.on.year, one.place, one.cell, one.plot_id)
        for one in found
        if one.is_present and one.is_confirmed and one.on and one.place and one.cell
    ]
    return spread_by_year(seen, effort.cells, settings=settings, search_places=effort.places)


def recorded_taxa(session: Session) -> frozenset[str]:
    """Every taxon that an observation or an identified field record names."""
    seen = set(
        session.exec(
            select(Observation.taxon_id).where(col(Observation.taxon_id).is_not(None)).distinct()
        )
    )
    seen |= set(
        session.exec(
            select(FieldRecord.taxon_id)
            .where(FieldRecord.state == FieldState.IDENTIFIED.value)
            .distinct()
        )
    )
    return frozenset(one for one in seen if one)


def _row(
    index: StatusIndex,
    taxon: NamedTaxon,
    status: InvasiveStatus,
    effort: SearchEffort,
    records: Sequence[Sighting],
    actions: Sequence[ControlAction],
    open_alerts: int,
) -> InvasiveTaxon:
    summary = summarise(records)
    within = {year: cells for year, cells in effort.cells.items() if year <= status.on.year}
    told = replace(effort, cells=within)
    last = summary.last_on
    return InvasiveTaxon(
        taxon=taxon,
        status=status,
        status_then=invasive_status(index, taxon.taxon_id, last) if last else None,
        summary=summary,
        spread=spread_of(records, told),
        actions=len(actions),
        actions_without_visit=sum(not days_visited_since(one, records) for one in actions),
        open_alerts=open_alerts,
        found=tuple(records),
        effort=told,
    )


def _actions(session: Session, taxon_ids: Collection[str]) -> dict[str, list[ControlAction]]:
    told = defaultdict[str, list[ControlAction]](list)
    for action in session.exec(
        select(ControlAction).where(col(ControlAction.taxon_id).in_(list(taxon_ids)))
    ):
        told[action.taxon_id].append(action)
    return told


def _alerts(session: Session, taxon_ids: Collection[str]) -> dict[str, int]:
    """By taxon: the alerts that are not closed."""
    told = dict.fromkeys(taxon_ids, 0)
    for taxon_id in session.exec(
        select(Alert.taxon_id).where(
            col(Alert.taxon_id).in_(list(taxon_ids)), Alert.state != AlertState.CLOSED.value
        )
    ):
        told[taxon_id or ""] += 1
    return told
