"""What choosing and running an engine promises, whatever this computer's processor can do."""

import json
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_detector import overlap, ultralytics_photo

from models.detector import SHIPPED, load_detector, threads_for
from models.engines import (
    EngineError,
    EngineName,
    Processor,
    WeightsError,
    choices,
    open_checkpoint,
    opening,
)
from models.engines.batcher import Batcher
from models.engines.with_openvino import open_openvino
from models.offline import import_openvino
from models.pixels import Decode, letterbox
from namcha.detecting import HowDecoded, RunBy

GENERAL = SHIPPED / "general.onnx"
NEW = Processor(openvino=frozenset({"BF16", "FP32", "INT8"}))
OLD = Processor(openvino=frozenset({"FP32", "INT8"}))
WITHOUT_OPENVINO = Processor()
TORCH_ALONE = Processor(has_onnxruntime=False)


@pytest.mark.parametrize(
    ("processor", "endings", "first"),
    [
        (NEW, (".onnx",), "openvino bf16"),
        (OLD, (".onnx",), "openvino fp32"),
        (WITHOUT_OPENVINO, (".onnx",), "onnxruntime fp32"),
        (TORCH_ALONE, (".onnx", ".pt"), "torch fp32"),
        (NEW, (".pt",), "torch fp32"),
        (NEW, (".xml",), "openvino bf16"),
    ],
)
def test_the_first_choice_follows_the_processor(
    processor: Processor, endings: tuple[str, ...], first: str
) -> None:
    """bfloat16 only where the processor has it, then ONNX Runtime, then PyTorch."""
    choice = choices(EngineName.AUTO, endings, processor)[0]
    assert f"{choice.engine} {choice.precision}" == first


@pytest.mark.parametrize(
    ("asked", "endings", "processor", "message"),
    [
        (EngineName.OPENVINO, (".pt",), NEW, r"openvino cannot read \.pt: it reads \.onnx, \.xml"),
        (EngineName.OPENVINO, (".onnx",), WITHOUT_OPENVINO, "needs openvino, which cannot be"),
        (EngineName.TORCH, (".onnx",), NEW, r"torch cannot read \.onnx"),
        (EngineName.AUTO, (".xml",), WITHOUT_OPENVINO, "needs openvino"),
    ],
)
def test_an_engine_that_cannot_serve_is_told(
    asked: EngineName, endings: tuple[str, ...], processor: Processor, message: str
) -> None:
    """Who asks for an engine gets that one or a reason, never quietly another."""
    with pytest.raises(EngineError, match=message):
        choices(asked, endings, processor)


def test_the_command_offers_every_engine_and_decoding() -> None:
    """The command line's own lists, which load nothing heavy, are those of the models."""
    assert {one.value for one in EngineName} <= {one.value for one in RunBy}
    assert [one.value for one in Decode] == [one.value for one in HowDecoded]


@pytest.mark.parametrize("engine", [EngineName.OPENVINO, EngineName.ONNXRUNTIME])
def test_engines_find_what_the_checkpoint_finds(engine: EngineName) -> None:
    """On real photos every engine finds the boxes of PyTorch, within what bfloat16 may move."""
    with_torch = load_detector(SHIPPED / "general.pt")
    detector = load_detector("general", engine=engine)
    assert detector.engine.startswith(engine.value)
    for name in ("bus.jpg", "zidane.jpg"):
        photo = ultralytics_photo(name)
        wanted = [box for box in with_torch.detect(photo) if box.score >= 0.25]
        found = detector.detect(photo)
        for box in wanted:
            same = max(found, key=lambda other: overlap(box, other))
            assert same.label == box.label
            assert overlap(box, same) > 0.9
            assert same.score == pytest.approx(box.score, abs=0.03)


def test_without_openvino_onnx_runtime_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer on which OpenVINO cannot be imported detects all the same, and says with what."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    detector = load_detector("general")
    assert (detector.engine[:11], detector.precision) == ("onnxruntime", "fp32")


def test_an_engine_that_fails_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that opens the file but cannot run it is passed over, before any photo waits."""

    def broken(path: Path, **_: object) -> Any:
        raise RuntimeError("no such instruction")

    monkeypatch.setitem(opening.OPENING, EngineName.OPENVINO, broken)
    monkeypatch.setattr(opening, "probe", lambda: NEW)
    assert load_detector("general").engine.startswith("onnxruntime")
    with pytest.raises(RuntimeError, match="no such instruction"):
        load_detector("general", engine=EngineName.OPENVINO)


def test_a_checkpoint_stands_in_where_only_torch_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyTorch alone the shipped name opens its checkpoint, and says so by its sum."""
    monkeypatch.setattr(opening, "probe", lambda: TORCH_ALONE)
    detector = load_detector("general")
    assert detector.engine.startswith("torch")
    assert detector.sha256 == load_detector(SHIPPED / "general.pt").sha256


