"""Enter weights in the survey before they answer: who they are, and what their classes mean here.

A model's answers are told apart by its bytes, so what its classes mean must not change between two
of its answers; and a species that this survey has no taxon for cannot be recorded. Both are found
out before the first photo is looked at.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from models.detector import Detector
from species_db.language import tr
from species_db.lists.taxon_card import TaxonNotFoundError, find_taxon
from species_db.model_choice import DETECTOR
from species_db.survey import Survey
from species_db.tables import Decision, ModelVersion, Observation
from species_db.vocabulary import Act


class ModelClassError(Exception):
    """A class of a model means a taxon unknown here, or something else than in earlier answers."""


@dataclass(frozen=True)
class RegisteredModel:
    """Weights that may answer, and the taxon of each scientific name that they may answer with."""

    version: ModelVersion
    taxa: Mapping[str, str]


def register_model(survey: Survey, detector: Detector) -> RegisteredModel:
    """Enter weights once, with the meaning of their classes, and find the taxa they speak of.

    Raises:
        ModelClassError: no taxon of the survey bears a name of the table of classes, or these
            weights have answered with their classes meaning something else.
    """
    with survey.writing() as session:
        taxa = _taxa(session, detector)
        version = session.get(ModelVersion, detector.sha256)
        if version is None:
            version = ModelVersion(
                model_version_id=detector.sha256,
                name=detector.name,
                version=detector.version,
                sha256=detector.sha256,
                labels=",".join(detector.labels),
                threshold=detector.threshold,
                engine=detector.engine,
                task=DETECTOR,
                licence=detector.licence or None,
                classes=_as_json(detector.classes),
            )
            session.add(version)
        else:
            _check_meaning(session, version, detector)
    return RegisteredModel(version, taxa)


def _taxa(session: Session, detector: Detector) -> dict[str, str]:
    taxa, unknown = {}, []
    for class_name, counts_as in detector.classes.items():
        name = counts_as.partition(" ")[2]
        if name and name not in taxa:
            try:
                taxa[name] = find_taxon(session, name)
            except TaxonNotFoundError as refusal:
                unknown.append(f"{class_name}: {refusal}")
    if unknown:
        told = "\n".join(unknown)
        raise ModelClassError(
            tr(
                f"The table of classes gives {detector.name} species that this survey has no taxon "
                f"for:\n{told}\nNothing was detected. Mend the scientific names in classes.csv, or "
                "take the species in with 'namcha lists import --add-taxa'.",
                f"类别表为 {detector.name} 指定的物种在本调查项目中没有对应的分类单元：\n{told}\n"
                "检测尚未开始。请改正 classes.csv 中的学名，"
                "或用 namcha lists import --add-taxa 添加该物种。",
            )
        )
    return taxa


def _check_meaning(session: Session, version: ModelVersion, detector: Detector) -> None:
    """Weights of before this was kept, and those that have answered nothing yet, may be any."""
    before: dict[str, str] = json.loads(version.classes or "{}")
    now = dict(detector.classes)
    if not before or before == now:
        return
    if not _has_answered(session, version.model_version_id):
        version.classes = _as_json(now)
        version.labels = ",".join(detector.labels)
        session.add(version)
        return
    changed = sorted(name for name in before | now if before.get(name) != now.get(name))
    told = "; ".join(f"{name}: {before.get(name, '-')} → {now.get(name, '-')}" for name in changed)
    raise ModelClassError(
        tr(
            f"{version.name} {version.version} has answered on this survey with its classes "
            f"meaning something else ({told}). One model's answers cannot mean two things. Put the "
            "table of classes back, or export the weights anew: other bytes are another model, "
            "which looks at every photo again.",
            f"{version.name} {version.version} 已在本调查项目中作出检测，但当时类别含义不同"
            f"（{told}）。同一模型的结果不能有两种含义。请恢复类别表，"
            "或重新导出权重：字节不同即为另一模型，将重新检测全部照片。",
        )
    )


def _has_answered(session: Session, model_version_id: str) -> bool:
    answers = select(Observation.observation_id).where(
        Observation.model_version_id == model_version_id
    )
    runs = select(Decision.sequence).where(
        Decision.act == Act.DETECTED.value, Decision.subject == model_version_id
    )
    return any(session.exec(asked.limit(1)).first() is not None for asked in (answers, runs))


def _as_json(classes: Mapping[str, str]) -> str | None:
    return json.dumps(dict(classes), ensure_ascii=False, sort_keys=True) if classes else None
