"""Read the list versions and entries of a survey into an index that answers status questions."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session, col, select

from species_db.lists.coverage import Coverage, Lineage, covers, group_key, groups_of
from species_db.lists.shipped import KINGDOM, LIST_SOURCE, SPECIES_RANKS, TAXON, section_members
from species_db.lists.status import StatusFact, StatusIndex, VersionFacts, in_order
from species_db.tables import ListEntry, ListVersion, Taxon, TaxonName
from species_db.vocabulary import StatusKind

Found = tuple[StatusFact, bool]  # with whether it is decided that the entry covers the taxon

_kept: dict[int, StatusIndex] = {}  # the last index of this process, by what it rests on


def read_index(session: Session) -> StatusIndex:
    """Read the list versions and entries of a survey, or take the index read from the same rows.

    Reading takes a fifth of a second, which every page and every picture behind the gate would
    pay; comparing what it rests on takes a tenth of that.
    """
    rows = _rests_on(session)
    index = _kept.get(rows)
    if index is None:
        index = build_index(session)
        _kept.clear()
        _kept[rows] = index
    return index


def build_index(session: Session) -> StatusIndex:
    """Read the list versions and entries of a survey.

    Groups that are listed as a whole are laid out over the taxa they cover, so that asking is a
    look-up. An entry of the taxon itself wins over one of its group in the same version, and a
    close group over a wide one.
    """
    taxa = read_lineages(session)
    versions = read_versions(session)
    direct, groups = _read_entries(session, {one.list_version_id: one for one in versions}, taxa)
    decided: dict[str, tuple[StatusFact, ...]] = {}
    undecided: dict[str, tuple[StatusFact, ...]] = {}
    by_name = {taxon.scientific_name: taxon.taxon_id for taxon in taxa.values()}
    for taxon in taxa.values():
        found = _facts_of(taxon, direct, groups, by_name)
        if facts := [fact for fact, is_decided in found if is_decided]:
            decided[taxon.taxon_id] = tuple(in_order(facts))
        if facts := [fact for fact, is_decided in found if not is_decided]:
            undecided[taxon.taxon_id] = tuple(in_order(facts))
    return StatusIndex(decided, versions, taxa, undecided)


def _rests_on(session: Session) -> int:
    """Tell rows apart on which an index rests: seals of taxa and versions, and the entries."""
    asked = (
        select(Taxon.seal),
        select(TaxonName.seal).where(col(TaxonName.language) == "la"),
        select(ListVersion.seal),
        select(ListEntry.list_version_id, ListEntry.entry_no, ListEntry.taxon_id,
               ListEntry.category),
    )  # fmt: skip
    return hash(tuple(tuple(session.connection().execute(one)) for one in asked))


def read_lineages(session: Session) -> dict[str, Lineage]:
    """Read where every taxon of a survey stands, and all Latin names it bears."""
    synonyms: dict[str, set[str]] = {}
    asked = select(TaxonName.taxon_id, TaxonName.name).where(col(TaxonName.language) == "la")
    for identifier, name in session.exec(asked):
        synonyms.setdefault(identifier, set()).add(name)
    sections: dict[str, set[str]] = {}
    for section, members in section_members().items():
        for member in members:
            sections.setdefault(member, set()).add(section)
    columns = select(
        Taxon.taxon_id, Taxon.scientific_name, Taxon.taxon_rank, Taxon.kingdom,
        Taxon.class_name, Taxon.order_name, Taxon.family, Taxon.genus, Taxon.source,
    )  # type: ignore[call-overload]  # fmt: skip
    return {
        row.taxon_id: Lineage(
            taxon_id=row.taxon_id,
            scientific_name=row.scientific_name,
            taxon_rank=row.taxon_rank,
            kingdom=row.kingdom,
            class_name=row.class_name,
            order_name=row.order_name,
            family=row.family,
            genus=row.genus or _genus(row.scientific_name, row.taxon_rank),
            names=frozenset({row.scientific_name, *synonyms.get(row.taxon_id, ())}),
            sections=frozenset(sections.get(row.scientific_name, ())),
            is_local=not row.source.startswith(LIST_SOURCE),
        )
        for row in session.exec(columns)
    }


def read_versions(session: Session) -> tuple[VersionFacts, ...]:
    """Read every list version with its last day, which the next version of the list may set."""
    rows = session.exec(select(ListVersion).order_by(col(ListVersion.effective_from))).all()
    found = []
    for row in rows:
        later = [
            one.effective_from
            for one in rows
            if one.list_id == row.list_id and one.effective_from > row.effective_from
        ]
        ends = [row.effective_to] if row.effective_to else []
        ends += [min(later) - timedelta(days=1)] if later else []
        found.append(
            VersionFacts(
                list_version_id=row.list_version_id,
                list_id=row.list_id,
                kind=StatusKind(row.kind),
                title_zh=row.title_zh,
                title_en=row.title_en,
                version=row.version,
                effective_from=row.effective_from,
                effective_to=min(ends, default=None),
                is_partial=row.is_partial,
                authority=row.authority,
                source=row.source,
                doubt=row.doubt,
                origin=row.origin,
            )
        )
    return tuple(found)


Entries = dict[str, list[StatusFact]]
Groups = dict[tuple[str, str], list[tuple[Lineage, frozenset[str], StatusFact]]]


def _read_entries(
    session: Session, versions: Mapping[str, VersionFacts], taxa: Mapping[str, Lineage]
) -> tuple[Entries, Groups]:
    """Entries by the taxon they name, and those of groups by rank and name of the group."""
    direct: Entries = {}
    groups: Groups = {}
    columns = select(
        ListEntry.taxon_id, ListEntry.list_version_id, ListEntry.entry_no,
        ListEntry.scientific_name, ListEntry.category, ListEntry.covers, ListEntry.excluded_taxa,
        ListEntry.population, ListEntry.remarks, ListEntry.doubt, ListEntry.source, ListEntry.facts,
    )  # type: ignore[call-overload]  # fmt: skip
    by_name: dict[str, Lineage] = {}
    for row in session.exec(columns):
        taxon = taxa.get(row.taxon_id)
        if taxon is None:
            by_name = by_name or {one.scientific_name: one for one in taxa.values()}
            taxon = _named_since(row, by_name)
        if taxon is None:
            continue
        fact = _fact(row, versions[row.list_version_id], taxon)
        direct.setdefault(taxon.taxon_id, []).append(fact)
        if row.covers != TAXON:
            excluded = frozenset(json.loads(row.excluded_taxa))
            groups.setdefault(group_key(taxon), []).append((taxon, excluded, fact))
    return direct, groups


def _named_since(row: Row[Any], by_name: Mapping[str, Lineage]) -> Lineage | None:
    """The taxon of an entry that met none when its list came in: it may have come since."""
    taxon = by_name.get(row.scientific_name)
    kingdom = json.loads(row.facts).get(KINGDOM, "")
    return taxon if taxon and kingdom in ("", taxon.kingdom) else None


def _fact(row: Row[Any], version: VersionFacts, taxon: Lineage) -> StatusFact:
    rank = taxon.taxon_rank if row.covers == TAXON else row.covers
    named = "" if row.covers == TAXON else f" {row.scientific_name}"
    return StatusFact(
        kind=version.kind,
        category=row.category,
        list_id=version.list_id,
        list_version_id=version.list_version_id,
        entry_no=row.entry_no,
        listed_as=row.scientific_name,
        basis=f"{rank} entry{named}",
        population=row.population,
        remarks=row.remarks,
        doubt="; ".join(filter(None, (row.doubt, version.doubt))),
        source=row.source or version.source,
        authority=version.authority,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
    )


def _facts_of(
    taxon: Lineage, direct: Entries, groups: Groups, by_name: Mapping[str, str]
) -> list[Found]:
    """What each version says of a taxon: its own entry, its species', or its closest group's."""
    found: list[Found] = [(fact, True) for fact in direct.get(taxon.taxon_id, ())]
    told = {fact.list_version_id for fact, _ in found}
    if species := by_name.get(taxon.species):
        above = [fact for fact in direct.get(species, ()) if fact.list_version_id not in told]
        found += [(replace(fact, basis=f"{fact.basis} {taxon.species}"), True) for fact in above]
        told |= {fact.list_version_id for fact in above}
    for name in groups_of(taxon):
        here = [one for one in groups.get(name, ()) if one[2].list_version_id not in told]
        covering = [(fact, covers(group, excluded, taxon)) for group, excluded, fact in here]
        found += _settled(covering)
        told |= {fact.list_version_id for fact, how in covering if how and how.is_decided}
    return found


def _settled(covering: Iterable[tuple[StatusFact, Coverage | None]]) -> Iterable[Found]:
    for fact, how in covering:
        if how is not None:
            doubt = "; ".join(filter(None, (how.doubt, fact.doubt)))
            yield replace(fact, basis=how.basis, doubt=doubt), how.is_decided


def _genus(name: str, rank: str) -> str:
    return name.split()[0] if rank in SPECIES_RANKS | {"genus", "section"} else ""
