"""The page of one taxon: everything the survey knows of it, gathered in one call."""

from collections import Counter
from datetime import UTC, date, datetime

import numpy as np
from sqlmodel import Session

from species_db.wildlife.camera_effort import METHOD
from species_db.wildlife.gathered import (
    Gathered,
    Shared,
    evidence_of_row,
    gather,
    read_shared,
)
from species_db.wildlife.legal import records_by_level, status_lines
from species_db.wildlife.members import find_taxon, names_of
from species_db.wildlife.parts import (
    Counts,
    Evidence,
    Identity,
    Legal,
    Member,
    Method,
    Names,
    Review,
    TaxonPage,
    Threat,
)
from species_db.wildlife.photos import evidence_photos
from species_db.wildlife.reach import reach_of
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import date_of
from species_db.wildlife.slices import Dimension, band_of, cut, cut_by_deployment, whole
from species_db.wildlife.threats import camera_threats, field_threats


def taxon_page(
    session: Session,
    taxon_id: str,
    *,
    on: date | None = None,
    settings: PageSettings | None = None,
    shared: Shared | None = None,
) -> TaxonPage:
    """Gather what the survey knows of a taxon and of all taxa below it, as of a day (today).

    `taxon_id` may also be a name. Counts are of confirmed, independent events (30 minutes since
    the last independent one, by species and station) and of field records, each beside its
    effort; a machine's word is counted apart. Indices are per 100 camera-days with a 95 %
    bootstrap interval over stations. Status is told as of the day and as of each record's own.
    The page holds no coordinates; what leaves the survey goes through `wildlife.release`.

    Raises:
        UnknownTaxonError: no such taxon, or the name is of several.
    """
    gathered = gather(
        session,
        find_taxon(session, taxon_id),
        on=on or datetime.now(UTC).astimezone().date(),
        settings=settings or PageSettings(),
        shared=shared or read_shared(session, settings),
    )
    return page_of(session, gathered)


def page_of(session: Session, gathered: Gathered) -> TaxonPage:
    """Put together what was gathered."""
    counties = {name: one.county for name, one in gathered.effort.stations.items()}
    names = names_of(session, gathered.by_id)
    first, last = _ends(gathered)
    return TaxonPage(
        identity=_identity(gathered, names[gathered.taxon.taxon_id]),
        on=gathered.on,
        members=_members(gathered, names),
        legal=_legal(gathered),
        counts=_counts(gathered),
        threats=_threats(gathered),
        first=first,
        last=last,
        undated=_undated(gathered),
        review=_review(gathered),
        photos=evidence_photos(session, gathered.records, counties, gathered.settings),
        reach=reach_of(session, gathered),
        method=_method(gathered.settings),
    )


def _ends(gathered: Gathered) -> tuple[Evidence | None, Evidence | None]:
    """The first and the last confirmed record that has a time."""
    records = gathered.records
    chosen = np.flatnonzero(records.is_confirmed & records.is_dated)
    told: list[tuple[float, Evidence]] = [
        (row.moment.timestamp(), evidence_of_row(row))
        for row in gathered.present
        if row.moment is not None
    ]
    if len(chosen):
        times = records.seconds[chosen]
        for number in (chosen[times.argmin()], chosen[times.argmax()]):
            told.append((float(records.seconds[number]), gathered.evidence_of_event(int(number))))
    told.sort(key=lambda pair: pair[0])
    return (told[0][1], told[-1][1]) if told else (None, None)


def _undated(gathered: Gathered) -> int:
    records = gathered.records
    events = int((records.is_confirmed & ~records.is_dated).sum())
    return events + sum(row.moment is None for row in gathered.present)


def _threats(gathered: Gathered) -> tuple[Threat, ...]:
    of_cameras = camera_threats(
        gathered.records,
        gathered.disturbances,
        set(gathered.by_id),
        gathered.settings,
        effort=gathered.effort.of_stations(),
    )
    return (*of_cameras, *field_threats(gathered.rows, gathered.visits))


def _identity(gathered: Gathered, names: Names) -> Identity:
    taxon = gathered.taxon
    return Identity(
        taxon_id=taxon.taxon_id,
        rank=taxon.taxon_rank,
        kingdom=taxon.kingdom,
        class_name=taxon.class_name,
        order_name=taxon.order_name,
        family=taxon.family,
        names=names,
    )


