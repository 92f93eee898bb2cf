"""The label gap: species that the law or a warning turns on, and that a model cannot name.

A reviewer who trusts a model's "deer" never looks for what hides in it. So for every model it is
told which protected and invasive animals of the checklist it has no name for, and which of its own
names stand closest to each (VISION N3).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from species_db.lists.coverage import Lineage
from species_db.local_names import CLASS_ONE, CLASS_TWO, LocalNames, lineage_of
from species_db.rollup import RANKS
from species_db.tables import ListEntry, ListVersion, TaxonName
from species_db.vocabulary import StatusKind

SANYOU, INVASIVE = "sanyou", "invasive"
CATEGORIES = (CLASS_ONE, CLASS_TWO, SANYOU, INVASIVE)  # a species is told under the first of them
ANY_ANIMAL = "any animal"
NAMELESS: tuple[str, ...] = ("",) * len(RANKS)


@dataclass(frozen=True)
class ModelClass:
    """A class of a model that counts as an animal; without a name it says no more than that."""

    name: str
    lineage: tuple[str, ...] = NAMELESS


@dataclass(frozen=True)
class Hider:
    """A class that an unnamed species may be called by, and the rank that both share."""

    name: str
    rank: str


@dataclass(frozen=True)
class GapSpecies:
    """A protected or invasive animal of the checklist, and what a model would call it instead."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    category: str
    is_named: bool
    is_on_camera: bool
    hiders: tuple[Hider, ...] = ()


@dataclass(frozen=True)
class LabelGap:
    """All protected and invasive animals of the checklist, with those that a model can name."""

    species: tuple[GapSpecies, ...]
    plants: int  # protected or invasive ones, which no camera trap is there for

    def unnamed(self, category: str, *, is_on_camera: bool = True) -> tuple[GapSpecies, ...]:
        """Those of a category that the model cannot name; those that cameras see, or the others."""
        return tuple(
            one
            for one in self.species
            if one.category == category and one.is_on_camera is is_on_camera and not one.is_named
        )

    def named(self, category: str) -> int:
        """How many of a category the model can name."""
        return sum(one.is_named for one in self.species if one.category == category)


def read_label_gap(session: Session, names: LocalNames, classes: Sequence[ModelClass]) -> LabelGap:
    """Hold the classes of a model against the checklist and the lists in force."""
    on_camera = _on_camera(session)
    common = _common_names(session)
    local = [
        taxon
        for taxon in names.index.taxa.values()
        if taxon.is_local and taxon.is_species and taxon.taxon_id in on_camera
    ]
    found = []
    plants = 0
    for taxon in sorted(local, key=lambda one: one.scientific_name):
        category = category_of(names, taxon)
        if category and taxon.kingdom != "Animalia":
            plants += 1
        elif category:
            known = _known_as(taxon, names, classes)
            found.append(
                GapSpecies(
                    taxon_id=taxon.taxon_id,
                    scientific_name=taxon.scientific_name,
                    zh=common.get((taxon.taxon_id, "zh"), ""),
                    en=common.get((taxon.taxon_id, "en"), ""),
                    category=category,
                    is_named=known is not None,
                    is_on_camera=on_camera[taxon.taxon_id],
                    hiders=() if known else hiders_of(lineage_of(taxon), classes),
                )
            )
    return LabelGap(tuple(found), plants)


def category_of(names: LocalNames, taxon: Lineage) -> str:
    """Why a species matters: the first of `CATEGORIES` that holds today; empty when none does."""
    status = names.index.status_of(taxon.taxon_id, names.on)
    if status.protection_level in (CLASS_ONE, CLASS_TWO):
        return status.protection_level
    if status.fact(StatusKind.SANYOU):
        return SANYOU
    return INVASIVE if status.is_invasive else ""


def hiders_of(lineage: tuple[str, ...], classes: Iterable[ModelClass]) -> tuple[Hider, ...]:
    """The classes closest to a species: those that share the lowest rank with it.

    >>> mammal = ("Animalia", "Mammalia", "Artiodactyla")
    >>> takin = (*mammal, "Bovidae", "Budorcas", "Budorcas taxicolor")
    >>> deer = ModelClass("deer", (*mammal, "Cervidae", "", ""))
    >>> bovid = ModelClass("bovid", (*mammal, "Bovidae", "", ""))
    >>> [(one.name, one.rank) for one in hiders_of(takin, [deer, bovid, ModelClass("animal")])]
    [('bovid', 'family')]
    >>> [(one.name, one.rank) for one in hiders_of(takin, [ModelClass("animal")])]
    [('animal', 'any animal')]
    """
    shared = [(_shared_depth(lineage, one.lineage), one.name) for one in classes]
    lowest = max((depth for depth, _ in shared), default=0)
    rank = RANKS[lowest - 1] if lowest > 1 else ANY_ANIMAL
    # Sharing the kingdom alone says nothing, unless the class is any animal.
    close = [
        name
        for (depth, name), one in zip(shared, classes, strict=True)
        if (depth == lowest if lowest > 1 else one.lineage == NAMELESS)
    ]
    return tuple(Hider(name, rank) for name in close)


def _shared_depth(one: Sequence[str], other: Sequence[str]) -> int:
    """How many ranks from the top two lineages share; empty names in between do not part them."""
    depth = 0
    for number, (a, b) in enumerate(zip(one, other, strict=True), start=1):
        if a and b and a != b:
            break
        if a and b:
            depth = number
    return depth


def _known_as(taxon: Lineage, names: LocalNames, classes: Iterable[ModelClass]) -> str | None:
    """The class that names a species, under any of its Latin names."""
    for one in classes:
        if any(one.lineage) and names.find_exactly(one.lineage) == taxon.taxon_id:
            return one.name
    return None


def _on_camera(session: Session) -> dict[str, bool]:
    """The taxa of the newest checklist, and whether it says that camera traps see them."""
    asked = (
        select(ListEntry.taxon_id, ListEntry.facts)
        .join(ListVersion, col(ListVersion.list_version_id) == col(ListEntry.list_version_id))
        .where(ListVersion.kind == StatusKind.CHECKLIST.value, col(ListEntry.taxon_id).is_not(None))
        .order_by(col(ListVersion.effective_from))
    )
    return {
        str(taxon_id): json.loads(facts).get("detectable_by_camera_trap") != "no"
        for taxon_id, facts in session.exec(asked)
    }


def _common_names(session: Session) -> Mapping[tuple[str, str], str]:
    asked = select(TaxonName.taxon_id, TaxonName.language, TaxonName.name).where(
        col(TaxonName.is_preferred), col(TaxonName.language).in_(("zh", "en"))
    )
    return {(taxon_id, language): name for taxon_id, language, name in session.exec(asked)}
