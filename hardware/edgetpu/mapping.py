"""Which operators of a model the Edge TPU compiler would map, and why it would not map the others."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.edgetpu.constants import Constants
from hardware.edgetpu.graph import Subgraph
from hardware.edgetpu.limits import RUNTIME, Case, caveat, objection

#: What the compiler says of what it could map behind an operator that it could not.
AFTER = "after an operator that stays on the CPU: more than one subgraph is not supported"


@dataclass(frozen=True)
class Mapped:
    """One operator: whether it is mapped, why not, and what may yet speak against it."""

    index: int
    operator: str
    mapped: bool
    reason: str = ""
    caveat: str = ""


def mapping(
    graph: Subgraph, constants: Constants, runtime: int = RUNTIME, several: bool = False
) -> tuple[Mapped, ...]:
    """What becomes of each operator of ``graph``, in order.

    Without ``several`` (the compiler's --enable_multiple_subgraphs) one stretch is mapped: it begins
    at the first operator that can be, since what merely feeds it (a QUANTIZE from float) may stay on
    the CPU, and everything after the first that cannot be stays there too.
    """
    found: list[Mapped] = []
    begun = ended = False
    for index, operator in enumerate(graph.operators):
        case = Case(operator, graph, constants, runtime)
        reason = objection(case)
        ended = ended or (begun and reason is not None)
        begun = begun or reason is None
        if reason is None and ended and not several:
            reason = AFTER
        doubt = caveat(case) if reason is None else ""
        found.append(Mapped(index, operator.name, reason is None, reason or "", doubt))
    return tuple(found)
