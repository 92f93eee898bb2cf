"""What models said of each event, and what a person found when looking: one label an event.

The label is the model's call as the review screen shows it (species_db/review/machine_call): of
each file the answers of the model that looked last, of these the strongest answer on any file, an
animal before people before vehicles; of two animals the one with a name, else the surer one. An
event is blank only when every file was looked at. A test holds both together; here a million
answers are read as columns.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, case, cast, func, null
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.repeats.dismissed import is_dismissed
from species_db.review.machine_call import STRENGTH
from species_db.study.effort import Standing
from species_db.study.records import Records
from species_db.tables import DismissedBox, Event, Observation
from species_db.vocabulary import ClassificationMethod, ObservationType
from species_db.wildlife.sightings import BREAK, DAY_S, NO_TIME, seconds_of

MACHINE = ClassificationMethod.MACHINE.value
ANIMAL, BLANK = ObservationType.ANIMAL.value, ObservationType.BLANK.value
UNSURE = frozenset({ANIMAL, ObservationType.UNKNOWN.value})  # found without a name: decides nothing
ANSWERS = (*(one.value for one in STRENGTH), BLANK)
UNLABELLED = ""  # no model has answered for the whole event
OF_NO_FILE = ("", "", "")
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Label:
    """What one model calls an event: a taxon, or where it names none the type.

    `model` is told only when more than one version has spoken: each has its own errors.
    """

    kind: str
    taxon_id: str = ""
    model: str = ""

    @property
    def may_be_any(self) -> bool:
        """Whether the label is an animal that the model did not name."""
        return self.kind in UNSURE and not self.taxon_id


@dataclass(frozen=True)
class MachineLabels:
    """One row for each dated event, with the key of its label in `records.taxa`.

    `records.is_confirmed` tells whether a person reviewed the event. `found` holds, by event, the
    taxa that the review in force named, or the types where it named none: "blank" alone when
    nothing was there. A reviewed event that is not in it was left open: an animal without a name,
    or with one that is too broad, says nothing of the label. `above` names, for a taxon, the
    broader ones that hold it; `too_broad` are named above the rank asked for, and are counted as no
    taxon. `asked` are the taxa of the question, None for all.
    """

    labels: Mapping[str, Label]
    records: Records
    found: Mapping[str, tuple[str, ...]]
    above: Mapping[str, frozenset[str]]
    too_broad: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The versions that have spoken, where they are several."""
        return tuple(sorted({one.model for one in self.labels.values() if one.model}))


def read_labels(
    session: Session, standings: Mapping[str, Standing]
) -> tuple[dict[str, Label], Records]:
    """Read the label of every event; events with files that their review did not see are out.

    Labels have keys, because two versions of a model may bear one name.
    """
    facts = _events(session, standings)
    labels, called = _called(session, facts.media_counts)
    keys = [called.get(one, UNLABELLED) for one in facts.event_ids]
    of = {name: one.offset_seconds for name, one in standings.items()}
    offsets = np.array([of[name] for name in facts.deployments], dtype=np.int64)
    is_dated = np.not_equal(facts.seconds, NO_TIME)
    days = (np.where(is_dated, facts.seconds, 0) + offsets) // DAY_S
    return labels, Records(
        event_ids=np.array(facts.event_ids, dtype=object),
        taxa=np.array(keys, dtype=object),
        deployments=np.array(facts.deployments, dtype=object),
        seconds=facts.seconds,
        ends=np.maximum(facts.ends, facts.seconds),
        days=np.where(is_dated, days, -1),
        offsets=offsets,
        counts=np.ones(len(keys), dtype=np.int64),
        is_confirmed=facts.is_reviewed,
    )


