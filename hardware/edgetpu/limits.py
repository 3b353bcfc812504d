"""What the Edge TPU can run: Coral's documented limits, operator by operator.

The rules are those of Coral's page "TensorFlow models on the Edge TPU", its "Supported operations" and
"Model requirements" (coral.ai/docs/edgetpu/models-intro), for runtime versions up to 14. The compiler
has limits that the page only hints at, as for the sizes of reshapes: those operators have a caveat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hardware.edgetpu.constants import Constants
from hardware.edgetpu.graph import Operator, Subgraph, Tensor

#: The newest runtime, which the compiler's last release (16) compiles for.
RUNTIME = 14
#: For operators that need a newer runtime than all have: the first that runs them.
_SINCE = {
    "EXPAND_DIMS": 13, "PACK": 13, "PRELU": 13, "QUANTIZE": 13, "SUM": 13, "TRANSPOSE_CONV": 13,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": 14, "LSTM": 14, "REDUCE_MAX": 14, "REDUCE_MIN": 14, "RSQRT": 14,
    "SQUARED_DIFFERENCE": 14, "TRANSPOSE": 14,
}  # fmt: skip
_ALWAYS = {
    "ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED",
    "L2_NORMALIZATION", "LOGISTIC", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PAD", "RELU",
    "RELU6", "RELU_N1_TO_1", "RESHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "SLICE",
    "SOFTMAX", "SPACE_TO_DEPTH", "SPLIT", "SQUEEZE", "STRIDED_SLICE", "SUB", "TANH",
}  # fmt: skip
_CAVEATS = {
    "RESHAPE": "may stay on the CPU if its tensors are large",
    "RESIZE_BILINEAR": "may stay on the CPU, depending on its sizes, to avoid loss of precision",
    "RESIZE_NEAREST_NEIGHBOR": "may stay on the CPU, depending on its sizes",
}
#: Inputs that must be constants: weights and biases, and what says where an operator acts.
_CONSTANT = {
    "CONV_2D": (1, 2), "DEPTHWISE_CONV_2D": (1, 2), "FULLY_CONNECTED": (1, 2),
    "TRANSPOSE_CONV": (0, 1, 3), "MEAN": (1,), "SUM": (1,), "REDUCE_MAX": (1,), "REDUCE_MIN": (1,),
    "PAD": (1,), "PRELU": (1,),
    "SLICE": (1, 2), "STRIDED_SLICE": (1, 2, 3), "SPLIT": (0,), "TRANSPOSE": (1,), "EXPAND_DIMS": (1,),
    "RESIZE_BILINEAR": (1,), "RESIZE_NEAREST_NEIGHBOR": (1,),
}  # fmt: skip
_LSTM = ("UNIDIRECTIONAL_SEQUENCE_LSTM", "LSTM")
_QUANTISED = ("int8", "uint8")


@dataclass(frozen=True)
class Case:
    """What a limit is asked about: an operator with its graph, its constants and a runtime version."""

    operator: Operator
    graph: Subgraph
    constants: Constants
    runtime: int

    def input(self, position: int) -> Tensor | None:
        """An input, None if it is left out."""
        indices = self.operator.inputs
        present = position < len(indices) and indices[position] >= 0
        return self.graph.tensors[indices[position]] if present else None

    def output(self) -> Tensor | None:
        """The first output."""
        indices = self.operator.outputs
        return self.graph.tensors[indices[0]] if indices and indices[0] >= 0 else None

    def numbers(self, position: int) -> tuple[int, ...]:
        """The values of a constant input of whole numbers; empty if it is none."""
        return self.constants.numbers(self.input(position))


def objection(case: Case) -> str | None:
    """Why the operator cannot run on the Edge TPU, or None."""
    name = case.operator.name
    if case.operator.custom or (name not in _ALWAYS and name not in _SINCE):
        return "the Edge TPU has no such operator"
    if case.runtime < _SINCE.get(name, 0):
        return f"needs runtime {_SINCE[name]} or later"
    for position in _CONSTANT.get(name, ()):
        tensor = case.input(position)
        if tensor is not None and not tensor.constant:
            return f"input {position} must be a constant"
    return _tensors(case) or (_LIMITS[name](case) if name in _LIMITS else None)


def _tensors(case: Case) -> str | None:
    """What Coral's page asks of every tensor: 8-bit quantised, of constant size, of 3 dimensions."""
    indices = (*case.operator.inputs, *case.operator.outputs)
    for tensor in (case.graph.tensors[index] for index in indices if index >= 0):
        if tensor.constant and tensor.type in ("int32", "int64", "int16"):
            continue  # biases, axes, and the like
        allowed = (*_QUANTISED, "int16") if case.operator.name in _LSTM else _QUANTISED
        if tensor.type not in allowed:
            return f"works on {tensor.type}, not on 8-bit integers: quantise the model fully"
        if tensor.scale is None:
            return "works on a tensor without a scale: quantise the model fully"
        if tensor.open and not _open_batch(tensor):
            return "works on a tensor of dynamic size: fix it when converting the model"
        # Weights have dimensions of their own.
        if not tensor.constant and any(size > 1 for size in tensor.shape[:-3]):
            return "works on more than 3 dimensions: the batch must be 1"
    return None


