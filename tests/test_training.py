"""What preparing, starting, measuring and shipping a training run promises."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.detector import SHIPPED, Detection, load_detector
from training.blend import blend_tensors
from training.card import TrainingData
from training.evaluate import (
    Answer,
    KnownBox,
    choose_threshold,
    evaluate_detector,
    evaluate_weights,
    measure,
    score,
)
from training.ship import Shipment, ship_weights
from training.start_detector import load_start_detector
from training.start_weights import StartWeightsError, copy_matching, read_start_weights
from training.train import Recipe, train_detector
from training.working_copy import (
    Balance,
    DatasetError,
    is_grey,
    label_file,
    make_working_copy,
    read_dataset,
)

LABELS = ("animal", "person", "vehicle")


def known(label: str = "animal", x: float = 0.1, side: float = 0.2) -> KnownBox:
    """A known box in the upper left."""
    return KnownBox(label, x, 0.1, side, side)


def found(label: str = "animal", confidence: float = 0.9, x: float = 0.1) -> Detection:
    """A found box of the same size as a known one."""
    return Detection(label, confidence, x, 0.1, 0.2, 0.2)


def answer(
    known_boxes: Sequence[KnownBox] = (),
    found_boxes: Sequence[Detection] = (),
    *,
    grey: bool = False,
) -> Answer:
    """What a detector said of one photo, beside the truth."""
    return Answer(tuple(known_boxes), tuple(found_boxes), grey)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A data set of an animal, a person, a grey animal and a blank, and one photo to check."""
    boxes = {
        "deer": "0 0.5 0.5 0.4 0.4\n",
        "ranger": "1 0.5 0.5 0.2 0.6\n",
        "night": "0 .5 .5 .3 .3\n",
    }
    for split, names in (("train", ("deer", "ranger", "night", "blank")), ("val", ("deer",))):
        for name in names:
            photo = tmp_path / "set" / "images" / split / f"{split}_{name}.jpg"
            photo.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.zeros((96, 128, 3), np.uint8) + np.uint8(90)
            if name != "night":
                pixels[..., 1] = 180
            Image.fromarray(pixels).save(photo)
            label_file(photo).parent.mkdir(parents=True, exist_ok=True)
            label_file(photo).write_text(boxes.get(name, ""), encoding="utf-8")
    described = {"train": "images/train", "val": "images/val", "names": list(LABELS)}
    (tmp_path / "set" / "data.yaml").write_text(json.dumps(described), encoding="utf-8")
    return tmp_path / "set" / "data.yaml"


def test_each_known_box_is_hit_once() -> None:
    """A second box on the same animal is a false one, and the better score takes the match."""
    result = score(
        [answer([known()], [found(confidence=0.6, x=0.11), found(confidence=0.9)])],
        threshold=0.5,
        labels=LABELS,
    )
    animal = result.by_class[0]
    assert (animal.known, animal.found, animal.hits) == (1, 2, 1)
    assert (animal.recall, animal.precision, animal.ap50) == (1.0, 0.5, 1.0)


def test_box_of_another_label_is_no_hit() -> None:
    """A person found where an animal stands is a miss and a false box, not a hit."""
    result = score([answer([known()], [found("person")])], threshold=0.5, labels=LABELS)
    animal, person, _ = result.by_class
    assert (animal.hits, person.found, person.hits) == (0, 1, 0)


def test_box_that_shares_less_than_half_is_no_hit() -> None:
    """A box must share at least half with the known one."""
    result = score([answer([known()], [found(x=0.2)])], threshold=0.5, labels=LABELS)
    assert result.by_class[0].hits == 0


def test_average_precision_of_a_literal_case() -> None:
    """Hit, false, hit over three known boxes: (1 + 2/3) / 3."""
    answers = [
        answer([known()], [found(confidence=0.9)]),
        answer([], [found(confidence=0.8)]),
        answer([known(), known(x=0.6)], [found(confidence=0.7)]),
    ]
    result = score(answers, threshold=0.5, labels=LABELS)
    assert result.by_class[0].ap50 == pytest.approx((1 + 2 / 3) / 3)


