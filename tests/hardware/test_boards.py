"""Jetson, Raspberry Pi, RISC-V and GPU."""

import json
from dataclasses import asdict

import pytest

from hardware.devices import gpu, jetson, raspberrypi, riscv
from tests.hardware.boards import BOARDS, TREES, board, make


def test_jetson():
    (device,) = jetson.detect(board("jetson-nano")).devices
    assert device.name == "NVIDIA Jetson Nano Developer Kit"
    assert device.facts == {
        "chip": "tegra210",
        "l4t": "32.7.1",
        "jetpack": "4.6.1",
        "cuda": "10.2.300",
        "cudnn": "8.2.1",
        "tensorrt": "8.2.1.8",
        "power_mode_id": 1,
        "power_mode": "5W",
        "power_modes": ["MAXN", "5W"],
        "jetson_clocks": False,
        "power_rails": ["POM_5V_IN", "POM_5V_GPU", "POM_5V_CPU"],
        "memory_bytes": 4059504 * 1024,
        "available_bytes": 2290452 * 1024,
        "gpu_bytes": 102652 * 1024,
        "swap": {"bytes": 4 * 507436 * 1024, "zram": 4 * 507436 * 1024, "used": 4 * 4160 * 1024},
    }


def test_the_jetson_of_the_published_table_is_told_by_its_libraries():
    (device,) = jetson.detect(board("jetson-nano-2019")).devices
    told = ("l4t", "jetpack", "cuda", "cudnn", "tensorrt", "power_mode")
    assert [device.facts[name] for name in told] == [
        "32.2.1",
        "4.2.2",
        "10.0.326",
        "7.5.0",
        "5.1.6",
        "MAXN",
    ]


def test_a_jetson_whose_files_are_gone_is_still_one(tmp_path):
    tree = make(tmp_path, {"/sys/firmware/devicetree/base/compatible": b"x,y\0nvidia,tegra234\0"})
    (device,) = jetson.detect(tree).devices
    assert device.name == "board with tegra234"
    unknown = {name for name, value in device.facts.items() if value is None}
    assert unknown == device.facts.keys() - {"chip"}


def test_a_release_file_in_a_container_makes_no_jetson(tmp_path):
    release = (TREES / "jetson-nano/etc/nv_tegra_release").read_text()
    assert jetson.detect(make(tmp_path, {"/etc/nv_tegra_release": release})).devices == ()


def test_a_mode_that_the_configuration_does_not_name_keeps_its_number(tmp_path):
    tree = make(
        tmp_path,
        {
            "/proc/device-tree/compatible": b"nvidia,tegra194\0",
            "/var/lib/nvpmodel/status": "pmode:0008",
        },
    )
    (device,) = jetson.detect(tree).devices
    assert (device.facts["power_mode_id"], device.facts["power_mode"]) == (8, None)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("raspberry-pi-3b-plus", "Raspberry Pi 3 Model B Plus Rev 1.3"),
        ("raspberry-pi-4b", "Raspberry Pi 4 Model B Rev 1.5"),
    ],
)
def test_raspberry_pi(name, model):
    (device,) = raspberrypi.detect(board(name)).devices
    assert device.name == model
    assert device.facts["memory_bytes"] > 900_000_000


def test_a_raspberry_pi_without_its_device_tree_is_known_by_its_cpuinfo(tmp_path):
    text = "processor: 0\n\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0\n"
    (device,) = raspberrypi.detect(make(tmp_path, {"/proc/cpuinfo": text})).devices
    assert device.name == "Raspberry Pi 5 Model B Rev 1.0"


def test_riscv_without_vector():
    (device,) = riscv.detect(board("visionfive2")).devices
    assert device.name == "StarFive VisionFive 2 v1.3B"
    assert (device.facts["vector"], device.facts["harts"]) == (False, 4)


def test_riscv_with_vector():
    (device,) = riscv.detect(board("bananapi-f3")).devices
    assert (device.facts["vector"], device.facts["vector_draft"]) == (True, None)
    assert device.facts["harts"] == 8


