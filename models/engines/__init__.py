"""Run a network from a file, with the engine that this computer serves best."""

from models.engines.choice import Choice, EngineName, Processor, choices, probe
from models.engines.network import DEFAULT_IMAGE_SIZE, Engine, EngineError, WeightsError
from models.engines.opening import checkpoint_for, open_network
from models.engines.with_onnxruntime import open_onnx
from models.engines.with_torch import open_checkpoint

__all__ = [
    "DEFAULT_IMAGE_SIZE",
    "Choice",
    "Engine",
    "EngineError",
    "EngineName",
    "Processor",
    "WeightsError",
    "checkpoint_for",
    "choices",
    "open_checkpoint",
    "open_network",
    "open_onnx",
    "probe",
]
