"""What held on recorded machines between samples; expected values are worked out in comments."""

import json
import os
from dataclasses import replace
from typing import Any

import pytest

from hardware import Tree
from hardware.environment import conditions, sample, unstable
from tests.hardware.machines import (
    CPU,
    HWMON,
    JETSON_NANO,
    JETSON_ORIN,
    LAPTOP,
    MACHINES,
    PI4,
    PI_WORD,
    VM,
    Files,
    Machine,
    cooling,
    policy,
    process,
    stat,
    zone,
)


def over(machine: Machine, *steps: Files, seconds: float = 1.0, pids: tuple[int, ...] = ()) -> Any:
    """The conditions over samples ``seconds`` apart, before and after each of ``steps``."""
    samples = [sample(machine.tree, pids)]
    for step in steps:
        machine.change(step)
        samples.append(sample(machine.tree, pids))
    return conditions([replace(each, at=n * seconds) for n, each in enumerate(samples)])


def test_a_pi_at_peace(tmp_path):
    # 4 CPUs for 10 s are 4000 ticks, 100 of them busy: others took 0.025 of all.
    # Resolution: (5 + 4 CPUs) / 4000.
    held = over(Machine(tmp_path, PI4), {"/proc/stat": stat(4, 1100, 12900)}, seconds=10)
    assert held.to_json() == {
        "seconds": 10.0,
        "samples": 2,
        "cpus": 4,
        "load_1min": 0.42,
        "governor": "performance",
        "clocks": [
            {
                "cpus": "0-3",
                "governor": "performance",
                "cur_khz": [1500000, 1500000],
                "min_khz": 600000,
                "max_khz": 1500000,
                "hardware_max_khz": 1500000,
            }
        ],
        "hottest_c": {"cpu-thermal": 48.3},
        "throttling": {},
        "other_load": 0.025,
        "steal": 0.0,
        "load_resolution": 0.0022,
    }
    assert unstable(held, 0.1) == ()


def test_a_pi_that_loses_voltage(tmp_path):
    machine = Machine(tmp_path, {**PI4, PI_WORD: "80000"})
    # 0x50005: bits 0 and 2 now, 16 and 18 since boot. Bit 19 of the first sample is gone.
    held = over(
        machine,
        {
            PI_WORD: "50005",
            f"{HWMON}/hwmon1/in0_lcrit_alarm": "1",
            f"{CPU}/cpufreq/policy0/scaling_cur_freq": "600000",
        },
    )
    assert held.to_json()["throttling"] == {
        "before": ["soft temperature limit"],
        "active": ["throttled", "under-voltage"],
        "rose": ["throttled", "under-voltage"],
    }
    assert held.clocks[0].cur_khz == (600000, 1500000)
    assert unstable(held, 0.1) == ("throttling during the measurement: throttled, under-voltage",)


def test_what_happened_to_a_pi_long_before_is_told_and_not_held_against_it(tmp_path):
    held = over(Machine(tmp_path, {**PI4, PI_WORD: "50000"}), {})
    assert held.to_json()["throttling"] == {"before": ["throttled", "under-voltage"]}
    assert unstable(held, 0.1) == ()


def test_a_dip_between_samples_shows_in_the_bits_of_the_past(tmp_path):
    held = over(Machine(tmp_path, PI4), {PI_WORD: "10000"}, {PI_WORD: "0"})
    assert (held.active, held.rose) == ((), ("under-voltage",))
    assert unstable(held, 0.1) == ("throttling during the measurement: under-voltage",)


def test_cooling_that_lasts_is_in_force_and_did_not_rise(tmp_path):
    held = over(Machine(tmp_path, {**PI4, **cooling(1, "thermal-cpufreq-0", 2)}), {})
    assert (held.before, held.rose) == (("cooling by thermal-cpufreq-0",), ())
    assert unstable(held, 0.1) == ("throttling in force: cooling by thermal-cpufreq-0",)


