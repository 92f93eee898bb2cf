"""Run an Ultralytics checkpoint with PyTorch, in batches where there is a graphics processor."""

import threading
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.batcher import Batcher
from models.engines.network import DEFAULT_IMAGE_SIZE, Engine, refuse_other_task, unreadable
from models.offline import import_ultralytics

MOST_IN_BATCH = 16
BATCH_WAIT_S = 0.01


def open_checkpoint(
    path: Path, *, threads: int, precision: str = "fp32", device: str | None = None
) -> Engine:
    """Open an Ultralytics checkpoint with PyTorch, on the best device unless one is named.

    A `.pt` file can run code when it is opened, so open only those you trust.
    """
    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import load_checkpoint

    try:
        model, checkpoint = load_checkpoint(path)
        names, task, stride = model.names, model.task, int(model.stride.max())
    except Exception as problem:  # unpickling a foreign file can fail in any way
        raise unreadable(path, "an Ultralytics checkpoint", "Ultralytics 权重") from problem
    refuse_other_task(task, path)
    torch.set_num_threads(threads)
    chosen = device or best_device(
        has_cuda=torch.cuda.is_available(), has_mps=torch.backends.mps.is_available()
    )
    network = _Network(model.fuse(verbose=False).eval().to(chosen), chosen)
    is_batched = chosen != "cpu"
    size = checkpoint.get("train_args", {}).get("imgsz", DEFAULT_IMAGE_SIZE)
    return Engine(
        path=path,
        run=Batcher(network.run_batch, most=MOST_IN_BATCH, wait_s=BATCH_WAIT_S).run
        if is_batched
        else network.run,
        class_names=tuple(names.values()),
        image_size=max(stride, int(size)),
        is_fixed_square=False,
        name=f"torch {torch.__version__}",
        precision=precision,
        device=chosen,
        is_batched=is_batched,
    )


def best_device(*, has_cuda: bool, has_mps: bool) -> str:
    """Name the device to run on: a graphics processor where there is one.

    >>> best_device(has_cuda=True, has_mps=False), best_device(has_cuda=False, has_mps=False)
    ('cuda', 'cpu')
    """
    return "cuda" if has_cuda else "mps" if has_mps else "cpu"


class _Network:
    """A model on its device, used by one thread at a time."""

    def __init__(self, model: Any, device: str) -> None:
        self.model = model
        self.device = device
        self.lock = threading.Lock()  # its head keeps anchors of the last photo's shape

    def run(self, picture: np.ndarray) -> np.ndarray:
        """Run one picture, on the calling thread."""
        return self.run_batch(picture[None])

    def run_batch(self, pictures: np.ndarray) -> np.ndarray:
        """Run pictures of one shape (count, height, width, 3); one output for each."""
        import torch

        with self.lock, torch.inference_mode():
            given = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2)
            output = self.model(given.contiguous().float() / 255)
            first = output[0] if isinstance(output, (tuple, list)) else output
            return np.asarray(first.cpu().numpy())
