"""Load Ultralytics and OpenVINO so that they never ask the network for anything."""

import atexit
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from PIL import Image

# Services that Ultralytics reports a training to as soon as their package happens to be there.
REPORTERS = frozenset(
    {"clearml", "comet", "dvc", "hub", "mlflow", "neptune", "raytune", "sync", "tensorboard"}
    | {"wandb"}
)
TELEMETRY = "openvino_telemetry"
_openvino_lock = threading.Lock()


def import_ultralytics() -> None:
    """Import Ultralytics with its network, its installer, its fonts and its chatter switched off.

    Left alone it looks up two hosts when imported, may install packages with pip, downloads a font
    when it opens a data set, and keeps settings in the user's home. The switches only work when set
    before the first import, so everything of ours that needs Ultralytics comes through here first.
    Its settings go to a folder of this process alone, which is removed at the end.
    """
    os.environ["YOLO_OFFLINE"] = "1"
    os.environ["YOLO_AUTOINSTALL"] = "0"
    os.environ.setdefault("YOLO_VERBOSE", "0")
    if "YOLO_CONFIG_DIR" not in os.environ:
        settings = tempfile.mkdtemp(prefix="namcha-ultralytics-")
        atexit.register(shutil.rmtree, settings, ignore_errors=True)
        os.environ["YOLO_CONFIG_DIR"] = settings
    image_open = Image.open
    import ultralytics.data.utils
    import ultralytics.utils.downloads
    from ultralytics.utils import SETTINGS

    for name, is_on in SETTINGS.items():
        if is_on is True and name in REPORTERS:
            SETTINGS[name] = False
    Image.open = image_open  # theirs installs a package for every file that is no picture
    ultralytics.data.utils.check_font = _no_font
    ultralytics.utils.downloads.attempt_download_asset = _as_it_lies


def import_openvino() -> Any:
    """Import OpenVINO without its telemetry, which reports each import to its maker.

    It does without where the reporting package is absent, so that is made to look absent.
    """
    with _openvino_lock:
        if "openvino" not in sys.modules:
            known = sys.modules.get(TELEMETRY)
            sys.modules[TELEMETRY] = None  # type: ignore[assignment]  # how Python marks absence
            try:
                import openvino
            finally:
                del sys.modules[TELEMETRY]
                if known is not None:
                    sys.modules[TELEMETRY] = known
    import openvino

    return openvino


def _as_it_lies(file: str | Path, **_: object) -> str:
    """Stand in for the function that renames yolov5n.pt to yolov5nu.pt and then fetches that."""
    return str(file)


def _no_font(font: str = "") -> None:
    """Stand in for the function that would download a font; no picture is drawn here."""
