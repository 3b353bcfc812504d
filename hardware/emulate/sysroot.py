"""Where a machine's sysroot is, and whether it is whole."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hardware.cache import cache_folder
from hardware.device import Device
from hardware.emulate.machine import EmulationError, Machine

#: Written last: a folder without it was not finished.
MARKER = "installed.json"


@dataclass(frozen=True)
class Sysroot:
    """The folder of one machine: ``root`` with its files, wrappers, and the marker."""

    machine: Machine
    folder: Path

    @classmethod
    def of(cls, machine: Machine, cache: Path | None = None) -> Sysroot:
        """That of ``machine`` in the user's cache, there or not."""
        return cls(machine, (cache or cache_folder()) / "emulate" / machine.name)

    @property
    def root(self) -> Path:
        """What qemu takes for ``/`` where a file is there."""
        return self.folder / "root"

    def python(self, lane: str = "") -> Path:
        """The wrapper that starts its Python."""
        return self.folder / "-".join(filter(None, ("python", lane)))

    def versions(self) -> Mapping[str, str]:
        """What was installed, by name of package; empty if it is not whole."""
        try:
            said = json.loads((self.folder / MARKER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        versions = said.get("versions") if isinstance(said, dict) else None
        if not isinstance(versions, dict) or not self.root.is_dir():
            return {}
        return {str(name): str(version) for name, version in versions.items()}

    def lacks(self, lane: str = "") -> str | None:
        """Why its Python cannot be started, with the mend; None if it can."""
        mend = f"'python -m hardware emulate {self.machine.name} --install' mends that"
        if not self.folder.exists():
            return f"{self.folder}: there is no sysroot for {self.machine.name}; {mend}"
        if not self.versions() or not self.python(lane).is_file():
            return f"{self.folder}: the sysroot for {self.machine.name} is half-installed; {mend}"
        if shutil.which(self.machine.emulator) is None:
            return f"{self.machine.emulator} is not installed; {mend}"
        return None


@dataclass(frozen=True)
class Emulated:
    """A device made of a sysroot, and the Python that runs there."""

    device: Device
    python: Path


def emulated(machine: Machine, lane: str, cache: Path | None = None) -> Emulated:
    """``machine`` with the processor ``lane``, as a device.

    Raises:
        EmulationError: if its sysroot is not whole, or there is no emulator.
    """
    sysroot = Sysroot.of(machine, cache)
    if why := sysroot.lacks(lane):
        raise EmulationError(why)
    chosen = machine.lanes[lane]
    emulator = version_of(machine.emulator)
    facts = {**chosen.facts, "cpu": chosen.cpu, "emulator": emulator}
    what = f"{machine.name} with vectors of {chosen.vlen} bits" if lane else machine.name
    device = Device(machine.kind, f"{what} under {emulator}", "this host", facts, "emulated")
    return Emulated(device, sysroot.python(lane))


def version_of(emulator: str) -> str:
    """``qemu-riscv64 7.2.22``, as the program says it.

    Raises:
        EmulationError: if it cannot be run.
    """
    try:
        done = subprocess.run(
            [emulator, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise EmulationError(f"{emulator}: cannot be run: {error}") from None
    words = done.stdout.split()
    version = words[words.index("version") + 1] if "version" in words[:-1] else "of unknown version"
    return f"{emulator.removesuffix('-static')} {version}"
