"""Take a new version of a list from a table that an office sends: CSV or Excel.

Taken whole or not at all. Names are matched, never guessed: one that no taxon bears stays in the
list as it is and says nothing of any record, until somebody adds the taxon.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, select

from species_db.decisions import record_decision
from species_db.field_sheet import check_name
from species_db.language import tr
from species_db.lists.diff import ListDiff, ListError, diff_versions
from species_db.lists.list_sheet import ListDescription, SheetEntry, read_entries
from species_db.lists.matching import (
    MatchReport,
    NameMatch,
    match_names,
    read_known_names,
    with_near_names,
)
from species_db.lists.new_taxa import add_taxa_of
from species_db.lists.prepared import content_sha256
from species_db.lists.shipped import KINGDOM, SPECIES_RANKS, TAXON
from species_db.survey import Survey
from species_db.tables import ListEntry, ListVersion
from species_db.vocabulary import Act, ListOrigin, StatusKind


@dataclass(frozen=True)
class ListImport:
    """What the import of a list version did, or would do."""

    version: ListVersion
    matches: MatchReport
    added_taxa: tuple[str, ...]
    diff: ListDiff
    is_dry_run: bool
    was_there: bool = False
    near: tuple[NameMatch, ...] = ()  # unmatched or added names that are spelt much like known ones


class _DryRun(Exception):  # noqa: N818  (no error: it takes back what was written)
    def __init__(self, result: ListImport) -> None:
        super().__init__()
        self.result = result


def import_list(
    survey: Survey,
    path: Path,
    *,
    description: ListDescription,
    person: str,
    today: date,
    add_taxa: bool = False,
    dry_run: bool = False,
) -> ListImport:
    """Take a list version from a sheet, and tell which taxa and records change status and why.

    The same sheet under the same version again changes nothing. With `add_taxa` a name that no
    taxon bears becomes a taxon; otherwise it is told and stays without one. `dry_run` writes
    nothing and tells the same.

    Raises:
        SheetError: with every mistake of the sheet and its line.
        ListError: the version is there with other entries, or its dates or kind do not fit.
    """
    try:
        with survey.writing() as session:
            full = _completed(session, description)
            entries = read_entries(path, full)
            result = _take(session, full, entries, person, today, add_taxa=add_taxa)
            if dry_run:
                raise _DryRun(result)
            return result
    except _DryRun as taken_back:
        one = taken_back.result
        return replace(one, is_dry_run=True)


def _take(
    session: Session,
    full: ListDescription,
    entries: Sequence[SheetEntry],
    person: str,
    today: date,
    *,
    add_taxa: bool,
) -> ListImport:
    names = [one.name for one in entries]
    known = read_known_names(session)
    matches = with_near_names(match_names(names, known), known)
    near = tuple(match for match in matches.unmatched if match.perhaps)
    added: list[str] = []
    if add_taxa and matches.unmatched:
        wanted = {match.key for match in matches.unmatched}
        added = add_taxa_of(session, [one for one in entries if one.name.key in wanted], full)
        matches = match_names(names, read_known_names(session))
    _refuse_twice(matches)
    taxa = {match.key: match.taxon_id for match in matches.matches}
    rows = [_row(one, full.list_version_id, taxa[one.name.key]) for one in entries]
    present = session.get(ListVersion, full.list_version_id)
    if present is not None:
        _refuse_other(session, present, full, rows)
        diff = diff_versions(session, None, full.list_version_id, today=today)
        return ListImport(present, matches, (), diff, is_dry_run=False, was_there=True)
    version = _version_row(full, rows, person)
    session.add(version)
    session.flush()
    session.connection().execute(insert(ListEntry), rows)
    diff = diff_versions(session, None, full.list_version_id, today=today)
    _log(session, version, matches, added, diff)
    return ListImport(version, matches, tuple(added), diff, is_dry_run=False, near=near)


def _log(
    session: Session, version: ListVersion, matches: MatchReport, added: list[str], diff: ListDiff
) -> None:
    record_decision(
        session,
        Act.LIST_IMPORTED,
        subject=version.list_version_id,
        person=version.person,
        details={
            "entries": version.entry_count,
            "content_sha256": version.content_sha256,
            "effective_from": version.effective_from.isoformat(),
            "effective_to": version.effective_to.isoformat() if version.effective_to else None,
            "unmatched": [match.scientific_name for match in matches.unmatched],
            "added_taxa": added,
            "changed_taxa": [one.scientific_name for one in diff.changes],
            "changed_records": sum(len(one.records) for one in diff.changes),
        },
    )


def _completed(session: Session, given: ListDescription) -> ListDescription:
    """Fill in from the list's earlier versions what the person need not repeat."""
    for name in (given.list_id, given.version):
        if wrong := check_name(name):
            raise ListError(wrong)
    known = session.exec(select(ListVersion).where(ListVersion.list_id == given.list_id)).all()
    last = max(known, key=lambda one: one.effective_from, default=None)
    kind = given.kind or (StatusKind(last.kind) if last else None)
    if kind is None:
        raise ListError(
            tr(
                f"{given.list_id} is a new list: say its kind with --kind, one of "
                f"{', '.join(StatusKind)}.",
                f"{given.list_id} 是新名录:请用 --kind 说明类别,可选 {'、'.join(StatusKind)}。",
            )
        )
    if last and last.kind != kind.value:
        raise ListError(
            tr(
                f"{given.list_id} is of kind {last.kind}, not {kind.value}. Name another list.",
                f"{given.list_id} 的类别是 {last.kind},不是 {kind.value}。请另起名录标识。",
            )
        )
    _refuse_dates(given, known)
    return ListDescription(
        list_id=given.list_id,
        version=given.version,
        effective_from=given.effective_from,
        kind=kind,
        effective_to=given.effective_to,
        issued_on=given.issued_on,
        title_zh=given.title_zh or (last.title_zh if last else given.list_id),
        title_en=given.title_en or (last.title_en if last else given.list_id),
        region=given.region or (last.region if last else "CN"),
        authority=given.authority or (last.authority if last else ""),
        source=given.source,
        doubt=given.doubt,
        is_partial=given.is_partial,
    )


