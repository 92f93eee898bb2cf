"""What each class of a network counts as: animal, person, vehicle or nothing, and which taxon.

The shipped table (`class_table.csv`) knows the names of MegaDetector and of the 80 COCO classes. A
survey extends or overrides it with a table of its own. A class that no table names is never
dropped in silence: it is an error before the run starts.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from models.engines import WeightsError

LABELS = ("animal", "person", "vehicle")
IGNORE = "ignore"
COUNTS_AS = (*LABELS, IGNORE)
UNDECIDED = "?"  # in a table that waits to be edited
COLUMNS = ("class_name", "counts_as", "scientific_name", "source")
SHIPPED_TABLE = Path(__file__).parent / "class_table.csv"
SPECIESNET_FIELDS = 7  # uuid;class;order;family;genus;species;common name
MANY_CLASSES = 8  # more are counted, not named


@dataclass(frozen=True)
class ClassRule:
    """What boxes of one class become: one of our labels or nothing, and perhaps a taxon."""

    counts_as: str
    scientific_name: str = ""
    source: str = ""


@dataclass(frozen=True)
class ClassTable:
    """Rules by class name; capitals and spaces around a name do not matter."""

    rules: Mapping[str, ClassRule]

    def rule_of(self, name: str) -> ClassRule | None:
        """The rule of a class, or None while nobody has decided.

        Labels of SpeciesNet need no row, because each says its own taxon.

        >>> table = ClassTable({"sheep": ClassRule("animal")})
        >>> table.rule_of(" Sheep").counts_as, table.rule_of("kite")
        ('animal', None)
        >>> bear = "436d;mammalia;carnivora;ursidae;ursus;thibetanus;asiatic black bear"
        >>> table.rule_of(bear).scientific_name
        'Ursus thibetanus'
        """
        return self.rules.get(name.strip().lower()) or _speciesnet_rule(name)

    def extended_by(self, other: "ClassTable") -> "ClassTable":
        """Give the same table with the rules of another added, or put in place of its own."""
        return ClassTable({**self.rules, **other.rules})


@lru_cache(maxsize=1)
def shipped_table() -> ClassTable:
    """The table that comes with Namcha."""
    return read_class_table(SHIPPED_TABLE)


def read_class_table(path: Path) -> ClassTable:
    """Read a table of classes: CSV in UTF-8 with a header, one line for each class.

    Raises:
        WeightsError: the file cannot be read, or a line says nothing that we know; names the line.
    """
    try:
        lines = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise WeightsError(
            f"Cannot read the table of classes {path}: {problem}. Save it as CSV in UTF-8.",
            f"无法读取类别表 {path}：{problem}。请另存为 UTF-8 编码的 CSV 文件。",
        ) from problem
    return ClassTable(dict(_rules(path, lines)))


def table_for(survey_folder: Path) -> ClassTable:
    """The shipped table with what the survey's own `classes.csv` adds or changes.

    Raises:
        WeightsError: the survey's table cannot be read.
    """
    own = survey_folder / "classes.csv"
    table = shipped_table()
    return table.extended_by(read_class_table(own)) if own.is_file() else table


def table_of_taxa(taxa: Mapping[str, str]) -> ClassTable:
    """The table that travels on the card of weights trained on taxa: class, then scientific name.

    >>> table_of_taxa({"Ursus thibetanus": "Ursus thibetanus"}).rule_of("ursus thibetanus")
    ClassRule(counts_as='animal', scientific_name='Ursus thibetanus', source='card')
    """
    rules = {
        name.strip().lower(): ClassRule("animal", taxon, "card") for name, taxon in taxa.items()
    }
    return ClassTable(rules)


def unmapped(names: Iterable[str], table: ClassTable) -> list[str]:
    """The classes that no table names.

    >>> unmapped(["person", "kiang"], ClassTable({"person": ClassRule("person")}))
    ['kiang']
    """
    return [name for name in names if table.rule_of(name) is None]


def map_classes(names: Sequence[str], table: ClassTable | None = None) -> np.ndarray:
    """Give for each class name the number of its label, or -1 where its boxes are dropped.

    Models trained on the 80 COCO classes know sheep and trucks but no "animal", and some write
    "human" for person.

    >>> map_classes(["Human", "sheep", "kite"]).tolist()
    [1, 0, -1]
    """
    rules = [(table or shipped_table()).rule_of(name) for name in names]
    counted = [rule.counts_as if rule else IGNORE for rule in rules]
    return np.array([LABELS.index(c) if c in LABELS else -1 for c in counted], dtype=np.int64)


def class_taxa(names: Sequence[str], table: ClassTable) -> tuple[str, ...]:
    """Give for each class name the scientific name of its taxon, or nothing.

    The animals of COCO have none: what such a model calls a sheep is here a blue sheep.

    >>> class_taxa(["kiang", "sheep"], ClassTable({"kiang": ClassRule("animal", "Equus kiang")}))
    ('Equus kiang', '')
    """
    rules = [table.rule_of(name) for name in names]
    return tuple(rule.scientific_name if rule else "" for rule in rules)


def check_classes(path: Path, names: Sequence[str], table: ClassTable) -> None:
    """Refuse weights of which a class is not decided, or all classes are to be ignored.

    Raises:
        WeightsError: names the classes, the table and the command that writes it.
    """
    if open_questions := unmapped(names, table):
        told = ", ".join(open_questions[:MANY_CLASSES])
        rest = len(open_questions) - MANY_CLASSES
        more, more_zh = (f" and {rest} more", f" 等，另有 {rest} 个") if rest > 0 else ("", "")
        command = f"namcha models classes {path} --write classes.csv"
        raise WeightsError(
            f"{path.name} has classes that no table names: {told}{more}. Nothing was started. "
            f"Say in classes.csv of the survey folder what each counts as ({', '.join(COUNTS_AS)}),"
            f" and its scientific name if it is one species; '{command}' writes the lines to edit.",
            f"{path.name} 含有类别表未列出的类别：{told}{more_zh}。检测尚未开始。"
            f"请在调查文件夹的 classes.csv 中写明每个类别算作什么（{', '.join(COUNTS_AS)}），"
            f"若对应单一物种请填学名；命令 {command} 可生成待填写的行。",
        )
    if not any(rule.counts_as != IGNORE for name in names if (rule := table.rule_of(name))):
        told = ", ".join(names[:5])
        raise WeightsError(
            f"{path.name} finds {told} and nothing that counts as animal, person or vehicle: the "
            "table of classes ignores all of them. Edit classes.csv, or pass other weights.",
            f"{path.name} 的类别（{told}）在类别表中全部被忽略，"
            "没有一个算作动物、人员或车辆。请修改 classes.csv，或换用其他权重。",
        )


def _rules(
    path: Path, lines: Sequence[Mapping[str, str | None]]
) -> Iterator[tuple[str, ClassRule]]:
    for number, line in enumerate(lines, start=2):
        name, counts_as, taxon, source = ((line.get(c) or "").strip() for c in COLUMNS)
        if not name or counts_as not in COUNTS_AS or (taxon and counts_as != "animal"):
            expected = ", ".join(COUNTS_AS)
            raise WeightsError(
                f"Line {number} of {path} says that {name!r} counts as {counts_as!r} {taxon}: "
                f"expected a class name and one of {expected}; only an animal has a scientific "
                f"name. The columns are {', '.join(COLUMNS)}. Mend the line.",
                f"{path} 第 {number} 行写明“{name}”算作“{counts_as}”{taxon}："
                f"应为类别名加 {expected} 之一，只有动物可填学名。"
                f"列名为 {', '.join(COLUMNS)}。请改正该行。",
            )
        yield name.lower(), ClassRule(counts_as, taxon, source)


def _speciesnet_rule(name: str) -> ClassRule | None:
    """What a label of SpeciesNet says of itself (labels file of google/cameratrapai).

    >>> _speciesnet_rule("990a;mammalia;primates;hominidae;homo;sapiens;human").counts_as
    'person'
    >>> _speciesnet_rule("627c;mammalia;cetartiodactyla;cervidae;;;cervidae family")
    ClassRule(counts_as='animal', scientific_name='Cervidae', source='SpeciesNet')
    >>> _speciesnet_rule("f185;;;;;;blank").counts_as
    'ignore'
    """
    fields = [field.strip().lower() for field in name.split(";")]
    if len(fields) != SPECIESNET_FIELDS:
        return None
    *ranks, genus, species, common = fields[1:]
    if common in ("blank", "vehicle", "unknown", "no cv result"):
        return ClassRule("vehicle" if common == "vehicle" else IGNORE, source="SpeciesNet")
    if (genus, species) == ("homo", "sapiens"):
        return ClassRule("person", source="SpeciesNet")
    lowest = f"{genus} {species}" if species else genus or next(filter(None, ranks[::-1]), "")
    return ClassRule("animal", lowest.capitalize(), source="SpeciesNet")
