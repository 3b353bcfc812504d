"""What the machine runs on, and how much of it the system allows itself."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.devices.jetson import parse_power_mode, parse_power_models
from hardware.tree import Tree

_NVPMODEL = "/var/lib/nvpmodel/status"
_CHARGED = ("Charging", "Full", "Not charging")


@dataclass(frozen=True)
class PowerFiles:
    """Where a machine says what it runs on."""

    mains: tuple[str, ...]
    batteries: tuple[str, ...]
    modes: dict[int, str]
    nvpmodel: bool

    @classmethod
    def find(cls, tree: Tree) -> PowerFiles:
        """Look for them; a mouse's battery (of scope Device) is none of the machine's."""
        mains, batteries = [], []
        for path in tree.glob("/sys/class/power_supply/*"):
            kind = tree.text(f"{path}/type") or ""
            if tree.text(f"{path}/scope") == "Device":
                continue
            if kind == "Battery":
                batteries.append(f"{path}/status")
            elif kind == "Mains" or kind.startswith("USB"):
                mains.append(f"{path}/online")
        modes = parse_power_models(tree.text("/etc/nvpmodel.conf") or "")
        return cls(tuple(mains), tuple(batteries), modes, tree.exists(_NVPMODEL))

    def supply(self, tree: Tree) -> str | None:
        """``mains`` or ``battery``; None where nothing tells, as on most boards.

        From type, online and status in Documentation/ABI/testing/sysfs-class-power in Linux.
        """
        if any(tree.number(path) for path in self.mains):
            return "mains"
        states = [tree.text(path) for path in self.batteries]
        if "Discharging" in states:
            return "battery"
        return "mains" if any(state in _CHARGED for state in states) else None

    def mode(self, tree: Tree) -> str | None:
        """The power mode of a Jetson by its name, such as ``MAXN``, else as ``mode 3``."""
        number = parse_power_mode(tree.text(_NVPMODEL) or "") if self.nvpmodel else None
        return None if number is None else self.modes.get(number, f"mode {number}")
