"""The command that proves custody: originals, records, receipts and log are as they were left."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import app
from namcha.options import JsonOption, SurveyOption, open_survey_of
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.verify import Finding, Uses, VerifyProgress, VerifyReport

SHOWN_NAMES = 5  # of each list; all are in --json


@app.command(
    help=tr("Check originals, records, receipts and log.", "核验原始文件、记录、回执与日志。")
)
def verify(
    deep: Annotated[
        bool, typer.Option("--deep", help=tr("Read every original.", "逐一读取原始文件。"))
    ] = False,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.verify import verify_survey

    opened = open_survey_of(survey)
    with ExitStack() as lines:
        report = verify_survey(opened, is_deep=deep, report=_show(lines, is_deep=deep))
    typer.echo(_as_json(report) if as_json else _as_text(report))
    if not report.is_well:
        raise typer.Exit(1)


def _show(lines: ExitStack, *, is_deep: bool) -> "Callable[[VerifyProgress], None]":
    """One progress line for each step, made when the step begins."""
    shown: dict[str, Callable[[int, int], None]] = {}
    titles = {"rows": tr("Records", "记录"), "originals": tr("Originals", "原始文件")}

    def show(at: "VerifyProgress") -> None:
        if at.step == "originals" and not is_deep:
            return
        if at.step not in shown:
            lines.close()
            line = progress_line(titles[at.step], is_bytes=at.step == "originals")
            shown[at.step] = lines.enter_context(line)
        shown[at.step](at.done, at.total)

    return show


def _as_text(report: "VerifyReport") -> str:
    counts = report.counts
    looked = tr(
        f"Checked {counts.rows:,} records, {counts.log_entries:,} log entries, {counts.receipts:,} "
        f"receipts, {counts.exports:,} exports and {counts.originals:,} originals",
        f"已核验 {counts.rows:,} 条记录、{counts.log_entries:,} 条日志、"
        f"{counts.receipts:,} 份回执、{counts.exports:,} 次导出和 {counts.originals:,} 个原始文件",
    )
    how = tr(
        f", each read to the last byte ({counts.bytes_read / 1e6:,.1f} MB)."
        if report.is_deep
        else " (presence and size; --deep reads them).",
        f",并逐字节读取({counts.bytes_read / 1e6:,.1f} MB)。"
        if report.is_deep
        else "(仅核对存在与大小;--deep 逐字节读取)。",
    )
    lines = [looked + how]
    for finding, uses in report.findings:
        lines += _finding_lines(finding, uses)
    lines += [tr("note: ", "提示:") + note.told for note in report.notes]
    if report.is_well:
        lines.append(tr("All is as it was left.", "一切与留存时一致。"))
    else:
        count = len(report.findings)
        lines.append(tr(f"NOT as it was left: {count} found.", f"与留存时不一致:共 {count} 处。"))
    return "\n".join(lines)


def _finding_lines(finding: "Finding", uses: "Uses") -> list[str]:
    from species_db.verify import KIND_WORDS

    name = f" ({finding.name})" if finding.name else ""
    head = f"{tr(*KIND_WORDS[finding.kind])} {finding.table} {finding.key}{name}: {finding.told}"
    used = (
        (tr("events", "事件"), uses.events),
        (tr("observations", "观察记录"), uses.observations),
        (tr("exports", "导出"), uses.exports),
    )
    return [head, *(f"    {title}: {_some(names)}" for title, names in used if names)]


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    return shown + (tr(f" and {more} more", f" 等,另有 {more} 项") if more > 0 else "")


def _as_json(report: "VerifyReport") -> str:
    told = {
        "is_well": report.is_well,
        "is_deep": report.is_deep,
        "checked": asdict(report.counts),
        "findings": [
            {
                "kind": finding.kind.value,
                "table": finding.table,
                "key": finding.key,
                "name": finding.name,
                "told": finding.told,
                "used_by": asdict(uses),
            }
            for finding, uses in report.findings
        ],
        "notes": [note.told for note in report.notes],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)