def read_findings(session: Session, too_broad: Collection[str]) -> dict[str, tuple[str, ...]]:
    """What reviews in force found, by event; see `MachineLabels.found`."""
    taxon = func.coalesce(col(Observation.taxon_id), "")
    asked = (
        select_columns(
            col(Observation.observation_type),
            taxon,
            func.aggregate_strings(col(Observation.event_id), BREAK),
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(col(Event.current_review_id) == col(Observation.review_id))
        .group_by(col(Observation.observation_type), taxon)
    )
    found: dict[str, tuple[str, ...]] = {}
    named: set[str] = set()
    left_open: set[str] = set()
    for kind, taxon_id, text in session.connection().execute(asked):
        events = text.split(BREAK)
        if taxon_id in too_broad or (kind in UNSURE and not taxon_id):
            left_open.update(events)
            continue
        told = (taxon_id or kind,)
        for event in events:
            before = found.get(event)
            found[event] = told if before in (None, told) else tuple({*(before or ()), *told})
        if taxon_id:
            named.update(events)
    for event in left_open - named:
        found.pop(event, None)
    return found


@dataclass(frozen=True)
class _Events:
    """Events as columns."""

    event_ids: Sequence[str]
    deployments: Sequence[str]
    seconds: Numbers
    ends: Numbers
    media_counts: Mapping[str, int]
    is_reviewed: NDArray[np.bool_]


def _events(session: Session, standings: Mapping[str, Standing]) -> _Events:
    """Read every event but those that more files joined since their review."""
    has_review = col(Event.current_review_id).is_not(None)
    columns: tuple[Any, ...] = (
        col(Event.event_id),
        func.coalesce(cast(col(Event.event_start), String), ""),
        func.coalesce(cast(col(Event.event_end), String), ""),
        cast(col(Event.media_count), String),
    )
    asked = (
        select_columns(
            col(Event.deployment_id),
            has_review,
            *(func.aggregate_strings(one, BREAK) for one in columns),
        )
        .where(col(Event.is_reviewed) | ~has_review)
        .group_by(col(Event.deployment_id), has_review)
    )
    lots = [
        (name, bool(reviewed), *(text.split(BREAK) for text in texts))
        for name, reviewed, *texts in session.connection().execute(asked)
        if name in standings
    ]
    sizes = [len(lot[2]) for lot in lots]
    ids, starts, ends, files = ([*chain.from_iterable(lot[n] for lot in lots)] for n in range(2, 6))
    return _Events(
        event_ids=ids,
        deployments=[*chain.from_iterable([lot[0]] * len(lot[2]) for lot in lots)],
        seconds=seconds_of(starts),
        ends=seconds_of(ends),
        media_counts=dict(zip(ids, map(int, files), strict=True)),
        is_reviewed=np.repeat(np.array([lot[1] for lot in lots], dtype=np.bool_), sizes),
    )


@dataclass(frozen=True)
class _Answers:
    """Answers as columns; `lot` numbers what was said and by which model."""

    lots: Sequence[tuple[str, str, str, str]]  # type, taxon, model, the model's name
    lot: Numbers
    events: Sequence[str]
    media: Sequence[str]
    scores: NDArray[np.float64]

    def only(self, kept: NDArray[np.bool_]) -> "_Answers":
        """Some of the answers."""
        events, media = (
            [one for one, is_kept in zip(column, kept.tolist(), strict=True) if is_kept]
            for column in (self.events, self.media)
        )
        return _Answers(self.lots, self.lot[kept], events, media, self.scores[kept])


def _called(
    session: Session, media_counts: Mapping[str, int]
) -> tuple[dict[str, Label], dict[str, str]]:
    """The labels by key, and the key of each event that has one."""
    answers = _read_answers(session)
    names = list(dict.fromkeys(answers.events))
    number = {name: n for n, name in enumerate(names)}
    event = np.array([number[name] for name in answers.events], dtype=np.int64)
    strengths = np.array([ANSWERS.index(lot[0]) for lot in answers.lots], dtype=np.int64)
    strength = strengths[answers.lot] if len(answers.lot) else answers.lot
    is_blank = strength == ANSWERS.index(BLANK)  # which is as sure as its least sure file
    scores = np.where(is_blank, answers.scores, -answers.scores)
    is_unnamed = np.array([not lot[1] for lot in answers.lots], dtype=np.bool_)[answers.lot]
    order = np.lexsort((answers.lot, scores, is_unnamed, strength, event))
    best = order[np.unique(event[order], return_index=True)[1]]
    looked_at = _one_a_file(answers.media, np.flatnonzero(is_blank))
    files = np.bincount(event[looked_at], minlength=len(names)).tolist()
    versions = dict.fromkeys((lot[2], lot[3]) for lot in answers.lots)
    keys = [BREAK.join(lot[:3]) for lot in answers.lots]
    labels = {
        key: Label(kind, taxon_id, _model_name((model, name), versions))
        for key, (kind, taxon_id, model, name) in zip(keys, answers.lots, strict=True)
    }
    called = {
        names[n]: keys[answers.lot[row]]
        for n, row in enumerate(best.tolist())
        if not is_blank[row] or files[n] >= media_counts.get(names[n], 0)
    }
    return labels, called


def _model_name(model: tuple[str, str], versions: Collection[tuple[str, str]]) -> str:
    if len(versions) < 2:
        return ""
    is_shared = sum(name == model[1] for _, name in versions) > 1
    return f"{model[1]} ({model[0][:8]})" if is_shared else model[1]


def _one_a_file(media: Sequence[str], chosen: Numbers) -> Numbers:
    """Of the chosen answers one of each file; an answer on no file stands for one."""
    last = {media[number] or number: number for number in chosen.tolist()}
    return np.fromiter(last.values(), dtype=np.int64, count=len(last))


def _read_answers(session: Session) -> _Answers:
    """Read the answers in force; the database joins those that say the same to one text."""
    model = func.coalesce(col(Observation.model_version_id), col(Observation.classified_by))
    by_machine = (
        col(Observation.classification_method) == MACHINE,
        col(Observation.event_id).is_not(None),
        col(Observation.observation_type).in_(ANSWERS),
    )
    models = session.scalars(select_columns(model).where(by_machine[0]).distinct()).all()
    columns: list[Any] = [
        col(Observation.event_id),
        func.coalesce(col(Observation.media_id), ""),
        func.coalesce(cast(col(Observation.classification_probability), String), "0"),
    ]
    said = list(_said(session))
    if len(models) > 1:  # then it matters which of them looked last; the index knows types and taxa
        said.append(model)
        columns += [
            cast(col(Observation.classification_timestamp), String),
            col(Observation.observation_id),
        ]
    asked = select_columns(
        *said[:2],
        func.min(model),
        func.min(col(Observation.classified_by)),
        *(func.aggregate_strings(one, BREAK) for one in columns),
    ).where(*by_machine)
    lots, texts = [], []
    for kind, taxon_id, version, name, *joined in session.connection().execute(
        asked.group_by(*said).order_by(*said)
    ):
        lots.append((kind, taxon_id or "", version, name))
        texts.append([text.split(BREAK) for text in joined])
    flat = [[*chain.from_iterable(of[n] for of in texts)] for n in range(len(columns))]
    answers = _Answers(
        lots=lots,
        lot=np.repeat(np.arange(len(lots)), [len(of[0]) for of in texts]),
        events=flat[0],
        media=flat[1],
        scores=np.array(flat[2], dtype=np.float64),
    )
    return answers.only(_in_force(answers, flat[3], flat[4])) if len(models) > 1 else answers


def _said(session: Session) -> tuple[Any, Any]:
    """Type and taxon of an answer; a box that a person dismissed says blank, as on the screen."""
    kind, taxon_id = col(Observation.observation_type), col(Observation.taxon_id)
    if session.scalar(select_columns(col(DismissedBox.observation_id)).limit(1)) is None:
        return kind, taxon_id  # then the index alone answers
    gone = is_dismissed()
    return case((gone, BLANK), else_=kind), case((gone, null()), else_=taxon_id)


def _in_force(
    answers: _Answers, moments: Sequence[str], own_ids: Sequence[str]
) -> NDArray[np.bool_]:
    """Which answers are of the model that looked at their file last."""
    models = [lot[2] for lot in answers.lots]
    newest: dict[str, tuple[str, str, str]] = {}

    def told() -> Iterator[tuple[str, tuple[str, str, str]]]:
        rows = zip(answers.media, moments, own_ids, answers.lot.tolist(), strict=True)
        return ((file, (moment, own, models[lot])) for file, moment, own, lot in rows)

    for file, answer in told():
        newest[file] = max(newest.get(file, OF_NO_FILE), answer)
    return np.fromiter(
        (not file or newest[file][2] == answer[2] for file, answer in told()), dtype=np.bool_
    )
