"""Joules from counters and from powers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.energy import EnergyFiles, Readings, energy
from tests.hardware.boards import make
from tests.hardware.machines import HWMON

RANGE = 262143328850


@given(st.lists(st.integers(0, RANGE - 1), min_size=1, max_size=9), st.integers(0, RANGE))
def test_a_counter_that_wraps_loses_nothing(steps, start):
    counts = [start]
    for step in steps:
        counts.append((counts[-1] + step) % RANGE)
    readings = [Readings({"package-0": count}, {}, {"package-0": RANGE}) for count in counts]
    spent = energy(list(range(len(counts))), readings)
    assert spent is not None
    assert spent.total == pytest.approx(sum(steps) / 1e6)


def test_a_counter_that_falls_without_a_range_tells_nothing():
    assert energy([0, 1], [Readings({"package-0": 5}), Readings({"package-0": 4})]) is None


def test_a_meter_that_was_gone_for_a_moment_tells_nothing():
    here: Any = Readings({"package-0": 5}, {"VDD_IN": 1.0})
    assert energy([0, 1, 2], [here, Readings(), here]) is None


@given(st.floats(0, 1e3), st.lists(st.floats(0.001, 10), min_size=1, max_size=9))
def test_a_steady_power_gives_power_times_time(watts, steps):
    times = [sum(steps[:n]) for n in range(len(steps) + 1)]
    spent = energy(times, [Readings({}, {"VDD_IN": watts}) for _ in times])
    assert spent is not None
    assert spent.total == pytest.approx(watts * times[-1])


def test_parts_are_not_added_up_to_a_whole():
    # A Jetson AGX Orin measures no input; 1V8AO is fed from VIN_SYS_5V0.
    names = ("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0", "VDDQ_VDD2_1V8AO")
    spent = energy([0, 1], [Readings({}, dict.fromkeys(names, 2.0))] * 2)
    assert spent is not None
    assert spent.total is None
    assert spent.joules == dict.fromkeys(names, 2.0)
    assert spent.source == "power sensors, trapezoid over 2 samples; parts only"


def test_two_packages_and_their_memory_add_up_and_the_platform_does_not():
    counts = ("package-0", "package-1", "package-1/dram", "package-1/core", "psys")
    before = Readings(dict.fromkeys(counts, 0))
    spent = energy([0, 1], [before, Readings(dict.fromkeys(counts, 10**6))])
    assert spent is not None
    assert spent.total == 3.0


def test_an_ina219_on_a_board(tmp_path):
    # 1.5 W in microwatts.
    files = {f"{HWMON}/hwmon4/name": "ina219\n", f"{HWMON}/hwmon4/power1_input": "1500000\n"}
    tree = make(tmp_path, {**files})
    readings = EnergyFiles.find(tree).read(tree)
    assert readings.watts == pytest.approx({"ina219": 1.5})
