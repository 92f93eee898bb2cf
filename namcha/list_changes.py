"""What a list version changes, told to people in short, and to scripts in full."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from species_db.language import tr

if TYPE_CHECKING:
    from species_db.lists.changed_records import ChangedRecord
    from species_db.lists.diff import ListDiff, StatusChange

SHOWN_RECORDS = 3
SHOWN_TAXA = 10  # of each sort, of those without a record: a new list may change a thousand


def say_diff(diff: "ListDiff", *, everything: bool = False) -> None:
    """Print the counts, then the taxa with records, then the others, shortened unless asked."""
    before = diff.before.list_version_id if diff.before else tr("nothing", "无")
    typer.echo(f"{before} → {diff.after.list_version_id} ({diff.after.effective_from})")
    if diff.silent_from:
        told = tr(
            f"  From {diff.silent_from} no version of this list is in force: not known.",
            f"  自 {diff.silent_from} 起该名录没有有效版本,状态未知。",
        )
        typer.secho(told, fg=typer.colors.YELLOW)
    if partial := diff.partial:
        names = ", ".join(partial)
        told = tr(
            f"  {names} is only a part of the list: what it lacks was not known, so 'newly listed' "
            "or 'no longer listed' may only mean that.",
            f"  {names} 不是完整名录:其中没有的只是“未知”,故“新列入”或“移出”可能仅指此而言。",
        )
        typer.secho(told, fg=typer.colors.YELLOW)
    if diff.is_empty:
        typer.echo(tr("  No changes: both say the same.", "  无变更:两版内容相同。"))
        return
    for line in _counts(diff):
        typer.echo(f"  {line}")
    _say_recorded(diff)
    for told in diff.names_added:
        typer.echo(tr(f"  new, no taxon: {told}", f"  新列入(未匹配):{told}"))
    for told in diff.names_removed:
        typer.echo(tr(f"  no longer listed, no taxon: {told}", f"  移出(未匹配):{told}"))
    _say_others(diff, everything=everything)


def plain_diff(diff: "ListDiff") -> dict[str, Any]:
    """Everything that a version changes, with every record, for JSON."""
    return {
        "before": diff.before.list_version_id if diff.before else None,
        "after": diff.after.list_version_id,
        "effective_from": diff.after.effective_from.isoformat(),
        "silent_from": diff.silent_from.isoformat() if diff.silent_from else None,
        "partial": list(diff.partial),
        "counts": {word: count for _, word, count in _by_change(diff)},
        "unmatched": list(diff.unmatched),
        "unmatched_added": list(diff.names_added),
        "unmatched_removed": list(diff.names_removed),
        "changes": [
            {
                "taxon_id": one.taxon_id,
                "scientific_name": one.scientific_name,
                "vernacular_zh": one.zh,
                "change": one.change.value,
                "is_sure": one.is_sure,
                "before": one.before.category if one.before else None,
                "after": one.after.category if one.after else None,
                "why": one.why,
                "records": _plain_records(one.records),
            }
            for one in diff.changes
        ],
        "may_change": [
            {
                "taxon_id": one.taxon_id,
                "scientific_name": one.scientific_name,
                "taxon_rank": one.taxon_rank,
                "may_be": list(one.members),
                "records": _plain_records(one.records),
            }
            for one in diff.above
        ],
    }


def _by_change(diff: "ListDiff") -> Iterator[tuple[str, str, int]]:
    from species_db.lists.diff import Change

    words = {
        Change.ADDED: tr("newly listed", "新列入"),
        Change.REMOVED: tr("no longer listed", "移出"),
        Change.CATEGORY: tr("another category", "类别调整"),
    }
    for change in Change:
        yield words[change], change.value, len(diff.of(change))


def _counts(diff: "ListDiff") -> Iterator[str]:
    comma = tr(", ", ",")
    yield comma.join(tr(f"{count} {word}", f"{word} {count} 种") for word, _, count in
                     _by_change(diff))  # fmt: skip
    recorded = [one for one in diff.changes if one.records]
    count = sum(len(one.records) for one in recorded)
    if not count:
        yield tr("No confirmed record is of any of these.", "没有涉及这些物种的已确认记录。")
        return
    yield tr(
        f"{count} confirmed records of {len(recorded)} of these taxa:",
        f"涉及其中 {len(recorded)} 种的已确认记录 {count} 条:",
    )


def _say_recorded(diff: "ListDiff") -> None:
    recorded = [one for one in diff.changes if one.records]
    for one in sorted(recorded, key=lambda one: (-len(one.records), one.scientific_name)):
        typer.secho(f"  {one.scientific_name} {one.zh}".rstrip(), bold=True)
        typer.echo(f"    {one.why}")
        typer.echo(f"    {_records_line(one.records)}")
    for above in diff.above:
        typer.secho(f"  {above.scientific_name}", bold=True)
        names = ", ".join(above.members[:SHOWN_RECORDS])
        names += " …" if len(above.members) > SHOWN_RECORDS else ""
        typer.echo(tr(f"    may be of {names}", f"    可能属于 {names}"))
        typer.echo(f"    {_records_line(above.records)}")


def _say_others(diff: "ListDiff", *, everything: bool) -> None:
    from species_db.lists.diff import Change

    is_cut = False
    for change in Change:
        others = [one for one in diff.of(change) if not one.records]
        shown = others if everything else others[:SHOWN_TAXA]
        for one in shown:
            typer.echo(f"  {_name(one)}: {one.why}")
        if more := len(others) - len(shown):
            is_cut = True
            typer.echo(tr(f"  … and {more} more like these", f"  ……同类另有 {more} 种"))
    if is_cut:
        typer.echo(
            tr(
                "  'namcha lists diff --all' names every taxon, --json every record.",
                "  “namcha lists diff --all”列出全部分类单元,--json 输出全部记录。",
            )
        )


def _name(one: "StatusChange") -> str:
    return f"{one.scientific_name} {one.zh}".rstrip()


def _records_line(records: "tuple[ChangedRecord, ...]") -> str:
    own = sum(record.as_of_observation for record in records)
    today = sum(record.as_of_today for record in records)
    shown = ", ".join(
        f"{record.record_id[:8]} {record.observed_on or '-'}" for record in records[:SHOWN_RECORDS]
    )
    more = " …" if len(records) > SHOWN_RECORDS else ""
    count = len(records)
    return tr(
        f"{count} records: {own} change as of their own day, {today} as of today ({shown}{more})",
        f"{count} 条记录:按观测日 {own} 条变化,按今天 {today} 条变化({shown}{more})",
    )


def _plain_records(records: "Iterable[ChangedRecord]") -> list[dict[str, Any]]:
    return [
        asdict(one) | {"observed_on": one.observed_on.isoformat() if one.observed_on else None}
        for one in records
    ]
