"""What the words of another tool mean here: what counts as what, and which taxon it is.

Decided by the table of classes (models/classes.py), which a survey extends in its `classes.csv`,
and by the names of the survey's own taxa. Nothing is guessed: an English name that neither knows
stays a word, and the report lists it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session, col, select

from ingest.other_results.facts import OtherName, OtherResults
from models.classes import IGNORE, ClassRule, ClassTable, shipped_table, table_for
from species_db.tables import Taxon, TaxonName
from species_db.vocabulary import ObservationType

NAMES_A_QUESTION = 500  # SQLite takes a limited number of values in one question
# What models call the absence of an answer: no taxon, and nothing to report either.
NO_NAME = frozenset({"animal", "blank", "empty", "unknown", "no cv result", "wildlife"})
TYPES = {
    "animal": ObservationType.ANIMAL,
    "person": ObservationType.HUMAN,
    "vehicle": ObservationType.VEHICLE,
}
USUAL = TYPES | {"human": ObservationType.HUMAN}  # what MegaDetector's own categories stand for
SPECIESNET_FIELDS = 7


@dataclass(frozen=True)
class Meaning:
    """What one word of another tool counts as here."""

    type: ObservationType | None
    """None: the word stands for nothing that is seen, like blank."""
    taxon_id: str | None = None
    is_known: bool = True
    """False: no table and no taxon knows it; it is kept as a word and listed."""


@dataclass(frozen=True)
class Dictionary:
    """The table of classes, and the taxa that the words of one file can stand for."""

    table: ClassTable
    taxa: Mapping[str, str]
    """Taxon ids by accepted name, synonym or Chinese name."""
    accepted: Mapping[str, str]
    """Accepted names by taxon id."""

    def category(self, name: str) -> Meaning:
        """What boxes of a category are. One that nobody has decided is seen and not identified."""
        rule = self.table.rule_of(name)
        taxon_id = self.taxa.get(rule.scientific_name if rule else name)
        if rule is None:
            if taxon_id is not None:
                return Meaning(ObservationType.ANIMAL, taxon_id)
            is_plain = name.strip().lower() in NO_NAME
            return Meaning(None if is_plain else ObservationType.UNKNOWN, is_known=is_plain)
        if rule.counts_as == IGNORE:
            return Meaning(None)
        return Meaning(TYPES[rule.counts_as], taxon_id, bool(taxon_id) or not rule.scientific_name)

    def name(self, told: OtherName) -> Meaning:
        """What a classifier's name says: an animal and perhaps its taxon, a person, nothing."""
        if _is_people(told.label):
            return Meaning(ObservationType.HUMAN)
        rule = self.table.rule_of(told.label) or self.table.rule_of(told.name)
        if rule is not None and rule.counts_as in ("person", "vehicle"):
            return Meaning(TYPES[rule.counts_as])
        if told.name.strip().lower() in NO_NAME:
            is_animal = told.name.strip().lower() in ("animal", "wildlife")
            return Meaning(ObservationType.ANIMAL if is_animal else None)
        for scientific in _scientific_names(self.table, told):
            if scientific in self.taxa:
                return Meaning(ObservationType.ANIMAL, self.taxa[scientific])
        return Meaning(ObservationType.ANIMAL, is_known=False)

    def decided(self, results: OtherResults) -> list[tuple[object, ...]]:
        """What the words of a file count as here, as far as it is not the same everywhere.

        Of its categories each that is not one of MegaDetector's own; of names all that the survey
        has decided itself and not only those in this file, so that the next card, with other
        animals on it, is still the same model's.
        """
        told: list[tuple[object, ...]] = []
        for name in sorted(set(results.categories.values())):
            meaning = self.category(name)
            if meaning != Meaning(USUAL.get(name.lower())):
                told.append((name, meaning.type, meaning.taxon_id, meaning.is_known))
        if results.classifier is not None:
            for name, rule in sorted(_own_rules(self.table)):
                taxon_id = self.taxa.get(rule.scientific_name)
                told.append((name, rule.counts_as, rule.scientific_name, taxon_id))
        return told


