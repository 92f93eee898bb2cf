"""The model whose answers are written, and what the file says of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from species_db.export.offering import ExportRefused
from species_db.language import did_you_mean, tr
from species_db.tables import ForeignAnswer, ModelVersion, Observation
from species_db.vocabulary import ClassificationMethod, ObservationType

FORMAT_VERSION = "1.6"  # lila.science/megadetector-output-format, as of 2026
OWN_CATEGORIES = {"1": "animal", "2": "person", "3": "vehicle"}
TYPES = {
    ObservationType.ANIMAL: ("animal",),
    ObservationType.HUMAN: ("person", "human"),
    ObservationType.VEHICLE: ("vehicle",),
    ObservationType.UNKNOWN: ("unknown",),
}
CLASSIFIER = "classifier"
MEGADETECTOR = "MegaDetector JSON"  # the origin of models whose answers came in such a file


@dataclass(frozen=True)
class WrittenModel:
    """A model, and the numbers that its file has for categories and names."""

    version: ModelVersion
    answered_at: datetime
    info: Mapping[str, Any] = field(default_factory=dict)
    """The file's own description of itself, where the answers came in a MegaDetector file."""
    categories: Mapping[str, str] = field(default_factory=lambda: dict(OWN_CATEGORIES))
    names: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    classifier: str = ""
    """Which weights of ours named its boxes, the newest of them."""
    second_stages: frozenset[str] = frozenset()
    """The model versions under which weights of ours repeat its answers with names."""

    @property
    def is_foreign(self) -> bool:
        """Whether its answers came in a file of another tool."""
        return self.version.origin is not None

    def code_of(self, observation_type: str) -> str | None:
        """The number that stands for a type of observation."""
        words = TYPES.get(ObservationType(observation_type), ())
        for code, name in self.categories.items():
            if name.lower() in words:
                return code
        return None


def choose_model(session: Session, name: str | None) -> tuple[WrittenModel, tuple[str, ...]]:
    """Find the model by its name, name and version, or id; the one that answered last else.

    Tells the names of the others that would have fitted, so that nobody takes one for another.

    Raises:
        ExportRefused: no model has answered, or none has this name.
    """
    last = dict(
        session.exec(
            select(Observation.model_version_id, func.max(Observation.classification_timestamp))
            .where(Observation.classification_method == ClassificationMethod.MACHINE.value)
            .group_by(col(Observation.model_version_id))
        ).all()
    )
    told = set(session.exec(select(ForeignAnswer.model_version_id).distinct()))
    versions = [
        one
        for one in session.exec(select(ModelVersion).order_by(col(ModelVersion.model_version_id)))
        if (one.model_version_id in last or one.model_version_id in told)
        and (one.origin is not None or one.task != CLASSIFIER)
    ]
    fitting = [one for one in versions if name is None or _is_called(one, name)]
    if not fitting:
        raise _no_model(versions, name)
    never = datetime(1970, 1, 1, tzinfo=UTC)
    fitting.sort(key=lambda one: (last.get(one.model_version_id) or never, one.model_version_id))
    chosen = fitting[-1]
    classifiers = [one for one in session.exec(_classifiers()) if _follows(one, chosen)]
    others = tuple(sorted({_called(one) for one in fitting[:-1]}))
    written = _written(chosen, last.get(chosen.model_version_id) or never)
    newest = max(classifiers, key=lambda one: last.get(one.model_version_id) or never, default=None)
    stages = frozenset(one.model_version_id for one in classifiers)
    called = _called(newest) if newest else ""
    return replace(written, classifier=called, second_stages=stages), others


def _classifiers() -> SelectOfScalar[ModelVersion]:
    return select(ModelVersion).where(
        ModelVersion.task == CLASSIFIER, col(ModelVersion.origin).is_(None)
    )


def _follows(classifier: ModelVersion, detector: ModelVersion) -> bool:
    """Tell whether a second stage of ours worked on this detector's boxes."""
    told = json.loads(classifier.details or "{}")
    return bool(told.get("detector_sha256") == detector.sha256)


def _written(version: ModelVersion, answered_at: datetime) -> WrittenModel:
    details = json.loads(version.details or "{}") if version.origin else {}
    categories = details.get("detection_categories") or dict(OWN_CATEGORIES)
    return WrittenModel(
        version,
        answered_at,
        info=details["info"] if version.origin == MEGADETECTOR else {},
        categories=categories,
        names=details.get("classification_categories") or {},
        labels=details.get("classification_category_descriptions") or {},
    )


def _is_called(version: ModelVersion, name: str) -> bool:
    parts = version.name.split(" + ") if version.origin else ()
    return name in (version.name, _called(version), *parts) or (
        len(name) >= 8 and version.model_version_id.startswith(name)
    )


def _called(version: ModelVersion) -> str:
    return f"{version.name} {version.version}".strip()


def _no_model(versions: Sequence[ModelVersion], name: str | None) -> ExportRefused:
    known = sorted({one.name for one in versions})
    if not known:
        return ExportRefused(
            tr(
                "Nothing to export: no model has answered yet. Run 'namcha detect' or "
                "'namcha import-results' first.",
                "没有可导出的内容：尚无模型结果。"
                "请先运行“namcha detect”或“namcha import-results”。",
            )
        )
    return ExportRefused(
        tr(
            f"No model '{name}' has answered here.{did_you_mean(name or '', known)}",
            f"没有名为“{name}”的模型结果。{did_you_mean(name or '', known)}",
        ),
        [_called(one) for one in versions],
    )
