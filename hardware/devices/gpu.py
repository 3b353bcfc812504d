"""NVIDIA cards with their driver. A Jetson's GPU is part of its chip: see the kind ``jetson``."""

from __future__ import annotations

import re

from hardware.cpuinfo import parse
from hardware.device import Device, Finding
from hardware.nvidia import Installed
from hardware.pci import addresses, bound_driver
from hardware.tree import Tree

VENDOR = "0x10de"
LOOKED_FOR = "/proc/driver/nvidia/gpus with a /dev/nvidia* node for each"


def detect(tree: Tree) -> Finding:
    """All cards that a program can open; the note names those seen that it cannot.

    The driver's file also holds a UUID, which is left out: it would tell one machine from another.
    """
    version = parse_driver(tree.text("/proc/driver/nvidia/version") or "")
    installed = Installed(tree)
    devices, notes, known = [], [], set()
    for path in tree.glob("/proc/driver/nvidia/gpus/*"):
        information = next(iter(parse(tree.text(f"{path}/information") or "")), {})
        address = information.get("Bus Location") or path.rpartition("/")[2]
        known.add(address.lower())
        node = f"/dev/nvidia{information.get('Device Minor', '0')}"
        if tree.exists(node):
            facts = {"driver": version, "node": node, **installed.facts()}
            name = information.get("Model") or "NVIDIA GPU"
            devices.append(Device("gpu", name, f"PCI {address}", facts))
        else:
            notes.append(f"the card at {address} has no {node}")
    for address, path in addresses(tree, VENDOR):
        display = (tree.text(f"{path}/class") or "").startswith("0x03")
        if display and address.lower() not in known:
            driver = bound_driver(tree, path) or "no driver"
            notes.append(f"the card at {address} is not usable: it has {driver}, not nvidia's")
    return Finding("gpu", LOOKED_FOR, tuple(devices), "; ".join(notes))


def parse_driver(text: str) -> str | None:
    """The driver's version, such as ``535.183.01``, from /proc/driver/nvidia/version."""
    found = re.search(r"Kernel Module(?: for \S+)?\s+([0-9]+(?:\.[0-9]+)+)", text)
    return found[1] if found else None