@pytest.mark.parametrize(
    "isa", ["isa: rv64imafdcvsu\ncpu-vector: 0.7.1", "isa: rv64gc_xtheadvector"]
)
def test_a_draft_of_vector_is_no_vector(tmp_path, isa):
    (device,) = riscv.detect(make(tmp_path, {"/proc/cpuinfo": f"processor: 0\n{isa}\n"})).devices
    assert (device.facts["vector"], device.facts["vector_draft"]) == (False, "0.7.1")


def test_vector_must_be_on_every_hart(tmp_path):
    text = "processor: 0\nisa: rv64gcv\n\nprocessor: 1\nisa: rv64gc\n"
    (device,) = riscv.detect(make(tmp_path, {"/proc/cpuinfo": text})).devices
    assert device.facts["vector"] is False


@pytest.mark.parametrize(
    ("files", "isa"),
    [
        ({"riscv,isa": b"rv64imafdcv\0"}, "rv64imafdcv"),
        ({"riscv,isa-base": b"rv64i\0", "riscv,isa-extensions": b"i\0v\0zvfh\0"}, "rv64i_i_v_zvfh"),
        ({"riscv,isa-base": b"rv32i\0", "riscv,isa-extensions": b"v\0"}, "rv32i_v"),
        ({"riscv,isa-extensions": b"v\0"}, "rv64i_v"),
    ],
)
def test_the_device_tree_serves_where_cpuinfo_has_no_isa(tmp_path, files, isa):
    cpus = {f"/proc/device-tree/cpus/cpu@0/{name}": content for name, content in files.items()}
    (device,) = riscv.detect(make(tmp_path, cpus, "riscv64")).devices
    assert (device.facts["isa"], device.facts["vector"]) == (isa, True)


def test_an_unknown_isa_leaves_vector_open(tmp_path):
    (device,) = riscv.detect(make(tmp_path, {}, "riscv64")).devices
    assert device.facts["vector"] is None


def test_gpu():
    (device,) = gpu.detect(board("nvidia-workstation")).devices
    assert (device.name, device.where) == ("NVIDIA GeForce RTX 3090", "PCI 0000:01:00.0")
    assert device.facts == {
        "driver": "590.48.01",
        "node": "/dev/nvidia0",
        "cuda": "12.6.20240714",
        "cudnn": "9.3.0",
        "tensorrt": "10.9.0.34",
    }


def test_a_card_with_another_driver_is_mentioned_and_its_sound_is_not():
    note = gpu.detect(board("nvidia-workstation")).note
    assert note == "the card at 0000:02:00.0 is not usable: it has nouveau, not nvidia's"


def test_a_card_that_is_not_handed_to_this_container_is_no_device(tmp_path):
    information = "Model: X\nBus Location: 0000:01:00.0\nDevice Minor: 2\n"
    tree = make(tmp_path, {"/proc/driver/nvidia/gpus/0/information": information})
    finding = gpu.detect(tree)
    assert finding.devices == ()
    assert finding.sentence.endswith("the card at 0000:01:00.0 has no /dev/nvidia2")


DETECTORS = {"jetson": jetson, "raspberrypi": raspberrypi, "riscv": riscv, "gpu": gpu}
OWN = {
    "jetson": {"jetson-nano", "jetson-nano-2019"},
    "raspberrypi": {"raspberry-pi-3b-plus", "raspberry-pi-4b"},
    "riscv": {"visionfive2", "bananapi-f3", "licheepi4a"},
    "gpu": {"nvidia-workstation"},
}


@pytest.mark.parametrize("kind", DETECTORS)
@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_of_its_own_kind_only(kind, name):
    assert bool(DETECTORS[kind].detect(board(name)).devices) is (name in OWN[kind])


@pytest.mark.parametrize("kind", DETECTORS)
@pytest.mark.parametrize("name", BOARDS)
def test_nothing_that_identifies_one_machine_is_recorded(kind, name):
    text = json.dumps(asdict(DETECTORS[kind].detect(board(name))))
    assert "deadbeef" not in text
    assert "GPU-0000" not in text
