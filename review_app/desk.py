"""One reviewer's desk: the event that lies on it, and what a press of a key does to it."""

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from review_app.on_desks import ON_DESKS
from species_db.review import (
    MEDIA_CHANGED,
    EventView,
    Progress,
    ReviewConflict,
    ReviewError,
    Shown,
    confirm,
    correct,
    event_key,
    mark_animal,
    mark_blank,
    mark_human,
    mark_setup,
    mark_unknown,
    mark_vehicle,
    next_event,
    present_events,
    previous_event,
    progress,
    undo,
    view_event,
)
from species_db.survey import Survey

logger = logging.getLogger(__name__)

MARKS: dict[str, Callable[..., str]] = {
    "blank": mark_blank,
    "unknown": mark_unknown,
    "setup": mark_setup,
}
COUNTED_MARKS: dict[str, Callable[..., str]] = {
    "animal": mark_animal,
    "human": mark_human,
    "vehicle": mark_vehicle,
}
DECISIONS = {"confirm", "correct", *MARKS, *COUNTED_MARKS}
RECENT_TAXA = 6
TRAIL = 200  # events that one can go back to; nobody goes further with a key


@dataclass(frozen=True)
class Press:
    """One press of a key in the browser: the act, and what the screen showed when it came."""

    token: str
    act: str
    event_id: str | None = None
    review_id: str | None = None
    shown_media: str | None = None
    shown_type: str | None = None
    count: int | None = None
    taxon_id: str | None = None


@dataclass
class Desk:
    """What one browser tab works on; kept as long as the tab is open."""

    event_id: str | None = None
    trail: list[str] = field(default_factory=list)  # events looked at, for going back
    position: int = -1  # of the event on the desk, in the trail
    passed: set[str] = field(default_factory=set)  # events left undecided with "next"
    recent: list[str] = field(default_factory=list)  # taxa chosen lately, newest first
    message: str = ""  # a key of review_app/words.py
    refusal: ReviewError | None = None  # why an act was not recorded
    serial: int = 0  # counts the screens sent, so that the browser knows a new one
    name: str = field(default_factory=lambda: uuid.uuid4().hex)  # until a person signs

    def lay_out(self, event_id: str | None) -> None:
        """Put an event on the desk; what lay ahead on the trail is forgotten."""
        self.event_id = event_id
        is_there = self.position >= 0 and self.trail[self.position] == event_id
        if event_id is not None and not is_there:
            del self.trail[self.position + 1 :]
            self.trail.append(event_id)
            del self.trail[:-TRAIL]
            self.position = len(self.trail) - 1

    def keep_only(self, present: set[str]) -> None:
        """Forget events that an import has regrouped away; the place in the trail stays."""
        behind = sum(event_id not in present for event_id in self.trail[: self.position + 1])
        self.trail = [event_id for event_id in self.trail if event_id in present]
        self.position -= behind
        self.passed &= present
        if self.event_id not in present:
            self.event_id = None

    def forget_message(self) -> None:
        """Begin anew: what was said of the last act is no longer news."""
        self.message, self.refusal = "", None


def read_press(sent: Mapping[str, object]) -> Press:
    """Read what the browser sent."""

    def text(name: str) -> str | None:
        value = sent.get(name)
        return value if isinstance(value, str) and value else None

    count = sent.get("count")
    return Press(
        token=text("token") or "",
        act=text("act") or "",
        event_id=text("event"),
        review_id=text("review"),
        shown_media=text("media"),
        shown_type=text("shown"),
        count=count if isinstance(count, int) and count > 0 else None,
        taxon_id=text("taxon"),
    )


def press_key(survey: Survey, desk: Desk, press: Press, *, person: str) -> None:
    """Do what a key asks: move on, or act on the event and then move on.

    After a conflict the event stays on the desk, to be looked at again; so it does when the
    survey is busy, and the person is told.
    """
    desk.forget_message()
    try:
        _do(survey, desk, press, person)
    except OperationalError:
        logger.exception("the survey could not be written")
        desk.message = "busy"


def open_event(survey: Survey, desk: Desk, event_id: str) -> None:
    """Put the event that another page asks for on the desk; one that is gone is passed over."""
    with survey.reading() as session:
        if present_events(session, [event_id]):
            desk.lay_out(event_id)


def take_up(
    survey: Survey, desk: Desk, *, person: str
) -> tuple[EventView | None, EventView | None, Progress]:
    """See what lies on the desk, what will come next, and how far the work has come."""
    with survey.reading() as session:
        _forget_gone(session, desk)
        if desk.event_id is None:  # a new tab, an event regrouped away, or all was reviewed
            desk.lay_out(_find_next(session, desk, person))
        if desk.event_id is None:
            return None, None, progress(session)
        ON_DESKS.hold(desk.event_id, _holder(desk, person))
        coming = _ahead(desk) or _peek_next(session, desk, person)
        return (
            view_event(session, desk.event_id),
            view_event(session, coming) if coming else None,
            progress(session),
        )


