"""Questions for an expert: what a machine's answer may hide that no reviewer should settle alone.

Nothing is dropped in silence (VISION N3). An answer that is out of range, or of a class I species,
or whose name could hide one, stays as it is and becomes a question on its event. The question is
open until a person has reviewed the event; it needs no other end.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from species_db import identity
from species_db.geo.bands import elevation_band
from species_db.local_names import LocalNames
from species_db.occurrences import is_outdated
from species_db.plausibility import Scene
from species_db.repeats.dismissed import is_dismissed
from species_db.rollup import RolledUp
from species_db.tables import ExpertQuestion, Observation

TOLD_NAMES = 8  # species a question names; a family may hold more


class QuestionReason(StrEnum):
    """Why an answer is put to an expert."""

    OUT_OF_RANGE = "out_of_range"
    CLASS_ONE = "class_one"
    COULD_HIDE = "could_hide"  # a roll-up, or a relative of a class I species the model cannot name


# These two come before all else in the queue; what could hide something is merely doubtful.
PRESSING = frozenset({QuestionReason.OUT_OF_RANGE.value, QuestionReason.CLASS_ONE.value})
_ITS_ANSWER = col(Observation.observation_id) == col(ExpertQuestion.observation_id)
HIDING_RANKS = frozenset({"order", "family", "genus"})  # "mammal" and "bird" name nothing yet


@dataclass(frozen=True)
class Question:
    """One question on one answer, and what was compared with what."""

    reason: QuestionReason
    taxon_id: str | None
    details: str


def questions_on(
    answer: RolledUp, *, names: LocalNames, scene: Scene, nameable: Collection[str] = ()
) -> tuple[Question, ...]:
    """The questions that a machine's answer raises; `nameable` are the taxa its model can name.

    A name that was held back as out of range is asked about as well as one that was kept.
    """
    return tuple(_questions(answer, names, scene, nameable))


def raise_questions(
    session: Session, observation_id: str, questions: Collection[Question], *, now: datetime
) -> list[ExpertQuestion]:
    """Write questions in the transaction that stores the answer; asking again adds nothing."""
    raised = []
    for one in questions:
        question_id = identity.expert_question_id(observation_id, one.reason.value)
        question = session.get(ExpertQuestion, question_id)
        if question is None:
            question = ExpertQuestion(
                question_id=question_id,
                observation_id=observation_id,
                taxon_id=one.taxon_id,
                reason=one.reason.value,
                details=one.details,
                raised_at=now,
            )
            session.add(question)
        raised.append(question)
    return raised


def open_questions(session: Session, event_id: str) -> list[ExpertQuestion]:
    """The questions on an event's answers in force, the pressing ones first, each once.

    Asked through the answers, which follow their files when events are formed anew. One animal in
    sixty frames raises one question sixty times: the same reason and taxon is told once.
    """
    found = session.exec(
        select(ExpertQuestion)
        .join(Observation, _ITS_ANSWER)
        .where(Observation.event_id == event_id, ~is_outdated(), ~is_dismissed())
        .order_by(col(ExpertQuestion.question_id))
    )
    told: dict[tuple[str, str | None], ExpertQuestion] = {}
    for one in sorted(found, key=lambda one: one.reason not in PRESSING):
        told.setdefault((one.reason, one.taxon_id), one)
    return list(told.values())


def open_reasons(session: Session, event_ids: Collection[str]) -> dict[str, set[str]]:
    """Why an expert is asked about events, by event; those without a question are not in it.

    Only answers of the model that looked last count, and no box that was dismissed since.
    """
    found = session.exec(
        select(Observation.event_id, ExpertQuestion.reason)
        .join(ExpertQuestion, _ITS_ANSWER)
        .where(col(Observation.event_id).in_(event_ids), ~is_outdated(), ~is_dismissed())
    )
    reasons: dict[str, set[str]] = {}
    for event_id, reason in found:
        reasons.setdefault(str(event_id), set()).add(reason)
    return reasons


def _questions(
    answer: RolledUp, names: LocalNames, scene: Scene, nameable: Collection[str]
) -> Iterator[Question]:
    held_back = names.find_exactly(answer.blocked) if any(answer.blocked) else None
    if held_back is not None:
        yield _out_of_range(answer, held_back, names, scene)
    taxon_id = names.find_exactly(answer.lineage)
    if taxon_id is None:
        return
    if names.judge(taxon_id, scene).outside and held_back is None:
        yield _out_of_range(answer, taxon_id, names, scene)
    if names.index.taxa[taxon_id].is_species and names.may_be_class_one(taxon_id):
        yield Question(QuestionReason.CLASS_ONE, taxon_id, _details(answer, scene))
    elif hidden := _hidden(taxon_id, answer, names, nameable):
        told = names.scientific_names(hidden)[:TOLD_NAMES]
        details = _details(answer, scene, could_be=told)
        yield Question(QuestionReason.COULD_HIDE, taxon_id, details)


def _hidden(
    taxon_id: str, answer: RolledUp, names: LocalNames, nameable: Collection[str]
) -> list[str]:
    """Class I species of the checklist that a name could hide.

    A name above the species may be any of its members, whether the model knows them or not: it was
    not sure enough to say so. A species stands in for its relatives that the model cannot name.
    """
    taxon = names.index.taxa[taxon_id]
    if answer.rank in HIDING_RANKS:
        return list(names.class_one_in(taxon_id))
    genus = names.by_name.get(taxon.genus) if taxon.is_species else None
    if genus is None:
        return []
    return [one for one in names.class_one_in(genus) if one not in nameable and one != taxon_id]


def _out_of_range(answer: RolledUp, taxon_id: str, names: LocalNames, scene: Scene) -> Question:
    outside = [aspect.value for aspect in names.judge(taxon_id, scene).outside]
    details = _details(answer, scene, outside=outside)
    return Question(QuestionReason.OUT_OF_RANGE, taxon_id, details)


def _details(answer: RolledUp, scene: Scene, **more: list[str]) -> str:
    """What was compared, as JSON: a county, a band and a month, never a place."""
    told: dict[str, object] = {
        "name": answer.name,
        "rank": answer.rank,
        "score": round(answer.score, 4),
        "source": answer.source,
        **more,
    }
    if scene.county:
        told["county"] = scene.county
    if scene.elevation_m is not None:
        told["elevation_band"] = str(elevation_band(scene.elevation_m))
    if scene.month is not None:
        told["month"] = scene.month
    return json.dumps(told, ensure_ascii=False, sort_keys=True)
