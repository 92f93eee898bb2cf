"""Train a detector on a YOLO data set, offline, in steps that can be stopped and taken up again."""

import argparse
import json
import logging
import os
import shutil
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from models.offline import import_ultralytics
from training.bfloat16 import in_bfloat16
from training.blend import blend_checkpoint
from training.night import Night, bring_night
from training.start_detector import load_start_detector
from training.start_weights import (
    START_ARCHITECTURE,
    copy_matching,
    read_state,
)
from training.stopping import StopWatch
from training.working_copy import Balance, Teacher, make_working_copy

log = logging.getLogger(__name__)

SAFE = "continue.pt"


@dataclass(frozen=True)
class Recipe:
    """The settings of one training run, with the reasons for those that were chosen."""

    epochs: int = 20
    image_size: int = 480
    batch: int = 16
    seed: int = 7
    learning_rate: float = 0.001
    # What came with the start weights learns slower than the head, so that its knowledge of people
    # and vehicles survives a data set that holds few of them.
    learned_share: float = 0.05
    # The last epochs show whole photos instead of four-photo mosaics, as the field will.
    whole_photo_epochs: int = 4
    # Stop after this many hours whatever `epochs` says; the learning rate is planned to end there.
    hours: float | None = None
    threads: int = 2
    # Multiply and add in bfloat16, which halves the time on processors that have it; weights, loss
    # and optimiser stay in float32.
    is_bf16: bool = False
    # Show night, flash, blur, noise and info bars (training/night.py).
    has_night: bool = False
    # Look at `val` after each epoch and stop when so many brought nothing; 0: never look.
    patience: int = 0
    # How much of the start weights is mixed back into the finished ones. Learning slowly, as above,
    # makes it unnecessary; after learning five times faster, 0.75 raised mean AP50 on the
    # validation photos from 0.80 to 0.88.
    start_share: float = 0.0


def train_detector(
    data_yaml: Path,
    *,
    start_weights: Path,
    out: Path,
    recipe: Recipe | None = None,
    teacher: Path | None = None,
) -> Path:
    """Train from `start_weights` on the photos of `data_yaml` and return the blended checkpoint.

    `start_weights` is the old YOLOv5n checkpoint, or weights trained here before, such as the
    shipped `general.pt`. Everything is written under `out`; running the same call again after an
    interruption continues with the last whole epoch, and after the end returns the checkpoint at
    once. The checkpoint is that of the last epoch, unless `patience` asks for the best one on the
    validation photos, whose figures then flatter. `teacher` is the old YOLOv5n checkpoint, asked
    again for people and vehicles (training/replay.py). `training/ship.py` makes weights to use
    out of the run.

    Raises:
        DatasetError: the data set cannot be read.
        StartWeightsError: the old checkpoint is missing or is another file.
    """
    recipe = recipe or Recipe()
    out = out.absolute()
    finished = out / "weights" / "blended.pt"
    if finished.exists():
        return finished
    import_ultralytics()
    import torch

    torch.set_num_threads(recipe.threads)
    asked = Teacher(load_start_detector(teacher, threshold=0.1)) if teacher else None
    data = make_working_copy(data_yaml, out / "data", balance=Balance(), teacher=asked)
    _recipe_file(out).write_text(json.dumps(asdict(recipe), indent=1) + "\n", encoding="utf-8")
    trainer = _trainer_class(start_weights, recipe)(overrides=_overrides(recipe, data, out))
    trainer.add_callback("on_model_save", _keep_safe)
    if recipe.patience:
        watch = StopWatch(data_yaml, out, patience=recipe.patience)
        trainer.add_callback("on_model_save", watch.look)
    trainer.add_callback("on_fit_epoch_end", _report_epoch)
    torch.set_num_threads(recipe.threads)  # only now: Ultralytics sets its own number above
    with in_bfloat16() if recipe.is_bf16 else nullcontext():
        trainer.train()
    best = watch.best if recipe.patience else trainer.last
    start = read_state(start_weights)
    return blend_checkpoint(best, start, finished, start_share=recipe.start_share)


def read_recipe(run: Path) -> Recipe:
    """Read back the settings that a run was started with."""
    return Recipe(**json.loads(_recipe_file(run).read_text(encoding="utf-8")))


def _recipe_file(run: Path) -> Path:
    return run / "recipe.json"


