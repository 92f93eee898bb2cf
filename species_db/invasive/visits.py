"""Which field visits searched for a taxon: the one rule, for spread and for suitability alike.

A visit by a method that searches, looked for all of a group: plants when it noted a plant, a class
of animals when it noted one of it (target-group effort, Phillips et al. 2009, Ecol. Appl. 19:181).
What was met in passing searched nothing; an absence that somebody stated is a search for that
taxon by whatever method. A visit that noted no taxon at all does not say what it looked for, and
is none.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.field.efforts import visit_of
from species_db.tables import FieldRecord, Taxon
from species_db.vocabulary import FieldProtocol, FieldState

IN_PASSING = (FieldProtocol.INCIDENTAL, FieldProtocol.PHOTO)
SEARCHING = frozenset(one.value for one in FieldProtocol if one not in IN_PASSING)
COLUMNS = (
    FieldRecord.field_record_id,
    FieldRecord.event_start,
    FieldRecord.event_end,
    FieldRecord.utc_offset_seconds,
    FieldRecord.observer,
    FieldRecord.sample_id,
    FieldRecord.latitude,
    FieldRecord.longitude,
    FieldRecord.plot_id,
    FieldRecord.county,
    FieldRecord.elevation_m,
    FieldRecord.habitat,
    FieldRecord.protocol,
    FieldRecord.occurrence_status,
    FieldRecord.taxon_id,
    Taxon.kingdom,
    Taxon.class_name,
)

Group = tuple[str, str]  # a class of animals, or a kingdom


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One identified record of a visit, as far as it tells where and for what people looked."""

    record_id: str
    visit: Hashable  # the same for all lines of one visit
    on: date | None  # the day at its place
    place: tuple[float, float] | None  # latitude and longitude of its own
    plot_id: str
    county: str
    elevation_m: float | None
    habitat: str
    protocol: str
    searched_for: Group | str | None  # a group, one taxon's id, or nothing


def group_of(kingdom: str, class_name: str) -> Group:
    """What a visit searches for together: a class of animals, or plants, or fungi.

    >>> group_of("Animalia", "Aves"), group_of("Plantae", "Magnoliopsida")
    (('class', 'Aves'), ('kingdom', 'Plantae'))
    """
    is_class = kingdom == "Animalia" and class_name
    return ("class", class_name) if is_class else ("kingdom", kingdom)


def searched_for(
    protocol: str, *, is_present: bool, taxon_id: str, group: Group
) -> Group | str | None:
    """What a line says that its visit looked for.

    >>> searched_for("photo", is_present=True, taxon_id="t", group=("kingdom", "Plantae")) is None
    True
    """
    if protocol in SEARCHING:
        return group
    return None if is_present else taxon_id


def field_lines(session: Session) -> Iterator[FieldLine]:
    """Give every identified field record with what its visit looked for, in order of their ids."""
    rows = session.execute(
        select_columns(*(col(one) for one in COLUMNS))
        .join(Taxon, col(Taxon.taxon_id) == col(FieldRecord.taxon_id))
        .where(col(FieldRecord.state) == FieldState.IDENTIFIED.value)
        .order_by(col(FieldRecord.field_record_id))
    )
    for row in rows:
        has_place = row.latitude is not None and row.longitude is not None
        yield FieldLine(
            record_id=row.field_record_id,
            visit=(row.protocol, row.plot_id, visit_of(row)),
            on=day_of(row.event_start, row.utc_offset_seconds),
            place=(row.latitude, row.longitude) if has_place else None,
            plot_id=row.plot_id or "",
            county=row.county or "",
            elevation_m=row.elevation_m,
            habitat=row.habitat,
            protocol=row.protocol,
            searched_for=searched_for(
                row.protocol,
                is_present=row.occurrence_status != "absent",
                taxon_id=row.taxon_id,
                group=group_of(row.kingdom, row.class_name),
            ),
        )


def day_of(start: datetime | None, offset_seconds: int) -> date | None:
    """The day on which an instant lies at its place."""
    return None if start is None else (start + timedelta(seconds=offset_seconds)).date()
