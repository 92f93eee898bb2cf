"""Visits before and after a control action, each with what is left of what stood there before."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean

from sqlmodel import Session, col, select

from species_db.invasive.sightings import Sighting, field_records
from species_db.invasive.treated import ends_on
from species_db.tables import ControlAction, FieldPhoto


class Measure(StrEnum):
    """What of a stand was measured."""

    AREA = "area_m2"
    COVER = "cover_percent"


@dataclass(frozen=True)
class FollowUp:
    """One visit before or after an action; `share_left` is of the measure before, None unknown."""

    record_id: str
    plot_id: str
    on: date
    days_since: int  # of the action's end; below zero: before it began
    measure: Measure | None
    value: float | None
    share_left: float | None
    is_stated: bool  # the share was stated by the visitor, not worked out
    photo_ids: tuple[str, ...]


def follow_ups(
    session: Session,
    action: ControlAction,
    plots: Collection[str],
    found: Sequence[Sighting],
    measure: Measure | None,
    *,
    days_before: int,
) -> list[FollowUp]:
    """The visits of this action's own place, in order of time, each against those before it."""
    own = [one for one in found if _is_of(one, action, plots, days_before)]
    ids = [one.record_id for one in own if one.record_kind != "event"]
    records, photos = field_records(session, ids), _photos(session, ids)
    only = next(iter(plots)) if len(plots) == 1 else ""
    told, baselines = list[FollowUp](), defaultdict[str, list[float]](list)
    for one in own:
        value = value_of(one, measure) if measure else None
        on = one.on or action.started_on
        is_before = on < action.started_on
        record = records.get(one.record_id)
        stated = _share(record.control_effect) if record and not is_before else None
        worked, stood = None, baselines[one.plot_id or only]
        if value is not None and is_before:
            stood.append(value)
        elif value is not None and stood and fmean(stood) > 0:
            worked = value / fmean(stood)
        since = on - (action.started_on if is_before else ends_on(action))
        told.append(
            FollowUp(
                record_id=one.record_id,
                plot_id=one.plot_id,
                on=on,
                days_since=since.days,
                measure=measure if value is not None else None,
                value=value,
                share_left=worked if worked is not None else stated,
                is_stated=worked is None and stated is not None,
                photo_ids=photos.get(one.record_id, ()),
            )
        )
    return told


def _is_of(one: Sighting, action: ControlAction, plots: Collection[str], days_before: int) -> bool:
    """Tell whether a visit is one before or after an action, at its place.

    On the days of the action only one that names it is: another may be from before or after it.
    """
    if one.on is None or one.on < action.started_on - timedelta(days_before):
        return False
    is_named = one.control_id == action.control_id
    if action.started_on <= one.on <= ends_on(action):
        return is_named and one.on == ends_on(action)
    return is_named or (one.plot_id in plots and not one.control_id)


def _share(stated: str | None) -> float | None:
    """What a visitor stated to be left, when it is a share."""
    try:
        share = float(stated or "")
    except ValueError:
        return None
    return share if share >= 0 else None


def value_of(one: Sighting, measure: Measure) -> float | None:
    """What a visit measured; a search in vain measured nothing left."""
    return getattr(one, measure.value) if one.is_present else 0.0


def _photos(session: Session, record_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The pictures of each record, in order of time; films are left to the field page."""
    rows = session.exec(
        select(FieldPhoto)
        .where(
            col(FieldPhoto.field_record_id).in_(list(record_ids)[:900]),
            col(FieldPhoto.file_mediatype).startswith("image/"),
        )
        .order_by(col(FieldPhoto.timestamp), col(FieldPhoto.card_path))
    )
    told = defaultdict[str, list[str]](list)
    for photo in rows:
        told[photo.field_record_id or ""].append(photo.field_photo_id)
    return {record_id: tuple(ids) for record_id, ids in told.items()}
