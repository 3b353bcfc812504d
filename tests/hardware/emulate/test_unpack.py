from __future__ import annotations

from pathlib import Path

import pytest

from hardware.detect import detect_in
from hardware.emulate.machine import EmulationError
from hardware.emulate.packages import Package
from hardware.emulate.unpack import imitate_kernel, mend_links, unpack
from hardware.emulation import emulation
from hardware.tree import Tree
from tests.hardware.emulate.made import needs_dpkg, package


def test_files_of_a_split_usr_are_joined(tmp_path: Path) -> None:
    root = tmp_path / "root"
    files = {
        "lib/aarch64-linux-gnu/libc.so.6": "libc",
        "lib/ld.so": "->aarch64-linux-gnu/libc.so.6",
        "usr/lib/aarch64-linux-gnu/libm.so.6": "libm",
        "usr/bin/python3": "python",
    }
    unpack(package(tmp_path, files=files), root)
    mend_links(root)
    mend_links(root)  # and again, as nothing is left to mend
    assert (root / "lib").readlink() == Path("usr/lib")
    assert (root / "bin/python3").read_text() == "python"
    assert (root / "lib/ld.so").read_text() == "libc"
    assert {path.name for path in (root / "usr/lib/aarch64-linux-gnu").iterdir()} == {
        "libc.so.6",
        "libm.so.6",
    }


def test_no_link_leads_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    unpack(package(tmp_path, files={"usr/a/b": "->/etc/passwd", "usr/c": "->/usr/a"}), root)
    mend_links(root)
    assert (root / "usr/a/b").resolve() == root / "etc/passwd"
    assert (root / "usr/c").resolve() == root / "usr/a"


def test_what_is_no_package_is_named(tmp_path: Path) -> None:
    needs_dpkg()
    file = tmp_path / "broken.deb"
    file.write_text("!<arch>\nnot much")
    with pytest.raises(EmulationError, match=r"broken\.deb: cannot be unpacked: .*archive") as told:
        unpack(Package("broken", "1", file), tmp_path / "root")
    assert "\n" not in str(told.value)


def test_the_imitated_kernel_is_no_board(tmp_path: Path) -> None:
    imitate_kernel(tmp_path)
    for machine in (None, "aarch64"):
        tree = Tree(tmp_path, machine)
        assert "qemu" in (emulation(tree) or "")
        devices = [device for finding in detect_in(tree) for device in finding.devices]
        assert [(device.kind, device.nature) for device in devices] == [("cpu", "emulated")]
