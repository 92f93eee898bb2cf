"""Commands of evaluation: freeze a survey under a name, and rebuild the report of a freeze."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import app
from namcha.exporting import release_of
from namcha.options import (
    JsonOption,
    PersonOption,
    SurveyOption,
    open_survey_of,
    person_of,
    today_of,
)
from namcha.progress import progress_line
from namcha.questions import IntervalOption, Method, MethodOption, Rule, RuleOption
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.evaluation.counting import CountingRules
    from species_db.evaluation.kept_freeze import Freeze
    from species_db.evaluation.pack import Pack
    from species_db.evaluation.periods import Period
    from species_db.survey import Survey

SHOWN = 8  # clear changes that the command line names; the report has them all
MEGABYTE = 1_000_000
Day = datetime | None


def _day(flag: str, english: str, chinese: str) -> Any:
    return typer.Option(flag, formats=["%Y-%m-%d"], help=tr(english, chinese))


@app.command(
    help=tr("Fix data, lists, rules and code under a name.", "冻结数据、名录、规则与程序版本。")
)
def freeze(
    name: Annotated[
        str, typer.Argument(help=tr("For instance 2028-midterm.", "如 2028-midterm。"))
    ],
    first: Annotated[
        Day, _day("--from", "First day; last year by default.", "报告期首日,默认上一年。")
    ] = None,
    last: Annotated[Day, _day("--to", "Last day.", "报告期末日。")] = None,
    baseline_first: Annotated[
        Day,
        _day(
            "--baseline-from",
            "Of the baseline; the span before.",
            "基线期首日,默认紧邻的前一时段。",
        ),
    ] = None,
    baseline_last: Annotated[Day, _day("--baseline-to", "Of the baseline.", "基线期末日。")] = None,
    interval: IntervalOption = 30,
    rule: RuleOption = Rule.LAST_INDEPENDENT,
    method: MethodOption = Method.EXACT,
    species: Annotated[
        list[str] | None,
        typer.Option(
            "--species", help=tr("Further species to follow.", "另需跟踪的物种,可多次给出。")
        ),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.evaluation.freeze import freeze_survey

    opened = open_survey_of(survey)
    today = today_of(opened)
    period = _period(first, last, ("--from", "--to"))
    with progress_line(tr("Freezing", "冻结")) as show:
        made = freeze_survey(
            opened,
            name,
            person=person_of(person),
            today=today,
            period=period,
            baseline=_period(baseline_first, baseline_last, ("--baseline-from", "--baseline-to")),
            counting=_counting(opened, interval, rule, method, species or []),
            report=lambda step, done, total: show(done, total),
        )
    typer.echo(json.dumps(_plain(made), ensure_ascii=False, indent=2) if as_json else _told(made))


@app.command(help=tr("List the freezes of a survey.", "列出冻结数据。"))
def freezes(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.evaluation.kept_freeze import find_freeze, freeze_names
    from species_db.evaluation.refusal import EvaluationError

    opened = open_survey_of(survey)
    lines: list[str] = []
    rows: list[dict[str, object]] = []
    for name in freeze_names(opened):
        try:
            found = find_freeze(opened, name)
        except EvaluationError as error:  # one that was altered hides no other
            lines.append(f"✗ {name}  {error}")
            rows.append({"name": name, "problem": str(error)})
        else:
            lines.append(_line(found))
            rows.append(_plain(found))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif lines:
        typer.echo("\n".join(lines))
    else:
        nothing = "No freeze yet; make one with 'namcha freeze NAME'."
        typer.echo(tr(nothing, "尚无冻结数据；请用“namcha freeze 名称”新建。"))


@app.command(help=tr("Rebuild the report of a freeze.", "由冻结数据重建评估报告。"))
def report(
    name: Annotated[str, typer.Argument(help=tr("Name of the freeze.", "冻结名称。"))],
    out: Annotated[Path, typer.Option("--out", help=tr("Folder for the pack.", "报告包文件夹。"))],
    since: Annotated[
        str | None,
        typer.Option("--since", help=tr("Earlier freeze to compare with.", "与之比较的上次冻结。")),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--freeze",
            help=tr("A copied freeze; needs no survey.", "拷贝的冻结文件夹,无需调查项目。"),
        ),
    ] = None,
    exact: Annotated[
        str | None,
        typer.Option(
            "--exact",
            help=tr("Why also records too young to leave count.", "须计入未到公开时间记录的理由。"),
        ),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    with progress_line(tr("Report", "报告")) as show:

        def step(what: str, done: int, total: int) -> None:
            show(done, total)

        if folder is not None:
            pack = _from_folder(name, folder, out, since, exact, step)
        else:
            from species_db.evaluation.pack import build_report

            who = person_of(person)
            pack = build_report(
                open_survey_of(survey),
                name,
                out,
                person=who,
                since=since,
                exact=release_of(who, exact),
                progress=step,
            )
    typer.echo(_pack_json(pack) if as_json else _pack_text(pack))


def _from_folder(
    name: str, folder: Path, out: Path, since: str | None, exact: str | None, step: Any
) -> "Pack":
    from species_db.evaluation.kept_freeze import read_freeze
    from species_db.evaluation.pack import rebuild_report

    if exact is not None:
        raise typer.BadParameter(
            tr(
                "--exact is logged in the survey; leave --freeze away.",
                "--exact 须记入调查日志；请去掉 --freeze。",
            )
        )
    found = read_freeze(folder).name
    if found != name:
        raise typer.BadParameter(
            tr(f"{folder} is the freeze '{found}'.", f"{folder} 是冻结“{found}”。")
        )
    earlier = None
    if since:
        earlier = Path(since) if Path(since).is_dir() else folder.resolve().parent / since
    return rebuild_report(folder, out, since=earlier, progress=step)


def _period(first: Day, last: Day, flags: tuple[str, str]) -> "Period | None":
    from species_db.evaluation.periods import Period

    if first is None and last is None:
        return None
    if first is None or last is None:
        both = " / ".join(flags)
        raise typer.BadParameter(tr(f"Give both {both}, or neither.", f"{both} 须同时给出。"))
    return Period(first.date(), last.date())


def _counting(
    survey: "Survey", interval: int, rule: Rule, method: Method, species: list[str]
) -> "CountingRules":
    from species_db.analysis.effort import EffortMethod
    from species_db.analysis.independence import IndependenceRule
    from species_db.evaluation.counting import CountingRules
    from species_db.wildlife.members import find_taxon

    with survey.reading() as session:
        chosen = sorted({find_taxon(session, one).taxon_id for one in species})
    return CountingRules(
        interval_minutes=interval,
        rule=IndependenceRule(rule.value),
        method=EffortMethod(method.value),
        chosen=tuple(chosen),
    )


def _told(made: "Freeze") -> str:
    was = tr("Frozen before, and nothing changed since: ", "此前已冻结，其后没有变动：")
    head = was if made.was_there else tr("Frozen: ", "已冻结：")
    return "\n".join(
        (
            head + str(made.folder),
            "  " + tr(f"period {made.period}, baseline {made.baseline}",
                      f"报告期 {made.period}，基线期 {made.baseline}"),
            f"  freeze.json SHA-256 {made.sha256}",
            "  " + tr(f"signed with the key {made.key_fingerprint[:16]}…",
                      f"签名密钥 {made.key_fingerprint[:16]}…"),
            "  " + tr(
                "The snapshot holds exact places: the folder stays with those who may know them.",
                "快照含精确位置：该文件夹仅限有权知悉者保管。",
            ),
            "  " + tr(f"Next: namcha report {made.name} --out DIR",
                      f"下一步：namcha report {made.name} --out 文件夹"),
        )
    )  # fmt: skip


def _line(made: "Freeze") -> str:
    size = f"{made.bytes / MEGABYTE:,.1f} MB"
    told = tr(
        f"{made.period}, baseline {made.baseline}, frozen {made.gate_on} by {made.person}, {size}",
        f"报告期 {made.period}，基线期 {made.baseline}，"
        f"{made.gate_on} 由 {made.person} 冻结，{size}",
    )
    return f"{made.name}  {told}"


def _plain(made: "Freeze") -> dict[str, object]:
    return {
        "name": made.name,
        "folder": str(made.folder),
        "was_there": made.was_there,
        "person": made.person,
        "made_at": made.made_at.isoformat(),
        "gate_on": made.gate_on.isoformat(),
        "period": made.period.as_plain(),
        "baseline": made.baseline.as_plain(),
        "counting": made.counting.as_plain(),
        "statement_sha256": made.sha256,
        "content_sha256": made.content_sha256,
        "key_fingerprint": made.key_fingerprint,
        "bytes": made.bytes,
    }


def _pack_text(pack: "Pack") -> str:
    from species_db.evaluation.report_parts import clear_changes

    sentences = clear_changes(pack.findings)
    lines = [
        tr(f"{pack.path}: report.html, report.docx, tables.xlsx and {len(pack.sha256s)} files.",
           f"{pack.path}：report.html、report.docx、tables.xlsx 等 {len(pack.sha256s)} 个文件。"),
        *(f"  {tr(one.en, one.zh)}" for one in sentences[:SHOWN]),
    ]  # fmt: skip
    if len(sentences) > SHOWN:
        more = len(sentences) - SHOWN
        lines.append("  " + tr(f"and {more} more clear changes.", f"另有 {more} 项明确变化。"))
    if not pack.is_same_code:
        lines.append(
            "△ " + tr(
                "Built by other code than was frozen: numbers may differ from it.",
                "生成报告的程序与冻结时不同，数字可能不一致。",
            )
        )  # fmt: skip
    if not pack.is_logged:
        lines.append(
            "△ " + tr(
                f"Built from a folder alone: compare the key {pack.freeze.key_fingerprint}.",
                f"仅据文件夹生成：请核对密钥 {pack.freeze.key_fingerprint}。",
            )
        )  # fmt: skip
    return "\n".join(lines)


def _pack_json(pack: "Pack") -> str:
    told = {
        "path": str(pack.path),
        "freeze": pack.freeze.name,
        "is_same_code": pack.is_same_code,
        "is_logged": pack.is_logged,
        "key_fingerprint": pack.freeze.key_fingerprint,
        "files": dict(sorted(pack.sha256s.items())),
        "caveats": [one.value for one in pack.findings.caveats],
        "results": [
            {
                "indicator": one.indicator_id,
                "area": one.area,
                "baseline": one.before.value,
                "baseline_effort": one.before.effort,
                "current": one.after.value,
                "current_effort": one.after.effort,
                "change": one.change,
                "low": one.low,
                "high": one.high,
                "verdict": one.verdict.value,
                "caveats": [caveat.value for caveat in one.caveats],
            }
            for one in pack.findings.results
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, default=_iso)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
