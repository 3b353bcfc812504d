"""Installing, with packages made here and a stand-in for the emulator: whole, or not there."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardware.emulate import install as module
from hardware.emulate import wheels
from hardware.emulate.install import install
from hardware.emulate.machine import EmulationError, Machine
from hardware.emulate.packages import Package, Packages
from hardware.emulate.sysroot import Sysroot
from tests.hardware.emulate.made import RISCV, emulator, package


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Package]:
    """What ``Packages.download`` gives, without a network."""
    found = [package(tmp_path, "one"), package(tmp_path, "two", {"lib/x": "x"})]

    def download(self: Packages, names: Any, progress: Any) -> list[Package]:
        progress("downloading packages", 0.5)
        return found

    monkeypatch.setattr(Packages, "download", download)
    monkeypatch.setattr(module, "own_mirror", lambda: "http://mirror.example")
    return found


@pytest.fixture
def sysroot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sysroot:
    emulator(tmp_path, monkeypatch)
    return Sysroot.of(RISCV, tmp_path / "cache")


def quiet(doing: str, share: float) -> None:
    assert 0 <= share <= 1


def test_it_is_whole_afterwards_and_left_alone_then(sysroot: Sysroot, made: list[Package]) -> None:
    install(sysroot, None, quiet)
    assert sysroot.lacks() is None
    assert dict(sysroot.versions()) == {"one": "1.0", "two": "1.0"}
    assert (sysroot.root / "usr/lib/x").read_text() == "x"
    assert not sysroot.partial.exists()
    kept = sysroot.root.stat().st_ino
    made.clear()
    install(sysroot, None, quiet)
    assert sysroot.root.stat().st_ino == kept


def test_a_failure_leaves_what_is_said_and_mended(sysroot: Sysroot, made: list[Package]) -> None:
    good = made[1]
    made[1] = replace(good, file=good.file.with_name("gone.deb"))
    with pytest.raises(EmulationError, match=r"gone\.deb: cannot be unpacked"):
        install(sysroot, None, quiet)
    assert "half-installed" in (sysroot.lacks() or "")
    made[1] = good
    install(sysroot, None, quiet)
    assert sysroot.lacks() is None


def test_a_python_that_does_not_start_is_no_success(
    sysroot: Sysroot, made: list[Package], tmp_path: Path
) -> None:
    (tmp_path / "bin/qemu-riscv64-static").write_text("#!/bin/sh\necho Illegal instruction >&2\n")
    with pytest.raises(EmulationError, match="does not start: Illegal instruction"):
        install(sysroot, None, quiet)
    assert "half-installed" in (sysroot.lacks() or "")


def test_a_cache_that_cannot_be_written(sysroot: Sysroot, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EmulationError, match="cannot be written: ") as caught:
        install(sysroot, None, quiet)
    assert str(tmp_path / "cache") in str(caught.value)


@pytest.mark.parametrize("name", ["a,b", "a:b"])
def test_a_cache_that_qemu_cannot_be_told_is_refused_first(tmp_path: Path, name: str) -> None:
    cache = tmp_path / name
    with pytest.raises(
        EmulationError, match=r"split .* at a comma or a colon: set EDGEPROOF_CACHE"
    ):
        install(Sysroot.of(RISCV, cache), None, quiet)
    assert not cache.exists(), "nothing was downloaded"


def test_two_at_a_time_are_refused(sysroot: Sysroot) -> None:
    sysroot.folder.parent.mkdir(parents=True)
    with sysroot.folder.with_name(f"{sysroot.folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(EmulationError, match="somebody else is installing it now"):
            install(sysroot, None, quiet)


def test_only_root_may_install_the_emulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "emulator", lambda self: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(
        EmulationError, match="only root may install it: 'sudo apt-get install qemu"
    ):
        install(Sysroot.of(RISCV, tmp_path), None, quiet)


def test_wheels_that_are_not_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        pytest.skip("no pip here")
    with pytest.raises(
        EmulationError, match="wheels for aarch64: No matching distribution"
    ) as told:
        wheels.install(["no-such-thing"], "aarch64", "3.11", tmp_path / "wheels")
    assert "\n" not in str(told.value)
