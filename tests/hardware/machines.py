"""Files of machines at one moment, in the kernel's format, for sampling their state.

Paths and names are those that the sources in the docstrings of ``hardware`` give; the values are
made up, so that what is expected of them can be worked out by hand.
"""

from __future__ import annotations

from pathlib import Path

from hardware import Tree
from tests.hardware.boards import make

Files = dict[str, str | bytes]

CPU = "/sys/devices/system/cpu"
THERMAL = "/sys/class/thermal"
HWMON = "/sys/class/hwmon"
PI_WORD = "/sys/devices/platform/soc/soc:firmware/get_throttled"


def stat(cpus: int, busy: int = 0, idle: int = 0, steal: int = 0) -> str:
    """/proc/stat with all of ``busy`` in user."""
    rows = [f"cpu  {busy} 0 0 {idle} 0 0 0 {steal} 0 0"]
    rows += [f"cpu{n} 0 0 0 0 0 0 0 0 0 0" for n in range(cpus)]
    return "\n".join([*rows, "intr 5 0 1", "ctxt 9", "btime 1700000000", ""])


def process(ticks: int, start: int = 77, name: str = "python3") -> str:
    """/proc/PID/stat of a process that used ``ticks``, one of them in the kernel."""
    head = f"9 ({name}) R 1 9 9 0 -1 4194304 100 0 0 0"
    return f"{head} {ticks - 1} 1 50 60 20 0 4 0 {start} 1000 200"


def policy(first: int, last: int, governor: str, cur: int, low: int, high: int, top: int) -> Files:
    path = f"{CPU}/cpufreq/policy{first}"
    return {
        f"{path}/affected_cpus": " ".join(map(str, range(first, last + 1))),
        f"{path}/scaling_governor": f"{governor}\n",
        f"{path}/scaling_cur_freq": f"{cur}\n",
        f"{path}/scaling_min_freq": f"{low}\n",
        f"{path}/scaling_max_freq": f"{high}\n",
        f"{path}/cpuinfo_max_freq": f"{top}\n",
    }


def zone(number: int, kind: str, thousandths: int, **passive: int) -> Files:
    """A thermal zone; ``passive=85000`` gives it that trip point, after an active one."""
    path = f"{THERMAL}/thermal_zone{number}"
    files: Files = {f"{path}/type": f"{kind}\n", f"{path}/temp": f"{thousandths}\n"}
    for trip, (name, value) in enumerate([("active", 50000), *passive.items()] if passive else []):
        files[f"{path}/trip_point_{trip}_type"] = f"{name}\n"
        files[f"{path}/trip_point_{trip}_temp"] = f"{value}\n"
    return files


def cooling(number: int, kind: str, state: int) -> Files:
    path = f"{THERMAL}/cooling_device{number}"
    return {
        f"{path}/type": f"{kind}\n",
        f"{path}/cur_state": f"{state}\n",
        f"{path}/max_state": "3\n",
    }


def devfreq(name: str, cur: int, low: int, high: int, steps: str) -> Files:
    path = f"/sys/class/devfreq/{name}"
    return {
        f"{path}/governor": "nvhost_podgov\n",
        f"{path}/cur_freq": f"{cur}\n",
        f"{path}/min_freq": f"{low}\n",
        f"{path}/max_freq": f"{high}\n",
        f"{path}/available_frequencies": f"{steps}\n",
    }


PI4: Files = {
    "/proc/device-tree/model": b"Raspberry Pi 4 Model B Rev 1.5\0",
    "/proc/stat": stat(4, busy=1000, idle=9000),
    "/proc/loadavg": "0.42 0.30 0.10 1/150 4321\n",
    "/proc/self/status": "Name:\tpython3\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n",
    **policy(0, 3, "performance", 1500000, 600000, 1500000, 1500000),
    **zone(0, "cpu-thermal", 48312),
    **cooling(0, "rpi-poe-fan", 2),
    **cooling(1, "thermal-cpufreq-0", 0),
    PI_WORD: "0\n",
    f"{HWMON}/hwmon0/name": "cpu_thermal\n",
    f"{HWMON}/hwmon1/name": "rpi_volt\n",
    f"{HWMON}/hwmon1/in0_lcrit_alarm": "0\n",
}

_INA_NANO = "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0"
JETSON_NANO: Files = {
    "/proc/device-tree/model": b"NVIDIA Jetson Nano Developer Kit\0",
    "/proc/device-tree/compatible": b"nvidia,jetson-nano\0nvidia,tegra210\0",
    "/proc/stat": stat(4, busy=10, idle=90),
    "/proc/interrupts": "           CPU0       CPU1\n"
    " 76:          3          1  LIC  48 Level     soctherm_edp\n"
    " 77:         40          0  LIC  49 Level     soctherm_thermal\n",
    "/var/lib/nvpmodel/status": "pmode:0001 fmode:quiet",
    "/etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=MAXN >\n< POWER_MODEL ID=1 NAME=5W >\n",
    **policy(0, 3, "schedutil", 1479000, 102000, 1479000, 1479000),
    **devfreq("57000000.gpu", 76800000, 76800000, 921600000, "76800000 614400000 921600000"),
    **zone(0, "AO-therm", 45000),
    **zone(1, "CPU-therm", 41500, passive=97000),
    **zone(2, "GPU-therm", 40000),
    **cooling(0, "pwm-fan", 1),
    **cooling(1, "cpu-balanced", 0),
    f"{_INA_NANO}/rail_name_0": "POM_5V_IN\n",
    f"{_INA_NANO}/rail_name_1": "POM_5V_GPU\n",
    f"{_INA_NANO}/rail_name_2": "POM_5V_CPU\n",
    f"{_INA_NANO}/in_power0_input": "2000\n",
    f"{_INA_NANO}/in_power1_input": "100\n",
    f"{_INA_NANO}/in_power2_input": "500\n",
}

