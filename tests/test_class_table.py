"""What the table of classes promises: every known name decided, the survey's own word above it."""

from pathlib import Path

import pytest

from models.classes import (
    ClassTable,
    check_classes,
    class_taxa,
    map_classes,
    read_class_table,
    shipped_table,
    table_for,
    unmapped,
)
from models.engines import WeightsError

HEADER = "class_name,counts_as,scientific_name,source\n"
TRAFFIC = ["bicycle", "car", "motorcycle", "bus", "train", "truck"]
ANIMALS = ["bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"]


def own_table(folder: Path, *lines: str) -> Path:
    """Write the table of a survey."""
    (folder / "classes.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_every_class_of_coco_and_megadetector_is_decided() -> None:
    """The 80 classes of COCO, as Ultralytics names them, and MegaDetector's three need no edit."""
    coco = coco_names()
    assert len(coco) == 80
    assert unmapped([*coco, "animal", "person", "vehicle"], shipped_table()) == []
    counted = dict(zip(coco, map_classes(coco).tolist(), strict=True))
    assert [counted[name] for name in ["person", *ANIMALS, *TRAFFIC]] == [1, *[0] * 10, *[2] * 6]
    assert sum(label >= 0 for label in counted.values()) == 17
    assert not any(class_taxa(coco, shipped_table()))


def coco_names() -> list[str]:
    """The names of the 80 classes, from the file that comes with Ultralytics."""
    from importlib.util import find_spec

    import yaml

    spec = find_spec("ultralytics")
    if spec is None or spec.origin is None:
        pytest.skip("Ultralytics is not installed")
    file = Path(spec.origin).parent / "cfg" / "datasets" / "coco.yaml"
    return list(yaml.safe_load(file.read_text(encoding="utf-8"))["names"].values())


def test_a_survey_adds_classes_and_changes_shipped_ones(tmp_path: Path) -> None:
    """What the survey says of a class goes before what the shipped table says."""
    folder = own_table(
        tmp_path, "Kiang,animal,Equus kiang,ours", "sheep,animal,Pseudois nayaur,", "dog,ignore,,"
    )
    table = table_for(folder)
    names = ["kiang", "sheep", "dog", "cow"]
    assert map_classes(names, table).tolist() == [0, 0, -1, 0]
    assert class_taxa(names, table) == ("Equus kiang", "Pseudois nayaur", "", "")


def test_a_table_saved_by_excel_is_read(tmp_path: Path) -> None:
    """Excel writes a mark before the first letter, and spaces and capitals slip in."""
    text = HEADER + " Snow Leopard ,animal, Panthera uncia ,\r\n"
    (tmp_path / "classes.csv").write_text(text, encoding="utf-8-sig", newline="")
    rule = table_for(tmp_path).rule_of("snow leopard")
    assert rule is not None
    assert rule.scientific_name == "Panthera uncia"


@pytest.mark.parametrize(
    "line", ["kiang,?,,", "kiang,beast,,", ",animal,,", "jeep,vehicle,Equus kiang,", "kiang"]
)
def test_a_line_that_decides_nothing_is_named(tmp_path: Path, line: str) -> None:
    """A line left as it was written for editing, or mistaken, is told by its number."""
    folder = own_table(tmp_path, "yak,animal,,", line)
    with pytest.raises(WeightsError, match=r"Line 3 of .*classes\.csv") as told:
        table_for(folder)
    assert "第 3 行" in told.value.chinese


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A table saved in GBK is refused with what to do, instead of read as garbage."""
    (tmp_path / "classes.csv").write_bytes((HEADER + "藏野驴,animal,,\n").encode("gbk"))
    with pytest.raises(WeightsError, match="Save it as CSV in UTF-8"):
        read_class_table(tmp_path / "classes.csv")


def test_many_unknown_classes_are_counted_not_all_named() -> None:
    """A model of a thousand species gives one sentence, not a page."""
    names = [f"species {number}" for number in range(30)]
    with pytest.raises(WeightsError, match=r"species 7 and 22 more\.") as told:
        check_classes(Path("big.pt"), names, ClassTable({}))
    assert "另有 22 个" in told.value.chinese


def test_labels_of_speciesnet_say_their_own_taxon() -> None:
    """Labels of SpeciesNet need no table; domestic forms and higher taxa keep their names."""
    labels = [
        "189c;mammalia;cetartiodactyla;bovidae;capra;aegagrus hircus;domestic goat",
        "b135;aves;;;;;bird",
        "e289;;;;;;vehicle",
        "1f68;;;;;;animal",
    ]
    assert map_classes(labels).tolist() == [0, 0, 2, 0]
    assert class_taxa(labels, shipped_table()) == ("Capra aegagrus hircus", "Aves", "", "")
