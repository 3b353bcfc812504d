"""Whether a sysroot is whole: every way in which it is not is one sentence with the mend."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hardware.emulate.emulated import emulated
from hardware.emulate.machine import EmulationError
from hardware.emulate.sysroot import MARKER, Sysroot
from tests.hardware.emulate.made import RISCV, emulator, whole

MEND = "'python -m hardware emulate riscv64 --install' mends that"


@pytest.fixture
def sysroot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sysroot:
    emulator(tmp_path, monkeypatch)
    return whole(tmp_path / "cache")


def test_a_whole_one_lacks_nothing(sysroot: Sysroot) -> None:
    assert sysroot.lacks() is None
    assert sysroot.versions() == {"python3": "3.13.5-1"}


def test_none_at_all(tmp_path: Path) -> None:
    lacks = Sysroot.of(RISCV, tmp_path).lacks() or ""
    assert "there is no sysroot for riscv64" in lacks
    assert lacks.endswith(MEND)


def _partial(sysroot: Sysroot) -> None:
    sysroot.folder.rename(sysroot.partial)


def _marker(text: str) -> Callable[[Sysroot], None]:
    return lambda sysroot: (sysroot.folder / MARKER).write_text(text) and None


BREAK: dict[str, Callable[[Sysroot], object]] = {
    "not moved to its place": _partial,
    "no marker": lambda sysroot: (sysroot.folder / MARKER).unlink(),
    "an empty marker": _marker(""),
    "half a marker": _marker('{"versions": {"pyth'),
    "a marker of nothing": _marker('{"versions": {}}'),
    "a list": _marker("[1]"),
    "too deep": _marker("[" * 100_000),
    "no wrapper": lambda sysroot: sysroot.python("v256").unlink(),
    "no files": lambda sysroot: shutil.rmtree(sysroot.root),
}


@pytest.mark.parametrize("how", BREAK)
def test_half_of_one_is_recognised(sysroot: Sysroot, how: str) -> None:
    BREAK[how](sysroot)
    lacks = sysroot.lacks() or ""
    assert "half-installed" in lacks
    assert lacks.endswith(MEND)
    with pytest.raises(EmulationError, match="half-installed"):
        emulated(RISCV, "", sysroot.folder.parent.parent)


def test_one_of_another_recipe_is_made_anew(sysroot: Sysroot) -> None:
    marker = json.loads((sysroot.folder / MARKER).read_text())
    (sysroot.folder / MARKER).write_text(json.dumps(marker | {"recipe": "older"}))
    assert "another version of Edgeproof" in (sysroot.lacks() or "")


def test_no_emulator(sysroot: Sysroot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "there is no qemu for riscv64" in (sysroot.lacks() or "")


def test_the_device_says_what_it_is(sysroot: Sysroot) -> None:
    machine = emulated(RISCV, "v128", sysroot.folder.parent.parent)
    device = machine.device
    assert (device.kind, device.nature, device.where) == ("riscv", "emulated", "this host")
    assert device.facts["emulator"] == "qemu-riscv64 9.8.7"
    assert device.facts["vlen"] == 128
    assert "128-bit vectors" in device.name
    assert machine.python == sysroot.python("v128")


def test_an_emulator_that_cannot_be_run(sysroot: Sysroot, tmp_path: Path) -> None:
    (tmp_path / "bin" / "qemu-riscv64-static").write_text("\x7fELF")
    with pytest.raises(EmulationError, match="qemu-riscv64-static: cannot be run"):
        emulated(RISCV, "", sysroot.folder.parent.parent)
