"""Run a network's layers in bfloat16 while it trains on a processor."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def in_bfloat16() -> Iterator[None]:
    """Within the block, Ultralytics' networks multiply in bfloat16 and answer in float32.

    Ultralytics does this on graphics cards only. Two thirds of the time of a step are its
    convolutions, and a processor with AVX-512 BF16 does them about twice as fast; on others
    nothing is gained. The loss is worked out of float32 answers, as a sum over thousands of places
    would lose the small ones.
    """
    import torch
    from ultralytics.nn.tasks import BaseModel

    plain = BaseModel.predict

    def predict(self: Any, *given: Any, **settings: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return _in_float32(plain(self, *given, **settings))

    BaseModel.predict = predict
    try:
        yield
    finally:
        BaseModel.predict = plain


def _in_float32(answer: Any) -> Any:
    import torch

    if isinstance(answer, torch.Tensor):
        return answer.float()
    if isinstance(answer, dict):
        return {name: _in_float32(value) for name, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return type(answer)(_in_float32(value) for value in answer)
    return answer
