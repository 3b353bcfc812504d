"""Packages as a tree of files: unpacked, not installed, with what installing would have linked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from hardware.edgetpu.text import clean
from hardware.emulate.machine import EmulationError
from hardware.emulate.packages import Package

#: Debian's merged /usr: older releases still ship files in these, where the links would be.
_MERGED = ("bin", "sbin", "lib", "lib64")


def unpack(package: Package, root: Path) -> None:
    """Unpack ``package`` into ``root``.

    Raises:
        EmulationError: if dpkg-deb refuses it, or there is no space.
    """
    done = subprocess.run(
        ["dpkg-deb", "-x", str(package.file), str(root)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = clean(" ".join(done.stderr.split()), 300)
        raise EmulationError(f"{package.file.name}: cannot be unpacked: {said}")


def mend_links(root: Path) -> None:
    """Make ``lib`` and its like links into ``usr``, and absolute links stay within ``root``."""
    for name in _MERGED:
        inside = root / "usr" / name
        if (root / name).is_dir() and not (root / name).is_symlink():
            shutil.copytree(root / name, inside, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(root / name)
        if inside.is_dir() and not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            link = Path(folder, name)
            if link.is_symlink() and (target := os.readlink(link)).startswith("/"):  # noqa: PTH115
                link.unlink()
                link.symlink_to(os.path.relpath(f"{root}{target}", folder))


def imitate_kernel(root: Path, cores: int = 4) -> None:
    """Files of an ARM kernel that programs read, and that qemu before 8 shows as the host's.

    Without them ONNX Runtime's and LiteRT's CPU detection (cpuinfo) crashes. Each block names qemu as
    qemu itself does for RISC-V, so that nobody takes it for a board.
    """
    block = (
        "BogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\n"
        "CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n"
        "uarch\t\t: qemu\n"
    )
    blocks = "\n".join(f"processor\t: {number}\n{block}" for number in range(cores))
    cpus = root / "sys/devices/system/cpu"
    for file, text in (
        (root / "proc/cpuinfo", blocks),
        (cpus / "possible", f"0-{cores - 1}\n"),
        (cpus / "present", f"0-{cores - 1}\n"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")
