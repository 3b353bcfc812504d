"""Where a machine's sysroot is, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.cache import cache_folder
from hardware.emulate.machine import Machine

#: Written last: a folder without it was not finished.
MARKER = "installed.json"


@dataclass(frozen=True)
class Sysroot:
    """The folder of one machine: ``root`` with its files, a wrapper for each lane, and the marker."""

    machine: Machine
    folder: Path

    @classmethod
    def of(cls, machine: Machine, cache: Path | None = None) -> Sysroot:
        """That of ``machine`` in the user's cache, there or not."""
        return cls(machine, (cache or cache_folder()).absolute() / "emulate" / machine.name)

    @property
    def root(self) -> Path:
        """What qemu takes for ``/`` where a file is there."""
        return self.folder / "root"

    @property
    def partial(self) -> Path:
        """Where it is made; what lies there was not finished."""
        return self.folder.with_name(f"{self.folder.name}.partial")

    def python(self, lane: str = "") -> Path:
        """The wrapper that starts its Python on the processor ``lane``."""
        return self.folder / "-".join(filter(None, ("python", lane)))

    @property
    def modules(self) -> tuple[str, ...]:
        """The folders of ``root`` in which Python finds modules."""
        debian = "usr/lib/python3/dist-packages"
        return ("opt/wheels", debian) if self.machine.wheels else (debian,)

    def versions(self) -> Mapping[str, str]:
        """What was installed, by name; empty if it is not whole."""
        versions = self._marker().get("versions")
        if not isinstance(versions, dict) or not self.root.is_dir():
            return {}
        return {str(name): str(version) for name, version in versions.items()}

    def broken(self) -> str | None:
        """What is wrong with it, emulator apart; None if it is whole and of this recipe."""
        name = self.machine.name
        if not self.folder.exists() and not self.partial.exists():
            return f"{self.folder}: there is no sysroot for {name}"
        wrappers = all(self.python(lane).is_file() for lane in self.machine.lanes)
        if not self.versions() or not wrappers:
            return f"{self.folder}: the sysroot for {name} is half-installed"
        if self._marker().get("recipe") != self.machine.recipe:
            return f"{self.folder}: the sysroot for {name} was made by another version of Edgeproof"
        return None

    def lacks(self) -> str | None:
        """Why its Python cannot be started, with the mend; None if it can."""
        why = self.broken()
        if why is None and self.machine.emulator() is None:
            why = f"there is no qemu for {self.machine.name} (the package qemu-user-static)"
        mend = f"'python -m hardware emulate {self.machine.name} --install'"
        return None if why is None else f"{why}: {mend} mends that"

    def _marker(self) -> dict[str, Any]:
        try:
            said = json.loads((self.folder / MARKER).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}