def _refuse_dates(given: ListDescription, known: Sequence[ListVersion]) -> None:
    """Refuse a version that ends before it begins, or begins on the same day as another."""
    if given.effective_to and given.effective_to < given.effective_from:
        raise ListError(
            tr(
                f"The version ends on {given.effective_to}, before it begins on "
                f"{given.effective_from}. Mend the dates.",
                f"该版本的失效日期 {given.effective_to} 早于生效日期 {given.effective_from}。"
                "请改正日期。",
            )
        )
    same_day = [one for one in known if one.effective_from == given.effective_from]
    for one in same_day:
        if one.list_version_id != given.list_version_id:
            raise ListError(
                tr(
                    f"{one.list_version_id} comes into force on that day too; two versions of one "
                    "list cannot. Give another date or another list.",
                    f"{one.list_version_id} 同日生效;同一名录的两个版本不能同日生效。"
                    "请更换日期或名录。",
                )
            )


def _row(one: SheetEntry, version_id: str, taxon_id: str | None) -> dict[str, Any]:
    rank = one.name.taxon_rank
    return {
        "list_version_id": version_id,
        "entry_no": one.name.key,
        "taxon_id": taxon_id,
        "scientific_name": one.name.scientific_name,
        "vernacular_zh": one.name.zh,
        "category": one.category,
        "covers": TAXON if rank in SPECIES_RANKS else rank,
        "excluded_taxa": json.dumps(one.excluded, ensure_ascii=False),
        "population": one.population,
        "remarks": one.remarks,
        "is_verified": one.is_verified,
        "doubt": one.doubt,
        "source": one.source,
        "facts": json.dumps({KINGDOM: one.name.kingdom} if one.name.kingdom else {}),
    }


def _version_row(full: ListDescription, rows: Sequence[dict[str, Any]], person: str) -> ListVersion:
    return ListVersion(
        list_version_id=full.list_version_id,
        list_id=full.list_id,
        kind=full.kind.value if full.kind else "",
        title_zh=full.title_zh,
        title_en=full.title_en,
        version=full.version,
        region=full.region,
        issued_on=full.issued_on,
        effective_from=full.effective_from,
        effective_to=full.effective_to,
        is_partial=full.is_partial,
        authority=full.authority,
        source=full.source,
        doubt=full.doubt,
        origin=ListOrigin.IMPORTED.value,
        entry_count=len(rows),
        content_sha256=content_sha256(rows),
        person=person,
        entered_at=datetime.now(UTC),
    )


def _refuse_twice(matches: MatchReport) -> None:
    """Two names of one list that mean one taxon would give it two categories."""
    taken = Counter(match.taxon_id or "" for match in matches.matches)
    matched = [match for match in matches.matches if match.taxon_id]
    twice = [one.scientific_name for one in matched if taken[one.taxon_id or ""] > 1]
    if twice:
        raise ListError(
            tr(
                f"These names mean the same taxon: {', '.join(twice)}. Keep one of them.",
                f"以下学名指同一分类单元:{'、'.join(twice)}。请保留其一。",
            )
        )


def _refuse_other(
    session: Session, present: ListVersion, full: ListDescription, rows: Sequence[dict[str, Any]]
) -> None:
    """Tell the same sheet from another one; which taxa its names meet today makes no difference."""
    stored = session.exec(
        select(ListEntry.entry_no, ListEntry.taxon_id).where(
            ListEntry.list_version_id == present.list_version_id
        )
    )
    then = dict(stored.all())
    as_then = [row | {"taxon_id": then.get(row["entry_no"])} for row in rows]
    days = (full.effective_from, full.effective_to)
    if present.content_sha256 != content_sha256(as_then) or days != (
        present.effective_from,
        present.effective_to,
    ):
        raise ListError(
            tr(
                f"{present.list_version_id} is there with other entries or dates; a version is "
                "never edited. Give this one another --version.",
                f"{present.list_version_id} 已存在,且条目或日期不同;名录版本不可修改。"
                "请用 --version 另给版本号。",
            )
        )
