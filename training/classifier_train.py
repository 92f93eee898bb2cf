"""Train a torchvision network on crops of reviewed boxes, in steps that can be stopped."""

import json
import logging
import math
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from species_db.language import tr
from training.classifier_crops import (
    TRAIN,
    VAL,
    CropListError,
    LabelledBox,
    cut_crops,
    read_crop_list,
)

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)

ARCHITECTURE = "mobilenet_v3_small (torchvision, reduced tail)"
LOOSE_MARGIN = 0.4  # crops to train on are cut wider, so that they can be shifted and scaled


@dataclass(frozen=True)
class ClassifierRecipe:
    """The settings of one training run, with the reasons for those that were chosen."""

    epochs: int = 30
    side: int = 128  # an animal of 64 px, as in most boxes, is not sharper in a larger crop
    margin: float = 0.1
    batch: int = 32
    seed: int = 7
    learning_rate: float = 0.003
    # How far rare classes are shown more often: 0 as they come, 1 all alike. In between, because
    # showing twenty photos of a cat as often as five hundred of deer teaches those twenty by heart.
    balance: float = 0.75
    smoothing: float = 0.1
    patience: int = 8  # epochs without a better score on other sources before it stops
    hours: float | None = None
    threads: int = 1


@dataclass(frozen=True)
class Trained:
    """A finished run: the network's raw scores for every box of the list, and where it is kept."""

    checkpoint: Path
    classes: tuple[str, ...]
    boxes: tuple[LabelledBox, ...]
    logits: np.ndarray
    epochs: int
    minutes: float
    recipe: ClassifierRecipe


def train_classifier(
    crop_list: Path,
    *,
    out: Path,
    recipe: ClassifierRecipe | None = None,
    start: Path | None = None,
) -> Trained:
    """Learn to name crops from the boxes of a list (`training/classifier_crops.py`).

    Everything is written under `out`; the same call after an interruption continues with the next
    epoch, and after the end returns at once. The epoch that does best on `val`, whose sources are
    not those of `train`, is kept. `start` are weights trained here before (`<name>.pt` beside a
    shipped classifier): a survey's few hundred crops then need not teach what an edge is.

    Raises:
        CropListError: the list or a photo of it cannot be read, or it cannot be learned from.
    """
    recipe = recipe or ClassifierRecipe()
    out.mkdir(parents=True, exist_ok=True)
    boxes = read_crop_list(crop_list)
    classes = tuple(sorted({one.label for one in boxes if one.split == TRAIN}))
    _check(crop_list, boxes, classes)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n", encoding="utf-8")
    tight = cut_crops(boxes, side=recipe.side, margin=recipe.margin)
    best, progress = out / "best.pt", out / "continue.pt"
    state = _resume(progress, len(classes), recipe, start)
    if not state["is_done"]:
        _learn(state, boxes, classes, tight, best=best, progress=progress, recipe=recipe)
    network = new_network(len(classes))
    network.load_state_dict(_load(best)["network"])
    return Trained(
        checkpoint=best,
        classes=classes,
        boxes=boxes,
        logits=_logits(network.eval(), tight, recipe.batch),
        epochs=state["best_epoch"],
        minutes=state["seconds"] / 60,
        recipe=recipe,
    )


def new_network(classes: int) -> "torch.nn.Module":
    """An untrained network: crops (n, 3, side, side) in 0..1 in, raw scores (n, classes) out."""
    from torch.nn import BatchNorm2d
    from torchvision.models import mobilenet_v3_small

    network: torch.nn.Module = mobilenet_v3_small(num_classes=classes, reduced_tail=True)
    for layer in network.modules():
        if isinstance(layer, BatchNorm2d):
            layer.momentum = 0.1  # its own 0.01 lags many epochs behind on a few hundred crops
    return network


def _check(path: Path, boxes: Sequence[LabelledBox], classes: Sequence[str]) -> None:
    in_val = {one.label for one in boxes if one.split == VAL}
    if len(classes) < 2 or not in_val & set(classes):
        raise CropListError(
            tr(
                f"{path} has {len(classes)} classes to train on and {len(in_val)} to check with: "
                "expected two or more, and boxes of other stations in the split 'val'. Review "
                "more events first.",
                f"{path} 中可训练的类别有 {len(classes)} 个、可检验的有 {len(in_val)} 个："
                "至少需要两个类别，且 val 中须有其他点位的方框。请先审核更多事件。",
            )
        )


def _resume(
    progress: Path, classes: int, recipe: ClassifierRecipe, start: Path | None
) -> dict[str, Any]:
    import torch

    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    network = new_network(classes)
    if start is not None:
        _copy_trunk(network, start)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=0.05)
    state: dict[str, Any] = {"epoch": 0, "best_loss": float("inf"), "best_epoch": 0, "seconds": 0.0}
    state |= {"is_done": False, "network": network, "optimizer": optimizer}
    if progress.exists():
        kept = _load(progress)
        network.load_state_dict(kept.pop("network"))
        optimizer.load_state_dict(kept.pop("optimizer"))
        state |= kept
    return state


