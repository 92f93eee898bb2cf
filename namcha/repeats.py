"""The command on false alarms: list what stands at one place, dismiss a group, take it back."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import app
from namcha.health import check_names
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from species_db.repeats.dismiss import Dismissal
    from species_db.repeats.groups import RepeatGroup
    from species_db.survey import Survey


@app.command(help=tr("Boxes that never move: false alarms.", "固定位置的重复误报。"))
def repeats(
    deployments: Annotated[
        list[str] | None,
        typer.Argument(help=tr("Deployments; else all.", "布设编号；缺省为全部。")),
    ] = None,
    dismiss: Annotated[
        list[str] | None,
        typer.Option(help=tr("A group to dismiss, by its name.", "要排除的组的编号。")),
    ] = None,
    restore: Annotated[
        str | None,
        typer.Option(help=tr("An act of dismissal to take back.", "要撤销的排除记录。")),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.repeats.dismiss import dismissals_of
    from species_db.repeats.dismiss import restore as take_back

    opened = open_survey_of(survey)
    if restore is not None:
        count = take_back(opened, restore, person=person_of(person))
        typer.echo(tr(f"{count} boxes stand again.", f"已恢复 {count} 个框。"))
        return
    names = check_names(opened, deployments or [])
    groups: list[RepeatGroup] = []
    acts: list[Dismissal] = []
    with progress_line(tr("Looking for repeats", "查找重复检测")) as show:
        for number, name in enumerate(names, start=1):
            groups += _groups_of(opened, name)
            with opened.reading() as session:
                acts += dismissals_of(session, name)
            show(number, len(names))
    if dismiss:
        _dismiss(opened, groups, dismiss, person_of(person))
    elif as_json:
        told = {"groups": [_as_plain(g) for g in groups], "dismissals": [asdict(a) for a in acts]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
    else:
        _say(sorted(groups, key=lambda one: -one.clears), acts)


def _groups_of(survey: "Survey", deployment_id: str) -> "list[RepeatGroup]":
    from species_db.repeats.groups import repeats_of

    with survey.reading() as session:
        return repeats_of(session, deployment_id)


def _dismiss(survey: "Survey", groups: "list[RepeatGroup]", wanted: list[str], person: str) -> None:
    from species_db.repeats.dismiss import dismiss
    from species_db.repeats.groups import find_group

    chosen = []
    for name in dict.fromkeys(wanted):
        group = find_group(groups, name)
        if group is None:
            raise typer.BadParameter(
                tr(
                    f"No group '{name}': its boxes may have changed since. List the groups again "
                    "with 'namcha repeats', look at their pictures, then dismiss.",
                    f"没有组“{name}”，其检测框可能已有变化。请用“namcha repeats”重新列出，"
                    "查看照片后再排除。",
                )
            )
        chosen.append(group)
    for group in chosen:
        act = dismiss(survey, group.deployment_id, group.observation_ids, person=person)
        boxes = len(group.observation_ids)
        typer.echo(
            tr(
                f"{group.deployment_id}: {boxes} boxes dismissed; {group.clears} events are blank "
                f"now and stay in the queue.\nTake it back: namcha repeats --restore {act}",
                f"{group.deployment_id}：已排除 {boxes} 个框；{group.clears} 个事件现为空拍，"
                f"仍在审核队列中。\n撤销：namcha repeats --restore {act}",
            )
        )


def _as_plain(group: "RepeatGroup") -> dict[str, Any]:
    told = asdict(group)
    told["boxes"] = len(told.pop("observation_ids"))
    told["previews"] = [one["media_id"] for one in told["previews"]]
    return told


def _say(groups: "list[RepeatGroup]", acts: "list[Dismissal]") -> None:
    from rich.console import Console
    from rich.table import Table

    from species_db.repeats.words import DOUBTS, TYPES

    place = 1 if current_language() == "zh" else 0
    if not groups:
        typer.echo(tr("No box stands at one place time and again.", "没有固定位置的重复检测。"))
    else:
        table = Table(box=None, pad_edge=False)
        for head in (
            *(tr("group", "组"), tr("deployment", "布设"), tr("called", "类型")),
            *(tr("clears", "可清除"), tr("events", "事件"), tr("days", "天数")),
            *(tr("scores", "分值"), tr("look out for", "请留意")),
        ):
            table.add_column(head, overflow="fold")
        for one in groups:
            low, _, high = one.scores
            table.add_row(
                one.group_id,
                one.deployment_id,
                TYPES.get(one.observation_type, (one.observation_type,) * 2)[place],
                str(one.clears),
                str(one.events),
                str(one.days),
                f"{low:.2f}…{high:.2f}",
                "; ".join(DOUBTS[doubt][place] for doubt in one.doubts),
            )
        Console().print(table)
        typer.echo(
            tr(
                "Look at their pictures on the page 'False alarms' of 'namcha review' before you "
                "dismiss a group.",
                "排除前请在“namcha review”的“误报”页面查看照片。",
            )
        )
    for act in acts:
        if act.restored_at is None:
            typer.echo(
                tr(
                    f"Dismissed: {act.deployment_id}, {act.boxes} boxes by {act.dismissed_by} "
                    f"({act.dismissed_at:%Y-%m-%d}); --restore {act.dismissal_id}",
                    f"已排除：{act.deployment_id}，{act.boxes} 个框，{act.dismissed_by}"
                    f"（{act.dismissed_at:%Y-%m-%d}）；--restore {act.dismissal_id}",
                )
            )
