"""Commands on lists: show them, compare versions, take a new one, publish the prefecture's own."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import lists_app
from namcha.list_changes import plain_diff, say_diff
from namcha.options import (
    JsonOption,
    PersonOption,
    SurveyOption,
    open_survey_of,
    person_of,
    today_of,
)
from species_db.language import tr
from species_db.vocabulary import StatusKind

if TYPE_CHECKING:
    from species_db.lists.incoming import ListImport

DAY = ["%Y-%m-%d"]
Day = datetime | None

LastDay = Annotated[
    Day, typer.Option("--to", formats=DAY, help=tr("Last day in force.", "失效日期。"))
]
IssuedOn = Annotated[
    Day, typer.Option("--issued", formats=DAY, help=tr("Day of issue.", "发布日期。"))
]
KindOption = Annotated[
    StatusKind | None, typer.Option("--kind", help=tr("Of a new list.", "新名录的类别。"))
]
Partial = Annotated[
    bool, typer.Option("--partial", help=tr("Not the whole list.", "不是完整名录。"))
]
AddTaxa = Annotated[
    bool, typer.Option("--add-taxa", help=tr("Add unknown names.", "新增未知的学名。"))
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=tr("Only tell.", "只预览,不写入。"))]


@lists_app.command("show", help=tr("Lists and versions, or one's entries.", "名录、版本与条目。"))
def show(
    version: Annotated[
        str | None, typer.Argument(help=tr("A version; else all.", "某一版本;缺省为全部。"))
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.shelf import read_entries_of, read_shelf

    opened = open_survey_of(survey)
    with opened.reading() as session:
        if version is None:
            shelf = read_shelf(session, today=today_of(opened))
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
    everything: Annotated[
        bool, typer.Option("--all", help=tr("Every taxon by name.", "列出全部分类单元。"))
    ] = False,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.diff import diff_versions

    opened = open_survey_of(survey)
    with opened.reading() as session:
        found = diff_versions(session, before, after, today=today_of(opened))
    if as_json:
        typer.echo(_json(plain_diff(found)))
    else:
        say_diff(found, everything=everything)


@lists_app.command("import", help=tr("Take a new version from a sheet.", "导入名录新版本。"))
def import_(
    sheet: Annotated[Path, typer.Argument(help=tr("CSV or Excel.", "CSV 或 Excel。"))],
    list_id: Annotated[str, typer.Option("--list", help=tr("Which list.", "名录标识。"))],
    version: Annotated[str, typer.Option("--version", help=tr("Its version.", "版本号。"))],
    effective_from: Annotated[
        datetime, typer.Option("--from", formats=DAY, help=tr("First day in force.", "生效日期。"))
    ],
    effective_to: LastDay = None,
    issued_on: IssuedOn = None,
    kind: KindOption = None,
    title_zh: Annotated[str, typer.Option("--title-zh", help=tr("Title.", "中文名称。"))] = "",
    title_en: Annotated[str, typer.Option("--title-en", help=tr("Title.", "英文名称。"))] = "",
    authority: Annotated[str, typer.Option(help=tr("Who issued it.", "发布机关与文号。"))] = "",
    source: Annotated[str, typer.Option(help=tr("Where it was read.", "来源。"))] = "",
    doubt: Annotated[str, typer.Option(help=tr("What is in doubt.", "存疑之处。"))] = "",
    partial: Partial = False,
    add_taxa: AddTaxa = False,
    dry_run: DryRun = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.lists.incoming import import_list
    from species_db.lists.list_sheet import ListDescription

    description = ListDescription(
        list_id=list_id, version=version, kind=kind, effective_from=effective_from.date(),
        effective_to=_date(effective_to), issued_on=_date(issued_on), title_zh=title_zh,
        title_en=title_en, authority=authority, source=source or sheet.name, doubt=doubt,
        is_partial=partial,
    )  # fmt: skip
    opened = open_survey_of(survey)
    done = import_list(
        opened, sheet, description=description, person=person_of(person),
        today=today_of(opened), add_taxa=add_taxa, dry_run=dry_run,
    )  # fmt: skip
    if as_json:
        typer.echo(_json(_plain_import(done)))
    else:
        _say_import(done)


@lists_app.command("template", help=tr("An empty sheet to fill in.", "生成空白名录表。"))
def template(
    out: Annotated[Path, typer.Argument(help=tr("OUT.csv or OUT.xlsx.", "OUT.csv 或 OUT.xlsx。"))],
) -> None:
    from species_db.lists.list_template import write_list_template

    write_list_template(out)
    typer.echo(tr(f"{out} is ready to be filled in.", f"{out} 已生成,可供填写。"))


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

    opened = open_survey_of(survey)
    done = publish_list(
        opened,
        version,
        out,
        person=person_of(person),
        today=today_of(opened),
        number=number,
    )
    if as_json:
        told = {
            "number": done.number,
            "published_on": done.published_on.isoformat(),
            "files": [str(path) for path in done.files],
            "fingerprint": done.fingerprint,
            "changes": plain_diff(done.diff),
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

    checked = check_published(statement)
    for name in checked.wrong:
        typer.secho(tr(f"ALTERED OR MISSING {name}", f"已被改动或缺失 {name}"), fg=typer.colors.RED)
    if checked.wrong:
        raise typer.Exit(1)
    typer.echo(
        tr(
            f"{checked.number}, as it was published on {checked.published_on}.",
            f"{checked.number},与 {checked.published_on} 发布时一致。",
        )
    )
    typer.echo(
        tr(
            f"Compare the key with that of the printed page: {checked.fingerprint}",
            f"请与纸质页面上的公钥指纹核对:{checked.fingerprint}",
        )
    )


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
    near = {match.key: ", ".join(match.perhaps) for match in done.near}
    for match in done.matches.unmatched:
        told = tr(f"  no taxon: {match.scientific_name}", f"  未匹配:{match.scientific_name}")
        if match.key in near:
            told += tr(f" (did you mean {near[match.key]}?)", f"(是否为 {near[match.key]}?)")
        typer.secho(told, fg=typer.colors.YELLOW)
    if done.added_taxa:
        names = ", ".join(done.added_taxa)
        typer.echo(tr(f"  new taxa: {names}", f"  新增分类单元:{names}"))
        for match in done.near:
            told = tr(
                f"  look again: {match.scientific_name} is spelt much like {near[match.key]}",
                f"  请核对:{match.scientific_name} 与 {near[match.key]} 拼写相近",
            )
            typer.secho(told, fg=typer.colors.YELLOW)
    say_diff(done.diff)


def _plain_import(done: "ListImport") -> dict[str, Any]:
    return {
        "list_version_id": done.version.list_version_id,
        "entries": done.version.entry_count,
        "content_sha256": done.version.content_sha256,
        "is_dry_run": done.is_dry_run,
        "was_there": done.was_there,
        "matched": done.matches.counts(),
        "unmatched": [match.scientific_name for match in done.matches.unmatched],
        "did_you_mean": {match.scientific_name: list(match.perhaps) for match in done.near},
        "added_taxa": list(done.added_taxa),
        "diff": plain_diff(done.diff),
    }


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)


def _date(moment: Day) -> date | None:
    return moment.date() if moment else None
