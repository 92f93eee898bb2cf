"""Commands on lists: show them, compare versions, take a new one, publish the prefecture's own."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import lists_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr
from species_db.vocabulary import StatusKind

if TYPE_CHECKING:
    from species_db.lists.diff import ListDiff, StatusChange
    from species_db.lists.incoming import ListImport

DAY = ["%Y-%m-%d"]
SHOWN_RECORDS = 3
Day = datetime | None


@lists_app.command("show", help=tr("Lists and versions, or one's entries.", "名录、版本与条目。"))
def show(
    version: Annotated[
        str | None, typer.Argument(help=tr("A version; else all.", "某一版本;缺省为全部。"))
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.shelf import read_entries_of, read_shelf

    with open_survey_of(survey).reading() as session:
        if version is None:
            shelf = read_shelf(session, today=_today())
            told: list[Any] = [one.as_plain() for one in shelf]
            lines = [line for one in shelf for line in one.as_lines()]
        else:
            entries = read_entries_of(session, version)
            told = [one.as_plain() for one in entries]
            lines = [one.as_line() for one in entries]
    typer.echo(_json(told) if as_json else "\n".join(lines))


@lists_app.command("diff", help=tr("What a version changes, and why.", "版本之间的变化与原因。"))
def diff(
    after: Annotated[str, typer.Argument(help=tr("The later version.", "较新的版本。"))],
    before: Annotated[
        str | None,
        typer.Option("--before", help=tr("Else the one before it.", "缺省为其上一版。")),
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.diff import diff_versions

    with open_survey_of(survey).reading() as session:
        found = diff_versions(session, before, after, today=_today())
    if as_json:
        typer.echo(_json(_plain_diff(found)))
    else:
        _say_diff(found)


@lists_app.command("import", help=tr("Take a new version from a sheet.", "导入名录新版本。"))
def import_(
    sheet: Annotated[Path, typer.Argument(help=tr("CSV or Excel.", "CSV 或 Excel。"))],
    list_id: Annotated[str, typer.Option("--list", help=tr("Which list.", "名录标识。"))],
    version: Annotated[str, typer.Option("--version", help=tr("Its version.", "版本号。"))],
    effective_from: Annotated[
        datetime, typer.Option("--from", formats=DAY, help=tr("First day in force.", "生效日期。"))
    ],
    effective_to: Annotated[
        Day, typer.Option("--to", formats=DAY, help=tr("Last day in force.", "失效日期。"))
    ] = None,
    issued_on: Annotated[
        Day, typer.Option("--issued", formats=DAY, help=tr("Day of issue.", "发布日期。"))
    ] = None,
    kind: Annotated[
        StatusKind | None, typer.Option("--kind", help=tr("Of a new list.", "新名录的类别。"))
    ] = None,
    title_zh: Annotated[str, typer.Option("--title-zh", help=tr("Title.", "中文名称。"))] = "",
    title_en: Annotated[str, typer.Option("--title-en", help=tr("Title.", "英文名称。"))] = "",
    authority: Annotated[str, typer.Option(help=tr("Who issued it.", "发布机关与文号。"))] = "",
    source: Annotated[str, typer.Option(help=tr("Where it was read.", "来源。"))] = "",
    doubt: Annotated[str, typer.Option(help=tr("What is in doubt.", "存疑之处。"))] = "",
    partial: Annotated[
        bool, typer.Option("--partial", help=tr("Not the whole list.", "不是完整名录。"))
    ] = False,
    add_taxa: Annotated[
        bool, typer.Option("--add-taxa", help=tr("Add unknown names.", "新增未知的学名。"))
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=tr("Only tell.", "只预览,不写入。"))
    ] = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.incoming import import_list
    from species_db.lists.list_sheet import ListDescription

    description = ListDescription(
        list_id=list_id,
        version=version,
        effective_from=effective_from.date(),
        kind=kind,
        effective_to=effective_to.date() if effective_to else None,
        issued_on=issued_on.date() if issued_on else None,
        title_zh=title_zh,
        title_en=title_en,
        authority=authority,
        source=source or sheet.name,
        doubt=doubt,
        is_partial=partial,
    )
    done = import_list(
        open_survey_of(survey),
        sheet,
        description=description,
        person=person_of(person),
        today=_today(),
        add_taxa=add_taxa,
        dry_run=dry_run,
    )
    if as_json:
        typer.echo(_json(_plain_import(done)))
    else:
        _say_import(done)


@lists_app.command("publish", help=tr("Publish Linzhi's own list.", "发布本市名录。"))
def publish(
    version: Annotated[str, typer.Argument(help=tr("The version.", "版本。"))],
    out: Annotated[Path, typer.Option("--out", help=tr("Folder.", "输出文件夹。"))],
    number: Annotated[
        str | None, typer.Option("--number", help=tr("Else the next free.", "缺省为下一编号。"))
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.publish import publish_list

    done = publish_list(
        open_survey_of(survey),
        version,
        out,
        person=person_of(person),
        today=_today(),
        number=number,
    )
    if as_json:
        told = {
            "number": done.number,
            "published_on": done.published_on.isoformat(),
            "files": [str(path) for path in done.files],
            "fingerprint": done.fingerprint,
            "changes": _plain_diff(done.diff),
        }
        typer.echo(_json(told))
        return
    again = tr("Published before, on", "此前已发布,日期") if done.was_there else ""
    typer.echo(
        tr(
            f"{again or 'Published on'} {done.published_on} as {done.number}.",
            f"{again or '已发布,日期'} {done.published_on},编号 {done.number}。",
        )
    )
    for path in done.files:
        typer.echo(f"  {path}")
    typer.echo(tr(f"Key: {done.fingerprint}", f"公钥指纹:{done.fingerprint}"))


@lists_app.command("check", help=tr("Check a published list.", "核对已发布名录的签名。"))
def check(
    statement: Annotated[Path, typer.Argument(help=tr("The .signed.json.", "签名文件。"))],
) -> None:
    from species_db.lists.publish import check_published

    wrong = check_published(statement)
    for name in wrong:
        typer.secho(tr(f"ALTERED {name}", f"已被改动 {name}"), fg=typer.colors.RED)
    if wrong:
        raise typer.Exit(1)
    typer.echo(tr("As it was published.", "与发布时一致。"))


def _say_import(done: "ListImport") -> None:
    counts = ", ".join(f"{name} {count}" for name, count in sorted(done.matches.counts().items()))
    head = tr("Would take", "将导入") if done.is_dry_run else tr("Took", "已导入")
    if done.was_there:
        head = tr("As before", "此前已导入")
    count = done.version.entry_count
    typer.echo(
        tr(
            f"{head}: {done.version.list_version_id}, {count} entries. Matched by: {counts}.",
            f"{head}:{done.version.list_version_id},{count} 条。匹配方式:{counts}。",
        )
    )
    for match in done.matches.unmatched:
        near = ", ".join(match.perhaps)
        hint = tr(f" (perhaps {near})", f"(可能是 {near})") if near else ""
        typer.secho(
            tr(
                f"  no taxon: {match.scientific_name}{hint}",
                f"  未匹配:{match.scientific_name}{hint}",
            ),
            fg=typer.colors.YELLOW,
        )
    if done.added_taxa:
        names = ", ".join(done.added_taxa)
        typer.echo(tr(f"  new taxa: {names}", f"  新增分类单元:{names}"))
    _say_diff(done.diff)


def _say_diff(diff: "ListDiff") -> None:
    before = diff.before.list_version_id if diff.before else tr("nothing", "无")
    typer.echo(f"{before} → {diff.after.list_version_id} ({diff.after.effective_from})")
    if not diff.changes:
        typer.echo(tr("  no taxon changes.", "  没有分类单元发生变化。"))
    for one in diff.changes:
        typer.secho(f"  {one.scientific_name} {one.zh}", bold=True)
        typer.echo(f"    {one.why}")
        if told := _records_line(one):
            typer.echo(f"    {told}")


def _records_line(one: "StatusChange") -> str:
    if not one.records:
        return ""
    own = sum(record.as_of_observation for record in one.records)
    today = sum(record.as_of_today for record in one.records)
    shown = ", ".join(
        f"{record.record_id[:8]} {record.observed_on or '-'}"
        for record in one.records[:SHOWN_RECORDS]
    )
    more = " …" if len(one.records) > SHOWN_RECORDS else ""
    count = len(one.records)
    return tr(
        f"{count} records: {own} change as of their own day, {today} as of today ({shown}{more})",
        f"{count} 条记录:按观测日 {own} 条变化,按今天 {today} 条变化({shown}{more})",
    )


def _plain_import(done: "ListImport") -> dict[str, Any]:
    return {
        "list_version_id": done.version.list_version_id,
        "entries": done.version.entry_count,
        "content_sha256": done.version.content_sha256,
        "is_dry_run": done.is_dry_run,
        "was_there": done.was_there,
        "matched": done.matches.counts(),
        "unmatched": [match.scientific_name for match in done.matches.unmatched],
        "added_taxa": list(done.added_taxa),
        "diff": _plain_diff(done.diff),
    }


def _plain_diff(diff: "ListDiff") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "before": diff.before.list_version_id if diff.before else None,
        "after": diff.after.list_version_id,
        "unmatched": list(diff.unmatched),
        "changes": [
            {
                "taxon_id": one.taxon_id,
                "scientific_name": one.scientific_name,
                "vernacular_zh": one.zh,
                "change": one.change.value,
                "before": one.before.category if one.before else None,
                "after": one.after.category if one.after else None,
                "why": one.why,
                "records": [
                    asdict(record)
                    | {"observed_on": str(record.observed_on) if record.observed_on else None}
                    for record in one.records
                ],
            }
            for one in diff.changes
        ],
    }


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
