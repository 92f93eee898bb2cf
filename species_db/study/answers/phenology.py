"""First and last dates of each taxon in each year, and whether watching bounds them."""

from collections.abc import Iterator
from datetime import date

from species_db.analysis.phenology import Season, SeasonEnd, season_of
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.detections import detected_days
from species_db.study.facts import TaxonFacts
from species_db.study.periods import NEW_YEAR, calendar_of
from species_db.study.read import Study

SHOWN = 12
COLUMNS = (
    "scientificName", "vernacularNameZh", "period", "firstOn", "firstLow95", "firstHigh95",
    "firstIsCensored", "quietCameraDaysBefore", "lastOn", "lastLow95", "lastHigh95",
    "lastIsCensored", "quietCameraDaysAfter", "stationDays", "units", "cameraDays", "watchedFrom",
    "watchedTo",
)  # fmt: skip


def answer(study: Study, *, season_start: str = NEW_YEAR) -> Answer:
    """Tell when each taxon was first and last recorded in each year among the days watched.

    A first date is an arrival only where cameras had been silent before; else it is censored, the
    date of the cameras. For a winter guest let years begin in summer (`season_start`).
    """
    calendar = calendar_of(study, season_start=season_start)
    names = sorted(set(study.records.taxa.tolist()), key=lambda n: study.taxa[n].scientific_name)
    taxa = [study.chosen] if study.chosen else [study.taxa[name] for name in names]
    told = [
        (taxon, period, season)
        for taxon in taxa
        for period, season in _seasons(study, taxon, calendar.starts)
    ]
    days = study.camera_days
    effort = study.effort_words
    sure = [one for one in told if one[2].first.on and not one[2].first.is_censored]
    lines = [
        tr(
            f"First and last dates of {len(taxa)} taxa in {len(calendar.starts)} years over "
            f"{effort} camera-days; {len(sure)} first dates are arrivals, the others are where "
            "watching began.",
            f"{len(taxa)} 个分类单元 {len(calendar.starts)} 年的初见与终见日期，工作量 {effort} "
            f"相机日；其中 {len(sure)} 个初见日可视为到来，其余取决于监测起点。",
        ),
        *(f"  {_line(*one)}" for one in sure[:SHOWN]),
        study.question.in_words(),
    ]
    return Answer(
        name="phenology",
        tables=(Table("phenology", COLUMNS, [_row(*one) for one in told]),),
        summary=tuple(lines),
        notes=study.left_out.notes(),
        figures={"taxa": len(taxa), "arrivals": len(sure), "camera_days": days},
        event_ids=study.event_ids,
    )


def _seasons(
    study: Study, taxon: TaxonFacts, starts: dict[str, tuple[date, date]]
) -> Iterator[tuple[str, Season]]:
    recorded = {
        (unit, day)
        for unit, day in detected_days(study, taxon)
        if study.facts(unit).latitude is not None  # of a withheld place not even the day is told
    }
    for period, (first, last) in starts.items():
        yield period, season_of(study.days_for(taxon.taxon_id), recorded, start=first, end=last)


def _row(taxon: TaxonFacts, period: str, told: Season) -> tuple[Cell, ...]:
    return (
        taxon.scientific_name,
        taxon.zh or None,
        period,
        *_end(told.first),
        *_end(told.last),
        told.station_days,
        told.stations,
        told.effort or None,
        told.watched_from,
        told.watched_to,
    )


def _end(end: SeasonEnd) -> tuple[Cell, ...]:
    is_known = end.on is not None
    return (
        end.on, end.low, end.high, end.is_censored if is_known else None,
        end.quiet_effort if is_known else None,
    )  # fmt: skip


def _line(taxon: TaxonFacts, period: str, told: Season) -> str:
    first = told.first
    interval = "" if first.low is None else f" ({first.low} – {first.high})"
    return tr(
        f"{taxon.common} {period}: first {first.on}{interval}, after {first.quiet_effort:.0f} "
        f"camera-days of silence",
        f"{taxon.common} {period}：初见 {first.on}{interval}，此前 {first.quiet_effort:.0f} "
        f"相机日无记录",
    )