def open_dictionary(session: Session, survey_folder: Path, results: OtherResults) -> Dictionary:
    """Look up every word of a results file at once.

    Raises:
        WeightsError: the survey's `classes.csv` cannot be read.
    """
    table = table_for(survey_folder)
    wanted: set[str] = set()
    for name in results.categories.values():
        rule = table.rule_of(name)
        wanted |= {name, rule.scientific_name if rule else ""}
    for told in set(_all_names(results)):
        wanted |= set(_scientific_names(table, told))
    wanted |= {rule.scientific_name for _, rule in _own_rules(table)}
    taxa = _taxa(session, wanted - {""})
    return Dictionary(table, taxa, _accepted(session, set(taxa.values())))


def whole_picture_name(label: str, score: float) -> OtherName:
    """The name behind a label of SpeciesNet, which says its ranks itself.

    >>> whole_picture_name("436d;mammalia;carnivora;felidae;panthera;uncia;snow leopard", 0.9).name
    'snow leopard'
    """
    return OtherName(label.rpartition(";")[2] or label, score, label=label)


def _own_rules(table: ClassTable) -> Iterator[tuple[str, ClassRule]]:
    """The lines with which the survey says more than the shipped table, or something else."""
    for name, rule in table.rules.items():
        shipped = shipped_table().rule_of(name)
        if shipped is None or replace(shipped, source=rule.source) != rule:
            yield name, rule


def _all_names(results: OtherResults) -> Iterable[OtherName]:
    for one in results.files:
        for box in one.boxes or ():
            yield from (OtherName(n.name, 0, label=n.label) for n in box.names)
        if one.prediction is not None:
            yield whole_picture_name(one.prediction.label, 0)
            yield from (OtherName(n.name, 0, label=n.label) for n in one.prediction.names)


def _scientific_names(table: ClassTable, told: OtherName) -> Iterable[str]:
    """The names under which a word may stand among the taxa, the best founded first."""
    for word in (told.label, told.name):
        rule = table.rule_of(word) if word else None
        if rule is not None and rule.scientific_name:
            yield rule.scientific_name
    name = " ".join(told.name.split())
    yield name
    yield name.capitalize()  # many tools write names in small letters


def _is_people(label: str) -> bool:
    """Our own kind at any rank that names it: a roll-up to the genus is a person too."""
    fields = label.lower().split(";")
    return len(fields) == SPECIESNET_FIELDS and (fields[4] == "homo" or fields[6] == "human")


def _accepted(session: Session, taxon_ids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for page in _pages(taxon_ids):
        found.update(
            session.exec(
                select(Taxon.taxon_id, Taxon.scientific_name).where(col(Taxon.taxon_id).in_(page))
            ).all()
        )
    return found


def _pages(values: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(values)
    for start in range(0, len(wanted), NAMES_A_QUESTION):
        yield wanted[start : start + NAMES_A_QUESTION]


def _taxa(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Taxa by accepted name, else by a synonym or Chinese name that only one of them has."""
    accepted: dict[str, str] = {}
    others: dict[str, set[str]] = {}
    for page in _pages(names):
        accepted.update(
            session.exec(
                select(Taxon.scientific_name, Taxon.taxon_id).where(
                    col(Taxon.scientific_name).in_(page)
                )
            ).all()
        )
        named = select(TaxonName.name, TaxonName.taxon_id).where(
            col(TaxonName.name).in_(page), col(TaxonName.language).in_(["la", "zh"])
        )
        for name, taxon_id in session.exec(named):
            others.setdefault(name, set()).add(taxon_id)
    only = {name: next(iter(ids)) for name, ids in others.items() if len(ids) == 1}
    return only | accepted
