"""What a person says of a field record: which taxon, how much of it, or that it is none.

Each act goes into the log with the whole finding, and names the act it follows: a second opinion
replaces what the record says, and the first stays in the log.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from species_db.decisions import Detail, record_decision
from species_db.review.refusal import Refusal
from species_db.survey import Survey
from species_db.tables import FieldPhoto, FieldRecord, Taxon
from species_db.vocabulary import Act, FieldState, QuantityType

MOST_INDIVIDUALS = 1_000_000  # more is a typing slip
ALL_COVER = 100.0  # per cent


class FieldRefusal(Refusal):
    """An act on a field record that cannot stand."""


class FieldConflict(FieldRefusal):
    """The record has changed since the screen showed it; the person should look again."""


@dataclass(frozen=True)
class FieldFinding:
    """What a field record shows; `organism_quantity` is a number of `organism_quantity_type`."""

    taxon_id: str
    individual_count: int | None = None
    organism_quantity: str = ""
    organism_quantity_type: str = ""
    habitat: str = ""
    remarks: str = ""


def identify_record(
    survey: Survey,
    field_record_id: str,
    *,
    finding: FieldFinding,
    person: str,
    expected_review_id: str | None,
) -> str:
    """Say which taxon a field record shows and how much of it; return the act's id.

    `expected_review_id` is the act in force that the screen showed. The same finding again adds
    nothing. Plants, fungi and animals alike.

    Raises:
        FieldRefusal: no name, an unknown taxon, or a quantity that makes no sense.
        FieldConflict: somebody has acted on the record since the screen showed it.
    """
    need_person(person)
    with survey.writing() as session:
        record = open_record(session, field_record_id, expected_review_id)
        _check(session, finding)
        before = logged_finding(record)
        for name, value in vars(finding).items():
            setattr(record, name, value)
        record.state = FieldState.IDENTIFIED.value
        if logged_finding(record) == before and record.review_id is not None:
            return record.review_id
        return close_act(session, record, Act.FIELD_IDENTIFIED, person=person)


def reject_record(
    survey: Survey,
    field_record_id: str,
    *,
    person: str,
    expected_review_id: str | None,
    remarks: str = "",
) -> str:
    """Say that a field record is none: a photo by mistake, of people, or beyond telling.

    Raises:
        FieldRefusal: nobody's name is given.
        FieldConflict: somebody has acted on the record since the screen showed it.
    """
    need_person(person)
    with survey.writing() as session:
        record = open_record(session, field_record_id, expected_review_id)
        if record.state == FieldState.REJECTED.value and record.review_id is not None:
            return record.review_id
        record.state = FieldState.REJECTED.value
        record.taxon_id = record.individual_count = None
        record.organism_quantity = record.organism_quantity_type = ""
        record.remarks = remarks
        return close_act(session, record, Act.FIELD_REJECTED, person=person)


def logged_finding(record: FieldRecord) -> dict[str, Detail]:
    """What a record says, as the log holds it: the details of its `review_id` begin with this."""
    return {
        "state": record.state,
        "plot_id": record.plot_id,
        "taxon_id": record.taxon_id,
        "individual_count": record.individual_count,
        "organism_quantity": record.organism_quantity,
        "organism_quantity_type": record.organism_quantity_type,
        "habitat": record.habitat,
        "remarks": record.remarks,
    }


def open_record(
    session: Session, field_record_id: str, expected_review_id: str | None
) -> FieldRecord:
    """Give a record that is as the screen showed it, or refuse."""
    record = session.get(FieldRecord, field_record_id)
    if record is None:
        raise FieldConflict(
            "This field record is no longer there: the import has grouped its photos anew.",
            "该野外记录已不存在：导入时照片已重新分组。",
        )
    if record.review_id != expected_review_id:
        raise FieldConflict(
            "Somebody has acted on this field record since you opened it; nothing of yours was "
            "written. Look again, then decide.",
            "您打开之后该野外记录已有变化，您的结果未写入。请重新查看后再决定。",
        )
    return record


def close_act(session: Session, record: FieldRecord, act: Act, *, person: str) -> str:
    """Log an act on a record, and let the record name it."""
    decided_at = datetime.now(UTC)
    photos = session.exec(
        select(FieldPhoto.field_photo_id)
        .where(FieldPhoto.field_record_id == record.field_record_id)
        .order_by(col(FieldPhoto.timestamp), col(FieldPhoto.card_path))
    ).all()
    taxon = session.get(Taxon, record.taxon_id) if record.taxon_id else None
    decision = record_decision(
        session,
        act,
        subject=record.field_record_id,
        person=person,
        decided_at=decided_at,
        details=logged_finding(record)
        | {
            "scientific_name": taxon.scientific_name if taxon else None,
            "photos": list(photos),
            "previous_review_id": record.review_id,
        },
    )
    record.review_id = decision.decision_id
    if record.state != FieldState.DRAFT.value:
        record.identified_by, record.date_identified = person, decided_at
    session.add(record)
    session.flush()
    return decision.decision_id


def need_person(person: str) -> None:
    """Refuse an act under nobody's name."""
    if not person.strip():
        raise FieldRefusal("Write your name first.", "请先填写您的姓名。")


def _check(session: Session, finding: FieldFinding) -> None:
    if session.get(Taxon, finding.taxon_id) is None:
        raise FieldRefusal("Choose a taxon of the list first.", "请先从名录中选择一个物种或类群。")
    count = finding.individual_count
    if count is not None and not 1 <= count <= MOST_INDIVIDUALS:
        raise FieldRefusal(
            f"A count of {count} makes no sense; give 1 to {MOST_INDIVIDUALS:,}, or none.",
            f"数量 {count} 不合理；请填写 1 至 {MOST_INDIVIDUALS:,}，或不填。",
        )
    if not finding.organism_quantity and not finding.organism_quantity_type:
        return
    kinds = {kind.value for kind in QuantityType}
    amount = _number(finding.organism_quantity)
    is_cover = finding.organism_quantity_type == QuantityType.COVER.value
    if (
        finding.organism_quantity_type not in kinds
        or amount is None
        or not 0 < amount < float("inf")
        or (is_cover and amount > ALL_COVER)
    ):
        told = f"{finding.organism_quantity} {finding.organism_quantity_type}".strip()
        raise FieldRefusal(
            f"'{told}' is no quantity; give a number above 0 and what it counts: individuals, "
            "% cover (to 100) or m2.",
            f"“{told}”不是有效的数量；请填写大于 0 的数并选择单位："
            "个体数、盖度 %（至 100）或面积 m²。",
        )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
