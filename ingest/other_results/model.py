"""The model behind a results file, as a model version of its own.

Its identity is what the file says of its model, the threshold it was taken with, and what its words
count as here: the same tool over the next card is the same model, but another threshold gives other
answers, and so does another meaning of a word.
"""

import hashlib
import json

from sqlmodel import Session

from ingest.other_results.facts import OtherModel, OtherResults
from ingest.other_results.names import Dictionary
from species_db.tables import ModelVersion
from species_db.version import VERSION

ENGINE = "elsewhere"  # its weights never ran here


def register_model(
    session: Session, results: OtherResults, dictionary: Dictionary, *, threshold: float
) -> ModelVersion:
    """Find or add the file's model; its details tell of the newest file and name all."""
    sha256 = model_sha256(results, dictionary, threshold=threshold)
    version = session.get(ModelVersion, sha256)
    earlier = json.loads(version.details or "{}")["files"] if version else []
    if version is None:
        version = ModelVersion(
            model_version_id=sha256,
            name=_name(results),
            version=_version(results),
            sha256=sha256,
            labels=",".join(results.categories.values()),
            threshold=threshold,
            engine=ENGINE,
            task="classifier" if results.classifier else "detector",
            origin=results.format.value,
        )
    if all(one["sha256"] != results.sha256 for one in earlier):
        version.classes = _classes(results, dictionary)
        version.details = _details(results, earlier)
        session.add(version)
        session.flush()
    return version


def model_sha256(results: OtherResults, dictionary: Dictionary, *, threshold: float) -> str:
    """Name the model after what its file says of it and means here, without times and reports."""
    told: list[object] = [
        results.format.value,
        *(_plain(model) for model in (results.detector, results.classifier)),
        sorted(results.categories.items()),
        threshold,
    ]
    if decided := dictionary.decided(results):
        told.append(decided)
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _plain(model: OtherModel | None) -> list[str]:
    return [model.name, model.version, model.metadata] if model else []


def _name(results: OtherResults) -> str:
    """The detector's name; SpeciesNet's for its ensemble; both when two tools worked together."""
    if results.classifier is None or results.detector.name.startswith(results.classifier.name):
        return results.classifier.name if results.classifier else results.detector.name
    return f"{results.detector.name} + {results.classifier.name}"


def _version(results: OtherResults) -> str:
    return results.detector.version


def _classes(results: OtherResults, dictionary: Dictionary) -> str:
    """The model's own words, and the taxon of each that has one."""
    told = [
        {"code": code, "name": name, "taxon_id": dictionary.category(name).taxon_id}
        for code, name in results.categories.items()
    ]
    return json.dumps(told, ensure_ascii=False)


def _details(results: OtherResults, earlier: list[dict[str, str | int]]) -> str:
    """All that the newest file says of itself, and every file that was taken."""
    file = {"sha256": results.sha256, "name": results.file_name, "bytes": results.bytes}
    told = {
        "format_version": results.format_version,
        "info": json.loads(results.info),
        "detection_categories": dict(results.categories),
        "classification_categories": dict(results.names),
        "classification_category_descriptions": dict(results.labels),
        "hints": {
            model.name: json.loads(model.metadata)
            for model in (results.detector, results.classifier)
            if model
        },
        "files": [*earlier, file],
        "software_version": VERSION,
    }
    return json.dumps(told, ensure_ascii=False)
