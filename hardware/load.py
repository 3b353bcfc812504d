"""Who used the processors: the measured processes, others, or other guests of the same host.

Files: proc_stat(5), proc_pid_stat(5) and accounting/psi.rst in Linux. Times are in ticks of
1/100 s (``USER_HZ``, on every architecture that runs inference at the edge).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hardware.topology import parse_cpulist
from hardware.tree import Tree, to_int

#: Ticks of /proc/stat in a second.
TICKS = 100
_FIELDS = re.compile(r"^cpu((?: +[0-9]{1,19}){4,10})", re.MULTILINE)
_CPU = re.compile(r"^cpu[0-9]", re.MULTILINE)
_SOME = re.compile(r"^some .*\btotal=([0-9]{1,19})", re.MULTILINE)
_ALLOWED = re.compile(r"^Cpus_allowed_list:\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class CpuTimes:
    """Ticks since boot, of all processors together, and how many of them are online."""

    busy: int
    idle: int
    steal: int
    cpus: int


@dataclass(frozen=True)
class Process:
    """Ticks that a process and all its threads have used; ``start`` tells it from a namesake."""

    start: int
    ticks: int


@dataclass(frozen=True)
class Usage:
    """The processors at one moment. ``own`` has every process asked for, None where it is gone."""

    times: CpuTimes | None = None
    own: Mapping[int, Process | None] = field(default_factory=dict)
    pressure_us: int | None = None
    load_1min: float | None = None
    allowed: int | None = None


@dataclass(frozen=True)
class Shares:
    """Parts (0 to 1) of the time of all processors over an interval.

    ``resolution`` is how far ``other`` and ``steal`` may be off for the coarseness of the counters
    alone; None throughout where it cannot be told.
    """

    other: float | None = None
    steal: float | None = None
    resolution: float | None = None
    pressure: float | None = None


def usage(tree: Tree, pids: Iterable[int] = ()) -> Usage:
    """What /proc says now. ``allowed`` is the number of CPUs that this process may use."""
    allowed = _ALLOWED.search(tree.text("/proc/self/status") or "")
    return Usage(
        parse_stat(tree.text("/proc/stat") or ""),
        {pid: parse_process(tree.text(f"/proc/{pid}/stat") or "") for pid in pids},
        parse_pressure(tree.text("/proc/pressure/cpu") or ""),
        parse_load(tree.text("/proc/loadavg") or ""),
        (len(parse_cpulist(allowed[1])) or None) if allowed else None,
    )


def parse_stat(text: str) -> CpuTimes | None:
    """The processors' times in /proc/stat: user nice system idle iowait irq softirq steal.

    A guest's time is in user's already. Waiting for a disk leaves a processor idle.
    """
    found = _FIELDS.search(text)
    if not found:
        return None
    user, nice, system, idle, wait, hard, soft, steal, *_ = [*map(int, found[1].split()), *[0] * 4]
    cpus = len(_CPU.findall(text)) or 1
    return CpuTimes(user + nice + system + hard + soft, idle + wait, steal, cpus)


def parse_process(text: str) -> Process | None:
    """Of /proc/PID/stat, utime + stime (fields 14 and 15) and starttime (22).

    The name in field 2 may hold anything, so fields are counted from its closing bracket.
    """
    words = text.rpartition(")")[2].split()
    numbers = [to_int(word) if len(word) < 20 else None for word in words[11:20]]
    if len(numbers) < 9:
        return None
    user, system, start = numbers[0], numbers[1], numbers[8]
    if user is None or system is None or start is None or min(user, system, start) < 0:
        return None
    return Process(start, user + system)


def parse_pressure(text: str) -> int | None:
    """Microseconds since boot in which something that could run had to wait for a processor."""
    found = _SOME.search(text)
    return int(found[1]) if found else None


def parse_load(text: str) -> float | None:
    """The load average of the last minute, the first number in /proc/loadavg."""
    found = re.match(r"[0-9]{1,9}(?:\.[0-9]{1,9})?(?=\s|$)", text)
    return float(found[0]) if found else None


def shares(usages: Sequence[Usage], seconds: float) -> Shares:
    """Who used the processors between the first and the last of ``usages``, ``seconds`` apart.

    ``other`` is busy time less that of the processes asked for, so they must be the same in all of
    ``usages``: one that is gone takes its time with it, and then ``other`` is None.

    The resolution: a difference of whole ticks is off by less than one in each counter that is
    added up, five for busy time and two for each process, and a tick at an end of the interval may
    count for the wrong side, on each processor.
    """
    first, last = usages[0], usages[-1]
    pressure = None
    if first.pressure_us is not None and last.pressure_us is not None and seconds > 0:
        pressure = min(1.0, max(0, last.pressure_us - first.pressure_us) / (seconds * 1e6))
    if first.times is None or last.times is None:
        return Shares(pressure=pressure)
    # The kernel lets iowait, and some hypervisors steal, run backwards a little.
    busy = max(0, last.times.busy - first.times.busy)
    idle = max(0, last.times.idle - first.times.idle)
    steal = max(0, last.times.steal - first.times.steal)
    total = busy + idle + steal
    if not total:
        return Shares(pressure=pressure)
    own = _own(usages)
    slack = 5 + 2 * len(last.own) + last.times.cpus
    return Shares(
        other=None if own is None else max(0, busy - own) / total,
        steal=steal / total,
        resolution=min(1.0, slack / total),
        pressure=pressure,
    )


def _own(usages: Sequence[Usage]) -> int | None:
    """Ticks of the processes asked for, or None if one of them got lost."""
    ticks = 0
    for before, after in pairwise(usages):
        for pid in before.own.keys() | after.own.keys():
            now, then = after.own.get(pid), before.own.get(pid)
            if now is None or (then is not None and then.start != now.start):
                return None
            # One that was not there before has done all it did since.
            ticks += now.ticks - (then.ticks if then else 0)
    return ticks