def test_blank_photos_with_any_box_are_counted() -> None:
    """A blank photo is flagged by one box at or above the threshold."""
    answers = [answer(), answer((), [found(confidence=0.3)]), answer((), [found(confidence=0.2)])]
    result = score(answers, threshold=0.3, labels=LABELS)
    assert (result.blanks, result.blanks_flagged) == (3, 1)


def test_threshold_drops_false_boxes_but_no_hits() -> None:
    """The threshold lies above the false boxes and not above the hits."""
    answers = [
        answer([known()], [found(confidence=0.62)]),
        answer((), [found(confidence=0.3)]),
    ]
    assert choose_threshold(answers, labels=LABELS) == pytest.approx(0.6)


def test_day_and_grey_are_measured_apart() -> None:
    """A detector that is blind at night shows it, beside the figure for all light."""
    answers = [answer([known()], [found()]), answer([known()], grey=True)]
    by_light = {
        m.light: m.result.by_class[0].recall
        for m in measure(answers, weights="general", split="val", threshold=0.5, labels=LABELS)
    }
    assert by_light == {"all": 0.5, "day": 1.0, "grey": 0.0}


def test_photo_without_colour_is_grey(dataset: Path) -> None:
    """An infrared photo is told from one by day by its lack of colour."""
    photos = {p.stem: is_grey(p) for p in read_dataset(dataset).splits["train"]}
    assert [name for name, grey in photos.items() if grey] == ["train_night"]


def test_working_copy_repeats_people_and_adds_grey_copies(dataset: Path, tmp_path: Path) -> None:
    """People are shown more often, and people and blanks in grey too; validation is as it was."""
    described = make_working_copy(dataset, tmp_path / "run", balance=Balance(4, 2))
    shown = {
        split: [Path(line).stem for line in (tmp_path / "run" / f"{split}.txt").read_text().split()]
        for split in ("train", "val")
    }
    assert described == tmp_path / "run" / "data.yaml"
    assert shown["val"] == ["val_deer"]
    assert sorted(shown["train"]) == sorted(
        ["train_deer", "train_night", "train_blank"]
        + ["train_ranger"] * 4
        + ["grey_train_ranger", "grey_train_blank"] * 2
    )


def test_working_copy_leaves_the_originals_alone(dataset: Path, tmp_path: Path) -> None:
    """Nothing is written beside the reviewer's photos and labels."""
    before = {p: p.stat().st_mtime_ns for p in dataset.parent.rglob("*")}
    make_working_copy(dataset, tmp_path / "run")
    make_working_copy(dataset, tmp_path / "run")
    assert {p: p.stat().st_mtime_ns for p in dataset.parent.rglob("*")} == before


def test_data_set_without_photos_is_named(tmp_path: Path) -> None:
    """A data set that is not there, or lists a missing folder, is named in the error."""
    with pytest.raises(DatasetError, match=r"No data set at .*data\.yaml"):
        read_dataset(tmp_path / "data.yaml")
    (tmp_path / "data.yaml").write_text('{"train": "a", "val": "b", "names": ["animal"]}')
    with pytest.raises(DatasetError, match="is missing"):
        read_dataset(tmp_path / "data.yaml")


def test_start_weights_fill_all_but_the_head(shared: Path) -> None:
    """342 of the 349 tensors of the old checkpoint fit the new model of three classes."""
    from models.offline import import_ultralytics

    import_ultralytics()
    from ultralytics.nn.tasks import DetectionModel

    state = read_start_weights(shared / "data" / "weights" / "yolov5n.pt")
    count = copy_matching(state, DetectionModel("yolov5n.yaml", nc=3, verbose=False))
    assert (count.copied, count.offered) == (342, 349)


def test_other_file_as_start_weights_is_refused_unopened(tmp_path: Path) -> None:
    """A checkpoint with another content is not opened, since opening could run its code."""
    (tmp_path / "yolov5n.pt").write_bytes(b"something else")
    with pytest.raises(StartWeightsError, match="expected 4f180cf2"):
        read_start_weights(tmp_path / "yolov5n.pt")
    with pytest.raises(StartWeightsError, match="No start weights"):
        read_start_weights(tmp_path / "missing.pt")


