"""``python -m hardware environment``, as a user runs it."""

import json

import pytest

from tests.hardware.boards import make
from tests.hardware.machines import JETSON_NANO, LAPTOP, VM
from tests.hardware.test_main import run


def test_json(tmp_path):
    make(tmp_path, LAPTOP)
    done = run("environment", "--json", "--root", tmp_path, "--seconds", "0")
    assert (done.returncode, done.stderr) == (0, "")
    listing = json.loads(done.stdout)
    assert list(listing) == ["schema", "root", "environment", "unstable"]
    assert listing["environment"]["governor"] == "powersave"
    assert listing["unstable"] == ["governor is powersave, not performance"]


def test_options_may_come_before_the_sub_command(tmp_path):
    make(tmp_path, VM)
    done = run("--json", "--root", tmp_path, "environment", "--seconds", "0")
    assert json.loads(done.stdout)["root"] == str(tmp_path)


def test_the_table(tmp_path):
    make(tmp_path, JETSON_NANO)
    done = run("environment", "--root", tmp_path, "--seconds", "0.01")
    assert done.returncode == 0
    rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert rows["power_mode"] == "5W"
    assert rows["jetson_clocks"] == "no"
    assert rows["throttling"] == "none"
    assert rows["hottest_c"] == "AO-therm 45.0, CPU-therm 41.5, GPU-therm 40.0"
    assert "cpus 0-3, governor schedutil, cur_khz 1479000-1479000" in rows["clocks"]
    assert rows["unstable:"] == "governor is schedutil, not performance"


def test_a_machine_without_objections_is_stable(tmp_path):
    make(tmp_path, VM)
    assert run("environment", "--root", tmp_path, "--seconds", "0").stdout.endswith("stable\n")


def test_this_machine():
    done = run("environment", "--json", "--seconds", "0.05")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["environment"]["samples"] == 2


@pytest.mark.parametrize("seconds", ["-1", "x", "nan", "1e9"])
def test_an_impossible_wait_is_a_usage_error(seconds):
    done = run("environment", "--seconds", seconds)
    assert done.returncode == 2
    assert "--seconds" in done.stderr


def test_a_missing_root_is_one_line_and_status_2(tmp_path):
    done = run("environment", "--root", tmp_path / "absent")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: --root {tmp_path / 'absent'}: no such directory\n"