def _members(gathered: Gathered, names: dict[str, Names]) -> tuple[Member, ...]:
    """The taxon first, then those below it that have records or a level of their own."""
    records = gathered.records
    numbers = np.bincount(records.taxon[records.is_confirmed], minlength=len(records.taxa))
    counts = Counter(dict(zip(records.taxa, numbers.tolist(), strict=False)))
    counts.update(row.taxon_id for row in gathered.present)
    found = [
        Member(
            taxon_id=one.taxon_id,
            scientific_name=one.scientific_name,
            zh=names[one.taxon_id].zh,
            rank=one.taxon_rank,
            level=gathered.law.level(one, gathered.on),
            records=counts[one.taxon_id],
        )
        for one in gathered.members
    ]
    below = sorted(found[1:], key=lambda one: (-one.records, one.scientific_name))
    return (found[0], *below)


def _legal(gathered: Gathered) -> Legal:
    law, taxon, on = gathered.law, gathered.taxon, gathered.on
    return Legal(
        level=law.level(taxon, on),
        strictest_member=law.strictest(taxon, on),
        lines=status_lines(law, gathered.members, on),
        kinds_not_known=tuple(
            sorted(one.value for one in law.index.status_of(taxon.taxon_id, on).not_known)
        ),
        records_by_level=records_by_level(law, gathered.by_id, _taxon_days(gathered)),
    )


def _taxon_days(gathered: Gathered) -> dict[tuple[str, date], int]:
    """How many confirmed, dated records each taxon of the page has on each local date."""
    records = gathered.records
    chosen = records.is_confirmed & records.is_dated
    width = max(len(records.taxa), 1)
    pairs, counts = np.unique(
        records.day[chosen] * width + records.taxon[chosen], return_counts=True
    )
    found: Counter[tuple[str, date]] = Counter()
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        found[records.taxa[pair % width], date_of(pair // width)] = count
    found.update((row.taxon_id, row.on) for row in gathered.present if row.on is not None)
    return found


def _counts(gathered: Gathered) -> Counts:
    material, stations = gathered.material, gathered.effort.stations
    band_m = gathered.settings.elevation_band_m

    def ecosystem(plot_id: str) -> str:
        plot = gathered.plots.get(plot_id)
        return plot.ecosystem if plot else ""

    return Counts(
        total=whole(material),
        by_county=cut(
            material, Dimension(lambda name: stations[name].county, None, lambda row: row.county)
        ),
        by_plot=cut(
            material, Dimension(lambda name: stations[name].plot_id, None, lambda row: row.plot_id)
        ),
        by_band=cut(
            material,
            Dimension(
                lambda name: band_of(stations[name].elevation_m, band_m),
                None,
                lambda row: band_of(row.elevation_m, band_m),
            ),
        ),
        by_year=cut(
            material,
            Dimension(None, lambda y, m: f"{y}", lambda row: f"{row.on.year}" if row.on else ""),
        ),
        by_month=cut(
            material,
            Dimension(
                None, lambda y, m: f"{m:02d}", lambda row: f"{row.on.month:02d}" if row.on else ""
            ),
        ),
        by_ecosystem=cut(
            material,
            Dimension(
                lambda name: stations[name].ecosystem, None, lambda row: ecosystem(row.plot_id)
            ),
        ),
        by_habitat=cut_by_deployment(material),
    )


def _review(gathered: Gathered) -> Review:
    records = gathered.records
    waits = ~records.is_confirmed
    numbers = np.bincount(records.person[records.is_confirmed], minlength=len(records.people))
    people = Counter(dict(zip(records.people, numbers.tolist(), strict=False)))
    people.update(row.identified_by for row in gathered.present)
    dated = waits & records.is_dated
    return Review(
        confirmed=gathered.confirmed,
        by_person={name: count for name, count in people.most_common() if count},
        awaiting=int(waits.sum()),
        oldest_awaiting_on=date_of(int(records.day[dated].min())) if dated.any() else None,
    )


def _method(settings: PageSettings) -> Method:
    return Method(
        interval_minutes=settings.interval_minutes,
        independence_rule=settings.rule.value,
        band_m=settings.elevation_band_m,
        threat_days=settings.threat_days,
        effort_method=METHOD.value,
    )
