"""Open warnings as they stand, by rule: firm ones alone, as far as the gate lets them out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlmodel import Session

from species_db.alerts.board import URGENT_FIRST, AlertView, alert_board
from species_db.bulletin.ground import Ground
from species_db.bulletin.parts import Named, WarningPart, WarningRow
from species_db.language import speaking
from species_db.sensitivity.recorded import PLOT, RECORD, STATION
from species_db.tables import FieldRecord
from species_db.vocabulary import AlertState, Sensitivity
from species_db.wildlife.sightings import local_date


@dataclass(frozen=True)
class ToldWarning:
    """One open alert with its words in both languages, in the county it is told in."""

    view: AlertView
    county: str
    title: Named
    about: Named


def read_warnings(session: Session, ground: Ground) -> list[ToldWarning]:
    """The open alerts that may be told, as the digest for outsiders chooses them.

    A machine's word alone is no warning to a county; an alert on a record that is too young to
    leave, or at a withheld place, is not counted either.
    """
    now = ground.local_midnight
    with speaking("en"):
        english = {one.alert_id: one for one in alert_board(session, now=now)}
    with speaking("zh"):
        chinese = alert_board(session, now=now)
    told = []
    for one in chinese:
        if not one.is_open or one.state is AlertState.PROVISIONAL:
            continue
        county = _county_of(session, ground, one)
        if county and one.raised_at < now + timedelta(days=1):
            other = english[one.alert_id]
            about = Named(one.name, other.name, one.scientific_name)
            told.append(ToldWarning(one, county, Named(one.rule, other.rule), about))
    return told


def warning_part(county: str, warnings: Sequence[ToldWarning]) -> WarningPart:
    """The open warnings of a county by rule, the longest overdue first."""
    by_rule: dict[str, list[ToldWarning]] = defaultdict(list)
    for one in warnings:
        if one.county == county:
            by_rule[one.view.rule_id].append(one)
    rows = [_row(rule_id, told) for rule_id, told in by_rule.items()]
    return WarningPart(tuple(sorted(rows, key=_order)))


def _row(rule_id: str, told: Sequence[ToldWarning]) -> WarningRow:
    late = [-one.view.days_left for one in told if one.view.is_overdue and one.view.days_left]
    return WarningRow(
        rule_id=rule_id,
        title=told[0].title,
        severity=min((one.view.severity for one in told), key=URGENT_FIRST.index),
        open=len(told),
        overdue=len(late),
        days_overdue=ceil(max(late, default=0)),
        about=tuple(dict.fromkeys(one.about for one in told)),
    )


def _order(row: WarningRow) -> tuple[int, int, int, str]:
    return -row.days_overdue, URGENT_FIRST.index(row.severity), -row.open, row.rule_id


def _county_of(session: Session, ground: Ground, one: AlertView) -> str:
    """The county that an alert is told in; an index of a whole county stands at no place."""
    teller = ground.teller
    nodes = ((STATION, one.location_id), (PLOT, one.plot_id), (RECORD, one.record_id))
    if any(teller.gate.places.of(kind, name or "") is Sensitivity.EXTREME for kind, name in nodes):
        return ""
    offset = ground.survey_settings.utc_offset_seconds
    day = local_date(one.observed_at, offset) or ground.today
    if teller.gate.is_delayed(one.taxon_id, day):
        return ""
    record = session.get(FieldRecord, one.record_id)
    if record is not None:
        return teller.of_record(record, one.county)
    if not teller.tells_event(one.record_id):
        return ""
    if one.location_id in teller.stations:
        return teller.of_station(one.location_id or "")
    return teller.of_plot(one.plot_id)
