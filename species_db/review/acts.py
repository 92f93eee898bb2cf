"""The acts of a reviewer, each one key on the screen."""

from typing import NotRequired, TypedDict, Unpack

from species_db.review.finding import COUNTED, SETUP, Finding
from species_db.review.machine_call import call_of
from species_db.review.record import get_event, review_event
from species_db.review.refusal import ReviewConflict, ReviewError
from species_db.survey import Survey
from species_db.vocabulary import ObservationType


class Shown(TypedDict):
    """Who acts, and which review the screen showed as being in force (None: not yet reviewed).

    `token` names the press of the key: the same token sent twice is applied once. `shown_media`
    is the view's fingerprint of the files on the screen.
    """

    person: str
    expected_review_id: str | None
    shown_media: NotRequired[str | None]
    token: NotRequired[str | None]


def confirm(
    survey: Survey,
    event_id: str,
    *,
    shown_type: str | None = None,
    count: int | None = None,
    **shown: Unpack[Shown],
) -> str:
    """Accept the machine's call on an event; an animal without a taxon stays unidentified.

    `shown_type` is the call the screen showed: a detection running meanwhile may have changed
    it, and nobody may be made to confirm what they did not see.

    Raises:
        ReviewError: no model has looked at the event, or nobody's name is given.
        ReviewConflict: the event or the machine's call has changed since the screen showed it.
    """
    with survey.reading() as session:
        get_event(session, event_id)
        call = call_of(session, event_id)
    if shown_type is not None and shown_type != call.observation_type:
        raise ReviewConflict(
            f"The machine's call has changed from {shown_type} to {call.observation_type}. "
            "Look again, then decide.",
            f"机器结果已由 {shown_type} 变为 {call.observation_type}。请重新查看后再决定。",
        )
    if call.observation_type == ObservationType.UNCLASSIFIED.value:
        raise ReviewError(
            "No model has looked at every file of this event, so there is nothing to confirm. "
            "Say what you see instead.",
            "模型尚未看完该事件的全部文件，没有可确认的结果。请直接填写您看到的内容。",
        )
    counted = call.observation_type in COUNTED
    finding = Finding(call.observation_type, call.taxon_id, count if counted else None)
    return review_event(survey, event_id, [finding], **shown)


def correct(
    survey: Survey,
    event_id: str,
    *,
    taxon_id: str,
    count: int | None = None,
    **shown: Unpack[Shown],
) -> str:
    """Say which taxon an event shows, and how many of it."""
    finding = Finding(ObservationType.ANIMAL.value, taxon_id, count)
    return review_event(survey, event_id, [finding], **shown)


def mark_animal(
    survey: Survey, event_id: str, *, count: int | None = None, **shown: Unpack[Shown]
) -> str:
    """Say that an event shows an animal which nobody has named yet."""
    finding = Finding(ObservationType.ANIMAL.value, count=count)
    return review_event(survey, event_id, [finding], **shown)


def mark_blank(survey: Survey, event_id: str, **shown: Unpack[Shown]) -> str:
    """Say that an event was looked at and shows nothing."""
    return review_event(survey, event_id, [Finding(ObservationType.BLANK.value)], **shown)


def mark_unknown(survey: Survey, event_id: str, **shown: Unpack[Shown]) -> str:
    """Say that something is there and that one cannot tell what."""
    return review_event(survey, event_id, [Finding(ObservationType.UNKNOWN.value)], **shown)


def mark_human(
    survey: Survey, event_id: str, *, count: int | None = None, **shown: Unpack[Shown]
) -> str:
    """Say that an event shows people; its media are restricted from then on."""
    finding = Finding(ObservationType.HUMAN.value, count=count)
    return review_event(survey, event_id, [finding], **shown)


def mark_vehicle(
    survey: Survey, event_id: str, *, count: int | None = None, **shown: Unpack[Shown]
) -> str:
    """Say that an event shows a vehicle."""
    finding = Finding(ObservationType.VEHICLE.value, count=count)
    return review_event(survey, event_id, [finding], **shown)


def mark_setup(survey: Survey, event_id: str, **shown: Unpack[Shown]) -> str:
    """Say that an event is the team setting up or fetching the camera, not a record of the place.

    People where the machine sees people, else unknown: a hand before the lens is no visitor.
    """
    with survey.reading() as session:
        get_event(session, event_id)
        call = call_of(session, event_id)
    has_people = call.observation_type == ObservationType.HUMAN.value
    kind = ObservationType.HUMAN if has_people else ObservationType.UNKNOWN
    finding = Finding(kind.value, camera_setup_type=SETUP)
    return review_event(survey, event_id, [finding], **shown)