def _do(survey: Survey, desk: Desk, press: Press, person: str) -> None:
    if press.act in ("next", "back"):
        _move(survey, desk, person, forward=press.act == "next")
    elif not person.strip():
        desk.message = "need_person"
    elif press.act == "undo":
        undone = undo(survey, person=person, token=press.token)
        desk.message = "undone" if undone else "nothing_to_undo"
        if undone:
            desk.passed.discard(undone)
            desk.lay_out(undone)
    elif press.act in DECISIONS and press.event_id is not None:
        _decide(survey, desk, press, person)
    else:
        logger.warning("the browser sent an act that is not known: %r", press.act)


def _decide(survey: Survey, desk: Desk, press: Press, person: str) -> None:
    if press.act == "confirm" and press.shown_type == "unclassified":
        desk.message = "nothing_to_confirm"
        return
    try:
        _apply(survey, press, person)
    except ReviewConflict as conflict:
        is_media = conflict.code == MEDIA_CHANGED
        desk.message = "conflict_media" if is_media else "conflict"
    except ReviewError as error:
        desk.message, desk.refusal = "refused", error
    else:
        desk.message = f"said_{press.act}"
        if press.act == "correct" and press.taxon_id is not None:
            others = [taxon for taxon in desk.recent if taxon != press.taxon_id]
            desk.recent = [press.taxon_id, *others][:RECENT_TAXA]
        desk.position = len(desk.trail) - 1  # back where the work was, if this was a look back
        desk.passed.discard(press.event_id or "")
        with survey.reading() as session:
            desk.lay_out(_find_next(session, desk, person))


def _apply(survey: Survey, press: Press, person: str) -> None:
    event_id = press.event_id or ""
    shown: Shown = {
        "person": person,
        "expected_review_id": press.review_id,
        "shown_media": press.shown_media or "",  # no act on an event that no screen showed
        "token": press.token,
    }
    if press.act == "confirm":
        confirm(survey, event_id, shown_type=press.shown_type, count=press.count, **shown)
    elif press.act == "correct":
        correct(survey, event_id, taxon_id=press.taxon_id or "", count=press.count, **shown)
    elif press.act in MARKS:
        MARKS[press.act](survey, event_id, **shown)
    else:
        COUNTED_MARKS[press.act](survey, event_id, count=press.count, **shown)


def _move(survey: Survey, desk: Desk, person: str, *, forward: bool) -> None:
    with survey.reading() as session:
        _forget_gone(session, desk)
    if forward and (ahead := _ahead(desk)) is not None:
        desk.position += 1
        desk.event_id = ahead
        return
    is_done = desk.event_id is None and desk.position >= 0  # the last event lies just behind
    if not forward and (is_done or desk.position > 0):
        desk.position -= 0 if is_done else 1
        desk.event_id = desk.trail[desk.position]
        return
    with survey.reading() as session:
        if forward:
            desk.passed |= {desk.event_id} if desk.event_id else set()
            desk.lay_out(_find_next(session, desk, person))
            return
        key = event_key(session, desk.event_id) if desk.event_id else None
        found = previous_event(session, before=key) if key else None
    if found is not None:
        desk.trail.insert(0, found.event_id)
        desk.position = 0
        desk.event_id = found.event_id
    else:
        desk.message = "no_earlier"


def _find_next(session: Session, desk: Desk, person: str) -> str | None:
    """Find the first event of the queue for this desk: what matters most, whenever it came.

    Not what the person passed over, nor what lies on another desk, until nothing else is left.
    """
    holder = _holder(desk, person)
    while (key := next_event(session, skip=desk.passed | ON_DESKS.of_others(holder))) is not None:
        if ON_DESKS.claim(key.event_id, holder):
            return key.event_id
    here = {desk.event_id} if desk.event_id else set()
    desk.passed.clear()  # all were seen once: round again
    for skip in (here | ON_DESKS.of_others(holder), here, set[str]()):
        if (key := next_event(session, skip=skip)) is not None:
            return key.event_id
    return None


def _peek_next(session: Session, desk: Desk, person: str) -> str | None:
    """Guess the event after this one, so that its pictures can be fetched beforehand."""
    here = {desk.event_id} if desk.event_id else set()
    others = ON_DESKS.of_others(_holder(desk, person))
    for skip in (here | desk.passed | others, here):
        if (key := next_event(session, skip=skip)) is not None:
            return key.event_id
    return None


def _forget_gone(session: Session, desk: Desk) -> None:
    wanted = {*desk.trail, *desk.passed} | ({desk.event_id} if desk.event_id else set())
    desk.keep_only(present_events(session, wanted))


def _holder(desk: Desk, person: str) -> str:
    return person.strip() or desk.name


def _ahead(desk: Desk) -> str | None:
    return desk.trail[desk.position + 1] if desk.position + 1 < len(desk.trail) else None