def test_start_weights_run_as_they_are(shared: Path) -> None:
    """The untrained network finds some of the first validation boxes, as a base to compare."""
    detector = load_start_detector(shared / "data" / "weights" / "yolov5n.pt")
    dataset = read_dataset(shared / "data" / "detector" / "data.yaml")
    photos = [p for p in dataset.splits["val"] if label_file(p).stat().st_size][:12]
    result = score(evaluate_detector(detector, photos, labels=LABELS), threshold=0.2, labels=LABELS)
    assert sum(s.hits for s in result.by_class) >= 6


def test_card_of_the_shipped_weights_is_what_is_measured(shared: Path) -> None:
    """Measuring the shipped weights again gives the figures on their card."""
    card = json.loads((SHIPPED / "general.json").read_text(encoding="utf-8"))
    data_yaml = shared / "data" / "detector" / "data.yaml"
    again = evaluate_weights("general", data_yaml)[0].result
    printed = next(
        m["result"]
        for m in card["measured"]
        if (m["weights"], m["split"], m["light"]) == ("general", "val", "all")
        and m["result"]["threshold"] == card["threshold"]
    )
    for measured, on_card in zip(again.by_class, printed["by_class"], strict=True):
        assert measured.hits == pytest.approx(on_card["hits"], abs=1)
        assert measured.ap50 == pytest.approx(on_card["ap50"], abs=0.02)


def test_training_continues_ships_and_measures(dataset: Path, tmp_path: Path) -> None:
    """A tiny run ends, is not run twice, and becomes weights that load, with their card."""
    recipe = Recipe(epochs=1, image_size=64, batch=4, whole_photo_epochs=0, threads=1)
    run = tmp_path / "run"
    arguments = {"start_weights": SHIPPED / "general.pt", "out": run, "recipe": recipe}
    trained = train_detector(dataset, **arguments)
    changed = trained.stat().st_mtime_ns
    assert train_detector(dataset, **arguments).stat().st_mtime_ns == changed
    shipment = Shipment("own", "0.1.0", ("namcha train",), image_size=64)
    card = ship_weights(trained, dataset, folder=tmp_path / "weights", shipment=shipment)
    detector = load_detector(tmp_path / "weights" / "own.onnx")
    assert (detector.name, detector.version) == ("own", "0.1.0")
    assert detector.threshold == card.threshold
    assert card.training_data == TrainingData(4, {"not stated": 4}, {"animal": 2, "person": 1}, 1)
    assert detector.detect(np.zeros((96, 128, 3), np.uint8)) is not None


def test_blend_lies_between_start_and_trained() -> None:
    """Shared tensors become the mean, while a new head and counters stay as trained."""
    torch = pytest.importorskip("torch")
    trained = {
        "body": torch.tensor([2.0]),
        "head": torch.tensor([5.0, 5.0]),
        "steps": torch.tensor(7),
    }
    start = {"body": torch.tensor([0.0]), "head": torch.tensor([1.0]), "steps": torch.tensor(1)}
    blended = blend_tensors(trained, start, start_share=0.25)
    assert blended["body"].tolist() == [1.5]
    assert blended["head"].tolist() == [5.0, 5.0]
    assert blended["steps"].item() == 7


def test_interrupted_training_continues_with_the_next_epoch(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run stopped after its first epoch does only the second when it is called again."""
    recipe = Recipe(epochs=2, image_size=64, batch=4, whole_photo_epochs=0, threads=1)
    arguments = {"start_weights": SHIPPED / "general.pt", "out": tmp_path / "run", "recipe": recipe}

    def pull_the_plug(trainer: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("training.train._report_epoch", pull_the_plug)
        with pytest.raises(KeyboardInterrupt):
            train_detector(dataset, **arguments)
    last = tmp_path / "run" / "weights" / "last.pt"
    last.write_bytes(last.read_bytes()[:1000])
    train_detector(dataset, **arguments)
    rows = (tmp_path / "run" / "results.csv").read_text(encoding="utf-8").split()
    assert [row.split(",")[0] for row in rows] == ["epoch", "1", "2"]
