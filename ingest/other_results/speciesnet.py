"""Read SpeciesNet's predictions (github.com/google/cameratrapai, its own `predictions.json`).

Its ensemble settles on one `prediction` for a picture; newer versions name each box instead
(`processed_classification`), or the whole picture as a detection of its own.
"""

import json
from collections import Counter

from ingest.other_results.checking import (
    Json,
    a_box,
    a_list,
    a_score,
    a_text,
    an_object,
    other_fields,
)
from ingest.other_results.facts import (
    OtherBox,
    OtherFile,
    OtherModel,
    OtherName,
    OtherPrediction,
    OtherResults,
    ResultsFormat,
    refusal,
)

CATEGORIES = {"1": "animal", "2": "human", "3": "vehicle"}
WHOLE_PICTURE = "0"  # the number of a detection that is the whole picture
_READ = frozenset(
    {"filepath", "failures", "detections", "classifications"}
    | {"prediction", "prediction_score", "prediction_source", "model_version"}
)
_PLACE = frozenset({"latitude", "longitude"})  # no copy of a place outside the station's row


def is_speciesnet(content: Json) -> bool:
    """Tell SpeciesNet's files by the field that all of them have."""
    return "predictions" in content


def read_speciesnet(content: Json, *, sha256: str, size: int, file_name: str) -> OtherResults:
    """Read a whole file.

    Raises:
        ResultsError: something in it is not as SpeciesNet writes it.
    """
    entries = a_list(content.get("predictions"), "predictions")
    info = an_object(content.get("info") or {}, "info")
    versions: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    files = []
    for number, entry in enumerate(entries):
        told = an_object(entry, f"predictions[{number}]")
        versions[str(told.get("model_version") or "")] += 1
        files.append(_file(told, f"predictions[{number}]", unknown))
    versions.pop("", None)
    if len(versions) > 1:
        raise refusal(
            "predictions",
            f"they come from {len(versions)} versions of the model ({', '.join(sorted(versions))})."
            " Write one file for each.",
            f"结果来自 {len(versions)} 个模型版本（{'、'.join(sorted(versions))}）。请分别输出。",
        )
    version = next(iter(versions), "")
    return OtherResults(
        format=ResultsFormat.SPECIESNET,
        format_version=str(info.get("format_version") or ""),
        detector=OtherModel("SpeciesNet detector", version),
        classifier=OtherModel("SpeciesNet", version),
        categories=CATEGORIES,
        names={},
        labels={},
        info=json.dumps(info, ensure_ascii=False),
        files=tuple(files),
        sha256=sha256,
        bytes=size,
        file_name=file_name,
        unknown_categories=dict(unknown),
    )


def _file(told: Json, where: str, unknown: Counter[str]) -> OtherFile:
    path = a_text(told.get("filepath"), f"{where}.filepath")
    failures = told.get("failures")
    fields = other_fields(told, _READ | _PLACE)
    found = told.get("detections")
    prediction = _prediction(told, where)
    if failures:
        parts = ", ".join(str(one) for one in a_list(failures, f"{where}.failures"))
        if "DETECTOR" in parts or prediction is None:
            return OtherFile(path, None, failure=parts, fields=fields)
    if found is None and prediction is None:
        raise refusal(
            where,
            "it has neither detections, a prediction nor failures.",
            "既无检测结果、预测，也无失败说明。",
        )
    boxes = []
    for number, one in enumerate(a_list(found or [], f"{where}.detections")):
        at = f"{where}.detections[{number}]"
        box = an_object(one, at)
        if box.get("category") == WHOLE_PICTURE:
            prediction = prediction or _of_whole_picture(box, at)
        else:
            boxes.append(_box(box, at, unknown))
    return OtherFile(path, tuple(boxes), prediction=prediction, fields=fields)


def _prediction(told: Json, where: str) -> OtherPrediction | None:
    names = _names(told.get("classifications"), f"{where}.classifications")
    label = told.get("prediction")
    if label is None:
        return None
    score = told.get("prediction_score")
    source = told.get("prediction_source")
    return OtherPrediction(
        a_text(label, f"{where}.prediction"),
        None if score is None else a_score(score, f"{where}.prediction_score"),
        None if source is None else a_text(source, f"{where}.prediction_source"),
        names,
    )


def _of_whole_picture(box: Json, where: str) -> OtherPrediction | None:
    names = _names_of_box(box, where)
    return OtherPrediction(names[0].label, names[0].score, None, names) if names else None


def _box(box: Json, where: str, unknown: Counter[str]) -> OtherBox:
    code = a_text(box.get("category"), f"{where}.category")
    if code not in CATEGORIES:
        unknown[code] += 1
    return OtherBox(
        code=code,
        category=CATEGORIES.get(code, ""),
        score=a_score(box.get("conf"), f"{where}.conf"),
        box=a_box(box.get("bbox"), f"{where}.bbox"),
        names=_names_of_box(box, where),
    )


def _names_of_box(box: Json, where: str) -> tuple[OtherName, ...]:
    """What the ensemble made of a box first, then what the classifier had said."""
    raw = _names(box.get("raw_classifications"), f"{where}.raw_classifications")
    processed = box.get("processed_classification")
    if processed is None:
        return raw
    at = f"{where}.processed_classification"
    told = an_object(processed, at)
    label = a_text(told.get("class"), f"{at}.class")
    first = _name(label, a_score(told.get("score"), f"{at}.score"))
    return (first, *(one for one in raw if one.label != label))


def _names(value: object, where: str) -> tuple[OtherName, ...]:
    if value is None:
        return ()
    told = an_object(value, where)
    labels = a_list(told.get("classes"), f"{where}.classes")
    scores = a_list(told.get("scores"), f"{where}.scores")
    if len(labels) != len(scores):
        raise refusal(
            where,
            f"{len(labels)} classes have {len(scores)} scores.",
            f"{len(labels)} 个类别对应 {len(scores)} 个分值。",
        )
    found = [
        _name(a_text(label, f"{where}.classes[{n}]"), a_score(score, f"{where}.scores[{n}]"))
        for n, (label, score) in enumerate(zip(labels, scores, strict=True))
    ]
    return tuple(sorted(found, key=lambda one: -one.score))


def _name(label: str, score: float) -> OtherName:
    return OtherName(label.rpartition(";")[2] or label, score, label=label)
