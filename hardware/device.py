"""The types of detection: a device, and what was looked for to find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Nature = Literal["measured", "emulated", "simulated"]

#: Every kind of device, in the order in which the header lists them. Each is also a pytest marker.
KINDS = ("cpu", "edgetpu", "jetson", "riscv", "raspberrypi", "gpu")


@dataclass(frozen=True)
class Device:
    """One device that inference can run on.

    ``name`` is the maker's own name for it, ``where`` says how it is attached (``host``, a USB or
    PCI address, a device node), and ``facts`` holds what bears on speed or on the answer,
    JSON-ready.
    """

    kind: str
    name: str
    where: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    nature: Nature = "measured"

    @property
    def aside(self) -> str:
        """What a title adds for it: its nature, unless that is measured."""
        return "" if self.nature == "measured" else f" ({self.nature})"


@dataclass(frozen=True)
class Finding:
    """What detection of one kind looked for, and what it found.

    ``looked_for`` completes the sentence "looked for ...", so that a skipped test can say why.
    ``note`` says what was seen that keeps hardware from being used, such as a card without its
    driver.
    """

    kind: str
    looked_for: str
    devices: tuple[Device, ...] = ()
    note: str = ""

    @property
    def sentence(self) -> str:
        """One sentence for a skip, a failure or the header."""
        if self.devices:
            said = f"{self.kind}: " + "; ".join(f"{d.name} ({_where(d)})" for d in self.devices)
        else:
            said = f"no {self.kind} device here: looked for {self.looked_for}"
        return f"{said}; {self.note}" if self.note else said


def _where(device: Device) -> str:
    # What is not measured says so wherever it is named.
    return device.where if device.nature == "measured" else f"{device.where}, {device.nature}"