def test_a_jetson_nano(tmp_path):
    # POM_5V_IN is 2, 4 and 3 W at 0, 2 and 4 s: (2+4)/2*2 + (4+3)/2*2 = 13 J;
    # the GPU 0.1 W throughout: 0.4 J; the CPU 0.5, 1.5, 0.5 W: 2 + 2 = 4 J.
    ina = "/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0"
    held = over(
        Machine(tmp_path, JETSON_NANO),
        {f"{ina}/in_power0_input": "4000", f"{ina}/in_power2_input": "1500"},
        {
            f"{ina}/in_power0_input": "3000",
            f"{ina}/in_power2_input": "500",
            "/proc/interrupts": " 76:   4   1  LIC  48 Level     soctherm_edp\n",
            **zone(1, "CPU-therm", 97500),
        },
        seconds=2,
    )
    listing = held.to_json()
    assert listing["power_mode"] == "5W"
    assert listing["jetson_clocks"] is False
    assert listing["energy_joules"] == pytest.approx(13)
    assert listing["energy_by_meter"] == pytest.approx(
        {"POM_5V_IN": 13, "POM_5V_GPU": 0.4, "POM_5V_CPU": 4}
    )
    source = "power sensors, trapezoid over 3 samples; total is POM_5V_IN"
    assert listing["energy_source"] == source
    assert listing["gpu_clocks"] == [
        {
            "name": "57000000.gpu",
            "governor": "nvhost_podgov",
            "cur_khz": [76800, 76800],
            "min_khz": 76800,
            "max_khz": 921600,
            "hardware_max_khz": 921600,
        }
    ]
    assert listing["hottest_c"] == {"AO-therm": 45.0, "CPU-therm": 97.5, "GPU-therm": 40.0}
    assert listing["trips_passed"] == ["CPU-therm"]
    assert unstable(held, 0.1) == (
        "governor is schedutil, not performance",
        "throttling during the measurement: soctherm_edp",
    )


def test_a_jetson_orin_whose_clocks_are_locked(tmp_path):
    # 1 A at 5 V is 5 W, then 2 A are 10 W: over 2 s (5+10)/2*2 = 15 J. 0.2 A are 1 W: 2 J.
    machine = Machine(tmp_path, JETSON_ORIN)
    held = over(machine, {f"{HWMON}/hwmon1/curr1_input": "2000"}, seconds=2)
    listing = held.to_json()
    assert (listing["power_mode"], listing["jetson_clocks"]) == ("MAXN_SUPER", True)
    assert listing["energy_joules"] == pytest.approx(15)
    assert listing["energy_by_meter"] == pytest.approx({"VDD_IN": 15, "VDD_CPU_GPU_CV": 2})
    assert "cv0-thermal" not in listing["hottest_c"]  # -256: it is switched off
    assert "trips_passed" not in listing  # 50.1 degrees start the fan, 99 would slow it down
    assert [span["cpus"] for span in listing["clocks"]] == ["0-5"]
    assert listing["throttling"] == {}
    # The governor is schedutil still, but has one frequency to choose from.
    assert listing["governor"] == "schedutil"
    assert unstable(held, 0.1) == ()


@pytest.mark.parametrize(("held", "locked"), [("1", True), ("0", False), ("", True)])
def test_a_jetson_s_memory_may_run_free_beside_locked_clocks(tmp_path, held, locked):
    emc = {"/sys/kernel/debug/bpmp/debug/clk/emc/mrq_rate_locked": held} if held else {}
    over_all = over(Machine(tmp_path, {**JETSON_ORIN, **emc}), {})
    assert (
        over_all.jetson_clocks is locked
    )  # without root nobody sees, and nothing is held against it


def test_over_current_on_an_orin_is_counted(tmp_path):
    held = over(Machine(tmp_path, JETSON_ORIN), {f"{HWMON}/hwmon2/oc3_event_cnt": "16"})
    assert unstable(held, 0.1) == ("throttling during the measurement: oc3_event_cnt",)


