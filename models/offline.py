"""Load Ultralytics so that it never asks the network for anything."""

import atexit
import os
import shutil
import tempfile

from PIL import Image


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

    Image.open = image_open  # theirs installs a package for every file that is no picture
    ultralytics.data.utils.check_font = _no_font


def _no_font(font: str = "") -> None:
    """Stand in for the function that would download a font; no picture is drawn here."""
