"""Choose the engine that runs a network: from what the processor can do, not from its name.

Measured on a processor with bfloat16 (general.onnx, 480x640, one thread): OpenVINO bf16 takes
about 15 ms a photo, OpenVINO fp32 38, ONNX Runtime fp32 the same or a little more, PyTorch twice
as much. Without bfloat16 OpenVINO and ONNX Runtime are level.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

from models.engines.network import EngineError
from models.offline import import_openvino

logger = logging.getLogger(__name__)


class EngineName(StrEnum):
    """What may run a network; `auto` takes the first that opens, in the order written here."""

    AUTO = "auto"
    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"
    TORCH = "torch"


READS = {
    EngineName.OPENVINO: (".onnx", ".xml"),
    EngineName.ONNXRUNTIME: (".onnx",),
    EngineName.TORCH: (".pt",),
}
"""Which kinds of file an engine opens."""


@dataclass(frozen=True)
class Processor:
    """What this computer offers: OpenVINO's capabilities (empty without it), and the other engines.

    A graphics processor is not asked for here: only PyTorch uses one, and asking would load it.
    """

    openvino: frozenset[str] = frozenset()
    has_onnxruntime: bool = True
    has_torch: bool = True


@dataclass(frozen=True)
class Choice:
    """An engine to try, and how exactly it is to calculate."""

    engine: EngineName
    precision: str


def choices(
    asked: EngineName, endings: tuple[str, ...], processor: Processor
) -> tuple[Choice, ...]:
    """Say which engines to try, best first, for weights that exist with these file endings.

    >>> fast = Processor(openvino=frozenset({"BF16", "FP32"}))
    >>> [f"{c.engine} {c.precision}" for c in choices(EngineName.AUTO, (".onnx",), fast)]
    ['openvino bf16', 'onnxruntime fp32']

    Raises:
        EngineError: the engine asked for is not here, or none reads such a file.
    """
    able = {
        EngineName.OPENVINO: bool(processor.openvino),
        EngineName.ONNXRUNTIME: processor.has_onnxruntime,
        EngineName.TORCH: processor.has_torch,
    }
    wanted = list(able) if asked is EngineName.AUTO else [asked]
    readers = [engine for engine in wanted if set(READS[engine]) & set(endings)]
    found = tuple(
        Choice(engine, _precision(engine, processor)) for engine in readers if able[engine]
    )
    if found:
        return found
    given = "/".join(endings)
    if not readers:
        reads = ", ".join(ending for engine in wanted for ending in READS[engine])
        raise EngineError(
            f"The engine {asked} cannot read {given}: it reads {reads}. "
            "Pass such weights, or leave the engine to be chosen.",
            f"引擎 {asked} 不能读取 {given}，只能读取 {reads}。请换用相应的权重，或不指定引擎。",
        )
    missing = ", ".join(readers)
    raise EngineError(
        f"{given} needs {missing}, which cannot be loaded on this computer. "
        "Install it again, or leave the engine to be chosen.",
        f"{given} 需要 {missing}，但本机无法加载。请重新安装，或不指定引擎。",
    )


def probe() -> Processor:
    """Ask OpenVINO what this processor calculates in, and whether the other engines are there."""
    return Processor(
        openvino=_openvino_capabilities(),
        has_onnxruntime=find_spec("onnxruntime") is not None,
        has_torch=find_spec("torch") is not None,
    )


def _openvino_capabilities() -> frozenset[str]:
    try:
        core = import_openvino().Core()
        return frozenset(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    except Exception as problem:  # missing, or built for another processor: any error of its own
        logger.info("OpenVINO cannot be used: %s", problem)
        return frozenset()


def _precision(engine: EngineName, processor: Processor) -> str:
    return "bf16" if engine is EngineName.OPENVINO and "BF16" in processor.openvino else "fp32"
