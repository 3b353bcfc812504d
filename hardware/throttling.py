"""Whether the machine has slowed itself down, for heat or for want of power.

Three kinds of signs are read: flags that are in force now, flags of what has happened before, and
counters that only grow.

- Raspberry Pi: the firmware's word of bits, ``vcgencmd get_throttled`` in
  https://www.raspberrypi.com/documentation/computers/os.html, which Raspberry Pi's kernel also
  shows below /sys/devices/platform/soc; and the alarm of drivers/hwmon/raspberrypi-hwmon.c. That
  driver has the firmware forget what has happened each time it looks, every two seconds: a bit of
  the past may go away again, so samples are compared one with the next.
- x86: the counters of drivers/thermal/intel/therm_throt.c, which
  admin-guide/thermal/intel_thermal_throttle.rst describes.
- Anywhere: cooling devices of the kernel's thermal framework that act on a clock, with a state
  above 0. A Jetson's are ``cpu-throttle-alert``, ``gpu-throttle-alert`` and the like, or
  ``CPU-balanced`` before JetPack 5.
- Jetson Orin and Thor: ``oc1_event_cnt`` (under-voltage), ``oc2_event_cnt`` (average
  over-current) and ``oc3_event_cnt`` (instantaneous) of hwmon's ``soctherm_oc``; "Jetson Orin
  Nano Series, Jetson Orin NX Series and Jetson AGX Orin Series" in NVIDIA's developer guide.
  A Nano or TX1 interrupts instead, as ``soctherm_edp``; NVIDIA's nvpmodel_indicator counts those.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hardware import devicetree
from hardware.topology import CPUS
from hardware.tree import Tree, to_int

#: What the firmware's bits 0 to 3 say of now, and 16 to 19 of the past.
PI_FLAGS = ("under-voltage", "frequency capped", "throttled", "soft temperature limit")
_FIRMWARE = "/sys/devices/platform/soc*/soc*:firmware/get_throttled"
#: Of the cooling devices those that slow a chip down. Fans do not, a "TCC Offset" is a setting,
#: and what is neither is some battery's or radio's own affair.
_SLOWS = re.compile(
    r"processor|cpu|gpu|devfreq|throttl|balanced|powerclamp|idle|(?:^|[-_])(?:heavy|light)$", re.I
)
#: Alarms that mean trouble. Super-I/O chips raise others for inputs that are not connected.
_ALARM = re.compile(r"(temp\d+_(?:crit|emergency)|in\d+_lcrit|curr\d+_crit)_alarm")
_EDP = re.compile(r"^ *\d+:((?: +\d{1,19})+) .*soctherm_edp", re.MULTILINE)


@dataclass(frozen=True)
class Throttling:
    """The signs at one moment; ``known`` is whether this machine gives any."""

    active: frozenset[str] = frozenset()
    past: frozenset[str] = frozenset()
    counters: Mapping[str, int] = field(default_factory=dict)
    known: bool = False


@dataclass(frozen=True)
class ThrottlingFiles:
    """Where a machine gives signs of slowing down."""

    firmware: str | None
    vcgencmd: bool
    flags: tuple[tuple[str, str], ...]
    counters: tuple[tuple[str, str], ...]
    interrupts: bool

    @classmethod
    def find(cls, tree: Tree) -> ThrottlingFiles:
        """Look for them."""
        flags = [
            (f"cooling by {kind}", f"{path}/cur_state")
            for path in tree.glob("/sys/class/thermal/cooling_device*")
            if (kind := tree.text(f"{path}/type"))
            and _SLOWS.search(kind)
            and "fan" not in kind.lower()
        ]
        counters = [
            (f"{name}_throttle_count", path)
            for name in ("core", "package")
            for path in tree.glob(f"{CPUS}/cpu[0-9]*/thermal_throttle/{name}_throttle_count")
        ]
        for path in tree.glob("/sys/class/hwmon/hwmon*"):
            chip = tree.text(f"{path}/name") or path.rpartition("/")[2]
            for file in tree.glob(f"{path}/*_alarm"):
                if found := _ALARM.fullmatch(file.rpartition("/")[2]):
                    low = chip == "rpi_volt"
                    flags.append((PI_FLAGS[0] if low else f"alarm {chip} {found[1]}", file))
            for file in tree.glob(f"{path}/oc[0-9]*_event_cnt"):
                counters.append((file.rpartition("/")[2], file))
        firmware = next(iter(tree.glob(_FIRMWARE)), None)
        pi = (devicetree.model(tree) or "").startswith("Raspberry Pi")
        return cls(
            firmware,
            firmware is None and pi and tree.live,
            tuple(flags),
            tuple(counters),
            "soctherm_edp" in (tree.text("/proc/interrupts") or ""),
        )

    def read(self, tree: Tree, programs: bool = False) -> Throttling:
        """The signs now.

        With ``programs``, and only on a Raspberry Pi whose kernel does not show the firmware's
        word, vcgencmd is run for it: 10 ms or so, beside a measurement but never within one.
        """
        active = {name for name, path in self.flags if (tree.number(path) or 0) > 0}
        past: set[str] = set()
        word = tree.number(self.firmware, 16) if self.firmware else None
        if word is None and programs and self.vcgencmd:
            word = parse_vcgencmd(_vcgencmd())
        if word is not None:
            now, before = decode_throttled(word)
            active, past = active | now, past | before
        counters: dict[str, int] = {}
        for name, path in self.counters:
            if (count := tree.number(path)) is not None:
                counters[name] = counters.get(name, 0) + count
        if self.interrupts:
            counters["soctherm_edp"] = parse_edp(tree.text("/proc/interrupts") or "")
        known = word is not None or bool(self.flags or counters)
        return Throttling(frozenset(active), frozenset(past), counters, known)


def decode_throttled(word: int) -> tuple[frozenset[str], frozenset[str]]:
    """Which of :data:`PI_FLAGS` are set now (bits 0 to 3), and which have been (16 to 19)."""
    now = {flag for bit, flag in enumerate(PI_FLAGS) if word >> bit & 1}
    past = {flag for bit, flag in enumerate(PI_FLAGS) if word >> (bit + 16) & 1}
    return frozenset(now), frozenset(past)


def parse_vcgencmd(text: str) -> int | None:
    """The word that ``vcgencmd get_throttled`` prints as ``throttled=0x50005``."""
    found = re.search(r"\bthrottled=0x([0-9a-fA-F]{1,8})\b", text)
    return int(found[1], 16) if found else None


def parse_edp(text: str) -> int:
    """How often a Nano's over-current interrupt came, on all processors, in /proc/interrupts."""
    return sum(to_int(count) or 0 for row in _EDP.findall(text) for count in row.split())


def rose(moments: Sequence[Throttling]) -> tuple[str, ...]:
    """What began, or was counted, between the first of ``moments`` and the last, in this order.

    Flags that were set at the start and stayed so are not among them.
    """
    found: set[str] = set()
    for before, after in pairwise(moments):
        found |= (after.active - before.active) | (after.past - before.past)
        for name, count in after.counters.items():
            if count > before.counters.get(name, count):
                found.add(name)
    return tuple(sorted(found))


def _vcgencmd() -> str:
    program = shutil.which("vcgencmd")
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "get_throttled"], capture_output=True, text=True, timeout=1, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):  # ValueError: no text
        return ""
    return done.stdout
