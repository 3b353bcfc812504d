"""The co-compilation experiment, simulated row by row, and how far published rows are from it.

A row is one of the published table's: ``experiment``, ``cocompiled`` (yes, no), ``phase`` (first,
steady) and ``slot`` (1, 2) name it. Published latencies come from the caller: nothing here reads
them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from hardware.edgetpu import known
from hardware.edgetpu.footprint import Footprint
from hardware.edgetpu.interface import USB2, Interface
from hardware.edgetpu.law import Latency
from hardware.edgetpu.simulate import SimulatedEdgeTPU

#: The models of each case, in the order in which they were compiled and run.
CASES: dict[tuple[str, str], tuple[Footprint, ...]] = {
    ("single", "no"): (known.BIRD,),
    ("bird+bird", "no"): (known.BIRD, known.BIRD),
    ("bird+plant", "no"): (known.BIRD, known.PLANT),
    ("bird+plant", "yes"): (known.BIRD_BEFORE_PLANT, known.PLANT_AFTER_BIRD),
    ("inception+plant", "no"): (known.INCEPTION_V1, known.PLANT),
    ("inception+plant", "yes"): (known.INCEPTION_BEFORE_PLANT, known.PLANT_AFTER_INCEPTION),
    ("plant+inception", "yes"): (known.PLANT_BEFORE_INCEPTION, known.INCEPTION_AFTER_PLANT),
}
#: On-chip memory that each model leaves for parameters where it is compiled first, in bytes, by the
#: published logs; where two share it, the smaller holds (Inception and plant, in either order).
_AVAILABLE = {
    known.BIRD.model: round(6.91 * known.MIB),
    known.PLANT.model: round(6.91 * known.MIB),
    known.INCEPTION_V1.model: round(6.53 * known.MIB),
}
#: Where these come from. Compiled alone, a model is taken to leave what it leaves in a set.
AVAILABLE_WHENCE = "published compiler logs"
#: The rows that the law was fitted on.
FITTED = {
    ("single", "no", "first", 1),
    ("single", "no", "steady", 1),
    ("inception+plant", "yes", "steady", 1),
}


def available(models: Iterable[Footprint]) -> int:
    """On-chip memory for the parameters of the experiment's ``models``, compiled together, in bytes."""
    return min(_AVAILABLE[one.model] for one in models)


@dataclass(frozen=True)
class Compared:
    """A published latency beside the simulated one, both in seconds.

    ``kind`` is ``fitted``; ``repeat`` for a fitted measurement in another case (bird again), which
    checks only when parameters are loaded; or ``independent`` for a prediction.
    """

    experiment: str
    cocompiled: str
    phase: str
    slot: int
    model: str
    published: float
    simulated: Latency
    kind: str

    @property
    def error(self) -> float:
        """Simulated against published, in per cent: above zero when the simulation is slower."""
        return 100 * (self.simulated.seconds / self.published - 1)


def simulate(
    experiment: str, cocompiled: str, phase: str, slot: int, interface: Interface = USB2
) -> Latency:
    """One row's latency: the models of the case take turns, as the experiment's program has them.

    Its first phase is the first turn on an empty device, its steady phase any later one.

    :raises ValueError: if the experiment has no such row.
    """
    try:
        turn = _turns(experiment, cocompiled, interface)[("first", "steady").index(phase)]
        return turn[range(1, len(turn) + 1).index(slot)]
    except (KeyError, ValueError):
        cases = ", ".join(f"{name} (co-compiled: {how})" for name, how in CASES)
        raise ValueError(
            f"no row {experiment} (co-compiled: {cocompiled}), {phase}, slot {slot}: the cases are "
            f"{cases}; phase first or steady; a slot for each model, from 1"
        ) from None


@functools.lru_cache
def _turns(experiment: str, cocompiled: str, interface: Interface) -> list[list[Latency]]:
    device = SimulatedEdgeTPU(interface)
    handles = [device.open(model) for model in CASES[experiment, cocompiled]]
    return [[device.predict(handle) for handle in handles] for _ in ("first", "steady")]


def compare(rows: Iterable[Mapping[str, str]], interface: Interface = USB2) -> list[Compared]:
    """Each published row (columns as above, with ``model`` and ``latency_ms``) beside its own.

    :raises ValueError: if a row is not one of the experiment's.
    """
    return [_compared(row, interface) for row in rows]


def _compared(row: Mapping[str, str], interface: Interface) -> Compared:
    experiment, cocompiled, phase = row["experiment"], row["cocompiled"], row["phase"]
    slot = int(row["slot"])
    simulated = simulate(experiment, cocompiled, phase, slot, interface)
    kind = kind_of(experiment, cocompiled, phase, slot)
    published = float(row["latency_ms"]) / 1e3
    return Compared(experiment, cocompiled, phase, slot, row["model"], published, simulated, kind)


def kind_of(experiment: str, cocompiled: str, phase: str, slot: int) -> str:
    """What a simulated row is worth: ``fitted``, ``repeat`` or ``independent``; see ``Compared``."""
    if (experiment, cocompiled, phase, slot) in FITTED:
        return "fitted"
    model = CASES[experiment, cocompiled][slot - 1].model
    return "repeat" if model == known.BIRD.model else "independent"


def independent_errors(compared: Iterable[Compared]) -> tuple[int, float, float]:
    """How many independent predictions there are, and their mean and worst error, in per cent."""
    errors = [abs(one.error) for one in compared if one.kind == "independent"]
    return len(errors), fmean(errors), max(errors)
