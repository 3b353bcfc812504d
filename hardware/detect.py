"""Detection of all kinds of devices, once a run."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from hardware.device import KINDS, Device, Finding
from hardware.devices import coral, cpu, gpu, jetson, raspberrypi, riscv
from hardware.emulation import emulation
from hardware.tree import Tree

DETECTORS: dict[str, Callable[[Tree], Finding]] = {
    "cpu": cpu.detect,
    "edgetpu": coral.detect,
    "jetson": jetson.detect,
    "riscv": riscv.detect,
    "raspberrypi": raspberrypi.detect,
    "gpu": gpu.detect,
}

#: The kinds that are the machine itself: where it is emulated, so are they. A device plugged into
#: it is real even then.
HOSTS = frozenset({"cpu", "jetson", "riscv", "raspberrypi"})


def tree_of(root: Path = Path("/"), machine: str | None = None) -> Tree:
    """The tree at ``root``; the running machine's own name goes with its own tree only."""
    tree = Tree(root, machine)
    return replace(tree, machine=platform.machine()) if tree.live and not machine else tree


def detect(root: Path = Path("/"), machine: str | None = None) -> tuple[Finding, ...]:
    """What there is, one finding for each of :data:`~hardware.device.KINDS`, in that order.

    ``root`` may be a recorded tree; ``machine`` overrides the architecture that the process
    reports. Reads files only: it starts no process and loads no driver.
    """
    return detect_in(tree_of(root, machine))


def detect_in(tree: Tree) -> tuple[Finding, ...]:
    """As :func:`detect`, in a tree already at hand."""
    emulated = emulation(tree) is not None
    findings = (DETECTORS[kind](tree) for kind in KINDS)
    return tuple(
        _as_emulated(finding) if emulated and finding.kind in HOSTS else finding
        for finding in findings
    )


def present(tree: Tree, device: Device) -> bool:
    """Whether ``device`` is still where it was found; what is the machine itself always is.

    Whatever else is known of it may have changed: a stick whose firmware was loaded meanwhile has
    another USB id.
    """
    if device.kind in HOSTS or device.nature != "measured":
        return True
    now = DETECTORS[device.kind](Tree(tree.root, tree.machine)).devices
    return any((d.name, d.where) == (device.name, device.where) for d in now)


def find(findings: Iterable[Finding], kind: str) -> Finding:
    """The finding of one kind; ValueError if there is none."""
    for finding in findings:
        if finding.kind == kind:
            return finding
    raise ValueError(f"no finding of kind {kind!r}: known are {', '.join(KINDS)}")


def _as_emulated(finding: Finding) -> Finding:
    return replace(
        finding, devices=tuple(replace(device, nature="emulated") for device in finding.devices)
    )
