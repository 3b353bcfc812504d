"""The state of the machine at one moment."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from hardware.clocking import Clock, ClockFiles
from hardware.energy import EnergyFiles, Readings
from hardware.load import Usage, usage
from hardware.power import PowerFiles
from hardware.thermal import ThermalFiles
from hardware.throttling import Throttling, ThrottlingFiles
from hardware.tree import Tree


@dataclass(frozen=True)
class Sample:
    """What was read at ``at`` (seconds of the monotonic clock); absent things are None or empty.

    ``temperatures`` is in degrees Celsius by zone, ``trips_passed`` names the zones that have
    reached the temperature at which the kernel slows down, ``supply`` is ``mains`` or ``battery``.
    """

    at: float
    clocks: tuple[Clock, ...] = ()
    gpu_clocks: tuple[Clock, ...] = ()
    temperatures: Mapping[str, float] = field(default_factory=dict)
    trips_passed: tuple[str, ...] = ()
    throttling: Throttling = field(default_factory=Throttling)
    usage: Usage = field(default_factory=Usage)
    readings: Readings = field(default_factory=Readings)
    power_mode: str | None = None
    jetson_clocks: bool | None = None
    supply: str | None = None


@dataclass(frozen=True)
class _Files:
    clocks: ClockFiles
    thermal: ThermalFiles
    throttling: ThrottlingFiles
    power: PowerFiles
    energy: EnergyFiles


@lru_cache(maxsize=8)
def _files(tree: Tree) -> _Files:
    """Which files there are: to look for them costs far more than to read them."""
    return _Files(
        ClockFiles.find(tree),
        ThermalFiles.find(tree),
        ThrottlingFiles.find(tree),
        PowerFiles.find(tree),
        EnergyFiles.find(tree),
    )


def sample(tree: Tree, pids: Iterable[int] = (), *, programs: bool = False) -> Sample:
    """The state of ``tree``'s machine now; ``pids`` are the processes whose work is measured.

    Files are looked for once for each tree, so a first sample takes longer: take one beforehand.
    Starts no process, unless ``programs`` allows it where nothing else helps (see
    :meth:`~hardware.throttling.ThrottlingFiles.read`).
    """
    files = _files(tree)
    # The counters first and together: shares and energy are divided by the time between samples.
    at = time.monotonic()
    used = usage(tree, pids)
    readings = files.energy.read(tree)
    clocks, gpus = files.clocks.processors(tree), files.clocks.graphics(tree)
    temperatures = files.thermal.read(tree)
    return Sample(
        at=at,
        clocks=clocks,
        gpu_clocks=gpus,
        temperatures=temperatures,
        trips_passed=files.thermal.passed(temperatures),
        throttling=files.throttling.read(tree, programs),
        usage=used,
        readings=readings,
        power_mode=files.power.mode(tree),
        jetson_clocks=files.clocks.jetson_clocks(tree, (*clocks, *gpus)),
        supply=files.power.supply(tree),
    )
