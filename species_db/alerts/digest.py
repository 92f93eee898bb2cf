"""The digest: what is new and what is overdue, short enough for a text message; no coordinates."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from species_db.alerts.board import AlertView, alert_board, false_alarms
from species_db.alerts.rate import FalseAlarms
from species_db.alerts.rules import rules_in_force
from species_db.alerts.why import OUTCOME_WORDS, SEVERITY_WORDS, STATES, said
from species_db.language import tr
from species_db.secrecy.marks import may_reach, read_secrecy
from species_db.sensitivity import Gate, open_gate
from species_db.survey import SurveySettings
from species_db.tables import AlertAction, CameraStation, FieldRecord, Plot
from species_db.vocabulary import AlertAct, AlertState, Secrecy, Sensitivity, Severity

SMS_LENGTH = 70  # UTF-16 units in one message with Chinese letters (3GPP TS 23.038, UCS-2)
PERIOD = timedelta(days=7)
SIGNS = {Severity.HIGH: "▲", Severity.MEDIUM: "◆", Severity.LOW: "●"}


@dataclass(frozen=True)
class Digest:
    """A digest in lines: a heading, then one line for each alert; no coordinates.

    `for_outsiders`: counties and places as the gate lets them out, firm alerts alone.
    """

    heading: str
    lines: tuple[str, ...]
    for_outsiders: bool

    def sms(self) -> list[str]:
        """Numbered messages of at most 70 UTF-16 units each."""
        return sms_parts([self.heading, *self.lines])

    def as_text(self) -> str:
        """The digest as a text file."""
        return "\n".join([self.heading, *self.lines]) + "\n"

    def as_html(self) -> str:
        """The digest as a page that loads nothing."""
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self.lines)
        title = html.escape(self.heading)
        style = "body{font:15px/1.6 sans-serif;max-width:46em;margin:2em auto}li{margin:.4em 0}"
        return (
            f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{style}</style></head><body><h1>{title}</h1><ul>{items}</ul></body></html>\n"
        )


def make_digest(
    session: Session,
    settings: SurveySettings,
    *,
    now: datetime,
    since: datetime | None = None,
    for_outsiders: bool = False,
) -> Digest:
    """Tell what was raised or closed since a moment (a week ago), and all that is overdue."""
    begin = since or now - PERIOD
    day = (now + timedelta(seconds=settings.utc_offset_seconds)).date()
    board = alert_board(session, now=now, recent=now - begin)
    closed = _closed_since(session, begin)
    new = [one for one in board if one.raised_at >= begin and one.is_open]
    late = [one for one in board if one.is_open and one.is_overdue]
    told = {one.alert_id: one for one in (*late, *new)}
    chosen = list(told.values())
    if for_outsiders:
        gate = open_gate(session, settings, today=day)
        firm = [one for one in chosen if one.state is not AlertState.PROVISIONAL]
        firm = [one for one in firm if not _is_withheld(one, gate)]
        told_outside = list(_for_outsiders(session, gate, firm, settings.utc_offset_seconds))
        chosen = [one for one, _ in told_outside]
        lines = [line for _, line in told_outside]
        lines.append(tr("What may not be shared is not counted.", "不宜对外的未计入。"))
    else:
        lines = [_line(one, one.county_name, one.plot_id or "") for one in chosen]
        lines += [_ended(one) for one in board if one.alert_id in closed and not one.is_open]
        lines += _over_budget(session, false_alarms(session, now=now), now)
    provisional = sum(one.state is AlertState.PROVISIONAL for one in chosen)
    overdue = sum(one.is_overdue for one in chosen)
    heading = tr(
        f"Alerts {day}: {len(chosen)}, {provisional} to review, {overdue} overdue",
        f"预警 {day}:共{len(chosen)}条,待核实{provisional},逾期{overdue}",
    )
    return Digest(heading, tuple(lines), for_outsiders)


def sms_parts(lines: Sequence[str], *, length: int = SMS_LENGTH) -> list[str]:
    """Pack lines into numbered messages; a line too long for one is cut, never a letter.

    >>> sms_parts(["一" * 40, "二" * 40])[1]
    '2/2 二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二二'
    >>> [len(part) for part in sms_parts(["长" * 200])]
    [70]
    """
    for digits in (1, 2, 3):
        room = length - len("/ ") - 2 * digits
        parts: list[str] = []
        for line in (_cut(one, room) for one in lines if one):
            joined = f"{parts[-1]};{line}" if parts else line
            if parts and units(joined) <= room:
                parts[-1] = joined
            else:
                parts.append(line)
        if len(parts) < 10**digits:
            return [f"{at}/{len(parts)} {part}" for at, part in enumerate(parts, start=1)]
    return parts  # a thousand messages: nobody sends them


def units(text: str) -> int:
    """How long a text is in a message: rare letters, and pictures, take two units.

    >>> units("猫"), units("𫚈")
    (1, 2)
    """
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, room: int) -> str:
    if units(text) <= room:
        return text
    while units(text) > room - 1:
        text = text[:-1]
    return text + "…"


def _line(one: AlertView, county: str, place: str) -> str:
    """Severity, county, place, taxon, rule, state: what a person needs to pick up the telephone."""
    state = said(STATES[one.state])
    if one.is_overdue and one.days_left is not None:
        days = max(1, round(-one.days_left))
        state += tr(f", {days} d overdue", f"逾期{days}天")
        if one.escalation:
            state += tr(f" (level {one.escalation})", f"({one.escalation}级)")
    where = " ".join(part for part in (county, place) if part)
    urgency = SIGNS[one.severity] + said(SEVERITY_WORDS[one.severity])
    return f"{urgency} {where} {one.name} {one.rule} {state}"


def _ended(one: AlertView) -> str:
    outcome = said(OUTCOME_WORDS[one.outcome]) if one.outcome else ""
    return f"✓ {one.county_name} {one.plot_id or ''} {one.name} {one.rule} {outcome}"


def _over_budget(session: Session, rates: Sequence[FalseAlarms], now: datetime) -> list[str]:
    titles = {rule.rule_id: rule.title for rule in rules_in_force(session, now.date())}
    return [
        tr(
            f"! {titles[one.rule_id]}: {one.false} of {one.closed} closed were false alarms",
            f"! {titles[one.rule_id]}:结案{one.closed}条中误报{one.false}条,超出预算",
        )
        for one in rates
        if one.is_over
    ]


def _closed_since(session: Session, begin: datetime) -> set[str]:
    ends = (AlertAct.CLOSE.value, AlertAct.WITHDRAWN.value)
    return set(
        session.exec(
            select(AlertAction.alert_id).where(
                col(AlertAction.act).in_(ends), col(AlertAction.decided_at) >= begin
            )
        )
    )


def _is_withheld(one: AlertView, gate: Gate) -> bool:
    """Tell whether an alert stands at a withheld place: it is not counted either."""
    nodes = (("station", one.location_id), ("plot", one.plot_id), ("record", one.record_id))
    return any(gate.places.of(kind, name or "") is Sensitivity.EXTREME for kind, name in nodes)


def _for_outsiders(
    session: Session, gate: Gate, alerts: Sequence[AlertView], offset_seconds: int
) -> Iterator[tuple[AlertView, str]]:
    """Lines that may leave: what is marked secret or internal, and young records, stay inside.

    Nothing stands in their stead, no number either.
    """
    secrecy = read_secrecy(session)
    offset = timedelta(seconds=offset_seconds)
    for one in alerts:
        record = session.get(FieldRecord, one.record_id)
        plot = session.get(Plot, one.plot_id) if one.plot_id else None
        held = (
            secrecy.of_event(one.record_id, location_id=one.location_id, plot_id=one.plot_id)
            if record is None
            else secrecy.of_field_record(one.record_id, plot_id=one.plot_id)
        )
        day = (one.observed_at + offset).date() if one.observed_at else None
        is_young = day is not None and gate.is_delayed(one.taxon_id, day)
        if is_young or not may_reach(held, Secrecy.SHAREABLE):
            continue
        station = session.get(CameraStation, one.location_id) if one.location_id else None
        if record is not None:
            place = gate.field_place(record)
        elif station is not None:  # a plot has no cell of its own where a border could cut it
            place = gate.place(station)
        elif plot is not None:
            place = gate.plot_place(plot)
        else:
            continue
        county = one.county_name if gate.county(place, one.county) else ""
        opaque = gate.place_name("plot", plot.plot_id) if plot and county else ""
        yield one, _line(one, county, opaque)
