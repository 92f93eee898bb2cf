"""Read observations.csv of a Camtrap DP package: who said what of a media or an event."""

from collections.abc import Iterable, Iterator

from ingest.packages.facts import PackageObservation
from ingest.packages.lines import Faults, Line, a_moment, a_number, a_whole
from species_db.vocabulary import ClassificationMethod, ObservationLevel, ObservationType

BOX = ("bboxX", "bboxY", "bboxWidth", "bboxHeight")
TERMS = {
    "observationLevel": [one.value for one in ObservationLevel],
    "observationType": [one.value for one in ObservationType],
    "cameraSetupType": ["setup", "calibration"],
    "lifeStage": ["adult", "subadult", "juvenile"],
    "sex": ["female", "male"],
    "classificationMethod": [one.value for one in ClassificationMethod],
}
READ = frozenset(
    {"observationID", "deploymentID", "mediaID", "eventID", "eventStart", "eventEnd"}
    | {"scientificName", "count", "behavior", "individualID", "classifiedBy"}
    | {"classificationTimestamp", "classificationProbability", "observationComments"}
    | {*BOX, *TERMS}
)


def read_observations(
    lines: Iterable[Line], faults: Faults, *, offset_seconds: int
) -> Iterator[PackageObservation]:
    """Give every observation; what is wrong with one goes to the faults."""
    for line in lines:
        yield _observation(line, faults, offset_seconds)


def _observation(line: Line, faults: Faults, offset: int) -> PackageObservation:
    term = {name: _term(line, name, known, faults) for name, known in TERMS.items()}
    for column in ("observationLevel", "observationType", "eventStart", "eventEnd"):
        if not line.text(column):
            faults.add(line.where, column, "is empty.", "为空。")
    moments = {
        column: a_moment(line, column, faults, offset_seconds=offset, needs_zone=True)
        for column in ("eventStart", "eventEnd", "classificationTimestamp")
    }
    at = {name: one.at if one else None for name, one in moments.items()}
    is_machine = term["classificationMethod"] == ClassificationMethod.MACHINE.value
    level = term["observationLevel"] or ObservationLevel.MEDIA.value
    is_animal = term["observationType"] == ObservationType.ANIMAL.value
    name, other = line.text("scientificName"), line.others(READ)
    if name and not is_animal:
        other["scientificName"] = name  # people are no taxon of a survey; what was said is kept
    return PackageObservation(
        observation_id=line.text("observationID"),
        deployment_id=line.text("deploymentID"),
        level=ObservationLevel(level),
        type=term["observationType"] or ObservationType.UNKNOWN.value,
        where=line.where,
        event_id=line.text("eventID"),
        media_id=line.text("mediaID") if level == ObservationLevel.MEDIA.value else "",
        start=at["eventStart"],
        end=at["eventEnd"],
        taxon=name if is_animal else "",
        count=a_whole(line, "count", 1, 1_000_000, faults),
        setup=term["cameraSetupType"],
        life_stage=term["lifeStage"],
        sex=term["sex"],
        behavior=line.text("behavior"),
        individual_id=line.text("individualID"),
        box=_box(line, faults),
        method=ClassificationMethod.MACHINE if is_machine else ClassificationMethod.HUMAN,
        classified_by=line.text("classifiedBy"),
        classified_at=at["classificationTimestamp"],
        probability=a_number(line, "classificationProbability", 0, 1, faults),
        comments=line.text("observationComments"),
        other=other,
    )


def _term(line: Line, column: str, known: list[str], faults: Faults) -> str:
    text = line.text(column)
    if text and text not in known:
        faults.add(
            line.where,
            column,
            f"'{text[:40]}' is none of {', '.join(known)}.",
            f"“{text[:40]}”不是 {'、'.join(known)} 之一。",
        )
        return ""
    return text


def _box(line: Line, faults: Faults) -> tuple[float, float, float, float] | None:
    told = [line.text(column) for column in BOX]
    if not any(told):
        return None
    if not all(told):
        faults.add(line.where, "bbox", "half a box.", "检测框不完整。")
        return None
    found = [a_number(line, column, 0, 1, faults) for column in BOX]
    if None in found:
        return None
    x, y, width, height = (float(one or 0) for one in found)
    return x, y, width, height
