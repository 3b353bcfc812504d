"""What an uncompiled model would ask of an Edge TPU: operators that map, layers, bytes that fit.

::

    bird, plant = estimate("bird_quant.tflite"), estimate("plant_quant.tflite")
    first, second = fits([bird, plant])     # compiled together, in this order
    second.cached, second.streamed          # ranges of bytes

Streamed bytes, instructions and cycles are the compiler's own: take them from the compiled file
(:mod:`hardware.edgetpu.compiled`) or from the compiler's log wherever there is one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.edgetpu.constants import Constants
from hardware.edgetpu.flat import Budget
from hardware.edgetpu.footprint import ON_CHIP, Footprint
from hardware.edgetpu.graph import ModelError, Subgraph, Tensor, open_model
from hardware.edgetpu.limits import RUNTIME
from hardware.edgetpu.mapping import Mapped, mapping
from hardware.edgetpu.package import CUSTOM_OP
from hardware.edgetpu.parameters import LOW_BY, UNKNOWN, layer_bytes, weights

__all__ = ["AVAILABLE", "Estimate", "Fit", "Layer", "estimate", "fits"]

#: On-chip memory for parameters, in bytes: the compiler's published logs say 6.53 MiB for
#: Inception v1 and 6.91 MiB for MobileNet v2. It takes what activations leave of 8 MiB.
AVAILABLE = (round(6.53 * 2**20), round(6.91 * 2**20))
#: Of the eight compiled networks that were read for this: the least and the most, in bytes.
_INSTRUCTIONS, _CACHING_INSTRUCTIONS = (60_864, 205_936), (3_152, 12_624)
#: Sizes of layers are added up in units of this many bytes: every layer of the rule is a multiple.
_UNIT = 4
#: Beyond this, which layers fit is not searched; nothing of this size runs on 8 MiB.
_MOST_LAYERS = 4096
_ITEM = {"int8": 1, "uint8": 1, "int16": 2, "int32": 4, "float32": 4}

Range = tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """A mapped operator with parameters: ``bytes`` of them on the chip, by the rule."""

    name: str
    kind: str
    bytes: int


@dataclass(frozen=True)
class Fit:
    """What of one model's parameters is held on the chip and what is streamed: ranges of bytes.

    ``available`` is the memory that the models before it leave. A model that is cached wholly, or
    not at all, in every case has a ``streamed`` whose ends differ by the rule's error alone.
    """

    path: str
    available: Range
    cached: Range
    streamed: Range


@dataclass(frozen=True)
class Estimate:
    """One uncompiled model.

    ``input`` and ``output`` are the bytes that the mapped part is fed and answers, each tensor
    padded to 8; the compiler pads outputs of more than one dimension further.
    """

    path: str
    operators: tuple[Mapped, ...]
    layers: tuple[Layer, ...]
    input: int
    output: int

    @property
    def unknown(self) -> tuple[str, ...]:
        """Mapped operators whose parameters the rule does not know: then no bytes are valid."""
        return tuple(
            one.operator for one in self.operators if one.mapped and one.operator in UNKNOWN
        )

    @property
    def parameters(self) -> Range:
        """All parameters on the chip: by the rule, and the most that a later compiler made of it."""
        least = sum(layer.bytes for layer in self.layers)
        return least, _most(least)

    def footprint(self, available: Range = AVAILABLE) -> tuple[Footprint, Footprint]:
        """The least and the most that one inference moves, with ``available`` bytes to itself.

        ``compute`` is ``math.nan``: an uncompiled model says nothing of cycles. Instructions are
        those of the networks that were read, whatever this one is. :class:`ModelError` if nothing
        maps, or for operators whose parameters the rule does not know.
        """
        if not any(one.mapped for one in self.operators):
            raise ModelError(self.path, "no operator of it would run on the Edge TPU")
        if self.unknown:
            raise ModelError(self.path, f"the rule for bytes does not hold for {self.unknown[0]}")
        (fit,) = fits([self], available)
        low, high = (
            Footprint(
                model=Path(self.path).stem,
                input=self.input,
                output=self.output,
                instructions=_INSTRUCTIONS[end],
                caching_instructions=_CACHING_INSTRUCTIONS[end],
                cached=fit.cached[end],
                streamed=fit.streamed[end],
                compute=math.nan,
                whence="estimated from the uncompiled model: parameters by rule, no cycles",
            )
            for end in (0, 1)
        )
        return low, high


def estimate(path: str | Path, runtime: int = RUNTIME, several: bool = False) -> Estimate:
    """Read the uncompiled model at ``path``; :class:`ModelError` if it is none or is compiled.

    ``runtime`` is the Edge TPU runtime's version, ``several`` the compiler's
    --enable_multiple_subgraphs.
    """
    graph, view = open_model(path, Budget())
    if any(one.name == CUSTOM_OP for one in graph.main.operators):
        raise ModelError(path, "it is compiled already: inspect it instead")
    mapped = mapping(graph.main, Constants(view), runtime, several)
    layers = []
    for operator, one in zip(graph.main.operators, mapped, strict=True):
        size = layer_bytes(operator.name, weights(operator, graph.main, graph.path))
        if one.mapped and size:
            outputs = [graph.main.tensors[index].name for index in operator.outputs if index >= 0]
            layers.append(Layer(outputs[0] if outputs else "", operator.name, size))
    return Estimate(str(path), mapped, tuple(layers), *_moved(graph.main, mapped))


def fits(estimates: Sequence[Estimate], available: int | Range = AVAILABLE) -> list[Fit]:
    """Which parameters stay on the chip when models are compiled together, in this order.

    Whole layers are cached or streamed. Where not all of a model's fit, the least that is cached is
    what goes in if layers are taken in order up to the first that is too large, and the most is the
    fullest combination of layers; both have been seen. What is streamed can then be larger still:
    the published logs have a model of 5.05 MiB that streams 5.86 MiB.
    """
    least, most = (available, available) if isinstance(available, int) else available
    found = []
    for one in estimates:
        low, high = one.parameters
        sizes = [layer.bytes for layer in one.layers]
        if high <= least:
            cached, streamed = (low, high), (0, 0)
        else:
            fullest = min(high, most) if low <= most else _fullest(sizes, most)
            cached = min(_in_order(sizes, least), fullest), fullest
            streamed = max(0, low - cached[1]), high - cached[0]
        found.append(Fit(one.path, (least, most), cached, streamed))
        # Where the rule does not hold, nobody knows what is left.
        least = 0 if one.unknown else max(0, least - cached[1])
        most = max(0, most - cached[0])
    return found


def _most(size: int) -> int:
    return math.ceil(size / (1 - LOW_BY))


def _in_order(sizes: Sequence[int], available: int) -> int:
    taken = 0
    for size in sizes:
        if taken + _most(size) > available:
            break
        taken += size
    return taken


def _fullest(sizes: Sequence[int], available: int) -> int:
    """The largest sum of some ``sizes`` within ``available``: a bit for each sum that is reached."""
    units = available // _UNIT
    if len(sizes) > _MOST_LAYERS or available > ON_CHIP:
        return available
    reached, mask = 1, (1 << (units + 1)) - 1
    for size in sizes:
        if size <= available:
            reached |= (reached << (size // _UNIT)) & mask
    return (reached.bit_length() - 1) * _UNIT


def _moved(graph: Subgraph, mapped: Sequence[Mapped]) -> tuple[int, int]:
    """Bytes that cross into the mapped part and out of it."""
    used: dict[bool, set[int]] = {True: set(), False: set(graph.outputs)}
    made: set[int] = set()
    for operator, one in zip(graph.operators, mapped, strict=True):
        used[one.mapped].update(operator.inputs)
        if one.mapped:
            made.update(operator.outputs)
    fed = {index for index in used[True] - made if not graph.tensors[index].constant}
    answered = made & used[False]
    return _bytes(graph, fed), _bytes(graph, answered)


def _bytes(graph: Subgraph, indices: set[int]) -> int:
    return sum(_size(graph.tensors[index]) for index in indices if index >= 0)


def _size(tensor: Tensor) -> int:
    size = _ITEM.get(tensor.type, 1)
    for one in tensor.shape:
        size = min(size * max(one, 0), 1 << 40)
    return -(-size // 8) * 8
