"""Who passes every day is one case: what follows joins the alert that is open at its place.

Of all that a rule fires on at one place, the first opens a case; what comes within `join_days` of
the last of it joins, as long as the case is open, or was when the record was made. A machine's
word never takes in a confirmed record. Told from the records alone, so any order of arrival ends
alike; only a case that somebody has taken up is never withdrawn for an earlier one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from species_db.alerts.facts import Fired
from species_db.alerts.thresholds import Disturbance
from species_db.vocabulary import AlertState

if TYPE_CHECKING:
    from species_db.alerts.reconcile import Known

UNTOUCHED = (AlertState.PROVISIONAL, AlertState.FIRM)


@dataclass
class Case:
    """An alert with what joined it: up to when, how many records, under which names."""

    alert_id: str
    is_firm: bool
    closed_at: datetime | None
    last: datetime
    records: int
    joined: list[str] = field(default_factory=list)

    def takes(self, one: Fired, within: timedelta) -> bool:
        """Whether a firing belongs to it."""
        is_open = self.closed_at is None or one.at <= self.closed_at
        return is_open and one.at - self.last <= within and (self.is_firm or not one.firm_by)


def cases(
    told: Mapping[str, Fired],
    known: Mapping[str, "Known"],
    *,
    is_news: Callable[[Fired], bool],
) -> list[Case]:
    """The cases of all rules that gather what follows; of other rules nothing."""
    groups: dict[tuple[str, str, str], list[tuple[str, Fired]]] = defaultdict(list)
    for alert, one in told.items():
        is_gathered = isinstance(one.rule.thresholds, Disturbance)
        if is_gathered and (alert in known or is_news(one)):
            groups[one.rule.rule_id, one.place, one.subject].append((alert, one))
    return [case for group in groups.values() for case in _of_place(group, known)]


def _of_place(group: Iterable[tuple[str, Fired]], known: Mapping[str, "Known"]) -> list[Case]:
    found: list[Case] = []
    for alert, one in sorted(group, key=lambda pair: (pair[1].at, pair[0])):
        told, was = one.rule.thresholds, known.get(alert)
        within = timedelta(days=told.join_days if isinstance(told, Disturbance) else 0)
        is_taken = was is not None and not was.is_withdrawn and was.state not in UNTOUCHED
        case = next((case for case in reversed(found) if case.takes(one, within)), None)
        if case is None or is_taken:
            closed_at = was.closed_at if was is not None and is_taken else None
            is_firm = bool(one.firm_by) or is_taken
            found.append(Case(alert, is_firm, closed_at, one.at, one.records))
        else:
            case.last, case.records = one.at, case.records + one.records
            case.joined.append(alert)
    return found
