"""What loading weights and detecting promises, with the weights that are shipped."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.classes import ClassRule, ClassTable, shipped_table
from models.detector import (
    SHIPPED,
    Detection,
    Detector,
    PixelDetector,
    WeightsError,
    load_detector,
)
from models.engines import EngineName
from models.pixels import decode_scaled


@pytest.fixture(scope="module")
def general() -> Detector:
    """Load the shipped weights once."""
    return load_detector("general")


@pytest.fixture(scope="module")
def street() -> np.ndarray:
    """Decode the photo of a bus and people that comes with Ultralytics."""
    return ultralytics_photo("bus.jpg")


def ultralytics_photo(name: str) -> np.ndarray:
    """Decode one of the photos that come with Ultralytics, found without importing it."""
    from importlib.util import find_spec

    spec = find_spec("ultralytics")
    if spec is None or spec.origin is None:
        pytest.skip("Ultralytics and its photos are not installed")
    photo = Path(spec.origin).parent / "assets" / name
    if not photo.exists():
        pytest.skip(f"Ultralytics comes without {name}")
    return decode_scaled(photo, at_least=(1280, 1280))


def overlap(one: Detection, other: Detection) -> float:
    """Share of what two boxes cover together that both cover."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one.width * one.height + other.width * other.height - shared)


def test_shipped_weights_find_people_and_a_bus(general: Detector, street: np.ndarray) -> None:
    """The shipped weights find the people and the bus in a street photo."""
    found = [d.label for d in general.detect(street)]
    assert found.count("person") >= 3
    assert found.count("vehicle") == 1


def test_shipped_weights_find_a_cat(general: Detector) -> None:
    """The shipped weights find the cat in a close photo."""
    data = pytest.importorskip("skimage.data")
    assert "animal" in [d.label for d in general.detect(data.chelsea())]


def test_shipped_weights_find_nothing_in_plain_grey(general: Detector) -> None:
    """A picture of nothing has no boxes."""
    assert general.detect(np.full((480, 640, 3), 128, np.uint8)) == []


def test_boxes_lie_inside_the_photo_best_first(general: Detector) -> None:
    """Boxes are shares of the photo, never outside it, never empty, best score first."""
    found = load_detector("general", threshold=0.02).detect(ultralytics_photo("zidane.jpg"))
    assert found
    for box in found:
        assert 0 <= box.x < box.x + box.width <= 1 + 1e-9
        assert 0 <= box.y < box.y + box.height <= 1 + 1e-9
        assert box.width > 0
        assert box.height > 0
    assert [b.score for b in found] == sorted((b.score for b in found), reverse=True)


def test_detector_says_exactly_what_it_is(general: Detector) -> None:
    """An observation can name the weights and engine behind it."""
    card = json.loads((SHIPPED / "general.json").read_text(encoding="utf-8"))
    assert (general.name, general.version) == ("general", card["version"])
    assert general.sha256 == card["files"]["general.onnx"]
    assert general.labels == ("animal", "person", "vehicle")
    assert general.threshold == card["threshold"]
    assert general.engine.startswith(("openvino", "onnxruntime"))


def test_first_detection_needs_no_torch() -> None:
    """A laptop that only detects does not wait for PyTorch to load."""
    program = (
        "import sys, numpy; from models.detector import load_detector;"
        "load_detector('general').detect(numpy.zeros((480, 640, 3), numpy.uint8));"
        "print(sorted({'torch', 'torchvision', 'ultralytics'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=SHIPPED.parents[1],
    )
    assert ran.stdout.strip() == "[]"


def test_both_shipped_files_find_the_same(street: np.ndarray) -> None:
    """The ONNX file and the checkpoint are one network: same boxes, nearly the same scores."""
    by_onnx = load_detector("general", engine=EngineName.ONNXRUNTIME).detect(street)
    checkpoint = load_detector(SHIPPED / "general.pt")
    by_torch = checkpoint.detect(street)
    assert checkpoint.engine.startswith("torch")
    assert [d.label for d in by_onnx] == [d.label for d in by_torch]
    for one, other in zip(by_onnx, by_torch, strict=True):
        assert overlap(one, other) > 0.98
        assert one.score == pytest.approx(other.score, abs=0.01)


def test_threads_share_one_detector(general: Detector, street: np.ndarray) -> None:
    """Workers of an import may call one detector at the same time and get the same boxes."""
    expected, results = general.detect(street), []
    workers = [
        threading.Thread(target=lambda: results.append(general.detect(street))) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == [expected] * 4


def test_threads_share_a_checkpoint_over_photos_of_any_shape(street: np.ndarray) -> None:
    """A checkpoint keeps anchors of the last shape it saw; threads must not mix them up."""
    loaded = load_detector(SHIPPED / "general.pt")
    assert isinstance(loaded, PixelDetector)
    detector = replace(loaded, image_size=96)  # small and so quick, for many chances to collide
    shapes = [street, street[:, :400], street[:300], street[100:500, :700]]
    expected = [detector.detect(photo) for photo in shapes]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detector.detect, shapes * 100)) == expected * 100