def caveat(case: Case) -> str:
    """What may yet speak against an operator that has no :func:`objection`; empty if nothing does."""
    indices = (*case.operator.inputs, *case.operator.outputs)
    if any(_open_batch(case.graph.tensors[index]) for index in indices if index >= 0):
        return "its batch is left open: fix it to 1 when converting, if the compiler objects"
    return _CAVEATS.get(case.operator.name, "")


def _open_batch(tensor: Tensor) -> bool:
    return tensor.open == (0,) and tensor.shape[:1] == (1,)


def _no_activation(case: Case) -> str | None:
    return "has a fused activation function" if case.operator.options["activation"] else None


def _concatenation(case: Case) -> str | None:
    tensors = [case.graph.tensors[index] for index in case.operator.inputs if index >= 0]
    constant = [tensor for tensor in tensors if tensor.constant]
    if constant and len(tensors) != 2:
        return "joins a constant with more than one other input"
    if any(not case.constants.all_zero(tensor) for tensor in constant):
        return "joins a constant that is not all zeros"
    return _no_activation(case)


def _convolution(case: Case) -> str | None:
    wide, high = (case.operator.options[name] for name in ("dilation_w", "dilation_h"))
    if case.operator.name == "DEPTHWISE_CONV_2D" and case.runtime < 13 and (wide, high) != (1, 1):
        return "is dilated, which needs runtime 13 or later"
    return None if wide == high else "has another dilation in x than in y"


def _fully_connected(case: Case) -> str | None:
    output = case.output()
    if case.operator.options["weights_format"]:
        return "has weights in another format than the default"
    if output is not None and any(size > 1 for size in output.shape[:-1]):
        return "has an output of more than one dimension"
    return None


def _axes(case: Case) -> list[int]:
    tensor = case.input(0)
    rank = len(tensor.shape) if tensor is not None else 0
    return [axis + rank if axis < 0 else axis for axis in case.numbers(1)]


def _batch(case: Case, axes: list[int]) -> bool:
    tensor = case.input(0)
    return tensor is not None and len(tensor.shape) > 3 and 0 in axes


def _reduction(case: Case) -> str | None:
    return "reduces the batch dimension" if _batch(case, _axes(case)) else None


def _mean(case: Case) -> str | None:
    tensor, axes = case.input(0), _axes(case)
    if tensor is not None and tensor.shape and len(tensor.shape) - 1 in axes:
        if case.runtime < 13:
            return "reduces z, which needs runtime 13 or later"
        if tensor.shape[-1] % 4:
            return f"reduces z, which is {tensor.shape[-1]}, not a multiple of 4"
    return _reduction(case)


def _pack(case: Case) -> str | None:
    output = case.output()
    four = output is not None and len(output.shape) > 3
    return "packs in the batch dimension" if four and case.operator.options["axis"] == 0 else None


def _pad(case: Case) -> str | None:
    tensor, pairs = case.input(0), case.numbers(1)
    if tensor is not None and len(tensor.shape) > 3 and any(pairs[:2]):
        return "pads the batch dimension"
    if case.runtime < 13 and any(pairs[-2:]):
        return "pads z, which needs runtime 13 or later"
    return None


def _prelu(case: Case) -> str | None:
    alpha = case.input(1)
    inner = alpha is None or all(size == 1 for size in alpha.shape[:-1])
    return None if inner else "has an alpha of more than one dimension: share it along x and y"


def _softmax(case: Case) -> str | None:
    tensor = case.input(0)
    if tensor is not None and any(size > 1 for size in tensor.shape[:-1]):
        return "has an input of more than one dimension"
    if tensor is not None and tensor.shape and tensor.shape[-1] > 16000:
        return f"has an input of {tensor.shape[-1]} elements, more than 16000"
    return None


def _split(case: Case) -> str | None:
    tensor = case.input(1)
    rank = len(tensor.shape) if tensor is not None else 0
    return "splits the batch dimension" if rank > 3 and set(case.numbers(0)) & {0, -rank} else None


def _squeeze(case: Case) -> str | None:
    tensor = case.input(0)
    if case.runtime >= 13 or tensor is None:
        return None
    sizes = list(tensor.shape)
    while sizes and sizes[0] == 1:
        del sizes[0]
    return "squeezes a dimension behind others, which needs runtime 13" if 1 in sizes else None


def _strided_slice(case: Case) -> str | None:
    if any(stride != 1 for stride in case.numbers(3)):
        return "has a stride other than 1"
    masks = case.operator.options
    return (
        "has an ellipsis or a new axis"
        if masks["ellipsis_mask"] or masks["new_axis_mask"]
        else None
    )


_LIMITS: dict[str, Callable[[Case], str | None]] = {
    "AVERAGE_POOL_2D": _no_activation,
    "MAX_POOL_2D": _no_activation,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "FULLY_CONNECTED": _fully_connected,
    "MEAN": _mean,
    "PACK": _pack,
    "PAD": _pad,
    "PRELU": _prelu,
    "REDUCE_MAX": _reduction,
    "REDUCE_MIN": _reduction,
    "SOFTMAX": _softmax,
    "SPLIT": _split,
    "SQUEEZE": _squeeze,
    "STRIDED_SLICE": _strided_slice,
    "SUM": _reduction,
}
