"""How hot the machine is.

Files: driver-api/thermal/sysfs-api.rst and Documentation/hwmon/sysfs-interface.rst in Linux, in
thousandths of a degree Celsius. A PCI Express Edge TPU is no zone of the kernel's: its driver
publishes ``temp``, ``trip_point0_temp`` to ``trip_point2_temp`` and ``temp_poll_interval`` (in ms) in
/sys/class/apex/apex_N, and halves the clock at each trip point that it finds passed when it polls
(``check_temperature_work_handler`` in gasket-driver's apex_driver.c). Whether it has done so it
writes to the kernel's log alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.tree import Tree

#: Outside of these no sensor of a running chip measures. Orin's zones of parts that are switched
#: off read -256, and ACPI's unused ones 0 K.
PLAUSIBLE_C = (-55.0, 200.0)
#: Of hwmon, where the processor is no thermal zone: AMD's desktops and many servers.
_PROCESSORS = ("coretemp", "k10temp", "zenpower")


@dataclass(frozen=True)
class Zone:
    """A sensor: its name, its file, and the temperature at which the kernel begins to slow down."""

    name: str
    path: str
    passive_c: float | None = None


@dataclass(frozen=True)
class ThermalFiles:
    """Where a machine's temperatures are."""

    zones: tuple[Zone, ...]

    @classmethod
    def find(cls, tree: Tree) -> ThermalFiles:
        """The thermal zones by their type, else the processor's own sensor; and Edge TPUs."""
        zones: dict[str, Zone] = {}
        for path in tree.glob("/sys/class/thermal/thermal_zone*"):
            kind = tree.text(f"{path}/type") or path.rpartition("/")[2]
            name, number = kind, 1
            while name in zones:  # two of a kind are told apart, as in "acpitz 2"
                number += 1
                name = f"{kind} {number}"
            zones[name] = Zone(name, f"{path}/temp", _passive(tree, path))
        if not any("cpu" in name.lower() or "pkg" in name for name in zones):
            for path in tree.glob("/sys/class/hwmon/hwmon*"):
                chip = tree.text(f"{path}/name") or ""
                if chip in _PROCESSORS:
                    zones.setdefault(chip, Zone(chip, f"{path}/temp1_input"))
        for path in tree.glob("/sys/class/apex/apex_*"):
            name = path.rpartition("/")[2]
            zones[name] = Zone(name, f"{path}/temp", _apex_trip(tree, path))
        return cls(tuple(zones.values()))

    def read(self, tree: Tree) -> dict[str, float]:
        """Degrees Celsius by zone; zones that measure nothing now are left out."""
        read = ((zone.name, _degrees(tree, zone.path)) for zone in self.zones)
        return {name: degrees for name, degrees in read if degrees is not None}

    def passed(self, temperatures: dict[str, float]) -> tuple[str, ...]:
        """The zones that have reached their passive trip point."""
        return tuple(
            zone.name
            for zone in self.zones
            if zone.passive_c is not None
            and temperatures.get(zone.name, PLAUSIBLE_C[0]) >= zone.passive_c
        )


def _passive(tree: Tree, zone: str) -> float | None:
    """The lowest trip point at which clocks are lowered ("passive": a fan's are "active")."""
    trips = [
        degrees
        for kind in tree.glob(f"{zone}/trip_point_*_type")
        if tree.text(kind) == "passive"
        and (degrees := _degrees(tree, f"{kind.removesuffix('type')}temp")) is not None
        and degrees > 0  # at or below it: switched off
    ]
    return min(trips, default=None)


def _apex_trip(tree: Tree, path: str) -> float | None:
    """Where an Edge TPU's driver halves its clock; None if it does not look at the temperature."""
    if tree.number(f"{path}/temp_poll_interval") == 0:
        return None
    return _degrees(tree, f"{path}/trip_point0_temp")


def _degrees(tree: Tree, path: str) -> float | None:
    thousandths = tree.number(path)
    low, high = PLAUSIBLE_C
    if thousandths is None or not low * 1000 < thousandths < high * 1000:
        return None
    return thousandths / 1000
