"""Bytes of parameters on the chip, from the shapes of an uncompiled model's weights.

The rule was found by comparing 112 published compiled models with their uncompiled ones: outputs are
padded to the chip's width, inputs to 4, and each output has 4 bytes more for its bias and scale.
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.edgetpu.graph import ModelError, Operator, Subgraph

#: A file holds at most this share more than the rule says: 48 256 B of 566 912, MobileNet v1 0.25 128
#: as compiled in July 2021.
LOW_BY = 0.0852
#: What the rule is worth, for a reader.
EXACTNESS = (
    "exact to the byte on MobileNet v1 and v2, PoseNet and DeepLab compiled before July 2021; up to "
    "8.5 % low on files compiled later; not valid for LSTM"
)
#: Operators whose parameters the rule does not know.
UNKNOWN = ("UNIDIRECTIONAL_SEQUENCE_LSTM", "LSTM")
_MOST = 1 << 40


def layer_bytes(kind: str, shape: Sequence[int]) -> int:
    """The bytes of one layer's parameters; 0 for an operator that has none.

    ``shape`` is that of its weights: (out, height, width, in) of a convolution, (out, in) of a
    fully connected layer, (1, height, width, channels) of a depthwise convolution::

        convolution, fully connected:  pad(out) * (height * width * pad4(in) + 4)
        depthwise convolution:         channels * (4 * height * width + 4)

    where pad rounds up to 16 below 64 and to 64 from there. A transposed convolution is taken for a
    convolution; no compiled file with one was at hand to check that.
    """
    if kind in ("CONV_2D", "TRANSPOSE_CONV") and len(shape) == 4:
        out, height, width, inner = shape
        return _padded(out) * (height * width * _up(inner, 4) + 4)
    if kind == "FULLY_CONNECTED" and len(shape) == 2:
        return _padded(shape[0]) * (_up(shape[1], 4) + 4)
    if kind == "DEPTHWISE_CONV_2D" and len(shape) == 4:
        _, height, width, channels = shape
        return channels * (4 * height * width + 4)
    return 0


def weights(operator: Operator, graph: Subgraph, path: str) -> tuple[int, ...]:
    """The shape of an operator's weights; empty if it has none. :class:`ModelError` if absurd."""
    indices = operator.inputs
    if len(indices) < 2 or indices[1] < 0:
        return ()
    shape = graph.tensors[indices[1]].shape
    size = 1
    for one in shape:
        size *= one
        if one < 0 or size > _MOST:
            raise ModelError(path, f"weights of shape {shape}, which no model has")
    return shape


def _padded(channels: int) -> int:
    return _up(channels, 16 if channels < 64 else 64)


def _up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
