"""Mix trained weights with those they started from, so that old knowledge survives new training."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.offline import import_ultralytics
from training.start_weights import read_state

if TYPE_CHECKING:
    import torch


def blend_checkpoint(
    trained: Path, start: "Mapping[str, torch.Tensor]", to: Path, *, start_share: float
) -> Path:
    """Write a checkpoint whose shared tensors are `start_share` start weights, the rest trained.

    Training on a few thousand photos of few species makes a network forget what it knew of people,
    vehicles and other animals. The straight mean of before and after keeps most of both, at no
    cost when detecting (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Tensors
    that only the trained network has, such as a new head, stay as trained.
    """
    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import load_checkpoint

    model, loaded = load_checkpoint(trained)
    model.load_state_dict(blend_tensors(model.state_dict(), start, start_share=start_share))
    content = {**loaded, "model": model, "ema": None, "optimizer": None}
    unfinished = to.with_name(f"{to.name}.part")
    torch.save(content, unfinished)
    os.replace(unfinished, to)
    return to


def blend_tensors(
    trained: Mapping[str, Any], start: Mapping[str, Any], *, start_share: float
) -> dict[str, Any]:
    """Mix each tensor that both have in one shape; counters and all others stay as trained."""
    return {
        name: start_share * start[name] + (1 - start_share) * tensor
        if name in start and start[name].shape == tensor.shape and tensor.is_floating_point()
        else tensor
        for name, tensor in trained.items()
    }


def main() -> None:
    """Blend the checkpoint of a run that was stopped early, by the paths on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("trained", type=Path)
    parser.add_argument("start_weights", type=Path)
    parser.add_argument("to", type=Path)
    parser.add_argument("--start-share", type=float, default=0.5)
    given = parser.parse_args()
    start = read_state(given.start_weights)
    blend_checkpoint(given.trained, start, given.to, start_share=given.start_share)


if __name__ == "__main__":
    main()
