"""The files of another machine, read there and held here.

What detection and sampling read is little, and known beforehand: :data:`FILES` and :data:`LINKS` are
asked for at once, and afterwards only what changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate

from hardware import nvidia
from hardware.clocking import EMC
from hardware.tree import LIMIT, Tree, natural

_CPU = "/sys/devices/system/cpu"
_CPUFREQ = ("scaling_*_freq", "scaling_governor", "cpuinfo_max_freq", "affected_cpus")
_DEVICE_TREE = ("/proc/device-tree", "/sys/firmware/devicetree/base")
#: Shell patterns of every file that a detector or a sample reads.
FILES = (
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/self/status", "/proc/interrupts"),
    *("/proc/stat", "/proc/loadavg", "/proc/pressure/cpu"),
    *(f"{root}/{name}" for root in _DEVICE_TREE for name in ("model", "compatible")),
    *(f"{root}/cpus/cpu@*/riscv,isa*" for root in _DEVICE_TREE),
    *(f"{_CPU}/{name}" for name in ("online", "present", "possible", "smt/active")),
    f"{_CPU}/cpu[0-9]*/topology/thread_siblings_list",
    *(f"{_CPU}/cpu[0-9]*/cache/index*/{n}" for n in ("type", "level", "size", "shared_cpu_list")),
    *(f"{_CPU}/cpufreq/policy*/{name}" for name in _CPUFREQ),
    *(f"{_CPU}/cpu[0-9]*/cpufreq/{name}" for name in _CPUFREQ),
    f"{_CPU}/cpu[0-9]*/thermal_throttle/*_throttle_count",
    *(f"/sys/class/thermal/thermal_zone*/{n}" for n in ("type", "temp", "trip_point_*")),
    *(f"/sys/class/thermal/cooling_device*/{n}" for n in ("type", "cur_state")),
    *(f"/sys/class/hwmon/hwmon*/{n}" for n in ("name", "temp1_input", "*_alarm", "oc*_event_cnt")),
    *(f"/sys/class/hwmon/hwmon*/{n}" for n in ("curr?_input", "in?_input", "in?_label", "power1_*")),
    *(f"/sys/class/devfreq/*/{n}" for n in ("governor", "*_freq", "available_frequencies")),
    *(f"/sys/class/powercap/intel-rapl:*/{n}" for n in ("name", "energy_uj", "max_energy_range_uj")),
    *(f"/sys/class/power_supply/*/{n}" for n in ("type", "scope", "online", "status")),
    "/sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*/in_power*_input",
    "/sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*/rail_name_*",
    "/sys/devices/platform/soc*/soc*:firmware/get_throttled",
    *("/sys/hypervisor/type", "/sys/class/dmi/id/sys_vendor", "/etc/os-release"),
    *("/etc/nv_tegra_release", "/etc/nvpmodel.conf", "/var/lib/nvpmodel/status"),
    *("/proc/swaps", *EMC, *nvidia.FILES),
    *(f"/sys/bus/usb/devices/*/{n}" for n in ("idVendor", "idProduct", "speed")),
    *(f"/sys/bus/pci/devices/*/{n}" for n in ("vendor", "device", "class", "uevent")),
    *("/sys/bus/pci/devices/*/current_link_*", "/sys/bus/pci/devices/*/apex/apex_*"),
    *(f"/sys/class/apex/apex_*/{n}" for n in ("pci_address", "temp*", "trip_point*")),
    *("/dev/apex_*", "/dev/nvidia*", "/proc/driver/nvidia/version"),
    "/proc/driver/nvidia/gpus/*/information",
    *("/var/lib/dpkg/info/libedgetpu1-*.list", "/usr/lib/*-linux-gnu*/libedgetpu.so.1"),
    *(f"{folder}/libedgetpu.so.1" for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib")),
)  # fmt: skip
#: The links whose targets are read.
LINKS = ("/proc/thread-self/exe", *nvidia.LINKS)

#: Reads files by shell patterns, as bytes, with None for what is no regular file; and links' targets.
Reader = Callable[
    [Iterable[str], Iterable[str]], tuple[Mapping[str, bytes | None], Mapping[str, str]]
]


@dataclass(frozen=True, eq=False)
class Recorded(Tree):
    """A tree in memory. ``read`` keeps the paths that were asked for since it was last emptied."""

    files: dict[str, bytes | None] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    # Each is a machine of its own, whatever it holds at the moment.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @classmethod
    def of(cls, reader: Reader, machine: str | None = None) -> Recorded:
        """All that detection and sampling may ask for; ``machine`` is what ``uname -m`` says."""
        files, links = reader(FILES, LINKS)
        return cls(machine=machine, files=dict(files), links=links)

    def refresh(self, reader: Reader, paths: Iterable[str]) -> None:
        """Read ``paths`` again; those that are gone are so from now on."""
        wanted = set(paths)
        found, _ = reader(sorted(wanted), ())
        for path in wanted:
            self.files.pop(path, None)
        self.files.update((path, found[path]) for path in wanted & found.keys())

    @property
    def live(self) -> bool:
        """Never: what is read here was read there before."""
        return False

    def text(self, path: str, limit: int = LIMIT) -> str | None:
        """As :meth:`Tree.text`."""
        self.read.add(path)
        content = self.files.get(path)
        if content is None:
            return None
        return content[:limit].decode("utf-8", "replace").strip("\0 \t\r\n")

    def link(self, path: str) -> str | None:
        """As :meth:`Tree.link`."""
        return self.links.get(path)

    def exists(self, path: str) -> bool:
        """As :meth:`Tree.exists`, of what was recorded."""
        return path in self.links or path in self._places()

    def glob(self, pattern: str) -> list[str]:
        """As :meth:`Tree.glob`, of what was recorded."""
        # No component of these patterns matches across a "/", as fnmatch's star would.
        parts = [re.compile(translate(part)) for part in pattern.split("/")]
        split = ((place, place.split("/")) for place in self._places())
        matching = (
            place
            for place, names in split
            if len(names) == len(parts)
            and all(part.match(name) for part, name in zip(parts, names, strict=True))
        )
        return sorted(matching, key=natural)

    def _places(self) -> set[str]:
        """Every file, and every folder above one."""
        known = set(self.files)
        for path in self.files:
            above = path.rpartition("/")[0]
            while above and above not in known:
                known.add(above)
                above = above.rpartition("/")[0]
        return known
