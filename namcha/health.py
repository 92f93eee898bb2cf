"""Commands on how the cameras were: work the days out, write the season's report, state a day."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from species_db.camera_days import CameraHealth
    from species_db.survey import Survey

THUMBNAIL_PX = 320
THUMBNAIL_QUALITY = 72
NO_WORD = "none"  # takes a person's word back
DayArgument = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])]


@app.command(help=tr("How each camera was, day by day.", "相机逐日健康状况。"))
def health(
    deployments: Annotated[
        list[str] | None,
        typer.Argument(help=tr("Deployments; else all.", "布设编号;缺省为全部。")),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help=tr("Write the season's report (HTML).", "生成本季报告(HTML)。")),
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.camera_days import season
    from species_db.health.report import write_health_report

    opened = open_survey_of(survey)
    names = check_names(opened, deployments or [])
    measure_and_judge(opened, names)
    with opened.reading() as session:
        found = [one for one in season(session) if one.deployment_id in names]
    if out is not None:
        write_health_report(opened, out, deployment_ids=names, thumbnail=thumbnail_of)
    if as_json:
        typer.echo(json.dumps([as_plain(one) for one in found], ensure_ascii=False, indent=2))
    else:
        say_health(found)
        if out is not None:
            typer.echo(tr(f"Report in {out}.", f"报告:{out}"))


@app.command("health-state", help=tr("State how a camera was.", "人工认定相机状态。"))
def health_state(
    deployment: str,
    first_day: DayArgument,
    last_day: DayArgument,
    state: Annotated[
        str,
        typer.Argument(
            help=tr(
                "working, day_only, blocked, moved, full_card, dead, unknown; none takes it back.",
                "working 正常、day_only 仅白天、blocked 遮挡、moved 移位、full_card 卡满、"
                "dead 停机、unknown 不明;none 撤回。",
            )
        ),
    ],
    cause: Annotated[str, typer.Option(help=tr("Why.", "原因。"))] = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.camera_days import state_days
    from species_db.vocabulary import DayState

    if state not in (NO_WORD, *DayState):
        known = ", ".join([*DayState, NO_WORD])
        raise typer.BadParameter(
            tr(
                f"'{state}' is no state of a camera; choose one of {known}.",
                f"“{state}”不是相机状态;请从 {known} 中选择。",
            )
        )
    stated = None if state == NO_WORD else DayState(state)
    first, last = first_day.date(), last_day.date()
    opened = open_survey_of(survey)
    state_days(opened, deployment, first, last, stated, cause=cause, person=person_of(person))
    days = (last - first).days + 1
    typer.echo(tr(f"{deployment}: {days} days, {state}.", f"{deployment}:{days} 天,{state}。"))


def check_names(survey: "Survey", names: list[str]) -> list[str]:
    """The deployments that are asked for, or all; an unknown name is told with the nearest."""
    from sqlmodel import select

    from species_db.language import did_you_mean
    from species_db.tables import Deployment

    with survey.reading() as session:
        known = session.exec(select(Deployment.deployment_id)).all()
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise typer.BadParameter(
                tr(f"No deployment '{name}'.{hint}", f"没有布设“{name}”。{hint}")
            )
    return names or sorted(known)


def measure_and_judge(survey: "Survey", names: list[str]) -> None:
    """Measure what no detection has measured yet, then work every day out anew."""
    from ingest.measure_media import measure_waiting
    from species_db.camera_days import recompute_days

    with progress_line(tr("Judging days", "判断逐日状态")) as show:
        for number, name in enumerate(names):
            measure_waiting(survey, deployment_id=name)
            with survey.writing() as session:
                recompute_days(session, name)
            show(number + 1, len(names))


def thumbnail_of(preview: Path) -> bytes | None:
    """A small JPEG of a preview without metadata; None when it cannot be decoded."""
    import io

    from PIL import Image

    try:
        with Image.open(preview, formats=["JPEG"]) as picture:
            picture.draft("RGB", (THUMBNAIL_PX, THUMBNAIL_PX))
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    small.info.clear()
    written = io.BytesIO()
    small.save(written, "JPEG", quality=THUMBNAIL_QUALITY)
    return written.getvalue()


def as_plain(health: "CameraHealth") -> dict[str, Any]:
    """One camera for scripts: counts, and the strip as runs of days in the same state."""
    from species_db.health.report import runs_of

    runs = runs_of(health.strip, date.min, 1.0, by_cause=True)
    return {
        "deployment_id": health.deployment_id,
        "has_card": health.has_card,
        "days_in_field": health.days_in_field,
        "lost_days": health.lost_days,
        "days": {state.value: count for state, count in health.days.items()},
        "media": health.media_count,
        "undated": health.undated_count,
        "outside_deployment": health.outside_count,
        "strip": [
            {
                "first_day": run.first_day.isoformat(),
                "last_day": run.last_day.isoformat(),
                "state": run.state.value,
                "cause": tr(run.en, run.zh),
                "confidence": run.confidence,
                "who": run.who or "machine",
            }
            for run in runs
        ],
    }


def say_health(found: "list[CameraHealth]") -> None:
    """One line for each camera, the most days lost first."""
    from rich.console import Console
    from rich.table import Table

    from species_db.health.causes import STATE_WORDS

    index = 1 if current_language() == "zh" else 0
    table = Table(title=tr("Camera health (days)", "相机健康状况(天)"), box=None, pad_edge=False)
    table.add_column(tr("deployment", "布设"), overflow="fold")
    table.add_column(tr("in field", "野外"), justify="right")
    table.add_column(tr("days by state, and the worst", "各状态天数与主要原因"))
    for one in found:
        counts = [
            f"{words[index]} {one.days[state]}"
            for state, words in STATE_WORDS.items()
            if one.days.get(state)
        ]
        told = tr(", ", "、").join(counts)
        if one.is_waiting:
            told = tr("no card imported yet", "尚未导入存储卡")
        elif one.worst:
            told += f"\n{one.worst.day}: {one.worst.cause}"
        table.add_row(one.deployment_id, str(one.days_in_field), told)
    Console().print(table)
