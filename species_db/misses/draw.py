"""Draw random samples of events that a model called blank, or hardly anything.

Never an event that a person has reviewed, never one twice. Which come is fixed by the seed, so
that whoever doubts a sample can draw it again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from sqlmodel import Session, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import tr
from species_db.misses.allocation import LEAST, allocate
from species_db.misses.estimate import Key
from species_db.misses.frame import (
    DEFAULT_FRAME,
    Frame,
    FrameSettings,
    FrameStratum,
    Period,
    read_frame,
)
from species_db.review import summarise_events
from species_db.survey import Survey
from species_db.tables import AuditDraw, AuditItem
from species_db.vocabulary import Act

FIRST_SAMPLE = 200  # of which 2 animals give 1.0 % (0.1-3.6 %): enough to see which way it goes

EVENTS_A_PAGE = 300


class AuditError(Exception):
    """A sample that cannot be drawn: nobody's name, no events to draw from, or none wanted."""


@dataclass(frozen=True)
class Drawn:
    """A sample of one model, as it was drawn."""

    draw_id: str
    model_version_id: str
    model: str
    seed: int
    events: Mapping[Key, int]

    @property
    def total(self) -> int:
        """All events of the sample."""
        return sum(self.events.values())


def draw_audit(
    survey: Survey,
    *,
    person: str,
    size: int = FIRST_SAMPLE,
    wanted: Mapping[Key, int] | None = None,
    model_version_id: str | None = None,
    period: Period | None = None,
    seed: int | None = None,
    settings: FrameSettings = DEFAULT_FRAME,
) -> list[Drawn]:
    """Draw a sample over all strata, or as many of each as `wanted`; the queue shows it early.

    The size is shared out in proportion to the events that wait, with a least number for each
    stratum. One draw is kept for each model, under one seed.

    Raises:
        AuditError: nobody's name is given, or there is nothing to draw from.
    """
    if not person.strip():
        raise AuditError(
            tr(
                "A sample needs a person: write your name first.",
                "抽样必须署名：请先填写您的姓名。",
            )
        )
    with survey.writing() as session:
        frame = read_frame(
            session, period=period, model_version_id=model_version_id, settings=settings
        )
        held = {key: len(one.unreviewed) for key, one in frame.strata.items() if one.unreviewed}
        share = (
            allocate(held, size)
            if wanted is None
            else {key: min(count, held.get(key, 0)) for key, count in wanted.items()}
        )
        share = {key: count for key, count in share.items() if count > 0}
        if not share:
            raise _nothing(frame)
        told = {
            "size": size if wanted is None else sum(wanted.values()),
            "is_advised": wanted is not None,
            "least": LEAST if wanted is None else 0,
            "period": [_day(period.first), _day(period.last)] if period else None,
            **asdict(settings),
        }
        return list(_store(session, frame, share, person.strip(), seed, json.dumps(told)))


def in_random_order(event_ids: Sequence[str], seed: int) -> list[str]:
    """Put events into the order in which a seed draws them; a longer sample begins with a shorter.

    >>> in_random_order(["a", "b", "c"], 1) == in_random_order(["c", "b", "a"], 1)
    True
    """
    return sorted(event_ids, key=lambda one: hashlib.sha256(f"{seed}\x1f{one}".encode()).digest())


def _store(
    session: Session,
    frame: Frame,
    share: Mapping[Key, int],
    person: str,
    seed: int | None,
    settings: str,
) -> Iterator[Drawn]:
    now = datetime.now(UTC)
    for model in sorted({key[1] for key in share}):
        own_seed = seed if seed is not None else _next_seed(session)
        draw = AuditDraw(
            draw_id=act_id(),
            model_version_id=model,
            drawn_at=now,
            drawn_by=person,
            seed=own_seed,
            settings=settings,
        )
        session.add(draw)
        session.flush()
        events: dict[Key, int] = {}
        for key in sorted(key for key in share if key[1] == model):
            items = list(_items(draw.draw_id, frame.strata[key], share[key], own_seed))
            session.add_all(items)
            session.flush()
            for start in range(0, len(items), EVENTS_A_PAGE):
                page = items[start : start + EVENTS_A_PAGE]
                summarise_events(session, [item.event_id for item in page])
            events[key] = len(items)
        record_decision(
            session,
            Act.AUDIT_DRAWN,
            subject=draw.draw_id,
            person=person,
            details={
                "model": model,
                "seed": own_seed,
                "settings": settings,
                "events": sum(events.values()),
                "strata": len(events),
            },
            decided_at=now,
        )
        yield Drawn(draw.draw_id, model, frame.models.get(model, model), own_seed, events)


def _items(draw_id: str, stratum: FrameStratum, count: int, seed: int) -> Iterator[AuditItem]:
    deployment_id, _, band = stratum.key
    for number, event_id in enumerate(in_random_order(stratum.unreviewed, seed)[:count]):
        yield AuditItem(
            draw_id=draw_id,
            event_id=event_id,
            deployment_id=deployment_id,
            band=band,
            stratum_events=len(stratum.unreviewed),
            drawn_order=number,
        )


def _next_seed(session: Session) -> int:
    """Seeds count up: nobody chooses the sample, and anybody can draw it again."""
    return len(session.exec(select(AuditDraw.draw_id)).all()) + 1


def _nothing(frame: Frame) -> AuditError:
    if not frame.strata:
        return AuditError(
            tr(
                "There is nothing to draw from: no model has called an event blank, or scored one "
                "low. Run 'namcha detect' first, or ask for another model or period.",
                "没有可抽取的事件：尚无模型判为空拍或低分的事件。"
                "请先运行“namcha detect”，或更换模型、时段。",
            )
        )
    return AuditError(
        tr(
            "There is nothing left to draw: every blank and low-score event asked for has been "
            "reviewed, or is in a sample already.",
            "已无可抽取的事件：所选空拍和低分事件均已审核或已在样本中。",
        )
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
