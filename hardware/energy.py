"""How much energy the machine took.

- RAPL: counters of the processor itself, power/powercap/powercap.rst in Linux. A package's counter
  holds its cores; memory (``dram``) is beside it, and ``psys`` around all. Since Linux 5.10 only
  root may read them (CVE-2020-8694).
- A Jetson's INA3221: three rails at a time, as hwmon in mA and mV (JetPack 5 on), or as iio in mW
  (JetPack 4); "Software-Based Power Consumption Monitoring" in NVIDIA's developer guides.
- INA219 and its relatives as hwmon's power1_input, in microwatts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hardware.tree import Tree

_INA_POWER = ("ina219", "ina220", "ina226", "ina230", "ina231", "ina232", "ina260")
#: Rails that feed the whole module, by board; AGX boards measure only parts.
_INPUTS = ("VDD_IN", "POM_5V_IN", "5V_IN")


@dataclass(frozen=True)
class Meter:
    """One place where energy or power is measured.

    Either ``counter`` is the file of a counter in microjoules that starts again after ``wrap_uj``,
    or the product of the numbers in ``factors``, times ``scale``, is a power in watts.
    """

    name: str
    counter: str | None = None
    wrap_uj: int | None = None
    factors: tuple[str, ...] = ()
    scale: float = 1.0


@dataclass(frozen=True)
class Readings:
    """What the meters show at one moment: counters in microjoules, powers in watts, by name."""

    counters_uj: dict[str, int] = field(default_factory=dict)
    watts: dict[str, float] = field(default_factory=dict)
    wraps_uj: dict[str, int] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class Energy:
    """Joules over an interval, by meter; ``source`` says how they were come by.

    ``total`` is that of the processor packages with their memory, or of the module's input; None
    where meters see only parts.
    """

    joules: dict[str, float]
    total: float | None
    source: str


@dataclass(frozen=True)
class EnergyFiles:
    """Where a machine measures energy; ``hidden``: it does, but this user may not look."""

    meters: tuple[Meter, ...]
    hidden: bool

    @classmethod
    def find(cls, tree: Tree) -> EnergyFiles:
        """Look for them. The memory-mapped copy of RAPL, intel-rapl-mmio, is left out."""
        meters: dict[str, Meter] = {}
        hidden = False
        for path in tree.glob("/sys/class/powercap/intel-rapl:*"):
            counter = f"{path}/energy_uj"
            if _number(tree, counter) is None:
                hidden = hidden or tree.exists(counter)
                continue
            # The zone below a package is named as in "package-1/dram": servers have two of it.
            zone = path.rpartition("/")[2]
            parts = ["intel-rapl:" + zone.split(":")[1]] if zone.count(":") > 1 else []
            names = [tree.text(f"/sys/class/powercap/{part}/name") for part in (*parts, zone)]
            name = "/".join(part or zone for part in names)
            meters[name] = Meter(name, counter, _number(tree, f"{path}/max_energy_range_uj"))
        for meter in (*_hwmon(tree), *_iio(tree)):
            meters.setdefault(meter.name, meter)
        return cls(tuple(meters.values()), hidden)

    def read(self, tree: Tree) -> Readings:
        """What they show now. An INA3221 is asked over I2C: half a millisecond for each number."""
        counters: dict[str, int] = {}
        watts: dict[str, float] = {}
        wraps: dict[str, int] = {}
        for meter in self.meters:
            if meter.counter is not None:
                if (count := _number(tree, meter.counter)) is not None:
                    counters[meter.name] = count
                    if meter.wrap_uj:
                        wraps[meter.name] = meter.wrap_uj
                continue
            product = meter.scale
            for path in meter.factors:
                if (number := _number(tree, path)) is None:
                    break
                product *= number
            else:
                watts[meter.name] = product
        return Readings(counters, watts, wraps, self.hidden)


def energy(times: Sequence[float], readings: Sequence[Readings]) -> Energy | None:
    """Joules between the first of ``readings`` and the last, taken at ``times`` in seconds.

    Counters give them exactly, as long as one does not start again twice between two readings
    (262 kJ on most processors: three quarters of an hour at 100 W). Powers are integrated by the
    trapezoid rule, sum of (P[i] + P[i+1]) / 2 * (t[i+1] - t[i]): what happened between two readings
    is not in it, so many are better. None if there is no meter that all readings have.
    """
    if len(readings) < 2:
        return None
    joules: dict[str, float] = {}
    for name in readings[0].counters_uj:
        if (spent := _counted(name, readings)) is not None:
            joules[name] = spent / 1e6
    counted = len(joules)
    ways = ["RAPL counters"] if counted else []
    for name in readings[0].watts:
        powers = [reading.watts[name] for reading in readings if name in reading.watts]
        if len(powers) == len(readings):
            steps = zip(pairwise(times), pairwise(powers), strict=True)
            joules[name] = sum((b - a) * (p + q) / 2 for (a, b), (p, q) in steps)
    if len(joules) > counted:
        ways.append(f"power sensors, trapezoid over {len(readings)} samples")
    if not joules:
        return None
    total, what = _total(joules)
    return Energy(joules, total, f"{' and '.join(ways)}; {what}")


def _counted(name: str, readings: Sequence[Readings]) -> int | None:
    spent = 0
    for before, after in pairwise(readings):
        if name not in after.counters_uj:
            return None
        step = after.counters_uj[name] - before.counters_uj[name]
        if step < 0:
            wrap = after.wraps_uj.get(name)
            if wrap is None or step + wrap < 0:
                return None
            step += wrap
        spent += step
    return spent


def _total(joules: dict[str, float]) -> tuple[float | None, str]:
    """The whole, and which meters make it up."""
    for name in _INPUTS:
        if name in joules:
            return joules[name], f"total is {name}"
    # Only memory is beside its package; cores and graphics are within.
    parts = [n for n in joules if n.startswith("package-") and ("/" not in n or n.endswith("dram"))]
    if parts:
        return sum(joules[name] for name in parts), f"total is {' + '.join(parts)}"
    return None, "parts only"


def _number(tree: Tree, path: str) -> int | None:
    """A number that a meter can show: the kernel's are of 64 bits (a current may be below 0)."""
    number = tree.number(path)
    return number if number is not None and abs(number) < 1 << 64 else None


def _hwmon(tree: Tree) -> list[Meter]:
    meters = []
    for path in tree.glob("/sys/class/hwmon/hwmon*"):
        chip = tree.text(f"{path}/name")
        if chip == "ina3221":
            for channel in (1, 2, 3):
                files = (f"{path}/curr{channel}_input", f"{path}/in{channel}_input")
                label = tree.text(f"{path}/in{channel}_label") or f"{chip} {channel}"
                if label != "NC" and tree.exists(files[0]):  # NC: not connected
                    meters.append(Meter(label, factors=files, scale=1e-6))
        elif chip in _INA_POWER and tree.exists(f"{path}/power1_input"):
            label = tree.text(f"{path}/power1_label") or chip
            meters.append(Meter(label, factors=(f"{path}/power1_input",), scale=1e-6))
    return meters


def _iio(tree: Tree) -> list[Meter]:
    meters = []
    for path in tree.glob("/sys/bus/i2c/drivers/ina3221x/*/iio[:_]device*"):
        for channel in (0, 1, 2):
            file = f"{path}/in_power{channel}_input"
            if tree.exists(file):
                label = tree.text(f"{path}/rail_name_{channel}") or f"ina3221 {channel}"
                meters.append(Meter(label, factors=(file,), scale=1e-3))
    return meters
