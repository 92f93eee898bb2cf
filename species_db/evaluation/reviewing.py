"""How far people have looked: reviewed events, two persons of one mind, and models left alone."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import and_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from species_db.evaluation.basis import AREAS, Basis, Side
from species_db.evaluation.comparing import Numbers, census
from species_db.evaluation.results import WHOLE, Result
from species_db.study.question import State
from species_db.study.read import read_study
from species_db.tables import Decision, Event, Observation
from species_db.vocabulary import Act, ClassificationMethod, ObservationLevel, ObservationType
from species_db.wildlife.members import names_of
from species_db.wildlife.sightings import local_date

BLANK = ObservationType.BLANK.value
HUMAN = ClassificationMethod.HUMAN.value
UNREVIEWED_SHARE = 0.05  # of events: more, and every number may still move


@dataclass(frozen=True)
class Looked:
    """Events of one period by area: all that people must look at, and those they have."""

    events: Mapping[str, int]
    reviewed: Mapping[str, int]
    protected: Mapping[str, int]  # confirmed events of class I
    by_two: Mapping[str, int]


@dataclass(frozen=True)
class MachineOnly:
    """A taxon that only a model has named in the period reported."""

    scientific_name: str
    zh: str
    en: str
    level: str
    events: int


def review_results(
    looked: tuple[Looked, Looked],
    alone: tuple[tuple[MachineOnly, ...], tuple[MachineOnly, ...]],
) -> Iterator[Result]:
    """The indicators of review, by area; the taxa of models alone for the prefecture."""
    for area in AREAS:
        yield _share(
            "reviewed_share", area, *((of.reviewed[area], of.events[area]) for of in looked)
        )
        yield _share(
            "two_reviewers", area, *((of.by_two[area], of.protected[area]) for of in looked)
        )
    yield census(
        "machine_only_taxa",
        WHOLE,
        *(
            Numbers(len(of) if told.events[WHOLE] else None, told.events[WHOLE])
            for of, told in zip(alone, looked, strict=True)
        ),
    )


def is_unreviewed(looked: Iterable[Looked]) -> bool:
    """Whether so many events of any period wait that numbers may still move."""
    return any(
        of.events[WHOLE] - of.reviewed[WHOLE] > UNREVIEWED_SHARE * of.events[WHOLE] for of in looked
    )


def read_looked(basis: Basis, side: Side) -> Looked:
    """Count events; those that a model alone calls blank wait for nobody."""
    standings = {one.deployment_id: one for one in side.study.standings}
    named = {
        str(event): str(taxon)
        for event, taxon in zip(
            side.study.records.event_ids.tolist(), side.study.records.taxa.tolist(), strict=True
        )
        if basis.levels.get(taxon) == "I"
    }
    pairs = _named_by_two(basis, named)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    asked = select_columns(
        col(Event.event_id),
        col(Event.deployment_id),
        col(Event.event_start),
        col(Event.is_reviewed),
        col(Event.machine_type),
    ).where(col(Event.event_start).is_not(None))
    for event_id, deployment_id, start, is_reviewed, machine_type in basis.session.execute(asked):
        one = standings.get(deployment_id)
        if one is None or not basis.teller.tells_event(event_id):
            continue
        day = local_date(start, one.offset_seconds)
        if day is None or not side.period.holds(day):
            continue
        for area in (WHOLE, basis.area_of(one.location_id)):
            if is_reviewed or machine_type != BLANK:
                counts["events"][area] += 1
                counts["reviewed"][area] += is_reviewed
            if event_id in named:
                counts["protected"][area] += 1
                counts["by_two"][area] += event_id in pairs
    return Looked(counts["events"], counts["reviewed"], counts["protected"], counts["by_two"])


def machine_only(basis: Basis, side: Side) -> tuple[MachineOnly, ...]:
    """Taxa with events of a model's naming in a period, and none that a person confirmed."""
    question = replace(basis.freeze.counting.question(side.period), state=State.ALL)
    every = read_study(basis.session, basis.settings, question, gate=basis.gate)
    records = every.records
    sure = set(records.taxa[records.is_confirmed].tolist())
    waiting = Counter(one for one in records.taxa.tolist() if one not in sure)
    names = names_of(basis.session, sorted(waiting))
    told = [
        MachineOnly(
            scientific_name=every.taxa[one].scientific_name,
            zh=names[one].zh,
            en=names[one].en,
            level=basis.level_of(one),
            events=number,
        )
        for one, number in waiting.items()
    ]
    return tuple(sorted(told, key=lambda one: (-one.events, one.scientific_name)))


def lists_published(basis: Basis, side: Side) -> int:
    """How many versions of the prefecture's own list were published in a period."""
    asked = select(Decision.details).where(Decision.act == Act.LIST_PUBLISHED.value)
    days = [str(json.loads(one).get("published_on", "")) for one in basis.session.exec(asked)]
    first, last = side.period.first_day.isoformat(), side.period.last_day.isoformat()
    return sum(first <= day <= last for day in days)


def list_results(basis: Basis) -> Iterator[Result]:
    """The indicator of published lists: counted from the log."""
    before, after = (lists_published(basis, side) for side in (basis.before, basis.after))
    yield census("lists_published", WHOLE, Numbers(before, None), Numbers(after, None))


def _named_by_two(basis: Basis, named: Mapping[str, str]) -> set[str]:
    """Events that two persons named alike, whichever review is in force."""
    who: dict[tuple[str, str], set[str]] = defaultdict(set)
    asked = select_columns(
        col(Observation.event_id), col(Observation.taxon_id), col(Observation.classified_by)
    ).where(
        and_(
            col(Observation.classification_method) == HUMAN,
            col(Observation.observation_level) == ObservationLevel.EVENT.value,
            col(Observation.taxon_id).is_not(None),
        )
    )
    for event_id, taxon_id, person in basis.session.execute(asked):
        if named.get(event_id) == taxon_id:
            who[event_id, taxon_id].add(person.strip().casefold())
    return {event_id for (event_id, _), people in who.items() if len(people) > 1}


def _share(indicator_id: str, area: str, before: tuple[int, int], after: tuple[int, int]) -> Result:
    """An exact share of what was counted completely, in per cent."""
    told = [
        Numbers(100 * hits / cases if cases else None, cases, cases=hits if cases else None)
        for hits, cases in (before, after)
    ]
    return census(indicator_id, area, *told)
