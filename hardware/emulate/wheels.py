"""Wheels for another architecture, from the package index that pip is set up for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hardware.edgetpu.text import clean
from hardware.emulate.machine import EmulationError

#: What glibc the wheels may ask for, newest first: that of Debian 12 is 2.36.
_PLATFORMS = tuple(f"manylinux_2_{minor}" for minor in (35, 34, 31, 28, 27, 26, 24, 17))


def install(requirements: Sequence[str], machine: str, python: str, folder: Path) -> dict[str, str]:
    """Unpack the wheels of ``requirements`` for Python ``python`` on ``machine``; versions by name.

    Raises:
        EmulationError: if pip is not here, has no network, or finds no wheel.
    """
    platforms = [word for each in _PLATFORMS for word in ("--platform", f"{each}_{machine}")]
    arguments = ["--target", str(folder), "--only-binary=:all:", "--no-compile", *platforms]
    arguments += ["--implementation", "cp", "--python-version", python]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", *arguments, *requirements],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
        said = clean(" ".join(errors[-1:]).removeprefix("ERROR: "), 300)
        raise EmulationError(f"wheels for {machine}: {said}")
    found = {}
    for folder_of in sorted(folder.glob("*.dist-info")):
        name, _, version = folder_of.name.removesuffix(".dist-info").partition("-")
        found[name.lower().replace("_", "-")] = version
    return found
