"""How long an inference takes on an Edge TPU: bytes over the link, plus cycles, plus a constant.

::

    t = overhead + compute + (input + output + instructions + streamed) / bandwidth
      + (cached + caching instructions) / load bandwidth       when the parameters must be loaded

The form is the simplest that the published co-compilation measurements allow (a Raspberry Pi 3 B+
with a USB Accelerator on USB 2.0): nothing overlaps. Where transfers are fast it overestimates,
because there they do overlap with computing; the bounds of an
:class:`~hardware.edgetpu.interface.Interface` say by how much it may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hardware.edgetpu.footprint import CLOCK, Footprint

if TYPE_CHECKING:
    from hardware.edgetpu.interface import Interface


@dataclass(frozen=True)
class Latency:
    """A predicted time in seconds, between ``low`` and ``high``. It is never a measurement.

    ``bound`` says what the two rest on: ``held-out`` measurements that the fit did not see, or
    ``assumed`` ones.
    """

    seconds: float
    low: float
    high: float
    bound: str
    nature: str = "simulated"


@dataclass(frozen=True)
class Fit:
    """What three measurements say of a link and of one model.

    ``bandwidth`` is bytes per second; ``overhead``, the constant of each inference, and ``compute``
    of the second model are seconds.
    """

    bandwidth: float
    overhead: float
    compute: float


def fit(
    model: Footprint, first: float, steady: float, second: Footprint, second_steady: float
) -> Fit:
    """Solve the law for three unknowns from three measurements, in seconds: nothing is left over.

    The first inference of ``model`` differs from a steady one by its parameters crossing the link,
    which gives the bandwidth; what its steady inference has beyond bytes and cycles is the
    overhead; what the steady inference of ``second`` has beyond both is its compute, so that the
    ``compute`` its footprint states is not used.

    :raises ValueError: if the three cannot come from this law.
    """
    loaded = model.cached + model.caching_instructions
    if not first > steady > 0 or loaded <= 0:
        raise ValueError(
            f"{model.model}: a first inference ({first * 1e3:g} ms) that loads {loaded} bytes must "
            f"be slower than a steady one ({steady * 1e3:g} ms); give first, then steady, in seconds"
        )
    bandwidth = loaded / (first - steady)
    overhead = steady - model.compute - moved(model) / bandwidth
    compute = second_steady - overhead - moved(second) / bandwidth
    if min(overhead, compute) < 0:
        raise ValueError(
            f"the measurements leave {overhead * 1e3:.3g} ms of overhead and {compute * 1e3:.3g} ms "
            f"of compute for {second.model}: neither may be below zero; are the footprints those "
            "of the files that were measured?"
        )
    return Fit(bandwidth, overhead, compute)


def moved(footprint: Footprint) -> int:
    """Bytes that cross the link with every inference, either way."""
    return footprint.input + footprint.output + footprint.instructions + footprint.streamed


def steady(footprint: Footprint, interface: Interface) -> float:
    """Seconds of one inference that finds its parameters on the chip."""
    compute = footprint.compute * CLOCK / interface.clock.value
    transfer = moved(footprint) / interface.bandwidth.value
    return interface.overhead.value + compute + transfer


def load(footprint: Footprint, interface: Interface) -> float:
    """Seconds that (re)loading the cached parameters adds to an inference."""
    loaded = footprint.cached + footprint.caching_instructions
    return loaded / interface.load_bandwidth.value


def latency(footprint: Footprint, interface: Interface, *, reload: bool = False) -> Latency:
    """One inference, which loads its parameters first if ``reload``, with the interface's bounds."""
    seconds = steady(footprint, interface) + (load(footprint, interface) if reload else 0.0)
    return within(seconds, interface)


def within(seconds: float, interface: Interface) -> Latency:
    """A prediction in seconds, with the bounds of ``interface`` about it."""
    return Latency(seconds, seconds * interface.low, seconds * interface.high, interface.bound)
