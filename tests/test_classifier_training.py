"""What training a classifier promises: it can be stopped, is honest by source, and ships whole."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.classifier import load_classifier
from models.engines import WeightsError
from training.classifier_crops import (
    CropListError,
    LabelledBox,
    cut_crops,
    read_crop_list,
    write_crop_list,
)
from training.classifier_measure import fit_temperature, measure_classifier
from training.classifier_ship import ClassifierShipment, ship_classifier
from training.classifier_train import ClassifierRecipe, train_classifier
from training.groups import LINEAGES, group_boxes

RECIPE = ClassifierRecipe(epochs=2, side=32, batch=8)
BOX = (0.25, 0.25, 0.5, 0.5)
DEER = ("Animalia", "Mammalia", "Artiodactyla", "Cervidae", "", "")
BEAR = ("Animalia", "Mammalia", "Carnivora", "Ursidae", "", "")


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    """A list of red deer and blue bears, at two stations to learn from and one to check."""
    boxes = []
    for number in range(24):
        label, colour = ("deer", (200, 30, 30)) if number % 2 else ("bear", (30, 30, 200))
        photo = tmp_path / "照片" / f"{number}.png"
        photo.parent.mkdir(exist_ok=True)
        Image.new("RGB", (64, 48), colour).save(photo)
        split, source = ("train", f"MT-0{number % 4 // 2}") if number < 16 else ("val", "MT-09")
        boxes.append(LabelledBox(photo, BOX, label, split, source))
    return write_crop_list(boxes, tmp_path / "crops.csv")


def test_a_list_of_boxes_reads_back_as_it_was_written(crops: Path) -> None:
    """Paths with Chinese names, boxes and sources survive the file, and photos may move with it."""
    boxes = read_crop_list(crops)
    assert (len(boxes), boxes[0].box, boxes[0].source) == (24, BOX, "MT-00")
    assert "照片/0.png" in crops.read_text(encoding="utf-8")
    assert cut_crops(boxes, side=16, margin=0.1).shape == (24, 16, 16, 3)


@pytest.mark.parametrize("line", ["a.jpg,0,0,2,1,deer,train,x", "a.jpg,0,0,1,1,deer,later,x"])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    """A box outside of its photo, or a split that is none, stops the run with its line number."""
    wrong = tmp_path / "crops.csv"
    wrong.write_text(f"image,x,y,width,height,class,split,source\n{line}\n", encoding="utf-8")
    with pytest.raises(CropListError, match="Line 2"):
        read_crop_list(wrong)


def test_training_goes_on_where_it_was_stopped(crops: Path, tmp_path: Path) -> None:
    """A run stopped after one epoch and called again learns as if it had never been stopped."""
    whole = train_classifier(crops, out=tmp_path / "whole", recipe=RECIPE)
    stopped = replace(RECIPE, hours=0.0)
    train_classifier(crops, out=tmp_path / "run", recipe=stopped)
    _unfinish(tmp_path / "run" / "continue.pt")
    resumed = train_classifier(crops, out=tmp_path / "run", recipe=RECIPE)
    assert np.allclose(whole.logits, resumed.logits, atol=1e-4)


def test_one_class_alone_is_not_learned(crops: Path, tmp_path: Path) -> None:
    """Without a second class, or without other stations to check on, nothing is trained."""
    boxes = [one for one in read_crop_list(crops) if one.label == "deer"]
    alone = write_crop_list(boxes, tmp_path / "alone.csv")
    with pytest.raises(CropListError, match="1 classes"):
        train_classifier(alone, out=tmp_path / "run", recipe=RECIPE)


def test_a_shipped_classifier_answers_as_the_trained_one(crops: Path, tmp_path: Path) -> None:
    """The ONNX file gives the scores of training on the same photo, calibrated by its card."""
    trained = train_classifier(crops, out=tmp_path / "run", recipe=RECIPE)
    shipment = ClassifierShipment(
        "mine", "1", {"deer": {"family": "Cervidae"}, "bear": {"family": "Ursidae"}}
    )
    weights, quality = ship_classifier(trained, folder=tmp_path / "shipped", shipment=shipment)
    classifier = load_classifier(weights)
    first = trained.boxes[0]
    scores = classifier.classify(np.asarray(Image.open(first.image).convert("RGB")), [first.box])
    told = np.exp(trained.logits[:1] / quality.temperature)
    assert np.allclose(scores, told / told.sum(), atol=1e-3)
    assert [one.name for one in classifier.classes] == ["bear", "deer"]
    assert classifier.classes[1].lineage == ("Animalia", "", "", "Cervidae", "", "")
    assert "MT-09" in weights.with_suffix(".md").read_text(encoding="utf-8")


def test_changed_weights_are_refused(crops: Path, tmp_path: Path) -> None:
    """Weights whose card speaks of other bytes do not answer."""
    trained = train_classifier(crops, out=tmp_path / "run", recipe=RECIPE)
    shipment = ClassifierShipment("mine", "1", {"deer": {}, "bear": {}})
    weights, _ = ship_classifier(trained, folder=tmp_path / "shipped", shipment=shipment)
    weights.write_bytes(weights.read_bytes() + b"0")
    with pytest.raises(WeightsError, match="its card says"):
        load_classifier(weights)


def test_a_classifier_that_is_wrong_elsewhere_is_switched_off() -> None:
    """Right on its own sources and wrong on others: it stays off, and the numbers say why."""
    boxes = [
        LabelledBox(Path("p"), BOX, label, split, source)
        for split, source in (("test", "own"), ("val", "other"))
        for label in ("bear", "deer") * 40
    ]
    right = np.array([[9.0, 0.0], [0.0, 9.0]] * 40)
    scores = np.concatenate([right, right[:, ::-1]])
    lineages = {"bear": BEAR, "deer": DEER}
    quality = measure_classifier(scores, boxes, classes=("bear", "deer"), lineages=lineages)
    assert not quality.helps
    assert (quality.total("test").hits, quality.total("val").hits) == (80, 0)
    good = measure_classifier(
        np.concatenate([right, right]), boxes, classes=("bear", "deer"), lineages=lineages
    )
    assert (good.helps, good.total("val").named_right) == (True, 80)


def test_a_calibrated_score_is_never_bolder() -> None:
    """A few right answers on the checking photos must not push the scores up."""
    assert fit_temperature(np.array([[1.0, 0.0]] * 5), np.zeros(5, int)) == pytest.approx(
        1, abs=0.01
    )


def test_groups_tell_sources_apart(shared: Path) -> None:
    """No source of the checking photos is learned from, and every class has its place."""
    boxes = list(group_boxes(shared / "data" / "detector"))
    learned = {one.source for one in boxes if one.split == "train"}
    assert not learned & {one.source for one in boxes if one.split == "val"}
    assert {one.label for one in boxes} == set(LINEAGES)


def _unfinish(progress: Path) -> None:
    """Make a run that its time limit ended into one that was killed."""
    import torch

    state = torch.load(progress, weights_only=True)
    assert state["epoch"] == 1
    torch.save({**state, "is_done": False}, progress)
    assert json.loads(progress.with_name("recipe.json").read_text())["hours"] == 0.0