JETSON_ORIN: Files = {
    "/proc/device-tree/model": b"NVIDIA Jetson Orin Nano Developer Kit\0",
    "/proc/device-tree/compatible": b"nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0",
    "/proc/stat": stat(6, busy=10, idle=90),
    "/var/lib/nvpmodel/status": "pmode:0002",
    "/etc/nvpmodel.conf": "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=2 NAME=MAXN_SUPER >\n",
    **policy(0, 3, "schedutil", 1728000, 1728000, 1728000, 1728000),
    **policy(4, 5, "schedutil", 1728000, 1728000, 1728000, 1728000),
    **devfreq("17000000.gpu", 1020000000, 1020000000, 1020000000, "306000000 1020000000"),
    **zone(0, "cpu-thermal", 50062, passive=99000),
    **zone(1, "gpu-thermal", 51000, passive=99000),
    **zone(2, "cv0-thermal", -256000),
    **cooling(0, "cpu-throttle-alert", 0),
    **cooling(1, "gpu-throttle-alert", 0),
    **cooling(2, "hot-surface-alert", 1),
    f"{HWMON}/hwmon1/name": "ina3221\n",
    f"{HWMON}/hwmon1/in1_label": "VDD_IN\n",
    f"{HWMON}/hwmon1/curr1_input": "1000\n",
    f"{HWMON}/hwmon1/in1_input": "5000\n",
    f"{HWMON}/hwmon1/in2_label": "VDD_CPU_GPU_CV\n",
    f"{HWMON}/hwmon1/curr2_input": "200\n",
    f"{HWMON}/hwmon1/in2_input": "5000\n",
    f"{HWMON}/hwmon1/in3_label": "NC\n",
    f"{HWMON}/hwmon1/curr3_input": "0\n",
    f"{HWMON}/hwmon1/in3_input": "0\n",
    f"{HWMON}/hwmon1/curr1_crit_alarm": "0\n",
    f"{HWMON}/hwmon1/curr1_max_alarm": "1\n",
    f"{HWMON}/hwmon2/name": "soctherm_oc\n",
    f"{HWMON}/hwmon2/oc1_event_cnt": "0\n",
    f"{HWMON}/hwmon2/oc2_event_cnt": "0\n",
    f"{HWMON}/hwmon2/oc3_event_cnt": "15\n",
}

_RAPL = "/sys/class/powercap"
LAPTOP: Files = {
    "/proc/stat": stat(2, busy=500, idle=500),
    "/proc/loadavg": "1.50 1.00 0.50 2/900 4321\n",
    "/proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n",
    **policy(0, 0, "powersave", 800000, 400000, 3400000, 3400000),
    **policy(1, 1, "powersave", 3100000, 400000, 3400000, 3400000),
    **zone(0, "acpitz", 52000),
    **zone(1, "acpitz", 30000),
    **zone(2, "x86_pkg_temp", 61000),
    **cooling(0, "Processor", 0),
    **cooling(1, "intel_powerclamp", -1),
    **cooling(2, "TCC Offset", 10),
    f"{CPU}/cpu0/thermal_throttle/core_throttle_count": "3\n",
    f"{CPU}/cpu1/thermal_throttle/core_throttle_count": "4\n",
    f"{CPU}/cpu0/thermal_throttle/package_throttle_count": "9\n",
    f"{CPU}/cpu1/thermal_throttle/package_throttle_count": "9\n",
    "/sys/class/power_supply/AC/type": "Mains\n",
    "/sys/class/power_supply/AC/online": "1\n",
    "/sys/class/power_supply/BAT0/type": "Battery\n",
    "/sys/class/power_supply/BAT0/status": "Charging\n",
    "/sys/class/power_supply/hidpp_battery_0/type": "Battery\n",
    "/sys/class/power_supply/hidpp_battery_0/scope": "Device\n",
    "/sys/class/power_supply/hidpp_battery_0/status": "Discharging\n",
    f"{_RAPL}/intel-rapl:0/name": "package-0\n",
    f"{_RAPL}/intel-rapl:0/energy_uj": "262143000000\n",
    f"{_RAPL}/intel-rapl:0/max_energy_range_uj": "262143328850\n",
    f"{_RAPL}/intel-rapl:0:0/name": "core\n",
    f"{_RAPL}/intel-rapl:0:0/energy_uj": "1000000\n",
    f"{_RAPL}/intel-rapl:0:0/max_energy_range_uj": "262143328850\n",
    f"{_RAPL}/intel-rapl:0:1/name": "dram\n",
    f"{_RAPL}/intel-rapl:0:1/energy_uj": "7000000\n",
    f"{_RAPL}/intel-rapl:0:1/max_energy_range_uj": "65712999613\n",
    f"{_RAPL}/intel-rapl-mmio:0/name": "package-0\n",
    f"{_RAPL}/intel-rapl-mmio:0/energy_uj": "5\n",
}

#: A virtual machine: times and load, and not one file about clocks, heat or power.
VM: Files = {
    "/proc/stat": stat(2, busy=100, idle=900),
    "/proc/loadavg": "0.00 0.00 0.00 1/84 321\n",
}

MACHINES = {
    "pi4": PI4,
    "jetson-nano": JETSON_NANO,
    "jetson-orin": JETSON_ORIN,
    "laptop": LAPTOP,
    "vm": VM,
    "nothing": {},
}


class Machine:
    """A machine whose files change between samples."""

    def __init__(self, root: Path, files: Files) -> None:
        self.root = root
        self.tree: Tree = make(root, files)

    def change(self, files: Files) -> None:
        make(self.root, files)
