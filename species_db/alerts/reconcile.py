"""What must become of each alert when the rules are run again: a pure comparison, no clock.

Nothing is deleted. A record that a person confirmed makes its alert firm; one that a person
corrected withdraws it, with the reason; one that is merely no longer the first is noted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from species_db.alerts.facts import INDEX, Fired
from species_db.alerts.joining import UNTOUCHED, cases
from species_db.alerts.rules import Rule
from species_db.identity import alert_id
from species_db.vocabulary import AlertOutcome, AlertState, RuleKind

FIRSTS = (RuleKind.FIRST_IN_COUNTY, RuleKind.FIRST_IN_PLOT, RuleKind.FIRST_IN_BAND)


class Note(StrEnum):
    """Why an alert moved, or did not, without a person's act; told in words by history.py."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"  # the review was undone
    CORRECTED = "corrected"  # a person's review says otherwise
    MODEL_CHANGED = "model_changed"
    ANSWERED = "answered"  # the name changed, and the rule fires under the new one
    GONE = "gone"  # its photos were grouped anew
    INSIDE = "inside"  # an index that late records brought back inside
    NOT_FIRST = "not_first"
    NO_LONGER = "no_longer"
    JOINED = "joined"  # an earlier alert at the place takes it in
    COUNT = "count"  # how many records it holds with those that joined
    AGAIN = "again"


class Move(StrEnum):
    """What is written for an alert."""

    RAISE = "raise"
    RAISE_AGAIN = "raise_again"
    CONFIRM = "confirm"
    STEP_BACK = "step_back"
    WITHDRAW = "withdraw"
    NOTE = "note"


@dataclass(frozen=True)
class Known:
    """An alert as the survey has it."""

    alert_id: str
    rule_id: str
    rule_version_id: str
    state: AlertState
    record_kind: str
    record_id: str
    subject: str
    firm_by: str
    is_withdrawn: bool  # closed, and not by a person's act
    notes: frozenset[str]  # codes of what was noted since it was last raised
    closed_at: datetime | None = None  # by a person
    records: int = 1  # as last noted


@dataclass(frozen=True)
class RecordNow:
    """What a record says now: its subjects, and the person who said so (empty: a machine)."""

    exists: bool
    subjects: frozenset[str] = frozenset()
    said_by: str = ""
    said: str = ""  # in words, for the reason


@dataclass(frozen=True)
class Change:
    """One thing to write."""

    move: Move
    alert_id: str
    fired: Fired | None = None
    note: Note | None = None
    person: str = ""
    said: str = ""
    outcome: AlertOutcome | None = None


def id_of(fired: Fired) -> str:
    """The alert's name, after rule, place, subject and record."""
    record = f"{fired.record_kind} {fired.record_id}"
    return alert_id(fired.rule.rule_id, fired.place, fired.subject, record)


def reconcile(
    fired: Iterable[Fired],
    known: Mapping[str, Known],
    rules: Mapping[str, Rule],
    *,
    record_now: Callable[[Known], RecordNow],
    is_news: Callable[[Fired], bool],
) -> Iterator[Change]:
    """Compare what the rules fire on with the alerts that are there.

    `is_news` tells whether a firing is recent enough to be raised; `record_now` is asked only for
    alerts that no rule fires on any more.
    """
    told = {id_of(one): one for one in fired}
    found = cases(told, known, is_news=is_news)
    joined = {alert for case in found for alert in case.joined}
    for alert, one in told.items():
        if alert in joined:
            if alert in known and not known[alert].is_withdrawn:
                yield _withdrawn(alert, Note.JOINED)
        elif alert not in known:
            if is_news(one):
                yield Change(Move.RAISE, alert, one)
        else:
            yield from _still_fires(known[alert], one)
    for case in found:
        if case.records > (known[case.alert_id].records if case.alert_id in known else 1):
            yield Change(Move.NOTE, case.alert_id, note=Note.COUNT, said=str(case.records))
    same_record = {(one.rule.rule_id, one.record_kind, one.record_id) for one in told.values()}
    for alert, was in known.items():
        rule = rules.get(was.rule_id)
        is_same_rule = rule is not None and rule.version_id == was.rule_version_id
        if alert in told or rule is None or not rule.is_enabled or was.is_withdrawn:
            continue
        has_other = (was.rule_id, was.record_kind, was.record_id) in same_record
        yield from _fires_no_more(
            was, rule, record_now, is_same_rule=is_same_rule, has_other=has_other
        )


def _still_fires(was: Known, now: Fired) -> Iterator[Change]:
    alert = was.alert_id
    if was.is_withdrawn:
        yield Change(Move.RAISE_AGAIN, alert, now, Note.AGAIN, now.firm_by)
    elif was.state is AlertState.PROVISIONAL and now.firm_by:
        yield Change(Move.CONFIRM, alert, now, Note.CONFIRMED, now.firm_by)
    elif was.notes & {Note.NOT_FIRST, Note.NO_LONGER}:
        yield Change(Move.NOTE, alert, note=Note.AGAIN)
    elif was.record_kind != INDEX and was.firm_by and not now.firm_by:
        if was.state is AlertState.FIRM:
            yield Change(Move.STEP_BACK, alert, now, Note.UNCONFIRMED)
        elif Note.UNCONFIRMED not in was.notes:  # people are at work on it: they are told
            yield Change(Move.NOTE, alert, now, Note.UNCONFIRMED)


def _fires_no_more(
    was: Known,
    rule: Rule,
    record_now: Callable[[Known], RecordNow],
    *,
    is_same_rule: bool,
    has_other: bool,
) -> Iterator[Change]:
    alert = was.alert_id
    if was.record_kind == INDEX:
        if is_same_rule:
            yield from _withdrawn_or_noted(was, Note.INSIDE)
        return
    now = record_now(was)
    if was.subject in now.subjects:
        note = Note.NOT_FIRST if rule.kind in FIRSTS else Note.NO_LONGER
        if is_same_rule and note is Note.NO_LONGER and was.state in UNTOUCHED:
            yield _withdrawn(alert, note)
        elif is_same_rule and note not in was.notes:
            yield Change(Move.NOTE, alert, note=note)
        return
    if not now.exists:
        note, outcome = Note.GONE, AlertOutcome.NO_ACTION_NEEDED
    elif has_other:
        note, outcome = Note.ANSWERED, AlertOutcome.NO_ACTION_NEEDED
    else:
        note = Note.CORRECTED if now.said_by else Note.MODEL_CHANGED
        outcome = AlertOutcome.FALSE_ALARM
    if was.state is AlertState.CLOSED:
        if note not in was.notes:
            yield Change(Move.NOTE, alert, note=note, person=now.said_by, said=now.said)
        return
    yield Change(
        Move.WITHDRAW, alert, note=note, person=now.said_by, said=now.said, outcome=outcome
    )


def _withdrawn(alert: str, note: Note) -> Change:
    """An alert that nobody took up, and that needs nobody: neither right nor false."""
    return Change(Move.WITHDRAW, alert, note=note, outcome=AlertOutcome.NO_ACTION_NEEDED)


def _withdrawn_or_noted(was: Known, note: Note) -> Iterator[Change]:
    """An index that nobody took up goes; one that people work on is only noted."""
    if was.state is AlertState.PROVISIONAL:
        yield _withdrawn(was.alert_id, note)
    elif note not in was.notes:
        yield Change(Move.NOTE, was.alert_id, note=note)
