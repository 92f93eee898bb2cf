"""Early warning: what was raised, closed, in time, and falsely."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from species_db.alerts.life import place_in_time
from species_db.alerts.rules import rules_in_force
from species_db.evaluation.basis import AREAS, Basis, Side
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.comparing import Numbers, census, share
from species_db.evaluation.results import NOT_TOLD, WHOLE, Result
from species_db.secrecy.marks import may_reach
from species_db.sensitivity.recorded import PLOT, RECORD, STATION
from species_db.tables import Alert, AlertAction
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState, Secrecy, Sensitivity
from species_db.wildlife.sightings import local_date

ENDS = (AlertAct.CLOSE.value, AlertAct.WITHDRAWN.value)


@dataclass(frozen=True)
class Warned:
    """One warning as a pack counts it; no record, place or taxon is in it."""

    rule_id: str
    area: str
    raised_on: date
    closed_on: date | None
    is_on_time: bool
    is_false: bool


@dataclass(frozen=True)
class RuleRow:
    """One rule's warnings in both periods."""

    rule_id: str
    title_zh: str
    title_en: str
    raised: tuple[int, int]
    closed: tuple[int, int]
    on_time: tuple[int, int]
    false: tuple[int, int]


def response_results(basis: Basis, warned: Sequence[Warned]) -> Iterator[Result]:
    """The indicators of warning and response, by area."""
    sides = (basis.before, basis.after)
    for area in AREAS:
        own = [one for one in warned if area in (WHOLE, one.area)]
        raised = [[one for one in own if side.period.holds(one.raised_on)] for side in sides]
        closed = [_closed(own, side) for side in sides]
        caveats = {Caveat.KEPT_BACK}
        days = [sum(basis.inside(area, side.days()).values()) for side in sides]
        yield census(
            "warnings_raised",
            area,
            *(Numbers(len(of), total) for of, total in zip(raised, days, strict=True)),
            caveats=caveats,
        )
        yield census(
            "warnings_closed",
            area,
            *(Numbers(len(of), len(up)) for of, up in zip(closed, raised, strict=True)),
            caveats=caveats,
        )
        on_time = [(sum(one.is_on_time for one in of), len(of)) for of in closed]
        yield share(basis, "warnings_on_time", area, *on_time, caveats=caveats)
        false = [(sum(one.is_false for one in of), len(of)) for of in closed]
        yield share(basis, "false_alarms", area, *false, caveats=caveats)


def rule_rows(basis: Basis, warned: Sequence[Warned]) -> tuple[RuleRow, ...]:
    """Both periods of each rule, in the order of the rules."""
    sides, told = (basis.before, basis.after), []
    for rule in rules_in_force(basis.session, basis.after.period.last_day):
        own = [one for one in warned if one.rule_id == rule.rule_id]
        closed = [_closed(own, side) for side in sides]
        raised = [sum(side.period.holds(one.raised_on) for one in own) for side in sides]
        told.append(
            RuleRow(
                rule_id=rule.rule_id,
                title_zh=rule.title_zh,
                title_en=rule.title_en,
                raised=(raised[0], raised[1]),
                closed=(len(closed[0]), len(closed[1])),
                on_time=_pair(closed, "is_on_time"),
                false=_pair(closed, "is_false"),
            )
        )
    return tuple(told)


def read_warned(basis: Basis) -> tuple[Warned, ...]:
    """Every warning that may be told, in the order of its raising."""
    acts: dict[str, list[AlertAction]] = defaultdict(list)
    for action in basis.session.exec(select(AlertAction)):
        acts[action.alert_id].append(action)
    asked = select(Alert).order_by(col(Alert.raised_at), col(Alert.alert_id))
    return tuple(
        _warned(basis, alert, acts.get(alert.alert_id, ()))
        for alert in basis.session.exec(asked)
        if _is_told(basis, alert)
    )


def _warned(basis: Basis, alert: Alert, acts: Sequence[AlertAction]) -> Warned:
    """The end of a warning is its last close; it was in time if its deadline had not passed."""
    ordered = sorted(
        acts, key=lambda one: place_in_time(one.decided_at, one.alert_id, one.action_id)
    )
    end: AlertAction | None = None
    due: datetime | None = None
    last_due: datetime | None = None
    for one in ordered:
        if one.act in ENDS:
            end, due = one, last_due
        last_due = one.due_at or last_due
    is_closed = alert.state == AlertState.CLOSED.value and end is not None
    closed_on = _day(basis, end.decided_at) if is_closed and end else None
    return Warned(
        rule_id=alert.rule_id,
        area=_area(basis, alert),
        raised_on=_day(basis, alert.raised_at),
        closed_on=closed_on,
        is_on_time=bool(is_closed and end and (due is None or end.decided_at <= due)),
        is_false=bool(
            is_closed
            and end
            and (
                alert.outcome == AlertOutcome.FALSE_ALARM.value
                or end.act == AlertAct.WITHDRAWN.value
            )
        ),
    )


def _is_told(basis: Basis, alert: Alert) -> bool:
    """Whether neither the place, nor the age of the record, nor a mark keeps a warning inside."""
    gate, secrecy = basis.gate, basis.teller.secrecy
    nodes: Mapping[str, str | None] = {
        STATION: alert.location_id,
        PLOT: alert.plot_id,
        RECORD: alert.record_id,
    }
    if not gate.exact and any(
        gate.places.of(kind, own_id or "") is Sensitivity.EXTREME for kind, own_id in nodes.items()
    ):
        return False
    seen = alert.observed_at or alert.raised_at
    if gate.is_delayed(alert.taxon_id, _day(basis, seen)):
        return False
    held = secrecy.of_event(alert.record_id, location_id=alert.location_id, plot_id=alert.plot_id)
    own = secrecy.of_field_record(alert.record_id, plot_id=alert.plot_id)
    return may_reach(held, Secrecy.INTERNAL) and may_reach(own, Secrecy.INTERNAL)


def _area(basis: Basis, alert: Alert) -> str:
    if alert.location_id in basis.after.study.stations:
        return basis.area_of(alert.location_id or "")
    if alert.plot_id:
        return basis.area_of_plot(alert.plot_id)
    return NOT_TOLD


def _closed(warned: Sequence[Warned], side: Side) -> list[Warned]:
    return [one for one in warned if one.closed_on and side.period.holds(one.closed_on)]


def _pair(closed: Sequence[Sequence[Warned]], what: str) -> tuple[int, int]:
    first, second = (sum(getattr(one, what) for one in of) for of in closed)
    return first, second


def _day(basis: Basis, instant: datetime) -> date:
    day = local_date(instant, basis.settings.utc_offset_seconds)
    return day or instant.date()
