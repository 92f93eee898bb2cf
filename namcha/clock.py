"""The command that shows a camera's clock and lets a person correct it."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from ingest.clock import ClockFindings
    from species_db.clock import ClockView, SegmentView
    from species_db.survey import Survey

NAME_ENDS = "\x1f"  # no file name on a card holds it


class _WithAnchors(TyperCommand):
    """Lets `--anchor FILE TIME` be given twice, which options of two words otherwise cannot."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        joined, rest = [], list(args)
        while rest:
            word = rest.pop(0)
            joined.append(word)
            if word != "--anchor":
                continue
            if len(rest) < 2 or rest[1].startswith("--"):
                raise typer.BadParameter(
                    tr(
                        "--anchor needs a file and its true local time, like "
                        "--anchor IMG_0001.JPG '2026-10-03 11:20'.",
                        "--anchor 需要文件及其真实当地时间,例如 "
                        "--anchor IMG_0001.JPG '2026-10-03 11:20'。",
                    )
                )
            joined.append(rest.pop(0) + NAME_ENDS + rest.pop(0))
        return super().parse_args(ctx, joined)


def _numbered(english: str, chinese: str) -> Any:
    return typer.Option(min=1, metavar="N", help=tr(english, chinese))


@app.command(cls=_WithAnchors, help=tr("See and correct a camera's clock.", "查看并校正相机时钟。"))
def clock(
    deployment: Annotated[str, typer.Argument(help=tr("Deployment.", "布设编号。"))],
    accept: Annotated[int | None, _numbered("Accept correction N.", "接受第 N 项校正。")] = None,
    dismiss: Annotated[
        int | None, _numbered("Correction N is wrong.", "第 N 项建议有误,不再提出。")
    ] = None,
    withdraw: Annotated[int | None, _numbered("Take N back.", "撤回第 N 项校正。")] = None,
    shift: Annotated[
        str | None,
        typer.Option(
            help=tr("Add to camera time: +6h, -00:12:30.", "加到相机时间:+6h、-00:12:30。")
        ),
    ] = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE TIME",
            help=tr(
                "True local time in a photo; two make a drift.",
                "照片中的真实当地时间;两个按漂移校正。",
            ),
        ),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help=tr("First file of a stretch.", "起始文件。"))
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", help=tr("Last file of a stretch.", "结束文件。"))
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    opened = open_survey_of(survey)
    wishes: dict[str, Any] = {"accept": accept, "dismiss": dismiss, "withdraw": withdraw}
    wishes |= {"shift": shift, "anchor": anchor or None}
    given = {name: value for name, value in wishes.items() if value is not None}
    _refuse_nonsense(list(given), has_stretch=bool(from_ or to))
    for name, value in given.items():
        if name in ("accept", "dismiss", "withdraw"):
            _decide(opened, deployment, name, value, person_of(person))
        else:
            _state(opened, deployment, name, value, person_of(person), (from_, to))
    findings = _look(opened, deployment)
    _show(opened, deployment, findings, as_json=as_json)


def _refuse_nonsense(given: list[str], *, has_stretch: bool) -> None:
    if len(given) > 1:
        options = ", ".join(f"--{name}" for name in given)
        raise typer.BadParameter(
            tr(f"One at a time: {options} were given.", f"一次只能一项:给出了 {options}。")
        )
    if has_stretch and given not in (["shift"], ["anchor"]):
        raise typer.BadParameter(
            tr(
                "--from and --to bound a --shift or an --anchor; give one of them.",
                "--from、--to 用于限定 --shift 或 --anchor,请一并给出。",
            )
        )


def _decide(survey: "Survey", deployment: str, act: str, number: Any, person: str) -> None:
    from species_db import clock

    with survey.reading() as session:
        segment_id = clock.segment_numbered(session, deployment, number)
    acts = {"accept": clock.accept, "dismiss": clock.dismiss, "withdraw": clock.withdraw}
    acts[act](survey, segment_id, person=person)


