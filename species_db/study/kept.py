"""Which records a question concerns, and which the gate keeps back, each counted for one reason."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta, timezone

import numpy as np
from numpy.typing import NDArray

from species_db.study.effort import Standing
from species_db.study.facts import LeftOut, TaxonFacts
from species_db.study.question import RANKS, Question
from species_db.study.records import Records

ZONE = timezone(timedelta(hours=8))  # of dates of animals nobody named: good enough for a count


def kept_records(
    records: Records,
    taxa: Mapping[str, TaxonFacts],
    question: Question,
    closed: tuple[Collection[str], Collection[str]],  # events too young, and secret ones
    deployments_out: Collection[str],
    standings: Mapping[str, Standing],
) -> tuple[Records, LeftOut]:
    """Without what the question or the gate leaves out; each record counts for one reason."""
    young, secret = closed
    is_young = _marked(one in young for one in records.event_ids)
    is_clear = _marked(one not in deployments_out for one in records.deployments)
    is_clear &= _marked(one not in secret for one in records.event_ids)
    broad = {one for one, facts in taxa.items() if is_broader(facts.rank, question.min_rank)}
    is_named = _marked(one not in broad for one in records.taxa)
    in_dates, in_span = _in_dates(records, question, standings)
    mine = in_dates & is_clear
    kept = mine & ~is_young & is_named & records.is_dated & in_span
    left_out = LeftOut(
        undated=int((is_clear & ~is_young & ~records.is_dated).sum()),
        unnamed=int((mine & ~is_young & records.is_dated & in_span & ~is_named).sum())
        + (0 if question.taxon else _unnamed(records, question, closed, deployments_out)),
        young=int((mine & is_young).sum()),
        outside=int((mine & ~is_young & records.is_dated & ~in_span).sum()),
    )
    return records.only(kept), left_out


def _unnamed(
    records: Records,
    question: Question,
    closed: tuple[Collection[str], Collection[str]],
    deployments_out: Collection[str],
) -> int:
    """Animals nobody named, among what the question concerns."""
    young, secret = closed
    return sum(
        event not in young
        and event not in secret
        and deployment not in deployments_out
        and (start is None or question.holds(start.astimezone(ZONE).date()))
        for event, deployment, start in records.without_taxon
    )


def cleared(
    records: Records,
    question: Question,
    closed: tuple[Collection[str], Collection[str]],
    deployments_out: Collection[str],
    standings: Mapping[str, Standing],
) -> Records:
    """The same for what disturbs and for what models said, which bear no taxon here."""
    kept, _ = kept_records(records, {}, question, closed, deployments_out, standings)
    return kept


def _marked(told: Iterable[bool]) -> NDArray[np.bool_]:
    return np.fromiter(told, dtype=np.bool_)


def is_broader(rank: str, wanted: str) -> bool:
    """Tell whether a rank is broader than the one asked for."""
    return RANKS.index(rank) < RANKS.index(wanted) if rank in RANKS else False


def _in_dates(
    records: Records, question: Question, standings: Mapping[str, Standing]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which records are of the days asked for, and which of the days their camera stood there."""
    first = days_since(question.first_day or date.min)
    last = days_since(question.last_day or date.max)
    in_dates = ~records.is_dated | ((records.days >= first) & (records.days <= last))
    spans = {
        one.deployment_id: (days_since(one.start.date()), days_since(one.end.date()))
        for one in standings.values()
    }
    begins = np.array([spans[name][0] for name in records.deployments], dtype=np.int64)
    ends = np.array([spans[name][1] for name in records.deployments], dtype=np.int64)
    return in_dates, (records.days >= begins) & (records.days <= ends)


def days_since(day: date) -> int:
    """A local date as days since 1970."""
    return (day - date(1970, 1, 1)).days