def test_a_laptop_whose_counters_wrap_around(tmp_path):
    # package-0: 262143328850 - 262143000000 + 4671150 = 5000000 uJ; dram: 1 J; core: 2 J, within
    # the package. The total is 5 + 1.
    rapl = "/sys/class/powercap"
    held = over(
        Machine(tmp_path, LAPTOP),
        {
            f"{rapl}/intel-rapl:0/energy_uj": "4671150",
            f"{rapl}/intel-rapl:0:0/energy_uj": "3000000",
            f"{rapl}/intel-rapl:0:1/energy_uj": "8000000",
            "/proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n",
        },
        seconds=2,
    )
    listing = held.to_json()
    assert listing["energy_joules"] == 6.0
    assert listing["energy_by_meter"] == {
        "package-0": 5.0,
        "package-0/core": 2.0,
        "package-0/dram": 1.0,
    }
    assert listing["energy_source"] == "RAPL counters; total is package-0 + package-0/dram"
    assert listing["power_supply"] == "mains"
    assert listing["hottest_c"] == {"acpitz": 52.0, "acpitz 2": 30.0, "x86_pkg_temp": 61.0}
    assert listing["cpu_pressure"] == 0.25  # half a second of two
    assert listing["throttling"] == {}  # a TCC Offset of 10 is a setting
    assert listing["clocks"][0]["cur_khz"] == [800000, 3100000]
    assert unstable(held, 0.1) == ("governor is powersave, not performance",)


@pytest.mark.parametrize("core", [0, 1])
def test_throttling_of_any_core_counts(tmp_path, core):
    path = f"{CPU}/cpu{core}/thermal_throttle/core_throttle_count"
    held = over(Machine(tmp_path, LAPTOP), {path: "5"})
    assert held.rose == ("core_throttle_count",)


@pytest.mark.parametrize(
    ("kind", "slows"),
    [
        ("Processor", True),
        ("cpufreq-cpu4", True),
        ("thermal-devfreq-0", True),
        ("gpu-throttle-alert", True),
        ("CPU-balanced", True),
        ("tegra-heavy", True),
        ("intel_powerclamp", True),
        ("thermal-idle-0", True),
        ("pwm-fan", False),
        ("cpu-fan", False),
        ("Fan", False),
        ("hot-surface-alert", False),
        ("lcd-backlight", False),
        ("TCC Offset", False),
        ("iwlwifi", False),
    ],
)
def test_cooling_that_slows_a_chip_down_is_told_from_a_fan(tmp_path, kind, slows):
    held = over(Machine(tmp_path, {**VM, **cooling(0, kind, 1)}), {})
    assert held.active == ((f"cooling by {kind}",) if slows else ())


def test_the_highest_temperature_and_the_first_load_are_kept(tmp_path):
    machine = Machine(tmp_path, PI4)
    cooler = {**zone(0, "cpu-thermal", 40000), "/proc/loadavg": "3.00 1.00 0.50 2/150 4321\n"}
    held = over(machine, zone(0, "cpu-thermal", 60500), cooler)
    assert held.hottest_c == {"cpu-thermal": 60.5}
    assert held.load_1min == 0.42


def test_the_battery_of_a_mouse_is_none_of_the_machines(tmp_path):
    files = {path: text for path, text in LAPTOP.items() if "/AC/" not in path}
    files = {path: text for path, text in files.items() if "/BAT0/" not in path}
    assert over(Machine(tmp_path, files), {}).supplies == ()


def test_a_laptop_on_battery(tmp_path):
    machine = Machine(tmp_path, LAPTOP)
    supply = "/sys/class/power_supply"
    held = over(machine, {f"{supply}/AC/online": "0", f"{supply}/BAT0/status": "Discharging"})
    assert held.to_json()["power_supply"] == "mains, battery"


def test_counters_that_only_root_may_read_are_mentioned(tmp_path):
    # Unreadable for root too: a directory stands in for a file without permission.
    (tmp_path / "sys/class/powercap/intel-rapl:0/energy_uj").mkdir(parents=True)
    listing = over(Machine(tmp_path, VM), {}).to_json()
    assert listing["energy_source"] == "none: only root may read the RAPL counters"
    assert "energy_joules" not in listing


