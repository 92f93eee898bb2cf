"""What a person may say is in an event: one finding, and several together."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlmodel import Session

from species_db.review.machine_call import most_in_one_frame, newest_answers
from species_db.review.refusal import ReviewError
from species_db.tables import Taxon
from species_db.taxa import ANIMAL_KINGDOMS
from species_db.vocabulary import ObservationType

COUNTED = frozenset(
    t.value for t in (ObservationType.ANIMAL, ObservationType.HUMAN, ObservationType.VEHICLE)
)
SETUP = "setup"  # Camtrap DP cameraSetupType


@dataclass(frozen=True)
class Finding:
    """One thing a person says is in an event. An event may hold several."""

    observation_type: str
    taxon_id: str | None = None
    count: int | None = None  # None: proposed from the boxes where a count makes sense
    camera_setup_type: str = ""
    life_stage: str = ""
    sex: str = ""
    behavior: str = ""
    observation_comments: str = ""


def checked(session: Session, event_id: str, finding: Finding) -> Finding:
    """Refuse a finding that Camtrap DP could not hold; propose the count that is not given."""
    counted = finding.observation_type in COUNTED and finding.camera_setup_type != SETUP
    if finding.taxon_id is not None:
        taxon = session.get(Taxon, finding.taxon_id)
        is_animal = taxon is not None and taxon.kingdom in ANIMAL_KINGDOMS
        if not is_animal or finding.observation_type != ObservationType.ANIMAL.value:
            name = taxon.scientific_name if taxon else finding.taxon_id
            raise ReviewError(
                f"{name} cannot be recorded as an animal of this event. Choose an animal of "
                "the list; plants belong in field records.",
                f"{name} 不能作为该事件的动物记录。请选择名录中的动物；植物请用野外记录。",
            )
    if finding.count is not None and (not counted or finding.count < 1):
        raise ReviewError(
            f"A count of {finding.count} makes no sense for {finding.observation_type}; give "
            "1 or more animals, people or vehicles, or none at all.",
            f"{finding.observation_type} 不能记数量 {finding.count};"
            "动物、人员、车辆应为 1 或以上。",
        )
    if finding.count is None and counted:
        answers = newest_answers(session, event_id)
        return replace(finding, count=most_in_one_frame(answers, finding.observation_type))
    return finding


def check_together(findings: Sequence[Finding]) -> None:
    """Refuse findings of one review that contradict each other."""
    alone = {ObservationType.BLANK.value, ObservationType.UNCLASSIFIED.value}
    types = {finding.observation_type for finding in findings}
    taxa = [(f.taxon_id, f.life_stage, f.sex, f.behavior) for f in findings if f.taxon_id]
    if (
        not findings
        or (len(findings) > 1 and types & alone)
        or ObservationType.UNCLASSIFIED.value in types
        or len(taxa) != len(set(taxa))
    ):
        raise ReviewError(
            "A review says one thing at least, blank only by itself, and each taxon once.",
            "一次审核至少填写一项；空拍只能单独填写；每个物种只填一次。",
        )


def canonical(finding: Finding) -> str:
    """Write a finding for the log, always in the same letters."""
    told = {name: value for name, value in asdict(finding).items() if value not in (None, "")}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
