"""Control actions: who did what against which invader, where and when; checked and logged.

A correction changes the row, and what it said before stays in the log. Exact points are kept in
the row alone: the log tells that a place was changed, not which.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from species_db.decisions import Detail, record_decision
from species_db.identity import act_id
from species_db.language import did_you_mean, tr
from species_db.places import CoordinateError, parse_place
from species_db.survey import Survey
from species_db.tables import Area, ControlAction, Decision, Plot, Taxon
from species_db.vocabulary import Act, ControlMethod

FIRST_YEAR = 1990  # before it nothing of the kind was recorded here; a typing slip
MOST_AREA_M2 = 1e9  # 1,000 km2: more is a slip of the unit
MOST_PERSON_DAYS = 100_000.0
NEEDS_AGENT = (ControlMethod.CHEMICAL, ControlMethod.BIOLOGICAL)
PLACE = ("latitude", "longitude")


class ControlError(Exception):
    """A control action that cannot be kept; the message lists everything wrong with it."""


@dataclass(frozen=True)
class ControlDraft:
    """One action as a person states it; a place is a plot, an area, or a point in WGS-84."""

    taxon_id: str
    method: str
    started_on: date
    led_by: str
    plot_id: str | None = None
    area_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    ended_on: date | None = None
    treated_area_m2: float | None = None
    removed_quantity: str = ""
    removed_quantity_type: str = ""
    person_days: float | None = None
    agent: str = ""
    remarks: str = ""


@dataclass(frozen=True)
class ControlVersion:
    """What an action said from a moment on, without its point."""

    decided_at: datetime
    person: str
    told: dict[str, Detail]


@dataclass(frozen=True)
class Ground:
    """What the survey holds that an action may name."""

    taxa: frozenset[str]
    plots: frozenset[str]
    areas: frozenset[str]


def record_control(
    survey: Survey, draft: ControlDraft, *, person: str, today: date | None = None
) -> str:
    """Keep a control action and log it; return its id. The same action again adds nothing.

    Raises:
        ControlError: with everything that is wrong with it.
    """
    with survey.writing() as session:
        _refuse(problems_of(draft, ground_of(session), today=today), person)
        return keep_control(session, draft, person=person)[0]


def correct_control(
    survey: Survey,
    control_id: str,
    draft: ControlDraft,
    *,
    person: str,
    today: date | None = None,
) -> None:
    """Replace what an action says; what it said before stays in the log.

    Raises:
        ControlError: no such action, or with everything that is wrong with the new words.
    """
    with survey.writing() as session:
        row = control_row(session, control_id)
        _refuse(problems_of(draft, ground_of(session), today=today), person)
        before = draft_of(row)
        if before == draft:
            return
        for name, value in vars(draft).items():
            setattr(row, name, value)
        row.person, row.entered_at = person, datetime.now(UTC)
        session.add(row)
        is_moved = any(getattr(before, name) != getattr(draft, name) for name in PLACE)
        _log(session, control_id, draft, person, is_correction=True, is_moved=is_moved)


def keep_control(session: Session, draft: ControlDraft, *, person: str) -> tuple[str, bool]:
    """Write a checked action and its log entry; tell its id and whether it is new."""
    for row in session.exec(
        select(ControlAction).where(
            ControlAction.taxon_id == draft.taxon_id, ControlAction.started_on == draft.started_on
        )
    ):
        if draft_of(row) == draft:
            return row.control_id, False
    control_id = act_id()
    session.add(
        ControlAction(
            control_id=control_id, person=person, entered_at=datetime.now(UTC), **vars(draft)
        )
    )
    session.flush()
    _log(session, control_id, draft, person, is_correction=False, is_moved=False)
    return control_id, True


def control_row(session: Session, control_id: str) -> ControlAction:
    """The action of an id, or of the only id that begins so.

    Raises:
        ControlError: there is none, or several.
    """
    rows = session.exec(
        select(ControlAction).where(col(ControlAction.control_id).startswith(control_id)).limit(2)
    ).all()
    if len(rows) == 1 and control_id:
        return rows[0]
    known = session.exec(select(ControlAction.control_id)).all()
    why = (
        tr(
            f"There are several control actions '{control_id}…'.",
            f"有多个以“{control_id}”开头的防控行动。",
        )
        if rows
        else tr(f"No control action '{control_id}'.", f"没有防控行动“{control_id}”。")
    )
    hint = did_you_mean(control_id, known)
    raise ControlError(
        why
        + hint
        + tr(" See 'namcha invasive control list'.", "请用“namcha invasive control list”查看。")
    )


def draft_of(row: ControlAction) -> ControlDraft:
    """What a stored action says."""
    return ControlDraft(**{name: getattr(row, name) for name in ControlDraft.__dataclass_fields__})


def control_history(session: Session, control_id: str) -> tuple[ControlVersion, ...]:
    """Everything an action ever said, the oldest first."""
    entries = session.exec(
        select(Decision)
        .where(Decision.act == Act.CONTROL_RECORDED.value, Decision.subject == control_id)
        .order_by(col(Decision.sequence))
    )
    return tuple(
        ControlVersion(one.decided_at, one.person, json.loads(one.details)) for one in entries
    )


def ground_of(session: Session) -> Ground:
    """The taxa, plots and areas that an action may name."""
    return Ground(
        taxa=frozenset(session.exec(select(Taxon.taxon_id))),
        plots=frozenset(session.exec(select(Plot.plot_id))),
        areas=frozenset(session.exec(select(Area.area_id))),
    )


def problems_of(
    draft: ControlDraft, ground: Ground, *, today: date | None = None
) -> list[tuple[str, str]]:
    """Everything wrong with an action, as column and sentence; none when it may be kept."""
    now = today or datetime.now().astimezone().date()
    return [
        *_about_what(draft, ground),
        *_about_place(draft, ground),
        *_about_dates(draft, now),
        *_about_amounts(draft),
    ]


def _about_what(draft: ControlDraft, ground: Ground) -> Iterator[tuple[str, str]]:
    if draft.taxon_id not in ground.taxa:
        yield "taxon", tr("name a taxon of the survey.", "请填写名录中的物种。")
    methods = [one.value for one in ControlMethod]
    if draft.method not in methods:
        known, hint = ", ".join(methods), did_you_mean(draft.method, methods)
        yield (
            "method",
            tr(
                f"'{draft.method}' is no method; use one of {known}.{hint}",
                f"“{draft.method}”不是防控方法；请用 {known} 之一。{hint}",
            ),
        )
    if draft.method in NEEDS_AGENT and not draft.agent.strip():
        yield (
            "agent",
            tr(
                f"a {draft.method} action must name its agent (herbicide, natural enemy).",
                "化学或生物防治须注明药剂或天敌。",
            ),
        )
    if not draft.led_by.strip():
        yield "led_by", tr("say who led it.", "请填写负责人。")


def _about_place(draft: ControlDraft, ground: Ground) -> Iterator[tuple[str, str]]:
    if draft.plot_id is not None and draft.plot_id not in ground.plots:
        hint = did_you_mean(draft.plot_id, sorted(ground.plots))
        yield (
            "plot",
            tr(f"there is no plot '{draft.plot_id}'.{hint}", f"没有样地“{draft.plot_id}”。{hint}"),
        )
    if draft.area_id is not None and draft.area_id not in ground.areas:
        hint = did_you_mean(draft.area_id, sorted(ground.areas))
        yield (
            "area",
            tr(f"there is no area '{draft.area_id}'.{hint}", f"没有区域“{draft.area_id}”。{hint}"),
        )
    if (draft.latitude is None) != (draft.longitude is None):
        yield "latitude", tr("latitude and longitude go together.", "纬度和经度须同时填写。")
    elif draft.latitude is not None:
        try:
            parse_place(str(draft.latitude), str(draft.longitude))
        except CoordinateError as error:
            yield "latitude", str(error)
    if draft.plot_id is None and draft.area_id is None and draft.latitude is None:
        yield "plot", tr("name a plot, an area or a point.", "请填写样地、区域或坐标。")


def _about_dates(draft: ControlDraft, today: date) -> Iterator[tuple[str, str]]:
    for column in ("started_on", "ended_on"):
        day: date | None = getattr(draft, column)
        if day is not None and day.year < FIRST_YEAR:
            yield column, tr(f"{day} is before {FIRST_YEAR}.", f"{day} 早于 {FIRST_YEAR} 年。")
        if day is not None and day > today:
            yield column, tr(f"{day} is still to come.", f"{day} 尚未到来。")
    if draft.ended_on is not None and draft.ended_on < draft.started_on:
        yield (
            "ended_on",
            tr(
                f"it ends on {draft.ended_on}, before it begins on {draft.started_on}.",
                f"结束日期 {draft.ended_on} 早于开始日期 {draft.started_on}。",
            ),
        )


def _about_amounts(draft: ControlDraft) -> Iterator[tuple[str, str]]:
    for column, most in (("treated_area_m2", MOST_AREA_M2), ("person_days", MOST_PERSON_DAYS)):
        value: float | None = getattr(draft, column)
        if value is not None and not 0 < value <= most:
            yield (
                column,
                tr(
                    f"{value:g} must lie above 0 and up to {most:,.0f}.",
                    f"{value:g} 须大于 0 且不超过 {most:,.0f}。",
                ),
            )
    if bool(draft.removed_quantity) != bool(draft.removed_quantity_type):
        yield (
            "removed_quantity",
            tr(
                "a quantity needs its unit, such as kg or individuals.",
                "数量须注明单位，如 kg 或株。",
            ),
        )
    elif draft.removed_quantity and not _is_positive(draft.removed_quantity):
        yield (
            "removed_quantity",
            tr(
                f"'{draft.removed_quantity}' is no number above 0.",
                f"“{draft.removed_quantity}”不是正数。",
            ),
        )


def _is_positive(text: str) -> bool:
    try:
        return 0 < float(text) < float("inf")
    except ValueError:
        return False


def _refuse(problems: list[tuple[str, str]], person: str) -> None:
    if not person.strip():
        problems = [("person", tr("say who enters it.", "请填写录入人。")), *problems]
    if problems:
        told = "; ".join(f"{column}: {why.rstrip('.。')}" for column, why in problems)
        raise ControlError(
            tr(
                f"The control action was not kept: {told}. Mend this and enter it again.",
                f"防控行动未保存：{told}。请改正后重新录入。",
            )
        )


def _log(
    session: Session,
    control_id: str,
    draft: ControlDraft,
    person: str,
    *,
    is_correction: bool,
    is_moved: bool,
) -> None:
    told: dict[str, Detail] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in vars(draft).items()
        if name not in PLACE
    }
    told |= {
        "has_point": draft.latitude is not None,
        "is_correction": is_correction,
        "point_changed": is_moved,
    }
    record_decision(session, Act.CONTROL_RECORDED, subject=control_id, person=person, details=told)
