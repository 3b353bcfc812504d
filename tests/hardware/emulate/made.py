"""What tests make of the parts of an emulated machine: packages, an emulator, a whole sysroot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.emulate.machine import MACHINES, Machine
from hardware.emulate.packages import Package
from hardware.emulate.sysroot import MARKER, Sysroot
from hardware.emulate.wrapper import script

RISCV = MACHINES["riscv64"]
#: Plays qemu-user: says its version, or runs on this Python what the wrapper would run on another,
#: which believes itself on riscv64. What it is told of libraries and folders it leaves alone.
EMULATOR = f"""#!{sys.executable} -IS
import os, sys
words = sys.argv[1:]
if words == ["--version"]:
    print("qemu-riscv64 version 9.8.7 (a stand-in)")
    sys.exit()
while words and words[0].startswith("-"):
    del words[:2]
site = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")
os.environ["PYTHONPATH"] = os.pathsep.join([site, os.environ.get("PYTHONPATH", "")]).rstrip(":")
os.execv({sys.executable!r}, [{sys.executable!r}, *words[1:]])
"""
BELIEVES = 'import platform\nplatform.machine = lambda: "riscv64"\n'


def program(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def emulator(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = EMULATOR) -> Path:
    """A stand-in for qemu for riscv64, first on the path."""
    found = program(folder / "bin" / "qemu-riscv64-static", text)
    program(found.parent / "site" / "sitecustomize.py", BELIEVES)
    monkeypatch.setenv("PATH", f"{found.parent}{os.pathsep}{os.environ['PATH']}")
    return found


def whole(cache: Path, machine: Machine = RISCV) -> Sysroot:
    """A sysroot as ``install`` leaves it, with next to nothing in it; an emulator must be there."""
    sysroot = Sysroot.of(machine, cache)
    (sysroot.root / "usr/bin").mkdir(parents=True)
    for lane in machine.lanes:
        program(sysroot.python(lane), script(machine, lane, sysroot.root, sysroot.modules))
    marker = {"schema": 1, "recipe": machine.recipe, "versions": {"python3": "3.13.5-1"}}
    (sysroot.folder / MARKER).write_text(json.dumps(marker))
    return sysroot


def needs_dpkg() -> None:
    """Skip where there are no Debian packages to be had."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb here: it comes with Debian and Ubuntu")


def package(folder: Path, name: str = "part", files: dict[str, str] | None = None) -> Package:
    """A Debian package with ``files``, by path; what begins with ``->`` is a link."""
    needs_dpkg()
    tree = folder / f"{name}.tree"
    for path, content in (files or {"usr/share/part": "x"}).items():
        place = tree / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("->"):
            place.symlink_to(content[2:])
        else:
            place.write_text(content)
    control = f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: x\nDescription: x\n"
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(control)
    file = folder / f"{name}_1.0_all.deb"
    command = ["dpkg-deb", "--root-owner-group", "-b", str(tree), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return Package(name, "1.0", file)
