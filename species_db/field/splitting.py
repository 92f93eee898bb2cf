"""Part a field record in two: two kinds photographed in the same minutes at the same place."""

from collections.abc import Collection

from sqlmodel import select

from species_db import identity
from species_db.field.drafting import fill_record, photo_facts
from species_db.field.grouping import PhotoFact, PhotoGroup, group_photos, settings_for
from species_db.field.identify import FieldRefusal, close_act, need_person, open_record
from species_db.survey import Survey
from species_db.tables import FieldPhoto, FieldRecord, Plot
from species_db.vocabulary import Act, FieldState


def split_record(
    survey: Survey,
    field_record_id: str,
    *,
    photo_ids: Collection[str],
    person: str,
    expected_review_id: str | None,
) -> str:
    """Give some photos of a draft a record of their own; return the new record's id.

    The part with the opening photo keeps the record, since the record is named after it.

    Raises:
        FieldRefusal: not a draft, or the photos are none or all of it.
        FieldConflict: somebody has acted on the record since the screen showed it.
    """
    need_person(person)
    with survey.writing() as session:
        record = open_record(session, field_record_id, expected_review_id)
        statement = select(FieldPhoto).where(FieldPhoto.field_record_id == field_record_id)
        photos = {photo.field_photo_id: photo for photo in session.exec(statement)}
        facts = _in_order(photo_facts(session, list(photos.values())), record.protocol)
        chosen = [fact for fact in facts if fact.field_photo_id in photo_ids]
        rest = [fact for fact in facts if fact.field_photo_id not in photo_ids]
        if record.state != FieldState.DRAFT.value or not chosen or not rest:
            raise FieldRefusal(
                "Choose some photos of a draft, but not all: they become a record of their own.",
                "请选择草稿记录中的部分照片（不能全选），它们将另成一条记录。",
            )
        stay, leave = (chosen, rest) if facts[0] in chosen else (rest, chosen)
        new = FieldRecord(
            field_record_id=identity.field_record_id(record.plot_id or "", leave[0].field_photo_id),
            plot_id=record.plot_id,
            field_import_id=record.field_import_id,
            protocol=record.protocol,
            observer=record.observer,
            state=FieldState.DRAFT.value,
            utc_offset_seconds=record.utc_offset_seconds,
        )
        plot = session.get_one(Plot, record.plot_id)
        fill_record(record, PhotoGroup(tuple(stay)), plot)
        fill_record(new, PhotoGroup(tuple(leave)), plot)
        session.add(new)
        session.flush()
        for fact in leave:
            photos[fact.field_photo_id].field_record_id = new.field_record_id
        session.flush()
        for part in (record, new):
            close_act(session, part, Act.FIELD_SPLIT, person=person)
        return new.field_record_id


def _in_order(facts: list[PhotoFact], protocol: str) -> list[PhotoFact]:
    groups = group_photos(facts, settings=settings_for(protocol))
    return [fact for group in groups for fact in group.photos]
