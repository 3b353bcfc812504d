"""An emulated machine as a device of a run."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hardware.device import Device
from hardware.emulate.machine import EmulationError, Machine
from hardware.emulate.sysroot import Sysroot


@dataclass(frozen=True)
class Emulated:
    """The device that a sysroot makes, and the Python that runs there."""

    device: Device
    python: Path


def emulated(machine: Machine, lane: str, cache: Path | None = None) -> Emulated:
    """``machine`` with the processor ``lane``, as a device.

    Raises:
        EmulationError: if its sysroot is not whole, or there is no emulator.
    """
    sysroot = Sysroot.of(machine, cache)
    if why := sysroot.lacks():
        raise EmulationError(why)
    chosen, emulator = machine.lanes[lane], version(machine)
    facts = {**chosen.facts, "cpu": chosen.cpu, "emulator": emulator}
    what = f"{machine.name} with {chosen.vlen}-bit vectors" if chosen.vlen else machine.name
    device = Device(machine.kind, f"{what} under {emulator}", "this host", facts, "emulated")
    return Emulated(device, sysroot.python(lane))


def version(machine: Machine) -> str:
    """``qemu-riscv64 7.2.22``, as the emulator says it.

    Raises:
        EmulationError: if there is none, or it cannot be run.
    """
    program = machine.emulator()
    if program is None:
        raise EmulationError(f"there is no qemu for {machine.name}")
    try:
        done = subprocess.run(
            [shutil.which(program) or program, "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise EmulationError(f"{program}: cannot be run: {error}") from None
    words = done.stdout.split()
    found = words[words.index("version") + 1] if "version" in words[:-1] else "of unknown version"
    return f"{program.removesuffix('-static')} {found}"
