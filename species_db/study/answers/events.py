"""Independent events, one row each, with the effort of their unit beside their numbers."""

from collections.abc import Iterator
from datetime import datetime

from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import Events, independent_events
from species_db.study.read import Study, local_time

MONTH = "%Y-%m"


def answer(study: Study) -> Answer:
    """List every independent event, and count them by taxon beside camera-days.

    At a withheld place only the month is told and nothing ties two events together, as in every
    other table that leaves (species_db/export/occurrence_rows).
    """
    events = independent_events(study)
    columns = (
        "eventID", study.unit_column, "county", "scientificName", "eventStart", "eventEnd",
        "maxN", "recordsJoined", "isConfirmed", "intervalMinutes", "rule",
    )  # fmt: skip
    rows = sorted(_rows(study, events), key=_in_public_order)
    by_taxon = _by_taxon(study, events)
    days = study.camera_days
    told = study.effort_words
    summary = (
        tr(
            f"{len(events):,} independent events of {len(by_taxon.rows)} taxa from "
            f"{len(study.records):,} records, over {told} camera-days.",
            f"{len(study.records):,} 条记录合为 {len(events):,} 个独立事件，"
            f"涉及 {len(by_taxon.rows)} 个分类单元，工作量 {told} 相机日。",
        ),
        study.question.in_words(),
    )
    return Answer(
        name="events",
        tables=(Table("events", columns, rows), by_taxon),
        summary=summary,
        notes=study.left_out.notes(),
        figures={
            "events": len(events),
            "records": len(study.records),
            "taxa": len(by_taxon.rows),
            "camera_days": days,
        },
        event_ids=study.event_ids,
    )


def _rows(study: Study, events: Events) -> Iterator[tuple[Cell, ...]]:
    question, gate = study.question, study.gate
    for number in range(len(events)):
        unit, taxon = str(events.units[number]), str(events.taxa[number])
        facts = study.facts(unit)
        offset = int(events.offsets[number])
        start = local_time(int(events.seconds[number]), offset)
        end = local_time(int(events.ends[number]), offset)
        own_id = str(study.records.event_ids[events.first[number]])
        is_withheld = facts.latitude is None
        count = int(events.counts[number]) or None
        yield (
            gate.pseudonym("withheld event", own_id, taxon)
            if is_withheld
            else gate.key("event", own_id),
            None if is_withheld else study.public(unit),
            facts.county or None,
            study.taxa[taxon].scientific_name,
            start.strftime(MONTH) if is_withheld else start,
            end.strftime(MONTH) if is_withheld else end,
            count,
            int(events.records[number]),
            bool(events.is_confirmed[number]),
            question.interval_minutes,
            question.rule.value,
        )


def _in_public_order(row: tuple[Cell, ...]) -> tuple[str, ...]:
    """By what leaves, not by our own ids: unit, time, taxon."""
    start = row[4].isoformat() if isinstance(row[4], datetime) else str(row[4])
    return str(row[1]), start, str(row[3]), str(row[0])


def _by_taxon(study: Study, events: Events) -> Table:
    columns = (
        "scientificName", "vernacularNameZh", "taxonRank", "independentEvents", "individualsMaxN",
        "unitsWithEvents", "unitsWithEffort", "cameraDays",
    )  # fmt: skip
    counts: dict[str, list[int]] = {}
    for number, taxon in enumerate(events.taxa.tolist()):
        counts.setdefault(taxon, []).append(int(events.counts[number]))
    found = events.by_taxon_and_unit()
    effort = {taxon: study.effort_for(taxon).values() for taxon in counts}
    rows: list[tuple[Cell, ...]] = [
        (
            study.taxa[taxon].scientific_name,
            study.taxa[taxon].zh or None,
            study.taxa[taxon].rank,
            len(told),
            sum(told) if all(told) else None,  # somebody counted each
            len(found[taxon]),
            sum(days > 0 for days in effort[taxon]),
            sum(effort[taxon]) or None,
        )
        for taxon, told in counts.items()
    ]
    return Table("events_taxon", columns, sorted(rows, key=lambda row: str(row[0])))
