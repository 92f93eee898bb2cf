"""The steps that people take with an alert, one command for each."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from namcha.application import alerts_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState

AlertArgument = Annotated[str, typer.Argument(help=tr("First letters of its id.", "编号前几位。"))]
NoteOption = Annotated[str, typer.Option(help=tr("Seen, done, decided.", "所见、所做、所定。"))]
ExpectOption = Annotated[
    AlertState | None,
    typer.Option(help=tr("Refuse unless it is still so.", "状态不符则拒绝。")),
]
DueOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help=tr("Last day for what follows.", "后续期限。")),
]
RecordOption = Annotated[
    str | None, typer.Option("--record", help=tr("Field record of it.", "关联野外记录。"))
]


@alerts_app.command(help=tr("Acknowledge an alert.", "受理预警。"))
def ack(
    alert: AlertArgument,
    note: NoteOption = "",
    expect: ExpectOption = None,
    due: DueOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(alert, AlertAct.ACKNOWLEDGE, survey, person, as_json, note=note, expect=expect, due=due)


@alerts_app.command(help=tr("Assign an alert to somebody.", "指派预警。"))
def assign(
    alert: AlertArgument,
    to: Annotated[str, typer.Option(help=tr("Who checks it.", "由谁核查。"))],
    note: NoteOption = "",
    expect: ExpectOption = None,
    due: DueOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(alert, AlertAct.ASSIGN, survey, person, as_json, note=note, expect=expect, due=due, to=to)


@alerts_app.command(help=tr("Say what was found in the field.", "填写现场核查。"))
def check(
    alert: AlertArgument,
    note: NoteOption = "",
    record: RecordOption = None,
    expect: ExpectOption = None,
    due: DueOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(
        alert, AlertAct.CHECK, survey, person, as_json,
        note=note, expect=expect, due=due, record=record,
    )  # fmt: skip


@alerts_app.command(help=tr("Say what was done.", "填写处置。"))
def action(
    alert: AlertArgument,
    note: NoteOption = "",
    control: Annotated[
        str | None, typer.Option(help=tr("Control action of it.", "关联防控行动。"))
    ] = None,
    expect: ExpectOption = None,
    due: DueOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(
        alert, AlertAct.ACTION, survey, person, as_json,
        note=note, expect=expect, due=due, control=control,
    )  # fmt: skip


@alerts_app.command(help=tr("Say what the action brought.", "填写处置效果。"))
def effect(
    alert: AlertArgument,
    note: NoteOption = "",
    record: RecordOption = None,
    expect: ExpectOption = None,
    due: DueOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(
        alert, AlertAct.EFFECT, survey, person, as_json,
        note=note, expect=expect, due=due, record=record,
    )  # fmt: skip


@alerts_app.command(help=tr("Close an alert.", "结案。"))
def close(
    alert: AlertArgument,
    outcome: Annotated[AlertOutcome, typer.Option(help=tr("How it ended.", "结果。"))],
    note: NoteOption = "",
    expect: ExpectOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(
        alert, AlertAct.CLOSE, survey, person, as_json,
        note=note, expect=expect, outcome=outcome,
    )  # fmt: skip


@alerts_app.command(help=tr("Open a closed alert again.", "重新打开。"))
def reopen(
    alert: AlertArgument,
    note: NoteOption = "",
    expect: ExpectOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    _step(alert, AlertAct.REOPEN, survey, person, as_json, note=note, expect=expect)


def _step(
    alert: str,
    act: AlertAct,
    survey: SurveyOption,
    person: PersonOption,
    as_json: bool,
    *,
    note: str = "",
    expect: AlertState | None = None,
    due: datetime | None = None,
    to: str = "",
    outcome: AlertOutcome | None = None,
    record: str | None = None,
    control: str | None = None,
) -> None:
    from species_db.alerts import Step, act_on, view_alert
    from species_db.alerts.why import STATES, said

    opened = open_survey_of(survey)
    step = Step(
        act=act,
        person=person_of(person),
        expected=expect,
        note=note,
        assigned_to=to,
        outcome=outcome,
        due_at=_end_of(due, opened.settings.utc_offset_seconds) if due else None,
        field_record_id=record,
        control_id=control,
    )
    action_id = act_on(opened, alert, step)
    with opened.reading() as session:
        view, _ = view_alert(session, alert, now=datetime.now(UTC))
    if as_json:
        told = {"alert_id": view.alert_id, "action_id": action_id, "state": view.state.value}
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"{view.alert_id[:8]}  {said(STATES[view.state])}")


def _end_of(day: datetime, offset_seconds: int) -> datetime:
    """The end of a local day."""
    return day.replace(tzinfo=UTC) + timedelta(days=1) - timedelta(seconds=offset_seconds)