def test_unknown_name_lists_the_known_ones() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(WeightsError, match="known names are general"):
        load_detector("snow-leopard")


def test_missing_file_is_one_clear_sentence(tmp_path: Path) -> None:
    """A path without a file says which file was looked for."""
    with pytest.raises(WeightsError, match=r"No weights at .*lost\.onnx"):
        load_detector(tmp_path / "lost.onnx")


@pytest.mark.parametrize("name", ["text.onnx", "text.pt"])
def test_file_that_is_no_model_is_refused(name: str, tmp_path: Path) -> None:
    """A file of another kind is refused by name, whatever its ending says."""
    (tmp_path / name).write_text("not a model")
    with pytest.raises(WeightsError, match=f"Cannot open .*{name}"):
        load_detector(tmp_path / name)


def test_weights_that_differ_from_their_card_are_refused(tmp_path: Path) -> None:
    """Weights that were swapped or damaged after their card was written are not used."""
    (tmp_path / "own.onnx").write_bytes((SHIPPED / "general.onnx").read_bytes())
    (tmp_path / "own.json").write_text('{"files": {"own.onnx": "00"}}')
    with pytest.raises(WeightsError, match="its card says 00"):
        load_detector(tmp_path / "own.onnx")


def renamed_classes(to: Path, names: dict[int, str]) -> Path:
    """Copy the shipped network under other class names."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(SHIPPED / "general.onnx")
    known = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**known, "names": str(names)})
    onnx.save(model, to)
    return to


def test_classes_of_other_models_are_mapped(tmp_path: Path, street: np.ndarray) -> None:
    """A model that says human and car serves as well, and its other classes are dropped."""
    path = renamed_classes(tmp_path / "other.onnx", {0: "kite", 1: "Human", 2: "car"})
    detector = load_detector(path, threshold=0.25)
    assert detector.labels == ("person", "vehicle")
    assert {d.label for d in detector.detect(street)} == {"person", "vehicle"}


def test_model_that_knows_none_of_our_classes_is_refused(tmp_path: Path) -> None:
    """A model of toys is refused: the shipped table ignores all that it finds."""
    path = renamed_classes(tmp_path / "toys.onnx", {0: "kite", 1: "frisbee", 2: "teddy bear"})
    with pytest.raises(WeightsError, match=r"finds kite, frisbee, teddy bear and nothing"):
        load_detector(path)


def test_a_class_that_no_table_names_stops_the_run(tmp_path: Path) -> None:
    """Nothing is dropped in silence: the error names the class, the table and the command."""
    path = renamed_classes(tmp_path / "plateau.onnx", {0: "person", 1: "kiang", 2: "car"})
    with pytest.raises(WeightsError, match=r"no table names: kiang\. .*classes\.csv.*--write"):
        load_detector(path)


def test_a_class_of_a_species_gives_boxes_with_its_taxon(
    tmp_path: Path, street: np.ndarray
) -> None:
    """A table may say that a class is one species; its boxes are animals of that taxon."""
    path = renamed_classes(tmp_path / "plateau.onnx", {0: "kite", 1: "kiang", 2: "car"})
    table = shipped_table().extended_by(ClassTable({"kiang": ClassRule("animal", "Equus kiang")}))
    detector = load_detector(path, threshold=0.25, table=table)
    assert detector.classes == {"kite": "ignore", "kiang": "animal Equus kiang", "car": "vehicle"}
    found = {(d.label, d.taxon) for d in detector.detect(street)}
    assert found == {("animal", "Equus kiang"), ("vehicle", "")}


def test_shipped_files_are_small_and_hold_no_path() -> None:
    """Nothing of the machine that trained them is in the shipped files, and they stay small."""
    files = [SHIPPED / f"general.{ending}" for ending in ("onnx", "pt", "json", "md")]
    assert sum(f.stat().st_size for f in files) < 15_000_000
    for file in files:
        content = file.read_bytes()
        assert not [word for word in (b"/home", b"/tmp", b"/work", b"/root") if word in content]


def test_boxes_do_not_depend_on_the_photos_before(street: np.ndarray) -> None:
    """A photo of any shape gets the same boxes first and last: a run that stops may go on."""
    photos = [street[:, : street.shape[1] - 40 * number] for number in range(7)]
    forward, backward = load_detector("general"), load_detector("general")
    found = [forward.detect(photo) for photo in photos]
    assert found == [backward.detect(photo) for photo in reversed(photos)][::-1]
