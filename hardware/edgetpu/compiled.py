"""Compiled models: what a ``*_edgetpu.tflite`` says of itself, read without running or copying it.

::

    bird = read("mobilenet_v2_1.0_224_inat_bird_quant_edgetpu.tflite")
    bird.packages[0].cached_bytes, bird.cpu_ops, bird.footprint("bird")
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from hardware.edgetpu.flat import Budget, FlatError
from hardware.edgetpu.footprint import CLOCK, Footprint
from hardware.edgetpu.graph import Graph, ModelError, Operator, Tensor, open_model
from hardware.edgetpu.package import CUSTOM_OP, NoPackage, Package, packages

__all__ = ["Compiled", "CompiledError", "read"]


class CompiledError(ModelError):
    """A file that cannot be read as a model, or one that has no package where one is needed."""


@dataclass(frozen=True)
class Compiled:
    """One file. ``without_package`` says of each operator for the chip that has none why it has none.

    A model that was not compiled is read too: it has no packages and all its operators on the CPU.
    """

    path: str
    graph: Graph
    packages: tuple[Package, ...]
    without_package: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[Operator, ...]:
        """Every operator, of all subgraphs."""
        return tuple(one for subgraph in self.graph.subgraphs for one in subgraph.operators)

    @property
    def tpu_ops(self) -> int:
        """How many operators run on the Edge TPU: each is a whole part of the original graph."""
        return sum(_for_chip(one) for one in self.operators)

    @property
    def cpu_ops(self) -> dict[str, int]:
        """The operators left on the CPU: how many of each name, in order of first appearance."""
        return dict(Counter(one.name for one in self.operators if not _for_chip(one)))

    @property
    def tokens(self) -> frozenset[int]:
        """The caching tokens of its packages; models compiled together have the same."""
        return frozenset(one.token for one in self.packages if one.token is not None)

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What the model is fed."""
        main = self.graph.main
        return tuple(main.tensors[index] for index in main.inputs if index >= 0)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """What the model answers."""
        main = self.graph.main
        return tuple(main.tensors[index] for index in main.outputs if index >= 0)

    @property
    def intermediates(self) -> tuple[Tensor, ...]:
        """What operators hand to each other, constants left out."""
        main = self.graph.main
        used = {i for one in main.operators for i in (*one.inputs, *one.outputs) if i >= 0}
        inner = sorted(used - {*main.inputs, *main.outputs})
        return tuple(main.tensors[index] for index in inner if not main.tensors[index].constant)

    def footprint(self, model: str | None = None) -> Footprint:
        """What one inference moves, under the name ``model`` (default: the file's).

        ``compute`` is ``math.nan`` where the compiler stated no cycles (July 2021 and later): what
        is predicted from it is then not a number, rather than a number that is too low. Operators
        on the CPU are not part of it. :class:`CompiledError` for a file without a package.
        """
        if not self.packages:
            why = "; ".join(self.without_package) or "compile it with edgetpu_compiler first"
            raise CompiledError(self.path, f"no Edge TPU package in it: {why}")
        cycles = [one.estimated_cycles for one in self.packages]
        known = all(cycles)
        whence = "its compiled file" + ("" if known else ", which states no cycles")
        return Footprint(
            model=model or Path(self.path).stem,
            input=sum(one.input_bytes for one in self.packages),
            output=sum(one.output_bytes for one in self.packages),
            instructions=sum(one.instruction_bytes for one in self.packages),
            caching_instructions=sum(one.caching_instruction_bytes for one in self.packages),
            cached=sum(one.cached_bytes for one in self.packages),
            streamed=sum(one.streamed_bytes for one in self.packages),
            compute=sum(cycles) / CLOCK if known else math.nan,
            token=next((one.token for one in self.packages if one.token is not None), None),
            whence=whence,
        )


def read(path: str | Path) -> Compiled:
    """The model at ``path``; :class:`CompiledError` with the file and the reason if it is none."""
    budget = Budget()
    try:
        graph, view = open_model(path, budget)
    except ModelError as error:
        raise CompiledError(error.path, error.reason) from None
    found: list[Package] = []
    without: list[str] = []
    for operator in (one for subgraph in graph.subgraphs for one in subgraph.operators):
        if not _for_chip(operator):
            continue
        start, size = operator.place
        try:
            found += packages(view[start : start + size], budget)
        except NoPackage as error:
            without.append(str(error))
        except FlatError as error:
            raise CompiledError(path, f"damaged Edge TPU package: {error}") from None
    return Compiled(str(path), graph, tuple(found), tuple(without))


def _for_chip(operator: Operator) -> bool:
    return operator.custom and operator.name == CUSTOM_OP
