"""Make draft field records of the photos that an import brought."""

from collections.abc import Sequence
from math import ceil

from sqlmodel import Session, col, or_, select

from species_db import identity
from species_db.field.grouping import PhotoFact, PhotoGroup, group_photos, settings_for
from species_db.field.placing import SETTINGS, distance_m
from species_db.gcj02 import from_gcj02
from species_db.tables import FieldFile, FieldImport, FieldPhoto, FieldRecord, Plot
from species_db.vocabulary import FieldProtocol, FieldState

# Problem codes of a photo's journal that bear on its record; `ingest/file_problem.py` has them too.
DOUBTFUL_PLACE = "gcj02_suspect"
DOUBTFUL_TIME = "gps_time_differs"
GPS, PLOT = "gps", "plot"  # where a record's place and elevation come from


def make_drafts(session: Session, field_import_id: str) -> int:
    """Group an import's photos into draft records; return how many drafts it now has.

    Working it out again gives the same records. A record that a person has touched is left alone,
    with its photos.
    """
    imported = session.get_one(FieldImport, field_import_id)
    plot = session.get_one(Plot, imported.plot_id)
    photos = {photo.field_photo_id: photo for photo in _loose_photos(session, field_import_id)}
    stale = {photo.field_record_id for photo in photos.values()} - {None}
    facts = photo_facts(session, list(photos.values()))
    groups = group_photos(facts, settings=settings_for(imported.protocol))
    for group in groups:
        record = _record(session, imported, group)
        fill_record(record, group, plot)
        session.add(record)
        session.flush()  # its photos point at it
        for fact in group.photos:
            photos[fact.field_photo_id].field_record_id = record.field_record_id
        stale.discard(record.field_record_id)
    session.flush()
    for field_record_id in stale:
        session.delete(session.get_one(FieldRecord, field_record_id))
    return len(groups)


def photo_facts(session: Session, photos: Sequence[FieldPhoto]) -> list[PhotoFact]:
    """What grouping needs to know of stored photos, with the doubts their journal tells."""
    doubts = doubts_of(session, [photo.field_photo_id for photo in photos])
    return [_fact(photo, doubts.get(photo.field_photo_id, frozenset())) for photo in photos]


def doubts_of(session: Session, field_photo_ids: Sequence[str]) -> dict[str, frozenset[str]]:
    """The problem codes that the journal holds of photos, by photo."""
    statement = (
        select(FieldFile.field_photo_id, FieldFile.code)
        .join(FieldPhoto, col(FieldPhoto.field_photo_id) == col(FieldFile.field_photo_id))
        .where(
            col(FieldFile.field_photo_id).in_(field_photo_ids),
            FieldFile.field_import_id == FieldPhoto.field_import_id,
            FieldFile.card_path == FieldPhoto.card_path,
        )
    )
    return {str(photo): frozenset(code.split()) for photo, code in session.exec(statement)}


def fill_record(record: FieldRecord, group: PhotoGroup, plot: Plot) -> None:
    """Write into a record what its photos say together of time and place.

    Without a position it gets the plot's, as uncertain as the plot is wide. A phone does not say
    whether its height is above the sea or the ellipsoid, 30 to 40 m lower here (DOMAIN.md 15), so
    the height is marked; a drone's is not that of the ground and is not taken.
    """
    times = group.times
    record.event_start, record.event_end = (times[0], times[-1]) if times else (None, None)
    record.photo_count = len(group.photos)
    if (middle := group.middle) is not None:
        record.latitude, record.longitude = middle
        record.coordinate_uncertainty_m = group.uncertainty_m(settings_for(record.protocol))
        record.position_source = GPS
    elif plot.latitude is not None:
        record.latitude, record.longitude = plot.latitude, plot.longitude
        record.coordinate_uncertainty_m = ceil(plot.radius_m or SETTINGS.default_radius_m)
        record.position_source = PLOT
    is_flight = record.protocol == FieldProtocol.UAV.value
    height = None if is_flight else group.altitude_m
    record.elevation_m = plot.elevation_m if height is None else height
    record.elevation_source = GPS if height is not None else PLOT if plot.elevation_m else ""


def _loose_photos(session: Session, field_import_id: str) -> list[FieldPhoto]:
    """The import's photos that no record holds yet, or a draft that nobody has touched."""
    statement = (
        select(FieldPhoto)
        .outerjoin(FieldRecord, col(FieldRecord.field_record_id) == col(FieldPhoto.field_record_id))
        .where(
            FieldPhoto.field_import_id == field_import_id,
            or_(
                col(FieldPhoto.field_record_id).is_(None),
                (col(FieldRecord.state) == FieldState.DRAFT.value)
                & col(FieldRecord.review_id).is_(None),
            ),
        )
    )
    return list(session.exec(statement))


def _record(session: Session, imported: FieldImport, group: PhotoGroup) -> FieldRecord:
    first = group.photos[0].field_photo_id
    field_record_id = identity.field_record_id(imported.plot_id, first)
    known = session.get(FieldRecord, field_record_id)
    if known is not None:
        return known
    opening = session.get_one(FieldPhoto, first)
    record = FieldRecord(
        field_record_id=field_record_id,
        plot_id=imported.plot_id,
        field_import_id=imported.field_import_id,
        protocol=imported.protocol,
        observer=imported.observer,
        state=FieldState.DRAFT.value,
    )
    if opening.utc_offset_seconds is not None:
        record.utc_offset_seconds = opening.utc_offset_seconds
    return record


def _fact(photo: FieldPhoto, doubts: frozenset[str]) -> PhotoFact:
    extra = 0
    if DOUBTFUL_PLACE in doubts and photo.latitude is not None and photo.longitude is not None:
        here = (photo.latitude, photo.longitude)
        extra = ceil(distance_m(here, from_gcj02(*here)))
    return PhotoFact(
        field_photo_id=photo.field_photo_id,
        order=photo.card_path,
        timestamp=photo.timestamp,
        latitude=photo.latitude,
        longitude=photo.longitude,
        altitude_m=photo.altitude_m,
        has_old_position=DOUBTFUL_TIME in doubts,
        extra_uncertainty_m=extra,
    )
