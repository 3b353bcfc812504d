"""Which of several devices of one kind a run takes: ``--device edgetpu=usb:1``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hardware.device import Device
from hardware.edgetpu.text import clean

#: As Coral's own library has it: everything on a bus, one of them, or one of all.
_ADDRESS = re.compile(r"(?:(usb|pci)?(?::(\d{1,3}))?|simulated)", re.ASCII)


class SelectionError(ValueError):
    """An address that is none, or of no device here: says which there are."""


def selected(devices: Sequence[Device], address: str) -> tuple[Device, ...]:
    """The Edge TPUs at ``address``, in the order in which they were found; none where there is none.

    ``usb`` and ``pci`` are all on that bus, ``usb:1`` the second there, ``:1`` the second of all;
    ``simulated`` are those that ``--simulate`` added. Addresses may be joined by commas.

    Raises:
        SelectionError: if an address means nothing, or there is no such device.
    """
    taken: list[Device] = []
    for one in address.split(","):
        taken += [device for device in _at(devices, one.strip()) if device not in taken]
    return tuple(taken)


def _at(devices: Sequence[Device], address: str) -> Sequence[Device]:
    parts = _ADDRESS.fullmatch(address)
    if not parts or not address:
        raise SelectionError(
            f"{clean(address, 60)!r} addresses no Edge TPU: expected usb, usb:N, pci, pci:N, "
            ":N or simulated"
        )
    if not devices:
        return ()
    if address == "simulated":
        found = [device for device in devices if device.where == address]
    else:
        bus, number = parts.groups()
        # One without its driver has no address: nothing can be asked of it.
        addressed = [d for d in devices if "delegate" in d.facts]
        found = [d for d in addressed if str(d.facts["delegate"]).startswith(bus or "")]
        if number is not None:
            found = found[int(number) : int(number) + 1]
    if not found:
        there = ", ".join(str(d.facts.get("delegate", d.where)) for d in devices) or "none"
        raise SelectionError(f"no Edge TPU at {address}: there are {there}")
    return found
