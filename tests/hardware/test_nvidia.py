"""Versions of CUDA, cuDNN and TensorRT, and swap: from whatever file tells, and from no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware import nvidia_command
from hardware.__main__ import main
from hardware.nvidia import (
    Installed,
    parse_cuda_json,
    parse_cuda_text,
    parse_macros,
    parse_packages,
)
from hardware.recorded import Recorded
from hardware.swap import parse_swaps, swap
from tests.hardware.boards import TREES, make
from tests.hardware.test_recorded import reader

MACROS = ("NV_TENSORRT_MAJOR", "NV_TENSORRT_MINOR", "NV_TENSORRT_PATCH", "NV_TENSORRT_BUILD")
TEXT = st.text(st.one_of(st.characters(), st.sampled_from('0123456789.#{}"():-\n\t define')))
VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")


def package(name: str, version: str, status: str = "install ok installed") -> str:
    return f"Package: {name}\nStatus: {status}\nVersion: {version}\nDescription: x\n more\n"


def test_a_bare_system_has_none(tmp_path: Path) -> None:
    assert Installed(make(tmp_path, {})).facts() == {"cuda": None, "cudnn": None, "tensorrt": None}


def test_libraries_without_headers_are_told_by_their_links(tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib/aarch64-linux-gnu"
    libraries.mkdir(parents=True)
    for link, target in (
        ("libnvinfer.so.8", "libnvinfer.so.8.5.2"),
        ("libcudnn.so.8", "/usr/lib/aarch64-linux-gnu/libcudnn.so.8.6.0"),
        ("libcudnn.so.7", "/etc/alternatives/libcudnn_so"),
    ):
        (libraries / link).symlink_to(target)
    tree = make(tmp_path, {})
    assert Installed(tree).facts() == {"cuda": None, "cudnn": "8.6.0", "tensorrt": "8.5.2"}
    wired = Recorded.of(reader(tmp_path))
    assert Installed(wired).facts() == Installed(tree).facts(), "and over a wire"


def test_packages_tell_where_nothing_else_does(tmp_path: Path) -> None:
    status = "\n".join(
        [
            package("libnvinfer10", "10.3.0.30-1+cuda12.5"),
            package("libnvinfer8", "8.6.2.3-1+cuda12.2"),
            package("libnvinfer-bin", "99.0"),
            package("libcudnn9-cuda-12", "9.3.0.75-1"),
            package("libcudnn8", "8.9.4.25-1", "deinstall ok config-files"),
            package("cuda-cudart-12-6", "12.6.68-1"),
            package("nvidia-jetpack", "6.9+b22"),
        ]
    )
    installed = Installed(make(tmp_path, {"/var/lib/dpkg/status": status}))
    assert installed.facts() == {"cuda": "12.6.68", "cudnn": "9.3.0.75", "tensorrt": "10.3.0.30"}
    assert installed.package("nvidia-jetpack") == "6.9"


def test_the_header_of_tensorrt_5_tells_as_well(tmp_path: Path) -> None:
    lines = zip(MACROS, (5, 1, 6, 1), strict=True)
    text = "".join(f"#define {name} {value} //!< of TensorRT.\n" for name, value in lines)
    path = "/usr/include/aarch64-linux-gnu/NvInfer.h"
    assert Installed(make(tmp_path, {path: text + "x" * 200000})).facts()["tensorrt"] == "5.1.6.1"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("#define NV_TENSORRT_MAJOR 8\n#define NV_TENSORRT_MINOR 2\n", "8.2"),
        ("#define A 10\n#define NV_TENSORRT_MAJOR A\n#define NV_TENSORRT_MINOR (9)\n", "10.9"),
        ("#define NV_TENSORRT_MAJOR NV_TENSORRT_MAJOR\n#define NV_TENSORRT_MINOR 2\n", None),
        ("#define NV_TENSORRT_MAJOR 8\n", None),
        ("// #define NV_TENSORRT_MAJOR 8\n// #define NV_TENSORRT_MINOR 2", None),
    ],
)
def test_macros(text: str, version: str | None) -> None:
    assert parse_macros(text, MACROS) == version


@pytest.mark.parametrize("text", ["", "[]", '{"cuda": 5}', '{"cuda": {"version": 12}}', "[" * 9999])
def test_a_version_json_that_says_nothing(text: str) -> None:
    assert parse_cuda_json(text) is None


@given(TEXT, st.sampled_from(["", "CUDA Version ", "#define NV_TENSORRT_MAJOR ", "Package: x\n"]))
def test_any_text_is_a_version_or_none(text: str, prefix: str) -> None:
    for found in (
        parse_cuda_json(text),
        parse_cuda_text(prefix + text),
        parse_macros(prefix + text, MACROS),
    ):
        assert found is None or VERSION.fullmatch(found)
    json.dumps([parse_packages(prefix + text), parse_swaps(text)])


@given(st.lists(st.integers(0, 99999), min_size=2, max_size=4))
def test_cuda_round_trip(numbers: list[int]) -> None:
    version = ".".join(map(str, numbers))
    assert parse_cuda_text(f"CUDA Version {version}\n") == version
    assert parse_cuda_json(json.dumps({"cuda": {"version": version}})) == version


NAMES = st.from_regex(r"[a-z0-9][a-z0-9+.-]{1,20}", fullmatch=True)


@given(st.dictionaries(NAMES, st.from_regex(r"[0-9][A-Za-z0-9.+~-]{0,20}", fullmatch=True)))
def test_packages_round_trip(versions: dict[str, str]) -> None:
    text = "\n".join(package(name, f"1:{version}") for name, version in versions.items())
    assert parse_packages(text) == versions


def test_swap_is_told_apart_from_memory_again(tmp_path: Path) -> None:
    assert swap(make(tmp_path, {})) is None
    lines = (
        "Filename Type Size\tUsed\tPriority\n/dev/zram0 partition\t100\t7\t5\n/swap file\t50\t0\t-2"
    )
    found = swap(make(tmp_path, {"/proc/swaps": lines}))
    assert found == {"bytes": 150 * 1024, "zram": 100 * 1024, "used": 7 * 1024}


@pytest.mark.parametrize(
    ("name", "says", "not_says"),
    [
        ("nvidia-workstation", ["RTX 3090", "installed: CUDA 12.6", nvidia_command.PC], "l4t"),
        (
            "jetson-nano",
            ["installed: CUDA 10.2.300", "JetPack 4.6.1", "r32.6.1-tf1.15", "3.6"],
            "for a PC",
        ),
        (
            "visionfive2",
            ["no gpu device", "no jetson device", "missing: CUDA, cuDNN"],
            "installed:",
        ),
    ],
)
def test_what_brings_tensorflow_with_tensorrt_is_said(
    capsys: pytest.CaptureFixture[str], name: str, says: list[str], not_says: str
) -> None:
    assert main(["nvidia", "--root", str(TREES / name)]) == 0
    said = capsys.readouterr().out
    assert all(words in said for words in says), said
    assert not_says not in said


def test_it_is_said_in_json_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "nvidia", "--root", str(TREES / "jetson-nano")]) == 0
    listing = json.loads(capsys.readouterr().out)
    assert listing["gpu"] is True
    assert listing["installed"]["tensorrt"] == "8.2.1.8"
