"""Cores, caches, clocks and memory, as sysfs tells them.

Files: Documentation/ABI/testing/sysfs-devices-system-cpu and admin-guide/pm/cpufreq.rst in Linux.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hardware.cpuinfo import Block, processors
from hardware.tree import Tree, to_int

CPUS = "/sys/devices/system/cpu"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def parse_cpulist(text: str | None) -> list[int]:
    """The processors of a list such as ``0-3,8``; parts that are no range are passed over."""
    cpus: set[int] = set()
    for part in (text or "").split(","):
        if found := re.fullmatch(r"\s*([0-9]{1,5})(?:-([0-9]{1,5}))?\s*", part):
            first = int(found[1])
            cpus.update(range(first, int(found[2] or first) + 1))
    return sorted(cpus)


def parse_size(text: str | None) -> int | None:
    """The bytes of a size such as ``32K`` or ``1024K``."""
    found = re.fullmatch(r"([0-9]{1,12})([KMG]?)", text or "")
    return int(found[1]) * _UNITS[found[2]] if found else None


def memory_bytes(tree: Tree) -> int | None:
    """The memory that the kernel manages, in bytes: a little less than what is fitted."""
    return meminfo_bytes(tree, "MemTotal")


def available_bytes(tree: Tree) -> int | None:
    """The memory that can be had without swapping, in bytes, as the kernel estimates it."""
    return meminfo_bytes(tree, "MemAvailable")


def meminfo_bytes(tree: Tree, name: str) -> int | None:
    """One line of /proc/meminfo, in bytes."""
    text = tree.text("/proc/meminfo") or ""
    found = re.search(rf"^{re.escape(name)}:\s+([0-9]{{1,15}}) kB", text, re.M)
    return int(found[1]) * 1024 if found else None


def online(tree: Tree) -> list[int]:
    """The numbers of the processors that are switched on; empty where sysfs does not tell."""
    return parse_cpulist(tree.text(f"{CPUS}/online"))


def cores(tree: Tree, blocks: list[Block]) -> dict[str, int | bool | None]:
    """How many processors there are, how many are online, and on how many physical cores; SMT."""
    on = online(tree)
    logical = len(on) or len(processors(blocks)) or None
    present = len(parse_cpulist(tree.text(f"{CPUS}/present"))) or logical
    physical = _siblings(tree, on) or _core_ids(blocks)
    active = tree.number(f"{CPUS}/smt/active")
    smt = bool(active) if active is not None else None
    if smt is None and physical and logical:
        smt = physical < logical
    return {
        "logical_cores": present,
        "online_cores": logical,
        "physical_cores": physical,
        "smt": smt,
    }


def _siblings(tree: Tree, cpus: Iterable[int]) -> int | None:
    paths = (f"{CPUS}/cpu{cpu}/topology/thread_siblings_list" for cpu in cpus)
    return len({text for path in paths if (text := tree.text(path))}) or None


def _core_ids(blocks: list[Block]) -> int | None:
    # Only x86 prints them.
    ids = {(b.get("physical id"), b["core id"]) for b in processors(blocks) if "core id" in b}
    return len(ids) or None


def clocks(tree: Tree) -> list[dict[str, Any]]:
    """The clock domains of the processors, those of one governor and range taken together.

    Each has ``cpus``, ``governor``, and in kHz ``min_khz`` and ``max_khz`` (the limits in force),
    ``hardware_max_khz`` and ``cur_khz``. The last is one processor's: to read it may interrupt that
    processor, and take milliseconds. Empty where the kernel does not scale the clock or does not
    tell.
    """
    groups: dict[tuple[Any, ...], list[tuple[str, list[int]]]] = {}
    for policy in tree.glob(f"{CPUS}/cpufreq/policy*") or tree.glob(f"{CPUS}/cpu[0-9]*/cpufreq"):
        limits = ("scaling_min_freq", "scaling_max_freq", "cpuinfo_max_freq")
        key = (
            tree.text(f"{policy}/scaling_governor"),
            *(tree.number(f"{policy}/{limit}") for limit in limits),
        )
        # Separated by spaces here, unlike everywhere else.
        words = (tree.text(f"{policy}/affected_cpus") or "").split()
        cpus = [cpu for word in words if (cpu := to_int(word)) is not None]
        if cpus:  # none: all of its processors are switched off
            groups.setdefault(key, []).append((policy, cpus))
    return [
        {
            "cpus": sorted(cpu for _, cpus in policies for cpu in cpus),
            "governor": governor,
            "min_khz": low,
            "cur_khz": tree.number(f"{policies[0][0]}/scaling_cur_freq"),
            "max_khz": high,
            "hardware_max_khz": hardware,
        }
        for (governor, low, high, hardware), policies in groups.items()
    ]


def caches(tree: Tree, cpus: Iterable[int]) -> list[dict[str, Any]]:
    """The caches seen from ``cpus``: name (``L1d``), bytes, and how many processors share one.

    One processor of each kind is enough to ask; equal caches are listed once.
    """
    found: dict[tuple[str, int | None, int | None], None] = {}
    for cpu in cpus:
        for index in tree.glob(f"{CPUS}/cpu{cpu}/cache/index*"):
            kind = {"Data": "d", "Instruction": "i"}.get(tree.text(f"{index}/type") or "", "")
            level = tree.number(f"{index}/level")
            shared = len(parse_cpulist(tree.text(f"{index}/shared_cpu_list"))) or None
            if level is not None:
                found[f"L{level}{kind}", parse_size(tree.text(f"{index}/size")), shared] = None
    return [{"name": name, "bytes": size, "shared_by": shared} for name, size, shared in found]
