"""NVIDIA Jetson boards: a Tegra chip, L4T as its system and a power mode that decides its speed.

Seen in recorded files, and on no board yet: what was recorded and what was put together is said in
tests/hardware/trees.
"""

from __future__ import annotations

import re
from typing import Any

from hardware import devicetree
from hardware.clocking import ClockFiles
from hardware.device import Device, Finding
from hardware.energy import EnergyFiles
from hardware.nvidia import Installed
from hardware.swap import swap
from hardware.topology import available_bytes, meminfo_bytes, memory_bytes
from hardware.tree import Tree

LOOKED_FOR = "nvidia,tegra* in /proc/device-tree/compatible"
#: JetPack by release of L4T (developer.nvidia.com/embedded/jetpack-archive); of another release its
#: package tells.
_JETPACK = {
    "32.1": "4.2", "32.2": "4.2.1", "32.2.1": "4.2.2", "32.2.3": "4.2.3", "32.3.1": "4.3",
    "32.4.3": "4.4", "32.4.4": "4.4.1", "32.5": "4.5", "32.5.1": "4.5.1", "32.6.1": "4.6",
    "32.7.1": "4.6.1", "32.7.2": "4.6.2", "32.7.3": "4.6.3", "32.7.4": "4.6.4", "32.7.5": "4.6.5",
    "32.7.6": "4.6.6", "35.1": "5.0.2", "35.2.1": "5.1", "35.3.1": "5.1.1", "35.4.1": "5.1.2",
    "35.5": "5.1.3", "35.6": "5.1.4", "36.3": "6.0", "36.4": "6.1", "36.4.3": "6.2", "36.4.4": "6.2.1",
}  # fmt: skip


def detect(tree: Tree) -> Finding:
    """The Jetson that this is, by its device tree: containers carry /etc/nv_tegra_release about."""
    chip = next((n for n in devicetree.compatible(tree) if n.startswith("nvidia,tegra")), None)
    if chip is None:
        return Finding("jetson", LOOKED_FOR)
    facts = {
        "chip": chip.partition(",")[2],
        **_software(tree),
        **_power(tree),
        **_memory(tree),
    }
    name = devicetree.model(tree) or f"board with {facts['chip']}"
    return Finding("jetson", LOOKED_FOR, (Device("jetson", name, "host", facts),))


def _software(tree: Tree) -> dict[str, str | None]:
    """L4T, JetPack and the libraries that engines are built with."""
    l4t, installed = parse_l4t(tree.text("/etc/nv_tegra_release") or ""), Installed(tree)
    known = _JETPACK.get(re.sub(r"(\.0)+$", "", l4t or ""))
    return {
        "l4t": l4t,
        "jetpack": known or installed.package("nvidia-jetpack"),
        **installed.facts(),
    }


def _power(tree: Tree) -> dict[str, Any]:
    """The power mode, whether clocks are locked at the top of it, and the rails that are measured."""
    mode = parse_power_mode(tree.text("/var/lib/nvpmodel/status") or "")
    modes = parse_power_models(tree.text("/etc/nvpmodel.conf") or "")
    clocks = ClockFiles.find(tree)
    running = (*clocks.processors(tree), *clocks.graphics(tree))
    return {
        "power_mode_id": mode,
        "power_mode": None if mode is None else modes.get(mode),
        "power_modes": [modes[number] for number in sorted(modes)] or None,
        "jetson_clocks": clocks.jetson_clocks(tree, running),
        "power_rails": [meter.name for meter in EnergyFiles.find(tree).meters] or None,
    }


def _memory(tree: Tree) -> dict[str, Any]:
    """What processors and GPU share, at this moment, in bytes.

    ``gpu_bytes`` is what the GPU holds of it, as L4T adds it to /proc/meminfo.
    """
    return {
        "memory_bytes": memory_bytes(tree),
        "available_bytes": available_bytes(tree),
        "gpu_bytes": meminfo_bytes(tree, "NvMapMemUsed"),
        "swap": swap(tree),
    }


def parse_l4t(text: str) -> str | None:
    """The release of Linux for Tegra, as ``32.7.1``.

    From ``# R32 (release), REVISION: 7.1, GCID: ...``, the first line of /etc/nv_tegra_release.
    """
    found = re.search(r"#\s*R([0-9]+)\s*\([^)\n]*\),\s*REVISION:\s*([0-9]+(?:\.[0-9]+)*)", text)
    return f"{found[1]}.{found[2]}" if found else None


def parse_power_models(text: str) -> dict[int, str]:
    """The power modes of an nvpmodel.conf by number: ``< POWER_MODEL ID=0 NAME=MAXN >``."""
    lines = re.findall(
        r"^[ \t]*<[ \t]*POWER_MODEL[ \t]+ID=([0-9]{1,9})[ \t]+NAME=([^\s>]+)[ \t]*>", text, re.M
    )
    return {int(number): name for number, name in lines}


def parse_power_mode(text: str) -> int | None:
    """The number of the mode in force, from nvpmodel's status file: ``pmode:0000``."""
    found = re.search(r"\bpmode:\s*([0-9]{1,9})\b", text)
    return int(found[1]) if found else None
