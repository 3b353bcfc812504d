"""How fast the clocks of the processors and of the GPU run, and who decides it.

Files: admin-guide/pm/cpufreq.rst and Documentation/ABI/testing/sysfs-class-devfreq in Linux. A
Jetson's GPU is one of its devfreq devices: 57000000.gpu (Nano), 17000000.gp10b (TX2),
17000000.gv11b (Xavier), 17000000.ga10b or 17000000.gpu (Orin).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hardware import devicetree
from hardware.topology import CPUS
from hardware.tree import Tree, to_int

#: Whether a Jetson's memory runs at one clock, 0 or 1: what ``jetson_clocks --show`` prints as
#: FreqOverride, of a Nano or TX1, and of all later ones. Only root may look.
EMC = (
    "/sys/kernel/debug/clk/override.emc/clk_state",
    "/sys/kernel/debug/bpmp/debug/clk/emc/mrq_rate_locked",
)
#: Names of devfreq devices that are GPUs; the others are memory controllers, buses and the like.
_GPU = re.compile(r"gpu|g[pvab]\d+b|mali|g3d", re.IGNORECASE)


@dataclass(frozen=True)
class Clock:
    """One clock at one moment, in kHz. ``cpus`` is empty for a GPU's.

    ``min_khz`` and ``max_khz`` are the limits in force, ``hardware_max_khz`` what the chip allows.
    """

    name: str
    cpus: tuple[int, ...] = ()
    governor: str | None = None
    cur_khz: int | None = None
    min_khz: int | None = None
    max_khz: int | None = None
    hardware_max_khz: int | None = None

    @property
    def fixed(self) -> bool:
        """Whether the limits leave the governor nothing to choose, whichever it is."""
        return self.min_khz is not None and self.min_khz == self.max_khz


@dataclass(frozen=True)
class ClockFiles:
    """Where a machine's clocks are: what does not change is read once, here."""

    policies: tuple[tuple[str, Clock], ...]
    gpus: tuple[tuple[str, Clock], ...]
    jetson: bool
    memory: str | None = None

    @classmethod
    def find(cls, tree: Tree) -> ClockFiles:
        """Look for them; policies whose processors are all switched off are left out."""
        policies = []
        for path in tree.glob(f"{CPUS}/cpufreq/policy*") or tree.glob(f"{CPUS}/cpu[0-9]*/cpufreq"):
            words = (tree.text(f"{path}/affected_cpus") or "").split()
            cpus = tuple(cpu for word in words if (cpu := to_int(word)) is not None)
            highest = tree.number(f"{path}/cpuinfo_max_freq")
            if cpus:
                name = f"cpu{cpus[0]}"
                policies.append((path, Clock(name, cpus, hardware_max_khz=highest)))
        gpus = []
        for path in tree.glob("/sys/class/devfreq/*"):
            name = path.rpartition("/")[2]
            if _GPU.search(name):
                words = (tree.text(f"{path}/available_frequencies") or "").split()
                steps = [hz for word in words if (hz := to_int(word)) is not None]
                top = max(steps) // 1000 if steps else None
                gpus.append((path, Clock(name, hardware_max_khz=top)))
        tegra = any(name.startswith("nvidia,tegra") for name in devicetree.compatible(tree))
        memory = next((path for path in EMC if tegra and tree.exists(path)), None)
        return cls(tuple(policies), tuple(gpus), tegra, memory)

    def processors(self, tree: Tree) -> tuple[Clock, ...]:
        """The clocks of the processors, now: four files for each policy."""
        return tuple(
            Clock(
                known.name,
                known.cpus,
                tree.text(f"{path}/scaling_governor") or None,
                tree.number(f"{path}/scaling_cur_freq"),
                tree.number(f"{path}/scaling_min_freq"),
                tree.number(f"{path}/scaling_max_freq"),
                known.hardware_max_khz,
            )
            for path, known in self.policies
        )

    def graphics(self, tree: Tree) -> tuple[Clock, ...]:
        """The clocks of the GPUs, now; devfreq counts in Hz."""
        return tuple(
            Clock(
                known.name,
                (),
                tree.text(f"{path}/governor") or None,
                _khz(tree, f"{path}/cur_freq"),
                _khz(tree, f"{path}/min_freq"),
                _khz(tree, f"{path}/max_freq"),
                known.hardware_max_khz,
            )
            for path, known in self.gpus
        )

    def jetson_clocks(self, tree: Tree, clocks: Sequence[Clock]) -> bool | None:
        """Whether NVIDIA's ``jetson_clocks`` is in force; None where this is no Jetson.

        It raises the lower limit of every clock to the upper one, and holds the memory's; its ``--show``
        prints the same files, so that is what is looked at: the ``clocks`` of processors and GPU, and
        the memory's as far as this user may.
        """
        if not self.jetson or not clocks:
            return None
        held = None if self.memory is None else tree.number(self.memory)
        return all(clock.fixed for clock in clocks) and held != 0


def _khz(tree: Tree, path: str) -> int | None:
    hertz = tree.number(path)
    return None if hertz is None else hertz // 1000
