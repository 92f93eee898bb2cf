"""Read what one model scored and what people found, for its reliability."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.language import did_you_mean, tr
from species_db.misses.calibration import Calibration, Scored, calibrate
from species_db.tables import Event, ModelVersion, Observation, Taxon
from species_db.vocabulary import ClassificationMethod, ObservationType
from species_db.wildlife.members import members_of

MACHINE, ANIMAL = ClassificationMethod.MACHINE.value, ObservationType.ANIMAL.value


class ModelNotKnownError(Exception):
    """A model that has not answered on this survey."""


@dataclass(frozen=True)
class Reliability:
    """One model: are its animals animals, and where it names taxa, are its names right."""

    model_version_id: str
    model: str
    animals: Calibration
    names: Calibration | None


def scoring_models(session: Session) -> Mapping[str, str]:
    """Models that have scored animals here, by id, with name and version."""
    used = select(Observation.model_version_id).where(
        Observation.observation_type == ANIMAL,
        Observation.classification_method == MACHINE,
    )
    found = session.exec(
        select(ModelVersion)
        .where(col(ModelVersion.model_version_id).in_(used))
        .order_by(col(ModelVersion.name), col(ModelVersion.version))
    )
    return {one.model_version_id: f"{one.name} {one.version}" for one in found}


def find_model(session: Session, wanted: str) -> str:
    """A model's id from its name, name and version, or the first letters of its hash.

    Raises:
        ModelNotKnownError: no model of that name has answered here, or several have.
    """
    known = session.exec(select(ModelVersion)).all()
    hits = [
        one.model_version_id
        for one in known
        if wanted in (one.name, f"{one.name} {one.version}", one.model_version_id)
        or (len(wanted) >= 6 and one.sha256.startswith(wanted))
    ]
    if len(hits) == 1:
        return hits[0]
    names = [f"{one.name} {one.version} ({one.sha256[:8]})" for one in known]
    told = ", ".join(names) or "-"
    if hits:
        raise ModelNotKnownError(
            tr(
                f"'{wanted}' is more than one model here: {told}. Name it by its version or hash.",
                f"“{wanted}”在本调查中对应多个模型：{told}。请用版本或哈希值指明。",
            )
        )
    hint = did_you_mean(wanted, [one.name for one in known])
    raise ModelNotKnownError(
        tr(
            f"No model '{wanted}' has answered on this survey; known are: {told}.{hint}",
            f"本调查中没有模型“{wanted}”的结果；已有：{told}。{hint}",
        )
    )


def reliability_of(session: Session, model_version_id: str) -> Reliability:
    """Measure a model's scores against the reviews in force, one figure an event.

    The score of an event is that of its surest animal. Events that the model called blank have no
    score: what it misses is measured by samples, not here. Dismissed boxes count as the model gave
    them: that it was wrong there is what a review of the event says.
    """
    version = session.get_one(ModelVersion, model_version_id)
    found = _found(session)
    animals = list(_scores(session, model_version_id, by_taxon=False))
    names = list(_scores(session, model_version_id, by_taxon=True))
    taxa = {row[-1] for row in names}.union(*found.values()) if names else set()
    below = _below(session, taxa)
    return Reliability(
        model_version_id=model_version_id,
        model=f"{version.name} {version.version}",
        animals=calibrate(
            [
                Scored(score, bool(found[event_id]), deployment_id)
                for event_id, deployment_id, score, _ in animals
                if event_id in found
            ],
            [score for _, _, score, _ in animals],
        ),
        names=calibrate(
            [
                Scored(score, is_right, deployment_id)
                for event_id, deployment_id, score, taxon_id in names
                if event_id in found
                and (is_right := is_name_right(taxon_id, found[event_id], below)) is not None
            ],
            [score for _, _, score, _ in names],
        )
        if names
        else None,
    )


def is_name_right(
    taxon_id: str, found: Collection[str], below: Mapping[str, Collection[str]]
) -> bool | None:
    """Whether a person found the taxon that a model named, or one below it.

    None where a person's own name is broader than the model's, as for an animal that nobody could
    name: that says nothing of the model's. `below` holds the taxa below each.

    >>> below = {"Cervidae": {"Muntiacus", "Muntiacus vaginalis"}}
    >>> is_name_right("Cervidae", {"Muntiacus vaginalis"}, below)
    True
    >>> is_name_right("Ursidae", {"Muntiacus vaginalis"}, below)
    False
    >>> is_name_right("Muntiacus", {"Cervidae"}, below) is None
    True
    """
    if any(one == taxon_id or one in below.get(taxon_id, ()) for one in found):
        return True
    if any(not one or taxon_id in below.get(one, ()) for one in found):
        return None
    return False


def _below(session: Session, taxon_ids: Collection[str]) -> dict[str, frozenset[str]]:
    taxa = (session.get(Taxon, one) for one in sorted(taxon_ids) if one)
    return {
        taxon.taxon_id: frozenset(one.taxon_id for one in members_of(session, taxon)[1:])
        for taxon in taxa
        if taxon is not None
    }


def _scores(
    session: Session, model_version_id: str, *, by_taxon: bool
) -> Iterator[tuple[str, str, float, str]]:
    """The surest score of each event, of animals or of each name given to them."""
    taxon = func.coalesce(col(Observation.taxon_id), "")
    grouped: list[Any] = [col(Observation.event_id), col(Observation.deployment_id)]
    asked = select_columns(
        *grouped,
        func.max(col(Observation.classification_probability)),
        taxon if by_taxon else func.max(taxon),
    ).where(
        col(Observation.model_version_id) == model_version_id,
        col(Observation.classification_method) == MACHINE,
        col(Observation.observation_type) == ANIMAL,
        col(Observation.classification_probability).is_not(None),
        col(Observation.event_id).is_not(None),
    )
    if by_taxon:
        asked = asked.where(col(Observation.taxon_id).is_not(None))
        grouped = [*grouped, taxon]
    for row in session.execute(asked.group_by(*grouped).order_by(*grouped)):
        yield tuple(row)


def _found(session: Session) -> dict[str, frozenset[str]]:
    """The taxa of the animals that people found, "" for one without a name; empty: no animal."""
    asked = (
        select_columns(
            col(Event.event_id), col(Observation.observation_type), col(Observation.taxon_id)
        )
        .join(Observation, col(Observation.review_id) == col(Event.current_review_id))
        .where(
            col(Observation.event_id) == col(Event.event_id),
            col(Event.is_reviewed),
            # Nobody could tell, or the team at its camera: neither right nor wrong.
            col(Observation.observation_type) != ObservationType.UNKNOWN.value,
            col(Observation.camera_setup_type) == "",
        )
    )
    told: dict[str, frozenset[str]] = {}
    for event_id, kind, taxon_id in session.execute(asked):
        one = frozenset({taxon_id or ""}) if kind == ANIMAL else frozenset[str]()
        told[event_id] = told.get(event_id, frozenset()) | one
    return told