@pytest.fixture(scope="module")
def openvino_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped network as the folder that Ultralytics exports for OpenVINO."""
    openvino = import_openvino()
    folder = tmp_path_factory.mktemp("exported") / "general_openvino_model"
    folder.mkdir()
    openvino.save_model(openvino.Core().read_model(str(GENERAL)), str(folder / "general.xml"))
    names = "{0: animal, 1: person, 2: vehicle}"
    (folder / "metadata.yaml").write_text(f"task: detect\nimgsz: [640, 640]\nnames: {names}\n")
    return folder


def test_an_openvino_folder_opens_by_its_path(openvino_folder: Path) -> None:
    """A folder finds the people on the street as the ONNX file that it was made from does."""
    street = ultralytics_photo("bus.jpg")
    detector = load_detector(openvino_folder, threshold=0.3)
    assert detector.engine.startswith("openvino")
    assert [box.label for box in detector.detect(street)] == [
        box.label for box in load_detector("general", threshold=0.3).detect(street)
    ]


def test_a_folder_without_a_network_is_refused(tmp_path: Path) -> None:
    """A folder of something else is refused with what was expected."""
    with pytest.raises(WeightsError, match=r"holds 0 networks \(\.xml\), expected the one"):
        load_detector(tmp_path)


def test_photos_of_ever_other_shapes_are_answered() -> None:
    """Shapes that no camera takes share one network; each photo gets the answer to its own."""
    network = open_openvino(GENERAL, threads=1)
    widths = [96 + 32 * number for number in range(7)]
    shapes = [np.full((96, width, 3), 80, np.uint8) for width in widths]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(network.run, shapes * 3))
    for picture, output in zip(shapes * 3, outputs, strict=True):
        assert output.shape[-1] == picture.shape[0] * picture.shape[1] * 21 // 1024


def test_nothing_is_reported_to_anyone() -> None:
    """OpenVINO tells its maker of each import unless it is kept from it; no host is looked up."""
    program = (
        "import socket, sys; asked = []\n"
        "def refuse(*given, **more):\n    asked.append(given); raise OSError('no network')\n"
        "socket.getaddrinfo = refuse; socket.socket.connect = refuse\n"
        "import numpy, time; from models.detector import load_detector\n"
        "load_detector('general').detect(numpy.zeros((480, 640, 3), numpy.uint8)); time.sleep(1)\n"
        "print(asked, [name for name in sys.modules if name.startswith('openvino_telemetry')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=SHIPPED.parents[1],
    )
    assert ran.stdout.strip() == "[] []"


def test_a_batch_is_gathered_from_many_threads() -> None:
    """Each thread gets the answer to its own picture, and the network ran fewer times."""
    sizes: list[int] = []
    all_asked = threading.Barrier(8)

    def run_batch(pictures: np.ndarray) -> np.ndarray:
        sizes.append(len(pictures))
        return pictures[:, 0, 0, :1]

    batcher = Batcher(run_batch, most=4, wait_s=2.0)

    def ask(shade: int) -> int:
        all_asked.wait()
        return int(batcher.run(np.full((2, 2, 3), shade, np.uint8))[0, 0])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == list(range(8))
    assert sizes == [4, 4]


def test_a_batch_holds_one_shape_and_its_error_reaches_all() -> None:
    """Pictures of another shape wait for the next batch; a failing batch fails for who asked."""

    def run_batch(pictures: np.ndarray) -> np.ndarray:
        if pictures.shape[1] == 3:
            raise MemoryError("the card is full")
        return pictures[:, 0, 0, :1]

    batcher = Batcher(run_batch, most=8, wait_s=0.05)
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(batcher.run, np.zeros((2 + n % 2, 2, 3), np.uint8)) for n in range(6)]
    for number, one in enumerate(asked):
        if number % 2:
            assert isinstance(one.exception(), MemoryError)
        else:
            assert one.result().shape == (1, 1)


def test_a_device_with_batches_answers_as_one_without() -> None:
    """What a graphics processor would be given, run on this processor, gives the same output."""
    street = ultralytics_photo("bus.jpg")
    picture = letterbox(street, 160).picture
    batched = open_checkpoint(SHIPPED / "general.pt", threads=1, device="cpu:0")
    assert batched.is_batched
    alone = open_checkpoint(SHIPPED / "general.pt", threads=1, device="cpu").run(picture)
    with ThreadPoolExecutor(4) as pool:
        for output in pool.map(batched.run, [picture] * 8):
            assert output == pytest.approx(alone, abs=1e-2)


def test_a_fake_detector_works_one_photo_a_core() -> None:
    """More threads than cores are for devices that gather batches."""
    one_each = threads_for(load_detector("general"))
    assert threads_for(load_detector(SHIPPED / "general.pt")) == one_each


@pytest.mark.parametrize("card", [None, {"files": {}}, {"files": {"own.pt": "0" * 64}}])
def test_a_checkpoint_nobody_vouches_for_never_opens(
    card: dict[str, Any] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it can run code: its sum is asked for before, not after."""
    for suffix in (".onnx", ".pt"):
        shutil.copyfile(SHIPPED / f"general{suffix}", tmp_path / f"own{suffix}")
    if card is not None:
        (tmp_path / "own.json").write_text(json.dumps(card), encoding="utf-8")
    opened: list[Path] = []
    monkeypatch.setattr(opening, "probe", lambda: TORCH_ALONE)
    monkeypatch.setitem(opening.OPENING, EngineName.TORCH, lambda path, **_: opened.append(path))
    with pytest.raises(WeightsError, match=r"own\.pt"):
        load_detector(tmp_path / "own.onnx")
    assert opened == []
    assert opening.checkpoint_for(tmp_path / "own.onnx") == tmp_path / "own.pt"