def test_a_virtual_machine_that_tells_nothing_is_not_accused(tmp_path):
    held = over(Machine(tmp_path, VM), {"/proc/stat": stat(2, 100, 1100)})
    assert held.to_json() == {
        "seconds": 1.0,
        "samples": 2,
        "cpus": 2,
        "load_1min": 0.0,
        "governor": "unknown",
        "other_load": 0.0,
        "steal": 0.0,
        "load_resolution": 0.035,  # (5 + 2) / 200
    }
    assert unstable(held, 0.0) == ()


def test_a_machine_without_files_has_conditions_all_the_same(tmp_path):
    held = over(Machine(tmp_path, {}), {})
    assert held.to_json() == {"seconds": 1.0, "samples": 2, "governor": "unknown"}
    assert unstable(held, 0.0) == ()


def test_the_work_of_others_is_what_the_measured_process_did_not_do(tmp_path):
    # Of 2 CPUs * 10 s = 2000 ticks 1500 are busy, 900 of them ours: others took 600 / 2000.
    # Resolution: (5 + 2 * 1 process + 2 CPUs) / 2000.
    machine = Machine(tmp_path, {**VM, "/proc/9/stat": process(50)})
    held = over(
        machine,
        {"/proc/stat": stat(2, 1600, 1400), "/proc/9/stat": process(950)},
        seconds=10,
        pids=(9,),
    )
    assert held.shares.other == 0.3
    assert held.shares.resolution == 0.0045
    assert unstable(held, 0.2) == (
        "other processes took 30.0% of the processors' time, more than 20.0%",
    )
    assert unstable(held, 0.3) == ()


def test_steal_is_the_hosts_doing(tmp_path):
    # 2000 ticks, 500 of them stolen.
    held = over(Machine(tmp_path, VM), {"/proc/stat": stat(2, 100, 2400, 500)}, seconds=10)
    assert (held.shares.steal, held.shares.other) == (0.25, 0.0)
    assert unstable(held, 0.1) == (
        "other guests of the host (steal) took 25.0% of the processors' time, more than 10.0%",
    )


def test_an_interval_too_short_to_tell_accuses_nobody(tmp_path):
    # In 30 ms 2 CPUs make 6 ticks, 3 of them busy: half, but (5 + 2) / 6 is beyond all.
    held = over(Machine(tmp_path, VM), {"/proc/stat": stat(2, 103, 903)}, seconds=0.03)
    assert (held.shares.other, held.shares.resolution) == (0.5, 1.0)
    assert unstable(held, 0.1) == ()


@pytest.mark.parametrize("after", ["", process(10, start=78), "9 (x) R"])
def test_a_process_that_is_gone_takes_its_time_with_it(tmp_path, after):
    machine = Machine(tmp_path, {**VM, "/proc/9/stat": process(50)})
    held = over(machine, {"/proc/stat": stat(2, 290, 910), "/proc/9/stat": after}, pids=(9,))
    assert held.shares.other is None
    assert held.shares.steal == 0.0
    assert unstable(held, 0.1) == ()


def test_a_process_that_began_in_between_counts_from_its_beginning(tmp_path):
    # 190 of 200 ticks busy, 150 of them those of the new process.
    machine = Machine(tmp_path, VM)
    held = over(machine, {"/proc/stat": stat(2, 290, 910), "/proc/9/stat": process(150)}, pids=(9,))
    assert held.shares.other == 0.2


def test_governors_that_differ_are_all_named(tmp_path):
    files = {
        **VM,
        **policy(0, 3, "performance", 1, 1, 9, 9),
        **policy(4, 5, "ondemand", 1, 1, 9, 9),
    }
    held = over(Machine(tmp_path, files), {})
    assert held.governor == "performance, ondemand"
    assert unstable(held, 0.1) == ("governor is ondemand, not performance (CPUs 4-5)",)


def test_a_governor_that_changed_meanwhile_is_noticed(tmp_path):
    held = over(Machine(tmp_path, PI4), {f"{CPU}/cpufreq/policy0/scaling_governor": "powersave"})
    assert held.governor == "performance, powersave"
    assert unstable(held, 0.1) == ("governor is powersave, not performance",)


