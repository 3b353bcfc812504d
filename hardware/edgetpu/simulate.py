"""An Edge TPU that is not there: latencies by the law, reloads by the rules of the runtime.

::

    device = SimulatedEdgeTPU(interface("usb2"))
    bird = device.open(BIRD)
    device.invoke(bird)  # 0.12078 s: the first loads its parameters
    device.invoke(bird)  # 0.01033 s

A simulated latency is a prediction, not a sample: there is no noise, two runs say the same, and
whatever is recorded of it must say :data:`NATURE`.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.device import Device, Nature
from hardware.edgetpu.cache import Resident
from hardware.edgetpu.footprint import Footprint
from hardware.edgetpu.interface import Interface
from hardware.edgetpu.law import Latency, latency, within

#: What a record of such a latency must state.
NATURE: Nature = "simulated"
#: The fact of a device whose latencies come from the law; one of another machine's tree has it not.
_BY_LAW = "by_law"


def simulated_device(interface: Interface) -> Device:
    """The device that a run sees where an Edge TPU behind ``interface`` is simulated."""
    what = interface.what.partition(",")[0].partition(" (")[0]
    facts = {"interface": interface.name, _BY_LAW: True}
    return Device("edgetpu", f"Edge TPU over {what}", NATURE, facts, NATURE)


def by_law(device: Device) -> bool:
    """Whether latencies of ``device`` come from the law: nothing can be opened on it."""
    return bool(device.facts.get(_BY_LAW))


@dataclass(frozen=True)
class Handle:
    """An opened model. Opening one file twice gives two, as two interpreters are."""

    number: int
    footprint: Footprint


class SimulatedEdgeTPU:
    """One Edge TPU behind ``interface``; ``elapsed`` is the simulated time it was busy, in seconds."""

    nature = NATURE

    def __init__(self, interface: Interface) -> None:
        self.interface = interface
        self.elapsed = 0.0
        #: How many inferences had to load their parameters.
        self.reloads = 0
        self._resident = Resident()
        self._opened: set[Handle] = set()
        self._count = 0

    def open(self, footprint: Footprint) -> Handle:
        """Load a model. As in the runtime, nothing crosses the link before the first inference."""
        handle = Handle(self._count, footprint)
        self._count += 1
        self._opened.add(handle)
        return handle

    def invoke(self, handle: Handle) -> float:
        """One inference, in seconds."""
        return self.predict(handle).seconds

    def predict(self, handle: Handle) -> Latency:
        """One inference, with its bounds. It counts: the next one finds the cache as this left it.

        :raises ValueError: if the handle was closed, or is another device's.
        """
        if handle not in self._opened:
            raise ValueError(
                f"{handle.footprint.model} is not open on this simulated Edge TPU: open() it here"
            )
        reload = self._resident.infer(handle.number, handle.footprint)
        predicted = latency(handle.footprint, self.interface, reload=reload)
        self.reloads += reload
        self.elapsed += predicted.seconds
        return predicted

    def close(self, handle: Handle) -> None:
        """Forget a model. Its parameters stay on the chip, where nobody can use them."""
        self._opened.discard(handle)

    @property
    def busy(self) -> Latency:
        """All inferences so far, with bounds."""
        return within(self.elapsed, self.interface)