def _overrides(recipe: Recipe, data: Path, out: Path) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "model": START_ARCHITECTURE,
        "pretrained": False,
        "data": str(data),
        "project": str(out.parent),
        "name": out.name,
        "exist_ok": True,
        "epochs": recipe.epochs,
        "time": recipe.hours,
        "imgsz": recipe.image_size,
        "batch": recipe.batch,
        "nbs": recipe.batch,  # one optimiser step for each batch: the data set is small
        "seed": recipe.seed,
        "deterministic": False,
        "device": "cpu",
        "workers": 0,
        "cache": "ram",
        "amp": False,
        "plots": False,
        "patience": 0,
        "optimizer": "AdamW",
        "lr0": recipe.learning_rate,
        "lrf": 0.02,
        "momentum": 0.9,
        "cos_lr": True,
        "warmup_epochs": 1.0,
        "warmup_bias_lr": 0.0,
        "close_mosaic": recipe.whole_photo_epochs,
        "mixup": 0.0,
        "hsv_s": 0.8,
        "scale": 0.5,
    }
    safe = out / "weights" / SAFE
    if safe.exists():
        return {**settings, "resume": str(safe), "model": str(safe)}
    return settings


def _trainer_class(start_weights: Path, recipe: Recipe) -> Any:
    """Build Ultralytics' trainer with our start weights, slow learned layers and a fast layout."""
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer

    dark = torch.Generator().manual_seed(recipe.seed)

    class Trainer(DetectionTrainer):  # type: ignore[misc]
        """Ultralytics' trainer, begun from our start weights."""

        def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
            model = super().get_model(cfg=cfg, weights=weights, verbose=False)
            if not self.resume:
                count = copy_matching(read_state(start_weights), model)
                log.info("%d of %d start tensors fit the model", count.copied, count.offered)
            # Twenty per cent faster on a CPU; Ultralytics does this on graphics cards only.
            return model.to(memory_format=torch.channels_last)

        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            batch = super().preprocess_batch(batch)
            if recipe.has_night:
                batch["img"] = bring_night(batch["img"], Night(), generator=dark)
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
            return batch

        def build_optimizer(self, model: Any, **settings: Any) -> Any:
            optimizer = super().build_optimizer(model, **settings)
            _slow_learned_layers(optimizer, model, share=recipe.learned_share)
            return optimizer

    return Trainer


def _keep_safe(trainer: Any) -> None:
    """Keep a whole checkpoint to continue from, since the trainer overwrites its own in place.

    Not after the last epoch, which Ultralytics would refuse to continue from.
    """
    if trainer.epoch + 1 < trainer.epochs:
        unfinished = trainer.wdir / f"{SAFE}.part"
        shutil.copyfile(trainer.last, unfinished)
        os.replace(unfinished, trainer.wdir / SAFE)


def _report_epoch(trainer: Any) -> None:
    """Say after each epoch how far training is, for whoever watches the log."""
    found = trainer.metrics.get("metrics/mAP50(B)", 0.0)
    log.info("epoch %d of %d: mean AP50 %.3f", trainer.epoch + 1, trainer.epochs, found)


def _slow_learned_layers(optimizer: Any, model: Any, *, share: float) -> None:
    """Let everything but the new head learn at `share` of the rate of its parameter group."""
    head = {id(p) for p in model.model[-1].parameters()}
    for group in list(optimizer.param_groups):
        learned = [p for p in group["params"] if id(p) not in head]
        group["params"] = [p for p in group["params"] if id(p) in head]
        rest = {k: v for k, v in group.items() if k != "params"}
        optimizer.add_param_group({**rest, "params": learned, "lr": group["lr"] * share})


def main() -> None:
    """Train with the paths given on the command line: data set, start weights, run folder."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data_yaml", type=Path)
    parser.add_argument("start_weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--teacher", type=Path)
    for setting in fields(Recipe):
        option = f"--{setting.name.replace('_', '-')}"
        if isinstance(setting.default, bool):
            parser.add_argument(option, action="store_true")
            continue
        kind = float if setting.name == "hours" else type(setting.default)
        parser.add_argument(option, type=kind, default=setting.default)
    given = vars(parser.parse_args())
    data_yaml, start, out = (given.pop(name) for name in ("data_yaml", "start_weights", "out"))
    teacher = given.pop("teacher")
    logging.basicConfig(level=logging.INFO)
    recipe = Recipe(**given)
    train_detector(data_yaml, start_weights=start, out=out, recipe=recipe, teacher=teacher)


if __name__ == "__main__":
    main()