def test_the_processors_own_sensor_serves_where_it_is_no_zone(tmp_path):
    chip = f"{HWMON}/hwmon2"
    files = {f"{chip}/name": "k10temp", f"{chip}/temp1_input": "55125", **zone(0, "acpitz", 20000)}
    held = over(Machine(tmp_path, files), {f"{chip}/temp1_input": "71000"})
    assert held.hottest_c == {"acpitz": 20.0, "k10temp": 71.0}


def apex(thousandths: int, poll_ms: int = 5000) -> dict[str, str | bytes]:
    """What the driver of a PCI Express Edge TPU publishes."""
    files = {"temp": thousandths, "temp_poll_interval": poll_ms, "trip_point0_temp": 84800}
    return {f"/sys/class/apex/apex_0/{name}": f"{value}\n" for name, value in files.items()}


def test_an_edge_tpu_is_as_hot_as_its_driver_says_before_within_and_after(tmp_path):
    machine = Machine(tmp_path, {**zone(0, "cpu-thermal", 40000), **apex(48050)})
    held = over(machine, apex(91100), apex(60000))
    assert held.hottest_c == {"cpu-thermal": 40.0, "apex_0": 91.1}
    assert held.trips_passed == ("apex_0",)
    assert over(machine, apex(60000)).trips_passed == ()


def test_a_driver_that_does_not_look_at_the_temperature_does_not_slow_down(tmp_path):
    held = over(Machine(tmp_path, apex(91100, poll_ms=0)), {})
    assert (held.hottest_c, held.trips_passed) == ({"apex_0": 91.1}, ())


def test_an_edge_tpu_that_reads_no_temperature_is_left_out(tmp_path):
    """All ones on the bus, as of a chip that does not answer, come out as -89.7 degrees."""
    assert over(Machine(tmp_path, apex(-89700)), {}).hottest_c == {}


def test_one_sample_tells_of_one_moment(tmp_path):
    held = conditions([sample(Machine(tmp_path, JETSON_ORIN).tree)])
    assert (held.seconds, held.samples, held.energy) == (0.0, 1, None)
    assert held.shares.other is None
    assert unstable(held, 0.1) == ()


def test_no_sample_is_an_error():
    with pytest.raises(ValueError, match="at least one"):
        conditions([])


def test_samples_are_put_in_order(tmp_path):
    machine = Machine(tmp_path, PI4)
    first = sample(machine.tree)
    machine.change({PI_WORD: "1"})
    assert conditions([sample(machine.tree), first]).rose == ("under-voltage",)


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe\0", b"-1", b"9" * 4000, b"nan", b"a b\nc: d)\n"])
@pytest.mark.parametrize("name", MACHINES)
def test_files_full_of_junk_never_raise(tmp_path, name, junk):
    files = MACHINES[name]
    machine = Machine(tmp_path, dict.fromkeys([*files, "/proc/9/stat"], junk))
    held = over(machine, {}, pids=(9,))
    json.dumps(held.to_json(), allow_nan=False)
    unstable(held, 0.1)
    machine.change(files)  # and while it is being sampled
    json.dumps(over(machine, dict.fromkeys(files, junk), pids=(9,)).to_json(), allow_nan=False)


@pytest.mark.parametrize("name", MACHINES)
def test_files_that_go_away_never_raise(tmp_path, name):
    machine = Machine(tmp_path, MACHINES[name])
    samples = [sample(machine.tree)]
    for path in MACHINES[name]:
        (tmp_path / path.lstrip("/")).unlink()
    json.dumps(conditions([*samples, sample(machine.tree)]).to_json(), allow_nan=False)


def test_this_machine():
    tree = Tree()
    before = sample(tree, [os.getpid()])
    end = os.times().user + 0.1
    while os.times().user < end:
        pass
    held = conditions([before, sample(tree, [os.getpid()], programs=True)])
    listing = json.loads(json.dumps(held.to_json(), allow_nan=False))
    assert listing["samples"] == 2
    assert listing["seconds"] >= 0.1
    assert listing["cpus"] == len(os.sched_getaffinity(0))
    assert 0 <= listing.get("other_load", 0) <= 1
    assert 0 <= listing.get("steal", 0) <= 1
    assert all(isinstance(reason, str) for reason in unstable(held, 0.1))
