"""What NVIDIA's tegrastats prints, for logs that were captured beside a run.

Format: "Tegrastats Utility" in the Jetson Linux developer guide. Its fields differ between boards
and releases; what a line does not have is None or empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MEMORY = re.compile(r"\bRAM (\d{1,9})/(\d{1,9})MB")
_CPUS = re.compile(r"\bCPU \[([^\]\n]{0,4096})\]", re.IGNORECASE)
_CORE = re.compile(r"(\d{1,3})%(?:@(\d{1,6}))?")
_GPU = re.compile(r"\bGR3D(?:_FREQ)? (\d{1,3})%(?:@\[?(\d{1,6}))?")
_BUS = re.compile(r"\bEMC(?:_FREQ)? (\d{1,3})%(?:@(\d{1,6}))?")
_HEAT = re.compile(r"\b([A-Za-z]\w{0,31})@(-?\d{1,4}(?:\.\d{1,6})?)C\b")
_RAIL = re.compile(r"\b([A-Za-z0-9]\w{0,31}) (\d{1,9})(?:mW)?/(\d{1,9})(?:mW)?(?=\s|$)")
#: Zones of parts that are switched off read -256.
_OFF_C = -200.0


@dataclass(frozen=True)
class TegraStats:
    """One line.

    ``cpu_load`` has a share (0 to 1) for each core, None for one that is switched off, and
    ``cpu_mhz`` its clock; ``gpu_load`` and ``emc_load`` are shares too. ``watts`` has the power of
    each rail now, ``mean_watts`` since tegrastats began.
    """

    ram_mb: int | None = None
    ram_total_mb: int | None = None
    cpu_load: tuple[float | None, ...] = ()
    cpu_mhz: tuple[int | None, ...] = ()
    gpu_load: float | None = None
    gpu_mhz: int | None = None
    emc_load: float | None = None
    emc_mhz: int | None = None
    temperatures: dict[str, float] = field(default_factory=dict)
    watts: dict[str, float] = field(default_factory=dict)
    mean_watts: dict[str, float] = field(default_factory=dict)


def parse_tegrastats(text: str) -> tuple[TegraStats, ...]:
    """The lines of tegrastats in ``text``, in their order; others are passed over."""
    return tuple(_line(line) for line in text.splitlines() if _MEMORY.search(line))


def _line(line: str) -> TegraStats:
    memory, cpus = _MEMORY.search(line), _CPUS.search(line)
    cores = [_CORE.search(core) for core in cpus[1].split(",")] if cpus else []
    gpu, gpu_mhz = _load(_GPU.search(line))
    emc, emc_mhz = _load(_BUS.search(line))
    # Amounts of memory have the form of a rail without a unit, but for their own unit.
    rails = _RAIL.findall(line)
    return TegraStats(
        int(memory[1]) if memory else None,
        int(memory[2]) if memory else None,
        tuple(_load(core)[0] for core in cores),
        tuple(_load(core)[1] for core in cores),
        gpu,
        gpu_mhz,
        emc,
        emc_mhz,
        {name: float(c) for name, c in _HEAT.findall(line) if float(c) > _OFF_C},
        {name: int(now) / 1000 for name, now, _ in rails if name != "NC"},
        {name: int(mean) / 1000 for name, _, mean in rails if name != "NC"},
    )


def _load(found: re.Match[str] | None) -> tuple[float | None, int | None]:
    if not found:
        return None, None
    return int(found[1]) / 100, None if found[2] is None else int(found[2])
