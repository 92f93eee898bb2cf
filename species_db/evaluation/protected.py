"""Protected wildlife: what was recorded of each class, how often, at how many stations.

The class is the one on the last day of the period reported, for both periods alike, so that a
change of the law does not pass for a change of the animals.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from species_db.evaluation.basis import AREAS, Basis, Side
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.comparing import Numbers, count, rate, share
from species_db.evaluation.results import WHOLE, Result
from species_db.wildlife.legal import NONE, NOT_KNOWN
from species_db.wildlife.members import names_of

LEVELS = (("I", "1"), ("II", "2"))  # of the law, and in the ids of indicators


@dataclass(frozen=True)
class TaxonResult:
    """One taxon of class I or II, or one that was chosen: its index, and where it was met."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    level: str
    is_doubted: bool
    index: tuple[Result, ...]  # the prefecture first, then counties in which it was met
    stations: Result
    records_before: int  # made on foot
    records_after: int

    @property
    def whole(self) -> Result:
        """Its index in the whole prefecture."""
        return self.index[0]

    @property
    def is_seen(self) -> bool:
        """Whether the period reported has any record of it."""
        return bool(self.whole.after.cases or self.records_after)


def protected_results(basis: Basis) -> Iterator[Result]:
    """The indicators of both classes, by area."""
    for level, number in LEVELS:
        taxa, animals = basis.of_level(level), basis.of_level(level, animals_only=True)
        caveats = _about_lists(basis, taxa)
        until = basis.told_until(animals)
        events = (basis.before.counts(animals, until), basis.after.counts(animals, until))
        for area in AREAS:
            yield count(
                f"taxa_class_{number}",
                area,
                *(_taxa(basis, side, area, taxa) for side in (basis.before, basis.after)),
                caveats=caveats,
            )
            yield rate(basis, f"index_class_{number}", area, events, until=until, caveats=caveats)
            yield _stations(basis, f"stations_class_{number}", area, animals, caveats)


def taxon_results(basis: Basis) -> tuple[TaxonResult, ...]:
    """Each protected or chosen taxon with a record in either period, strictest class first."""
    chosen = set(basis.freeze.counting.chosen)
    wanted = basis.of_level("I") | basis.of_level("II") | (chosen & basis.taxa.keys())
    seen = [one for one in basis.taxa if one in wanted and _is_met(basis, one)]
    names = names_of(basis.session, seen)
    order = {level: place for place, level in enumerate(("I", "II", NONE, NOT_KNOWN))}
    told = [
        TaxonResult(
            taxon_id=one,
            scientific_name=basis.taxa[one].scientific_name,
            zh=names[one].zh,
            en=names[one].en,
            level=basis.levels[one],
            is_doubted=one in basis.doubted,
            index=tuple(_index(basis, one)),
            stations=_stations(basis, "stations_taxon", WHOLE, {one}, _about_lists(basis, {one})),
            records_before=_on_foot(basis.before, one),
            records_after=_on_foot(basis.after, one),
        )
        for one in seen
    ]
    return tuple(
        sorted(told, key=lambda one: (order[one.level], -(one.whole.after.cases or 0),
                                      one.scientific_name))
    )  # fmt: skip


def _index(basis: Basis, taxon_id: str) -> Iterator[Result]:
    until, caveats = basis.told_until({taxon_id}), _about_lists(basis, {taxon_id})
    events = tuple(side.counts({taxon_id}, until) for side in (basis.before, basis.after))
    for area in AREAS:
        is_met = any(basis.inside(area, found) for found in events)
        if area == WHOLE or is_met:
            yield rate(basis, "index_taxon", area, (events[0], events[1]), until=until,
                       caveats=caveats)  # fmt: skip


def _stations(
    basis: Basis,
    indicator_id: str,
    area: str,
    taxa: Collection[str],
    caveats: Collection[Caveat],
) -> Result:
    """Of the stations that were watched long enough, those that recorded any of the taxa."""
    until, pairs = basis.told_until(taxa), []
    for side in (basis.before, basis.after):
        days = basis.inside(area, side.days(until))
        least = basis.freeze.counting.least_station_days
        watched = {unit for unit, total in days.items() if total >= least}
        pairs.append((len(watched & side.counts(taxa, until).keys()), len(watched)))
    return share(
        basis,
        indicator_id,
        area,
        *pairs,
        until=until,
        caveats={*caveats, Caveat.LOWER_BOUND},
    )


def _taxa(basis: Basis, side: Side, area: str, taxa: Collection[str]) -> Numbers:
    """How many of the taxa were recorded in an area, beside camera-days and visits."""
    wanted, events = set(taxa), side.events
    units, names = events.units.tolist(), events.taxa.tolist()
    met = {
        name
        for unit, name in zip(units, names, strict=True)
        if name in wanted and area in (WHOLE, basis.area_of(unit))
    }
    rows = [row for row in side.rows if area in (WHOLE, basis.area_of_row(row))]
    met |= {row.taxon_id for row in rows if row.is_present and row.taxon_id in wanted}
    days = basis.inside(area, side.days())
    until = basis.told_until(taxa)
    is_cut = until is not None and until < side.period.last_day
    return Numbers(
        len(met),
        sum(days.values()),
        cases=len(met),
        stations=len(days),
        visits=len({row.visit for row in rows}),
        counted_to=until if is_cut else None,
    )


def _about_lists(basis: Basis, taxa: Collection[str]) -> set[Caveat]:
    told = {Caveat.STATUS_DOUBTED} if basis.doubted & set(taxa) else set()
    is_partial = any(level == NOT_KNOWN for level in basis.levels.values())
    return told | ({Caveat.LIST_PARTIAL} if is_partial else set())


def _is_met(basis: Basis, taxon_id: str) -> bool:
    return any(side.has({taxon_id}) for side in (basis.before, basis.after))


def _on_foot(side: Side, taxon_id: str) -> int:
    return sum(row.is_present and row.taxon_id == taxon_id for row in side.rows)