def _copy_trunk(network: "torch.nn.Module", start: Path) -> None:
    """Take over all tensors that fit; the last layer does not when the classes differ."""
    import torch

    try:
        given = torch.load(start, map_location="cpu", weights_only=True)["network"]
    except Exception as problem:  # a foreign file can fail to load in any way
        raise CropListError(
            tr(
                f"Cannot start from {start}: expected a classifier's .pt file trained by Namcha.",
                f"无法以 {start} 为起点：应为 Namcha 训练的分类模型 .pt 文件。",
            )
        ) from problem
    own = network.state_dict()
    fits = {k: v.to(own[k].dtype) for k, v in given.items() if k in own and own[k].shape == v.shape}
    network.load_state_dict({**own, **fits})


def _learn(
    state: dict[str, Any],
    boxes: Sequence[LabelledBox],
    classes: Sequence[str],
    tight: np.ndarray,
    *,
    best: Path,
    progress: Path,
    recipe: ClassifierRecipe,
) -> None:
    import torch

    in_train = [n for n, one in enumerate(boxes) if one.split == TRAIN]
    in_val = [n for n, one in enumerate(boxes) if one.split == VAL and one.label in classes]
    loose = cut_crops([boxes[n] for n in in_train], side=recipe.side * 3 // 2, margin=LOOSE_MARGIN)
    labels = torch.tensor([classes.index(boxes[n].label) for n in in_train])
    val_labels = torch.tensor([classes.index(boxes[n].label) for n in in_val])
    network, optimizer = state["network"], state["optimizer"]
    while state["epoch"] < recipe.epochs:
        began = time.monotonic()
        torch.manual_seed(recipe.seed + state["epoch"])
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * _rate_share(state["epoch"], recipe.epochs)
        loss = _epoch(network, optimizer, loose, labels, recipe)
        logits = torch.from_numpy(_logits(network.eval(), tight[in_val], recipe.batch))
        val_loss = _balanced_loss(logits, val_labels)
        right = float((logits.argmax(1) == val_labels).float().mean())
        state["epoch"] += 1
        state["seconds"] += time.monotonic() - began
        if val_loss < state["best_loss"]:
            state |= {"best_loss": val_loss, "best_epoch": state["epoch"]}
            _save({"network": network.state_dict()}, best)
        log.info(
            "epoch %d of %d: loss %.3f, other sources loss %.3f, right %.3f",
            state["epoch"], recipe.epochs, loss, val_loss, right,
        )  # fmt: skip
        waited = state["epoch"] - state["best_epoch"]
        is_late = recipe.hours is not None and state["seconds"] > recipe.hours * 3600
        state["is_done"] = state["epoch"] >= recipe.epochs or waited >= recipe.patience or is_late
        _save(
            {**state, "network": network.state_dict(), "optimizer": optimizer.state_dict()},
            progress,
        )
        if state["is_done"]:
            return


def _rate_share(epoch: int, epochs: int) -> float:
    """Rise for three epochs, then fall along a cosine; a function of the epoch alone resumes."""
    rise = min(1.0, (epoch + 1) / 3)
    return rise * (0.02 + 0.49 * (1 + math.cos(math.pi * epoch / max(1, epochs))))


def _epoch(
    network: "torch.nn.Module",
    optimizer: Any,
    loose: np.ndarray,
    labels: "torch.Tensor",
    recipe: ClassifierRecipe,
) -> float:
    import torch

    counts = torch.bincount(labels).float()
    weights = counts[labels] ** -recipe.balance
    drawn = torch.multinomial(weights, len(labels), replacement=True)
    change = _augmentation(recipe.side)
    network.train()
    losses = []
    for at in range(0, len(drawn) - 1, recipe.batch):
        chosen = drawn[at : at + recipe.batch]
        if len(chosen) < 2:
            break
        crops = torch.from_numpy(loose[chosen.numpy()]).permute(0, 3, 1, 2)
        pixels = torch.stack([change(crop) for crop in crops]).float() / 255
        loss = torch.nn.functional.cross_entropy(
            network(pixels), labels[chosen], label_smoothing=recipe.smoothing
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(float(loss.detach()))
    return sum(losses) / max(1, len(losses))


def _augmentation(side: int) -> Any:
    """What a camera may do to one animal: mirror it, shift it, light it, blur it, lose its colour.

    Half of all crops turn grey: night frames are, and a colour cast must not come to mean a source.
    """
    from torchvision.transforms import v2

    return v2.Compose(
        [
            v2.RandomResizedCrop(side, scale=(0.35, 0.9), ratio=(0.85, 1.18), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.4, hue=0.05),
            v2.RandomGrayscale(0.5),
            v2.RandomApply([v2.GaussianBlur(5, sigma=(0.1, 2.0))], p=0.3),
        ]
    )


def _logits(network: "torch.nn.Module", crops: np.ndarray, batch: int) -> np.ndarray:
    import torch

    from models.classifier import to_input

    with torch.inference_mode():
        found = [
            network(torch.from_numpy(to_input(list(crops[at : at + batch])))).numpy()
            for at in range(0, len(crops), batch)
        ]
    return np.concatenate(found)


def _balanced_loss(logits: "torch.Tensor", labels: "torch.Tensor") -> float:
    """The mean over classes, so that a class with many boxes does not decide alone."""
    import torch

    each = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    counts = Counter(labels.tolist())
    shares = [float(each[labels == label].mean()) for label in counts]
    return sum(shares) / len(shares)


def _load(path: Path) -> dict[str, Any]:
    import torch

    found: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return found


def _save(content: dict[str, Any], path: Path) -> None:
    import torch

    unfinished = path.with_name(f"{path.name}.part")
    torch.save(content, unfinished)
    os.replace(unfinished, path)
