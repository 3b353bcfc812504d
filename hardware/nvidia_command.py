"""``python -m hardware nvidia``: what there is of NVIDIA's here, what is missing, and what brings it.

TensorFlow has TensorRT in NVIDIA's own builds, and in no wheel of a package index today: they come in
containers, and for Jetson as wheels of NVIDIA's, each for one JetPack.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

from hardware.detect import detect_in, find, tree_of
from hardware.device import Device, Finding
from hardware.nvidia import Installed

#: Containers with such a TensorFlow: for a PC, by JetPack's first number for a Jetson, and the source's
#: of the TF-TRT experiment (TensorFlow 1.14, TensorRT 5.1.5).
PC = "nvcr.io/nvidia/tensorflow:24.04-tf2-py3"
JETPACK = {
    "4": "nvcr.io/nvidia/l4t-tensorflow:r32.6.1-tf1.15-py3",
    "5": "nvcr.io/nvidia/l4t-tensorflow:r35.3.1-tf2.11-py3",
    "6": "nvcr.io/nvidia/tensorflow:24.04-tf2-py3-igpu",
}
SOURCE = "nvcr.io/nvidia/tensorflow:19.08-py3"
_GUIDE = (
    "NVIDIA's 'Installing TensorFlow for Jetson Platform' names the wheel index of each JetPack"
)
_OLD_PYTHON = (
    "its Python is 3.6: the suites run on a newer one there, or on a PC with --board ssh://USER@HOST, "
    "and its cells on its own, with --worker-python jetson=/usr/bin/python3"
)
_TITLES = {"cuda": "CUDA", "cudnn": "cuDNN", "tensorrt": "TensorRT"}


def show(options: argparse.Namespace) -> int:
    """Print; the status is 0 whatever there is: to be without a GPU is no failure."""
    tree = tree_of(options.root)
    findings = detect_in(tree)
    installed = Installed(tree).facts()
    devices = [device for kind in ("gpu", "jetson") for device in find(findings, kind).devices]
    lines = [*_seen(findings), *_libraries(installed), *_containers(devices)]
    if options.json:
        known = {"gpu": bool(devices), "installed": installed, "said": lines}
        print(json.dumps(known, indent=2))
    else:
        print("\n".join(lines))
    return 0


def _seen(findings: Sequence[Finding]) -> Iterator[str]:
    for kind in ("gpu", "jetson"):
        yield find(findings, kind).sentence


def _libraries(installed: dict[str, str | None]) -> Iterator[str]:
    here = [f"{_TITLES[name]} {version}" for name, version in installed.items() if version]
    if here:
        yield f"installed: {', '.join(here)}"
    if missing := [_TITLES[name] for name, version in installed.items() if version is None]:
        yield (
            f"missing: {', '.join(missing)}; looked for headers, links of libraries and packages, "
            "in JetPack's and Debian's places"
        )


def _containers(devices: Sequence[Device]) -> Iterator[str]:
    """What brings a TensorFlow with TensorRT, for these devices or for any."""
    if any(device.kind == "jetson" for device in devices):
        (board,) = [device for device in devices if device.kind == "jetson"]
        release = str(board.facts.get("jetpack") or "")
        name = JETPACK.get(release.split(".")[0])
        yield f"TensorFlow with TensorRT for JetPack {release or 'of a version not told'}: " + (
            f"the container {name}" if name else "a container among " + ", ".join(JETPACK.values())
        )
        yield f"or a wheel: {_GUIDE}"
        if release.startswith("4."):
            yield _OLD_PYTHON
        return
    yield f"TensorFlow with TensorRT for a PC: the container {PC}"
    yield f"as the TF-TRT experiment's source had it (TensorFlow 1.14): {SOURCE}"
    if not devices:
        boards = ", ".join(f"{name} (JetPack {number})" for number, name in JETPACK.items())
        yield f"for a Jetson: {boards}; {_GUIDE}"
