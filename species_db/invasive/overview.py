"""The table of invaders: what is listed, where it was seen, how it goes, what is being done.

Each row has its effort beside it: a trend is told only from cells that were searched.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from species_db.invasive.effort import SearchEffort, search_efforts
from species_db.invasive.listing import (
    InvasiveStatus,
    NamedTaxon,
    invasive_status,
    members_by_taxon,
    named_taxa,
    shown_under,
    taxa_of,
)
from species_db.invasive.sightings import (
    Sighting,
    SightingSummary,
    in_time,
    sightings,
    summarise,
)
from species_db.invasive.spread import SeenPlace, Spread, SpreadSettings, spread_by_year
from species_db.invasive.treated import Revisits, treated_plots
from species_db.lists import StatusIndex, read_status_index
from species_db.tables import Alert, ControlAction, Decision, FieldRecord, Observation
from species_db.vocabulary import AlertState, FieldState


@dataclass(frozen=True)
class InvasiveTaxon:
    """One invader of the survey, with the taxa below it; `status_then` is as of its last sighting.

    Everything is up to the day asked for, but `open_alerts` as they stand today.
    """

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

    @property
    def is_recorded(self) -> bool:
        """Tell whether anything but its absence was recorded."""
        return any(one.is_present for one in self.found)


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
    shown = shown_under(index, recorded_taxa(session), on)
    status = {one: invasive_status(index, one, on) for one in sorted(shown)}
    wanted = [one for one, told in status.items() if told.is_invasive or told.is_introduced]
    rows = [row for row in _rows(session, index, wanted, on) if row.is_recorded]
    rows.sort(key=lambda row: (-row.summary.records, row.taxon.scientific_name))
    seen = {row.taxon.taxon_id for row in rows}
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
    (row,) = _rows(session, read_status_index(session), [taxon_id], on)
    return row


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


def _rows(
    session: Session, index: StatusIndex, wanted: Sequence[str], on: date
) -> Iterator[InvasiveTaxon]:
    """Everything of some taxa and those below them, up to a day; the survey is read once."""
    families = members_by_taxon(session, wanted)
    everyone = frozenset[str]().union(*families.values())
    names, records = named_taxa(session, wanted), defaultdict[str, list[Sighting]](list)
    for one in sightings(session, everyone, include_absent=True, include_machine=True):
        if one.on is None or one.on <= on:
            records[one.taxon_id].append(one)
    actions, alerts = _actions(session, everyone, on), _alerts(session, everyone)
    efforts = search_efforts(session, taxa_of(session, wanted), families=families, until=on)
    treated = treated_plots(session, [one for told in actions.values() for one in told])
    for taxon_id in wanted:
        family = sorted(families[taxon_id])
        found = [record for one in family for record in records.get(one, ())]
        found = sorted(found, key=in_time) if len(family) > 1 else found
        own = [action for one in family for action in actions.get(one, ())]
        visits = Revisits(found)
        summary = summarise(found)
        status = invasive_status(index, taxon_id, on)
        last = summary.last_on
        yield InvasiveTaxon(
            taxon=names[taxon_id],
            status=status,
            status_then=invasive_status(index, taxon_id, last) if last else None,
            summary=summary,
            spread=spread_of(found, efforts[taxon_id]),
            actions=len(own),
            actions_without_visit=sum(
                not visits.days_since(one, treated[one.control_id]) for one in own
            ),
            open_alerts=sum(alerts.get(one, 0) for one in family),
            found=tuple(found),
            effort=efforts[taxon_id],
        )


def _actions(
    session: Session, taxon_ids: Collection[str], on: date
) -> dict[str, list[ControlAction]]:
    """By taxon: the actions that had begun by a day."""
    told = defaultdict[str, list[ControlAction]](list)
    for action in session.exec(
        select(ControlAction).where(
            col(ControlAction.taxon_id).in_(list(taxon_ids)), ControlAction.started_on <= on
        )
    ):
        told[action.taxon_id].append(action)
    return told


def _alerts(session: Session, taxon_ids: Collection[str]) -> dict[str, int]:
    """By taxon: the alerts that are not closed today."""
    told = dict.fromkeys(taxon_ids, 0)
    for taxon_id in session.exec(
        select(Alert.taxon_id).where(
            col(Alert.taxon_id).in_(list(taxon_ids)), Alert.state != AlertState.CLOSED.value
        )
    ):
        told[taxon_id or ""] += 1
    return told