def _state(
    survey: "Survey",
    deployment: str,
    what: str,
    value: Any,
    person: str,
    stretch: tuple[str | None, str | None],
) -> None:
    from species_db import clock

    bounds = {"first_file": stretch[0], "last_file": stretch[1]}
    if what == "shift":
        shift = clock.parse_shift(value)
        clock.state_shift(survey, deployment, shift, person=person, **bounds)
        return
    with survey.reading() as session:
        local = clock.clock_view(session, deployment).local_start
    offset = local.utcoffset()
    seconds = round(offset.total_seconds()) if offset else 0
    anchors = []
    for given in value:
        file, _, time = given.partition(NAME_ENDS)
        anchors.append(clock.Anchor(file, clock.parse_moment(time, utc_offset_seconds=seconds)))
    clock.state_anchors(survey, deployment, anchors, person=person, **bounds)


def _look(survey: "Survey", deployment: str) -> "ClockFindings":
    """Measure what the sun test needs, then let the detectors propose."""
    from ingest.clock import propose_clock
    from ingest.measure_media import measure_waiting
    from species_db.clock import clock_view

    with survey.reading() as session:
        clock_view(session, deployment)  # an unknown deployment is told before anything is read
    with progress_line(tr("Measuring light", "测量明暗")) as show:
        measure_waiting(survey, deployment, report=show)
    return propose_clock(survey, deployment)


def _show(survey: "Survey", deployment: str, findings: "ClockFindings", *, as_json: bool) -> None:
    from species_db.clock import clock_view

    with survey.reading() as session:
        view = clock_view(session, deployment)
    notes = [tr(note.english, note.chinese) for note in findings.notes]
    if as_json:
        told = asdict(view) | {"notes": notes}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=_plain))
        return
    typer.echo(_heading(view))
    for segment in view.segments:
        typer.echo(_told(segment))
    for note in notes:
        typer.echo(tr(f"Look: {note}", f"请留意:{note}"))
    if not view.segments and not notes:
        typer.echo(tr("Nothing speaks against this clock.", "未发现时钟有误。"))
    if any(segment.state == "proposed" for segment in view.segments):
        typer.echo(
            tr(
                f"Nothing is applied before a person accepts: namcha clock {deployment} "
                "--accept N (or --dismiss N).",
                f"未经人工接受不会生效:namcha clock {deployment} --accept N(或 --dismiss N)。",
            )
        )


def _heading(view: "ClockView") -> str:
    end = _time(view.local_end) if view.local_end else tr("still out", "未回收")
    told = tr(
        f"Clock of {view.deployment_id}: {_time(view.local_start)} to {end}; {view.files} files, "
        f"{view.undated} undated, {view.outside} outside the deployment.",
        f"{view.deployment_id} 的时钟:{_time(view.local_start)} 至 {end};{view.files} 个文件,"
        f"无时间 {view.undated},布设期外 {view.outside}。",
    )
    if view.left_alone:
        told += tr(
            f" {view.left_alone} carry their own zone and are never shifted.",
            f"{view.left_alone} 个自带时区,不作校正。",
        )
    return told


def _told(segment: "SegmentView") -> str:
    from species_db.clock.evidence import length

    effect = segment.effect
    first = segment.first_card_path or tr("first file", "首个文件")
    last = segment.last_card_path or tr("last file", "最后一个文件")
    states = {
        "proposed": "待定",
        "accepted": "已接受",
        "withdrawn": "已撤回",
        "dismissed": "已否定",
    }
    state = states[segment.state] if current_language() == "zh" else segment.state
    who = f" ({segment.decided_by})" if segment.decided_by else ""
    within = segment.uncertainty_seconds
    lines = [
        f"{segment.number}. {segment.offset_said} ± {length(within)}  "
        f"{segment.cause_said}  [{state}{who}]",
        tr(
            f"{first} to {last}: {effect.files} files; outside the deployment "
            f"{effect.outside_before} before, {effect.outside_after} after",
            f"{first} 至 {last}:{effect.files} 个文件;布设期外:校正前 {effect.outside_before},"
            f"校正后 {effect.outside_after}",
        ),
    ]
    if effect.first_before and effect.last_before and effect.first_after and effect.last_after:
        lines.append(
            f"{_time(effect.first_before)} – {_time(effect.last_before)}  →  "
            f"{_time(effect.first_after)} – {_time(effect.last_after)}"
        )
    lines += [f"· {sentence}" for sentence in segment.evidence]
    if segment.state == "proposed":
        lines.append(tr(f"confidence {segment.confidence:.0%}", f"把握 {segment.confidence:.0%}"))
    return "\n   ".join(lines)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
