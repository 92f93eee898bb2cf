"""Which taxa an entry covers: a taxon, or a whole family or genus without what it leaves out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from species_db.lists.matching import stem
from species_db.lists.shipped import SPECIES_RANKS

GROUP_RANKS = ("section", "genus", "family", "order", "class")  # the closest first
RANK_ORDER = {
    rank: number
    for number, rank in enumerate(
        ("form", "variety", "subspecies", "species", "section", "genus", "family", "order", "class")
    )
}
# Domestic forms: the law protects the wild animal, so that they take nothing from their species
DOMESTIC = frozenset({"Canis lupus familiaris", "Gallus gallus domesticus"})


@dataclass(frozen=True, slots=True)
class Lineage:
    """A taxon's place: its rank, the groups it belongs to, and every Latin name it bears."""

    taxon_id: str
    scientific_name: str
    taxon_rank: str
    kingdom: str = ""
    class_name: str = ""
    order_name: str = ""
    family: str = ""
    genus: str = ""
    names: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()  # that a source places it in
    is_local: bool = True  # of the checklist or the survey's own, not only of a national list

    def group(self, rank: str) -> str:
        """The group of a rank to which the taxon belongs; empty when it is not known."""
        return {
            "genus": self.genus,
            "family": self.family,
            "order": self.order_name,
            "class": self.class_name,
        }.get(rank, "")

    @property
    def is_species(self) -> bool:
        """Whether the taxon is a species or below one."""
        return self.taxon_rank in SPECIES_RANKS

    @property
    def species(self) -> str:
        """The species of a taxon below one; empty for a species, a group or a domestic form."""
        if not self.is_species or self.taxon_rank == "species" or self.scientific_name in DOMESTIC:
            return ""
        return " ".join(self.scientific_name.split()[:2])


@dataclass(frozen=True, slots=True)
class Coverage:
    """How an entry covers a taxon."""

    basis: str
    doubt: str = ""
    is_decided: bool = True  # False: the name alone cannot tell


def covers(group: Lineage, excluded: frozenset[str], taxon: Lineage) -> Coverage | None:
    """Tell whether a group that is listed as a whole covers a taxon.

    >>> ferns = Lineage("f", "Cyatheaceae", "family", "Plantae", family="Cyatheaceae")
    >>> fern = Lineage("s", "Alsophila spinulosa", "species", "Plantae", family="Cyatheaceae",
    ...                genus="Alsophila", names=frozenset({"Alsophila spinulosa"}))
    >>> covers(ferns, frozenset({"Alsophila metteniana"}), fern).basis
    'family entry Cyatheaceae'
    >>> covers(ferns, frozenset({"Alsophila spinulosa"}), fern) is None
    True
    """
    if not _is_inside(group, taxon):
        return None
    basis = f"{group.taxon_rank} entry {group.scientific_name}"
    if _is_left_out(taxon, excluded):
        return None
    if _is_of_a_like_name(taxon, excluded):
        left_out = ", ".join(sorted(excluded))
        return Coverage(basis, _HOLDS.format(left_out=left_out), is_decided=False)
    if group.taxon_rank == "section" and group.scientific_name not in taxon.sections:
        return Coverage(basis, _SECTION.format(group=group.scientific_name), is_decided=False)
    if not excluded or not _may_hold(taxon, excluded):
        return Coverage(basis)
    left_out = ", ".join(sorted(excluded))
    return Coverage(basis, _HOLDS.format(left_out=left_out), is_decided=taxon.is_species)


def groups_of(taxon: Lineage) -> Iterable[tuple[str, str]]:
    """Rank and name of the groups that may cover a taxon, the closest first.

    A section goes by its genus, since names do not tell sections.
    """
    for rank in GROUP_RANKS:
        name = taxon.genus if rank == "section" else taxon.group(rank)
        if name and RANK_ORDER[rank] > RANK_ORDER.get(taxon.taxon_rank, 0):
            yield rank, name


def group_key(group: Lineage) -> tuple[str, str]:
    """Under what `groups_of` finds a group."""
    if group.taxon_rank == "section":
        return "section", group.genus
    return group.taxon_rank, group.scientific_name


def members_by_group(taxa: Mapping[str, Lineage]) -> dict[str, tuple[str, ...]]:
    """The known species in each group, and the taxa below each species, by taxon id."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for taxon in taxa.values():
        if taxon.is_species:
            for rank, name in (("species", taxon.species), *groups_of(taxon)):
                by_name.setdefault((rank, name), []).append(taxon.taxon_id)
    found = {}
    for group in taxa.values():
        if group.taxon_rank != "section":
            members = by_name.get((group.taxon_rank, group.scientific_name), ())
            found[group.taxon_id] = tuple(one for one in members if _same_kingdom(group, taxa[one]))
    return found


def _is_inside(group: Lineage, taxon: Lineage) -> bool:
    rank, name = group_key(group)
    named = taxon.genus if rank == "section" else taxon.group(rank)
    return named == name and taxon.taxon_id != group.taxon_id and _same_kingdom(group, taxon)


def _same_kingdom(one: Lineage, other: Lineage) -> bool:
    """One genus name may stand for an animal and for a plant."""
    return not one.kingdom or not other.kingdom or one.kingdom == other.kingdom


def _is_left_out(taxon: Lineage, excluded: frozenset[str]) -> bool:
    return bool(excluded & taxon.names) or taxon.species in excluded


def _is_of_a_like_name(taxon: Lineage, excluded: frozenset[str]) -> bool:
    """Tell whether a species bears the epithet of one that is left out, under another genus.

    Gymnosphaera metteniana is the Alsophila metteniana of the law, unless it were another fern.
    """
    epithets = {stem(one.split()[-1]) for one in excluded if " " in one}
    return taxon.is_species and any(stem(one.split()[-1]) in epithets for one in taxon.names)


def _may_hold(taxon: Lineage, excluded: frozenset[str]) -> bool:
    """Tell whether something left out may be meant by a taxon of a higher rank."""
    if taxon.is_species:
        return any(one.startswith(f"{name} ") for one in excluded for name in taxon.names)
    if taxon.taxon_rank == "genus":
        return any(one.split()[0] == taxon.scientific_name for one in excluded)
    return True


_SECTION = (
    "whether it belongs to {group} cannot be told from its name / 仅凭学名无法判断是否属于 {group}"
)
_HOLDS = "the entry leaves out {left_out} / 该条目不包括 {left_out}"
